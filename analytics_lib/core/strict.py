"""Strict reading of settings: every mistake at once, each with the nearest valid name."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from analytics_lib.core.checks import suggest
from analytics_lib.core.errors import ParameterError


class StrictModel(BaseModel):
    """A settings model that refuses unknown names and guesses no types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Model = TypeVar("Model", bound=BaseModel)
Item = TypeVar("Item")


def require_words(text: str) -> str:
    """Refuse a text of nothing but blanks, for an `AfterValidator`.

    Raises:
        ValueError: It is.

    Examples:
        >>> require_words("Monthly")
        'Monthly'
    """
    if not text.strip():
        raise ValueError("it holds no word")
    return text


def require_distinct(given: list[Item]) -> list[Item]:
    """Refuse a list of settings that says the same thing twice, for an `AfterValidator`.

    Raises:
        ValueError: It does.

    Examples:
        >>> require_distinct(["csv", "pdf"])
        ['csv', 'pdf']
    """
    twice = [item for at, item in enumerate(given) if item in given[:at]]
    if twice:
        raise ValueError(f"it names {twice[0]!r} twice; say it once")
    return given


def validate(model: type[Model], data: Mapping[str, Any], *, name: str) -> Model:
    """Build `model` from `data`.

    Raises:
        ParameterError: Something is unknown, missing, of the wrong type or out
            of range. The message lists every mistake. Values are shown: settings
            hold no personal data.

    Examples:
        >>> class Question(StrictModel):
        ...     period: str
        >>> validate(Question, {"perod": "2014"}, name="monthly.yaml")
        Traceback (most recent call last):
        ...
        analytics_lib.core.errors.ParameterError: monthly.yaml: `period` is missing;
        `perod` is unknown, valid names are ['period']. Did you mean 'period'?
    """
    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        problems = "; ".join(_describe(problem, model) for problem in error.errors())
        raise ParameterError(f"{name}: {problems}") from None


def _describe(problem: Mapping[str, Any], model: type[BaseModel]) -> str:
    path = ".".join(str(part) for part in problem["loc"]) or "the whole"
    kind = problem["type"]
    if kind == "missing":
        return f"`{path}` is missing"
    if kind == "extra_forbidden":
        names = _names_at(model, problem["loc"][:-1])
        words = sorted(str(name) for name in names)
        near = suggest(str(problem["loc"][-1]), words)
        return f"`{path}` is unknown, valid names are {words}.{near}"
    reason = str(problem["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    return f"`{path}` is {problem['input']!r}; it {_must(reason)}"


def _must(reason: str) -> str:
    return (
        reason.replace("should be", "must be")
        if reason.startswith("should")
        else f"fails: {reason}"
    )


def _names_at(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str | int]:
    """Field names of the model nested at `path`; of `model` itself where it is not nested."""
    current: Any = model
    for part in path:
        field = _fields_by_name(current).get(part)
        nested = _nested_model(field.annotation) if field else None
        if nested is not None:
            current = nested
    return list(_fields_by_name(current))


def _fields_by_name(model: type[BaseModel]) -> dict[str | int, Any]:
    """The fields by the name a file gives them: the alias where there is one."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _nested_model(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - any annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _nested_model(inner)
        if found is not None:
            return found
    return None
