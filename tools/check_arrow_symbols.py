"""Fails when Arrow's libraries and the program do not fit together.

Usage: check_arrow_symbols.py PROGRAM [ARROW_DIR]. `ldd -r` must find every library and symbol, and the libraries taken from
the pyarrow wheel (ARROW_DIR; empty with a system Arrow) must not offer the OpenSSL, simdjson, ... that they bundle.
"""

import glob
import subprocess
import sys

import hide_foreign


def unresolved(path):
    run = subprocess.run(["ldd", "-r", path], capture_output=True, text=True)
    lines = (run.stdout + run.stderr).splitlines()
    return [f"{path}: {line.strip()}" for line in lines if "undefined symbol" in line or "not found" in line]


def still_exported(paths):
    tables = {p: hide_foreign.dynamic_symbols(open(p, "rb").read()) for p in paths}
    wanted = hide_foreign.imported(tables)
    return [
        f"{path}: exports {symbol.name.decode()}, which is not Arrow's"
        for path, (_, symbols) in tables.items()
        for symbol in hide_foreign.foreign(symbols, wanted)
    ]


def main(program, arrow_dir=""):
    libraries = sorted(glob.glob(arrow_dir + "/lib/*.so.*")) if arrow_dir else []
    faults = [fault for path in [program, *libraries] for fault in unresolved(path)]
    faults += still_exported(libraries)
    print("\n".join(faults[:20]) or f"{program} and {len(libraries)} Arrow libraries fit together")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
