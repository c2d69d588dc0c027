"""Tidying changes spaces and nothing else; the watch tells each mistake and goes on."""

import re

import pytest

from forecast.catalogue.yamlfile import read_yaml
from forecast.contract import BadInput
from forecast.tidy import tidy, tidy_files, watch

MESSY = """\
# above
name:   x    # beside
list:
- 1
-   "2"     # an id
nothing: null
day: "2027-01-01"
path: {"2026": {p05: 5e5,  p50: 1e6, p95: 2e6}}

# below


"""


def test_a_messy_file_gets_the_same_spaces_and_keeps_comments_in_their_column_quotes_and_numbers():
    assert tidy(MESSY) == (
        '# above\nname: x      # beside\nlist:\n  - 1\n  - "2"     # an id\nnothing: null\nday: "2027-01-01"\n'
        'path: {"2026": {p05: 5e5, p50: 1e6, p95: 2e6}}\n\n# below\n'
    )


def test_every_file_of_params_keeps_values_and_comments_and_is_tidied_once(desk_copy):
    files = sorted((desk_copy / "params").rglob("*.yaml"))
    held = {path: (read_yaml(path)[0], re.findall(r"#.*", path.read_text())) for path in files}
    tidy_files([], desk_copy)
    assert len(files) > 30
    assert {path: (read_yaml(path)[0], re.findall(r"#.*", path.read_text())) for path in files} == held
    assert tidy_files([], desk_copy) == []


def test_a_file_that_is_not_yaml_is_refused_and_none_is_written(desk_copy):
    good, bad = desk_copy / "params" / "fabs" / "packaging.yaml", desk_copy / "params" / "broken.yaml"
    good.write_text(good.read_text() + "\n\n\n")
    bad.write_text("a: [1\n")
    before = good.read_bytes()
    with pytest.raises(BadInput, match="not valid YAML"):
        tidy_files([good, bad])
    assert good.read_bytes() == before
    assert tidy_files([good], write=False) == [good]
    assert good.read_bytes() == before


def test_the_watch_tells_a_mistake_at_the_next_save_and_that_it_is_mended(desk_copy):
    path = desk_copy / "params" / "scenarios" / "smoke.yaml"
    whole, said = path.read_text(), []
    saves = iter([whole + "drawz: 5\n", whole + "# mended\n"])

    def say(line):
        said.append(line)
        if line.startswith("-- "):
            path.write_text(next(saves, whole))

    watch([], say, desk_copy, rounds=3, every=0.01)
    told = [line for line in said if not line.startswith("-- ")]
    assert told[0] == "all well"
    assert "did you mean 'draws'?" in told[1]
    assert told[2] == "all well"
