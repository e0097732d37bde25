"""Makes the site: hand-written pages of docs/, and pages of kernels and feature sets from what the program says.

Usage: build.py --program PROGRAM --out FOLDER --mkdocs PYTHON. PYTHON has the packages of docs/requirements.txt and docs/katex.txt. The site
is FOLDER/site; what it is made of, FOLDER/pages. Fails at whatever MkDocs warns of.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from kernel_pages import cell, code, family_page, index_page, kernel_page, table
from responses import PathRun
from registry import read_goldens, read_kernels, read_profiles

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r"^<!-- table: (?P<path>\S+) -->$", re.M)
KATEX = "import djangocms_katex, pathlib; print(pathlib.Path(djangocms_katex.__path__[0]) / 'static/djangocms_katex/vendor/katex')"


def csv_table(path: Path) -> str:
    """A measured table: lines with `#` before the header say when, where and by which command."""
    lines = path.read_text().splitlines()
    told = [line.lstrip("# ") for line in lines if line.startswith("#")]
    heads, *rows = list(csv.reader(line for line in lines if not line.startswith("#")))
    linked = [
        [f"[{row[0]}](kernels/{row[0]}.md)" if row[0].isidentifier() else cell(row[0]), *map(cell, row[1:])]
        for row in rows
    ]
    return "\n".join([*(f"> {line}  " for line in told), "", *table([cell(one) for one in heads], linked)])


def read_costs(path: Path) -> dict[str, float]:
    if not path.exists():
        return {}
    rows = csv.DictReader(line for line in path.read_text().splitlines() if not line.startswith("#"))
    return {row["kernel"]: float(row["ns per row"]) for row in rows}


def profile_page(profile: dict) -> str:
    rows = [
        [
            code(one["name"]),
            code(one["expression"]),
            cell(one["unit"]),
            cell(one["warmup"]),
            "flag" if one["flag"] else "",
        ]
        for one in profile["features"]
    ]
    name = profile["profile"]
    if "state_bytes" in profile:
        told = f"{len(rows)} features, {profile['state_bytes']} bytes of state an instrument. `millrace features {name}` prints this table."
    else:
        legs = ", ".join(f"`{one}`" for one in profile["legs"])
        told = f"{len(rows)} features, of which this build cannot make a plan without more. "
        told += f"Its legs ({legs}) are named with `--leg`, as in `--leg btc=binance:BTC-USDT`. " if legs else ""
        told += f"Asked for it alone, the program begins with: {code(profile['refusal'])}"
    lines = [f"# {name}", "", told, ""]
    return "\n".join(lines + table(["feature", "expression", "unit", "warm-up", ""], rows))


def stage(out: Path, katex: Path) -> Path:
    """Hand-written pages, and the files that typeset formulas."""
    pages = out / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    shutil.copytree(ROOT / "docs", pages, ignore=shutil.ignore_patterns("mkdocs.yml", "*.txt", "measured"))
    for name in ("kernels", "features"):
        (pages / name).mkdir(exist_ok=True)
    assets = pages / "assets/katex"
    (assets / "fonts").mkdir(parents=True)
    for file in [
        katex / "katex.min.js",
        katex / "katex.min.css",
        katex / "LICENSE",
        *(katex / "fonts").glob("*.woff2"),
    ]:
        shutil.copy(file, assets / file.relative_to(katex))
    sheet = assets / "katex.min.css"
    sheet.write_text(
        re.sub(r",url\([^)]+\.(woff|ttf)\) format\([^)]*\)", "", sheet.read_text())
    )  # old formats of the fonts
    for page in pages.glob("*.md"):
        page.write_text(INCLUDE.sub(lambda found: csv_table(ROOT / "docs" / found["path"]), page.read_text()))
    return pages


def write_config(out: Path, families: dict[str, list[dict]], profiles: list[dict]) -> Path:
    """The configuration of docs/mkdocs.yml with the generated pages in its navigation, in place of the word GENERATED."""
    kernels = ["kernels/index.md"]
    for family, members in families.items():
        kernels.append(
            {family.replace("_", " "): [f"kernels/{family}.md", *(f"kernels/{one['name']}.md" for one in members)]}
        )
    sets = ["feature-sets.md", *({one["profile"]: f"features/{one['profile']}.md"} for one in profiles)]
    text = (ROOT / "docs/mkdocs.yml").read_text()
    for word, entries in {"GENERATED_KERNELS": kernels, "GENERATED_SETS": sets}.items():
        if word not in text:
            raise SystemExit(f"docs/mkdocs.yml: expected {word} in nav")
        text = text.replace(word, json.dumps(entries))
    text += f"docs_dir: {json.dumps(str(out / 'pages'))}\nsite_dir: {json.dumps(str(out / 'site'))}\n"
    config = out / "mkdocs.yml"
    config.write_text(text)
    return config


def write_pages(pages: Path, program: Path, out: Path) -> tuple[dict[str, list[dict]], list[dict]]:
    kernels, profiles, goldens = (
        read_kernels(program),
        read_profiles(program, ROOT),
        read_goldens(ROOT / "tests/golden"),
    )
    streams = [one for one in kernels if one.get("scope", "stream") in ("stream", "cross")]
    responses = PathRun(program, out / "path").responses(streams, goldens)
    costs = read_costs(ROOT / "docs/measured/kernels.csv")
    families: dict[str, list[dict]] = {}
    for kernel in kernels:
        families.setdefault(kernel["family"], []).append(kernel)
    for kernel in kernels:
        name = kernel["name"]
        text = kernel_page(kernel, goldens.get(name, []), responses.get(name), costs.get(name), profiles)
        (pages / f"kernels/{name}.md").write_text(text)
    for family, members in families.items():
        (pages / f"kernels/{family}.md").write_text(family_page(family, members))
    (pages / "kernels/index.md").write_text(index_page(families))
    for profile in profiles:
        (pages / f"features/{profile['profile']}.md").write_text(profile_page(profile))
    print(
        f"{len(kernels)} kernels in {len(families)} families, {len(responses)} responses drawn, {len(profiles)} feature sets"
    )
    return families, profiles


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--program", "--out", "--mkdocs"):
        parser.add_argument(name, type=Path, required=True)
    told = parser.parse_args()
    told.out = told.out.absolute()
    told.out.mkdir(parents=True, exist_ok=True)
    katex = subprocess.run([told.mkdocs, "-c", KATEX], capture_output=True, text=True, check=True).stdout.strip()
    pages = stage(told.out, Path(katex))
    families, profiles = write_pages(pages, told.program.resolve(), told.out)
    config = write_config(told.out, families, profiles)
    command = [told.mkdocs, "-m", "mkdocs", "build", "--strict", "--quiet", "--clean", "-f", config]
    done = subprocess.run(
        command, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False
    )
    sys.stderr.write(done.stdout + done.stderr)
    if done.returncode or "WARNING" in done.stderr + done.stdout:
        print("build.py: MkDocs is not content; it says why above", file=sys.stderr)
        return 1
    print(f"{told.out / 'site'}: {sum(1 for _ in (told.out / 'site').rglob('*.html'))} pages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
