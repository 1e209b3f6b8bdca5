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


class KernelDiedError(RunError):
    """The kernel was killed or ran out of memory. Remedy: give it more, or read less."""

    exit_code: ClassVar[int] = 8


class TimeLimitError(RunError):
    """A cell or a run took longer than it may. Remedy: a higher limit, or less to do."""

    exit_code: ClassVar[int] = 9


class StorageError(RunError):
    """Something could not be written. Remedy: room on the disk, or the right to write."""

    exit_code: ClassVar[int] = 10


class IncompleteError(RunError):
    """A notebook ran but not whole, or did not give what it declares. Remedy: mend the notebook."""

    exit_code: ClassVar[int] = 11
