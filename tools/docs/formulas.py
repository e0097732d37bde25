"""Typesets the formulas of kernels: plain text in, TeX in paragraphs of prose out.

A formula is clauses, parted by ";", of mathematics with words between. Nothing is known about a single kernel: words
that are inputs, outputs or parameters, stand left of "=", or are on the short lists below are mathematics, the others
are prose. `typeset` raises FormulaError where brackets do not match; the caller then shows the text as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

GREEK = {
    "alpha",
    "beta",
    "gamma",
    "delta",
    "kappa",
    "lambda",
    "mu",
    "phi",
    "pi",
    "sigma",
    "tau",
    "theta",
    "rho",
    "xi",
    "eta",
}
FUNCTIONS = {
    "ln",
    "exp",
    "tanh",
    "sin",
    "cos",
    "max",
    "min",
    "argmax",
    "argmin",
}  # names of TeX, argmax and argmin apart
NAMED_FUNCTIONS = {
    "argmax",
    "argmin",
    "cov",
    "var",
    "sign",
    "clip",
    "median",
    "expm",
    "corr",
    "floor",
    "ceil",
    "round",
    "log",
}
OF = {"sum": r"\sum", "mean": r"\operatorname{mean}", "max": r"\max", "min": r"\min"}
VALUES = {"mean", "sd", "median", "variance"}
DIFFERENCES = {"dt", "dx", "dy", "dp", "dW"}
NO_VALUES = {"the", "a", "an", "its", "their", "and", "or", "of", "where", "with", "else", "th"}
RELATIONS = {
    "=": "=",
    "<": "<",
    ">": ">",
    "<=": r"\le ",
    ">=": r"\ge ",
    "+=": r"\mathrel{+}=",
    "!=": r"\ne ",
    "~": r"\sim ",
}
SUMS = {"+": "+", "-": "-", "+-": r"\pm "}
OPERATORS = {"+", "-", "*", "/", "^", "<", ">", "<=", ">="}
PUNCTUATION = {",": ",\\;", ":": ":\\;", "...": r"\ldots ", "%": r"\% "}
CLOSING = {"(": ")", "[": "]", "{": "}"}

TOKEN = re.compile(
    r"(?P<space>\s*)(?:(?P<code>`[^`]*`|-th\b)|(?P<number>\d[\d_]*\.?\d*(?:e[+-]?\d+)?)|(?P<word>[^\W\d]\w*(?:'s\b)?)"
    r"|(?P<sign>\.\.\.|<=|>=|!=|\+=|\+-|[-+*/^=<>~,:;'()\[\]{}|.%&?]))"
)


class FormulaError(ValueError):
    """A formula that cannot be typeset; says where."""


@dataclass(frozen=True)
class Token:
    """A sign, word, number or `code`."""

    kind: str
    text: str
    has_space: bool  # before it


@dataclass(frozen=True)
class Piece:
    """A stretch of a clause: TeX, or prose."""

    is_math: bool
    text: str


def tokens_of(formula: str) -> list[Token]:
    tokens, at = [], 0
    formula = formula.rstrip()
    while at < len(formula):
        found = TOKEN.match(formula, at)
        if not found:
            raise FormulaError(f"column {at + 1}: cannot read {formula[at : at + 10]!r}")
        kind = found.lastgroup
        tokens.append(Token(kind, found[kind], bool(found["space"])))
        at = found.end()
    return tokens


def text_tex(text: str) -> str:
    """Words inside of mathematics."""
    return r"\text{" + re.sub(r"([_%&#$])", r"\\\1", text) + "}"


class Clause:
    """One clause on its way to pieces."""

    def __init__(self, tokens: list[Token], names: set[str]):
        self.tokens, self.at = tokens, 0
        self.names = names | VALUES
        self.bars = 0  # |…| that are open

    # --- words -------------------------------------------------------------------------------------------------------

    def peek(self, ahead: int = 0) -> Token:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else Token("end", "", False)

    def is_math_word(self, ahead: int = 0) -> bool:
        one, following, before = (
            self.peek(ahead),
            self.peek(ahead + 1),
            self.peek(ahead - 1) if self.at + ahead else None,
        )
        word = one.text
        if one.kind != "word" or self.is_hyphenated(ahead):
            return False
        if word == "a" and following.kind == "word" and following.has_space:
            return False
        if self.is_operand(ahead):
            return True
        is_glued = before is not None and before.kind == "number" and not one.has_space
        is_called = following.text in ("(", "[") and not following.has_space
        is_symbol = (
            len(word) == 1
            or "_" in word
            or re.fullmatch(r"[A-Za-z]{1,2}\d+", word)
            or re.fullmatch(r"[A-Z][A-Za-z]*[A-Z]", word)
        )
        return bool(
            word in self.names | GREEK | FUNCTIONS | NAMED_FUNCTIONS | DIFFERENCES or is_glued or is_called or is_symbol
        )

    def is_operand(self, ahead: int) -> bool:
        """A word beside an operator is a value, whatever it is called; after other words only what no "/" follows."""
        one, following, before = (
            self.peek(ahead),
            self.peek(ahead + 1),
            self.peek(ahead - 1) if self.at + ahead else None,
        )
        if one.text in NO_VALUES or one.text.endswith("'s") or one.text in OF and following.text == "of":
            return False
        if (
            before is not None
            and before.text in OPERATORS
            and (before.has_space == one.has_space or before.text != "-")
        ):
            return True
        after_words = before is not None and before.kind == "word" and not self.is_math_word(ahead - 1)
        return following.text in OPERATORS and not (following.text == "/" and after_words)

    def is_hyphenated(self, ahead: int) -> bool:
        """Part of a word like half-life."""

        def joins(first: int) -> bool:
            parts = [self.peek(first + i) for i in range(3)]
            return (
                parts[1].text == "-"
                and not parts[1].has_space
                and not parts[2].has_space
                and all(
                    one.kind == "word" and len(one.text) > 2 and one.text not in self.names | GREEK
                    for one in (parts[0], parts[2])
                )
            )

        return joins(ahead) or (self.at + ahead >= 2 and joins(ahead - 2))

    def word_tex(self, word: str) -> str:
        if word in GREEK:
            return "\\" + word + " "
        if len(word) == 1:
            return word
        if word in DIFFERENCES - self.names:
            return rf"\mathrm{{d}}{word[1]}"
        if digits := re.fullmatch(r"([A-Za-z])(\d+)", word):
            return f"{digits[1]}_{{{digits[2]}}}"
        head, _, rest = word.partition("_")
        if rest and (len(head) == 1 or head in GREEK):
            return f"{self.word_tex(head).strip()}_{{{self.word_tex(rest).strip()}}}"
        return r"\mathrm{" + word.replace("_", r"\_") + "}"

    # --- a clause is pieces, a sequence mathematics with words -------------------------------------------------------

    def pieces(self) -> list[Piece]:
        pieces: list[Piece] = []
        while self.at < len(self.tokens):
            one = self.peek()
            if one.kind in ("word", "code") and not self.is_math_word() and not self.is_prefix():
                self.push(pieces, Piece(False, self.prose()))
            elif one.text in (",", ":", ".") and (not pieces or not pieces[-1].is_math):
                self.at += 1
                self.push(pieces, Piece(False, one.text))
            else:
                self.push(pieces, Piece(True, self.chain()))
        return pieces

    @staticmethod
    def push(pieces: list[Piece], piece: Piece) -> None:
        if pieces and pieces[-1].is_math == piece.is_math:
            joint = "" if piece.text in (",", ":", ".", "-th") or piece.is_math else " "
            piece = Piece(piece.is_math, pieces.pop().text + joint + piece.text)
        pieces.append(piece)

    def prose(self) -> str:
        text = ""
        while (one := self.peek()).kind in ("word", "code") or (one.text == "-" and self.is_hyphenated(-1) and text):
            if one.kind == "word" and (self.is_math_word() or self.is_prefix()):
                break
            text += (" " if one.has_space and text else "") + one.text
            self.at += 1
            if one.text == "-":
                text += self.peek().text
                self.at += 1
        return text

    def sequence(self, closers: str) -> str:
        """Everything up to a closing bracket, which is not taken."""
        tex = ""
        while (one := self.peek()).kind == "end" or one.text not in closers:
            if one.kind == "end":
                raise FormulaError(f"expected one of {closers}")
            if self.peek().kind in ("word", "code") and not self.is_math_word() and not self.is_prefix():
                tex += text_tex((" " if tex else "") + self.prose() + ("" if self.peek().text in closers else " "))
            else:
                tex += self.chain()
        return tex

    def chain(self) -> str:
        """Sums with relations and punctuation between; at least one token is taken."""
        sign = self.peek()
        if sign.text in RELATIONS | SUMS | PUNCTUATION or sign.text in ("*", "/", "^", ".", "&", "?", "'", ";"):
            self.at += 1
            if sign.text == "'":  # "' = before" explains the stroke
                return r"{}'"
            known = RELATIONS | SUMS | PUNCTUATION | {"*": r"\cdot ", "&": r"\& "}
            return known.get(sign.text, sign.text)
        if sign.text == "|" and self.bars == 0 and not self.closes_bar():
            self.at += 1
            return r"\mid "
        if sign.text in CLOSING.values():
            raise FormulaError(f"unexpected {sign.text}")
        if self.has_words_in_brackets():
            return r"\;" + self.power()[0]
        tex, is_number = self.product(), sign.kind == "number" and self.at and self.tokens[self.at - 1] is sign
        if is_number and self.peek().has_space and self.peek().kind == "word":
            tex += r"\;\;" if self.is_math_word() else ""
        return tex

    # --- products and powers -----------------------------------------------------------------------------------------

    def starts_operand(self) -> bool:
        one = self.peek()
        if one.kind == "word":
            return self.is_math_word() or self.is_prefix()
        if self.has_words_in_brackets():
            return False
        return (
            one.kind == "number"
            or one.text in ("(", "[", "{")
            or (one.text == "|" and self.bars == 0 and self.closes_bar())
        )

    def has_words_in_brackets(self) -> bool:
        one, following = self.peek(), self.peek(1)
        return one.text == "(" and one.has_space and following.kind == "word" and not self.is_math_word(1)

    def product(self) -> str:
        first = self.peek()
        tex, grouped = self.power()
        while True:
            sign = self.peek()
            if sign.text == "*" and self.operand_follows(1):
                self.at += 1
                tex, grouped = tex + r" \cdot " + self.power()[0], None
            elif sign.text == "/" and self.operand_follows(1):
                self.at += 1
                below = self.power()
                tex, grouped = rf"\frac{{{grouped or tex}}}{{{below[1] or below[0]}}}", None
            elif self.starts_operand() and not (
                first.kind == "number" and sign.has_space and sign.kind == "word" and tex.isdigit()
            ):
                tex, grouped = tex + r"\," + self.power()[0], None
            else:
                return tex

    def operand_follows(self, ahead: int) -> bool:
        self.at += ahead
        follows = self.starts_operand() or self.peek().text == "-"
        self.at -= ahead
        return follows

    def power(self) -> tuple[str, str | None]:
        """TeX, and what it is without its brackets where it is a bracket and nothing else."""
        sign = ""
        if self.peek().text == "-":
            self.at, sign = self.at + 1, "-"
        tex, grouped = self.primary()
        while True:
            one = self.peek()
            if one.text == "^" and self.operand_follows(1):
                self.at += 1
                above, inner = self.power()
                tex, grouped = f"{{{tex}}}^{{{inner or above}}}", None
            elif one.text == "'" and not one.has_space:
                self.at += 1
                tex, grouped = tex + "'", None
            elif (
                one.text in ("+", "-")
                and not one.has_space
                and (self.peek(1).has_space or self.peek(1).text in ("|", ")"))
            ):
                self.at += 1  # a name like di+
                tex, grouped = f"{{{tex}}}^{{{one.text}}}", None
            elif one.text == "(" and not one.has_space and tex.endswith("\\_}"):  # x_(j-1)
                inside = self.primary()[1]
                tex, grouped = (
                    f"{tex.removeprefix(chr(92) + 'mathrm{').removesuffix(chr(92) + '_}')}_{{{inside}}}",
                    None,
                )
            elif one.text == "[" and not one.has_space and tex == "E":  # an expectation
                self.at += 1
                tex, grouped = "E" + self.bracket("[")[0], None
            elif one.text == "[" and not one.has_space:
                self.at += 1
                inside = self.sequence("])")
                self.at += 1
                tex, grouped = f"{tex}_{{{inside}}}", None
            else:
                return sign + tex, None if sign else grouped

    def primary(self) -> tuple[str, str | None]:
        one = self.peek()
        if self.is_prefix():
            return self.prefixed(), None
        self.at += 1
        if one.kind == "number":
            mantissa, _, exponent = one.text.replace("_", "").partition("e")
            ten = f"10^{{{int(exponent)}}}" if exponent else ""
            return (f"{{{ten}}}" if mantissa == "1" and ten else mantissa + (rf" \cdot {ten}" if ten else "")), None
        if one.text == "|":
            self.bars += 1
            inside = self.sequence("|")
            self.bars -= 1
            self.at += 1
            return rf"\left|{inside}\right|", None
        if one.text in CLOSING:
            return self.bracket(one.text)
        if one.kind == "word":
            return self.named(one), None
        raise FormulaError(f"expected a value, was {one.text or 'the end'}")

    def bracket(self, opening: str) -> tuple[str, str | None]:
        bars, self.bars = self.bars, 0
        inside = self.sequence(
            ")]" if opening == "[" else ")]" if opening == "(" and self.is_interval() else CLOSING[opening]
        )
        closing, self.bars = self.peek().text, bars
        self.at += 1
        left, right = (r"\{", r"\}") if opening == "{" else (opening, closing)
        return rf"\left{left}{inside}\right{right}", inside if opening == "(" and closing == ")" and PUNCTUATION[
            ","
        ] not in inside else None

    def is_interval(self) -> bool:
        """An opening "(" that a "]" closes."""
        depth = 0
        for one in self.tokens[self.at :]:
            depth += one.text in ("(", "[")
            if one.text in (")", "]"):
                if depth == 0:
                    return one.text == "]"
                depth -= 1
        return False

    def closes_bar(self) -> bool:
        """A "|" here opens what another "|" closes, in the same bracket."""
        depth = 0
        for one in self.tokens[self.at + 1 :]:
            depth += (one.text in CLOSING) - (one.text in CLOSING.values())
            if depth < 0:
                return False
            if one.text == "|" and depth == 0:
                return True
        return False

    def is_prefix(self) -> bool:
        """`sum of x`, `max high`: a word that takes the value after it."""
        one, following = self.peek(), self.peek(1)
        if one.text not in OF or one.kind != "word" or not following.has_space:
            return False
        after = 2 if following.text == "of" else 1
        self.at += after
        starts = self.peek().text in ("|", "(") or self.starts_operand()
        self.at -= after
        return starts and (after == 2 or one.text != "mean")

    def prefixed(self) -> str:
        word = self.peek().text
        has_of = self.peek(1).text == "of"
        self.at += 2 if has_of else 1
        tex = OF[word] + (r"\text{ of }" if has_of and word != "sum" else " ")
        return tex + self.power()[0]

    def named(self, one: Token) -> str:
        word = one.text
        is_called = self.peek().text == "(" and not self.peek().has_space
        if self.tokens[self.at - 2].kind == "number" and self.at > 1 and not one.has_space and word not in GREEK:
            return r"\,".join(self.word_tex(letter) for letter in word)
        if word == "sqrt" and is_called:
            self.at += 1
            inside = self.sequence(")")
            self.at += 1
            return rf"\sqrt{{{inside}}}"
        if word == "gamma" and is_called:
            return r"\Gamma" + self.primary()[0]
        if word in FUNCTIONS - NAMED_FUNCTIONS:
            return rf"\{word} " + (self.primary()[0] if is_called else self.power()[0] if self.starts_operand() else "")
        name = (
            rf"\operatorname{{{word}}}"
            if word in NAMED_FUNCTIONS and (is_called or word not in self.names)
            else self.word_tex(word)
        )
        return name + (self.primary()[0] if is_called and not word.endswith("_") else "")


def typeset(formula: str, names: set[str]) -> list[list[Piece]]:
    """The clauses of a formula; `names` are the kernel's inputs, outputs and parameters."""
    clauses, tokens = [], []
    assigned = {one.group(1) for one in re.finditer(r"(?<![-\w])([A-Za-z_]\w*)\s*\+?=(?!=)", formula)}
    for one in tokens_of(formula) + [Token("sign", ";", False)]:
        if one.text != ";":
            tokens.append(one)
        elif tokens:
            clauses.append(Clause(tokens, names | assigned).pieces())
            tokens = []
    return clauses
