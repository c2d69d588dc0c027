"""Reports of other kinds than the brief, from the same run: each whole, each with the numbers of the brief."""

import importlib

import pandas as pd
import pytest
from pypdf import PdfReader

from forecast.brief import build_brief
from forecast.brief.equations import EQUATIONS
from forecast.brief.kept import keep, kept
from forecast.cli import main
from forecast.contract import BadInput
from forecast.dossier import KINDS, known_kind
from tests.fakes import fake_context
from tests.shape.test_brief import lay_out


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Every kind but the brief, set from one run."""
    folder = lay_out(tmp_path_factory.mktemp("kinds") / "run")
    made = {kind: PdfReader(build_brief(folder, fake_context(), folder / f"{kind}.pdf", kind)) for kind in KINDS[1:]}
    return folder, made


def words(reader):
    return " ".join("\n".join(page.extract_text() for page in reader.pages).split())


@pytest.mark.slow
def test_two_pages_are_two_pages(pages):
    assert len(pages[1]["two-page"].pages) == 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS[1:])
def test_each_kind_is_tagged_titled_and_cited(pages, kind):
    reader = pages[1][kind]
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.metadata.title == fake_context()["scenario"]["title"]
    assert fake_context()["provenance"]["fingerprint"][:12] in words(reader)
    assert "Cite as" in words(reader)


@pytest.mark.slow
def test_the_annex_maps_every_number_of_the_text_to_what_it_was_read_from(pages):
    folder, made = pages
    printed = words(made["annex"]).replace("\u200b", "").replace(" ", "")
    held = pd.read_csv(folder / "numbers.csv", dtype=str)
    assert len(held) > 50
    missing = [row.id for row in held.itertuples() if row.id.replace(" ", "") not in printed]
    assert missing == []


@pytest.mark.slow
def test_the_annex_prints_every_equation_with_its_function(pages):
    printed = words(pages[1]["annex"]).replace(" ", "")
    for group in EQUATIONS.values():
        for one in group:
            assert one.where.replace(" ", "") in printed


@pytest.mark.parametrize("where", [one.where for group in EQUATIONS.values() for one in group])
def test_the_function_of_each_equation_exists_and_says_what_it_does(where):
    module, name = where.rsplit(".", 1)
    assert getattr(importlib.import_module(module), name).__doc__


@pytest.mark.parametrize(("typed", "meant"), [("two-pages", "two-page"), ("anex", "annex"), ("scenarios", "scenario")])
def test_an_unknown_kind_names_the_nearest(typed, meant):
    with pytest.raises(BadInput, match=meant):
        known_kind(typed)


def test_the_command_refuses_an_unknown_kind_before_it_computes(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["forecast", "report", "smoke", "--kind", "anex"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert "annex" in capsys.readouterr().err


def test_side_results_come_back_from_the_folder_as_they_were(tmp_path):
    frame = pd.DataFrame({"value": [0.1, 1 / 3, float("nan")], "name": ["a", "", "c"], "count": [1, 2, 3]})
    by_name = frame.set_index("name")
    side = {"rows": frame, "split": by_name, "drivers": {"level": frame}, "odds": None, "draws": 64}
    keep({**side, "pictures": object(), "seconds": {}}, tmp_path)
    again = kept(tmp_path)
    assert again is not None
    assert set(again) == set(side)
    pd.testing.assert_frame_equal(again["rows"], frame, check_exact=True)
    pd.testing.assert_frame_equal(again["split"], by_name, check_exact=True)
    pd.testing.assert_frame_equal(again["drivers"]["level"], frame, check_exact=True)
    assert (again["odds"], again["draws"]) == (None, 64)


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"rows": 1}'])
def test_spoilt_or_absent_side_results_are_asked_anew(tmp_path, text):
    if text is not None:
        (tmp_path / "side.json").write_text(text)
    assert kept(tmp_path) is None
