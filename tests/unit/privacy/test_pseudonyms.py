import hashlib
import hmac

import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.pseudonyms import keyed_digest, pseudonymise, purpose_key

KEY = bytes(range(32))


@pytest.mark.parametrize(
    ("key", "text", "digest"),
    [
        # origin: RFC 4231, sections 4.2, 4.3 and 4.7
        pytest.param(
            b"\x0b" * 20,
            "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            id="case 1",
        ),
        pytest.param(
            b"Jefe",
            "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            id="case 2",
        ),
        pytest.param(
            b"\xaa" * 131,
            "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            id="case 6: key longer than a block",
        ),
    ],
)
def test_digest_is_hmac_sha_256(key: bytes, text: str, digest: str) -> None:
    assert keyed_digest(key, text) == digest


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(["ann", "bob", "cécile"], id="all distinct"),
        pytest.param(["ann", "ann", "bob", "ann"], id="repeated"),
        pytest.param(["x", None, "", None], id="missing and empty"),
    ],
)
def test_values_are_digested_like_the_standard_library_does(texts: list[str | None]) -> None:
    # origin: the hmac module of the standard library
    subkey = hmac.digest(KEY, b"analytics_lib/user", "sha256")
    expected = [t if t is None else hmac.digest(subkey, t.encode(), "sha256").hex() for t in texts]
    found = pseudonymise(pl.Series("user_id", texts, dtype=pl.String), key=KEY)
    assert found.to_list() == expected
    assert found.name == "user_id"
    assert found.dtype == pl.String


def test_nothing_to_digest_is_no_error() -> None:
    empty = pseudonymise(pl.Series("user_id", [], dtype=pl.String), key=KEY)
    missing = pseudonymise(pl.Series("user_id", [None], dtype=pl.Null), key=KEY)
    assert empty.to_list() == []
    assert missing.to_list() == [None]


def test_number_and_its_text_are_one_user() -> None:
    assert pseudonymise(pl.Series([12]), key=KEY)[0] == pseudonymise(pl.Series(["12"]), key=KEY)[0]


def test_purposes_cannot_be_matched_by_their_digests() -> None:
    same = pl.Series(["abc"])
    digests = {
        pseudonymise(same, key=KEY, purpose="user")[0],
        pseudonymise(same, key=KEY, purpose="event")[0],
        pseudonymise(same, key=KEY, purpose="session")[0],
        pseudonymise(same, key=KEY, purpose="user_agent")[0],
    }
    assert len(digests) == 4


def test_enumeration_finds_no_name_without_the_key() -> None:
    users = pl.Series([str(number) for number in range(2_000)])
    published = set(pseudonymise(users, key=KEY))
    guesses = {hashlib.sha256(name.encode()).hexdigest() for name in users}
    with_wrong_key = set(pseudonymise(users, key=bytes(32)))
    assert len(published) == 2_000
    assert not published & guesses
    assert not published & with_wrong_key


@pytest.mark.parametrize("size", [0, 31])
def test_short_key_is_refused(size: int) -> None:
    with pytest.raises(ParameterError, match=rf"`key` has {size} bytes; it must have at least 32"):
        pseudonymise(pl.Series(["ann"]), key=bytes(size))


@pytest.mark.parametrize("size", [32, 33])
def test_long_enough_key_is_taken(size: int) -> None:
    assert len(purpose_key(bytes(size), purpose="user")) == 32


def test_unknown_purpose_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"`purpose` is 'sesion'.*Did you mean 'session'\?"):
        pseudonymise(pl.Series(["ann"]), key=KEY, purpose="sesion")  # type: ignore[arg-type]
