"""What is true of the experiment on claims: what everybody would do in either group."""

import numpy as np

from analytics_lib.synthetic.calendars import MONTH_DAYS, Calendar, Floats
from analytics_lib.synthetic.sharing_parameters import SharingParameters
from analytics_lib.synthetic.sharing_people import People


def true_claims(
    asked: SharingParameters, found: People, *, when: Calendar
) -> dict[str, str | int | float]:
    """Which share of these users would claim within the window in either group, and by how much?

    Claims of a user are a Poisson process as lively as the days while they stay, so the chance of
    none is known. Of both groups it is the mean over the same users: all whose window is over.

    Returns:
        `name`, `window_days`, `claims_ratio` (of the rates), `users` (whose window is over),
        `control` and `treatment` (shares of them), `difference` (treatment less control).
    """
    planted = asked.experiment
    is_over = found.begins + planted.window_days <= asked.days
    begins = found.begins[is_over]
    ends = np.minimum(found.ends[is_over], begins + planted.window_days)
    rate = found.rate[is_over] * asked.claims_per_month / MONTH_DAYS
    mean = rate * when.activity(begins, ends)
    control, treatment = _mean(-np.expm1(-mean)), _mean(-np.expm1(-mean * planted.claims))
    return {
        "name": planted.name,
        "window_days": planted.window_days,
        "claims_ratio": planted.claims,
        "users": int(is_over.sum()),
        "control": control,
        "treatment": treatment,
        "difference": treatment - control,
    }


def _mean(chances: Floats) -> float:
    return float(chances.mean()) if chances.size else float("nan")
