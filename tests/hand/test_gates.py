"""Two gates in a row: closed at either end nothing comes in, and the table says what the run said."""

import pytest

from forecast.contract import BadInput
from forecast.gates import ANSWERS, COLUMNS, LEANINGS, gates_table, two_gates
from forecast.tables import two_digits


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
