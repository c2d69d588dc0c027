"""What joins the stages, one strand at a time: each input reaches the stock, price or offer that it should, and by how much."""

import numpy as np
import pytest

from forecast.derived import attrition_left, plain
from forecast.model import run
from forecast.names import parse_quarter
from forecast.receipts import displaced
from forecast.stages import fleet

EARLY = {"bound": "2026-01-01"}
FIRST, LAST = parse_quarter("2026Q4"), parse_quarter("2026Q3")


@pytest.fixture(scope="module")
def built(inputs):
    return inputs.sel(regime=["current", "open-blackwell"]).isel(draw=slice(16))


@pytest.fixture(scope="module")
def done(built):
    return run(built)


def test_diverted_chips_that_are_repaired_are_not_lost(built):
    """All repaired is as none broken; half repaired is as half broken."""
    for repaired in (1.0, 0.5):
        back = run(built.assign(repair=built["repair"] * 0 + repaired))
        never = run(built.assign(repair=built["repair"] * 0, attrition_diverted=built["attrition_diverted"] * (1 - repaired)))
        one, other = (each["fleet_acquired"].sel(channel="diverted", **EARLY).values for each in (back, never))
        assert np.allclose(one, other, rtol=1e-5)


@pytest.mark.parametrize("name", ["compute_training", "compute_serving"])
def test_diverted_chips_deliver_less_without_support(built, done, name):
    half = run(built.assign(unsupported_factor=built["unsupported_factor"] * 0.5))[name].sel(channel="diverted", **EARLY)
    assert np.allclose(half.values, 0.5 * done[name].sel(channel="diverted", **EARLY).values, rtol=1e-5)


def test_rented_compute_serves_by_the_bandwidth_of_what_is_sold(built, done):
    """Rate to the weight of bandwidth: squared weight is squared factor, over what is rented and not down."""
    nothing_owned = built.assign(offshore_owned_share=built["offshore_owned_share"] * 0)
    found = {}
    for weight in (0.0, 0.3, 0.6):
        one = run(nothing_owned.assign(bandwidth_weight=built["bandwidth_weight"] * 0 + weight)).sel(bound="2025-01-01")
        rented = one["offshore_rented"].sum("country") * built["availability"]
        found[weight] = (one["compute_serving"].sel(channel="offshore") / rented).values
    assert np.allclose(found[0.0], 1.0, rtol=1e-5)
    assert np.allclose(found[0.6], found[0.3] ** 2, rtol=1e-4)
    assert (np.abs(found[0.6] - 1.0) > 0.01).all()


def test_the_american_stock_lacks_what_american_buyers_go_without(built, done):
    """Additions less what is displaced, aged like all supported chips, are the model's American stock."""
    added = np.einsum(
        "cqd,cd->qd", plain(built, "us_additions", "gpu_class", "quarter", "draw"), plain(built, "h100e", "gpu_class", "draw")
    )
    gone = plain(displaced(built, done), "us_displaced", "regime", "quarter", "draw")
    assert gone.max() > 0
    assert np.allclose(
        fleet.stock(added - gone, attrition_left(built)), plain(done, "us_compute", "regime", "bound", "draw"), rtol=1e-5
    )


def test_a_year_of_twice_the_programmes_is_a_year_of_effort_more(built):
    """Lever at two for four quarters: as if all had begun a year earlier; with a half-life of a year the gap is halved."""
    lever = built["lever_training_programmes"].copy(deep=True)
    lever.loc[{"quarter": slice(parse_quarter("2027Q1"), parse_quarter("2027Q4"))}] = 2.0
    zero = built["lock_in"] * 0
    fixed = built.assign(
        lock_in=zero, vendor_run_share=zero + 1e-12, third_party_gap=zero + 0.4, third_party_half_life=zero + 1.0,
        software_training=built["software_training"] * 0 + 0.5,
    )  # fmt: skip
    late = {"bound": "2029-01-01"}
    base, more = (run(one)["software_reached"].sel(late).values for one in (fixed, fixed.assign(lever_training_programmes=lever)))
    assert np.allclose(more / base, (1 - 0.4 * 0.5**3) / (1 - 0.4 * 0.5**2), rtol=1e-5)


def test_what_is_down_for_repair_does_not_run(built, done):
    half = run(built.assign(availability=built["availability"] * 0.5))["fleet_operational"].sel(EARLY)
    assert np.allclose(half.values, 0.5 * done["fleet_operational"].sel(EARLY).values, rtol=1e-5)


@pytest.mark.parametrize("name", ["tdp", "power_overhead", "pue"])
def test_power_goes_with_chips_overhead_and_pue(built, done, name):
    half = run(built.assign({name: built[name] * 0.5}))["power"].sel(EARLY)
    assert float(done["power"].sel(EARLY).max()) > 0.0
    assert np.allclose(half.values, 0.5 * done["power"].sel(EARLY).values, rtol=1e-5)


@pytest.mark.parametrize("name", ["compute_training", "compute_serving"])
def test_what_is_rented_is_down_for_repair_like_what_is_owned(built, done, name):
    half = run(built.assign(availability=built["availability"] * 0.5))[name].sel(channel="offshore", **EARLY)
    assert np.allclose(half.values, 0.5 * done[name].sel(channel="offshore", **EARLY).values, rtol=1e-5)


@pytest.mark.parametrize("channel", ["licensed", "diverted", "offshore", "domestic"])
def test_a_slower_hall_holds_back_its_own_channel_alone(built, done, channel):
    slow = run(built.assign({f"install_lag_{channel}": built[f"install_lag_{channel}"] * 2}))["fleet_operational"].sel(EARLY)
    for each in ("licensed", "diverted", "offshore", "domestic"):
        one, base = slow.sel(channel=each).values, done["fleet_operational"].sel(channel=each, **EARLY).values
        assert (one.sum() < base.sum()) if each == channel else np.array_equal(one, base)


def test_packages_that_nobody_bought_are_on_offer_again(built):
    poor = run(built.assign(capex=built["capex"] * 0.02)).sel(regime="current")
    later = poor["unsold"].sel(bound=["2027-07-01", "2028-07-01", "2029-07-01"]).mean("draw").values
    assert later[0] > 0
    assert (np.diff(later) > 0).all()


def test_licensed_chips_that_are_kept_abroad_stand_there_in_their_share(built, done):
    """Share p kept abroad: p / (1 - p) of those at home, beside what is bought abroad anyway."""
    none = run(built.assign(offshore_placement=built["offshore_placement"] * 0))
    share = built["offshore_placement"] / (1 - built["offshore_placement"])
    at = {"quarter": FIRST, "gpu_class": "h200"}
    abroad = (done["additions"].sel(channel="offshore", **at) - none["additions"].sel(channel="offshore", **at)).values
    assert np.allclose(abroad, (done["additions"].sel(channel="licensed", **at) * share).values, rtol=1e-3, atol=0.5)
    assert abroad.max() > 0


def test_money_spent_abroad_is_not_in_the_budget_at_home(built, done):
    past = {"quarter": parse_quarter("2025Q2")}
    home = built["capex"].sel(past) * built["accelerator_share"] * (1 - built["offshore_money_share"])
    assert np.allclose(done["budget"].sel(regime="current", **past).values, home.values, rtol=1e-5)


def odds(share):
    return np.log(share / (1 - share))


def test_what_was_spent_beyond_the_elicited_money_fades_with_its_half_life(built):
    """At an elasticity of one and a half-life of two quarters: a year on a quarter of it is left, two years on a sixteenth."""
    fixed = built.assign(price_elasticity=built["price_elasticity"] * 0 + 1.0, gap_half_life=built["gap_half_life"] * 0 + 2.0)
    money = built["capex"] * built["accelerator_share"] * (1.0 - built["offshore_money_share"])
    more = run(fixed)["budget"].isel(regime=0) - money
    first = int(built.attrs["observed_quarters"])
    gone = more.isel(quarter=slice(first, None)).transpose("quarter", "draw").values
    some = gone[0] > 1e-3 * money.isel(quarter=first).values
    assert some.any()
    assert np.allclose(gone[4, some] / gone[0, some], 0.25, rtol=1e-2)
    assert np.allclose(gone[8, some] / gone[0, some], 0.0625, rtol=5e-2)


def test_acceptance_starts_from_the_lead_of_the_origin(built):
    """With no answer to cover: log odds of an H200 move by the lead that best domestic parts have won since the origin."""
    zero = built["acceptance_cover"] * 0
    fixed = built.assign(acceptance_cover=zero, acceptance_advantage=zero + 0.8)
    found = odds(run(fixed)["acceptance"].sel(regime="current", gpu_class="h200", quarter=FIRST).values.astype(float))
    won = np.log(built["best_domestic"].sel(quarter=FIRST) / built["best_domestic"].sel(quarter=LAST)).values
    lead = np.log(built["h100e"].sel(gpu_class="h200")).values
    assert np.allclose(found, odds(built["acceptance"].sel(quarter=FIRST).values) + 0.8 * (lead - won), atol=1e-3)


def test_acceptance_starts_from_the_cover_of_the_origin(built):
    """With no answer to advantage: log odds fall by what cover has risen since the origin, which is little in one quarter."""
    zero = built["acceptance_cover"] * 0
    fixed = built.assign(acceptance_cover=zero + 1.0, acceptance_advantage=zero)
    done = run(fixed).sel(regime="current")
    spent, budget = (done[name].astype(float) for name in ("spending", "budget"))
    home = spent.sel(channel=["licensed", "diverted", "domestic"]).sum("channel")
    gap = np.maximum(home - budget, 0).sel(quarter=[parse_quarter("2026Q2"), LAST]).mean("quarter")
    before = spent.sel(channel="domestic", quarter=LAST) / (budget.sel(quarter=LAST) + gap)
    after = spent.sel(channel="domestic", quarter=FIRST) / budget.sel(quarter=FIRST)
    found = odds(done["acceptance"].sel(gpu_class="h200", quarter=FIRST).values.astype(float))
    sold_out = done["unsold"].sel(bound="2027-01-01").values < 1.0
    expected = odds(built["acceptance"].sel(quarter=FIRST).values) - (after - before).values
    assert sold_out.any()
    assert np.allclose(found[sold_out], expected[sold_out], atol=2e-3)


def test_the_ceiling_of_the_h200_falls_from_mid_2026_on(built):
    supply = built["vendor_supply"].sel(gpu_class="h200")
    fall = 1 - built["supply_h200_decay"]
    for quarter, steps in (("2026Q1", 0.0), ("2026Q3", 0.5), ("2027Q3", 4.5)):
        assert np.allclose(supply.sel(quarter=parse_quarter(quarter)).values, (built["supply_h200"] * fall**steps).values)


def test_classes_of_one_supply_share_it(built):
    at = {"quarter": parse_quarter("2027Q1")}
    both = [built["vendor_supply"].sel(gpu_class=name, **at) * built["h100e"].sel(gpu_class=name) for name in ("b200", "b300")]
    assert np.allclose((both[0] + both[1]).values, built["supply_b200_b300"].values, rtol=1e-6)


def test_foreign_list_prices_are_those_of_the_reference_until_mid_2026_and_fall_later(built):
    price = built["list_price"].sel(gpu_class="h20")
    held = [price.sel(quarter=parse_quarter(quarter)).values for quarter in ("2023Q1", "2025Q1", "2027Q3")]
    assert np.array_equal(held[0], held[1])
    assert np.allclose(held[2], held[1] * built["foreign_price_fall"].values ** -1.125)
