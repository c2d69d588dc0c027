"""The flow picture: from dies and memory to packages, chips that are bought, and compute that can be used."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from forecast.figures.frame import INK, NAVY, PAPER, QUIET, RUST, SAND, SKY, WIDTH, Drawing, house_style
from forecast.language import N_, _
from forecast.tables import Scope, two_digits

AT = {"pool": 0.26, "kept": 0.37, "package": 0.53, "bought": 0.735, "usable": 0.935}
"""Where each step stands across the figure."""

HEADS = {N_("In hand in the year"): "pool", N_("Packages"): "package", N_("Bought"): "bought", N_("Usable in training"): "usable"}
ROOM, GAP = 0.85, 0.14
"""Height for both items, and the part of it between them."""

BAR = 0.012
COLOURS = {"dies": NAVY, "stacks": RUST}
WORDS = {"dies": N_("Logic dies"), "stacks": N_("Memory stacks")}
USED = {"dies": N_("dies  {value}"), "stacks": N_("stacks  {value}")}
LEFT = SAND
LEAST = 0.07
"""Least distance between two labels, as a share of the height."""


class Band(NamedTuple):
    """A stretch of one step: from `low` to `high` up the figure."""

    low: float
    high: float


def flow_chart(parts: pd.DataFrame, scope: Scope, year: int) -> Drawing:
    """Where the dies and stacks of a year come from, what packages take, what is kept, and what becomes of it.

    parts as from forecast.flows.flow_parts. Dies and stacks are drawn in packages' worth, so that what packages take of each is
    equally high and what is kept shows which of the two is scarce.
    """
    with house_style():
        figure = Figure(figsize=(WIDTH, 2.9))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.set_axis_off()
        _draw(axes, parts)
    return Drawing(
        name=f"flow-{year}",
        title=_("From dies and memory to usable compute in {year} under {title}", year=year, title=scope.titles[scope.base]),
        note=_(
            "Means over draws, because means add up. Dies (of 665.6 mm2) and stacks (of 16 GB) are drawn in "
            "packages’ worth: what packages take of each is equally high, and the one of which little is "
            "kept is scarce. The model keeps dies that no package takes; their lines would in truth turn to "
            "other chips. Not drawn: packaging slots; wafers and yields, which stand in the table of dies."
        ),
        figure=figure,
        alt=_words(parts, scope, year),
        data=parts,
    )


def _held(parts: pd.DataFrame, item: str, side: str) -> dict[str, float]:
    """Parts of one side of an item, by name."""
    chosen = parts[(parts["item"] == item) & (parts["side"] == side)]
    return dict(zip(chosen["part"].astype(str), chosen["mean"].astype(float), strict=True))


def _draw(axes: Axes, parts: pd.DataFrame) -> None:
    """Both items from the left to the packages, and the packages to the right edge."""
    held = {item: (_held(parts, item, "in"), _held(parts, item, "out")) for item in COLOURS}
    high, rooms = _scale(held)
    top, pools = 0.86, {}
    for item, (arrived, leaves) in held.items():
        tall = sum(arrived.values()) / leaves["Into packages"] * high
        middle = top - rooms[item] / 2
        pools[item] = Band(middle - tall / 2, middle + tall / 2)
        axes.text(
            0.0,
            top + 0.02,
            _("{what}, million", what=_(WORDS[item])),
            ha="left",
            va="bottom",
            fontsize=7.5,
            color=COLOURS[item],
            weight=600,
        )
        top -= rooms[item] + GAP
    between = (pools["dies"].low + pools["stacks"].high) / 2
    packages = Band(between - high, between + high)
    halves = {"dies": Band(between, packages.high), "stacks": Band(packages.low, between)}
    for item, (arrived, leaves) in held.items():
        _item(axes, item, arrived, leaves, high / leaves["Into packages"], pools[item], halves[item])
    for text, place in HEADS.items():
        axes.text(AT[place] + BAR / 2, 0.985, _(text), ha="center", va="top", fontsize=6.5, color=QUIET)
    _onward(axes, parts, packages, held["dies"][1]["Into packages"])


def _scale(held: Mapping[str, tuple[dict[str, float], dict[str, float]]]) -> tuple[float, dict[str, float]]:
    """Height of what packages take of one item, and the room of each item: its bar or its labels, whichever is taller."""
    for high in np.arange(0.4, 0.02, -0.005):
        rooms = {
            item: max(sum(arrived.values()) / leaves["Into packages"] * float(high), LEAST * len(arrived))
            for item, (arrived, leaves) in held.items()
        }
        if sum(rooms.values()) + GAP <= ROOM:
            break
    return float(high), rooms


def _item(
    axes: Axes, item: str, arrived: Mapping[str, float], leaves: Mapping[str, float], each: float, pool: Band, half: Band
) -> None:
    """One item: its sources on one bar with their names, what goes into packages, and what is left."""
    colour, place = COLOURS[item], pool.high
    middles: list[float] = []
    _bar(axes, AT["pool"], pool, colour)
    for value in arrived.values():
        middles.append(place - value * each / 2)
        place -= value * each
        axes.plot([AT["pool"], AT["pool"] + BAR], [place, place], color=PAPER, linewidth=0.8, solid_capstyle="butt")
    for (part, value), middle, at in zip(arrived.items(), middles, _apart(middles, LEAST, pool), strict=True):
        axes.plot([AT["pool"] - 0.022, AT["pool"] - 0.003], [at, middle], color=QUIET, linewidth=0.4)
        axes.text(AT["pool"] - 0.026, at, f"{_(part)}  {_million(value)}", ha="right", va="center", fontsize=7, color=INK)
    used = leaves["Into packages"] * each
    first = item == "dies"
    taken = Band(pool.low, pool.low + used) if first else Band(pool.high - used, pool.high)
    rest = Band(taken.high, pool.high) if first else Band(pool.low, taken.low)
    _ribbon(axes, (AT["pool"] + BAR, taken), (AT["package"], half), colour, 0.35)
    text = _(USED[item], value=_million(leaves["Into packages"]))
    axes.text(AT["package"] - 0.012, (half.low + half.high) / 2, text, ha="right", va="center", fontsize=7, color=INK)
    left = {name: value for name, value in leaves.items() if name != "Into packages"}
    _ribbon(axes, (AT["pool"] + BAR, rest), (AT["kept"], rest), LEFT, 0.9)
    text = "\n".join(f"{_(name).lower()} {_million(value)}" for name, value in left.items())
    axes.text(AT["kept"] + 0.008, (rest.low + rest.high) / 2, text, ha="left", va="center", fontsize=7, color=INK)


def _onward(axes: Axes, parts: pd.DataFrame, packages: Band, dies_used: float) -> None:
    """From packages to chips bought and to compute, narrower by what is lost or waits and by what software leaves unused."""
    chips, compute = _held(parts, "chips", "out"), _held(parts, "compute", "out")
    kept = min(chips["Dies in chips bought"] / dies_used, 1.0)
    share = compute["Usable in training"] / compute["Compute added"]
    middle, half = (packages.low + packages.high) / 2, (packages.high - packages.low) / 2
    middle, half = (packages.low + packages.high) / 2, (packages.high - packages.low) / 2
    bought, usable = (Band(middle - half * part, middle + half * part) for part in (kept, kept * share))
    for place, band, colour in (("package", packages, INK), ("bought", bought, SKY), ("usable", usable, SKY)):
        _bar(axes, AT[place], band, colour)
    _ribbon(axes, (AT["package"] + BAR, packages), (AT["bought"], bought), SKY, 0.45)
    _ribbon(axes, (AT["bought"] + BAR, bought), (AT["usable"], usable), SKY, 0.45)
    below = min(packages.low, bought.low) - 0.02
    words = {
        "package": _("{value}% lost or\nwaiting", value=two_digits(100 * (1 - kept))),
        "bought": _(
            "{chips} M chips\n{compute} M H100e",
            chips=_million(chips["Chips bought"]),
            compute=_million(compute["Compute added"]),
        ),
        "usable": _("{usable} M\nH100e", usable=_million(compute["Usable in training"])),
    }
    for place, text in words.items():
        axes.text(AT[place] + BAR / 2, below, text, ha="center", va="top", fontsize=7, color=INK, linespacing=1.15)


def _bar(axes: Axes, left: float, band: Band, colour: str) -> None:
    """The upright bar of a step."""
    axes.bar(left, band.high - band.low, BAR, band.low, align="edge", color=colour, linewidth=0)


def _ribbon(axes: Axes, start: tuple[float, Band], end: tuple[float, Band], colour: str, strength: float) -> None:
    """A smooth ribbon between two bars."""
    (left, a), (right, b) = start, end
    bend = (left + right) / 2
    points = [
        (left, a.high), (bend, a.high), (bend, b.high), (right, b.high),
        (right, b.low), (bend, b.low), (bend, a.low), (left, a.low), (left, a.high),
    ]  # fmt: skip
    curve, line = Outline.CURVE4, Outline.LINETO
    codes = [Outline.MOVETO, curve, curve, curve, line, curve, curve, curve, Outline.CLOSEPOLY]
    style: dict[str, Any] = {"facecolor": colour, "alpha": strength, "edgecolor": PAPER, "linewidth": 0.3}
    axes.add_patch(PathPatch(Outline(points, codes), **style))


def _apart(middles: Sequence[float], least: float, pool: Band) -> list[float]:
    """Middles from the top down, moved apart so that labels do not touch, about where they were and beside their bar."""
    out = list(middles)
    for index in range(1, len(out)):
        out[index] = min(out[index], out[index - 1] - least)
    shift = float(np.mean(middles)) - float(np.mean(out))
    centre, half = (pool.low + pool.high) / 2, max(pool.high - pool.low, least * len(out)) / 2
    highest = centre + half - least / 2
    return [place + min(shift, highest - out[0]) for place in out]


def _million(value: float) -> str:
    return two_digits(value / 1e6)


def _words(parts: pd.DataFrame, scope: Scope, year: int) -> str:
    """The picture for those who cannot see it."""
    told = []
    for item in COLOURS:
        arrived, leaves = _held(parts, item, "in"), _held(parts, item, "out")
        came = ", ".join(f"{_(part).lower()} {_million(value)}" for part, value in arrived.items())
        went = ", ".join(f"{_(part).lower()} {_million(value)}" for part, value in leaves.items())
        told.append(_("{what} in millions: {came}; of these {went}.", what=_(WORDS[item]), came=came, went=went))
    chips, compute = _held(parts, "chips", "out"), _held(parts, "compute", "out")
    return _(
        "Flows of {year} under {title}, means over draws. {told} Bought: {chips} million chips "
        "with {compute} million H100e, of which software lets {usable} million train.",
        year=year,
        title=scope.titles[scope.base],
        told=" ".join(told),
        chips=_million(chips["Chips bought"]),
        compute=_million(compute["Compute added"]),
        usable=_million(compute["Usable in training"]),
    )
