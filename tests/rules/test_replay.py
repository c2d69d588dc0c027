"""Enacted history replays into the rules in force, and into what was in force on the way."""

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.catalogue.law import load_in_force
from forecast.names import quarters_between
from forecast.regime import LEVERS, Rule, in_force, lineage, resolve, scalar_path, state_on
from forecast.rulebook import permitted, statuses
from forecast.stages.permissions import STATUSES

HERE = Path(__file__).parent
TODAY = dt.date(2026, 11, 22)
ENACTED = (
    "2022-01", "2022-08", "2022-10", "2022-10-tools", "2023-01", "2023-07-japan", "2023-09-netherlands", "2023-10-veu", "2023-10",
    "2023-10-tools", "2023-10-letter", "2024-03", "2024-04", "2024-09-netherlands", "2024-11-letter", "2024-12", "2024-12-tools",
    "2025-01-diffusion", "2025-01-foundry", "2025-04-netherlands", "2025-04", "2025-05", "2025-05-rescission", "2025-05-eda",
    "2025-08", "2025-08-share", "2025-08-veu", "2025-09-affiliates", "2025-11-stay", "2026-01", "2026-01-duty", "2026-02",
    "2026-05", "2026-07", "current",
)  # fmt: skip
WHAT_IFS = (
    "chokepoint", "current-thaw", "current-trickle", "enforcement-only", "full-liberalisation", "gatekeeper", "match",
    "open-blackwell", "strict-denial",
)  # fmt: skip
STATES = list(csv.DictReader((HERE / "states.csv").read_text(encoding="utf-8").splitlines()))


LISTS = ("named", "vendors", "origins", "destinations", "except_destinations", "only_headquartered", "not_headquartered")
WORDS = ("law_of", "paragraph", "policy")


def described(move):
    """A move in force as the typed table writes it."""
    row = {"lever": move.lever, "since": move.since, "value": None, "headquarters": None}
    row |= dict.fromkeys((*LISTS, *WORDS, "test", "applies_to", "rate_of", "quotas"), "")
    if not isinstance(move.value, Rule):
        return row | {"value": move.value}
    rule = move.value
    return row | {name: getattr(rule, name) for name in WORDS} | {name: " ".join(getattr(rule, name)) for name in LISTS} | {
        "test": " | ".join(" & ".join(branch) or "anything" for branch in rule.any_of),
        "headquarters": rule.headquarters,
        "applies_to": "; ".join(rule.applies_to),
        "rate_of": rule.rate_of or "",
        "quotas": "; ".join(f"{quota.measure} {quota.limit:g}" for quota in rule.quotas),
    }  # fmt: skip


def typed(params):
    """The separately typed table, row by row."""
    rows = {}
    for row in load_in_force(params).drop(columns=["line", "citation"]).to_dict("records"):
        row["since"] = row["since"].date()
        row["value"] = None if pd.isna(row["value"]) else row["value"]
        row["headquarters"] = None if pd.isna(row["headquarters"]) else bool(row["headquarters"])
        rows[row["lever"]] = row
    return rows


def test_replaying_the_files_gives_the_typed_rules_in_force(law, params):
    replayed = {lever: described(move) for lever, move in in_force(resolve("current", law.regimes), TODAY).items()}
    table = typed(params)
    assert set(replayed) - set(table) == set(), "in the files, not in the typed table"
    assert set(table) - set(replayed) == set(), "in the typed table, not in the files"
    for lever, row in replayed.items():
        assert row == table[lever]


def test_enacted_steps_form_one_chain_in_order(law):
    chain = lineage("current", law.regimes)
    assert tuple(step.name for step in chain) == ENACTED
    assert [step.announced for step in chain] == sorted(step.announced for step in chain)


@pytest.mark.parametrize("row", STATES, ids=lambda row: f"{row['chip']}-{row['to']}-{row['hq']}-{row['first']}")
def test_status_holds_from_the_first_to_the_last_day_of_each_spell(law, row):
    moves = resolve("current", law.regimes)
    chip = law.chips.loc[[row["chip"]]]
    first, last = dt.date.fromisoformat(row["first"]), dt.date.fromisoformat(row["last"])
    for day in (first, first + (last - first) // 2, last):
        code = statuses(chip, moves, day, row["to"], row["hq"] or None)[0]
        assert STATUSES[code] == row["status"], f"{row['chip']} on {day}"


def test_current_is_a_name_for_the_latest_step(law):
    current, latest = lineage("current", law.regimes)[-1], lineage("current", law.regimes)[-2]
    assert current.moves == ()
    assert resolve("current", law.regimes) == resolve(latest.name, law.regimes)
    assert (current.announced, current.effective) == (latest.announced, latest.effective)
    assert all(step.announced <= latest.announced for step in lineage("current", law.regimes))


def test_law_that_is_already_made_for_later_days_is_scheduled_and_cited(law):
    later = [move for move in resolve("current", law.regimes) if move.since > TODAY]
    assert {(move.lever, move.since.year) for move in later} == {("relief.foundry", 2027), ("relief.foundry", 2029)}
    assert {move.tag for move in later} == {"B"}


def test_each_enacted_step_moves_something_and_is_dated_by_its_first_move(law):
    for step in lineage("current", law.regimes)[:-1]:
        assert min(move.since for move in step.moves) == step.effective, step.name
        assert all(move.tag in ("S", "B") or step.name == "2025-05-rescission" for move in step.moves), step.name


@pytest.mark.parametrize("name", WHAT_IFS)
def test_an_alternative_changes_nothing_before_its_first_move(law, name):
    quarters = quarters_between("2022Q1", "2032Q4")
    now, then = resolve("current", law.regimes), resolve(name, law.regimes)
    start = min(move.since for move in set(then) - set(now))
    before = quarters + pd.offsets.QuarterBegin(startingMonth=1) <= pd.Timestamp(start)
    assert before.any()
    np.testing.assert_array_equal(permitted(law.chips, now, quarters)[:, before], permitted(law.chips, then, quarters)[:, before])
    for lever in LEVERS:
        np.testing.assert_array_equal(scalar_path(now, lever, quarters)[before], scalar_path(then, lever, quarters)[before])


def test_strict_denial_is_never_looser_than_current_law_and_open_blackwell_never_tighter(law):
    for day in (dt.date(2027, 1, 1), dt.date(2027, 4, 1), dt.date(2029, 1, 1)):
        codes = {name: statuses(law.chips, resolve(name, law.regimes), day) for name in ("current", *WHAT_IFS)}
        assert (codes["strict-denial"] >= codes["current"]).all()
        assert (codes["open-blackwell"] <= codes["current"]).all()


def test_scalars_stand_at_their_defaults_before_the_first_step(law):
    state = state_on(resolve("current", law.regimes), dt.date(2021, 12, 31))
    assert state.controls == {}
    assert state.reliefs == {}
    assert state.levies == {}
    assert state.scalars == {name: lever.default for name, lever in LEVERS.items()}
