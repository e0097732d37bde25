#!/bin/sh
# Prints the path of lightweight-charts.js, TradingView's charts (Apache License 2.0) as one script for browsers: version 5.2.0,
# byte for byte the file of its npm package. It is taken out of a pinned wheel that carries it, so that no npm is needed.
# The folder's name carries a hash of everything that decides its content; it appears by one rename.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${MILLRACE_CACHE:-$HOME/.cache/millrace}
py=${PYTHON:-python3}
version=5.2.0
script_sha256=c0992580867c4912cc9385b3c2728315bcc1a76c7f1087dca908430fccdf31d7
inputs=$(cat "$here/lightweight-charts.txt" "$0" | sha256sum | cut -c1-12)
prefix=$cache/lightweight-charts-$version-$inputs
unset PYTHONPATH PYTHONNOUSERSITE # pip builds packages with a PYTHONPATH that hides pip itself

if [ ! -d "$prefix" ]; then
  mkdir -p "$cache"
  exec 9> "$cache/lightweight-charts.lock"
  flock 9 # two builds may start at once; the second waits and finds the folder
fi
if [ ! -d "$prefix" ]; then
  tmp=$(mktemp -d "$cache/lightweight-charts-tmp.XXXXXX")
  trap 'rm -rf "$tmp"' EXIT
  echo "fetching lightweight-charts $version" >&2
  "$py" -m pip download -q --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
    -d "$tmp" -r "$here/lightweight-charts.txt" >&2 || {
    echo "fetch_charts: could not download the wheel of tools/lightweight-charts.txt with '$py -m pip'." >&2
    echo "fetch_charts: needed is pip and a reachable Python package index." >&2
    exit 3
  }
  mkdir "$tmp/script"
  "$py" -m zipfile -e "$tmp"/lwcharts-*.whl "$tmp/wheel"
  cp "$tmp/wheel/lwcharts/vendor/lightweight-charts.standalone.production.js" "$tmp/script/lightweight-charts.js"
  echo "$script_sha256  $tmp/script/lightweight-charts.js" | sha256sum -c --quiet >&2
  chmod -R u=rwX,go=rX "$tmp/script"
  mv -T "$tmp/script" "$prefix"
fi
echo "$prefix/lightweight-charts.js"
