"""Reports as files, and a browser that opens them: Chromium of the system, without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("MILLRACE_BIN", ROOT / "build/release/millrace")).resolve()
MAKER = PROGRAM.parent / "bench/report"  # writes the report of a made-up run
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]
TIMEOUT_S = 60


def made(folder: Path, *arguments: object) -> str:
    """Runs the maker in `folder`; returns what it printed."""
    if not MAKER.exists():
        pytest.fail(f"program: expected {MAKER}; build it or set MILLRACE_BIN", pytrace=False)
    done = subprocess.run([str(MAKER), *map(str, arguments)], cwd=folder, timeout=TIMEOUT_S, check=True,
                          stdout=subprocess.PIPE, text=True)
    return done.stdout


class Opened:
    """A page that is drawn, and what it asked for and complained of on the way."""

    def __init__(self, browser: Browser, file: Path, width: int = 1280, scheme: str = "light") -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(file.as_uri())
        self.page.wait_for_selector("html[data-ready=yes]", timeout=10_000)
        self.page.wait_for_timeout(300)  # charts draw on the next frames

    def colors_of(self, canvas_of: str) -> int:
        """How many colours the canvases below `canvas_of` show: one is an empty chart."""
        return self.page.locator(canvas_of).first.evaluate("""place => {
            const seen = new Set();
            for (const canvas of place.matches('canvas') ? [place] : place.querySelectorAll('canvas')) {
                if (!canvas.width || !canvas.height) continue;
                const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
                for (let i = 0; i < data.length; i += 4 * 7) {
                    if (data[i + 3]) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
                }
            }
            return seen.size;
        }""")

    def overflow(self) -> int:
        """Pixels by which the page is wider than its window."""
        return self.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")

    def column(self, table: str, number: int) -> list[str]:
        return self.page.locator(f"{table} tbody tr:not(.total) td:nth-child({number})").all_inner_texts()
