"""The supply curve: steps from the cheapest up, what is bought of each, and where the money ends."""

from collections.abc import Mapping
from typing import Any

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
    SKY,
    WIDTH,
    Drawing,
    house_style,
    key_above,
    spaced,
)  # fmt: skip
from forecast.language import N_, _
from forecast.supply_curve import Curve
from forecast.tables import percent, quarter_name, tick, two_digits, where

COLOURS = {"domestic": NAVY, "diverted": RUST, "licensed": SKY}
OF_GOOD = {
    "training": N_("Supply of training compute in {quarter} under {title}"),
    "serving": N_("Supply of serving compute in {quarter} under {title}"),
}
"""Titles by good."""

LIGHT = 0.28
"""How strongly a step's colour shows where nothing is bought."""

BAND = 1.3
"""Height of the axis over the dearest price: above the steps stand their names."""

NAMED = 8
"""Steps that carry their name, largest first."""


def supply_chart(curve: Curve, labels: Mapping[str, str], title: str) -> Drawing:
    """Steps of one good: width is usable compute on offer, height its price, the full colour what is bought.

    labels: name of each class for readers; title: of the regime.
    """
    with house_style():
        figure = Figure(figsize=(WIDTH, 2.9))
        axes = figure.add_axes((0.065, 0.13, 0.915, 0.78))
        table = curve.table
        axes.set_xlim(0, table["end"].iloc[-1] / 1e3)
        axes.set_ylim(0, BAND * table["price"].max() / 1e3)
        axes.set_yticks([mark for mark in axes.get_yticks() if mark <= table["price"].max() / 1e3])
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(tick)
        _draw_steps(axes, table)
        _name_steps(axes, table, labels)
        axes.set_xlabel(_("Usable H100e on offer in the quarter, thousands, cheapest first"), loc="left", labelpad=3)
        axes.set_ylabel(_("Thousand dollars per usable H100e"), loc="top", rotation=90, labelpad=3)
        present = [name for name in COLOURS if (table["channel"] == name).any()]
        handles: list[Patch | Line2D] = [Patch(facecolor=COLOURS[name], edgecolor=PAPER) for name in present]
        handles.append(Patch(facecolor=QUIET, alpha=LIGHT, edgecolor=PAPER))
        handles.append(_money_line(axes, curve))
        key_above(figure, handles, [*map(where, present), _("pale: not bought"), _money_words(curve)], 0.065)
    return Drawing(
        name=f"supply-{curve.good}-{curve.quarter}-{curve.regime}",
        title=_(OF_GOOD[curve.good], quarter=quarter_name(curve.quarter), title=title),
        note=" ".join(
            [
                _world(curve),
                _(
                    "Prices hold duty, premium and what software delivers. {mandate} "
                    "of the money must buy Chinese chips first and {barred} may buy nothing else, and buyers' valuations differ, "
                    "so purchases do not follow the order strictly.",
                    mandate=percent(curve.mandate),
                    barred=percent(curve.barred),
                ),
            ]
        ),
        figure=figure,
        alt=_words(curve, labels, title),
        data=table.assign(quarter=curve.quarter, regime=curve.regime, good=curve.good),
    )


def _world(curve: Curve) -> str:
    """Which world is shown."""
    if curve.typical:
        return _("One world (draw {draw}), whose money and offer lie closest to their medians.", draw=curve.draw)
    return _("One world (draw {draw}).", draw=curve.draw)


def _draw_steps(axes: Axes, table: pd.DataFrame) -> None:
    """Pale steps for the offer, full colour from the left for the part that is bought."""
    for row in table.to_dict("records"):
        colour, height = COLOURS[str(row["channel"])], row["price"] / 1e3
        left, offered, bought = row["start"] / 1e3, row["offered"] / 1e3, row["bought"] / 1e3
        axes.bar(left, height, offered, align="edge", color=colour, alpha=LIGHT, linewidth=0)
        axes.bar(left, height, bought, align="edge", color=colour, linewidth=0)
        axes.bar(left, height, offered, align="edge", fill=False, edgecolor=PAPER, linewidth=0.4)


def _money_line(axes: Axes, curve: Curve) -> Line2D:
    """Where the money would end if the cheapest came first; no line where it suffices for all. Returns what the key shows."""
    style: dict[str, Any] = {"color": INK, "linewidth": 0.9, "linestyle": (0, (4, 2))}
    if not _left_over(curve):
        axes.plot([curve.reach / 1e3] * 2, [0, axes.get_ylim()[1] / BAND], **style)
    return Line2D([], [], **(style | ({"alpha": 0.0} if _left_over(curve) else {})))


def _left_over(curve: Curve) -> bool:
    """Whether money finds nothing to buy."""
    return curve.unmet > 0.005 * curve.money


def _money_words(curve: Curve) -> str:
    """The money in the key."""
    if _left_over(curve):
        told = {"unmet": two_digits(curve.unmet), "money": two_digits(curve.money)}
        if curve.all_bought:
            return _("all is bought; {unmet} of {money} bn USD unspent", **told)
        return _("{unmet} of {money} bn USD wait for Chinese chips", **told)
    return _("{money} bn USD would end here, cheapest first", money=two_digits(curve.money))


def _name_steps(axes: Axes, table: pd.DataFrame, labels: Mapping[str, str]) -> None:
    """Names of the largest steps in one row above them, each with a line down to its step."""
    largest = table.nlargest(NAMED, "offered").sort_values("start")
    right, row_height = axes.get_xlim()[1], axes.get_ylim()[1] * 1.06 / BAND
    middles = [(row["start"] + row["end"]) / 2e3 for row in largest.to_dict("records")]
    gap = right / NAMED
    places = _within(spaced(middles, gap), gap, right)
    for row, middle, place in zip(largest.to_dict("records"), middles, places, strict=True):
        axes.plot([middle, place], [row["price"] / 1e3, row_height], color=QUIET, linewidth=0.4, solid_capstyle="butt")
        name = labels.get(str(row["gpu_class"]), str(row["gpu_class"]))
        axes.text(
            place, row_height, name.replace(" ", "\n", 1), ha="center", va="bottom", fontsize=6.5, color=INK, linespacing=1.05
        )


def _within(places: list[float], gap: float, right: float) -> list[float]:
    """Places, in order, moved inside both edges with the gap kept: the row is never longer than the axis."""
    out: list[float] = []
    for place in places:
        out.append(max(place, out[-1] + gap if out else gap / 2))
    edge = right - gap / 2
    for index in reversed(range(len(out))):
        out[index] = min(out[index], edge)
        edge = out[index] - gap
    return out


def _words(curve: Curve, labels: Mapping[str, str], title: str) -> str:
    """The curve for those who cannot see it."""
    table = curve.table
    steps = [
        _(
            "{label} ({channel}) at {price}: {offered} on offer, {bought} bought",
            label=labels.get(str(row["gpu_class"]), str(row["gpu_class"])),
            channel=where(str(row["channel"])),
            price=two_digits(row["price"] / 1e3),
            offered=two_digits(row["offered"] / 1e3),
            bought=two_digits(row["bought"] / 1e3),
        )
        for row in table.nlargest(NAMED, "offered").sort_values("start").to_dict("records")
    ]
    return _(
        "{what}, in steps, cheapest first. Largest steps, "
        "price in thousand dollars per usable H100e and quantity in thousands: {steps}. In all {offered} on "
        "offer and {bought} bought with {spent} of {money} billion dollars; {unmet} find nothing that they may buy.",
        what=_(OF_GOOD[curve.good], quarter=quarter_name(curve.quarter), title=title),
        steps="; ".join(steps),
        offered=two_digits(float(table["offered"].sum()) / 1e3),
        bought=two_digits(float(table["bought"].sum()) / 1e3),
        spent=two_digits(curve.spent),
        money=two_digits(curve.money),
        unmet=two_digits(curve.unmet),
    )
