"""The runner refuses what papermill lets through, tells the truth about what ran, and repeats itself to the byte."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from forecast import runner
from forecast.contract import BadInput

PARAMETERS = """\
draws: int = 2000
share: float = 0.5
strict: bool = True
scenario: str = "current"
regimes: list[str] = ["current"]
end = "2031Q4"
offsets = [1, 2]
basis: "Literal['nominal', 'training']" = "nominal"
cap: float | None = None
"""


@pytest.fixture
def write(tmp_path):
    def write(*cells, parameters=PARAMETERS, name="ask.ipynb"):
        book = nbformat.v4.new_notebook()
        book.cells = [nbformat.v4.new_code_cell(source) for source in (parameters, *cells)]
        book.cells[0].metadata.tags = ["parameters"]
        path = tmp_path / name
        nbformat.write(book, path)
        return path

    return write


@pytest.fixture
def execute(tmp_path):
    def execute(path, given=None, out="out.ipynb", **options):
        return runner.execute(path, given or {}, tmp_path / out, root=tmp_path, **options)

    return execute


def states(path):
    cells = nbformat.read(path, 4).cells
    return {cell.id: cell.metadata.forecast.status for cell in cells if cell.cell_type == "code"}


def printed(path):
    return "".join(output.text for cell in nbformat.read(path, 4).cells for output in cell.get("outputs", []) if "text" in output)


def no_kernel(monkeypatch):
    monkeypatch.setattr(runner, "_run", lambda *_: pytest.fail("a kernel was about to start"))


# What a notebook declares


def test_parameters_are_declared_with_annotation_and_default(write):
    found = runner.declared(write())
    assert list(found)[:3] == ["draws", "share", "strict"]
    assert found["draws"] == runner.Parameter("draws", "int", 2000)
    assert found["end"] == runner.Parameter("end", None, "2031Q4")
    assert found["cap"] == runner.Parameter("cap", "float | None", None)


@pytest.mark.parametrize(
    "content",
    [
        b"", b'{"cells": [', b"\x89PNG\r\n\x1a\n\x00\xff", b"[]", b"{}", b'{"cells": {}}',
        b'{"cells": [1], "metadata": {}, "nbformat": 4}',
    ],
    ids=["empty", "truncated", "binary", "list", "object", "no cells", "cells of numbers"],
)  # fmt: skip
def test_a_file_that_is_no_notebook_is_refused_by_name(tmp_path, content):
    path = tmp_path / "broken.ipynb"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"broken\.ipynb"):
        runner.declared(path)


def test_a_truncated_notebook_is_refused_with_its_line(write):
    path = write()
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(BadInput, match=r"line \d+"):
        runner.declared(path)


def test_a_missing_notebook_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.ipynb", tmp_path):
        with pytest.raises(BadInput, match="cannot be read"):
            runner.declared(path)


@pytest.mark.parametrize("field", ["language", "nbformat", "cell_type"])
def test_a_notebook_of_another_kind_is_refused(write, field):
    path = write()
    book = json.loads(path.read_bytes())
    if field == "language":
        book["metadata"]["kernelspec"] = {"language": "R", "name": "ir", "display_name": "R"}
    elif field == "nbformat":
        book["nbformat"] = 3
    else:
        book["cells"][0]["cell_type"] = "heading"
    path.write_text(json.dumps(book))
    with pytest.raises(BadInput, match="cannot be read"):
        runner.declared(path)


def test_none_or_two_parameters_cells_are_refused(write):
    path = write("x = 1")
    book = nbformat.read(path, 4)
    book.cells[1].metadata.tags = ["parameters"]
    nbformat.write(book, path)
    with pytest.raises(BadInput, match=r"cells \[1, 2\]"):
        runner.declared(path)
    for cell in book.cells:
        cell.metadata.tags = []
    nbformat.write(book, path)
    with pytest.raises(BadInput, match="exactly one"):
        runner.declared(path)


@pytest.mark.parametrize(
    "line",
    [
        "import os", "print(1)", "b = a", "b = a = 2", "b, c = 1, 2", "b += 1", "b: int", "b.c = 1", "b[0] = 1", "b = 1 + 1",
        "b = f'{a}'", "if a: b = 1", "'text'", "%matplotlib inline", "a = 2", "b = (1, 2)", "b = {1, 2}", "b = b'x'",
        "b = {1: 2}", "b = 1e999", "b = 1j", "b = ...", "b = open('x')", "class = 1", "b = 'x\0'",
    ],
)  # fmt: skip
def test_the_parameters_cell_holds_assignments_of_plain_values_only(write, line):
    with pytest.raises(BadInput, match=r"cell 1, line (2|None|1)"):
        runner.declared(write(parameters=f"a = 1\n{line}"))


@pytest.mark.parametrize("annotation", ["np.ndarray", "open('x')", "Scenario", "list[5]", "().__class__", "'list['"])
def test_an_annotation_that_cannot_be_checked_is_refused(write, annotation):
    with pytest.raises(BadInput, match="known types"):
        runner.declared(write(parameters=f"a: {annotation} = 1"))


def test_a_default_that_breaks_its_own_annotation_is_refused(write):
    with pytest.raises(BadInput, match="valid integer"):
        runner.declared(write(parameters="a: int = 'x'"))


# What may be given


def test_a_misspelt_parameter_is_refused_before_a_kernel_starts(write, execute, tmp_path):
    path, began = write("1"), time.perf_counter()
    with pytest.raises(BadInput, match="did you mean scenario"):
        execute(path, {"scenari": "tight"})
    assert time.perf_counter() - began < 0.5
    assert sorted(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "name", ["a; import os", "draws = 1\nimport os", "draws ", "", "1", "class", "__import__('os').getpid()", "dräws", 3]
)
def test_a_hostile_name_is_refused(write, execute, monkeypatch, name):
    no_kernel(monkeypatch)
    with pytest.raises(BadInput, match="no such parameter"):
        execute(write(), {name: 1})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("strict", "false"), ("strict", 0), ("strict", None),
        ("draws", "3"), ("draws", 1e3), ("draws", True), ("draws", None), ("draws", [1]),
        ("share", "0.5"), ("share", True), ("share", float("nan")), ("share", float("inf")),
        ("scenario", 1), ("scenario", b"x"), ("scenario", Path("x")), ("scenario", ["current"]),
        ("regimes", "current"), ("regimes", [1]), ("regimes", ("current",)), ("regimes", {"current": 1}),
        ("end", "2031"), ("end", "2031Q5"), ("end", "31Q4"), ("end", 2031),
        ("offsets", ["1"]), ("offsets", [1.5]), ("offsets", [True]),
        ("basis", "Nominal"), ("cap", "none"),
    ],
)  # fmt: skip
def test_a_wrong_type_is_refused_with_what_was_found(write, execute, monkeypatch, name, value):
    no_kernel(monkeypatch)
    with pytest.raises(BadInput) as refusal:
        execute(write(), {name: value})
    assert name in refusal.value.key
    assert repr(value)[:40] in refusal.value.render()


def test_good_values_come_back_whole_with_the_defaults(write):
    values = runner.check_parameters(write(), {"share": 1, "cap": 2, "regimes": [], "end": "2027Q2"})
    assert values["share"] == 1.0
    assert isinstance(values["share"], float)
    assert (values["cap"], values["regimes"], values["end"]) == (2.0, [], "2027Q2")
    assert (values["draws"], values["strict"]) == (2000, True)


def test_a_bare_none_takes_any_plain_value_but_no_object(write):
    path = write(parameters="a = None")
    assert runner.check_parameters(path, {"a": {"b": [1, "x", None]}}) == {"a": {"b": [1, "x", None]}}
    for value in (Path("x"), object(), {1: 2}, (1, 2), {"b": float("nan")}):
        with pytest.raises(BadInput, match="wrong type"):
            runner.check_parameters(path, {"a": value})


def test_a_result_may_not_replace_its_own_notebook_or_be_another_kind_of_file(write, execute, monkeypatch):
    no_kernel(monkeypatch)
    path = write()
    for out in ("ask.ipynb", "out.pdf", ""):
        with pytest.raises(BadInput):
            execute(path, out=out)
    with pytest.raises(BadInput, match="nowhere"):
        runner.execute(path, {}, path.with_name("out.ipynb"), root=path.with_name("nowhere"))


# What reaches the kernel

VALUES = {
    "yes": True,
    "number": 3,
    "small": 1e-9,
    "date": "2026-11-24",
    "no": "no",
    "minutes": "1:30",
    "year": "2026",
    "year_number": 2026,
    "chinese": "中芯国际 与 华为",
    "quotes": "a'b\"c\\d '''x''' \"\"\"y\"\"\"",
    "lines": "a\nb\r\nc\td\x00\u2028\x1b[31m",
    "hostile": "'; import os; os.abort() # ${HOME} {{x}} {x} %s !ls ?",
    "magic": "%%bash\n!ls\n?x",
    "listed": ["a", "no", "中", "'"],
    "mixed": [1, 2.5, "x", None, [True, {}]],
    "table": {"a": 1, "no": False, "1:30": [None], "'": -0.0},
    "nothing": None,
    "huge": 10**30,
    "surrogate": "\ud800",
}


@pytest.mark.slow
def test_values_reach_the_kernel_unchanged(write, execute, tmp_path):
    names = ", ".join(f"{name!r}: {name}" for name in VALUES)
    path = write(
        f"import json, pathlib; pathlib.Path('seen.json').write_text(json.dumps({{{names}}}))",
        parameters="\n".join(f"{name} = None" for name in VALUES),
    )
    outcome = execute(path, VALUES)
    assert outcome.status == "done", outcome.error
    assert repr(json.loads((tmp_path / "seen.json").read_text())) == repr(VALUES)
    assert "中芯国际" in outcome.path.read_text(encoding="utf-8")


@pytest.mark.slow
def test_no_secret_of_the_environment_and_no_place_of_this_machine_reaches_the_result(write, execute, tmp_path, monkeypatch):
    for name in ("AWS_SECRET_ACCESS_KEY", "JUPYTER_TOKEN", "API_KEY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "hush-hush")
    path = write(
        "import os, sys; print(sorted(os.environ.items())); print(os.getcwd(), sys.prefix, object())",
        "import warnings; warnings.warn(os.getcwd() + '/params')",
        "raise ValueError(os.getcwd() + '/params')",
    )
    outcome = execute(path)
    text = outcome.path.read_text(encoding="utf-8")
    assert outcome.status == "failed"
    assert "hush-hush" not in text
    assert str(tmp_path) not in text
    assert str(Path.home()) not in text
    assert ". <python> <object object at 0x>" in text
    assert "./params" in text


# How a run ends


@pytest.mark.slow
def test_equal_runs_have_equal_bytes_and_resume_skips_them(write, execute, tmp_path):
    path = write(
        "print({'a', 'b', 'c'}, draws)",
        "import sys; print('out'); print('err', file=sys.stderr); print('out again')",
        "import xarray as xr; xr.Dataset({'a': ('b', [1, 2])})",
        "import pandas as pd; pd.DataFrame({'a': [1]}).style",
        "import matplotlib.pyplot as plt; _ = plt.plot([1, 2])",
        "import ipywidgets; ipywidgets.IntSlider()",
        "object()",
        "",
    )
    calls = []
    first = execute(path, {"draws": 10}, progress=lambda done, total: calls.append((done, total)))
    whole = first.path.read_bytes()
    second = execute(path, {"draws": 10}, out="deeper/again.ipynb")
    assert (first.status, first.error, first.skipped) == ("done", None, False)
    assert second.path.read_bytes() == whole
    assert calls == [(n, 9) for n in range(1, 10)]
    assert set(first.seconds) == set(states(first.path))
    assert all(seconds >= 0 for seconds in first.seconds.values())
    nbformat.validate(nbformat.read(first.path, 4))
    for volatile in ("papermill", "duration", "start_time", "widget-view", "iopub"):
        assert volatile not in whole.decode()

    third = execute(path, {"draws": 10}, resume=True)
    assert (third.status, third.skipped, third.path, third.input_hash) == ("done", True, first.path, first.input_hash)
    for changed in ({"given": {"draws": 11}}, {"fingerprint": "other", "given": {"draws": 10}}):
        outcome = execute(path, resume=True, **changed)
        assert not outcome.skipped
        assert outcome.input_hash != first.input_hash
    first.path.write_bytes(whole[:500])
    assert not execute(path, {"draws": 10}, resume=True).skipped
    assert first.path.read_bytes() == whole
    assert not list(tmp_path.glob(".*"))


@pytest.mark.slow
def test_a_failure_keeps_the_earlier_result_and_leaves_the_partial_one_beside(write, execute, tmp_path):
    good = execute(write("print('fine')"))
    before = good.path.read_bytes()
    bad = execute(write("print('so far')", "raise ValueError('first\\n\\x1b[31msecond\\x1b[0m')", "print('never')"))
    assert bad.status == "failed"
    assert bad.error == "In [4]: ValueError: first\nsecond"
    assert bad.path == tmp_path / "out.failed.ipynb"
    assert good.path.read_bytes() == before
    expected = {"cell-1": "done", "parameters": "done", "cell-2": "done", "cell-3": "failed", "cell-4": "not run"}
    assert states(bad.path) == expected
    book = nbformat.read(bad.path, 4)
    assert book.metadata.forecast.status == "failed"
    assert book.cells[4].outputs[0].ename == "ValueError"
    assert "second" in book.cells[0].source
    assert printed(bad.path) == "so far\n"
    assert execute(write("print('fine')")).status == "done"
    assert good.path.read_bytes() == before
    assert not bad.path.exists()


@pytest.mark.slow
def test_after_a_kernels_death_later_cells_are_not_run_and_a_rerun_resumes(write, execute, tmp_path):
    other = execute(write("print(1)", name="other.ipynb"), out="other.out.ipynb")
    killed = execute(write("print(1)", "import os; os.kill(os.getpid(), 9)", "print(2)", "print(3)"))
    assert killed.status == "killed"
    assert killed.error.startswith("In [4]: the kernel died")
    assert killed.path == tmp_path / "out.failed.ipynb"
    expected = ["done", "done", "done", "killed", "not run", "not run"]
    assert list(states(killed.path).values()) == expected
    assert nbformat.read(killed.path, 4).metadata.forecast.status == "killed"
    assert not (tmp_path / "out.ipynb").exists()
    assert set(killed.seconds) == {"cell-1", "parameters", "cell-2", "cell-3"}

    fixed = write("print(1)", "print(2)")
    assert execute(tmp_path / "other.ipynb", out="other.out.ipynb", resume=True).skipped
    outcome = execute(fixed, resume=True)
    assert (outcome.status, outcome.skipped) == ("done", False)
    assert not killed.path.exists()
    assert other.path.exists()
    assert not list(tmp_path.glob(".*"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "error"),
    [
        ("import sys; sys.exit(0)", r"stopped itself"),
        ("import time; time.sleep(30)", r"took longer than 2 s"),
        ("input()", r"StdinNotImplementedError"),
        ("assert False", r"AssertionError$"),
        ("def (:", r"SyntaxError"),
    ],
)
def test_other_ways_to_end_are_failures_too(write, execute, cell, error):
    path = write(cell, "print('never')")
    book = nbformat.read(path, 4)
    book.cells[1].metadata.tags = ["raises-exception"]
    nbformat.write(book, path)
    outcome = execute(path, timeout=2)
    assert outcome.status == "failed"
    assert outcome.error.startswith("In [3]: ")
    assert re.search(error, outcome.error)
    assert list(states(outcome.path).values()) == ["done", "done", "failed", "not run"]


@pytest.mark.slow
def test_a_kernel_that_cannot_start_is_said_so(write, execute, monkeypatch):
    monkeypatch.setattr(runner.sys, "executable", "false")
    outcome = execute(write("print('never')"))
    assert outcome.status == "killed"
    assert outcome.error.startswith("The kernel did not start")
    assert set(states(outcome.path).values()) == {"not run"}
    assert outcome.seconds == {}


@pytest.mark.slow
def test_odd_folder_names_old_notebooks_and_stale_outputs_are_no_trouble(write, tmp_path):
    path = write("print(draws)")
    book = json.loads(path.read_bytes())
    book["nbformat_minor"] = 2
    for cell in book["cells"]:
        del cell["id"]
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["stale"]}]
    path.write_text(json.dumps(book))
    outcome = runner.execute(path, {}, tmp_path / "{a} %s 中" / "out.ipynb", root=tmp_path)
    assert outcome.status == "done", outcome.error
    assert printed(outcome.path) == "2000\n"
    again = runner.execute(outcome.path, {"draws": 7}, tmp_path / "again.ipynb", root=tmp_path)
    assert printed(again.path) == "7\n"


def test_the_import_is_quick_because_papermill_waits():
    code = "import sys, forecast.runner; assert not {'papermill', 'nbformat', 'nbclient'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
