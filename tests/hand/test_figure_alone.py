"""One figure by itself: files that stand alone, scenarios side by side in panels, mistakes told before anything runs."""

from xml.etree import ElementTree

import pandas as pd
import pytest

from forecast.alone import NAMES, figure_files, known
from forecast.contract import BadInput

pytestmark = pytest.mark.slow

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def home_of_runs(tmp_path_factory, home):
    """A working folder of its own whose params are the house's."""
    folder = tmp_path_factory.mktemp("alone")
    (folder / "params").symlink_to(home / "params")
    (folder / "reports").mkdir()
    (folder / "reports" / "template").symlink_to(home / "reports" / "template")
    return folder


@pytest.fixture
def here(home_of_runs, monkeypatch):
    monkeypatch.chdir(home_of_runs)
    return home_of_runs


def test_a_figure_alone_carries_title_words_credits_and_numbers(here):
    made = figure_files("fan", ["smoke"], draws=16)
    assert [path.name for path in made] == [f"fan-smoke.{kind}" for kind in ("svg", "png", "csv", "txt")]
    assert made[0].parent == here / "reports" / "figures"
    root = ElementTree.parse(made[0]).getroot()
    words = made[3].read_text()
    assert root.find(f"{SVG}title").text in words
    assert len(root.find(f"{SVG}desc").text) > 80
    assert root.find(f"{SVG}desc").text in words
    assert "CC BY" in words
    assert "run " in words
    assert set(pd.read_csv(made[2])["regime"]) == {"current", "open-blackwell", "strict-denial"}


def test_the_same_figure_twice_has_equal_bytes(here, tmp_path):
    first = [path.read_bytes() for path in figure_files("channels", ["smoke"], out=tmp_path / "a", draws=16)]
    assert [path.read_bytes() for path in figure_files("channels", ["smoke"], out=tmp_path / "b", draws=16)] == first


def test_scenarios_stand_side_by_side_in_panels(here, tmp_path):
    made = figure_files("fan", ["smoke", "match"], out=tmp_path, draws=16)
    assert len(made) == 4
    assert set(pd.read_csv(made[2])["regime"]) == {"smoke:current", "adhoc-match:match"}


def test_each_scenario_has_files_of_its_own_where_a_figure_has_one_panel(here, tmp_path):
    made = figure_files("channels", ["smoke", "match"], out=tmp_path, draws=16)
    assert [path.stem for path in made if path.suffix == ".svg"] == ["channels-smoke", "channels-adhoc-match"]


def test_a_regime_asked_for_is_the_one_shown(here, tmp_path):
    made = figure_files("channels", ["smoke"], ["strict-denial"], tmp_path, draws=16)
    assert "Strict denial" in made[3].read_text()
    fan = figure_files("fan", ["smoke"], ["strict-denial"], tmp_path, draws=16)
    assert set(pd.read_csv(fan[2])["regime"]) == {"current", "strict-denial"}


def refused(match, *args, **more):
    with pytest.raises(BadInput, match=match):
        figure_files(*args, **more)


def test_mistakes_are_told_before_anything_runs(here, tmp_path):
    refused("unknown figure", "fann", ["smoke"])
    refused("no catalogue for this language", "fan", ["smoke"], lang="xx")
    refused("does not run this regime", "fan", ["smoke"], ["gatekeeper"])
    (tmp_path / "file").write_text("")
    refused("cannot be written", "fan", ["smoke"], out=tmp_path / "file", draws=16)
    refused("takes no regime", "flow", ["smoke"], ["current"], draws=16)


def test_every_name_is_one_word_with_a_sentence():
    for name, about in NAMES.items():
        known(name)
        assert about.endswith(".")
