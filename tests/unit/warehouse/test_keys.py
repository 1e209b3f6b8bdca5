import os
import stat
from pathlib import Path

import pytest

from analytics_lib.core.errors import AccessError
from analytics_lib.warehouse import keys
from analytics_lib.warehouse.keys import key_fingerprint, load_key

HEX = "0f" * 32


def load(tmp_path: Path, *, fingerprint: str | None = None, **environment: str) -> bytes:
    return load_key(
        lake=tmp_path / "lake",
        fingerprint=fingerprint,
        environment={"XDG_CONFIG_HOME": str(tmp_path / "config"), **environment},
    )


def test_key_comes_from_the_environment(tmp_path: Path) -> None:
    assert load(tmp_path, ANALYTICS_PSEUDONYM_KEY=f" {HEX}\n") == bytes.fromhex(HEX)
    assert not (tmp_path / "config").exists()


@pytest.mark.parametrize("text", ["", "0f" * 31, "0f" * 31 + "0", "zz" * 32])
def test_malformed_key_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(AccessError, match="must be at least 64 hexadecimal digits") as caught:
        load(tmp_path, ANALYTICS_PSEUDONYM_KEY=text)
    assert not text or text not in str(caught.value)
    assert caught.value.exit_code == 6


def test_key_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    first = load(tmp_path)
    path = tmp_path / "config" / "analytics_lib" / "pseudonym.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(first) == 32
    assert load(tmp_path) == first
    assert [found.name for found in path.parent.iterdir()] == ["pseudonym.key"]


def test_two_makers_agree_on_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "k"
    monkeypatch.setattr(Path, "exists", lambda _: False)  # both looked before either wrote
    first = load(tmp_path, ANALYTICS_KEY_FILE=str(path))
    assert load(tmp_path, ANALYTICS_KEY_FILE=str(path)) == first


def test_home_folder_serves_where_no_other_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert keys.key_file({}) == tmp_path / ".config" / "analytics_lib" / "pseudonym.key"


def test_key_inside_the_lake_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AccessError, match="lies inside the lake"):
        load(tmp_path, ANALYTICS_KEY_FILE=str(tmp_path / "lake" / "key"))


@pytest.mark.parametrize(
    ("mode", "refused"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)]
)
def test_key_others_may_read_is_refused(tmp_path: Path, mode: int, *, refused: bool) -> None:
    path = tmp_path / "k"
    path.write_text(HEX, encoding="ascii")
    path.chmod(mode)
    if refused:
        with pytest.raises(AccessError, match="may be read by others; run `chmod 600`"):
            load(tmp_path, ANALYTICS_KEY_FILE=str(path))
    else:
        assert load(tmp_path, ANALYTICS_KEY_FILE=str(path)) == bytes.fromhex(HEX)


def test_lost_key_is_not_replaced_by_a_new_one(tmp_path: Path) -> None:
    with pytest.raises(AccessError, match="key of this lake is missing"):
        load(tmp_path, fingerprint="0" * 16)
    assert not (tmp_path / "config").exists()


def test_other_key_is_refused(tmp_path: Path) -> None:
    mine = key_fingerprint(bytes.fromhex(HEX))
    with pytest.raises(AccessError, match=rf"filled with the pseudonym key {'0' * 16}.*{mine}"):
        load(tmp_path, fingerprint="0" * 16, ANALYTICS_PSEUDONYM_KEY=HEX)
    assert load(tmp_path, fingerprint=mine, ANALYTICS_PSEUDONYM_KEY=HEX) == bytes.fromhex(HEX)


def test_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(AccessError, match="cannot be made"):
        load(tmp_path, ANALYTICS_KEY_FILE=str(tmp_path / "file" / "key"))


def test_key_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(AccessError, match="cannot be read"):
        load(tmp_path, ANALYTICS_KEY_FILE=str(tmp_path / "folder"))


def test_environment_of_the_process_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "ANALYTICS_PSEUDONYM_KEY", HEX)
    assert load_key(lake=tmp_path, fingerprint=None) == bytes.fromhex(HEX)
