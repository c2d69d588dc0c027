"""An answer of the law with its reasons, as plain values and as lines: one part, all known parts, one part through time."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecast.conditions import Setting, cn_gate, duty, quota
from forecast.contract import BadInput
from forecast.phrases import BRIEFLY, POLICY, amount, columns, listed, move_words, read_test
from forecast.regime import Move, Rule, card, in_force, origin, resolve
from forecast.rulebook import (
    FIRST_DAY,
    LAST_DAY,
    Answer,
    Fact,
    Finding,
    Law,
    classify,
    day_asked,
    facts_given,
    facts_of,
    law_of,
    place_asked,
    provisions_on,
)
from forecast.specification import Item, read_item, things_of
from forecast.stages.permissions import FAILED, MET, STATUSES, UNKNOWN, Facts, Provision, catches, judge, of_origin, reaches
from forecast.switches import chosen, laid_over, read_so
from forecast.unknowns import Possible, possible

UNMET = {"no": "does not apply", "undecided": "cannot be decided"}
Ruling = dict[str, Any]
"""An answer as plain values, ready for JSON; the keys are those of `ruling`."""


def ruling(
    item: str | None,
    *,
    on: dt.date | str,
    to: str = "CN",
    hq: str | None = None,
    regime: str = "current",
    shipped_from: str = "US",
    given: Mapping[str, Fact] | None = None,
    buyer: str | None = None,
    switches: Mapping[str, str] | None = None,
    params: Law | Path | str | None = None,
) -> Ruling:
    """The status of a part (a name, a YAML file, facts, or a name with other facts) with everything that bears on it.

    Keys: status, paragraph, tests, quota, duty, cn_gate, citations; beside them what was asked, `possible` (every status that
    missing facts leave open; status itself counts a test on a missing fact as not met), `undecided`, `listings` of the buyer,
    `switches` that do not stand at their default, and `notes`. Raises BadInput as `classify` and `read_item` do.
    """
    law = law_of(params)
    thing = read_item(item, given or {}, things_of(law))
    place: dict[str, Any] = {"to": to, "hq": hq, "shipped_from": shipped_from, "buyer": buyer}
    answer = classify(thing.asked, on=on, regime=regime, params=law, switches=switches, **place)
    options, start = chosen(switches, law.switches), place_asked(shipped_from, "from")
    moves = laid_over(resolve(regime, law.regimes), options, law.switches)
    controls, reliefs = provisions_on(moves, answer.on)
    controls = [*controls, *(entry.provision for entry in answer.listings)]
    facts = read_so(_facts(thing, things_of(law), start), options, law.switches)
    asked = [rule for rule in (*controls, *reliefs) if reaches(rule, answer.to, answer.hq) and of_origin(rule, facts)]
    applied = [rule for rule in asked if catches(rule, facts)[0] == MET]
    hit = {rule.paragraph for rule in applied if not rule.applies_to}
    eased = [rule for rule in applied if hit.intersection(rule.applies_to)]
    setting = Setting(moves, answer.on, regime, law.regimes)
    left = possible(facts, controls, reliefs, answer.to, answer.hq)
    return {
        "chip": thing.chip,
        "label": thing.label,
        "on": answer.on.isoformat(),
        "to": answer.to,
        "hq": answer.hq,
        "shipped_from": start,
        "regime": regime,
        "status": answer.status,
        "open": answer.open,
        "paragraph": answer.paragraph,
        "tests": [_plain(finding) for finding in dict.fromkeys(answer.tests)],
        "rules": [_rule(rule, answer, facts) for rule in asked if not rule.applies_to or hit.intersection(rule.applies_to)],
        "eased_by": [rule.paragraph for rule in eased],
        "quota": quota(setting, answer.quota, answer.status),
        "duty": duty(setting, answer.levies, answer.status),
        "cn_gate": cn_gate(setting, answer.cn_gate, answer.to),
        "conditions": list(answer.conditions),
        "assumed": list(answer.assumed),
        "practice": [{**each.model_dump(mode="json")} for each in answer.practice],
        "citations": list(answer.citations) or _looked_at(asked, moves, answer, law),
        "possible": list(left.statuses),
        "undecided": _undecided(left),
        "named": [rule.paragraph for rule in applied if thing.chip in rule.named],
        "buyer": buyer,
        "listings": [f"{one.list}: {one.citation}" for one in answer.listings],
        "switches": dict(answer.switches),
        "notes": _notes(thing, answer, law),
    }


def shipped_only(case: Mapping[str, Any]) -> str:
    """Where the goods of a table leave from. Raises BadInput where a buyer or a reading is asked for, which are for one part."""
    if case["buyer"] or case["switches"]:
        raise BadInput("--buyer and --switch go with one part, not with the table", mend="name a chip, or leave them out")
    return str(case["shipped_from"])


def readings(settings: Sequence[str]) -> dict[str, str]:
    """Switches as typed, NAME=OPTION each. Raises BadInput where one is not."""
    found = {}
    for setting in settings:
        name, sign, option = setting.partition("=")
        if not (name and sign and option):
            raise BadInput("a switch that cannot be read", found=setting, expected="NAME=OPTION, as affiliates_rule=stayed")
        found[name.strip()] = option.strip()
    return found


def _facts(thing: Item, things: pd.DataFrame, shipped_from: str) -> Facts:
    """Facts of one part as the evaluator wants them (1,)."""
    found = facts_of(things.loc[[thing.chip]]) if thing.chip else facts_given(thing.facts, things)
    found["from_us"] = (found["from_us"] * 0.0) + float(shipped_from == "US")
    return found


def _plain(finding: Finding) -> dict[str, Any]:
    """One test as plain values; a first sale that never was has no value."""
    told = {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in finding._asdict().items()}
    return {**told, "value": None, "margin": None} if finding.value == dt.date.max else told


def _rule(rule: Provision, answer: Answer, facts: Facts) -> Ruling:
    """One rule that was asked: whether it applies, and its tests branch by branch (any branch will do, in it all must hold)."""
    told = {finding.test: _plain(finding) for finding in answer.tests if finding.lever == rule.lever}
    return {
        "paragraph": rule.paragraph,
        "lever": rule.lever,
        "loosens": list(rule.applies_to),
        "addressed_to": list(rule.vendors),
        "policy": STATUSES[rule.policy],
        "applies": {MET: "yes", FAILED: "no", UNKNOWN: "undecided"}[int(catches(rule, facts)[0])],
        "branches": [[told[test.text] for test in branch] for branch in rule.branches],
    }


def _undecided(left: Possible) -> list[dict[str, Any]]:
    """Missing facts on which the status hangs, and the tests that could not be decided."""
    if len(left.statuses) < 2:
        return []
    named = ["die_area" if name == "performance_density" else name for name in left.facts]
    return [{"facts": named, "tests": list(left.tests)}]


def _looked_at(asked: Sequence[Provision], moves: Sequence[Move], answer: Answer, law: Law) -> list[str]:
    """Where the controls are written that were asked and did not apply."""
    standing = in_force(moves, answer.on)
    steps = {rule.paragraph: origin(standing[rule.lever], answer.regime, law.regimes) for rule in asked if not rule.applies_to}
    return [f"{paragraph} does not apply: {step.citation} ({step.name}, {step.url})" for paragraph, step in steps.items()]


def _notes(thing: Item, answer: Answer, law: Law) -> list[str]:
    """What a reader should know besides: assumptions, other parts of the same name, a part that was not yet there."""
    notes = list(thing.notes)
    if thing.chip is not None:
        released = things_of(law).loc[thing.chip, "released"]
        if not pd.isna(released) and released.date() > answer.on:
            notes.append(f"first shipped {released.date()}: not on the market on this day")
    if card(answer.regime, law.regimes).status == "what_if" or "+" in answer.regime:
        notes.append("a hypothetical regime, no law")
    return notes


def lines(told: Ruling) -> list[str]:
    """A ruling for a person."""
    buyer = f", for {told['buyer']}" if told["buyer"] else ""
    buyer += f", for a party headquartered in {told['hq']}" if told["hq"] else ""
    out = [
        f"{told['label']} to {told['to']}{buyer}, on {told['on']}, under {told['regime']}",
        f"status      {told['status']}{', as far as is known' if len(told['possible']) > 1 else ''}: {POLICY[told['status']]}",
        f"paragraph   {told['paragraph']}" + (" (named there)" if told["paragraph"] in told["named"] else ""),
    ]
    out += [f"eased by    {listed(told['eased_by'])}"] if told["eased_by"] else []
    out += [f"listed      {listing}" for listing in told["listings"]]
    out += [f"read as     {name}={option}" for name, option in told["switches"].items()]
    if len(told["possible"]) > 1:
        hangs = told["undecided"][0]
        out += [
            f"not sure    it could be {', '.join(told['possible'])}",
            f"            not known: {', '.join(hangs['facts'])}",
            *([f"            undecided: {'; '.join(hangs['tests'])}"] if hangs["tests"] else []),
            "            the status above counts what is not known as not met",
        ]
    out += (
        ["rules asked, each with this part's value and its margin over the threshold"]
        if told["rules"]
        else ["rules       none asks"]
    )
    strange = {f"{rule['paragraph']} ({_other_kind(rule)})": None for rule in told["rules"] if _other_kind(rule)}
    for rule in told["rules"]:
        out += [] if _other_kind(rule) else _rule_lines(rule)
    out += [f"  about other things: {'; '.join(strange)}"] if strange else []
    for key, word in (("quota", "quota"), ("duty", "duty"), ("cn_gate", "Beijing")):
        out.append(f"{word:<11} {told[key]['words'] + _since(told[key]) if told[key] else 'none'}")
    out += [f"{'conditions' if k == 0 else '':<11} {text}" for k, text in enumerate(told["conditions"])]
    out += [f"{'in practice' if k == 0 else '':<11} {each['happened']}" for k, each in enumerate(told["practice"])]
    out += [f"{'citation' if k == 0 else '':<11} {text}" for k, text in enumerate(told["citations"])]
    return out + [f"note        {note}" for note in told["notes"]]


def _since(condition: Mapping[str, Any]) -> str:
    """Since when a condition holds and where it is written."""
    return f", since {condition['since']}: {condition['citation']}" if condition["since"] else ""


def _rule_lines(rule: Mapping[str, Any]) -> list[str]:
    """One rule for a person, branch by branch."""
    loosens = f", which loosens {listed(rule['loosens'])}" if rule["loosens"] else ""
    loosens += f", to {listed(rule['addressed_to'])}" if rule["addressed_to"] else ""
    verb = f"applies: {BRIEFLY[rule['policy']]}" if rule["applies"] == "yes" else UNMET[rule["applies"]]
    numbered = [(k, n, test) for k, branch in enumerate(rule["branches"]) for n, test in enumerate(branch)]
    rows = [("or" if k and not n else "", *_test(test)) for k, n, test in numbered]
    return [f"  {rule['paragraph']}{loosens}: {verb}", *(columns(rows, right=(2, 3), blanks=4) if rows else [])]


def _other_kind(rule: Mapping[str, Any]) -> str:
    """The test that says that a rule speaks of another kind of thing, in words; empty if none does.

    In every branch a yes-or-no fact fails, apart from the market that a part is made for.
    """
    fails = [
        [test for test in branch if isinstance(test["threshold"], bool) and test["outcome"] == "not met" and _kind(test)]
        for branch in rule["branches"]
    ]
    return read_test(fails[0][0]["test"]) if fails and all(fails) else ""


def _kind(test: Mapping[str, Any]) -> bool:
    """Whether a test asks for something else than the market that a part is made for."""
    return not test["test"].startswith("datacenter")


def _test(test: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """One test: what it asks, what the part has, by how much, whether it is met."""
    unit = f" {test['unit']}" if test["unit"] not in ("", "1") else ""
    margin = "" if test["margin"] is None else f"{amount(test['margin'], signed=True)}{unit}"
    missing = "not known" if test["outcome"] == "unknown" else "never"
    return read_test(test["test"]), amount(test["value"], missing), margin, test["outcome"]


def status_table(
    *,
    on: dt.date | str,
    to: str = "CN",
    hq: str | None = None,
    regime: str = "current",
    shipped_from: str = "US",
    params: Law | Path | str | None = None,
) -> pd.DataFrame:
    """Every part of the chip table on a day, one row each: what it is, its status, the paragraph, and what else it could be."""
    law = law_of(params)
    day, place, home = day_asked(on), place_asked(to, "to"), None if hq is None else place_asked(hq, "hq")
    controls, reliefs = provisions_on(resolve(regime, law.regimes), day)
    facts = {**facts_of(law.chips), "from_us": np.full(len(law.chips), float(place_asked(shipped_from, "from") == "US"))}
    verdict = judge(controls, reliefs, facts, place, home)
    rows = []
    for n, (chip, code, decider) in enumerate(zip(law.chips.index, verdict.code, verdict.decider, strict=True)):
        row = law.chips.loc[chip]
        left = possible({name: values[[n]] for name, values in facts.items()}, controls, reliefs, place, home)
        rows.append({
            "chip": chip, "label": row["label"], "vendor": row["vendor"], "status": STATUSES[int(code)],
            "paragraph": controls[int(decider)].paragraph if decider >= 0 else "none",
            "could_be": " ".join(status for status in left.statuses if status != STATUSES[int(code)]),
            "on_the_market": "" if pd.isna(row["released"]) else "yes" if row["released"].date() <= day else "no",
            "tpp": row["tpp"], "performance_density": row["performance_density"],
            "dram_bandwidth": row["dram_bandwidth"], "io_bandwidth": row["io_bandwidth"],
        })  # fmt: skip
    return pd.DataFrame(rows)


def table_lines(table: pd.DataFrame) -> list[str]:
    """The table of all parts for a person, tightest last."""
    order = table.assign(code=table["status"].map(STATUSES.index)).sort_values(["code", "vendor", "chip"], kind="stable")
    rows = [
        (row.chip, row.label, row.status, row.paragraph, str(row.could_be), str(row.on_the_market)) for row in order.itertuples()
    ]
    return columns([("chip", "label", "status", "paragraph", "could also be", "on the market"), *rows])


def timeline(
    item: str | None,
    *,
    to: str = "CN",
    hq: str | None = None,
    regime: str = "current",
    given: Mapping[str, Fact] | None = None,
    params: Law | Path | str | None = None,
) -> Ruling:
    """The status of a part through time: spells of one status and paragraph, and what changed at the start of each."""
    law = law_of(params)
    thing = read_item(item, given or {}, things_of(law))
    place, home = place_asked(to, "to"), None if hq is None else place_asked(hq, "hq")
    moves, facts = resolve(regime, law.regimes), _facts(thing, things_of(law), "US")
    changes = sorted({move.since for move in moves if FIRST_DAY < move.since <= LAST_DAY})
    spells: list[dict[str, Any]] = []
    for day in (FIRST_DAY, *changes):
        status, paragraph = _status(moves, day, facts, place, home)
        if spells and (spells[-1]["status"], spells[-1]["paragraph"]) == (status, paragraph):
            continue
        if spells:
            spells[-1]["until"] = (day - dt.timedelta(days=1)).isoformat()
        because = _because(moves, day, facts, (place, home), regime, law) if spells else []
        spells.append({
            "since": day.isoformat(), "until": LAST_DAY.isoformat(), "status": status, "paragraph": paragraph, "because": because,
            "possible": list(possible(facts, *provisions_on(moves, day), place, home).statuses),
        })  # fmt: skip
    released = None if thing.facts.get("released") is None else str(thing.facts["released"])
    return {
        "chip": thing.chip, "label": thing.label, "to": place, "hq": home, "regime": regime, "released": released,
        "spells": spells, "notes": list(thing.notes),
    }  # fmt: skip


def _status(moves: Sequence[Move], day: dt.date, facts: Facts, to: str, hq: str | None) -> tuple[str, str]:
    """Status and paragraph of one part on a day."""
    controls, reliefs = provisions_on(moves, day)
    verdict = judge(controls, reliefs, facts, to, hq)
    decider = int(verdict.decider[0])
    return STATUSES[int(verdict.code[0])], controls[decider].paragraph if decider >= 0 else "none"


def _because(
    moves: Sequence[Move], day: dt.date, facts: Facts, place: tuple[str, str | None], regime: str, law: Law
) -> list[dict[str, str]]:
    """The moves of a day without which the status would be another; all moves of rules on that day where none alone does it."""
    to, hq = place
    todays = [move for move in moves if move.since == day and (isinstance(move.value, Rule) or move.value is None)]
    now = _status(moves, day, facts, to, hq)
    alone = [move for move in todays if _status([each for each in moves if each is not move], day, facts, to, hq) != now]
    earlier = [move for move in moves if move.since < day]
    return [
        {"change": move_words(move, earlier), "step": step.short, "citation": step.citation, "url": step.url, "tag": move.tag}
        for move in alone or todays
        for step in [origin(move, regime, law.regimes)]
    ]


def timeline_lines(told: Ruling) -> list[str]:
    """A timeline for a person."""
    buyer = f", for a party headquartered in {told['hq']}" if told["hq"] else ""
    first = f"; first shipped {told['released']}" if told["released"] else ""
    out = [f"{told['label']} to {told['to']}{buyer}, under {told['regime']}{first}"]
    for spell in told["spells"]:
        where = "" if spell["paragraph"] == "none" else f", {spell['paragraph']}"
        unsure = f" (could be {', '.join(spell['possible'])})" if len(spell["possible"]) > 1 else ""
        out.append(f"{spell['since']} to {spell['until']}  {spell['status']}{where}{unsure}")
        out += [f"    {cause['change']} ({cause['step']}: {cause['citation']})" for cause in spell["because"]]
    return out + [f"note  {note}" for note in told["notes"]]


def asked_whole(item: str | None, table: bool, given: Mapping[str, Fact], csv: Path | None = None) -> bool:
    """Whether all known parts are asked for. Raises BadInput where a single part is named beside, or a file without a table."""
    if table and (item is not None or given):
        raise BadInput("either one part or the table of all", found=item, mend="leave out --table, or the part")
    if csv is not None and not table:
        raise BadInput(
            "only the table of all chips goes into a file", file=csv, mend="add --table and name no part, or use --json"
        )
    return table


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as plain values, None where a number is not known."""
    return [
        {str(name): None if isinstance(value, float) and pd.isna(value) else value for name, value in row.items()}
        for row in table.to_dict("records")
    ]
