"""What the American government takes of a sale: levies with the bands of items they fall on, at the rates of scalar levers."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from forecast.items import facts_of
from forecast.regime import Move, days_in_force, state_on
from forecast.stages.permissions import MET, Facts, catches


class Levied(NamedTuple):
    """A levy that falls on an item: its lever, paragraph, rate as a share of the value, conditions, lever of the rate."""

    lever: str
    paragraph: str
    rate: float
    conditions: tuple[str, ...]
    rate_of: str


def levied(facts: Facts, moves: Sequence[Move], day: dt.date, to: str) -> tuple[Levied, ...]:
    """Levies that fall on one item (facts of shape (1,)) for a destination on a day."""
    state = state_on(moves, day)
    return tuple(
        Levied(lever, rule.paragraph, state.scalars[rule.rate_of], rule.conditions, rule.rate_of)
        for lever, rule in state.levies.items()
        if rule.rate_of is not None and to in rule.destinations and catches(rule.provision(lever), facts)[0] == MET
    )


def levy(chips: pd.DataFrame, moves: Sequence[Move], quarters: pd.DatetimeIndex) -> np.ndarray:
    """Duty and revenue share on each chip on its way to China, as a share of its value (chip, quarter). [1]

    The bands and names of each levy say which chips it falls on, its scalar lever says the rate, days in force the weight.
    """
    facts = facts_of(chips)
    first, last = quarters[0].date(), (quarters[-1] + pd.offsets.QuarterBegin(startingMonth=1)).date()
    days = [first, *sorted({move.since for move in moves if first < move.since < last and _levies(move)})]
    rates = []
    for day in days:
        state = state_on(moves, day)
        caught = [
            state.scalars[rule.rate_of] * (catches(rule.provision(lever), facts) == MET)
            for lever, rule in state.levies.items()
            if rule.rate_of is not None and "CN" in rule.destinations
        ]
        rates.append(np.sum(caught, axis=0) if caught else np.zeros(len(chips)))
    weighed: np.ndarray = np.array(rates, dtype=float).T @ days_in_force(days[1:], quarters)
    return weighed


def _levies(move: Move) -> bool:
    """Whether a move can change what is levied: a levy itself, a rate, or a group of countries."""
    return move.kind in ("levy", "group") or move.lever in ("duty", "revenue_share")
