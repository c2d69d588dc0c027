"""What is derived from a finished run and its inputs, draw by draw: the vocabulary, the seal, and the American fleet."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from forecast.contract import BadInput, Breach
from forecast.names import CHANNELS, Term, parse_quarter
from forecast.stages import fleet

PLACES = ("onshore", "offshore", "accessible")
"""Where a run can take place: in China, abroad, or wherever it is larger."""

RUN_LIMITS = ("the owner's stock", "the size of one system")
"""What limits the largest run at home."""

RECIPIENTS = ("American vendors", "US Treasury", "middlemen", "Chinese vendors")
"""Who gets the money that Chinese buyers spend."""

BY_PLACE = ("regime", "channel", "bound", "draw")
LEVEL = ("regime", "bound", "draw")
FLOW = ("regime", "quarter", "draw")

DERIVED: dict[str, Term] = {
    "largest_system": Term(BY_PLACE, "H100e", "stock", "Usable compute that one owner can put on one run in one place."),
    "largest_run": Term(BY_PLACE, "FLOP", "level", "Largest feasible training run."),
    "largest_model": Term(BY_PLACE, "parameter", "level", "Parameters of the compute-optimal dense model of that run."),
    "run_after_closure": Term(LEVEL, "FLOP", "level", "Largest run if nothing rented abroad can be used."),
    "run_exposed": Term(LEVEL, "1", "ratio", "Part of the largest accessible run that closure would take.", high=1.0),
    "run_limit": Term(LEVEL, "1", "code", "What limits the largest run at home.", high=1.0),
    "us_largest_run": Term(LEVEL, "FLOP", "level", "Largest feasible training run of the largest American laboratory."),
    "lag_months": Term(BY_PLACE, "month", "level", "Months since the largest American run had the size of China's."),
    "lab_ratio": Term(
        ("regime", "lab", "bound", "draw"),
        "1",
        "ratio",
        "Compute of an American laboratory over the largest Chinese one's.",
    ),
    "effective_run": Term(BY_PLACE, "FLOP", "level", "Largest run counted in operations of the dense methods of end-2023."),
    "effective_lag": Term(BY_PLACE, "month", "level", "The lag in effective operations."),
    "active_parameters": Term(BY_PLACE, "parameter", "level", "Parameters at work per token under efficient methods."),
    "held_parameters": Term(BY_PLACE, "parameter", "level", "Parameters held in memory under efficient methods."),
    "rate_per_kw": Term(LEVEL, "H100e/kW", "ratio", "Rate of the Chinese running stock onshore over its chip power."),
    "us_rate_per_kw": Term(LEVEL, "H100e/kW", "ratio", "Rate of the American stock over its chip power."),
    "frontier_rate_per_kw": Term(("bound", "draw"), "H100e/kW", "ratio", "Best rate over chip power on the American market."),
    "efficiency_ratio": Term(LEVEL, "1", "ratio", "Rate per watt of the Chinese stock over that of the American one."),
    "receipts": Term(
        ("regime", "recipient", "channel", "quarter", "draw"), "bn USD/quarter", "flow", "Money of Chinese buyers, by recipient."
    ),
    "us_displaced": Term(FLOW, "H100e/quarter", "flow", "Compute that American buyers go without because China buys it."),
    "third_displaced": Term(FLOW, "H100e/quarter", "flow", "Compute that third countries go without because China buys it."),
    "third_compute": Term(LEVEL, "H100e", "stock", "Acquired stock of buyers outside China and America."),
}

CODES = {"run_limit": RUN_LIMITS}


def sealed(name: str, values: np.ndarray, like: Mapping[str, pd.Index], method: str) -> xr.DataArray:
    """One derived variable, checked against its Term and stamped with unit, sentence and method.

    `like` holds the labels of every dimension. Raises Breach where shape or range is not the vocabulary's or a value is missing.
    """
    term = DERIVED[name]
    wanted = tuple(len(like[dim]) for dim in term.dims)
    if values.shape != wanted:
        raise Breach(f"{name}: shape {values.shape}, the labels of {term.dims} have {wanted}")
    if not np.isfinite(values).all():
        raise Breach(f"{name}: missing or infinite values")
    if float(values.min()) < term.low or float(values.max()) > term.high:
        raise Breach(f"{name}: values from {values.min():.6g} to {values.max():.6g}, allowed {term.low:g} to {term.high:g}")
    attrs: dict[str, object] = {"units": term.unit, "long_name": term.about, "kind": term.kind, "method": method}
    if name in CODES:
        attrs |= {"flag_values": list(range(len(CODES[name]))), "flag_meanings": " ".join(CODES[name]).replace(" ", "_")}
    return xr.DataArray(values, dims=term.dims, coords={dim: like[dim] for dim in term.dims}, name=name, attrs=attrs)


def labels(result: xr.Dataset, **more: list[str] | tuple[str, ...]) -> dict[str, pd.Index]:
    """Labels of a run by dimension, with those of dimensions that are added or replaced."""
    held = {str(dim): result.indexes[dim] for dim in result.dims}
    return held | {dim: pd.Index(list(names), name=dim) for dim, names in more.items()}


def plain(dataset: xr.Dataset, name: str, *dims: str) -> np.ndarray:
    """One variable as doubles with its dimensions in the order asked, or in its own."""
    array = dataset[name].transpose(*dims) if dims else dataset[name]
    return np.asarray(array.values, dtype=float)


def attrition_left(inputs: xr.Dataset) -> np.ndarray:
    """Share of a cohort with vendor support that is left by age in quarters (age, draw). [1]"""
    ages = np.arange(inputs.sizes["quarter"]) + 0.5
    return fleet.survival(ages, *(plain(inputs, name) for name in ("economic_life", "wear_shape", "attrition")))


def american_fleet(inputs: xr.Dataset, result: xr.Dataset) -> np.ndarray:
    """Chips that American companies hold (regime, gpu_class, bound, draw): additions by class, aged as the model ages them.

    Scaled world by world so that the rate of all classes is `us_compute`: what goes to China instead is missing in all alike.
    """
    chips = fleet.stock(plain(inputs, "us_additions", "gpu_class", "quarter", "draw"), attrition_left(inputs))
    rate = np.einsum("cbd,cd->bd", chips, plain(inputs, "h100e", "gpu_class", "draw"))
    scale = plain(result, "us_compute", "regime", "bound", "draw") / np.maximum(rate, 1e-9)
    return np.asarray(scale[:, None] * chips)


def asked_quarter(text: str) -> np.datetime64:
    """First day of a quarter that a person asked for. Raises BadInput where the text is none."""
    try:
        return parse_quarter(text)
    except ValueError as problem:
        raise BadInput("not a quarter", key="quarter", found=text, expected=str(problem)) from None


def onshore(array: np.ndarray, axis: int) -> np.ndarray:
    """The sum over the channels that bring chips into China."""
    here = [CHANNELS.index(name) for name in CHANNELS if name != "offshore"]
    return np.asarray(np.take(array, here, axis=axis).sum(axis=axis))
