"""What is expected before it holds: the days between the first word of a rule and its effect."""

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from forecast.regime import LEVERS, Move, Regime, days_in_force, origin, resolve, steps_of


def first_word(move: Move, name: str, book: Mapping[str, Regime]) -> dt.date:
    """The day from which buyers reckon with a move: expected, else announced, by the file in which it is written."""
    layer = origin(move, name, book)
    return layer.expected_from or layer.announced


RUSH = 30
"""Days of notice in which buyers can do all they would: the memory rush of December 2024 took one month."""


def days_between(start: dt.date, end: dt.date, quarters: pd.DatetimeIndex) -> np.ndarray:
    """What buyers do between the first word and the effect of a rule, by quarter (quarter,): spread over the days between.

    Adds up to one, to less where there are fewer than RUSH days, to zero where end is not after start.
    """
    if end <= start:
        return np.zeros(len(quarters))
    days = (end - start).days
    inside = days_in_force([start, end], quarters)[1]
    lengths = (quarters + pd.offsets.QuarterBegin(startingMonth=1) - quarters) / pd.Timedelta(days=1)
    return np.asarray(inside * lengths.to_numpy() / days * min(days / RUSH, 1.0))


def expected_falls(
    name: str,
    book: Mapping[str, Regime],
    lever: str,
    quarters: pd.DatetimeIndex,
    after: dt.date,
    firm: str = "",
    country: str = "",
) -> np.ndarray:
    """Coming falls of a scalar lever, each spread over the days between the first word of it and its effect (quarter,).

    In the lever's unit, below its value at the first word: what rises and falls back was never expected to be missing. Only moves
    that take effect after the day `after` count, and only what is done from that day on: the rest is in the observations.
    """
    steps = steps_of(resolve(name, book), lever, firm, country)
    out, before = np.zeros(len(quarters)), LEVERS[lever].default
    for move in steps:
        value, word = _value(move), first_word(move, name, book)
        at_word = next((_value(step) for step in reversed(steps) if step.since <= word), LEVERS[lever].default)
        fall = min(before, at_word) - value
        if move.since > after and fall > 0:
            out += fall * days_between(word, move.since, quarters)
        before = value
    return np.where(quarters.date >= after, out, 0.0)


def _value(move: Move) -> float:
    """What a move sets its scalar lever to."""
    return move.value if isinstance(move.value, float) else LEVERS[move.lever].default
