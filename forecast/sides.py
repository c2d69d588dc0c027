"""America beside China: compute in three ways of counting, and what software lets Chinese chips deliver."""

import numpy as np
import pandas as pd
import xarray as xr

from forecast.derived import plain
from forecast.language import N_, _
from forecast.names import FORKS
from forecast.receipts import displaced
from forecast.rows import quantiles
from forecast.stages.capability import third_party
from forecast.tables import Cell, Scope, Table, percent, spread, two_digits, year_end

WAYS = {
    "owner": N_("By owner: American companies over what stands in China"),
    "use": N_("By use: without what Chinese tenants rent of it, over all that Chinese firms own or rent anywhere"),
    "location": N_("By location: what stands in America over what stands in China"),
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


def software_table(inputs: xr.Dataset, result: xr.Dataset, scope: Scope) -> Table:
    """What Chinese stacks deliver of their nominal rate at year-ends: vendors' own teams, third parties, both, and serving."""
    body: list[list[Cell]] = []
    data = []
    bounds = [np.datetime64(f"{int(quarter[:4]) + 1}-01-01") for quarter in scope.year_ends]
    years = np.array([(bound - np.datetime64("2027-01-01")) / np.timedelta64(1, "D") / 365.25 for bound in bounds])
    share, gap, life = (inputs[name].values for name in ("vendor_run_share", "third_party_gap", "third_party_half_life"))
    mean = third_party(share, gap, life, years[:, None])
    both = result["software_reached"].sel(regime=scope.base, bound=bounds).transpose("bound", "draw").values.astype(float)
    own = np.minimum(both / mean, 1.0)
    third = np.maximum(both - share * own, 0.0) / (1.0 - share)
    serving = inputs["software_serving"].sel(bound=bounds).transpose("bound", "draw").values
    parts = {
        N_("Vendors’ own teams"): own, N_("Third parties"): third, N_("Training, all"): both, N_("Serving"): serving,
    }  # fmt: skip
    for label, values in parts.items():
        cells: list[Cell] = []
        for quarter, drawn in zip(scope.year_ends, values, strict=True):
            low, middle, high = (float(v) for v in quantiles(drawn)[[0, 2, 4]])
            cells.append((percent(middle), spread(low, high, 1.0, percent)))
            data.append((label, quarter, low, middle, high))
        body.append([_(label), *cells])
    return Table(
        name="table-software",
        title=_("What software lets Chinese chips deliver of their rate, beside an NVIDIA cluster"),
        note=_(
            "Judgement, wide: the few figures are makers' own. The mean over training is an input; vendors and third "
            "parties split it, and programmes for engineers move it."
        ),
        header=[_("Who"), *map(year_end, scope.year_ends)],
        rows=body,
        data=pd.DataFrame(data, columns=["who", "quarter", "p05", "p50", "p95"]),
    )


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
        body.append([_(label), *cells])
    table = held.sel(regime=scope.base).median("draw").to_dataframe().reset_index()
    return Table(
        name="table-ratios",
        title=_("American over Chinese compute under {title}", title=scope.titles[scope.base]),
        note=_(
            "8-bit basis. Halls that American firms run for Chinese tenants count as American by owner and as Chinese "
            "by use, never as both."
        ),
        header=[_("Way of counting"), *map(year_end, scope.year_ends)],
        rows=body,
        data=table,
    )


OWNERS = {
    "american": N_("American companies"),
    "third": N_("Third countries"),
    "chinese": N_("Chinese firms, at home and owned abroad"),
    "world": N_("World"),
}
FORMS = {"limited": N_("Supply limited by packaging and power"), "trend": N_("Supply follows orders")}


def world_stock(inputs: xr.Dataset, result: xr.Dataset) -> xr.Dataset:
    """Acquired stock by owner, and of the world, each (regime, bound, draw). [H100e]

    All by the same fleet; what Chinese firms rent belongs to others and is in their stocks. Limits by packaging and power are a
    fork of each draw.
    """
    order = ("regime", "bound", "draw")
    home = result["compute_nominal"].sel(channel=["licensed", "diverted", "domestic"]).sum("channel")
    chinese = (home + result["offshore_owned"].sum("country")).transpose(*order).astype(float)
    made = {
        "american": result["us_compute"].transpose(*order).astype(float),
        "third": displaced(inputs, result)["third_compute"].transpose(*order).astype(float),
        "chinese": chinese,
    }
    made["world"] = sum(made.values(), start=chinese * 0.0)
    return xr.Dataset({name: array.assign_attrs(units="H100e", long_name=OWNERS[name]) for name, array in made.items()})


def world_table(inputs: xr.Dataset, result: xr.Dataset, scope: Scope) -> Table:
    """Stock by owner at year-ends under the base regime, for each form of the world's supply. [million H100e]"""
    held = world_stock(inputs, result).sel(regime=scope.base)
    fork = result["fork_world"].values
    body: list[list[Cell]] = []
    data = []
    for form, words in FORMS.items():
        among = np.flatnonzero(fork == FORKS["world"].index(form))
        if not len(among):
            continue
        body.append([_(words)])
        for owner, label in OWNERS.items():
            cells: list[Cell] = []
            for quarter in scope.year_ends:
                drawn = held[owner].sel(bound=np.datetime64(f"{int(quarter[:4]) + 1}-01-01")).values[among]
                low, middle, high = (float(v) for v in quantiles(drawn)[[0, 2, 4]])
                cells.append((two_digits(middle / 1e6), spread(low, high, 1e6)))
                data.append((form, owner, quarter, low, middle, high))
            body.append([_(label), *cells])
    return Table(
        name="table-world",
        title=_("Who holds the world’s stock under {title}, million H100e", title=scope.titles[scope.base]),
        note=_(
            "Median and 90% interval of the worlds of each form. Acquired stocks by owner, all aged alike; what Chinese firms "
            "rent abroad is in the stock of its owner."
        ),
        header=[_("Owner"), *map(year_end, scope.year_ends)],
        rows=body,
        data=pd.DataFrame(data, columns=["form", "owner", "quarter", "p05", "p50", "p95"]),
    )
