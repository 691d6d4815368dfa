from collections.abc import Sequence
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttkem.errors import LocalError, RemoteError
from ttkem.simulation import (
    Action,
    Activity,
    Scheme,
    TraceWorkload,
    demo_trace,
    make_demo_trace,
    new_engine,
    parse_trace,
    run_workload,
    trace_workload,
)

DAY = 86_400


def test_rows_are_sorted_and_stay_in_file_order_on_ties() -> None:
    lines = ["# a comment", "", "member,time,extra", 'bob,20,"x,y"', "eve, 10.5 ,", "ann,20,"]
    assert parse_trace(lines) == (Activity(10.5, "eve"), Activity(20, "bob"), Activity(20, "ann"))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "line 1: the trace is empty"),
        (["#", "  "], "line 1: the trace is empty"),
        (
            ["time,member"],
            "the trace has a header but no change; give at least one line time,member",
        ),
        (["", "when,who", "1,a"], "line 2: the header must name time once"),
        (["time,name"], "line 1: the header must name member once"),
        (["time,member,time"], "line 1: the header must name time once"),
        (["time,member", "1,a", "noon,b"], "line 3: 'noon' is not a time in Unix seconds"),
        (["time,member", "nan,b"], "line 2: 'nan' is not a time in Unix seconds"),
        (["time,member", "1e999,b"], "line 2: '1e999' is not a time in Unix seconds"),
        (["time,member", "7"], "line 2: a field is missing"),
        (["time,member", "7, "], "line 2: the label of the member is empty"),
        (["time,member", '7,"a"b'], "line 2: not CSV"),
    ],
)
def test_bad_files_name_the_line(lines: list[str], message: str) -> None:
    with pytest.raises(RemoteError, match=f"^{message}|{message}$"):
        parse_trace(lines)


@given(st.lists(st.text(), max_size=6))
def test_any_text_is_read_or_refused(lines: list[str]) -> None:
    try:
        changes = parse_trace(lines)
    except RemoteError:
        return
    assert changes


def said(
    changes: Sequence[tuple[float, str]], **options: float
) -> tuple[list[tuple[str, str, str]], TraceWorkload]:
    """Steps as (action, author label, target label), with user numbers where labels repeat."""
    found = trace_workload([Activity(t * DAY, m) for t, m in changes], **options)
    return [
        (s.action.value, found.labels[s.author], found.labels[s.target])
        for s in found.workload.steps
    ], found


def test_who_does_what_until_the_last_change() -> None:
    steps, found = said([(1, "a"), (2, "b"), (3, "c"), (4, "a"), (5, "d"), (6, "c"), (7, "d")])
    assert steps == [
        ("update", "a", "a"),
        ("update", "b", "b"),  # its last, but a pair stays together
        ("add", "b", "c"),
        ("update", "c", "c"),
        ("remove", "c", "b"),
        ("update", "a", "a"),
        ("add", "a", "d"),
        ("update", "d", "d"),
        ("remove", "d", "a"),
        ("update", "c", "c"),
        ("update", "d", "d"),
    ]
    assert found.labels == ("a", "b", "c", "d")
    assert found.times[4] == 3 * DAY


def test_silence_removes_and_a_change_brings_back() -> None:
    steps, found = said(
        [(1, "a"), (1.5, "b"), (2, "c"), (3, "b"), (13, "c"), (14, "a"), (15, "c")], idle_days=9
    )
    assert steps == [
        ("update", "a", "a"),
        ("update", "b", "b"),
        ("add", "b", "c"),
        ("update", "c", "c"),
        ("update", "b", "b"),
        ("remove", "b", "a"),  # silent since day 1, gone on day 10
        ("update", "c", "c"),  # silent since day 2, but a pair stays together
        ("add", "c", "a"),
        ("update", "a", "a"),
        ("remove", "a", "b"),  # silent since day 3, put off while there were two
        ("update", "c", "c"),
    ]
    assert found.labels == ("a", "b", "c", "a")
    assert found.times[5] == 10 * DAY
    assert found.times[9] == 14 * DAY
    assert list(found.times) == sorted(found.times)


def test_nobody_leaves_at_exactly_the_limit() -> None:
    changes = [(0, "a"), (0, "b"), (1, "c"), (2, "b")]
    assert ("remove", "b", "a") not in said(changes, idle_days=2)[0]
    assert ("remove", "b", "a") in said([*changes, (3, "b")], idle_days=2)[0]


CHANGES = st.lists(st.tuples(st.integers(0, 60), st.sampled_from("abcdefg")), max_size=60)


@given(CHANGES, st.none() | st.integers(1, 20))
def test_streams_can_be_run_and_never_fall_below_two(
    rows: list[tuple[int, str]], idle_days: float | None
) -> None:
    changes = [Activity(day * DAY, member) for day, member in rows]
    if len({member for _, member in rows}) < 2:
        with pytest.raises(RemoteError):
            trace_workload(changes, idle_days=idle_days)
        return
    found = trace_workload(changes, idle_days=idle_days)
    size = 2
    for step in found.workload.steps:
        size += {Action.ADD: 1, Action.REMOVE: -1, Action.UPDATE: 0}[step.action]
        assert size >= 2
    assert sum(s.action is Action.UPDATE for s in found.workload.steps) == len(rows)
    assert len(found.labels) == found.workload.users
    assert list(found.times) == sorted(found.times)
    for scheme in Scheme:
        spent, by_administrators = run_workload(new_engine(scheme, 2, range(2)), found.workload)
        assert spent > 0
        assert by_administrators == 0


@pytest.mark.parametrize("idle_days", [0, -1, float("nan")])
def test_idle_days_are_positive(idle_days: float | None) -> None:
    with pytest.raises(LocalError):
        trace_workload([Activity(1, "a"), Activity(2, "b")], idle_days=idle_days)


def test_the_shipped_trace_is_the_generated_one_and_says_it_is_invented() -> None:
    file = resources.files("ttkem.simulation").joinpath("data", "demo_trace.csv")
    shipped = file.read_text(encoding="utf-8")
    assert shipped == make_demo_trace()
    assert shipped.startswith("# Invented:")
    changes = demo_trace()
    assert len(changes) == 300
    assert 20 <= len({c.member for c in changes}) <= 25
    assert make_demo_trace(2) != shipped


def test_other_seeds_make_traces_too() -> None:
    for seed in range(20):
        assert trace_workload(parse_trace(make_demo_trace(seed).splitlines())).workload.users > 10
