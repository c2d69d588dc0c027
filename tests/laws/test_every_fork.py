"""A policy on supply in every form of every fork: paired, null where nothing moves, small before its lag and a loss after."""

from dataclasses import replace

import pandas as pd
import pytest

from forecast import everyfork
from forecast.brief.kept import once
from forecast.levers import supply_effect
from forecast.names import FORKS
from forecast.regime import resolve


@pytest.fixture(scope="module")
def few(scenario):
    return scenario.model_copy(update={"draws": 32})


@pytest.fixture(scope="module")
def table(few, catalogue):
    return everyfork.by_fork(few, everyfork.POLICY, (2027, 2028, 2030, 2032), catalogue)


def test_every_form_of_every_fork_has_its_years(table):
    forms = {(fork, form) for fork in FORKS for form in FORKS[fork]}
    assert {tuple(pair) for pair in table[["fork", "form"]].drop_duplicates().to_numpy()} == forms
    assert table.groupby(["fork", "form", "what"])["year"].count().eq(4).all()


def test_the_bill_shows_little_by_2028_and_a_loss_after_in_every_form(table):
    """What analysts expect of MATCH: a median of packages within two percent by 2028, below that and in most worlds by 2032."""
    held = table.set_index(["what", "year"])["p50"].sort_index()
    assert held.loc[("packages", 2027)].abs().max() < 0.001
    assert held.loc[("packages", 2028)].abs().max() < 0.02
    assert held.loc[("packages", 2032)].max() < -0.02
    assert held.loc[("loss", 2032)].min() > 0.5
    assert held.loc[("wafers", 2032)].max() < held.loc[("packages", 2032)].min()


def test_a_form_of_investment_is_what_the_table_of_the_policy_has_for_it(table, few, catalogue):
    other = supply_effect(few, everyfork.POLICY, (2030,), catalogue)
    for form in FORKS["bottlenecks"]:
        for what in ("wafers", "stacks", "packages", "onshore", "loss"):
            ours = table[(table["form"] == form) & (table["year"] == 2030) & (table["what"] == what)]["p50"]
            theirs = other[(other["form"] == form) & (other["what"] == what)]["p50"]
            assert ours.to_numpy() == pytest.approx(theirs.to_numpy()), (form, what)


def test_a_policy_that_moves_nothing_shows_nothing_in_any_form(few, catalogue):
    twin = catalogue.regimes["current"].model_copy(update={"name": "twin"})
    none = everyfork.by_fork(few, "twin", (2030,), replace(catalogue, regimes={**catalogue.regimes, "twin": twin}))
    moved = none[~none["what"].isin(["memory", "logic"])]
    assert (moved[["p05", "p50", "p95"]] == 0).all(axis=None)


def test_the_bill_reaches_lines_and_memory_makers_and_nothing_else(catalogue):
    moves = {move.lever for move in resolve("match", catalogue.regimes)} - {
        m.lever for m in resolve("current", catalogue.regimes)
    }
    assert {"tool_sales", "tool_servicing", "memory_tools"} <= moves


def test_the_sentence_says_the_medians_of_the_first_and_the_last_year():
    rows = [
        ("bottlenecks", form, year, what, "1", value, value, value)
        for form in FORKS["bottlenecks"]
        for year, numbers in ((2028, (-0.07, 0.0, -0.01, 0.4, 0.9)), (2032, (-0.25, -0.1, -0.08, 0.8, 0.7)))
        for what, value in zip(("wafers", "stacks", "packages", "loss", "memory"), numbers, strict=True)
    ]
    told = everyfork.story(pd.DataFrame(rows, columns=["fork", "form", "year", "what", "unit", "p05", "p50", "p95"]))
    for words in (
        "By 2028 wafers change by −7.0% and packages by −1.0%",
        "stacks by −10%",
        "80% of worlds lose",
        "(70% of quarters)",
    ):
        assert words in told


def test_a_frame_is_asked_once_and_read_again_cell_for_cell(tmp_path):
    made = pd.DataFrame({"fork": ["a", "b"], "p50": [0.1, 1 / 3], "on": [True, False]})
    asked = []

    def make():
        asked.append(1)
        return made

    first, second = (once(tmp_path, "t.json", make) for _ in range(2))
    assert len(asked) == 1
    assert first.equals(made)
    assert second.equals(made)
    assert list(second.dtypes) == list(made.dtypes)
    (tmp_path / "t.json").write_text("{")
    assert once(tmp_path, "t.json", make).equals(made)
    assert len(asked) == 2
