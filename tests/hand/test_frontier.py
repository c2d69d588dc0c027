"""Frontier runs by pencil, and against runs that others counted."""

import numpy as np
import pytest

from forecast.contract import BadInput, Breach
from forecast.derived import DERIVED, labels, sealed
from forecast.frontier import beside_record, chance_of_run, days_to_train, frontier_runs
from forecast.names import H100_DENSE_8BIT, end_of_year
from forecast.rows import quantiles
from forecast.stages import frontier


@pytest.fixture(scope="module")
def runs(inputs, result):
    return frontier_runs(inputs, result, efficient=True)


@pytest.mark.parametrize(
    ("chips", "rate_16bit", "utilisation", "days", "published"),
    [
        (768, 312, 0.325, 60.0, 3.55e23),
        (12288, 312, 0.48, 21.0, 3.9e24),
        (25000, 312, 0.34, 95.0, 2.1e25),
        (6144, 989.4, 0.4107, 91.7, 1.8e25),
    ],
    ids=["GLM-130B", "MegaScale", "GPT-4", "Nemotron-4"],
)
def test_published_chips_days_and_utilisation_give_the_published_operations(chips, rate_16bit, utilisation, days, published):
    h100e = np.array(chips * 2 * rate_16bit / H100_DENSE_8BIT)
    assert frontier.run_size(h100e, np.array(utilisation), np.array(days)) == pytest.approx(published, rel=0.2)


def test_a_run_by_pencil():
    system, used, days = np.array(1000.0), np.array(0.4), np.array(100.0)
    size = frontier.run_size(system, used, days)
    assert size == pytest.approx(1000 * 989.5e12 * 0.4 * 86400 * 100)
    assert frontier.days_needed(float(size), system, used) == pytest.approx(100.0)
    assert frontier.days_needed(1e25, np.array(0.0), used) == np.inf


def test_chinchilla_is_nearly_optimal_for_its_own_compute():
    assert frontier.optimal_parameters(np.array(6 * 70e9 * 1.4e12)) == pytest.approx(70e9, rel=0.01)


def test_the_owner_and_the_system_by_pencil():
    assert frontier.owner_system(np.array(1e6), np.array(0.2), np.array(0.3)) == pytest.approx(6e4)
    limit = frontier.system_limit(np.array([45e3]), np.array([2.0]), np.array([-1.0, 0.0, 2.0]))
    assert limit[:, 0] == pytest.approx([22.5e3, 45e3, 180e3])
    assert frontier.efficiency(np.array([3.0]), np.array([0.0, 2.0]))[:, 0] == pytest.approx([1.0, 9.0])


def test_a_lag_by_pencil():
    years = 2022 + np.arange(9) / 4
    leader = np.array([0, 1, 2, 4, 8, 16, 32, 64, 128], dtype=float)[:, None] * 1e24
    follower = np.array([0, 1, 1, 1, 2, 2, 4, np.sqrt(32), 256], dtype=float)[:, None] * 1e24
    found = frontier.lag_months(follower, leader, years)[:, 0]
    assert found == pytest.approx([0, 0, 3, 6, 6, 9, 9, 10.5, 0])


def test_a_record_does_not_fall():
    years = 2022 + np.arange(4) / 4
    leader = np.array([[1.0], [4.0], [2.0], [8.0]])
    assert frontier.lag_months(np.array([[1.0], [1.0], [4.0], [4.0]]), leader, years)[:, 0] == pytest.approx([0, 3, 3, 6])


def test_the_elicited_share_of_the_nation_is_the_product_of_owner_and_place(inputs):
    both = quantiles(inputs["largest_owner_share"].values * inputs["one_run_share"].values)[[0, 2, 4]]
    assert both == pytest.approx([0.02, 0.06, 0.18], rel=0.25)


def test_the_largest_disclosed_run_of_each_year_lies_below_our_path_and_not_absurdly_far(runs, catalogue):
    found = beside_record(runs, catalogue.table("history/training_runs.csv"))
    chinese = found[(found["country"] == "CN") & found["largest"]]
    assert list(chinese["released"].str[:4]) == ["2022", "2023", "2024", "2025", "2026"]
    assert (chinese["share"] < 1.0).all()
    assert (chinese["share"] > 1 / 50).all()


def test_american_records_while_they_were_disclosed_lie_within_a_factor_of_three_of_our_median(runs, catalogue):
    found = beside_record(runs, catalogue.table("history/training_runs.csv")).set_index("run")
    for name in ("Gemini 1.0 Ultra", "Grok 3", "GPT-4.5", "Grok 4"):
        assert 1 / 3 < found.loc[name, "share"] < 3, name


def test_the_largest_known_chinese_cluster_is_as_large_as_ours(runs):
    ours = np.median(runs["largest_system"].sel(channel="onshore", bound=end_of_year(2024), regime="current").values)
    assert 10_000 < ours < 50_000


def test_a_laboratory_has_the_published_share_of_the_american_stock(inputs, result):
    stock = np.median(result["us_compute"].sel(bound=end_of_year(2025)).isel(regime=0).values)
    assert np.median(inputs["us_lab_openai"].values) * stock == pytest.approx(1.705e6, rel=0.15)
    assert np.median(inputs["us_lab_anthropic"].values) * stock == pytest.approx(1.202e6, rel=0.15)


def test_the_largest_developer_has_its_share_at_home_and_abroad(inputs, result):
    """Thrice the usable compute abroad: the ratio falls as all of what China can use has grown."""
    usable = result["compute_training"].copy(deep=True)
    usable.loc[{"channel": "offshore"}] *= 3.0
    before, after = (frontier_runs(inputs, each)["lab_ratio"] for each in (result, result.assign(compute_training=usable)))
    grown = usable.sum("channel") / result["compute_training"].sum("channel")
    late = {"bound": end_of_year(2027)}
    assert float(grown.sel(late).min()) > 1.0
    wanted = (before / grown).sel(late).transpose(*after.sel(late).dims)
    assert np.allclose(after.sel(late).values, wanted.values, rtol=1e-5)


def test_what_closure_leaves_is_what_is_at_home_or_owned(runs):
    kept, accessible, home = (
        runs["run_after_closure"].values, runs["largest_run"].sel(channel="accessible").values,
        runs["largest_run"].sel(channel="onshore").values,
    )  # fmt: skip
    assert (kept <= accessible * (1 + 1e-12)).all()
    assert (kept >= home * (1 - 1e-12)).all()
    exposed = runs["run_exposed"].values
    assert np.allclose(exposed[accessible > 0], (1 - kept / np.maximum(accessible, 1e-9))[accessible > 0])


def test_a_run_after_closure_stands_on_what_is_owned_abroad(inputs, result):
    """Nothing rented: nothing goes. All rented: what is at home is left, and what is at home alone is never exposed."""
    owned = frontier_runs(inputs, result.assign(offshore_rented=result["offshore_rented"] * 0.0))
    assert not owned["run_exposed"].values.any()
    whole = result["compute_training"].sel(channel="offshore") / inputs["availability"]
    share = result["offshore_rented"] / result["offshore_rented"].sum("country").clip(min=1e-9)
    rented = frontier_runs(inputs, result.assign(offshore_rented=(share * whole).transpose(*result["offshore_rented"].dims)))
    late = slice(np.datetime64("2025-01-01"), None)
    home, kept = rented["largest_run"].sel(channel="onshore", bound=late), rented["run_after_closure"].sel(bound=late)
    assert np.allclose(kept.values, home.values, rtol=1e-5)
    assert (rented["run_exposed"].sel(bound=late) > 0).any()


def test_makers_claims_change_the_domestic_part_alone(inputs, result):
    ours, claimed = frontier_runs(inputs, result), frontier_runs(inputs, result, claimed=True)
    same = ours["largest_run"].sel(channel="offshore").values == claimed["largest_run"].sel(channel="offshore").values
    assert same.all()
    told = (
        inputs["ascend_utilisation"] / inputs["training_utilisation"] / inputs["software_training"].sel(bound=end_of_year(2025))
    )
    free = ours["run_limit"].sel(bound=end_of_year(2025)).isel(regime=0).values == 0
    free &= claimed["run_limit"].sel(bound=end_of_year(2025)).isel(regime=0).values == 0
    parts = result["compute_training"].sel(bound=end_of_year(2025)).isel(regime=0)
    home = ["licensed", "diverted", "domestic"]
    wanted = (parts.sel(channel=home).sum("channel") + parts.sel(channel="domestic") * (told - 1)) / parts.sel(channel=home).sum(
        "channel"
    )
    got = (claimed["largest_run"] / ours["largest_run"]).sel(channel="onshore", bound=end_of_year(2025)).isel(regime=0)
    assert free.sum() > 5
    assert got.values[free] == pytest.approx(wanted.values[free], rel=1e-5)


def test_chance_and_days_are_read_off_the_same_path(inputs, runs):
    size = float(np.median(runs["largest_run"].sel(channel="onshore", bound=end_of_year(2028)).isel(regime=0).values))
    chance = chance_of_run(runs, size, ["2026Q4", "2028Q4"]).set_index(["regime", "channel", "quarter"])["probability"]
    assert chance["current", "onshore", "2028Q4"] == pytest.approx(0.5, abs=0.02)
    assert chance["current", "onshore", "2026Q4"] < chance["current", "onshore", "2028Q4"]
    days = days_to_train(inputs, runs, size).sel(channel="onshore", bound=end_of_year(2028)).isel(regime=0).values
    feasible = runs["largest_run"].sel(channel="onshore", bound=end_of_year(2028)).isel(regime=0).values >= size
    assert ((days <= inputs["run_days"].sel(bound=end_of_year(2028)).values * (1 + 1e-9)) == feasible).all()


@pytest.mark.parametrize(
    ("size", "quarters", "word"),
    [(0.0, ["2028Q4"], "size"), (1e26, ["2040Q4"], "quarter outside"), (1e26, ["2028"], "not a quarter")],
)
def test_a_question_that_cannot_be_answered_is_refused(runs, size, quarters, word):
    with pytest.raises(BadInput, match=word):
        chance_of_run(runs, size, quarters)


def test_a_derived_variable_carries_its_unit_and_is_checked(result, runs):
    assert runs["largest_run"].attrs["units"] == "FLOP"
    assert set(runs) <= set(DERIVED)
    like = labels(result, channel=("onshore", "offshore", "accessible"))
    shape = tuple(len(like[dim]) for dim in DERIVED["lag_months"].dims)
    with pytest.raises(Breach, match="values from"):
        sealed("lag_months", np.full(shape, -1.0), like, "by hand")
    with pytest.raises(Breach, match="missing"):
        sealed("lag_months", np.full(shape, np.nan), like, "by hand")
    with pytest.raises(Breach, match="shape"):
        sealed("lag_months", np.zeros(3), like, "by hand")
