"""The law as a figure: the status of chips through time."""

import datetime as dt
from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from forecast.figures.frame import INK, NAVY, QUIET, SAND, SKY, WIDTH, Drawing, house_style, key_above, spaced
from forecast.language import N_, _

GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    N_("no licence needed"): (SAND, ("free",)),
    N_("licence exception"): ("#b9d3e6", ("exception_nac", "exception_aca", "exception_hbm")),
    N_("licence possible"): (SKY, ("licence_presumption_of_approval", "licence_case_by_case")),
    N_("licence presumed denied"): (NAVY, ("licence_presumption_of_denial",)),
    N_("prohibited"): (INK, ("prohibited",)),
}
"""What a reader sees for each group of statuses, from loosest to tightest."""

WORDS = {status: words for words, (_colour, statuses) in GROUPS.items() for status in statuses}


def status_chart(
    spells: pd.DataFrame,
    labels: Mapping[str, str],
    released: Mapping[str, object],
    title: str,
    steps: Mapping[dt.date, str] | None = None,
) -> Drawing:
    """A bar per chip from its release on, coloured by status. Columns of spells: chip, since, until, status, paragraph.

    labels names each chip; released is the day from which it could be sold, a missing one the first day shown; steps names
    the steps of law by their day: those at which a bar changes colour are numbered above the bars and named in the note.
    """
    first, last = _year(spells["since"].min()), _year(spells["until"].max())
    chips = list(dict.fromkeys(spells["chip"]))
    bars = _bars(spells, released)
    numbered = _numbered(bars, steps or {})
    with house_style():
        height = 0.65 + 0.2 * len(chips)
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.26, 0.22 / height, 0.725, 1 - 0.6 / height))
        for row in bars.itertuples():
            colour = GROUPS[row.words][0]
            axes.barh(row.place, row.end - row.begin, 0.72, row.begin, color=colour, edgecolor="white", linewidth=0.6)
        axes.set_yticks(range(len(chips)), [labels.get(chip, chip) for chip in chips])
        axes.tick_params(axis="y", labelcolor=INK, pad=4)
        axes.set_ylim(len(chips) - 0.5, -0.5)
        axes.grid(axis="y", visible=False)
        axes.grid(axis="x", visible=True, which="minor")
        years = range(int(first), int(last) + (last > int(last)))
        axes.set_xlim(first, last)
        axes.set_xticks([(max(year, first) + min(year + 1, last)) / 2 for year in years], [f"{year}" for year in years])
        axes.set_xticks(list(years), minor=True)
        _number(axes, numbered, last - first)
        shown = [words for words in GROUPS if words in set(bars["words"])]
        handles = [Patch(facecolor=GROUPS[words][0], edgecolor=QUIET, linewidth=0.4) for words in shown]
        key_above(figure, handles, [_(words) for words in shown], 0.03)
    return Drawing(
        name="status",
        title=title,
        note=_(
            "A bar begins when the chip was first shipped; a white line is where another paragraph takes "
            "over. The colour says what the law says, not what was sold."
        )
        + _named(numbered),
        figure=figure,
        alt=_words(bars, labels, title),
        data=bars[["chip", "since", "until", "status", "paragraph"]].reset_index(drop=True),
    )


def _numbered(bars: pd.DataFrame, steps: Mapping[dt.date, str]) -> dict[dt.date, str]:
    """Steps of law on days on which a bar that has begun takes another colour, in order."""
    before = bars.groupby("chip")["words"].shift()
    turned = {
        day for day, words, last in zip(bars["since"], bars["words"], before, strict=True) if words != last and pd.notna(last)
    }
    return {day: steps[day] for day in sorted(turned) if day in steps}


def _number(axes: Axes, numbered: Mapping[dt.date, str], years: float) -> None:
    """A number above the bars for each step, moved apart where days lie close, and a line down from its day."""
    days = [_year(day) for day in numbered]
    for number, (day, place) in enumerate(zip(days, spaced(days, years * 0.016), strict=True), 1):
        axes.text(place, 1.025, str(number), transform=axes.get_xaxis_transform(), fontsize=6.5, ha="center", va="bottom")
        axes.axvline(day, color=QUIET, linewidth=0.5, linestyle=(0, (1, 1.5)), zorder=0.9)


def _named(numbered: Mapping[dt.date, str]) -> str:
    """The numbered steps with their names and days, as the end of a note."""
    if not numbered:
        return ""
    steps = "; ".join(f"{k} {name} ({day})" for k, (day, name) in enumerate(numbered.items(), 1))
    return f" {_('Steps of law: {steps}.', steps=steps)}"


def _year(day: object) -> float:
    """A day as a decimal year."""
    stamp = pd.Timestamp(str(day))
    return float(stamp.year + (stamp.dayofyear - 1) / 365.25)


def _bars(spells: pd.DataFrame, released: Mapping[str, object]) -> pd.DataFrame:
    """Spells from each chip's release on, with their ends as decimal years and the words of their status."""
    place = {chip: number for number, chip in enumerate(dict.fromkeys(spells["chip"]))}
    first = {chip: _year(day) for chip, day in released.items() if not pd.isna(day)}
    rows = spells.assign(
        place=spells["chip"].map(place),
        begin=[max(_year(day), first.get(chip, 0.0)) for day, chip in zip(spells["since"], spells["chip"], strict=True)],
        end=spells["until"].map(_year),
        words=spells["status"].map(WORDS),
    )
    return rows[rows["end"] > rows["begin"]]


def _words(bars: pd.DataFrame, labels: Mapping[str, str], title: str) -> str:
    """The bars in words: each chip's last status and since when."""
    parts = [_("{title}: a bar per chip, coloured by what the law says about it.", title=title)]
    for chip, rows in bars.groupby("chip", sort=False):
        changed = rows[rows["words"] != rows["words"].shift()]
        kept = [_("{words} from {year}", words=_(str(row.words)), year=int(row.begin)) for row in changed.itertuples()]
        parts.append(f"{labels.get(str(chip), str(chip))}: {', '.join(kept)}.")
    return " ".join(parts)
