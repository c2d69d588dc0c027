"""Commands of the desk: checking while one writes, tidy files, handing over, the explorer. Added to the command line's app."""

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Register the commands of this file."""
    for command in (diff, check, fmt, schema, export, odds, fit, shelve, verify, publish, figure):
        app.command()(command)
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(explore)


def diff(
    a: Annotated[str, typer.Argument(help="A scenario, a regime or a run folder, with :REGIME where only one is meant.")],
    b: Annotated[str, typer.Argument(help="The other, that changes something.")],
    to: Annotated[str | None, typer.Option("--to", help="Destination; China, and its firms elsewhere, when left out.")] = None,
    hq: Annotated[str | None, typer.Option("--hq", help="Where the buyer is headquartered, if not at the destination.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write what differs in rules to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, everything in full.")] = False,
    draws: Annotated[int, typer.Option(help="Draws for the results, where no run is named.", min=16, max=200_000)] = 256,
    rules: Annotated[bool, typer.Option("--rules", help="Rules and assumptions alone, without results.")] = False,
) -> None:
    """Say what differs: in assumptions with their origin, in rules in words, in results draw by draw."""
    import json

    from forecast import differing
    from forecast.contrast import write_csv
    from forecast.wording import differences

    if csv is not None and (csv.is_dir() or not csv.resolve().parent.is_dir()):
        from forecast.contract import BadInput

        raise BadInput("the table cannot be written there", file=csv, expected="a file in a folder that exists")
    told = differing.told_apart(a, b, draws=draws, results=not rules)
    if as_json:
        typer.echo(json.dumps(differing.plain(told, to, hq), indent=1, ensure_ascii=False, default=str))
    else:
        for line in differing.lines(told, to, hq):
            typer.echo(line)
    if csv is not None:
        pair = next((each for each in told.pairs if each[0] != each[1]), told.pairs[0])
        write_csv(differences(*pair, to=to or "CN", hq=hq, params=told.law).table, csv)
        typer.echo(f"table       {csv}", err=True)


def check(
    files: Annotated[list[Path] | None, typer.Argument(help="Files to check; all of params when left out.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Check again whenever a file of params changes, until stopped.")] = False,
) -> None:
    """Check parameter files: every number with unit, source, date and spread, every rule with its tests."""
    from forecast.catalogue.check import check_all, check_file

    if watch:
        from forecast.tidy import watch as keep_checking

        keep_checking(files or [], typer.echo)
    elif not files:
        for line in check_all():
            typer.echo(line)
    else:
        for path in files:
            typer.echo(f"{path}: {check_file(path)}")


def fmt(
    files: Annotated[list[Path] | None, typer.Argument(help="Files to tidy; all YAML files of params when left out.")] = None,
    only_check: Annotated[bool, typer.Option("--check", help="Change nothing; exit code 1 where a file is not tidy.")] = False,
) -> None:
    """Tidy YAML files of params: same spaces everywhere; comments, order and values stay."""
    from forecast.tidy import tidy_files

    changed = tidy_files(files or [], write=not only_check)
    for path in changed:
        typer.echo(f"{path}: {'not tidy' if only_check else 'tidied'}")
    if not changed:
        typer.echo("all tidy")
    elif only_check:
        raise typer.Exit(1)


def schema() -> None:
    """Write params/schema: what an editor with a YAML language server needs to complete and to check as one types."""
    from forecast.schema import write_schemas

    for path in write_schemas():
        typer.echo(f"written     {path}")


def fit() -> None:
    """Fit trends to the published series of params/history and write params/fitted; a run reads them and never fits."""
    from forecast.fit import fit_all, write_fits

    made = fit_all()
    for path in write_fits(made):
        typer.echo(f"written     {path}")
    for name, belief in made.beliefs.items():
        told = ", ".join(f"{level} {value:g}" for level, value in belief["spread"].items())
        typer.echo(f"  {name}: {told}")


def export(
    scenario: Annotated[str, typer.Argument(help="A scenario by name or path, or a regime by name.")],
    kind: Annotated[str, typer.Option("--format", help="iamc, hub or xlsx.")],
    out: Annotated[Path | None, typer.Option("--out", help="The file; in the run's folder when left out.")] = None,
    draws: Annotated[int | None, typer.Option(help="Draws in place of the scenario's.", min=16, max=200_000)] = None,
) -> None:
    """Write a run for others: IAMC-style rows (pyam), a hub's quantile table, or an XLSX workbook with units and sources."""
    from forecast.adhoc import question
    from forecast.contract import BadInput
    from forecast.exchange import export as write

    if out is not None and (out.is_dir() or not out.resolve().parent.is_dir()):
        raise BadInput("the file cannot be written there", file=out, expected="a file in a folder that exists")
    typer.echo(f"written     {write(question(scenario, (), draws), kind, out)}")


def odds(
    scenario: Annotated[str, typer.Argument(help="A scenario by name or path.")] = "baseline",
    year: Annotated[int, typer.Option(help="At the end of which year.")] = 2028,
    draws: Annotated[int, typer.Option(help="Number of draws.", min=16, max=200_000)] = 512,
    counter: Annotated[bool, typer.Option("--counter-answer", help="The regulator closes parts that vendors bring.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The same as JSON.")] = False,
) -> None:
    """The unconditional forecast, with law that turns by chance, beside the branches. Weights: params/branches.csv."""
    from forecast.adhoc import question
    from forecast.switching import odds as of_branches
    from forecast.switching import odds_text

    table = of_branches(question(scenario, (), draws), year, counter=counter)
    typer.echo(table.to_json(orient="records", indent=1) if as_json else odds_text(table))


def shelve(scenario: Annotated[str, typer.Argument(help="A scenario by name or path.")] = "baseline") -> None:
    """Put a scenario's brief among the published ones; the next brief tells what has changed since."""
    from forecast.catalogue.load import load
    from forecast.publication import shelve as put

    for path in put(load(scenario)):
        typer.echo(f"written     {path}")


def verify(
    report: Annotated[Path, typer.Argument(help="A PDF that `forecast report` wrote, of any kind and language.")],
    fast: Annotated[bool, typer.Option("--fast", help="Check the pages against what the file carries; run nothing.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Make the run anew even when an equal one is found.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="A line for each number, not only for those that differ.")] = False,
) -> None:
    """Make a report's numbers again from what it carries and say which agree. Exit code 0 when all do, 1 if not, 2: no report."""
    from forecast import verify as checking

    found = checking.verify(report, fast=fast, again=again)
    for line in checking.lines(found, report, everything):
        typer.echo(line)
    if not found.agrees:
        raise typer.Exit(1)


def publish(
    notebook: Annotated[Path, typer.Argument(help="A notebook, .ipynb; any analyst's.")],
    out: Annotated[Path | None, typer.Option("--out", help=".pdf, .html or .docx; a PDF beside it if left out.")] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", help="NAME=VALUE: run the notebook with it."),
    ] = None,
    code: Annotated[bool, typer.Option("--code", help="Show code cells; else only those tagged show-code.")] = False,
    status: Annotated[str | None, typer.Option(help="The marking in the head of each page.")] = None,
) -> None:
    """Turn a notebook into a PDF in the dress of the brief. It is run first when it has no outputs or -p is given."""
    from forecast.paper import publish_notebook

    more = {} if status is None else {"status": status}
    made = publish_notebook(notebook, out, parameter or [], code=code, **more)
    typer.echo(f"notebook    {'run for this' if made.executed else 'as it is, with its outputs'}")
    for note in made.notes:
        typer.echo(f"note        {note}")
    typer.echo(f"written     {made.path}")


def figure(
    name: Annotated[str | None, typer.Argument(help="A figure of the brief; --list names them.")] = None,
    scenarios: Annotated[str, typer.Option(help="Scenarios or regimes with commas between.")] = "baseline",
    regime: Annotated[list[str] | None, typer.Option(help="A regime of the scenarios. May be given several times.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The folder; reports/figures if left out.")] = None,
    lang: Annotated[str, typer.Option(help="The language of the figure.")] = "en",
    draws: Annotated[int | None, typer.Option(help="Draws in place of the scenario's.", min=16, max=200_000)] = None,
    names: Annotated[bool, typer.Option("--list", help="Which figures there are.")] = False,
) -> None:
    """Make one figure of the brief alone as SVG, PNG, CSV and words, for one scenario or several; runs what has not run yet."""
    from forecast.alone import NAMES, figure_files
    from forecast.contract import BadInput

    if names:
        for each, about in NAMES.items():
            typer.echo(f"{each:<18} {about}")
        return
    if name is None:
        raise BadInput("which figure?", key="NAME", found="nothing", expected=", ".join(NAMES), mend="forecast figure --list")
    words = [word.strip() for word in scenarios.split(",") if word.strip()]
    for path in figure_files(name, words, regime or [], out, lang=lang, draws=draws):
        typer.echo(f"written     {path}")


def explore(context: typer.Context) -> None:
    """Open the explorer as a page without code cells, on this machine only and with a token; --no-browser is passed on."""
    from forecast.lab import open_explorer

    open_explorer(context.args)
