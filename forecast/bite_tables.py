"""The table of time to bite and half-life, from what `bite` derives."""

import re

import pandas as pd

from forecast.language import N_, _, counted
from forecast.tables import Cell, Table, in_percent, percent, quarter_name, signed

LEAST = 5e-5
"""An effect that is smaller than this share is written as nothing."""

SAID = (N_("before it takes effect"), N_("as it takes effect"), N_("no effect to outlive"), N_("nothing to take back"))
"""Times of forecast.bite that are no number, marked as texts."""


def quarters_said(told: str) -> str:
    """A time to bite or a half-life, worded as by forecast.bite, in the language spoken."""
    never = re.fullmatch(r"never within the horizon \((.+)\)", told)
    if never:
        return _("never within the horizon ({quarter})", quarter=quarter_name(never[1]))
    grows = re.fullmatch(r"still growing at the end of the run \((.+)\)", told)
    if grows:
        return _("still growing at the end of the run ({quarter})", quarter=quarter_name(grows[1]))
    some = re.fullmatch(r"(\d+) quarters?", told)
    return counted("{n} quarter", "{n} quarters", int(some[1])) if some else _(told)


def bite_table(timing: pd.DataFrame) -> Table:
    """How soon each instrument bites and how long it outlives a repeal; rows as from `time_to_bite`."""
    rows: list[list[Cell]] = [
        [
            _(row.title), row.effective, quarters_said(row.bites),
            in_percent(signed(100 * row.peak)) if abs(row.peak) >= LEAST else "0",
            quarter_name(row.peak_at) if abs(row.peak) >= LEAST else "",
            percent(row.worlds) if row.worlds else _("none"), quarters_said(row.outlives),
        ]
        for row in timing.itertuples()
    ]  # fmt: skip
    return Table(
        name="table-bite",
        title=_("How soon an instrument moves training compute by 5%, and how long that outlives a repeal"),
        note=_(
            "Each alone on top of the first regime; usable training compute at home and abroad, median "
            "world. Worlds: share of worlds moved by 5% at any time. Repeal comes two years after effect, "
            "unannounced; the last column is how long the gap takes to fall to half of its largest. What moves "
            "nothing in the median world, in which another input binds, may move others."
        ),
        header=[
            _("Instrument"),
            _("In effect"),
            _("Bites after"),
            _("Largest effect"),
            _("At end of"),
            _("Worlds"),
            _("Half gone after"),
        ],
        rows=rows,
        data=timing,
    )
