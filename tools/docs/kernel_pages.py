"""Pages of kernels and families, in Markdown with a little HTML."""

from __future__ import annotations

import re
from html import escape

from formulas import FormulaError, typeset
from responses import STEP_NS, STEPS, Response, price_path
from pictures import arrange, draw
from registry import Golden

MOST_EXAMPLES, MOST_ROWS = 4, 24


def cell(text: str) -> str:
    """Plain text in a Markdown table."""
    return (
        escape(str(text), quote=False)
        .replace("|", "&#124;")
        .replace("*", "&#42;")
        .replace("_", "&#95;")
        .replace("\n", " ")
    )


def code(text: str) -> str:
    """Code, in a table too: HTML, since a bar would end the cell and a backtick the code."""
    return f"<code>{escape(str(text), quote=False).replace('|', '&#124;')}</code>"


def table(heads: list[str], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *(f"| {' | '.join(row)} |" for row in rows), ""]


def names_of(kernel: dict) -> set[str]:
    return {one["name"] for one in [*kernel["inputs"], *kernel["outputs"], *kernel["params"]]}


def formula_html(kernel: dict) -> list[str]:
    """A paragraph for each clause; the plain text as code where it cannot be typeset."""
    try:
        clauses = typeset(kernel["formula"], names_of(kernel))
    except FormulaError:
        return [f'<div class="formula plain" markdown="0"><p>{code(kernel["formula"])}</p></div>', ""]
    lines = []
    for pieces in clauses:
        parts = [
            f'<span class="math">\\displaystyle {escape(one.text, quote=False)}</span>'
            if one.is_math
            else escape(one.text, quote=False)
            for one in pieces
        ]
        text = re.sub(r" ([,:.;])", r"\1", " ".join(parts))
        lines.append(f"<p>{text.replace(' -th', '-th')}</p>")
    return ['<div class="formula" markdown="0">', *lines, "</div>", ""]


def signature(kernel: dict) -> str:
    def text(one: dict) -> str:
        return one["name"] + ("?" if one.get("optional") else "")

    return f"{kernel['name']}({', '.join(map(text, kernel['inputs']))}) → {', '.join(map(text, kernel['outputs']))}"


def response_picture(response: Response) -> list[str]:
    panels, left_out = arrange(("price", price_path()), response.outputs)
    seconds = STEPS * STEP_NS // 10**9
    figure = draw(panels, f"{response.call} on the fixed price path", ("0", f"{seconds} s"))
    where = [f"{code(name)} is {code(text)}" for name, text in response.lets.items() if name != text]
    caption = code(response.call) + (", where " + ", ".join(where) if where else "") + " on the fixed price path."
    if left_out:
        caption += " Not drawn: " + ", ".join(code(one) for one in left_out) + "."
    return ['<figure markdown="0">', figure, f"<figcaption>{caption}</figcaption>", "</figure>", ""]


def numbers(values: list[str]) -> list[float | None] | None:
    try:
        return [None if one == "null" else float(one) for one in values]
    except ValueError:
        return None


def example_picture(goldens: list[Golden]) -> list[str]:
    """Of what does not work on the path: the first example that has a curve among its results."""
    for golden in goldens:
        curves = {name: numbers(values) for name, values in golden.expected.items() if len(values) >= 3}
        curves = {
            name: values for name, values in curves.items() if values and sum(one is not None for one in values) >= 3
        }
        panels, _ = arrange(None, curves)
        if panels:
            longest = max(len(values) for values in curves.values())
            figure = draw(panels, f"results of {golden.call}", ("element 1", f"element {longest}"))
            caption = f"Results of the example {code(golden.call)} by element."
            return ['<figure markdown="0">', figure, f"<figcaption>{caption}</figcaption>", "</figure>", ""]
    return []


def example_by_row(golden: Golden) -> list[str]:
    """Inputs and results side by side; a single result is the last row's."""
    inputs = {("ts, s" if name == "ts" else name): values for name, values in golden.inputs.items()}
    rows = max(len(values) for values in inputs.values())
    heads = ["row", *(code(name) for name in inputs), *(code(name) for name in golden.expected)]
    lines = []
    for row in range(rows):
        results = [
            values[row] if len(values) == rows else values[0] if row == rows - 1 else ""
            for values in golden.expected.values()
        ]
        lines.append(
            [
                str(row + 1),
                *(cell(values[row]) for values in inputs.values()),
                *(f"**{cell(one)}**" if one else "…" for one in results),
            ]
        )
    if rows > MOST_ROWS:
        lines = [*lines[: MOST_ROWS - 1], ["…"] * len(heads), lines[-1]]
    return table(heads, lines)


def example_by_name(golden: Golden) -> list[str]:
    rows = [[code(name), "input", cell(" ".join(values))] for name, values in golden.inputs.items()]
    rows += [[code(name), "result", f"**{cell(' '.join(values))}**"] for name, values in golden.expected.items()]
    return table(["name", "", "value"], rows)


def examples(goldens: list[Golden], is_stream: bool) -> list[str]:
    lines = ["## Golden example" + ("s" if len(goldens) > 1 else ""), ""]
    for golden in goldens[:MOST_EXAMPLES]:
        lines += [code(golden.call), ""] + (example_by_row(golden) if is_stream else example_by_name(golden))
        lines += [f'<p class="source" markdown="0">{escape(golden.source, quote=False)}</p>', ""]
    if len(goldens) > MOST_EXAMPLES:
        lines += [f"{len(goldens) - MOST_EXAMPLES} more are in `tests/golden/`.", ""]
    return lines


def parameters(kernel: dict) -> list[str]:
    if not kernel["params"]:
        return ["It has no parameters.", ""]
    rows = [
        [code(one["name"]), cell(one["default"]), cell(one["range"]), cell(one["meaning"])] for one in kernel["params"]
    ]
    return table(["parameter", "default", "range", "meaning"], rows)


def inputs_and_outputs(function: dict) -> list[str]:
    rows = []
    for kind in ("inputs", "outputs"):
        for one in function[kind]:
            optional = " (optional)" if one.get("optional") else ""
            rows.append(
                [code(one["name"]), kind[:-1] + optional, f"{one['rank']} of {one['type']}", cell(one["meaning"])]
            )
    return table(["name", "", "shape", "meaning"], rows)


def facts(kernel: dict, cost_ns: float | None) -> list[str]:
    rows = [["unit", cell(kernel["unit"])]]
    scope = kernel.get("scope", "stream")
    rows.append(["nulls" if scope == "function" else "warm-up", cell(kernel["warmup"])])
    if windows := kernel.get("windows"):
        words = {"rows": "a number of observations", "time": "a length of event time", "expanding": "everything so far"}
        kinds = [text for key, text in words.items() if windows[key]]
        rows.append(["works on", ", ".join(kinds)])
    if flags := [code(one["name"]) for one in kernel["outputs"] if one.get("flag")]:
        rows.append(["flags (int8)", ", ".join(flags)])
    if "state_bytes" in kernel:
        rows.append(
            ["state", f"{kernel['state_bytes']} bytes an instrument with default parameters, without shared history"]
        )
    if cost_ns is not None:
        rows.append(["cost", f"{cost_ns:.1f} ns a row ([how it was measured](../speed.md))"])
    rows.append(["source", cell(kernel["reference"])])
    rows.append(["version", str(kernel["version"])])
    return table(["", ""], rows)


def used_in(kernel: dict, profiles: list[dict]) -> list[str]:
    uses = []
    for profile in profiles:
        features = [
            one["name"] for one in profile["features"] if re.search(rf"\b{kernel['name']}\(", one["expression"])
        ]
        if features:
            uses.append(
                f"[{profile['profile']}](../features/{profile['profile']}.md): "
                + ", ".join(f"`{one}`" for one in features)
            )
    return ["## In the feature sets", "", *(f"- {one}" for one in uses), ""] if uses else []


def body(kernel: dict, goldens: list[Golden], response: Response | None, cost_ns: float | None) -> list[str]:
    scope = kernel.get("scope", "stream")
    lines = [
        f"{kernel['title']}.",
        "",
        f'<p class="signature" markdown="0">{code(signature(kernel))}</p>',
        "",
        *formula_html(kernel),
    ]
    lines += response_picture(response) if response else example_picture(goldens)
    if scope == "function":
        lines += ["## Inputs and results", "", *inputs_and_outputs(kernel)]
    lines += ["## Parameters", "", *parameters(kernel), "## What to know", "", *facts(kernel, cost_ns)]
    return lines + (examples(goldens, scope != "function") if goldens else [])


def kernel_page(
    kernel: dict, goldens: list[Golden], response: Response | None, cost_ns: float | None, profiles: list[dict]
) -> str:
    """The page of a kernel; a function of the same name is told of below it."""
    function = kernel.get("function")
    of_function = [one for one in goldens if function and one.is_of_function]
    own = [one for one in goldens if one not in of_function]
    lines = [f"# {kernel['name']}", "", *body(kernel, own, response, cost_ns)]
    if function:
        part = body(function, of_function, None, None)
        lines += [
            f"# {kernel['name']} as a function",
            "",
            *(line.replace("## ", "## As a function: ", 1) if line.startswith("## ") else line for line in part),
        ]
    lines += used_in(kernel, profiles)
    lines += [f"Family: [{kernel['family']}]({kernel['family']}.md)", ""]
    return "\n".join(lines)


def family_page(family: str, kernels: list[dict]) -> str:
    rows = [
        [
            f"[{cell(one['name'])}]({one['name']}.md)",
            cell(one["title"]),
            cell(one["unit"]),
            ", ".join(code(out["name"]) for out in one["outputs"]),
        ]
        for one in kernels
    ]
    title = family.replace("_", " ")
    lines = [f"# {title[0].upper()}{title[1:]}", "", f"{len(kernels)} kernels of the family `{family}`.", ""]
    return "\n".join(lines + table(["kernel", "what it is", "unit", "gives"], rows))


def index_page(families: dict[str, list[dict]]) -> str:
    count = sum(map(len, families.values()))
    lines = [
        "# Kernels",
        "",
        f"{count} kernels in {len(families)} families. `millrace kernels` lists them; `millrace kernels NAME` tells what these pages tell.",
        "",
    ]
    for family, kernels in families.items():
        lines += [
            f"## [{family.replace('_', ' ')}]({family}.md)",
            "",
            ", ".join(f"[{one['name']}]({one['name']}.md)" for one in kernels),
            "",
        ]
    return "\n".join(lines)
