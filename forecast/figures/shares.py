"""Figures of parts: channels at year-ends, and additions by vendor."""

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
from matplotlib.ticker import MaxNLocator

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
    Marks,
    cell,
    contrast_ink,
    house_style,
    key_above,
    spaced,
    stated,
)
from forecast.language import N_, _
from forecast.tables import Rows, Scope, capital, percent, tick, two_digits, where, year_end

STACK = {"domestic": NAVY, "diverted": RUST, "licensed": SKY}
ABROAD = SAND
OTHERS = N_("Others")
"""What stands for the vendors that are not named."""

HATCHED = {"budget": "////", "smuggling capacity": "....", "rule": "xxxx"}


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
        axes.yaxis.set_major_formatter(Marks())
        stack(axes, places - 0.19, means[list(STACK)], STACK, width=0.50)
        stack(axes, places + 0.26, means[["offshore"]], {"offshore": ABROAD}, width=0.36)
        _whiskers(axes, places + 0.01, totals["onshore"])
        _whiskers(axes, places + 0.40, totals["offshore"])
        axes.set_xticks(places, [year_end(quarter) for quarter in quarters])
        axes.set_xlim(-0.5, len(quarters) - 0.5)
        _seen_until(axes, quarters, scope.as_of)
        names = [*reversed(STACK), "offshore"]
        handles: list[Patch | Line2D] = [patch(name, {**STACK, "offshore": ABROAD}[name]) for name in names]
        handles.append(Line2D([], [], color=INK, linewidth=0.8, marker="_", markersize=5, markeredgewidth=1.4))
        key_above(figure, handles, [*map(where, names), _("median and 90% interval of the sum")], 0.035)
    data = means.add_prefix("mean_").join([frame.add_prefix(f"{name}_") for name, frame in totals.items()])
    return Drawing(
        name="channels",
        title=_("Compute by channel at year-ends under {title}, million H100e", title=scope.titles[regime]),
        note=_("Bars are means, because means add up to their sum and medians do not."),
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


def patch(name: str, colour: str) -> Patch:
    """The key's square for one part, hatched where its bar is."""
    return Patch(facecolor=colour, edgecolor=PAPER if HATCHED.get(name) else QUIET, linewidth=0.4, hatch=HATCHED.get(name, ""))


def stack(
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
                inside(axes, left, bottom + value / 2, text, colours[name], "center" if shares else "left")
        base = base + values


def inside(axes: Axes, x: float, y: float, text: str, colour: str, side: Literal["left", "center"]) -> None:
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
    for text, side, shift in ((_("nowcast"), "right", -3), (_("forecast"), "left", 3)):
        axes.annotate(
            text, (ahead[0] - 0.5, 1.0), xycoords=("data", "axes fraction"), xytext=(shift, -1), textcoords="offset points",
            ha=side, va="top", fontsize=6.5, color=QUIET,
        )  # fmt: skip


def _channel_words(means: pd.DataFrame, totals: Mapping[str, pd.DataFrame], title: str) -> str:
    """The channels in words, first and last year."""
    parts = [
        _(
            "Stacked bars of onshore compute under {title} by channel, with compute abroad beside them, in million H100e.",
            title=title,
        )
    ]
    for quarter in (means.index[0], means.index[-1]):
        shares = ", ".join(f"{where(name)} {two_digits(cell(means, quarter, name))}" for name in means.columns)
        ends = "; ".join(f"{where(name)} {stated(frame, quarter)}" for name, frame in totals.items())
        parts.append(capital(_("{when}: means {means}; {sums}.", when=year_end(quarter), means=shares, sums=ends)))
    return " ".join(parts)


def class_label(scope: Scope, name: str) -> str:
    """A class as readers know it, with its Chinese name where it has one."""
    known = scope.classes.get(name, {})
    return " ".join(part for part in (known.get("label", name), known.get("label_zh", "")) if part)


def maker_or_class(scope: Scope, name: str) -> str:
    """The row of a class: its maker where that is a Chinese vendor, else the class itself."""
    vendor = vendor_of(scope, name)
    return vendor_label(vendor) if vendor else class_label(scope, name)


def vendor_chart(rows: Rows, scope: Scope, regime: str | None = None, most: int = 5) -> Drawing | None:
    """Domestic additions a year by vendor under one regime, the largest by name and the rest together; sums of means.

    None where no vendor makes anything.
    """
    regime = regime or scope.base
    years = list(range(int(scope.as_of[:4]) - 2, scope.headline_year + 1))
    owned = rows.labels("gpu_class", variable="additions_h100e", channel="domestic", regime=regime)
    table = vendor_means(rows, scope, regime, owned, years)
    if not float(table.to_numpy().sum()) > 0:
        return None
    order = table.iloc[-1].sort_values(ascending=False, kind="stable").index
    named, rest = list(order[:most]), list(order[most:])
    shown = table[named].assign(**({OTHERS: table[rest].sum(axis=1)} if rest else {}))
    colours = dict(zip(shown.columns, RAMP, strict=False))
    with house_style():
        figure = Figure(figsize=(WIDTH, 1.95))
        axes = figure.add_axes((0.04, 0.09, 0.695, 0.88))
        places = np.arange(len(years), dtype=float)
        axes.set_ylim(0, 1.03 * float(shown.sum(axis=1).max()))
        stack(axes, places, shown, colours, width=0.62)
        axes.set_xticks(places, [str(year) for year in years])
        axes.set_xlim(-0.5, len(years) - 0.6)
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(tick)
        _vendor_names(axes, shown.iloc[-1], places[-1] + 0.32)
    return Drawing(
        name="vendors",
        title=_("Domestic compute added a year by vendor under {title}, million H100e", title=scope.titles[regime]),
        note=_(
            "Means over draws, which add up. Largest first in {year}: {vendors}.",
            year=scope.headline_year,
            vendors=", ".join(map(str, order)),
        ),
        figure=figure,
        alt=_vendor_words(shown),
        data=shown.rename_axis("year").reset_index(),
    )


def vendor_of(scope: Scope, name: str) -> Mapping[str, Any] | None:
    """The vendor that claims a class, by its id or its label."""
    label = scope.classes.get(name, {}).get("label", name)
    return next((vendor for vendor in scope.vendors if name in vendor["classes"] or label in vendor["classes"]), None)


def vendor_label(vendor: Mapping[str, Any]) -> str:
    """A vendor with its Chinese name."""
    return " ".join(part for part in (vendor["name"], vendor.get("name_zh", "")) if part)


def vendor_means(rows: Rows, scope: Scope, regime: str, classes: Sequence[str], years: Sequence[int]) -> pd.DataFrame:
    """Mean additions by year and vendor in millions; a class that no vendor claims keeps its own name."""
    table: dict[str, np.ndarray] = {}
    for name in classes:
        label = maker_or_class(scope, name)
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
    parts = [
        _(
            "Stacked columns of domestic additions in million H100e by vendor, {first} to {last}.",
            first=shown.index[0],
            last=shown.index[-1],
        )
    ]
    for year in (shown.index[0], shown.index[-1]):
        parts.append(f"{year}: " + ", ".join(f"{_(name)} {two_digits(cell(shown, year, name))}" for name in shown.columns) + ".")
    return " ".join(parts)


def _vendor_names(axes: Axes, last: pd.Series, edge: float) -> None:
    """Names beside the last column in the order of the stack, with a thin line to their part."""
    middles = [float(value) for value in last.cumsum() - last / 2]
    gap = axes.get_ylim()[1] * 0.075
    for (name, value), middle, level in zip(last.items(), middles, spaced(middles, gap), strict=True):
        axes.plot([edge, edge + 0.12], [middle, level], color=QUIET, linewidth=0.5, clip_on=False)
        axes.text(edge + 0.15, level, f"{_(str(name))}  {two_digits(value)}", va="center_baseline", color=INK, clip_on=False)
