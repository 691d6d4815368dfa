"""Real activity, if it is there: $TTKEM_ACTIVITY, else ../shared/data/activity."""

import os
from pathlib import Path

import pytest

from ttkem.crypto import SeededRandomness
from ttkem.simulation import Scheme, parse_trace, replay, replay_for_real, trace_workload

FOLDER = Path(
    os.environ.get("TTKEM_ACTIVITY")
    or Path(__file__).parents[2].parent / "shared" / "data" / "activity"
)
KNOWN = {
    "hypothesis.csv": (15044, 400),
    "quint.csv": (4045, 94),
    "attrs.csv": (1822, 209),
    "openmls.csv": (1702, 76),
}


def changes_of(name):
    file = FOLDER / name
    if not file.exists():
        pytest.skip(f"no {file}: set TTKEM_ACTIVITY to the folder with the activity traces")
    return parse_trace(file.read_text().splitlines())


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_traces_have_the_changes_and_members_their_readme_says(name):
    changes = changes_of(name)
    assert (len(changes), len({change.member for change in changes})) == KNOWN[name]
    trace = trace_workload(changes)
    # A join for all but the founders, a leave for all but the last two, an update at each change.
    members = KNOWN[name][1]
    assert len(trace.workload.steps) == KNOWN[name][0] + 2 * (members - 2)
    assert trace.workload.users == members


@pytest.mark.parametrize("scheme", list(Scheme))
@pytest.mark.parametrize("name", sorted(KNOWN))
def test_idle_members_leave_and_come_back_as_new_users(name, scheme):
    changes = changes_of(name)
    trace = trace_workload(changes, idle_days=30)
    assert trace.workload.users > KNOWN[name][1]
    assert min(replay(trace, scheme).members) >= 2


def test_a_part_of_real_activity_with_real_messages():
    trace = trace_workload(changes_of("openmls.csv")[:250])
    done = replay_for_real(trace, Scheme.TTKEM, 1, SeededRandomness(0))
    assert done.costs == replay(trace, Scheme.TTKEM).costs


@pytest.mark.slow
@pytest.mark.parametrize("scheme", list(Scheme))
@pytest.mark.parametrize("name", sorted(KNOWN))
def test_all_activity_with_real_messages(name, scheme):
    trace = trace_workload(changes_of(name))
    done = replay_for_real(trace, scheme, 1, SeededRandomness(0))
    assert done.costs == replay(trace, scheme).costs
