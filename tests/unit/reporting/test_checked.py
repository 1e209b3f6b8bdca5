"""What was found right is not checked again, and nothing else is taken for right."""

import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.reporting import checked, questions
from analytics_lib.reporting.checked import checked_once
from analytics_lib.reporting.questions import load_question


@pytest.fixture
def asked(project):
    """Ask with an essence; the answer says how many checks were made until then."""
    made = []

    def ask(essence):
        def check():
            made.append(essence)
            return {"checks": len(made)}

        return checked_once(project, essence, check=check)["checks"]

    return ask


def test_the_same_is_checked_once_and_anything_else_anew(asked, project, monkeypatch):
    assert [asked({"n": 1}), asked({"n": 1}), asked({"n": 2}), asked({"n": 1})] == [1, 1, 2, 1]
    project.lock_file.write_text("polars==0\n")
    assert asked({"n": 1}) == 3
    monkeypatch.setattr(checked, "package_digest", lambda: "another")
    assert asked({"n": 1}) == 4
    assert asked({"n": 1}) == 4


@pytest.mark.parametrize("spoil", ["no database", "a folder"])
def test_without_a_memory_each_is_checked(asked, project, spoil):
    project.checked.parent.mkdir(parents=True, exist_ok=True)
    if spoil == "a folder":
        project.checked.mkdir()
    else:
        project.checked.write_bytes(b"no database at all" * 99)
    assert [asked({"n": 1}), asked({"n": 1})] == [1, 2]


def test_a_mistake_is_found_each_time(project):
    (project.parameters / "tiny" / "monthly.yaml").write_text(
        "title: Monthly\nparameters: {n: many}\n"
    )
    for _ in range(2):
        with pytest.raises(ParameterError, match="`n` is 'many'"):
            load_question(project, "tiny/monthly")


def test_a_remembered_question_is_the_question(project, monkeypatch):
    first = load_question(project, "tiny/monthly")

    def never(_):
        raise AssertionError("it was checked again")

    monkeypatch.setattr(questions, "model_of", never)
    assert load_question(project, "tiny/monthly") == first
    with pytest.raises(AssertionError, match="checked again"):
        load_question(project, "tiny/monthly", overrides={"n": 8})
