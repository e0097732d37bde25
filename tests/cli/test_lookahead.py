"""check-lookahead compares decisions on the whole input with those on inputs of another future."""

from __future__ import annotations

from pathlib import Path

from cli.program import FAILED, assert_one_clear_message, run, succeed
from cli.runs import BUSY, backtest, simulate, tables_of, write_busy


def check(source: object, *options: object) -> tuple:
    parts = backtest(source, *options)
    at = parts.index("--out")
    return ("check-lookahead", *[part for part in (*parts[1:at], *parts[at + 2 :]) if part != "--quiet"])


def test_rules_over_features_do_not_look_ahead(folder: Path) -> None:
    write_busy()
    simulate()
    succeed(*backtest("m.parquet", "--no-scenarios"))
    tables = tables_of("run")
    decisions = sum(len(tables[name]) for name in ("signals", "orders", "fills"))
    done = succeed(*check("m.parquet", "--cuts", "4", "--feed-latency", "30ms", "--latency", "lognormal(50ms,0.5)"))
    assert "compared in 9 runs\n  no decision depends on what came after it" in done.out
    done = succeed(*check("m.parquet"))
    assert done.out.startswith(f"busy: {decisions} decisions over 200000 rows, compared in 7 runs\n")


def test_a_rule_that_names_the_future_is_refused(folder: Path) -> None:
    write_busy(text=BUSY.replace("z >= 0", "label_next_move(price) > 0"))
    simulate(rows=1000)
    done = run(*check("m.parquet"))
    assert done.code == FAILED
    assert_one_clear_message(done, "busy.toml:13:", "label_next_move")
