"""Shadow values: what one percent more of each constraint, from the origin on, would have added by a later day."""

import numpy as np
import pandas as pd
import xarray as xr

from forecast.catalogue.load import Catalogue, open_catalogue
from forecast.inputs import build_inputs, in_forms
from forecast.model import stock_at
from forecast.names import FORKS
from forecast.rows import grouped, quantiles
from forecast.scenario import Scenario

CONSTRAINTS = {
    "logic wafers": ("logic_capacity",),
    "memory stacks": ("hbm_domestic", "hbm_inhouse", "hbm_illicit"),
    "packaging": ("packaging_capacity",),
    "foreign dies": ("lever_proxy_foundry",),
    "licensed supply": ("vendor_supply",),
    "routes of diversion": ("diverted_base", "diversion_ceiling"),
    "money": ("capex",),
}
"""Inputs that make up each constraint."""

COLUMNS = ("constraint", "form", "regime", "bound", "unit", "p05", "p50", "p95", "elasticity", "share_moved")


def shadow_values(scenario: Scenario, bound: str, more: float = 0.01, catalogue: Catalogue | None = None) -> pd.DataFrame:
    """Onshore compute [H100e] that `more` (a share) of each constraint adds by a bound, for either form of investment.

    Every world runs with and without the addition, first regime only. Columns COLUMNS: quantiles over worlds; `elasticity`, the
    median rise over the net growth of the stock since the origin, for each unit of `more`; `share_moved`, the share of worlds in
    which it adds anything. Inputs that are one number for the whole run are raised as a whole: they act after the origin only.
    """
    catalogue = catalogue or open_catalogue()
    rows = []
    plain = build_inputs(scenario.model_copy(update={"regimes": scenario.regimes[:1]}), catalogue)
    origin = plain["bound"].values[plain.attrs["observed_quarters"]]
    for form in FORKS["bottlenecks"]:
        held = {"forks": {**scenario.forks, "bottlenecks": form}, "regimes": scenario.regimes[:1]}
        inputs = in_forms(plain, scenario.model_copy(update=held), catalogue)
        before = _stock(inputs, bound)
        grown = before - _stock(inputs, origin)
        for constraint, names in CONSTRAINTS.items():
            gain = _stock(_raised(inputs, names, 1.0 + more), bound) - before
            part = gain / np.where(grown > 0, grown, np.inf) / more
            spread = quantiles(gain)[[0, 2, 4]]
            moved = float((np.abs(gain) > 1e-6 * before).mean())
            row = (
                constraint,
                form,
                scenario.regimes[0],
                bound,
                "H100e",
                *(float(v) for v in spread),
                float(np.median(part)),
                moved,
            )
            rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _raised(inputs: xr.Dataset, names: tuple[str, ...], factor: float) -> xr.Dataset:
    """Inputs with some of them multiplied after the origin, all of them where they have no time."""
    origin = inputs["quarter"].values[inputs.attrs["observed_quarters"] - 1]
    by = xr.DataArray(np.where(inputs["quarter"].values > origin, factor, 1.0), dims="quarter")
    out = {}
    for name in names:
        array = inputs[name]
        raised = array * by if "quarter" in array.dims else array * factor
        out[name] = raised.transpose(*array.dims).assign_attrs(array.attrs)
    return inputs.assign(out)


def _stock(inputs: xr.Dataset, bound: np.datetime64 | str) -> np.ndarray:
    """Onshore stock of the first regime at a bound (draw,). [H100e]"""
    chosen = grouped(stock_at(inputs, bound)["compute_nominal"]).isel(regime=0).sel(channel="onshore")
    return np.asarray(chosen.transpose("draw").values, dtype=float)
