"""The law in two pictures: chips through time, and the plane of TPP and performance density."""

from collections.abc import Sequence

import pandas as pd

from forecast.catalogue.load import Catalogue
from forecast.chipnames import find_chip
from forecast.figures import Drawing, plane_chart, status_chart
from forecast.figures.plane import Rules, day_words
from forecast.language import N_, _
from forecast.regime import LEVERS, card, origin, resolve
from forecast.rulebook import day_asked, place_asked, provisions_on, spells, statuses
from forecast.stages.permissions import STATUSES
from forecast.tables import short_title

KNOWN = (
    "a100_sxm_80gb", "a800_sxm", "h100_sxm", "h800_sxm", "h20_96gb", "h200_sxm", "b30a", "gb200", "mi308x", "rtx_4090",
    "rtx_4090d", "ascend_910c",
)  # fmt: skip
"""Chips that the debate is about."""

PLOTTED = (
    "v100_sxm2_32gb", "a100_sxm_80gb", "a800_sxm", "h100_sxm", "h800_sxm", "h20_96gb", "l20", "l40s", "l40", "l4", "rtx_4090",
    "rtx_4090d", "rtx_5090", "h200_sxm", "b200", "b300", "b30a", "rubin_r200", "mi210", "mi250x", "mi300x", "mi308x", "mi325x",
    "mi355x", "gaudi_2", "gaudi_3", "tpu_v6e", "ascend_910b", "ascend_910c", "ascend_950pr",
)  # fmt: skip
"""Chips on the threshold plane unless others are named."""

PLACES = {"CN": "China", "HK": "Hong Kong", "MO": "Macau"}
BOUND_FOR = {"CN": N_("to China"), "HK": N_("to Hong Kong"), "MO": N_("to Macau")}


def bound_for(place: str) -> str:
    """Where goods go, in words."""
    return _(BOUND_FOR[place]) if place in BOUND_FOR else _("to {place}", place=place)


def status_picture(catalogue: Catalogue, chips: Sequence[str], regime: str, first: str, last: str, to: str = "CN") -> Drawing:
    """The status of chips (none: those that the debate is about) through time under a regime, with the steps of law."""
    table = catalogue.chips.loc[[find_chip(chip, catalogue.chips) for chip in chips or KNOWN]]
    moves = resolve(regime, catalogue.regimes)
    held = spells(table, moves, day_asked(first), day_asked(last), to)
    title = _(
        "What the law says on sending these chips {where}: {regime}",
        where=bound_for(to),
        regime=short_title(titles(regime, catalogue)),
    )
    steps = {
        move.since: _(origin(move, regime, catalogue.regimes).short)
        for move in reversed(moves)
        if move.since in set(held["since"]) and move.lever not in LEVERS
    }
    return status_chart(held, dict(table["label"]), dict(table["released"]), title, steps)


def plane_picture(
    catalogue: Catalogue, day: str, regime: str = "current", to: str = "CN", chips: Sequence[str] = (), vendor: str = "NVIDIA"
) -> Drawing:
    """The plane of TPP and performance density on a day: what the law says of each place, and chips as points.

    chips: names, or none for those that matter and were shipped by then.
    """
    on, place = day_asked(day), place_asked(to, "to")
    table = catalogue.chips.loc[[find_chip(chip, catalogue.chips) for chip in chips or PLOTTED]]
    if not chips:
        table = table[table["released"].isna() | (table["released"] <= pd.Timestamp(on))]
    moves = resolve(regime, catalogue.regimes)
    codes = statuses(table, moves, on, place)
    shown = table.assign(status=[STATUSES[code] for code in codes]).reset_index()
    title = _(
        "What American law says of goods {where} on {day}",
        where=bound_for(place),
        day=day_words(on),
    )
    if card(regime, catalogue.regimes).status != "enacted":
        title = _("{title}, under {regime}", title=title, regime=short_title(titles(regime, catalogue)))
    return plane_chart(Rules(*provisions_on(moves, on), place), shown, vendor, title)


def titles(regime: str, catalogue: Catalogue) -> dict[str, str]:
    """The names of a regime: id, title, short."""
    held = card(regime, catalogue.regimes)
    return {"id": regime, "title": _(held.title), "short": _(held.short)}
