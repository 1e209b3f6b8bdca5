"""Settings are read strictly: nothing that YAML would drop or change in silence."""

import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.yaml_files import read_yaml


def read(tmp_path, text):
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    return read_yaml(path, label="`x.yaml`")


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        ("k: 5\nk: 10\n", "k", 2),
        ("period:\n  from: a\n  to: b\n  from: c\n", "from", 4),
        ("levels: [{k: 5, k: 25}]\n", "k", 1),
        ("k: 5\n'k': 10\n", "k", 2),
    ],
)
def test_a_name_that_is_there_twice_is_refused(tmp_path, text, name, line):
    with pytest.raises(
        ParameterError, match=rf"^`x\.yaml` says `{name}` more than once \(lines \[\d, {line}\]\)"
    ):
        read(tmp_path, text)


def test_one_name_in_several_mappings_and_merged_ones_are_read(tmp_path):
    text = "a: &a {x: 1, y: 1}\nb: &b {<<: *a, x: 2}\nc: {<<: *b, x: 3}\nd: [{x: 1}, {x: 2}]\n"
    assert read(tmp_path, text) == {
        "a": {"x": 1, "y": 1},
        "b": {"x": 2, "y": 1},
        "c": {"x": 3, "y": 1},
        "d": [{"x": 1}, {"x": 2}],
    }


@pytest.mark.parametrize("text", ["", "- a\n", "a: [\n", "a: 1\n---\nb: 2\n"])
def test_what_is_no_mapping_is_refused(tmp_path, text):
    with pytest.raises(ParameterError, match=r"`x\.yaml` is "):
        read(tmp_path, text)
