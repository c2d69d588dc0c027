"""The law as a notebook shows it: chips through time and on the plane, reasons, vendors' answers, what a regime changes."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import IPython.display
import pandas as pd

from forecast import wording
from forecast.catalogue.load import load, open_catalogue
from forecast.desk.view import Listed, Shown
from forecast.lawpictures import PLACES, plane_picture, status_picture
from forecast.phrases import POLICY, TAGS, amount, listed, read_test
from forecast.redesign import NAMES, answers
from forecast.regime import LEVERS, Move, Rule, card, in_force, instruments_of, layers, lineage, origin, overlays_of, resolve
from forecast.rulebook import Fact
from forecast.stages.permissions import METRICS
from forecast.verdict import Ruling, ruling


def chips_through_time(chips: Sequence[str], regime: str, first: str, last: str, to: str = "CN") -> Shown:
    """The status of chips (none: those that the debate is about) through time under a regime, with the steps of law."""
    return Shown(status_picture(open_catalogue(), chips, regime, first, last, to))


def threshold_plane(
    day: str, regime: str = "current", to: str = "CN", chips: Sequence[str] = (), vendor: str = "NVIDIA"
) -> Shown:
    """The plane of TPP and performance density on a day: what the law says of each place, and chips as points.

    chips: names, or none for those that matter and were shipped by then.
    """
    return Shown(plane_picture(open_catalogue(), day, regime, to, chips, vendor))


def answer(chip: str | Mapping[str, Fact], on: str, to: str, regime: str = "current", hq: str = "") -> Ruling:
    """What the law says of a chip, by a name or by its facts, for a buyer on a day."""
    name, given = (chip, {}) if isinstance(chip, str) else (None, dict(chip))
    return ruling(name, on=on, to=to, hq=hq or None, regime=regime, given=given)


def answer_reasons(held: Ruling) -> Any:
    """An answer in words with the tests behind it."""
    text: Any = IPython.display.Markdown
    based = f", for a firm based in {PLACES.get(held['hq'], held['hq'])}" if held["hq"] else ""
    buyer = f"to {PLACES.get(held['to'], held['to'])}{based}"
    eased = f", eased by {listed(held['eased_by'])}" if held["eased_by"] else ""
    lines = [
        f"**{held['label']} {buyer}, on {held['on']}: {POLICY[held['status']]}.**",
        "It is decided by no paragraph." if held["paragraph"] == "none" else f"It is decided by {held['paragraph']}{eased}.",
        *[f"- {_lever(cited)}" for cited in held["citations"]],
        *[f"- {word}: {held[key]['words']}" for key, word in CONDITIONS.items() if held[key]],
        *[f"- {note}" for note in held["notes"]],
    ]
    for hangs in held["undecided"]:
        missing = listed([read_test(name) for name in hangs["facts"]])
        could = listed([POLICY[status] for status in held["possible"]], "or")
        lines.append(f"\nNot known: {missing}. With all facts it could be: {could}. Here they count as not met.")
    rows = [_tested(test, rule) for rule in held["rules"] for branch in rule["branches"] for test in branch]
    table = Listed(pd.DataFrame(rows).drop_duplicates())._repr_html_() if rows else ""
    return text("\n\n".join(lines[:2]) + "\n\n" + "\n".join(lines[2:]) + f"\n\n{table}")


CONDITIONS = {"quota": "cap", "duty": "American levy", "cn_gate": "Beijing"}
"""What goes with a licence, and what it is called."""


def _tested(test: Mapping[str, Any], rule: Mapping[str, Any]) -> dict[str, str]:
    """One test as a row."""
    margin = "" if test["margin"] is None else amount(test["margin"], signed=True)
    return {
        "paragraph": test["paragraph"], "test": read_test(test["test"]), "this chip": amount(test["value"]),
        "margin": margin, "unit": test["unit"] if test["unit"] != "1" else "", "outcome": test["outcome"],
        "the rule": {"yes": "applies", "no": "does not apply", "undecided": "is undecided"}[rule["applies"]],
    }  # fmt: skip


def vendors_answer(product: str, on: str, regime: str = "current", to: str = "CN") -> Listed:
    """The best parts that may be cut from a product, for training and for serving, with what holds each dimension."""
    told = answers(product, on=on, regime=regime, to=to)
    parts = [(purpose, part) for purpose, held in told["best"].items() for part in held]
    rows = [_left(purpose, part, cut) for purpose, part in parts for cut in part["cuts"]]
    return Listed(pd.DataFrame(rows), f"What may be sold of {told['product']} on {on}", " ".join(told["notes"]))


def _left(purpose: str, part: Mapping[str, Any], cut: Mapping[str, Any]) -> dict[str, str]:
    """One dimension of a part as a row."""
    known = cut["value"] is not None
    return {
        "for": purpose, "at": POLICY[part["status"]], "dimension": NAMES[cut["dimension"]],
        "left": f"{amount(cut['value'])} of {amount(cut['base'])} {METRICS[cut['dimension']].unit}" if known else "not known",
        "share": f"{cut['kept']:.0%}" if known else "",
        "held by": f"{cut['held_by']}: {read_test(cut['test'])}" if cut["held_by"] else "",
    }  # fmt: skip


def differences(a: str, b: str, to: str = "CN", hq: str = "") -> Any:
    """What regime b changes against regime a, in sentences."""
    text: Any = IPython.display.Markdown
    found = wording.differences(a, b, to=to, hq=hq or None)
    return text("\n".join([f"**{wording.heading(found)}**\n", *(f"- {sentence}" for sentence in found.sentences)]))


def differences_table(a: str, b: str, to: str = "CN", hq: str = "") -> Listed:
    """What regime b changes against regime a, row by row, with how well each change is founded."""
    found = wording.differences(a, b, to=to, hq=hq or None)
    shown = found.table.assign(tag=[", ".join(TAGS[each] for each in str(tag).split()) for tag in found.table["tag"]])
    return Listed(shown.map(lambda cell: str(cell).replace("_", " ")), wording.heading(found))


def rules_in_force(regime: str, on: str) -> Listed:
    """Every rule in force on a day: what it catches, where it applies, what follows, and where it is written."""
    book = open_catalogue().regimes
    standing = in_force(resolve(regime, book), dt.date.fromisoformat(on))
    rows = [
        {"rule": _lever(move.lever), "since": str(move.since), **_said(move), "written in": origin(move, regime, book).citation}
        for move in sorted(standing.values(), key=lambda move: (move.lever not in LEVERS, move.lever))
    ]
    return Listed(pd.DataFrame(rows), f"Rules in force on {on} under {card(regime, book).short}")


def _lever(lever: str) -> str:
    """A lever, or a text that begins with one, as a reader may read it."""
    name, _, rest = lever.partition(" ")
    return f"{name.replace('.', ': ').replace('_', ' ')} {rest}".strip()


def _said(move: Move) -> dict[str, str]:
    """What a move says, in the columns of the table of rules."""
    if not isinstance(move.value, Rule):
        value = "taken back" if move.value is None else f"set to {move.value:g}"
        about = LEVERS[move.lever].about if move.lever in LEVERS else ""
        return {"catches": about, "where": "", "then": value}
    rule = move.value
    if move.kind == "group":
        return {
            "catches": f"the countries of {rule.paragraph}",
            "where": ", ".join(rule.destinations),
            "then": "other rules name the group",
        }
    tests = "; or ".join(" and ".join(map(read_test, branch)) or "any item" for branch in rule.any_of)
    parts = [
        tests,
        f"named: {', '.join(rule.named)}" if rule.named else "",
        f"loosens {', '.join(rule.applies_to)}" if rule.applies_to else "",
    ]
    where = ", ".join(rule.destinations).replace("any", "anywhere") + (
        " and firms headquartered there" if rule.headquarters else ""
    )
    where += f" except {', '.join(rule.except_destinations)}" if rule.except_destinations else ""
    then = POLICY[rule.policy] if rule.rate_of is None else f"pays at the rate of {_lever(rule.rate_of)}"
    return {"catches": "; ".join(filter(None, parts)), "where": where, "then": then}


def what_changes(scenario: str) -> Listed:
    """What each regime of a scenario changes against the one it builds on, move by move, in words."""
    catalogue = open_catalogue()
    rows = []
    for name in load(scenario, catalogue.home).regimes:
        regime = card(name, catalogue.regimes)
        own = lineage(name, catalogue.regimes)[-1]
        pieces = (*instruments_of(own, catalogue.regimes), own, *overlays_of(name, catalogue.regimes))
        for piece, move in [(each, step) for each in pieces for step in each.moves]:
            said = _said(move)
            rows.append({
                "regime": regime.short, "through": piece.short if piece is not own else "",
                "since": str(move.since), "what": _lever(move.lever),
                "says": ": ".join(filter(None, (said["catches"].rstrip("."), said["then"]))),
                "why": move.reason, "stated by": {"S": "a source", "B": "the text", "M": "us, as a placeholder"}[move.tag],
            })  # fmt: skip
    return Listed(pd.DataFrame(rows), "What each regime changes", "Everything else is as in the regime that it builds on.")


def law_steps(regime: str) -> Listed:
    """The steps of law behind a regime, oldest first: when, what, in words, where written."""
    rows = [
        {"effective": str(step.effective), "step": step.short, "in words": step.summary, "citation": step.citation}
        for step in sorted(layers(regime, open_catalogue().regimes), key=lambda step: step.effective)
    ]
    return Listed(pd.DataFrame(rows), "Steps of law, oldest first")
