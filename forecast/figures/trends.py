"""A published series with its fitted forms ahead of it, and what each form leaves over: residuals and their memory."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from scipy.special import ndtri

from forecast.figures.frame import INK, NAVY, QUIET, RUST, WIDTH, Drawing, house_style, key_above
from forecast.fit import Trend
from forecast.language import N_, _, number
from forecast.tables import chance, powers, spread, two_digits

COLOURS = {"unobserved": NAVY, "damped": RUST}
NAMES = {"unobserved": N_("unobserved components"), "damped": N_("damped smoothing")}
LAGS = 8
NARROW = 50.0
"""Below this span of a log axis twos and fives are written too."""
Z90 = float(ndtri(0.95))


def trend_chart(about: str, unit: str, series: pd.Series, after: pd.Series, trends: Sequence[Trend]) -> Drawing:
    """One series with both forms ahead, and beside it the residuals' autocorrelation with its 95% bounds.

    series, after (quarter,): logs that were fitted, and those that came later. Unit as published.
    """
    table = _numbers(series, after, trends)
    with house_style():
        figure = Figure(figsize=(WIDTH, 2.45))
        path = figure.add_axes((0.07, 0.1, 0.55, 0.7))
        _path(path, series, after, trends)
        path.set_title(_(unit))
        width = 0.3 / len(trends)
        for place, trend in enumerate(trends):
            memory = figure.add_axes((0.68 + place * (width + 0.02), 0.1, width, 0.7))
            _memory(memory, trend)
            memory.set_title(_("memory of residuals") if place == 0 else "")
            if place:
                memory.tick_params(labelleft=False)
        handles: list[Patch | Line2D] = [Line2D([], [], color=INK, marker="o", linestyle="", markersize=3)]
        handles += [Line2D([], [], color=COLOURS[trend.form], linewidth=1.5) for trend in trends]
        key_above(figure, handles, [_("published"), *(_("{form}, 90%", form=_(NAMES[trend.form])) for trend in trends)], 0.07)
    return Drawing(
        name="trend",
        title=_(about),
        note=_(
            "Log scale. Right: correlation of residuals with those of earlier quarters; bars beyond the "
            "lines are memory that the form leaves out."
        ),
        figure=figure,
        alt=_words(about, unit, series, trends),
        data=table,
    )


def _years(index: pd.PeriodIndex) -> np.ndarray:
    return np.asarray(index.year + index.quarter / 4)


def _ahead(series: pd.Series, trend: Trend) -> pd.PeriodIndex:
    return pd.period_range(series.index[-1] + 1, periods=len(trend.mean), freq="Q")


def _levels(series: pd.Series, trend: Trend) -> np.ndarray:
    """p05, p50 and p95 ahead (3, quarter); a series that never fell is a record, which does not fall below its last value."""
    levels = np.exp(trend.mean + np.array([[-Z90], [0.0], [Z90]]) * trend.error)
    record = bool((series.dropna().diff().dropna() >= 0.0).all())
    return np.asarray(np.maximum(levels, np.exp(trend.last)) if record else levels)


def _path(axes: Axes, series: pd.Series, after: pd.Series, trends: Sequence[Trend]) -> None:
    """Published points, and each form's median and interval ahead."""
    for trend in trends:
        times = np.concatenate([[_years(series.index)[-1]], _years(_ahead(series, trend))])
        low, middle, high = np.concatenate([np.full((3, 1), np.exp(trend.last)), _levels(series, trend)], axis=1)
        axes.fill_between(times, low, high, color=COLOURS[trend.form], alpha=0.18, linewidth=0)
        axes.plot(times, middle, color=COLOURS[trend.form], linewidth=1.5)
    for held, filled in ((series, INK), (after, "none")):
        axes.plot(
            _years(held.index), np.exp(held), color=INK, marker="o", linestyle="", markersize=2.6, markerfacecolor=filled,
            markeredgewidth=0.7,
        )  # fmt: skip
    axes.set_yscale("log")
    axes.yaxis.set_minor_locator(NullLocator())
    bottom, top = axes.get_ylim()
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if top / bottom < NARROW else (1.0,)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _place: _short(value)))
    years = np.arange(np.ceil(_years(series.index)[0]), np.floor(axes.get_xlim()[1]) + 1, 2)
    axes.set_xticks(years, [f"{year:.0f}" for year in years])
    axes.tick_params(axis="y", colors=QUIET)


def _short(value: float) -> str:
    """A tick of a log axis: plain up to a billion, a power of ten above."""
    return two_digits(value) if value < 1e9 else powers(value)


def _amount(value: float) -> str:
    """An amount in words: plain up to a billion, a power of ten above."""
    if value < 1e9:
        return two_digits(value)
    power = int(np.floor(np.log10(value)))
    return _("{value} times ten to the power of {power}", value=number(value / 10**power, 1), power=power)


def _memory(axes: Axes, trend: Trend) -> None:
    """Autocorrelation of residuals by lag with its bounds under none."""
    left = trend.residuals[np.isfinite(trend.residuals)][4:]
    left = left - left.mean()
    own = float((left**2).sum())
    values = [float((left[lag:] * left[:-lag]).sum()) / own for lag in range(1, LAGS + 1)]
    axes.bar(range(1, LAGS + 1), values, width=0.5, color=COLOURS[trend.form])
    bound = 1.96 / np.sqrt(len(left))
    for level in (-bound, bound):
        axes.axhline(level, color=QUIET, linewidth=0.7, linestyle=(0, (2, 2)))
    axes.axhline(0, color=QUIET, linewidth=0.6)
    axes.set_ylim(-1, 1)
    axes.set_xticks([1, 4, 8])
    axes.set_yticks([-1, -0.5, 0, 0.5, 1], ["−1", "", "0", "", "1"])


def _numbers(series: pd.Series, after: pd.Series, trends: Sequence[Trend]) -> pd.DataFrame:
    """What the picture shows: published points, then each form's quantiles by quarter."""
    rows = [("published", str(quarter), value, value, value) for quarter, value in np.exp(series.dropna()).items()]
    rows += [("published later", str(quarter), value, value, value) for quarter, value in np.exp(after.dropna()).items()]
    for trend in trends:
        for quarter, levels in zip(_ahead(series, trend), _levels(series, trend).T, strict=True):
            low, middle, high = map(float, levels)
            rows.append((trend.form, str(quarter), low, middle, high))
    return pd.DataFrame(rows, columns=["form", "quarter", "p05", "p50", "p95"])


def _words(about: str, unit: str, series: pd.Series, trends: Sequence[Trend]) -> str:
    """The picture for those who cannot see it."""
    told = []
    for trend in trends:
        low, middle, high = map(float, _levels(series, trend)[:, -1])
        p, ahead = trend.diagnostics()["ljung_box"], len(trend.mean)
        told.append(
            _(
                "{form} ends at {value} ({range}) after {quarters} quarters; the chance of such memory in its residuals without "
                "cause is {p}",
                form=_(NAMES[trend.form]),
                value=_amount(middle),
                range=spread(low, high, 1.0, _amount),
                quarters=ahead,
                p=chance(p),
            )
        )
    return (
        _("{about}, {unit}, last published {last}.", about=_(about), unit=_(unit), last=_amount(float(np.exp(trends[0].last))))
        + " "
        + ". ".join(told)
        + "."
    )
