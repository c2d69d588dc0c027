"""Laws of frontier runs: homogeneity, order, blindness of methods to who uses them."""

import numpy as np
import pytest

from forecast.frontier import days_to_train, frontier_runs
from forecast.names import end_of_year
from forecast.stages import frontier


@pytest.fixture(scope="module")
def runs(inputs, result):
    return frontier_runs(inputs, result, efficient=True)


def doubled(inputs, result):
    """A world with twice the compute everywhere, and networks that hold twice as much."""
    names = ("compute_training", "us_compute", "offshore_rented")
    networks = ("largest_system", "fabric_chinese", "fabric_foreign")
    wider = inputs.assign({name: inputs[name] * 2 for name in networks})
    return wider, result.assign({name: result[name] * 2 for name in names})


def test_doubling_compute_doubles_the_run_and_multiplies_the_model_by_the_root_of_two(inputs, result, runs):
    twice = frontier_runs(*doubled(inputs, result), efficient=True)
    for name in ("largest_system", "largest_run", "us_largest_run", "effective_run", "run_after_closure"):
        assert np.allclose(twice[name].values, 2 * runs[name].values, rtol=1e-6), name
    for name in ("largest_model", "active_parameters", "held_parameters"):
        assert np.allclose(twice[name].values, np.sqrt(2) * runs[name].values, rtol=1e-6), name
    assert np.allclose(twice["lab_ratio"].values[:, :, 4:], runs["lab_ratio"].values[:, :, 4:], rtol=1e-6)
    assert np.allclose(twice["lag_months"].values[:, :, 8:], runs["lag_months"].values[:, :, 8:], atol=1e-6)


def test_doubling_compute_halves_the_days(inputs, result, runs):
    at = {"bound": end_of_year(2027), "channel": "onshore"}
    once = days_to_train(inputs, runs, 1e26).sel(at)
    twice = days_to_train(inputs, frontier_runs(*doubled(inputs, result)), 1e26).sel(at)
    assert np.allclose(2 * twice.values, once.values)


def test_the_lag_is_zero_when_equal_and_grows_with_the_head_start():
    years = 2022 + np.arange(20) / 4
    path = 1e24 * 1.3 ** np.arange(20.0)[:, None]
    assert np.allclose(frontier.lag_months(path, path, years), 0.0)
    for quarters in (1, 4, 7):
        late = np.concatenate([np.zeros((quarters, 1)), path[:-quarters]])
        assert np.allclose(frontier.lag_months(late, path, years)[quarters:], 3.0 * quarters)


def test_a_larger_follower_is_never_further_behind(runs):
    lags = runs["lag_months"]
    for part in ("onshore", "offshore"):
        assert (lags.sel(channel="accessible").values <= lags.sel(channel=part).values + 1e-9).all()


def test_a_run_takes_place_in_one_place(runs):
    home, abroad, best = (runs["largest_run"].sel(channel=name).values for name in ("onshore", "offshore", "accessible"))
    assert np.array_equal(best, np.maximum(home, abroad))


def test_no_system_exceeds_its_owner_or_its_network(inputs, result, runs):
    home = ["licensed", "diverted", "domestic"]
    stock = result["compute_training"].sel(channel=home).sum("channel").astype(float)
    owner = (stock * inputs["largest_owner_share"] * inputs["one_run_share"]).transpose("regime", "bound", "draw")
    system = runs["largest_system"].sel(channel="onshore")
    assert (system.values <= owner.values * (1 + 1e-6)).all()
    limit = runs["run_limit"].values == 1
    assert limit.any()
    assert (system.values[limit] < owner.values[limit]).all()


def test_methods_off_means_operations_are_operations(inputs, result):
    plain = {"efficiency_growth": 1.0, "efficiency_time_price": 1.0, "efficiency_size_price": 1.0}
    off = frontier_runs(inputs.assign({name: inputs[name] * 0 + value for name, value in plain.items()}), result, efficient=True)
    assert np.allclose(off["effective_run"].values, off["largest_run"].values)
    assert np.allclose(off["held_parameters"].values, off["largest_model"].values)
    assert np.allclose(off["effective_lag"].values, off["lag_months"].values)


def test_methods_have_their_price_in_time_and_in_size(inputs, result, runs):
    dear = inputs.assign(efficiency_time_price=inputs["efficiency_time_price"] * 2)
    slow = frontier_runs(dear, result, efficient=True)
    late = {"bound": end_of_year(2030), "channel": "onshore"}
    assert np.allclose(2 * slow["effective_run"].sel(late).values, runs["effective_run"].sel(late).values)
    size = 1e27
    once, twice = (days_to_train(x, runs, size, efficient=True).sel(late).values for x in (inputs, dear))
    assert np.allclose(twice, 2 * once)
    active, held, dense = (runs[name].sel(late).values for name in ("active_parameters", "held_parameters", "largest_model"))
    assert (active <= dense).all()
    assert np.allclose(held / active, inputs["efficiency_size_price"].values)


def test_better_methods_for_all_shorten_the_lag_in_effective_operations(runs):
    late = {"bound": end_of_year(2030)}
    assert (runs["effective_lag"].sel(late).values <= runs["lag_months"].sel(late).values + 1e-9).all()


@pytest.mark.parametrize(
    ("name", "moved"),
    [
        ("largest_owner_share", "largest_run"), ("one_run_share", "largest_run"), ("largest_system", "largest_run"),
        ("largest_system_growth", "largest_run"), ("fabric_chinese", "largest_run"), ("fabric_foreign", "largest_run"),
        ("offshore_run_share", "largest_run"), ("run_days", "largest_run"),
        ("training_utilisation", "largest_run"), ("efficiency_growth", "effective_run"), ("us_lab_openai", "lab_ratio"),
        ("us_lab_google", "lab_ratio"), ("us_lab_anthropic", "lab_ratio"), ("us_lab_meta", "lab_ratio"),
        ("us_one_run_share", "us_largest_run"), ("efficiency_time_price", "effective_run"),
        ("efficiency_size_price", "held_parameters"),
    ],
)  # fmt: skip
def test_every_input_of_a_run_moves_what_it_should(inputs, result, runs, name, moved):
    other = frontier_runs(inputs.assign({name: inputs[name] * 0.9}), result, efficient=True)
    assert not np.allclose(other[moved].values, runs[moved].values, rtol=1e-3)


def test_the_utilisation_that_makers_claim_moves_the_claimed_run(inputs, result):
    once = frontier_runs(inputs, result, claimed=True)
    more = frontier_runs(inputs.assign(ascend_utilisation=inputs["ascend_utilisation"] * 1.2), result, claimed=True)
    assert not np.allclose(once["largest_run"].values, more["largest_run"].values, rtol=1e-3)
