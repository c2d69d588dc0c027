"""A mistake in a notebook is one box for a person; the ledger shows what each changed assumption does."""

import json

import nbformat
import numpy as np
import pytest

from forecast import desk
from forecast.catalogue.load import load
from forecast.contract import BadInput, Breach
from forecast.inputs import build_inputs
from forecast.ledger import ledger
from forecast.model import run
from forecast.names import end_of_year
from forecast.rows import grouped
from forecast.runner import execute


def test_a_box_names_file_line_what_and_how_to_mend_and_escapes_what_was_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    problem = BadInput(
        "a <b> value", file=tmp_path / "params" / "x.yaml", line=3, found="<i>", expected="a number", mend="write 1"
    )
    page = desk.box(problem)
    for text in ("a &lt;b&gt; value", "params/x.yaml, line 3", "&lt;i&gt;", "a number", "write 1", 'role="alert"'):
        assert text in page
    assert str(tmp_path) not in page
    assert "fault is ours" in desk.box(Breach("dies do not balance"))
    assert "dies do not balance" in desk.box(Breach("dies do not balance"))


@pytest.mark.slow
def test_a_broken_scenario_shows_one_box_and_the_traceback_only_on_request(desk_copy):
    (desk_copy / "params" / "scenarios" / "broken.yaml").write_text("name: broken\nextends: smoke\ndrawz: 5\n")
    book = nbformat.v4.new_notebook()
    first = nbformat.v4.new_code_cell('scenario: str = "broken"', metadata={"tags": ["parameters"]})
    book.cells = [first, nbformat.v4.new_code_cell("from forecast import desk\nview = desk.open_run(scenario)")]
    nbformat.write(book, desk_copy / "try.ipynb")
    outcome = execute(desk_copy / "try.ipynb", {}, desk_copy / "out.ipynb", root=desk_copy)
    assert outcome.status == "failed"
    assert "a key that is not known here" in outcome.error
    outputs = [out for cell in json.loads(outcome.path.read_text())["cells"] for out in cell.get("outputs", [])]
    boxes = ["".join(out["data"]["text/html"]) for out in outputs if "text/html" in out.get("data", {})]
    assert len(boxes) == 1
    assert "broken.yaml, line 3" in boxes[0]
    assert "did you mean &#x27;draws&#x27;?" in boxes[0]
    (error,) = [out for out in outputs if out["output_type"] == "error"]
    assert "Traceback" not in "".join(error["traceback"])
    assert "%tb" in "".join(error["traceback"])


def _changed(home):
    path = home / "params" / "scenarios" / "mine.yaml"
    path.write_text(
        "name: mine\nextends: smoke\ndraws: 16\noverrides:\n"
        "  pue: {exact: 1.2, by: A. Analyst, reason: better halls}\n"
        "  hbm_domestic: {factor: 0.5, since: 2027Q2, by: A. Analyst, reason: yields stay low, source: epoch_users}\n"
    )
    return load("mine", home)


def test_an_effect_is_with_the_change_less_without_it_on_the_same_draws(desk_copy, catalogue):
    asked = _changed(desk_copy)
    book = ledger(asked, desk_copy)
    one = next(entry for entry in book.entries if entry.name == "hbm_domestic")

    def level(names):
        few = asked.model_copy(update={"overrides": {key: asked.overrides[key] for key in names}})
        result = run(build_inputs(few, catalogue)).sel(regime="current")
        return grouped(result["compute_nominal"]).sel(channel="accessible", bound=end_of_year(2028)).values.astype(float)

    assert one.effect[2] == pytest.approx(np.median(level(["pue", "hbm_domestic"]) - level(["pue"])), rel=1e-6)
    assert book.together[2] == pytest.approx(np.median(level(["pue", "hbm_domestic"]) - level([])), rel=1e-6)
    assert (book.year, book.draws, book.regime) == (2028, 16, "current")


def test_the_ledger_shows_default_override_effect_who_why_and_source(desk_copy, monkeypatch):
    _changed(desk_copy)
    monkeypatch.chdir(desk_copy)
    table = desk.ledger("mine").table.set_index("input")
    assert table.loc["hbm_domestic", "override"] == "times 0.5 from 2027Q2"
    assert table.loc["pue", "source"] == "none: judgement"
    assert "every input as it stands" in desk.ledger("smoke").data
