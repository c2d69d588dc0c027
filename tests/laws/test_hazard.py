"""Clouds that close by chance: rates by pencil, nothing before the origin, never more than without, order in rate and reach."""

import numpy as np
import pytest
import xarray as xr

from forecast.contract import BadInput
from forecast.hazard import closed_by_chance, closing, closing_table, first_closures, hosts_closing_table, under_hazard
from forecast.model import run
from forecast.names import HOSTS, end_of_year
from forecast.tables import Scope
from tests.fakes import fake_context


@pytest.fixture(scope="module")
def pair(inputs, result):
    return inputs.sel(regime=["current"]), result.sel(regime=["current"])


@pytest.fixture(scope="module")
def held(pair):
    return closing(*pair)


def with_rate(inputs, rate, reach=None):
    more = {"closure_hazard": inputs["closure_hazard"] * 0 + rate}
    more |= {} if reach is None else {"closure_reach": inputs["closure_reach"] * 0 + reach}
    return inputs.assign(more)


def test_a_rate_of_a_fifth_a_year_leaves_the_share_of_an_exponential(inputs):
    """Two years after the origin: 1 - exp(-0.4) of 4096 worlds."""
    many = xr.Dataset(
        {"closure_hazard": ("draw", np.full(4096, 0.2))},
        coords={"draw": np.arange(4096), "quarter": inputs["quarter"]},
        attrs=inputs.attrs,
    )
    came = first_closures(many) < int(inputs.attrs["observed_quarters"]) + 8
    assert came.mean() == pytest.approx(1 - np.exp(-0.4), abs=0.003)


def test_nothing_closes_before_the_origin(inputs):
    early = closed_by_chance(with_rate(inputs, 50.0)).values[:, : int(inputs.attrs["observed_quarters"])]
    assert not early.any()
    assert closed_by_chance(with_rate(inputs, 50.0, 1.0)).sel(country=list(HOSTS)).values[:, -1].all()
    assert not closed_by_chance(inputs).sel(country="CN").values.any()


def test_at_rate_zero_every_world_is_as_in_the_run_bit_for_bit(pair):
    asked, result = pair
    assert np.array_equal(run(under_hazard(with_rate(asked, 0.0)))["compute_nominal"].values, result["compute_nominal"].values)


def test_a_closure_that_is_sure_and_everywhere_is_the_dated_one(pair):
    """Rate without end and full reach: closed in all hosts from the first quarter ahead, as a regime that says so."""
    asked, _ = pair
    first = int(asked.attrs["observed_quarters"])
    lever = asked["lever_cloud_rule_hosts"].copy(deep=True)
    lever.loc[{"country": list(HOSTS), "quarter": asked["quarter"].values[first:]}] = 1.0
    dated = run(asked.assign(lever_cloud_rule_hosts=lever))["offshore_rented"]
    chance = run(under_hazard(with_rate(asked, 1e6, 1.0)))["offshore_rented"]
    assert np.array_equal(dated.values, chance.values)


def test_worlds_lose_and_none_gains_in_all(held):
    whole, risky = held["rented"].sum("country"), held["rented_risky"].sum("country")
    assert (risky.values <= whole.values * (1 + 1e-6)).all()
    never = held["come"].values[-1] == 0
    assert np.array_equal(risky.values[:, never], whole.values[:, never])
    assert float(risky.sel(bound=end_of_year(2030)).mean()) < float(whole.sel(bound=end_of_year(2030)).mean())
    assert (held["run_risky"].values <= held["run"].values * (1 + 1e-6)).all()


def test_a_host_that_stays_open_loses_nothing_and_takes_in_what_moves(held):
    last = held.isel(bound=-1)
    spared = (last["come"] > 0) & (last["closed"] == 0)
    gain = (last["rented_risky"] - last["rented"]).where(spared)
    assert float(gain.min()) >= -1e-3
    assert float(gain.max()) > 0


def test_more_reach_and_a_higher_rate_take_more_in_the_mean(pair):
    asked, _ = pair
    late = {"bound": end_of_year(2031)}

    def left(rate, reach):
        return run(under_hazard(with_rate(asked, rate, reach)))["offshore_rented"].sel(late).sum("country").values

    assert left(0.5, 0.7).mean() < left(0.05, 0.7).mean()
    assert left(0.3, 1.0).mean() < left(0.3, 0.4).mean()


def test_blocks_of_draws_close_alike(inputs):
    """A world closes when it does, whatever worlds are run beside it."""
    few = inputs.isel(draw=slice(16, 32))
    assert np.array_equal(first_closures(few), first_closures(inputs)[16:32])
    assert np.array_equal(closed_by_chance(few).values, closed_by_chance(inputs).values[..., 16:32])


def test_tables_say_what_was_held(held):
    scope = Scope.of(fake_context())
    one, hosts = closing_table(held, scope), hosts_closing_table(held, scope)
    assert one.data["come"].is_monotonic_increasing
    assert (one.data["rented_risky"] <= one.data["rented"] * (1 + 1e-6)).all()
    assert list(hosts.data["country"]) == list(HOSTS)
    assert all(len(row) == len(one.header) for row in one.rows)
    assert all(len(row) == len(hosts.header) for row in hosts.rows)


def test_an_unknown_regime_is_refused(inputs, result):
    with pytest.raises(BadInput, match="an unknown regime"):
        closing(inputs, result, "nobody")
