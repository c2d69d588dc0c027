"""The waterfall: how the effect of each bundle of rules splits among its instruments."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from forecast.figures.frame import INK, NAVY, QUIET, RUST, WIDTH, Drawing, fitted, house_style, key_above
from forecast.language import _, counted, number
from forecast.tables import Scope, capital, part_label, signed, split_at, spread, tick, where, year_end

CHANNELS = ("onshore", "accessible")
TOTAL = "#8a8f98"
MOST_BUNDLES = 5
LINE = 0.175
"""Inches that one instrument takes."""


def waterfall_chart(frame: pd.DataFrame, scope: Scope, titles: Mapping[str, str], draws: int) -> Drawing:
    """Each bundle's mean effect at the headline date as a waterfall over its instruments, for onshore and accessible compute.

    frame as from forecast.waterfall.split_effects; titles: instrument -> what readers call it.
    """
    at = {channel: split_at(frame, scope, channel) for channel in CHANNELS}
    regimes = sorted(frame["regime"].unique(), key=lambda name: -_size(at["accessible"], name))[:MOST_BUNDLES]
    regimes = [name for name in frame["regime"].unique() if name in regimes]
    left = frame["regime"].nunique() - len(regimes)
    with house_style():
        figure = _bundles(at, regimes, scope, titles)
    return Drawing(
        name="waterfall",
        title=_("What each instrument adds to a bundle’s effect at {when}, million H100e", when=year_end(scope.headline)),
        note=_(
            "Means over the first {draws} draws. A bar is the mean of two orders: added as listed, and added "
            "from the last up; the thin line spans the two. Beneath the line the whole bundle with 90% of "
            "draws.",
            draws=number(draws, 0),
        )
        + (f" {_smaller(left)}" if left else ""),
        figure=figure,
        alt=_words(at, regimes, scope, titles),
        data=pd.concat(at, names=["channel"]).reset_index("channel").reset_index(drop=True).fillna(""),
    )


def _smaller(count: int) -> str:
    """How many bundles the figure leaves to the table."""
    one, many = "{n} bundle with a smaller effect stands in the table.", "{n} bundles with smaller effects stand in the table."
    return counted(one, many, count)


def _size(at: pd.DataFrame, regime: str) -> float:
    """How large the effect of a bundle is."""
    return abs(float(at.loc[(at["regime"] == regime) & (at["place"] == 0), "whole mean"].iloc[0]))


def _bundles(at: Mapping[str, pd.DataFrame], regimes: Sequence[str], scope: Scope, titles: Mapping[str, str]) -> Figure:
    """A row of panels for each bundle; panels of one column share their scale."""
    counts = [int((at["onshore"]["regime"] == name).sum()) for name in regimes]
    height = 0.2 + 0.16 + sum(LINE * count + 0.3 for count in counts)
    figure = Figure(figsize=(WIDTH, height))
    left, gap, top = 0.2, 0.02, height - 0.2
    width = (1 - left - gap - 0.012) / 2
    columns: dict[str, list[Axes]] = {channel: [] for channel in CHANNELS}
    for regime, count in zip(regimes, counts, strict=True):
        tall = LINE * count
        top -= 0.22 + tall
        for place, channel in enumerate(CHANNELS):
            axes = figure.add_axes((left + place * (width + gap), top / height, width, tall / height))
            held = at[channel]
            _panel(axes, held[held["regime"] == regime], titles if place == 0 else None)
            columns[channel].append(axes)
            axes.set_title(capital(where(channel)), fontsize=7, fontweight=400, color=QUIET)
        name, size = fitted(scope.titles.get(regime, regime), (left - 0.01) * WIDTH * 72)
        figure.text(0.0, (top + tall + 0.075) / height, name, fontweight=600, fontsize=size, va="baseline")
        top -= 0.08
    for channel, panels in columns.items():
        _same_scale(panels, at[channel])
    keys: list[Patch | Line2D] = [
        Patch(facecolor=NAVY), Patch(facecolor=RUST), Patch(facecolor=TOTAL), Line2D([], [], color=INK, linewidth=0.8),
    ]  # fmt: skip
    key_above(
        figure,
        keys,
        [_("adds"), _("takes away"), _("whole bundle"), _("between the two orders; for the whole, 90% of draws")],
        0.0,
    )
    return figure


def _panel(axes: Axes, held: pd.DataFrame, titles: Mapping[str, str] | None) -> None:
    """One bundle: floating bars in the order stated, then the whole from zero."""
    lines = pd.concat([held[held["place"] > 0], held[held["place"] == 0]])
    start = 0.0
    for line, row in enumerate(lines.to_dict("records")):
        whole = row["place"] == 0
        size = row["whole mean" if whole else "mean mean"] / 1e6
        begin = 0.0 if whole else start
        axes.barh(line, size, 0.62, begin, color=TOTAL if whole else NAVY if size > 0 else RUST)
        ends = (row["whole p05"], row["whole p95"]) if whole else (row["stated mean"], row["reverse mean"])
        low, high = (begin + end / 1e6 for end in sorted(ends))
        axes.plot([low, high], [line, line], color=INK, linewidth=0.8, solid_capstyle="butt")
        if not whole:
            axes.plot([begin + size] * 2, [line - 0.31, line + 1.31], color=QUIET, linewidth=0.4)
            start += size
        edge = min(begin + size, low) if size < 0 else max(begin + size, high)
        axes.annotate(
            signed(size), (edge, line), xytext=(-3 if size < 0 else 3, 0), textcoords="offset points", fontsize=6.5, color=INK,
            ha="right" if size < 0 else "left", va="center_baseline", fontweight=600 if whole else 400,
        )  # fmt: skip
    names = [part_label(name, titles or {}) for name in lines["instrument"]]
    axes.set_yticks(range(len(lines)), names if titles is not None else [""] * len(lines))
    axes.tick_params(axis="y", labelcolor=INK, pad=3)
    axes.set_ylim(len(lines) - 0.45, -0.55)
    axes.axvline(0, color=INK, linewidth=0.6)
    axes.axhline(len(lines) - 1.5, color=QUIET, linewidth=0.4)
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)


def _same_scale(panels: Sequence[Axes], held: pd.DataFrame) -> None:
    """One scale for a column of panels, with room for the values at its ends."""
    lows, highs = zip(*(axes.dataLim.intervalx for axes in panels), strict=True)
    low, high = min(0.0, *lows), max(0.0, *highs)
    room = (high - low) or 1.0
    for axes in panels:
        axes.set_xlim(low - 0.16 * room, high + 0.16 * room)
        axes.xaxis.set_major_locator(MaxNLocator(5, prune="both"))
        axes.xaxis.set_major_formatter(tick)
        axes.tick_params(axis="x", labelbottom=axes is panels[-1])


def _words(at: Mapping[str, pd.DataFrame], regimes: Sequence[str], scope: Scope, titles: Mapping[str, str]) -> str:
    """The waterfalls in words."""
    parts = [_("Waterfall charts of effects at {when} in million H100e, means over draws.", when=year_end(scope.headline))]
    for regime in regimes:
        for channel in CHANNELS:
            held = at[channel][at[channel]["regime"] == regime]
            told = [
                f"{part_label(row['instrument'], titles)} {signed(row['mean mean'] / 1e6)}"
                for row in held[held["place"] > 0].to_dict("records")
            ]
            whole = held[held["place"] == 0].iloc[0]
            total = f"{signed(whole['whole mean'] / 1e6)} ({spread(whole['whole p05'], whole['whole p95'], 1e6, signed)})"
            parts.append(f"{scope.titles.get(regime, regime)}, {where(channel)}: {', '.join(told)}; {_('whole bundle')} {total}.")
    return " ".join(parts)
