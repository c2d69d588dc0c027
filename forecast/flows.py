"""One year of Chinese supply as flows: dies and stacks by source, what packages take of them, what is kept, what is bought."""

import pandas as pd
import xarray as xr

from forecast.language import N_
from forecast.supply import in_year
from forecast.tables import Scope

COLUMNS = ["item", "side", "part", "unit", "mean"]


def flow_parts(result: xr.Dataset, inputs: xr.Dataset, scope: Scope, year: int) -> pd.DataFrame:
    """Means over worlds of what a year's packages are made of under the base regime; each item's sides add up.

    Columns: item (dies, stacks, chips, compute), side (in, out), part, unit, mean. Stacks by source are as planned, scaled to
    what rules and investment left of them. Means, because they add up where medians do not.
    """
    one = result.sel(regime=scope.base)
    rows: list[tuple[str, str, str, str, float]] = []
    sources = {
        "dies": {N_("Made in China"): _mean(one["dies_made"], year), N_("Foreign foundries"): _mean(one["dies_foreign"], year)},
        "stacks": _stacks(one, inputs, scope, year),
    }
    for item, parts in sources.items():
        unit = item.removesuffix("s")
        begin, end = (float(one[f"{item}_stock"].sel(bound=f"{at}-01-01").mean()) for at in (year, year + 1))
        beyond = _mean(one[f"{item}_imputed"], year)
        arrived = {N_("Kept from before"): begin, **parts, N_("Not counted by sources"): max(beyond, 0.0)}
        leaves = {N_("Into packages"): _mean(one[f"{item}_used"], year), N_("Kept"): end, N_("Short of plans"): max(-beyond, 0.0)}
        rows += [(item, "in", part, unit, value) for part, value in arrived.items() if value > 0]
        rows += [(item, "out", part, unit, value) for part, value in leaves.items() if value > 0]
    rows += _bought(one, inputs, year)
    return pd.DataFrame(rows, columns=COLUMNS)


def _mean(array: xr.DataArray, year: int) -> float:
    """Mean over worlds of a year's flow."""
    return float(in_year(array, year).mean())


def _stacks(one: xr.Dataset, inputs: xr.Dataset, scope: Scope, year: int) -> dict[str, float]:
    """Stacks of a year by source: what leaks in as it is, Chinese sources scaled to what was supplied. [stack]"""
    leak = _mean(inputs["hbm_illicit"] * inputs["lever_hbm_access"].sel(regime=scope.base), year)
    planned = {
        N_("Chinese makers"): _mean(inputs["hbm_domestic"], year),
        N_("Huawei’s own"): _mean(inputs["hbm_inhouse"] * (1.0 - inputs["hbm_overlap"]), year),
    }
    left = max(_mean(one["stacks_supplied"], year) - leak, 0.0) / max(sum(planned.values()), 1.0)
    return {**{name: value * left for name, value in planned.items()}, N_("Leaked"): leak}


def _bought(one: xr.Dataset, inputs: xr.Dataset, year: int) -> list[tuple[str, str, str, str, float]]:
    """Chips bought, dies in them, and their compute as counted and as software lets it train."""
    chips = one["additions"].sel(channel="domestic")
    rate = (chips * one["h100e"]).sum("gpu_class")
    after = one["software_reached"].isel(bound=slice(1, None)).rename(bound="quarter")
    usable = rate * after.assign_coords(quarter=one["quarter"].values)
    return [
        ("chips", "out", N_("Dies in chips bought"), "die", _mean((chips * inputs["dies"]).sum("gpu_class"), year)),
        ("chips", "out", N_("Chips bought"), "chip", _mean(chips, year)),
        ("compute", "out", N_("Compute added"), "H100e", _mean(rate, year)),
        ("compute", "out", N_("Usable in training"), "H100e", _mean(usable, year)),
    ]
