"""Laws of the market for both goods, on made-up markets."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.stages import procurement

OPTIONS = 4
prices = st.lists(st.floats(1.0, 100.0), min_size=OPTIONS, max_size=OPTIONS)
amounts = st.lists(st.floats(0.0, 50.0), min_size=OPTIONS, max_size=OPTIONS)
factors = st.lists(st.floats(0.05, 5.0), min_size=OPTIONS, max_size=OPTIONS)
shares = st.floats(0.0, 1.0)
dispersions = st.sampled_from([0.0, 0.05, 0.3, 1.0])


def column(values):
    return np.array(values, dtype=float)[:, None]


def market(price, ceiling, training, serving, budget, share, mandate, dispersion):
    usable = np.stack([column(training), column(serving)])
    home = np.arange(OPTIONS) < 2
    args = [np.array([value]) for value in (budget, share)]
    return procurement.buy(column(price), usable, column(ceiling), *args, home, np.array([mandate]), np.array([dispersion]))


@settings(max_examples=200, deadline=None)
@given(prices, amounts, factors, factors, st.floats(0.0, 1e4), shares, shares, dispersions)
def test_no_ceiling_and_no_budget_is_exceeded_and_dollars_add_up(
    price, ceiling, training, serving, budget, share, mandate, spread
):
    done = market(price, ceiling, training, serving, budget, share, mandate, spread)
    bought = done.bought.sum(axis=0)[:, 0]
    assert (done.bought >= -1e-12).all()
    assert (bought <= np.array(ceiling) * (1 + 1e-9) + 1e-9).all()
    spent = float((bought * np.array(price)).sum())
    assert spent <= budget * (1 + 1e-9) + 1e-9
    assert abs(spent + float(done.left[0]) - budget) <= 1e-6 * max(budget, 1.0)


@settings(max_examples=200, deadline=None)
@given(prices, amounts, factors, st.floats(0.0, 1e4))
def test_at_zero_dispersion_nothing_dear_is_bought_while_something_cheaper_has_room(price, ceiling, usable, budget):
    """One good."""
    bought = market(price, ceiling, usable, usable, budget, 0.0, 0.0, 0.0).bought[0][:, 0]
    key = np.array(price) / np.array(usable)
    for dear in range(OPTIONS):
        for cheap in range(OPTIONS):
            if bought[dear] > 1e-9 and key[cheap] < key[dear] * (1 - 1e-9):
                assert bought[cheap] >= ceiling[cheap] * (1 - 1e-9) - 1e-9


@settings(max_examples=200, deadline=None)
@given(prices, amounts, factors, st.floats(1.0, 1e4), st.integers(0, OPTIONS - 1), st.floats(0.1, 20.0))
def test_loosening_one_ceiling_never_lowers_what_is_acquired_of_one_good(price, ceiling, usable, budget, which, more):
    """Behavioural responses off: no mandate, no dispersion; counted in usable units."""
    wider = [amount + more * (k == which) for k, amount in enumerate(ceiling)]
    few, many = (
        float((market(price, c, usable, usable, budget, 0.0, 0.0, 0.0).bought[0][:, 0] * np.array(usable)).sum())
        for c in (ceiling, wider)
    )
    assert many >= few * (1 - 1e-9) - 1e-9


@settings(max_examples=100, deadline=None)
@given(prices, amounts, factors, factors, st.floats(1.0, 1e4), shares, shares, dispersions)
def test_twice_the_market_buys_twice(price, ceiling, training, serving, budget, share, mandate, spread):
    one = market(price, ceiling, training, serving, budget, share, mandate, spread).bought
    two = market(price, [2 * c for c in ceiling], training, serving, 2 * budget, share, mandate, spread).bought
    assert np.allclose(two, 2 * one, rtol=1e-5, atol=1e-5 * max(ceiling))
