"""Closing remote access host by host: order between regimes, hosts that add up, room, delay, and who may be named."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from forecast.catalogue.fabs import check_reach
from forecast.contract import BadInput
from forecast.inputs import build_inputs
from forecast.model import run, unpacked
from forecast.model.opening import before
from forecast.names import end_of_year
from forecast.regime import reach_in_words
from forecast.stages import offshore
from tests.laws.test_levers import made_up

REGIMES = ("current", "clouds-without-malaysia", "clouds-closed")
OPEN = ["MY", "ID"]


@pytest.fixture(scope="module")
def built(scenario, catalogue):
    return build_inputs(scenario.model_copy(update={"regimes": REGIMES, "draws": 64}), catalogue)


@pytest.fixture(scope="module")
def closed(built):
    return run(built)


def rented(result, regime):
    return result["offshore_rented"].sel(regime=regime)


def test_closing_in_fewer_hosts_takes_no_more_world_by_world(closed):
    none, some, whole = (rented(closed, name).sum("country").values for name in REGIMES)
    assert (some <= none * (1 + 1e-6)).all()
    assert (whole <= some * (1 + 1e-6)).all()
    assert (whole[-1] < some[-1]).all()


def test_nothing_changes_before_the_rule(closed):
    early = closed.bound.values <= np.datetime64("2028-01-01")
    for name in REGIMES[1:]:
        assert np.array_equal(rented(closed, name).values[:, early], rented(closed, "current").values[:, early])


def test_open_hosts_gain_what_moves_and_closed_ones_lose_as_in_the_whole_rule(closed):
    some, whole, none = (rented(closed, name) for name in ("clouds-without-malaysia", "clouds-closed", "current"))
    assert (some.sel(country=OPEN).values >= none.sel(country=OPEN).values * (1 - 1e-6)).all()
    assert some.sel(country=OPEN).values[:, -1].sum() > none.sel(country=OPEN).values[:, -1].sum()
    shut = [name for name in some.country.values if name not in OPEN]
    assert np.allclose(some.sel(country=shut).values, whole.sel(country=shut).values)


def test_without_migration_open_hosts_stay_as_they_were(built):
    still = run(built.assign(migration_share=built["migration_share"] * 0))
    open_ = rented(still, "clouds-without-malaysia").sel(country=OPEN)
    assert np.array_equal(open_.values, rented(still, "current").sel(country=OPEN).values)


def test_what_moves_finds_no_more_room_than_is_left(built):
    """Small halls and all that is closed on the move: a host gains no more than its halls can hold beside what they hold."""
    x = unpacked(built.assign(host_mw=built["host_mw"] * 0.4, migration_share=built["migration_share"] * 0 + 1.0))
    books, years = before(x), (x.bound - np.datetime64("2027-01-01")) / np.timedelta64(1, "D") / 365.25
    room = offshore.room(x.host_mw, x.host_density, x.host_density_growth, years)
    none, some = books.rented_by_host[REGIMES.index("current")], books.rented_by_host[REGIMES.index("clouds-without-malaysia")]
    left = np.maximum(room - books.housed, 0.0)
    assert (some - none <= left + 1e-6 * room + 1e-6).all()
    assert ((some - none)[:, -1] > 0.9 * left[:, -1]).any()


def test_what_moves_comes_later_the_longer_it_takes(built, closed):
    slow = run(built.assign(migration_lag=built["migration_lag"] + 4))
    fast, late = (rented(one, "clouds-without-malaysia").sum("country").values for one in (closed, slow))
    assert (late <= fast * (1 + 1e-6)).all()
    assert (late < fast * 0.999).any()


@pytest.mark.parametrize(("without", "changes"), [("closure_purchase", False), ("closure_remote", True)])
def test_the_rule_on_headquarters_acts_on_purchases_by_its_own_effect_alone(scenario, catalogue, without, changes):
    ended = made_up("ended", [("hq_rule", dt.date(2028, 1, 1), 0.0)])
    book = {**catalogue.regimes, "ended": ended}
    asked = scenario.model_copy(update={"regimes": ("current", "ended"), "draws": 16})
    inputs = build_inputs(asked, replace(catalogue, regimes=book))
    bought = before(unpacked(inputs.assign({without: inputs[without] * 0}))).bought_abroad
    assert (not np.array_equal(bought[0], bought[1])) is changes


def test_what_is_wanted_abroad_grows_by_its_rate_to_the_end_of_2029_and_by_its_root_later(built):
    """Halls without end: no host turns anybody away."""
    books, growth = before(unpacked(built.assign(host_mw=built["host_mw"] * 1e6))), built["offshore_growth"].values
    place = {year: int(np.searchsorted(built["bound"].values, end_of_year(year))) for year in range(2026, 2032)}
    held = books.housed.sum(axis=0)
    for year in (2027, 2028, 2029):
        assert np.allclose(held[place[year]] / held[place[year - 1]], growth)
    for year in (2030, 2031):
        assert np.allclose(held[place[year]] / held[place[year - 1]], growth**0.5)


def test_halls_hold_more_each_year_as_machines_grow_denser(built):
    """More is wanted than all halls hold: each holds all that its megawatts of the year can power."""
    x = unpacked(built.assign(offshore_growth=built["offshore_growth"] * 4.0))
    years = (x.bound - np.datetime64("2027-01-01")) / np.timedelta64(1, "D") / 365.25
    room = offshore.room(x.host_mw, x.host_density, x.host_density_growth, years)
    assert (x.host_density_growth > 1.0).any()
    assert (before(x).housed[:, -1] >= room[:, -1] * (1 - 1e-9)).all()


def test_rented_by_host_adds_up_to_what_the_channel_gains(closed, built):
    whole = closed["offshore_rented"].sum("country") + closed["offshore_owned"].sum("country")
    assert np.allclose(closed["compute_nominal"].sel(channel="offshore").values, whole.values, rtol=1e-5)
    assert not closed["offshore_rented"].sel(country="CN").values.any()


def test_a_country_without_halls_cannot_be_named(catalogue):
    rule = catalogue.regimes["remote-access-without-malaysia"]
    move = rule.moves[0].model_copy(update={"countries": ("NL",)})
    odd = {"odd": replace_moves(rule, (move,))}
    lines, sellers = catalogue.table("fabs/lines.csv"), catalogue.table("fabs/tool_countries.csv")
    with pytest.raises(BadInput, match="hosts no halls"):
        check_reach(lines, sellers, odd)


def test_a_rule_for_some_hosts_says_in_which(catalogue):
    assert reach_in_words(catalogue.regimes["remote-access-without-malaysia"].moves[0]) == " in SG, JP, AE, other"


def replace_moves(regime, moves):
    return regime.model_copy(update={"moves": moves})
