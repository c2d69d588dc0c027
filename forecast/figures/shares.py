"""Figures of parts: channels at year-ends, what binds, and additions by vendor."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from forecast.figures.frame import (
    INK,
    NAVY,
    PAPER,
    QUIET,
    RAMP,
    RUST,
    SAND,
    SKY,
    WIDTH,
    Drawing,
    cell,
    contrast_ink,
    house_style,
    key_above,
    spaced,
    stated,
)
from forecast.names import FABRICATION_BOUNDS, PROCUREMENT_BOUNDS
from forecast.tables import WHERE, Rows, Scope, percent, two_digits, year_end

STACK = {"domestic": NAVY, "diverted": RUST, "licensed": SKY}
ABROAD = SAND
MOST_CLASSES = 11
ALL_CLASSES = "All on the market"
SMALL_MAKERS = "Other Chinese makers"
FABRICATION = dict(zip(FABRICATION_BOUNDS, (NAVY, RUST, SKY, "#eceef1"), strict=True))
PROCUREMENT = dict(zip(PROCUREMENT_BOUNDS, ("#f4f5f7", "#2b2b2b", SKY, RUST, "#d9a441", NAVY, "#8a8f98", "#e1e4e9"), strict=True))
HATCHED = {"budget": "////", "smuggling capacity": "...."}


def channel_chart(rows: Rows, scope: Scope, regime: str | None = None) -> Drawing:
    """Stock at year-ends by channel under one regime: onshore stacked by means, abroad beside it, 90% intervals on both."""
    regime = regime or scope.base
    quarters = [f"{year}Q4" for year in range(int(scope.as_of[:4]) - 3, scope.headline_year + 1)]
    means, totals = _channel_frames(rows, regime, quarters)
    with house_style():
        figure = Figure(figsize=(WIDTH, 1.9))
        axes = figure.add_axes((0.035, 0.085, 0.955, 0.80))
        places = np.arange(len(quarters), dtype=float)
        axes.set_ylim(0, 1.12 * float(totals["onshore"]["p95"].max()))
        _stack(axes, places - 0.19, means[list(STACK)], STACK, width=0.50)
        _stack(axes, places + 0.26, means[["offshore"]], {"offshore": ABROAD}, width=0.36)
        _whiskers(axes, places + 0.01, totals["onshore"])
        _whiskers(axes, places + 0.40, totals["offshore"])
        axes.set_xticks(places, [year_end(quarter) for quarter in quarters])
        axes.set_xlim(-0.5, len(quarters) - 0.5)
        _seen_until(axes, quarters, scope.as_of)
        names = [*reversed(STACK), "offshore"]
        handles: list[Patch | Line2D] = [_patch(name, {**STACK, "offshore": ABROAD}[name]) for name in names]
        handles.append(Line2D([], [], color=INK, linewidth=0.8, marker="_", markersize=5, markeredgewidth=1.4))
        key_above(figure, handles, [*(WHERE[name] for name in names), "median and 90% interval of the sum"], 0.035)
    data = means.add_prefix("mean_").join([frame.add_prefix(f"{name}_") for name, frame in totals.items()])
    return Drawing(
        name="channels",
        title=f"Compute by channel at year-ends under {scope.titles[regime]}, million H100e",
        note="Bars are means, because means add up to their sum and medians do not.",
        figure=figure,
        alt=_channel_words(means, totals, scope.titles[regime]),
        data=data.rename_axis("quarter").reset_index(),
    )


def _channel_frames(rows: Rows, regime: str, quarters: Sequence[str]) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Means by channel, and interval and median of the two sums, in millions."""

    def column(channel: str, statistic: str) -> np.ndarray:
        return np.array(rows.path("compute_nominal", statistic, quarters, regime=regime, channel=channel)) / 1e6

    means = pd.DataFrame({name: column(name, "mean") for name in (*STACK, "offshore")}, index=list(quarters))
    totals = {
        name: pd.DataFrame({level: column(name, level) for level in ("p05", "p50", "p95")}, index=list(quarters))
        for name in ("onshore", "offshore")
    }
    return means, totals


def _patch(name: str, colour: str) -> Patch:
    """The key's square for one part, hatched where its bar is."""
    return Patch(facecolor=colour, edgecolor=PAPER if HATCHED.get(name) else QUIET, linewidth=0.4, hatch=HATCHED.get(name, ""))


def _stack(
    axes: Axes, places: np.ndarray, parts: pd.DataFrame, colours: Mapping[str, str], width: float, *, shares: bool = False
) -> None:
    """Columns of parts from the bottom up, with the value written in each part that has room; set the axis' limits first."""
    base = np.zeros(len(places))
    inches = axes.bbox.height / mpl.rcParams["figure.dpi"]
    room = 10.0 / 72 / inches * axes.get_ylim()[1]
    for name in parts.columns:
        values = parts[name].to_numpy()
        axes.bar(places, values, width, base, color=colours[name], hatch=HATCHED.get(name, ""), edgecolor=PAPER, linewidth=0.5)
        for place, value, bottom in zip(places, values, base, strict=True):
            if value >= room:
                left = place - (0.0 if shares else width / 2 - 0.04)
                text = percent(value) if shares else two_digits(value)
                _inside(axes, left, bottom + value / 2, text, colours[name], "center" if shares else "left")
        base = base + values


def _inside(axes: Axes, x: float, y: float, text: str, colour: str, side: Literal["left", "center"]) -> None:
    """A value on its own part, outlined in the part's colour so that no hatch runs through."""
    edge = [patheffects.withStroke(linewidth=2.2, foreground=colour)]
    axes.text(x, y, text, ha=side, va="center_baseline", fontsize=6.5, color=contrast_ink(colour), path_effects=edge)


def _whiskers(axes: Axes, places: np.ndarray, totals: pd.DataFrame) -> None:
    """A line from the 5th to the 95th percentile with a tick at the median."""
    axes.vlines(places, totals["p05"], totals["p95"], color=INK, linewidth=0.8)
    axes.hlines(totals["p50"], places - 0.035, places + 0.035, color=INK, linewidth=1.4)


def _seen_until(axes: Axes, quarters: Sequence[str], as_of: str) -> None:
    """A broken line before the first year-end that is forecast."""
    ahead = [place for place, quarter in enumerate(quarters) if quarter > as_of]
    if not ahead or ahead[0] == 0:
        return
    axes.axvline(ahead[0] - 0.5, color=QUIET, linewidth=0.7, linestyle=(0, (2, 2)))
    for text, side, shift in (("nowcast", "right", -3), ("forecast", "left", 3)):
        axes.annotate(
            text, (ahead[0] - 0.5, 1.0), xycoords=("data", "axes fraction"), xytext=(shift, -1), textcoords="offset points",
            ha=side, va="top", fontsize=6.5, color=QUIET,
        )  # fmt: skip


def _channel_words(means: pd.DataFrame, totals: Mapping[str, pd.DataFrame], title: str) -> str:
    """The channels in words, first and last year."""
    parts = [f"Stacked bars of onshore compute under {title} by channel, with compute abroad beside them, in million H100e."]
    for quarter in (means.index[0], means.index[-1]):
        shares = ", ".join(f"{WHERE[name]} {two_digits(cell(means, quarter, name))}" for name in means.columns)
        ends = "; ".join(f"{WHERE[name]} {stated(frame, quarter)}" for name, frame in totals.items())
        parts.append(f"{year_end(quarter).capitalize()}: means {shares}; {ends}.")
    return " ".join(parts)


def yearly_shares(rows: Rows, variable: str, bounds: Sequence[str], years: Sequence[int], **labels: str) -> pd.DataFrame:
    """Share of draws in which each bound held, a row per year: the mean of its four quarters; a bound without rows is zero."""
    held = rows.where(variable=variable, **labels)
    table = pd.DataFrame(0.0, index=list(years), columns=list(bounds))
    for bound in bounds:
        for year in years:
            quarters = [f"{year}Q{part}" for part in range(1, 5)]
            found = held[(held.statistic == f"share:{bound}") & held.quarter.isin(quarters)]
            table.loc[year, bound] = found["value"].sum() / 4
    return table


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
        figure = _fabrication_panels(shown)
    note = "In each quarter and draw the scarcest of the inputs limits how many packages can be made. "
    note += "Observed: quarters whose output is taken from evidence."
    if alike:
        note += f" {' and '.join(alike)}: the same to within one point in every year."
    return Drawing(
        name="fabrication",
        title=f"What limits Chinese chip output{'' if len(shown) > 1 else f' under {next(iter(shown))}'}, share of draws by year",
        note=note,
        figure=figure,
        alt=_binding_words("What limits Chinese chip output, as shares of draws", shares),
        data=pd.concat({title: table.rename_axis("year") for title, table in shares.items()}, names=["regime"]).reset_index(),
    )


def _fabrication_panels(shown: Mapping[str, pd.DataFrame]) -> Figure:
    """Columns of equal height by year, a panel per regime."""
    columns = min(len(shown), 3)
    lines = -(-len(shown) // columns)
    height = 0.45 + 1.4 * lines
    figure = Figure(figsize=(WIDTH, height))
    grid = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
    figure.subplots_adjust(left=0.0, right=1.0, top=1 - 0.44 / height, bottom=0.2 / height, wspace=0.06, hspace=0.3)
    for axes in grid.ravel()[len(shown) :]:
        axes.remove()
    for axes, (title, table) in zip(grid.ravel(), shown.items(), strict=False):
        axes.set_ylim(0, 1)
        _stack(axes, np.arange(len(table), dtype=float), table, FABRICATION, width=0.86, shares=True)
        axes.set_title(title)
        axes.set_xticks(range(len(table)), [str(year) for year in table.index])
        axes.set_yticks([])
    key_above(figure, [_patch(name, FABRICATION[name]) for name in FABRICATION], list(FABRICATION), 0.0)
    return figure


def _binding_words(start: str, tables: Mapping[str, pd.DataFrame]) -> str:
    """The largest shares of the first and the last row of each table, in words."""
    parts = [f"{start}."]
    for name, table in tables.items():
        ends = []
        for label in dict.fromkeys((table.index[0], table.index[-1])):
            row = table.loc[label].sort_values(ascending=False, kind="stable")
            ends.append(f"{label}: " + ", ".join(f"{bound} {percent(share)}" for bound, share in row.items() if share >= 0.05))
        parts.append(f"{name}, {'; '.join(ends)}.")
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
    sizes = _vendor_means(rows, scope, regime, owned, years).iloc[0]
    groups = _small_together([_maker_or_class(scope, str(name)) for name in table.index], sizes)
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


def _maker_or_class(scope: Scope, name: str) -> str:
    """The row of a class: its maker where that is a Chinese vendor, else the class itself."""
    vendor = _vendor_of(scope, name)
    return _vendor_label(vendor) if vendor else _class_label(scope, name)


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
        title=f"What stops further purchases in {scope.headline_year} under {scope.titles[regime]}, share of draws",
        note="Foreign chips by class, Chinese ones by vendor; a row for several classes is their plain mean. "
        "Budget: the money ran out before the supply did." + (f" Rows left out: {left}." if left else ""),
        figure=figure,
        alt=_binding_words(
            "What stops further purchases of each class, as shares of draws",
            {str(name): table.loc[[name], used].set_axis([scope.headline_year]) for name in table.index},
        ),
        data=table[used].rename_axis("gpu_class").reset_index(),
    )


def _class_label(scope: Scope, name: str) -> str:
    """A class as readers know it, with its Chinese name where it has one."""
    known = scope.classes.get(name, {})
    return " ".join(part for part in (known.get("label", name), known.get("label_zh", "")) if part)


def _purchase_bars(table: pd.DataFrame) -> Figure:
    """Horizontal bars of equal length, the first set apart; words inside where they fit."""
    height = 0.32 + 0.172 * (len(table) + 0.4)
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
                _inside(axes, left + value / 2, place, percent(value), PROCUREMENT[bound], "center")
        base = base + values
    axes.set_yticks(places, list(table.index), color=INK)
    widest = max(label.get_window_extent().width for label in axes.get_yticklabels()) / figure.dpi + 0.14
    axes.set_position((widest / WIDTH, 0.02, 1 - widest / WIDTH, 1 - 0.32 / height))
    axes.set_ylim(len(table) - 0.5, -0.9)
    axes.set_xlim(0, 1)
    axes.set_xticks([])
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    names = [str(bound).replace("'", "’") for bound in table.columns]
    key_above(figure, [_patch(bound, PROCUREMENT[bound]) for bound in table.columns], names, 0.0, columns=8)
    return figure


def vendor_chart(rows: Rows, scope: Scope, regime: str | None = None, most: int = 5) -> Drawing:
    """Domestic additions a year by vendor under one regime, the largest by name and the rest together; sums of means."""
    regime = regime or scope.base
    years = list(range(int(scope.as_of[:4]) - 2, scope.headline_year + 1))
    owned = rows.labels("gpu_class", variable="additions_h100e", channel="domestic", regime=regime)
    table = _vendor_means(rows, scope, regime, owned, years)
    order = table.iloc[-1].sort_values(ascending=False, kind="stable").index
    named, rest = list(order[:most]), list(order[most:])
    shown = table[named].assign(**({"Others": table[rest].sum(axis=1)} if rest else {}))
    colours = dict(zip(shown.columns, RAMP, strict=False))
    with house_style():
        figure = Figure(figsize=(WIDTH, 1.95))
        axes = figure.add_axes((0.035, 0.09, 0.70, 0.88))
        places = np.arange(len(years), dtype=float)
        axes.set_ylim(0, 1.03 * float(shown.sum(axis=1).max()))
        _stack(axes, places, shown, colours, width=0.62)
        axes.set_xticks(places, [str(year) for year in years])
        axes.set_xlim(-0.5, len(years) - 0.6)
        _vendor_names(axes, shown.iloc[-1], places[-1] + 0.32)
    return Drawing(
        name="vendors",
        title=f"Domestic compute added a year by vendor under {scope.titles[regime]}, million H100e",
        note=f"Means over draws, which add up. Largest first in {scope.headline_year}: {', '.join(map(str, order))}.",
        figure=figure,
        alt=_vendor_words(shown),
        data=shown.rename_axis("year").reset_index(),
    )


def _vendor_of(scope: Scope, name: str) -> Mapping[str, Any] | None:
    """The vendor that claims a class, by its id or its label."""
    label = scope.classes.get(name, {}).get("label", name)
    return next((vendor for vendor in scope.vendors if name in vendor["classes"] or label in vendor["classes"]), None)


def _vendor_label(vendor: Mapping[str, Any]) -> str:
    """A vendor with its Chinese name."""
    return " ".join(part for part in (vendor["name"], vendor.get("name_zh", "")) if part)


def _vendor_means(rows: Rows, scope: Scope, regime: str, classes: Sequence[str], years: Sequence[int]) -> pd.DataFrame:
    """Mean additions by year and vendor in millions; a class that no vendor claims keeps its own name."""
    table: dict[str, np.ndarray] = {}
    for name in classes:
        label = _maker_or_class(scope, name)
        added = [
            sum(
                rows.value("additions_h100e", "mean", regime=regime, channel="domestic", gpu_class=name, quarter=f"{year}Q{part}")
                for part in range(1, 5)
            )
            for year in years
        ]
        table[label] = table.get(label, np.zeros(len(years))) + np.array(added) / 1e6
    return pd.DataFrame(table, index=list(years))


def _vendor_words(shown: pd.DataFrame) -> str:
    """Additions by vendor in words, first and last year."""
    parts = [f"Stacked columns of domestic additions in million H100e by vendor, {shown.index[0]} to {shown.index[-1]}."]
    for year in (shown.index[0], shown.index[-1]):
        parts.append(f"{year}: " + ", ".join(f"{name} {two_digits(cell(shown, year, name))}" for name in shown.columns) + ".")
    return " ".join(parts)


def _vendor_names(axes: Axes, last: pd.Series, edge: float) -> None:
    """Names beside the last column in the order of the stack, with a thin line to their part."""
    middles = [float(value) for value in last.cumsum() - last / 2]
    gap = axes.get_ylim()[1] * 0.075
    for (name, value), middle, level in zip(last.items(), middles, spaced(middles, gap), strict=True):
        axes.plot([edge, edge + 0.12], [middle, level], color=QUIET, linewidth=0.5, clip_on=False)
        axes.text(edge + 0.15, level, f"{name}  {two_digits(value)}", va="center_baseline", color=INK, clip_on=False)
