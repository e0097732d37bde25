#!/bin/sh
# Prints the folder that holds Arrow's headers and libraries, taken from the pinned pyarrow wheel. The folder's name
# carries a hash of everything that decides its content; it appears by one rename, so a half-made one is never seen.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${MILLRACE_CACHE:-$HOME/.cache/millrace}
py=${PYTHON:-python3}
version=$(sed -n 's/^pyarrow==\([0-9.]*\).*/\1/p' "$here/arrow-wheel.txt")
inputs=$(cat "$here/arrow-wheel.txt" "$here/hide_foreign.py" "$0" | sha256sum | cut -c1-12)
prefix=$cache/arrow-$version-$inputs

if [ ! -d "$prefix" ]; then
  mkdir -p "$cache"
  exec 9> "$cache/arrow.lock"
  flock 9 # two builds may start at once; the second waits and finds the folder
fi
if [ ! -d "$prefix" ]; then
  tmp=$(mktemp -d "$cache/arrow-tmp.XXXXXX")
  trap 'rm -rf "$tmp"' EXIT
  echo "fetching pyarrow $version (55 MB) for its Arrow C++ libraries" >&2
  "$py" -m pip download -q --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
    --implementation cp --python-version 3.11 --abi cp311 --platform manylinux_2_28_x86_64 \
    -d "$tmp" -r "$here/arrow-wheel.txt" >&2 || {
    echo "fetch_arrow: could not download the package pyarrow $version (Linux x86-64 wheel) with '$py -m pip'." >&2
    echo "fetch_arrow: needed is pip and a reachable Python package index; or install Arrow and Parquet C++ on the system." >&2
    exit 3
  }
  "$py" -m zipfile -e "$tmp"/pyarrow-*.whl "$tmp/wheel"
  mkdir -p "$tmp/arrow/lib" "$tmp/arrow/share"
  mv "$tmp/wheel/pyarrow/include" "$tmp/arrow/include"
  for lib in arrow arrow_compute arrow_acero arrow_dataset arrow_flight parquet; do
    mv "$tmp/wheel/pyarrow/lib$lib.so."[0-9]* "$tmp/arrow/lib/"
  done
  cp "$tmp"/wheel/pyarrow-*.dist-info/licenses/* "$tmp/arrow/share/"
  chmod -R u=rwX,go=rX "$tmp/arrow"
  "$py" "$here/hide_foreign.py" "$tmp"/arrow/lib/*.so.* >&2
  mv -T "$tmp/arrow" "$prefix"
fi
echo "$prefix"
