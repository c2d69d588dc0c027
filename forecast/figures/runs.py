"""The largest training runs over time: feasible at home, with compute abroad and in America, beside what was disclosed."""

import itertools

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import Bbox

from forecast.figures.frame import (
    NAVY,
    PAPER,
    QUIET,
    RUST,
    SKY,
    WIDTH,
    Drawing,
    house_style,
    instant,
    key_above,
    nowcast_line,
    years_axis,
)  # fmt: skip
from forecast.figures.labels import Spot, place_labels
from forecast.language import N_, _, number
from forecast.tables import power_tick, spread, year_end

SERIES = {
    "onshore": (NAVY, N_("in China")),
    "accessible": (SKY, N_("with compute abroad")),
    "American": (RUST, N_("largest American laboratory")),
}
MARKS = {"CN": ("o", NAVY), "US": ("s", RUST)}
FROM, TO = 2022, 2030


def runs_chart(paths: pd.DataFrame, record: pd.DataFrame, as_of: str, title: str, named: int = 3) -> Drawing:
    """Medians of three paths on a log scale, 90 % intervals of the outer two, and disclosed runs as marks.

    paths: as from `paths_of_runs`; record: as from `beside_record`; as_of: the last observed quarter; title: of the regime;
    named: how many of the largest disclosed runs of each country carry their name.
    """
    last = min(TO, int(paths["quarter"].max()[:4]))
    shown = paths[[f"{FROM}Q4" <= quarter <= f"{last}Q4" for quarter in paths["quarter"]]]
    with house_style():
        figure = Figure(figsize=(WIDTH, 3.0))
        axes = figure.add_axes((0.065, 0.075, 0.915, 0.83))
        axes.set_yscale("log")
        for series, (colour, _name) in SERIES.items():
            _draw_path(axes, shown[shown["series"] == series], colour, banded=series != "accessible")
        years_axis(axes, FROM + 1, last)
        axes.minorticks_off()
        axes.yaxis.set_major_formatter(power_tick)
        axes.set_ylabel("FLOP", loc="top", rotation=0, labelpad=-8)
        nowcast_line(axes, as_of, labelled=True)
        _draw_record(axes, record[record["largest"]], named)
        handles: list[Patch | Line2D] = [Line2D([], [], color=colour, linewidth=1.5) for colour, _name in SERIES.values()]
        handles.append(Patch(color=QUIET, alpha=0.2, lw=0))
        handles += [_mark(country) for country in MARKS]
        names = [*(_(text) for _colour, text in SERIES.values()), _("90% of draws"), _("disclosed, China"), _("America")]
        key_above(figure, handles, names, 0.065)
    return Drawing(
        name="largest-runs",
        title=_("Largest training run that is feasible, under {title}", title=title),
        note=_(
            "Lines are medians. A run has one owner's largest system for the days that large runs last; the "
            "whole system is taken to be free. Marks are the largest disclosed run of each year, by "
            "estimates of others; laboratories have disclosed little since."
        ),
        figure=figure,
        alt=_words(shown, record, title, last),
        data=shown,
    )


def _draw_path(axes: Axes, path: pd.DataFrame, colour: str, *, banded: bool) -> None:
    """One median with its interval."""
    times = [instant(quarter) for quarter in path["quarter"]]
    if banded:
        axes.fill_between(times, path["p05"], path["p95"], color=colour, alpha=0.16, linewidth=0)
    axes.plot(times, path["p50"], color=colour, linewidth=1.5, solid_capstyle="butt")


def _draw_record(axes: Axes, largest: pd.DataFrame, named: int) -> None:
    """Disclosed runs; the largest of each country with their names."""
    spots: list[Spot] = []
    unnamed: list[tuple[float, float]] = []
    for country, (mark, colour) in MARKS.items():
        times = np.array([_moment(str(day)) for day in largest["released"]])
        within = (largest["country"] == country).to_numpy() & (times >= axes.get_xlim()[0])
        part, times = largest[within], times[within]
        axes.plot(times, part["flop"], mark, color=colour, markersize=4.2, markeredgecolor=PAPER, markeredgewidth=0.5, zorder=4)
        shown = part.nlargest(named, "flop")
        spots += [Spot(_moment(str(row.released)), float(str(row.flop)), str(row.run)) for row in shown.itertuples()]
        others = part.drop(shown.index)
        unnamed += [(_moment(str(row.released)), float(str(row.flop))) for row in others.itertuples()]
    axes.set(xlim=axes.get_xlim(), ylim=axes.get_ylim())
    place_labels(axes, spots, [*_along(axes), *(_around(point) for point in axes.transData.transform(unnamed or [(0.0, 1.0)]))])


def _around(point: np.ndarray, half: float = 4.0) -> Bbox:
    """A box around a point [pixels]."""
    return Bbox.from_bounds(point[0] - half, point[1] - half, 2 * half, 2 * half)


def _along(axes: Axes, pieces: int = 6) -> list[Bbox]:
    """Small boxes along every line drawn, so that no name lies on one [pixels]."""
    boxes: list[Bbox] = []
    for line in axes.lines:
        if line.get_linestyle() == "None":
            continue
        points = line.get_transform().transform(np.column_stack(line.get_data()))
        for start, end in itertools.pairwise(points):
            steps = max(pieces, int(np.hypot(*(end - start)) / 3.0))
            boxes += [_around(start + (end - start) * k / steps, 1.0) for k in range(steps + 1)]
    return boxes


def _moment(day: str) -> float:
    """A date as a decimal year."""
    stamp = pd.Timestamp(day)
    return float(stamp.year + (stamp.dayofyear - 1) / 365.25)


def _mark(country: str) -> Line2D:
    """The key's mark of a country."""
    mark, colour = MARKS[country]
    return Line2D([], [], linestyle="", marker=mark, color=colour, markersize=4.2)


def flop(x: float) -> str:
    """A count of operations: 1.2e+26, 1,2e+26."""
    digits, power = f"{x:.1e}".split("e")
    return f"{number(float(digits), 1)}e{power}"


def _words(paths: pd.DataFrame, record: pd.DataFrame, title: str, last: int) -> str:
    """The figure for those who cannot see it."""
    held = paths.set_index(["series", "quarter"])
    told = []
    for series, (_colour, name) in SERIES.items():
        for quarter in (f"{last - 2}Q4", f"{last}Q4"):
            row = held.loc[(series, quarter)]
            told.append(
                _("{name} at {when}", name=_(name), when=year_end(quarter))
                + f" {flop(row['p50'])} ({spread(row['p05'], row['p95'], 1.0, flop)})"
            )
    seen = record[record["largest"] & (record["country"] == "CN")]
    disclosed = "; ".join(f"{row.run} {str(row.released)[:4]} {flop(float(str(row.flop)))}" for row in seen.itertuples())
    below = int((seen["share"] < 1).sum())
    return _(
        "Largest feasible training run in FLOP under {title}, median and 90% interval: {told}. Largest "
        "disclosed Chinese runs by year: {disclosed}; {below} of {seen} lie below the median path.",
        title=title,
        told="; ".join(told),
        disclosed=disclosed,
        below=below,
        seen=len(seen),
    )
