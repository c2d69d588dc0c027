"""The table of electric power: what runs onshore by channel, and what Chinese firms own abroad."""

import pandas as pd
import xarray as xr

from forecast.frontier_tables import at_bound, ends_shown, in_units, three
from forecast.language import N_, _
from forecast.rows import grouped
from forecast.tables import Cell, Scope, Table, year_end

PLACES = {
    "licensed": N_("Licensed"), "diverted": N_("Diverted"), "domestic": N_("Domestic"), "onshore": N_("Onshore"),
    "offshore": N_("Owned abroad"),
}  # fmt: skip


def power_table(result: xr.Dataset, scope: Scope) -> Table:
    """Power at the meter of what runs, by channel and onshore together, at year-ends under the base regime. [GW]"""
    held = grouped(result["power"].sel(regime=scope.base))
    rows: list[list[Cell]] = []
    data: list[tuple[object, ...]] = []
    for quarter in ends_shown(scope, result):
        at = at_bound(held, quarter)
        values = {place: at.sel(channel=place).values for place in PLACES}
        rows.append([year_end(quarter), *(in_units(drawn) for drawn in values.values())])
        data += [(quarter, place, *three(drawn)) for place, drawn in values.items()]
    return Table(
        name="table-power",
        title=_("Power at the meter under {title}, GW", title=scope.titles[scope.base]),
        note=_(
            "Median and 90% interval. Chip power of the running stock times overhead of servers and network and PUE, at full "
            "load, abroad with the PUE of Chinese centres. It binds nowhere; what is rented abroad is left out."
        ),
        header=[_("At"), *(_(label) for label in PLACES.values())],
        rows=rows,
        data=pd.DataFrame(data, columns=["quarter", "channel", "p05", "p50", "p95"]),
    )
