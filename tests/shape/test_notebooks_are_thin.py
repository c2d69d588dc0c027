"""A notebook asks, shows and says; whatever computes lives in the package."""

import ast
import json
from pathlib import Path

import pytest

from forecast.contract import BadInput
from forecast.runner import declared

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").rglob("[!.]*.ipynb"))
MAX_CELLS, MAX_LINES = 15, 12
MAY_IMPORT = {"forecast", "pathlib", "matplotlib", "IPython"}
THICK = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.AsyncFor, ast.While)


def faults(path):
    """What makes a notebook thick, one sentence each."""
    try:
        declared(path)
    except BadInput as error:
        return [str(error)]
    code = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    found = [f"{len(code)} code cells, at most {MAX_CELLS}"] if len(code) > MAX_CELLS else []
    for number, cell in enumerate(code, 1):
        found += [f"code cell {number} {fault}" for fault in cell_faults(cell)]
    return found


def cell_faults(cell):
    """What makes one code cell thick, or shows that it was saved after a run."""
    source = "".join(cell["source"])
    if cell.get("outputs"):
        yield "has outputs; clear them"
    if cell.get("execution_count") is not None:
        yield "has an execution count; clear it"
    if "injected-parameters" in cell["metadata"].get("tags", []):
        yield "was put there by a run; delete it"
    if len(source.splitlines()) > MAX_LINES:
        yield f"is longer than {MAX_LINES} lines"
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        yield "is not plain Python"
        return
    if any(isinstance(node, THICK) for node in nodes):
        yield "defines or loops; move that to forecast/"
    if strangers := {name.split(".")[0] for node in nodes for name in imported(node)} - MAY_IMPORT:
        yield f"imports {', '.join(sorted(strangers))}; only {', '.join(sorted(MAY_IMPORT))} are for notebooks"


def imported(node):
    """Modules that a statement imports; a relative import has no name and counts as a stranger."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module if node.level == 0 else "."] if isinstance(node, ast.ImportFrom) else []


def test_every_notebook_is_thin():
    thick = {path.name: found for path in NOTEBOOKS if (found := faults(path))}
    assert not thick, "\n".join(f"{name}: {fault}" for name, found in thick.items() for fault in found)


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("def f(): pass", "defines or loops"),
        ("class A: pass", "defines or loops"),
        ("if True:\n    for i in 'ab': pass", "defines or loops"),
        ("while False: pass", "defines or loops"),
        ("import numpy as np", "imports numpy"),
        ("from os import path", "imports os"),
        ("from . import x", "imports"),
        ("%matplotlib inline", "not plain Python"),
        ("\n".join(f"a{n} = 1" for n in range(13)), "longer than 12 lines"),
        ("x = 1", None),
        ("import matplotlib.pyplot as plt\nfrom forecast import run\nfrom IPython.display import display", None),
        ("[n for n in 'ab']", None),
    ],
)
def test_the_check_finds_what_it_is_for(tmp_path, source, fault):
    found = faults(notebook(tmp_path, "a = 1", source))
    assert (not found) if fault is None else (len(found) == 1 and fault in found[0])


def test_the_check_finds_outputs_counts_too_many_cells_and_a_busy_parameters_cell(tmp_path):
    assert "at most 15" in faults(notebook(tmp_path, "a = 1", *["b = 1"] * 15))[0]
    assert "plain value" in faults(notebook(tmp_path, "a = len('b')"))[0]
    path = notebook(tmp_path, "a = 1", "b = 1")
    book = json.loads(path.read_text())
    book["cells"][1] |= {"execution_count": 1, "outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}]}
    path.write_text(json.dumps(book))
    assert [fault.split("; ")[1] for fault in faults(path)] == ["clear them", "clear it"]


def notebook(folder, *sources):
    blank = {"cell_type": "code", "outputs": [], "execution_count": None}
    cells = [{**blank, "source": source, "metadata": {"tags": [] if n else ["parameters"]}} for n, source in enumerate(sources)]
    path = folder / "try.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path
