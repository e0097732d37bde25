# %% [markdown]
# # Write your own kernel
#
# A kernel is one header, a word in its family's list, and golden rows. This notebook adds one in front of your eyes: it copies the
# source tree to a temporary folder, adds Kaufman's efficiency ratio as CONTRIBUTING says, builds the program there, and runs the
# kernel. Your checkout stays as it is.
#
# It needs a compiler, CMake, Ninja and the libraries that `./dev setup` installs; without a compiler it stops with a line that says
# so. With ccache only what the kernel touches is compiled.

# %%
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
missing = [tool for tool in ("cmake", "ninja", "c++") if not shutil.which(tool)]
if missing:
    print(f"skipped: {', '.join(missing)} is missing; ./dev setup installs what a build needs")
    sys.exit(0)

# %% [markdown]
# ## The definition
#
# How much of the way was progress: the distance covered in n steps by the length of the path. 1 is a straight line, 0 running on
# the spot (Kaufman, 1995).
#
# ER = |x[t] - x[t-n]| / sum of |x[i] - x[i-1]| over the n steps
#
# The header has, in this order: why it is as it is, `doc` (every page and command shows it), `Params`, what they are called and may
# be, inputs, outputs, and the forms. `ByRow` is the form for windows of observations: `Past x` is the newest observation `x[0]` and
# those before it. `update` defines the kernel; it sees no nulls, and returns `no_value` where there is no answer.

# %%
HEADER = """#pragma once

#include <array>
#include <cmath>

#include "millrace/kernels/family.h"

namespace millrace {

/// The path is summed anew for each observation: a running sum would be faster and would have to be kept exact.
struct EfficiencyRatio {
  static constexpr Doc doc{
      .name = "efficiency_ratio",
      .title = "How much of the way was progress",
      .formula = "|x[t] - x[t-n]| / sum of |x[i] - x[i-1]| over the n steps",
      .unit = "1, from 0 (on the spot) to 1 (a straight line)",
      .warmup = "the window and one more",
      .reference = "Kaufman (1995), Smarter Trading",
  };

  struct Params {
    Window window{.rows = 10};
  };
  static constexpr std::array params{window<&Params::window>("window", by_rows, 1, "steps")};

  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"efficiency_ratio"}};

  struct ByRow {
    struct State {};
    static std::int64_t lookback(const Params& p) { return p.window.rows; }

    static double update(const Params& p, State&, Past x) noexcept {
      const std::int64_t n = p.window.rows;
      if (static_cast<std::int64_t>(x.count) <= n) return no_value;
      double path = 0.0;
      for (std::int64_t k = 0; k < n; ++k) path += std::abs(x[k] - x[k + 1]);
      return path > 0.0 ? std::abs(x[0] - x[n]) / path : no_value;
    }
  };
};

}  // namespace millrace
"""
# By hand: |3 - 1| / (1 + 2 + 1) = 0.5, then |5 - 2| / (2 + 1 + 2) = 0.6.
GOLDEN = "by hand | efficiency_ratio(x, window=3) | x=1 2 4 3 5 | efficiency_ratio=null null null 0.5 0.6 | 2 of 4, 3 of 5 steps"


# %% [markdown]
# ## A copy of the tree
#
# ccache is told where the copy begins, so that it finds what was compiled in another checkout.


# %%
def read(path):
    return path.read_text(encoding="utf-8")


def put_after(path, line, addition):
    """Adds a line after the one that is expected there."""
    text = read(path)
    assert text.count(line) == 1, f"{path}: expected {line!r} once"
    path.write_text(text.replace(line, line + addition), encoding="utf-8")


folder = tempfile.TemporaryDirectory(prefix="millrace-kernel-")
tree = Path(folder.name) / "millrace"
left_out = shutil.ignore_patterns("build", ".git", "__pycache__", ".cache")
shutil.copytree(ROOT, tree, ignore=left_out, symlinks=True)

# %% [markdown]
# ## Three edits

# %%
family = tree / "millrace/kernels/momentum"
(family / "efficiency_ratio.h").write_text(HEADER, encoding="utf-8")
put_after(
    family / "family.cpp",
    '#include "millrace/kernels/momentum/donchian_channel.h"\n',
    '#include "millrace/kernels/momentum/efficiency_ratio.h"\n',
)
put_after(family / "family.cpp", "family<Ema", ", EfficiencyRatio")
put_after(tree / "tests/golden/momentum.txt", read(tree / "tests/golden/momentum.txt").splitlines()[-1], "\n" + GOLDEN)

# %% [markdown]
# ## Building it

# %%
environment = os.environ | {"CCACHE_BASEDIR": str(tree), "CCACHE_NOHASHDIR": "1"}


def run(*words, **more):
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, env=environment, check=False, **more)
    if done.returncode:
        print(done.stdout[-4000:], done.stderr[-4000:], sep="\n")
        raise SystemExit(f"{' '.join(map(str, words))}: exit {done.returncode}")
    return done.stdout


run("cmake", "--preset", "release", cwd=tree)
run("cmake", "--build", "build/release", "--target", "millrace", cwd=tree)
program = tree / "build/release/millrace"

# %% [markdown]
# ## What knows it now
#
# Every command does: the list, the page in the terminal, feature files, and whatever is made from the registry.

# %%
print(run(program, "kernels", "efficiency_ratio"))
assert "efficiency_ratio" in {one["name"] for one in json.loads(run(program, "kernels", "--json"))}

# %% [markdown]
# ## Its golden example
#
# The row in `tests/golden/momentum.txt` is compared by the test program; here the same inputs go through a feature file, as a user
# would have it.

# %%
ticks = Path(folder.name) / "ticks.csv"
prices = [1, 2, 4, 3, 5]
rows = [f"{1_767_225_600 + i}000000000,mine,BTC-USD,1,{price}" for i, price in enumerate(prices)]
ticks.write_text("\n".join(["ts_event,venue,symbol,kind,price", *rows]) + "\n", encoding="utf-8")
(Path(folder.name) / "mine.toml").write_text(
    'mode = "replace"\n[features]\ner = "efficiency_ratio(price, window=3)"\n', encoding="utf-8"
)
run(
    program,
    "research",
    "--in",
    ticks,
    "--features",
    Path(folder.name) / "mine.toml",
    "--out",
    Path(folder.name) / "out.parquet",
    "--quiet",
)

try:
    import pyarrow.parquet
except ImportError:
    print("pyarrow is missing, so the values are not looked at")
else:
    values = pyarrow.parquet.read_table(Path(folder.name) / "out.parquet")["er"].to_pylist()
    print(values)
    assert values == [None, None, None, 0.5, 0.6], values

# %% [markdown]
# ## What is left to do in your checkout
#
# - A call in `tests/kernels/calls.h` and the definition in `tests/kernels/naive*.h`: the laws (chunks, restarts, no look-ahead) and the
#   second opinion go through every kernel, and this one is held to them from then on.
# - `./dev test`, and the page that `./dev docs` makes of it: formula, picture and golden example are there without a further line.

# %%
folder.cleanup()
print("efficiency_ratio was built, listed and computed")
