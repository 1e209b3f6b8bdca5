"""Publishing the dates of one run in their order, however many are executed at once.

A page is compared with the one before it, so that one has to be there first:
else the bytes of a page would depend on which worker was faster.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics_lib.reporting.planning import Plan

_LOOK_EVERY_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The place of one plan among those of the same run.

    Attributes:
        own: File that says that this plan is done, whatever became of it.
        before: File of the plan before it; `None` for the first.
    """

    own: Path
    before: Path | None

    def wait(self) -> None:
        """Wait until the plan before this one is done."""
        while self.before is not None and not self.before.exists():
            time.sleep(_LOOK_EVERY_S)

    def done(self) -> None:
        """Let the next one go on."""
        self.own.touch()


def turns_of(plans: Sequence[Plan], *, folder: Path) -> dict[str, Turn]:
    """A turn for each plan by its label; plans of one run follow each other as they are given."""
    last: dict[str, Path] = {}
    turns = {}
    for plan in plans:
        own = folder / hashlib.sha256(plan.label.encode()).hexdigest()
        turns[plan.label] = Turn(own=own, before=last.get(plan.question.name))
        last[plan.question.name] = own
    return turns
