"""The command line. Heavy imports happen inside commands, so that help and mistakes answer at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from forecast.folder import Run
    from forecast.scenario import Scenario

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(help="A scenario of params/scenarios by name, or the path of a scenario file.")]
Again = Annotated[bool, typer.Option("--again", help="Compute even when an equal run exists.")]
Draws = Annotated[int | None, typer.Option(help="Draws in place of the scenario's.", min=16, max=200_000)]

BAD_INPUT = 2
FAILED = 1
STATUS_HEADINGS = {
    "enacted": "regimes: enacted steps",
    "what_if": "regimes: what-ifs",
    "overlay": "overlays, as in current+NAME",
    "instrument": "instruments, parts of what-ifs",
}


@app.command()
def run(scenario: Name, again: Again = False, draws: Draws = None) -> None:
    """Compute a scenario, execute its notebooks, write the run folder."""
    from forecast.publication import run_all

    chosen = _load(scenario, draws)
    with _progress(4 + len(chosen.notebooks)) as step:
        made = run_all(chosen, again=again, step=step)
    _tell(made)
    for outcome in made.failed:
        typer.echo(f"\nnotebook {outcome.status}: {outcome.path.name}\n{outcome.error}", err=True)
    if made.failed:
        raise typer.Exit(FAILED)


@app.command()
def report(scenario: Name = "baseline", again: Again = False, draws: Draws = None) -> None:
    """Compute a scenario and write its brief, by default the default scenario's."""
    from forecast.publication import publish

    chosen = _load(scenario, draws)
    with _progress(5) as step:
        made = publish(chosen, again=again, step=step)
    _tell(made)
    typer.echo(f"brief       {_near(made.folder / 'brief.pdf')}")


@app.command()
def check(
    files: Annotated[list[Path] | None, typer.Argument(help="Files to check; all of params when left out.")] = None,
) -> None:
    """Check parameter files: every number with unit, source, date and spread, every rule with its tests."""
    from forecast.catalogue.check import check_all, check_file

    if not files:
        for line in check_all():
            typer.echo(line)
        return
    for path in files:
        typer.echo(f"{path}: {check_file(path)}")


@app.command("list")
def list_all() -> None:
    """List scenarios, regimes and notebooks."""
    from forecast.catalogue.home import find_home
    from forecast.catalogue.load import load, open_catalogue

    home = find_home()
    catalogue = open_catalogue(home)
    typer.echo("scenarios")
    for path in sorted((home / "params" / "scenarios").glob("*.yaml")):
        scenario = load(path.stem, home)
        typer.echo(f"  {path.stem:<18} {scenario.title}  [{', '.join(scenario.regimes)}; {scenario.draws} draws]")
    for status, heading in STATUS_HEADINGS.items():
        typer.echo(heading)
        for name, regime in catalogue.regimes.items():
            if regime.status == status:
                typer.echo(f"  {name:<24} {regime.title}")
    typer.echo("notebooks")
    for path in sorted((home / "notebooks").glob("*.ipynb")):
        typer.echo(f"  {path.stem}")


def _load(name: str, draws: int | None) -> "Scenario":
    from forecast.catalogue.load import load

    scenario = load(name)
    return scenario if draws is None else scenario.model_copy(update={"draws": draws})


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


def main() -> NoReturn:
    """Entry point: a mistake in an input is told in a few lines with exit code 2, never as a traceback."""
    from forecast.contract import BadInput

    try:
        app()
    except BadInput as problem:
        typer.echo(str(problem), err=True)
        raise SystemExit(BAD_INPUT) from None
    raise SystemExit(0)
