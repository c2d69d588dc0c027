"""Spells of one status: they join without gap, end where asked, and agree with the answer on each day."""

import datetime as dt
import itertools

from forecast.regime import resolve
from forecast.rulebook import classify, spells

FIRST, LAST = dt.date(2022, 1, 1), dt.date(2026, 12, 31)
CHIPS = ["h20_96gb", "h200_sxm", "rtx_4090", "ascend_910c"]


def held(catalogue):
    return spells(catalogue.chips.loc[CHIPS], resolve("current", catalogue.regimes), FIRST, LAST)


def test_spells_cover_the_time_without_gap_or_overlap(catalogue):
    for chip, rows in held(catalogue).groupby("chip"):
        assert rows["since"].iloc[0] == FIRST, chip
        assert rows["until"].iloc[-1] == LAST + dt.timedelta(days=1), chip
        assert rows["until"].iloc[:-1].tolist() == rows["since"].iloc[1:].tolist(), chip


def test_a_new_spell_is_a_new_status_or_another_paragraph(catalogue):
    for _, rows in held(catalogue).groupby("chip"):
        pairs = list(zip(rows["status"], rows["paragraph"], strict=True))
        assert all(one != other for one, other in itertools.pairwise(pairs))


def test_spells_say_what_the_single_answer_says_on_their_first_and_last_day(catalogue):
    for row in held(catalogue).itertuples():
        for day in (row.since, row.until - dt.timedelta(days=1)):
            answer = classify(row.chip, on=day)
            assert (answer.status, answer.paragraph) == (row.status, row.paragraph), (row.chip, day)


def test_chips_keep_the_order_of_the_table(catalogue):
    assert list(dict.fromkeys(held(catalogue)["chip"])) == CHIPS
