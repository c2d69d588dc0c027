"""Laws of the streams."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from forecast import draws
from forecast.quantity import Quantity, Spread


def _quantity(**fields) -> Quantity:
    base = {"about": "a thing to test", "unit": "1", "basis": "judgement", "reason": "for the test", "dated": "2026-01-01"}
    return Quantity.model_validate_json(__import__("json").dumps({**base, "confidence": "low", **fields}))


@given(st.integers(0, 2**31), st.text(min_size=1, max_size=12), st.integers(1, 700))
@settings(max_examples=40, deadline=None)
def test_fewer_draws_are_a_prefix_of_more(seed, name, few):
    assert np.array_equal(draws.uniforms(seed, name, few)[:few], draws.uniforms(seed, name, 1024)[:few])


@given(st.integers(0, 2**31))
@settings(max_examples=20, deadline=None)
def test_each_block_has_one_value_in_each_stratum(seed):
    blocks = draws.uniforms(seed, "x", 512).reshape(2, 256)
    assert (np.sort(np.floor(blocks * 256), axis=1) == np.arange(256)).all()


def test_adding_an_input_leaves_the_others_untouched():
    pairs = [("b", "a", 0.5)]
    before = draws.ranks(7, ["a", "b"], pairs, 512)
    after = draws.ranks(7, ["a", "aa", "b", "c"], pairs, 512)
    assert all(np.array_equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("rho", [-0.5, 0.3, 0.8])
def test_a_declared_rank_correlation_is_reached_and_margins_stay_stratified(rho):
    z = draws.ranks(3, ["a", "b"], [("b", "a", rho)], 4096)
    assert spearmanr(z["a"], z["b"]).statistic == pytest.approx(6 / np.pi * np.arcsin(rho / 2), abs=0.04)
    from scipy.special import ndtr

    strata = np.floor(ndtr(z["b"]) * 256).reshape(-1, 256)
    assert (np.sort(strata, axis=1) == np.arange(256)).all()


def test_correlations_in_a_circle_are_refused():
    with pytest.raises(ValueError, match="circle"):
        draws.ranks(0, ["a", "b"], [("a", "b", 0.5), ("b", "a", 0.5)], 16)


@given(
    st.tuples(*[st.floats(0.01, 0.98)] * 3).map(sorted),
    st.sampled_from(["log", "logit", "identity"]),
)
@settings(deadline=None)
def test_a_belief_read_at_its_quantiles_gives_its_quantiles(quantiles, scale):
    spread = Spread(p05=quantiles[0], p50=quantiles[1], p95=quantiles[2])
    z = np.array([-1.6448536, 0.0, 1.6448536])
    assert draws.read_off(spread, scale, z) == pytest.approx(quantiles, rel=1e-5)


def test_sampled_quantiles_are_the_stated_ones():
    q = _quantity(spread={"p05": 10, "p50": 20, "p95": 80})
    values = draws.sample(q, draws.normals(1, "x", 8192), 1.0)
    assert np.quantile(values, [0.05, 0.5, 0.95]) == pytest.approx([10, 20, 80], rel=0.02)


def test_a_path_has_its_stated_quantiles_at_its_knots_and_keeps_a_world_in_its_rank():
    knots = {"2025": {"p05": 1, "p50": 2, "p95": 4}, "2030": {"p05": 10, "p50": 40, "p95": 90}}
    q = _quantity(path=knots, when="mid_year")
    z, shocks = draws.normals(1, "x", 8192), draws.yearly_shocks(1, "x", 8192)
    values = draws.sample_path(q, z, shocks, np.array([2025.5, 2030.5]), 1.0)
    assert np.quantile(values[0], [0.05, 0.5, 0.95]) == pytest.approx([1, 2, 4], rel=0.05)
    assert np.quantile(values[1], [0.05, 0.5, 0.95]) == pytest.approx([10, 40, 90], rel=0.05)
    assert spearmanr(values[0], values[1]).statistic > 0.75


def test_a_constant_is_a_constant():
    assert (draws.sample(_quantity(exact=3.0), draws.normals(1, "x", 64), 2.0) == 6.0).all()
