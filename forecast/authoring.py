"""Writing params for a person: a new scenario file, a row of a table. Checked against everything; written whole or not at all."""

import bisect
import csv
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from forecast.adhoc import CHILD, PREFIX
from forecast.catalogue import law
from forecast.catalogue.check import check_all
from forecast.catalogue.home import find_home
from forecast.catalogue.load import Catalogue, load, nearest, open_catalogue
from forecast.catalogue.schema import TABLES
from forecast.catalogue.tables import Column
from forecast.catalogue.yamlfile import read_text
from forecast.contract import BadInput
from forecast.regime import known, parted, plain_name
from forecast.scenario import Scenario

KINDS: dict[str, tuple[str, dict[str, Column]]] = {
    "observation": ("history/acquisitions.csv", TABLES["history/acquisitions.csv"]),
    "chip": ("gpus/chips.csv", law.CHIP_COLUMNS),
    "source": ("sources.csv", TABLES["sources.csv"]),
}
"""What can be added a row at a time, and the table it goes to."""

MODELINE = "# yaml-language-server: $schema=../schema/scenario.json\n"
"""What tells an editor with a YAML language server by which schema it may complete and check."""

_NAME = re.compile(r"^[a-z0-9][a-z0-9_-]*$")


def new_scenario(
    name: str, parent: str, title: str | None = None, regimes: Sequence[str] | None = None, home: Path | None = None
) -> Path:
    """Write a commented scenario file that extends another. Refuses a name that is taken or cannot be one."""
    found = find_home(home)
    catalogue = open_catalogue(found)
    path = _new_path(name, found, catalogue)
    if Path(parent).suffix:
        raise BadInput("a parent is named, not given by its path", found=parent, mend=f"write {Path(parent).stem!r}")
    base = load(parent, found)
    chosen = [plain_name(regime) for regime in regimes] if regimes else None
    for regime in chosen or ():
        if not known(regime, catalogue.regimes):
            words = list(catalogue.regimes)
            raise BadInput("unknown regime", found=regime, expected=", ".join(words), mend=nearest(regime, words))
    return _written(path, _scenario_text(name, parent, title or f"{base.title} ({name})", chosen or [], base.regimes), found)


def _new_path(name: str, home: Path, catalogue: Catalogue) -> Path:
    """Where a new scenario will lie. Refuses a name that is taken or cannot be one."""
    if not _NAME.match(name) or name.startswith(PREFIX):
        raise BadInput(
            "not a name for a scenario", found=name,
            expected=f"small letters, digits, - and _, beginning with a letter or digit, not with {PREFIX!r}",
        )  # fmt: skip
    path = home / "params" / "scenarios" / f"{name}.yaml"
    if path.exists() or name in catalogue.regimes:
        what = "a scenario of this name exists" if path.exists() else "a regime has this name"
        raise BadInput(what, file=path if path.exists() else None, found=name, mend="choose another name, or edit the file")
    return path


def _written(path: Path, text: str, home: Path) -> Path:
    """A new scenario file, taken back if it cannot be loaded."""
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(text)
    try:
        load(path.stem, home)
    except BadInput:
        path.unlink()
        raise
    return path


def save_scenario(asked: Scenario, parent: str, name: str, by: str, why: str, source: str = "", home: Path | None = None) -> Path:
    """Write a scenario in memory as a file that extends another and holds only what differs from it, by whom and why.

    The regime in memory gets the name of the scenario. Raises BadInput on a bad name, a missing author or reason, an
    unknown source, or where nothing differs.
    """
    found = find_home(home)
    catalogue = open_catalogue(found)
    path = _new_path(name, found, catalogue)
    who = {"by": (by.strip(), 2, "your name"), "why": (why.strip(), 8, "the reason in a sentence")}
    for key, (text, least, wanted) in who.items():
        if len(text) < least:
            raise BadInput(f"a change needs {wanted}", key=key, found=text or "nothing", expected=f"at least {least} letters")
    known_sources = set(catalogue.table("sources.csv")["source"])
    if source.strip() and source.strip() not in known_sources:
        raise BadInput("an unknown source", key="source", found=source, mend=nearest(source, known_sources) or "leave it empty")
    data = _differing(
        asked, load(parent, found), f"{name}-rules", {"by": by.strip(), "reason": why.strip(), "source": source.strip()}
    )
    if not data:
        raise BadInput("nothing is changed, so there is nothing to save", mend="move a control first")
    made = io.StringIO()
    writer = YAML()
    writer.width = 120
    writer.dump({"name": name, "extends": parent, "title": f"{why.strip().rstrip('.')}", **data}, made)
    return _written(
        path, f"{MODELINE}# Saved by the explorer. What is not written here is taken from {parent}.\n{made.getvalue()}", found
    )


def _differing(asked: Scenario, base: Scenario, own: str, passport: dict[str, str]) -> dict[str, Any]:
    """The fields of a scenario file in which a scenario in memory differs from its parent."""
    stated = {key: text for key, text in passport.items() if text}
    out: dict[str, Any] = {}
    for child in asked.what_ifs:
        if child.name != CHILD:
            continue
        told = {"name": own, "author": passport["by"], "title": passport["reason"], "citation": "No text exists; a question"}
        card = child.model_dump(mode="json", exclude_defaults=True) | told
        card["moves"] = [{**move, "reason": passport["reason"]} for move in card["moves"]]
        out["what_ifs"] = [*(each.model_dump(mode="json", exclude_defaults=True) for each in base.what_ifs), card]
        laid = next(name for name in asked.regimes if parted(name)[0] == CHILD)[len(CHILD) :]
        out["regimes"] = [f"{child.parent}{laid}", own + laid]
    changed = {key: one for key, one in asked.overrides.items() if base.overrides.get(key) != one}
    if changed:
        out["overrides"] = {key: one.model_dump(mode="json", exclude_none=True) | stated for key, one in changed.items()}
    return {key: out[key] for key in ("regimes", "overrides", "what_ifs") if key in out}


def _scenario_text(name: str, parent: str, title: str, regimes: Sequence[str], inherited: Sequence[str]) -> str:
    """A scenario file with a comment for each thing that can be changed."""
    own = f"regimes: [{', '.join(regimes)}]" if regimes else f"# regimes: [{', '.join(inherited)}]"
    return f"""{MODELINE.rstrip()}
# What is not written here is taken from {parent}. Check with: forecast check; see with: forecast show {name}.
name: {name}
extends: {parent}
title: {json.dumps(title, ensure_ascii=False)}
# question: >-
#   The question in one sentence, as it stands on page one of the brief.

# The first regime is the one that the others are compared with. forecast list names them all.
{own}

# draws: 2048    # 256 for a first look
# as_of: 2026Q3  # last quarter that counts as observed

# Where experts dispute the form, both forms are sampled (params/forks.csv); fix one to see it alone.
# forks: {{bottlenecks: rebalancing, diversion: gap, world: trend}}

# Assumptions that this question changes, each by whom and why. forecast show {parent} names all inputs with their units.
# overrides:
#   pue:
#     exact: 1.2                        # or spread: {{p05: 1.1, p50: 1.2, p95: 1.4}}
#     by: A. Analyst
#     reason: why another value is more likely
#   hbm_domestic:
#     factor: 0.5                       # times the default belief, draw by draw
#     since: 2027Q2                     # a step: nothing changes before this quarter; only for inputs with a path
#     by: A. Analyst
#     reason: why half of it is more likely from then on
"""


def add_row(kind: str, given: Sequence[str], home: Path | None = None) -> tuple[Path, int]:
    """Add one row to the table of a kind from COLUMN=VALUE words, checked against all of params. Returns file and line."""
    if kind not in KINDS:
        raise BadInput("nothing of this kind can be added", found=kind, expected=", ".join(KINDS), mend=nearest(kind, KINDS))
    found = find_home(home)
    open_catalogue(found)
    name, columns = KINDS[kind]
    path = found / "params" / name
    values = _cells(given, columns, path)
    text = read_text(path)
    header, *rows = text.splitlines(keepends=True)
    order = [cell.split(" [")[0] for cell in next(csv.reader([header]))]
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerow([values.get(column, "") for column in order])
    keys = [next(csv.reader([row]))[0] for row in rows]
    place = bisect.bisect_right(keys, values[order[0]]) if keys == sorted(keys) else len(rows)
    if rows and not rows[-1].endswith("\n"):
        rows[-1] += "\n"
    whole = "".join([header, *rows[:place], made.getvalue(), *rows[place:]])
    _check_with(found, path, whole)
    hidden = path.with_name(f".{path.name}.{os.getpid()}")
    hidden.write_text(whole, encoding="utf-8", newline="\n")
    hidden.replace(path)
    return path, place + 2


def _cells(given: Sequence[str], columns: dict[str, Column], path: Path) -> dict[str, str]:
    """COLUMN=VALUE words as cells; every column that may not be empty must be there."""
    values: dict[str, str] = {}
    for word in given:
        column, equals, value = word.partition("=")
        if not equals or column not in columns:
            raise BadInput(
                "not a column and a value", file=path, found=word, expected=_wanted(columns), mend=nearest(column, columns)
            )
        if column in values:
            raise BadInput("the same column twice", file=path, key=column, found=word)
        values[column] = value.strip()
    missing = [column for column, kind in columns.items() if not kind.empty and not values.get(column)]
    if missing:
        raise BadInput("columns are missing", file=path, key=", ".join(missing), expected=_wanted(columns))
    return values


def _wanted(columns: dict[str, Column]) -> str:
    """The columns of a table as a person types them, those that may stay out in brackets."""
    words = [(f"{name}=…" + (f" [{column.unit}]" if column.unit else ""), column.empty) for name, column in columns.items()]
    return " ".join(f"({word})" if empty else word for word, empty in words)


def _check_with(home: Path, path: Path, text: str) -> None:
    """Check all of params with one file replaced, in a copy, so that a wrong row is never written."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder).resolve() / "desk"
        shutil.copytree(home / "params", copy / "params")
        twin = copy / path.relative_to(home)
        twin.write_text(text, encoding="utf-8", newline="\n")
        try:
            list(check_all(copy))
        except BadInput as problem:
            file = Path(problem.file or "")
            place = home / file.relative_to(copy) if file.is_relative_to(copy) else problem.file
            raise BadInput(
                problem.what, file=place, line=problem.line, key=problem.key, found=problem.found,
                expected=problem.expected, mend=problem.mend,
            ) from None  # fmt: skip
