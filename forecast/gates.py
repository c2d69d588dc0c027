"""Two gates: what comes in under licence when Washington says no or yes, and Beijing lets in little, some or much."""

import numpy as np
import pandas as pd
import xarray as xr

from forecast.contract import BadInput
from forecast.inputs import OFFERED
from forecast.model import run
from forecast.rows import additions_h100e, grouped, quantiles
from forecast.tables import Cell, Table, spread, two_digits

ANSWERS = {"refused": 0.0, "permitted": 1.0}
"""What the American gate says in every quarter after the origin."""

LEANINGS = {"low": 0.05, "median": 0.50, "high": 0.95}
"""Where in its own distribution Beijing's acceptance is held, quarter by quarter."""

COLUMNS = ("gpu_class", "year", "permission", "leaning", "acceptance", "quantity", "p05", "p50", "p95")


def two_gates(inputs: xr.Dataset, gpu_class: str, year: int, regime: str | None = None) -> pd.DataFrame:
    """Licensed chips of a class kept onshore, and all onshore additions, in a year, gate by gate. [H100e/year]

    All else is as the regime (the first one) has it. Three runs of two worlds on the draws of `inputs`; columns: COLUMNS, one row
    for each permission, leaning and quantity; `acceptance` is the median share that Beijing lets in of that class.
    """
    if gpu_class not in OFFERED:
        raise BadInput("a class that no vendor offers to China", found=gpu_class, expected=", ".join(OFFERED))
    ahead = pd.DatetimeIndex(inputs["quarter"].values[inputs.attrs["observed_quarters"] :])
    whole = [int(each) for each in ahead.year.unique() if (ahead.year == each).sum() == 4]
    if year not in whole:
        raise BadInput("a year that the run does not forecast whole", found=year, expected=f"{whole[0]} to {whole[-1]}")
    base = regime or str(inputs["regime"].values[0])
    rows = []
    for leaning, rank in LEANINGS.items():
        result = run(_held(inputs, base, gpu_class, rank))
        chosen = {"quarter": ahead[ahead.year == year]}
        added = additions_h100e(result).sel(chosen).sum("quarter")
        licensed = added.sel(channel="licensed", gpu_class=gpu_class)
        onshore = grouped(added.sum("gpu_class")).sel(channel="onshore")
        accepted = result["acceptance"].sel(chosen).sel(gpu_class=gpu_class).mean("quarter").median("draw")
        for answer in ANSWERS:
            for name, array in (("licensed", licensed), ("onshore", onshore)):
                values = quantiles(array.sel(regime=answer).transpose("draw").values)
                share = float(accepted.sel(regime=answer))
                rows.append((gpu_class, year, answer, leaning, share, name, *(float(values[k]) for k in (0, 2, 4))))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _held(inputs: xr.Dataset, base: str, gpu_class: str, rank: float) -> xr.Dataset:
    """Inputs of two worlds that differ in the permission for a class after the origin, with acceptance held at a rank."""
    both = inputs.sel(regime=[base] * len(ANSWERS)).assign_coords(regime=list(ANSWERS)).copy(deep=True)
    permitted, path = both["permitted"], both["acceptance"]
    ahead = both["quarter"] > both["quarter"][inputs.attrs["observed_quarters"] - 1]
    for name, answer in ANSWERS.items():
        permitted.loc[{"regime": name, "gpu_class": gpu_class, "quarter": ahead}] = answer
    at_rank = np.quantile(path.values, rank, axis=path.get_axis_num("draw"), keepdims=True)
    path.values = np.broadcast_to(at_rank, path.shape).copy()
    return both


def gates_table(gates: pd.DataFrame, label: str) -> Table:
    """The two gates as a table on a page: a row for each leaning of Beijing, a column for each answer of Washington."""
    held = gates.set_index(["quantity", "leaning", "permission"])
    year = int(gates["year"].iloc[0])
    body: list[list[Cell]] = []
    for leaning in LEANINGS:
        share = held.loc[("licensed", leaning, "permitted"), "acceptance"]
        cells = [_cell(held.loc[(name, leaning, answer)]) for name in ("licensed", "onshore") for answer in ANSWERS]
        body.append([leaning.capitalize(), f"{100 * share:.0f}%", *cells])
    return Table(
        name=f"table-gates-{gates['gpu_class'].iloc[0]}",
        title=f"Two gates for {label}: what comes in during {year}, million H100e",
        note="Median and 90% interval. Beijing's acceptance is held at its 5th, 50th and 95th percentile; the second column "
        "is what this makes of the class when it is permitted. Washington's answer holds from the origin on for this class "
        "alone; all else is as under the base regime. All channels: licensed, diverted and domestic together.",
        header=["Beijing lets in", "Share", "Licensed, if refused", "Licensed, if permitted", "All channels, if refused",
                "All channels, if permitted"],
        rows=body,
        data=gates,
    )  # fmt: skip


def _cell(row: pd.Series) -> Cell:
    """Median and interval in millions; a plain zero where nothing can come."""
    if row["p95"] == 0:
        return "0"
    return _fine(row["p50"] / 1e6), spread(row["p05"], row["p95"], 1e6, _fine)


def _fine(x: float) -> str:
    """Two digits with up to three decimals: flows of one class are small."""
    return two_digits(x, decimals=3)
