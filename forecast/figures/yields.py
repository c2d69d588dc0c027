"""Yield curves of the two nodes over time, beside published yields."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from forecast.figures.frame import (
    INK,
    NAVY,
    PAPER,
    QUIET,
    RUST,
    WIDTH,
    Drawing,
    house_style,
    instant,
    key_above,
    nowcast_line,
    years_axis,
)  # fmt: skip
from forecast.language import _
from forecast.tables import Scope, percent, percent_tick, quarter_name, spread

FIRST_YEAR = 2023
MARKS = {True: "o", False: "D"}
"""Marks of published yields: of large dies, and of smaller ones."""


def yield_chart(curves: pd.DataFrame, published: pd.DataFrame, scope: Scope) -> Drawing:
    """Share of reference dies that are sold, by node and quarter, with what was published in its quarter.

    curves: node, quarter, p05, p50, p95, small [1]; published: node, quarter, p05, p50, p95, large_die, product, publisher.
    """
    with house_style():
        figure = Figure(figsize=(WIDTH, 2.35))
        nodes = list(dict.fromkeys(curves["node"]))
        width = 1 / len(nodes)
        top = max(float(curves[["p95", "small"]].max(axis=None)), float(published[["p50", "p95"]].max(axis=None)))
        for place, node in enumerate(nodes):
            axes = figure.add_axes((place * width + 0.045, 0.095, width - 0.09, 0.71))
            _panel(axes, curves[curves["node"] == node], published[published["node"] == node], scope)
            axes.set_ylim(0, np.ceil(top / 0.2) * 0.2)
            axes.set_title(_(node))
        handles: list[Patch | Line2D] = [
            Line2D([], [], color=NAVY, linewidth=1.5),
            Patch(color=NAVY, alpha=0.2, lw=0),
            Line2D([], [], color=RUST, linewidth=1.0, linestyle=(0, (3, 2))),
            *(
                Line2D([], [], color=RUST, marker=mark, linestyle="", markersize=4, markeredgecolor=PAPER)
                for mark in MARKS.values()
            ),
        ]
        key_above(
            figure,
            handles,
            [_("median"), _("90% of draws"), _("median of a phone die"), _("published, large die"), _("published, phone die")],
            0.045,
        )
    return Drawing(
        name="yields",
        title=_("Dies that are sold, share of those begun, under {title}", title=scope.titles[scope.base]),
        note=_(
            "Reference die of 665.6 mm2. Before 2026 learning is run backwards. The density of the 7 nm class was inverted from "
            "published yields of large dies, so agreement there is no test; broken line: the same defects on a phone die, the "
            "size of which published yields of the 5 nm class speak. Bars on points: intervals as published."
        ),
        figure=figure,
        alt=_words(curves, published),
        data=curves,
    )


def _panel(axes: Axes, curves: pd.DataFrame, points: pd.DataFrame, scope: Scope) -> None:
    """One node: band and median, points with their intervals."""
    times = [instant(str(quarter)) for quarter in curves["quarter"]]
    axes.fill_between(times, curves["p05"], curves["p95"], color=NAVY, alpha=0.2, linewidth=0)
    axes.plot(times, curves["p50"], color=NAVY, linewidth=1.5, solid_capstyle="butt")
    axes.plot(times, curves["small"], color=RUST, linewidth=1.0, linestyle=(0, (3, 2)))
    for row in points.to_dict("records"):
        at = instant(str(row["quarter"]))
        if np.isfinite(row["p05"]):
            axes.plot([at, at], [row["p05"], row["p95"]], color=RUST, linewidth=0.9, solid_capstyle="butt")
        axes.plot([at], [row["p50"]], color=RUST, marker=MARKS[bool(row["large_die"])], markersize=4.5, markeredgecolor=PAPER)
    years_axis(axes, FIRST_YEAR, scope.horizon_year, short=True)
    nowcast_line(axes, scope.as_of, labelled=True)
    axes.yaxis.set_major_formatter(percent_tick)
    axes.tick_params(axis="y", colors=QUIET)
    last = curves.iloc[-1]
    for name, weight in (("p95", 400), ("p50", 600), ("p05", 400)):
        axes.annotate(
            percent(float(last[name])), (times[-1], float(last[name])), xytext=(2, 0), textcoords="offset points", va="center",
            fontsize=6.5, color=INK, fontweight=weight, annotation_clip=False,
        )  # fmt: skip


def _words(curves: pd.DataFrame, published: pd.DataFrame) -> str:
    """The picture for those who cannot see it."""
    told = []
    for node, rows in curves.groupby("node", sort=False):
        ends = [rows.iloc[0], rows.iloc[-1]]
        ours = "; ".join(
            f"{quarter_name(row['quarter'])}: {percent(row['p50'])} ({spread(row['p05'], row['p95'], 1.0, percent)})"
            for row in ends
        )
        here = published[published["node"] == node].to_dict("records")
        said = "; ".join(
            f"{quarter_name(row['quarter'])} {percent(row['p50'])} ({row['product']}, {row['publisher']})" for row in here
        )
        told.append(_("{node}, ours {ours}. Published: {published}.", node=_(str(node)), ours=ours, published=said))
    return _("Share of dies that are sold, with 90% interval.") + " " + " ".join(told)
