"""One number of a report, pulled: what it is, the run and the rows it was read from, the inputs that moved it, their sources."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.catalogue.load import Catalogue, nearest, open_catalogue, resolved
from forecast.contract import BadInput
from forecast.dossier import passports
from forecast.folder import open_inputs, open_result, read_manifest, run_folder
from forecast.names import TERMS
from forecast.origins import GROUPS, ORIGINS, groups_of, variable_of
from forecast.scenario import Scenario
from forecast.sensitivity import FEWEST, Outcome, outcome_draws, tornado

MOST_INPUTS = 6
"""Inputs that an answer names."""

WAYS = {
    "row": "read as it stands",
    "ratio": "first row over second",
    "mean of a year": "mean of the rows of a year",
    "side": "from a result beside the summary",
    "count": "counted",
    "stated": "as the question states it",
}


def pull(scenario: Scenario, id_: str, home: Path | None = None) -> dict[str, Any]:
    """The chain of one number. Raises BadInput when no report of the scenario was made yet, or none holds the id."""
    catalogue = open_catalogue(home)
    folder = run_folder(scenario, catalogue)
    path = folder / "numbers.csv"
    if not path.is_file():
        raise BadInput("no report of this scenario was made with the present code and params", file=path,
                       mend=f"forecast report {scenario.name}, with the same --draws and --set")  # fmt: skip
    held = pd.read_csv(path, keep_default_na=False, dtype=str).set_index("id")
    if id_ not in held.index:
        inside = [name for name in held.index if id_ in name]
        raise BadInput("no number with this id in the report", found=id_, file=path,
                       expected=", ".join(inside[:8]) or None, mend=nearest(id_, held.index))  # fmt: skip
    line, manifest = {str(key): str(cell) for key, cell in held.loc[id_].items()}, read_manifest(folder)
    variable = variable_of(id_, line["rows"])
    return {
        "id": id_,
        "printed": line["text"],
        "values": line["values"].split(),
        "way": WAYS.get(line["way"], line["way"]),
        "origin": ORIGINS[id_.split("/")[0]].words if id_.split("/")[0] in ORIGINS else "",
        "rows": line["rows"].split("; ") if line["rows"] else [],
        "variable": {"name": variable, **TERMS[variable]._asdict()} if variable in TERMS else None,
        "run": {"folder": folder.name, **{key: manifest[key] for key in ("fingerprint", "code_version", "draws", "seed")}},
        "inputs": _inputs(line, variable, folder, scenario, catalogue),
        "groups": [{"file": f"params/{name}", "about": GROUPS[name], "sources": group_sources(name, scenario, catalogue)}
                   for name in groups_of(variable)],
    }  # fmt: skip


def group_sources(name: str, scenario: Scenario, catalogue: Catalogue) -> list[str]:
    """Ids of the sources that the inputs of one file rest on."""
    return list(dict.fromkeys(named_sources(name, scenario, catalogue)))


def named_sources(name: str, scenario: Scenario, catalogue: Catalogue) -> list[str]:
    """Ids of the sources of one file, once for each input or row that names them."""
    if name in catalogue.tables:
        return [source for names in catalogue.tables[name]["source"] for source in str(names).split()]
    inputs = resolved(catalogue, scenario)
    held = [each for key, each in inputs.items() if catalogue.places[key][0] == catalogue.home / "params" / name]
    return [source for each in held for source in each.sources]


def _inputs(
    line: Mapping[str, str], variable: str, folder: Path, scenario: Scenario, catalogue: Catalogue
) -> list[dict[str, Any]]:
    """The inputs that move a number most in its own run, by the run's draws; none for no row of draws, or few draws."""
    outcome = _outcome(line, variable, scenario)
    if outcome is None or scenario.draws < FEWEST:
        return []
    with open_result(folder) as result:
        try:
            values = outcome_draws(result, outcome)
            table = tornado(open_inputs(folder), values, outcome.quarter)
        except BadInput:
            return []
    table = table[~table["within_noise"]].head(MOST_INPUTS)
    return [
        _one(str(row["input"]), {str(key): cell for key, cell in row.items()}, scenario, catalogue)
        for row in table.to_dict("records")
    ]


def _outcome(line: Mapping[str, str], variable: str, scenario: Scenario) -> Outcome | None:
    """The number's first row as an outcome of the run."""
    if line["way"] not in ("row", "ratio") or not line["rows"]:
        return None
    name, _, *rest = line["rows"].split("; ")[0].split("/")
    labels = dict(part.split("=", 1) for part in rest)
    if not {"regime", "quarter"} <= set(labels) or {"gpu_class", "country"} & set(labels):
        return None
    against = scenario.regimes[0] if name.startswith("effect:") else ""
    return Outcome(variable, labels["quarter"], labels["regime"], labels.get("channel", ""), against)


def _one(name: str, row: Mapping[str, Any], scenario: Scenario, catalogue: Catalogue) -> dict[str, Any]:
    """One input with what it is, how it moves the number, where it stands and who says so."""
    held = resolved(catalogue, scenario).get(name)
    told = {"input": name, "about": row["about"], "rho": round(float(row["rho"]), 2)}
    known = catalogue.table("sources.csv").set_index("source")
    if held is None:
        paper = passports(scenario, catalogue).get(name, {"sources": [], "basis": "observed", "reason": "drawn by the run"})
        told |= {"where": "params/history" if name.startswith("observed.") else "params/gpus/class_values.csv", **paper}
    else:
        path, place = catalogue.places[name]
        told |= {"where": f"{path.relative_to(catalogue.home).as_posix()}, line {place}", "basis": held.basis}
        told |= {"confidence": held.confidence, "reason": held.reason, "sources": held.sources}
    cited = [{"id": key, **known.loc[key, ["publisher", "title", "url"]].to_dict(), "date": str(known.loc[key, "date"])[:10]}
             for key in told["sources"]]  # fmt: skip
    return {**told, "sources": cited}


def lines(told: Mapping[str, Any]) -> Iterator[str]:
    """The chain for a terminal, from the number to its sources."""
    yield f"number      {told['id']}"
    yield f"printed     {told['printed']}"
    if told["values"]:
        yield f"values      {', '.join(told['values'])}"
    if told["origin"]:
        yield f"comes from  {told['origin']}"
    for row in told["rows"]:
        yield f"row         {row}"
    yield f"how         {told['way']}"
    if told["variable"]:
        yield f"variable    {told['variable']['name']} [{told['variable']['unit']}]: {told['variable']['about']}"
    run = told["run"]
    made = f"fingerprint {run['fingerprint']}, {run['draws']} draws, seed {run['seed']}, code {run['code_version']}"
    yield f"run         {run['folder']}: {made}"
    for one in told["inputs"]:
        basis = f", {one['basis']}" + (f", {one['confidence']} confidence" if "confidence" in one else "")
        yield f"input       {one['input']} (rank correlation {one['rho']:+.2f}{basis}): {one['about']}"
        yield f"              {one['where']}"
        for source in one["sources"]:
            yield f"              {source['publisher']}, {source['title']}, {source['date']}, {source['url']}"
        if not one["sources"]:
            yield f"              no source; {one['reason']}"
    for group in told["groups"]:
        yield f"rests on    {group['file']}: {group['about']}; sources {', '.join(group['sources']) or 'judgement alone'}"
