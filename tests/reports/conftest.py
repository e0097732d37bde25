from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from .pages import ARGUMENTS, CHROMIUM, Opened, made


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this system: reports are not looked at (apt-get install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports of made-up runs: `large` (10,000 trades), `markup` (hostile names), `empty` (no trade)."""
    folder = tmp_path_factory.mktemp("reports")
    made(folder, "--out", "large.html", "--json", "large.json", "--equity", "large.csv")
    made(folder, "--out", "markup.html", "--trades", 40, "--days", 3, "--markup")
    made(folder, "--out", "empty.html", "--json", "empty.json", "--trades", 0, "--days", 3)
    return folder


@pytest.fixture
def opened(browser: Browser) -> Iterator:
    pages: list[Opened] = []

    def open_(file: Path, **options: object) -> Opened:
        pages.append(Opened(browser, file, **options))
        return pages[-1]

    yield open_
    for page in pages:
        page.context.close()
