"""Regime files that are wrong are refused with file, line, key and the nearest right word; dates weigh by days."""

import datetime as dt
import shutil
import typing

import numpy as np
import pandas as pd
import pytest

from forecast.catalogue.law import load_regimes
from forecast.contract import BadInput
from forecast.names import quarters_between
from forecast.regime import (
    LEVERS,
    NO_EFFECT,
    Policy,
    days_in_force,
    lineage,
    origin,
    plain_name,
    resolve,
    scalar_path,
    state_on,
)
from forecast.rulebook import classify, permitted
from forecast.stages.permissions import METRICS, STATUSES, parse_test

TEXT = """\
name: {name}
title: A made-up step of law
short: Made-up step
author: nobody
parent: {parent}
announced: 2030-01-01
effective: 2030-02-01
status: what_if
citation: none, made up for a test
url: https://example.org/
sources: [made_up]
confidence: low
summary: Moves one lever to see what happens.
moves:
  - lever: {lever}
    since: 2030-02-01
    value: {value}
    tag: M
    reason: made up for a test
"""


@pytest.fixture
def write(params, tmp_path):
    """A copy of the shipped regimes, and a way to add a what-if to it."""
    shutil.copytree(params / "regimes", tmp_path / "regimes")

    def add(name="odd", parent="current", lever="duty", value="0.3", text=TEXT):
        path = tmp_path / "regimes" / "what_if" / f"{name}.yaml"
        path.write_text(text.format(name=name, parent=parent, lever=lever, value=value), encoding="utf-8")
        return tmp_path

    return add


def test_a_good_what_if_is_read_and_stands_on_its_parent(write):
    book = load_regimes(write())
    moves = resolve("odd", book)
    assert state_on(moves, dt.date(2030, 1, 31)).scalars["duty"] == 0.25
    assert state_on(moves, dt.date(2030, 2, 1)).scalars["duty"] == 0.3
    assert origin(moves[-1], "odd", book).name == "odd"


def test_a_regime_that_is_its_own_ancestor_is_refused(write):
    write(name="egg", parent="hen")
    with pytest.raises(BadInput, match=r"its own ancestor(?s:.)*egg\.yaml, line 5"):
        load_regimes(write(name="hen", parent="egg"))


def test_own_ancestor_and_missing_parent_are_refused_in_memory(law):
    current = law.regimes["current"]
    book = {**law.regimes, "2026-01": law.regimes["2026-01"].model_copy(update={"parent": "current"})}
    with pytest.raises(BadInput, match="its own ancestor"):
        lineage("current", book)
    with pytest.raises(BadInput, match=r"(?s)the parent of 'current'.*did you mean '2026-01'"):
        lineage("current", {"2026-01": law.regimes["2026-01"], "current": current.model_copy(update={"parent": "2026-1"})})
    with pytest.raises(BadInput, match=r"(?s)no regime is named 'strict'.*did you mean 'strict-denial'"):
        lineage("strict", law.regimes)


def test_an_unknown_parent_is_refused_with_the_nearest_name(write):
    with pytest.raises(BadInput, match=r"(?s)odd\.yaml, line 5.*curent.*did you mean 'current'"):
        load_regimes(write(parent="curent"))


def test_an_unknown_lever_is_refused_with_the_nearest_name(write):
    with pytest.raises(BadInput, match=r"(?s)odd\.yaml, line 15.*unknown lever 'divertion'; did you mean 'diversion'"):
        load_regimes(write(lever="divertion"))
    quarters = quarters_between("2030Q1", "2030Q1")
    with pytest.raises(BadInput, match=r"(?s)unknown lever 'hq_rul'.*did you mean 'hq_rule'"):
        scalar_path((), "hq_rul", quarters)


@pytest.mark.parametrize(
    ("lever", "value", "message"),
    [
        ("duty", "1.5", r"duty is 1.5, allowed 0 to 1"),
        ("duty", "'0.3'", r"valid number"),
        ("control.x", "0.3", r"takes a rule or null"),
        ("duty", "{paragraph: abc, any_of: [[tpp >= 1]], destinations: [CN], policy: free}", r"takes a number, not a rule"),
        ("control.x", "{paragraph: abc, destinations: [CN], policy: free}", r"speaks of no chip"),
        ("control.x", "{paragraph: abc, any_of: [[tpp >= 1]], destinations: [China], policy: free}", r"pattern"),
        ("control.x", "{paragraph: abc, any_of: [[tpp >= 1]], destinations: [CN], policy: banned}", r"policy"),
        ("control.x", "{paragraph: abc, any_of: [[tps >= 1]], destinations: [CN], policy: free}", r"the facts known are tpp"),
        ("control.x", "{paragraph: abc, any_of: [[tpp >> 1]], destinations: [CN], policy: free}", r"is not a test"),
        (
            "control.x",
            "{paragraph: abc, any_of: [[tpp >= 1]], destinations: [CN], policy: free, headquarter: true}",
            r"did you mean 'headquarters'",
        ),
        ("relief.x", "{paragraph: abc, any_of: [[tpp >= 1]], destinations: [CN], policy: free}", r"applies_to"),
    ],
)
def test_a_move_that_does_not_fit_is_refused(write, lever, value, message):
    with pytest.raises(BadInput, match=rf"(?s)odd\.yaml, line \d+.*{message}"):
        load_regimes(write(lever=lever, value=value))


def test_name_folder_and_dates_must_agree(write):
    with pytest.raises(BadInput, match="name must be its file's"):
        load_regimes(write(text=TEXT.replace("name: {name}", "name: other")))
    with pytest.raises(BadInput, match="status does not fit the folder"):
        load_regimes(write(text=TEXT.replace("what_if", "enacted")))
    with pytest.raises(BadInput, match="nothing moves on the effective date"):
        load_regimes(write(text=TEXT.replace("effective: 2030-02-01", "effective: 2030-03-01")))
    with pytest.raises(BadInput, match="moved twice"):
        load_regimes(write(text=TEXT + TEXT.split("moves:\n")[1]))


def test_no_folder_no_regimes(tmp_path):
    with pytest.raises(BadInput, match="no regimes here"):
        load_regimes(tmp_path)


def test_the_child_wins_on_the_same_day_and_null_takes_a_lever_back(write):
    write(name="first", value="0.3")
    write(name="second", parent="first", value="0.4")
    book = load_regimes(write(name="third", parent="second", value="null"))
    for name, want in (("first", 0.3), ("second", 0.4), ("third", 0.0)):
        assert state_on(resolve(name, book), dt.date(2030, 2, 1)).scalars["duty"] == want
    assert len([move for move in resolve("third", book) if move.since == dt.date(2030, 2, 1)]) == 1


def test_both_spellings_of_a_what_if_are_one_regime(law):
    assert plain_name("what_if/open-blackwell") == plain_name("open-blackwell") == "open-blackwell"
    assert resolve("what_if/open-blackwell", law.regimes) == resolve("open-blackwell", law.regimes)


def test_a_rule_counts_by_its_days_in_force():
    quarters = quarters_between("2026Q1", "2026Q2")
    shares = days_in_force([dt.date(2026, 1, 15), dt.date(2026, 5, 31)], quarters)
    np.testing.assert_allclose(shares, [[14 / 90, 0], [76 / 90, 60 / 91], [0, 31 / 91]])
    np.testing.assert_allclose(days_in_force([], quarters), [[1.0, 1.0]])
    np.testing.assert_allclose(days_in_force([dt.date(2020, 1, 1)], quarters), [[0.0, 0.0], [1.0, 1.0]])
    np.testing.assert_allclose(days_in_force([dt.date(2026, 4, 1)], quarters), [[1.0, 0.0], [0.0, 1.0]])


def test_scalars_are_weighted_by_days(law):
    quarters = quarters_between("2022Q1", "2028Q4")
    moves = resolve("strict-denial", law.regimes)
    path = pd.Series(scalar_path(moves, "hq_rule", quarters), index=quarters)
    assert path["2023-10-01"] == pytest.approx(45 / 92)
    assert path["2025-04-01"] == pytest.approx((42 + 49 * 0.3) / 91)
    assert path["2025-07-01"] == pytest.approx(0.3)
    assert path["2026-04-01"] == pytest.approx((60 * 0.3 + 31) / 91)
    assert path["2026-07-01"] == 1.0
    assert scalar_path(moves, "diversion", quarters)[-1] == 0.43
    assert scalar_path(moves, "cloud_rule", quarters).tolist() == [0.0] * 24 + [1.0] * 4
    assert scalar_path(moves, "tool_sales", quarters).tolist() == [1.0] * 28


def test_permission_is_a_share_of_the_quarter(law):
    quarters = quarters_between("2022Q1", "2026Q4")
    moves = resolve("current", law.regimes)
    chips = law.chips.loc[["a100_sxm_80gb", "h20_96gb", "b30a", "l20"]]
    shares = pd.DataFrame(permitted(chips, moves, quarters), index=chips.index, columns=quarters)
    assert shares.shape == (4, 20)
    assert shares.loc["a100_sxm_80gb", "2022-07-01"] == pytest.approx(56 / 92)
    assert shares.loc["a100_sxm_80gb", "2022-10-01"] == 0.0
    assert shares.loc["a100_sxm_80gb", "2026-01-01"] == pytest.approx(76 / 90)
    assert shares.loc["h20_96gb", "2025-04-01"] == pytest.approx(8 / 91)
    assert shares.loc["h20_96gb", "2025-07-01"] == pytest.approx(54 / 92)
    assert (shares.loc["b30a", "2024-01-01":] == 0.0).all()
    assert (shares.loc["l20"] == 1.0).all()
    abroad = permitted(chips, moves, quarters, to="MY", hq="CN")
    assert abroad[0, 0] == 1.0
    assert abroad[0, -1] == 0.0


def test_every_lever_acts_on_something_or_says_that_it_does_not():
    for name, lever in LEVERS.items():
        assert lever.acts_on == NO_EFFECT or lever.acts_on.isidentifier(), name
        assert lever.low <= lever.default <= lever.high
        assert len(lever.about) > 20


def test_every_named_chip_and_vendor_is_in_the_chip_table(law):
    for regime in law.regimes.values():
        for move in regime.moves:
            rule = move.value
            if rule is not None and not isinstance(rule, float):
                assert set(rule.named) <= set(law.chips.index)
                assert set(rule.vendors) <= set(law.chips["vendor"])


@pytest.mark.parametrize(
    "text", ["tpp => 1", "tpp >= x", "datacenter >= yes", "datacenter == 1", "tpp + datacenter >= 1", "first_us_sale <= soon", ""]
)
def test_a_test_that_cannot_be_read_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - several messages, each from its own check
        parse_test(text)


def test_a_file_may_name_every_status_and_no_other():
    assert typing.get_args(Policy) == STATUSES


def test_tests_are_read_as_written():
    assert parse_test("dram_bandwidth + io_bandwidth >= 1700").metrics == ("dram_bandwidth", "io_bandwidth")
    assert parse_test("first_us_sale <= 1970-01-02").bound == 1.0
    assert parse_test("datacenter == yes").bound == 1.0
    assert all(metric.about.endswith(".") for metric in METRICS.values())


def test_what_cannot_be_asked_is_refused(law):
    with pytest.raises(BadInput, match="did you mean 'h20_96gb'"):
        classify("h20_96g", on="2024-06-01", params=law)
    with pytest.raises(BadInput, match="did you mean 'dram_bandwidth'"):
        classify({"dram_bandwith": 1}, on="2024-06-01", params=law)
    with pytest.raises(BadInput, match="two-letter code"):
        classify("l20", on="2024-06-01", to="China", params=law)
    with pytest.raises(BadInput, match="not a date"):
        classify("l20", on="June 2024", params=law)
    with pytest.raises(BadInput, match="not yes or no"):
        classify({"datacenter": "maybe"}, on="2024-06-01", params=law)
    with pytest.raises(BadInput, match="not a number"):
        classify({"tpp": "much"}, on="2024-06-01", params=law)
