"""No number on a page stands in code or template: each comes from the run, or is a name, a unit or a convention listed here."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "reports" / "template").glob("*.typ"))
SPOKEN = [
    *sorted((ROOT / "forecast" / "figures").glob("*.py")),
    *sorted((ROOT / "forecast" / "tables").glob("*.py")),
    *sorted((ROOT / "forecast" / "brief").glob("*.py")),
    *(ROOT / "forecast" / f"{name}.py" for name in ("supply", "vendors", "gates", "breadth", "trends", "lawpictures")),
]
ALLOWED = {
    r"H100e?|H200|H20\b|GB300e|HBM\d\w*|A800|B30A": "names of chips, memory and units",
    r"\b8-bit\b|\bFP[48]\b|\bINT8\b": "names of number formats",
    r"\b90 ?%|5th, 50th and 95th|\b5 to 95\b": "the interval that all pages give: forecast.rows.PROBABILITIES",
    r"\b\d+ nm\b|\b[57]nm\b": "names of process nodes",
    r"\b15 CFR [\d.]+|\b\d+ FR \d+": "citations",
    r"\b3A090|\b4A090|\b5A992": "entries of the control list",
    r"PDF/[AU]A?-\d\w?": "names of standards",
    r"665\.6 mm2|of 16 GB": "the units in which dies and stacks are counted: forecast.stages.fabrication",
    r"[Bb]efore 2026|since 2022": "where the model and the record begin: forecast.scenario.FIRST, EARLIEST_ORIGIN",
    r"Ascend 910C": "a product",
    r"\b50 ?%": "the inner band of pictures: forecast.rows.PROBABILITIES",
    r"\b1 per cm\^2|\b1/(quarter|year)\b|\b(200|300) mm wafers|\bmm2\b": "units",
    r"\(1 \+ |[−-] 1\b|\b1 [−÷-] ": "the one of a formula",
    r"category 3B|letters? of April 2025": "names of rules and licences",
    r"start of 2026": "the bound at which the stockpile of memory is counted: params/fabs/stockpile.csv",
    r"Q4": "the last quarter of a year, in a label that is asked for",
}
"""What may hold digits, and why."""

KEYS = {"title", "note", "alt", "header"}
"""Arguments of figures and tables that a reader sees."""


def bare(text):
    """The digits of a text that are none of the allowed ones."""
    for pattern in ALLOWED:
        text = re.sub(pattern, "", text)
    return re.findall(r"\d+", text)


def seen(path):
    """Texts of a Python file that reach a page as they stand: titles, notes, descriptions, heads, sentences."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        parts = [word.value for word in node.keywords if name in ("Drawing", "Table") and word.arg in KEYS]
        parts += node.args[:1] if name in ("_", "N_", "counted") else []
        for part in parts:
            for held in ast.walk(part):
                if isinstance(held, ast.Constant) and isinstance(held.value, str):
                    yield held.lineno, held.value


@pytest.mark.parametrize("path", SPOKEN, ids=lambda path: path.stem)
def test_titles_notes_descriptions_and_heads_hold_no_number_of_their_own(path):
    assert [(line, text) for line, text in seen(path) if bare(text)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_words_of_the_template_hold_no_number_of_their_own(path):
    page = re.sub(r"(?m)(?<!:)//.*$", "", path.read_text(encoding="utf-8"))
    words = [text for text in re.findall(r'"((?:[^"\\]|\\.)*)"', page) if re.search(r"[A-Za-z]{2,} [A-Za-z]", text)]
    assert [text for text in words if bare(text)] == []


@pytest.mark.parametrize(
    "path",
    [path for path in TEMPLATES if path.name not in ("style.typ", "common.typ", "web.typ", "notebook-parts.typ")],
    ids=lambda p: p.name,
)
def test_markup_of_the_template_holds_no_number_of_its_own(path):
    page = re.sub(r"(?m)(?<!:)//.*$", "", path.read_text(encoding="utf-8"))
    page = re.sub(r'"(?:[^"\\]|\\.)*"', "", page)
    for code in (r"-?\d+(\.\d+)?(mm|pt|fr|em|%)", r"\((\d(, )?)*\d\)", r"[-+*<>=]+ \d+", r"most: \d+"):
        page = re.sub(code, "", page)
    assert [line for line in page.splitlines() if bare(line)] == []


def test_the_scan_finds_a_number_where_there_is_one(tmp_path):
    page = tmp_path / "page.py"
    page.write_text('Table(name="x", title=f"The first 512 draws of {y}", note="90% interval", header=[], rows=[])')
    assert [text for _, text in seen(page) if bare(text)] == ["The first 512 draws of "]
