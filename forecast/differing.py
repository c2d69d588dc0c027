"""What differs between two scenarios, regimes or runs: assumptions value by value, rules in words, results draw by draw."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from forecast.adhoc import DEFAULT, question
from forecast.catalogue.home import find_home
from forecast.catalogue.load import load, nearest, open_catalogue, with_own
from forecast.contract import BadInput
from forecast.contrast import Member, aligned, contrast, member_of, open_members, unpaired
from forecast.explain import explain, value_words
from forecast.folder import Run, fingerprint, read_manifest
from forecast.inputs import build_inputs
from forecast.model import run
from forecast.regime import Regime, known, parted, plain_name
from forecast.rulebook import Law, law_of
from forecast.scenario import Scenario
from forecast.tables import WHERE, signed, spread
from forecast.verdict import plain_rows
from forecast.wording import differences
from forecast.wording import lines as rule_lines

DRAWS = 256
"""Draws on which results are compared where neither side is a run that exists."""

SHOWN = ("onshore", "accessible")
SETTINGS = ("as_of", "last", "seed")


class Side(NamedTuple):
    """One of the two: the word, the scenario, the regimes that it is asked about, and its run where the word names one."""

    word: str
    scenario: Scenario
    regimes: tuple[str, ...]
    made: Run | None


class Assumption(NamedTuple):
    """One thing assumed that differs, and what each side says of it."""

    name: str
    a: str
    b: str


class Told(NamedTuple):
    """All that differs. `pairs` are the regimes put beside one another, `results` the long rows of `contrast`."""

    a: Side
    b: Side
    assumptions: list[Assumption]
    pairs: list[tuple[str, str]]
    law: Law
    results: pd.DataFrame | None
    draws: int
    notes: list[str]


def side_of(word: str, home: Path | None = None) -> Side:
    """A scenario, a run folder of reports/runs, either with :REGIME, or a regime on the default scenario.

    Raises BadInput with the nearest name.
    """
    name, colon, regime = word.partition(":")
    folder = find_home(home) / "reports" / "runs" / Path(name).name
    made = Run(folder, read_manifest(folder)) if "-" in name and (folder / "manifest.json").exists() else None
    files = {path.stem for path in (find_home(home) / "params" / "scenarios").glob("*.yaml")}
    if made is not None:
        scenario = Scenario.model_validate_json(json.dumps(made.manifest["scenario"]))
    elif name not in files and not colon and known(name, open_catalogue(home).regimes):
        scenario = load(DEFAULT, home).model_copy(update={"regimes": (plain_name(name),)})
    else:
        scenario = question(name, (), None, home)
    if colon and regime not in scenario.regimes:
        expected = ", ".join(scenario.regimes)
        mend = nearest(regime, scenario.regimes)
        raise BadInput("the scenario has no such regime", found=word, expected=expected, mend=mend)
    return Side(word, scenario, (regime,) if colon else scenario.regimes, made)


def told_apart(a: str, b: str, home: Path | None = None, draws: int = DRAWS, results: bool = True) -> Told:
    """Everything that differs between two words; `results` runs what is not run yet, on few draws. Raises BadInput."""
    first, second = side_of(a, home), side_of(b, home)
    law, second = _one_book(first, second, home)
    pairs = pairs_of(first, second)
    many = next((side.scenario.draws for side in (first, second) if side.made), draws)
    held = _results(first, second, pairs, many, home) if results else None
    table, notes = (None, []) if held is None else held
    notes += [text for side in (first, second) if side.made and (text := _older(side, home))]
    return Told(first, second, assumptions(first, second, home), pairs, law, table, many, notes)


def pairs_of(a: Side, b: Side) -> list[tuple[str, str]]:
    """Regimes side by side: each that both have with itself; those of one side alone with the other side's first."""
    both = [(name, name) for name in a.regimes if name in b.regimes]
    alone = [(name, b.regimes[0]) for name in a.regimes if name not in b.regimes]
    new = [(a.regimes[0], name) for name in b.regimes if name not in a.regimes]
    return list(dict.fromkeys([*both, *alone, *new]))


def _one_book(a: Side, b: Side, home: Path | None) -> tuple[Law, Side]:
    """The law with the regimes that only these scenarios know; a name that both use for different rules is told apart in b."""
    law = law_of(None if home is None else home / "params")
    own = {regime.name: regime for regime in a.scenario.what_ifs}
    others = {regime.name: regime for regime in b.scenario.what_ifs}
    clash = {name: f"{name}-of-b" for name, regime in others.items() if name in own and own[name] != regime}
    renamed = {clash.get(name, name): _renamed(regime, clash) for name, regime in others.items()}
    chosen = b.scenario.model_copy(
        update={
            "what_ifs": tuple(renamed.values()),
            "regimes": tuple(_newly(name, clash) for name in b.scenario.regimes),
        }
    )
    side = b._replace(scenario=chosen, regimes=tuple(_newly(name, clash) for name in b.regimes)) if clash else b
    return law._replace(regimes={**law.regimes, **own, **renamed}), side


def _newly(name: str, clash: Mapping[str, str]) -> str:
    """A regime's name with its overlays, after renaming."""
    base, overlays = parted(name)
    return "+".join((clash.get(base, base), *overlays))


def _renamed(regime: Regime, clash: Mapping[str, str]) -> Regime:
    names = {"name": clash.get(regime.name, regime.name), "parent": clash.get(regime.parent or "", regime.parent)}
    return regime.model_copy(update=names)


def assumptions(a: Side, b: Side, home: Path | None = None) -> list[Assumption]:
    """Dates, seed, forks and inputs in which two scenarios differ, with origin."""
    catalogue = open_catalogue(home)
    told = [explain(side.scenario, with_own(catalogue, side.scenario)) for side in (a, b)]
    found = [
        Assumption(key.replace("_", " "), *(str(each[key]) for each in told)) for key in SETTINGS if told[0][key] != told[1][key]
    ]
    for fork in told[0]["forks"]:
        forms = [", ".join(f"{form} {weight:g}" for form, weight in each["forks"][fork].items()) for each in told]
        found += [Assumption(f"fork {fork}", *forms)] if forms[0] != forms[1] else []
    for name in told[0]["inputs"]:
        one, other = (each["inputs"][name] for each in told)
        if _held(one) != _held(other):
            found.append(Assumption(name, _with_origin(one), _with_origin(other)))
    return found


def _held(one: Mapping[str, Any]) -> dict[str, Any]:
    """What an input's draws rest on."""
    said = {key: value for key, value in one.get("override", {}).items() if key not in ("by", "reason", "source")}
    return {"said": said} | {key: one[key] for key in ("exact", "spread", "path") if key in one}


def _with_origin(one: Mapping[str, Any]) -> str:
    """Value, unit and where it comes from, in a line."""
    why = f": {one['override']['reason']}" if "override" in one else ""
    return f"{value_words(one)} [{one['unit']}]  ({one['origin']}{why})"


def _results(
    a: Side, b: Side, pairs: list[tuple[str, str]], draws: int, home: Path | None
) -> tuple[pd.DataFrame | None, list[str]]:
    """Stocks and differences of each pair: from a run where a word names one, else run here."""
    first = {member.regime: member for member in _members(a, {pair[0] for pair in pairs}, "a", draws, home)}
    second = {member.regime: member for member in _members(b, {pair[1] for pair in pairs}, "b", draws, home)}
    frames, notes = [], []
    for one, other in pairs:
        held = first[one], second[other]
        frames.append(contrast(held))
        if why := unpaired(*held):
            notes.append(f"{held[1].label} and {held[0].label} are not on the same draws ({why}): differences of medians.")
    whole = pd.concat(frames, ignore_index=True)
    return whole[whole["variable"].str.startswith("difference")].reset_index(drop=True), notes


def _members(side: Side, regimes: set[str], letter: str, draws: int, home: Path | None) -> list[Member]:
    """Stocks of one side's regimes."""
    wanted = [name for name in side.regimes if name in regimes]
    if side.made is not None:
        return open_members(side.made, side.scenario, wanted, home)
    few = side.scenario.model_copy(update={"draws": draws, "regimes": tuple(wanted)})
    inputs = build_inputs(few, open_catalogue(home))
    result = run(inputs)
    return [member_of(few, name, letter, result, inputs, home) for name in wanted]


def _older(side: Side, home: Path | None) -> str:
    """That a run was made with other parameters than those in params now, where it was."""
    assert side.made is not None
    now = fingerprint(side.scenario, with_own(open_catalogue(home), side.scenario))
    if now == side.made.manifest["fingerprint"]:
        return ""
    return f"{side.word} was run before params or the scenario changed: its results stand, its assumptions are told as of now."


def lines(told: Told, to: str | None = None, hq: str | None = None) -> list[str]:
    """All of it for a person."""
    return [*_assumption_lines(told), "", *_rule_part(told, to, hq), *_result_lines(told)]


def _assumption_lines(told: Told) -> list[str]:
    """What each side assumes where they differ."""
    out = [f"Assumptions: {told.a.word} (A) and {told.b.word} (B)"]
    for each in told.assumptions:
        out += [f"- {each.name}", f"    A  {each.a}", f"    B  {each.b}"]
    return out if told.assumptions else [*out, "- nothing differs"]


def _rule_part(told: Told, to: str | None, hq: str | None) -> list[str]:
    """Rules in words, pair by pair."""
    out = ["Rules"]
    same = [a for a, b in told.pairs if a == b]
    if same:
        out.append(f"- the same on both sides: {', '.join(same)}")
    for a, b in told.pairs:
        out += [] if a == b else ["", *rule_lines(a, b, to, hq, told.law)]
    return out


def _result_lines(told: Told) -> list[str]:
    """Differences of stocks at year-ends, pair by pair."""
    if told.results is None:
        return []
    found = told.results.set_index(["regime", "base", "channel", "quarter", "statistic"])["value"].to_dict()
    quarters = list(dict.fromkeys(told.results["quarter"]))
    body = [["million H100e", *(f"end-{quarter[:4]}" for quarter in quarters)]]
    for a, b in told.pairs:
        body.append([f"{_label(told.b, b)} less {_label(told.a, a)}"])
        base = f"{told.a.scenario.name}:{a}"
        body += [
            [f"  {WHERE[channel]}", *(_cell(found, (b, base, channel, quarter)) for quarter in quarters)] for channel in SHOWN
        ]
    note = "Median of the paired difference, 90% interval in brackets, two significant digits."
    return ["", f"Results on {told.draws} draws, B less A", *aligned(body), "", note, *told.notes]


def _label(side: Side, regime: str) -> str:
    """How the reader names a regime of a side."""
    return side.word if side.word == regime or side.word.endswith(f":{regime}") else f"{side.word}:{regime}"


def _cell(found: Mapping[tuple[object, ...], float], key: tuple[str, str, str, str]) -> str:
    """One difference: median and interval, a difference of medians where there are no pairs."""
    if (alone := found.get((*key, "median_difference"))) is not None:
        return f"{signed(alone / 1e6)} unpaired"
    if (*key, "p50") not in found:
        return "–"
    low, middle, high = (found[(*key, level)] for level in ("p05", "p50", "p95"))
    return "0" if low == high == 0 else f"{signed(middle / 1e6)} ({spread(low, high, 1e6, signed)})"


def plain(told: Told, to: str | None = None, hq: str | None = None) -> dict[str, Any]:
    """All of it as plain values, for JSON; sentences and changes of the first pair stand at the top as well."""
    rules = []
    for a, b in told.pairs:
        found = differences(a, b, to=to or "CN", hq=hq, params=told.law)
        rules.append({"a": a, "b": b, "sentences": list(found.sentences), "changes": plain_rows(found.table)})
    first = rules[-1] if len(told.pairs) == 1 else next((each for each in rules if each["a"] != each["b"]), rules[0])
    return {
        "a": told.a.word, "b": told.b.word, "assumptions": [each._asdict() for each in told.assumptions],
        "sentences": first["sentences"], "changes": first["changes"], "rules": rules,
        "results": None if told.results is None else json.loads(told.results.to_json(orient="records")),
        "draws": told.draws, "notes": told.notes,
    }  # fmt: skip
