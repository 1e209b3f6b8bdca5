"""The removal effect of each channel in a Markov chain of touches."""

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics_lib.core.errors import ParameterError

Floats = npt.NDArray[np.float64]
MAX_CHANNELS = 1000


def removal_effects(touches: pl.DataFrame) -> pl.DataFrame:
    """What share of conversions would be lost if a channel were not there?

    Journeys are taken as a chain that starts, moves from channel to channel
    and ends in a conversion or in none. The effect of a channel is the share
    of the probability of conversion that is lost if every journey that comes
    to it ends there without one. One matrix inverse gives all of them: with
    the fundamental matrix N, a journey comes to channel c with probability
    (sN)_c / N_cc and goes on from there to convert with probability (Nr)_c.

    The chain remembers one touch only, and the effects of channels overlap:
    they add up to more than 1 wherever journeys have several channels.

    Args:
        touches: One row a kind of touch: `channel`, `before` (channel of the
            touch before it, null for the first), `is_last` and `converted` (1
            or 0), `n` (how many).

    Returns:
        One row a channel, sorted: `channel`, `removal_effect` (share, 0 to 1);
        null where no journey converts.

    Raises:
        ParameterError: There are more than 1,000 channels.

    Examples:
        >>> touches = pl.DataFrame(  # one journey by a alone converts, one by b alone does not
        ...     {
        ...         "channel": ["a", "b"],
        ...         "before": [None, None],
        ...         "is_last": [1, 1],
        ...         "converted": [1, 0],
        ...         "n": [1, 1],
        ...     }
        ... )
        >>> removal_effects(touches).rows()
        [('a', 1.0), ('b', 0.0)]

    References:
        Anderl E., Becker I., von Wangenheim F., Schumann J. H. (2016), Mapping
        the customer journey, Int. J. Res. Mark. 33, 457-474. Kemeny J. G.,
        Snell J. L. (1960), Finite Markov Chains, chapter 3 (absorbing chains).
    """
    channels = touches["channel"].unique().sort().to_list()
    if len(channels) > MAX_CHANNELS:
        raise ParameterError(
            f"There are {len(channels)} different channels; the Markov model takes at most "
            f"{MAX_CHANNELS}. Choose a coarser column as `channel`."
        )
    starts, moves, wins, losses = _count_matrices(touches, channels)
    effects: list[float] | list[None] = [None] * len(channels)
    if wins.sum() > 0:
        leaving = moves.sum(axis=1) + wins + losses
        fundamental = np.linalg.inv(np.eye(len(channels)) - moves / leaving[:, np.newaxis])
        visits = starts / starts.sum() @ fundamental
        converts = fundamental @ (wins / leaving)
        whole = starts / starts.sum() @ converts
        effects = (visits / np.diag(fundamental) * converts / whole).tolist()
    return pl.DataFrame(
        {"channel": channels, "removal_effect": effects},
        schema={"channel": pl.String, "removal_effect": pl.Float64},
    )


def _count_matrices(
    touches: pl.DataFrame, channels: list[str]
) -> tuple[Floats, Floats, Floats, Floats]:
    """First touches, moves from channel to channel, and ends with and without a conversion."""
    place = {channel: position for position, channel in enumerate(channels)}
    starts, wins, losses = (np.zeros(len(channels)) for _ in range(3))
    moves = np.zeros((len(channels), len(channels)))
    for row in touches.iter_rows(named=True):
        here, n = place[row["channel"]], row["n"]
        if row["before"] is None:
            starts[here] += n
        else:
            moves[place[row["before"]], here] += n
        if row["is_last"]:
            (wins if row["converted"] else losses)[here] += n
    return starts, moves, wins, losses
