"""Laws of packages read back from a run: what was used is what was made, the scarcest input binds, slots are not kept."""

import numpy as np
import pytest

from forecast import supply, vendors
from forecast.model import run
from forecast.names import FABRICATION_BOUNDS, parse_quarter
from forecast.packaging import needs
from forecast.stages.dies import negative_binomial_yield
from forecast.tables import Scope
from tests.laws.test_packages import rich

AFTER = slice(parse_quarter("2026Q4"), None)


@pytest.fixture(scope="module")
def books(inputs):
    """A run in which all that is made is bought, and what its packages need, after the origin."""
    asked = rich(inputs)
    return asked, run(asked), needs(asked).sel(quarter=AFTER)


@pytest.fixture(scope="module")
def scope(scenario, catalogue):
    regimes = [{"id": n, "title": catalogue.regimes[n].title, "short": catalogue.regimes[n].short} for n in scenario.regimes]
    return Scope.of({"scenario": {"regimes": regimes, "as_of": scenario.as_of}, "classes": {}, "vendors": []})


def later(result, name):
    return result[name].sel(quarter=AFTER).astype(float)


def test_packages_bought_are_the_stacks_and_slots_used_over_what_each_takes_losses_counted_in(books):
    inputs, result, each = books
    made = (later(result, "additions").sel(channel="domestic") * inputs["with_stacks"]).sum("gpu_class")
    for item in ("stacks", "slots"):
        assert np.allclose((later(result, f"{item}_used") / each[item]).transpose(*made.dims), made, rtol=1e-4), item


def test_dies_used_are_those_of_packages_and_of_cards_without_stacked_memory(books):
    inputs, result, _ = books
    chips = later(result, "additions").sel(channel="domestic")
    lost = 1.0 - inputs["die_escape"] * (1.0 - inputs["die_screening"])
    begun = chips / (inputs["package_yield"] * lost ** inputs["compute_dies"])
    dies = (begun * inputs["dies"]).sum("gpu_class")
    used = later(result, "dies_used")
    assert np.allclose(dies.transpose(*used.dims), used, rtol=1e-4)


def test_observed_packages_took_dies_and_stacks_by_the_same_losses(inputs, result):
    seen = slice(parse_quarter("2026Q1"), parse_quarter("2026Q3"))
    chips = result["additions"].sel(channel="domestic", quarter=seen).isel(regime=0)
    lost = 1.0 - inputs["die_escape"] * (1.0 - inputs["die_screening"])
    begun = chips / (inputs["package_yield"] * lost ** inputs["compute_dies"])
    for item, each in (("dies", inputs["dies"]), ("stacks", inputs["stacks"] * inputs["with_stacks"])):
        used = result[f"{item}_used"].isel(regime=0).sel(quarter=seen)
        assert np.allclose((begun * each).sum("gpu_class").transpose(*used.dims), used, rtol=1e-4), item


def test_the_input_that_binds_is_used_up_and_no_input_is_overdrawn(books):
    """Dies and stacks: all that arrives and the part of the stock that is released; slots: all of the quarter."""
    inputs, result, _ = books
    code = result["binding_fabrication"].sel(quarter=AFTER).values
    stock = {k: result[f"{k}_stock"].isel(bound=slice(0, -1)).values[:, -code.shape[1] :] for k in ("dies", "stacks")}
    arrived = {
        "dies": sum(later(result, f"dies_{k}") for k in ("made", "foreign", "imputed")).values,
        "stacks": sum(later(result, f"stacks_{k}") for k in ("supplied", "imputed")).values,
    }
    release = inputs["inventory_release"].values
    offered = {k: arrived[k] + stock[k] * release for k in stock} | {"slots": later(result, "slots_supplied").values}
    for item, bound in zip(("dies", "stacks", "slots"), FABRICATION_BOUNDS, strict=False):
        used, have, binds = later(result, f"{item}_used").values, offered[item], code == FABRICATION_BOUNDS.index(bound)
        assert binds.any(), bound
        assert (used <= have * (1 + 1e-5) + 1.0).all(), item
        assert np.allclose(used[binds], have[binds], rtol=1e-4, atol=1.0), item
    assert (later(result, "slots_used").values[code != 2] < offered["slots"][code != 2]).mean() > 0.99


def test_a_slot_that_is_not_used_is_lost_with_its_quarter(inputs):
    """Idle slots of 2027 make no package of 2028: with memory short in 2027 and plenty after, slots of 2028 are those of 2028."""
    base = rich(inputs)
    year = base["quarter"].dt.year == 2027
    idle = base.assign({k: base[k].where(~year, base[k] * 0.1) for k in ("hbm_domestic", "hbm_inhouse", "hbm_illicit")})
    in_2028 = [run(x)["slots_supplied"].sel(quarter=slice("2028-01-01", "2028-12-31")).values for x in (base, idle)]
    assert np.array_equal(*in_2028)


def test_every_class_is_stopped_by_one_thing_in_every_quarter_of_every_world(result, scenario, catalogue):
    codes, weight = vendors.stops(result.isel(regime=0), catalogue)
    origin = codes["quarter"].values <= parse_quarter(scenario.as_of)
    assert (codes.values[:, origin] == -1).all()
    assert set(np.unique(codes.values[:, ~origin])) == set(range(len(vendors.LIMITS)))
    types = catalogue.table("fabs/packages.csv").set_index("gpu_class")["type"]
    plain = (types.reindex(codes["gpu_class"].values) == "substrate").to_numpy()
    named = {vendors.LIMITS[code] for code in np.unique(codes.values[plain][:, ~origin])}
    assert named <= {"buyers' money", "what buyers want"}
    assert (weight.values >= 0).all()


def test_bounds_by_quarter_add_up_to_one_and_their_year_is_the_table_of_the_year(result, scope, catalogue):
    data = vendors.bounds_by_quarter(result, scope, catalogue)
    assert np.allclose(data.groupby(["maker", "quarter"])["share"].sum(), 1.0, atol=1e-6)
    assert data.loc[data["maker"] == "Huawei", "quarter"].max() == "2027Q4"
    one = data[(data["maker"] == "Huawei") & data["quarter"].str.startswith("2026")]
    table = vendors.binding_table(result, scope, catalogue).data
    year = table[(table["maker"] == "Huawei") & (table["year"] == 2026)]
    assert one["quarter"].unique().tolist() == ["2026Q4"]
    assert one["share"].to_numpy() == pytest.approx(year["share"].to_numpy())


def test_a_yield_at_another_size_of_die_by_pencil_and_at_its_own_size_as_it_was(inputs, result):
    sold = result["yield_5nm"].sel(regime="current", quarter=parse_quarter("2026Q4")).values.astype(float)
    own = float(inputs["reference_die_area"].values[0]) * 100
    assert np.allclose(supply.at_size(sold, own, inputs), sold, rtol=1e-5)
    assert (supply.at_size(sold, 107.0, inputs) > sold).all()
    pencil = inputs.isel(draw=[0]).assign(
        parametric_loss=("draw", [0.1]),
        binned_share=("draw", [0.0]),
        clustering=("draw", [2.0]),
        reference_die_area=("draw", [4.0]),
    )
    at_four = negative_binomial_yield(4.0, np.array([0.5]), 2.0) * 0.9
    assert supply.at_size(at_four, 100.0, pencil) == pytest.approx(0.9 / 1.25**2)
