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
    "2022-08", "2022-10", "2023-01", "2023-10", "2023-10-letter", "2024-04", "2024-12", "2025-04", "2025-05",
    "2025-05-rescission", "2025-08", "2025-08-share", "2026-01", "2026-01-duty", "2026-05", "2026-07", "current",
)  # fmt: skip
WHAT_IFS = (
    "chokepoint", "current-thaw", "current-trickle", "enforcement-only", "full-liberalisation", "gatekeeper", "match",
    "open-blackwell", "strict-denial",
)  # fmt: skip
STATES = list(csv.DictReader((HERE / "states.csv").read_text(encoding="utf-8").splitlines()))


def described(move):
    """A move in force as the typed table writes it."""
    row = {"lever": move.lever, "since": move.since, "value": None, "paragraph": "", "test": "", "named": "", "vendors": ""}
    row |= {"destinations": "", "headquarters": None, "applies_to": "", "policy": ""}
    if not isinstance(move.value, Rule):
        return row | {"value": move.value}
    rule = move.value
    return row | {
        "paragraph": rule.paragraph,
        "test": " | ".join(" & ".join(branch) for branch in rule.any_of),
        "named": " ".join(rule.named),
        "vendors": " ".join(rule.vendors),
        "destinations": " ".join(rule.destinations),
        "headquarters": rule.headquarters,
        "applies_to": "; ".join(rule.applies_to),
        "policy": rule.policy,
    }


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
    last = max(move.since for move in resolve("current", law.regimes))
    assert last in {move.since for move in latest.moves}


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
    state = state_on(resolve("current", law.regimes), dt.date(2022, 1, 1))
    assert state.controls == {}
    assert state.reliefs == {}
    assert state.scalars == {name: lever.default for name, lever in LEVERS.items()}
