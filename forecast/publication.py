"""From a scenario to its brief: compute, execute its notebooks, write the PDF."""

import datetime as dt
import shutil
import time
from pathlib import Path
from typing import Any, NamedTuple

import xarray as xr

from forecast.catalogue.home import digest
from forecast.catalogue.load import Catalogue, open_catalogue
from forecast.dossier import default_brief, dossier, known_kind
from forecast.folder import Run, Step, code_version, compute, execute_notebooks, open_inputs, open_result, write_json
from forecast.language import HOME, catalogue_hash, speaking, spoken
from forecast.scenario import Scenario
from forecast.tables import Scope


class Edition(NamedTuple):
    """What a report is printed as: its kind, pdf or html, and whether a PDF carries what its numbers rest on."""

    kind: str = "brief"
    form: str = "pdf"
    attach: bool = True


BRIEF = Edition()


def publish(
    scenario: Scenario,
    home: Path | None = None,
    *,
    again: bool = False,
    kind: str = "brief",
    language: str = HOME,
    form: str = "pdf",
    attach: bool = True,
    step: Step = lambda _: None,
) -> Run:
    """Compute a scenario and write one kind of report into the run folder. Returns the run.

    Files: KIND.pdf or KIND.html, in another language than English KIND.LANGUAGE.pdf.
    """
    known_kind(kind)
    made = compute(scenario, home, again=again, step=step)
    with speaking(language):
        return write_brief(made, scenario, home, edition=Edition(kind, form, attach), step=step)


def run_all(scenario: Scenario, home: Path | None = None, *, again: bool = False, step: Step = lambda _: None) -> Run:
    """Compute a scenario and execute its notebooks into the run folder."""
    made = compute(scenario, home, again=again, step=step)
    return execute_notebooks(made, scenario, open_catalogue(home).home, resume=not again, step=step)


def write_brief(
    made: Run,
    scenario: Scenario,
    home: Path | None = None,
    *,
    edition: Edition = BRIEF,
    step: Step = lambda _: None,
) -> Run:
    """Side results, figures and report in the language spoken from a finished run folder; times go to timings.json.

    Side results are asked once for a run: later reports of it read them from its folder.
    """
    from forecast.brief.kept import kept

    step("asking side questions")
    with open_result(made.folder) as result:
        known = kept(made.folder)
        if known is None:
            result.load()
        return _write(made, scenario, home, edition, result, known, step)


def _write(
    made: Run,
    scenario: Scenario,
    home: Path | None,
    edition: Edition,
    result: xr.Dataset,
    known: dict[str, Any] | None,
    step: Step,
) -> Run:
    """Side results where they are not known, figures and PDF; results are read as far as they are asked for."""
    import json

    from forecast.brief import build_brief
    from forecast.brief.attached import question_files
    from forecast.brief.commentary import read_book
    from forecast.brief.kept import keep
    from forecast.brief.pdf import read_summary
    from forecast.brief.side import law_pictures, side_results

    started = time.perf_counter()
    catalogue = open_catalogue(home)
    context = dossier(scenario, catalogue, result, made.manifest) | {"commentary": read_book(scenario.name, catalogue)}
    made.notes = context["notes"]
    scope = Scope.of(context)
    if known is None:
        side = side_results(scenario, catalogue, made.folder, result, scope, read_summary(made.folder))
        made.seconds |= {f"brief: {name}": seconds for name, seconds in side["seconds"].items()}
        keep(side, made.folder)
    else:
        side = {**known, "pictures": law_pictures(scenario, catalogue, scope)}
    more = further(edition.kind, made.folder, scenario, catalogue, result, context)
    step("drawing figures and setting the brief")
    drawing = time.perf_counter()
    asked = [f"--kind {edition.kind}"] if edition.kind != "brief" else []
    asked += [f"--lang {spoken()}"] if spoken() != HOME else []
    asked += ["--html"] if edition.form == "html" else []
    if asked:
        context["provenance"]["command"] = f"forecast report {scenario.name} {' '.join(asked)}"
    context["drawn_from"] = _drawn_from(made)
    whole = {**context, "side": side, "more": more, "question files": question_files(scenario, catalogue, context["last"])}
    out = default_brief(made.folder, edition.kind, edition.form)
    build_brief(made.folder, whole, out, edition.kind, attach=edition.attach)
    made.seconds["brief: figures and pages"] = round(time.perf_counter() - drawing, 3)
    made.seconds["brief"] = round(time.perf_counter() - started, 3)
    timings = made.folder / "timings.json"
    told = {name: seconds for name, seconds in made.seconds.items() if name.startswith("brief")}
    write_json(timings, {**json.loads(timings.read_text(encoding="utf-8")), **told})
    return made


def _drawn_from(made: Run) -> str:
    """What the figures of a run rest on: its data and side results, the code that draws them, the language."""
    from forecast.brief.kept import FILE
    from forecast.figures.saved import drawn_from

    files = [*made.manifest["files"].values(), digest(made.folder / FILE)]
    return drawn_from(made.manifest["fingerprint"], code_version(), spoken(), catalogue_hash(), *files)


def further(
    kind: str, folder: Path, scenario: Scenario, catalogue: Catalogue, result: xr.Dataset, context: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """What a kind of report shows beyond the brief: drawings, tables, and how each result was made."""
    from forecast.brief.annex import groups_table, inputs_table, supply_pictures, supply_tables

    if kind not in ("annex", "scenario"):
        return {"drawings": {}, "tables": {}, "methods": {}}
    inputs, scope = open_inputs(folder), Scope.of(context)
    tables = {} if kind == "scenario" else supply_tables(result, inputs, scope, catalogue)
    if kind == "annex":
        tables |= _every_fork(folder, scenario, catalogue, scope)
        tables["inputs"] = inputs_table(scenario, catalogue)
        tables["groups"] = groups_table(scenario, catalogue, context)
    methods = {str(name): str(array.attrs.get("method", "")) for name, array in result.data_vars.items()}
    return {"drawings": supply_pictures(result, inputs, scope, catalogue), "tables": tables, "methods": methods}


def shelve(scenario: Scenario, home: Path | None = None, *, step: Step = lambda _: None) -> list[Path]:
    """Put the brief of a run among the published ones, and its headlines into the table that the next brief is set beside.

    The folder is that of the origin. Returns what was written.
    """
    from forecast.brief.last import enter, headlines
    from forecast.brief.pdf import read_summary

    catalogue = open_catalogue(home)
    made = publish(scenario, home, step=step)
    with open_result(made.folder) as opened:
        context = dossier(scenario, catalogue, opened, made.manifest)
    shelf = catalogue.home / "reports" / "published" / scenario.as_of
    shelf.mkdir(parents=True, exist_ok=True)
    taken = ["brief.pdf", "manifest.json", "numbers.csv", "figures/fan-onshore.csv", "figures/fan-onshore.png"]
    written = [Path(shutil.copy(made.folder / name, shelf)) for name in taken]
    told = headlines(read_summary(made.folder), Scope.of(context), context["provenance"], scenario.name, dt.date.today())
    return [*written, enter(catalogue.home, told)]


FORK_DRAWS = 256
"""Draws on which a policy is run under every form of every fork."""


def _every_fork(folder: Path, scenario: Scenario, catalogue: Catalogue, scope: Scope) -> dict[str, Any]:
    """What a policy on supply shows before and after its turn, in every fork; nothing where the run ends before."""
    from forecast.brief.kept import once
    from forecast.everyfork import POLICY, TURN, by_fork, everyfork_table, years_told

    if int(scenario.last[:4]) <= TURN or scope.base not in catalogue.regimes:
        return {}
    few = scenario.model_copy(update={"draws": min(FORK_DRAWS, scenario.draws)})
    data = once(folder, "every-fork.json", lambda: by_fork(few, POLICY, years_told(few), catalogue))
    return {"every-fork": everyfork_table(data, few.draws, scope, catalogue.regimes[POLICY].title)}
