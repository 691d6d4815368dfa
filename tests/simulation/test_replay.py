import csv
import io
import json
from dataclasses import replace
from itertools import pairwise

import pytest

from ttkem.cgka import TreeMember
from ttkem.crypto import SeededRandomness
from ttkem.errors import LocalError
from ttkem.simulation import (
    Disagreement,
    Scheme,
    demo_trace,
    draw_replays,
    parse_trace,
    replay,
    replay_for_real,
    replays_table,
    replays_to_csv,
    replays_to_json,
    trace_workload,
)

TRACE = trace_workload(
    parse_trace(
        "time,member\n1,ann\n2,bob\n3,cat\n4,dan\n5,ann\n6,cat\n7,bob\n8,ann\n9,dan\n".splitlines()
    )
)
EVERY_SCHEME = pytest.mark.parametrize("scheme", list(Scheme))


def real(scheme, trace=TRACE, suite=1, seed=0, **more):
    return replay_for_real(trace, scheme, suite, SeededRandomness(seed), **more)


@EVERY_SCHEME
def test_real_messages_cost_what_the_engine_counts(scheme):
    counted, sent = replay(TRACE, scheme), real(scheme)
    assert (sent.costs, sent.members, sent.users) == (counted.costs, counted.members, counted.users)
    assert sent.real
    assert not counted.real
    assert not sent.interrupted
    assert sent.encryptions == sum(sent.costs) > 0
    assert sent.per_user == sent.encryptions / 4
    assert sent.per_operation == sent.encryptions / len(TRACE.workload.steps)


def test_every_message_is_processed_by_everyone_else():
    sent = real(Scheme.TTKEM)
    sizes = [2, *sent.members]
    # Who is there before or after an operation hears of it, but its author: an add reaches the
    # newcomer too, a remove still reaches the removed.
    assert sent.processed == 1 + sum(max(pair) - 1 for pair in pairwise(sizes))


def test_the_same_seed_gives_the_same_run():
    assert real(Scheme.TTKEM) == real(Scheme.TTKEM)
    assert real(Scheme.TTKEM).message_bytes > 0


def test_progress_counts_every_step():
    heard = []
    real(Scheme.TKEM, on_progress=lambda done, total: heard.append((done, total)))
    steps = len(TRACE.workload.steps)
    assert heard == [(n, steps) for n in range(1, steps + 1)]


def test_ctrl_c_keeps_what_is_done():
    def stop(done, _total):
        if done == 3:
            raise KeyboardInterrupt

    done = real(Scheme.TTKEM, on_progress=stop)
    assert done.interrupted
    assert done.costs == replay(TRACE, Scheme.TTKEM).costs[:3]


def test_a_replay_without_steps_costs_nothing():
    empty = replace(replay(TRACE, Scheme.TKEM), costs=(), members=())
    assert empty.per_operation == 0


def test_members_with_different_keys_are_noticed(monkeypatch):
    process = TreeMember.process

    def flawed(self, message):
        event = process(self, message)
        if self.in_group and self.identity == "user 1":
            group = replace(self.state.group, group_key=bytes(32))
            self._state = replace(self.state, group=group)
        return event

    monkeypatch.setattr(TreeMember, "process", flawed)
    with pytest.raises(Disagreement, match="2 different group keys in epoch 2"):
        real(Scheme.TTKEM)


def test_an_engine_that_counts_otherwise_is_noticed(monkeypatch):
    right = replay(TRACE, Scheme.TTKEM)
    wrong = replace(right, costs=(*right.costs[:2], right.costs[2] + 1, *right.costs[3:]))
    monkeypatch.setattr("ttkem.simulation.trace_replay.replay", lambda *_: wrong)
    with pytest.raises(
        Disagreement, match=r"step 2.*members sent .* ciphertexts, the cost engine counted"
    ):
        real(Scheme.TTKEM)


def test_an_unknown_suite_is_a_local_error():
    with pytest.raises(LocalError, match="unknown cipher suite 99"):
        real(Scheme.TTKEM, suite=99)


def test_csv_has_a_row_for_every_step():
    replays = [replay(TRACE, scheme) for scheme in Scheme]
    comment, text = replays_to_csv(TRACE, replays).split("\n", 1)
    assert comment.startswith("# ttkem ")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [int(row["TTKEM"]) for row in rows] == list(replays[2].costs)
    assert [int(row["members"]) for row in rows] == list(replays[0].members)
    assert rows[0]["action"] == TRACE.workload.steps[0].action


def test_json_has_the_totals():
    replays = [real(Scheme.TTKEM)]
    document = json.loads(replays_to_json(TRACE, replays, "a trace"))
    assert document["trace"] == "a trace"
    (told,) = document["replays"]
    assert told["encryptions"] == replays[0].encryptions
    assert told["real"] is True
    assert told["message_bytes"] == replays[0].message_bytes


def test_the_table_tells_more_of_a_real_run():
    counted = replays_table([replay(TRACE, s) for s in Scheme], "t")
    sent = replays_table([real(Scheme.TTKEM)], "t")
    assert (len(counted.columns), counted.row_count, sent.row_count) == (4, 6, 9)


def test_the_figure_is_an_image_and_the_same_every_time():
    replays = [replay(TRACE, scheme) for scheme in Scheme]
    assert draw_replays(TRACE, replays, "png").startswith(b"\x89PNG")
    svg = draw_replays(TRACE, replays, "svg")
    assert b"<svg" in svg
    assert svg == draw_replays(TRACE, replays, "svg")


@pytest.mark.thorough
def test_the_shipped_trace_runs_for_real():
    trace = trace_workload(demo_trace(), idle_days=14)
    assert real(Scheme.TTKEM, trace=trace).costs == replay(trace, Scheme.TTKEM).costs
