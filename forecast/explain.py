"""What a scenario resolves to: every input with value, unit and origin, every regime with what it changes in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from forecast.catalogue.load import Catalogue, changed, nearest, with_own
from forecast.contract import BadInput
from forecast.folder import code_version, fingerprint
from forecast.names import FORKS
from forecast.quantity import Quantity, Spread
from forecast.regime import LEVERS, Move, Rule, card, instruments_of, lineage, overlays_of, resolve
from forecast.scenario import Override, Scenario


def explain(scenario: Scenario, catalogue: Catalogue) -> dict[str, Any]:
    """All that a run of this scenario would rest on, as plain values."""
    catalogue = with_own(catalogue, scenario)
    return {
        "scenario": scenario.name,
        "title": scenario.title,
        "question": scenario.question,
        "extends": scenario.extends,
        "as_of": scenario.as_of,
        "last": scenario.last,
        "draws": scenario.draws,
        "seed": scenario.seed,
        "forks": _forks(scenario, catalogue),
        "notebooks": list(scenario.notebooks),
        "fingerprint": fingerprint(scenario, catalogue),
        "code_version": code_version(),
        "regimes": [_regime(name, catalogue) for name in scenario.regimes],
        "inputs": {name: _input(name, scenario, catalogue) for name in sorted(catalogue.quantities)},
    }


def _forks(scenario: Scenario, catalogue: Catalogue) -> dict[str, dict[str, float]]:
    """Weight of each form of every structural fork, one where the scenario fixes it."""
    table = catalogue.table("forks.csv").set_index(["fork", "form"])["weight"]
    held = {
        fork: dict.fromkeys(forms, 0.0) | {scenario.forks[fork]: 1.0} for fork, forms in FORKS.items() if fork in scenario.forks
    }
    return {fork: {form: float(table[(fork, form)]) for form in forms} for fork, forms in FORKS.items()} | held


def one_input(name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """One input of an explained scenario. Raises BadInput that names the nearest one."""
    if name not in told["inputs"]:
        raise BadInput("unknown input", found=name, mend=nearest(name, told["inputs"]))
    return dict(told["inputs"][name])


def _input(name: str, scenario: Scenario, catalogue: Catalogue) -> dict[str, Any]:
    """One input: what holds, in which unit, and where it comes from."""
    default, override = catalogue.quantities[name], scenario.overrides.get(name)
    path, line = catalogue.places[name]
    told: dict[str, Any] = {
        "about": default.about,
        "unit": default.unit,
        **_value(default),
        "basis": default.basis,
        "confidence": default.confidence,
        "reason": default.reason,
        "sources": list(default.sources),
        "default_at": f"{path.relative_to(catalogue.home).as_posix()}:{line}",
    }
    if override is None:
        return {**told, "origin": told["default_at"]}
    change = override.model_dump(mode="json", exclude_none=True)
    if override.factor is None:
        new = _value(changed(default, override, path, {}, name))
        if override.replaces:
            told = {key: value for key, value in told.items() if key not in ("exact", "spread", "path")} | new
        told["default"] = _value(default)
    return {**told, "basis": "judgement", "override": change, "origin": f"override by {override.by}"}


def _value(quantity: Quantity) -> dict[str, Any]:
    return quantity.model_dump(mode="json", include={"exact", "spread", "path"}, exclude_none=True)


def _regime(name: str, catalogue: Catalogue) -> dict[str, Any]:
    """One regime: its line of descent and what it changes over its parent."""
    book = catalogue.regimes
    regime, chain = card(name, book), lineage(name, book)
    before = resolve(regime.parent, book) if regime.parent else ()
    pieces = (*instruments_of(chain[-1], book), chain[-1], *overlays_of(name, book))
    moves = [move for piece in pieces for move in piece.moves]
    return {
        "name": name,
        "title": regime.title,
        "status": regime.status,
        "announced": regime.announced.isoformat(),
        "effective": regime.effective.isoformat(),
        "lineage": [ancestor.name for ancestor in chain],
        "changes": _changes(moves, before),
    }


def _changes(moves: Sequence[Move], before: Sequence[Move]) -> list[dict[str, Any]]:
    """The moves of a regime by date, each in words beside what stood before."""
    out = []
    known = list(before)
    for move in sorted(moves, key=lambda move: move.since):
        held = [old for old in known if old.lever == move.lever and old.since <= move.since]
        last = max(held, key=lambda old: old.since, default=None)
        out.append({"since": move.since.isoformat(), "lever": move.lever, "change": _in_words(move, last), "reason": move.reason})
        known.append(move)
    return out


def _in_words(move: Move, last: Move | None) -> str:
    """What a move does: a number from and to, a rule that begins, changes or ends."""
    if move.lever in LEVERS:
        default = LEVERS[move.lever].default
        old, new = (default if m is None or m.value is None else m.value for m in (last, move))
        return f"{move.lever} stays {new:g}" if old == new else f"{move.lever} from {old:g} to {new:g}"
    kind, _, name = move.lever.partition(".")
    what = f"{kind} {name.replace('_', ' ')}"
    if not isinstance(move.value, Rule):
        return f"{what} ends"
    verb = "changes" if last is not None and last.value is not None else "begins"
    return f"{what} {verb}: {_rule(move.value)}"


def _rule(rule: Rule) -> str:
    """A control, relief, levy or group of countries in one line."""
    if not (rule.any_of or rule.named or rule.applies_to):
        return f"{rule.paragraph}; {' '.join(rule.destinations)}"
    tests = "; or ".join(", ".join(branch) for branch in rule.any_of)
    named = f"named: {', '.join(rule.named)}" if rule.named else ""
    loosens = f"loosens {', '.join(rule.applies_to)}" if rule.applies_to else ""
    then = rule.policy.replace("_", " ") if rule.rate_of is None else f"pays {rule.rate_of.replace('_', ' ')}"
    parts = [rule.paragraph, loosens, tests, named, then, f"for {' '.join(rule.destinations)}"]
    return "; ".join(part for part in parts if part)


def lines(told: Mapping[str, Any]) -> list[str]:
    """An explained scenario for a person."""
    out = [f"{told['scenario']}: {told['title']}", told["question"], ""]
    out += [f"as of       {told['as_of']}, to {told['last']}", f"draws       {told['draws']}, seed {told['seed']}"]
    out += [f"fingerprint {told['fingerprint']} (code {told['code_version']})", f"notebooks   {', '.join(told['notebooks'])}"]
    out += [f"extends     {told['extends']}"] if told["extends"] else []
    for fork, forms in told["forks"].items():
        out.append(f"fork        {fork}: " + ", ".join(f"{form} {weight:g}" for form, weight in forms.items()))
    for k, regime in enumerate(told["regimes"]):
        out += [
            "",
            f"regime {regime['name']}: {regime['title']}" + ("  [the others are compared with this one]" if k == 0 else ""),
        ]
        out += [f"  lineage: {' > '.join(regime['lineage'])}"]
        out += [f"  {change['since']}  {change['change']}" for change in regime["changes"]]
    changed_ones = [name for name, one in told["inputs"].items() if "override" in one]
    out += ["", f"inputs ({len(changed_ones)} changed by the scenario, marked *)"]
    for name, one in told["inputs"].items():
        mark = "*" if name in changed_ones else " "
        out.append(f"{mark} {name:<24} {value_words(one)} [{one['unit']}]  {one['origin']}")
    return out


def input_lines(name: str, one: Mapping[str, Any]) -> list[str]:
    """One input for a person, its path knot by knot."""
    out = [f"{name}: {one['about']}", f"  value      {value_words(one)} [{one['unit']}]"]
    out += [f"    {year}  {_spread(Spread(**knot))}" for year, knot in one.get("path", {}).items()]
    out += [f"  origin     {one['origin']}"]
    if "override" in one:
        out += [f"  why        {one['override']['reason']}", f"  default at {one['default_at']}"]
        out += [f"  default    {value_words({**one['default']})}"] if "default" in one else []
    out += [f"  basis      {one['basis']}, confidence {one['confidence']}", f"  reason     {one['reason']}"]
    return out + ([f"  sources    {', '.join(one['sources'])}"] if one["sources"] else [])


def value_words(one: Mapping[str, Any]) -> str:
    """A value in one line: a number, a median with its interval, or the ends of a path; then what a scenario does to it."""
    if "exact" in one:
        words = f"{one['exact']:g}"
    elif "spread" in one:
        words = _spread(Spread(**one["spread"]))
    else:
        years = list(one["path"])
        ends = [f"{year}: {_spread(Spread(**one['path'][year]))}" for year in dict.fromkeys((years[0], years[-1]))]
        words = " … ".join(ends)
    return words + _change(Override(**one["override"]) if "override" in one else None)


def _change(override: Override | None) -> str:
    """A factor or a dated value as words behind the default."""
    if override is None or override.replaces:
        return ""
    since = f" from {override.since}" if override.since else ""
    if override.factor is not None:
        return f", times {override.factor:g}{since}"
    return (
        f", then {value_words(override.model_dump(mode='json', include={'exact', 'spread', 'path'}, exclude_none=True))}{since}"
    )


def _spread(spread: Spread) -> str:
    return f"{spread.p50:g} ({spread.p05:g} to {spread.p95:g})"
