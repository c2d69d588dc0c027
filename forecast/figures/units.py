"""Units by vendor and year beside every published figure for a whole year."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from forecast.figures.frame import NAVY, PAPER, QUIET, RUST, WIDTH, Drawing, house_style, key_above
from forecast.language import _, number
from forecast.tables import Scope, spread, two_digits

ACROSS = 3
COUNTED = ("observation", "estimate")
"""Kinds of published figures that speak of what was; the others speak of what was to come."""

MARKS = {True: "o", False: "D"}


def units_chart(sold: pd.DataFrame, scope: Scope) -> Drawing:
    """Cards by vendor and year with published figures for the same year, small panels, each on its own scale.

    sold: data of vendors.vendors_table (vendor, first_quarter, last_quarter, kind, source, p05, p50, p95) [card]. Vendors without
    a published whole year are left out and named.
    """
    years = sold[sold["first_quarter"].str.endswith("Q1") & sold["last_quarter"].str.endswith("Q4")]
    years = years[years["first_quarter"].str[:4] == years["last_quarter"].str[:4]]
    years = years.assign(year=years["first_quarter"].str[:4].astype(int))
    beside = list(dict.fromkeys(years.loc[years["kind"] != "ours", "vendor"]))
    silent = [name for name in dict.fromkeys(years["vendor"]) if name not in beside]
    down = -(-len(beside) // ACROSS)
    with house_style():
        figure = Figure(figsize=(WIDTH, 0.3 + 1.0 * down))
        top = 1 - 0.24 / figure.get_figheight()
        for place, vendor in enumerate(beside):
            row, column = divmod(place, ACROSS)
            height = top / down
            axes = figure.add_axes((column / ACROSS + 0.06, top - (row + 1) * height + 0.06, 1 / ACROSS - 0.075, height - 0.14))
            _panel(axes, years[years["vendor"] == vendor], vendor)
        handles = [
            Line2D([], [], color=NAVY, marker="_", markersize=7, linewidth=1.2),
            *(Line2D([], [], color=RUST, marker=m, linestyle="", markersize=4, markeredgecolor=PAPER) for m in MARKS.values()),
        ]
        key_above(
            figure, handles, [_("ours, 90% of draws"), _("published, counted or estimated"), _("published, plan or claim")], 0.045
        )
    return Drawing(
        name="units",
        title=_("Cards by vendor beside published figures under {base}, thousand a year", base=scope.titles[scope.base]),
        note=_(
            "Each panel on its own scale. Some published figures speak of one part only, or are counts from which ours were "
            "made: the table says which. Without published units: {silent}.",
            silent=", ".join(silent),
        )
        if silent
        else _("Each panel on its own scale."),
        figure=figure,
        alt=_words(years, beside),
        data=years.drop(columns="year"),
    )


def _panel(axes: Axes, rows: pd.DataFrame, vendor: str) -> None:
    """One vendor: our intervals, and published points slightly aside."""
    ours = rows[rows["kind"] == "ours"]
    axes.vlines(ours["year"], ours["p05"] / 1e3, ours["p95"] / 1e3, color=NAVY, linewidth=1.2)
    axes.plot(ours["year"], ours["p50"] / 1e3, color=NAVY, marker="_", markersize=7, linestyle="")
    for row in rows[rows["kind"] != "ours"].to_dict("records"):
        mark = MARKS[row["kind"] in COUNTED]
        axes.plot([row["year"] + 0.22], [row["p50"] / 1e3], color=RUST, marker=mark, markersize=4, markeredgecolor=PAPER)
    first, last = int(ours["year"].min()), int(ours["year"].max())
    axes.set_xlim(first - 0.5, last + 0.6)
    axes.set_ylim(bottom=0)
    shown = range(first, last + 1)
    axes.set_xticks(list(shown), [str(year) if year == first else f"{year % 100:02d}" for year in shown])
    axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.yaxis.set_major_formatter(lambda value, _place: number(value, 0))
    axes.tick_params(colors=QUIET)
    axes.set_title(_(vendor), fontsize=7.5)


def _words(years: pd.DataFrame, beside: list[str]) -> str:
    """The picture for those who cannot see it."""
    told = []
    for vendor in beside:
        rows = years[years["vendor"] == vendor]
        parts = []
        for year in sorted(rows.loc[rows["kind"] != "ours", "year"].unique()):
            here = rows[rows["year"] == year]
            own = here[here["kind"] == "ours"].iloc[0]
            said = ", ".join(two_digits(value / 1e3) for value in here.loc[here["kind"] != "ours", "p50"])
            parts.append(
                _(
                    "{year} ours {value} ({range}), published {said}",
                    year=year, value=two_digits(own["p50"] / 1e3), range=spread(own["p05"], own["p95"], 1e3), said=said,
                )
            )  # fmt: skip
        told.append(_("{vendor}: {years}.", vendor=_(vendor), years="; ".join(parts)))
    return _("Thousand cards a year by vendor, ours beside published figures. {vendors}", vendors=" ".join(told))
