"""Exponential weights in every form, and the averages made with them."""

from __future__ import annotations

import numpy as np

from oracle.windows import Ints, Longs, duration_ns

WEIGHTS = ("alpha", "lambda_", "half_life", "span", "com", "tau")


def alpha_of(**weight: float | None) -> np.longdouble:
    """Weight of the newest observation from exactly one of alpha, lambda_, half_life (rows), span, com."""
    given = {name: np.longdouble(value) for name, value in weight.items() if value is not None}
    if len(given) != 1:
        raise ValueError(f"exponential weight: expected exactly one of {WEIGHTS}, was {sorted(given)}")
    ((name, value),) = given.items()
    one = np.longdouble(1)
    forms = {
        "alpha": lambda: value,
        "lambda_": lambda: one - value,
        "half_life": lambda: -np.expm1(-np.log(np.longdouble(2)) / value),
        "span": lambda: 2 / (value + 1),
        "com": lambda: 1 / (1 + value),
    }
    return forms[name]()


def tau_ns(half_life: object, tau: object) -> np.longdouble | None:
    """Time constant in ns where one of the two is a duration, else None."""
    if isinstance(half_life, str):
        return duration_ns(half_life) / np.log(np.longdouble(2))
    return np.longdouble(duration_ns(tau)) if isinstance(tau, str) else None


def averages(values: Longs, alpha: np.longdouble, adjust: bool = False) -> Longs:
    """Exponential average by rows: starts at the first value, then e += alpha (x - e).

    `adjust` divides by the sum of the weights given so far.
    """
    out = np.empty(values.size, dtype=np.longdouble)
    numerator = denominator = np.longdouble(0)
    for i, value in enumerate(values):
        if adjust:
            numerator = (1 - alpha) * numerator + value
            denominator = (1 - alpha) * denominator + 1
            out[i] = numerator / denominator
        else:
            out[i] = value if i == 0 else out[i - 1] + alpha * (value - out[i - 1])
    return out


def averages_in_time(values: Longs, times: Ints, tau: np.longdouble) -> Longs:
    """Exponential average by event time. Of several observations with one time the last replaces the earlier ones.

    `times` never fall: they are the clock of the key, so a late observation replaces like an equal time.
    """
    out = np.empty(values.size, dtype=np.longdouble)
    before = None  # index of the last observation with an earlier time than the current one
    for i, value in enumerate(values):
        if i > 0 and times[i] != times[i - 1]:
            before = i - 1
        if before is None:
            out[i] = value
        else:
            alpha = -np.expm1(-np.longdouble(times[i] - times[before]) / tau)
            out[i] = out[before] + alpha * (value - out[before])
    return out
