"""A what-if's effect split among its instruments: one at a time in the stated order, in reverse, and the mean of both.

An instrument's part depends on what came before it. Where two instruments do the same thing, the first to come gets all of
it: the difference between the two orders says how much of a part is owed to the order alone.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from forecast.catalogue.load import Catalogue, open_catalogue
from forecast.contract import BadInput
from forecast.inputs import build_inputs
from forecast.model import run
from forecast.names import TERMS
from forecast.regime import Move, Regime, instruments_of, lineage, overlays_of, parted
from forecast.rows import PROBABILITIES, grouped, long_rows, quantiles
from forecast.scenario import Scenario

VARIABLES = ("compute_nominal", "compute_training", "compute_serving")
OWN, WHOLE = "own moves", "whole effect"
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


def parts_of(name: str, book: Mapping[str, Regime]) -> tuple[Part, ...]:
    """What a what-if adds to its parent, in the order stated; its own moves come last."""
    regime = lineage(name, book)[-1]
    if regime.status != "what_if" or regime.parent is None:
        raise BadInput("only a what-if with a parent can be split", found=name, expected="a regime of params/regimes/what_if")
    pieces = [Part(piece.name, piece.moves) for piece in instruments_of(regime, book)]
    return (*pieces, *([Part(OWN, regime.moves)] if regime.moves else []))


def split_effect(scenario: Scenario, name: str, catalogue: Catalogue | None = None) -> pd.DataFrame:
    """Long rows (COLUMNS): the paired effect of a what-if on its parent, whole and by instrument, at the end of quarters.

    `name` may carry overlays, which then lie on both sides. `order` is stated, reverse, mean, or order effect (stated less
    reverse). The parts of an order add up to the whole draw by draw, so their means do; quantiles of parts do not add up.
    """
    catalogue = catalogue or open_catalogue()
    parts = parts_of(name, catalogue.regimes)
    count = len(parts)
    stated = [parts[:k] for k in range(count + 1)]
    reverse = [parts[count - k :] for k in range(count + 1)]
    stocks = {chosen: _stocks(scenario, name, chosen, catalogue) for chosen in dict.fromkeys([*stated, *reverse])}
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
    return pd.concat(frames, ignore_index=True).assign(regime=name)[list(COLUMNS)]


def _stocks(scenario: Scenario, name: str, chosen: tuple[Part, ...], catalogue: Catalogue) -> dict[str, xr.DataArray]:
    """Stocks by channel under the parent and the chosen parts of a what-if (channel, bound, draw), in double precision."""
    book = catalogue.regimes
    regime, overlays = lineage(name, book)[-1], [overlay.name for overlay in overlays_of(name, book)]
    kept = [part.name for part in chosen]
    own = next((part.moves for part in chosen if part.name == OWN), ())
    some = regime.model_copy(update={"instruments": tuple(n for n in regime.instruments if n in kept), "moves": own})
    one = scenario.model_copy(update={"regimes": ("+".join((parted(name)[0], *overlays)),)})
    result = run(build_inputs(one, replace(catalogue, regimes={**book, regime.name: some})))
    return {variable: grouped(result[variable].isel(regime=0, drop=True)).astype(float) for variable in VARIABLES}


def _rows(variable: str, part: Part, place: int, effects: Mapping[str, xr.DataArray]) -> pd.DataFrame:
    """Quantiles and mean of one part's effect in each order as long rows."""
    frames = []
    for order, change in effects.items():
        last = change.transpose(..., "draw")
        numbers = np.concatenate([quantiles(last.values), last.values.mean(axis=-1)[None]])
        rows = long_rows(f"effect:{variable}", TERMS[variable].unit, numbers, [*PROBABILITIES, "mean"], last)
        frames.append(rows.assign(order=order))
    return pd.concat(frames).assign(instrument=part.name, place=place, placeholder_share=part.placeholder_share)
