"""The threshold plane: performance against performance density, what the law says of each place, and where chips lie."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib import colors as palette
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.transforms import Bbox

from forecast.cells import tests_of
from forecast.criteria import criterion_in_words
from forecast.figures.frame import HAIR, INK, PAPER, QUIET, WIDTH, Drawing, house_style, key_above
from forecast.figures.labels import Spot, place_labels, renderer_of, write_inside
from forecast.figures.law import GROUPS, WORDS
from forecast.language import N_, _, long_date, number
from forecast.phrases import amount, listed
from forecast.regions import SUM, Subject, cells_of
from forecast.stages.permissions import STATUSES, Provision, reaches
from forecast.tables import capital

PARTS = Subject(
    N_("data-centre parts"), ("tpp", "performance_density", *SUM, "first_us_sale"), {"from_us": 1.0, "datacenter": 1.0}
)
PLANE = ("tpp", "performance_density")
LEFT, RIGHT = 600.0, 250_000.0
LOW, HIGH = 1.0, 40.0
COLUMNS = ["chip", "label", "tpp", "performance_density", "datacenter", "status"]
EITHER = {
    ("licence exception", "licence possible"): N_("licence exception\nor possible"),
    ("licence exception", "licence presumed denied"): N_("licence exception\nor presumed denied"),
    ("licence possible", "licence presumed denied"): N_("licence possible\nor presumed denied"),
    ("no licence needed", "licence exception"): N_("no licence needed\nor exception"),
    ("no licence needed", "licence possible"): N_("no licence needed\nor possible"),
    ("no licence needed", "licence presumed denied"): N_("no licence needed\nor presumed denied"),
    ("no licence needed", "prohibited"): N_("no licence needed\nor prohibited"),
}
"""What stands in a field where other facts decide between two groups of statuses."""

TINT = 0.62
"""Share of white in the ground, so that dark text reads everywhere and points stand out."""


class Ground(NamedTuple):
    """The plane cut along the thresholds: edges across and up, and the loosest and tightest code in each field (across, up).

    Loosest and tightest over memory, links and first sale, under the rules that ask for TPP or density.
    """

    across: np.ndarray
    up: np.ndarray
    loosest: np.ndarray
    tightest: np.ndarray


class Rules(NamedTuple):
    """The rules of a day, and the buyer whom they are asked about."""

    controls: Sequence[Provision]
    reliefs: Sequence[Provision]
    to: str
    hq: str | None = None

    @property
    def asked(self) -> "Rules":
        """Only those that cover the buyer."""
        return self._replace(
            controls=[rule for rule in self.controls if reaches(rule, self.to, self.hq)],
            reliefs=[rule for rule in self.reliefs if reaches(rule, self.to, self.hq)],
        )


def plane_chart(rules: Rules, chips: pd.DataFrame, vendor: str, title: str) -> Drawing:
    """The plane on one day for one buyer. Columns of chips: chip, label, tpp, performance_density, datacenter, status.

    A chip without a density stands in the strip below. vendor: whose data-centre parts the ground shows.
    """
    rules = rules.asked
    ground = ground_of(rules, vendor)
    shown = chips[chips["tpp"].between(LEFT, RIGHT)]
    with house_style():
        figure = Figure(figsize=(WIDTH, 4.4))
        plane = figure.add_axes((0.075, 0.235, 0.885, 0.665))
        strip = figure.add_axes((0.075, 0.09, 0.885, 0.13))
        _draw_ground(plane, ground)
        heading = _draw_strip(strip, ground)
        _name_fields(plane, ground, _points(plane, shown[shown["performance_density"].notna()]))
        _points(strip, shown[shown["performance_density"].isna()].assign(performance_density=0.5), [heading])
        _key(figure, ground, shown)
    return Drawing(
        name="plane",
        title=title,
        note=_note(ground, rules, vendor),
        figure=figure,
        alt=_alt(title, shown, ground),
        data=shown[["chip", "label", "tpp", "performance_density", "datacenter", "status"]].fillna(
            {"performance_density": "unknown"}
        ),
    )


def ground_of(rules: Rules, vendor: str) -> Ground:
    """What the law says of data-centre parts of a vendor, field by field of the plane."""
    controls = [rule for rule in rules.controls if _in_plane(rule)]
    cells = cells_of(PARTS, (*controls, *rules.reliefs))
    groups = cells.axes[-1].vendors
    mine = next((k for k, group in enumerate(groups) if vendor in group), len(groups) - 1)
    codes = cells.codes(controls, rules.reliefs, rules.to, rules.hq)[..., mine]
    real = cells.real[..., mine]
    others = tuple(range(2, codes.ndim))
    loosest = np.where(real, codes, len(STATUSES)).min(axis=others)
    tightest = np.where(real, codes, -1).max(axis=others)
    edges = [np.array([edge.value for edge in axis.edges]) for axis in cells.axes[:2]]
    edges[0][0], edges[1][0] = LEFT, LOW
    return Ground(np.append(edges[0], RIGHT), np.append(edges[1], HIGH), loosest, tightest)


def _in_plane(rule: Provision) -> bool:
    """Whether a rule asks for TPP or density."""
    return any(set(test.metrics) & {*PLANE} for test in tests_of([rule]))


def tint(colour: str) -> tuple[float, float, float]:
    """A colour mixed with white, for the ground."""
    red, green, blue = palette.to_rgb(colour)
    return (red + (1 - red) * TINT, green + (1 - green) * TINT, blue + (1 - blue) * TINT)


def _colour(code: int) -> str:
    """The colour of a status."""
    return GROUPS[WORDS[STATUSES[code]]][0]


def _draw_ground(axes: Axes, ground: Ground) -> None:
    """Fields in the tint of the tightest status, striped where other facts may loosen it, with the thresholds in force."""
    for i, (left, right) in enumerate(zip(ground.across, ground.across[1:], strict=False)):
        for j, (low, high) in enumerate(zip(ground.up, ground.up[1:], strict=False)):
            tight, loose = int(ground.tightest[i, j]), int(ground.loosest[i, j])
            field: dict[str, Any] = {"xy": (left, low), "width": right - left, "height": high - low, "linewidth": 0.0}
            axes.add_patch(Rectangle(**field, facecolor=tint(_colour(tight)), zorder=0.5))
            if WORDS[STATUSES[tight]] != WORDS[STATUSES[loose]]:
                axes.add_patch(Rectangle(**field, facecolor="none", edgecolor=tint(_colour(loose)), hatch="//////", zorder=0.6))
    axes.set(xscale="log", yscale="log", xlim=(LEFT, RIGHT), ylim=(LOW, HIGH))
    _ticks(axes)
    axes.set_yticks([1, 2, 5, 10, 20, 40], ["1", "2", "5", "10", "20", "40"])
    axes.set_ylabel(_("performance density [TPP/mm²]"), labelpad=2)
    axes.set_xticks([])
    _draw_bounds(axes, ground)
    _marked(axes, ground)


def _draw_bounds(axes: Axes, ground: Ground) -> None:
    """Thresholds: a line where the law says something else on its other side, a faint one where it does not."""
    says = ground.tightest * 100 + ground.loosest
    for i, value in enumerate(ground.across[1:-1]):
        for j, span in enumerate(zip(ground.up, ground.up[1:], strict=False)):
            axes.plot([value, value], span, **_line(bool(says[i, j] != says[i + 1, j])))
    for j, value in enumerate(ground.up[1:-1]):
        for i, span in enumerate(zip(ground.across, ground.across[1:], strict=False)):
            axes.plot(span, [value, value], **_line(bool(says[i, j] != says[i, j + 1])))


def _line(parts: bool) -> dict[str, Any]:
    """How a threshold is drawn where it parts two statuses, and where it does not."""
    return {"color": INK, "linewidth": 0.8, "zorder": 1.2} if parts else {"color": PAPER, "linewidth": 0.7, "zorder": 1.0}


def _ticks(axes: Axes) -> None:
    """Round values of TPP below an axis, without a grid."""
    axes.grid(visible=False)
    values = (1_000, 3_000, 10_000, 30_000, 100_000)
    axes.set_xticks(values, [number(value, 0) for value in values])
    axes.set_xticks([], minor=True)
    axes.set_yticks([], minor=True)


def _marked(axes: Axes, ground: Ground) -> None:
    """The thresholds' values along the upper and the right edge."""
    for value in ground.across[1:-1]:
        axes.annotate(amount(float(value)), (value, HIGH), xytext=(0, 2), textcoords="offset points", ha="center", va="bottom",
                      fontsize=6.5, color=INK)  # fmt: skip
    for value in ground.up[1:-1]:
        axes.annotate(amount(float(value)), (RIGHT, value), xytext=(3, 0), textcoords="offset points", ha="left", va="center",
                      fontsize=6.5, color=INK)  # fmt: skip


def _draw_strip(axes: Axes, ground: Ground) -> Bbox:
    """The strip for chips whose density is not known; the box of its heading, in pixels."""
    axes.set(xscale="log", xlim=(LEFT, RIGHT), ylim=(0.0, 1.0))
    _ticks(axes)
    axes.set_yticks([])
    axes.set_facecolor("#f3f4f6")
    for value in ground.across[1:-1]:
        axes.axvline(value, color=HAIR, linewidth=0.7, zorder=1)
    axes.set_xlabel(_("total processing performance [TPP]"), labelpad=2)
    words = _("density\nnot known")
    text = axes.annotate(words, (0.0, 1.0), xycoords="axes fraction", xytext=(3, -3), textcoords="offset points",
                         fontsize=6.5, color=QUIET, va="top", linespacing=1.1)  # fmt: skip
    return text.get_window_extent(renderer_of(axes))


def _points(axes: Axes, chips: pd.DataFrame, taken: Sequence[Bbox] = ()) -> list[Bbox]:
    """Chips as points coloured by their own status; those that lie on one another side by side, one label for equal ones.

    Boxes of points and labels in pixels.
    """
    spots = []
    for _place, group in chips.groupby(["tpp", "performance_density"], sort=True):
        kinds = list(group.groupby([group["status"].map(STATUSES.index), "datacenter"], sort=True))
        for k, ((code, datacenter), same) in enumerate(kinds):
            row = same.iloc[0]
            x = float(row["tpp"]) * 1.045 ** (k - (len(kinds) - 1) / 2)
            y = float(row["performance_density"])
            marker, size = ("o", 5.2) if datacenter else ("D", 4.6)
            axes.plot([x], [y], marker=marker, markersize=size, color=_colour(int(code)), markeredgecolor=INK,
                      markeredgewidth=0.5, linestyle="none", zorder=5, clip_on=False)  # fmt: skip
            spots.append(Spot(x, y, ", ".join(dict.fromkeys(short_name(label) for label in same["label"]))))
    return place_labels(axes, spots, taken)


def _name_fields(axes: Axes, ground: Ground, taken: Sequence[Bbox]) -> None:
    """What the law says, written into the largest field of each kind where there is room."""
    renderer = renderer_of(axes)
    held: dict[tuple[str, str], Bbox] = {}
    for i, j in np.ndindex(ground.tightest.shape):
        corners = axes.transData.transform([(ground.across[i], ground.up[j]), (ground.across[i + 1], ground.up[j + 1])])
        field = Bbox(corners)
        kind = WORDS[STATUSES[int(ground.tightest[i, j])]], WORDS[STATUSES[int(ground.loosest[i, j])]]
        if kind not in held or field.width * field.height > held[kind].width * held[kind].height:
            held[kind] = field
    for (tight, loose), field in held.items():
        words = (
            _(tight) if tight == loose else _(EITHER.get((loose, tight), "{loose}\nor {tight}"), loose=_(loose), tight=_(tight))
        )
        any(write_inside(axes, renderer, each, field, taken) for each in (words, words.replace(" ", "\n", 1)))


def short_name(label: str) -> str:
    """A chip's label without maker's line, form and memory: 'A100 SXM4 80GB' is 'A100'."""
    bare = re.sub(r"\(.*?\)|\b(GeForce|Instinct|NVIDIA|SXM\d?|PCIe|\d+GB)\b", "", label)
    return re.sub(r"\s+", " ", bare).strip(" ,")


def _key(figure: Figure, ground: Ground, chips: pd.DataFrame) -> None:
    """Statuses that are to be seen, the stripes, and the mark of parts that are not for data centres."""
    codes = {*ground.tightest.ravel().tolist(), *ground.loosest.ravel().tolist(), *chips["status"].map(STATUSES.index)}
    words = [group for group in GROUPS if group in {WORDS[STATUSES[int(code)]] for code in codes}]
    handles: list[Patch | Line2D] = [Patch(facecolor=GROUPS[group][0], edgecolor=QUIET, linewidth=0.4) for group in words]
    if (ground.loosest != ground.tightest).any():
        handles.append(Patch(facecolor=PAPER, edgecolor=QUIET, hatch="//////", linewidth=0.4))
        words = [*words, N_("depends on other tests")]
    if not chips["datacenter"].all():
        mark: dict[str, Any] = {"marker": "D", "markersize": 4.4, "markeredgecolor": INK, "markeredgewidth": 0.6}
        handles.append(Line2D([], [], color=PAPER, linestyle="", **mark))
        words = [*words, N_("not for data centres")]
    key_above(figure, handles, [_(each) for each in words], 0.075, columns=4)


def _note(ground: Ground, rules: Rules, vendor: str) -> str:
    """How to read it: whose ground it is, what the stripes hang on, and which rules ask for neither axis."""
    parts = [
        _(
            "The ground is what the law says of data-centre parts of {vendor}; the colour of a point is the chip’s own status.",
            vendor=vendor,
        )
    ]
    asking = tests_of(rule for rule in (*rules.controls, *rules.reliefs) if _in_plane(rule))
    others = [criterion_in_words(test) for test in asking if test.metrics[0] in (*SUM, "first_us_sale")]
    if (ground.loosest != ground.tightest).any() and others:
        parts.append(_("Where it is striped, the answer depends on {facts} as well.", facts=listed(others)))
    for rule in rules.controls:
        tests = tests_of([rule])
        if tests and all(test.metrics[0] in SUM for test in tests) and (not rule.vendors or vendor in rule.vendors):
            words = listed([criterion_in_words(test) for test in tests], "or")
            parts.append(_("Apart from both axes, the {paragraph} asks for {tests}.", paragraph=_(rule.paragraph), tests=words))
    return " ".join(parts)


def _alt(title: str, chips: pd.DataFrame, ground: Ground) -> str:
    """The picture in words: thresholds, and the chips of each status with their TPP."""
    lines = [
        _(
            "{title}: chips by total processing performance, {low} to {high}, and performance density.",
            title=title,
            low=number(LEFT, 0),
            high=number(RIGHT, 0),
        )
    ]
    lines.append(_("Thresholds of TPP at {tpp}, of density at {density}.",
                   tpp=listed([amount(float(v)) for v in ground.across[1:-1]]) or _("none"),
                   density=listed([amount(float(v)) for v in ground.up[1:-1]]) or _("none")))  # fmt: skip
    for words in GROUPS:
        held = chips[chips["status"].map(WORDS) == words].sort_values("tpp")
        if len(held):
            names = [f"{short_name(label)} {number(tpp, 0)}" for label, tpp in zip(held["label"], held["tpp"], strict=True)]
            lines.append(f"{capital(_(words))}: {', '.join(names)}.")
    return " ".join(lines)


def day_words(day: dt.date) -> str:
    """A day in a title."""
    return long_date(day)
