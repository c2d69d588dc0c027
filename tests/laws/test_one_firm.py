"""A listing of one firm: its own path falls, others take what it frees and no more, dies are conserved, nothing else moves."""

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from forecast.catalogue.fabs import check_reach
from forecast.catalogue.load import open_catalogue
from forecast.contract import BadInput
from forecast.explorer import under
from forecast.inputs import build_inputs
from forecast.levers import lever_table
from forecast.listed import ALL_OTHERS, firms_named, listing_table, with_and_without
from forecast.model import named, run
from forecast.names import parse_quarter
from forecast.regime import BY_VENDOR, Move
from forecast.tables import Scope
from tests.laws.test_lines import DAY, moved
from tests.laws.test_run import _quiet

FIRM = "Kunlunxin"
FIRST = parse_quarter("2027Q1")
NAMES = ("cut", "cards", "more", "by-name", "at-all", "nothing")


@pytest.fixture(scope="module")
def book(catalogue):
    """No foreign dies for one firm and for one of plain cards, more for one, none for each by name and for all, no change."""
    makers = tuple(catalogue.table("fabs/foreign_dies.csv")["vendor"])
    told = [
        moved("cut", ("proxy_foundry", 0.0, (FIRM,))),
        moved("cards", ("proxy_foundry", 0.0, ("Enflame",))),
        moved("more", ("proxy_foundry", 3.0, ("Biren",))),
        moved("by-name", ("proxy_foundry", 0.0, makers)),
        moved("at-all", ("proxy_foundry", 0.0, ())),
        moved("nothing", ("proxy_foundry", 1.0, (FIRM,))),
    ]
    return replace(catalogue, regimes={**catalogue.regimes, **{one.name: one for one in told}})


@pytest.fixture(scope="module")
def asked(scenario):
    return scenario.model_copy(update={"regimes": ("current", *NAMES), "draws": 64})


@pytest.fixture(scope="module")
def inputs(asked, book):
    """Responses off, and money enough for all that is made, so that what is bought is what is made."""
    quiet = _quiet(build_inputs(asked, book))
    return quiet.assign(accelerator_share=quiet["accelerator_share"] * 1e3)


@pytest.fixture(scope="module")
def ran(inputs):
    return run(inputs)


@pytest.fixture(scope="module")
def vendors(catalogue, inputs):
    table = catalogue.table("gpus/classes.csv").set_index("gpu_class")
    return table["vendor"].where(table["origin"] == "CN").reindex(inputs["gpu_class"].values)


def chips(result, vendors, maker, regime):
    """Chinese chips of a maker (quarter, draw)."""
    flow = result["additions"].sel(channel="domestic", regime=regime).isel(gpu_class=(vendors == maker).to_numpy())
    return flow.sum("gpu_class").transpose("quarter", "draw").values.astype(float)


def test_the_split_of_foreign_dies_adds_up_to_the_national_path(catalogue):
    table = catalogue.table("fabs/foreign_dies.csv")
    home = catalogue.table("gpus/classes.csv").query("origin == 'CN'")
    assert table["share"].sum() == pytest.approx(1.0)
    assert set(table["vendor"]) == set(home["vendor"])


def test_a_listed_firm_makes_less_in_every_world_with_foreign_dies_from_the_day_on(ran, inputs, vendors):
    without, having = (chips(ran, vendors, FIRM, regime) for regime in ("current", "cut"))
    after = inputs["quarter"].values >= FIRST
    some = (inputs["proxy_dies"] > 1).values
    assert np.array_equal(without[~after], having[~after])
    assert some.sum() > 40
    assert (having[after][:4, some] < without[after][:4, some]).all()
    assert (having[after].sum(0)[some] < without[after].sum(0)[some]).all()
    assert np.array_equal(having[:, (inputs["proxy_dies"] == 0).values], without[:, (inputs["proxy_dies"] == 0).values])


def per_class(inputs, item):
    """What one finished chip of a class takes of an input in the first quarter under the rule (gpu_class, draw)."""
    lost = inputs["die_escape"] * (1 - inputs["die_screening"])
    finished = inputs["package_yield"].sel(quarter=FIRST) * (1 - lost) ** inputs["compute_dies"]
    whole = 1 if item == "dies" else inputs["with_stacks"]
    return (inputs[item] * whole / finished).transpose("gpu_class", "draw").values


def by_class(ran, regime):
    """Chinese chips of the first quarter under the rule (gpu_class, draw)."""
    return (
        ran["additions"].sel(channel="domestic", quarter=FIRST, regime=regime).transpose("gpu_class", "draw").values.astype(float)
    )


@pytest.mark.parametrize(("firm", "regime"), [(FIRM, "cut"), ("Enflame", "cards")])
def test_a_firm_loses_the_packages_that_its_foreign_dies_make_and_no_more_than_it_had(
    ran, inputs, vendors, catalogue, firm, regime
):
    own = (vendors == firm).to_numpy()
    before, now = ((by_class(ran, name) * per_class(inputs, "dies"))[own].sum(0) for name in ("current", regime))
    abroad = {name: ran["dies_foreign"].sel(quarter=FIRST, regime=name).values.astype(float) for name in ("current", regime)}
    past = int(np.searchsorted(inputs["quarter"].values, FIRST)) - (inputs.attrs["observed_quarters"] - 1)
    surprise = inputs["output_surprise"].values ** np.sqrt(past / 4)
    share = float(catalogue.table("fabs/foreign_dies.csv").set_index("vendor")["share"][firm])
    assert np.allclose(before - now, (abroad["current"] - abroad[regime]) * surprise, rtol=1e-3, atol=1.0)
    assert np.allclose(before - now, np.minimum(share * abroad["current"] * surprise, before), rtol=1e-3, atol=1.0)


def test_a_firm_s_cards_and_packages_fall_by_one_share(ran, vendors):
    """Enflame sells cards without stacked memory beside packages with it: both miss dies alike."""
    before, now = (by_class(ran, regime)[(vendors == "Enflame").to_numpy()] for regime in ("current", "cards"))
    sold = (before > 1).all(axis=0)
    assert sold.sum() > 20
    left = now[:, sold] / before[:, sold]
    assert np.allclose(left[0], left[1], atol=1e-4)
    assert (left < 1).any()


def test_what_no_source_counts_is_the_same_with_and_without_a_listing(inputs):
    """Dies that a firm misses are missing: they do not come back as dies beyond counted supply."""
    plain = inputs.sel(regime=["current", "cut"]).assign(output_surprise=inputs["output_surprise"] * 0 + 1.0)
    beyond = run(plain)["dies_imputed"].sel(quarter=FIRST)
    assert np.allclose(beyond.sel(regime="cut").values, beyond.sel(regime="current").values, rtol=1e-4, atol=1.0)


def test_others_take_what_a_listed_firm_frees_of_the_scarce_input_and_no_more(ran, inputs, vendors):
    """All by one factor, which is at least one; where dies are scarce they take nothing, since those are gone."""
    own, home = (vendors == FIRM).to_numpy(), vendors.notna().to_numpy()
    before, now = by_class(ran, "current"), by_class(ran, "cut")
    code = ran["binding_fabrication"].sel(quarter=FIRST, regime="current").values
    assert (now[home & ~own] >= before[home & ~own] * (1 - 1e-5)).all()
    assert (now[home & ~own] > before[home & ~own] * (1 + 1e-5)).any()
    for k, item in ((1, "stacks"), (2, "slots")):
        change = (now - before) * per_class(inputs, item)
        scarce = code == k
        assert (change[~own].sum(0) <= -change[own].sum(0) + 1e-4 * (before * per_class(inputs, item)).sum(0))[scarce].all()
    factor = now[home & ~own] / np.maximum(before[home & ~own], 1e-9)
    stacked = (inputs["with_stacks"].values == 1)[home & ~own][:, None] & (before[home & ~own] > 1)
    top, low = np.where(stacked, factor, 0).max(0), np.where(stacked, factor, 9).min(0)
    assert np.allclose(top, low, rtol=1e-4)


def test_more_foreign_dies_for_one_firm_raise_it_and_take_memory_from_others(ran, inputs, vendors):
    without, having = (chips(ran, vendors, "Biren", regime) for regime in ("current", "more"))
    some = (inputs["proxy_dies"] > 1).values
    t = int(np.searchsorted(inputs["quarter"].values, FIRST))
    assert (having[t, some] > without[t, some]).all()
    other = [chips(ran, vendors, "Huawei", regime)[t] for regime in ("current", "more")]
    assert (other[1] <= other[0] * (1 + 1e-6)).all()
    memory = ran["binding_fabrication"].sel(quarter=FIRST, regime="current").values == 1
    assert (other[1] < other[0])[memory & some].all()


def test_naming_every_firm_is_the_rule_that_names_none_and_today_s_value_is_no_rule(ran):
    for name in ("additions", "dies_made", "dies_foreign", "dies_used", "stacks_stock", "compute_nominal"):
        assert np.array_equal(ran[name].sel(regime="by-name").values, ran[name].sel(regime="at-all").values), name
        assert np.array_equal(ran[name].sel(regime="nothing").values, ran[name].sel(regime="current").values), name


def test_a_regime_that_names_no_firm_is_the_same_beside_those_that_do_and_in_any_company(inputs, ran):
    """Bit for bit, alone or together; so is a rule on one firm beside a rule on another."""
    for name in ("current", "cut"):
        alone = run(inputs.sel(regime=[name]))
        for result in ("additions", "dies_foreign", "dies_used", "dies_stock", "stacks_used", "binding_fabrication"):
            pairs = alone[result].sel(regime=name), ran[result].sel(regime=name)
            assert np.array_equal(*(np.nan_to_num(each.values) for each in pairs)), (name, result)


def test_dies_of_the_nation_are_conserved_under_a_rule_on_one_firm(ran, inputs):
    for regime in ("cut", "more"):
        one = ran.sel(regime=regime)
        stock = one["dies_stock"].transpose("bound", "draw").values.astype(float)
        flows = [
            one[n].transpose("quarter", "draw").values.astype(float)
            for n in ("dies_made", "dies_foreign", "dies_imputed", "dies_used")
        ]
        after = inputs["quarter"].values >= FIRST
        left = np.diff(stock, axis=0)[after]
        right = (flows[0] + flows[1] + flows[2] - flows[3])[after]
        assert np.allclose(left, right, rtol=1e-3, atol=1e-4 * flows[0].max())
        assert flows[1].min() >= 0.0


def test_nothing_is_expected_ahead_of_a_listing(asked, catalogue):
    """Announced half a year before it holds: foundries are not rushed, so nothing moves before the day."""
    early = moved("cut", ("proxy_foundry", 0.0, (FIRM,)), announced=dt.date(2026, 10, 1))
    book = replace(catalogue, regimes={**catalogue.regimes, "cut": early})
    result = run(build_inputs(asked.model_copy(update={"regimes": ("current", "cut"), "draws": 16}), book))
    flow = result["additions"].sel(quarter=slice(None, parse_quarter("2026Q4")))
    assert np.array_equal(flow.sel(regime="cut").values, flow.sel(regime="current").values)


def test_a_rule_in_mid_quarter_weighs_by_its_days(asked, catalogue):
    day = dt.date(2027, 2, 15)
    late = moved("cut", ("proxy_foundry", 0.0, (FIRM,)))
    late = late.model_copy(update={"moves": tuple(m.model_copy(update={"since": day}) for m in late.moves), "effective": day})
    book = replace(catalogue, regimes={**catalogue.regimes, "cut": late})
    x = build_inputs(asked.model_copy(update={"regimes": ("cut",), "draws": 16}), book)["lever_foreign_dies_apart"]
    first = x.sel(regime="cut", gpu_class="kunlun_p800", quarter=FIRST)
    assert float(first) == pytest.approx(-0.12 * 45 / 90)
    assert float(x.sel(gpu_class="ascend_910c", quarter=FIRST).item()) == 0.0


def test_firms_that_take_all_the_memory_leave_none_negative():
    """By hand: one firm asks for twice the memory there is; it gets all of it, others nothing, and no input is overdrawn."""
    needs = np.array([[[1.0], [1.0]], [[4.0], [4.0]], [[1.0], [1.0]]])
    was = named.Made(np.full((1, 1, 1), 10.0), np.zeros((1, 1, 1)), np.full((3, 1, 1), 20.0), np.ones((1, 1), np.int8))
    book = SimpleNamespace(named=[(np.array([True, False]), np.full((1, 1, 1), 1.0))])
    share = np.array([[[4.0], [1.0]]])
    made = named.parted(book, 0, was, needs, np.zeros((2, 1)), share, np.array([[[90.0]], [[80.0]], [[60.0]]]))
    assert made.starts[:, :, 0].tolist() == [[20.0, 0.0]]
    assert made.used[:, 0, 0].tolist() == [20.0, 80.0, 20.0]


def test_where_dies_bind_others_make_what_they_made_by_hand():
    """Two makers share 20 dies; one loses 6 of them: it makes 4 instead of 10, the other still 10."""
    needs = np.array([[[1.0], [1.0]], [[4.0], [4.0]], [[1.0], [1.0]]])
    cards = np.zeros((2, 1))
    was = named.Made(np.full((1, 1, 1), 10.0), np.zeros((1, 1, 1)), np.full((3, 1, 1), 20.0), np.zeros((1, 1), np.int8))
    book = SimpleNamespace(named=[(np.array([True, False]), np.full((1, 1, 1), -0.5))])
    x = SimpleNamespace(regimes=1, classes=2, draws=1, proxy_dies=np.array([12.0]))
    share, more = named.kept(x, book, 0, was, needs, cards, np.ones(1))
    assert more.tolist() == [[-6.0]]
    made = named.parted(book, 0, was, needs, cards, share, np.array([[[14.0]], [[800.0]], [[90.0]]]))
    assert made.starts[0, :, 0] == pytest.approx([4.0, 10.0])
    assert made.binding.tolist() == [[0]]


def test_an_unknown_designer_is_refused_and_the_nearest_is_named(catalogue):
    lines, sellers = catalogue.table("fabs/lines.csv"), catalogue.table("fabs/tool_countries.csv")
    makers = catalogue.table("fabs/foreign_dies.csv")["vendor"].tolist()
    with pytest.raises(BadInput, match=r"(?s)no designer of chips.*did you mean 'Kunlunxin'"):
        check_reach(lines, sellers, {"x": moved("x", ("proxy_foundry", 0.0, ("Kunlunxing",)))}, makers)
    with pytest.raises(BadInput, match="operates no line"):
        check_reach(lines, sellers, {"x": moved("x", ("tool_sales", 0.0, (FIRM,)))}, makers)
    check_reach(lines, sellers, {"x": moved("x", ("proxy_foundry", 0.0, (FIRM,)))}, makers)
    with pytest.raises(ValueError, match="country by country"):
        Move(lever="proxy_foundry", since=DAY, value=0.0, tag="M", reason="made up for a test", countries=("TW",))


def test_a_split_that_does_not_add_up_or_names_an_unknown_vendor_is_refused_with_its_file(desk_copy):
    path = desk_copy / "params/fabs/foreign_dies.csv"
    text = path.read_text()
    path.write_text(text.replace("Huawei,0.42", "Huawei,0.52"))
    with pytest.raises(BadInput, match=r"(?s)do not add up to proxy_dies.*1\.1"):
        open_catalogue(desk_copy)
    path.write_text(text.replace("Huawei,0.42", "Huawai,0.42"))
    with pytest.raises(BadInput, match=r"(?s)unknown vendor.*did you mean 'Huawei'"):
        open_catalogue(desk_copy)
    path.write_text(text.replace("Other makers,0.06", "Other maker,0.06"))
    with pytest.raises(BadInput, match="unknown vendor"):
        open_catalogue(desk_copy)


def test_the_explorer_rebuilds_what_a_move_on_a_firm_sets(asked, book):
    one = asked.model_copy(update={"regimes": ("cut",), "draws": 16})
    built, again = build_inputs(one, book), under(build_inputs(one, book), one, book, {"proxy_foundry"})
    for name in ("lever_proxy_foundry", "lever_foreign_dies_apart"):
        assert np.array_equal(again[name].values, built[name].values), name
    assert np.abs(again["lever_foreign_dies_apart"].values).max() == pytest.approx(0.12)


def test_the_lever_table_says_which_levers_name_firms(catalogue):
    table = lever_table(catalogue).set_index("lever")
    assert table.loc[list(BY_VENDOR), "by_firm"].all()


@pytest.mark.parametrize(("policy", "firm", "way"), [("kunlunxin-cut-off", "Kunlunxin", -1), ("biren-delisted", "Biren", 1)])
def test_shipped_what_ifs_show_one_firm_s_path_with_and_without(scenario, catalogue, policy, firm, way):
    asked = scenario.model_copy(update={"draws": 32})
    assert firms_named(policy, catalogue) == (firm,)
    data = with_and_without(asked, policy, (2026, 2028), catalogue).set_index(["maker", "year", "what"])
    assert set(data.index.get_level_values("maker")) == {firm, ALL_OTHERS}
    assert data.loc[(firm, 2026, "change")].abs().max() == 0.0
    assert way * data.loc[(firm, 2028, "change"), "p50"] > 1.0
    own, others = (data.loc[(who, 2028)] for who in (firm, ALL_OTHERS))
    assert (others.loc["change"].abs() / others.loc["without"]).max() < 0.2
    assert own.loc["with", "p50"] != own.loc["without", "p50"]
    title = {"id": "current", "title": "Current law", "short": "Current law"}
    scope = Scope.of({"scenario": {"regimes": [title], "as_of": asked.as_of}, "classes": {}, "vendors": []})
    table = listing_table(asked, scope, policy, catalogue)
    assert [row[0].split()[0] for row in table.rows if row[1] == "2027"] == [firm, "All"]
    assert "shared pool" in table.note
