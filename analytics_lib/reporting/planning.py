"""What has to run, and why: each question for its logical date, against what is published."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from analytics_lib.core.errors import AnalyticsError, ParameterError
from analytics_lib.reporting.catalogue.branding import branding_digest
from analytics_lib.reporting.fingerprint import explain, fingerprint
from analytics_lib.reporting.gate.override import Override
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.questions import Question
from analytics_lib.reporting.research_packages import why_it_rests
from analytics_lib.reporting.schedule import logical_date, logical_dates_between, missed_dates
from analytics_lib.reporting.versions import newest_of, published_versions
from analytics_lib.warehouse import Lake, open_lake

EARLIEST = dt.date(1900, 1, 1)  # before it periods would reach past the end of the calendar
OnRefusal = Callable[[str, AnalyticsError], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One question for one logical date.

    Attributes:
        question: What is asked.
        as_of: Last complete day of data it may use.
        reasons: Why it has to run, in words; empty where the published page still holds.
        fingerprint: What the page depends on.
        table_versions: Version of each table it reads.
        override: A signed release of what the gate would hold.
        rests: Why it has no page for now, in words; then it does not have to run.
    """

    question: Question
    as_of: dt.date
    reasons: tuple[str, ...]
    fingerprint: dict[str, str]
    table_versions: dict[str, int]
    override: Override | None = None
    rests: str = ""

    @property
    def label(self) -> str:
        """`report/run as_of`, for progress and messages."""
        return f"{self.question.name} {self.as_of}"

    def must_run(self, *, force: bool) -> bool:
        """Whether it is run: for a reason or because somebody insists, never while it rests."""
        return not self.rests and (force or bool(self.reasons))


def plan_due(
    project: Project,
    questions: Iterable[Question],
    *,
    now: dt.datetime,
    on_refusal: OnRefusal | None = None,
) -> list[Plan]:
    """Each question for the latest logical date that the clock and the data have reached.

    Dates that passed without a page since the newest one are made up for, as
    many as the question's `catch_up` allows, oldest first.

    Args:
        project: The project.
        questions: What is asked.
        now: The clock, with a time zone.
        on_refusal: Called with the name of a question that cannot be planned and why; the others
            are planned all the same. Without it the error is raised.
    """
    plans: list[Plan] = []
    for question in questions:
        try:
            plans += _plans_due(project, question, now=now)
        except AnalyticsError as error:
            if on_refusal is None:
                raise
            on_refusal(question.name, error)
    return plans


def _plans_due(project: Project, question: Question, *, now: dt.datetime) -> list[Plan]:
    lake, spec = _lake(project, question), question.spec
    latest = logical_date(
        spec.schedule, zone=spec.zone, now=now, last_complete_day=lake.last_complete_day
    )
    published = published_versions(project.for_audience(spec.audience), question.name)
    newest = published[-1].as_of if published else latest
    missed = missed_dates(
        spec.schedule, zone=spec.zone, newest=newest, latest=latest, limit=spec.catch_up
    )
    plans = [_plan(project, lake, question, as_of=date) for date in (*missed, latest)]
    rests = why_it_rests(question.parameters, project=project, today=now.date())
    return [replace(plan, reasons=(), rests=rests) for plan in plans] if rests else plans


def plan_for(
    project: Project, questions: Iterable[Question], *, dates: Sequence[dt.date]
) -> list[Plan]:
    """Each question for each of the given logical dates.

    Raises:
        ParameterError: A date lies after the last complete day of data.
    """
    plans: list[Plan] = []
    for question in questions:
        lake = _lake(project, question)
        late = [date for date in dates if date > lake.last_complete_day]
        if late:
            raise ParameterError(
                f"`as_of` is {late[0]}, but the data of `{question.name}` are complete only up to "
                f"{lake.last_complete_day}."
            )
        plans.extend(_plan(project, lake, question, as_of=date) for date in dates)
    return plans


def plan_on(project: Project, questions: Sequence[Question], *, day: dt.date) -> list[Plan]:
    """Each question for one day that somebody asks for.

    Raises:
        ParameterError: The day lies before the first data that a question reads, or before 1900,
            or after the last complete day of data.
    """
    for question in questions:
        first = _lake(project, question).first_day(question.notebook.card.reads) or EARLIEST
        if day < max(first, EARLIEST):
            raise ParameterError(
                f"`as_of` is {day}, but the data of `{question.name}` begin on {first}."
                if first > EARLIEST
                else f"`as_of` is {day}; it must be {EARLIEST} or later."
            )
    return plan_for(project, questions, dates=[day])


def plan_backfill(
    project: Project, questions: Iterable[Question], *, first: dt.date, last: dt.date
) -> list[Plan]:
    """Each question for every logical date of its schedule from `first` to `last`.

    Raises:
        ParameterError: A question has no schedule, the span is empty, begins before 1900 or ends
            after the last complete day of data.
    """
    if first < EARLIEST:
        raise ParameterError(f"The back-fill starts on {first}; it must be {EARLIEST} or later.")
    plans: list[Plan] = []
    for question in questions:
        dates = logical_dates_between(
            question.spec.schedule, zone=question.spec.zone, first=first, last=last
        )
        if not dates:
            raise ParameterError(
                f"`{question.name}` has no logical date from {first} to {last}; its schedule is "
                f"{question.spec.schedule!r}."
            )
        plans.extend(plan_for(project, [question], dates=dates))
    return plans


def plan_again(
    project: Project, question: Question, *, as_of: dt.date, table_versions: dict[str, int]
) -> Plan:
    """A question for a date on given table versions, whatever came later.

    Raises:
        ParameterError: A table has no such version any more.
    """
    lake = open_lake(project.lake_of(question.spec.lake), versions=table_versions)
    return _plan(project, lake, question, as_of=as_of)


def _lake(project: Project, question: Question) -> Lake:
    return open_lake(project.lake_of(question.spec.lake))


def _plan(project: Project, lake: Lake, question: Question, *, as_of: dt.date) -> Plan:
    reads = question.notebook.card.reads
    parts = fingerprint(project, question, tables={name: lake.identity(name) for name in reads})
    parts["branding"] = branding_digest(project)
    own = project.for_audience(question.spec.audience)
    newest = newest_of(published_versions(own, question.name), as_of=as_of)
    old = newest.manifest("fingerprint")["fingerprint"] if newest else None
    return Plan(
        question=question,
        as_of=as_of,
        reasons=tuple(explain(old, parts)),
        fingerprint=parts,
        table_versions={name: lake.version(name) for name in reads},
    )
