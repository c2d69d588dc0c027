"""Structural forks: the spread between forms beside the spread within, from the draws of one run."""

import numpy as np
import pandas as pd
import xarray as xr

from forecast.contract import BadInput
from forecast.names import FORKS
from forecast.rows import grouped, quantiles

COLUMNS = (
    "fork", "form", "share", "what", "regime", "channel", "bound", "unit", "p05", "p50", "p95", "between", "within",
    "variance_share",
)  # fmt: skip


def between_forms(result: xr.Dataset, bound: str, channel: str = "onshore") -> pd.DataFrame:
    """The stock of the first regime and the effect of each other one at a bound (a day), form by form. [H100e]

    One row for each fork, form and quantity, columns COLUMNS: quantiles over the draws of that form; `between` is the distance of
    the medians of the two forms, `within` half the mean width of their 90 % intervals, `variance_share` the share of the
    variance over all draws that goes with the form. A fork that a scenario fixed has one row and no distance. Raises BadInput for
    a day that is no bound of the run.
    """
    moment = np.datetime64(bound, "ns")
    if moment not in result["bound"].values:
        raise BadInput(
            "no bound of the run", found=bound, expected=f"a first day of a quarter to {result['bound'].values[-1]:.10}"
        )
    stock = grouped(result["compute_nominal"]).sel(bound=moment, channel=channel).transpose("regime", "draw")
    base = str(stock["regime"].values[0])
    worlds = {("stock", base): stock.values[0].astype(float)}
    for place, name in enumerate(stock["regime"].values[1:], start=1):
        worlds[("effect", str(name))] = stock.values[place].astype(float) - worlds[("stock", base)]
    rows = []
    for fork in FORKS:
        for (what, regime), values in worlds.items():
            rows += _by_form(fork, result[f"fork_{fork}"].values, values, (what, regime, channel, bound))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _by_form(fork: str, codes: np.ndarray, values: np.ndarray, what: tuple[str, str, str, str]) -> list[tuple[object, ...]]:
    """Rows of one quantity in one fork: the forms that any draw has."""
    parts = [(form, values[codes == code]) for code, form in enumerate(FORKS[fork]) if (codes == code).any()]
    found = [quantiles(part)[[0, 2, 4]] for _, part in parts]
    between = float(abs(found[-1][1] - found[0][1])) if len(parts) > 1 else 0.0
    within = float(np.mean([(q[2] - q[0]) / 2 for q in found]))
    spread = float(values.var())
    means = sum(len(part) / len(values) * (part.mean() - values.mean()) ** 2 for _, part in parts)
    share = float(means / spread) if spread > 0 else 0.0
    return [
        (fork, form, len(part) / len(values), *what, "H100e", *(float(v) for v in q), between, within, share)
        for (form, part), q in zip(parts, found, strict=True)
    ]
