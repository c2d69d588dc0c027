"""A run as an XLSX workbook: a first sheet that says what it is, a sheet for each figure and table, inputs, sources."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from forecast.brief.pdf import draw_all, read_summary, tabulate_all
from forecast.brief.side import side_results
from forecast.catalogue.load import open_catalogue
from forecast.dossier import dossier
from forecast.explain import explain, value_words
from forecast.figures import Drawing
from forecast.folder import Run, open_result, open_summary
from forecast.scenario import Scenario
from forecast.tables import Rows, Scope, Table

WIDEST = 60
"""Characters beyond which a column is not widened."""

LONGEST = 31
"""Characters that a sheet's name may have."""


def write_workbook(made: Run, scenario: Scenario, path: Path, home: Path | None = None) -> Path:
    """Write the workbook of a finished run, whole or not at all. Units stand in the heads or beside each number."""
    catalogue = open_catalogue(home)
    table = open_summary(made.folder)
    with open_result(made.folder) as opened:
        result = opened.load()
    context = dossier(scenario, catalogue, result, made.manifest)
    scope = Scope.of(context)
    side = side_results(scenario, catalogue, made.folder, result, scope, Rows(table))
    context |= {"side": side}
    rows = read_summary(made.folder, side["rows"])
    book = Workbook()
    book.remove(book.active)
    pieces: list[Drawing | Table] = [*draw_all(rows, scope, context).values(), *tabulate_all(rows, scope, context).values()]
    _sheet(book, "Read me", ["what", "here"], _about(made, scenario, [(piece.name, piece.title) for piece in pieces]))
    for piece in pieces:
        _frame(book, piece.name, piece.data, piece.title, piece.note)
    _frame(book, "Summary", table, "Every number of this run: one a row, with its unit", "p05 to p95 are quantiles over draws.")
    told = explain(scenario, catalogue)["inputs"]
    _sheet(book, "Inputs", ["input", "what it is", "unit", "value", "basis", "confidence", "sources", "origin", "why"], [
        [name, one["about"], one["unit"], value_words(one), one["basis"], one["confidence"], ", ".join(one["sources"]),
         one["origin"], one.get("override", one)["reason"]]
        for name, one in told.items()
    ])  # fmt: skip
    _frame(book, "Sources", pd.DataFrame(list(context["sources"])), "What this run rests on", "")
    hidden = path.with_name(f".{path.name}.{os.getpid()}")
    book.save(hidden)
    return hidden.replace(path)


def _about(made: Run, scenario: Scenario, pieces: Iterable[tuple[str, str]]) -> list[list[object]]:
    """The first sheet: the question, what the run rests on, and what each sheet holds."""
    sheets: list[list[object]] = [[f"sheet {_named(name)}", title] for name, title in pieces]
    return [
        ["title", scenario.title], ["question", scenario.question], ["regimes", ", ".join(scenario.regimes)],
        ["as of", scenario.as_of], ["draws", scenario.draws], ["seed", scenario.seed],
        ["fingerprint", made.manifest["fingerprint"]], ["code version", made.manifest["code_version"]],
        ["unit", "One H100e is the dense 8-bit rate of one NVIDIA H100 (1 979 TOP/s)."], ["", ""],
        *sheets,
        ["sheet Summary", "all quantiles, long"], ["sheet Inputs", "every input with unit, value, source"],
        ["sheet Sources", "the bibliography"],
    ]  # fmt: skip


def _named(name: str) -> str:
    return name[:LONGEST]


def _frame(book: Workbook, name: str, frame: pd.DataFrame, title: str, note: str) -> None:
    """A table as a sheet: title and note first, then heads and rows."""
    plain = frame.reset_index() if frame.index.name else frame
    _sheet(book, name, [str(column) for column in plain.columns], plain.itertuples(index=False, name=None), title, note)


def _sheet(
    book: Workbook, name: str, heads: Sequence[str], rows: Iterable[Sequence[object]], title: str = "", note: str = ""
) -> None:
    """A sheet with bold heads that stay in view and columns as wide as their text."""
    sheet: Any = book.create_sheet(_named(name))
    for text in filter(None, (title, note)):
        sheet.append([text])
    top = sheet.max_row if title or note else 0
    sheet.append(list(heads))
    wide = [len(head) for head in heads]
    for row in rows:
        cells = [_plain(value) for value in row]
        sheet.append(cells)
        wide = [max(width, len(str(cell or ""))) for width, cell in zip(wide, cells, strict=True)]
    for number, width in enumerate(wide, 1):
        sheet.cell(top + 1, number).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(number)].width = min(width, WIDEST) + 2
    if title:
        sheet["A1"].font = Font(bold=True, size=13)
    for cell in [each[0] for each in sheet.iter_rows(min_row=1, max_row=top)]:
        cell.alignment = Alignment(wrap_text=False)
    sheet.freeze_panes = sheet.cell(top + 2, 1)


def _plain(value: object) -> Any:
    """A cell that a spreadsheet takes; text that begins like a formula stays text."""
    if value is None or (isinstance(value, float) and value != value):
        return None
    if hasattr(value, "item"):
        return value.item()
    if isinstance(value, int | float | bool):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "@")) else text
