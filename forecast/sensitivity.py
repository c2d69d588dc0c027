"""What drives a number: each input of a finished run against one outcome, draw by draw, sorted by effect."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import norm, rankdata

from forecast.contract import BadInput
from forecast.names import CHANNELS, TERMS, bounds_of, label_quarter, parse_quarter
from forecast.rows import additions_h100e, grouped

TENTH = 0.1
FEWEST = 50
"""Draws below which a tenth of them says nothing."""

FALSE_ALARM = 0.05
"""Chance that any unrelated input at all rises above the noise."""

MADE_OF_OTHERS = (
    "best_domestic",
    "diverted_base",
    "vendor_supply",
    "list_price",
    "us_additions",
    "third_country_flow",
    "host_mw",
)
"""Variables of the inputs that follow from others there."""

COLUMNS = ("input", "about", "unit", "at", "rho", "median", "low", "high", "change", "mc_error", "within_noise")


@dataclass(frozen=True)
class Outcome:
    """One number of a run: a variable at the end of a quarter (a flow: in it), under a regime, or less it under another."""

    variable: str
    quarter: str
    regime: str
    channel: str = ""
    against: str = ""

    @property
    def words(self) -> str:
        """The outcome as a reader may name it."""
        less = f" less {self.against}" if self.against else ""
        return " · ".join(part for part in (self.variable, self.channel, self.quarter, self.regime + less) if part)


def outcome_draws(result: xr.Dataset, outcome: Outcome) -> np.ndarray:
    """The draws (draw,) of an outcome. Raises BadInput that lists what there is when a label does not exist."""
    names = [
        name for name in TERMS if name in result and set(result[name].dims) <= {"regime", "channel", "quarter", "bound", "draw"}
    ]
    _known(outcome.variable, [*names, "additions_h100e"], "variable")
    array = additions_h100e(result).sum("gpu_class") if outcome.variable == "additions_h100e" else result[outcome.variable]
    if "channel" in array.dims:
        array = grouped(array)
        _known(outcome.channel, [str(name) for name in array["channel"].values], "channel")
        array = array.sel(channel=outcome.channel)
    for regime in filter(None, (outcome.regime, outcome.against)):
        _known(regime, [str(name) for name in result["regime"].values], "regime")
    array = _at(array, outcome.quarter)
    level = array.sel(regime=outcome.regime).values.astype(float)
    return np.asarray(level - array.sel(regime=outcome.against).values.astype(float) if outcome.against else level)


def _known(found: str, allowed: Sequence[str], key: str) -> None:
    if found not in allowed:
        raise BadInput(f"an unknown {key} of an outcome", key=key, found=found, expected=", ".join(allowed))


def _at(array: xr.DataArray, quarter: str) -> xr.DataArray:
    """A variable in a quarter, or at the bound that closes it; one without time stays as it is."""
    for dim in {"quarter", "bound"} & set(array.dims):
        moment = parse_quarter(quarter)
        wanted = moment if dim == "quarter" else bounds_of(pd.DatetimeIndex([moment]))[1]
        if wanted not in array.indexes[dim]:
            ends = " to ".join(label_quarter(stamp) for stamp in array.indexes[dim][[0, -1]])
            raise BadInput("a quarter outside the run", key="quarter", found=quarter, expected=ends)
        return array.sel({dim: wanted})
    return array


def uncertain(inputs: xr.Dataset, quarter: str) -> dict[str, tuple[np.ndarray, str, str, str]]:
    """Every input that differs between draws, by name: its draws, what it is, unit, and when a path is read.

    Values of a class stand as name.class; what was observed is added up by channel. Left out is what follows from others.
    """
    found: dict[str, tuple[np.ndarray, str, str, str]] = {}
    for key, array in inputs.data_vars.items():
        name = str(key)
        about, unit = array.attrs.get("long_name", name), array.attrs.get("units", "1")
        dims = set(array.dims)
        if "draw" not in dims or name in MADE_OF_OTHERS:
            continue
        if name == "observed":
            found |= _observed(inputs)
        elif dims == {"gpu_class", "draw"}:
            for label in array["gpu_class"].values:
                found[f"{name}.{label}"] = (array.sel(gpu_class=label).values, f"{about}: {label}", unit, "")
        elif dims <= {"quarter", "bound", "draw"}:
            found[name] = (_at(array, quarter).values, about, unit, quarter if len(dims) > 1 else "")
    return {name: held for name, held in found.items() if np.ptp(held[0]) > 0}


def _observed(inputs: xr.Dataset) -> dict[str, tuple[np.ndarray, str, str, str]]:
    """H100e acquired up to the origin by channel, each class at its mean rate."""
    total = (inputs["observed"] * inputs["h100e"].mean("draw")).sum(["gpu_class", "quarter"])
    return {
        f"observed.{name}": (total.sel(channel=name).values, f"Acquired by the {name} channel up to the origin", "H100e", "")
        for name in CHANNELS
    }


def tornado(inputs: xr.Dataset, values: np.ndarray, quarter: str) -> pd.DataFrame:
    """Each uncertain input against an outcome (draw,), the largest effect first. Columns as COLUMNS.

    rho is Spearman's rank correlation; median is that of the outcome over all draws; low and high are its medians where the
    input is in its lower and its upper tenth of draws, change the second less the first with its Monte Carlo standard error
    (from order statistics). Paths are read in `quarter`. within_noise: |rho| is no more than the largest of as many unrelated
    inputs would reach in one run of twenty. Correlated inputs carry one another's effect.
    """
    values = np.asarray(values, dtype=float)
    if inputs.sizes["draw"] != len(values):
        raise BadInput("inputs and outcome are not of one run", found=f"{inputs.sizes['draw']} and {len(values)} draws")
    if len(values) < FEWEST:
        raise BadInput("too few draws to say what drives a number", found=len(values), expected=f"at least {FEWEST}")
    if not np.ptp(values) > 0:
        raise BadInput("an outcome that is the same in every draw", found=f"{values[0]:g}", mend="choose another outcome")
    held = uncertain(inputs, quarter)
    rho = rank_correlation(np.array([draws for draws, *_ in held.values()]).reshape(len(held), -1), values)
    middle = float(np.median(values))
    limit = noise(len(values), len(held))
    rows = []
    for (name, (draws, about, unit, at)), r in zip(held.items(), rho, strict=True):
        low, high, error = _tenths(draws, values)
        rows.append((name, about, unit, at, float(r), middle, low, high, high - low, error, bool(abs(r) <= limit)))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values("change", key=np.abs, ascending=False, kind="stable", ignore_index=True)


def rank_correlation(inputs: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation of each row (input, draw) with the values (draw,). [1]"""
    ranks, target = rankdata(inputs, axis=1), rankdata(values)
    ranks, target = ranks - ranks.mean(axis=1, keepdims=True), target - target.mean()
    spread = np.sqrt((ranks**2).sum(axis=1) * (target**2).sum())
    return np.asarray((ranks @ target) / spread)


def noise(draws: int, inputs: int) -> float:
    """Rank correlation that the largest of so many unrelated inputs exceeds in one run of twenty. [1]"""
    return float(norm.ppf(1 - FALSE_ALARM / (2 * max(inputs, 1))) / np.sqrt(draws - 1))


def _tenths(draws: np.ndarray, values: np.ndarray) -> tuple[float, float, float]:
    """Medians of the outcome in the lower and upper tenth of an input, and the standard error of their difference."""
    count = max(1, round(TENTH * len(draws)))
    order = np.argsort(draws, kind="stable")
    (low, low_error), (high, high_error) = (_median(values[part]) for part in (order[:count], order[-count:]))
    return low, high, float(np.hypot(low_error, high_error))


def _median(values: np.ndarray) -> tuple[float, float]:
    """Median and its standard error: half the distance between order statistics one binomial deviation either side."""
    ordered, middle, step = np.sort(values), (len(values) - 1) / 2, np.sqrt(len(values)) / 2
    places = np.clip([middle - step, middle + step], 0, len(values) - 1)
    low, high = np.interp(places, np.arange(len(values)), ordered)
    return float(np.median(values)), float(high - low) / 2
