"""Small charts as SVG that a page takes in: colours are the page's, so that they are legible in light and dark."""

from __future__ import annotations

from html import escape

WIDTH, LEFT, RIGHT = 640, 62, 10
PANEL_HEIGHT, PANEL_GAP, TOP, BOTTOM = 110, 30, 22, 20
MOST_PANELS, MOST_LINES = 4, 4
BUCKETS = 280  # of a curve: each keeps its lowest and its highest point, so that no spike is lost


def thinned(values: list[float | None]) -> list[list[tuple[float, float]]]:
    """Runs of (position from 0 to 1, value) without nulls between."""
    runs, run, bucket = [], [], []
    last = max(len(values) - 1, 1)
    step = max(1, -(-len(values) // BUCKETS))

    def flush() -> None:
        if bucket:
            run.extend(sorted({min(bucket, key=lambda one: one[1]), max(bucket, key=lambda one: one[1])}))
            bucket.clear()

    for at, value in enumerate(values):
        if value is None:
            flush()
            if run:
                runs.append(run)
                run = []
            continue
        bucket.append((at / last, float(value)))
        if (at + 1) % step == 0:
            flush()
    flush()
    return runs + ([run] if run else [])


def label(value: float, span: float) -> str:
    if value == 0 or abs(value) < span * 1e-9:
        return "0"
    if not 1e-3 <= abs(value) < 1e6:
        return f"{value:.2e}".replace("e-0", "e-").replace("e+0", "e")
    decimals = 0 if span >= 20 else 1 if span >= 2 else 2 if span >= 0.2 else 4
    return f"{value:.{decimals}f}"


class Panel:
    """Curves with one scale."""

    def __init__(self, title: str = ""):
        self.title = title
        self.curves: list[tuple[str, list[float | None]]] = []

    def bounds(self) -> tuple[float, float]:
        given = [one for _, values in self.curves for one in values if one is not None]
        return (min(given), max(given)) if given else (0.0, 0.0)

    def fits(self, values: list[float | None]) -> bool:
        """Whether a curve can be read at this panel's scale."""
        given = [one for one in values if one is not None]
        low, high = self.bounds()
        span = high - low
        if not given or span <= 0 or len(self.curves) >= MOST_LINES:
            return False
        below, above = min(given), max(given)
        return low - 0.3 * span <= below and above <= high + 0.3 * span and above - below >= 0.15 * span

    def svg(self, top: float, first_colour: int) -> str:
        low, high = self.bounds()
        margin = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
        bottom_value, top_value = low - margin, high + margin

        def y(value: float) -> float:
            return top + PANEL_HEIGHT * (top_value - value) / (top_value - bottom_value)

        parts = [f'<rect class="frame" x="{LEFT}" y="{top}" width="{WIDTH - LEFT - RIGHT}" height="{PANEL_HEIGHT}"/>']
        for value in (low, high) if high > low else (low,):
            parts.append(
                f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>'
            )
            parts.append(
                f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{label(value, high - low)}</text>'
            )
        at = LEFT
        for number, (name, values) in enumerate(self.curves):
            colour = f"c{(first_colour + number) % 5}"
            parts.append(f'<text class="{colour}" x="{at}" y="{top - 7}">{escape(name)}</text>')
            at += 7.4 * len(name) + 16
            for run in thinned(values):
                points = " ".join(f"{LEFT + x * (WIDTH - LEFT - RIGHT):.1f},{y(value):.1f}" for x, value in run)
                mark = "polyline" if len(run) > 1 else "circle"
                if mark == "circle":
                    x, value = run[0]
                    parts.append(
                        f'<circle class="{colour}" cx="{LEFT + x * (WIDTH - LEFT - RIGHT):.1f}" cy="{y(value):.1f}" r="2"/>'
                    )
                else:
                    parts.append(f'<polyline class="{colour}" points="{points}"/>')
        return "".join(parts)


def arrange(base: tuple[str, list] | None, curves: dict[str, list[float | None]]) -> tuple[list[Panel], list[str]]:
    """Panels, and the names of curves for which there is no room. What has the base's scale is drawn over it."""
    panels, left_out = [], []
    if base:
        panels.append(Panel())
        panels[0].curves.append(base)
    for name, values in curves.items():
        if all(one is None for one in values):
            left_out.append(name)
            continue
        for panel in panels:
            if panel.fits(values):
                panel.curves.append((name, values))
                break
        else:
            if len(panels) < MOST_PANELS:
                panels.append(Panel())
                panels[-1].curves.append((name, values))
            else:
                left_out.append(name)
    return panels, left_out


def draw(panels: list[Panel], title: str, foot: tuple[str, str]) -> str:
    """One SVG; `foot` is written at the ends of the last axis."""
    height = TOP + len(panels) * PANEL_HEIGHT + (len(panels) - 1) * PANEL_GAP + BOTTOM
    parts = [
        f'<svg class="response" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}" xmlns="http://www.w3.org/2000/svg">'
    ]
    colour = 0
    for number, panel in enumerate(panels):
        parts.append(panel.svg(TOP + number * (PANEL_HEIGHT + PANEL_GAP), colour))
        colour += len(panel.curves)
    parts.append(f'<text x="{LEFT}" y="{height - 5}">{escape(foot[0])}</text>')
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{height - 5}" text-anchor="end">{escape(foot[1])}</text></svg>')
    return "".join(parts)
