"""Packaging read back from a finished run: what a package needs, what each input alone would allow, slots offered and used."""

import numpy as np
import xarray as xr

from forecast.language import N_, _
from forecast.supply import Draws, by_year, in_year, years_of
from forecast.tables import Scope, Table

ITEMS = ("dies", "stacks", "slots")
COUNTED = {"dies": ("dies_made", "dies_foreign"), "stacks": ("stacks_supplied",), "slots": ("slots_supplied",)}
"""Series that make up what sources count of each input of a package."""


def needs(inputs: xr.Dataset) -> xr.Dataset:
    """What one finished package of the mix with stacked memory needs, losses counted in, by input (quarter, draw).

    Variables dies [die/chip], stacks [stack/chip], slots [slot/chip]; `plain` [die/chip]: dies of the cards without stacked
    memory that one package of the whole mix brings with it; `stacked` [1]: share of the mix that has stacked memory.
    """
    lost = 1.0 - inputs["die_escape"] * (1.0 - inputs["die_screening"])
    begun = inputs["package_mix"] / (inputs["package_yield"] * lost ** inputs["compute_dies"])
    stacked = inputs["package_mix"] * inputs["with_stacks"]
    share = stacked.sum("gpu_class")
    each = {item: (begun * inputs["with_stacks"] * inputs[item]).sum("gpu_class") / share for item in ITEMS}
    plain = (begun * (1 - inputs["with_stacks"]) * inputs["dies"]).sum("gpu_class")
    return xr.Dataset({**each, "plain": plain, "stacked": share})


def limits(one: xr.Dataset, inputs: xr.Dataset) -> xr.Dataset:
    """Packages with stacked memory that each input alone would allow, from what sources count of the quarter. [chip/quarter]

    one: results of one regime. Variables dies, stacks, slots (quarter, draw). Without stock, without what sources do not count
    and, for dies, before cards without stacked memory take theirs. Slots are offered with what sources do not count.
    """
    each = needs(inputs)
    return xr.Dataset({item: sum(one[name] for name in names) / each[item] for item, names in COUNTED.items()})


def packaging_table(result: xr.Dataset, inputs: xr.Dataset, scope: Scope) -> Table:
    """Balance of packaging by year under the base regime: slots offered and used, and what each input alone would allow."""
    one = result.sel(regime=scope.base)
    alone = limits(one, inputs)
    stacked = one["additions"].sel(channel="domestic") * inputs["with_stacks"]

    def flow(array: xr.DataArray) -> Draws:
        return lambda year: in_year(array, year)

    def used(year: int) -> np.ndarray:
        return np.asarray(in_year(one["slots_used"], year) / in_year(one["slots_supplied"], year))

    rows = [
        (N_("Slots offered, million"), "slot/year", flow(one["slots_supplied"]), 1e6),
        (N_("Slots used, million"), "slot/year", flow(one["slots_used"]), 1e6),
        (N_("Share of slots used"), "1", used, 0.0),
        (N_("Packages that dies alone allow, million"), "chip/year", flow(alone["dies"]), 1e6),
        (N_("That memory alone allows, million"), "chip/year", flow(alone["stacks"]), 1e6),
        (N_("That slots alone allow, million"), "chip/year", flow(alone["slots"]), 1e6),
        (N_("Packages with stacked memory bought, million"), "chip/year", flow(stacked), 1e6),
    ]
    note = _(
        "Median and 90% interval. A slot is a place on an interposer of the size of an Ascend 910C; one that is not used is not "
        "kept. What an input alone allows counts the year's own dies and stacks that sources know, without stock; more is "
        "bought than memory alone allows where stock and memory that nobody counts help."
    )
    return by_year("table-packaging", _("Packaging, and what each input alone would allow"), note, rows, years_of(scope))
