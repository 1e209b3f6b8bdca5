"""What every object of this room has in common: HTML for people, JSON for the press."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.results import Estimate
from analytics_lib.display.numerals import is_missing

MIME = "application/vnd.analytics-lib+json"
Result = Estimate | float


class Shown(ABC):
    """Something a notebook shows and the press publishes."""

    __slots__ = ()

    @abstractmethod
    def to_html(self) -> str:
        """A complete fragment: no script, no request, class names of the stylesheet."""

    @abstractmethod
    def to_text(self) -> str:
        """The same in plain words."""

    @abstractmethod
    def to_payload(self) -> dict[str, Any]:
        """What the press reads: kind, id, title, data and results."""

    def _repr_mimebundle_(
        self,
        include: object = None,  # noqa: ARG002 - the protocol of Jupyter
        exclude: object = None,  # noqa: ARG002 - the protocol of Jupyter
    ) -> dict[str, Any]:
        """The forms a Jupyter front end can choose from."""
        return {
            "text/html": self.to_html(),
            MIME: self.to_payload(),
            "text/plain": self.to_text(),
        }


def results_json(results: Mapping[str, Result]) -> dict[str, dict[str, Any]]:
    """Named results as JSON; a bare number has neither interval nor base.

    Raises:
        ParameterError: A result is neither an `Estimate` nor a number.
    """
    return {name: _result_json(name, result) for name, result in results.items()}


def _result_json(name: str, result: Result) -> dict[str, Any]:
    if isinstance(result, Estimate):
        return result.to_dict()
    if isinstance(result, bool) or not isinstance(result, int | float):
        raise ParameterError(
            f"`results[{name!r}]` is of type {type(result).__name__}; "
            "it must be an Estimate or a number."
        )
    value = None if is_missing(result) else result
    keys = ("ci_lower", "ci_upper", "confidence_level", "n")
    return {"value": value, **dict.fromkeys(keys), "unit": ""}
