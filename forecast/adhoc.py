"""A question without a file: a scenario or regime by name, with what is set on the command line, as a scenario in memory.

INPUT=VALUE is an exact value in the input's unit; INPUT=FACTORx multiplies its draws; with @QUARTER either holds as a step
from that quarter on, which only inputs with a path allow. LEVER=VALUE@QUARTER becomes a dated move of a regime in memory.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from forecast.catalogue.home import find_home
from forecast.catalogue.load import Catalogue, checked, load, nearest, open_catalogue, with_own
from forecast.catalogue.yamlfile import validate
from forecast.contract import BadInput
from forecast.names import label_quarter, parse_quarter, quarters_between
from forecast.regime import LEVERS, NO_EFFECT, Regime, card, known, overlays_of, parted, plain_name
from forecast.scenario import FIRST, Override, Scenario

DEFAULT = "baseline"
"""The scenario that lends origin, draws and seed to a regime asked for by name, and its first regime as base."""

PREFIX = "adhoc-"
"""Names of scenarios that stand in no file begin with this."""

CHILD = "adhoc"
"""The regime in memory that carries levers set on the command line."""

PLACE = Path("--set")
FORM = (
    "INPUT=VALUE, INPUT=FACTORx or LEVER=VALUE, each with @QUARTER where wanted, as in hbm_domestic=0.5x@2027Q2; "
    "or fork.NAME=FORM, as in fork.bottlenecks=rebalancing"
)
FORK = "fork."
_SETTING = re.compile(r"^([a-z0-9_]+)=([-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)(x?)(?:@(.+))?$")


class Setting(NamedTuple):
    """One thing set: an input or a lever, its value or factor, and since when."""

    text: str
    name: str
    value: float
    times: bool
    since: str | None


def parse(text: str) -> Setting:
    """A setting as typed. Raises BadInput with the form that is expected."""
    match = _SETTING.match(text.strip())
    if match is None:
        raise BadInput("a setting that cannot be read", file=PLACE, found=text, expected=FORM)
    name, value, times, since = match.groups()
    if since is not None:
        try:
            parse_quarter(since)
        except ValueError as problem:
            raise BadInput("not a quarter", file=PLACE, key=name, found=since, expected=str(problem)) from None
    return Setting(text.strip(), name, float(value), bool(times), since)


def question(word: str, settings: Sequence[str] = (), draws: int | None = None, home: Path | None = None) -> Scenario:
    """The scenario of a name, or one in memory: of a regime beside the default base, or with settings on top.

    A scenario wins over a regime of the same name.
    """
    found = find_home(home)
    catalogue = open_catalogue(found)
    base, regime = _named(word, found, catalogue)
    if draws is not None:
        base = base.model_copy(update={"draws": draws})
    if regime is None and not settings:
        return base
    forks = dict(text.strip().removeprefix(FORK).partition("=")[::2] for text in settings if text.strip().startswith(FORK))
    given = [parse(text) for text in settings if not text.strip().startswith(FORK)]
    repeated = [s.name for s in given if s.name not in LEVERS and [t.name for t in given].count(s.name) > 1]
    if repeated:
        raise BadInput("the same input is set twice", file=PLACE, key=repeated[0], mend="write a scenario with a path instead")
    return _in_memory(base, regime, given, catalogue, forks)


def idle(scenario: Scenario, home: Path | None = None, draws: int = 64) -> list[str]:
    """Changed inputs and regimes in memory without which a few draws of the run are the same to the last bit."""
    from forecast.inputs import build_inputs
    from forecast.model import run

    catalogue = open_catalogue(home)
    few = scenario.model_copy(update={"draws": min(draws, scenario.draws)})
    whole = run(build_inputs(few, catalogue))
    out = []
    for name in scenario.overrides:
        rest = {key: override for key, override in scenario.overrides.items() if key != name}
        if run(build_inputs(few.model_copy(update={"overrides": rest}), catalogue)).equals(whole):
            out.append(name)
    for child in scenario.what_ifs:
        pair = [whole.sel(regime=name, drop=True) for name in (child.name, child.parent) if name in scenario.regimes]
        if len(pair) == 2 and pair[0].equals(pair[1]):
            out.append(child.name)
    return out


def _named(word: str, home: Path, catalogue: Catalogue) -> tuple[Scenario, str | None]:
    """A scenario, or the default one with the regime that the word names."""
    files = {path.stem for path in (home / "params" / "scenarios").glob("*.yaml")}
    if word in files or Path(word).suffix in (".yaml", ".yml"):
        return load(word, home), None
    if known(word, catalogue.regimes):
        return load(DEFAULT, home), plain_name(word)
    words = [*sorted(files), *(name for name in catalogue.regimes if known(name, catalogue.regimes))]
    raise BadInput("unknown scenario or regime", found=word, expected=", ".join(words), mend=nearest(word, words))


def _in_memory(
    base: Scenario, regime: str | None, given: Sequence[Setting], catalogue: Catalogue, forks: Mapping[str, str]
) -> Scenario:
    """The scenario that a name and settings make, checked like one from a file."""
    levers = [setting for setting in given if setting.name in LEVERS]
    inputs = [setting for setting in given if setting.name not in LEVERS]
    book = with_own(catalogue, base).regimes
    regimes = list(base.regimes) if regime is None else list(dict.fromkeys([base.regimes[0], regime]))
    parent, laid = parted(regime or regimes[0])
    _not_held(levers, regime or regimes[0], book)
    children = [_child(book[parent], levers, base)] if levers else []
    regimes += ["+".join((child.name, *laid)) for child in children]
    title = base.title if regime is None else card(regime, book).title
    set_so = "; ".join([*(setting.text for setting in given), *(f"{FORK}{fork}={form}" for fork, form in forks.items())])
    whole = {**book, **{child.name: child for child in children}}
    titles = ", ".join(card(name, whole).short for name in regimes)
    data: dict[str, Any] = base.model_dump(mode="json", exclude_none=True) | {
        "name": PREFIX + (regime or base.name).removeprefix(PREFIX).replace("+", "-"),
        "title": f"{title} ({set_so})" if set_so else title,
        "question": f"How much AI compute will China have under: {titles}?" + (f" With {set_so}." if set_so else ""),
        "regimes": regimes,
    }
    if regime is not None:
        del data["notebooks"]
    data["what_ifs"] = [*data["what_ifs"], *(child.model_dump(mode="json") for child in children)]
    data["forks"] = {**data["forks"], **forks}
    data["overrides"] = {**data["overrides"], **{s.name: _override(s, base, catalogue) for s in inputs}}
    return checked(validate(Scenario, data, PLACE, {}), catalogue, PLACE, {})


def _override(setting: Setting, base: Scenario, catalogue: Catalogue) -> Mapping[str, Any]:
    """A setting as an override of a scenario."""
    if setting.name not in catalogue.quantities:
        known = [*catalogue.quantities, *LEVERS]
        raise BadInput("neither an input nor a lever", file=PLACE, key=setting.name, mend=nearest(setting.name, known))
    before = base.overrides.get(setting.name)
    if before is not None and (setting.since or (setting.times and before.since)):
        raise BadInput(
            "the scenario changes this input already", file=PLACE, key=setting.name, found=setting.text,
            expected="a value or a factor without a date", mend="or write a scenario of your own: forecast new",
        )  # fmt: skip
    if before is not None and setting.times:
        return _multiplied(before, setting)
    since = {"since": setting.since} if setting.since else {}
    return {
        "factor" if setting.times else "exact": setting.value, **since,
        "by": "command line", "reason": f"set as {setting.text}",
    }  # fmt: skip


def _multiplied(before: Override, setting: Setting) -> Mapping[str, Any]:
    """A factor on top of what the scenario says already: the product of both."""
    by = setting.value
    whole = before.model_dump(mode="json", exclude_none=True) | {"by": "command line"}
    whole["reason"] = f"{before.reason} ({before.by}); then set as {setting.text}"
    if before.path is not None:
        return whole | {"path": {year: spread.scaled(by).model_dump() for year, spread in before.path.items()}}
    if before.spread is not None:
        return whole | {"spread": before.spread.scaled(by).model_dump()}
    if before.exact is not None:
        return whole | {"exact": before.exact * by}
    return whole | {"factor": (before.factor or 0.0) * by}


def _not_held(levers: Sequence[Setting], name: str, book: Mapping[str, Regime]) -> None:
    """Refuse a lever that an overlay of the regime holds: the overlay alone sets it."""
    for overlay in overlays_of(name, book):
        for setting in levers:
            if setting.name in {move.lever for move in overlay.moves}:
                raise BadInput(
                    f"the overlay {overlay.name} holds this lever", file=PLACE, key=setting.name, found=name,
                    mend=f"set it on {parted(name)[0]}, without the overlay",
                )  # fmt: skip


def _child(parent: Regime, levers: Sequence[Setting], base: Scenario) -> Regime:
    """A regime on top of another that moves what was set; without a quarter it moves in the first quarter of the forecast."""
    first = label_quarter(quarters_between(base.as_of, base.last)[1])
    moves = []
    for setting in levers:
        since = setting.since or first
        if setting.times:
            raise BadInput("a lever takes a value, not a factor", file=PLACE, key=setting.name, found=setting.text)
        if LEVERS[setting.name].acts_on == NO_EFFECT:
            raise BadInput("this lever moves nothing in the model yet", file=PLACE, key=setting.name, found=setting.text)
        if not first <= since <= base.last:
            raise BadInput(
                "a lever can move from the first quarter of the forecast on", file=PLACE, key=setting.name, found=since,
                expected=f"{first} to {base.last}; law before {FIRST} to {base.as_of} is history",
            )  # fmt: skip
        reason = f"Set on the command line as {setting.text}."
        day = str(parse_quarter(since))[:10]
        moves.append({"lever": setting.name, "since": day, "value": setting.value, "tag": "M", "reason": reason})
    moves.sort(key=lambda move: str(move["since"]))
    data = parent.model_dump(mode="json") | {
        "name": CHILD, "title": f"{parent.short} with {', '.join(s.text for s in levers)}", "short": "As set",
        "author": "command line", "parent": parent.name, "status": "what_if", "confidence": "low",
        "announced": moves[0]["since"], "effective": moves[0]["since"], "expected_from": None,
        "citation": "No text; set on the command line", "summary": f"{parent.title}, and {'; '.join(s.text for s in levers)}.",
        "ambiguities": [], "moves": moves,
    }  # fmt: skip
    return validate(Regime, data, PLACE, {})
