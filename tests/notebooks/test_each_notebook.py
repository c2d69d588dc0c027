"""Each notebook runs to its end on few draws and says something in every cell that shows."""

import json
import re
from pathlib import Path

import pytest

from forecast.catalogue.load import load
from forecast.folder import Run, compute, execute_notebooks
from forecast.runner import Outcome, declared, execute

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
NOTEBOOKS = [path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
SAID_ELSEWHERE = {"30_run_scenario"}
"""Executed by the tests of the run folder."""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """One working folder with one small run that all notebooks open."""
    import shutil

    folder = tmp_path_factory.mktemp("world")
    for name in ("params", "notebooks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copytree(ROOT / "reports" / "template", folder / "reports" / "template")
    made = compute(load("smoke", folder), folder)
    return folder, made.folder.relative_to(folder).as_posix()


@pytest.mark.parametrize("name", [name for name in NOTEBOOKS if name not in SAID_ELSEWHERE])
def test_a_notebook_runs_and_shows(name, world):
    folder, run_folder = world
    path = folder / "notebooks" / f"{name}.ipynb"
    wanted = {"scenario": "smoke", "draws": 64, "run_folder": run_folder}
    given = {key: value for key, value in wanted.items() if key in declared(path)}
    outcome = execute(path, given, folder / f"{name}.ipynb", root=folder)
    assert outcome.status == "done", outcome.error
    book = json.loads((folder / f"{name}.ipynb").read_text())
    code = [
        cell for cell in book["cells"] if cell["cell_type"] == "code" and "parameters" not in str(cell["metadata"].get("tags"))
    ]
    assert all(cell["outputs"] for cell in code)
    shown = json.dumps([cell["outputs"] for cell in code], ensure_ascii=False)
    assert "Warning" not in shown
    assert len(re.findall(r"<img ", shown)) == len(re.findall(r"<img [^>]*alt=..[^\"]{80,}", shown))


def test_a_notebook_that_looks_at_no_run_is_handed_none(world, monkeypatch):
    folder, run_folder = world
    given = {}

    def note(path, parameters, *_, **__):
        given[path.stem] = set(parameters)
        return Outcome(path, "done", None, {}, "")

    monkeypatch.setattr("forecast.folder.execute", note)
    asked = load("smoke", folder).model_copy(update={"notebooks": ("15_review_rules", "40_compare_regimes")})
    execute_notebooks(Run(folder / run_folder, {"fingerprint": "x"}), asked, folder)
    assert given == {"15_review_rules": {"scenario"}, "40_compare_regimes": {"scenario", "run_folder"}}


def test_links_between_notebooks_lead_somewhere():
    text = "\n".join(path.read_text() for path in (ROOT / "notebooks").glob("*.ipynb"))
    links = set(re.findall(r"\]\(([\w]+)\.ipynb\)", text))
    assert len(links) >= 6
    assert links <= set(NOTEBOOKS)
