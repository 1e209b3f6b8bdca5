"""The privacy report of a package in sentences."""

import datetime as dt

from analytics_lib.display import (
    count,
    date_words,
    interval,
    number,
    percent,
    percentage_points,
)
from analytics_lib.publishing.package_tables import attacks, attained, strongest_attack
from analytics_lib.publishing.reading import ReleasedPackage

_EXPIRED = "This package has expired and must not be used. "


def describe_package(package: ReleasedPackage) -> str:
    """What is it, how are the people in it protected, and what does the best attack gain?"""
    found, people = attained(package), package.report["rows"]["released"]
    diverse = (
        f", and every such group has at least {number(found['l'])} different sensitive values"
        if found["l"] is not None
        else ""
    )
    return (
        f"{_EXPIRED if package.is_expired else ''}{package.title}: {count(people, 'rows')}, one a "
        f"person, each like at least {package.smallest_class - 1} others in all that may be known "
        f"of them{diverse}. {describe_attacks(package)}"
    )


def describe_attacks(package: ReleasedPackage) -> str:
    """What does the attack that gains most achieve, and how much of that is due to the release?"""
    first, success = attacks(package).row(0, named=True), strongest_attack(package)
    return (
        f"The attack that gains most ({first['attack']}) succeeds in {percent(success.value)} of "
        f"tries ({interval(success)}), {describe_gain(package)}."
    )


def describe_gain(package: ReleasedPackage) -> str:
    """How far is that above what it achieves without the release?"""
    first = attacks(package).row(0, named=True)
    side = "above" if first["excess"] >= 0 else "below"
    ends = " to ".join(
        number(100 * first[end], decimals=1) for end in ("excess_lower", "excess_upper")
    )
    return (
        f"{percentage_points(first['excess'])} {side} its baseline of "
        f"{percent(first['baseline'])} (interval {ends})"
    )


def describe_validity(package: ReleasedPackage) -> str:
    """May it be used, and until when?"""
    if package.is_expired:
        return _EXPIRED.strip()
    last = date_words(package.expires_on - dt.timedelta(days=1))
    return (
        f"Released on {date_words(package.released_on)} and valid to {last} inclusive; after that "
        "it must be deleted."
    )


def describe_loss(package: ReleasedPackage) -> str:
    """What was lost, in a sentence."""
    found = package.report["utility"]
    score = found["quality_score"]
    worst = min(score["parts"], key=lambda part: (score["parts"][part], part))
    return (
        f"Quality score {score['value']:g} of 1; most was lost of "
        f"{worst.removesuffix(' kept')}, of which {percent(score['parts'][worst])} is left."
    )


def describe_protection(package: ReleasedPackage) -> str:
    """What protects the people in it, and what does not?"""
    return (
        f"{count(len(package.report['attacks']), 'attacks')} were run on exactly these rows. They "
        "do not prove that nobody can ever be recognised: some attacks were not run (below), and "
        "the terms of use forbid trying."
    )
