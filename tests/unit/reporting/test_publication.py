"""All of a version or nothing."""

import datetime as dt
import errno
import json
import os

import pytest

from analytics_lib.core.errors import RunError
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.publication import publish_version
from analytics_lib.reporting.versions import newest_of, next_version, published_versions
from analytics_lib.warehouse import whole_files
from analytics_lib.warehouse.whole_files import replace_file

DAY = dt.date(2014, 1, 31)


@pytest.fixture
def project(tmp_path):
    return Project(root=tmp_path)


def publish(project, text, day=DAY):
    version = next_version(project, "report/run", as_of=day)
    return publish_version(version, {"index.html": text, "data/a.csv": "a\n"}, manifest={"x": 1})


def test_a_version_holds_its_files_and_their_checksums(project):
    folder = publish(project, "page")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (folder / "index.html").read_text() == "page"
    # origin: printf 'page' | sha256sum; printf 'a\n' | sha256sum
    assert manifest["files"] == {
        "data/a.csv": "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7",
        "index.html": "3660315a9af3df255d8f19ab077e4797822b41488a0e2a04bc6af71213c23274",
    }
    assert manifest["x"] == 1


def test_a_published_version_is_never_overwritten(project):
    first = publish(project, "old")
    second = publish(project, "new")
    assert (first.name, second.name) == ("2014-01-31", "2014-01-31-r2")
    assert (first / "index.html").read_text() == "old"
    versions = published_versions(project, "report/run")
    assert [version.revision for version in versions] == [1, 2]
    assert newest_of(versions, as_of=DAY).path == second
    assert newest_of(versions, as_of=dt.date(2014, 2, 28)) is None


def test_revisions_sort_as_numbers(project):
    for number in range(11):
        publish(project, f"page {number}")
    newest = newest_of(published_versions(project, "report/run"), as_of=DAY)
    assert newest.folder == "2014-01-31-r11"


def test_a_full_disk_leaves_the_last_good_version_and_no_half(project, monkeypatch):
    good = publish(project, "good")
    calls = []

    def full(handle):
        calls.append(handle)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(whole_files.os, "fsync", full)
    with pytest.raises(RunError, match=r"No space left on device.*nothing was published") as error:
        publish(project, "bad")
    assert error.value.exit_code == 10
    assert calls
    assert (good / "index.html").read_text() == "good"
    assert [path.name for path in good.parent.iterdir()] == ["2014-01-31"]


def test_a_folder_without_manifest_or_with_another_name_is_no_version(project):
    folder = project.site / "report/run"
    (folder / "2014-01-31").mkdir(parents=True)
    (folder / ".staging-1" / "x").mkdir(parents=True)
    assert published_versions(project, "report/run") == []
    publish(project, "page", day=dt.date(2014, 2, 28))
    assert not (folder / ".staging-1").exists()


def test_replacing_a_file_by_itself_leaves_it_alone(tmp_path):
    path = tmp_path / "index.html"
    replace_file(path, "one")
    before = path.stat().st_mtime_ns, path.stat().st_ino
    replace_file(path, "one")
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before
    replace_file(path, "two")
    assert path.read_text() == "two"


def test_a_file_that_cannot_be_replaced_keeps_its_old_text(tmp_path, monkeypatch):
    path = tmp_path / "index.html"
    replace_file(path, "one")

    def refuse(handle):
        raise OSError(errno.EIO, "bad disk")

    monkeypatch.setattr(whole_files.os, "fsync", refuse)
    with pytest.raises(RunError, match=r"`index\.html` could not be written"):
        replace_file(path, "two")
    assert path.read_text() == "one"
    assert [item.name for item in tmp_path.iterdir()] == ["index.html"]
