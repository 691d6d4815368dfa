from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ttkem.errors import LocalError
from ttkem.simulation import Action, Setting, Step, Workload, make_workload


def replay(workload: Workload) -> Iterator[tuple[Step, frozenset[int]]]:
    """Yield each step with the members before it, checking that it can be done."""
    members = set(range(workload.initial))
    users = workload.initial
    for step in workload.steps:
        assert step.author in members
        yield step, frozenset(members)
        if step.action is Action.ADD:
            assert step.target == users
            members.add(users)
            users += 1
        elif step.action is Action.REMOVE:
            assert step.target in members - {step.author}
            members.remove(step.target)
        else:
            assert step.target == step.author
    assert users == workload.users


@settings(max_examples=60, deadline=None)
@given(
    setting=st.sampled_from(Setting),
    scale=st.integers(2, 6),
    seed=st.integers(0, 10**6),
    update_too=st.booleans(),
)
def test_streams_can_be_done(*, setting: Setting, scale: int, seed: int, update_too: bool) -> None:
    workload = make_workload(setting, scale, seed, administrators_update=update_too)
    assert workload.initial == 2 ** (scale - 1)
    assert len(workload.steps) <= 10 * 2**scale
    for step, members in replay(workload):
        if setting is Setting.ADMINISTRATORS:
            assert workload.administrators < members
            if step.action is not Action.UPDATE:
                assert step.author in workload.administrators
                assert step.target not in workload.administrators
            elif not update_too:
                assert step.author not in workload.administrators
    again = make_workload(setting, scale, seed, administrators_update=update_too)
    assert again == workload
    assert make_workload(setting, scale, seed + 1) != workload


@pytest.mark.parametrize(
    ("scale", "administrators"), [(3, 1), (7, 1), (8, 2), (9, 4), (10, 8), (11, 16)]
)
def test_one_administrator_per_64_members(scale: int, administrators: int) -> None:
    workload = make_workload(Setting.ADMINISTRATORS, scale, 0)
    assert len(workload.administrators) == administrators


def test_the_last_member_stays() -> None:
    smallest = [
        min(len(members) for _, members in replay(make_workload(Setting.UNIFORM, 2, seed)))
        for seed in range(50)
    ]
    assert min(smallest) == 1


def test_mix_is_eight_to_one_to_one() -> None:
    counts = Counter(s.action for s in make_workload(Setting.UNIFORM, 11, 5).steps)
    total = 10 * 2**11
    # Standard deviations: 57 for updates, 43 for the others.
    assert abs(counts[Action.UPDATE] - 0.8 * total) < 5 * 57
    assert abs(counts[Action.REMOVE] - 0.1 * total) < 5 * 43
    assert abs(counts[Action.ADD] - 0.1 * total) < 5 * 43


def updates(setting: Setting, scale: int) -> list[tuple[int, frozenset[int]]]:
    return [
        (step.author, members)
        for step, members in replay(make_workload(setting, scale, 3))
        if step.action is Action.UPDATE
    ]


def test_uniform_updates_favour_nobody() -> None:
    drawn = updates(Setting.UNIFORM, 6)
    lowest_half = sum(author in sorted(members)[: len(members) // 2] for author, members in drawn)
    share = sum((len(members) // 2) / len(members) for _, members in drawn)
    assert abs(lowest_half - share) < 5 * (len(drawn) / 4) ** 0.5


def test_zipf_updates_follow_the_rank() -> None:
    # How often the most frequent author of the early stream updates, against 1 / harmonic number.
    drawn = updates(Setting.ZIPF, 9)
    first = Counter(author for author, _ in drawn[:1500]).most_common(1)[0][0]
    while_there = [(a, m) for a, m in drawn[:1500] if first in m]
    expected = sum(1 / sum(1 / r for r in range(1, len(m) + 1)) for _, m in while_there)
    got = sum(a == first for a, _ in while_there)
    assert abs(got - expected) < 6 * expected**0.5


def test_administrators_update_or_not() -> None:
    both = [
        make_workload(Setting.ADMINISTRATORS, 5, 1, administrators_update=choice)
        for choice in (True, False)
    ]
    by_administrators = [
        sum(s.action is Action.UPDATE and s.author in w.administrators for s in w.steps)
        for w in both
    ]
    assert by_administrators[0] > 0
    assert by_administrators[1] == 0


def test_a_scale_below_a_pair_is_refused() -> None:
    with pytest.raises(LocalError):
        make_workload(Setting.UNIFORM, 1, 0)
