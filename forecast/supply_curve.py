"""The supply curve of a good: price per usable H100e against cumulative quantity, the money, what is bought and what is left.

A curve is drawn for one world, so that its steps, its money and its purchases belong together: medians of steps would add up to
nobody's market. The world shown is the one whose money and offer lie closest to their medians, unless one is named.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from forecast.contract import BadInput
from forecast.model.offer import offer
from forecast.names import GOODS

COLUMNS = ("gpu_class", "channel", "price", "offered", "bought", "start", "end", "cost", "spent")
SEEN = 1e-6
"""Steps below this share of the whole offer are left out."""


class Curve(NamedTuple):
    """One good in one quarter, one regime and one world.

    table: a row per step, cheapest first, COLUMNS: price [USD/H100e], offered, bought, start and end (cumulative) [usable
    H100e/quarter], cost of the whole step and spent on it [bn USD]. money, spent and unmet [bn USD/quarter]; reach [usable
    H100e/quarter]: how far the money goes when the cheapest come first; mandate and barred [1]: shares of the money that buy
    Chinese chips first, and nothing else; typical: whether the world was chosen for lying closest to the medians.
    """

    quarter: str
    regime: str
    good: str
    draw: int
    table: pd.DataFrame
    money: float
    spent: float
    unmet: float
    reach: float
    mandate: float
    typical: bool = True
    barred: float = 0.0

    @property
    def all_bought(self) -> bool:
        """Whether nothing of the offer is left; money that is left beside an offer is barred from it."""
        return bool(self.table["bought"].sum() >= (1.0 - 1e-6) * self.table["offered"].sum())


def supply_curve(
    inputs: xr.Dataset, quarter: str, good: str = "training", regime: str | None = None, draw: int | None = None
) -> Curve:
    """The curve of a good in a forecast quarter under a regime (the first one), in one world.

    draw: label of the world; without it the typical one. Prices are per usable H100e of the good, with duty, premium and
    software. Raises BadInput for an unknown good, regime or world, or a quarter that is not forecast.
    """
    if good not in GOODS:
        raise BadInput("an unknown good", found=good, expected=", ".join(GOODS))
    if draw is not None and draw not in inputs["draw"].values:
        raise BadInput("an unknown world", key="draw", found=draw, expected=f"0 to {inputs['draw'].values[-1]}")
    held = offer(inputs, quarter, regime)
    of_good = held.sel(good=good)
    chosen = _typical(of_good) if draw is None else draw
    one = of_good.sel(draw=chosen)
    table = _steps(one)
    money, left = float(one["money"]) / 1e9, float(one["left"]) / 1e9
    return Curve(
        quarter, regime or str(inputs["regime"].values[0]), good, int(chosen), table, money, money - left, left,
        _reach(table, money), float(one["first"]), draw is None, float(one["barred"]),
    )  # fmt: skip


def _typical(of_good: xr.Dataset) -> int:
    """The world whose money and offer of a good lie closest to their medians, by logarithms."""
    usable = (of_good["offered"] * of_good["usable"]).sum("option").values
    away = np.zeros(of_good.sizes["draw"])
    for values in (usable, of_good["money"].values):
        logs = np.log(np.maximum(values, 1e-9))
        away += (logs - np.median(logs)) ** 2
    return int(of_good["draw"].values[away.argmin()])


def _steps(one: xr.Dataset) -> pd.DataFrame:
    """Steps of one world, cheapest first; among equal prices the largest first."""
    usable, price = one["usable"].values, one["price"].values
    amount = one["offered"].values * usable
    kept = amount > SEEN * amount.sum()
    table = pd.DataFrame({
        "gpu_class": one["gpu_class"].values[kept], "channel": one["channel"].values[kept], "price": (price / usable)[kept],
        "offered": amount[kept], "bought": (one["bought"].values * usable)[kept],
    })  # fmt: skip
    order = np.lexsort([-table["offered"], np.round(np.log(table["price"]), 9)])
    table = table.iloc[order].reset_index(drop=True)
    ends = table["offered"].cumsum()
    table = table.assign(start=ends - table["offered"], end=ends, cost=table["price"] * table["offered"] / 1e9)
    return table.assign(spent=table["price"] * table["bought"] / 1e9)[list(COLUMNS)]


def _reach(table: pd.DataFrame, money: float) -> float:
    """Usable H100e that the money buys when the cheapest come first; all of the offer where it suffices."""
    dear = table["cost"].cumsum().to_numpy()
    place = int(np.searchsorted(dear, money))
    if place >= len(table):
        return float(table["end"].iloc[-1])
    before = float(dear[place - 1]) if place else 0.0
    return float(table["start"].iloc[place] + (money - before) * 1e9 / table["price"].iloc[place])
