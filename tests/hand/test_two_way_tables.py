"""Lever by lever: each cell is the explorer's answer, and a pasted table keeps its shape."""

import xml.etree.ElementTree as ET

import pytest

from forecast.contract import BadInput
from forecast.explorer import Explorer
from forecast.grid import Axis, axis, grid, two_way
from forecast.pasting import laid_out, two_levers


@pytest.fixture(scope="module")
def table(home):
    return grid("current", axis("cn_accept=0.2,1"), axis("diversion=0.4,1"), draws=16, home=home)


def test_each_cell_is_the_answer_to_both_levers_and_where_the_law_stands_nothing_differs(table, home):
    cell = table[(table["cn_accept"] == 0.2) & (table["diversion"] == 0.4)].iloc[0]
    answer = Explorer("current", 16, home).answer(["cn_accept=0.2@2027Q1", "diversion=0.4@2027Q1"], [])
    assert cell["effect_p50"] == answer.effect[2]
    stands = table[(table["cn_accept"] == 1) & (table["diversion"] == 1)].iloc[0]
    assert stands["effect_p05"] == stands["effect_p95"] == 0
    assert len(table) == 4


@pytest.mark.parametrize("form", ["text", "md", "html"])
def test_a_table_to_paste_keeps_rows_and_columns(table, form):
    title, rows, note = two_way(table, Axis("cn_accept", (0.2, 1.0)), Axis("diversion", (0.4, 1.0)))
    lines = laid_out(form, title, [*rows, ["A | heading"]], [note])
    if form == "md":
        body = [line for line in lines if line.startswith("|")]
        assert {line.replace("\\|", "").count("|") for line in body} == {4}
        assert len(body) == 5
    elif form == "html":
        root = ET.fromstring("<x>" + "".join(lines) + "</x>")
        assert len(root.findall(".//tr")) == 4
        assert root.find(".//caption").text == title
    assert any("16 draws" in line for line in lines)


@pytest.mark.parametrize(
    ("names", "levers", "says"),
    [
        (["current"], ["cn_acept=1", "diversion=1"], "did you mean 'cn_accept'"),
        (["current"], ["cn_accept=1,9", "diversion=1"], "0 to 3"),
        (["current"], ["cn_accept=1,1", "diversion=1"], "different values"),
        (["current"], ["cn_accept=", "diversion=1"], "different values"),
        (["current"], ["cn_accept=1", "cn_accept=2"], "two levers"),
        (["current"], ["cn_accept=1"], "two levers"),
        (["current", "match"], ["cn_accept=1", "diversion=1"], "one scenario or regime"),
        (["current", "diversion=x"], ["cn_accept=1"], "cannot be read"),
    ],
)
def test_what_makes_no_table_is_refused(names, levers, says):
    with pytest.raises(BadInput, match=says):
        two_levers(names, levers, None, 16, lambda _: None)


def test_an_unknown_form_is_refused():
    with pytest.raises(BadInput, match="text, md, html"):
        laid_out("latex", "", [["a"]], [])


@pytest.mark.parametrize("form", ["md", "html"])
def test_a_table_without_a_title_has_no_empty_one(form):
    lines = laid_out(form, "", [["a", "b"], ["c", "1"]], [])
    assert not any(empty in "".join(lines) for empty in ("****", "<caption></caption>"))
