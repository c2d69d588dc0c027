"""The schemas that editors read say what the records say, of every field, and are the ones in params/schema."""

import json
from pathlib import Path

import jsonschema
import pytest

from forecast.catalogue.yamlfile import read_yaml
from forecast.regime import LEVERS
from forecast.schema import FILES, WORDS, schemas, texts

PARAMS = Path(__file__).parents[2] / "params"


@pytest.fixture(scope="module")
def found(catalogue):
    return schemas(catalogue)


def test_the_files_in_params_are_current(catalogue):
    held = {path.name: path.read_text(encoding="utf-8") for path in (PARAMS / "schema").glob("*.json")}
    assert held == texts(catalogue), "run: forecast schema"


def test_every_field_has_a_sentence_and_a_unit():
    for record, words in WORDS.items():
        assert set(words) == set(record.model_fields), record.__name__
        assert all(len(sentence) > 5 and unit for sentence, unit in words.values())


@pytest.mark.parametrize("name", FILES)
def test_every_file_that_the_package_takes_the_schema_takes(name, found):
    check = jsonschema.Draft7Validator(found[name])
    files = [path for pattern in FILES[name] for path in PARAMS.glob(pattern)]
    assert files
    for path in files:
        assert not [error.message for error in check.iter_errors(read_yaml(path)[0])], path


def test_every_file_of_params_has_one_schema():
    found = [path for held in FILES.values() for pattern in held for path in PARAMS.glob(pattern)]
    assert sorted(found) == sorted(PARAMS.rglob("*.yaml"))


@pytest.mark.parametrize(
    ("name", "file", "spoil"),
    [
        ("quantities", "fabs/packaging.yaml", lambda data: next(iter(data.values())).update(unitt="1")),
        ("quantities", "fabs/packaging.yaml", lambda data: next(iter(data.values())).pop("dated")),
        ("quantities", "fabs/packaging.yaml", lambda data: data.update(nobody_reads_this={})),
        ("scenario", "scenarios/baseline.yaml", lambda data: data.update(drawz=5)),
        ("scenario", "scenarios/baseline.yaml", lambda data: data.update(overrides={"puee": {"by": "me", "reason": "because"}})),
        ("scenario", "scenarios/baseline.yaml", lambda data: data.update(forks={"bottlenecks": "neither"})),
        ("regime", "regimes/what_if/chokepoint.yaml", lambda data: data.update(moves=[{"lever": "diversoin"}])),
        ("regime", "regimes/what_if/chokepoint.yaml", lambda data: data.update(status="perhaps")),
        ("switches", "regimes/switches.yaml", lambda data: next(iter(data.values())).update(defualt="x")),
    ],
)
def test_a_mistake_is_marked(name, file, spoil, found):
    data = read_yaml(PARAMS / file)[0]
    spoil(data)
    assert list(jsonschema.Draft7Validator(found[name]).iter_errors(data))


def test_levers_are_offered_with_range_and_unit(found):
    offered = found["regime"]["$defs"]["Move"]["properties"]["lever"]["anyOf"]
    assert {each["const"] for each in offered if "const" in each} == set(LEVERS)
    assert "0 to 3 [1]" in next(each["description"] for each in offered if each.get("const") == "cn_accept")
    assert json.dumps(found)
