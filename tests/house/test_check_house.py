"""Small made trees, each of which breaks one rule of tools/check_house.py."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tools"))
import check_house  # noqa: E402


def faults(files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            path = root / "millrace" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return list(check_house.faults(root))


class HouseTest(unittest.TestCase):
    def assert_passes(self, name, text):
        self.assertEqual(faults({name: text}), [])

    def assert_fails(self, name, text, message, line=1):
        found = faults({name: text})
        self.assertEqual(len(found), 1, found)
        self.assertIn(message, found[0])
        self.assertTrue(found[0].startswith(f"millrace/{name}:{line}:"), found[0])

    def test_an_empty_tree_is_in_order(self):
        self.assertEqual(faults({}), [])

    def test_lower_floors_and_the_own_folder_may_be_included(self):
        own = '#include "millrace/graph/plan.h"\n#include "millrace/base/error.h"\n'
        self.assert_passes("graph/plan.cpp", own + "#include <vector>\n")

    def test_an_upward_include_fails(self):
        self.assert_fails("base/text.h", '// a\n  #  include "millrace/market/trade.h"\n', "base (floor 0) includes market (floor 1)", 2)

    def test_a_sideways_include_fails(self):
        self.assert_fails("io/parquet.cpp", '#include "millrace/serve/http.h"\n', "io (floor 6) includes serve (floor 6)")

    def test_the_command_line_may_include_everything(self):
        self.assert_passes("cli/main.cpp", '#include "millrace/engine/config.h"\n#include <CLI/CLI.hpp>\n')

    def test_an_unknown_folder_fails(self):
        self.assert_fails("extra/a.h", "", "is on no floor")
        self.assert_fails("base/a.h", '#include "millrace/extra/a.h"\n', "is on no floor")
        self.assert_fails("a.h", "", "is on no floor")

    def test_one_kernel_family_may_not_include_another(self):
        self.assert_fails("kernels/momentum/rsi.h", '#include "millrace/kernels/flow/vpin.h"\n', "family momentum includes family flow")

    def test_families_share_the_registry_and_numerics(self):
        text = '#include "millrace/kernels/kernel.h"\n#include "millrace/kernels/numerics/sum.h"\n#include "millrace/kernels/flow/vpin.h"\n'
        self.assert_passes("kernels/flow/list.h", text)
        self.assert_passes("kernels/registry.cpp", text)

    def test_numerics_may_not_include_a_family(self):
        self.assert_fails("kernels/numerics/sum.h", '#include "millrace/kernels/flow/vpin.h"\n', "family numerics includes family flow")

    def test_third_party_headers_stay_in_the_leaves(self):
        self.assert_fails("engine/research.cpp", "#include <arrow/api.h>\n", "third-party header <arrow/api.h>")
        self.assert_fails("base/zip.h", "#include <zlib.h>\n", "third-party header <zlib.h>")
        self.assert_passes("io/parquet.cpp", "#include <arrow/api.h>\n")
        self.assert_passes("engine/toml_library.h", "#include <toml++/toml.h>\n")

    def test_fmt_eigen_intrinsics_and_posix_are_free(self):
        names = ["fmt/format.h", "Eigen/Dense", "immintrin.h", "nmmintrin.h", "unistd.h", "fcntl.h", "sys/stat.h", "cmath"]
        self.assert_passes("base/a.cpp", "".join(f"#include <{n}>\n" for n in names))

    def test_a_relative_include_fails(self):
        self.assert_fails("base/a.cpp", '#include "a.h"\n', "write the path from the root")

    def test_long_files_fail(self):
        self.assert_passes("base/a.h", "\n" * 200)
        self.assert_fails("base/a.h", "\n" * 201, "more than 200 lines", 201)
        self.assert_passes("base/a.cpp", "\n" * 400)
        self.assert_fails("base/a.cpp", "\n" * 401, "more than 400 lines", 401)

    def test_vague_file_names_fail(self):
        for name in ["utils", "helpers", "common", "misc", "types", "manager"]:
            self.assert_fails(f"base/{name}.h", "", "says nothing")

    def test_a_deep_file_fails(self):
        self.assert_fails("kernels/flow/more/a.h", "", "lies too deep")

    def test_unfinished_words_fail(self):
        for word in ["TODO", "FIXME", "XXX"]:
            self.assert_fails("base/a.h", f"\n// {word}: later\n", f"says {word}", 2)

    def test_function_like_macros_fail(self):
        self.assert_fails("base/a.h", "#define MAX(a, b) a\n", "function-like macro")
        self.assert_passes("base/a.h", "#define MILLRACE_LIMIT (4)\n")


if __name__ == "__main__":
    unittest.main()
