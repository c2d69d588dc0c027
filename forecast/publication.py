"""From a scenario to its brief: compute, execute its notebooks, write the PDF."""

import time
from pathlib import Path
from typing import Any

import xarray as xr

from forecast.catalogue.load import Catalogue, open_catalogue
from forecast.dossier import default_brief, dossier, known_kind
from forecast.folder import Run, Step, compute, execute_notebooks, open_inputs, open_result, write_json
from forecast.scenario import Scenario
from forecast.tables import Scope


def publish(
    scenario: Scenario,
    home: Path | None = None,
    *,
    again: bool = False,
    kind: str = "brief",
    form: str = "pdf",
    step: Step = lambda _: None,
) -> Run:
    """Compute a scenario and write one kind of report into the run folder, as KIND.pdf or KIND.html. Returns the run."""
    known_kind(kind)
    made = compute(scenario, home, again=again, step=step)
    return write_brief(made, scenario, home, kind=kind, form=form, step=step)


def run_all(scenario: Scenario, home: Path | None = None, *, again: bool = False, step: Step = lambda _: None) -> Run:
    """Compute a scenario and execute its notebooks into the run folder."""
    made = compute(scenario, home, again=again, step=step)
    return execute_notebooks(made, scenario, open_catalogue(home).home, resume=not again, step=step)


def write_brief(
    made: Run,
    scenario: Scenario,
    home: Path | None = None,
    *,
    kind: str = "brief",
    form: str = "pdf",
    step: Step = lambda _: None,
) -> Run:
    """Side results, figures and PDF or web page from a finished run folder; how long each took goes to timings.json.

    Side results are asked once for a run: later reports of it read them from its folder.
    """
    import json

    from forecast.brief import build_brief
    from forecast.brief.kept import keep, kept
    from forecast.brief.pdf import read_summary
    from forecast.brief.side import law_pictures, side_results

    step("asking side questions")
    started = time.perf_counter()
    catalogue = open_catalogue(home)
    with open_result(made.folder) as opened:
        result = opened.load()
    context = dossier(scenario, catalogue, result, made.manifest)
    scope, known = Scope.of(context), kept(made.folder)
    if known is None:
        side = side_results(scenario, catalogue, made.folder, result, scope, read_summary(made.folder))
        made.seconds |= {f"brief: {name}": seconds for name, seconds in side["seconds"].items()}
        keep(side, made.folder)
    else:
        side = {**known, "pictures": law_pictures(scenario, catalogue, scope)}
    more = further(kind, made.folder, scenario, catalogue, result, scope)
    step("drawing figures and setting the brief")
    drawing = time.perf_counter()
    if kind != "brief":
        context["provenance"]["command"] = f"forecast report {scenario.name} --kind {kind}"
    build_brief(made.folder, {**context, "side": side, "more": more}, default_brief(made.folder, kind, form), kind)
    made.seconds["brief: figures and pages"] = round(time.perf_counter() - drawing, 3)
    made.seconds["brief"] = round(time.perf_counter() - started, 3)
    timings = made.folder / "timings.json"
    told = {name: seconds for name, seconds in made.seconds.items() if name.startswith("brief")}
    write_json(timings, {**json.loads(timings.read_text()), **told})
    return made


def further(
    kind: str, folder: Path, scenario: Scenario, catalogue: Catalogue, result: xr.Dataset, scope: Scope
) -> dict[str, dict[str, Any]]:
    """What a kind of report shows beyond the brief: drawings, tables, and how each result was made."""
    from forecast.brief.annex import inputs_table, supply_pictures, supply_tables

    if kind not in ("annex", "scenario"):
        return {"drawings": {}, "tables": {}, "methods": {}}
    inputs = open_inputs(folder)
    tables = {} if kind == "scenario" else supply_tables(result, inputs, scope, catalogue)
    if kind == "annex":
        tables["inputs"] = inputs_table(scenario, catalogue)
    methods = {str(name): str(array.attrs.get("method", "")) for name, array in result.data_vars.items()}
    return {"drawings": supply_pictures(result, inputs, scope, catalogue), "tables": tables, "methods": methods}
