"""What a person may get wrong: one clear message with file and line, exit code 2, nothing written."""

import re
from pathlib import Path

import pytest

from forecast.cli import main

SCENARIO = "params/scenarios/mine.yaml"
GOOD = """name: mine
extends: smoke
title: A question of mine
draws: 16
"""


@pytest.fixture
def refused(desk_copy, monkeypatch, capsys):
    """Runs the command line in a copy of the project and expects one message, exit code 2 and no run folder."""
    monkeypatch.chdir(desk_copy)

    def call(*words: str) -> str:
        monkeypatch.setattr("sys.argv", ["forecast", *words])
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capsys.readouterr()
        assert stopped.value.code == 2, said
        assert "Traceback" not in said.err
        assert not (desk_copy / "reports" / "runs").exists()
        return said.err

    call.home = desk_copy
    return call


def _write(refused, text, name=SCENARIO):
    path = refused.home / name
    path.write_text(text)
    return path


def _edit(refused, name, old, new):
    path = refused.home / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(("line", "says"), [
    ("as_of: 2026Q5", "a quarter as 2027Q2"),
    ("as_of: Q3 2026", "did you mean 2026Q3?"),
    ("as_of: 2026", "a quarter as 2027Q2"),
    ("as_of: 2032Q4", "before the last quarter"),
    ("draws: 1e3", "1000 (a decimal number)"),
    ("draws: .nan", "a finite number"),
    ("draws: -5", "at least 16"),
    ("draws: no", "a whole number"),
    ("seed: 99999999999", "less than"),
    ("regimes: [current, strict-denail]", "did you mean 'strict-denial'?"),
    ("regimes: [current, current]", "same regime twice"),
    ("drwas: 64", "did you mean 'draws'?"),
    ("extends: mine", "extends itself"),
    ("extends: baselin", "did you mean 'baseline'?"),
    ("notebooks: [../../etc/passwd]", "the name of a notebook"),
    ("regimes: current", "write [current]"),
    ("overrides: {pue: {exact: 1.2}}", "missing"),
    ("overrides: {puee: {exact: 1.2, by: me, reason: because I say so}}", "did you mean 'pue'?"),
    ("overrides: {pue: {exact: -1.2, by: me, reason: because I say so}}", "below zero"),
    ("overrides: {pue: {exact: 0.2, by: me, reason: because I say so}}", "0.2 is below 1, the least"),
    ("overrides: {lock_in: {spread: {p05: 1, p50: 2, p95: 3}, by: me, reason: because I say so}}", "2 is above 1, the most"),
    ("overrides: {pue: {path: {'2026': {p05: 1, p50: 2, p95: 3}}, by: me, reason: because it is}}", "one number for"),
    ("overrides: {pue: {exact: 1,2, by: me, reason: because I say so}}", "with a point, as 1.2"),
    ("overrides: {pue: {exact: 1.2, by: me, why: because I say so}}", "here it is called 'reason'"),
    ("overrides: {pue: {exact: 1.2, by: me, reason: }}", "nothing: no value is written here"),
    ("overrides: {pue: {exact: 1.2, by: me, reason: '            '}}", "at least 8 letters"),
    ("overrides: {pue: {exact: 1.2, by: me, reason: because it is, source: caict_pu}}", "did you mean 'caict_pue'?"),
    ("overrides: {pue: 1.2}", "out of by, exact, factor"),
    ("overrides: [pue]", "each as name: value"),
    ("overrides: {cn_accept: {exact: 0.5, by: me, reason: because I say so}}", "a lever of the law, not an input"),
    ("overrides: {hbm_domestic: {factor: 0.5, since: 2027-04-01, by: me, reason: because it is}}", "did you mean 2027Q2?"),
    ("overrides: {availability: {exact: 1.5, by: me, reason: because I say so}}", "between 0 and 1"),
    ("name: other", "name and file differ"),
    ("last: 2026Q2", "before the last quarter"),
    ("overrides: {pue: {spread: {p05: 2, p50: 1, p95: 3}, by: me, reason: because}}", "out of order"),
])  # fmt: skip
def test_a_scenario_with_one_wrong_line(refused, line, says):
    key = line.split(":")[0]
    kept = "".join(row + "\n" for row in GOOD.splitlines() if not row.startswith(key + ":"))
    _write(refused, kept + line + "\n")
    said = refused("run", "mine")
    assert says in said
    assert re.search(r"mine\.yaml|unknown scenario", said)
    assert re.search(r"line \d+|unknown scenario", said), said


@pytest.mark.parametrize(("content", "says"), [
    (b"", "file is empty"),
    (b"# nothing but words\n", "only comments"),
    (b"name: mine\ntitle: [unclosed\n", "not valid YAML"),
    (b"name: mine\noverrides:\n\tpue: 1\n", "put spaces in its place"),
    (b"name: mine\ntitle: What if: this\n", "quotation marks"),
    (b"name: caf\xe9\n", "save it again as UTF-8"),
    (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "not a text file"),
    (b"name: mine\x00\n", "not"),
    (b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "alias"),
    (b"- a\n- b\n", "list of named fields"),
    (b"name: mine\nname: mine\n", "same key twice"),
    (b"x" * 3_000_000, "too large"),
], ids=["empty", "comments", "cut", "tab", "colon", "latin", "binary", "nul", "aliases", "list", "twice", "huge"])  # fmt: skip
def test_a_file_that_is_no_scenario(refused, content, says):
    (refused.home / SCENARIO).write_bytes(content)
    assert says in refused("run", "mine")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_mistake_in_what_a_scenario_extends_is_told_where_it_stands(refused, newline):
    (refused.home / "params/scenarios/kid.yaml").write_text("name: kid\nextends: mine\ntitle: Another question\n")
    text = GOOD + "overrides:\n  pue: {exact: -1, by: me, reason: because I say so}\n"
    (refused.home / SCENARIO).write_bytes(text.replace("\n", newline).encode())
    assert "mine.yaml, line 6" in refused("run", "kid")
    _write(refused, "name: kid\nextends: mien\ntitle: Another question\n", "params/scenarios/kid.yaml")
    assert "kid.yaml, line 2" in refused("run", "kid")


def test_a_missing_scenario_names_its_nearest_neighbour(refused):
    assert "did you mean 'baseline'?" in refused("run", "baselin")


def test_a_missing_file_is_told(refused):
    assert "file not found" in refused("run", "params/scenarios/none.yaml")
    assert "file not found" in refused("check", "params/none.yaml")


@pytest.mark.parametrize(("name", "old", "new", "says"), [
    ("params/fabs/logic.yaml", "unit: wafer/month", "unit: wafres/month", "unknown unit"),
    ("params/fabs/logic.yaml", "unit: wafer/month", "unit: wafer", "unit of another kind"),
    ("params/fabs/logic.yaml", '"2022": {p05: 2000', '"2022": {p05: -2000', "below zero"),
    ("params/fabs/logic.yaml", '"2022": {p05: 2000', '"2022": {p05: 9000', "out of order"),
    ("params/fabs/logic.yaml", "  basis: judgement\n", "", "basis"),
    ("params/fabs/logic.yaml", "  dated: 2026-11-22\n", "", "dated"),
    ("params/fabs/logic.yaml", "sources: [nikkei_2026", "sources: [nikei_2026", "did you mean 'nikkei_2026'?"),
    ("params/fabs/logic.yaml", "  reason: Published figures", "  raeson: Published figures", "did you mean 'reason'?"),
    ("params/supply/offshore.yaml", "  counts: 8bit\n", "", "needs counts"),
    ("params/history/acquisitions.csv", "a100,licensed,a100", "a100,licensed,a10", "did you mean 'a100'?"),
    ("params/history/acquisitions.csv", "2022Q1", "2022Q7", "not a quarter"),
    ("params/history/acquisitions.csv", "a100,licensed", "a100,legal", "one of licensed"),
    ("params/history/acquisitions.csv", "p05 [chip]", "p05", "unit"),
    ("params/gpus/class_values.csv", "mi308x,h100e,H100e/chip,0.2", "mi308x,h100e,H100e/chip,nan", "a number"),
    ("params/gpus/class_values.csv", "mi308x,h100e,H100e/chip,0.2", "mi308x,h100e,H100e/chip,0.9", "out of order"),
    ("params/gpus/classes.csv", ",h100_sxm,", ",h100_smx,", "did you mean 'h100_sxm'?"),
    ("params/fabs/mix.csv", "2026Q3,ascend_910c,0.33", "2026Q3,ascend_910c,0.43", "do not add up"),
    ("params/supply/world_mix.csv", "amd,2025Q2,mi350,0.0907", "amd,2025Q2,mi350,0.2", "do not add up"),
    ("params/supply/nvidia_mix.csv", "2024Q1,h100,", "2024Q1,ascend_910c,", "other origin"),
    ("params/correlations.csv", "hbm_domestic,logic_capacity", "hbm_domestic,logic_capacty", "did you mean 'logic_capacity'?"),
    ("params/history/diverted.csv", "\n2025Q2,", "\n2025Q1,", "same row twice"),
    ("params/history/acquisitions.csv", "ascend_910c,domestic,ascend_910c,2025Q2", "ascend_910c,domestic,ascend_910c,2033Q2",
     "left out"),
    ("params/history/acquisitions.csv", "a100,licensed,a100", "a100,domestic,a100", "other origin"),
    ("params/gpus/class_values.csv", "mi308x,h100e,H100e/chip", "mi308x,h100e,TB/s", "unit of another kind"),
    ("params/correlations.csv", "hbm_domestic,logic_capacity", "hbm_domestic,hbm_inhouse", "cannot be drawn"),
    ("params/demand/use.yaml", "pue:", "puue:", "an input of the model is missing"),
    ("params/sources.csv", '"', "", "cells"),
    ("params/sources.csv", "amd_epoch,", "amd_epok,", "unknown source"),
])  # fmt: skip
def test_a_spoilt_parameter_is_refused_with_its_line(refused, name, old, new, says):
    _edit(refused, name, old, new)
    said = refused("run", "smoke")
    assert says in said
    assert re.search(r"line \d+|model is missing", said), said


def test_a_regime_that_is_its_own_ancestor(refused):
    _edit(refused, "params/regimes/2022-08.yaml", "parent:", "parent: current #")
    assert "ancestor" in refused("run", "smoke")


def test_outside_a_working_folder_the_way_back_is_told(refused, tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert "no working folder" in refused("check")


def test_check_reads_one_good_file_of_each_kind(desk_copy, monkeypatch, capsys):
    monkeypatch.chdir(desk_copy)
    files = ["params/fabs/logic.yaml", "params/scenarios/smoke.yaml", "params/regimes/current.yaml", "params/gpus/chips.csv"]
    monkeypatch.setattr("sys.argv", ["forecast", "check", *files])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 0
    assert capsys.readouterr().out.count("well formed") == 4


def test_a_what_if_that_begins_before_the_forecast_is_refused_with_its_move(refused):
    _edit(refused, "params/regimes/what_if/enforcement-only.yaml", "effective: 2027-01-01", "effective: 2026-07-01")
    _edit(refused, "params/regimes/instruments/enforcement-drive.yaml", "since: 2027-01-01", "since: 2026-07-01")
    _edit(refused, "params/regimes/instruments/enforcement-drive.yaml", "effective: 2027-01-01", "effective: 2026-07-01")
    _write(refused, GOOD + "regimes: [current, enforcement-only]\n")
    said = refused("run", "mine")
    assert "begins before the forecast does" in said
    assert "diversion from 2026-07-01" in said


def test_a_folder_that_may_not_be_written_is_told_without_a_traceback(refused, monkeypatch):
    plain = Path.open

    def closed(self, *words, **more):
        if self.name == "another.yaml":
            raise PermissionError(13, "Permission denied", str(self))
        return plain(self, *words, **more)

    monkeypatch.setattr("pathlib.Path.open", closed)
    said = refused("new", "another")
    assert "another.yaml" in said
    assert "you may not write" in said
    assert "a copy of the project" in said
