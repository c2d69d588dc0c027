"""The threshold plane: the ground is the law's, points are the chips', and no label lies on another."""

import datetime as dt
import re

import pandas as pd
import pytest

from forecast import desk
from forecast.contract import BadInput
from forecast.figures import save, status_chart
from forecast.figures.frame import house_style
from forecast.figures.plane import Rules, ground_of, short_name
from forecast.lawpictures import PLOTTED
from forecast.regime import resolve
from forecast.rulebook import classify, provisions_on
from forecast.stages.permissions import STATUSES
from tests.hand.test_figures import labels, overlaps

DAYS = [("2022-12-01", "current"), ("2023-12-01", "current"), ("2025-05-01", "current"), ("2026-11-01", "current"),
        ("2027-06-01", "open-blackwell"), ("2027-06-01", "strict-denial")]  # fmt: skip


@pytest.fixture(scope="module", params=DAYS, ids=lambda day: "-".join(day))
def drawing(request):
    day, regime = request.param
    return desk.threshold_plane(day, regime).drawing


def test_the_plane_is_worded_legible_and_nothing_is_cut_off(drawing):
    assert len(drawing.alt) > 200
    assert re.search(r"Thresholds of TPP at [\d,]+", drawing.alt)
    assert drawing.note.endswith(".")
    assert not drawing.data.isna().any(axis=None)
    with house_style():
        frame = drawing.figure.bbox
        assert overlaps(drawing.figure) == []
        for text, box in labels(drawing.figure):
            assert frame.x0 - 1 <= box.x0 <= box.x1 <= frame.x1 + 1, text
            assert frame.y0 - 1 <= box.y0 <= box.y1 <= frame.y1 + 1, text


def test_labels_do_not_collide_with_every_chip_of_the_debate_on_the_plane():
    for place in ("CN", "SA"):
        drawing = desk.threshold_plane("2026-11-01", to=place, chips=PLOTTED).drawing
        with house_style():
            assert overlaps(drawing.figure) == []
        assert len(drawing.data) >= len(PLOTTED) - 1


def test_a_point_has_the_status_of_its_chip(drawing, request):
    day, regime = request.node.callspec.params["drawing"]
    for row in drawing.data.itertuples():
        assert row.status == classify(row.chip, on=day, regime=regime).status
    shown = drawing.data["chip"].tolist()
    assert "a100_sxm_80gb" in shown
    assert ("h20_96gb" in shown) == (day > "2023-11-30")


def ground(catalogue, day, regime="current", to="CN"):
    controls, reliefs = provisions_on(resolve(regime, catalogue.regimes), dt.date.fromisoformat(day))
    return ground_of(Rules(controls, reliefs, to).asked, "NVIDIA")


def said(found, tpp, density):
    i = max(k for k, edge in enumerate(found.across[:-1]) if edge <= tpp)
    j = max(k for k, edge in enumerate(found.up[:-1]) if edge <= density)
    return STATUSES[int(found.loosest[i, j])], STATUSES[int(found.tightest[i, j])]


def test_the_ground_of_2024_is_the_published_table_of_bands(catalogue):
    found = ground(catalogue, "2024-06-01")
    free, denied, notice = ("free",) * 2, ("licence_presumption_of_denial",) * 2, ("exception_nac",) * 2
    assert said(found, 1599, 39) == free
    assert said(found, 1600, 5.92) == denied
    assert said(found, 1600, 3.2) == notice
    assert said(found, 2399, 3.19) == free
    assert said(found, 2400, 1.6) == notice
    assert said(found, 4799, 1.59) == free
    assert said(found, 4800, 1.0) == denied


def test_stripes_are_where_other_tests_decide(catalogue):
    assert said(ground(catalogue, "2022-12-01"), 4800, 10) == ("free", "licence_presumption_of_denial")
    later = ground(catalogue, "2026-06-01")
    assert said(later, 20999, 10) == ("licence_case_by_case", "licence_presumption_of_denial")
    assert said(later, 21000, 10) == ("licence_presumption_of_denial", "licence_presumption_of_denial")
    assert said(ground(catalogue, "2027-06-01", "open-blackwell"), 31999, 10)[0] == "licence_case_by_case"


def test_rules_that_ask_for_neither_axis_are_told_beside():
    note = desk.threshold_plane("2025-05-01").drawing.note
    assert "letter of April 2025" in note
    assert "memory bandwidth ≥ 1,400 GB/s" in note
    assert "letter" not in desk.threshold_plane("2024-06-01").drawing.note


def test_equal_planes_give_equal_bytes(tmp_path):
    one, other = (save(desk.threshold_plane("2026-11-01").drawing, tmp_path / name) for name in "ab")
    assert set(one) == {"svg", "png", "csv"}
    assert all(one[kind].read_bytes() == other[kind].read_bytes() for kind in one)


@pytest.mark.parametrize(("label", "short"), [
    ("A100 SXM4 80GB", "A100"), ("GeForce RTX 4090D", "RTX 4090D"), ("Instinct MI308X", "MI308X"), ("H20 96GB (HGX)", "H20"),
    ("Rubin R200 (VR200, per package)", "Rubin R200"), ("B30A", "B30A"),
])  # fmt: skip
def test_a_label_is_shortened_to_the_name_in_use(label, short):
    assert short_name(label) == short


def test_a_bad_question_is_told():
    with pytest.raises(BadInput, match="2022-01-01 to 2032-12-31"):
        desk.threshold_plane("2020-01-01")
    with pytest.raises(BadInput, match="unknown chip"):
        desk.threshold_plane("2026-01-01", chips=["h9000"])


def test_steps_of_law_are_numbered_where_a_bar_changes_colour():
    drawing = desk.chips_through_time(["H20", "RTX 4090"], "current", "2022-01-01", "2026-12-31").drawing
    assert "1 Rule of October 2023 (2023-11-17); 2 H20 letters of April 2025 (2025-04-09)" in drawing.note
    assert "3 H20 resumption, August 2025 (2025-08-08)." in drawing.note
    texts = [text for text, _ in labels(drawing.figure)]
    assert {"1", "2", "3"} <= set(texts)
    with house_style():
        assert overlaps(drawing.figure) == []
    plain = status_chart(drawing.data, {}, {"h20_96gb": pd.NaT, "rtx_4090": pd.NaT}, "Under current law")
    assert "Steps of law" not in plain.note
