"""Figures of inputs: their sampled paths, and what each does to an outcome."""

import textwrap
from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from forecast.contract import BadInput
from forecast.figures.frame import INK, NAVY, QUIET, RUST, SKY, WIDTH, Drawing, house_style, key_above, years_axis
from forecast.language import _, counted
from forecast.names import year_fraction
from forecast.phrases import listed
from forecast.rows import quantiles
from forecast.tables import about_words, first_clause, signed, spread, tick, two_digits

MOST = 12
"""Bars that a page takes."""

PATHS_SHOWN = 24
"""Sampled paths that the eye can follow."""


def tornado_chart(
    table: pd.DataFrame,
    title: str,
    scale: float = 1e6,
    unit: str = "",
    most: int = MOST,
    name: str = "tornado",
) -> Drawing:
    """What each input does to an outcome: its median in the lower and in the upper tenth of the input's draws.

    table as from forecast.sensitivity.tornado; inputs within the noise are left out and counted in the note.
    """
    unit = unit or _("million H100e")
    told = table[~table["within_noise"]]
    if told.empty:
        raise BadInput("no input stands out from the noise", found=f"{len(table)} inputs", mend="run with more draws")
    shown = told.head(most)
    low, high, error = (shown[name].to_numpy(dtype=float) / scale for name in ("low", "high", "mc_error"))
    with house_style():
        height = 0.55 + 0.235 * len(shown)
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.40, 0.24 / height, 0.585, 1 - 0.56 / height))
        middle, places = float(shown["median"].iloc[0]) / scale, np.arange(len(shown))
        for place, ends in zip(places, zip(low, high, strict=True), strict=True):
            for end, colour in sorted(zip(ends, (SKY, NAVY), strict=True), key=lambda held: -abs(held[0] - middle)):
                axes.barh(place, end - middle, 0.62, middle, color=colour)
        axes.axvline(middle, color=INK, linewidth=0.7)
        room = 0.16 * (max(low.max(), high.max()) - min(low.min(), high.min()))
        axes.set_xlim(min(low.min(), high.min()) - room, max(low.max(), high.max()) + room)
        for place, left, right in zip(places, np.minimum(low, high), np.maximum(low, high), strict=True):
            for value, side, shift in ((left, "right", -3), (right, "left", 3)):
                axes.annotate(
                    two_digits(value), (value, place), xytext=(shift, 0), textcoords="offset points", ha=side,
                    va="center_baseline", fontsize=6.5, color=QUIET,
                )  # fmt: skip
        axes.set_yticks(places, [_short(about) for about in shown["about"]], linespacing=1.0)
        axes.tick_params(axis="y", labelcolor=INK, pad=4)
        axes.set_ylim(len(shown) - 0.5, -0.5)
        axes.grid(axis="y", visible=False)
        axes.grid(axis="x", visible=True)
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.xaxis.set_major_formatter(tick)
        keys = [Patch(facecolor=SKY), Patch(facecolor=NAVY)]
        key_above(figure, keys, [_("median where the input is in its lowest tenth"), _("in its highest tenth")], 0.03)
    left, most_noise = len(table) - len(shown), len(told) > len(shown)
    left_out = (
        counted("{n} input, within the noise", "{n} inputs, most of them within the noise", left)
        if most_noise
        else counted("{n} input within the noise", "{n} inputs within the noise", left)
    )
    return Drawing(
        name=name,
        title=f"{title}, {unit}",
        note=_(
            "Largest effect first; the line is the median over all draws. Standard error of a bar’s length "
            "from sampling: {range}. Not shown: {left_out}. Correlated inputs carry one another’s effect.",
            range=spread(error.min(), error.max()),
            left_out=left_out,
        ),
        figure=figure,
        alt=_tornado_words(shown, title, scale, unit),
        data=table,
    )


def _short(about: str, width: int = 54, lines: int = 2) -> str:
    """A description up to its first semicolon or colon, on few lines."""
    return "\n".join(textwrap.wrap(first_clause(about_words(about)), width, max_lines=lines, placeholder=" …"))


def _tornado_words(shown: pd.DataFrame, title: str, scale: float, unit: str) -> str:
    """The bars in words."""
    parts = [_("Tornado chart: {title}, in {unit}, from the lowest to the highest tenth of each input.", title=title, unit=unit)]
    for row in shown.itertuples():
        parts.append(f"{about_words(str(row.about))}: {spread(row.low, row.high, scale)} ({signed(row.change / scale)}).")
    return " ".join(parts)


def input_chart(inputs: xr.Dataset, names: Sequence[str]) -> Drawing:
    """Sampled paths of inputs, a panel each: 90 and 50 % of draws, the median and some single draws."""
    wrong = [
        name for name in names if name not in inputs or set(inputs[name].dims) not in ({"quarter", "draw"}, {"bound", "draw"})
    ]
    if wrong or not names:
        known = sorted(str(k) for k, v in inputs.data_vars.items() if set(v.dims) in ({"quarter", "draw"}, {"bound", "draw"}))
        raise BadInput("not an input that is a path", key="names", found=", ".join(wrong), expected=", ".join(known))
    lines = -(-len(names) // 2)
    frames = []
    with house_style():
        height = 0.42 + 1.65 * lines
        figure = Figure(figsize=(WIDTH, height))
        grid = figure.subplots(lines, 2, squeeze=False)
        figure.subplots_adjust(left=0.06, right=0.985, top=1 - 0.5 / height, bottom=0.2 / height, wspace=0.16, hspace=0.52)
        for axes in grid.ravel()[len(names) :]:
            axes.remove()
        for axes, name in zip(grid.ravel(), names, strict=False):
            frames.append(_path_panel(axes, inputs[name]))
        keys: list[Line2D | Patch] = [
            Line2D([], [], color=NAVY, linewidth=1.5), Patch(color=NAVY, alpha=0.47, lw=0), Patch(color=NAVY, alpha=0.18, lw=0),
            Line2D([], [], color=RUST, linewidth=0.6),
        ]  # fmt: skip
        key_above(figure, keys, [_("median"), _("50% of draws"), _("90% of draws"), _("single draws")], 0.06)
    data = pd.concat(frames, ignore_index=True)
    return Drawing(
        name="inputs",
        title=_("Sampled paths of inputs"),
        note=_(
            "Each thin line is one draw, one possible world: it keeps its rank through time, with some drift from year to year."
        ),
        figure=figure,
        alt=_path_words(data, inputs),
        data=data,
    )


def _path_panel(axes: Axes, array: xr.DataArray) -> pd.DataFrame:
    """One input over time."""
    values = array.transpose(..., "draw")
    dim = str(values.dims[0])
    times = year_fraction(pd.DatetimeIndex(values[dim].values)) + (0.125 if dim == "quarter" else 0.0)
    power = (
        10.0 ** (3 * np.floor(np.log10(max(float(np.quantile(values, 0.95)), 1e-9)) / 3)) if float(values.max()) >= 1e4 else 1.0
    )
    low, lower, middle, upper, high = quantiles(values.values) / power
    axes.fill_between(times, low, high, color=NAVY, alpha=0.18, linewidth=0)
    axes.fill_between(times, lower, upper, color=NAVY, alpha=0.34, linewidth=0)
    axes.plot(times, values.values[:, :PATHS_SHOWN] / power, color=RUST, linewidth=0.4, alpha=0.7)
    axes.plot(times, middle, color=NAVY, linewidth=1.5)
    axes.set_ylim(0, 1.04 * max(float(high.max()), float(values.values[:, :PATHS_SHOWN].max()) / power))
    plain = array.attrs["units"].replace("**", "^")
    sized = {1.0: plain, 1e3: _("thousand {unit}", unit=plain), 1e6: _("million {unit}", unit=plain)}
    unit = _("share or ratio") if plain == "1" else sized.get(power, f"{power:g} {plain}")
    axes.set_title(f"{_short(array.attrs['long_name'], 60, 1)}\n{array.name} [{unit}]", linespacing=1.15, fontsize=7)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(tick)
    years_axis(axes, int(times[0]), int(np.ceil(times[-1])) - 1, short=True)
    return pd.DataFrame({"input": array.name, "time": times, "p05": low * power, "p25": lower * power, "p50": middle * power,
                         "p75": upper * power, "p95": high * power})  # fmt: skip


def _path_words(data: pd.DataFrame, inputs: xr.Dataset) -> str:
    """First and last median and interval of each input."""
    parts = [_("Fans of sampled inputs over time.")]
    for name, rows in data.groupby("input", sort=False):
        about, unit = inputs[str(name)].attrs["long_name"], inputs[str(name)].attrs["units"]
        ends = [f"{int(row.time)}: {two_digits(row.p50)} ({spread(row.p05, row.p95)})" for row in rows.iloc[[0, -1]].itertuples()]
        parts.append(
            _("{about} [{unit}], median and 90% interval, {ends}.", about=about_words(about), unit=unit, ends=listed(ends))
        )
    return " ".join(parts)
