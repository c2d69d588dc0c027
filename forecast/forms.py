"""Structural forks: the spread between forms beside the spread within, each form run on the same worlds."""

import numpy as np
import pandas as pd
import xarray as xr

from forecast.catalogue.load import Catalogue, open_catalogue
from forecast.contract import BadInput
from forecast.inputs import build_inputs, in_forms
from forecast.model import stock_at
from forecast.names import FORKS
from forecast.rows import grouped, quantiles
from forecast.scenario import Scenario

COLUMNS = (
    "fork", "form", "weight", "what", "regime", "channel", "bound", "unit", "p05", "p50", "p95", "between", "within",
    "variance_share",
)  # fmt: skip


def between_forms(scenario: Scenario, bound: str, channel: str = "onshore", catalogue: Catalogue | None = None) -> pd.DataFrame:
    """The stock of the first regime and the effect of each other one at a bound (a day), form by form. [H100e]

    All worlds of the scenario run once under each form of each fork that it does not fix; the other forks stay as sampled.
    Columns COLUMNS: quantiles under a form; `between`, the median over worlds of the second form less the first; `within`, half
    the mean width of the two 90 % intervals; `variance_share`, the part of the variance of the weighted mixture that the mean
    difference makes. Raises BadInput for a day that is no bound of the run.
    """
    catalogue = catalogue or open_catalogue()
    inputs = build_inputs(scenario, catalogue)
    moment = _bound(inputs, bound)
    weights = catalogue.table("forks.csv").set_index(["fork", "form"])["weight"]
    rows: list[tuple[object, ...]] = []
    for fork in [name for name in FORKS if name not in scenario.forks]:
        fixed = [scenario.model_copy(update={"forks": {**scenario.forks, fork: form}}) for form in FORKS[fork]]
        first, second = (_worlds(in_forms(inputs, one, catalogue), moment, channel) for one in fixed)
        share = float(weights[(fork, FORKS[fork][0])])
        for what, regime in first:
            pair = first[(what, regime)], second[(what, regime)]
            rows += _side_by_side(fork, share, pair, (what, regime, channel, bound))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _worlds(inputs: xr.Dataset, moment: np.datetime64, channel: str) -> dict[tuple[str, str], np.ndarray]:
    """Draws of the base stock and of each paired effect."""
    stock = grouped(stock_at(inputs, moment)["compute_nominal"]).sel(channel=channel).transpose("regime", "draw")
    base = str(stock["regime"].values[0])
    level = stock.values.astype(float)
    effects = {("effect", str(name)): level[k] - level[0] for k, name in enumerate(stock["regime"].values) if k}
    return {("stock", base): level[0]} | effects


def _bound(inputs: xr.Dataset, day: str) -> np.datetime64:
    """A day as a bound of the run. Raises BadInput where it is none."""
    moment = np.datetime64(day, "ns")
    if moment not in inputs["bound"].values:
        last = str(inputs["bound"].values[-1])[:10]
        raise BadInput("no bound of the run", found=day, expected=f"the first day of a quarter, at most {last}")
    return moment


def _side_by_side(
    fork: str, share: float, pair: tuple[np.ndarray, np.ndarray], what: tuple[str, str, str, str]
) -> list[tuple[object, ...]]:
    """Rows of one quantity in one fork; share is the weight of the first form."""
    found = [quantiles(part)[[0, 2, 4]] for part in pair]
    between = float(np.median(pair[1] - pair[0]))
    within = float(np.mean([(q[2] - q[0]) / 2 for q in found]))
    apart = share * (1.0 - share) * float(pair[1].mean() - pair[0].mean()) ** 2
    whole = apart + share * float(pair[0].var()) + (1.0 - share) * float(pair[1].var())
    part = apart / whole if whole > 0 else 0.0
    return [
        (fork, form, weight, *what, "H100e", *(float(v) for v in q), between, within, part)
        for form, weight, q in zip(FORKS[fork], (share, 1.0 - share), found, strict=True)
    ]
