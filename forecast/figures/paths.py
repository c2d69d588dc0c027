"""Figures over time: the fan of stocks by regime, and the paired effects."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from forecast.figures.frame import (
    INK,
    NAVY,
    QUIET,
    RUST,
    WIDTH,
    Drawing,
    Marks,
    cell,
    fitted_title,
    house_style,
    instant,
    key_above,
    nowcast_line,
    quarters_of,
    spaced,
    stated,
    years_axis,
)
from forecast.language import _, counted
from forecast.tables import (
    DECISION_SHARE,
    Rows,
    Scope,
    capital,
    labelled,
    percent,
    quarter_name,
    signed,
    tick,
    two_digits,
    where,
    year_end,
)

MOST_FANS, MOST_EFFECTS = 3, 3
"""Panels that a page takes; regimes that change less stand in the tables."""

LEVELS = ("p05", "p25", "p50", "p75", "p95")


def _bands(rows: Rows, variable: str, quarters: Sequence[str], **labels: str) -> pd.DataFrame:
    """Five quantiles by quarter, in millions."""
    columns: dict[str, Any] = {name: rows.path(variable, name, quarters, **labels) for name in LEVELS}
    return pd.DataFrame(columns, index=list(quarters)) / 1e6


def _draw_bands(axes: Axes, bands: pd.DataFrame, colour: str) -> None:
    """90% and 50% bands and the median."""
    times = [instant(quarter) for quarter in bands.index]
    axes.fill_between(times, bands["p05"], bands["p95"], color=colour, alpha=0.18, linewidth=0)
    axes.fill_between(times, bands["p25"], bands["p75"], color=colour, alpha=0.34, linewidth=0)
    axes.plot(times, bands["p50"], color=colour, linewidth=1.5, solid_capstyle="butt")


def _band_key(colour: str) -> tuple[list[Patch | Line2D], list[str]]:
    """The key to bands and median."""
    handles: list[Patch | Line2D] = [
        Line2D([], [], color=colour, linewidth=1.5),
        Patch(color=colour, alpha=0.47, lw=0),
        Patch(color=colour, alpha=0.18, lw=0),
    ]
    return handles, [_("median"), _("50% of draws"), _("90% of draws")]


def _end_labels(axes: Axes, bands: pd.DataFrame, height_inches: float, write: Callable[[float], str] = two_digits) -> None:
    """Values of the outer band and the median written at the right end, moved apart where they would touch."""
    low, high = axes.get_ylim()
    gap = (high - low) * 0.125 / height_inches
    names = ("p05", "p50", "p95")
    values = [cell(bands, bands.index[-1], name) for name in names]
    for name, value, place in zip(names, values, spaced(values, gap), strict=True):
        heavy = name == "p50"
        axes.annotate(
            write(value),
            (1.0, place),
            xycoords=("axes fraction", "data"),
            xytext=(3, 0),
            textcoords="offset points",
            va="center_baseline",
            fontsize=7 if heavy else 6.5,
            fontweight=600 if heavy else 400,
            color=INK if heavy else QUIET,
            annotation_clip=False,
        )


def _long(frames: Mapping[tuple[str, str], pd.DataFrame], names: Sequence[str]) -> pd.DataFrame:
    """Frames of quantiles by quarter as one table with their labels in front."""
    parts = []
    for labels, frame in frames.items():
        part = frame.rename_axis("quarter").reset_index()
        for place, (name, label) in enumerate(zip(names, labels, strict=True)):
            part.insert(place, name, label)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def fan_chart(
    rows: Rows, scope: Scope, channel: str = "onshore", first_year: int | None = None, most: int = MOST_FANS
) -> Drawing:
    """Stock by regime to the horizon, a panel each, the base's median behind the others; of many regimes the `most` moved."""
    first = first_year or int(scope.as_of[:4]) - 2
    quarters = quarters_of(first, scope.horizon_year)
    shown = scope.widest(rows, most)
    fans = {regime: _bands(rows, "compute_nominal", quarters, regime=regime, channel=channel) for regime in shown}
    columns = min(len(fans), 3)
    lines = -(-len(fans) // columns)
    with house_style():
        panel = 1.65 if len(scope.titles) == len(fans) else 1.25
        height = 0.45 + panel * lines
        figure = Figure(figsize=(WIDTH, height))
        grid = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
        figure.subplots_adjust(left=0.035, right=0.955, top=1 - 0.44 / height, bottom=0.2 / height, wspace=0.2, hspace=0.22)
        panels = grid.ravel()
        for axes in panels[len(fans) :]:
            axes.remove()
        panels[0].set_ylim(0, 1.04 * max(float(fan["p95"].max()) for fan in fans.values()))
        panels[0].yaxis.set_major_formatter(Marks())
        for number, (axes, (regime, fan)) in enumerate(zip(panels, fans.items(), strict=False)):
            _fan_panel(axes, fan, None if regime == scope.base else fans[scope.base], scope, labelled=number == 0)
            fitted_title(axes, scope.titles[regime])
            _end_labels(axes, fan, 0.85 * panel)
            years_axis(axes, first, scope.horizon_year, short=columns > 2)
            axes.tick_params(labelbottom=number + columns >= len(fans))
        handles, labels = _band_key(NAVY)
        if scope.others:
            handles.append(Line2D([], [], color=RUST, linewidth=1.1, linestyle=(0, (3, 1.5))))
            labels.append(_("median under {title}", title=scope.titles[scope.base]))
        key_above(figure, handles, labels, 0.035)
    return Drawing(
        name=f"fan-{channel}",
        title=capital(_("{where} compute by regime to {when}, million H100e", where=where(channel), when=year_end(quarters[-1]))),
        note=_(
            "Dot: median at {when}. Right edge: median and 90% interval at {last}. Left of the broken line "
            "observations are sampled, right of it the model runs.",
            when=year_end(scope.headline),
            last=year_end(quarters[-1]),
        )
        + _left_out(scope, shown),
        figure=figure,
        alt=_fan_words(fans, scope, channel),
        data=_long({(regime, channel): fan for regime, fan in fans.items()}, ("regime", "channel")),
    )


def _left_out(scope: Scope, shown: Sequence[str]) -> str:
    """How many regimes a figure leaves to the tables."""
    left = len(scope.titles) - len(shown)
    told = counted(
        "{n} regime that changes accessible compute less stands in the tables.",
        "{n} regimes that change accessible compute less stand in the tables.",
        left,
    )
    return f" {told}" if left else ""


def _fan_panel(axes: Axes, fan: pd.DataFrame, behind: pd.DataFrame | None, scope: Scope, *, labelled: bool) -> None:
    """One regime's fan with the headline value marked."""
    _draw_bands(axes, fan, NAVY)
    if behind is not None:
        axes.plot(
            [instant(quarter) for quarter in behind.index], behind["p50"], color=RUST, linewidth=1.1, linestyle=(0, (3, 1.5))
        )
    nowcast_line(axes, scope.as_of, labelled=labelled)
    if scope.headline in fan.index:
        place = (instant(scope.headline), cell(fan, scope.headline, "p50"))
        axes.plot(*place, "o", color=NAVY, markersize=4, markeredgecolor="white", markeredgewidth=0.8)
        axes.annotate(
            two_digits(place[1]), place, xytext=(-3, 5), textcoords="offset points", ha="right", fontweight=600, fontsize=7.5
        )


def _fan_words(fans: dict[str, pd.DataFrame], scope: Scope, channel: str) -> str:
    """The fan chart in words."""
    first, last = (next(iter(fans.values())).index[place] for place in (0, -1))
    parts = [
        _(
            "Fan charts of {where} compute in million H100e from {first} to {last}, one per regime, with a "
            "line at the end of {as_of} where forecasts begin.",
            where=where(channel),
            first=year_end(first),
            last=year_end(last),
            as_of=quarter_name(scope.as_of),
        )
    ]
    for regime, fan in fans.items():
        ends = [
            _("{value} at {when}", value=stated(fan, quarter), when=year_end(quarter))
            for quarter in dict.fromkeys((scope.headline, last))
        ]
        told = ", ".join([ends[0], *(_("then {value}", value=end) for end in ends[1:])])
        parts.append(labelled(scope.titles[regime], f"{told}."))
    return " ".join(parts)


def effect_chart(
    rows: Rows, scope: Scope, channels: Sequence[str] = ("onshore", "accessible"), most: int = MOST_EFFECTS
) -> Drawing:
    """Change against the base on the same draws, a column per other regime and a row per channel, with the size that matters.

    Of many regimes the `most` moved, three columns to a row of panels.
    """
    first = int(scope.as_of[:4])
    quarters = [quarter for quarter in quarters_of(first + 1, scope.horizon_year) if quarter >= scope.as_of]
    quarters = [scope.as_of, *(quarter for quarter in quarters if quarter != scope.as_of)]
    frames = {}
    shown = scope.widest(rows, most + 1)
    for regime in shown[1:]:
        for channel in channels:
            frame = _bands(rows, "effect:compute_nominal", quarters, regime=regime, channel=channel)
            stock = rows.path("compute_nominal", "p50", quarters, regime=scope.base, channel=channel)
            frames[regime, channel] = frame.assign(decision_size=[DECISION_SHARE * value / 1e6 for value in stock])
    with house_style():
        figure = _effect_panels(frames, scope, channels)
        handles, labels = _band_key(NAVY)
        handles.append(Line2D([], [], color=RUST, linewidth=1.1, linestyle=(0, (1, 1.2))))
        labels.append(_("±{share} of the stock under {title}", share=percent(DECISION_SHARE), title=scope.titles[scope.base]))
        key_above(figure, handles, labels, 0.05)
    return Drawing(
        name="effects",
        title=_("Change against {title} on the same draws, million H100e", title=scope.titles[scope.base]),
        note=_("Dotted: the size that we call material. Inside the dotted lines a change is smaller than that.")
        + _left_out(scope, shown),
        figure=figure,
        alt=_effect_words(frames, scope),
        data=_long(frames, ("regime", "channel")),
    )


def _effect_panels(frames: dict[tuple[str, str], pd.DataFrame], scope: Scope, channels: Sequence[str]) -> Figure:
    """The grid of panels, three regimes across; panels of one channel share their scale."""
    others = list(dict.fromkeys(regime for regime, _channel in frames))
    columns = min(len(others), 3)
    lines = -(-len(others) // columns) * len(channels)
    height, apart = 0.5 + 1.12 * lines, 0.07 * columns + 0.02
    figure = Figure(figsize=(WIDTH, height))
    grid = figure.subplots(lines, columns, sharex=True, squeeze=False)
    figure.subplots_adjust(left=0.05, right=0.955, top=1 - 0.46 / height, bottom=0.2 / height, wspace=apart, hspace=0.3)
    for row, channel in enumerate(channels):
        panels = grid[row :: len(channels)].ravel()
        for axes in panels[len(others) :]:
            axes.remove()
        for axes, regime in zip(panels, others, strict=False):
            _effect_panel(axes, frames[regime, channel], scope.titles[regime], channel)
        low, high = (pick(axes.get_ylim()[end] for axes in panels[: len(others)]) for end, pick in ((0, min), (1, max)))
        for place, (axes, regime) in enumerate(zip(panels, others, strict=False)):
            axes.set_ylim(low, high)
            _end_labels(axes, frames[regime, channel], 1.05, signed)
            years_axis(axes, int(scope.as_of[:4]), scope.horizon_year, short=columns > 2)
            axes.set_xlim(instant(scope.as_of), scope.horizon_year + 1)
            axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
            axes.yaxis.set_major_formatter(tick)
            axes.tick_params(
                labelleft=place % columns == 0, labelbottom=channel == channels[-1] and place + columns >= len(others)
            )
    return figure


def _effect_panel(axes: Axes, frame: pd.DataFrame, title: str, channel: str) -> None:
    """The bands of one regime and channel, with the size that matters on both sides of zero."""
    times = [instant(quarter) for quarter in frame.index]
    _draw_bands(axes, frame, NAVY)
    for sign in (1, -1):
        axes.plot(times, sign * frame["decision_size"], color=RUST, linewidth=1.1, linestyle=(0, (1, 1.2)))
    axes.axhline(0, color=INK, linewidth=0.7)
    fitted_title(axes, title, labelled("", where(channel)))


def _effect_words(frames: dict[tuple[str, str], pd.DataFrame], scope: Scope) -> str:
    """The effects in words."""
    parts = [
        _(
            "Bands of the change against {title} in million H100e to {when}, with a zero line "
            "and dotted lines at plus and minus {share} of the stock.",
            title=scope.titles[scope.base],
            when=year_end(f"{scope.horizon_year}Q4"),
            share=percent(DECISION_SHARE),
        )
    ]
    for (regime, channel), frame in frames.items():
        size = two_digits(cell(frame, scope.headline, "decision_size"))
        parts.append(
            labelled(
                f"{scope.titles[regime]}, {where(channel)}, {year_end(scope.headline)}",
                _("{value}, against a material size of {size}.", value=stated(frame, scope.headline), size=size),
            )
        )
    return " ".join(parts)
