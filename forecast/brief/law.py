"""Law in words: what a move of a regime changes, as a line that a reader without the code can follow."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from forecast.catalogue.law import load_items
from forecast.catalogue.load import Catalogue
from forecast.phrases import BRIEFLY, lever_name
from forecast.regime import LEVERS, Move, Regime, Rule, instruments_of, lineage, overlays_of, reach_in_words, resolve
from forecast.rule import group_name
from forecast.stages.permissions import METRICS, Criterion, parse_test

FACTS = {
    "tpp": "TPP", "performance_density": "performance density", "die_area": "die area", "dram_bandwidth": "memory bandwidth",
    "io_bandwidth": "link bandwidth", "memory": "memory", "memory_bandwidth_density": "bandwidth density",
    "released": "first shipment", "first_us_sale": "first American sale", "primitive_tpp": "digital rate outside the processors",
    "analog_tpp": "analog rate", "listed_share": "share of the buyer that listed parties own", "process_node": "process node",
    "transistors": "transistors", "wavelength": "wavelength", "resolution": "resolution", "overlay": "overlay",
}  # fmt: skip
"""Facts of a chip, tool or buyer that a test speaks of."""

FLAGS = {
    "datacenter": ("made for data centres", "not made for data centres"),
    "prc_designed": ("designed by a Chinese firm", "not designed by a Chinese firm"),
    "hbm_copackaged": ("with stacked memory in the package", "without stacked memory in the package"),
    "hbm_stack": ("memory stacks", "no memory stacks"),
    "packager_approved": ("going to an approved packager", "not going to an approved packager"),
    "from_us": ("leaving from the United States", "leaving from a third country"),
    "certified": ("certified by the exporter", "not certified by the exporter"),
    "tested_in_us": ("tested in the United States", "not tested in the United States"),
    "recipient_approved": ("for an approved recipient", "for a recipient that is not approved"),
    "supercomputer": ("for a supercomputer", "not for a supercomputer"),
    "foundry_order": ("made to order by the exporter", "not made to order by the exporter"),
    "designer_approved": ("from an approved designer", "not from an approved designer"),
    "osat_approved": ("finished by an approved packager", "not finished by an approved packager"),
    "made_outside": ("attested by a fab outside China", "not attested by a fab outside China"),
    "tool": ("tools to make chips", "no tools to make chips"),
    "service": ("servicing of tools", "no servicing of tools"),
    "eda": ("software to design chips", "no software to design chips"),
    "metrology": ("tools that measure wafers", "no tools that measure wafers"),
    "home_listed": ("controlled where they are made", "not controlled where they are made"),
    "listed_3b": ("tools listed in category 3B", "tools not listed in category 3B"),
    "advanced_fab": ("for an advanced fab", "not for an advanced fab"),
    "veu": ("for a validated end user", "not for a validated end user"),
}
"""Facts that an item, its shipment or its buyer has or has not."""

OWN_SETTINGS = "Its own settings"

SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "==": "="}

SHARES = {
    "duty": "Import duty of {new} of value on chips that pass through the United States",
    "revenue_share": "Government’s share of sales under the letters of April 2025: {new}",
    "counter_answer": "Parts that vendors bring in answer to a change of law are closed again with a chance of {new}",
    "hq_rule": "Licence rule on firms with headquarters in China enforced abroad to {new}",
    "cloud_rule": "Remote access by tenants with headquarters in China closed to {new}",
    "diversion": "Diversion at {new} of what enforcement under current law lets through",
    "tool_sales": "New tools for advanced Chinese lines at {new} of current law’s",
    "tool_servicing": "Servicing of installed tools at {new} of current law’s",
    "subcomponents": "Foreign components for Chinese makers of chip tools at {new} of current law’s",
    "memory_tools": "Tools for stacking and testing memory at {new} of current law’s",
    "proxy_foundry": "Dies that come from foreign foundries through proxies at {new} of current law’s",
    "public_funding": "Chinese public funding of fabs, memory and packaging at {new} of today’s",
    "training_programmes": "Chinese programmes for engineers on domestic stacks at {new} of today’s",
    "hbm_access": "Memory that leaks to Chinese packagers at {new} of current law’s",
}
"""What a lever that is a share says when it is set."""

OTHERS = {
    "quota_ratio": "Compute shipped to China capped at {new} of that shipped to American users",
    "hostility": "Beijing’s campaign against foreign accelerators adds {new} to the log odds of refusal",
    "sovereign_only": "Money that may buy Chinese accelerators only at {new} times that of state-funded centres",
    "cn_accept": "Beijing lets in {new} times the share that it would let in under current law",
}
"""What a lever that is a multiple says when it is set."""


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
                "regime": name, "instrument": OWN_SETTINGS if piece is own else piece.short, "since": str(steps[0].since),
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
    template = SHARES.get(first.lever) or OTHERS.get(first.lever) or f"{LEVERS[first.lever].about} Set to {{new}}"
    said = "No cap on compute shipped to China" if _uncapped(first) else template.format(new=written[0])
    later = ", ".join(f"{value} from {move.since}" for value, move in zip(written[1:], steps[1:], strict=True))
    idle = " (no modelled effect)" if LEVERS[first.lever].acts_on.startswith("declared") else ""
    return said + reach_in_words(first) + (f"; {later}" if later else "") + idle


def _uncapped(move: Move) -> bool:
    """Whether a move lifts the cap on volume."""
    return move.lever == "quota_ratio" and move.value in (None, 1.0)


def _value(move: Move) -> str:
    """The new value of a scalar lever; a move that takes the lever back sets its default."""
    value = move.value if isinstance(move.value, float) else LEVERS[move.lever].default
    return f"{100 * value:.0f}%" if move.lever in SHARES else f"{value:g}"


def _rule_words(move: Move, old: Rule | None, labels: pd.Series) -> str:
    """A control or relief that begins, changes or ends."""
    if not isinstance(move.value, Rule):
        what = f"{BRIEFLY[old.policy]} ({old.paragraph})" if old else move.lever.partition(".")[2].replace("_", " ")
        return f"Ends: {what}"
    rule = move.value
    if move.kind == "group":
        return f"Countries counted as {group_name(move.lever)}: {' '.join(rule.destinations)}"
    parts = [criteria_in_words(rule.any_of)] if any(rule.any_of) else []
    if rule.named:
        parts.append("named: " + ", ".join(str(labels.get(name, name)) for name in rule.named))
    what = f"{lever_name(rule.rate_of) if rule.rate_of else BRIEFLY[rule.policy]} ({rule.paragraph})"
    return f"{what[:1].upper()}{what[1:]}: {'; '.join(parts) if parts else 'everything under it'}"


def criteria_in_words(branches: Sequence[Sequence[str]]) -> str:
    """Alternatives of tests in words; what all alternatives ask is said once, in front."""
    read = [[parse_test(text) for text in branch] for branch in branches]
    shared = [test for test in read[0] if all(test.text in [each.text for each in branch] for branch in read)]
    kept = [[_test(test) for test in branch if test not in shared] for branch in read]
    if {tuple(branch) for branch in branches} >= {("from_us == yes",), ("from_us == no",)}:
        return "every chip"
    front = " and ".join(map(_test, shared))
    rest = "; or ".join(" and ".join(each) for each in kept if each)
    return ", with ".join(part for part in (f"chips {front}" if front and rest else front, rest) if part)


def _test(test: Criterion) -> str:
    """One test in words."""
    if test.kind == "flag":
        return FLAGS[test.metrics[0]][0 if test.bound else 1]
    name = " plus ".join(FACTS[metric] for metric in test.metrics)
    if test.kind == "date":
        return f"{name} {SIGNS[test.relation]} {pd.Timestamp(test.bound, unit='D'):%Y-%m-%d}"
    unit = METRICS[test.metrics[0]].unit.replace("1e9", "billion")
    return f"{name} {SIGNS[test.relation]} {test.bound:,g}" + ("" if unit.startswith("TPP") else f" {unit}")


def placeholder_share(moves: Sequence[Mapping[str, Any]], regime: str) -> float | None:
    """Share of the settings of a regime that are our placeholders; None where it changes none. [1]"""
    held = [move for move in moves if move["regime"] == regime]
    return sum(move["placeholders"] for move in held) / sum(move["settings"] for move in held) if held else None
