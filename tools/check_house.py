"""Holds the house style that a compiler does not: floors, foreign headers, sizes, names, words, macros (below millrace/).

Usage: check_house.py ROOT. Prints one line for each fault and fails if there is any.
"""

import pathlib
import re
import sys

# A folder includes only itself and lower floors; folders of one floor do not know each other.
FLOORS = {"base": 0, "market": 1, "chunk": 2, "kernels": 3, "asof": 3, "graph": 4, "trading": 5}
FLOORS |= dict.fromkeys(["sim", "strategies", "venues", "io", "state", "serve"], 6) | {"engine": 7, "cli": 8, "python": 8}

SHARED_BY_FAMILIES = "numerics"  # the one subfolder of kernels/ that all others may include
LEAVES = {"io", "state", "venues", "serve", "cli", "python"}  # folders that talk to third-party libraries,
LEAF_FILES = {"millrace/engine/toml_library.h"}  # and a header that does
STANDARD = re.compile(r"[a-z0-9_]+")
SYSTEM = re.compile(r"(sys|netinet|arpa|linux)/\w+\.h|(unistd|fcntl|signal|poll|pthread|sched|dirent|dlfcn|spawn|termios|netdb)\.h")
ANYWHERE = re.compile(r"(fmt|Eigen)/.*|(imm|nmm|x86)intrin\.h")

LINE_LIMITS = {".h": 200, ".cpp": 400}
DEEPEST = 4  # millrace/kernels/family/file.h
VAGUE = {"util", "utils", "helper", "helpers", "common", "misc", "types", "manager"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")
MACRO = re.compile(r"\s*#\s*define\s+\w+\(")
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def own_include(path, target):
    """Judges `path` including `target`, both below millrace/; returns the fault or None."""
    here, there = path.parts[1], target.parts[1]
    if there not in FLOORS or len(target.parts) < 3:
        return f"{target} is on no floor"
    if here == there == "kernels" and len(path.parts) > 3 and len(target.parts) > 3:
        if target.parts[2] not in (path.parts[2], SHARED_BY_FAMILIES):
            return f"family {path.parts[2]} includes family {target.parts[2]}"
    if here != there and FLOORS[there] >= FLOORS[here]:
        return f"{here} (floor {FLOORS[here]}) includes {there} (floor {FLOORS[there]})"
    return None


def foreign_include(path, target):
    if STANDARD.fullmatch(target) or SYSTEM.fullmatch(target) or ANYWHERE.fullmatch(target):
        return None
    if path.parts[1] in LEAVES or path.as_posix() in LEAF_FILES:
        return None
    return f"third-party header <{target}> outside {', '.join(sorted(LEAVES))} and engine/toml_library.h"


def line_fault(path, line):
    if word := UNFINISHED.search(line):
        return f"says {word[1]}"
    if MACRO.match(line):
        return "defines a function-like macro"
    if include := INCLUDE.match(line):
        bracket, target = include.groups()
        if target.startswith("millrace/"):
            return own_include(path, pathlib.PurePosixPath(target))
        if bracket == '"':
            return f'includes "{target}"; write the path from the root, millrace/..., or <> for a library'
        return foreign_include(path, target)
    return None


def file_faults(root, path):
    """Yields (line, fault) for the file `path`, relative to `root`."""
    if len(path.parts) < 3 or path.parts[1] not in FLOORS:
        yield 1, "is on no floor; the floors are " + " ".join(FLOORS)
        return
    if len(path.parts) > DEEPEST:
        yield 1, "lies too deep"
    if path.stem in VAGUE:
        yield 1, f"a file called {path.stem} says nothing; name it after its one idea"
    lines = (root / path).read_text(encoding="utf-8").splitlines()
    if len(lines) > LINE_LIMITS[path.suffix]:
        yield len(lines), f"has more than {LINE_LIMITS[path.suffix]} lines"
    for number, line in enumerate(lines, 1):
        if fault := line_fault(path, line):
            yield number, fault


def faults(root):
    files = sorted(p for p in (root / "millrace").rglob("*") if p.suffix in LINE_LIMITS)
    for path in (p.relative_to(root) for p in files):
        for number, fault in file_faults(root, path):
            yield f"{path.as_posix()}:{number}: {fault}"


def main():
    found = list(faults(pathlib.Path(sys.argv[1])))
    print("\n".join(found) or "the house is in order")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
