"""Gather the texts of pages and bring every catalogue up to date: python -m forecast.languages.extract [NEW LANGUAGE].

Texts stand in the code (_, N_, counted, sentence), in the template (t), and in those fields of params that a page shows.
"""

import ast
import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import yaml
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parent
HOME = HERE.parents[1]

CALLS = {"_": 1, "N_": 1, "sentence": 1, "counted": 2}
"""Functions that are given texts, and how many: a count has two forms."""

FIELDS = {"regimes": ("title", "short", "summary", "citation"), "scenarios": ("title", "question")}
"""Fields of YAML files of params that are texts, by folder; a folder that is not named holds quantities."""

OF_QUANTITIES = ("about", "reason")
OF_RULES = ("paragraph",)

COLUMNS: dict[str, tuple[str, ...]] = {
    "demand/buyers.csv": ("label",),
    "demand/sectors.csv": ("sector",),
    "demand/supernodes.csv": ("label",),
    "fabs/independent_run.csv": ("label", "why"),
    "fabs/lines.csv": ("site", "node"),
    "fabs/packages.csv": ("type",),
    "fabs/shipments.csv": ("product", "kind", "note"),
    "fabs/stockpile.csv": ("side", "label", "reason"),
    "fabs/views.csv": ("who", "binds", "says"),
    "fabs/yields.csv": ("node", "kind", "note"),
    "fitted/ramps.csv": ("form",),
    "history/comparators.csv": ("note",),
    "history/hand_arithmetic.csv": ("what",),
    "history/training_runs.csv": ("developer",),
    "history/trends.csv": ("about", "touches"),
    "tripwires.csv": ("label", "unit", "seen_in"),
    "turning_points.csv": ("reason",),
    "units.csv": ("label",),
}
"""Columns of tables of params that are texts."""

Found = Iterator[tuple[int, str, str, list[str]]]
UNSAID = re.compile(r'"(POT-|PO-|Project-Id|Report-|Last-|Language-Team|Generated)')
"""Lines of a catalogue's head that would change without a change of its texts."""

WORD = re.compile(r"[a-z]{2,}")


def of_code(file: BinaryIO, keywords: object, comments: object, options: object) -> Iterator[tuple[int, str, Any, list[str]]]:
    """Texts of the code: what stands as a plain text in a call of CALLS."""
    for node in ast.walk(ast.parse(file.read())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in CALLS:
            continue
        told = [each.value for each in node.args[: CALLS[node.func.id]] if isinstance(each, ast.Constant) and each.value]
        if len(told) == CALLS[node.func.id] and all(isinstance(text, str) for text in told):
            yield node.lineno, "counted" if len(told) == 2 else "", tuple(told) if len(told) == 2 else told[0], []


def of_template(file: BinaryIO, keywords: object, comments: object, options: object) -> Found:
    """Texts of a page's template: t("...")."""
    text = file.read().decode()
    for found in re.finditer(r"\bt\(\s*\"((?:[^\"\\]|\\.)*)\"", text):
        yield text[: found.start()].count("\n") + 1, "", re.sub(r"\\(.)", r"\1", found[1]), []


def of_parameters(file: BinaryIO, keywords: object, comments: object, options: object) -> Found:
    """Texts of a YAML file of params."""
    held = yaml.safe_load(file) or {}
    folder = Path(file.name).relative_to(HOME / "params").parts[0]
    found = _fields(held, FIELDS[folder]) if folder in FIELDS else _anywhere(held, OF_QUANTITIES)
    for text in (*found, *(_anywhere(held, OF_RULES) if folder == "regimes" else ())):
        if WORD.search(text):
            yield 1, "", text, []


def _fields(held: Mapping[str, Any], names: Iterable[str]) -> Iterator[str]:
    """Texts of some fields, and the reasons of what a scenario changes."""
    changed = [each.get("reason") for each in (held.get("overrides") or {}).values()]
    yield from (str(text) for text in (*map(held.get, names), *changed) if text)


def _anywhere(held: object, names: Iterable[str]) -> Iterator[str]:
    """Texts of some fields at any depth."""
    if isinstance(held, Mapping):
        yield from (str(held[name]) for name in names if isinstance(held.get(name), str))
    for value in held.values() if isinstance(held, Mapping) else held if isinstance(held, list) else ():
        yield from _anywhere(value, names)


def of_tables(file: BinaryIO, keywords: object, comments: object, options: object) -> Found:
    """Texts of a table of params; what holds no word, as the name of a chip, is left out."""
    name = Path(file.name).relative_to(HOME / "params").as_posix()
    rows = csv.DictReader(line for line in file.read().decode().splitlines(keepends=True) if not line.startswith("#"))
    for row in rows if name in COLUMNS else ():
        yield from ((1, "", row[column], []) for column in COLUMNS[name] if WORD.search(row[column] or ""))


def vocabulary() -> Iterator[str]:
    """Texts that the model's own registers hold: what variables and levers are, and how each result is made."""
    from forecast.model.closing import METHODS
    from forecast.names import TERMS
    from forecast.rule import LEVERS

    yield from (term.about for term in TERMS.values())
    yield from (lever.about for lever in LEVERS.values())
    yield from METHODS.values()


def gathered() -> Catalog:
    """All texts of all pages, without a translation."""
    found = Catalog(project="forecast", charset="utf-8")
    with (HERE / "texts.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    for _name, _line, text, comments, _context in extract_from_dir(HOME, methods, options, {"counted": (1, 2)}):
        if text and text != ("",):
            found.add(text, None, auto_comments=comments)
    for text in vocabulary():
        found.add(text)
    return found


def written(catalogue: Catalog) -> str:
    """A catalogue as text: in order, without dates and places, so that a change is seen as a change.

    Translations of texts that no page holds now stand at the end (#~) and come back with their text.
    """
    held = io.BytesIO()
    write_po(held, catalogue, width=130, no_location=True, sort_output=True)
    kept = [line for line in held.getvalue().decode().splitlines() if not UNSAID.match(line)]
    return "\n".join(kept).rstrip() + "\n"


def update(path: Path, template: Catalog) -> tuple[int, int]:
    """Bring one catalogue up to date; how many texts it holds and how many wait for a translation."""
    code = path.stem
    held = Catalog(locale=code, charset="utf-8", header_comment=f"# {code}\n")
    if path.exists():
        with path.open("rb") as file:
            held = read_po(file, locale=code)
    for message in held.obsolete.values():
        held[message.id] = message
    held.obsolete.clear()
    held.update(template, no_fuzzy_matching=True)
    held.obsolete = {key: message for key, message in held.obsolete.items() if all(_strings(message.string))}
    held.fuzzy = False
    path.write_text(written(held), encoding="utf-8")
    texts = [message for message in held if message.id]
    return len(texts), sum(not all(_strings(message.string)) or message.fuzzy for message in texts)


def _strings(string: object) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string or ("",))  # type: ignore[arg-type]


def main() -> None:
    """Update every catalogue, and begin those of new languages that are named."""
    template = gathered()
    paths = sorted({*HERE.glob("*.po"), *(HERE / f"{code}.po" for code in sys.argv[1:])})
    for path in paths:
        count, waiting = update(path, template)
        sys.stdout.write(f"{path.name}: {count} texts, {waiting} without a translation\n")


if __name__ == "__main__":
    main()
