"""Scripts that people and CI start by name say who runs them."""

import os
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class ScriptsTest(unittest.TestCase):
    def test_each_begins_with_its_interpreter_and_can_be_started(self):
        for path in [ROOT / "dev", ROOT / ".ci/run", *sorted((ROOT / "tools").glob("*.sh"))]:
            with self.subTest(path.name):
                self.assertTrue(path.read_text().startswith("#!"))
                self.assertTrue(os.access(path, os.X_OK))


if __name__ == "__main__":
    unittest.main()
