"""Tables of vendors: units beside published ones, what binds by maker and year, who says what binds, and sovereignty."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from forecast.catalogue.fabs import EVERY_MAKER
from forecast.catalogue.load import Catalogue
from forecast.language import N_, _
from forecast.names import FABRICATION_BOUNDS, PROCUREMENT_BOUNDS, label_quarter, parse_quarter
from forecast.packaging import limits
from forecast.supply import Draws, central, firm_name, in_year, long_data, years_of
from forecast.tables import Cell, Scope, Table, as_published, capital, percent, quarter_name, spread, two_digits

FIRST_YEAR, LAST_YEAR = 2022, 2027
"""Vendor tables end in 2027: beyond, shares of vendors are the table of the mix carried on."""

KEPT = 5e-4
"""Units a year, in millions, below which a vendor's year is left out."""

TOGETHER = (N_("All makers"), N_("Other makers"))
"""Names in the place of a maker, as params has them, marked as texts."""

LIMITS = (N_("memory"), N_("logic dies"), N_("packaging"), N_("buyers' money"), N_("what buyers want"))
"""What stops a maker, as the table of bounds tells it."""


def vendors_table(result: xr.Dataset, scope: Scope, catalogue: Catalogue) -> Table:
    """Units by vendor and year beside every published figure for the same span, under the base regime. [card]

    Vendors without published units stand without a point of comparison; years after LAST_YEAR are not shown.
    """
    made = _made(result, scope, catalogue)
    table = catalogue.table("fabs/shipments.csv")
    names = catalogue.table("sources.csv").set_index("source")["publisher"]
    body: list[list[Cell]] = []
    data: list[tuple[object, ...]] = []
    for vendor, chips in made.items():
        points = table[table["vendor"] == vendor]
        for first, last in _spans(points):
            units = chips.sel(quarter=slice(parse_quarter(first), parse_quarter(last))).sum("quarter").values
            here = points[(points["first_quarter"] == first) & (points["last_quarter"] == last)]
            if np.median(units) < KEPT * 1e6 and here.empty:
                continue
            cells = [_said(row, names) for row in here.itertuples()] or ["–"]
            named = firm_name(vendor, catalogue)
            label = named if len(points) else _("{vendor}, no published units", vendor=named)
            body.append([label, _span(first, last), central(units, 1e3), "\n".join(cells)])
            data.append((vendor, first, last, "ours", "", units))
            data += [(vendor, first, last, row.kind, row.source, np.full(2, row.p50)) for row in here.itertuples()]
    return Table(
        name="table-vendors",
        title=_("Chinese accelerators by vendor beside published figures, thousand cards"),
        note=_(
            "Ours: median and 90% interval, bought onshore; up to the origin as counted. Published: what it "
            "is, by whom; in brackets its interval. An asterisk marks counts from which our own were made, "
            "which are no test. Wafers and memory go to vendors by the shares of the mix "
            "(params/fabs/mix.csv): no rule of allocation is published; a rule that names a firm moves the dies "
            "that foreign foundries make for it. Later years are not shown by vendor."
        ),
        header=[_("Vendor"), _("When"), _("Ours"), _("Published")],
        rows=body,
        data=long_data(data, ("vendor", "first_quarter", "last_quarter", "kind", "source")),
        spanned=1,
    )


def _made(result: xr.Dataset, scope: Scope, catalogue: Catalogue) -> dict[str, xr.DataArray]:
    """Chinese cards (quarter, draw) by vendor, all makers first, under the base regime."""
    classes = catalogue.table("gpus/classes.csv").set_index("gpu_class")
    home = classes[classes["origin"] == "CN"]
    chips = result["additions"].sel(regime=scope.base, channel="domestic", gpu_class=home.index.tolist())
    out = {EVERY_MAKER: chips.sum("gpu_class")}
    for vendor in home["vendor"].unique():
        out[str(vendor)] = chips.isel(gpu_class=(home["vendor"] == vendor).to_numpy()).sum("gpu_class")
    return out


def _spans(points: pd.DataFrame) -> list[tuple[str, str]]:
    """Whole years that the table shows, and other spans for which something was published, in order of their end."""
    years = [(f"{year}Q1", f"{year}Q4") for year in range(FIRST_YEAR, LAST_YEAR + 1)]
    others = set(zip(points["first_quarter"], points["last_quarter"], strict=True)) - set(years)
    return sorted([*years, *others], key=lambda span: (span[1], span[0]))


def _span(first: str, last: str) -> str:
    """A span as a reader reads it: a year, or from a quarter to another."""
    return (
        first[:4]
        if first[:4] == last[:4] and first.endswith("Q1") and last.endswith("Q4")
        else _("{low} to {high}", low=quarter_name(first), high=quarter_name(last))
    )


def _said(row: Any, names: pd.Series) -> str:
    """One published figure in words."""
    low, high = row.p05, row.p95
    interval = "" if pd.isna(low) and pd.isna(high) else f" ({_interval(low, high)})"
    product = "" if row.product == "all" else f"{_(row.product)}, "
    mark = "*" if row.same_counts else ""
    note = f"; {_(row.note)}" if row.note else ""
    return f"{as_published(row.p50 / 1e3)}{interval}{mark} {product}{_(row.kind)}, {names[row.source]}{note}"


def _interval(low: float, high: float) -> str:
    """An interval in thousands, open where one end is not stated."""
    if pd.isna(low):
        return _("to {high}", high=as_published(high / 1e3))
    if pd.isna(high):
        return _("from {low}", low=as_published(low / 1e3))
    return _("from {low} to {high}", low=as_published(low / 1e3), high=as_published(high / 1e3))


def binding_table(result: xr.Dataset, scope: Scope, catalogue: Catalogue) -> Table:
    """What stops each maker by year under the base regime: share of its class-quarters over all worlds, by compute added. [1]

    All makers draw on one pool of dies, memory and slots, so the bound of fabrication is that of the type of package; cards
    without stacked memory are made as buyers want. A class that is not bought out is stopped by buyers' money.
    """
    years = [year for year in years_of(scope) if year >= FIRST_YEAR]
    held, weights = stops(result.sel(regime=scope.base), catalogue)
    codes = {year: _stopped(held, weights, year) for year in years}
    groups = _makers(catalogue)
    body: list[list[Cell]] = []
    data = []
    for group, members in groups.items():
        shown = years if group == EVERY_MAKER else [year for year in years if year <= LAST_YEAR]
        for year in shown:
            shares, added = codes[year]
            whole = added[members].sum()
            if whole <= 0:
                continue
            found = shares[:, members].sum(axis=1) / whole
            body.append([firm_name(group, catalogue), str(year), *(percent(min(float(value), 1.0)) for value in found)])
            data += [(group, year, limit, float(value)) for limit, value in zip(LIMITS, found, strict=True)]
    return Table(
        name="table-binding",
        title=_("What stops Chinese makers"),
        note=_(
            "Share of quarters after the origin, over all worlds, weighted by compute added. Makers share "
            "one pool of dies, memory and slots, so differences between them are of the parts they sell. "
            "Cards without stacks are made as wanted."
        ),
        header=[_("Maker"), _("Year"), *(capital(_(limit)) for limit in LIMITS)],
        rows=body,
        data=pd.DataFrame(data, columns=["maker", "year", "limit", "share"]),
        spanned=1,
    )


def _makers(catalogue: Catalogue) -> dict[str, np.ndarray]:
    """Which Chinese classes each maker sells (gpu_class,), all makers first."""
    classes = catalogue.table("gpus/classes.csv").set_index("gpu_class")
    home = classes[classes["origin"] == "CN"]
    makers = {str(vendor): (home["vendor"] == vendor).to_numpy() for vendor in home["vendor"].unique()}
    return {EVERY_MAKER: np.ones(len(home), dtype=bool)} | makers


def stops(one: xr.Dataset, catalogue: Catalogue) -> tuple[xr.DataArray, xr.DataArray]:
    """What stops each Chinese class in each quarter of each world, and the compute added (gpu_class, quarter, draw).

    one: results of one regime. Codes count LIMITS; -1 up to the origin, where output is observed. Weight [H100e/quarter]. A class
    that is not bought out is stopped by buyers' money, else one with stacked memory by what its packages wait for.
    """
    classes = catalogue.table("gpus/classes.csv").set_index("gpu_class")
    home = classes.index[classes["origin"] == "CN"].tolist()
    types = catalogue.table("fabs/packages.csv").set_index("gpu_class")["type"].reindex(home)
    dims = ("gpu_class", "quarter", "draw")
    weight = (one["additions"].sel(channel="domestic", gpu_class=home) * one["h100e"].sel(gpu_class=home)).transpose(*dims)
    made = one["binding_fabrication"].transpose("quarter", "draw").values
    short = one["binding_procurement"].sel(gpu_class=home).transpose(*dims).values == PROCUREMENT_BOUNDS.index("budget")
    by_input = np.select([made == FABRICATION_BOUNDS.index(name) for name in LIMITS[:3]], range(3), -1)
    stacked = (types == "interposer").to_numpy()[:, None, None]
    code = np.where(short, LIMITS.index("buyers' money"), np.where(stacked, by_input, LIMITS.index("what buyers want")))
    code = np.where(made == FABRICATION_BOUNDS.index("observed"), -1, code)
    return weight.copy(data=code.astype(np.int8)), weight


def _stopped(codes: xr.DataArray, weight: xr.DataArray, year: int) -> tuple[np.ndarray, np.ndarray]:
    """Compute added that each limit stopped (limit, gpu_class) and all of it (gpu_class,) in the quarters after the origin."""
    quarters = slice(parse_quarter(f"{year}Q1"), parse_quarter(f"{year}Q4"))
    held, added = codes.sel(quarter=quarters).values, weight.sel(quarter=quarters).values
    shares = np.stack([(added * (held == code)).sum(axis=(1, 2)) for code in range(len(LIMITS))])
    return shares, shares.sum(axis=0)


def bounds_by_quarter(result: xr.Dataset, scope: Scope, catalogue: Catalogue) -> pd.DataFrame:
    """Share of each limit by maker and quarter after the origin, over worlds, by compute added under the base regime. [1]

    Columns: maker, quarter, limit, share; single makers to LAST_YEAR.
    """
    codes, weight = stops(result.sel(regime=scope.base), catalogue)
    rows: list[tuple[str, str, str, float]] = []
    for maker, members in _makers(catalogue).items():
        for t, moment in enumerate(codes["quarter"].values):
            held, added = codes.values[members, t], weight.values[members, t]
            whole = float(added[held >= 0].sum())
            year = int(label_quarter(moment)[:4])
            if whole <= 0 or year > (scope.horizon_year if maker == EVERY_MAKER else LAST_YEAR):
                continue
            found = [float(added[held == code].sum()) / whole for code in range(len(LIMITS))]
            rows += [(maker, label_quarter(moment), limit, share) for limit, share in zip(LIMITS, found, strict=True)]
    return pd.DataFrame(rows, columns=["maker", "quarter", "limit", "share"])


def views_table(result: xr.Dataset, scope: Scope, catalogue: Catalogue) -> Table:
    """Published views of what binds beside the shares of our worlds in which each input does, over the same span."""
    names = catalogue.table("sources.csv").set_index("source")["publisher"]
    codes = result["binding_fabrication"].sel(regime=scope.base)
    body: list[list[Cell]] = []
    data = []
    for row in catalogue.table("fabs/views.csv").itertuples():
        chosen = codes.sel(quarter=slice(parse_quarter(row.first_quarter), parse_quarter(row.last_quarter))).values
        counted = chosen[chosen != FABRICATION_BOUNDS.index("observed")]
        shares = [float((counted == k).mean()) if counted.size else float("nan") for k in range(3)]
        cells = [percent(share) if counted.size else "–" for share in shares]
        body.append(
            [_(row.who), _span(row.first_quarter, row.last_quarter), _(row.binds), _(row.says), *cells, names[row.source]]
        )
        data.append((row.who, row.first_quarter, row.last_quarter, row.binds, *shares, row.source))
    words = [N_("logic"), N_("memory"), N_("packaging")]
    return Table(
        name="table-views",
        title=_("Who says what binds, beside our worlds"),
        note=_(
            "Ours: share of quarters and worlds in which the input is the scarcest, quarters after the "
            "origin only; before it output is observed and no bound is named. Foreign dies are counted with "
            "logic. Shares follow from beliefs about inputs."
        ),
        header=[_("Who"), _("When"), _("Binds"), _("Says"), *(_("Ours: {word}", word=_(word)) for word in words), _("Source")],
        rows=body,
        data=pd.DataFrame(data, columns=["who", "first_quarter", "last_quarter", "binds", *words, "source"]),
    )


def independent_table(result: xr.Dataset, inputs: xr.Dataset, scope: Scope, catalogue: Catalogue) -> Table:
    """Another run of the same evidence beside ours by year under the base regime, and why they differ.

    The other run: 20,000 draws of the priors of the evidence pack, done by its authors before this package; no input.
    """
    ours = _as_the_other_run_counts(result, inputs, scope, catalogue)
    table = catalogue.table("fabs/independent_run.csv")
    years = sorted(int(year) for year in table["year"].unique())
    body: list[list[Cell]] = []
    data: list[tuple[object, ...]] = []
    for what, rows in table.groupby("what", sort=False):
        plain = rows["unit"].iloc[0] == "1"
        theirs: list[Cell] = [
            percent(row.p50) if plain else (two_digits(row.p50 / 1e6), spread(row.p05, row.p95, 1e6)) for row in rows.itertuples()
        ]
        found = [ours[str(what)](year) for year in years]
        mine: list[Cell] = [percent(float(v.mean())) if plain else central(v, 1e6) for v in found]
        body.append([_(rows["label"].iloc[0]), _("theirs"), *theirs, _(rows["why"].iloc[0])])
        body.append(["", _("ours"), *mine, ""])
        data += [(what, row.year, "theirs", row.unit, row.p05, row.p50, row.p95) for row in rows.itertuples()]
        for year, values in zip(years, found, strict=True):
            low, middle, high = (float(v) for v in np.quantile(values, (0.05, 0.5, 0.95)))
            data.append((what, year, "ours", rows["unit"].iloc[0], low, float(values.mean()) if plain else middle, high))
    return Table(
        name="table-independent",
        title=_("Chinese supply beside another run of the same evidence, million"),
        note=_(
            "Median and 90% interval. Theirs: the evidence pack's own draws, status quo. It shares sources with ours, so "
            "agreement confirms little; the last column says why they differ. Shares, of quarters and worlds, have no interval. "
            "Theirs goes on beyond the horizon of this report."
        ),
        header=[_("What"), _("Whose"), *map(str, years), _("Why they differ")],
        rows=body,
        data=pd.DataFrame(data, columns=["what", "year", "whose", "unit", "p05", "p50", "p95"]),
    )


def _as_the_other_run_counts(result: xr.Dataset, inputs: xr.Dataset, scope: Scope, catalogue: Catalogue) -> dict[str, Draws]:
    """Our draws of a year for each row of the other run, in its definitions."""
    one = result.sel(regime=scope.base)
    types = catalogue.table("fabs/packages.csv").set_index("gpu_class")["type"]
    chips = one["additions"].sel(channel="domestic", gpu_class=types.index.tolist())
    stacked = chips.sel(gpu_class=types.index[types == "interposer"].tolist())
    flows = {
        "dies": one["dies_made"] + one["dies_foreign"],
        "stacks": one["stacks_supplied"],
        "stacked": stacked,
        "cards": chips,
        "h100e": stacked * one["h100e"],
    }
    alone = limits(one, inputs)
    flows |= {"by dies": alone["dies"], "by memory": alone["stacks"], "by slots": alone["slots"]}
    out: dict[str, Draws] = {name: partial(in_year, array) for name, array in flows.items()}
    codes = one["binding_fabrication"]

    def scarcest(bound: str, year: int) -> np.ndarray:
        held = codes.sel(quarter=slice(parse_quarter(f"{year}Q1"), parse_quarter(f"{year}Q4"))).values
        held = held[held != FABRICATION_BOUNDS.index("observed")]
        return np.asarray(held == FABRICATION_BOUNDS.index(bound), dtype=float)

    words = {"logic": "logic dies", "memory": "memory", "packaging": "packaging"}
    return {**out, **{f"{word} binds": partial(scarcest, bound) for word, bound in words.items()}}


SOVEREIGN = {
    "share_designed": N_("Designed in China"), "share_logic": N_("Logic made in China"), "share_memory": N_("Logic and memory"),
}  # fmt: skip


def sovereignty_table(result: xr.Dataset, scope: Scope) -> Table:
    """Three shares of onshore additions by year and regime: designed, logic, logic and memory made in China. [1]"""
    years = range(int(scope.as_of[:4]) - 2, scope.horizon_year + 1)
    added = (
        (result["additions"] * result["h100e"]).sel(channel=["licensed", "diverted", "domestic"]).sum(["gpu_class", "channel"])
    )
    body: list[list[Cell]] = []
    data: list[tuple[object, ...]] = []
    for regime, title in scope.titles.items():
        body.append([title])
        for name, label in SOVEREIGN.items():
            cells: list[Cell] = []
            for year in years:
                flow = added.sel(regime=regime)
                share = in_year(flow * result[name].sel(regime=regime), year) / np.maximum(in_year(flow, year), 1e-9)
                cells.append(central(share, 1.0, percent))
                data.append((regime, name, year, share))
            body.append([_(label), *cells])
    return Table(
        name="table-sovereignty",
        title=_("Three ratios of sovereignty, share of compute added onshore"),
        note=_(
            "Median and 90% interval. Foreign dies and stacks in stock mix with what arrives; foreign dies "
            "and foreign stacks fall on packages independently. Before 2026 the foreign share of dies is "
            "elicited."
        ),
        header=["", *map(str, years)],
        rows=body,
        data=long_data(data, ("regime", "variable", "year")),
    )
