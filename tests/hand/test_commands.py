"""Commands on a copy of the project: what they show, what they write, what they refuse."""

import json
import re

import pytest

from forecast import lab
from forecast.cli import main

SOURCE = ["publisher=Example Press", "title=A count of chips", "date=2026-11-01", "url=https://example.org/chips"]
OBSERVATION = [
    "series=h20", "channel=licensed", "gpu_class=h20", "quarter=2026Q4", "p05=1000", "p50=2000", "p95=4000", "basis=estimated",
    "role=input", "kept_abroad=no", "published=2026-11-01", "published_basis=reported",
]  # fmt: skip


@pytest.fixture
def desk(desk_copy, monkeypatch, capsys):
    """Calls the command line in a copy of the project; gives back what was said and the exit code."""
    monkeypatch.chdir(desk_copy)

    def call(*words: str, code: int = 0) -> str:
        before = _files(desk_copy)
        monkeypatch.setattr("sys.argv", ["forecast", *words])
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capsys.readouterr()
        assert stopped.value.code == code, said
        assert "Traceback" not in said.err
        if code == 2:
            assert _files(desk_copy) == before
            return said.err
        return said.out

    call.home = desk_copy
    return call


def _files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("words", "says"), [
    (["baselin"], "did you mean 'baseline'?"),
    (["strict-denail"], "did you mean 'strict-denial'?"),
    (["smoke", "--set", "puee=1"], "did you mean 'pue'?"),
    (["smoke", "--set", "pue"], "INPUT=VALUE"),
    (["smoke", "--set", "pue=nan"], "INPUT=VALUE"),
    (["smoke", "--set", "pue=-1"], "below zero"),
    (["smoke", "--set", "pue=-1x"], "at least 0"),
    (["smoke", "--set", "pue=1e999"], "finite"),
    (["smoke", "--set", "pue=1.2@2027Q2"], "one number for the whole run"),
    (["smoke", "--set", "hbm_domestic=0.5x@2027Q5"], "2027Q2"),
    (["smoke", "--set", "hbm_domestic=0.5x@2033Q1"], "2022Q1 to 2032Q4"),
    (["smoke", "--set", "ai_wafer_share=3"], "between 0 and 1"),
    (["smoke", "--set", "hbm_illicit=0x"], "a factor above zero"),
    (["smoke", "--set", "pue=1.2", "--set", "pue=1.3"], "set twice"),
    (["smoke", "--set", "diversion=0.4x"], "not a factor"),
    (["smoke", "--set", "diversion=9"], "allowed 0 to 5"),
    (["smoke", "--set", "diversion=0.4@2026Q3"], "2026Q4 to 2032Q4"),
    (["smoke", "--set", "diversion=0.4", "--set", "diversion=0.5"], "moved twice"),
    (["smoke", "--set", "fork.bottleneck=independent"], "did you mean 'bottlenecks'?"),
    (["smoke", "--set", "fork.world=tend"], "did you mean 'trend'?"),
    (["current+beijing-refusal", "--set", "cn_accept=0.4"], "the overlay beijing-refusal holds this lever"),
    (["smoke", "--set", "pue=1e300"], "no world that the model can run"),
], ids=lambda v: " ".join(v) if isinstance(v, list) else "")  # fmt: skip
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_question_without_a_file_that_cannot_be_asked(desk, words, says):
    assert says in desk("run", *words, code=2)


def test_show_names_every_input_with_its_place_and_every_regime_with_what_it_changes(desk):
    said = desk("show", "smoke")
    for line in ("draws       64, seed 20261122", "as of       2026Q3", "> current > strict-denial", "diversion from 1 to 0.43"):
        assert line in said
    assert re.search(r"pue +1\.32 \(1\.15 to 1\.45\) \[1\]  params/demand/use\.yaml:\d+", said)
    assert "relief case by case ends" in said
    told = json.loads(desk("show", "smoke", "--json"))
    path, line = told["inputs"]["pue"]["origin"].split(":")
    assert (desk.home / path).read_text().splitlines()[int(line) - 1] == "pue:"
    assert len(told["fingerprint"]) == 12


def test_show_tells_what_is_overridden_by_whom(desk):
    said = desk("show", "smoke", "--input", "hbm_domestic", "--set", "hbm_domestic=0.5x@2027Q2")
    assert "times 0.5 from 2027Q2" in said
    assert "override by command line" in said
    one = json.loads(desk("show", "current", "--input", "pue", "--json", "--set", "pue=1.2"))
    assert (one["exact"], one["default"]["spread"]["p50"]) == (1.2, 1.32)
    assert "did you mean 'pue'?" in desk("show", "smoke", "--input", "peu", code=2)


def test_a_fork_can_be_fixed_and_show_says_so(desk):
    assert "fork        world: limited 0, trend 1" in desk("show", "smoke", "--set", "fork.world=trend")
    assert "fork        world: limited 0.55, trend 0.45" in desk("show", "smoke")


def test_a_lever_goes_on_top_of_a_regime_with_an_overlay_that_does_not_hold_it(desk):
    said = desk("show", "current+beijing-refusal", "--set", "diversion=0.4@2027Q2")
    assert "regime adhoc+beijing-refusal" in said
    assert "diversion" in said


def test_a_factor_multiplies_what_the_scenario_says_already(desk):
    path = desk.home / "params" / "scenarios" / "mine.yaml"
    path.write_text(
        "name: mine\nextends: smoke\ntitle: Another PUE\noverrides:\n"
        "  pue: {exact: 1.2, by: A. Analyst, reason: better cooling}\n"
        "  learning_exponent: {spread: {p05: 0.5, p50: 0.6, p95: 0.7}, by: A. Analyst, reason: faster learning}\n"
    )
    told = json.loads(desk("show", "mine", "--json", "--set", "pue=1.1x", "--set", "learning_exponent=2x"))["inputs"]
    assert told["pue"]["exact"] == pytest.approx(1.32)
    assert told["learning_exponent"]["spread"] == pytest.approx({"p05": 1.0, "p50": 1.2, "p95": 1.4})


def test_new_writes_a_scenario_that_stands_and_refuses_to_overwrite_it(desk):
    said = desk("new", "mine", "--from", "smoke", "--title", 'Is "slow: #1" so?', "--regimes", "current, strict-denial")
    assert "params/scenarios/mine.yaml" in said
    told = json.loads(desk("show", "mine", "--json"))
    assert told["title"] == 'Is "slow: #1" so?'
    assert [regime["name"] for regime in told["regimes"]] == ["current", "strict-denial"]
    assert (told["extends"], told["draws"]) == ("smoke", 64)
    assert "exists" in desk("new", "mine", "--from", "smoke", code=2)


@pytest.mark.parametrize(("words", "says"), [
    (["../mine"], "not a name"),
    (["Mine"], "not a name"),
    (["adhoc-mine"], "not a name"),
    (["current"], "a regime has this name"),
    (["mine", "--from", "smoek"], "did you mean 'smoke'?"),
    (["mine", "--regimes", "currant"], "did you mean 'current'?"),
    (["mine", "--regimes", "current,current"], "same regime twice"),
    (["mine", "--title", "no"], "at least 4"),
])  # fmt: skip
def test_new_refuses_and_writes_nothing(desk, words, says):
    assert says in desk("new", *words, code=2)


def test_the_overrides_that_a_new_file_suggests_are_good_ones(desk):
    desk("new", "mine")
    path = desk.home / "params" / "scenarios" / "mine.yaml"
    head, suggested = path.read_text().split("# overrides:")
    path.write_text(head + "overrides:" + suggested.replace("\n#", "\n"))
    assert "override by A. Analyst" in desk("show", "mine")


def test_add_puts_a_checked_row_where_it_belongs(desk):
    said = desk("add", "source", "source=example_2026", *SOURCE, "note=one, with a comma")
    line = int(re.search(r"line (\d+)", said)[1])
    path = desk.home / "params" / "sources.csv"
    row = path.read_text().splitlines()[line - 1]
    assert row == 'example_2026,Example Press,A count of chips,2026-11-01,https://example.org/chips,"one, with a comma"'
    names = [line.split(",")[0] for line in path.read_text().splitlines()[1:]]
    assert names == sorted(names)
    said = desk("add", "observation", *OBSERVATION, "source=example_2026")
    assert "acquisitions.csv" in said
    assert "all well" in desk("check")


@pytest.mark.parametrize(("words", "says"), [
    (["sauce"], "did you mean 'source'?"),
    (["source"], "publisher=…"),
    (["source", "source=amd_epoch", *SOURCE], "amd_epoch"),
    (["source", "source=new_one", *SOURCE[:-1], "ulr=x"], "did you mean 'url'?"),
    (["source", "source=new_one", *SOURCE, "source=again"], "same column twice"),
    (["source", "source=new_one", *SOURCE[:2], "date=yesterday", SOURCE[3]], "a date"),
    (["observation", *OBSERVATION, "source=nobody_2026"], "unknown source"),
    (["observation", *OBSERVATION[:5], "p50=9000", *OBSERVATION[6:], "source=epoch_legal"], "out of order"),
    (["chip", "chip=new"], "columns are missing"),
])  # fmt: skip
def test_add_refuses_a_wrong_row_and_leaves_every_file_as_it_was(desk, words, says):
    said = desk("add", *words, code=2)
    assert says in said
    assert "/tmp" not in said.replace(str(desk.home), "")


@pytest.mark.parametrize(("words", "says"), [
    (["smoke:currant", "smoke"], "did you mean 'current'?"),
    (["smoke", "smoek"], "did you mean 'smoke'?"),
    (["smoke", "--csv", "nowhere/at/all.csv"], "a folder that exists"),
])  # fmt: skip
def test_compare_refuses_before_it_runs_anything(desk, words, says):
    assert says in desk("compare", *words, code=2)


def test_the_explorer_stays_on_this_machine_with_a_token_and_loads_nothing_from_outside(desk, monkeypatch):
    seen = []
    monkeypatch.setattr(lab.os, "execv", lambda path, command: seen.append(command))
    desk("explore", "--no-browser")
    (command,) = seen
    assert f"--Voila.ip={lab.LOOPBACK}" in command
    assert "--Voila.auto_token=True" in command
    assert any("default-src 'self'" in word for word in command)
    for word in ("--Voila.ip=0.0.0.0", "--Voila.auto_token=False", "--Voila.tornado_settings={}", "--Voila.token="):
        assert "open the lab to others" in desk("explore", word, code=2)


def test_a_form_is_written_where_it_is_asked_for_and_refused_where_it_cannot(desk):
    assert "iamc, hub, xlsx" in desk("export", "smoke", "--format", "csv", code=2)
    assert "a folder that exists" in desk("export", "smoke", "--format", "hub", "--out", "nowhere/x.csv", code=2)
    assert "text, md, html" in desk("compare", "smoke:current", "smoke:strict-denial", "--format", "tex", code=2)


def test_the_lab_stays_on_this_machine_with_its_token(desk, monkeypatch):
    seen = []
    monkeypatch.setattr(lab.os, "execv", lambda path, command: seen.append(command))
    desk("lab", "--no-browser")
    desk("lab", "30_run_scenario", "--no-browser", "--ServerApp.port=8899")
    for command in seen:
        assert f"--ServerApp.ip={lab.LOOPBACK}" in command
        assert "--no-browser" in command
        assert not [word for word in command if "token" in word]
        assert f"--ServerApp.root_dir={desk.home}" in command
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in seen[0]
    assert "--LabApp.default_url=/lab/tree/notebooks/30_run_scenario.ipynb" in seen[1]
    assert "did you mean '30_run_scenario'?" in desk("lab", "30_run_scenaro", code=2)
    for word in ("--ServerApp.ip=0.0.0.0", "--ip=0.0.0.0", "--IdentityProvider.token="):
        assert "open the lab to others" in desk("lab", word, code=2)
    for path in (desk.home / "notebooks").glob("*.ipynb"):
        path.unlink()
    assert "no notebooks here" in desk("lab", code=2)
