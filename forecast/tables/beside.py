"""Tables of our numbers beside those of others, and what they rest on."""

import math
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from forecast.language import N_, _
from forecast.tables.bibliography import DRIVER_SOURCES, cited, drivers_shown, ordered_sources, passport_of
from forecast.tables.rows import Cell, Table
from forecast.tables.words import capital, signed, spread, two_digits, where, year_end


def _measured(value: float | None, unit: str) -> float | None:
    """A published or own value in the unit that the page uses: plain H100e become millions."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return value / 1e6 if unit == "H100e" else value


def _shown(low: float | None, middle: float | None, high: float | None, unit: str) -> Cell:
    """A value with its interval where it has one; a dash where there is none."""
    low, middle, high = (_measured(value, unit) for value in (low, middle, high))
    if middle is None:
        return "–" if low is None or high is None else spread(low, high)
    return two_digits(middle) if low is None or high is None else (two_digits(middle), spread(low, high))


def _with_unit(title: str, units: set[str]) -> str:
    """A table's title with the unit behind it when all rows share one."""
    words = {_("million H100e") if unit == "H100e" else _(unit) for unit in units}
    return f"{title}, {words.pop()}" if len(words) == 1 else title


def comparison_table(context: Mapping[str, Any]) -> Table:
    """Our numbers beside published ones for the same channel and date, a column for each definition of ours.

    Rows that share channel, date and comparators are one block. Plain H100e are shown in millions.
    """
    place = {source["id"]: (number, source) for number, source in enumerate(ordered_sources(context), start=1)}
    definitions = list(dict.fromkeys(row["definition"] for row in context["comparison"]))
    blocks: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for row in context["comparison"]:
        blocks.setdefault((row["quarter"], row["channel"]), {})[row["definition"]] = row
    body: list[list[Cell]] = []
    data = []
    for (quarter, channel), held in blocks.items():
        ours = [_ours(held[name]) if name in held else "–" for name in definitions]
        first: list[Cell] = [f"{capital(where(channel))}, {year_end(quarter)}", *ours]
        for row in held.values():
            data += [{**{name: row[name] for name in row if name != "others"}, **other} for other in row["others"]]
        for other in next(iter(held.values()))["others"]:
            number, source = place.get(other.get("source"), (None, None))
            publisher = f"{source['publisher']} [{number}]" if source else other["publisher"]
            unit = other.get("unit", "H100e")
            theirs = _shown(other.get("low"), other.get("value"), other.get("high"), unit)
            body.append([*first, theirs, publisher, _(other["note"]) if other.get("note") else ""])
            first = [""] * len(first)
    units = {row.get("unit", "H100e") for row in context["comparison"]}
    return Table(
        name="table-comparison",
        title=_with_unit(_("Our estimates beside published ones"), units),
        note=_("Published figures lean on one another and several share inputs with ours: agreement is not confirmation."),
        header=[
            _("What"),
            *(_("Ours, {name}", name=_(name)) for name in definitions),
            _("Published"),
            _("By"),
            _("How it differs"),
        ],
        rows=body,
        data=pd.DataFrame(data),
        spanned=1 + len(definitions),
    )


def _ours(row: Mapping[str, Any]) -> Cell:
    """Our value of one row of the comparison."""
    return _shown(row["ours_p05"], row["ours_p50"], row["ours_p95"], row.get("unit", "H100e"))


def crosscheck_table(context: Mapping[str, Any]) -> Table:
    """The run beside arithmetic done by hand before it, with a remark on each difference."""
    body: list[list[Cell]] = []
    for row in context["crosscheck"]:
        expected, ours = (
            _shown(row[f"{side}_p05"], row[f"{side}_p50"], row[f"{side}_p95"], row["unit"]) for side in ("expected", "ours")
        )
        what, remark = (capital(_(row[name])) for name in ("what", "remark"))
        body.append([what, expected, ours, remark])
    units = {row["unit"] for row in context["crosscheck"]}
    return Table(
        name="table-crosscheck",
        title=_with_unit(_("The run beside arithmetic done by hand beforehand"), units),
        note=_("Central values and 90% intervals. One analyst’s arithmetic, done before the run; the run is not tuned to it."),
        header=[_("What"), _("By hand"), _("This run"), _("Remark")],
        rows=body,
        data=pd.DataFrame(list(context["crosscheck"])),
    )


def drivers_table(drivers: Mapping[str, pd.DataFrame], context: Mapping[str, Any], heads: Mapping[str, str]) -> Table:
    """The inputs that move each outcome most, what is believed about them and on what that rests.

    drivers: outcome -> frame as from forecast.sensitivity.tornado with p05, p50, p95 of the input added.
    """
    body: list[list[Cell]] = []
    data = []
    for outcome, frame in drivers.items():
        body.append([heads[outcome]])
        for row in drivers_shown(frame):
            passport = passport_of(row["input"], context)
            basis = ", ".join(filter(None, (basis_words(passport.get("basis", "")), sure(passport.get("confidence", "")))))
            value = _in_unit(row)
            effect = spread(row["low"], row["high"], 1e6, signed if "effect" in outcome else two_digits)
            about = first_clause(about_words(row["about"])) + cited(context, passport.get("sources", ()), DRIVER_SOURCES)
            body.append([about, value, effect, basis or "–"])
            data.append({"outcome": outcome, **row, **{key: passport.get(key, "") for key in ("basis", "confidence", "reason")}})
    return Table(
        name="table-drivers",
        title=_("What the drivers rest on"),
        note=_(
            "Belief: median and 90% interval of the input, of a path at the headline date. Outcome: its "
            "median, million H100e, in the worlds where the input is in its lowest tenth and in its highest. "
            "Reasons stand in the file."
        ),
        header=[_("Input"), _("Belief"), _("Outcome from low to high"), _("Basis")],
        rows=body,
        data=pd.DataFrame(data),
    )


def first_clause(about: str) -> str:
    """A description up to its first semicolon or colon."""
    return re.split(r"\s?[;:]\s(?!\S+$)", about)[0]


def about_words(about: str) -> str:
    """What an input is, in the language spoken; the name of a class behind a colon stays."""
    told = _(about)
    front, colon, name = about.rpartition(": ")
    return f"{_(front)}: {name}" if told == about and colon else told


BASES = {
    "measured": N_("measured"),
    "reported": N_("reported"),
    "estimated": N_("estimated"),
    "derived": N_("derived"),
    "judgement": N_("judgement"),
    "practice": N_("practice"),
    "text": N_("text"),
}
"""On what a number rests."""

SURE = {
    "high": N_("high confidence"),
    "medium": N_("medium confidence"),
    "low": N_("low confidence"),
    "very low": N_("very low confidence"),
}
"""Confidence as words behind a basis."""


def basis_words(basis: str) -> str:
    """One or several bases in the language spoken."""
    return ", ".join(_(BASES.get(each, each)) for each in basis.split(", "))


def sure(confidence: str) -> str:
    """Confidence as words behind a basis."""
    return _(SURE[confidence]) if confidence in SURE else confidence


OBSERVED = (
    N_("Acquired by the licensed channel up to the origin"), N_("Acquired by the diverted channel up to the origin"),
    N_("Acquired by the offshore channel up to the origin"), N_("Acquired by the domestic channel up to the origin"),
)  # fmt: skip
"""What forecast.sensitivity calls observed acquisitions, marked as texts."""

UNITS = {
    "1": "", "1/year": N_("times a year"), "1/quarter": N_("a quarter"), "bn USD/quarter": N_("bn USD a quarter"),
    "wafer/quarter": N_("wafers a quarter"), "die/quarter": N_("dies a quarter"), "stack/quarter": N_("stacks a quarter"),
    "chip/quarter": N_("chips a quarter"), "H100e/quarter": N_("H100e a quarter"), "year": N_("years"), "quarter": N_("quarters"),
    "day": N_("days"), "die": N_("dies"), "stack": N_("stacks"), "chip": N_("chips"), "die/wafer": N_("dies per wafer"),
    "slot/wafer": N_("slots per wafer"), "1/cm**2": N_("1 per cm^2"), "USD/H100e": N_("USD per H100e"),
    "H100e/chip": N_("H100e per chip"), "H100e/MW": N_("H100e per MW"), "die/chip": N_("dies per chip"),
    "stack/chip": N_("stacks per chip"), "slot/chip": N_("slots per chip"), "bn USD/year": N_("bn USD a year"),
    "stack/year": N_("stacks a year"), "die/year": N_("dies a year"), "wafer/month": N_("wafers a month"),
}  # fmt: skip
"""Units in words where they need others than their own."""


def unit_in_words(unit: str) -> str:
    """A unit as it stands behind an interval: stack/quarter is stacks a quarter."""
    if unit in UNITS:
        return _(UNITS[unit]) if UNITS[unit] else ""
    counted, each = unit.partition("/")[::2]
    plural = f"{counted}s" if counted.islower() and counted.isalpha() else counted
    return _("{what} per {each}", what=plural, each=each.replace("**", "^")) if each else plural


PLAIN_UNITS = (
    N_("1/quarter"), N_("1/year"), N_("H100e/quarter"), N_("bn USD/year"), N_("chip/quarter"), N_("day"), N_("die"),
    N_("die/wafer"), N_("die/year"), N_("quarter"), N_("slot/wafer"), N_("stack"), N_("stack/year"), N_("wafer/month"),
    N_("year"),
)  # fmt: skip
"""Units of params that hold words, marked as texts."""


def unit_words(unit: str) -> str:
    """A unit beside what it measures, in the language spoken; nothing for a plain number."""
    return "" if unit == "1" else _(unit).replace("**", "^")


MANY = ((1e6, N_("million {unit}")), (1e3, N_("thousand {unit}")))
"""Large counts of a unit."""


def _in_unit(row: Mapping[str, Any]) -> Cell:
    """Median and interval of an input with its unit, large counts in thousands or millions."""
    size, many = next(((size, many) for size, many in MANY if abs(row["p50"]) >= size), (1.0, "{unit}"))
    words = _(many, unit=unit_in_words(row["unit"])).strip()
    return two_digits(row["p50"] / size), spread(row["p05"], row["p95"], size) + (f" {words}" if words else "")
