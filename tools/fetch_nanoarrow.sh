#!/bin/sh
# Prints the folder that holds nanoarrow as three C files, bundled from the pinned source package under names of our own.
# The folder's name carries a hash of everything that decides its content; it appears by one rename.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${MILLRACE_CACHE:-$HOME/.cache/millrace}
py=${PYTHON:-python3}
version=$(sed -n 's/^nanoarrow==\([0-9.]*\).*/\1/p' "$here/nanoarrow-source.txt")
inputs=$(cat "$here/nanoarrow-source.txt" "$0" | sha256sum | cut -c1-12)
prefix=$cache/nanoarrow-$version-$inputs
unset PYTHONPATH PYTHONNOUSERSITE # pip builds packages with a PYTHONPATH that hides pip itself

if [ ! -d "$prefix" ]; then
  mkdir -p "$cache"
  exec 9> "$cache/nanoarrow.lock"
  flock 9 # two builds may start at once; the second waits and finds the folder
fi
if [ ! -d "$prefix" ]; then
  tmp=$(mktemp -d "$cache/nanoarrow-tmp.XXXXXX")
  trap 'rm -rf "$tmp"' EXIT
  echo "fetching the source package of nanoarrow $version" >&2
  "$py" -m pip download -q --disable-pip-version-check --no-deps --require-hashes --no-binary nanoarrow \
    -d "$tmp" -r "$here/nanoarrow-source.txt" >&2 || {
    echo "fetch_nanoarrow: could not download the source package nanoarrow $version with '$py -m pip'." >&2
    echo "fetch_nanoarrow: needed is pip and a reachable Python package index." >&2
    exit 3
  }
  mkdir "$tmp/source" "$tmp/bundle"
  tar -xzf "$tmp/nanoarrow-$version.tar.gz" -C "$tmp/source" --strip-components=1
  "$py" "$tmp/source/subprojects/arrow-nanoarrow/ci/scripts/bundle.py" --symbol-namespace=MillraceNanoarrow \
    --source-output-dir="$tmp/bundle" --include-output-dir="$tmp/bundle" >&2
  chmod -R u=rwX,go=rX "$tmp/bundle"
  mv -T "$tmp/bundle" "$prefix"
fi
echo "$prefix"
