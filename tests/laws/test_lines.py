"""Laws of lines and nodes: the split adds up to the nation and changes nothing that touches all; nodes only add."""

import datetime as dt
import shutil
from dataclasses import replace

import numpy as np
import pytest

from forecast.catalogue.fabs import check_reach
from forecast.catalogue.load import open_catalogue
from forecast.contract import BadInput
from forecast.inputs import build_inputs
from forecast.inputs.axes import Axes
from forecast.inputs.fabs import lines_inputs
from forecast.model import run
from forecast.regime import LEVERS, Move, Regime
from forecast.stages import nodes
from tests.laws.test_levers import ABOUT
from tests.laws.test_run import _quiet

DAY = dt.date(2027, 1, 1)


def moved(name, *moves, announced=DAY):
    """A made-up regime: (lever, value, firms, countries)."""
    return Regime(
        name=name, announced=announced, effective=DAY, status="what_if",
        moves=tuple(
            Move(lever=lever, since=DAY, value=value, tag="M", reason="to see what happens", firms=firms, countries=tuple(*rest))
            for lever, value, firms, *rest in moves
        ), **ABOUT,
    )  # fmt: skip


@pytest.fixture(scope="module")
def operators(catalogue):
    return tuple(sorted(set(catalogue.table("fabs/lines.csv")["operator"])))


@pytest.fixture(scope="module")
def ran(scenario, catalogue, operators):
    """No tools and no service for nobody, one firm, all firms by name, and all."""
    stop = [("tool_sales", 0.0), ("tool_servicing", 0.0)]
    regimes = [
        moved("at-smic", *((*each, ("SMIC",)) for each in stop)),
        moved("by-name", *((*each, operators) for each in stop)),
        moved("at-all", *((*each, ()) for each in stop)),
        moved("spared", *((*each, ()) for each in stop), *((lever, 1.0, ("SMIC",)) for lever, _ in stop)),
    ]
    with_them = replace(catalogue, regimes={**catalogue.regimes, **{regime.name: regime for regime in regimes}})
    asked = scenario.model_copy(update={"regimes": ("current", *(regime.name for regime in regimes)), "draws": 32})
    return run(_quiet(build_inputs(asked, with_them)))


def test_lines_add_up_to_the_national_path_within_two_percent(catalogue):
    national = catalogue.quantities["logic_capacity"].path
    sums = catalogue.table("fabs/line_capacity.csv").groupby("year")["p50"].sum()
    assert len(sums) >= 9
    for year, wafers in sums.items():
        assert wafers == pytest.approx(national[f"{year:g}"].p50, rel=0.02), year


def test_the_accelerator_share_of_lines_agrees_with_the_national_one_after_the_origin(catalogue):
    share = catalogue.table("fabs/lines.csv").set_index("fab")["for_ai"]
    table = catalogue.table("fabs/line_capacity.csv")
    for year in ("2026", "2028", "2030"):
        rows = table[table["year"] == int(year)].set_index("fab")["p50"]
        belief = catalogue.quantities["ai_wafer_share"].path[year]
        assert belief.p05 < float((rows * share).sum() / rows.sum()) < belief.p95, year


def test_a_rule_that_names_every_operator_is_the_rule_that_names_none(ran):
    for name in ("additions", "dies_made", "compute_nominal"):
        assert np.array_equal(ran[name].sel(regime="by-name").values, ran[name].sel(regime="at-all").values), name


def test_a_rule_at_one_operator_takes_more_than_none_and_less_than_at_all(ran):
    """Not draw by draw in dies: fewer wafers taught less. In the sum over the years after, in every world."""
    dies = ran["dies_made"].sel(quarter=slice("2029-01-01", None)).sum("quarter")
    none, one, rest, every = (dies.sel(regime=name).values for name in ("current", "at-smic", "spared", "at-all"))
    assert (every < one * (1 - 1e-6)).all()
    assert (one < none * (1 - 1e-6)).all()
    assert (rest < none * (1 - 1e-6)).all()


def test_a_stop_and_its_complement_reach_the_whole_together(scenario, catalogue, operators):
    regimes = [
        moved("a", ("tool_sales", 0.0, ("SMIC",))),
        moved("b", ("tool_sales", 0.0, tuple(o for o in operators if o != "SMIC"))),
    ]
    book = replace(catalogue, regimes={**catalogue.regimes, **{regime.name: regime for regime in regimes}})
    x = build_inputs(scenario.model_copy(update={"regimes": ("a", "b"), "draws": 32}), book)
    for weights in (nodes.shares, nodes.shares_of_growth):
        effect = 1.0 - x["line_tool_sales"].values[..., None]
        reach = nodes.reached(effect, weights(x["line_capacity"].values, x["line_exposure"].values))
        after = reach[:, x["quarter"].values >= np.datetime64("2027-01-01")]
        assert np.allclose(after.sum(axis=0), 1.0)
        assert after.min() > 0.0


def test_a_move_back_for_all_ends_what_touched_one(scenario, catalogue):
    late = Move(lever="tool_sales", since=dt.date(2028, 1, 1), value=1.0, tag="M", reason="all is as it was")
    one = moved("one", ("tool_sales", 0.0, ("SMIC",)))
    both = one.model_copy(update={"name": "both", "moves": (*one.moves, late)})
    book = replace(catalogue, regimes={**catalogue.regimes, "both": both})
    x = build_inputs(scenario.model_copy(update={"regimes": ("both",), "draws": 16}), book)
    levers = x["line_tool_sales"].isel(regime=0)
    assert (levers.sel(quarter=slice("2028-01-01", None)) == LEVERS["tool_sales"].default).all()
    at = levers.sel(quarter="2027-04-01").values
    assert set(at.tolist()) == {0.0, 1.0}


def test_a_firm_without_a_line_is_refused_and_the_nearest_is_named(catalogue):
    lines, sellers = catalogue.table("fabs/lines.csv"), catalogue.table("fabs/tool_countries.csv")
    with pytest.raises(BadInput, match="did you mean 'SMIC'"):
        check_reach(lines, sellers, {"x": moved("x", ("tool_sales", 0.0, ("SMICC",)))})


def test_only_levers_on_tools_are_moved_firm_by_firm():
    with pytest.raises(ValueError, match="firm by firm"):
        Move(lever="diversion", since=DAY, value=0.0, tag="M", reason="made up for a test", firms=("SMIC",))


def test_lines_that_no_longer_add_up_are_refused_with_their_line(desk_copy):
    path = desk_copy / "params/fabs/line_capacity.csv"
    text = path.read_text()
    old = "smic_sn1,2028,9900,18000,27000"
    assert old in text
    path.write_text(text.replace(old, "smic_sn1,2028,9900,23000,27000"))
    with pytest.raises(BadInput, match=r"(?s)do not add up to logic_capacity.*90000"):
        open_catalogue(desk_copy)
    path.write_text(text.replace(old + ",", "smic_sn9,2028,9900,18000,27000,"))
    with pytest.raises(BadInput, match=r"(?s)unknown line.*did you mean 'smic_sn"):
        open_catalogue(desk_copy)
    shutil.rmtree(desk_copy / "params")


@pytest.fixture(scope="module")
def quiet(inputs):
    return _quiet(inputs), run(_quiet(inputs))["dies_made"].values


@pytest.mark.parametrize("name", ["wait_3nm_class_no_euv", "wait_euv_volume"])
def test_a_node_that_comes_sooner_never_lowers_what_is_made_and_raises_it_somewhere(quiet, name):
    inputs, base = quiet
    soon = run(inputs.assign({name: inputs[name] * 0.2}))["dies_made"].values
    assert (soon >= base * (1 - 1e-6)).all()
    assert (soon > base * 1.02).any()


def test_nodes_that_never_come_add_nothing_and_nodes_change_nothing_before_they_come(quiet):
    inputs, base = quiet
    none = run(inputs.assign({name: inputs[name] * 1e3 for name in ("wait_3nm_class_no_euv", "wait_euv_volume")}))["dies_made"]
    assert (none.values <= base * (1 + 1e-6)).all()
    assert (none.values < base * 0.98).any()
    first = 2027.0 + np.minimum(inputs["wait_3nm_class_no_euv"], inputs["wait_euv_volume"]).values
    ends = none["quarter"].dt.year.values + none["quarter"].dt.quarter.values / 4
    before = ends[:, None] <= first
    assert np.array_equal(none.values[:, before], base[:, before])


def test_nodes_that_do_not_exist_yet_are_mostly_a_matter_of_the_time_after_2030(inputs):
    full = 2027.0 + inputs["wait_3nm_class_no_euv"] + inputs["node_ramp"]
    assert float((full > 2031.0).mean()) > 0.5
    assert float((2027.0 + inputs["wait_euv_volume"] > 2033.0).mean()) > 0.6


@pytest.fixture(scope="module")
def sellers(catalogue):
    return tuple(catalogue.table("fabs/tool_countries.csv")["country"])


@pytest.fixture(scope="module")
def allied(scenario, catalogue, sellers):
    """No tools from nobody, from one country, from all countries by name, and from all."""
    regimes = [
        moved("from-japan", ("tool_sales", 0.0, (), ("JP",))),
        moved("from-each", ("tool_sales", 0.0, (), sellers)),
        moved("from-all", ("tool_sales", 0.0, ())),
        moved("all-but-japan", ("tool_sales", 0.0, ()), ("tool_sales", 1.0, (), ("JP",))),
    ]
    book = replace(catalogue, regimes={**catalogue.regimes, **{regime.name: regime for regime in regimes}})
    return scenario.model_copy(update={"regimes": ("current", *(r.name for r in regimes)), "draws": 32}), book


def test_allies_who_all_join_are_the_rule_that_names_none_bit_for_bit(allied):
    scenario, book = allied
    ran = run(_quiet(build_inputs(scenario, book)))
    for name in ("additions", "dies_made", "compute_nominal"):
        assert np.array_equal(ran[name].sel(regime="from-each").values, ran[name].sel(regime="from-all").values), name
    dies = ran["dies_made"].sel(quarter=slice("2029-01-01", None)).sum("quarter")
    none, one, rest, every = (dies.sel(regime=n).values for n in ("current", "from-japan", "all-but-japan", "from-all"))
    assert (every < one * (1 - 1e-6)).all()
    assert (one < none * (1 - 1e-6)).all()
    assert (every < rest * (1 - 1e-6)).all()


def test_a_missing_country_takes_at_least_its_share_and_more_where_tools_need_each_other(allied):
    """By hand: Japan's share is 0.38; at a complement of one 0.62 is left, at two 0.62 squared."""
    scenario, book = allied
    x = build_inputs(scenario, book).sel(regime="from-japan").isel(quarter=-1, fab=0)
    assert float(x["line_tool_sales"]) == pytest.approx(0.62)
    assert float(x["line_tool_sales_best"]) == 1.0
    assert (x["tool_complements"] >= 1.0).all()
    left = nodes.scarcest(np.array([0.62, 0.5]), np.array([1.0, 0.5]), np.array([2.0, 3.0]))
    assert left == pytest.approx([0.62**2, 0.5])
    assert nodes.scarcest(np.array([0.0]), np.array([0.0]), np.array([2.0])).tolist() == [0.0]


def test_an_ally_who_follows_later_delays_only_its_own_tools(scenario, catalogue):
    first, later = dt.date(2027, 1, 1), dt.date(2028, 1, 1)
    moves = tuple(
        Move(lever="tool_sales", since=day, value=0.0, tag="M", reason="joins then", countries=(who,))
        for who, day in (("NL", first), ("JP", later))
    )
    regime = moved("late", ("tool_sales", 0.0, ("SMIC",))).model_copy(update={"moves": moves, "effective": first})
    book = replace(catalogue, regimes={**catalogue.regimes, "late": regime})
    asked = scenario.model_copy(update={"regimes": ("late",), "draws": 16})
    x = build_inputs(asked, book)["line_tool_sales"].isel(regime=0, fab=0)
    assert float(x.sel(quarter="2027-04-01")) == pytest.approx(1 - 0.36)
    assert float(x.sel(quarter="2028-04-01")) == pytest.approx(1 - 0.36 - 0.38)


def test_a_country_without_tools_is_refused_and_so_is_another_lever_by_country(catalogue):
    lines, sellers = catalogue.table("fabs/lines.csv"), catalogue.table("fabs/tool_countries.csv")
    with pytest.raises(BadInput, match="sells no tools"):
        check_reach(lines, sellers, {"x": moved("x", ("tool_sales", 0.0, (), ("FR",)))})
    with pytest.raises(ValueError, match="country by country"):
        Move(lever="diversion", since=DAY, value=0.0, tag="M", reason="made up for a test", countries=("JP",))


def test_a_line_weighs_by_its_share_for_accelerators_times_its_foreign_tools(inputs, catalogue):
    table = catalogue.table("fabs/lines.csv").set_index("fab")
    wanted = (table["for_ai"] * table["foreign_tools"]).reindex(inputs["fab"].values).to_numpy()
    assert np.allclose(inputs["line_exposure"].values, wanted)
    assert not np.allclose(wanted, table["foreign_tools"].reindex(inputs["fab"].values).to_numpy())


def test_a_line_keeps_its_rank_through_time_and_has_one_of_its_own(scenario, catalogue):
    asked = scenario.model_copy(update={"draws": 1024})
    found = lines_inputs(catalogue, asked, Axes(asked, catalogue), {})["line_capacity"][1]
    for one in found:
        wide = one[:, :].std(axis=1) > 0
        assert np.corrcoef(one[wide][-1], one[wide][-9])[0, 1] > 0.8
    across = np.corrcoef(found[:, -1])
    spread = found[:, -1].std(axis=1) > 0
    off = across[np.ix_(spread, spread)][~np.eye(int(spread.sum()), dtype=bool)]
    assert np.abs(off).max() < 0.2


def test_only_falls_of_tool_sales_after_the_origin_are_expected(scenario, catalogue):
    """What took effect before it is in the observations, though it was told before."""
    day = dt.date(2026, 8, 15)
    told = moved("past", ("tool_sales", 0.0, ()), announced=dt.date(2026, 2, 1))
    past = told.model_copy(update={"moves": tuple(m.model_copy(update={"since": day}) for m in told.moves), "effective": day})
    coming = moved("coming", ("tool_sales", 0.0, ()), announced=dt.date(2026, 10, 1))
    book = replace(catalogue, regimes={**catalogue.regimes, "past": past, "coming": coming})
    asked = scenario.model_copy(update={"regimes": ("past", "coming"), "draws": 8})
    ahead = build_inputs(asked, book)["ahead_tools"]
    assert float(np.abs(ahead.sel(regime="past")).max()) == 0.0
    assert ahead.sel(regime="coming").sum("quarter").values == pytest.approx(1.0)
