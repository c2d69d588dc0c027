"""Law in words: what a move of a regime changes, as a line that a reader without the code can follow."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from forecast.catalogue.law import load_items
from forecast.catalogue.load import Catalogue
from forecast.criteria import criterion_in_words
from forecast.language import N_, _, number
from forecast.phrases import BRIEFLY, amount, lever_name
from forecast.regime import LEVERS, Move, Regime, Rule, instruments_of, lineage, overlays_of, reach_in_words, resolve
from forecast.rule import group_name
from forecast.stages.permissions import parse_test
from forecast.tables import capital, in_percent
from forecast.tables.law import OWN_SETTINGS

SHARES = {
    "duty": N_("Import duty of {new} of value on chips that pass through the United States"),
    "revenue_share": N_("Government’s share of sales under the letters of April 2025: {new}"),
    "counter_answer": N_("Parts that vendors bring in answer to a change of law are closed again with a chance of {new}"),
    "hq_rule": N_("Licence rule on firms with headquarters in China enforced abroad to {new}"),
    "cloud_rule": N_("Remote access by tenants with headquarters in China closed to {new}"),
    "diversion": N_("Diversion at {new} of what enforcement under current law lets through"),
    "tool_sales": N_("New tools for advanced Chinese lines at {new} of current law’s"),
    "tool_servicing": N_("Servicing of installed tools at {new} of current law’s"),
    "subcomponents": N_("Foreign components for Chinese makers of chip tools at {new} of current law’s"),
    "memory_tools": N_("Tools for stacking and testing memory at {new} of current law’s"),
    "proxy_foundry": N_("Dies that come from foreign foundries through proxies at {new} of current law’s"),
    "public_funding": N_("Chinese public funding of fabs, memory and packaging at {new} of today’s"),
    "training_programmes": N_("Chinese programmes for engineers on domestic stacks at {new} of today’s"),
    "network_parts": N_("Foreign optics, switches and network chips at {new} of current law’s"),
    "hbm_access": N_("Memory that leaks to Chinese packagers at {new} of current law’s"),
}
"""What a lever that is a share says when it is set."""

OTHERS = {
    "quota_ratio": N_("Compute shipped to China capped at {new} of that shipped to American users"),
    "hostility": N_("Beijing’s campaign against foreign accelerators adds {new} to the log odds of refusal"),
    "sovereign_only": N_("Money that may buy Chinese accelerators only at {new} times that of state-funded centres"),
    "cn_accept": N_("Beijing lets in {new} times the share that it would let in under current law"),
}
"""What a lever that is a multiple says when it is set."""


RATES = (N_("duty"), N_("revenue share"))
"""Levers that a rule may set the rate of, marked as texts."""


def moves_of(name: str, catalogue: Catalogue) -> list[dict[str, Any]]:
    """Every setting that a regime changes over its parent, by instrument, in words: columns of the brief's table of law."""
    book = catalogue.regimes
    own = lineage(name, book)[-1]
    known = list(resolve(own.parent, book)) if own.parent else []
    labels = pd.concat([catalogue.chips["label"], load_items(catalogue.home / "params")["label"]])
    rows = []
    for piece in (*instruments_of(own, book), own, *overlays_of(name, book)):
        earlier = list(known)
        for steps in _runs(piece):
            rows.append({
                "regime": name, "instrument": _(OWN_SETTINGS) if piece is own else _(piece.short), "since": str(steps[0].since),
                "words": _words(steps, earlier, labels), "tag": ", ".join(sorted({move.tag for move in steps})),
                "settings": len(steps), "placeholders": sum(move.tag == "M" for move in steps), "sources": list(piece.sources),
            })  # fmt: skip
            earlier += steps
    return rows


def _runs(piece: Regime) -> list[list[Move]]:
    """The moves of one file by date, those of one scalar lever together."""
    runs: dict[str, list[Move]] = {}
    for move in sorted(piece.moves, key=lambda move: move.since):
        runs.setdefault(move.lever + reach_in_words(move) if move.lever in LEVERS else f"{move.lever} {move.since}", []).append(
            move
        )
    return list(runs.values())


def _words(steps: Sequence[Move], before: Sequence[Move], labels: pd.Series) -> str:
    """One setting in words, later steps of the same lever behind it."""
    first = steps[0]
    if first.lever not in LEVERS:
        held = [move.value for move in before if move.lever == first.lever and isinstance(move.value, Rule)]
        return _rule_words(first, held[-1] if held else None, labels)
    written = [_value(move) for move in steps]
    template = SHARES.get(first.lever) or OTHERS.get(first.lever)
    if _uncapped(first):
        said = _("No cap on compute shipped to China")
    elif template:
        said = _(template, new=written[0])
    else:
        said = _("{about} Set to {new}", about=_(LEVERS[first.lever].about), new=written[0])
    later = ", ".join(
        _("{value} from {since}", value=value, since=move.since) for value, move in zip(written[1:], steps[1:], strict=True)
    )
    idle = " " + _("(no modelled effect)") if LEVERS[first.lever].acts_on.startswith("declared") else ""
    return said + reach_in_words(first) + (f"; {later}" if later else "") + idle


def _uncapped(move: Move) -> bool:
    """Whether a move lifts the cap on volume."""
    return move.lever == "quota_ratio" and move.value in (None, 1.0)


def _value(move: Move) -> str:
    """The new value of a scalar lever; a move that takes the lever back sets its default."""
    value = move.value if isinstance(move.value, float) else LEVERS[move.lever].default
    return in_percent(number(100 * value, 0)) if move.lever in SHARES else amount(value)


def _rule_words(move: Move, old: Rule | None, labels: pd.Series) -> str:
    """A control or relief that begins, changes or ends."""
    if not isinstance(move.value, Rule):
        what = f"{_(BRIEFLY[old.policy])} ({_(old.paragraph)})" if old else move.lever.partition(".")[2].replace("_", " ")
        return _("Ends: {what}", what=what)
    rule = move.value
    if move.kind == "group":
        return _("Countries counted as {group}: {countries}", group=group_name(move.lever), countries=" ".join(rule.destinations))
    parts = [criteria_in_words(rule.any_of)] if any(rule.any_of) else []
    if rule.named:
        parts.append(_("named: {names}", names=", ".join(str(labels.get(name, name)) for name in rule.named)))
    what = f"{_(lever_name(rule.rate_of)) if rule.rate_of else _(BRIEFLY[rule.policy])} ({_(rule.paragraph)})"
    return _("{what}: {tests}", what=capital(what), tests="; ".join(parts) if parts else _("everything under it"))


def criteria_in_words(branches: Sequence[Sequence[str]]) -> str:
    """Alternatives of tests in words; what all alternatives ask is said once, in front."""
    read = [[parse_test(text) for text in branch] for branch in branches]
    shared = [test for test in read[0] if all(test.text in [each.text for each in branch] for branch in read)]
    kept = [[criterion_in_words(test) for test in branch if test not in shared] for branch in read]
    if {tuple(branch) for branch in branches} >= {("from_us == yes",), ("from_us == no",)}:
        return _("every chip")
    front = " {} ".format(_("and")).join(map(criterion_in_words, shared))
    either = [" {} ".format(_("and")).join(each) for each in kept if each]
    rest = "; ".join([*either[:1], *(_("or {form}", form=each) for each in either[1:])])
    return _("chips {front}, with {rest}", front=front, rest=rest) if front and rest else front or rest


def placeholder_share(moves: Sequence[Mapping[str, Any]], regime: str) -> float | None:
    """Share of the settings of a regime that are our placeholders; None where it changes none. [1]"""
    held = [move for move in moves if move["regime"] == regime]
    return sum(move["placeholders"] for move in held) / sum(move["settings"] for move in held) if held else None
