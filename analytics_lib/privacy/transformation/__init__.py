"""Ways to change a table other than generalisation."""

from analytics_lib.privacy.transformation.coarsening import (
    coarsen_coordinates,
    coarsen_place,
    coarsen_time,
    keep_prefix,
)
from analytics_lib.privacy.transformation.extremes import code_extremes, round_to
from analytics_lib.privacy.transformation.free_text import drop_free_text
from analytics_lib.privacy.transformation.microaggregation import microaggregate
from analytics_lib.privacy.transformation.own_values import refuse_own_values
from analytics_lib.privacy.transformation.post_randomisation import Randomised, post_randomise
from analytics_lib.privacy.transformation.release_pseudonyms import release_pseudonyms
from analytics_lib.privacy.transformation.row_order import refuse_row_numbers, shuffle_rows
from analytics_lib.privacy.transformation.suppression import (
    Suppressed,
    suppress_cells,
    suppress_records,
)

__all__ = [
    "Randomised",
    "Suppressed",
    "coarsen_coordinates",
    "coarsen_place",
    "coarsen_time",
    "code_extremes",
    "drop_free_text",
    "keep_prefix",
    "microaggregate",
    "post_randomise",
    "refuse_own_values",
    "refuse_row_numbers",
    "release_pseudonyms",
    "round_to",
    "shuffle_rows",
    "suppress_cells",
    "suppress_records",
]
