"""From a scenario to its brief: compute, execute its notebooks, write the PDF."""

import time
from pathlib import Path

from forecast.catalogue.load import open_catalogue
from forecast.dossier import default_brief, dossier
from forecast.folder import Run, Step, compute, execute_notebooks, open_result, write_json
from forecast.scenario import Scenario


def publish(scenario: Scenario, home: Path | None = None, *, again: bool = False, step: Step = lambda _: None) -> Run:
    """Compute a scenario and write its brief into the run folder. Returns the run; its brief is `brief.pdf` there."""
    made = compute(scenario, home, again=again, step=step)
    return write_brief(made, scenario, home, step=step)


def run_all(scenario: Scenario, home: Path | None = None, *, again: bool = False, step: Step = lambda _: None) -> Run:
    """Compute a scenario and execute its notebooks into the run folder."""
    made = compute(scenario, home, again=again, step=step)
    return execute_notebooks(made, scenario, open_catalogue(home).home, resume=not again, step=step)


def write_brief(made: Run, scenario: Scenario, home: Path | None = None, *, step: Step = lambda _: None) -> Run:
    """Side results, figures and PDF from a finished run folder; how long each took goes to timings.json."""
    import json

    from forecast.brief import build_brief
    from forecast.brief.pdf import read_summary
    from forecast.brief.side import side_results
    from forecast.tables import Scope

    step("asking side questions")
    started = time.perf_counter()
    catalogue = open_catalogue(home)
    with open_result(made.folder) as opened:
        result = opened.load()
    context = dossier(scenario, catalogue, result, made.manifest)
    side = side_results(scenario, catalogue, made.folder, result, Scope.of(context), read_summary(made.folder))
    made.seconds |= {f"brief: {name}": seconds for name, seconds in side["seconds"].items()}
    step("drawing figures and setting the brief")
    drawing = time.perf_counter()
    build_brief(made.folder, {**context, "side": side}, default_brief(made.folder))
    made.seconds["brief: figures and pages"] = round(time.perf_counter() - drawing, 3)
    made.seconds["brief"] = round(time.perf_counter() - started, 3)
    timings = made.folder / "timings.json"
    told = {name: seconds for name, seconds in made.seconds.items() if name.startswith("brief")}
    write_json(timings, {**json.loads(timings.read_text()), **told})
    return made
