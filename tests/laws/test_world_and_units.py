"""The world by owner adds up and is limited in one form; units come with their sources; the curve's table is the curve."""

import numpy as np
import pytest

from forecast.buyers import money_by_buyer
from forecast.names import FORKS, end_of_year, parse_quarter
from forecast.sides import world_stock, world_table
from forecast.supply_curve import supply_curve
from forecast.tables import Scope, two_digits
from forecast.units_tables import conversions_table, supply_table
from tests.fakes import fake_context


@pytest.fixture(scope="module")
def held(inputs, result):
    return world_stock(inputs, result)


def test_owners_add_up_to_the_world_and_rented_compute_counts_once(held, result):
    parts = held["american"] + held["third"] + held["chinese"]
    assert np.allclose(parts.values, held["world"].values)
    one = result[["compute_nominal", "offshore_rented"]].astype(float)
    whole = one["compute_nominal"].sum("channel") - one["offshore_rented"].sum("country")
    assert np.allclose(held["chinese"].values, whole.transpose("regime", "bound", "draw").values, rtol=1e-5, atol=5.0)


def test_limits_hold_back_the_world_and_not_the_past(inputs, result, held):
    """The same worlds under either form: no more where packaging and power limit supply, and less in some."""
    from forecast.catalogue.load import load, open_catalogue
    from forecast.inputs import build_inputs
    from forecast.model import run

    world = {}
    for form in FORKS["world"]:
        asked = load("smoke").model_copy(update={"draws": 32, "forks": {"world": form}, "regimes": ("current",)})
        built = build_inputs(asked, open_catalogue())
        world[form] = world_stock(built, run(built))["american"]
    late, early = {"bound": end_of_year(2030)}, {"bound": end_of_year(2025)}
    assert (world["limited"].sel(late).values <= world["trend"].sel(late).values * (1 + 1e-6)).all()
    assert float(world["limited"].sel(late).sum()) < 0.98 * float(world["trend"].sel(late).sum())
    assert np.array_equal(world["limited"].sel(early).values, world["trend"].sel(early).values)


def test_the_table_of_the_world_has_both_forms(inputs, result):
    table = world_table(inputs, result, Scope.of(fake_context()))
    assert set(table.data["form"]) == set(FORKS["world"])
    one = table.data[(table.data["form"] == "limited") & (table.data["quarter"] == "2028Q4")].set_index("owner")["p50"]
    assert one["american"] > one["third"]
    assert one["world"] == pytest.approx(one[["american", "third", "chinese"]].sum(), rel=0.1)


def test_every_unit_names_who_published_it(catalogue):
    table = conversions_table(catalogue)
    assert len(table.rows) == len(catalogue.table("units.csv")) >= 10
    assert all(row[2] for row in table.rows)


@pytest.mark.parametrize(
    ("quarter", "good", "regime"), [("2026Q4", "serving", "current"), ("2030Q2", "training", "open-blackwell")]
)
def test_the_table_of_a_curve_holds_budget_bought_and_unmet(inputs, quarter, good, regime):
    curve = supply_curve(inputs, quarter, good, regime)
    table = supply_table(curve, {}, regime)
    assert len(table.rows) == len(curve.table) + 1
    assert curve.spent + curve.unmet == pytest.approx(curve.money)
    assert table.data["spent"].sum() == pytest.approx(curve.spent, rel=1e-4)
    assert quarter in table.title
    assert good in table.title
    money, spent, unmet = (two_digits(value) for value in (curve.money, curve.spent, curve.unmet))
    assert f"Budget {money}, spent {spent}, unmet {unmet} billion" in table.note
    bought = curve.table["spent"] > 0
    assert "0.00" not in {row[-1] for row in table.rows[:-1]}
    assert all((row[-1] != "0") == some for row, some in zip(table.rows, bought, strict=False))


def test_barred_money_is_no_more_than_sovereign_buyers_have_at_home(inputs, catalogue):
    money = money_by_buyer(inputs, catalogue.table("demand/buyers.csv"))["home"]
    state = (money.sel(buyer="state") / money.sum("buyer")).sel(quarter=parse_quarter("2027Q1")).median("draw")
    barred = inputs["sovereign_share"].sel(quarter=parse_quarter("2027Q1")).median("draw")
    assert 0.6 * float(state) < float(barred) <= float(state)
