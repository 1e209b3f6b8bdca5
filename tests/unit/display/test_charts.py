import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import altair as alt
import polars as pl
import pytest

from analytics_lib.core.errors import ParameterError, SchemaError
from analytics_lib.display import (
    MIME,
    Canvas,
    Column,
    Figure,
    bar,
    cohort_heatmap,
    figure,
    line_with_interval,
)
from analytics_lib.display.theme import TOKENS

Make = Callable[[pl.DataFrame], Figure]


def line(frame: pl.DataFrame, **more: Any) -> Figure:
    given: dict[str, Any] = {
        "id": "weekly", "title": "Fewer are active", "subtitle": "Students a week",
        "x": "week", "y": "users", "unit": "students", **more,
    }  # fmt: skip
    return line_with_interval(frame, **given)


def full_line(frame: pl.DataFrame) -> Figure:
    return line(frame, ci_lower="low", ci_upper="high", complete="complete")


def bars(frame: pl.DataFrame) -> Figure:
    return bar(
        frame, id="by-course", title="Withdrawal differs", subtitle="Share of enrolments",
        category="course", value="share", unit="share", ci_lower="low", ci_upper="high", n="n",
        n_unit="enrolments", reason="why",
    )  # fmt: skip


def heat(frame: pl.DataFrame) -> Figure:
    return cohort_heatmap(
        frame, id="cohorts", title="Half return", subtitle="Share active n weeks later",
        cohort="cohort", age="age", share="share", users="users", users_label="students",
        age_label="Weeks",
    )  # fmt: skip


@pytest.fixture(params=["line", "bar", "heat"])
def shown(request: pytest.FixtureRequest) -> Figure:
    kind: str = request.param
    frame = {"line": "weekly", "bar": "by_course", "heat": "cohorts"}[kind]
    make: dict[str, Make] = {"line": full_line, "bar": bars, "heat": heat}
    return make[kind](request.getfixturevalue(frame))


def svgs(html: str) -> list[str]:
    return re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL)


def test_a_column_that_is_not_drawn_never_leaves(shown: Figure) -> None:
    bundle = json.dumps(shown._repr_mimebundle_())
    assert "secret" not in bundle
    assert "email" not in bundle


def test_every_colour_is_a_token(shown: Figure) -> None:
    allowed = {token.light for token in TOKENS} | {"none", "transparent"}
    for svg in svgs(shown.to_html()):
        used = set(re.findall(r'(?:fill|stroke)="([^"]*)"', svg))
        assert used <= allowed
        assert len(used) > 2


def test_pictures_are_named_silent_and_unique(shown: Figure) -> None:
    html = shown.to_html()
    wide, narrow = svgs(html)
    for size, svg in (("wide", wide), ("narrow", narrow)):
        name = f"{shown.id}-{size}"
        assert f'role="img" aria-labelledby="{name}-title {name}-desc"' in svg
        assert f'<title id="{name}-title">' in svg
        assert svg.count("aria-") == 1
        assert svg.count("role=") == 1
        assert "xmlns" not in svg
        assert "href" not in svg
    assert 'width="720"' in wide
    assert 'width="340"' in narrow
    ids = re.findall(r'\sid="([^"]*)"', html)
    assert len(ids) == len(set(ids))


def test_same_data_same_bytes(shown: Figure) -> None:
    assert shown.to_html() == shown.to_html()


def test_the_payload_is_json_without_nan(shown: Figure) -> None:
    payload = shown._repr_mimebundle_()[MIME]
    text = json.dumps(payload, allow_nan=False)
    assert json.loads(text) == payload
    assert payload["kind"] == "figure"
    names = [column["name"] for column in payload["columns"]]
    assert all(len(row) == len(names) for row in payload["rows"])


def test_bytes_depend_on_no_zone_seed_or_theme() -> None:
    code = (
        "import altair as alt, polars as pl\n"
        "from analytics_lib.display import line_with_interval\n"
        "alt.theme.enable('dark')\n"
        "frame = pl.DataFrame({'x': ['2014-W05', '2014-W09'], 'y': [1, 2]})\n"
        "print(line_with_interval(frame, id='a', title='t', subtitle='s', x='x', y='y',"
        " unit='users').to_html())"
    )
    pages = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "TZ": zone, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for zone, seed in (("Pacific/Kiritimati", "1"), ("America/Los_Angeles", "2"))
    }
    frame = pl.DataFrame({"x": ["2014-W05", "2014-W09"], "y": [1, 2]})
    here = line_with_interval(frame, id="a", title="t", subtitle="s", x="x", y="y", unit="users")
    assert pages == {f"{here.to_html()}\n".encode()}


def test_markup_in_names_is_text(by_course: pl.DataFrame) -> None:
    html = bars(by_course).to_html()
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html
    sneaky = by_course.with_columns(course=pl.col("course") + '"><img src=x onerror=y>')
    html = bars(sneaky).to_html()
    assert "<img" not in html


def test_titles_are_escaped(weekly: pl.DataFrame) -> None:
    html = line(weekly, title='"><script>x</script>', description="<b>&").to_html()
    assert "<script" not in html
    assert "<b>" not in html


def test_line_words(weekly: pl.DataFrame) -> None:
    figure_ = full_line(weekly)
    # origin: by hand from the five weeks
    assert figure_.description == (
        "Line chart with one series. Students: 100 students at first (3 Feb 2014), 90 students at "
        "last (24 Feb 2014), 120 students at most (10 Feb 2014); 1 point without a value. "
        "1 period at the end not complete."
    )
    assert "not complete" in figure_.to_html()
    assert "so far" in svgs(figure_.to_html())[0]
    assert figure_.notes == (
        "The shaded band is the 95% interval.",
        "Periods marked “not complete” may still change.",
        "A gap is a position without a value, not a zero.",
    )


def test_a_gap_breaks_line_and_band(weekly: pl.DataFrame) -> None:
    def strokes(frame: pl.DataFrame) -> list[int]:
        svg = svgs(line(frame).to_html())[0]
        return [path.count("M") for path in re.findall(r'<path d="([^"]*)"[^>]*stroke=', svg)]

    assert strokes(weekly)[0] == 2
    assert strokes(weekly.drop_nulls("users"))[0] == 1


def test_what_has_not_happened_yet_takes_no_room(weekly: pl.DataFrame) -> None:
    short = weekly[:2]
    later = short.with_columns(pl.col("week").dt.offset_by("52w"), users=pl.lit(None))
    early = line(short)
    longer = line(pl.concat([short, later.cast(short.schema)]))  # type: ignore[arg-type]
    assert (
        svgs(longer.to_html())[0].split("</desc>")[1]
        == svgs(early.to_html())[0].split("</desc>")[1]
    )
    assert longer.notes == ()


def test_ends_that_lie_close_share_a_column_of_names() -> None:
    def places(last: int) -> set[str]:
        frame = pl.DataFrame({"week": [*range(101), *range(last + 1)],
                              "users": [5] * 101 + [50] * (last + 1),
                              "g": ["one"] * 101 + ["two"] * (last + 1)})  # fmt: skip
        svg = svgs(line(frame, series="g").to_html())[0]
        found = re.findall(r'translate\((\d[\d.]*),[^)]*\)"[^>]*>(one|two)<', svg)
        return {x for x, _ in found}

    assert len(places(98)) == 1
    assert len(places(50)) == 2


def test_a_value_between_gaps_is_a_dot(weekly: pl.DataFrame) -> None:
    lonely = weekly.with_columns(users=pl.Series([None, 5.0, None, 7.0, 8.0]))
    dots = [
        svg.count('stroke="none"') + len(re.findall(r"A[\d.]+,", svg))
        for svg in (svgs(line(frame).to_html())[0] for frame in (weekly, lonely))
    ]
    assert dots[1] > dots[0]


def test_lines_start_at_zero(weekly: pl.DataFrame) -> None:
    svg = svgs(line(weekly).to_html())[0]
    assert re.search(r"<text[^>]*>0</text>", svg)


def test_series_carry_their_names(weekly: pl.DataFrame) -> None:
    both = pl.concat(
        [weekly.with_columns(g=pl.lit(name), users=pl.col("users") + add)
         for name, add in (("AAA 2013J", 0), ("A rather long name of a presentation", 1))]
    )  # fmt: skip
    html = line(both, series="g", series_label="Presentation").to_html()
    assert ">AAA 2013J</text>" in html
    assert ">A rather long name of a</tspan>" in html
    assert ">A rather long</tspan>" in svgs(html)[1]
    assert '<th scope="col">Presentation</th>' in html


def test_a_seventh_series_is_refused() -> None:
    def of(number: int) -> pl.DataFrame:
        return pl.DataFrame({"week": ["2014"] * number, "users": [1] * number,
                             "g": [f"s{at}" for at in range(number)]})  # fmt: skip

    assert ">s5</text>" in line(of(6), series="g").to_html()
    with pytest.raises(ParameterError, match="`weekly` has 7 series; at most 6"):
        line(of(7), series="g")


def test_a_series_without_any_value_has_no_label(weekly: pl.DataFrame) -> None:
    empty = weekly.with_columns(g=pl.lit("nobody"), users=pl.lit(None, dtype=pl.Float64))
    html = line(pl.concat([weekly.with_columns(g=pl.lit("all")), empty]), series="g").to_html()
    assert ">nobody</text>" not in html
    assert "Nobody: no value." in html


def test_everything_incomplete_is_marked_from_the_start(weekly: pl.DataFrame) -> None:
    frame = weekly.with_columns(complete=pl.lit(value=False))
    html = line(frame, complete="complete").to_html()
    assert html.count(">not complete</text>") == 2
    done = line(weekly.with_columns(complete=pl.lit(value=True)), complete="complete")
    assert ">not complete</text>" not in done.to_html()
    assert done.notes == ("A gap is a position without a value, not a zero.",)


def test_ages_and_shares() -> None:
    frame = pl.DataFrame({"age": [0, 1, 2], "share": [1.0, 0.5, 0.4]})
    shown_ = line(frame, x="age", y="share", unit="share", x_label="Weeks since the start")
    assert ">100%</text>" in shown_.to_html()
    assert ">Weeks since the start</text>" in shown_.to_html()
    assert shown_.to_payload()["columns"] == [
        {"name": "age", "label": "Weeks since the start", "unit": None},
        {"name": "share", "label": "Share", "unit": "share"},
    ]


def test_the_words_of_the_axis_stand_below_years(weekly: pl.DataFrame) -> None:
    """Dates have a second line for the year, which the words must not cover."""

    def places(made: Figure) -> list[tuple[float, float]]:
        pairs = []
        for svg in svgs(made.to_html()):
            (words,) = re.findall(r"translate\([\d.]+,([\d.]+)\)[^>]*>From<", svg)
            (height,) = re.findall(r'viewBox="0 0 [\d.]+ ([\d.]+)"', svg)
            pairs.append((float(words), float(height)))
        return pairs

    ages = weekly.with_row_index("age")
    one_line = places(line(ages, x="age", x_label="From"))
    two_lines = places(line(weekly, x_label="From"))
    assert [(y + 16, height + 16) for y, height in one_line] == two_lines


@pytest.mark.parametrize("rows", [0, 1])
def test_charts_of_nothing_and_of_one_row(
    rows: int, weekly: pl.DataFrame, by_course: pl.DataFrame, cohorts: pl.DataFrame
) -> None:
    for made in (full_line(weekly[:rows]), bars(by_course[:rows]), heat(cohorts[:rows])):
        html = made.to_html()
        assert len(svgs(html)) == 2 * rows
        assert ("There is nothing to draw" in html) == (rows == 0)
        assert made.description.endswith("without data.") == (rows == 0)


def test_charts_without_a_single_value(
    weekly: pl.DataFrame, by_course: pl.DataFrame, cohorts: pl.DataFrame
) -> None:
    nothing = pl.lit(None, dtype=pl.Float64)
    assert len(svgs(line(weekly.with_columns(users=nothing)).to_html())) == 2
    assert "suppressed" in bars(by_course.with_columns(share=nothing)).to_html()
    assert ">·</text>" in heat(cohorts.with_columns(share=nothing)).to_html()


def test_unaggregated_frames_are_refused(
    weekly: pl.DataFrame, by_course: pl.DataFrame, cohorts: pl.DataFrame
) -> None:
    with pytest.raises(SchemaError, match=r"`weekly` repeats \['week'\] in 5 rows"):
        full_line(pl.concat([weekly, weekly]))
    with pytest.raises(SchemaError, match=r"`by-course` repeats \['course'\] in 3 rows"):
        bars(pl.concat([by_course, by_course]))
    with pytest.raises(SchemaError, match=r"`cohorts` repeats \['cohort', 'age'\] in 9 rows"):
        heat(pl.concat([cohorts, cohorts]))


def test_half_an_interval_is_refused(weekly: pl.DataFrame, by_course: pl.DataFrame) -> None:
    message = "`ci_lower` and `ci_upper` must be given together"
    with pytest.raises(ParameterError, match=message):
        line(weekly, ci_lower="low")
    with pytest.raises(ParameterError, match=message):
        bar(by_course, id="a", title="t", subtitle="s", category="course", value="share",
            unit="share", ci_upper="high")  # fmt: skip
    with pytest.raises(ParameterError, match="`title` of 'weekly' is empty"):
        line(weekly, title=" ")


def test_bar_words_and_missing_values(by_course: pl.DataFrame) -> None:
    made = bars(by_course)
    assert made.description.startswith("Bar chart with 3 bars. AAA 15.7%, BBB")
    assert made.description.endswith("28.6% and CCC suppressed.")
    assert ">suppressed</text>" in made.to_html()
    assert ">383 enrolments</text>" in svgs(made.to_html())[0]
    assert ">AAA (383 enrolments)</text>" in svgs(made.to_html())[1]
    assert '<span class="missing">suppressed</span>' in made.to_html()


def test_many_bars_are_summed_up() -> None:
    frame = pl.DataFrame({"c": [f"c{at}" for at in range(9)], "v": [*range(8), None]})
    made = bar(frame, id="many", title="t", subtitle="s", category="c", value="v", unit="clicks")
    assert made.description == (
        "Bar chart with 9 bars. Highest: c7 7 clicks. Lowest: c0 0 clicks. 1 bar without a value."
    )
    full = bar(frame.with_columns(v=pl.lit(3)), id="many", title="t", subtitle="s",
               category="c", value="v", unit="clicks")  # fmt: skip
    assert full.description.endswith("Lowest: c0 3 clicks.")
    nothing = frame.with_columns(v=pl.lit(None, dtype=pl.Int64))
    made = bar(nothing, id="many", title="t", subtitle="s", category="c", value="v", unit="clicks")
    assert made.description == "Bar chart with 9 bars. None has a value."


def test_falls_point_the_other_way_and_long_names_are_cut() -> None:
    name = "A name that is far too long for any chart on a page that is read on a phone"
    frame = pl.DataFrame({"c": ["up", name], "v": [10.0, -4.0]})
    html = bar(
        frame, id="change", title="t", subtitle="s", category="c", value="v", unit="clicks"
    ).to_html()
    wide, narrow = svgs(html)
    assert ">\N{MINUS SIGN}4</text>" in wide
    assert re.search(r">A name that is far[^<]*…</text>", narrow)
    assert ">long for any chart on a…</text>" in wide


def test_heat_map_words(cohorts: pl.DataFrame) -> None:
    made = heat(cohorts)
    # origin: by hand: ages 0, 1, 2 have the means 1, 0.45 and 0.25
    assert made.description == (
        "Heat map of 3 cohorts (rows, 3 Feb 2014 to 17 Feb 2014) by Weeks (columns, 0 to 2). "
        "Unweighted mean of the cohorts: 100.0% at first (age 0), 25.0% at last (age 2)."
    )
    assert made.notes[1] == "“·” not complete."
    assert ">1,203</text>" in made.to_html()
    assert ">50%</text>" in made.to_html()


def test_heat_map_with_many_ages_drops_its_texts_on_a_phone() -> None:
    frame = pl.DataFrame({"c": ["a long name of a cohort"] * 20, "a": range(20),
                          "s": [1.0] + [0.31] * 19, "u": [5] * 20})  # fmt: skip
    made = cohort_heatmap(
        frame, id="h", title="t", subtitle="s", cohort="c", age="a", share="s", users="u"
    )
    wide, narrow = svgs(made.to_html())
    assert wide.count(">31</text>") == 19
    assert ">31</text>" not in narrow
    assert ">a long name…</text>" in narrow


def test_heat_map_reasons(cohorts: pl.DataFrame) -> None:
    frame = cohorts.with_columns(
        why=pl.Series([None] * 5 + ["suppressed", None, "no such week", "suppressed"])
    )
    made = cohort_heatmap(
        frame, id="h", title="t", subtitle="s", cohort="cohort", age="age", share="share",
        users="users", reason="why",
    )  # fmt: skip
    times, dash = "\N{MULTIPLICATION SIGN}", "\N{EN DASH}"
    assert made.notes[1] == f"“{times}” suppressed; “{dash}” no such week."
    assert f">{times}</text>" in made.to_html()


def test_suppressed_cells_are_never_called_incomplete(cohorts: pl.DataFrame) -> None:
    frame = cohorts.with_columns(suppressed=pl.Series([False] * 5 + [True] + [False] * 3))
    made = cohort_heatmap(
        frame, id="h", title="t", subtitle="s", cohort="cohort", age="age", share="share",
        users="users", reason="suppressed",
    )  # fmt: skip
    assert made.notes[1] == "“\N{MULTIPLICATION SIGN}” suppressed; “·” not complete."
    html = made.to_html()
    assert html.count('<span class="missing">suppressed</span>') == 1
    assert html.count('<span class="missing">not complete</span>') == 2


def test_above_two_thousand_marks_a_chart_is_a_png() -> None:
    def of(rows: int) -> str:
        frame = pl.DataFrame({"x": range(rows), "y": range(rows)})

        def draw(data: Any, canvas: Canvas) -> alt.Chart:
            chart = alt.Chart(data, width=canvas.width - 60, height=100)
            axis = alt.Axis(values=[])
            return chart.mark_rect(width=1, height=1).encode(
                x=alt.X("x:Q", axis=axis), y=alt.Y("y:Q", axis=axis)
            )

        return figure(
            frame, id="dots", title="Many", subtitle="s", description='Dots "rise".',
            columns={"x": "X", "y": Column(label="Y")}, draw=draw, notes=["One dot a day."],
        ).to_html()  # fmt: skip

    assert "<img" not in of(1_990)
    many = of(2_001)
    assert many.count('<img src="data:image/png;base64,') == 2
    assert 'alt="Many Dots &quot;rise&quot;."' in many
    assert "<svg" not in many


def test_a_chart_of_your_own_keeps_to_the_palette(weekly: pl.DataFrame) -> None:
    def draw(data: Any, canvas: Canvas) -> alt.Chart:
        chart = alt.Chart(data, width=canvas.width).mark_bar(color="#123456")
        return chart.encode(x="users:Q", tooltip="week:T")

    made = figure(weekly, id="own", title="t", subtitle="s", description="d",
                  columns={"users": "Users", "week": "Week"}, draw=draw)  # fmt: skip
    with pytest.raises(ParameterError, match=r"uses the colours \['#123456'\]"):
        made.to_html()
    with pytest.raises(ParameterError, match="`description` of 'own' is empty"):
        figure(weekly, id="own", title="t", subtitle="s", description="",
               columns={"users": "Users"}, draw=draw)  # fmt: skip


def test_a_tooltip_leaves_no_trace_in_the_picture() -> None:
    frame = pl.DataFrame({"x": [1, 2], "name": ["hidden-a", "hidden-b"]})

    def draw(data: Any, canvas: Canvas) -> alt.Chart:
        chart = alt.Chart(data, width=canvas.width).mark_point()
        return chart.encode(x="x:Q", tooltip="name:N", description="name:N")

    made = figure(frame, id="own", title="t", subtitle="s", description="d",
                  columns={"x": "X", "name": "Name"}, draw=draw)  # fmt: skip
    assert all("hidden" not in svg for svg in svgs(made.to_html()))


def test_clip_paths_are_named_for_their_picture() -> None:
    def draw(data: Any, canvas: Canvas) -> alt.Chart:
        scale = alt.Scale(domain=[0, 1])
        return alt.Chart(data, width=canvas.width).mark_line(clip=True).encode(
            x=alt.X("x:Q", scale=scale), y="y:Q"
        )  # fmt: skip

    frame = pl.DataFrame({"x": [0, 2], "y": [1, 2]})
    html = figure(frame, id="own", title="t", subtitle="s", description="d",
                  columns={"x": "X", "y": "Y"}, draw=draw).to_html()  # fmt: skip
    for size in ("wide", "narrow"):
        name = re.search(rf'<clipPath id="(own-{size}-[^"]+)"', html)
        assert name is not None
        assert f"url(#{name[1]})" in html


def test_text_form(weekly: pl.DataFrame) -> None:
    assert line(weekly, description="It falls.").to_text() == (
        "Fewer are active\nStudents a week\nIt falls."
    )


def test_a_figure_loads_the_drawing_library_and_importing_the_room_does_not() -> None:
    """Loaded first in IPython's display hook, it would take three times as long."""
    code = (
        "import sys, polars as pl, analytics_lib.display as display\n"
        "def loaded(): return sorted({'altair', 'vl_convert', 'pandas'} & {*sys.modules})\n"
        "def line(rows): display.line_with_interval(pl.DataFrame({'age': rows, 'y': rows}),\n"
        "    id='a', title='Rise', subtitle='s', x='age', y='y', unit='users')\n"
        "print(loaded()); line([]); print(loaded()); line([1, 2]); print(loaded())"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert out.stdout.split("\n")[:3] == ["[]", "[]", "['altair']"]
