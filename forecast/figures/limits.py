"""Figures of limits: what binds Chinese output and purchases through time, and where memory stacks come from."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from forecast.figures.frame import (
    INK,
    NAVY,
    PAPER,
    RUST,
    SAND,
    SKY,
    WIDTH,
    Drawing,
    Marks,
    cell,
    fitted_title,
    house_style,
    key_above,
)
from forecast.figures.shares import HATCHED, inside, maker_or_class, patch, stack, vendor_means
from forecast.language import N_, _
from forecast.names import FABRICATION_BOUNDS, PROCUREMENT_BOUNDS
from forecast.phrases import listed_briefly
from forecast.tables import Rows, Scope, percent, two_digits

MOST_CLASSES = 11
ALL_CLASSES = N_("All on the market")
SMALL_MAKERS = N_("Other Chinese makers")
SPARE = ("#b9bec7", "#6b7280", "#d8dce2", "#9aa1ab")
"""Colours of bounds that have none of their own yet."""


def _colours(bounds: Sequence[str], known: Mapping[str, str]) -> dict[str, str]:
    """A colour for each bound, spare ones where none is set."""
    spare = iter(SPARE)
    return {bound: known.get(bound) or next(spare) for bound in bounds}


FABRICATION = _colours(
    FABRICATION_BOUNDS, {N_("logic dies"): NAVY, N_("memory"): RUST, N_("packaging"): SKY, N_("observed"): "#eceef1"}
)
PROCUREMENT = _colours(
    PROCUREMENT_BOUNDS,
    {
        N_("not on the market"): "#f4f5f7",
        N_("rule"): "#2b2b2b",
        N_("vendor supply"): SKY,
        N_("Beijing's acceptance"): RUST,
        N_("smuggling capacity"): "#d9a441",
        N_("domestic output"): NAVY,
        N_("budget"): "#8a8f98",
        N_("observed"): "#e1e4e9",
    },
)


def yearly_shares(rows: Rows, variable: str, bounds: Sequence[str], years: Sequence[int], **labels: str) -> pd.DataFrame:
    """Share of draws in which each bound held, a row per year: the mean of its four quarters; a bound without rows is zero."""
    held = rows.where(variable=variable, **labels)
    sums: dict[tuple[str, str], float] = {}
    for statistic, quarter, value in zip(held["statistic"], held["quarter"], held["value"], strict=True):
        sums[statistic, quarter[:4]] = sums.get((statistic, quarter[:4]), 0.0) + value
    found = {bound: [sums.get((f"share:{bound}", str(year)), 0.0) / 4 for year in years] for bound in bounds}
    return pd.DataFrame(found, index=list(years), columns=list(bounds), dtype=float)


def fabrication_chart(rows: Rows, scope: Scope) -> Drawing:
    """What limits Chinese chip output, as shares of draws by year: a panel for the base and each regime that differs from it."""
    years = range(int(scope.as_of[:4]), scope.horizon_year + 1)
    shares = {
        scope.titles[regime]: yearly_shares(rows, "binding_fabrication", FABRICATION_BOUNDS, years, regime=regime)
        for regime in scope.titles
    }
    base = shares[scope.titles[scope.base]]
    alike = [title for title, table in shares.items() if table is not base and float((table - base).abs().max(axis=None)) < 0.01]
    shown = {title: table for title, table in shares.items() if title not in alike}
    with house_style():
        figure = _panels(shown, FABRICATION, [_(bound) for bound in FABRICATION])
    note = _("Observed: quarters whose output is taken from evidence.")
    if alike:
        note += " " + _("{titles}: the same to within one point.", titles=listed_briefly(alike))
    return Drawing(
        name="fabrication",
        title=_("What limits Chinese chip output, share of draws by year")
        if len(shown) > 1
        else _("What limits Chinese chip output under {title}, share of draws by year", title=next(iter(shown))),
        note=note,
        figure=figure,
        alt=_binding_words(_("What limits Chinese chip output, as shares of draws"), shares),
        data=pd.concat({title: table.rename_axis("year") for title, table in shares.items()}, names=["regime"]).reset_index(),
    )


def _panels(shown: Mapping[str, pd.DataFrame], colours: Mapping[str, str], names: Sequence[str]) -> Figure:
    """Columns of equal height by year, a panel for each table."""
    columns = min(len(shown), 3)
    lines = -(-len(shown) // columns)
    height = 0.42 + 0.82 * lines
    figure = Figure(figsize=(WIDTH, height))
    grid = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
    figure.subplots_adjust(left=0.0, right=1.0, top=1 - 0.44 / height, bottom=0.2 / height, wspace=0.06, hspace=0.3)
    for axes in grid.ravel()[len(shown) :]:
        axes.remove()
    for axes, (title, table) in zip(grid.ravel(), shown.items(), strict=False):
        axes.set_ylim(0, 1)
        stack(axes, np.arange(len(table), dtype=float), table, colours, width=0.86, shares=True)
        fitted_title(axes, _(title))
        axes.set_xticks(range(len(table)), [str(year) for year in table.index])
        axes.set_yticks([])
    bounds = next(iter(shown.values())).columns
    key_above(figure, [patch(str(name), colours[str(name)]) for name in bounds], names, 0.0, columns=8)
    return figure


def _binding_words(start: str, tables: Mapping[str, pd.DataFrame]) -> str:
    """The largest shares of the first and the last row of each table, in words."""
    parts = [f"{start}."]
    for name, table in tables.items():
        ends = []
        for label in dict.fromkeys((table.index[0], table.index[-1])):
            row = table.loc[label].sort_values(ascending=False, kind="stable")
            ends.append(
                f"{label}: " + ", ".join(f"{_(str(bound))} {percent(share)}" for bound, share in row.items() if share >= 0.05)
            )
        parts.append(f"{_(name)}, {'; '.join(ends)}.")
    return " ".join(parts)


def purchase_shares(rows: Rows, scope: Scope, regime: str) -> pd.DataFrame | None:
    """What stopped further purchases in the headline year: all classes on the market, then foreign classes and Chinese vendors.

    Rows that stand for several classes are their plain mean; the smallest makers share one row where there are too many
    for a figure. None when the run holds no such codes.
    """
    years, shares = [scope.headline_year], {}
    for name in rows.labels("gpu_class", variable="binding_procurement", regime=regime):
        held = yearly_shares(rows, "binding_procurement", PROCUREMENT_BOUNDS, years, regime=regime, gpu_class=name)
        if cell(held, scope.headline_year, "not on the market") < 0.95:
            shares[name] = held.iloc[0]
    if not shares:
        return None
    table = pd.DataFrame(shares).T
    owned = rows.labels("gpu_class", variable="additions_h100e", channel="domestic", regime=regime)
    sizes = vendor_means(rows, scope, regime, owned, years).iloc[0]
    groups = _small_together([maker_or_class(scope, str(name)) for name in table.index], sizes)
    parts = table.groupby(groups, sort=False).mean()
    order = sorted(parts.index, key=lambda name: name == SMALL_MAKERS)
    return pd.concat([table.mean().to_frame(ALL_CLASSES).T, parts.loc[order]])


def _small_together(groups: Sequence[str], sizes: pd.Series) -> list[str]:
    """Rows of a figure with the smallest makers under one name, so that no more than MOST_CLASSES rows stand."""
    rows = dict.fromkeys(groups)
    makers = [name for name in sizes.sort_values(ascending=False, kind="stable").index if name in rows]
    room = max(MOST_CLASSES - 1 - (len(rows) - len(makers)), 1)
    small = set(makers[room:]) if len(rows) > MOST_CLASSES else set()
    return [SMALL_MAKERS if name in small else name for name in groups]


def purchases_chart(rows: Rows, scope: Scope, regime: str | None = None) -> Drawing | None:
    """What stopped further purchases of each class in the headline year under one regime; None when the run does not say."""
    regime = regime or scope.base
    table = purchase_shares(rows, scope, regime)
    if table is None:
        return None
    left = max(len(table) - 1 - MOST_CLASSES, 0)
    table = table.iloc[: MOST_CLASSES + 1]
    used = [bound for bound in PROCUREMENT if (table[bound] >= 0.005).any()]
    with house_style():
        figure = _purchase_bars(table[used])
    return Drawing(
        name="purchases",
        title=_(
            "What stops further purchases in {year} under {title}, share of draws",
            year=scope.headline_year,
            title=scope.titles[regime],
        ),
        note=_("Foreign chips by class, Chinese ones by vendor; rows of several classes are plain means.")
        + (" " + _("Rows left out: {count}.", count=left) if left else ""),
        figure=figure,
        alt=_binding_words(
            _("What stops further purchases of each class, as shares of draws"),
            {str(name): table.loc[[name], used].set_axis([scope.headline_year]) for name in table.index},
        ),
        data=table[used].rename_axis("gpu_class").reset_index(),
    )


def _purchase_bars(table: pd.DataFrame) -> Figure:
    """Horizontal bars of equal length, the first set apart; words inside where they fit."""
    height = 0.32 + 0.14 * (len(table) + 0.4)
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes((0.2, 0.02, 0.8, 1 - 0.32 / height))
    places = np.array([-0.4, *range(1, len(table))], dtype=float)
    base = np.zeros(len(table))
    for bound in table.columns:
        values = table[bound].to_numpy()
        axes.barh(
            places, values, 0.8, base, color=PROCUREMENT[bound], hatch=HATCHED.get(bound, ""), edgecolor=PAPER, linewidth=0.5
        )
        for place, value, left in zip(places, values, base, strict=True):
            if value >= 0.05:
                inside(axes, left + value / 2, place, percent(value), PROCUREMENT[bound], "center")
        base = base + values
    axes.set_yticks(places, [_(str(name)) for name in table.index], color=INK)
    widest = max(label.get_window_extent().width for label in axes.get_yticklabels()) / figure.dpi + 0.14
    axes.set_position((widest / WIDTH, 0.02, 1 - widest / WIDTH, 1 - 0.32 / height))
    axes.set_ylim(len(table) - 0.5, -0.9)
    axes.set_xlim(0, 1)
    axes.set_xticks([])
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    names = [_(str(bound)).replace("'", "’") for bound in table.columns]
    key_above(figure, [patch(bound, PROCUREMENT[bound]) for bound in table.columns], names, 0.0, columns=8)
    return figure


GROUPS = (ALL_CLASSES, N_("Foreign chips"), N_("Chinese chips"))


def purchase_paths(rows: Rows, scope: Scope, regime: str) -> dict[str, pd.DataFrame]:
    """What stopped purchases, year by year after the origin, as plain means over the classes on the market, by group of chips.

    Years in which a class is mostly not sold are left out, quarters in which it is not are not counted. Empty when the run holds
    no such codes.
    """
    held = rows.where(variable="binding_procurement", regime=regime)
    held = held[held["gpu_class"] != ""].assign(year=held["quarter"].str[:4].astype(int), bound=held["statistic"].str[6:])
    years = range(int(scope.as_of[:4]) + 1, scope.horizon_year + 1)
    held = held[held["year"].isin(years)]
    wide = held.pivot_table(index=["gpu_class", "year"], columns="bound", values="value", aggfunc="sum").fillna(0.0) / 4
    wide = wide.reindex(columns=list(PROCUREMENT), fill_value=0.0)
    wide = wide[wide["not on the market"] < 0.5].drop(columns="not on the market")
    wide = wide.div(wide.sum(axis=1), axis=0)
    domestic = np.array([scope.classes.get(str(name), {}).get("origin") == "CN" for name, _year in wide.index], dtype=bool)
    parts = {GROUPS[0]: wide, GROUPS[1]: wide[~domestic], GROUPS[2]: wide[domestic]}
    return {name: part.groupby("year").mean().reindex(years, fill_value=0.0) for name, part in parts.items() if len(part)}


def purchase_path_chart(rows: Rows, scope: Scope, regime: str | None = None) -> Drawing | None:
    """What stops further purchases by year under one regime, a panel for each group of chips; None when the run does not say."""
    regime = regime or scope.base
    shown = purchase_paths(rows, scope, regime)
    if not shown:
        return None
    used = [
        bound for bound in next(iter(shown.values())).columns if any((table[bound] >= 0.02).any() for table in shown.values())
    ]
    shown = {name: table[used] for name, table in shown.items()}
    with house_style():
        figure = _panels(shown, PROCUREMENT, [_(bound).replace("'", "’") for bound in used])
    return Drawing(
        name="purchases-by-year",
        title=_("What stops further purchases under {title}, share of draws by year", title=scope.titles[regime]),
        note=_("Plain means over the classes on the market in the year. Budget: the money ran out before the supply did."),
        figure=figure,
        alt=_binding_words(
            _("What stops further purchases under {title}, as shares of draws by year", title=scope.titles[regime]), shown
        ),
        data=pd.concat({name: table.rename_axis("year") for name, table in shown.items()}, names=["chips"]).reset_index(),
    )


STACKS = {N_("counted by sources"): RUST, N_("carried forward from the nowcast"): SAND}


def memory_chart(rows: Rows, scope: Scope, regime: str | None = None) -> Drawing | None:
    """Memory stacks by year under one regime: what sources count, and what output took beyond; None without such rows."""
    regime = regime or scope.base
    years = list(range(int(scope.as_of[:4]), scope.horizon_year + 1))
    variables = dict(zip(("stacks_supplied", "stacks_imputed"), STACKS, strict=True))
    if any(rows.where(variable=name, regime=regime).empty for name in variables):
        return None
    table = pd.DataFrame(
        {
            label: [
                sum(rows.path(name, "mean", [f"{year}Q{part}" for part in range(1, 5)], regime=regime)) / 1e6 for year in years
            ]
            for name, label in variables.items()
        },
        index=years,
    )
    with house_style():
        figure = _memory_columns(table)
    words = "; ".join(
        f"{year}: {', '.join(f'{_(label)} {two_digits(cell(table, year, label))}' for label in table)}"
        for year in (years[0], years[-1])
    )
    return Drawing(
        name="memory",
        title=_("Memory stacks for Chinese accelerators a year under {title}, millions", title=scope.titles[regime]),
        note=_("Means over draws, stacks of 16 GB. Carried forward: what observed output took beyond counted supply, fading."),
        figure=figure,
        alt=_(
            "Stacked columns of memory stacks in millions a year under {title}. {words}.", title=scope.titles[regime], words=words
        ),
        data=table.rename_axis("year").reset_index(),
    )


def _memory_columns(table: pd.DataFrame) -> Figure:
    """Columns by year, the share of the gap written above each."""
    figure = Figure(figsize=(WIDTH, 1.25))
    axes = figure.add_axes((0.035, 0.135, 0.955, 0.665))
    places = np.arange(len(table), dtype=float)
    total = table.clip(lower=0.0).sum(axis=1)
    axes.set_ylim(min(0.0, 1.1 * float(table.min(axis=None))), 1.16 * float(total.max()))
    axes.yaxis.set_major_formatter(Marks())
    stack(axes, places, table.clip(lower=0.0), STACKS, width=0.56)
    for place, (whole, gap) in enumerate(zip(total, table[list(STACKS)[1]].clip(lower=0.0), strict=True)):
        axes.annotate(
            _("{share} not counted", share=percent(gap / whole if whole > 0 else 0.0)), (place, whole), xytext=(0, 2.5),
            textcoords="offset points", ha="center", va="bottom", fontsize=6.5, color=INK,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6},
        )  # fmt: skip
    axes.set_xticks(places, [str(year) for year in table.index])
    axes.set_xlim(-0.5, len(table) - 0.5)
    key_above(figure, [patch(name, STACKS[name]) for name in STACKS], [_(name) for name in STACKS], 0.035)
    return figure
