"""Makes steps.csv: an invented programme of research requests and what came of them."""
# ruff: noqa: E501 - one row of the tables is one line

import csv
import datetime as dt
import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent
EXPIRES_AFTER = dt.timedelta(days=365)
LAST_DAY = dt.date(2024, 6, 30)
COLUMNS = (
    "step_id",
    "project",
    "day",
    "step",
    "area",
    "institution",
    "title",
    "reference",
    "score",
)
FOOD, COMMUNITY, CONSUMPTION, ADOPTION, NETWORK, BEHAVIOUR = (
    "food waste reduction", "community building", "sustainable consumption",
    "digital platform adoption", "social network analysis", "behavioural economics",
)  # fmt: skip
NORTH, COAST, LAKES, METRO, COUNCIL = (
    "Invented University of the North", "Invented Coast Institute", "Invented College of the Lakes",
    "Invented Metropolitan University", "Invented Food Council",
)  # fmt: skip

# Name, area, institution, title, day asked for, days to review, to the decision, to the release.
PROJECTS = (
    ("surplus-at-home", FOOD, NORTH, "Surplus food at home", "2023-01-09", 4, 9, 12),
    ("fridge-timing", FOOD, METRO, "When food is offered and when it is taken", "2023-02-13", 6, 13, 15),
    ("street-ties", COMMUNITY, COAST, "Ties within a street", "2023-02-20", 3, 8, 10),
    ("who-gives", BEHAVIOUR, METRO, "Who gives first", "2023-03-06", 7, 21, 24),
    ("rebound-budget", CONSUMPTION, COUNCIL, "Where saved money goes", "2023-04-17", 5, 12, 14),
    ("late-adopters", ADOPTION, LAKES, "Adoption after the first year", "2023-05-08", 4, 15, 18),
    ("exact-addresses", NETWORK, COAST, "Exact places of exchanges", "2023-05-22", 6, 10, None),
    ("bridges", NETWORK, NORTH, "Members who bridge groups", "2023-07-03", 5, 11, 13),
    ("seasonal-surplus", FOOD, COUNCIL, "Surplus over the seasons", "2023-09-11", 4, 9, 11),
    ("reminders", BEHAVIOUR, LAKES, "Reminders and collections", "2023-10-16", 8, 19, 22),
    ("shared-meals", COMMUNITY, NORTH, "Shared meals", "2023-11-06", 3, 7, 9),
    ("small-towns", ADOPTION, COAST, "Platforms in small towns", "2024-01-15", 5, 14, 16),
    ("raw-logs", BEHAVIOUR, METRO, "Every event of every member", "2024-02-12", 2, 5, None),
    ("plant-share", CONSUMPTION, LAKES, "Plant-based food among what is shared", "2024-03-04", 6, 12, 15),
    ("group-size", COMMUNITY, METRO, "How large a group may grow", "2024-05-13", 4, 12, 14),
    ("weekend-food", FOOD, NORTH, "Food at the weekend", "2024-06-10", 5, 30, 33),
)  # fmt: skip

# Project, day, kind, title, reference, score of 1 to 5.
OUTCOMES = (
    ("surplus-at-home", "2023-04-03", "feedback", "Labels easy to use", "", 4),
    ("surplus-at-home", "2023-11-20", "paper", "Surplus at home (invented paper)", "invented 2023, 1", ""),
    ("surplus-at-home", "2024-02-05", "policy", "Cited in an invented city food plan", "invented plan, p. 12", ""),
    ("surplus-at-home", "2023-12-04", "finding", "Bread is offered most and taken last", "invented 2023, 1", ""),
    ("fridge-timing", "2023-06-12", "feedback", "Hours too coarse", "", 2),
    ("fridge-timing", "2024-01-22", "paper", "Food by the hour (invented paper)", "invented 2024, 2", ""),
    ("fridge-timing", "2024-02-19", "finding", "Offers before noon are taken sooner", "invented 2024, 2", ""),
    ("street-ties", "2023-05-15", "feedback", "Complete and well described", "", 5),
    ("street-ties", "2024-03-18", "paper", "Ties within a street (invented paper)", "invented 2024, 3", ""),
    ("who-gives", "2023-07-10", "feedback", "Sound, but many labels are coarse", "", 3),
    ("rebound-budget", "2023-08-07", "feedback", "Enough for budgets", "", 4),
    ("rebound-budget", "2024-04-08", "policy", "Evidence to an invented committee", "invented minutes, 7", ""),
    ("rebound-budget", "2024-05-06", "paper", "Where saved money goes (invented paper)", "invented 2024, 4", ""),
    ("late-adopters", "2023-09-18", "feedback", "Regions missing", "", 3),
    ("bridges", "2023-10-23", "feedback", "Good documentation", "", 5),
    ("bridges", "2024-06-03", "finding", "One member in twenty joins two groups", "invented 2024, 5", ""),
    ("seasonal-surplus", "2024-01-08", "feedback", "Seasons visible", "", 4),
    ("reminders", "2024-02-26", "feedback", "Not enough sensitive detail", "", 3),
    ("shared-meals", "2024-03-11", "feedback", "Clear", "", 4),
    ("plant-share", "2024-05-20", "feedback", "Food classes too broad", "", 2),
)  # fmt: skip


def main() -> None:
    """Write the file and its checksum."""
    rows = [row for project in PROJECTS for row in project_steps(*project)]
    known = {project[0]: project[1:3] for project in PROJECTS}
    rows += [
        (name, day, kind, *known[name], title, reference, score)
        for name, day, kind, title, reference, score in OUTCOMES
    ]
    path = FOLDER / "steps.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        ordered = sorted(rows, key=lambda row: (row[1], row[0], row[2]))
        writer.writerows((f"{row[0]}/{row[2]}/{row[1]}", *row) for row in ordered)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (FOLDER / "CHECKSUMS").write_text(f"{digest}  {path.name}\n")
    print(len(rows))


def project_steps(name, area, institution, title, asked, review, decision, release):  # noqa: ANN001, ANN201
    """The steps of one request that were taken by the last day."""
    first = dt.date.fromisoformat(asked)
    taken = {
        "requested": first,
        "reviewed": first + dt.timedelta(days=review),
        "rejected" if release is None else "approved": first + dt.timedelta(days=decision),
    }
    if release is not None:
        taken["released"] = first + dt.timedelta(days=release)
        taken["expired"] = taken["released"] + EXPIRES_AFTER
    return [
        (name, day.isoformat(), step, area, institution, title, "", "")
        for step, day in taken.items()
        if day <= LAST_DAY
    ]


if __name__ == "__main__":
    main()
