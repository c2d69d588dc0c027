"""What notebooks show: words and digits for readers, and nothing that the catalogue or the run does not say."""

import pandas as pd
import pytest

from forecast import desk
from forecast.catalogue.load import open_catalogue
from forecast.contract import BadInput
from forecast.desk.question import readable, stated
from forecast.desk.rules import POLICY
from forecast.desk.view import Listed, listed
from forecast.figures.law import WORDS
from forecast.scenario import Override
from forecast.stages.permissions import STATUSES
from forecast.tables import Table


@pytest.mark.parametrize(
    ("value", "text"), [(0.0031, "0.0031"), (12.3, "12"), (45_678, "46,000"), (2.34e6, "2.3 million"), (1.2e9, "1.2 billion")]
)
def test_numbers_have_two_digits_and_words_for_their_size(value, text):
    assert readable(value) == text


def test_a_value_is_stated_with_its_interval_and_a_path_by_year():
    spread = {"p05": 1.0, "p50": 2.0, "p95": 4.0}
    plain = Override.model_validate({"spread": spread, "by": "A. Analyst", "reason": "for the test"})
    path = Override.model_validate({"path": {"2027": spread, "2029": spread}, "by": "A. Analyst", "reason": "for the test"})
    assert stated(plain) == "2 (1 to 4)"
    assert stated(path).splitlines() == ["2027: 2 (1 to 4)", "2029: 2 (1 to 4)"]


def test_what_an_analyst_wrote_is_shown_with_all_its_digits_and_its_date():
    who = {"by": "A. Analyst", "reason": "for the test"}
    assert stated(Override(exact=1.15, **who)) == "1.15"
    assert stated(Override(exact=1.25e7, since="2027Q2", **who)) == "12.5 million from 2027Q2"


def test_a_table_escapes_what_it_shows_and_links_addresses():
    page = Listed(pd.DataFrame({"a": ["<b>&", "https://example.org/x"]}), "A <title>")._repr_html_()
    assert "&lt;b&gt;&amp;" in page
    assert '<a href="https://example.org/x">' in page
    assert "A &lt;title&gt;" in page
    assert 'scope="col"' in page


def test_headings_of_a_page_become_a_first_column():
    table = Table("t", "Title", "Note.", ["Where", "Value"], [["Block"], ["One", ("1", "0 to 2")], ["Two", "2"]], pd.DataFrame())
    shown = listed(table).table
    assert shown.iloc[:, 0].tolist() == ["Block", ""]
    assert shown["Value"].tolist() == ["1 (0 to 2)", "2"]


def test_every_status_has_words_and_a_place_on_the_figure():
    assert set(POLICY) == set(WORDS) == set(STATUSES)


def test_every_input_is_listed_with_unit_basis_and_reason():
    table = desk.input_table("baseline").table
    assert set(table["input"]) == set(open_catalogue().quantities)
    assert table["why"].str.len().min() > 5
    assert desk.input_table("baseline", "HBM").table["input"].str.contains("hbm").any()


def test_the_evidence_holds_every_observed_class_and_every_comparator():
    catalogue = open_catalogue()
    classes = catalogue.table("gpus/classes.csv").set_index("gpu_class")["label"]
    shown = " ".join(desk.observed().table["class"])
    assert all(classes[name] in shown for name in catalogue.table("history/acquisitions.csv")["gpu_class"].unique())
    assert "昇腾" in shown
    assert len(desk.comparators().table) == len(catalogue.table("history/comparators.csv"))
    assert len(desk.who_says("no such publisher").table) == 0


def test_an_answer_says_status_paragraph_citation_and_each_test_once():
    page = desk.answer_reasons(desk.answer("h200_sxm", "2026-11-01", "CN")).data
    assert "H200 SXM 141GB to China, on 2026-11-01: licence needed, decided case by case." in page
    assert "3A090.a" in page
    assert "91 FR 1684" in page
    assert page.count("TPP ≥ 4800") == 2
    assert "_" not in page.split("<table>")[1].replace("overflow_", "")


def test_rules_in_force_and_changes_are_those_of_the_regime():
    catalogue = open_catalogue()
    assert "relief: case by case" in desk.rules_in_force("current", "2026-11-01").table["rule"].tolist()
    assert "relief: case by case" not in desk.rules_in_force("current", "2025-11-01").table["rule"].tolist()
    regimes = [catalogue.regimes[name] for name in ("current", "open-blackwell", "strict-denial")]
    pieces = [catalogue.regimes[name] for regime in regimes for name in regime.instruments]
    moves = sum(len(piece.moves) for piece in (*regimes, *pieces))
    assert len(desk.what_changes("baseline").table) == moves > 10
    assert desk.law_steps("current").table["effective"].is_monotonic_increasing


def test_an_unknown_chip_is_told():
    with pytest.raises(BadInput, match="unknown chip"):
        desk.chips_through_time(["h9000"], "current", "2022-01-01", "2026-12-31")


def test_correlations_in_the_draws_have_the_declared_sign(inputs):
    table = desk.correlations(inputs, "2028Q4").table
    assert len(table) == len(open_catalogue().table("correlations.csv"))
    assert (table["declared"].str[0] == table["in the draws"].str[0]).mean() > 0.8
