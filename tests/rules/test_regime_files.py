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
    card,
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
    book = {**law.regimes, "2026-07": law.regimes["2026-07"].model_copy(update={"parent": "current"})}
    with pytest.raises(BadInput, match="its own ancestor"):
        lineage("current", book)
    with pytest.raises(BadInput, match=r"(?s)the parent of 'current'.*did you mean '2026-07'"):
        lineage("current", {"2026-07": law.regimes["2026-07"], "current": current.model_copy(update={"parent": "2026-7"})})
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
        ("duty", "'0.3'", r"a number, with a point"),
        ("control.x", "0.3", r"takes a rule or null"),
        ("duty", "{paragraph: abc, any_of: [[tpp >= 1]], destinations: [CN], policy: free}", r"takes a number, not a rule"),
        ("control.x", "{paragraph: abc, destinations: [CN], policy: free}", r"speaks of no chip"),
        ("control.x", "{paragraph: abc, any_of: [[tpp >= 1]], destinations: [China], policy: free}", r"country in two capitals"),
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


def test_every_lever_names_an_input_that_it_acts_on_or_says_that_it_has_no_effect(catalogue):
    for name, lever in LEVERS.items():
        assert lever.acts_on == NO_EFFECT or lever.acts_on in catalogue.quantities, name
        assert lever.low <= lever.default <= lever.high
        assert len(lever.about) > 20


def test_every_named_chip_and_vendor_is_in_the_chip_table(law):
    for regime in law.regimes.values():
        for move in regime.moves:
            rule = move.value
            if rule is not None and not isinstance(rule, float):
                assert set(rule.named) <= set(law.things.index)
                assert set(rule.vendors) <= set(law.things["vendor"])


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


def _pieces(write, tmp_path, **extra):
    """A what-if of two instruments, and an overlay, beside the shipped files."""
    piece = TEXT.replace("parent: {parent}", "parent: null").replace("what_if", "{status}")
    made = (("one", "instruments", "instrument", "duty", 0.3), ("two", "instruments", "instrument", "duty", 0.4),
            ("cover", "overlays", "overlay", "duty", 0.5))  # fmt: skip
    for name, folder, status, lever, value in made:
        text = piece.format(name=name, status=status, lever=lever, value=value)
        (tmp_path / "regimes" / folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    head = TEXT.split("moves:\n")[0]
    return write(name="sum", text=head + "instruments: [{value}]\n", **extra)


def test_instruments_apply_in_the_order_named_and_origin_names_the_file(write, tmp_path):
    for order, want in (("one, two", 0.4), ("two, one", 0.3)):
        book = load_regimes(_pieces(write, tmp_path, value=order))
        moves = resolve("sum", book)
        assert state_on(moves, dt.date(2030, 2, 1)).scalars["duty"] == want
        assert origin(moves[-1], "sum", book).name == order.split(", ")[1]


def test_an_overlay_holds_from_its_first_move_on_with_any_regime(write, tmp_path):
    late = TEXT.split("moves:")[0] + "moves:\n" + "".join(
        f"  - lever: duty\n    since: {day}\n    value: {value}\n    tag: M\n    reason: made up for a test\n"
        for day, value in (("2030-02-01", 0.1), ("2031-01-01", 0.9))
    )  # fmt: skip
    _pieces(write, tmp_path, value="one")
    book = load_regimes(write(name="late", text=late))
    for base in ("late", "sum", "current"):
        moves = resolve(f"{base}+cover", book)
        assert state_on(moves, dt.date(2030, 1, 31)).scalars["duty"] == 0.25
        for day in (dt.date(2030, 2, 1), dt.date(2031, 6, 1)):
            assert state_on(moves, day).scalars["duty"] == 0.5
    assert state_on(resolve("late", book), dt.date(2031, 6, 1)).scalars["duty"] == 0.9
    told = card("late+cover", book)
    assert (told.name, told.short) == ("late+cover", "Made-up step + Made-up step")


def test_pieces_out_of_place_are_refused(write, tmp_path):
    with pytest.raises(BadInput, match=r"(?s)unknown instrument.*sum\.yaml, line 14.*found: *chip-securty.*'chip-security'"):
        load_regimes(_pieces(write, tmp_path, value="one, chip-securty"))
    with pytest.raises(BadInput, match="the same instrument twice"):
        load_regimes(_pieces(write, tmp_path, value="one, one"))
    with pytest.raises(BadInput, match="nothing moves on the effective date"):
        load_regimes(_pieces(write, tmp_path, value="chip-security"))
    book = load_regimes(_pieces(write, tmp_path, value="one"))
    with pytest.raises(BadInput, match="no regime is named 'one'"):
        resolve("one", book)
    with pytest.raises(BadInput, match=r"(?s)no such overlay.*did you mean 'cover'"):
        resolve("sum+covr", book)
    with pytest.raises(BadInput, match=r"no regime is named 'one'"):
        load_regimes(write(name="odd", parent="one"))
    (tmp_path / "regimes" / "what_if" / "odd.yaml").unlink()
    wrong = TEXT.replace("what_if", "instrument")
    (tmp_path / "regimes" / "instruments" / "one.yaml").write_text(
        wrong.format(name="one", parent="current", lever="duty", value=0.3), encoding="utf-8"
    )
    with pytest.raises(BadInput, match="has no parent"):
        load_regimes(tmp_path)


def test_a_regime_with_an_overlay_has_a_name_that_fits_a_figure(law):
    overlays = [name for name, regime in law.regimes.items() if regime.status == "overlay"]
    for name, regime in law.regimes.items():
        if regime.status == "what_if" or name == "current":
            for overlay in overlays:
                assert len(card(f"{name}+{overlay}", law.regimes).short) <= 28, name
            assert set(card(name, law.regimes).sources) >= set(regime.sources)


def test_every_instrument_and_overlay_is_tagged_cited_and_used(law):
    used = {name for regime in law.regimes.values() for name in regime.instruments}
    assert used == {name for name, regime in law.regimes.items() if regime.status == "instrument"}
    assert {"bill_s3374", "bill_hr6875", "bill_s2296", "bill_hr3447", "bill_hr2683"} <= set(
        card("strict-denial", law.regimes).sources
    )
