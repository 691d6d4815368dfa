"""Critical windows, computed by hand from specification T6."""

import pytest

from ttkem.adversary import (
    Add,
    Confirm,
    Create,
    Deliver,
    EraseKeys,
    Reject,
    Remove,
    SampleKey,
    StartCorrupt,
    Update,
    Windows,
)
from ttkem.adversary.windows import meets

PAIR = (
    SampleKey("b", 0),  # 0
    Create("a", 0, (0,)),  # 1
    Confirm(0),  # 2
    Deliver(0, "b"),  # 3
)


def observe(*steps, **how):
    windows = Windows(**how)
    for time, step in enumerate(steps):
        windows.observe(time, step)
    return windows


def test_a_creator_starts_at_the_create_and_a_joiner_at_its_init_key():
    windows = observe(*PAIR)
    assert windows.window(0, "a") == (1, None)
    assert windows.window(0, "b") == (0, None)


def test_a_window_starts_where_the_update_is_made_and_ends_where_the_next_is_confirmed():
    windows = observe(*PAIR, Update("b", 1), Confirm(1), Update("b", 2), Confirm(2))
    assert windows.window(0, "b") == (0, 5)
    assert windows.window(1, "b") == (4, 7)
    assert windows.window(2, "b") == (6, None)
    assert windows.window(2, "a") == (1, None)


def test_confirming_an_add_ends_nothing():
    windows = observe(*PAIR, SampleKey("c", 1), Add("b", 1, 1), Confirm(1))
    assert windows.window(1, "b") == (0, None)
    assert windows.window(1, "c") == (4, None)


@pytest.mark.parametrize(
    "end",
    [
        (Reject(1),),
        (Update("b", 2), Confirm(2)),
        (Update("a", 2), Deliver(2, "b")),
        (Remove("a", 2, "b"), Deliver(2, "b")),
    ],
)
def test_a_pending_update_dies_with_its_state(end):
    windows = observe(*PAIR, Update("b", 1), *end)
    assert windows.window(1, "b") == (4, 4 + len(end))


def test_a_removed_member_ends_where_it_processes_that_and_starts_anew():
    windows = observe(
        *PAIR,
        SampleKey("b", 1),  # 4
        Remove("a", 1, "b"),  # 5
        Confirm(1),
        Deliver(1, "b"),  # 7
        Add("a", 2, 1),
        Confirm(2),
        Deliver(2, "b"),  # 10
        Update("b", 3),
        Confirm(3),  # 12
    )
    assert windows.window(0, "b") == (0, 7)
    assert set(windows.views[1]) == {"a"}
    assert windows.window(2, "b") == (4, 12)
    assert windows.owner(("init", 1)) == windows.owner(("own", 3)) == "b"


def test_an_init_key_that_is_erased_or_not_used():
    windows = observe(*PAIR, SampleKey("c", 1), Add("a", 1, 1), EraseKeys("c"), EraseKeys("c"))
    assert windows.window(1, "c") == (4, 6)
    windows = observe(*PAIR, SampleKey("c", 1), Add("a", 1, 1), StartCorrupt("c"))
    assert windows.window(1, "c") == (4, None)


def test_a_member_of_two_forks_has_a_window_in_each():
    windows = observe(*PAIR, Update("a", 1), Update("b", 2), Confirm(1), Confirm(2))
    assert windows.window(1, "b") == (0, 7)
    assert windows.window(2, "b") == (5, None)


def test_where_every_operation_gives_a_fresh_leaf():
    steps = (*PAIR, SampleKey("c", 1), Add("b", 1, 1), Confirm(1), Remove("b", 2, "a"))
    windows = observe(*steps, always_fresh=True)
    assert windows.window(0, "b") == (0, 6)
    assert windows.window(1, "b") == (5, None)
    assert windows.window(2, "b") == (7, None)


def test_safe_means_that_no_corruption_meets_a_window():
    windows = observe(*PAIR, Update("b", 1), Confirm(1))
    assert windows.safe(1, {})
    assert windows.safe(1, {"b": [(0, 3)]})
    assert not windows.safe(0, {"b": [(0, 3)]})
    assert not windows.safe(1, {"b": [(0, 3), (5, None)]})
    assert windows.safe(1, {"c": [(0, None)]})


def test_a_copy_goes_its_own_way():
    windows = observe(*PAIR)
    copied = windows.copy()
    copied.observe(4, Update("b", 1))
    copied.observe(5, Confirm(1))
    assert windows.window(0, "b") == (0, None)
    assert copied.window(0, "b") == (0, 5)


@pytest.mark.parametrize(
    ("window", "corruption", "answer"),
    [
        ((2, 5), (0, 1), False),
        ((2, 5), (0, 2), True),
        ((2, 5), (5, 9), True),
        ((2, 5), (6, 9), False),
        ((2, 5), (3, 4), True),
        ((2, None), (9, None), True),
        ((2, 5), (6, None), False),
        ((2, None), (0, 1), False),
    ],
)
def test_intervals_are_closed(window, corruption, answer):
    assert meets(window, corruption) is answer
