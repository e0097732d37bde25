"""The site in build/docs: all pages and pictures are there, links hold, nothing is loaded from elsewhere."""

from __future__ import annotations

import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/docs"))
from registry import read_goldens, read_kernels  # noqa: E402

PROGRAM = Path(os.environ.get("MILLRACE_BIN", ROOT / "build/release/millrace")).resolve()
SITE = ROOT / "build/docs/site"
LOADED = {
    ("script", "src"),
    ("img", "src"),
    ("link", "href"),
    ("iframe", "src"),
    ("source", "src"),
    ("object", "data"),
    ("use", "href"),
}


class Page(HTMLParser):
    """Links, loaded files, anchors, and pictures of one page."""

    def __init__(self, text: str):
        super().__init__()
        self.links, self.loaded, self.anchors, self.pictures, self.curves = [], [], set(), 0, 0
        self.feed(text)

    def handle_starttag(self, tag, attrs) -> None:
        has = dict(attrs)
        if has.get("id"):
            self.anchors.add(has["id"])
        if tag == "a" and has.get("href"):
            self.links.append(has["href"])
        self.loaded += [
            has[name] for of, name in LOADED if of == tag and has.get(name) and has.get("rel") != "canonical"
        ]
        self.pictures += tag == "svg" and has.get("class") == "response"
        self.curves += tag in ("polyline", "circle") and re.fullmatch(r"c\d", has.get("class") or "") is not None


@pytest.fixture(scope="session")
def pages() -> dict[Path, Page]:
    if not (SITE / "index.html").exists():
        pytest.fail(f"site: expected {SITE}; ./dev docs", pytrace=False)
    return {path: Page(path.read_text()) for path in sorted(SITE.rglob("*.html"))}


@pytest.fixture(scope="session")
def kernels() -> list[dict]:
    return read_kernels(PROGRAM)


def test_links_lead_somewhere(pages) -> None:
    broken = []
    for path, page in pages.items():
        if path.name == "404.html":  # its links are those of whatever serves it
            continue
        for link in page.links + page.loaded:
            url = urlsplit(link)
            if url.scheme or url.netloc:
                continue
            target = (path.parent / unquote(url.path)).resolve() if url.path else path
            if not target.exists():
                broken.append(f"{path.relative_to(SITE)}: {link}")
            elif url.fragment and target in pages and url.fragment not in pages[target].anchors:
                broken.append(f"{path.relative_to(SITE)}: {link} (no such anchor)")
    assert broken == []


def test_nothing_is_loaded_from_elsewhere(pages) -> None:
    foreign = [f"{path.name}: {one}" for path, page in pages.items() for one in page.loaded if urlsplit(one).netloc]
    for path in SITE.rglob("*.css"):
        for url in re.findall(r"url\(\s*[\"']?([^)\"']+)", path.read_text()):
            if urlsplit(url).netloc:
                foreign.append(f"{path.name}: {url}")
    assert foreign == []


def test_fonts_and_scripts_that_a_stylesheet_names_are_there() -> None:
    sheet = SITE / "assets/katex/katex.min.css"
    named = set(re.findall(r"url\(([^)]+)\)", sheet.read_text()))
    assert len(named) >= 10
    assert [one for one in sorted(named) if not (sheet.parent / one).exists()] == []


def test_every_kernel_has_a_page_and_its_words_are_on_it(pages, kernels) -> None:
    for kernel in kernels:
        path = SITE / f"kernels/{kernel['name']}.html"
        assert path in pages, kernel["name"]
        text = path.read_text()
        assert (
            f"<code>{kernel['params'][0]['name']}</code>" in text
            if kernel["params"]
            else "It has no parameters." in text
        )
        for output in kernel["outputs"]:
            assert output["name"] in text, (kernel["name"], output["name"])


def test_every_kernel_of_a_stream_has_a_picture_with_curves(pages, kernels) -> None:
    streams = [one for one in kernels if one["scope"] in ("stream", "cross")]
    assert len(streams) >= 100
    lacking = [one["name"] for one in streams if pages[SITE / f"kernels/{one['name']}.html"].curves < 1]
    assert lacking == [], "tools/docs/series.toml says what inputs of a name are on the path of the pictures"


def test_every_kernel_has_its_golden_example(pages, kernels) -> None:
    goldens = read_goldens(ROOT / "tests/golden")
    for kernel in kernels:
        if kernel["scope"] == "universe":  # goldens over many instruments stand in tests/kernels/universe_test.cpp
            continue
        examples = goldens.get(kernel["name"])
        assert examples, kernel["name"]
        text = (SITE / f"kernels/{kernel['name']}.html").read_text()
        assert "Golden example" in text
        assert examples[0].call.replace("&", "&amp;") in text.replace("&#124;", "|"), kernel["name"]


def test_every_family_and_feature_set_has_a_page(pages, kernels) -> None:
    for family in {one["family"] for one in kernels}:
        assert SITE / f"kernels/{family}.html" in pages, family
    profiles = sorted(path.stem for path in (ROOT / "profiles").glob("*.toml"))
    assert profiles
    for name in profiles:
        text = (SITE / f"features/{name}.html").read_text()
        told = sum(line.startswith("<td><code>") for line in text.splitlines())
        assert told >= 10, name


def test_every_hand_written_page_is_in_the_site(pages) -> None:
    for page in (ROOT / "docs").glob("*.md"):
        assert SITE / f"{page.stem}.html" in pages, page.name
