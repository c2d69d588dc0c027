"""Figures kept on disk: left alone where all they rest on is the same, drawn anew where anything else is."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from forecast.contract import BadInput
from forecast.figures import Drawing
from forecast.figures.saved import RECORD, drawn_from, save_all


def _drawing(name, height=1.0, alt="A line"):
    figure, axes = plt.subplots(figsize=(2, 1))
    axes.plot([0, height])
    plt.close(figure)
    return Drawing(name, "Title", "Note", figure, alt, pd.DataFrame({"x": [height]}))


def _many(height=1.0):
    return [_drawing(name, height) for name in ("one", "two", "three")]


def test_the_same_key_draws_once_and_another_key_draws_all_again(tmp_path):
    assert save_all(_many(), tmp_path, "a") == ["one", "two", "three"]
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert save_all(_many(), tmp_path, "a") == []
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert save_all(_many(2.0), tmp_path, "b") == ["one", "two", "three"]
    assert (tmp_path / "two.svg").read_bytes() != before["two.svg"]


def test_a_file_that_was_changed_or_lost_is_drawn_again(tmp_path):
    save_all(_many(), tmp_path, "a")
    whole = (tmp_path / "two.svg").read_bytes()
    (tmp_path / "two.svg").write_text("spoilt")
    (tmp_path / "three.png").unlink()
    assert save_all(_many(), tmp_path, "a") == ["two", "three"]
    assert (tmp_path / "two.svg").read_bytes() == whole


def test_without_a_key_or_with_a_spoilt_record_all_are_drawn(tmp_path):
    save_all(_many(), tmp_path, "a")
    (tmp_path / RECORD).write_text("{")
    assert len(save_all(_many(), tmp_path, "a")) == 3
    assert len(save_all(_many(), tmp_path)) == 3


def test_what_is_not_asked_for_does_not_stay(tmp_path):
    save_all(_many(), tmp_path, "a")
    (tmp_path / "table-old.csv").write_text("x")
    save_all(_many()[:1], tmp_path, "a")
    assert sorted(path.name for path in tmp_path.iterdir()) == [RECORD, "one.csv", "one.png", "one.svg"]


def test_a_key_names_data_code_and_language(monkeypatch):
    here = drawn_from("a", "b")
    assert here == drawn_from("a", "b")
    assert here != drawn_from("a", "c")
    monkeypatch.setattr("forecast.figures.saved.spoken", lambda: "xx")
    assert here != drawn_from("a", "b")


def test_a_mistake_in_a_figure_of_the_other_process_is_told(tmp_path):
    with pytest.raises(BadInput, match="description in words"):
        save_all([_drawing("one"), _drawing("two", alt=" ")], tmp_path)
