"""Labels of points that do not lie on one another: placed one by one where there is room, with a line back where it is far."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from forecast.figures.frame import INK, PAPER

REACH = (7.0, 11.0, 16.0, 22.0, 30.0, 40.0, 52.0, 66.0, 82.0, 100.0, 120.0)
"""Distances at which a label is tried, in points of 1/72 inch from the middle of its marker to the nearest edge of the text."""

ANGLES = (0, 180, 90, 270, 30, 330, 150, 210, 60, 300, 120, 240, 15, 345, 165, 195)
NEAR = 12.0
"""Distance beyond which a thin line leads back to the marker [points]."""

PAD = 1.5
"""Room kept around a label [points]."""


class Spot(NamedTuple):
    """A marker with its label: where it lies in the data, what it is called, how wide the marker is [points]."""

    x: float
    y: float
    text: str
    size: float = 6.0


def place_labels(axes: Axes, spots: Sequence[Spot], taken: Sequence[Bbox] = (), fontsize: float = 6.5) -> list[Bbox]:
    """Write the label of each spot where it hides no marker, label, line or taken box; boxes of markers and labels [pixels].

    The most crowded spots choose first. A label that finds no room anywhere is put at the last place tried, where the tests of
    figures find it.
    """
    renderer = renderer_of(axes)
    scale = axes.figure.dpi / 72.0
    axes.set(xlim=axes.get_xlim(), ylim=axes.get_ylim())
    frame = axes.get_window_extent(renderer)
    centres = [tuple(map(float, axes.transData.transform((spot.x, spot.y)))) for spot in spots]
    marks = [_square(centre, spot.size * scale) for centre, spot in zip(centres, spots, strict=True)]
    crowd = [sum(math.dist(one, other) < 60 * scale for other in centres) for one in centres]
    barred = [*taken, *marks]
    for at in sorted(range(len(spots)), key=lambda k: (-crowd[k], centres[k])):
        text = _text(axes, spots[at].text, fontsize)
        extent = text.get_window_extent(renderer)
        box, far = _room(centres[at], (extent.width, extent.height), [b for b in barred if b is not marks[at]], frame, scale)
        _move(text, box, extent, axes)
        barred.append(box)
        if far > NEAR:
            _draw_lead(axes, centres[at], box, scale)
            barred += _lead(centres[at], box, scale)
    return barred


def renderer_of(axes: Axes) -> RendererAgg:
    """What measures texts: the raster canvas, the same on every machine."""
    canvas: Any = FigureCanvasAgg(axes.get_figure(root=True))
    renderer: RendererAgg = canvas.get_renderer()
    return renderer


def write_inside(
    axes: Axes, renderer: RendererAgg, words: str, field: Bbox, taken: Sequence[Bbox], fontsize: float = 6.5
) -> bool:
    """Write words into a field [pixels] where they hide nothing, from its upper right corner on; whether there was room."""
    text = _text(axes, words, fontsize, style="italic")
    extent = text.get_window_extent(renderer)
    pad = 3.0 * axes.figure.dpi / 72.0
    for y in reversed(_steps(field.y0 + pad, field.y1 - pad - extent.height)):
        for x in reversed(_steps(field.x0 + pad, field.x1 - pad - extent.width)):
            box = Bbox.from_bounds(x, y, extent.width, extent.height)
            if not any(_touch(box.padded(pad), other) for other in taken):
                _move(text, box, extent, axes)
                return True
    text.remove()
    return False


def _steps(low: float, high: float, count: int = 25) -> list[float]:
    """Evenly spaced places from low to high, none where high lies below low."""
    return [low + (high - low) * k / (count - 1) for k in range(count)] if high >= low else []


def _text(axes: Axes, words: str, fontsize: float, style: str = "normal") -> Text:
    """A text at the origin of the figure, with a white rim."""
    text = axes.text(0, 0, words, fontsize=fontsize, color=INK, style=style, zorder=6, transform=None, linespacing=1.1)
    text.set_path_effects([withStroke(linewidth=1.4, foreground=PAPER)])
    return text


def _square(centre: Sequence[float], side: float) -> Bbox:
    """A square around a point."""
    return Bbox.from_bounds(centre[0] - side / 2, centre[1] - side / 2, side, side)


def _room(
    centre: Sequence[float], size: tuple[float, float], barred: Sequence[Bbox], frame: Bbox, scale: float
) -> tuple[Bbox, float]:
    """The nearest free place for a label around a marker, and how far away it is [points]."""
    pad = PAD * scale
    box = Bbox.from_bounds(centre[0], centre[1], size[0], size[1])
    for reach in REACH:
        for angle in ANGLES:
            across, up = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            x = centre[0] + reach * scale * across + (across - 1.0) * size[0] / 2.0
            y = centre[1] + reach * scale * up + (up - 1.0) * size[1] / 2.0
            box = Bbox.from_bounds(x, y, *size)
            inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
            line = _lead(centre, box, scale) if reach > NEAR else []
            if inside and not any(_touch(each, other) for each in (box.padded(pad), *line) for other in barred):
                return box, reach
    return box, REACH[-1]


def _touch(one: Bbox, other: Bbox) -> bool:
    """Whether two boxes share room."""
    return bool(one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1)


def _move(text: Text, box: Bbox, extent: Bbox, axes: Axes) -> None:
    """Put a text, whose box stood at `extent` when it was written at the origin, into its box."""
    x, y = axes.transAxes.inverted().transform((box.x0 - extent.x0, box.y0 - extent.y0))
    text.set_transform(axes.transAxes)
    text.set_position((x, y))


def _ends(centre: Sequence[float], box: Bbox, scale: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ends of the line from a marker's rim to the nearest edge of its label."""
    end = (min(max(centre[0], box.x0), box.x1), min(max(centre[1], box.y0), box.y1))
    gap = min(3.5 * scale / max(math.dist(centre, end), 1e-9), 1.0)
    return (centre[0] + gap * (end[0] - centre[0]), centre[1] + gap * (end[1] - centre[1])), end


def _lead(centre: Sequence[float], box: Bbox, scale: float, pieces: int = 12) -> list[Bbox]:
    """The line from a marker to its label as a row of small boxes, the last one at the label left out."""
    start, end = _ends(centre, box, scale)
    return [
        _square((start[0] + (end[0] - start[0]) * k / pieces, start[1] + (end[1] - start[1]) * k / pieces), scale)
        for k in range(pieces)
    ]


def _draw_lead(axes: Axes, centre: Sequence[float], box: Bbox, scale: float) -> None:
    """A thin line from a marker to the nearest edge of its label."""
    ends = [axes.transAxes.inverted().transform(point) for point in _ends(centre, box, scale)]
    axes.plot(*zip(*ends, strict=True), transform=axes.transAxes, color=INK, linewidth=0.5, zorder=4, scalex=False, scaley=False)
