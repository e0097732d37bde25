"""Hides, in the libraries of a pyarrow wheel, every exported symbol that belongs to neither Arrow nor the C++ runtime.

The wheel's libarrow and libparquet export the OpenSSL, simdjson, re2, ... that they bundle. Linked before the system's own
copies these would answer for them, without a word. Usage: hide_foreign.py LIB...  with all libraries in one call; running
it again changes nothing. tools/check_arrow_symbols.py proves the result with the same rules.
"""

import re
import struct
import sys

OURS = re.compile(rb"arrow|parquet|^_ZN?K?S|^_ZGVN?K?St|^_ZT[ISV]N?S|^_ZN9__gnu_cxx|^_init$|^_fini$|^__")
HIDDEN = 2  # STV_HIDDEN: the loader binds such a symbol locally and offers it to nobody
SHT_DYNSYM = 11


class Symbol:
    def __init__(self, image, strings, entry):
        name, info, other, section = struct.unpack_from("<IBBH", image, entry)
        start = strings + name
        self.entry, self.name_offset = entry, name
        self.name = bytes(image[start : image.index(b"\0", start)])
        self.is_global = info >> 4 != 0
        self.is_hidden = other & 3 == HIDDEN
        self.is_defined = section != 0


def dynamic_symbols(image):
    """Returns the file offset of .dynstr and the entries of .dynsym (64-bit little-endian ELF)."""
    (table,) = struct.unpack_from("<Q", image, 0x28)
    size, count = struct.unpack_from("<HH", image, 0x3A)
    sections = [struct.unpack_from("<IIQQQQIIQQ", image, table + i * size) for i in range(count)]
    dynsym = next(s for s in sections if s[1] == SHT_DYNSYM)
    strings = sections[dynsym[6]][4]
    entries = range(dynsym[4] + 24, dynsym[4] + dynsym[5], 24)
    return strings, [Symbol(image, strings, e) for e in entries]


def foreign(symbols, wanted):
    """Exported, not Arrow's, and not imported by a sibling library."""
    return [
        s
        for s in symbols
        if s.is_defined and s.is_global and not s.is_hidden and s.name not in wanted and not OURS.search(s.name)
    ]


def imported(tables):
    return {s.name for _, symbols in tables.values() for s in symbols if not s.is_defined}


def hide(image, strings, symbols, wanted):
    gone = foreign(symbols, wanted)
    entries = {s.entry for s in gone}
    used = bytearray(max(s.name_offset + len(s.name) for s in symbols) + 1)  # names may share tails
    for s in symbols:
        if s.entry not in entries and not s.is_hidden:
            used[s.name_offset : s.name_offset + len(s.name)] = b"\1" * len(s.name)
    for s in gone:
        image[s.entry + 5] |= HIDDEN
        if not used[s.name_offset]:
            image[strings + s.name_offset] |= 0x80  # rename: GNU ld would else link against hidden definitions
    return len(gone)


def main(paths):
    images = {p: bytearray(open(p, "rb").read()) for p in paths}
    tables = {p: dynamic_symbols(b) for p, b in images.items()}
    wanted = imported(tables)
    for path, image in images.items():
        count = hide(image, *tables[path], wanted)
        if count:
            with open(path, "wb") as f:
                f.write(image)
        print(f"{path.rsplit('/', 1)[-1]}: {count} hidden")


if __name__ == "__main__":
    main(sys.argv[1:])
