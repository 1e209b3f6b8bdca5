"""One error class per remedy, each with the exit code a scheduler sees.

The operator of a scheduled job may not be allowed to read its logs; the exit
code alone tells a bad question from unsafe output. Messages never hold
personal values: they name columns, counts, files and line numbers.
"""

from typing import ClassVar


class AnalyticsError(Exception):
    """Base of every error that this package raises on purpose."""

    exit_code: ClassVar[int] = 1


class ParameterError(AnalyticsError, ValueError):
    """The question cannot be answered as asked. Remedy: change the question."""

    exit_code: ClassVar[int] = 2


class SchemaError(AnalyticsError, ValueError):
    """The input is not what it must be. Remedy: mend the input."""

    exit_code: ClassVar[int] = 3


class DisclosureError(AnalyticsError):
    """The output would reveal something about a person. Remedy: coarsen it."""

    exit_code: ClassVar[int] = 4


class BudgetError(AnalyticsError):
    """No privacy budget is left. Remedy: none within this budget."""

    exit_code: ClassVar[int] = 5


class AccessError(AnalyticsError):
    """A key, a right or a connection is missing. Remedy: obtain it."""

    exit_code: ClassVar[int] = 6


class RunError(AnalyticsError):
    """A run did not finish. Remedy: read the log named in the message; nothing was published."""

    exit_code: ClassVar[int] = 7
