"""The classes: enough of them, none without its values, and parts that add up to the totals that were published."""

import numpy as np
import pandas as pd
import pytest

from forecast.figures.limits import MOST_CLASSES, SMALL_MAKERS, _small_together
from forecast.inputs import OFFERED
from forecast.names import parse_quarter

FOR_ALL = ("h100e", "bandwidth", "tdp")
SMALL_POOL = ("others_early", "others")
"""Series of the makers that the count of 2025 does not name."""

TOTALS = {
    "2022": [4000, 4000, 4000, 4000], "2023": [10000, 13000, 12000, 14000], "2024": [18000, 21000, 25000, 32000],
    "2025": [70000, 80000, 90000, 101000], "2026": [95000, 105000, 115000],
}  # fmt: skip
"""Cards a quarter of those makers together, as they stood before they were told apart."""

PUBLISHED = [
    ("IDC, April 2026", "2025", "Alibaba T-Head", 265_000),
    ("IDC, April 2026", "2025", "Kunlunxin", 116_000),
    ("Enflame prospectus", "2024", "Enflame", 38_800),
    ("Iluvatar prospectus", "2022", "Iluvatar CoreX", 7_800),
    ("Iluvatar prospectus", "2024", "Iluvatar CoreX", 16_800),
    ("Bernstein, July 2025", "2024", "Moore Threads", 5_500),
    ("Bernstein, July 2025", "2025", "MetaX", 50_000),
]


@pytest.fixture(scope="module")
def classes(catalogue):
    return catalogue.table("gpus/classes.csv").set_index("gpu_class")


@pytest.fixture(scope="module")
def made(catalogue, classes):
    """Chinese cards observed, with vendor and year."""
    table = catalogue.table("history/acquisitions.csv")
    table = table[(table["channel"] == "domestic") & (table["role"] == "input")]
    return table.assign(vendor=table["gpu_class"].map(classes["vendor"]), year=table["quarter"].str[:4])


def test_there_are_at_least_eighteen_foreign_and_eighteen_chinese_classes(classes):
    assert (classes["origin"] == "US").sum() >= 18
    assert (classes["origin"] == "CN").sum() >= 18


@pytest.mark.parametrize("variable", FOR_ALL)
def test_every_class_has_rate_bandwidth_and_power(inputs, variable):
    assert float(inputs[variable].min("draw").min()) > 0


def test_foreign_classes_have_a_price_and_chinese_ones_what_a_package_needs(inputs, classes):
    foreign, chinese = (classes.index[classes["origin"] == origin] for origin in ("US", "CN"))
    assert float(inputs["price"].sel(gpu_class=list(foreign)).min()) > 0
    for variable in ("stacks", "dies", "slots"):
        assert float(inputs[variable].sel(gpu_class=list(chinese)).min()) > 0, variable


def test_no_class_stands_idle(catalogue, classes):
    """Each foreign class is in a mix of its maker, or was sold or is offered to China; each Chinese one is made."""
    used = set(OFFERED)
    for name in ("history/acquisitions.csv", "supply/nvidia_mix.csv", "supply/world_mix.csv", "fabs/mix.csv"):
        table = catalogue.table(name)
        used |= set(table.loc[table["share"] > 0 if "share" in table else table.index, "gpu_class"])
    assert set(classes.index) - used == set()


def test_the_chip_of_a_class_is_of_its_maker_and_origin(catalogue, classes):
    chips = catalogue.chips.loc[classes["chip"]]
    assert chips["origin"].tolist() == classes["origin"].tolist()
    own = (classes["vendor"] != "Other makers").to_numpy()
    assert chips["vendor"].to_numpy()[own].tolist() == classes["vendor"].to_numpy()[own].tolist()


@pytest.mark.parametrize("mix", ["package_mix", "diverted_mix", "nvidia_mix"])
def test_mixes_add_up_to_one_in_every_quarter(inputs, mix):
    begun = inputs[mix].sel(quarter=slice("2026-07-01" if mix == "package_mix" else None, None))
    assert np.allclose(begun.sum("gpu_class").values, 1.0, atol=1e-9)


def test_each_vendor_of_the_world_has_a_whole_mix_at_each_anchor(catalogue):
    table = catalogue.table("supply/world_mix.csv")
    assert set(table["series"]) == set(catalogue.table("history/world.csv")["series"]) - {"nvidia"}
    assert np.allclose(table.groupby(["series", "quarter"])["share"].sum(), 1.0, atol=1e-9)


def test_the_cards_of_small_makers_add_up_to_what_they_were_split_from(made):
    pool = made[made["series"].isin(SMALL_POOL)].groupby("quarter")["p50"].sum()
    assert {year: pool[pool.index.str.startswith(year)].tolist() for year in TOTALS} == TOTALS
    named = {"Huawei": 812_000, "Alibaba T-Head": 265_000, "Kunlunxin": 116_000, "Cambricon": 116_000}
    assert sum(TOTALS["2025"]) == 1_650_000 - sum(named.values())


@pytest.mark.parametrize(("by", "year", "vendor", "cards"), PUBLISHED)
def test_vendors_sold_what_was_published(made, by, year, vendor, cards):
    found = made[(made["year"] == year) & (made["vendor"] == vendor)]["p50"].sum()
    assert found == pytest.approx(cards, abs=2), by


def test_iluvatar_shipped_52_000_to_mid_2025(made):
    """Listing report of January 2026; 15 700 of them in the half-year."""
    rows = made[made["vendor"] == "Iluvatar CoreX"].set_index("quarter")["p50"]
    assert rows[:"2025Q2"].sum() == pytest.approx(52_000, abs=2)
    assert rows["2025Q1":"2025Q2"].sum() == 15_700


def test_of_gpu_firms_only_metax_and_iluvatar_passed_ten_thousand_in_2024(made):
    """IDC, cited by MetaX in August 2025; makers of other kinds of chips are not in that count."""
    sold = made[made["year"] == "2024"].groupby("vendor")["p50"].sum()
    assert min(sold["MetaX"], sold["Iluvatar CoreX"]) > 10_000
    assert max(sold["Moore Threads"], sold["Biren"], sold["Hygon"]) < 10_000


def test_parts_of_one_total_move_together_and_are_no_surer_than_it(made):
    """The residual of 2025 is known to a fifth; its parts, added up rank by rank, are not."""
    parts = made[(made["series"] == "others") & (made["year"] == "2025")]
    assert parts["gpu_class"].nunique() >= 7
    low, mid, high = (parts.groupby("quarter")[name].sum() for name in ("p05", "p50", "p95"))
    assert (low <= 0.8 * mid).all()
    assert (high >= 1.2 * mid).all()


def test_the_compute_of_small_makers_is_what_the_pooled_rate_gave(inputs, made):
    """341 000 cards at a pooled 0.08 to 0.25 H100e gave 50 000, from 26 000 to 88 000."""
    pool = sorted(made[made["series"] == "others"]["gpu_class"].unique())
    year = slice(parse_quarter("2025Q1"), parse_quarter("2025Q4"))
    cards = inputs["observed"].sel(gpu_class=pool, channel="domestic", quarter=year).sum("quarter")
    low, mid, high = np.quantile((cards * inputs["h100e"].sel(gpu_class=pool)).sum("gpu_class").values, [0.05, 0.5, 0.95])
    assert mid == pytest.approx(50_200, rel=0.05)
    assert high / low > 0.85 * 3.43


def test_blackwell_is_offered_once(inputs):
    """Both generations together are what the vendor would supply, in every quarter in which either is sold."""
    sold = inputs["vendor_supply"].sel(gpu_class=["b200", "b300"]) * inputs["h100e"].sel(gpu_class=["b200", "b300"])
    ahead = sold.sel(quarter=slice(parse_quarter("2026Q1"), parse_quarter("2030Q4"))).transpose("gpu_class", "quarter", "draw")
    supply = np.broadcast_to(inputs["supply_b200_b300"].values, ahead.shape[1:])
    np.testing.assert_allclose(ahead.sum("gpu_class").values, supply, rtol=1e-9)
    both = ahead.sel(quarter=parse_quarter("2027Q1"))
    assert float((both.sel(gpu_class="b200") / both.sel(gpu_class="b300")).max()) < 1
    assert float(both.min()) > 0


def test_american_additions_are_the_world_less_china_whatever_the_classes(inputs, catalogue):
    """In the last quarter that a tracker counts by chip, by vendor: the world's total, then the share of each TPU generation."""
    when = parse_quarter("2025Q4")
    added = (inputs["us_additions"] * inputs["h100e"]).sel(quarter=when)
    table = catalogue.table("history/world.csv")
    world = table[table["quarter"] == "2025Q4"].set_index("series")["p50"]
    foreign = inputs["observed"].sel(quarter=when, channel=["licensed", "diverted"]).where(inputs["is_domestic"] == 0, 0.0)
    china = (foreign * inputs["h100e"]).sum(["gpu_class", "channel"])
    total = (world.sum() * inputs["world_level"] - china) * inputs["us_share"]
    np.testing.assert_allclose(added.sum("gpu_class").values, total.values, rtol=1e-9)
    of_google = added.sel(gpu_class=["tpu_v5", "tpu_v6e", "tpu_v7", "tpu_8"]).mean("draw")
    assert float(of_google.sel(gpu_class="tpu_v7") / of_google.sum()) == pytest.approx(461_695 / (461_695 + 366_169), abs=1e-3)
    assert float(of_google.sum() / added.mean("draw").sum()) == pytest.approx(world["tpu"] / world.sum(), rel=1e-9)


def test_small_makers_share_a_row_only_where_there_are_too_many():
    sizes = pd.Series({f"maker {k}": float(20 - k) for k in range(12)})
    groups = ["abroad", "maker 0", "maker 0", *(f"maker {k}" for k in range(11, 0, -1))]
    shown = list(dict.fromkeys(_small_together(groups, sizes)))
    assert len(shown) == MOST_CLASSES
    assert shown[0] == "abroad"
    assert SMALL_MAKERS in shown
    assert {name for name in groups if name not in shown} == {"maker 9", "maker 10", "maker 11"}
    assert _small_together(groups[:5], sizes) == groups[:5]
