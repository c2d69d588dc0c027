"""Tables of the largest Chinese system: what its owner has, what supernodes and fabrics join, what known clusters suggest."""

import numpy as np
import pandas as pd
import xarray as xr

from forecast.catalogue.load import Catalogue
from forecast.derived import onshore, plain
from forecast.frontier import SYSTEM_AT, limit_by_record, limit_by_supernodes
from forecast.frontier_tables import at_bound, ends_shown, in_units, three
from forecast.language import N_, _, number
from forecast.stages import frontier
from forecast.tables import Cell, Scope, Table, percent, quarter_name, spread, two_digits, year_end

KNOWN = "clusters_china"
"""Series of all known Chinese clusters together, in history/series.csv. [H100e]"""

WAYS = {
    "owner": N_("Owner has in one place"),
    "supernodes": N_("Supernodes and fabrics join"),
    "record": N_("As known clusters grew"),
    "system": N_("Largest system"),
}


def system_paths(inputs: xr.Dataset, result: xr.Dataset, runs: xr.Dataset, regime: str) -> xr.Dataset:
    """What the largest system at home could be by its owner and by either path of networks, and what it is (bound, draw). [H100e]

    `limited` is one where the network is the smaller [1]; on both paths, whichever a world follows: `limited_supernodes`,
    `limited_record`. The attribute `by_record` is the share of worlds that follow known clusters [1].
    """
    place = list(result["regime"].values).index(regime)
    usable = plain(result, "compute_training", "regime", "channel", "bound", "draw")
    owner = frontier.owner_system(onshore(usable, 1), plain(inputs, "largest_owner_share"), plain(inputs, "one_run_share"))[place]
    joined, record = limit_by_supernodes(inputs, result)[place], limit_by_record(inputs, result)[place]
    held = {
        "owner": owner, "supernodes": joined, "record": record,
        "system": runs["largest_system"].sel(regime=regime, channel="onshore").transpose("bound", "draw").values,
        "limited": runs["run_limit"].sel(regime=regime).transpose("bound", "draw").values,
        "limited_supernodes": owner > joined, "limited_record": owner > record,
    }  # fmt: skip
    coords = {name: result[name] for name in ("bound", "draw")}
    arrays = {name: (("bound", "draw"), np.asarray(array, dtype=float)) for name, array in held.items()}
    return xr.Dataset(arrays, coords=coords, attrs={"by_record": float(inputs["system_by_record"].mean())})


def systems_table(paths: xr.Dataset, catalogue: Catalogue, scope: Scope, first: int = 2022) -> Table:
    """The largest Chinese system at year-ends, what limits it, and all known clusters together beside it."""
    series = catalogue.table("history/series.csv")
    known = series[series["series"] == KNOWN].set_index("quarter")["value"]
    last = max(quarter for quarter in known.index if known[quarter] > known.shift(1).get(quarter, 0.0))
    early = [f"{year}Q4" for year in range(first, int(scope.as_of[:4]))]
    rows: list[list[Cell]] = []
    data: list[tuple[object, ...]] = []
    for quarter in dict.fromkeys([*early, *ends_shown(scope, paths)]):
        one = {name: at_bound(paths[name], quarter).values for name in map(str, paths.data_vars)}
        data += [(quarter, name, *three(values)) for name, values in one.items()]
        limits = [percent(float(one[name].mean())) for name in ("limited", "limited_supernodes", "limited_record")]
        all_known = two_digits(float(known[quarter]) / 1e3) if quarter <= last and quarter in known else "–"
        rows.append([year_end(quarter), *(in_units(one[name], 1e3) for name in WAYS), *limits, all_known])
    return Table(
        name="table-systems",
        title=_("Largest system in China under {title}, thousand H100e as they deliver", title=scope.titles[scope.base]),
        note=_(
            "Median and 90% interval. A system is the smaller of what one owner has in one place and what networks join. "
            "{weight} of worlds take networks to grow as known clusters did from a judged level at the end of {year}; the others "
            "by supernodes and fabrics. Network binds: share of worlds in which it is the smaller, and if all followed one path. "
            "Known: all known clusters together, a part of all, to {last}; the largest of them had about 30 at the end of 2024.",
            weight=percent(paths.attrs["by_record"]),
            year=f"{SYSTEM_AT - 1:.0f}",
            last=quarter_name(last),
        ),
        header=[
            _("At"), *(_(text) for text in WAYS.values()), _("Network binds"), _("by supernodes"), _("by known clusters"),
            _("Known, all"),
        ],
        rows=rows,
        data=pd.DataFrame(data, columns=["quarter", "what", "p05", "p50", "p95"]),
    )  # fmt: skip


def supernodes_table(catalogue: Catalogue) -> Table:
    """Every kind of supernode: its cards, when it was announced and how late it comes, and how many one fabric joins."""
    held = catalogue.table("demand/supernodes.csv")
    ramp = catalogue.quantities["fabric_ramp"].spread
    assert ramp is not None
    body: list[list[Cell]] = [
        [
            _(str(row.label)), number(row.cards, 0), quarter_name(str(row.quarter)),
            (number(row.late_p50, 0), spread(row.late_p05, row.late_p95, 1.0, lambda x: number(x, 0)))
            if row.late_p95 > row.late_p05 else _("delivered"),
            "–" if np.isnan(row.claimed) else two_digits(row.cards * row.claimed / 1e3),
            (two_digits(row.cards * row.joined_p50 / 1e3), spread(row.cards * row.joined_p05, row.cards * row.joined_p95, 1e3)),
        ]
        for row in held.itertuples()
    ]  # fmt: skip
    return Table(
        name="table-supernodes",
        title=_("Supernodes, and how many cards one fabric joins"),
        note=_(
            "Median and 90% interval. Due: when it was delivered, or will be by its maker’s word. Late: quarters after that. "
            "Claimed: thousand cards by the maker. Joined: thousand cards that one run can use, judged where no such run is on "
            "record; a fabric fills over {years} years ({interval}) from the first delivery. Sources stand in "
            "params/demand/supernodes.csv.",
            years=number(ramp.p50, 2),
            interval=spread(ramp.p05, ramp.p95, 1.0, lambda x: number(x, 1)),
        ),
        header=[_("Supernode"), _("Cards"), _("Due"), _("Late"), _("Claimed"), _("Joined")],
        rows=body,
        data=held.drop(columns="line"),
    )
