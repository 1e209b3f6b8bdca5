"""The project's schedules in the words of those who keep time: cron, systemd, CI, Airflow."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from textwrap import dedent

from analytics_lib.core.checks import require_choice
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.questions import Question

COMMAND = ".venv/bin/analytics run --due --wait 60"
_HOURLY = "7 * * * *"


def timetable(project: Project, questions: Sequence[Question], *, style: str) -> str:
    """What to give to a scheduler so that every run happens when it is due.

    `analytics run --due` decides itself what is due and makes up for what was
    missed, so a scheduler has only to call it; the crontab does so just after
    each schedule, in its zone, and once a day for runs that follow the data.

    Args:
        project: The project.
        questions: Every run.
        style: `crontab`, `systemd`, `airflow` or `ci`.

    Raises:
        ParameterError: `style` is none of these.
    """
    styles: dict[str, Callable[[Project, Sequence[Question]], str]] = {
        "airflow": _airflow,
        "ci": _ci,
        "crontab": _crontab,
        "systemd": _systemd,
    }
    require_choice(style, styles, name="style")
    return styles[style](project, questions)


def _crontab(project: Project, questions: Sequence[Question]) -> str:
    runs: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for question in questions:
        runs[question.spec.zone, question.spec.schedule or "30 5 * * *"].append(question.name)
    lines = []
    for (zone, schedule), names in sorted(runs.items()):
        lines += [
            f"CRON_TZ={zone}",
            f"{schedule} cd {project.root} && {COMMAND} {' '.join(names)}",
        ]
    return "\n".join(lines) + "\n"


def _systemd(project: Project, _: Sequence[Question]) -> str:
    return dedent(
        f"""\
        # ~/.config/systemd/user/analytics.service
        [Unit]
        Description=Publish every report that is due

        [Service]
        Type=oneshot
        WorkingDirectory={project.root}
        ExecStart={project.root}/{COMMAND}

        # ~/.config/systemd/user/analytics.timer
        [Unit]
        Description=Look every hour for reports that are due

        [Timer]
        OnCalendar=hourly
        Persistent=true

        [Install]
        WantedBy=timers.target
        """
    )


def _ci(_: Project, __: Sequence[Question]) -> str:
    return dedent(
        f"""\
        # .github/workflows/reports.yml
        name: reports
        on:
          schedule:
            - cron: "{_HOURLY}"
        concurrency: reports
        jobs:
          publish:
            runs-on: ubuntu-latest
            steps:
              - uses: actions/checkout@v4
              - run: make reports
        """
    )


def _airflow(project: Project, questions: Sequence[Question]) -> str:
    tasks = "\n".join(
        f"    BashOperator(task_id={question.name.replace('/', '.')!r}, "
        f"bash_command={f'cd {project.root} && {COMMAND} {question.name}'!r}, pool='analytics')"
        for question in questions
    )
    header = dedent(
        f"""\
        # The pool `analytics` has one slot: one process publishes at a time.
        import pendulum
        from airflow import DAG
        from airflow.operators.bash import BashOperator

        with DAG(
            "analytics_reports",
            schedule={_HOURLY!r},
            start_date=pendulum.datetime(2024, 1, 1, tz="UTC"),
            catchup=False,
            max_active_runs=1,
        ):
        """
    )
    return f"{header}{tasks}\n"
