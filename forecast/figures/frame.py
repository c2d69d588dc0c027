"""What all figures share: fonts from the template folder, colours, time on the axis, and the writing of files."""

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import pandas as pd
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.textpath import TextPath
from matplotlib.ticker import ScalarFormatter

from forecast.contract import BadInput
from forecast.language import N_, _, number
from forecast.tables import spread, two_digits

CREDIT = N_("Data of Epoch AI are used under the Creative Commons Attribution licence (CC BY).")
"""Travels with every report and inside every figure's files."""

LATIN, CHINESE = "IBM Plex Sans", "Noto Sans CJK SC"
WIDTH = 6.69
"""Inches across the page's text: figures are drawn at the size at which they are printed."""

INK, QUIET, HAIR, PAPER = "#1c2430", "#5a6472", "#c9ced6", "#ffffff"
NAVY, RUST, SKY, SAND = "#173f5f", "#bf5b34", "#7fb2d6", "#e3d9c6"
PALETTE = (NAVY, RUST, SKY, SAND)
"""Told apart by lightness alone, so that a grey print and colour-blind readers lose nothing."""

RAMP = ("#173f5f", "#3a6b93", "#6496bb", "#93b9d4", "#bdd4e5", "#e4ebf0")
"""One hue from dark to light, for parts that are ordered by size."""


class Drawing(NamedTuple):
    """One figure: its title and note, the picture, what it shows in words, and the numbers in it."""

    name: str
    title: str
    note: str
    figure: Figure
    alt: str
    data: pd.DataFrame


def template_folder() -> Path:
    """The folder of the brief's template and fonts, from the current directory upwards or beside the package's repository."""
    starts = [Path.cwd(), *Path.cwd().parents, *Path(__file__).resolve().parents[2:3]]
    for start in starts:
        folder = start / "reports" / "template"
        if (folder / "brief.typ").is_file():
            return folder
    raise BadInput(
        "The template of the brief was not found",
        found=f"no reports/template/brief.typ in {Path.cwd()} or above it",
        expected="a working folder",
        mend="change into the working folder, or lay one out with: forecast init FOLDER",
    )


def font_files() -> list[Path]:
    """The only fonts that figures and pages may use."""
    return sorted(path for path in (template_folder() / "fonts").iterdir() if path.suffix in {".ttf", ".otf"})


@lru_cache(maxsize=1)
def _use_own_fonts() -> None:
    """Register our fonts in place of any of the same name on this machine, so that all machines draw the same."""
    manager = font_manager.fontManager
    manager.ttflist = [entry for entry in manager.ttflist if entry.name not in (LATIN, CHINESE)]
    for path in font_files():
        manager.addfont(path)
    chinese = next(entry for entry in manager.ttflist if entry.name == CHINESE)
    manager.ttflist += [dataclasses.replace(chinese, weight=weight) for weight in (500, 600)]


@contextmanager
def house_style() -> Iterator[None]:
    """Our fonts, sizes and quiet axes, for the length of one drawing."""
    _use_own_fonts()
    rules: Any = {
        "font.family": [LATIN, CHINESE],
        "font.size": 7.5,
        "axes.titlesize": 8,
        "axes.titleweight": 600,
        "axes.titlelocation": "left",
        "axes.titlepad": 5,
        "axes.edgecolor": QUIET,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.axisbelow": True,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.labelcolor": QUIET,
        "grid.color": HAIR,
        "grid.linewidth": 0.5,
        "text.color": INK,
        "text.parse_math": False,
        "xtick.color": QUIET,
        "ytick.color": QUIET,
        "xtick.labelsize": 7,
        "ytick.labelsize": 7,
        "xtick.major.size": 0,
        "xtick.minor.size": 2.5,
        "ytick.major.size": 0,
        "hatch.linewidth": 0.5,
        "legend.frameon": False,
        "legend.fontsize": 7,
        "svg.fonttype": "path",
        "svg.hashsalt": "forecast",
        "figure.dpi": 200,
    }
    with mpl.rc_context(rules):
        yield


def save(drawing: Drawing, folder: Path, *, whole: bool = False) -> dict[str, Path]:
    """Write the figure as SVG and PNG and its numbers as CSV; equal drawings give equal bytes. whole: with words around it."""
    if not drawing.alt.strip():
        raise BadInput("A figure needs a description in words", key=drawing.name)
    folder.mkdir(parents=True, exist_ok=True)
    paths = {kind: folder / f"{drawing.name}.{kind}" for kind in ("svg", "png", "csv")}
    room: dict[str, Any] = {"bbox_inches": "tight", "pad_inches": 0.08} if whole else {}
    with house_style():
        about = {"Title": drawing.title, "Description": drawing.alt}
        drawing.figure.savefig(paths["svg"], metadata={"Date": None, "Creator": None, **about, "Rights": _(CREDIT)}, **room)
        drawing.figure.savefig(paths["png"], metadata={"Software": None, **about, "Copyright": _(CREDIT)}, **room)
    drawing.data.to_csv(paths["csv"], index=False, lineterminator="\n")
    return paths


TITLE_SIZE, SMALLEST_TITLE = 8.0, 6.0
"""Sizes between which the title of a panel is made to fit. [pt]"""


def fitted(text: str, room: float, after: str = "") -> tuple[str, float]:
    """A title and its size so that it is no wider than there is room [pt]: set smaller, and cut before `after` if it must be."""
    kept = text
    while _title_width(kept + after, SMALLEST_TITLE) > room and len(kept) > 3:
        kept = kept.removesuffix("…")[:-1].rstrip() + "…"
    wide = _title_width(kept + after, TITLE_SIZE)
    return kept + after, TITLE_SIZE * min(1.0, room / wide) if wide else TITLE_SIZE


def fitted_title(axes: Axes, text: str, after: str = "") -> None:
    """A title no wider than its panel."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    told, size = fitted(text, axes.get_position().width * figure.get_figwidth() * 72, after)
    axes.set_title(told, fontsize=size)


@lru_cache(maxsize=512)
def _title_width(text: str, size: float) -> float:
    """The width of a title. [pt]"""
    return float(TextPath((0, 0), text, size=size, prop=FontProperties(family=[LATIN, CHINESE], weight=600)).get_extents().width)


class Marks(ScalarFormatter):
    """Marks of an axis with equally many decimals, in the form of the language spoken."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """One mark."""
        text = super().__call__(x, pos)
        plain = text.replace("−", "-")
        return number(float(plain), len(plain.partition(".")[2])) if plain.strip("-0123456789.") == "" and plain else text


def cell(table: pd.DataFrame, row: object, column: str) -> float:
    """One number of a table."""
    return float(table[column].to_dict()[row])


def stated(table: pd.DataFrame, row: object) -> str:
    """Median and interval of one row of quantiles, in words."""
    middle, low, high = (cell(table, row, name) for name in ("p50", "p05", "p95"))
    return _("median {middle} (90% interval {range})", middle=two_digits(middle), range=spread(low, high))


def instant(quarter: str) -> float:
    """The end of a quarter as a decimal year: 2025Q4 is 2026.0."""
    return int(quarter[:4]) + int(quarter[5]) / 4


def quarters_of(first_year: int, last_year: int) -> list[str]:
    """All quarters from the end of the year before the first to the end of the last."""
    return [f"{first_year - 1}Q4", *(f"{year}Q{part}" for year in range(first_year, last_year + 1) for part in range(1, 5))]


def years_axis(axes: Axes, first_year: int, last_year: int, *, short: bool = False) -> None:
    """Years written in the middle of their span, marks where they end; short writes two digits after the first year."""
    years = list(range(first_year, last_year + 1))
    axes.set_xlim(first_year, last_year + 1)
    names = [f"{year % 100:02d}" if short and year > first_year else f"{year}" for year in years]
    axes.set_xticks([year + 0.5 for year in years], names)
    axes.set_xticks([*years, last_year + 1], minor=True)


def nowcast_line(axes: Axes, as_of: str, *, labelled: bool) -> None:
    """A line where observation ends and forecast begins."""
    axes.axvline(instant(as_of), color=QUIET, linewidth=0.7, linestyle=(0, (2, 2)), zorder=1.5)
    if labelled:
        style: dict[str, Any] = {
            "xycoords": ("data", "axes fraction"),
            "textcoords": "offset points",
            "va": "top",
            "fontsize": 6.5,
            "bbox": {"facecolor": PAPER, "edgecolor": "none", "pad": 0.4},
        }
        for text, side, shift in ((_("nowcast"), "right", -3), (_("forecast"), "left", 3)):
            axes.annotate(text, (instant(as_of), 1.0), xytext=(shift, 0), ha=side, color=QUIET, **style)


def spaced(positions: Sequence[float], gap: float) -> list[float]:
    """Positions moved apart as little as needed to keep a gap, in their order: labels beside lines must not overlap."""
    order = sorted(range(len(positions)), key=lambda index: positions[index])
    groups: list[list[int]] = []
    centres: list[float] = []
    for index in order:
        groups.append([index])
        centres.append(positions[index])
        while len(groups) > 1 and centres[-1] - centres[-2] < gap * (len(groups[-1]) + len(groups[-2])) / 2:
            joined = groups[-2] + groups[-1]
            groups[-2:] = [joined]
            centres[-2:] = [sum(positions[member] for member in joined) / len(joined)]
    moved = list(positions)
    for members, centre in zip(groups, centres, strict=True):
        for rank, member in enumerate(members):
            moved[member] = centre + gap * (rank - (len(members) - 1) / 2)
    return moved


def key_above(figure: Figure, handles: Sequence[Patch | Line2D], labels: Sequence[str], left: float, columns: int = 6) -> None:
    """One key for the whole figure, along its upper edge, from the left edge of the panels."""
    figure.legend(
        handles, labels, loc="upper left", bbox_to_anchor=(left, 1.0), ncols=columns, handlelength=1.6, columnspacing=1.4,
        borderaxespad=0.0, borderpad=0.0, handletextpad=0.5,
    )  # fmt: skip


def contrast_ink(colour: str) -> str:
    """Dark or white text, whichever reads better on a colour."""
    return PAPER if luminance(colour) < 0.21 else INK


def luminance(colour: str) -> float:
    """Relative luminance of a colour, 0 black to 1 white."""
    channels = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in mpl.colors.to_rgb(colour)
    ]
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
