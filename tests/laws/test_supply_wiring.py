"""Chinese supply worked out a second time from inputs, beside what the model made of them: every term and every lag counts."""

import numpy as np
import pytest

from forecast.model import run
from forecast.names import parse_quarter
from forecast.stages.dies import negative_binomial_yield, usable
from tests.laws.test_run import _quiet

FIRST = "2026Q4"
AFTER = slice(parse_quarter(FIRST), None)
LEVERS = ("tool_sales", "tool_servicing")


@pytest.fixture(scope="module")
def quiet(inputs):
    """Current law alone, every response off, no surprise, and nothing beyond what sources count once 2026 is over."""
    one = _quiet(inputs.isel(regime=[0]))
    return one.assign(output_surprise=one["output_surprise"] * 0 + 1.0)


@pytest.fixture(scope="module")
def plain(quiet):
    return run(quiet)


def at(result, name, quarters=AFTER):
    return result[name].isel(regime=0).sel(quarter=quarters).transpose(..., "draw").values.astype(float)


def earlier(path, lag):
    """A path (quarter, draw) as it stood a lag of quarters before, world by world."""
    moments = np.arange(len(path), dtype=float)
    return np.stack([np.interp(moments - lag[k], moments, path[:, k]) for k in range(path.shape[1])], axis=1)


def from_day(inputs, name, day, value):
    """A lever set from a day on."""
    lever = inputs[name].astype(float)
    return {name: lever.where(inputs["quarter"] < parse_quarter(day), value).transpose(*inputs[name].dims)}


def everywhere(inputs, lever, day, value):
    """A lever on tools at all lines and countries."""
    return from_day(inputs, f"line_{lever}", day, value) | from_day(inputs, f"line_{lever}_best", day, value)


def test_wafers_are_capacity_times_utilisation_times_share_a_lag_before(quiet, plain):
    plan = (quiet["logic_capacity"] * quiet["logic_utilisation"]).transpose("quarter", "draw")
    made = earlier((plan * quiet["ai_wafer_share"]).transpose("quarter", "draw").values, quiet["wafer_to_package_lag"].values)
    assert np.allclose(at(plain, "wafers_out"), made[-at(plain, "wafers_out").shape[0] :], rtol=1e-4)


def test_dies_are_wafers_times_gross_dies_times_the_yield_of_each_node_and_of_the_denser_part(quiet, plain):
    """A denser node is the same function on a smaller die, at more defects; it counts where it gives more."""
    part = quiet["n3_share"].sel(quarter=AFTER).transpose("quarter", "draw").values
    old, new = at(plain, "yield_7nm"), at(plain, "yield_5nm")
    lost, binned, alpha = (quiet[name].values for name in ("parametric_loss", "binned_share", "clustering"))
    times_area = alpha * (((new - binned) / (1 - lost - binned)) ** (-1 / alpha) - 1)
    density = quiet["next_node_density"].values
    small = usable(negative_binomial_yield(1 / density, times_area * quiet["next_node_defects"].values, alpha), lost, binned)
    since = (quiet["quarter"].sel(quarter=AFTER).values - np.datetime64("2027-01-01")) / np.timedelta64(1, "D") / 365.25 + 0.125
    ramp = np.clip((since[:, None] - quiet["wait_3nm_class_no_euv"].values) / quiet["node_ramp"].values, 0, 1)
    moved = ramp * quiet["next_node_share"].values
    good = (1 - part) * old + part * (new + moved * np.maximum(small * density - new, 0))
    assert (moved[-1] > 0).any()
    assert (moved * np.maximum(small * density - new, 0)).max() > 0.01
    assert np.allclose(at(plain, "dies_made"), at(plain, "wafers_out") * quiet["gross_dies"].values * good, rtol=1e-3)


def test_at_the_end_of_2026_both_nodes_yield_what_their_density_says(quiet):
    """The reference of learning: whatever a node has learned before, from its own wafers and from the older node's."""
    held = quiet.assign({k: quiet[k] * 0 for k in ("defects_floor", "learning_lost")})
    result = run(held)
    lost, binned, alpha = (quiet[name].values for name in ("parametric_loss", "binned_share", "clustering"))
    for node, name in (("yield_7nm", "defects_n2"), ("yield_5nm", "defects_n3")):
        clean = negative_binomial_yield(quiet["reference_die_area"].values, quiet[name].values, alpha)
        assert np.allclose(at(result, node, parse_quarter(FIRST)), usable(clean, lost, binned), rtol=1e-4), node


def test_stacks_are_those_of_all_makers_less_what_is_counted_twice_and_what_leaks(quiet, plain):
    own = quiet["hbm_domestic"] + quiet["hbm_inhouse"] * (1 - quiet["hbm_overlap"])
    leak = quiet["hbm_illicit"] * quiet["lever_hbm_access"].isel(regime=0)
    counted = (own + leak).sel(quarter=AFTER).transpose("quarter", "draw").values
    assert np.allclose(at(plain, "stacks_supplied"), counted, rtol=1e-4)


def test_access_to_foreign_memory_scales_what_leaks_by_either_way_and_no_chinese_stack(quiet, plain):
    closed = at(run(quiet.assign(from_day(quiet, "lever_hbm_access", FIRST, 0.0))), "stacks_supplied")
    own = (quiet["hbm_domestic"] + quiet["hbm_inhouse"] * (1 - quiet["hbm_overlap"])).sel(quarter=AFTER)
    assert np.allclose(closed, own.transpose("quarter", "draw").values, rtol=1e-4)
    assert (closed < at(plain, "stacks_supplied")).all()


def test_slots_are_packaging_wafers_times_slots_a_wafer_and_what_was_seen_beyond_them_fading(quiet, plain):
    counted = (quiet["packaging_capacity"] * quiet["packages_per_wafer"]).sel(quarter=AFTER).transpose("quarter", "draw").values
    beyond = at(plain, "slots_supplied") - counted
    fades = 0.5 ** (np.arange(1, len(beyond))[:, None] / quiet["gap_half_life"].values)
    assert (beyond >= -1e-4 * counted).all()
    assert np.allclose(beyond[1:], beyond[:1] * fades, rtol=1e-2, atol=1e-4 * counted.max())


def test_public_funding_scales_what_is_added_of_wafers_stacks_and_slots_by_its_elasticity_after_the_lag(quiet, plain):
    lag, power = 3.0, 0.5
    held = quiet.assign(tool_lag=quiet["tool_lag"] * 0 + lag, funding_elasticity=quiet["funding_elasticity"] * 0 + power)
    twice = run(held.assign(from_day(held, "lever_public_funding", "2027Q1", 2.0)))
    later = slice(parse_quarter("2028Q3"), None)
    for name, path in (
        ("stacks_supplied", quiet["hbm_domestic"] + quiet["hbm_inhouse"] * (1 - quiet["hbm_overlap"])),
        ("slots_supplied", quiet["packaging_capacity"] * quiet["packages_per_wafer"]),
    ):
        change = np.diff(path.sel(quarter=later).transpose("quarter", "draw").values, axis=0)
        more = np.diff(at(twice, name, later) - at(plain, name, later), axis=0)
        wanted = np.maximum(change, 0.0) * (2.0**power - 1.0)
        assert np.allclose(more, wanted, rtol=1e-2, atol=1e-3 * wanted.max()), name
    assert (at(twice, "wafers_out", later) > at(plain, "wafers_out", later)).all()


def test_what_is_beyond_counted_supply_is_that_of_the_last_two_observed_quarters_fading(quiet, plain):
    seen = at(plain, "stacks_imputed", slice("2026-04-01", "2026-09-30"))
    assert len(seen) == 2
    assert not np.allclose(*seen)
    fades = 0.5 ** (1 / quiet["gap_half_life"].values)
    assert np.allclose(at(plain, "stacks_imputed")[0], seen.mean(axis=0) * fades, rtol=1e-3, atol=10.0)


def test_a_surprise_is_a_factor_on_all_three_inputs_that_grows_as_the_root_of_time_to_two_years(quiet, plain):
    twice = run(quiet.assign(output_surprise=quiet["output_surprise"] * 1.3))
    for names in (("dies_made", "dies_foreign", "dies_imputed"), ("stacks_supplied", "stacks_imputed"), ("slots_supplied",)):
        more, was = (sum(at(result, name) for name in names) for result in (twice, plain))
        for quarter, factor in ((0, 1.3**0.5), (3, 1.3), (7, 1.3**2**0.5), (12, 1.3**2**0.5)):
            assert np.allclose(more[quarter], was[quarter] * factor, rtol=1e-3), (names, quarter)


def test_dies_from_abroad_are_those_through_proxies_times_due_diligence(quiet, plain):
    halved = run(quiet.assign(from_day(quiet, "lever_proxy_foundry", "2027Q1", 0.5)))
    later = slice(parse_quarter("2027Q1"), None)
    assert np.allclose(at(plain, "dies_foreign"), quiet["proxy_dies"].values, rtol=1e-5)
    assert np.allclose(at(halved, "dies_foreign", later), 0.5 * quiet["proxy_dies"].values, rtol=1e-5)


def test_a_stop_of_memory_tools_takes_no_stack_before_its_lag_and_never_a_slot_or_a_wafer(quiet, plain):
    stopped = run(quiet.assign(from_day(quiet, "lever_memory_tools", "2027Q1", 0.0)))
    had, has = at(plain, "stacks_supplied"), at(stopped, "stacks_supplied")
    for draw, lag in enumerate(quiet["tool_lag"].values):
        free = int(np.floor(lag))
        assert np.array_equal(has[: 1 + free, draw], had[: 1 + free, draw]), lag
        assert has[4 + free + 1, draw] < had[4 + free + 1, draw]
    assert np.array_equal(at(stopped, "slots_supplied"), at(plain, "slots_supplied"))
    assert np.array_equal(at(stopped, "wafers_out"), at(plain, "wafers_out"))


def test_stacks_bought_ahead_are_a_share_of_a_years_flow(quiet, plain):
    """All of what is expected falls into one quarter: the leak of that quarter has the share times four quarters on top."""
    when = parse_quarter("2027Q2")
    rush = quiet["ahead_stacks"].where(quiet["quarter"] != when, 1.0).transpose(*quiet["ahead_stacks"].dims)
    more = at(run(quiet.assign(ahead_stacks=rush)), "stacks_supplied", when) - at(plain, "stacks_supplied", when)
    flow = quiet["hbm_illicit"].sel(quarter=when).values
    assert np.allclose(more, flow * quiet["prebuy_stacks"].values * 4, rtol=1e-2)


def test_components_act_on_the_chinese_part_of_tools_alone(quiet, plain):
    stop = from_day(quiet, "lever_subcomponents", "2027Q1", 0.0)
    part = quiet["domestic_tool_share"] * 0
    none, half, full = (run(quiet.assign({**stop, "domestic_tool_share": part + share})) for share in (0.0, 0.5, 1.0))
    assert np.allclose(at(none, "wafers_out"), at(plain, "wafers_out"), rtol=1e-6)
    losses = [1 - at(one, "wafers_out")[-1] / at(plain, "wafers_out")[-1] for one in (half, full)]
    assert (losses[0] > 0).all()
    assert (losses[1] > 1.3 * losses[0]).all()


def test_servicing_is_lost_where_machines_stand_and_sales_where_lines_grow(quiet, plain):
    """Of two lines of one size the first grows no more: stopping sales there takes nothing, stopping servicing takes its half."""
    size = quiet["line_capacity"].isel(fab=0) * 0
    steps = np.arange(quiet.sizes["quarter"], dtype=float)[:, None]
    lines = np.zeros(quiet["line_capacity"].shape)
    lines[0], lines[1] = 1e4, 1e4 + 1e-6 * steps
    two = quiet.assign(
        line_capacity=(quiet["line_capacity"].dims, lines + size.values[None]),
        line_exposure=("fab", np.ones(quiet.sizes["fab"])),
        servicing_availability=quiet["servicing_availability"] * 0 + 0.5,
    )

    def stopped(lever, fabs):
        names = (f"line_{lever}", f"line_{lever}_best")
        late = (two["quarter"] >= parse_quarter("2027Q1")) & two["fab"].isin(two["fab"].values[fabs])
        return run(two.assign({k: two[k].astype(float).where(~late, 0.0).transpose(*two[k].dims) for k in names}))

    was = at(run(two), "wafers_out")
    assert np.allclose(at(stopped("tool_sales", [0]), "wafers_out"), was, rtol=1e-6)
    assert np.allclose(at(stopped("tool_servicing", [0]), "wafers_out")[-1], was[-1] * 0.75, rtol=1e-3)


def test_machines_without_servicing_make_more_defects_after_the_time_from_wafer_to_package(quiet, plain):
    stop = everywhere(quiet, "tool_servicing", "2027Q1", 0.0)
    worse = run(quiet.assign({**stop, "servicing_defects": quiet["servicing_defects"] * 0 + 1.4}))
    same = run(quiet.assign({**stop, "servicing_defects": quiet["servicing_defects"] * 0 + 1.0}))
    for node in ("yield_7nm", "yield_5nm"):
        assert np.array_equal(at(worse, node)[:2], at(plain, node)[:2])
        assert (at(worse, node)[-1] < at(same, node)[-1]).all(), node


def test_extreme_ultraviolet_mends_the_5_nm_class_and_leaves_the_7_nm_class(quiet, plain):
    wait, defects = quiet["wait_euv_volume"] * 0, quiet["euv_defects"] * 0 + 0.5
    sooner, never = (run(quiet.assign(wait_euv_volume=wait + years, euv_defects=defects)) for years in (0.0, 99.0))
    assert np.array_equal(at(sooner, "yield_7nm"), at(never, "yield_7nm"))
    assert (at(sooner, "yield_5nm")[-1] > at(never, "yield_5nm")[-1]).all()


def test_only_licensed_imports_take_experience_away(inputs):
    """Under a denial of everything nothing is licensed; what is smuggled teaches fabs neither more nor less."""
    denied = _quiet(inputs.isel(regime=[0]))
    later = denied["quarter"] >= parse_quarter(FIRST)
    denied = denied.assign(permitted=denied["permitted"].where(~later, 0.0).transpose(*denied["permitted"].dims))
    forgets = denied.assign(learning_lost=denied["learning_lost"] * 0 + 1.0)
    first, second = run(denied), run(forgets)
    assert float(first["additions"].isel(regime=0).sel(channel="diverted", quarter=AFTER).sum()) > 0
    assert np.array_equal(at(first, "yield_7nm"), at(second, "yield_7nm"))


def test_an_answer_to_scarcity_lifts_all_plans_alike_and_none_before_its_lag(quiet, plain):
    """Demand that is never met more than at the origin would cut plans; twice the money makes it scarcer and lifts them."""
    later = quiet["quarter"] >= parse_quarter(FIRST)
    rich = quiet.assign(capex=(quiet["capex"] * (1 + 9 * later)).transpose(*quiet["capex"].dims))
    still, keen = run(rich), run(rich.assign(scarcity_response=quiet["scarcity_response"] * 0 + 0.2))
    gains = {k: at(keen, k) / at(still, k) for k in ("wafers_out", "slots_supplied")}
    soon = int(quiet["rebalancing_lag"].values.min()) - 1
    for name, gain in gains.items():
        assert np.allclose(gain[:soon], 1.0, rtol=1e-6), name
        assert (gain[12] > 1.0).mean() > 0.9, name
        assert (gain[12] <= 1.2 + 1e-6).all(), name


def test_a_line_stands_at_its_year_end_where_its_table_has_it(inputs, catalogue):
    table = catalogue.table("fabs/line_capacity.csv")
    held = inputs["line_capacity"].transpose("fab", "quarter", "draw")
    around = held.sel(quarter=[parse_quarter("2028Q4"), parse_quarter("2029Q1")]).mean("quarter").median("draw").values
    wanted = float(table.loc[table["year"] == 2028, "p50"].sum())
    assert around.sum() == pytest.approx(wanted, rel=0.1)
    before = held.sel(quarter=[parse_quarter("2027Q4"), parse_quarter("2028Q1")]).mean("quarter").median("draw").values
    assert before.sum() < 0.9 * wanted
