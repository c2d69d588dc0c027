"""Buyers and sectors split totals and cannot change them; three ratios by side; the look back at the H200."""

import numpy as np
import pandas as pd
import pytest

from forecast.buyers import buyer_shares, compute_by_sector, money_by_buyer, months_later, sector_matrix
from forecast.buyers_tables import BUYERS, SECTORS, buyers_table, sectors_table
from forecast.catalogue.load import open_catalogue
from forecast.contract import BadInput
from forecast.hindcast import PRIORS, RULE, h200_delivered, h200_priors, h200_table
from forecast.names import end_of_year
from forecast.sides import ratios
from forecast.tables import Scope
from tests.fakes import fake_context


@pytest.fixture(scope="module")
def money(inputs, catalogue):
    return money_by_buyer(inputs, catalogue.table(BUYERS))


@pytest.fixture(scope="module")
def by_sector(inputs, result, catalogue):
    return compute_by_sector(inputs, result, catalogue.table(BUYERS), catalogue.table(SECTORS))


def test_buyers_together_spend_what_the_nation_spends_draw_by_draw(money, inputs):
    whole = inputs["capex"].transpose("quarter", "draw").values
    assert np.allclose(money["capital"].sum("buyer").values, whole)
    accelerators = whole * inputs["accelerator_share"].values
    assert np.allclose((money["home"] + money["abroad"]).sum("buyer").values, accelerators)


def test_money_abroad_is_the_models_and_no_buyer_spends_more_than_it_has(money, inputs):
    share = inputs["offshore_money_share"].values
    whole = (money["home"] + money["abroad"]).sum("buyer").values
    assert np.allclose(money["abroad"].sum("buyer").values, share * whole)
    assert (money["home"].values >= -1e-9).all()
    home = money["home"].sum("buyer").values[-1] * 1e9
    assert np.allclose(home, inputs["capex"].values[-1] * 1e9 * inputs["accelerator_share"].values * (1 - share))


def test_money_abroad_adds_up_even_where_one_buyer_would_exceed_all(inputs, catalogue):
    table = catalogue.table(BUYERS)
    much = inputs.assign(offshore_money_share=inputs["offshore_money_share"] * 0 + 0.6)
    held = money_by_buyer(much, table)
    whole = held["home"] + held["abroad"]
    assert np.allclose(held["abroad"].sum("buyer").values, 0.6 * whole.sum("buyer").values)
    assert (held["abroad"].values <= whole.values * (1 + 1e-9)).all()


def test_the_split_reproduces_published_capital_of_2026_within_its_rounding(catalogue):
    table = catalogue.table(BUYERS)
    shares = buyer_shares(table, pd.DatetimeIndex(["2026-07-01"]))
    told = table[table["year"] == 2026].set_index("buyer")["published"]
    assert np.allclose(shares.sel(buyer=told.index).values[:, 0], told / told.sum(), atol=0.02)


def test_sectors_split_compute_and_cannot_change_it(by_sector, result):
    usable = result["compute_training"].sel(channel=["licensed", "diverted", "domestic"]).sum("channel")
    assert np.allclose(by_sector.sum("sector").values, usable.transpose("regime", "bound", "draw").values, rtol=1e-5)
    assert (by_sector.values >= 0).all()


def test_chips_at_home_belong_to_buyers_by_their_money_at_home(inputs, result, catalogue):
    """Every buyer a sector of its own: after one quarter the shares are those of money at home, not of all capital."""
    buyers = catalogue.table("demand/buyers.csv")
    names = list(dict.fromkeys(buyers["buyer"]))
    rows = [(name, sector, float(name == sector), 1.0) for name in names for sector in names]
    own = pd.DataFrame(rows, columns=["buyer", "sector", "share", "factor"])
    found = compute_by_sector(inputs, result, buyers, own).isel(bound=1, regime=0).transpose("sector", "draw").values
    money = money_by_buyer(inputs, buyers).isel(quarter=0)
    home, capital = ((money[name] / money[name].sum("buyer")).transpose("buyer", "draw").values for name in ("home", "capital"))
    assert np.allclose(found / found.sum(axis=0), home, rtol=1e-6)
    assert not np.allclose(home, capital, rtol=1e-2)


def test_no_matrix_changes_the_total(inputs, result, catalogue, by_sector):
    other = catalogue.table(SECTORS).copy()
    other["factor"] = 3.0
    other["share"] = other["share"].sample(frac=1, random_state=1).to_numpy()
    again = compute_by_sector(inputs, result, catalogue.table(BUYERS), other)
    assert np.allclose(again.sum("sector").values, by_sector.sum("sector").values)
    assert not np.allclose(again.values, by_sector.values)


def test_each_buyers_sectors_add_up_in_every_world(catalogue):
    assert np.allclose(sector_matrix(catalogue.table(SECTORS), 64, 1).sum("sector").values, 1.0)


def test_months_later_by_pencil(by_sector):
    bounds = by_sector["bound"].values
    path = by_sector.copy(data=np.zeros(by_sector.shape))
    quarters = np.arange(len(bounds), dtype=float)
    path[0], path[1] = quarters[None, :, None], np.maximum(quarters - 2, 0)[None, :, None]
    base, other = path["regime"].values[:2]
    goal = bounds[12]
    found = months_later(path, base, other, goal)
    assert np.allclose(found.values, (bounds[14] - bounds[12]) / np.timedelta64(1, "D") / 30.4375)
    assert np.allclose(months_later(path, base, base, goal).values, 0.0)
    path[1] = 0.0
    assert np.isnan(months_later(path, base, other, goal).values).all()


def test_a_year_whose_shares_do_not_add_up_is_refused(desk_copy):
    path = desk_copy / "params" / BUYERS
    path.write_text(path.read_text().replace("0.357", "0.457"))
    with pytest.raises(BadInput, match="shares do not add up"):
        open_catalogue(desk_copy)


def test_tables_say_what_is_published_and_what_is_judged(inputs, result, catalogue, scenario):
    scope = Scope.of(fake_context(scenario.regimes))
    told = buyers_table(inputs, catalogue, (2025, 2026, 2028))
    assert "(published 36)" in str(told.rows[0])
    assert str(told.rows[-1][0]) == "Together"
    sectors = sectors_table(inputs, result, scope, catalogue, scenario.regimes[1])
    assert {str(row[0]) for row in sectors.rows} >= {"Health research", "Manufacturing", "Digital services"}
    assert "judged" in sectors.note


def test_what_chinese_tenants_rent_is_never_both_american_and_chinese(inputs, result):
    held = ratios(inputs, result)
    stock = result["compute_nominal"].astype(float)
    all_chinese = stock.sum("channel").transpose("regime", "bound", "draw")
    theirs = result["offshore_rented"].astype(float).sum("country") * inputs["rented_american"]
    used = (held["use"] * all_chinese.clip(min=1.0)).sel(bound=end_of_year(2028))
    american = result["us_compute"].sel(bound=end_of_year(2028)).astype(float)
    assert np.allclose((used + theirs.sel(bound=end_of_year(2028))).transpose(*american.dims).values, american.values, rtol=1e-4)
    assert (held["use"].values[:, -1] < held["owner"].values[:, -1]).all()
    assert (held["location"].values[:, -1] < held["owner"].values[:, -1]).all()


def test_beliefs_of_the_look_back_were_citable_before_the_rule(catalogue):
    assert (h200_priors(catalogue)["published"] < RULE).all()
    sources = catalogue.table("sources.csv").set_index("source")["date"]
    named = catalogue.table(PRIORS)["source"].str.split().explode()
    assert (sources.loc[named] < RULE).all()


def test_a_younger_belief_is_refused(desk_copy):
    path = desk_copy / "params" / PRIORS
    path.write_text(path.read_text().replace("2025-12-31", "2026-02-01"))
    with pytest.raises(BadInput, match="after the rule"):
        h200_priors(open_catalogue(desk_copy))


def test_the_deliveries_reported_in_august_2026_lie_inside_what_could_be_expected(catalogue):
    low, high = np.quantile(h200_delivered(catalogue), [0.05, 0.95])
    assert low < 20_000 < high
    table = h200_table(catalogue)
    assert "inside the 90% interval" in str(table.rows[-1])
    assert "hindsight" in table.note


def test_the_look_back_says_how_many_worlds_have_fewer(catalogue):
    table, drawn = h200_table(catalogue), h200_delivered(catalogue)
    held = table.data.set_index("statistic")["value"]
    assert held["share below"] == pytest.approx(float((drawn < held["reported"]).mean()))
    assert table.rows[-1][-1].endswith(f"{round(100 * held['share below'])}% of worlds have fewer")


def test_by_owner_is_the_ratio_of_the_run(inputs, result):
    owner = ratios(inputs, result)["owner"].transpose("regime", "bound", "draw").values
    ours = result["ratio_us_china"].transpose("regime", "bound", "draw").values
    late = result["bound"].values >= np.datetime64("2023-01-01")
    assert np.allclose(owner[:, late], ours[:, late], rtol=1e-4)


def test_with_no_acceptance_nothing_is_delivered(desk_copy):
    path = desk_copy / "params" / PRIORS
    path.write_text(path.read_text().replace("0.01,0.15,0.6", "0.000001,0.0000011,0.0000012"))
    assert h200_delivered(open_catalogue(desk_copy)).max() < 10
