"""The ledger of a report: what its scenario assumes otherwise, in place of what, by whom, why, and what that does."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from forecast.language import _, quarter_name
from forecast.tables.beside import MANY, about_words, first_clause, unit_in_words
from forecast.tables.bibliography import cited
from forecast.tables.rows import Cell, Scope, Table
from forecast.tables.words import labelled, signed, spread, tick, year_end


def overrides_table(context: Mapping[str, Any], scope: Scope) -> Table:
    """Each input that a scenario changes: default, value here, effect on the headline, by whom, why and on what source.

    Effects are those of forecast.ledger, largest first; a run without them has dashes in their place.
    """
    book = context["side"].get("ledger") or {"effects": {}, "quarter": scope.headline, "draws": 0, "together": None}
    place = {name: number for number, name in enumerate(book["effects"])}
    changed = sorted(context["scenario"]["overrides"], key=lambda row: place.get(row["input"], len(place)))
    body: list[list[Cell]] = []
    for row in changed:
        label = labelled(row["input"].replace("_", " "), first_clause(about_words(row["about"])))
        why = labelled(row["by"], _(row["reason"])) + cited(context, row["sources"])
        said = [_said(row[side], row["unit"], int(scope.headline[:4])) for side in ("default", "here")]
        body.append([label, *said, _effect(book["effects"].get(row["input"])), why])
    if len(changed) > 1 and book["together"] is not None:
        body.append([_("All of them together"), "", "", _effect(book["together"]), ""])
    base = scope.titles[scope.base]
    told = _(
        "Effect: on accessible compute at {when} under {title}, million H100e, with the change less without it, draw by draw, on "
        "{draws} draws; effects need not add up.",
        when=year_end(book["quarter"]), title=base, draws=book["draws"],
    )  # fmt: skip
    rest = _("Numbers in brackets are sources; a reason without one is judgement.")
    rest += " " + _("All other inputs stand as in the parameter files.")
    return Table(
        name="table-overrides",
        title=_("What this scenario assumes otherwise"),
        note=f"{told} {rest}" if book["effects"] else rest,
        header=[_("Input"), _("Default"), _("Here"), _("Effect"), _("Changed by, and why")],
        rows=body,
        data=pd.DataFrame([_flat(row, book["effects"].get(row["input"])) for row in changed]),
    )


def _said(held: Mapping[str, Any], unit: str, year: int) -> str:
    """A value as it was written: a number, a median with its interval, of a path that of one year, or a factor; since when."""
    since = _("from {quarter}", quarter=quarter_name(held["since"])) if held.get("since") else ""
    if "factor" in held:
        return " ".join(filter(None, (_("times {factor}", factor=tick(held["factor"])), since)))
    if "exact" in held:
        return " ".join(filter(None, (_sized([held["exact"]], unit), since)))
    shown = min(held["path"], key=lambda known: abs(int(known) - year)) if "path" in held else ""
    belief = held["path"][shown] if shown else held["spread"]
    words = _sized([belief["p50"], belief["p05"], belief["p95"]], unit)
    return " ".join(filter(None, (labelled(shown, words) if shown else words, since)))


def _sized(values: Sequence[float], unit: str) -> str:
    """A value, with its interval where it has one, and the unit; large counts in thousands or millions."""
    size, many = next(((size, many) for size, many in MANY if abs(values[0]) >= size), (1.0, "{unit}"))
    interval = f"({spread(values[1], values[2], size, tick)})" if len(values) > 1 else ""
    return " ".join(filter(None, (tick(values[0] / size), interval, _(many, unit=unit_in_words(unit)).strip())))


def _effect(found: Sequence[float] | None) -> Cell:
    """The median of an effect with its interval, in millions."""
    return "–" if found is None else (signed(found[2] / 1e6), spread(found[0], found[4], 1e6, signed))


def _flat(row: Mapping[str, Any], effect: Sequence[float] | None) -> dict[str, Any]:
    """A line of the ledger for the file beside the table."""
    sizes = dict(zip(("p05", "p50", "p95"), (effect[0], effect[2], effect[4]), strict=True)) if effect is not None else {}
    values = {side: _whole(row[side]) for side in ("default", "here")}
    texts = {key: row[key] for key in ("input", "unit", "by", "reason")} | {"source": " ".join(row["sources"])}
    return {**texts, **values, **{f"effect_{key}": x for key, x in sizes.items()}}


def _whole(held: Mapping[str, Any]) -> str:
    """A value in full, in plain figures and the unit of the input: a path year by year."""
    beliefs = held.get("path") or ({"": held["spread"]} if "spread" in held else {})
    told = [f"{year} {one['p50']:g} ({one['p05']:g} to {one['p95']:g})".strip() for year, one in beliefs.items()]
    told += [f"{word}{held[key]:g}" for key, word in (("exact", ""), ("factor", "times ")) if key in held]
    return "; ".join(told) + (f" from {held['since']}" if held.get("since") else "")
