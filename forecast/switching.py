"""Fork (d): a law that changes by chance. Every world has a path of regimes of its own, and all of them make one forecast.

In each quarter the law turns with the chance of `params/turning_points.csv`; a turn draws the branch anew by the weights of
`params/branches.csv`, current law among them, and every layer (Beijing's refusal, licences in third countries) by its own. From
the quarter after a turn, the world lives under its branch as if the branch had begun then. Weights are judgement: edit them.
Nobody in these worlds sees a turn coming. Vendors answer a branch with parts that it leaves open; with `counter` the regulator
closes such a part after a while.
"""

import numpy as np
import pandas as pd
import xarray as xr

from forecast import draws as streams
from forecast.catalogue.branches import EVERY
from forecast.catalogue.load import Catalogue, open_catalogue
from forecast.contract import BadInput
from forecast.inputs import build_inputs
from forecast.model import OF_THE_LAW, stock_at
from forecast.names import end_of_year, label_quarter
from forecast.rows import grouped, quantiles
from forecast.scenario import Scenario

NAME = "switching"
"""The regime that is none: law turns by chance."""

CHANNELS = ("onshore", "offshore", "accessible")
COLUMNS = ("regime", "kind", "weight", "share", "channel", "quantity", "quarter", "unit", "p05", "p50", "p95")


def paths(scenario: Scenario, catalogue: Catalogue, quarters: pd.DatetimeIndex) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The branch of each world by quarter (quarter, draw), its age in quarters (quarter, draw), layers (layer, quarter, draw).

    Branches count from 0, current law, in the order of the table; age is 0 in the first quarter of a branch. Layers are true
    where they hold. Nothing turns up to the origin.
    """
    table, points = catalogue.table("branches.csv"), catalogue.table("turning_points.csv").set_index("when")["chance"]
    steps = np.cumsum(table.loc[table["kind"] == "branch", "weight"])
    chances = table.loc[table["kind"] == "layer", "weight"].to_numpy()
    shape = (len(quarters), scenario.draws)
    branch, age, layers = np.zeros(shape, int), np.zeros(shape, int), np.zeros((len(chances), *shape), bool)

    def uniform(name: str) -> np.ndarray:
        return streams.uniforms(scenario.seed, f"switching.{name}", scenario.draws)[: scenario.draws]

    for t in range(scenario.observed, len(quarters)):
        last = label_quarter(quarters[t - 1])
        turned = uniform(f"turn.{last}") < points.get(last, points[EVERY])
        new = np.minimum(np.searchsorted(steps, uniform(f"branch.{last}"), side="right"), len(steps) - 1)
        branch[t] = np.where(turned, new, branch[t - 1])
        age[t] = np.where(turned & (new != branch[t - 1]), 0, age[t - 1] + 1)
        for k, chance in enumerate(chances):
            layers[k, t] = np.where(turned, uniform(f"layer{k}.{last}") < chance, layers[k, t - 1])
    return branch, age, layers


def branch_inputs(scenario: Scenario, catalogue: Catalogue) -> xr.Dataset:
    """Inputs of a scenario's worlds under each branch and each layer from its own date on."""
    return build_inputs(scenario.model_copy(update={"regimes": tuple(_names(catalogue)[0])}), catalogue)


def switching_inputs(
    scenario: Scenario, catalogue: Catalogue | None = None, *, counter: bool = False, inputs: xr.Dataset | None = None
) -> xr.Dataset:
    """Inputs of a scenario's worlds under one regime, `switching`: what law sets has an axis for draws.

    A layer replaces what it sets otherwise than current law does. With `counter` the regulator closes vendors' answers.
    `inputs`: those of the branches, where they are at hand.
    """
    catalogue = catalogue or open_catalogue()
    names, kinds = _names(catalogue)
    inputs = branch_inputs(scenario, catalogue) if inputs is None else inputs
    quarters = pd.DatetimeIndex(inputs["quarter"].values)
    branch, age, layers = paths(scenario, catalogue, quarters)
    count, now = kinds.count("branch"), np.arange(len(quarters))[:, None]
    of_law = [str(name) for name in inputs.data_vars if str(name).startswith(OF_THE_LAW)]
    values = {name: inputs[name].transpose("regime", "quarter", ...).values for name in of_law}
    begins = np.array([_begins(values, k, scenario.observed) for k in range(len(names))])
    made = inputs.isel(regime=[0]).assign_coords(regime=[NAME])
    for name, array in values.items():
        at = np.where(branch == 0, now, np.minimum(begins[branch] + age, len(quarters) - 1))
        path = array[0, now] if name.startswith("ahead_") else array[branch, at]
        path = np.broadcast_to(path, (*branch.shape, *array.shape[2:]))
        for k, holds in enumerate(layers):
            layer = array[count + k]
            full = layer[min(begins[count + k] + 4, len(quarters) - 1)]
            differs = full != array[0, min(begins[count + k] + 4, len(quarters) - 1)]
            on = holds.reshape(*holds.shape, *(1,) * (path.ndim - 2)) & differs
            path = np.where(on, full, path)
        rest = inputs[name].dims
        others = [dim for dim in rest if dim not in ("regime", "quarter")]
        found = xr.DataArray(path[None], dims=("regime", "quarter", "draw", *others)).transpose(*rest, "draw")
        made[name] = found.assign_attrs(inputs[name].attrs)
    if counter:
        made["lever_counter_answer"] = xr.ones_like(made["lever_counter_answer"])
    return made


def _names(catalogue: Catalogue) -> tuple[list[str], list[str]]:
    """Regimes to be read, branches first, then layers (an overlay stands on current law), and the kind of each."""
    table = catalogue.table("branches.csv").sort_values("kind", kind="stable")
    overlay = {name for name, regime in catalogue.regimes.items() if regime.status == "overlay"}
    names = [f"current+{name}" if name in overlay else str(name) for name in table["regime"]]
    return names, [str(kind) for kind in table["kind"]]


def _begins(values: dict[str, np.ndarray], k: int, observed: int) -> int:
    """The first quarter after the origin in which a regime's law differs from current law; the origin's end if none does."""
    differs = [np.any(array[k] != array[0], axis=tuple(range(1, array[k].ndim))) for array in values.values()]
    found = np.flatnonzero(np.any(differs, axis=0)[observed:])
    return observed + (int(found[0]) if len(found) else 0)


def odds(scenario: Scenario, year: int, catalogue: Catalogue | None = None, *, counter: bool = False) -> pd.DataFrame:
    """The unconditional forecast beside those under each branch from its own date, at a year's end. Columns COLUMNS.

    `share` is the share of worlds that live under the branch or layer at that time; quantity is `stock` or `effect`, the paired
    difference from current law. [H100e]
    """
    first, last = int(scenario.as_of[:4]), int(scenario.last[:4]) - (not scenario.last.endswith("Q4"))
    if not first <= year <= last:
        raise BadInput("a year that the run does not reach", key="year", found=year, expected=f"{first} to {last}")
    catalogue = catalogue or open_catalogue()
    names, kinds = _names(catalogue)
    whole, end = branch_inputs(scenario, catalogue), end_of_year(year)
    fixed = stock_at(whole, end)
    inputs = switching_inputs(scenario, catalogue, counter=counter, inputs=whole)
    free = stock_at(inputs, end)
    branch, _, layers = paths(scenario, catalogue, pd.DatetimeIndex(inputs["quarter"].values))
    at = int(np.flatnonzero(inputs["quarter"].values < end)[-1])
    table = catalogue.table("branches.csv").sort_values("kind", kind="stable")
    found = {NAME: ("forecast", 1.0, 1.0, free)}
    for k, (name, kind, weight) in enumerate(zip(names, kinds, table["weight"], strict=True)):
        share = float((branch[at] == k).mean()) if kind == "branch" else float(layers[k - kinds.count("branch"), at].mean())
        found[name] = (kind, float(weight), share, fixed.sel(regime=[name]))
    base = _stock(found["current"][3])
    rows = []
    for name, (kind, weight, share, result) in found.items():
        stock = _stock(result)
        for channel in CHANNELS:
            for quantity, draws in (("stock", stock[channel]), ("effect", stock[channel] - base[channel])):
                spread = (float(v) for v in quantiles(draws)[[0, 2, 4]])
                rows.append((name, kind, weight, share, channel, quantity, f"{year}Q4", "H100e", *spread))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def odds_text(table: pd.DataFrame) -> str:
    """The table of `odds` for a terminal: million H100e, median and 90 % interval."""
    held = table.set_index(["regime", "channel", "quantity"])
    quarter = table["quarter"].iloc[0]
    lines = [f"{'at the end of ' + quarter:<26}{'weight':>7}{'share':>7}  {'onshore':<20}{'accessible':<20}effect on accessible"]
    for name in dict.fromkeys(table["regime"]):
        row = held.loc[(name, "onshore", "stock")]
        cells = [held.loc[(name, *key)] for key in (("onshore", "stock"), ("accessible", "stock"), ("accessible", "effect"))]
        words = [f"{c.p50 / 1e6:.2g} ({c.p05 / 1e6:.2g} to {c.p95 / 1e6:.2g})" for c in cells]
        label = "law turns by chance" if name == NAME else str(name)
        shares = f"{'':>14}" if name == NAME else f"{100 * row.weight:6.0f}%{100 * row.share:6.0f}%"
        lines.append(f"{label:<26}{shares}  {words[0]:<20}{words[1]:<20}{words[2] if name != 'current' else 'the reference'}")
    lines.append(
        "million H100e, median and 90 % interval; weight: judged chance of the branch at a turn; share of worlds under it then."
    )
    lines.append("Branches hold from their own dates on; layers go with any branch. Paired with current law, world by world.")
    return "\n".join(lines)


def _stock(result: xr.Dataset) -> dict[str, np.ndarray]:
    """Stocks of the first regime by channel (draw,). [H100e]"""
    stock = grouped(result["compute_nominal"]).isel(regime=0)
    return {channel: stock.sel(channel=channel).values.astype(float) for channel in CHANNELS}
