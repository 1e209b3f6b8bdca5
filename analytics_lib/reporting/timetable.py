"""The project's schedules in the words of those who keep time: cron, systemd, CI, Airflow."""

import shlex
from collections.abc import Callable, Sequence
from textwrap import dedent

from analytics_lib.core.checks import require_choice
from analytics_lib.reporting.project import Project
from analytics_lib.reporting.questions import Question

COMMAND = ".venv/bin/analytics run --due --wait 60"
_HOURLY = "7 * * * *"


def timetable(project: Project, questions: Sequence[Question], *, style: str) -> str:
    """What to give to a scheduler so that every run happens when it is due.

    `analytics run --due` decides itself what is due, each run in its zone, and
    makes up for what was missed, so a scheduler has only to call it every hour.

    The trap: a line for each schedule has to be said in the zone of the schedule, and many a cron
    (that of Debian and Ubuntu) ignores `CRON_TZ`. A monthly run in a zone west of the machine's
    would be called before it is due, and not again for a month.

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


def _crontab(project: Project, _: Sequence[Question]) -> str:
    folder = shlex.quote(str(project.root)).replace("%", "\\%")  # cron takes % for a line's end
    return dedent(
        f"""\
        # Every hour, whatever the schedules: the command knows what is due, each run in its own
        # zone, and ends within a second where nothing is. Lines at the times of the schedules
        # would need CRON_TZ, which cron on Debian and Ubuntu ignores. What is said is mailed only
        # where a run failed.
        {_HOURLY} cd {folder} && {{ said=$({COMMAND} 2>&1) || echo "$said"; }}
        """
    )


def _systemd(project: Project, _: Sequence[Question]) -> str:
    folder = str(project.root).replace("%", "%%")
    program, words = COMMAND.split(" ", 1)
    quoted = f"{folder}/{program}".replace("\\", "\\\\").replace('"', '\\"')
    return dedent(
        f"""\
        # ~/.config/systemd/user/analytics.service
        [Unit]
        Description=Publish every report that is due

        [Service]
        Type=oneshot
        WorkingDirectory={folder}
        ExecStart="{quoted}" {words}

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
    folder = shlex.quote(str(project.root))
    tasks = "\n".join(
        f"    BashOperator(task_id={question.name.replace('/', '.')!r}, "
        f"bash_command={f'cd {folder} && {COMMAND} {question.name}'!r}, pool='analytics')"
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
