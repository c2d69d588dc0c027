"""Laws of the structural forks: sampled by weight, separable, and nothing else moves when one is fixed."""

from types import SimpleNamespace

import numpy as np
import pytest

from forecast.contract import BadInput
from forecast.forms import _side_by_side, between_forms
from forecast.inputs import build_inputs
from forecast.model import run, unpacked
from forecast.model.quarter import _diverted
from forecast.names import FORKS
from forecast.rows import grouped


def fixed(scenario, catalogue, fork, form, draws=64):
    return build_inputs(scenario.model_copy(update={"forks": {fork: form}, "draws": draws}), catalogue)


@pytest.mark.parametrize("fork", FORKS)
def test_forms_are_drawn_by_their_weights(scenario, catalogue, fork):
    """Stratified in blocks of 256, so the share is right to one in 256."""
    weights = catalogue.table("forks.csv").set_index(["fork", "form"])["weight"]
    codes = build_inputs(scenario.model_copy(update={"draws": 256}), catalogue)[f"fork_{fork}"].values
    for code, form in enumerate(FORKS[fork]):
        assert abs((codes == code).mean() - weights[(fork, form)]) <= 1 / 256 + 1e-9


@pytest.mark.parametrize("fork", FORKS)
def test_fixing_a_fork_leaves_all_other_inputs_and_the_worlds_of_that_form_as_they_were(
    scenario, catalogue, inputs, result, fork
):
    for code, form in enumerate(FORKS[fork]):
        one = fixed(scenario, catalogue, fork, form)
        assert (one[f"fork_{fork}"] == code).all()
        made_of_it = {"us_additions", "third_country_flow"} if fork == "world" else set()
        for name in set(inputs.data_vars) - {f"fork_{fork}"} - made_of_it:
            assert np.array_equal(one[name].values, inputs[name].values), name
        same = inputs[f"fork_{fork}"].values == code
        assert np.array_equal(run(one)["compute_nominal"].values[..., same], result["compute_nominal"].values[..., same])


@pytest.mark.parametrize(
    ("fork", "name"), [("bottlenecks", "stacks_supplied"), ("diversion", "additions"), ("world", "us_compute")]
)
def test_every_fork_moves_something(scenario, catalogue, fork, name):
    first, second = (run(fixed(scenario, catalogue, fork, form))[name].values for form in FORKS[fork])
    assert not np.array_equal(first, second)


@pytest.mark.parametrize(("form", "follows"), [("gap", False), ("third_country", True)])
def test_each_form_of_diversion_follows_its_own_cause(inputs, form, follows):
    """Twice the purchases of third countries: on offer is twice as much in one form and as much as before in the other."""
    x, b = unpacked(inputs), SimpleNamespace(last=int(inputs.attrs["observed_quarters"]) - 1)
    x.fork_diversion = np.full(x.draws, FORKS["diversion"].index(form))
    x.diversion_ceiling = np.full(x.draws, 1e12)
    t = b.last + 4
    per_chip = (x.diverted_mix[:, t, None] * x.h100e).sum(axis=0)
    gap = np.ones((x.regimes, x.draws))
    before = _diverted(x, b, t, gap, per_chip)
    x.third_country_flow = x.third_country_flow * np.where(np.arange(x.quarters) == t, 2.0, 1.0)[:, None]
    assert np.allclose(_diverted(x, b, t, gap, per_chip), before * (2.0 if follows else 1.0))
    assert np.allclose(_diverted(x, b, t, gap * 2.0, per_chip) / before, 2.0 if follows else 2.0**x.gap_elasticity)


def test_a_share_of_third_countries_is_one_of_compute_and_not_of_chips(inputs):
    x, b = unpacked(inputs), SimpleNamespace(last=int(inputs.attrs["observed_quarters"]) - 1)
    x.fork_diversion = np.full(x.draws, FORKS["diversion"].index("third_country"))
    t, gap = b.last + 8, np.ones((x.regimes, x.draws))
    before = _diverted(x, b, t, gap, np.ones(x.draws))
    stronger = x.diverted_mix.copy()
    stronger[:, t] = np.roll(stronger[:, t], 1)
    x.diverted_mix = stronger
    assert np.array_equal(_diverted(x, b, t, gap, np.ones(x.draws)), before)


def test_limits_never_raise_the_world_above_its_trend(scenario, catalogue):
    limited, trend = (fixed(scenario, catalogue, "world", form)["third_country_flow"] for form in FORKS["world"])
    assert (limited <= trend * (1 + 1e-9)).all()


def test_planners_who_move_nothing_are_the_other_form(scenario, catalogue):
    """A rate of zero is the other form, bit for bit."""
    twins = [fixed(scenario, catalogue, "bottlenecks", form, 16) for form in FORKS["bottlenecks"]]
    held = [x.assign(rebalancing_rate=x["rebalancing_rate"] * 0) for x in twins]
    a, b = (run(x)["additions"].values for x in held)
    assert np.array_equal(a, b)


def test_the_spread_between_forms_stands_beside_the_spread_within(scenario, catalogue, result):
    """Worlds that drew a form are in that form's row as they were; the difference is taken world by world."""
    table = between_forms(scenario, "2029-01-01", catalogue=catalogue)
    assert set(table["fork"]) == set(FORKS)
    both = [
        grouped(run(fixed(scenario, catalogue, "diversion", form))["compute_nominal"]).sel(
            bound="2029-01-01", channel="onshore", regime="current"
        )
        for form in FORKS["diversion"]
    ]
    row = table[(table["fork"] == "diversion") & (table["form"] == "gap") & (table["what"] == "stock")].iloc[0]
    assert row["p50"] == pytest.approx(float(np.median(both[0])), rel=1e-6)
    assert row["between"] == pytest.approx(float(np.median(both[1].values.astype(float) - both[0].values)), rel=1e-6)
    assert np.allclose(table.groupby(["fork", "what", "regime"])["weight"].sum(), 1.0)
    assert table["variance_share"].between(0, 1).all()
    with pytest.raises(BadInput, match="no bound"):
        between_forms(scenario, "2029-01-02", catalogue=catalogue)


def test_a_fork_that_a_scenario_fixes_is_not_opened_again(scenario, catalogue):
    held = scenario.model_copy(update={"forks": {"world": "trend", "diversion": "gap"}, "draws": 16})
    assert set(between_forms(held, "2029-01-01", catalogue=catalogue)["fork"]) == {"bottlenecks"}


def test_a_form_that_changes_nothing_has_no_share_of_the_variance_and_one_that_is_all_has_all():
    alike, what = np.array([1.0, 3.0]), ("stock", "current", "onshore", "2029-01-01")
    assert [row[-1] for row in _side_by_side("world", 0.5, (alike, alike), what)] == [0.0, 0.0]
    apart = _side_by_side("world", 0.5, (np.array([1.0, 1.0]), np.array([3.0, 3.0])), what)
    assert [row[-1] for row in apart] == pytest.approx([1.0, 1.0])
    assert apart[0][-3] == pytest.approx(2.0)


def test_planners_never_turn_the_order_of_inputs_into_a_flood(scenario, catalogue):
    """Memory under rebalancing stays within what the surplus of others could have built: never ten times the plan."""
    plain, moved = (run(fixed(scenario, catalogue, "bottlenecks", form))["stacks_supplied"] for form in FORKS["bottlenecks"])
    later = {"quarter": plain["quarter"].values >= np.datetime64("2027-01-01")}
    assert float((moved.isel(later) / plain.isel(later)).max()) < 10.0
    assert float((moved.isel(later) / plain.isel(later)).min()) > 0.1
