"""A platform of any size from blocks: each drawn from a random stream of its own."""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

Tables = dict[str, pl.DataFrame]


def block_rng(seed: int, block: int) -> np.random.Generator:
    """The random stream of a block; the same whatever other blocks are made with it."""
    return np.random.default_rng([seed, 1 + block])


def shared_rng(seed: int) -> np.random.Generator:
    """The random stream of what all blocks share."""
    return np.random.default_rng([seed, 0])


def together(parts: Sequence[Tables], *, order: dict[str, tuple[str, ...]]) -> Tables:
    """Tables of several blocks as one, each in its own order."""
    return {name: pl.concat([part[name] for part in parts]).sort(by) for name, by in order.items()}


def chunks_of(blocks: int, *, at_once: int) -> Iterator[range]:
    """Numbers of the blocks of each chunk."""
    for begin in range(0, blocks, at_once):
        yield range(begin, min(begin + at_once, blocks))
