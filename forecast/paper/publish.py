"""A notebook as a paper: run where it has to be, its cells chosen, its provenance stated, written whole or not at all."""

import ast
import datetime as dt
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from forecast.brief.pdf import STATUS, write_whole
from forecast.catalogue.home import digest, find_home
from forecast.catalogue.load import load
from forecast.contract import BadInput
from forecast.language import N_, _
from forecast.names import parse_quarter
from forecast.paper.pieces import has_outputs, pieces, tags, values_of
from forecast.paper.setting import converted, typeset, typst_of
from forecast.paper.tree import Tree, tree_of
from forecast.runner import declared, execute

FORMS = {".pdf": "pdf", ".html": "html", ".docx": "docx"}
CREDITS = N_("Data of Epoch AI are used under the Creative Commons Attribution licence (CC BY).")
RUNNING_LETTERS = 90
NO_DAY = dt.datetime(1980, 1, 1, tzinfo=dt.UTC)
"""The date that a file bears whose notebook names no evidence: an archive asks for one, and the clock would vary."""


class Published(NamedTuple):
    """What was written, whether the notebook was run for it, and what a person should know of it."""

    path: Path
    executed: bool
    notes: tuple[str, ...]


def publish_notebook(
    path: Path, out: Path | None = None, given: Sequence[str] = (), *, code: bool = False, status: str = STATUS
) -> Published:
    """Write a notebook as PDF, HTML or Word by the suffix of `out`; equal notebooks and parameters give equal bytes.

    It is run first where it has no outputs or where parameters are given as NAME=VALUE. Raises BadInput where the notebook is
    none, a cell fails, a picture has no words, or the file cannot be written.
    """
    path = path.absolute()
    target = (out or path.with_suffix(".pdf")).absolute()
    _writable(target)
    book = read(path)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        values = parameters(path, given)
        run = bool(given) or not has_outputs(book)
        if run:
            book = _executed(path, book, values, work)
        tree = tree_of(pieces(book, path, code=code), path, work / "pictures", path.stem.replace("_", " "))
        told: set[str] = set()
        data, moment = _front(tree, book, path, status, told)
        if FORMS[target.suffix] == "pdf":
            body = typst_of(tree, path, told)
            write_whole(typeset(data, body, work / "pictures", moment), target)
        else:
            made = work / f"made{target.suffix}"
            converted(tree, data, FORMS[target.suffix], work, made)
            write_whole(made.read_bytes(), target)
    return Published(target, run, tuple(sorted(told)))


def _writable(target: Path) -> None:
    if target.suffix not in FORMS or target.is_dir() or not target.parent.is_dir():
        expected = f"a file that ends in {', '.join(FORMS)}, in a folder that exists"
        raise BadInput("The paper cannot be written there", file=target, expected=expected)


def read(path: Path) -> dict[str, Any]:
    """A notebook of format 4. Raises BadInput for anything else."""
    try:
        book: dict[str, Any] = json.loads(path.read_bytes().decode("utf-8"))
        if book["nbformat"] != 4 or not all(cell["cell_type"] and "source" in cell for cell in book["cells"]):
            raise ValueError("another format")
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
        found = "no such file" if isinstance(problem, FileNotFoundError) else f"{type(problem).__name__}: {problem}"
        raise BadInput(
            "The notebook cannot be read", file=path, found=found, expected="a notebook (.ipynb), format 4",
            mend="check the name, or open it in JupyterLab and save it",
        ) from None  # fmt: skip
    return book


def parameters(path: Path, given: Sequence[str]) -> dict[str, Any]:
    """NAME=VALUE as the notebook's values: text where its default is text, else a number, True, False, None or a list."""
    for pair in given:
        if not re.fullmatch(r"\s*[^\W\d]\w*\s*=.*", pair, re.DOTALL):
            raise BadInput("A parameter that cannot be read", key="-p", found=pair, expected="NAME=VALUE")
    known = declared(path) if given else {}
    values: dict[str, Any] = {}
    for name, _equals, text in (pair.partition("=") for pair in given):
        name = name.strip()
        one = known.get(name)
        is_text = one is not None and (isinstance(one.default, str) or str(one.annotation).startswith("str"))
        try:
            values[name] = text if is_text else ast.literal_eval(text)
        except (ValueError, SyntaxError):
            values[name] = text
    return values


def _executed(path: Path, book: Mapping[str, Any], values: Mapping[str, Any], work: Path) -> dict[str, Any]:
    """The notebook run by our runner; one without a cell of parameters gets an empty one. Raises BadInput where it fails."""
    source = path
    if not any("parameters" in tags(cell) for cell in book["cells"]):
        empty: dict[str, Any] = {
            "cell_type": "code",
            "metadata": {"tags": ["parameters"]},
            "source": "",
            "outputs": [],
            "execution_count": None,
        }
        source = work / path.name
        source.write_text(json.dumps({**book, "cells": [*book["cells"], empty]}), encoding="utf-8")
    done = execute(source, values, work / "executed" / "done.ipynb", root=_root(path))
    if done.status != "done":
        raise BadInput(
            "The notebook did not run to its end, so nothing was published",
            file=path,
            key=done.status,
            found=done.error,
            mend="open it in JupyterLab, mend the cell, and publish it again",
        )
    return read(done.path)


def _root(path: Path) -> Path:
    """Where a notebook runs: ours in the working folder, any other where it lies, as Jupyter does."""
    try:
        home = find_home(path.parent)
    except BadInput:
        return path.parent
    return home if path.is_relative_to(home / "notebooks") or path.is_relative_to(home / "reports") else path.parent


def manifest_of(path: Path, values: Mapping[str, str]) -> dict[str, Any] | None:
    """The manifest of the run that a notebook stands in or was pointed at; None where there is none."""
    places = [path.parent]
    if values.get("run_folder"):
        try:
            places.append(find_home(path.parent) / values["run_folder"])
        except BadInput:
            places.append(path.parent / values["run_folder"])
    for place in places:
        try:
            held: dict[str, Any] = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if {"fingerprint", "as_of"} <= set(held):
            return held
    return None


def _front(tree: Tree, book: Mapping[str, Any], path: Path, status: str, told: set[str]) -> tuple[dict[str, Any], dt.datetime]:
    """What the frame of the pages says, and the moment that the file bears: the evidence's, never the clock's."""
    from forecast.paper.letters import breakable, drawn

    def refuse(letter: str) -> BadInput:
        return BadInput("The fonts of the report have no such letter", file=path, key="title or parameters", found=letter)

    def ours(text: str) -> str:
        return drawn(text, refuse, told)

    values = values_of(book)
    manifest = manifest_of(path, values)
    origin = manifest["as_of"] if manifest else _origin(values, path)
    day = _last_day(origin) if origin else NO_DAY
    mark = digest(path)[:12]
    title = ours(tree.title)
    if manifest is None:
        foot, cited = _("Notebook {mark}", mark=mark), _("notebook {mark}", mark=mark)
    else:
        name = manifest["fingerprint"]
        foot = _("Run {name} · evidence up to the end of {origin}", name=name, origin=origin)
        cited = _("evidence to {day}, run {name}", day=f"{day:%Y-%m-%d}", name=name)
    data = {
        "title": breakable(title),
        "running": title if len(title) <= RUNNING_LETTERS else title[: RUNNING_LETTERS - 1] + "…",
        "kind": _("Notebook"),
        "status": ours(status),
        "date": [day.year, day.month, day.day],
        "foot": foot,
        "heads": [_("Parameter"), _("Value")],
        "parameters": [[ours(name), breakable(ours(value))] for name, value in values.items() if value != ""],
        "credits": _(CREDITS),
        "citation": _("Cite as: “{title}”, forecast, {cited}.", title=title, cited=cited),
    }
    return data, day


def _origin(values: Mapping[str, str], path: Path) -> str | None:
    """The origin of the scenario that a notebook ran with; None where it names none that is known."""
    for start in (path.parent, Path.cwd()):
        try:
            return load(values.get("scenario", ""), find_home(start)).as_of
        except BadInput:
            continue
    return None


def _last_day(quarter: str) -> dt.datetime:
    last = pd.Timestamp(parse_quarter(quarter)) + pd.offsets.QuarterEnd(0)
    return dt.datetime(last.year, last.month, last.day, tzinfo=dt.UTC)
