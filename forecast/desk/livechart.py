"""The explorer's chart as SVG text: plain enough to be drawn in a millisecond, with words for those who cannot see it."""

import base64
from html import escape

import numpy as np
import pandas as pd

from forecast.explorer import Answer
from forecast.figures.frame import HAIR, INK, NAVY, QUIET, RUST
from forecast.tables import WHERE, signed, spread, two_digits

WIDE, HIGH = 720, 330
LEFT, RIGHT, TOP, BOTTOM = 46, 646, 44, 290
FIRST_YEAR = 2024
FONT = "font-family='IBM Plex Sans, Arial, sans-serif'"


def picture(answer: Answer) -> str:
    """The chart as an image element with alternative text."""
    data = base64.b64encode(svg(answer).encode()).decode()
    alt = escape(words(answer), quote=True)
    return f'<img alt="{alt}" style="width:100%;max-width:860px" src="data:image/svg+xml;base64,{data}">'


def words(answer: Answer) -> str:
    """What the chart shows: both medians and the paired effect at the headline year."""
    at = int(np.searchsorted(answer.bounds, pd.Timestamp(answer.year + 1, 1, 1)))
    before, after = (quantities[:, at] / 1e6 for quantities in (answer.before, answer.after))
    effect = answer.effect / 1e6
    levels = " and ".join(
        f"{name} {two_digits(each[2])} (90% interval {spread(each[0], each[4])})"
        for name, each in (("unchanged", before), ("with your changes", after))
    )
    return (
        f"{WHERE[answer.channel].capitalize()} compute at end-{answer.year}, million H100e: {levels}. "
        f"Difference draw by draw: {signed(effect[2])} ({spread(effect[0], effect[4], 1.0, signed)}). {answer.draws} draws."
    )


def svg(answer: Answer) -> str:
    """Bands and medians over time: unchanged in blue, changed in rust and dashed."""
    shown = answer.bounds >= pd.Timestamp(FIRST_YEAR, 1, 1)
    years = np.asarray(answer.bounds[shown].year + (answer.bounds[shown].month - 1) / 12, dtype=float)
    before, after = answer.before[:, shown] / 1e6, answer.after[:, shown] / 1e6
    top = float(max(before[4].max(), after[4].max())) * 1.05 or 1.0
    x = LEFT + (years - years[0]) / (years[-1] - years[0]) * (RIGHT - LEFT)

    def y(values: np.ndarray) -> np.ndarray:
        return np.asarray(BOTTOM - values / top * (BOTTOM - TOP))

    parts = [*_axes(years, top, x), _band(x, y(before[0]), y(before[4]), NAVY), _band(x, y(after[0]), y(after[4]), RUST)]
    parts += [_line(x, y(before[2]), NAVY, ""), _line(x, y(after[2]), RUST, "stroke-dasharray='6 3'"), *_key(answer)]
    ends = sorted([(float(y(before[2])[-1]), before[2, -1], NAVY), (float(y(after[2])[-1]), after[2, -1], RUST)])
    apart = max(0.0, 14 - (ends[1][0] - ends[0][0])) / 2
    for (place, value, colour), shift in zip(ends, (-apart, apart), strict=True):
        parts.append(_text(RIGHT + 6, place + shift + 4, two_digits(float(value)), colour, "start", 12, "600"))
    head = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDE} {HIGH}' role='img'>"
    return f"{head}<title>{escape(words(answer))}</title><rect width='{WIDE}' height='{HIGH}' fill='#fff'/>{''.join(parts)}</svg>"


def _axes(years: np.ndarray, top: float, x: np.ndarray) -> list[str]:
    """Hair lines at round values, years in the middle of their span."""
    step = next(size for size in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1e9) if top / size <= 6)
    parts = []
    for value in np.arange(0, top, step):
        place = BOTTOM - value / top * (BOTTOM - TOP)
        parts.append(f"<line x1='{LEFT}' x2='{RIGHT}' y1='{place:.1f}' y2='{place:.1f}' stroke='{HAIR}' stroke-width='1'/>")
        parts.append(_text(LEFT - 6, place + 4, f"{value:g}", QUIET, "end"))
    width = (RIGHT - LEFT) / (years[-1] - years[0])
    for year in range(int(years[0]), int(years[-1])):
        parts.append(_text(LEFT + (year + 0.5 - years[0]) * width, BOTTOM + 18, str(year), QUIET, "middle"))
    return parts


def _key(answer: Answer) -> list[str]:
    """Title, key and number of draws."""
    title = f"{WHERE[answer.channel].capitalize()} compute, million H100e, at the end of each quarter"
    note = f"median and 90% of {answer.draws} draws"
    return [
        _text(LEFT, 16, title, INK, "start", 13, "600"), _text(RIGHT, 34, note, QUIET, "end"),
        _line(np.array([LEFT, LEFT + 24.0]), np.array([30.0, 30.0]), NAVY, ""), _text(LEFT + 30, 34, "unchanged", INK, "start"),
        _line(np.array([LEFT + 110.0, LEFT + 134.0]), np.array([30.0, 30.0]), RUST, "stroke-dasharray='6 3'"),
        _text(LEFT + 140, 34, "with your changes", INK, "start"),
    ]  # fmt: skip


def _points(x: np.ndarray, y: np.ndarray) -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))


def _band(x: np.ndarray, low: np.ndarray, high: np.ndarray, colour: str) -> str:
    outline = _points(np.concatenate([x, x[::-1]]), np.concatenate([low, high[::-1]]))
    return f"<polygon points='{outline}' fill='{colour}' fill-opacity='0.18'/>"


def _line(x: np.ndarray, y: np.ndarray, colour: str, dash: str) -> str:
    return f"<polyline points='{_points(x, y)}' fill='none' stroke='{colour}' stroke-width='2.2' {dash}/>"


def _text(x: float, y: float, text: str, colour: str, anchor: str, size: int = 12, weight: str = "400") -> str:
    place = f"x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' font-size='{size}' font-weight='{weight}'"
    return f"<text {place} fill='{colour}' {FONT}>{escape(text)}</text>"
