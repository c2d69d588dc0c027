"""The vendor's answer as plain values and as lines: what may be sold of a product under a law, for training and for serving."""

import datetime as dt
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from forecast.contract import BadInput
from forecast.design import PURPOSES, Part, best_part, ladder
from forecast.phrases import POLICY, amount, columns, read_test
from forecast.regime import resolve
from forecast.rulebook import Fact, Law, day_asked, law_of, place_asked
from forecast.specification import read_item, things_of
from forecast.stages.permissions import METRICS

NAMES = {"tpp": "rate", "dram_bandwidth": "memory bandwidth", "io_bandwidth": "links", "die_area": "die area"}


def answers(
    item: str | None,
    *,
    on: dt.date | str,
    purpose: str | None = None,
    tightest: str | None = None,
    to: str = "CN",
    hq: str | None = None,
    regime: str = "current",
    sold_at_home: dt.date | str | None = None,
    given: Mapping[str, Fact] | None = None,
    params: Law | Path | str | None = None,
) -> dict[str, Any]:
    """The best parts that may be cut from a product, by purpose and by status from free to case by case, or at one status.

    Raises BadInput as `read_item` and `best_part` do.
    """
    law = law_of(params)
    product = read_item(item, given or {}, things_of(law))
    day, place, home = day_asked(on), place_asked(to, "to"), None if hq is None else place_asked(hq, "hq")
    moves = resolve(regime, law.regimes)
    facts = {**product.facts, "chip": product.chip or product.label}
    asked: dict[str, Any] = {"to": place, "hq": home, "sold_at_home": None if sold_at_home is None else _sale(sold_at_home)}
    found = {}
    for each in [purpose] if purpose else PURPOSES:
        if tightest is None:
            parts = ladder(facts, moves, day, purpose=each, **asked)
        else:
            one = best_part(facts, moves, day, purpose=each, tightest=tightest, **asked)  # type: ignore[arg-type]
            parts = [] if one is None else [one]
        found[each] = [_plain(part) for part in parts]
    return {
        "product": product.label, "on": day.isoformat(), "to": place, "hq": home, "regime": regime,
        "best": found, "notes": [*product.notes, *_notes(facts)],
    }  # fmt: skip


def _sale(day: dt.date | str) -> dt.date:
    """A day of sale, also from its ISO text."""
    try:
        return day if isinstance(day, dt.date) else dt.date.fromisoformat(day)
    except ValueError:
        raise BadInput("not a date", key="sold-at-home", found=day, expected="a day as YYYY-MM-DD") from None


def _plain(part: Part) -> dict[str, Any]:
    """A part as plain values; what is not known is None."""
    return {
        "status": part.status,
        "paragraph": part.paragraph,
        "as_it_is": part.whole,
        **{name: _known(value) for name, value in part.facts.items()},
        "least_die_area": _known(part.least_area),
        "cuts": [
            {"dimension": cut.dimension, "base": _known(cut.base), "value": _known(cut.value), "kept": _known(cut.kept),
             "held_by": cut.rule or None, "test": cut.test or None}
            for cut in part.cuts
        ],
    }  # fmt: skip


def _known(value: Any) -> Any:
    """A number, or None where it is not known."""
    return None if isinstance(value, float) and math.isnan(value) else value


def _notes(facts: Mapping[str, Fact]) -> list[str]:
    """What a reader should know besides."""
    notes = [
        "thresholds are approached to one unit; real parts keep a distance, and a cut-down part is a new one, never sold at home"
    ]
    if facts.get("die_area") is None:
        notes.append("the product's die area is not known: every rule on density is taken at its worst; --die-area mends that")
    return notes


def lines(told: Mapping[str, Any]) -> list[str]:
    """The answers for a person."""
    buyer = f", for a party headquartered in {told['hq']}" if told["hq"] else ""
    out = [f"what may be sold of {told['product']} to {told['to']}{buyer}, on {told['on']}, under {told['regime']}"]
    for purpose, parts in told["best"].items():
        out.append(f"for {purpose} ({PURPOSES[purpose]})")
        if not parts:
            out.append("  nothing")
        for part in parts:
            out.append(f"  {part['status']}: {POLICY[part['status']]}" + ("; the product as it is" if part["as_it_is"] else ""))
            out += columns([_cut(cut, part) for cut in part["cuts"]], right=(1, 2), blanks=6)
    return out + [f"note  {note}" for note in told["notes"]]


def _cut(cut: Mapping[str, Any], part: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """One dimension: what is left of how much, which share, and what holds it."""
    unit = METRICS[cut["dimension"]].unit
    if cut["value"] is None:
        return NAMES[cut["dimension"]], "not known", "", ""
    why = f"{cut['held_by']}: {read_test(cut['test'])}" if cut["held_by"] else "kept"
    if cut["dimension"] == "die_area" and part["least_die_area"] < cut["value"]:
        why = f"kept; {amount(part['least_die_area'])} would do"
    left = f"{amount(cut['value'])} of {amount(cut['base'])} {unit}"
    return NAMES[cut["dimension"]], left, f"{round(100.0 * cut['kept'], 1):g} %", why
