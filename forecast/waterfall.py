"""A what-if's effect split among its instruments: one at a time in the stated order, in reverse, and the mean of both.

An instrument's part depends on what came before it. Where two instruments do the same thing, the first to come gets all of
it: the difference between the two orders says how much of a part is owed to the order alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from forecast.catalogue.load import Catalogue, open_catalogue, with_own
from forecast.contract import BadInput
from forecast.inputs import build_inputs
from forecast.model import run, stock_at
from forecast.names import TERMS, bounds_of, parse_quarter
from forecast.regime import Move, Regime, instruments_of, lineage, overlays_of
from forecast.rows import PROBABILITIES, grouped, long_rows, quantiles
from forecast.scenario import Scenario

VARIABLES = ("compute_nominal", "compute_training", "compute_serving")
OWN, WHOLE = "own moves", "whole effect"
TOGETHER, BLOCK = 7, 256
"""Regimes in one run and draws in one of its blocks: the memory that a run takes."""

COLUMNS = (
    "regime", "instrument", "place", "order", "placeholder_share",
    "variable", "unit", "channel", "quarter", "statistic", "value",
)  # fmt: skip


class Part(NamedTuple):
    """One instrument of a what-if, or its own moves: name and settings."""

    name: str
    moves: tuple[Move, ...]

    @property
    def placeholder_share(self) -> float:
        """Share of the lever settings that are our placeholder (tag M). [1]"""
        return sum(move.tag == "M" for move in self.moves) / len(self.moves)


Parts = tuple[Part, ...]


def parts_of(name: str, book: Mapping[str, Regime]) -> Parts:
    """What a what-if adds to its parent, in the order stated; its own moves come last."""
    regime = lineage(name, book)[-1]
    if regime.status != "what_if" or regime.parent is None:
        raise BadInput("only a what-if with a parent can be split", found=name, expected="a regime of params/regimes/what_if")
    pieces = [Part(piece.name, piece.moves) for piece in instruments_of(regime, book)]
    return (*pieces, *([Part(OWN, regime.moves)] if regime.moves else []))


def divisible(scenario: Scenario, catalogue: Catalogue) -> list[str]:
    """The regimes of a scenario that are what-ifs of more than one part, so that there is something to split."""
    book = with_own(catalogue, scenario).regimes
    return [
        name
        for name in scenario.regimes
        if lineage(name, book)[-1].status == "what_if" and lineage(name, book)[-1].parent and len(parts_of(name, book)) > 1
    ]


def split_effect(scenario: Scenario, name: str, catalogue: Catalogue | None = None) -> pd.DataFrame:
    """Long rows (COLUMNS): the paired effect of a what-if on its parent, whole and by instrument, at the end of quarters.

    `name` may carry overlays, which then lie on both sides. `order` is stated, reverse, mean, or order effect (stated less
    reverse). The parts of an order add up to the whole draw by draw, so their means do; quantiles of parts do not add up.
    """
    return split_effects(scenario, [name], catalogue)


def split_effects(
    scenario: Scenario, names: Sequence[str], catalogue: Catalogue | None = None, quarter: str | None = None
) -> pd.DataFrame:
    """The splits of several what-ifs as in `split_effect`, on one set of draws; at the end of one quarter if one is named.

    Every subset of instruments that an order passes through is a regime of one Dataset of inputs: the draws are made once.
    """
    catalogue = with_own(catalogue or open_catalogue(), scenario)
    parts = {name: parts_of(name, catalogue.regimes) for name in names}
    needed = {(name, chosen): _world(name, chosen, catalogue.regimes) for name in names for chosen in _subsets(parts[name])}
    first = {world: key for key, world in reversed(needed.items())}
    stocks = _stocks(scenario, list(first.values()), catalogue, quarter)
    found = {key: stocks[first[world]] for key, world in needed.items()}
    frames = [_split(name, parts[name], {chosen: found[name, chosen] for chosen in _subsets(parts[name])}) for name in names]
    return pd.concat(frames, ignore_index=True)[list(COLUMNS)]


def _world(name: str, chosen: Parts, book: Mapping[str, Regime]) -> tuple[object, ...]:
    """What tells worlds apart: without any part, bundles of one parent and the same overlays are one world."""
    overlays = tuple(overlay.name for overlay in overlays_of(name, book))
    parent = lineage(name, book)[-1].parent
    return (parent, overlays) if not chosen else (name, chosen)


def _stated(parts: Parts) -> list[Parts]:
    """Nothing, the first part, the first two, ... all of them."""
    return [parts[:k] for k in range(len(parts) + 1)]


def _reverse(parts: Parts) -> list[Parts]:
    """Nothing, the last part, the last two, ... all of them."""
    return [parts[len(parts) - k :] for k in range(len(parts) + 1)]


def _subsets(parts: Parts) -> list[Parts]:
    """Every subset that one of the two orders passes through, once."""
    return list(dict.fromkeys([*_stated(parts), *_reverse(parts)]))


def _split(name: str, parts: Parts, stocks: Mapping[Parts, Mapping[str, xr.DataArray]]) -> pd.DataFrame:
    """Long rows of one what-if from the stocks under each subset of its parts."""
    stated, reverse, count = _stated(parts), _reverse(parts), len(parts)
    frames = []
    for variable in VARIABLES:
        stock = {chosen: found[variable] for chosen, found in stocks.items()}
        whole = Part(WHOLE, tuple(move for part in parts for move in part.moves))
        frames.append(_rows(variable, whole, 0, {"whole": stock[parts] - stock[()]}))
        for k, part in enumerate(parts):
            first = stock[stated[k + 1]] - stock[stated[k]]
            last = stock[reverse[count - k]] - stock[reverse[count - k - 1]]
            orders = {"stated": first, "reverse": last, "mean": (first + last) / 2, "order effect": first - last}
            frames.append(_rows(variable, part, k + 1, orders))
    return pd.concat(frames, ignore_index=True).assign(regime=name)


Chosen = tuple[str, Parts]
"""A what-if and some of its parts."""


def _stocks(
    scenario: Scenario, wanted: Sequence[Chosen], catalogue: Catalogue, quarter: str | None
) -> dict[Chosen, dict[str, xr.DataArray]]:
    """Stocks by channel under the parent and the chosen parts of what-ifs (channel, bound, draw), in double precision."""
    book, labels = dict(catalogue.regimes), list[str]()
    for place, (name, chosen) in enumerate(wanted):
        regime = lineage(name, catalogue.regimes)[-1]
        overlays = [overlay.name for overlay in overlays_of(name, catalogue.regimes)]
        own = next((part.moves for part in chosen if part.name == OWN), ())
        kept = tuple(each for each in regime.instruments if each in [part.name for part in chosen])
        alias = f"part:{place}"
        book[alias] = regime.model_copy(update={"name": alias, "instruments": kept, "moves": own})
        labels.append("+".join((alias, *overlays)))
    many = scenario.model_copy(update={"regimes": tuple(labels)})
    inputs = build_inputs(many, replace(catalogue, regimes=book))
    found: dict[Chosen, dict[str, xr.DataArray]] = {}
    for first in range(0, len(labels), TOGETHER):
        some = slice(first, first + TOGETHER)
        result = _few(inputs.isel(regime=some), quarter)
        for place, key in enumerate(wanted[some]):
            one = result.isel(regime=place, drop=True)
            found[key] = {variable: grouped(one[variable]).astype(float) for variable in VARIABLES}
    return found


def _few(inputs: xr.Dataset, quarter: str | None) -> xr.Dataset:
    """The stocks that are split (regime, channel, bound, draw), at the end of one quarter if one is named."""
    if quarter is None:
        return run(inputs, block=BLOCK)[list(VARIABLES)]
    end = bounds_of(pd.DatetimeIndex([parse_quarter(quarter)]))[1]
    return stock_at(inputs, end, VARIABLES, block=BLOCK).expand_dims(bound=[end], axis=2)


def _rows(variable: str, part: Part, place: int, effects: Mapping[str, xr.DataArray]) -> pd.DataFrame:
    """Quantiles and mean of one part's effect in each order as long rows."""
    frames = []
    for order, change in effects.items():
        last = change.transpose(..., "draw")
        numbers = np.concatenate([quantiles(last.values), last.values.mean(axis=-1)[None]])
        rows = long_rows(f"effect:{variable}", TERMS[variable].unit, numbers, [*PROBABILITIES, "mean"], last)
        frames.append(rows.assign(order=order))
    return pd.concat(frames).assign(instrument=part.name, place=place, placeholder_share=part.placeholder_share)
