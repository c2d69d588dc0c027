"""The command line. Heavy imports happen inside commands, so that help and mistakes answer at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from forecast import commands
from forecast.options import Html, Language, describes_a_part, sets_the_case

if TYPE_CHECKING:
    import pandas as pd

    from forecast.folder import Run
    from forecast.scenario import Scenario

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(help="A scenario by name or path, or a regime by name (beside the default base).")]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="INPUT=VALUE in the input's unit, INPUT=FACTORx on its belief, or LEVER=VALUE on top of the first regime (of the "
        "named one where a regime is asked for); @QUARTER: from that quarter on. May be given several times.",
    ),
]
Kind = Annotated[str, typer.Option(help="brief, two-page, scenario (levels and limits) or annex (equations, supply, inputs).")]
Again = Annotated[bool, typer.Option("--again", help="Compute even when an equal run exists.")]
Draws = Annotated[int | None, typer.Option(help="Draws in place of the scenario's.", min=16, max=200_000)]
Part = Annotated[
    str | None,
    typer.Argument(help="A chip by name, as H20 or 'RTX 4090', or a YAML file; none: by the options below."),
]
To = Annotated[str, typer.Option("--to", help="Destination, a two-letter code.")]
Headquarters = Annotated[str | None, typer.Option("--hq", help="Where the buyer is headquartered, if not at the destination.")]
Day = Annotated[str, typer.Option("--on", help="The day, YYYY-MM-DD.")]
Law = Annotated[str, typer.Option("--regime", help="A regime by name, as what_if/strict-denial or current+beijing-refusal.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON, everything in full.")]
Csv = Annotated[Path | None, typer.Option("--csv", help="Write the table to this file.")]

BAD_INPUT = 2
FAILED = 1
STATUS_HEADINGS = {
    "enacted": "regimes: enacted steps",
    "what_if": "regimes: what-ifs",
    "overlay": "overlays, as in current+NAME",
    "instrument": "instruments, parts of what-ifs",
}


@app.command()
def run(scenario: Name, again: Again = False, draws: Draws = None, change: Set = None) -> None:
    """Compute a scenario, execute its notebooks, write the run folder. A regime or --set needs no file."""
    from forecast.adhoc import PREFIX
    from forecast.publication import run_all

    chosen = _load(scenario, draws, change)
    with _progress(4 + len(chosen.notebooks)) as step:
        made = run_all(chosen, again=again, step=step)
    _tell(made)
    if chosen.name.startswith(PREFIX):
        _echo(_beside(made, chosen))
    for outcome in made.failed:
        typer.echo(f"\nnotebook {outcome.status}: {outcome.path.name}\n{outcome.error}", err=True)
    if made.failed:
        raise typer.Exit(FAILED)


@app.command()
def report(
    scenario: Name = "baseline",
    again: Again = False,
    draws: Draws = None,
    change: Set = None,
    kind: Kind = "brief",
    language: Language = "en",
    html: Html = False,
    bare: Annotated[bool, typer.Option("--bare", help="Attach nothing: PDF/A-2a, which `forecast verify` cannot check.")] = False,
) -> None:
    """Compute a scenario and write its brief, or another kind of report; by default of the default scenario."""
    from forecast.brief.side import profile
    from forecast.dossier import default_brief
    from forecast.language import speaking
    from forecast.publication import publish

    chosen, form = _load(scenario, draws, change), "html" if html else "pdf"
    with _progress(6) as step:
        made = publish(chosen, again=again, kind=kind, form=form, language=language, attach=not bare, step=step)
    _tell(made)
    with speaking(language):
        typer.echo(f"{kind:11} {_near(default_brief(made.folder, kind, form))}")
    typer.echo(f"profile     {profile(made.seconds)}")
    _echo([f"note        {note}" for note in made.notes])


@app.command("compare")
def compare_runs(
    names: Annotated[
        list[str],
        typer.Argument(
            help="SCENARIO or a folder of reports/runs (all its regimes), or either with :REGIME; the first is the base."
        ),
    ],
    csv: Annotated[Path | None, typer.Option(help="Write the long table to this file.")] = None,
    draws: Draws = None,
    form: Annotated[str, typer.Option("--format", help="text, md or html: a table ready to paste.")] = "text",
    levers: Annotated[
        list[str] | None,
        typer.Option("--grid", help="LEVER=VALUE,VALUE LEVER=VALUE,VALUE: a two-way table of one scenario or regime."),
    ] = None,
    since: Annotated[str | None, typer.Option(help="With --grid: the quarter from which both levers move.")] = None,
) -> None:
    """Put scenarios or their regimes side by side: stocks at year-ends, paired differences to the first."""
    from forecast.contrast import contrast, members, table_rows, write_csv
    from forecast.pasting import known_form, laid_out, two_levers

    _writable(csv)
    known_form(form)
    if levers:
        with _progress(len(levers)) as step:
            title, rows, notes, table = two_levers(names, levers, since, draws, step)
        _echo(laid_out(form, title, rows, notes))
        _keep(table, csv)
        return
    with _progress(4 * len(names)) as step:
        held = members(names, draws=draws, step=step)
        table = contrast(held)
    rows, notes = table_rows(held, table)
    _echo(laid_out(form, "", rows, notes))
    if csv is not None:
        write_csv(table, csv)
        typer.echo(f"long table  {_near(csv.resolve())}")


@app.command()
def show(
    name: Name,
    only: Annotated[str | None, typer.Option("--input", help="One input, in full.")] = None,
    number: Annotated[str | None, typer.Option("--number", help="A number of its report by id, back to its sources.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, everything in full.")] = False,
    draws: Draws = None,
    change: Set = None,
) -> None:
    """Show what a scenario resolves to: inputs with their origin, regimes and what each changes, draws, seed, fingerprint."""
    import json

    from forecast.catalogue.load import open_catalogue
    from forecast.explain import explain, input_lines, lines, one_input

    if number is not None:
        from forecast import pull

        chain = pull.pull(_load(name, draws, change), number)
        _put(chain, list(pull.lines(chain)), as_json)
        return
    told = explain(_load(name, draws, change), open_catalogue())
    one = None if only is None else one_input(only, told)
    if as_json:
        typer.echo(json.dumps(told if one is None else one, indent=1, ensure_ascii=False))
    else:
        _echo(lines(told) if one is None else input_lines(str(only), one))


@app.command()
@describes_a_part
@sets_the_case
def rule(
    on: Day,
    part: Part = None,
    to: To = "CN",
    hq: Headquarters = None,
    regime: Law = "current",
    table: Annotated[bool, typer.Option("--table", help="All known chips.")] = False,
    csv: Csv = None,
    as_json: Json = False,
    given: Any = None,
    case: Any = None,
) -> None:
    """Say what the law says of a chip on a day: status, paragraph, tests with margins, quota, duty, Beijing's gate, citation."""
    from forecast import verdict

    if verdict.asked_whole(part, table, given, csv):
        _writable(csv)
        whole = verdict.status_table(on=on, to=to, hq=hq, regime=regime, shipped_from=verdict.shipped_only(case))
        _put(verdict.plain_rows(whole), verdict.table_lines(whole), as_json)
        _keep(whole, csv)
    else:
        told = verdict.ruling(part, on=on, to=to, hq=hq, regime=regime, given=given, **case)
        _put(told, verdict.lines(told), as_json)


@app.command()
@describes_a_part
def timeline(
    part: Part = None, to: To = "CN", hq: Headquarters = None, regime: Law = "current", as_json: Json = False, given: Any = None
) -> None:
    """Show the status of a chip through time and what changed it."""
    from forecast import verdict

    told = verdict.timeline(part, to=to, hq=hq, regime=regime, given=given)
    _put(told, verdict.timeline_lines(told), as_json)


@app.command()
@describes_a_part
def design(
    on: Day,
    part: Part = None,
    purpose: Annotated[str | None, typer.Option("--for", help="training or serving; both when left out.")] = None,
    tightest: Annotated[str | None, typer.Option(help="One status to stay within; each from free on when left out.")] = None,
    to: To = "CN",
    regime: Law = "current",
    sold_at_home: Annotated[str | None, typer.Option(help="Day on which the cut-down part is first sold in America.")] = None,
    as_json: Json = False,
    given: Any = None,
) -> None:
    """Find the best part that a vendor may still sell of a product by cutting rate, memory bandwidth or links."""
    from forecast import redesign

    told = redesign.answers(
        part, on=on, purpose=purpose, tightest=tightest, to=to, regime=regime, sold_at_home=sold_at_home, given=given
    )
    _put(told, redesign.lines(told), as_json)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the new scenario.")],
    parent: Annotated[str, typer.Option("--from", help="The scenario that it extends.")] = "baseline",
    title: Annotated[str | None, typer.Option(help="Its title.")] = None,
    regimes: Annotated[str | None, typer.Option(help="Its regimes with commas between, the base first.")] = None,
) -> None:
    """Write a commented scenario file that extends another, and check it."""
    from forecast.authoring import new_scenario

    wanted = [word.strip() for word in regimes.split(",")] if regimes is not None else None
    path = new_scenario(name, parent, title, wanted)
    typer.echo(f"scenario    {_near(path)}, well formed\nnext        edit it, then: forecast run {name}")


@app.command()
def add(
    kind: Annotated[str, typer.Argument(help="observation, chip or source.")],
    cells: Annotated[list[str] | None, typer.Argument(help="COLUMN=VALUE for each column; none: say which there are.")] = None,
) -> None:
    """Add a row to a table of params, checked against everything before it is written."""
    from forecast.authoring import add_row

    path, line = add_row(kind, cells or [])
    typer.echo(f"{_near(path)}, line {line}: added and checked")


@app.command()
def changed(scenario: Name = "baseline", draws: Draws = None) -> None:
    """Say what moved the headline since the last run of a scenario: data, code or question."""
    from forecast.changed import earlier_run, lines, report

    chosen = _load(scenario, draws)
    earlier = earlier_run(chosen)
    if earlier is None:
        typer.echo(f"no earlier run of {chosen.name} that differs from the present one in reports/runs: nothing to compare with")
        return
    with _progress(5) as step:
        told = report(chosen, earlier, step=step)
    _echo(lines(told))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(
    context: typer.Context,
    notebook: Annotated[str | None, typer.Argument(help="A notebook by name; the start page when left out.")] = None,
) -> None:
    """Open JupyterLab on the notebooks, on this machine only and with a token; --no-browser and the like are passed on."""
    from forecast.lab import open_lab

    extra = [*context.args]
    if notebook is not None and notebook.startswith("-"):
        extra, notebook = [notebook, *extra], None
    open_lab(notebook, extra)


@app.command("list")
def list_all() -> None:
    """List scenarios, regimes and notebooks."""
    from forecast.catalogue.home import find_home
    from forecast.catalogue.load import load, open_catalogue

    home = find_home()
    catalogue = open_catalogue(home)
    files = sorted((home / "params" / "scenarios").glob("*.yaml"))
    wide = max(len(name) for name in (*(path.stem for path in files), *catalogue.regimes))
    typer.echo("scenarios")
    for path in files:
        scenario = load(path.stem, home)
        typer.echo(f"  {path.stem:<{wide}} {scenario.title}  [{', '.join(scenario.regimes)}; {scenario.draws} draws]")
    for status, heading in STATUS_HEADINGS.items():
        typer.echo(heading)
        for name, regime in catalogue.regimes.items():
            if regime.status == status:
                typer.echo(f"  {name:<{wide}} {regime.title}")
    typer.echo("notebooks")
    for path in sorted((home / "notebooks").glob("*.ipynb")):
        typer.echo(f"  {path.stem}")


def _load(name: str, draws: int | None, settings: list[str] | None = None) -> "Scenario":
    from forecast.adhoc import question

    return question(name, settings or [], draws)


def _beside(made: "Run", chosen: "Scenario") -> list[str]:
    """The headline of a run that stands in no file, and how to put it beside one that does."""
    from forecast.adhoc import idle
    from forecast.contrast import contrast, open_members, table_lines

    held = open_members(made, chosen, chosen.regimes)
    hint = f"beside the default: forecast compare baseline {made.folder.name} --draws {chosen.draws}"
    notes = [f"note: {name} changes nothing in this run" for name in idle(chosen)]
    return ["", *table_lines(held, contrast(held)), *notes, "", hint]


def _echo(lines: list[str]) -> None:
    for line in lines:
        typer.echo(line)


def _put(told: Any, lines: list[str], as_json: bool) -> None:
    """An answer as JSON or as lines."""
    import json

    _echo([json.dumps(told, indent=1, ensure_ascii=False, default=str)] if as_json else lines)


def _writable(csv: Path | None) -> None:
    """Raises BadInput unless a file can be written there."""
    from forecast.contract import BadInput

    if csv is not None and (csv.is_dir() or not csv.resolve().parent.is_dir()):
        raise BadInput("the table cannot be written there", file=csv, expected="a file in a folder that exists")


def _keep(table: "pd.DataFrame", csv: Path | None) -> None:
    """A table as a file, where one was asked for."""
    from forecast.contrast import write_csv

    if csv is not None:
        write_csv(table, csv)
        typer.echo(f"table       {_near(csv.resolve())}", err=True)


def _tell(made: "Run") -> None:
    typer.echo(f"run folder  {_near(made.folder)}")
    for outcome in made.outcomes:
        typer.echo(f"notebook    {_near(outcome.path)}  {outcome.status}{' (unchanged, kept)' if outcome.skipped else ''}")


def _near(path: Path) -> str:
    """A path relative to the current folder where that is shorter."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


@contextmanager
def _progress(steps: int) -> Iterator[Callable[[str], None]]:
    """A bar that names the step under way; silent where there is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<40}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting", total=steps)
        begun = False

        def step(text: str) -> None:
            nonlocal begun
            bar.update(task, description=text, advance=1 if begun else 0)
            begun = True

        yield step
        bar.update(task, completed=steps)


commands.add_to(app)


def main() -> NoReturn:
    """Entry point: a mistake in an input is told in a few lines with exit code 2, never as a traceback."""
    from forecast.contract import BadInput, told

    try:
        app()
    except (BadInput, OSError) as problem:
        if not isinstance(mistake := told(problem), BadInput):
            raise
        typer.echo(str(mistake), err=True)
        raise SystemExit(BAD_INPUT) from None
    raise SystemExit(0)
