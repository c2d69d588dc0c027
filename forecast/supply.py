"""Tables of Chinese supply: lines, dies, yields, memory, packages, and the way from wafers to usable compute."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from forecast.catalogue.load import Catalogue
from forecast.language import N_, _
from forecast.names import end_of_year, parse_quarter
from forecast.rows import quantiles
from forecast.stages.dies import negative_binomial_yield, usable
from forecast.tables import Cell, Scope, Table, percent, quarter_name, spread, two_digits

QUANTILES = ("p05", "p50", "p95")
WHOLE = 0.999
"""Bandwidth over that of the sheet from which on a package counts as whole."""

YIELDS_FROM = 2023
"""First year of the yield curves."""

Draws = Callable[[int], np.ndarray]
"""Draws (draw,) of a year."""


def class_name(row: Any) -> str:
    """A class as readers know it, its Chinese name behind it."""
    return " ".join(part for part in (row["label"], row["label_zh"]) if part)


def firm_name(name: str, catalogue: Catalogue) -> str:
    """A firm with its Chinese name behind it, where params has one (gpus/vendors.csv)."""
    known = catalogue.table("gpus/vendors.csv").set_index("vendor")["name_zh"]
    return " ".join(part for part in (_(name), str(known.get(name, ""))) if part)


def central(values: np.ndarray, scale: float = 1.0, write: Callable[[float], str] = two_digits) -> Cell:
    """Median and 90 % interval of draws (draw,) in units of `scale`."""
    low, middle, high = (float(v) for v in quantiles(np.asarray(values, dtype=float))[[0, 2, 4]] / scale)
    return write(middle), spread(low, high, 1.0, write)


def in_year(array: xr.DataArray, year: int) -> np.ndarray:
    """Sum of a flow over the quarters of a year (draw,), other dimensions added up."""
    chosen = array.sel(quarter=slice(parse_quarter(f"{year}Q1"), parse_quarter(f"{year}Q4")))
    return np.asarray(chosen.sum([dim for dim in chosen.dims if dim != "draw"]).values, dtype=float)


def years_of(scope: Scope) -> list[int]:
    """The years that tables of supply show: from that of the origin to the horizon."""
    return list(range(int(scope.as_of[:4]), scope.horizon_year + 1))


def long_data(rows: Sequence[tuple[object, ...]], labels: Sequence[str]) -> pd.DataFrame:
    """Rows of labels and draws as labels and three quantiles."""
    held = [(*row[:-1], *(float(v) for v in quantiles(np.asarray(row[-1], dtype=float))[[0, 2, 4]])) for row in rows]
    return pd.DataFrame(held, columns=[*labels, *QUANTILES])


def by_year(name: str, title: str, note: str, rows: Sequence[tuple[str, str, Draws, float]], years: Sequence[int]) -> Table:
    """A table with a column a year; rows of label, unit, draws of a year and what they are divided by; 0 writes percent."""
    body: list[list[Cell]] = []
    data: list[tuple[object, ...]] = []
    for label, unit, draws, scale in rows:
        found = [draws(year) for year in years]
        cells = [central(values, scale) if scale else central(values, 1.0, percent) for values in found]
        body.append([_(label), *cells])
        data += [(label, unit, year, values) for year, values in zip(years, found, strict=True)]
    return Table(name, title, note, ["", *map(str, years)], body, long_data(data, ("what", "unit", "year")))


def lines_table(catalogue: Catalogue, years: Sequence[int] = (2026, 2028, 2030)) -> Table:
    """Advanced lines: operator, site, node, capacity at year-ends, dependence on foreign tools, share for accelerators."""
    lines, capacity = catalogue.table("fabs/lines.csv"), catalogue.table("fabs/line_capacity.csv")
    held = capacity.set_index(["fab", "year"])[list(QUANTILES)] / 1e3
    body: list[list[Cell]] = []
    for row in lines.itertuples():
        cells: list[Cell] = []
        for year in years:
            low, middle, high = held.loc[(row.fab, float(year))]
            cells.append((two_digits(middle), spread(low, high)) if high > 0 else "–")
        body.append(
            [
                firm_name(row.operator, catalogue),
                _(row.site),
                _(row.node),
                *cells,
                percent(row.foreign_tools),
                percent(row.for_ai),
            ]
        )
    sums = [two_digits(capacity.loc[capacity["year"] == year, "p50"].sum() / 1e3) for year in years]
    national = catalogue.quantities["logic_capacity"].path or {}
    path = [national[str(year)] for year in years]
    body.append([_("All lines"), "", "", *sums, "", ""])
    body.append([_("National path"), "", "", *((two_digits(p.p50 / 1e3), spread(p.p05, p.p95, 1e3)) for p in path), "", ""])
    return Table(
        name="table-lines",
        title=_("Advanced logic by line, thousand wafers a month at year-end"),
        note=_(
            "A judged split: no line publishes its advanced wafers. Central values add up to nearly the national "
            "path; the split serves only to say what a rule that touches one operator reaches."
        ),
        header=[_("Operator"), _("Site"), _("Node"), *map(str, years), _("Foreign tools"), _("For accelerators")],
        rows=body,
        data=capacity,
    )


def dies_table(result: xr.Dataset, scope: Scope) -> Table:
    """Balance of logic dies by year under the base regime: wafers, yields, dies from all sources, used, left. [die]"""
    one = result.sel(regime=scope.base)

    rows = [
        (N_("Wafers for accelerators out, thousand"), "wafer/year", _flow(one["wafers_out"]), 1e3),
        (N_("Dies sold of those begun, 7 nm class"), "1", _last(one["yield_7nm"]), 0.0),
        (N_("Dies sold of those begun, 5 nm class"), "1", _last(one["yield_5nm"]), 0.0),
        (N_("Good dies made in China, million"), "die/year", _flow(one["dies_made"]), 1e6),
        (N_("From foreign foundries, million"), "die/year", _flow(one["dies_foreign"]), 1e6),
        (N_("Beyond counted supply, million"), "die/year", _flow(one["dies_imputed"]), 1e6),
        (N_("Used in packages, million"), "die/year", _flow(one["dies_used"]), 1e6),
        (N_("Left at year-end, million"), "die", _stock(one["dies_stock"]), 1e6),
    ]
    note = _(
        "Median and 90% interval; equivalents of the 665.6 mm2 die. Beyond counted supply: what observed "
        "packages took more, fading, and the surprise of output; below zero where output falls short of "
        "plans. Yields in the year's last quarter."
    )
    return by_year("table-dies", _("From wafers to dies"), note, rows, years_of(scope))


def _flow(array: xr.DataArray) -> Draws:
    """Draws of a flow summed over a year."""
    return lambda year: in_year(array, year)


def _last(array: xr.DataArray) -> Draws:
    """Draws of a ratio in the last quarter of a year."""
    return lambda year: np.asarray(array.sel(quarter=parse_quarter(f"{year}Q4")).values, dtype=float)


def _stock(array: xr.DataArray) -> Draws:
    """Draws of a stock at the end of a year."""
    return lambda year: np.asarray(array.sel(bound=end_of_year(year)).values, dtype=float)


def memory_table(result: xr.Dataset, inputs: xr.Dataset, scope: Scope) -> Table:
    """Balance of memory by year under the base regime, by source, and what its generation gives. [stack]"""
    one = result.sel(regime=scope.base)
    leak = inputs["hbm_illicit"] * inputs["lever_hbm_access"].sel(regime=scope.base)
    flows: dict[str, xr.DataArray] = {
        N_("Standard, Chinese makers"): inputs["hbm_domestic"],
        N_("The same by wafers, dies and yield"): one["stacks_by_wafers"],
        N_("Huawei's own, less overlap"): inputs["hbm_inhouse"] * (1.0 - inputs["hbm_overlap"]),
        N_("Leaked"): leak,
        N_("of which under cheap logic"): leak * inputs["leak_copackaged"],
        N_("Beyond counted supply"): one["stacks_imputed"],
        N_("Used in packages"): one["stacks_used"],
    }
    rows = [(label, "stack/year", _flow(array), 1e6) for label, array in flows.items()]
    rows.append((N_("Left at year-end"), "stack", _stock(one["stacks_stock"]), 1e6))
    note = _(
        "Million stacks of 16 GB; median and 90% interval. Sources as planned, before rules on memory "
        "tools and the response of investment. Stacks by wafers stand beside the path and are used "
        "nowhere."
    )
    table = by_year("table-memory", _("Memory for Chinese packages, million stacks"), note, rows, years_of(scope))
    slow = _last(one["memory_speed"])
    shares = [percent(float((slow(year) < WHOLE).mean())) for year in years_of(scope)]
    return table._replace(rows=[*table.rows, [_("Worlds in which older memory slows packages"), *shares]])


def stockpile_table(catalogue: Catalogue) -> Table:
    """What became of the foreign stacks of 2024: arrivals less uses beside what the model starts from. [stack]"""
    table = catalogue.table("fabs/stockpile.csv")
    body: list[list[Cell]] = [
        [_(row.label), _(row.side), (two_digits(row.p50 / 1e6), spread(row.p05, row.p95, 1e6)), _(row.reason)]
        for row in table.itertuples()
    ]
    central_sum = table["p50"].where(table["side"] == "arrived", -table["p50"]).sum()
    left = catalogue.quantities["hbm_left"].spread
    assert left is not None, "hbm_left is a spread"
    body.append([_("Arrived less used"), "", two_digits(central_sum / 1e6), _("central values")])
    held = (two_digits(left.p50 / 1e6), spread(left.p05, left.p95, 1e6))
    body.append([_("Left at the start of 2026, as the model has it"), "", held, _(catalogue.quantities["hbm_left"].reason)])
    return Table(
        name="table-stockpile",
        title=_("Where the stockpile of memory went, million stacks"),
        note=_("Median and 90% interval. Uses count stacks in finished packages; losses in assembly would raise them."),
        header=[_("What"), _("Side"), _("Million stacks"), _("Why")],
        rows=body,
        data=table,
    )


def packages_table(inputs: xr.Dataset, catalogue: Catalogue) -> Table:
    """Type of package by class, with what it needs: compute dies, reference dies, stacks, slots, and dies lost to the others."""
    types, classes = catalogue.table("fabs/packages.csv"), catalogue.table("gpus/classes.csv").set_index("gpu_class")
    good = (1.0 - inputs["die_escape"] * (1.0 - inputs["die_screening"])) ** inputs["compute_dies"]
    body: list[list[Cell]] = []
    data: list[tuple[object, ...]] = []
    for row in types.itertuples():
        one = inputs.sel(gpu_class=row.gpu_class)
        held = {name: one[name].values for name in ("compute_dies", "dies", "stacks", "slots")}
        held["all good"] = good.sel(gpu_class=row.gpu_class).values
        body.append([class_name(classes.loc[row.gpu_class]), _(row.type), *(_plain(held[name]) for name in held)])
        data += [(row.gpu_class, row.type, name, values) for name, values in held.items()]
    return Table(
        name="table-packages",
        title=_("Packages by type"),
        note=_(
            "Median and 90% interval. Reference dies: of 665.6 mm2. Slots: places on an interposer of the "
            "size of an Ascend 910C; cards on a plain substrate need neither slots nor stacks. All good: "
            "share of packages in which no die turns out bad that had passed on the wafer; it multiplies by "
            "the number of compute dies unless they are screened."
        ),
        header=[_("Class"), _("Type"), _("Compute dies"), _("Reference dies"), _("Stacks"), _("Slots"), _("All good")],
        rows=body,
        data=long_data(data, ("gpu_class", "type", "what")),
    )


def _plain(values: np.ndarray) -> Cell:
    """A median with its interval, the number alone where all draws agree."""
    return two_digits(float(values[0])) if np.ptp(values) < 1e-9 else central(values)


def at_size(sold: np.ndarray, area: float, inputs: xr.Dataset) -> np.ndarray:
    """Share of dies of an area [mm2] that would be sold where `sold` of the reference die are: same defects, same bins. [1]

    sold (draw,) or (quarter, draw). The yield of the reference die is turned back into a defect density.
    """
    lost, binned, alpha = (inputs[name].values for name in ("parametric_loss", "binned_share", "clustering"))
    clean = (sold - binned) / (1.0 - lost - binned)
    times_area = alpha * (clean ** (-1.0 / alpha) - 1.0)
    ratio = area / 100.0 / inputs["reference_die_area"].values
    return np.asarray(usable(negative_binomial_yield(ratio, times_area, alpha), lost, binned))


def yields_table(result: xr.Dataset, inputs: xr.Dataset, scope: Scope, catalogue: Catalogue) -> Table:
    """Our yields beside published ones, in the quarter and for the size of die that they speak of. [1]"""
    names = catalogue.table("sources.csv").set_index("source")["publisher"]
    body: list[list[Cell]] = []
    data: list[tuple[Any, ...]] = []
    for row in catalogue.table("fabs/yields.csv").itertuples():
        ours = result[f"yield_{row.node[0]}nm"].sel(regime=scope.base, quarter=parse_quarter(row.quarter)).values
        ours = ours if pd.isna(row.die_area) else at_size(ours, row.die_area, inputs)
        said = percent(row.p50) if pd.isna(row.p05) else (percent(row.p50), spread(row.p05, row.p95, 1.0, percent))
        what = row.product
        if not pd.isna(row.die_area):
            what = _("{product} (die of {area} mm2)", product=row.product, area=f"{row.die_area:g}")
        body.append([
            _(row.node), quarter_name(row.quarter), what, said, central(ours, 1.0, percent), _(row.kind), names[row.source],
            _(row.note),
        ])  # fmt: skip
        data.append((row.node, row.quarter, row.product, row.p50, row.source, row.die_area, ours))
    sized = [(float(str(row[3])), float(np.median(np.asarray(row[-1])))) for row in data if not pd.isna(row[5])]
    below = sum(published < ours for published, ours in sized)
    return Table(
        name="table-yields",
        title=_("Yields beside published ones"),
        note=_(
            "Ours: share of dies that are sold, median and 90% interval, of 665.6 mm2 where no other size is named; before 2026 "
            "learning run backwards. The density of the 7 nm class was inverted from published yields of large dies, so "
            "agreement there is no test. Of smaller dies {below} of {count} published yields lie below our median at their size: "
            "where most do, ours may be too hopeful.",
            below=below,
            count=len(sized),
        ),
        header=[_("Node"), _("Quarter"), _("Product"), _("Published"), _("Ours"), _("Kind"), _("By"), _("Note")],
        rows=body,
        data=long_data(data, ("node", "quarter", "product", "published", "source", "die_area")),
    )


def yield_curves(result: xr.Dataset, inputs: xr.Dataset, scope: Scope, catalogue: Catalogue) -> pd.DataFrame:
    """Share of reference dies that are sold by node and quarter under the base regime: node, quarter, p05, p50, p95. [1]

    `small` is the median for the smaller die of which yields of the node were published, missing where there is none.
    """
    sizes = catalogue.table("fabs/yields.csv").groupby("node")["die_area"].max()
    small: list[float] = []
    quarters = [f"{year}Q{part}" for year in range(YIELDS_FROM, scope.horizon_year + 1) for part in range(1, 5)]
    rows: list[tuple[object, ...]] = []
    for node in (N_("7 nm class"), N_("5 nm class")):
        held = result[f"yield_{node[0]}nm"].sel(regime=scope.base)
        for quarter in quarters:
            values = held.sel(quarter=parse_quarter(quarter)).values
            rows.append((node, quarter, values))
            small.append(float(np.median(at_size(values, float(sizes[node]), inputs))))
    return long_data(rows, ("node", "quarter")).assign(small=small)


def flow_table(result: xr.Dataset, inputs: xr.Dataset, scope: Scope) -> Table:
    """From wafers to usable compute by year under the base regime: each step and what it loses."""
    one = result.sel(regime=scope.base)
    chips = one["additions"].sel(channel="domestic")
    rate = (chips * one["h100e"]).sum("gpu_class")
    software = one["software_reached"].isel(bound=slice(1, None)).rename(bound="quarter")
    software = software.assign_coords(quarter=one["quarter"].values)
    flows: list[tuple[str, str, xr.DataArray, float]] = [
        (N_("Wafers for accelerators out, thousand"), "wafer/year", one["wafers_out"], 1e3),
        (N_("Dies from all sources, million"), "die/year", one["dies_made"] + one["dies_foreign"] + one["dies_imputed"], 1e6),
        (N_("Dies that found memory and a package, million"), "die/year", one["dies_used"], 1e6),
        (N_("Stacks from all sources, million"), "stack/year", one["stacks_supplied"] + one["stacks_imputed"], 1e6),
        (N_("Stacks that went into packages, million"), "stack/year", one["stacks_used"], 1e6),
        (N_("Chinese accelerators bought, thousand"), "chip/year", chips, 1e3),
        (N_("Compute added, million H100e"), "H100e/year", rate, 1e6),
        (N_("The same as software lets it train, million H100e"), "H100e/year", rate * software, 1e6),
    ]
    rows = [(label, unit, _flow(array), scale) for label, unit, array, scale in flows]
    note = _("Median and 90% interval; medians of steps do not multiply. What a step does not use is kept or, in assembly, lost.")
    return by_year("table-flow", _("From wafers to usable compute, Chinese chips"), note, rows, years_of(scope))
