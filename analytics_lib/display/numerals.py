"""Numbers, shares, intervals and dates as a British reader expects them.

A value that is `None` or `nan` is never printed as a number: it says "no
value". The minus sign is the typographic one.
"""

import datetime as dt
import math
from collections.abc import Iterable

from analytics_lib.core.results import Estimate

NO_VALUE = "no value"
NOT_COMPLETE = "not complete"
SUPPRESSED = "suppressed"

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_CURRENCIES = {"EUR": "€", "GBP": "£", "USD": "US$"}
_NO_CENTS_FROM = 1000
_IRREGULAR = {"people": "person", "children": "child"}
_SHORT_MONTH = 3
_MINUS = "\N{MINUS SIGN}"


def is_missing(value: object) -> bool:
    """Whether there is no number: `None`, `nan` or infinite."""
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def number(value: float | None, *, decimals: int | None = None) -> str:
    """A number with thousands separators.

    Args:
        value: The number; `None`, `nan` and infinity say "no value".
        decimals: Digits after the point. Left out: none for whole numbers and
            from 100 on, one from 10 on, two below.

    Examples:
        >>> number(32593), number(12.345), number(0.5)
        ('32,593', '12.3', '0.50')
        >>> number(float("nan"))
        'no value'
    """
    if value is None or is_missing(value):
        return NO_VALUE
    digits = _natural_decimals(value) if decimals is None else decimals
    text = f"{abs(value):,.{digits}f}"
    is_negative = value < 0 and any(character in "123456789" for character in text)
    return f"{_MINUS}{text}" if is_negative else text


def _natural_decimals(value: float) -> int:
    if float(value).is_integer() or abs(value) >= 100:  # noqa: PLR2004 - documented above
        return 0
    return 1 if abs(value) >= 10 else 2  # noqa: PLR2004 - documented above


def percent(share: float | None, *, decimals: int = 1) -> str:
    """A share (0 to 1) as a percentage.

    Examples:
        >>> percent(0.156658)
        '15.7%'
    """
    if share is None or is_missing(share):
        return NO_VALUE
    return f"{number(share * 100, decimals=decimals)}%"


def percentage_points(difference: float | None, *, decimals: int = 1) -> str:
    """A difference of two shares, without its sign.

    Examples:
        >>> percentage_points(-0.0231)
        '2.3 percentage points'
        >>> percentage_points(0.01)
        '1 percentage point'
    """
    if difference is None or is_missing(difference):
        return NO_VALUE
    text = number(abs(difference) * 100, decimals=decimals)
    whole = text.removesuffix("." + "0" * decimals) if decimals else text
    return f"{whole} percentage {'point' if whole == '1' else 'points'}"


def plural(word: str, amount: float | None) -> str:
    """The plural `word`, or its singular where the amount is exactly 1.

    Examples:
        >>> plural("students", 1), plural("activities", 1), plural("students", 0)
        ('student', 'activity', 'students')
    """
    if amount != 1:
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies"):
        return word.removesuffix("ies") + "y"
    for ending in ("sses", "xes", "ches", "shes"):
        if word.endswith(ending):
            return word.removesuffix("es")
    return word.removesuffix("s")


def count(amount: float | None, word: str) -> str:
    """An amount and what is counted, in the plural as given or in the singular.

    Examples:
        >>> count(1203, "students"), count(1, "students"), count(None, "students")
        ('1,203 students', '1 student', 'no value')
    """
    if is_missing(amount):
        return NO_VALUE
    return f"{number(amount)} {plural(word, amount)}"


def digits_that_matter(values: Iterable[float], unit: str) -> int | None:
    """Decimals for values that are said together: sums of thousands have no cents.

    Examples:
        >>> digits_that_matter([76_109.3, 1000], "USD"), digits_that_matter([91.0], "USD")
        (0, None)
    """
    large = unit in _CURRENCIES and all(abs(value) >= _NO_CENTS_FROM for value in values)
    return 0 if large else None


def quantity(value: float | None, unit: str, *, decimals: int | None = None) -> str:
    """A value with its unit: `"share"` as a percentage, currencies by their sign.

    Examples:
        >>> quantity(0.25, "share"), quantity(12.5, "EUR"), quantity(3, "days")
        ('25.0%', '€12.50', '3 days')
    """
    if value is None or is_missing(value):
        return NO_VALUE
    if unit == "share":
        return percent(value, decimals=1 if decimals is None else decimals)
    if unit in _CURRENCIES:
        digits = (0 if float(value).is_integer() else 2) if decimals is None else decimals
        return (
            f"{_MINUS if value < 0 else ''}{_CURRENCIES[unit]}{number(abs(value), decimals=digits)}"
        )
    return f"{number(value, decimals=decimals)} {plural(unit, value)}".strip()


def bare(value: float | None, unit: str, *, decimals: int | None = None) -> str:
    """A value whose unit is said elsewhere: percentages and currencies keep their sign.

    Examples:
        >>> bare(0.25, "share"), bare(3, "days")
        ('25.0%', '3')
    """
    if unit == "share" or unit in _CURRENCIES:
        return quantity(value, unit, decimals=decimals)
    return number(value, decimals=decimals)


def interval(estimate: Estimate, *, decimals: int | None = None) -> str:
    """The interval of an estimate in words; empty where it has none.

    Examples:
        >>> interval(Estimate(value=0.3, ci_lower=0.28, ci_upper=0.322, n=1203, unit="share"))
        '95% interval 28.0% to 32.2%'
    """
    if is_missing(estimate.ci_lower) or is_missing(estimate.ci_upper):
        return ""
    level = percent(estimate.confidence_level, decimals=1).replace(".0%", "%")
    lower = bare(estimate.ci_lower, estimate.unit, decimals=decimals)
    upper = bare(estimate.ci_upper, estimate.unit, decimals=decimals)
    return f"{level} interval {lower} to {upper}"


def month_name(month: int, *, short: bool = False) -> str:
    """English name of a month, whatever the locale of the machine."""
    name = _MONTHS[month - 1]
    return name[:_SHORT_MONTH] if short else name


def date_words(date: dt.date, *, short: bool = False) -> str:
    """A date in words.

    Examples:
        >>> date_words(dt.date(2015, 6, 30)), date_words(dt.date(2015, 6, 30), short=True)
        ('30 June 2015', '30 Jun 2015')
    """
    return f"{date.day} {month_name(date.month, short=short)} {date.year}"
