"""Tables of Chinese supply: what they count, what they leave out, and that they follow from the run."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from forecast import levers, supply, vendors
from forecast.catalogue.fabs import EVERY_MAKER, check_comparisons
from forecast.contract import BadInput
from forecast.figures import flow_chart, units_chart
from forecast.flows import flow_parts
from forecast.tables import Scope, two_digits


@pytest.fixture(scope="module")
def scope(scenario, catalogue):
    regimes = [{"id": n, "title": catalogue.regimes[n].title, "short": catalogue.regimes[n].short} for n in scenario.regimes]
    return Scope.of({"scenario": {"regimes": regimes, "as_of": scenario.as_of}, "classes": {}, "vendors": []})


@pytest.fixture(scope="module")
def sold(result, scope, catalogue):
    return vendors.vendors_table(result, scope, catalogue)


def test_vendor_tables_end_in_2027_and_vendors_without_published_units_say_so(sold, catalogue):
    assert sold.data["last_quarter"].max() == "2027Q4"
    labels = {row[0] for row in sold.rows}
    silent = {label.split(",")[0] for label in labels if label.endswith("no published units")}
    published = set(catalogue.table("fabs/shipments.csv")["vendor"])
    assert silent == {"Hygon 海光", "Biren 壁仞", "Other makers 其他厂商"}
    assert {name.rsplit(" ", 1)[0] for name in silent}.isdisjoint(published)
    for row in sold.rows:
        if row[0].endswith("no published units"):
            assert row[3] == "–"


def test_every_published_figure_stands_in_the_table_once(sold, catalogue):
    told = sold.data[sold.data["kind"] != "ours"]
    assert sorted(told["p50"]) == sorted(catalogue.table("fabs/shipments.csv")["p50"])


def test_published_figures_keep_the_digits_that_they_were_given_with(sold):
    said = [line for row in sold.rows for line in row[3].split("\n")]
    for start in ("1,650* observation", "812* Ascend", "38.8* cards", "5.5* AI cards", "143 (from 142 to 145) forecast"):
        assert any(line.startswith(start) for line in said), start


def test_counts_of_2025_are_the_published_ones(sold):
    """IDC, April 2026, in cards: our median within a tenth."""
    held = sold.data.set_index(["kind", "first_quarter", "last_quarter", "vendor"])["p50"].sort_index()
    ours = held.loc[("ours", "2025Q1", "2025Q4")]
    for vendor, cards in {EVERY_MAKER: 1_650_000, "Huawei": 812_000, "Alibaba T-Head": 265_000, "Cambricon": 116_000}.items():
        assert ours[vendor] == pytest.approx(cards, rel=0.1), vendor


def test_figures_that_our_counts_were_made_from_are_marked(catalogue):
    table = catalogue.table("fabs/shipments.csv")
    assert set(table["role"]) == {"comparison"}
    assert table.loc[table["source"].isin(["idc_2025", "epoch_huawei", "epoch_cambricon"]), "same_counts"].all()
    assert not table.loc[table["first_quarter"] >= "2026Q1", "same_counts"].any()


def test_shares_of_what_stops_a_maker_add_up_to_one(result, scope, catalogue):
    data = vendors.binding_table(result, scope, catalogue).data
    sums = data.groupby(["maker", "year"])["share"].sum()
    assert np.allclose(sums, 1.0, atol=1e-6)
    assert data.loc[data["maker"] != EVERY_MAKER, "year"].max() == 2027
    plain = data[(data["maker"] == "Enflame") & (data["limit"] == "what buyers want") & (data["year"] == 2027)]
    huawei = data[(data["maker"] == "Huawei") & (data["limit"] == "what buyers want")]
    assert float(plain["share"].iloc[0]) > 0.05
    assert (huawei["share"] == 0).all()


def test_views_of_the_past_stand_beside_no_share_and_later_ones_beside_shares_that_add_up(result, scope, catalogue):
    table = vendors.views_table(result, scope, catalogue)
    parts = table.data[["logic", "memory", "packaging"]]
    past = (table.data["last_quarter"] <= scope.as_of).to_numpy()
    assert past.any()
    assert parts[past].isna().all(axis=None)
    assert np.allclose(parts[~past].sum(axis=1), 1.0)
    assert {"logic dies", "memory", "packaging", "foreign dies"} <= set(table.data["binds"])


def test_the_balance_of_dies_closes_in_every_year_of_the_table(result, scope):
    """In the mean over worlds, where sums and differences carry over: what arrived is used or kept."""
    one = result.sel(regime=scope.base)
    for year in supply.years_of(scope):
        names = ("dies_made", "dies_foreign", "dies_imputed", "dies_used")
        mean = {name: supply.in_year(one[name], year).mean() for name in names}
        kept = one["dies_stock"].sel(bound=[f"{year}-01-01", f"{year + 1}-01-01"]).mean("draw").values.astype(float)
        arrived = mean["dies_made"] + mean["dies_foreign"] + mean["dies_imputed"]
        assert arrived - mean["dies_used"] == pytest.approx(kept[1] - kept[0], rel=1e-4, abs=10.0), year


def test_every_table_has_a_cell_for_each_header(result, inputs, scope, catalogue):
    tables = [
        supply.lines_table(catalogue), supply.dies_table(result, scope), supply.memory_table(result, inputs, scope),
        supply.stockpile_table(catalogue), supply.packages_table(inputs, catalogue), supply.flow_table(result, inputs, scope),
        supply.yields_table(result, inputs, scope, catalogue), vendors.sovereignty_table(result, scope),
        vendors.views_table(result, scope, catalogue), vendors.binding_table(result, scope, catalogue),
    ]  # fmt: skip
    for table in tables:
        assert len(table.rows) >= 6, table.name
        assert {len(row) for row in table.rows} <= {1, len(table.header)}, table.name
        assert len(table.data) > 0


def test_the_line_table_sums_to_the_national_path(catalogue):
    rows = {row[0]: row for row in supply.lines_table(catalogue).rows}
    assert rows["All lines"][4] == rows["National path"][4][0] == "85"


def test_a_made_up_vendor_is_refused(catalogue, tmp_path):
    table = catalogue.table("fabs/shipments.csv").assign(vendor="Huawai")
    with pytest.raises(BadInput, match="did you mean 'Huawei'"):
        check_comparisons(tmp_path, {**catalogue.tables, "fabs/shipments.csv": table})


def test_a_policy_that_moves_nothing_changes_nothing_and_one_on_tools_takes_wafers_after_its_lag(scenario, catalogue):
    few = scenario.model_copy(update={"draws": 32})
    twin = catalogue.regimes["current"].model_copy(update={"name": "twin"})
    with_twin = replace(catalogue, regimes={**catalogue.regimes, "twin": twin})
    none = levers.supply_effect(few, "twin", (2028,), with_twin)
    moved = none[~none["what"].str.startswith("bound:")]
    assert len(moved) == 2 * 6
    assert (moved[["p05", "p50", "p95"]] == 0).all(axis=None)
    tools = levers.supply_effect(few, "match", (2026, 2031), catalogue).set_index(["form", "year", "what"])
    for form in ("independent", "rebalancing"):
        assert abs(tools.loc[(form, 2026, "wafers"), "p50"]) < 1e-6
        assert tools.loc[(form, 2031, "wafers"), "p50"] < -0.05
        bounds = [tools.loc[(form, 2031, what), "p50"] for what in ("bound:logic dies", "bound:memory", "bound:packaging")]
        assert sum(bounds) == pytest.approx(1.0)


def test_the_policy_table_has_both_forms_and_the_first_loss_is_read_off_it(scenario, scope, catalogue):
    table = levers.policy_table(scenario.model_copy(update={"draws": 16}), scope, "match", catalogue)
    assert [row[0] for row in table.rows if len(row) == 1] == ["Investment as planned", "Investment moves to what binds"]
    assert {len(row) for row in table.rows} == {1, len(table.header)}
    made_up = pd.DataFrame({"form": ["a", "a", "b"], "year": [2028, 2029, 2028], "what": "loss", "p50": [0.1, 0.6, 0.2]})
    assert levers.first_loss(made_up) == {"a": 2029, "b": None}


def test_both_sides_of_the_flow_picture_add_up_and_its_words_tell_every_part(result, inputs, scope):
    for year in supply.years_of(scope):
        parts = flow_parts(result, inputs, scope, year)
        for item in ("dies", "stacks"):
            sides = parts[parts["item"] == item].groupby("side")["mean"].sum()
            assert sides["in"] == pytest.approx(sides["out"], rel=1e-3), (year, item)
        drawing = flow_chart(parts, scope, year)
        for row in parts[parts["item"].isin(["dies", "stacks"])].itertuples():
            assert f"{row.part.lower()} {two_digits(row.mean / 1e6)}" in drawing.alt


def test_labels_of_the_flow_picture_do_not_touch(result, inputs, scope):
    for year in supply.years_of(scope):
        figure = flow_chart(flow_parts(result, inputs, scope, year), scope, year).figure
        FigureCanvasAgg(figure).draw()
        boxes = [text.get_window_extent() for text in figure.axes[0].texts]
        touching = [(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :] if a.overlaps(b)]
        assert not touching, year
        assert all(box.x0 >= -1 and box.x1 <= figure.bbox.x1 + 1 and box.y0 >= -1 for box in boxes), year


def test_yield_curves_rise_and_stay_between_nothing_and_all(result, inputs, scope, catalogue):
    curves = supply.yield_curves(result, inputs, scope, catalogue)
    assert set(curves["node"]) == {"7 nm class", "5 nm class"}
    assert ((curves["p05"] > 0) & (curves["p95"] < 1)).all()
    for _, rows in curves.groupby("node"):
        assert rows["p50"].iloc[-1] > rows["p50"].iloc[0]


def test_the_other_run_of_the_evidence_stands_beside_ours_row_by_row_with_a_reason(result, inputs, scope, catalogue):
    """Both runs share their sources: medians of dies, stacks and packages of 2028 within a third of each other."""
    table = vendors.independent_table(result, inputs, scope, catalogue)
    assert all(row[-1] for row in table.rows if row[1] == "theirs")
    held = table.data.set_index(["what", "year", "whose"])["p50"]
    for what in ("dies", "stacks", "stacked", "h100e"):
        assert held.loc[(what, 2028, "ours")] == pytest.approx(held.loc[(what, 2028, "theirs")], rel=1 / 3), what
    shares = held.loc["memory binds"]
    assert ((shares >= 0) & (shares <= 1)).all()


def test_the_picture_of_units_shows_every_published_whole_year_and_names_those_without_one(sold, scope):
    drawing = units_chart(sold.data, scope)
    said = sold.data[sold.data["kind"] != "ours"]
    year = said["first_quarter"].str[:4]
    whole = said[(said["first_quarter"] == year + "Q1") & (said["last_quarter"] == year + "Q4")]
    points = [line for axes in drawing.figure.axes for line in axes.lines if line.get_marker() in ("o", "D")]
    assert len(points) == len(whole)
    heights = sorted(float(point.get_ydata()[0]) for point in points)
    assert heights == pytest.approx(sorted(whole["p50"] / 1e3))
    assert drawing.note.endswith("Without published units: Hygon, Biren, Other makers.")
    FigureCanvasAgg(drawing.figure).draw()
    labels = [label for axes in drawing.figure.axes for label in axes.get_yticklabels()]
    assert all(label.get_window_extent().x0 >= 0 for label in labels)
