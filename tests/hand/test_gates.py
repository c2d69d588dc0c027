"""Two gates in a row: closed at either end nothing comes in, and the table says what the run said."""

import numpy as np
import pandas as pd
import pytest

from forecast.contract import BadInput
from forecast.gates import (
    ANSWERS,
    COLUMNS,
    EFFECT_COLUMNS,
    LADDER,
    LEANINGS,
    REFERENCE,
    gate_effects,
    gate_effects_table,
    gates_table,
    two_gates,
)
from forecast.model import run
from forecast.names import bounds_of, parse_quarter
from forecast.rows import grouped
from forecast.tables import Scope, signed, two_digits
from tests.fakes import fake_context


@pytest.fixture(scope="module")
def gates(inputs):
    return two_gates(inputs, "b30a", 2028)


def test_each_pair_of_answers_has_its_row(gates):
    assert tuple(gates.columns) == COLUMNS
    assert len(gates) == 2 * len(ANSWERS) * len(LEANINGS)
    assert not gates.duplicated(["permission", "leaning", "quantity"]).any()


def test_a_refusal_is_a_zero_whatever_beijing_says(gates):
    refused = gates[(gates.permission == "refused") & (gates.quantity == "licensed")]
    assert refused[["p05", "p50", "p95"]].to_numpy().max() == 0


def test_a_wider_second_gate_accepts_more(gates):
    permitted = gates[(gates.permission == "permitted") & (gates.quantity == "licensed")].set_index("leaning")
    assert permitted["acceptance"].tolist() == sorted(permitted["acceptance"])
    assert permitted.loc["low", "acceptance"] < permitted.loc["high", "acceptance"]
    assert permitted["p50"].min() > 0


def test_the_question_leaves_the_inputs_alone(inputs):
    before = inputs["permitted"].values.copy(), inputs["acceptance"].values.copy()
    two_gates(inputs.isel(draw=slice(16)), "h200", 2027)
    assert (inputs["permitted"].values == before[0]).all()
    assert (inputs["acceptance"].values == before[1]).all()


def test_the_table_says_what_the_runs_said(gates):
    table = gates_table(gates, "NVIDIA B30A")
    assert [row[0] for row in table.rows] == ["Low", "Median", "High"]
    assert all(len(row) == len(table.header) for row in table.rows)
    row = gates[(gates.permission == "permitted") & (gates.leaning == "high") & (gates.quantity == "licensed")].iloc[0]
    assert table.rows[2][3][0] == two_digits(row["p50"] / 1e6, decimals=3)
    assert table.rows[0][2] == "0"


@pytest.mark.parametrize(("gpu_class", "year"), [("rubin", 2028), ("b30a", 2026), ("b30a", 2050)])
def test_a_class_or_year_that_cannot_be_asked_is_refused(inputs, gpu_class, year):
    with pytest.raises(BadInput):
        two_gates(inputs, gpu_class, year)


@pytest.fixture(scope="module")
def effects(inputs):
    return gate_effects(inputs, "2028Q4").set_index(["permission", "leaning", "channel"])


def test_every_pair_of_gates_is_asked_for_both_stocks(effects):
    assert set(effects.reset_index().columns) == set(EFFECT_COLUMNS)
    assert len(effects) == len(LADDER) * len(LEANINGS) * 2
    assert effects.index.is_unique
    assert (effects["draws"] == 64).all()


def test_the_reference_changes_nothing(effects):
    for channel in ("onshore", "accessible"):
        assert effects.loc[(*REFERENCE, channel), ["p05", "p50", "p95", "mean"]].tolist() == [0, 0, 0, 0]


def test_without_licences_it_does_not_matter_what_beijing_says(effects):
    for channel in ("onshore", "accessible"):
        shut = [effects.loc[("nothing", leaning, channel), ["p05", "p50", "p95"]].tolist() for leaning in LEANINGS]
        assert shut[0] == shut[1] == shut[2]


def test_the_reference_is_the_regime_itself_with_acceptance_at_its_median(inputs, effects):
    bound = bounds_of(pd.DatetimeIndex([parse_quarter("2028Q4")]))[1]
    one = inputs.isel(regime=[0])
    held = one.assign(acceptance=one["acceptance"].copy(data=np.broadcast_to(
        np.median(one["acceptance"].values, axis=-1, keepdims=True), one["acceptance"].shape)))  # fmt: skip
    wide = held.assign(permitted=held["permitted"].copy(deep=True))
    ahead = wide["quarter"] > wide["quarter"][inputs.attrs["observed_quarters"] - 1]
    for name in ("b30a", "b200", "b300"):
        wide["permitted"].loc[{"gpu_class": name, "quarter": ahead}] = 1.0
    level = [grouped(run(world)["compute_nominal"]).sel(bound=bound, channel="accessible").values.astype(float)
             for world in (held, wide)]  # fmt: skip
    assert np.median(level[1] - level[0]) == pytest.approx(
        effects.loc[("full Blackwell", "median", "accessible"), "p50"], rel=1e-4
    )


def test_the_table_of_effects_says_what_the_runs_said(effects):
    table = gate_effects_table(effects.reset_index(), Scope.of(fake_context()))
    assert table.header == ["Beijing lets in", "No licences", "Current law", "and cut-down Blackwell", "and full Blackwell"]
    assert [len(row) for row in table.rows] == [1, 5, 5, 5] * 2
    assert table.rows[2][2] == "reference"
    assert table.rows[7][4][0] == signed(effects.loc[("full Blackwell", "high", "accessible"), "p50"] / 1e6)
    assert [len(shades) for shades in table.shades] == [len(row) if len(row) > 1 else 0 for row in table.rows]
    assert max(abs(rate) for shades in table.shades for rate in shades) == 1


def test_a_quarter_outside_the_run_is_refused(inputs):
    with pytest.raises(BadInput, match="outside the run"):
        gate_effects(inputs, "2040Q4")
