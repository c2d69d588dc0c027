"""Tables of law: what each regime says and moves, and how the effect of a bundle splits among its instruments."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from forecast.language import N_, _, number
from forecast.phrases import TAGS
from forecast.tables.bibliography import cited
from forecast.tables.rows import Cell, Scope, Table, short_title
from forecast.tables.words import capital, percent, signed, spread, where, year_end

WHOLE, OWN = "whole effect", "own moves"
"""Names of rows of a split that are no instrument."""

OWN_SETTINGS = N_("Its own settings")
"""What a reader calls what a regime changes by itself, without an instrument."""

SPLIT_CHANNELS = ("accessible", "onshore")


def _full(regime: Mapping[str, str]) -> str:
    """A regime's summary, its full title in front where the short one differs."""
    return regime["summary"] if short_title(regime) == regime["title"] else f"{regime['title']}. {regime['summary']}"


def law_table(context: Mapping[str, Any]) -> Table:
    """What each regime says, where it is written, and every setting that it changes: when, by which instrument, on what basis."""
    regimes = context["scenario"]["regimes"]
    body: list[list[Cell]] = []
    for regime in regimes:
        body.append(
            [(short_title(regime), _("{summary} Written in: {citation}.", summary=_full(regime), citation=regime["citation"]))]
        )
        last = ""
        for move in (move for move in context["moves"] if move["regime"] == regime["id"]):
            named = f"{move['instrument']}{cited(context, move['sources'])}"
            body.append(["" if named == last else named, move["since"], move["words"], move["tag"]])
            last = named
    return Table(
        name="table-law",
        title=_("What each regime changes in law, setting by setting"),
        note=_(
            "Basis: {items}. What is not listed stays as it was.",
            items=", ".join(f"{tag} {_(words)}" for tag, words in TAGS.items()),
        ),
        header=[_("Instrument"), _("From"), _("What changes"), _("Basis")],
        rows=body,
        data=pd.DataFrame(
            [{**move, "sources": " ".join(move["sources"])} for move in context["moves"]],
            columns=["regime", "instrument", "since", "words", "tag", "sources"],
        ),
    )


def split_at(frame: pd.DataFrame, scope: Scope, channel: str) -> pd.DataFrame:
    """Nominal compute of a split at the headline date in one channel: instruments in place, a column per order and statistic."""
    chosen = frame[
        (frame["variable"] == "effect:compute_nominal")
        & (frame["quarter"] == scope.headline)
        & (frame["channel"] == channel)
        & frame["statistic"].isin(["mean", "p05", "p95"])
    ]
    keys = ["regime", "place", "instrument", "placeholder_share"]
    wide = chosen.pivot_table(index=keys, columns=["order", "statistic"], values="value", sort=False)
    wide.columns = [f"{order} {statistic}" for order, statistic in wide.columns]
    return wide.reset_index().sort_values(["place"], kind="stable")


def part_label(name: str, titles: Mapping[str, str]) -> str:
    """What a reader calls an instrument of a split."""
    return {WHOLE: _("Whole bundle"), OWN: _(OWN_SETTINGS)}.get(name, titles.get(name, name))


def waterfall_table(frame: pd.DataFrame, scope: Scope, titles: Mapping[str, str], draws: int) -> Table:
    """Each bundle's effect by instrument: in the order stated, in reverse, the mean of both, and the share of placeholders."""
    at = {channel: split_at(frame, scope, channel) for channel in SPLIT_CHANNELS}
    body: list[list[Cell]] = []
    for regime in frame["regime"].unique():
        body.append([scope.titles.get(regime, regime)])
        parts = {channel: held[held["regime"] == regime].set_index("instrument") for channel, held in at.items()}
        names = [name for name in parts[SPLIT_CHANNELS[0]].index if name != WHOLE]
        for name in [*names, WHOLE]:
            body.append(_split_line(name, part_label(name, titles), parts))
    first, second = (where(channel) for channel in SPLIT_CHANNELS)
    return Table(
        name="table-waterfall",
        title=_(
            "Effect on {first} compute at {when} by instrument, with {second} beside it, million H100e",
            first=first,
            when=year_end(scope.headline),
            second=second,
        ),
        note=_(
            "Means over the first {draws} draws, which add up; in brackets 90% of draws. Stated: added in "
            "the order of the lines; reverse: from the last line up. Where the two differ, instruments "
            "overlap. Placeholders: share of settings tagged M.",
            draws=number(draws, 0),
        ),
        header=[
            _("Instrument"),
            _("Placeholders"),
            _("Stated"),
            _("Reverse"),
            _("Mean of both"),
            capital(_("{where}, mean of both", where=second)),
        ],
        rows=body,
        data=frame[frame["quarter"] == scope.headline],
    )


def _split_line(name: str, label: str, parts: Mapping[str, pd.DataFrame]) -> list[Cell]:
    """One instrument, or the whole bundle, as a line of the table."""
    first, second = (parts[channel].loc[name] for channel in SPLIT_CHANNELS)
    share = float(first["placeholder_share"])
    tagged = percent(share) if 0 < share < 1 else _("none") if share == 0 else _("all")
    if name == WHOLE:
        return [label, tagged, "", "", *(_mean_cell(part, "whole") for part in (first, second))]
    orders = [signed(first[f"{order} mean"] / 1e6) for order in ("stated", "reverse")]
    return [label, tagged, *orders, *(_mean_cell(part, "mean") for part in (first, second))]


def _mean_cell(part: "pd.Series[float]", order: str) -> Cell:
    """Mean of an effect with the interval of its draws, in millions."""
    return signed(part[f"{order} mean"] / 1e6), spread(part[f"{order} p05"], part[f"{order} p95"], 1e6, signed)
