"""Inputs as a notebook shows them: each with its passport, sampled paths, and what moves together."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from forecast.catalogue.load import load, open_catalogue, resolved
from forecast.desk.question import stated
from forecast.desk.view import Listed
from forecast.inputs import build_inputs
from forecast.sensitivity import rank_correlation
from forecast.tables import two_digits


def sampled(scenario: str, draws: int) -> xr.Dataset:
    """The inputs of a scenario, draw by draw."""
    return build_inputs(load(scenario).model_copy(update={"draws": draws}))


def input_table(scenario: str, word: str = "") -> Listed:
    """Every input of a scenario, or those whose name or description holds a word."""
    catalogue = open_catalogue()
    sources = catalogue.table("sources.csv").set_index("source")["publisher"]
    rows = [
        {
            "input": name, "what it is": held.about, "unit": "" if held.unit == "1" else held.unit.replace("**", "^"),
            "median (90% interval)": stated(held),
            "basis": f"{held.basis}, {held.confidence} confidence, {held.dated}",
            "source": "; ".join(dict.fromkeys(sources[key] for key in held.sources)), "why": held.reason,
        }
        for name, held in resolved(catalogue, load(scenario)).items()
        if word.lower() in f"{name} {held.about}".lower()
    ]  # fmt: skip
    return Listed(pd.DataFrame(rows), f"{len(rows)} inputs of {scenario}")


def least_certain(scenario: str, most: int = 12) -> Listed:
    """The inputs with the widest 90% interval, upper end over lower end; a path by its first year."""
    held = resolved(open_catalogue(), load(scenario))
    widest = sorted(held.items(), key=lambda pair: -pair[1].width)[:most]
    rows = [
        {"input": name, "what it is": q.about, "basis": q.basis,
         "upper over lower end": "from zero" if q.width == float("inf") else two_digits(q.width)}
        for name, q in widest
    ]  # fmt: skip
    return Listed(pd.DataFrame(rows), "Where we know least")


def correlations(inputs: xr.Dataset, at: str) -> Listed:
    """Pairs of inputs that move together: what was declared, what the draws show, and why."""
    table = open_catalogue().table("correlations.csv")
    rows = []
    for row in table.itertuples():
        one, other = (_read(inputs, name, at) for name in (row.name, row[2]))
        rho = float(rank_correlation(one[None], other)[0])
        rows.append(
            {
                "input": row.name,
                "moves with": row[2],
                "declared": _plus(row.rho),
                "in the draws": _plus(rho),
                "why": row.reason,
            }
        )
    note = f"Rank correlations; paths are read at {at}. A path drifts by itself, so its draws show a little less."
    return Listed(pd.DataFrame(rows), "Inputs that move together", note)


def _plus(rho: float) -> str:
    return f"{rho:+.2f}".replace("-", "−")


def _read(inputs: xr.Dataset, name: str, at: str) -> np.ndarray:
    """The draws of one input, at a quarter where it has quarters."""
    array = inputs[name]
    dims: Sequence[str] = [str(dim) for dim in array.dims if dim != "draw"]
    return array.sel({dims[0]: pd.Period(at).start_time}).values if dims else array.values
