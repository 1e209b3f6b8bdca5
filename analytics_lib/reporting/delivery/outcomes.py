"""How sending can end other than well, and what follows from each."""

from analytics_lib.core.errors import RunError


class TransientError(RunError):
    """It was certainly not delivered, and may be later: it is tried again."""


class PermanentError(RunError):
    """It was certainly not delivered, and trying again would not help: it is given up."""


class UncertainError(RunError):
    """It may have been delivered. It is not sent again by itself: nobody gets it twice."""
