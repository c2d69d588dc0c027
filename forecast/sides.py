"""American over Chinese compute in three ways of counting: by owner, by use, and by where the chips stand."""

import numpy as np
import xarray as xr

from forecast.derived import plain
from forecast.rows import quantiles
from forecast.tables import Cell, Scope, Table, spread, two_digits, year_end

WAYS = {
    "owner": "By owner: American companies over what stands in China",
    "use": "By use: without what Chinese tenants rent of it, over all that Chinese firms own or rent anywhere",
    "location": "By location: what stands in America over what stands in China",
}


def ratios(inputs: xr.Dataset, result: xr.Dataset) -> xr.Dataset:
    """American over Chinese acquired stock by way of counting, each (regime, bound, draw). [1]

    Rented compute that American companies own counts once: by use it is Chinese. Source of the shares: inputs rented_american
    and american_at_home.
    """
    order = ("regime", "bound", "draw")
    american = result["us_compute"].transpose(*order).astype(float)
    stock = result["compute_nominal"].astype(float)
    home = stock.sel(channel=["licensed", "diverted", "domestic"]).sum("channel").transpose(*order)
    rented = result["offshore_rented"].astype(float).sum("country").transpose(*order)
    abroad = stock.sel(channel="offshore").transpose(*order)
    theirs = rented * plain(inputs, "rented_american")
    made = {
        "owner": american / home.clip(min=1.0),
        "use": (american - theirs).clip(min=0.0) / (home + abroad).clip(min=1.0),
        "location": american * plain(inputs, "american_at_home") / home.clip(min=1.0),
    }
    return xr.Dataset({name: array.assign_attrs(units="1", long_name=WAYS[name]) for name, array in made.items()})


def ratios_table(held: xr.Dataset, scope: Scope) -> Table:
    """The three ratios at year-ends under the base regime."""
    body: list[list[Cell]] = []
    for name, label in WAYS.items():
        cells: list[Cell] = []
        for quarter in scope.year_ends:
            bound = np.datetime64(f"{int(quarter[:4]) + 1}-01-01")
            drawn = held[name].sel(regime=scope.base, bound=bound).values
            low, middle, high = (float(v) for v in quantiles(drawn)[[0, 2, 4]])
            cells.append((two_digits(middle), spread(low, high)))
        body.append([label, *cells])
    table = held.sel(regime=scope.base).median("draw").to_dataframe().reset_index()
    return Table(
        name="table-ratios",
        title=f"American over Chinese compute under {scope.titles[scope.base]}",
        note="8-bit basis. Halls that American firms run for Chinese tenants count as American by owner and as Chinese "
        "by use, never as both.",
        header=["Way of counting", *map(year_end, scope.year_ends)],
        rows=body,
        data=table,
    )
