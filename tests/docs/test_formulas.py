"""Every formula of the registry is typeset, and what comes out is TeX that KaTeX knows."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/docs"))
from formulas import FormulaError, typeset  # noqa: E402
from kernel_pages import formula_html, names_of  # noqa: E402
from registry import read_kernels  # noqa: E402

PROGRAM = Path(os.environ.get("MILLRACE_BIN", ROOT / "build/release/millrace")).resolve()
GREEK = "alpha beta gamma delta kappa lambda mu phi pi sigma tau theta rho xi eta Gamma"
COMMANDS = set(
    (
        GREEK
        + " frac sqrt sum left right cdot ln exp tanh sin cos max min operatorname mathrm text mathrel pm le ge ne sim ldots mid"
    ).split()
)


def all_kernels() -> list[dict]:
    kernels = read_kernels(PROGRAM)
    return kernels + [one["function"] for one in kernels if one.get("function")]


def math_of(formula: str, *names: str) -> list[str]:
    return [one.text for clause in typeset(formula, set(names)) for one in clause if one.is_math]


def faults_of(tex: str) -> list[str]:
    """What is wrong with TeX: braces, \\left without \\right, commands that are not known."""
    bare = tex.replace(r"\{", "").replace(r"\}", "")
    depth, faults = 0, []
    for sign in bare:
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            break
    if depth:
        faults.append("braces do not match")
    if len(re.findall(r"\\left(?![a-z])", tex)) != len(re.findall(r"\\right(?![a-z])", tex)):
        faults.append(r"\left and \right do not match")
    faults += [f"\\{word} is not known" for word in set(re.findall(r"\\([A-Za-z]+)", tex)) - COMMANDS]
    faults += ["an empty exponent or fraction"] * bool(re.search(r"\^\{\}|\\frac\{\}|\}\{\}", bare))
    return faults


def test_every_formula_of_the_registry_is_typeset() -> None:
    kernels = all_kernels()
    assert len(kernels) >= 100
    wrong = []
    for kernel in kernels:
        try:
            clauses = typeset(kernel["formula"], names_of(kernel))
        except FormulaError as problem:
            wrong.append(f"{kernel['name']}: {problem}: {kernel['formula']}")
            continue
        wrong += [
            f"{kernel['name']}: {fault}: {one.text}"
            for clause in clauses
            for one in clause
            if one.is_math
            for fault in faults_of(one.text)
        ]
    assert wrong == []


def test_katex_renders_every_formula_without_complaint() -> None:
    katex = ROOT / "build/docs/pages/assets/katex/katex.min.js"
    node = shutil.which("node")
    if not node or not katex.exists():
        pytest.skip("node or the built site is absent; the site renders formulas in the browser")
    texts = [
        one.text
        for kernel in all_kernels()
        for clause in typeset(kernel["formula"], names_of(kernel))
        for one in clause
        if one.is_math
    ]
    script = "const katex = require(process.argv[1]);"
    script += "for (const tex of JSON.parse(require('fs').readFileSync(0))) katex.renderToString(tex, {throwOnError: true, strict: 'error'});"
    done = subprocess.run(
        [node, "-e", script, katex], input=json.dumps(texts), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-1000:]


def test_no_word_of_a_formula_is_lost() -> None:
    for kernel in all_kernels():
        pieces = [one.text for clause in typeset(kernel["formula"], names_of(kernel)) for one in clause]
        told = " ".join(pieces).replace("\\_", "_").lower()
        words = set(re.findall(r"[A-Za-z]{3,}", kernel["formula"])) - {"sum"}
        lost = [word for word in words if word.lower() not in told]
        assert not lost, f"{kernel['name']}: {lost} of {kernel['formula']}"


@pytest.mark.parametrize(
    ("formula", "tex"),
    [
        ("e[t] = e[t-1] + alpha * (x[t] - e[t-1])", r"e_{t}=e_{t-1}+\alpha  \cdot \left(x_{t}-e_{t-1}\right)"),
        ("(a + b) / (c - 1)", r"\frac{a+b}{c-1}"),
        (
            "sqrt(sum of (x - mean)^2 / (n - ddof))",
            r"\sqrt{\frac{\sum {\left(x-\mathrm{mean}\right)}^{2}}{n-\mathrm{ddof}}}",
        ),
        ("2^(-dt / half_life)", r"{2}^{-\frac{\mathrm{d}t}{\mathrm{half\_life}}}"),
        ("1e4 * s", r"{10^{4}} \cdot s"),
        ("|x - m| <= k", r"\left|x-m\right|\le k"),
        ("P(x | y)", r"P\left(x\mid y\right)"),
        ("x_(j-1) - x_j", r"x_{j-1}-x_{j}"),
        ("w[k] x[t-k]", r"w_{k}\,x_{t-k}"),
        ("3qn", r"3\,q\,n"),
    ],
)
def test_notation_becomes_tex(formula, tex) -> None:
    assert math_of(formula, "ddof") == [tex]


def test_words_between_are_prose_and_names_are_not() -> None:
    ((first, second, third, fourth),) = typeset("x over the window and more", {"window"})
    assert [first.text, second.text, third.text, fourth.text] == ["x", "over the", r"\mathrm{window}", "and more"]
    assert [one.is_math for one in (first, second, third, fourth)] == [True, False, True, False]


@pytest.mark.parametrize("formula", ["(a + b", "a + b)", "x[t", "1{a"])
def test_brackets_that_do_not_match_are_told_and_the_page_has_the_text(formula) -> None:
    with pytest.raises(FormulaError):
        typeset(formula, set())
    kernel = {"formula": formula, "inputs": [], "outputs": [], "params": []}
    assert "<code>" + formula.replace("|", "&#124;") + "</code>" in formula_html(kernel)[0]
