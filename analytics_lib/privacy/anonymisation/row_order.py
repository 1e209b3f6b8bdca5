"""Rows brought into one order, so that what is made of them hangs on their content alone."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from analytics_lib.privacy.anonymisation.coding import CodedTable, mixed_keys

_KEY = "__key"


def in_one_order(
    frame: pl.DataFrame, coded: CodedTable, *, keep: Sequence[str]
) -> tuple[pl.DataFrame, CodedTable]:
    """The same rows in an order that no longer depends on how they came.

    The trap: methods that take rows or classes up one by one find another partition when the
    table is shuffled, so that a second run on the same people would tell more than the first.

    Args:
        frame: One row a person.
        coded: The same rows, coded.
        keep: Columns that decide between rows of the same codes.
    """
    sizes = [len(hierarchy.values) for hierarchy in coded.hierarchies]
    keys = mixed_keys([*coded.codes, *coded.sensitive], [*sizes, *coded.sensitive_sizes])
    told = [name for name in keep if frame.schema[name] != pl.Object]
    if told:
        keyed = frame.select(told).with_columns(pl.Series(_KEY, keys))
        order = keyed.select(pl.arg_sort_by([_KEY, *told])).to_series().to_numpy()
    else:
        order = np.argsort(keys, kind="stable")
    return frame[order], replace(
        coded,
        codes=tuple(codes[order] for codes in coded.codes),
        sensitive=tuple(codes[order] for codes in coded.sensitive),
    )
