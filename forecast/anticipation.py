"""What is expected before it holds: the days between the first word of a rule and its effect."""

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from forecast.regime import LEVERS, Move, Regime, days_in_force, origin, resolve


def first_word(move: Move, name: str, book: Mapping[str, Regime]) -> dt.date:
    """The day from which buyers reckon with a move: expected, else announced, by the file in which it is written."""
    layer = origin(move, name, book)
    return layer.expected_from or layer.announced


def days_between(start: dt.date, end: dt.date, quarters: pd.DatetimeIndex) -> np.ndarray:
    """Share of the days from start to before end that falls into each quarter (quarter,); zero where end is not after start."""
    if end <= start:
        return np.zeros(len(quarters))
    inside = days_in_force([start, end], quarters)[1]
    lengths = (quarters + pd.offsets.QuarterBegin(startingMonth=1) - quarters) / pd.Timedelta(days=1)
    return np.asarray(inside * lengths.to_numpy() / (end - start).days)


def expected_falls(name: str, book: Mapping[str, Regime], lever: str, quarters: pd.DatetimeIndex, after: dt.date) -> np.ndarray:
    """Coming falls of a scalar lever, each spread over the days between the first word of it and its effect (quarter,).

    Only moves that take effect after the day `after` count: earlier ones are in the observations. In the lever's unit.
    """
    steps = sorted((move for move in resolve(name, book) if move.lever == lever), key=lambda move: move.since)
    out, before = np.zeros(len(quarters)), LEVERS[lever].default
    for move in steps:
        value = move.value if isinstance(move.value, float) else LEVERS[lever].default
        if move.since > after and value < before:
            out += (before - value) * days_between(first_word(move, name, book), move.since, quarters)
        before = value
    return out
