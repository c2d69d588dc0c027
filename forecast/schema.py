"""JSON Schemas of params from the records that check them: what an editor completes and marks while one types.

Each field carries a title, a description and, where it is a number, its unit; scenarios know the names of inputs, levers and
regimes. `forecast schema` (make schema) writes them to params/schema; YAML files name theirs in a first line for the YAML
language server, or an editor maps folders to them.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from forecast.catalogue.home import find_home
from forecast.catalogue.load import Catalogue, open_catalogue
from forecast.names import FORKS, INPUTS
from forecast.quantity import Quantity, Spread
from forecast.regime import KINDS, LEVERS, Move, Practice, Question, Quota, Regime, Rule
from forecast.rule import MEASURES
from forecast.scenario import Override, Scenario
from forecast.switches import Option, Switch

DRAFT = "http://json-schema.org/draft-07/schema#"
FILES = {
    "quantities": ("fabs/**/*.yaml", "supply/**/*.yaml", "demand/**/*.yaml", "fitted/**/*.yaml"),
    "regime": ("regimes/20*.yaml", "regimes/current.yaml", "regimes/*/*.yaml"),
    "switches": ("regimes/switches.yaml",),
    "scenario": ("scenarios/**/*.yaml",),
}
"""Which files of params each schema is for."""

_OWN = "in the unit of the field unit"
WORDS: dict[type[BaseModel], dict[str, tuple[str, str]]] = {
    Spread: {
        "p05": ("5% quantile: one draw of twenty lies below", _OWN),
        "p50": ("median: half of the draws lie below", _OWN),
        "p95": ("95% quantile: one draw of twenty lies above", _OWN),
    },
    Quantity: {
        "about": ("What the number is, in one sentence", "text"),
        "unit": ("Unit of the number, as chip/quarter or USD/H100e; 1 for a share or a ratio", "text"),
        "counts": ("Basis on which compute is counted; 8bit wherever the unit holds H100e", "word"),
        "exact": ("One value without doubt; in place of spread or path", _OWN),
        "spread": ("A belief: three quantiles; in place of exact or path", _OWN),
        "path": ("A belief by year, quantiles under each year in quotes; in place of exact or spread", _OWN),
        "scale": ("How the belief is read between its quantiles: log above zero, logit for shares, identity else", "word"),
        "when": ("Whether the years of a path mean the year's end or its middle", "word"),
        "floor": ("No draw lies below", _OWN),
        "cap": ("No draw lies above", _OWN),
        "basis": ("How the number is known; judgement is allowed where it is said", "word"),
        "sources": ("Ids of params/sources.csv; at least one unless the basis is judgement", "ids"),
        "reason": ("Why this value and this spread", "text"),
        "dated": ("Day for which the number holds", "YYYY-MM-DD"),
        "confidence": ("How sure we are of the spread itself", "word"),
    },
    Override: {
        "exact": ("One value without doubt", "in the unit of the input"),
        "spread": ("A belief: three quantiles", "in the unit of the input"),
        "path": ("A belief by year", "in the unit of the input"),
        "factor": ("Times the default belief, draw by draw", "1"),
        "since": ("First quarter of a step; nothing changes before. Only for inputs with a path", "YYYYQn"),
        "by": ("Who says so", "text"),
        "reason": ("Why another value is more likely", "text"),
        "source": ("Id of params/sources.csv, where there is one", "id"),
    },
    Scenario: {
        "name": ("Name of the question, equal to the file's name", "text"),
        "title": ("Title of the brief", "text"),
        "question": ("The question in one sentence, as it stands on page one", "text"),
        "extends": ("The scenario from which all that is not written here is taken", "name"),
        "regimes": ("Regimes by name, the first is the base; an overlay goes with one by a plus sign", "names"),
        "as_of": ("Last quarter that counts as observed", "YYYYQn"),
        "last": ("Last quarter of the run", "YYYYQn"),
        "draws": ("Number of draws; 256 for a first look", "draws"),
        "seed": ("Seed of the random streams; equal seeds make scenarios comparable draw by draw", "whole number"),
        "notebooks": ("Notebooks that a run executes", "names"),
        "overrides": ("Inputs that this question changes, each by whom and why", "inputs"),
        "what_ifs": ("Regimes that only this question knows", "regimes"),
        "forks": ("Structural forks fixed to one form", "forks"),
    },
    Regime: {
        "name": ("Name of the regime, equal to the file's name", "text"),
        "title": ("What it is, in a line", "text"),
        "short": ("Name in figures, 28 letters at most", "text"),
        "author": ("Who made it or proposes it", "text"),
        "parent": ("The regime on which it stands, or null", "name"),
        "announced": ("Day on which it was first told", "YYYY-MM-DD"),
        "effective": ("Day from which it holds; the day of a move", "YYYY-MM-DD"),
        "expected_from": ("Day from which buyers act on it, before it is announced", "YYYY-MM-DD"),
        "status": ("Enacted law, a what-if, a part of one (instrument), or what goes with any regime (overlay)", "word"),
        "citation": ("Where the text stands", "text"),
        "url": ("Address of the text", "address"),
        "sources": ("Ids of params/sources.csv", "ids"),
        "confidence": ("How sure we are of the reading", "word"),
        "summary": ("What it does, in plain words", "text"),
        "ambiguities": ("What the text leaves open, and what was chosen", "list"),
        "instruments": ("Parts of a what-if in the order in which they apply", "names"),
        "practice": ("What happened beside the text", "list"),
        "moves": ("Levers that it moves, by date", "list"),
    },
    Move: {
        "lever": ("A lever by name, or control, relief, group or levy with a full stop and a name", "name"),
        "firms": ("Only these operators (tools, servicing) or designers (foreign foundries)", "firms"),
        "countries": ("Only tools from these countries; for allies that join at their own dates", "two letters"),
        "since": ("First day", "YYYY-MM-DD"),
        "value": ("A number in the lever's unit, a rule, or null to take it back", "the lever's unit"),
        "tag": ("S stated by a source, B text of a rule or bill, M our placeholder", "letter"),
        "reason": ("Why this value", "text"),
    },
    Rule: {
        "paragraph": ("Paragraph of the control list", "text"),
        "law_of": ("Country that made the rule", "two letters"),
        "any_of": ("Tests; an item is caught that passes all of one branch", "tests"),
        "named": ("Items caught by name", "chips or items"),
        "vendors": ("Only items of these vendors", "vendors"),
        "origins": ("Only items made there", "countries or groups"),
        "destinations": ("Two-letter codes, groups such as D:5, or any", "countries or groups"),
        "except_destinations": ("Destinations that the rule leaves out", "countries or groups"),
        "headquarters": ("Whether it also follows buyers headquartered in a destination", "true or false"),
        "only_headquartered": ("Only buyers headquartered there", "countries or groups"),
        "not_headquartered": ("Only buyers that are not headquartered there", "countries or groups"),
        "applies_to": ("Paragraphs that a relief loosens", "paragraphs"),
        "policy": ("How an application fares", "word"),
        "rate_of": ("For a levy: the scalar lever that is its rate", "lever"),
        "quotas": ("Caps that belong to the rule", "list"),
        "conditions": ("What the text asks for in words", "texts"),
    },
    Quota: {
        "measure": (f"What is counted: {', '.join(MEASURES)}", "word"),
        "limit": ("How much at most", "the measure's unit"),
        "since": ("First day, if not that of the rule", "YYYY-MM-DD"),
        "basis": ("Whether the cap stands in the text or is practice", "word"),
        "source": ("Id of params/sources.csv", "id"),
        "note": ("How it is meant", "text"),
    },
    Practice: {
        "since": ("First day", "YYYY-MM-DD"),
        "until": ("Last day; empty while it goes on", "YYYY-MM-DD"),
        "happened": ("What was done", "text"),
        "source": ("Id of params/sources.csv", "id"),
    },
    Switch: {
        "question": ("What the text leaves open", "text"),
        "default": ("The reading that holds unless another is asked for", "option"),
        "options": ("Readings by name; all but the default change something", "options"),
        "reason": ("Why this default", "text"),
        "sources": ("Ids of params/sources.csv", "ids"),
        "confidence": ("How sure we are of the default", "word"),
    },
    Option: {
        "about": ("The reading in words", "text"),
        "moves": ("Moves that it lays over the law", "list"),
        "facts": ("Facts of items that it reads in another way, by item or every", "facts"),
        "plus": ("What it adds to a fact of every item", "the fact's unit"),
    },
    Question: {
        "question": ("What the text leaves open", "text"),
        "choice": ("What was chosen here", "text"),
    },
}  # fmt: skip
"""A sentence and a unit for every field that a person may write; a test walks the records."""


def schemas(catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    """The schemas by name: quantities (a file of inputs), regime, switches, scenario."""
    whole = {"quantities": _of(Quantity), "regime": _of(Regime), "switches": _of(Switch), "scenario": _of(Scenario)}
    whole["switches"] = _by_name("Switches", "Open points of the law, each with its readings", Switch, whole["switches"], None)
    names = {name: {"$ref": "#/$defs/Quantity", "description": held.about} for name, held in sorted(catalogue.quantities.items())}
    known = {name: names.get(name, {"$ref": "#/$defs/Quantity"}) for name in sorted(INPUTS)}
    whole["quantities"] = _by_name("Inputs", "Named inputs, each with its passport", Quantity, whole["quantities"], known)
    overrides = whole["scenario"]["properties"]["overrides"]
    overrides.pop("additionalProperties")
    overrides["properties"] = {
        name: {"$ref": "#/$defs/Override", "description": f"{held.about} [{held.unit}]"}
        for name, held in sorted(catalogue.quantities.items())
    }
    overrides["additionalProperties"] = False
    whole["scenario"]["required"] = ["name"]
    forks = whole["scenario"]["properties"]["forks"]
    forks["properties"] = {fork: {"enum": list(forms), "description": f"Form of {fork}"} for fork, forms in FORKS.items()}
    for each in (whole["regime"], whole["switches"], whole["scenario"]):
        lever = each["$defs"]["Move"]["properties"]["lever"]
        levers = [
            {"const": name, "description": f"{held.about} {held.low:g} to {held.high:g} [{held.unit}], default {held.default:g}"}
            for name, held in LEVERS.items()
        ]
        lever["anyOf"] = [*levers, {"pattern": rf"^({'|'.join(KINDS)})\.[a-z0-9_]+$", "type": "string"}]
    return whole


def _by_name(
    title: str, about: str, kind: type[BaseModel], record: dict[str, Any], names: dict[str, Any] | None
) -> dict[str, Any]:
    """The schema of a file that holds one record under each of some names, or of any names."""
    own = {key: value for key, value in record.items() if key not in ("$defs", "$schema")}
    one = {"$ref": f"#/$defs/{kind.__name__}"}
    held = {"additionalProperties": one} if names is None else {"properties": names, "additionalProperties": False}
    defs = {**record["$defs"], kind.__name__: own}
    return {"$schema": DRAFT, "title": title, "description": about, "type": "object", **held, "$defs": defs}


def _of(kind: type[BaseModel]) -> dict[str, Any]:
    """The schema of a record with the words of every field put in."""
    found = kind.model_json_schema()
    parts = found.setdefault("$defs", {})
    by_name = {each.__name__: each for each in WORDS}
    for name, part in [*parts.items(), (kind.__name__, found)]:
        for field, held in part.get("properties", {}).items():
            sentence, unit = WORDS[by_name[name]][field]
            held["title"], held["description"] = field, f"{sentence} [{unit}]"
    return {"$schema": DRAFT, **found}


def texts(catalogue: Catalogue) -> dict[str, str]:
    """The files of params/schema by name."""
    made = {
        f"{name}.json": json.dumps(schema, indent=1, ensure_ascii=False) + "\n" for name, schema in schemas(catalogue).items()
    }
    folders = {f"./params/schema/{name}.json": [f"params/{pattern}" for pattern in held] for name, held in FILES.items()}
    return {**made, "folders.json": json.dumps(folders, indent=1) + "\n"}


def write_schemas(home: Path | None = None) -> list[Path]:
    """Write params/schema anew; returns the files. `folders.json` says which schema is for which files (yaml.schemas)."""
    found = find_home(home)
    folder = found / "params" / "schema"
    folder.mkdir(exist_ok=True)
    for name, text in texts(open_catalogue(found)).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return sorted(folder.glob("*.json"))
