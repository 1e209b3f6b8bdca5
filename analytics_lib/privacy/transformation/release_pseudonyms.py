"""Pseudonyms that hold within one release and cannot be joined with another."""

import polars as pl

from analytics_lib.core.errors import ParameterError
from analytics_lib.privacy.pseudonyms import keyed_digest, pseudonymise, purpose_key


def release_pseudonyms(values: pl.Series, *, key: bytes, release: str) -> pl.Series:
    """Name people anew for one release.

    The trap: the same pseudonym in two releases is a key to join them, and two
    safe tables joined are seldom safe. Here each release has a key of its own, derived from
    the secret one and the name of the release. Whoever holds the secret key can
    still join them; where nobody must, take a random key and destroy it. Best of all,
    leave the column out.

    Args:
        values: Identifiers, or the pseudonyms of the lake.
        key: Secret key, at least 32 bytes, never stored with the data.
        release: Name of the release; another name gives other pseudonyms.

    Returns:
        64 hexadecimal digits each, null where the value is null.

    Raises:
        ParameterError: The key is too short, or `release` is empty.

    Examples:
        >>> names = pl.Series("user_id", ["ann", "ann", None])
        >>> first = release_pseudonyms(names, key=bytes(32), release="2024-01")
        >>> second = release_pseudonyms(names, key=bytes(32), release="2024-02")
        >>> first[0] == first[1], first[0] == second[0], first[2]
        (True, False, None)
    """
    if not release.strip():
        raise ParameterError("`release` is empty; it must name the release.")
    secret = purpose_key(key, purpose="user")

    own = bytes.fromhex(keyed_digest(secret, f"analytics_lib/release/{release}"))
    return pseudonymise(values, key=own)
