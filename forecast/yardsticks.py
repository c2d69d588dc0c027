"""One stock in any unit: 8-bit H100e, TPP, 4-bit, 16-bit EFLOPS, bandwidth, chips, gigawatts, dollars; and where ranks change.

Units stand in params/units.csv, each with what it counts and how much of that makes one unit. Chinese stock: acquired, onshore.
American stock: acquired, by owner. Compute rented abroad has no classes and is left out.
"""

from itertools import combinations

import numpy as np
import pandas as pd
import xarray as xr

from forecast.catalogue.load import Catalogue, nearest
from forecast.contract import BadInput
from forecast.derived import american_fleet, asked_quarter, onshore, plain
from forecast.inputs.answers import product_of
from forecast.names import H100_DENSE_8BIT, bounds_of

REFERENCE = "h100e"
"""The headline unit, with which others are compared."""

TIE = 1e-3
"""Differences below this share of the larger stock are no ranking."""

COUNTRIES = ("China", "United States")


def units_table(catalogue: Catalogue) -> pd.DataFrame:
    """The conversion table by unit: label, counts, amount, of (COUNTED of the catalogue's schema)."""
    return catalogue.table("units.csv").set_index("unit")


def convert(amount: float, unit: str, to: str, table: pd.DataFrame) -> float:
    """An amount of one unit in another that counts the same fact, or 8-bit, 16-bit rate and TPP by the H100's sheet.

    Raises BadInput for an unknown unit, or for two units whose ratio depends on the chip.
    """
    one, other = (_row(name, table) for name in (unit, to))
    per = {"rate_8bit": 1.0, "rate_16bit": 2.0, "tpp": 1.0 / 8.0}
    if one["counts"] == other["counts"]:
        return float(amount * one["amount"] / other["amount"])
    if one["counts"] not in per or other["counts"] not in per:
        raise BadInput(
            "two units whose ratio depends on the chip", found=f"{unit} to {to}", mend="convert a stock by class: stocks_in_units"
        )
    return float(amount * one["amount"] * per[str(one["counts"])] / (other["amount"] * per[str(other["counts"])]))


def _row(unit: str, table: pd.DataFrame) -> pd.Series:
    """One unit of the table."""
    if unit not in table.index:
        raise BadInput("an unknown unit", found=unit, expected=", ".join(table.index), mend=nearest(unit, table.index))
    return table.loc[unit]


def facts_of_chips(inputs: xr.Dataset, catalogue: Catalogue) -> dict[str, np.ndarray]:
    """What one chip of each class counts in each kind of unit (gpu_class, draw); money is (gpu_class, bound, draw).

    Rates follow the 8-bit rate of each draw in the proportions of the chip's sheet; where a sheet is silent, TPP is 8 times, the
    16-bit rate half and the 4-bit rate once the 8-bit rate. A vendor's answer has the proportions of
    its product. Money is the list price of the quarter that a bound closes.
    """
    chips = catalogue.table("gpus/classes.csv").set_index("gpu_class")["chip"]
    sheet = catalogue.chips.loc[chips.loc[[product_of(name) for name in inputs["gpu_class"].values]]]
    eight = sheet["dense_8bit"].to_numpy(float)

    def per_rate(column: str, silent: float, least: float = 0.0) -> np.ndarray:
        ratio = np.maximum(sheet[column].to_numpy(float) / eight, least)
        return np.where(np.isnan(ratio), silent, ratio)[:, None]

    rate = plain(inputs, "h100e", "gpu_class", "draw") * H100_DENSE_8BIT
    price = plain(inputs, "list_price", "gpu_class", "quarter", "draw")
    return {
        "rate_8bit": rate,
        "tpp": rate * per_rate("tpp", 8.0),
        "rate_4bit": rate * per_rate("dense_4bit", 1.0, 1.0),
        "rate_16bit": rate * per_rate("dense_16bit", 0.5),
        "bandwidth": plain(inputs, "bandwidth", "gpu_class", "draw"),
        "chips": np.ones_like(rate),
        "power": plain(inputs, "tdp", "gpu_class", "draw") * plain(inputs, "power_overhead"),
        "money": np.concatenate([price[:, :1], price], axis=1),
    }


def stocks_in_units(inputs: xr.Dataset, result: xr.Dataset, catalogue: Catalogue) -> xr.DataArray:
    """Acquired stocks in every unit of params/units.csv (unit, country, regime, bound, draw); the unit of each row is its label.

    China: onshore; United States: by owner, wherever it stands.
    """
    table, facts = units_table(catalogue), facts_of_chips(inputs, catalogue)
    chinese = onshore(np.asarray(result["fleet_acquired"].transpose("regime", "gpu_class", "channel", "bound", "draw").values), 2)
    fleets = (chinese.astype(float), american_fleet(inputs, result))
    shape = (len(table), len(fleets), *(result.sizes[dim] for dim in ("regime", "bound", "draw")))
    out = np.empty(shape, dtype=np.float32)
    for k, (counts, amount) in enumerate(zip(table["counts"], table["amount"], strict=True)):
        fact = facts[str(counts)] / amount
        shaped = fact[:, None, :] if fact.ndim == 2 else fact
        for c, chips in enumerate(fleets):
            out[k, c] = np.einsum("rcbd,cbd->rbd", chips, np.broadcast_to(shaped, chips.shape[1:]), optimize=True)
    coords = {
        "unit": list(table.index), "country": list(COUNTRIES), "label": ("unit", table["label"].to_numpy(str)),
        **{dim: result[dim].values for dim in ("regime", "bound", "draw")},
    }  # fmt: skip
    attrs = {
        "long_name": "Acquired stock by unit",
        "units": "the unit of the row",
        "method": "chips by class times params/units.csv",
    }
    return xr.DataArray(out, dims=("unit", "country", "regime", "bound", "draw"), coords=coords, name="stock", attrs=attrs)


def rank_changes(stocks: xr.DataArray, quarters: list[str]) -> pd.DataFrame:
    """Where the order of two regimes (Chinese stock) or of the two countries differs from that in the headline unit.

    stocks as from `stocks_in_units`. One row for each pair, unit and quarter whose median difference has the other sign and is no
    tie in either unit. Columns: kind, quarter, unit, first, second, reference and other: median of first less second over the
    larger stock in the headline unit and in this unit; worlds: share of worlds in which the two units disagree. Empty: no
    warning.
    """
    rows: list[tuple[object, ...]] = []
    for quarter in quarters:
        at = stocks.sel(bound=np.datetime64(bounds_of(pd.DatetimeIndex([asked_quarter(quarter)]))[1], "ns"))
        pairs = [("regimes", *pair) for pair in combinations(map(str, stocks["regime"].values), 2)]
        pairs += [(f"countries, {regime}", *COUNTRIES) for regime in map(str, stocks["regime"].values)]
        for kind, first, second in pairs:
            rows += _turned(at, kind, first, second, quarter)
    return pd.DataFrame(rows, columns=["kind", "quarter", "unit", "first", "second", "reference", "other", "worlds"])


def _turned(at: xr.DataArray, kind: str, first: str, second: str, quarter: str) -> list[tuple[object, ...]]:
    """Rows of one pair at one bound."""
    gaps = {str(unit): _gap(at.sel(unit=unit), kind, first, second) for unit in at["unit"].values}
    base = gaps[REFERENCE]
    middle = float(np.median(base))
    found: list[tuple[object, ...]] = []
    for unit, gap in gaps.items():
        here = float(np.median(gap))
        if here * middle < 0 and min(abs(here), abs(middle)) > TIE:
            worlds = float((gap * base < 0).mean())
            found.append((kind.split(",")[0], quarter, unit, *_names(kind, first, second), middle, here, worlds))
    return found


def _gap(at: xr.DataArray, kind: str, first: str, second: str) -> np.ndarray:
    """First less second over the larger of the two, world by world (draw,). [1]"""
    if kind == "regimes":
        one, other = (at.sel(country=COUNTRIES[0], regime=name).values for name in (first, second))
    else:
        one, other = (at.sel(country=name, regime=kind.split(", ")[1]).values for name in (first, second))
    larger = np.maximum(np.maximum(one, other), 1e-12)
    return np.asarray((one.astype(float) - other) / larger)


def _names(kind: str, first: str, second: str) -> tuple[str, str]:
    """What a reader sees of a pair: the regime goes with the countries."""
    regime = "" if kind == "regimes" else f" ({kind.split(', ')[1]})"
    return first + regime, second + regime
