"""The law as a notebook shows it: chips through time, one chip with reasons, rules in force, and what a regime changes."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import IPython.display
import pandas as pd

from forecast.catalogue.load import load, open_catalogue
from forecast.contract import BadInput
from forecast.desk.view import Listed, Shown
from forecast.figures import status_chart
from forecast.regime import LEVERS, Move, Rule, card, in_force, instruments_of, layers, lineage, origin, overlays_of, resolve
from forecast.rulebook import Answer, Fact, Finding, classify, spells
from forecast.tables import short_title

POLICY = {
    "free": "no licence needed",
    "exception_nac": "exception NAC: notice to the government, then free to go",
    "exception_aca": "exception ACA: free to go to allies and some others",
    "exception_hbm": "exception for memory: free to go to approved packagers",
    "licence_presumption_of_approval": "licence needed, approval presumed",
    "licence_case_by_case": "licence needed, decided case by case",
    "licence_presumption_of_denial": "licence needed, denial presumed",
    "prohibited": "prohibited",
}
"""Statuses in plain words."""


KNOWN = (
    "a100_sxm_80gb", "a800_sxm", "h100_sxm", "h800_sxm", "h20_96gb", "h200_sxm", "b30a", "gb200", "mi308x", "rtx_4090",
    "rtx_4090d", "ascend_910c",
)  # fmt: skip
"""Chips that the debate is about."""

PLACES = {"CN": "China", "HK": "Hong Kong", "MO": "Macau"}
WORDED = {"tpp": "TPP", ">=": "≥", "<=": "≤", " == yes": ": yes", " == no": ": no", "_": " ", "prc designed": "designed in China",
          "dram": "memory", "io bandwidth": "link bandwidth", "datacenter": "for data centres", "from us": "leaves from the US",
          "first us sale": "first American sale"}  # fmt: skip
"""Words of tests as a reader may know them."""


def chips_through_time(chips: Sequence[str], regime: str, first: str, last: str, to: str = "CN") -> Shown:
    """The status of chips (none: those that the debate is about) through time under a regime."""
    catalogue, chips = open_catalogue(), chips or KNOWN
    unknown = [chip for chip in chips if chip not in catalogue.chips.index]
    if unknown:
        raise BadInput("an unknown chip", key="chips", found=unknown[0], expected="an id of params/gpus/chips.csv")
    table = catalogue.chips.loc[list(chips)]
    moves = resolve(regime, catalogue.regimes)
    held = spells(table, moves, dt.date.fromisoformat(first), dt.date.fromisoformat(last), to)
    title = f"What the law says on sending these chips to {PLACES.get(to, to)}: {short_title(_titles(regime))}"
    return Shown(status_chart(held, dict(table["label"]), dict(table["released"]), title))


def _titles(regime: str) -> dict[str, str]:
    held = card(regime, open_catalogue().regimes)
    return {"id": regime, "title": held.title, "short": held.short}


def answer(chip: str | Mapping[str, Fact], on: str, to: str, regime: str = "current", hq: str = "") -> Answer:
    """The status of a chip, by its id or by its facts, for a buyer on a day."""
    return classify(chip, on=on, to=to, hq=hq or None, regime=regime)


def answer_reasons(held: Answer) -> Any:
    """An answer in words with the tests behind it."""
    text: Any = IPython.display.Markdown
    based = f", for a firm based in {PLACES.get(held.hq, held.hq)}" if held.hq else ""
    buyer = f"to {PLACES.get(held.to, held.to)}{based}"
    chips = open_catalogue().chips
    name = chips.loc[held.chip, "label"] if held.chip in chips.index else held.chip
    lines = [
        f"**{name} {buyer}, on {held.on}: {POLICY[held.status]}.**",
        "It is decided by no paragraph." if held.paragraph == "none" else f"It is decided by {held.paragraph}.",
        *[f"- {_lever(cited)}" for cited in held.citations],
    ]
    if held.unknown:
        lines.append(f"\nMissing facts that could change the answer: {'; '.join(_read(f.test) for f in held.unknown)}.")
    table = (
        Listed(pd.DataFrame([_tested(finding) for finding in held.tests]).drop_duplicates())._repr_html_() if held.tests else ""
    )
    return text("\n\n".join(lines[:2]) + "\n\n" + "\n".join(lines[2:]) + f"\n\n{table}")


def _read(test: str) -> str:
    """A test in words."""
    for word, other in WORDED.items():
        test = test.replace(word, other)
    return test


def _tested(finding: Finding) -> dict[str, str]:
    """One test as a row."""
    value = "not known" if finding.value is None else _plain(finding.value)
    return {
        "paragraph": finding.paragraph, "test": _read(finding.test), "this chip": value,
        "bound": _plain(finding.threshold), "unit": finding.unit if finding.unit != "1" else "", "outcome": finding.outcome,
    }  # fmt: skip


def _plain(value: object) -> str:
    """A number without needless digits, yes or no, a day."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (
        f"{value:,.4g}"
        if isinstance(value, float) and abs(value) < 1e3
        else f"{value:,.0f}"
        if isinstance(value, float)
        else str(value)
    )


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
    tests = "; or ".join(" and ".join(map(_read, branch)) or "any item" for branch in rule.any_of)
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
