"""The file of a custom report: every mistake is named before anything is computed."""

import re

import pytest

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.strict import validate
from analytics_lib.metrics.registry import METRICS
from analytics_lib.reporting.custom.asking import tables_of, usable_metrics
from analytics_lib.reporting.custom.checking import mistakes_of, tables_read
from analytics_lib.reporting.custom.definition import Custom

MONTHS = {"metric": "active_users", "period": "month"}


def report(**more):
    return validate(Custom, {"question": "Why?", "tiles": [MONTHS], **more}, name="file")


def mistake(section):
    found = mistakes_of(report(sections=[section]))
    assert len(found) == 1, found
    assert found[0].startswith("`sections.0`: ")
    return found[0]


def test_a_good_report_has_no_mistakes():
    good = report(
        tiles=[MONTHS, {"metric": "day_n_retention", "arguments": {"n": 7}}],
        sections=[
            {**MONTHS, "by": ["platform"], "where": {"region": {"one_of": ["n", "s"]}}},
            {"metric": "funnel", "arguments": {"steps": ["a", "b"]}, "value": "of_first"},
            {"metric": "revenue", "period": "month"},
            {"metric": "compare_transitions", "chart": "table",
             "arguments": {"segment": "platform", "values": ["a", "b"]}},
        ],
    )  # fmt: skip
    assert mistakes_of(good) == []
    assert tables_read(good) == ["events", "payments"]


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"metric": "active_user", "period": "month"}, "Did you mean 'active_users'"),
        ({"metric": "trend"}, "computed from `series`, the result of another metric"),
        ({"metric": "segment_by_rules"}, "computed from `users`"),
        ({"metric": "regularity"}, r"a row for each \['user_id'\]"),
        ({"metric": "active_users"}, "needs a `period`"),
        ({"metric": "activity_levels", "period": "month"}, "has no periods"),
        ({"metric": "lifecycle", "period": "month"}, r"needs the arguments \['history_complete'\]"),
        ({**MONTHS, "arguments": {"granularity": "day"}}, "set by `period`"),
        ({**MONTHS, "arguments": {"as_of": "2024-01-01"}}, "set by the press"),
        ({**MONTHS, "arguments": {"windw": 3}}, "has no argument `windw`"),
        ({"metric": "activity_levels", "arguments": {"windw": 3}}, "Did you mean 'window'"),
        ({"metric": "activity_levels", "arguments": {"window": "7"}}, "`window` is '7'"),
        ({"metric": "activity_levels", "arguments": {"window": 0}}, "`window`"),
        ({"metric": "funnel", "arguments": {"steps": ["a", "b"], "order": "ordred"}}, "`order`"),
        ({"metric": "retention_cohorts", "period": "month", "arguments": {"population": 1}},
         "has no argument|is a frame"),
        ({"metric": "activity_levels", "by": ["platform"]}, "cannot be broken down"),
        ({**MONTHS, "by": ["platfrom"]}, "Did you mean 'platform'"),
        ({**MONTHS, "by": ["user_id"]}, "a page is about groups"),
        ({**MONTHS, "where": {"user_id": "a"}}, "a page is about groups"),
        ({**MONTHS, "where": {"platfrom": "a"}}, "Did you mean 'platform'"),
        ({**MONTHS, "where": {"platform": 3}}, "the column holds text values"),
        ({**MONTHS, "value": "active_user"}, "Did you mean 'active_users'"),
        ({**MONTHS, "chart": "table", "columns": ["activ_users"]}, "Did you mean 'active_users'"),
        ({"metric": "stickiness"}, "is a single number; show it as a key figure"),
    ],
)  # fmt: skip
def test_a_mistake_is_explained(section, said):
    assert re.search(said, mistake(section)), mistake(section)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"question": "Because."}, "`question` is 'Because.'"),
        ({"tiles": []}, "`tiles` is .*the first key figure is the answer"),
        ({"columns": 3}, "`columns` is 3"),
        ({"sectons": []}, "Did you mean 'sections'"),
        ({"sections": [{"metrc": "x"}]}, "`sections.0.metrc` is unknown.*'metric'"),
        ({"sections": [{**MONTHS, "period": "moth"}]}, "sections.0.period"),
        ({"sections": [{**MONTHS, "where": {"a": {"one_off": ["b"]}}}]}, "Did you mean 'one_of'"),
        ({"sections": [{**MONTHS, "columns": ["a"]}]}, "only `chart: table` shows"),
        ({"sections": [{**MONTHS, "last": 0}]}, "`sections.0.last` is 0"),
    ],
)
def test_a_malformed_file_is_refused(change, said):
    with pytest.raises(ParameterError, match=said):
        report(**change)


def test_a_key_figure_may_not_pick_what_is_not_there():
    tile = {"metric": "funnel", "arguments": {"steps": ["a", "b"]}, "pick": {"nam": "b"}}
    assert "Did you mean 'name'" in mistakes_of(report(tiles=[tile]))[0]
    single = {"metric": "stickiness", "value": "share"}
    assert "leave `value` out" in mistakes_of(report(tiles=[single]))[0]


def test_every_metric_is_usable_or_says_why_not():
    usable = usable_metrics()
    for name in set(METRICS) - set(usable):
        with pytest.raises(ParameterError, match="needs a notebook"):
            tables_of(name)
    # origin: the metrics of the registry whose first argument is another metric's result
    assert set(METRICS) - set(usable) == {
        "recoverable_losses", "segment_by_rules", "compare_segments", "segment_migration",
        "content_suggestions", "trend", "seasonality", "seasonal_profile", "change_points",
        "correlations", "compare_with_history", "compare_with_peers",
    }  # fmt: skip
