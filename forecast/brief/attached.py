"""What a report carries inside: enough to read every number of its pages, and to make the run again.

PDF/A-2 forbids attachments other than PDF/A files; PDF/A-3 is the same with files of any kind. So a report that carries its
evidence is PDF/A-3a, and one without (`attach=False`) is PDF/A-2a. Both are PDF/UA-1.
"""

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from ruamel.yaml import YAML

from forecast.brief.commentary import note_files, note_folder
from forecast.brief.last import FILE as PUBLISHED
from forecast.brief.numbers import Numbers
from forecast.catalogue.load import Catalogue, with_own
from forecast.language import N_, spoken
from forecast.regime import layers
from forecast.scenario import Scenario

FORMAT = 1
"""Version of the set of attachments: raised when a reader of older ones would misread newer ones."""

STANDARDS_WITH: list[Any] = ["a-3a", "ua-1"]
STANDARDS_WITHOUT: list[Any] = ["a-2a", "ua-1"]


class Kept(NamedTuple):
    """One attachment: what it holds, its kind of file, and its relation to the document in the words of PDF/A-3."""

    about: str
    mime: str
    relation: str


FILES = {
    "report.json": Kept(N_("Which report this is: kind, language, version of the attachments"), "application/json", "data"),
    "manifest.json": Kept(N_("What the run rests on: parameters by hash, code, packages, seed"), "application/json", "data"),
    "numbers.csv": Kept(N_("Every number of the text by id, with the rows that it was read from"), "text/csv", "data"),
    "pages.json": Kept(N_("Every text, table and number as handed to the page"), "application/json", "source"),
    "rows.csv": Kept(N_("The rows of the run's summary that the pages show"), "text/csv", "data"),
    "scenario.yaml": Kept(N_("The question, with all that it extends"), "application/yaml", "source"),
    "regimes.yaml": Kept(N_("Every step of law that a regime of the question is made of"), "application/yaml", "source"),
    "headlines.csv": Kept(N_("The headlines of the last published brief, which this one is set beside"), "text/csv", "data"),
}  # fmt: skip
"""Attachments by name, in the order in which a reader lists them; the analysts' notes follow."""

NOTE = "note-"
"""How the name of an attached note begins; the name of its file follows."""

OF_NOTES = Kept(N_("A note of the analysts, as written"), "text/markdown", "source")

NEEDED = ("report.json", "manifest.json", "numbers.csv", "pages.json", "rows.csv")
"""Attachments without which a report cannot be checked at all; without the question it can be checked by its rows only."""


def question_files(scenario: Scenario, catalogue: Catalogue, last: pd.DataFrame) -> dict[str, str]:
    """The question and its law as YAML, the last brief's headlines if any, the notes: by the names of the attachments."""
    book = with_own(catalogue, scenario).regimes
    steps = {layer.name: layer for name in scenario.regimes for layer in layers(name, book)}
    law = [layer.model_dump(mode="json", exclude_none=True, exclude_defaults=True) for layer in steps.values()]
    asked = scenario.model_dump(mode="json", exclude_none=True)
    notes = {NOTE + path.name: path.read_bytes().decode("utf-8") for path in note_files(scenario.name, catalogue.home)}
    return (
        {"scenario.yaml": _yaml(asked), "regimes.yaml": _yaml(law)}
        | ({PUBLISHED.name: csv_text(last)} if len(last) else {})
        | notes
    )


def put_back(files: Mapping[str, bytes], scenario: str, home: Path) -> None:
    """What a report carries beside its question, where a run of that question under another home looks for it."""
    for path in note_files(scenario, home):
        path.unlink()
    notes = {note_folder(scenario, home) / name.removeprefix(NOTE): name for name in files if name.startswith(NOTE)}
    last = {home / PUBLISHED: PUBLISHED.name} if PUBLISHED.name in files else {}
    for path, name in (notes | last).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[name])


def _yaml(data: object) -> str:
    """Plain data as YAML, keys in their order, long lines whole."""
    writer, out = YAML(typ="safe", pure=True), io.StringIO()
    writer.default_flow_style, writer.allow_unicode, writer.width = False, True, 10_000
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.dump(data, out)
    return out.getvalue()


def bundle(
    numbers: Numbers, data: Mapping[str, Any], run_folder: Path, kind: str, question: Mapping[str, str]
) -> dict[str, bytes]:
    """All attachments of a report as bytes, by name; equal runs give equal bytes."""
    report = {"format": FORMAT, "made by": "forecast", "kind": kind, "language": spoken()}
    made = {
        "report.json": _json(report),
        "manifest.json": (run_folder / "manifest.json").read_text(encoding="utf-8"),
        "numbers.csv": csv_text(numbers.table()),
        "pages.json": _json(data),
        "rows.csv": csv_text(numbers.rows.read()),
        **question,
    }
    names = [*(name for name in FILES if name in made), *(name for name in made if name.startswith(NOTE))]
    return {name: made[name].encode("utf-8") for name in names}


def listed_for_pages(files: Mapping[str, bytes]) -> list[dict[str, str]]:
    """The attachments as the template reads them."""
    return [{"name": name, **FILES.get(name, OF_NOTES)._asdict()} for name in files]


def hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    """The first 16 hexadecimal digits of the SHA-256 of each attachment: what the provenance prints."""
    return {name: hashlib.sha256(content).hexdigest()[:16] for name, content in files.items()}


def hashes_in_words(files: Mapping[str, bytes]) -> str:
    """Attachments with their hashes in one line."""
    return ", ".join(f"{name} {digits}" for name, digits in hashes(files).items())


def csv_text(table: pd.DataFrame) -> str:
    """A table as CSV with the same bytes on all machines."""
    return str(table.to_csv(index=False, lineterminator="\n"))


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
