"""The law as a figure: the status of chips through time."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from forecast.figures.frame import INK, NAVY, QUIET, SAND, SKY, WIDTH, Drawing, house_style, key_above

GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "no licence needed": (SAND, ("free",)),
    "exception with notice": ("#b9d3e6", ("exception_nac", "exception_aca", "exception_hbm")),
    "licence possible": (SKY, ("licence_presumption_of_approval", "licence_case_by_case")),
    "licence presumed denied": (NAVY, ("licence_presumption_of_denial",)),
    "prohibited": (INK, ("prohibited",)),
}
"""What a reader sees for each group of statuses, from loosest to tightest."""

WORDS = {status: words for words, (_, statuses) in GROUPS.items() for status in statuses}


def status_chart(spells: pd.DataFrame, labels: Mapping[str, str], released: Mapping[str, object], title: str) -> Drawing:
    """A bar per chip from its release on, coloured by status. Columns of spells: chip, since, until, status, paragraph.

    labels names each chip; released is the day from which it could be sold, a missing one the first day shown.
    """
    first, last = _year(spells["since"].min()), _year(spells["until"].max())
    chips = list(dict.fromkeys(spells["chip"]))
    bars = _bars(spells, released)
    with house_style():
        height = 0.55 + 0.2 * len(chips)
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((0.26, 0.22 / height, 0.725, 1 - 0.5 / height))
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
        shown = [words for words in GROUPS if words in set(bars["words"])]
        handles = [Patch(facecolor=GROUPS[words][0], edgecolor=QUIET, linewidth=0.4) for words in shown]
        key_above(figure, handles, shown, 0.03)
    return Drawing(
        name="status",
        title=title,
        note="A bar begins when the chip was first shipped; a white line is where another paragraph takes over. "
        "The colour says what the law says, not what was sold.",
        figure=figure,
        alt=_words(bars, labels, title),
        data=bars[["chip", "since", "until", "status", "paragraph"]].reset_index(drop=True),
    )


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
    parts = [f"{title}: a bar per chip, coloured by what the law says about it."]
    for chip, rows in bars.groupby("chip", sort=False):
        steps = [f"{row.words} from {int(row.begin)}" for row in rows.itertuples()]
        kept = [
            step
            for number, step in enumerate(steps)
            if number == 0 or step.split(" from ")[0] != steps[number - 1].split(" from ")[0]
        ]
        parts.append(f"{labels.get(str(chip), str(chip))}: {', '.join(kept)}.")
    return " ".join(parts)
