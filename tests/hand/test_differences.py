"""What a regime changes, in words: exact, complete, and said as a reader would say it."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.regime import resolve
from forecast.regions import boxes, held_by
from forecast.rulebook import FIRST_DAY, statuses
from forecast.stages.permissions import STATUSES
from forecast.wording import differences, lines

DENIED, CASE = "licence_presumption_of_denial", "licence_case_by_case"


def test_open_blackwell_moves_data_centre_parts_below_32000_from_denial_to_case_by_case():
    found = differences("current", "open-blackwell")
    assert len(found.sentences) == 1
    text = found.sentences[0]
    assert text.startswith("From 2027Q2, ")
    assert "move from presumption of denial to review case by case" in text
    assert "data-centre parts of 4,800 to below 32,000 TPP with memory bandwidth below 6,500 GB/s" in text
    assert "our placeholder" in text
    assert "B30A" in text
    assert set(found.table["before"]) == {DENIED}
    assert set(found.table["after"]) == {CASE}
    assert set(found.table["tag"]) == {"M"}


def test_strict_denial_is_told_in_the_thresholds_of_the_bill():
    found = differences("current", "strict-denial")
    words = " ".join(found.statuses["what"])
    for limit in ("of 4,800 TPP or more", "of 1.6 TPP/mm2 or more", "of 3.2 TPP/mm2 or more", "of 4,100 GB/s or more",
                  "of 1,100 GB/s or more", "together of 5,000 GB/s or more"):  # fmt: skip
        assert limit in words
    assert set(found.statuses["after"]) == {DENIED}
    bill = found.table[found.table["what"] == "data-centre parts with memory bandwidth of 4,100 GB/s or more"]
    assert bill["tag"].tolist() == ["B"]
    assert bill["through"].tolist() == ["SAFE Chips"]
    assert any(
        "diverted flow" in text and "0.43 instead of 1 (Chip Security; our placeholder)" in text for text in found.sentences
    )


def test_the_rule_of_2023_is_told_in_its_own_bands():
    words = " ".join(differences("2022-10", "2023-10").statuses["what"])
    assert "data-centre parts of 2,400 to below 4,800 TPP with a performance density of 1.6 to below 5.92 TPP/mm2" in words
    assert "parts not for data centres of 4,800 TPP or more" in words


def test_memory_stacks_and_chinese_designs_are_told_where_a_rule_on_them_differs():
    assert "bandwidth density above 2" in " ".join(differences("2024-04", "2024-12").sentences)
    assert "parts designed in China of 4,800 TPP or more" in " ".join(differences("2024-12", "2025-05").sentences)
    assert "designed in China" not in " ".join(differences("current", "open-blackwell").sentences)


def test_steps_of_a_number_are_told_in_order():
    text = differences("current", "enforcement-only").sentences[0]
    assert text.startswith("From 2027Q1, diverted flow")
    assert "0.89, 0.79 from 2027Q2, 0.68 from 2027Q3, 0.57 from 2027Q4 instead of 1" in text
    table = differences("current", "current+beijing-refusal").table
    assert table["since"].tolist() == [dt.date(2027, 1, 11), dt.date(2028, 1, 1)]
    assert table["after"].tolist() == ["0.05", "0.02"]


@pytest.mark.parametrize("name", ["current", "strict-denial", "2022-10"])
def test_nothing_differs_from_itself(name):
    found = differences(name, name)
    assert found.table.empty
    assert found.sentences == ("Nothing differs for this buyer.",)


PAIRS = [("current", "open-blackwell"), ("current", "strict-denial"), ("2022-10", "2023-10"), ("current", "full-liberalisation"),
         ("strict-denial", "open-blackwell"), ("2025-04", "current")]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), PAIRS)
@pytest.mark.parametrize(("to", "hq"), [("CN", None), ("MY", "CN"), ("SA", None)])
def test_a_known_chip_not_designed_in_china_is_named_just_where_its_status_differs(catalogue, a, b, to, hq):
    found = differences(a, b, to=to, hq=hq)
    ours = catalogue.chips[~catalogue.chips["prc_designed"].astype(bool)]

    def pairs(day):
        return [statuses(ours, resolve(regime, catalogue.regimes), day, to, hq) for regime in (a, b)]

    moved = {move.since for regime in (a, b) for move in resolve(regime, catalogue.regimes)}
    assert set(found.table["since"]) <= {*moved, FIRST_DAY}
    for since in sorted({*moved, FIRST_DAY}):
        rows = found.statuses[found.statuses["since"] == since]
        told = {label: row.after for row in rows.itertuples() for label in row.chips.split("; ") if label}
        now = pairs(since)
        before = pairs(since - dt.timedelta(days=1)) if since > FIRST_DAY else [np.zeros_like(codes) for codes in now]
        for at, label in enumerate(ours["label"]):
            news = (now[0][at], now[1][at]) != (before[0][at], before[1][at])
            if news and (now[0][at] != now[1][at] or before[0][at] != before[1][at]):
                assert told.pop(label) == STATUSES[now[1][at]], (label, since)
        assert not set(told) & set(ours["label"])


def test_rules_about_other_things_than_chips_are_told_and_their_end_as_well():
    tools = differences("2022-10", "2022-10-tools").sentences
    assert any("15 CFR 744.23 (fabs) holds (presumption of denial)" in text for text in tools)
    software = differences("2025-05-rescission", "2025-05-eda").sentences
    assert [text.split(",")[0] for text in software] == ["From 2025-05-23", "From 2025-07-02"]
    assert "the same under both again" in software[1]
    assert differences("2023-10-letter", "2024-03").sentences == ("Nothing differs for this buyer.",), "Nicaragua is not China"


def test_differences_for_firms_abroad_are_told_beside_those_for_china():
    told = lines("current", "strict-denial")
    assert any("headquartered in China that stand elsewhere" in line for line in told)
    assert lines("current", "open-blackwell")[-2] == "- no status changes"
    assert lines("2024-11-letter", "2024-12")[-2] == "- the same"
    assert not any("stand elsewhere" in line for line in lines("current", "strict-denial", to="MY", hq="CN"))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 0.9), st.floats(0.0, 0.5))
def test_boxes_hold_every_cell_of_the_target_and_none_that_they_may_not(seed, share, free):
    bits = np.random.RandomState(seed)
    shape = (3, 4, 2, 3)
    target = bits.random_sample(shape) < share
    may, real = bits.random_sample(shape) < free, bits.random_sample(shape) < 0.9
    covered = np.zeros(shape, dtype=bool)
    for box in boxes(target, may, real):
        covered |= held_by(box, shape)
    assert not (target & real & ~covered).any()
    assert not (covered & real & ~target & ~may).any()


def test_one_box_is_enough_for_a_box():
    target = np.zeros((4, 5, 3), dtype=bool)
    target[1:3, 2:, :] = True
    assert boxes(target, np.zeros_like(target), np.ones_like(target)) == [((1, 3), (2, 5), (0, 3))]


def test_a_rule_that_some_allies_join_names_them_and_their_dates():
    def of_tools(regime):
        (said,) = [text for text in differences("current", regime).sentences if "new chip-making tools" in text]
        return said

    assert "from NL, US, EU: 0.13 instead of 1" in of_tools("match-without-japan")
    assert " from NL" not in of_tools("match")
