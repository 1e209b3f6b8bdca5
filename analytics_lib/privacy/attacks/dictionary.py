"""Undoing pseudonyms by trying every name."""

import hashlib
import hmac
from collections.abc import Iterable

import polars as pl

from analytics_lib.privacy.attacks.findings import AttackResult, attack_result
from analytics_lib.privacy.hierarchies.hierarchy import as_text

_DIGESTS = ("md5", "sha1", "sha224", "sha256", "sha512", "sha3_256", "blake2b")
_WEAK_KEYS = (b"", b"key", b"secret", b"salt", b"password", bytes(32))
_SHORTEST = 8


def attack_pseudonyms(
    released: pl.DataFrame, *, identifiers: pl.Series, margin: float = 0.0
) -> AttackResult:
    """Is any column the identifier itself, or a digest of it that anybody can compute?

    Plain digests of every usual kind, digests under keys that come to mind first, in either case
    and cut short to 8 characters or more, are held against every column.

    The trap: "the ids are hashed" protects nobody. A million ids are hashed in
    two seconds, and the table of the digests is the key to all of them.

    Args:
        released: The released rows.
        identifiers: The names an attacker would try: those of the source.
        margin: The largest share that is accepted; none by default.

    Returns:
        Share of the rows of the worst column that are undone; the baseline is nobody.

    Examples:
        >>> ids = pl.Series("id", ["ann", "bob"])
        >>> plain = [hashlib.sha256(name.encode()).hexdigest() for name in ids]
        >>> found = attack_pseudonyms(pl.DataFrame({"who": plain}), identifiers=ids)
        >>> found.success.value, found.passed
        (1.0, False)
    """
    names = as_text(identifiers).drop_nulls().unique().to_list()
    suspects = [name for name in released.columns if _may_name_people(released[name])]
    spelled: set[str] = set(names) | {name.lower() for name in names}
    if suspects:
        spelled |= set(_digests(names))
    worst = max((_undone(released[name], spelled) for name in suspects), default=0)
    rows = max(released.height, 1)
    return attack_result(
        "dictionary",
        "Undo pseudonyms by digesting every name that could be behind them.",
        main=(worst, rows),
        baseline=(0, rows),
        margin=margin,
        certain=True,
    )


def _may_name_people(column: pl.Series) -> bool:
    """Whether a column has enough different values to name people rather than groups."""
    return column.drop_nulls().n_unique() > max(len(column) // 20, 1)


def _undone(column: pl.Series, spelled: set[str]) -> int:
    texts = as_text(column).str.to_lowercase()
    lengths = set(texts.drop_nulls().str.len_chars().unique())
    known = {text[:length] for text in spelled for length in lengths if length >= _SHORTEST}
    return int(texts.is_in(list(known | spelled)).sum())


def _digests(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        content = name.encode()
        for kind in _DIGESTS:
            yield hashlib.new(kind, content, usedforsecurity=False).hexdigest()
        for key in _WEAK_KEYS:
            yield hmac.digest(key, content, "sha256").hex()
