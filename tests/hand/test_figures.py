"""Figures drawn from the made-up run: words, numbers beside, legible labels, equal bytes."""

import datetime as dt
import itertools
import re
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.text import Text

from forecast.contract import BadInput
from forecast.figures import (
    channel_chart,
    effect_chart,
    fabrication_chart,
    fan_chart,
    font_files,
    input_chart,
    memory_chart,
    purchase_path_chart,
    purchases_chart,
    save,
    status_chart,
    tornado_chart,
    vendor_chart,
    waterfall_chart,
)
from forecast.figures.frame import CHINESE, LATIN, PALETTE, RAMP, house_style, instant, luminance, quarters_of, spaced
from forecast.figures.limits import ALL_CLASSES, GROUPS, purchase_paths, purchase_shares, yearly_shares
from forecast.names import FABRICATION_BOUNDS
from forecast.tables import Rows, Scope, two_digits
from tests.fakes import fake_context, fake_drivers, fake_split, fake_summary


def split_chart(_rows, scope):
    return waterfall_chart(fake_split(), scope, fake_context()["instruments"], 512)


LONE = (fan_chart, channel_chart, fabrication_chart, purchases_chart, vendor_chart, purchase_path_chart, memory_chart)
CHARTS = (*LONE, effect_chart, split_chart)
MANY = ("current", "open-blackwell", "strict-denial", "quota", "allied-tools")


def world(regimes=("current", "open-blackwell", "strict-denial")):
    return Rows(fake_summary(regimes)), Scope.of(fake_context(regimes))


@pytest.fixture(scope="module")
def rows_and_scope():
    return world()


@pytest.fixture(scope="module", params=CHARTS, ids=lambda chart: chart.__name__)
def drawing(request, rows_and_scope):
    return request.param(*rows_and_scope)


def labels(figure):
    """Visible texts with their boxes in pixels; tick labels outside their axis are not drawn and so left out."""
    FigureCanvasAgg(figure).draw()
    outside = set()
    for axes in figure.axes:
        for axis, (low, high) in ((axes.xaxis, sorted(axes.get_xlim())), (axes.yaxis, sorted(axes.get_ylim()))):
            for tick in axis.get_major_ticks() + axis.get_minor_ticks():
                if not low <= tick.get_loc() <= high:
                    outside |= {id(tick.label1), id(tick.label2)}
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip() and id(text) not in outside]
    return [(text.get_text(), text.get_window_extent()) for text in texts]


def test_each_figure_says_in_words_what_it_shows(drawing):
    assert len(drawing.alt) > 80
    assert any(title in drawing.title + drawing.alt for title in ("Current law", "Strict denial"))
    assert re.search(r"\d", drawing.alt)
    assert drawing.title
    assert drawing.note.endswith(".")


def test_the_numbers_of_each_figure_stand_beside_it(drawing):
    assert len(drawing.data)
    assert not drawing.data.isna().any(axis=None)


def test_no_label_is_cut_off(drawing):
    with house_style():
        frame = drawing.figure.bbox
        for text, box in labels(drawing.figure):
            assert box.x0 >= frame.x0 - 1, text
            assert box.x1 <= frame.x1 + 1, text
            assert box.y0 >= frame.y0 - 1, text
            assert box.y1 <= frame.y1 + 1, text


def overlaps(figure):
    """Pairs of labels that lie on one another."""
    found = []
    for (one, a), (other, b) in itertools.combinations(labels(figure), 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        down = min(a.y1, b.y1) - max(a.y0, b.y0)
        if across > 1 and down > 0.35 * min(a.height, b.height):
            found.append((one, other))
    return found


def test_no_two_labels_overlap(drawing):
    with house_style():
        assert overlaps(drawing.figure) == []


def test_equal_drawings_give_equal_bytes(drawing, rows_and_scope, tmp_path):
    chart = {chart(*rows_and_scope).name: chart for chart in CHARTS}[drawing.name]
    first, second = save(chart(*rows_and_scope), tmp_path / "a"), save(chart(*rows_and_scope), tmp_path / "b")
    assert set(first) == {"svg", "png", "csv"}
    for kind in first:
        assert first[kind].read_bytes() == second[kind].read_bytes()


def test_vector_text_needs_no_font_of_the_reader(drawing, tmp_path):
    svg = save(drawing, tmp_path)["svg"].read_text(encoding="utf-8")
    assert "<text" not in svg
    assert "font-family" not in svg


def test_a_figure_without_words_is_not_written(drawing, tmp_path):
    with pytest.raises(BadInput, match="description in words"):
        save(drawing._replace(alt=" "), tmp_path)
    assert not list(tmp_path.iterdir())


def test_only_the_shipped_fonts_are_used():
    with house_style():
        for family, weight in itertools.product((LATIN, CHINESE), (400, 500, 600)):
            path = fontManager.findfont(FontProperties(family=family, weight=weight), fallback_to_default=False)
            assert Path(str(path)) in font_files()


def test_colours_differ_in_lightness_alone():
    for colours in (PALETTE, RAMP):
        steps = sorted(luminance(colour) for colour in colours)
        assert min(high - low for low, high in itertools.pairwise(steps)) > 0.05


@pytest.mark.parametrize("regimes", [("current",), MANY], ids=["one", "five"])
def test_any_number_of_regimes_can_be_drawn(regimes):
    rows, scope = world(regimes)
    for chart in LONE if len(regimes) == 1 else CHARTS:
        drawing = chart(rows, scope)
        with house_style():
            assert overlaps(drawing.figure) == [], drawing.name
            assert all(box.x1 <= drawing.figure.bbox.x1 + 1 for _, box in labels(drawing.figure)), drawing.name


def test_the_fan_states_the_summary_to_the_digit(rows_and_scope):
    rows, scope = rows_and_scope
    median = rows.value("compute_nominal", "p50", regime="strict-denial", channel="onshore", quarter="2028Q4")
    alt = fan_chart(rows, scope).alt
    assert f"Strict denial: median {two_digits(median / 1e6)}" in alt


def test_fans_end_at_the_horizon(rows_and_scope):
    data = fan_chart(*rows_and_scope).data
    assert data["quarter"].max() == "2030Q4"
    assert set(data["regime"]) == {"current", "open-blackwell", "strict-denial"}


def test_effects_start_at_the_origin_and_carry_the_size_that_matters(rows_and_scope):
    rows, scope = rows_and_scope
    data = effect_chart(rows, scope).data
    assert data["quarter"].min() == scope.as_of
    row = data[(data.regime == "strict-denial") & (data.channel == "onshore") & (data.quarter == "2028Q4")].iloc[0]
    stock = rows.value("compute_nominal", "p50", regime="current", channel="onshore", quarter="2028Q4")
    assert row["decision_size"] == pytest.approx(0.1 * stock / 1e6)


def test_yearly_shares_are_means_of_quarters_and_add_to_one(rows_and_scope):
    rows, _ = rows_and_scope
    table = yearly_shares(rows, "binding_fabrication", FABRICATION_BOUNDS, [2026, 2028], regime="current")
    assert table.sum(axis=1).tolist() == pytest.approx([1.0, 1.0])
    assert table.loc[2026, "observed"] == pytest.approx(0.75)


def test_regimes_that_bind_alike_share_a_panel(rows_and_scope):
    rows, scope = rows_and_scope
    drawing = fabrication_chart(rows, scope)
    assert len(drawing.figure.axes) == 2
    assert "Open Blackwell: the same" in drawing.note
    assert "Strict denial" not in drawing.note


def test_what_stops_purchases_covers_the_market_with_vendors_together(rows_and_scope):
    rows, scope = rows_and_scope
    table = purchase_shares(rows, scope, scope.base)
    assert table.index[0] == ALL_CLASSES
    assert "Huawei 华为" in table.index
    assert table.sum(axis=1).tolist() == pytest.approx([1.0] * len(table))


def test_a_run_without_purchase_codes_has_no_such_figure():
    table = fake_summary()
    rows = Rows(table[table.variable != "binding_procurement"])
    assert purchases_chart(rows, Scope.of(fake_context())) is None
    assert purchase_path_chart(rows, Scope.of(fake_context())) is None


def test_what_stops_purchases_adds_to_one_in_each_year_and_leaves_out_what_is_not_sold(rows_and_scope):
    rows, scope = rows_and_scope
    paths = purchase_paths(rows, scope, scope.base)
    assert tuple(paths) == GROUPS
    for table in paths.values():
        assert table.index.tolist() == [2027, 2028, 2029, 2030]
        assert table.sum(axis=1).tolist() == pytest.approx([1.0] * 4)
        assert "not on the market" not in table
    assert paths["Foreign chips"]["domestic output"].max() == 0
    assert paths["Chinese chips"]["rule"].max() == 0


def test_memory_columns_are_sums_of_quarters(rows_and_scope):
    rows, scope = rows_and_scope
    data = memory_chart(rows, scope).data.set_index("year")
    path = rows.path("stacks_supplied", "mean", [f"2028Q{part}" for part in range(1, 5)], regime="current")
    assert data.loc[2028, "counted by sources"] == pytest.approx(sum(path) / 1e6)
    table = fake_summary()
    assert memory_chart(Rows(table[table.variable != "stacks_imputed"]), scope) is None


def test_the_bars_of_a_waterfall_end_where_the_whole_bundle_ends(rows_and_scope):
    _, scope = rows_and_scope
    drawing = split_chart(None, scope)
    for _, held in drawing.data.groupby(["channel", "regime"]):
        parts, whole = held[held.place > 0], held[held.place == 0]
        assert parts["mean mean"].astype(float).sum() == pytest.approx(float(whole["whole mean"].iloc[0]))
    for axes, count in zip(drawing.figure.axes[:2], (3, 3), strict=True):
        bars = axes.patches
        assert len(bars) == count
        assert bars[1].get_x() == pytest.approx(bars[0].get_x() + bars[0].get_width())
        assert bars[2].get_width() == pytest.approx(bars[1].get_x() + bars[1].get_width())


def test_panels_are_few_and_the_rest_is_said_to_stand_in_tables():
    rows, scope = world(MANY)
    fan, effects = fan_chart(rows, scope), effect_chart(rows, scope)
    assert set(fan.data["regime"]) == {"current", "open-blackwell", "strict-denial"}
    assert "2 regimes that change accessible compute less" in fan.note
    assert effects.data["regime"].nunique() == 3
    assert "1 regime that changes accessible compute less stands" in effects.note


def test_where_there_is_room_every_regime_has_its_panel_and_every_column_its_years():
    rows, scope = world(MANY)
    fan, effects = fan_chart(rows, scope, most=12), effect_chart(rows, scope, most=12)
    assert fan.data["regime"].nunique() == len(fan.figure.axes) == 5
    assert effects.data["regime"].nunique() == 4
    assert len(effects.figure.axes) == 8
    assert "stand" not in fan.note
    assert [axes.xaxis.get_tick_params()["labelbottom"] for axes in fan.figure.axes] == [False, False, True, True, True]
    onshore = [axes.get_ylim() for axes in effects.figure.axes if "onshore" in axes.get_title(loc="left")]
    assert len(onshore) == 4
    assert len(set(onshore)) == 1


def test_vendors_carry_their_chinese_names_and_add_up(rows_and_scope):
    rows, scope = rows_and_scope
    drawing = vendor_chart(rows, scope)
    assert "Huawei 华为" in drawing.alt
    total = sum(
        rows.value("additions_h100e", "mean", regime="current", channel="domestic", quarter=f"2028Q{part}")
        for part in range(1, 5)
    )
    assert drawing.data.drop(columns="year").iloc[-1].sum() == pytest.approx(total / 1e6)


def test_vendors_may_claim_classes_by_label():
    context = fake_context()
    for vendor in context["vendors"]:
        vendor["classes"] = [context["classes"][name]["label"] for name in vendor["classes"]]
    assert vendor_chart(Rows(fake_summary()), Scope.of(context)).data.equals(
        vendor_chart(Rows(fake_summary()), Scope.of(fake_context())).data
    )


def made_up_spells():
    """Two chips: one stopped in 2023, one never."""
    rows = [
        ("first", dt.date(2022, 1, 1), dt.date(2023, 10, 17), "free", "none"),
        ("first", dt.date(2023, 10, 17), dt.date(2027, 1, 1), "licence_presumption_of_denial", "3A090.a"),
        ("second", dt.date(2022, 1, 1), dt.date(2027, 1, 1), "free", "none"),
    ]
    return pd.DataFrame(rows, columns=["chip", "since", "until", "status", "paragraph"])


def special(name, inputs):
    if name == "tornado":
        return tornado_chart(fake_drivers(), "What drives it under Current law")
    if name == "status":
        labels = {"first": "A chip with a long name 昇腾", "second": "Another"}
        return status_chart(
            made_up_spells(), labels, {"first": pd.NaT, "second": pd.Timestamp("2024-07-01")}, "Under Current law"
        )
    return input_chart(inputs, ["acceptance", "hbm_domestic", "software_training"])


@pytest.mark.parametrize("name", ["tornado", "status", "inputs"])
def test_figures_of_inputs_and_law_are_worded_legible_and_repeatable(name, inputs, tmp_path):
    drawing = special(name, inputs)
    assert drawing.name == name
    assert len(drawing.alt) > 80
    assert re.search(r"\d", drawing.alt)
    assert drawing.note.endswith(".")
    assert not drawing.data.isna().any(axis=None)
    with house_style():
        frame = drawing.figure.bbox
        assert overlaps(drawing.figure) == []
        for text, box in labels(drawing.figure):
            assert box.x0 >= frame.x0 - 1, text
            assert box.x1 <= frame.x1 + 1, text
    first, second = save(drawing, tmp_path / "a"), save(special(name, inputs), tmp_path / "b")
    assert all(first[kind].read_bytes() == second[kind].read_bytes() for kind in first)


def test_the_tornado_leaves_out_the_noise_and_says_so():
    drawing = tornado_chart(fake_drivers(), "Title")
    assert "hardly matters" not in drawing.alt
    assert "3.0 to 9.0 (+6.0)" in drawing.alt
    assert "1 input within the noise" in drawing.note
    with pytest.raises(BadInput, match="stands out"):
        tornado_chart(fake_drivers().assign(within_noise=True), "Title")


def test_a_chip_has_no_status_before_it_is_shipped(inputs):
    data = special("status", inputs).data
    assert set(data["chip"]) == {"first", "second"}
    assert "Another: no licence needed from 2024." in special("status", inputs).alt


def test_only_paths_are_drawn_as_paths(inputs):
    with pytest.raises(BadInput, match="not an input that is a path"):
        input_chart(inputs, ["repair"])


@pytest.mark.parametrize("places", [[0.0, 0.0, 0.0], [1.0, 5.0, 1.1], [3.0, 2.0, 1.0], [0.5]])
def test_labels_are_moved_apart_and_keep_their_order(places):
    moved = spaced(places, 1.0)
    ranked = sorted(range(len(places)), key=lambda index: places[index])
    assert all(moved[b] - moved[a] >= 1.0 - 1e-9 for a, b in itertools.pairwise(ranked))


def test_a_quarter_stands_for_its_end():
    assert instant("2025Q4") == 2026.0
    assert quarters_of(2025, 2025) == ["2024Q4", "2025Q1", "2025Q2", "2025Q3", "2025Q4"]
