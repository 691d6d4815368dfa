"""Leaks that are harmless one by one must be harmless together."""

import hashlib

import pytest

from ttkem.crypto.recording import Call, CallKind, Recorder, recording
from ttkem.mls.cgka import mls_cgka
from ttkem.tainted import tainted_treekem
from ttkem.testing import CONTRACTS, Contract, Failure, Forward, Healing, Run
from ttkem.testing.joint_leaks import _enough, judge_together, leak
from ttkem.testing.knowledge import RecordedGraph
from ttkem.testing.recorded_judge import Judged

NAIVE = Contract("naive MLS", Healing.OWN_OPERATION, Forward.EVERY_EPOCH)


@pytest.fixture(autouse=True, scope="module")
def _primitives_replaced_once():
    with recording(Recorder()):
        yield


def judged_run(protocol, contract):
    """Return a run in which ann updates twice after creating, and bob and cat never do."""
    run = Run(protocol, "s", ("ann", "bob", "cat"), recorded_only=True, contract=contract)
    run.accept(run.create("ann", "bob", "cat"))
    run.accept(run.update("ann"))
    run.accept(run.update("ann"))
    return run


def test_two_leaks_of_mls_give_what_neither_gives():
    run = judged_run(mls_cgka(), NAIVE)
    with pytest.raises(Failure) as caught:
        run.judge()
    judged = run.judged_record
    assert judged.exposed == []  # no single leak breaks the contract
    (found, *_) = run.judged_together.exposed
    leaks = [leak(judged, atom) for atom in found.atoms]
    assert len(leaks) == 2
    assert {each.split("'")[0] for each in leaks} > {"ann"}  # ann's old state, and another's
    assert caught.value.rule == "leaks together"
    assert caught.value.seen.startswith(" and ".join(leaks) + " together give the key of epoch")
    for each in leaks:
        assert any(line.startswith(f"{each} contains ") for line in caught.value.story)
    assert not any(line.startswith("a leak contains") for line in caught.value.story)
    # Each of the two is needed, and together they are enough.
    number, shown = judged.numbers[found.op], [judged.shown[atom] for atom in found.atoms]
    assert judged.graph.explain(number, (*shown[0], *shown[1])) is not None
    assert all(judged.graph.explain(number, part) is None for part in shown)


def test_the_table_tells_which_level_holds_for_several_leaks():
    run = judged_run(mls_cgka(), CONTRACTS["MLS"])
    run.tabled = True
    run.judge()
    together = run.judged_together
    assert together.exposed == []
    assert together.contradicted[Healing.OWN_OPERATION, Forward.EVERY_EPOCH] > 0
    assert together.contradicted[Healing.OWN_OPERATION, Forward.OWN_OPERATION] == 0
    assert together.supported[Healing.OWN_OPERATION, Forward.OWN_OPERATION] == 3
    assert together.sets == sum((together.supported + together.contradicted).values())


def test_one_derivation_has_one_source_in_tainted_treekem():
    run = judged_run(tainted_treekem(), None)
    run.judge()
    assert (run.judged_together.sets, run.judged_together.exposed) == (3, [])


def test_a_key_that_one_leak_gives_is_not_reported_again():
    run = judged_run(tainted_treekem(), CONTRACTS["per epoch"])
    with pytest.raises(Failure, match="forward secrecy"):
        run.judge()
    alone = {found.op for found in run.judged_record.exposed}
    together = judge_together(run.judged_record, CONTRACTS["per epoch"])
    assert sum(together.contradicted.values()) >= len(alone) > 0
    assert {found.op for found in together.exposed}.isdisjoint(alone)


def test_no_more_leaks_are_named_than_are_needed():
    secrets = [bytes(range(start, start + 32)) for start in range(130, 136)]
    secrets = [hashlib.sha256(each).digest() for each in secrets]
    key = hashlib.sha256(b"key").digest()
    draws = [Call(CallKind.DRAW, "draw", (), (each,)) for each in secrets]
    graph = RecordedGraph([*draws, Call(CallKind.DERIVE, "all", tuple(secrets), (key,))], {})
    numbers = [graph.values.number(each) for each in secrets]
    one, two, three, four, five, six = numbers
    # The first leak holds most, but the other two are enough.
    shown = [(two, three, four, five), (one, two, three), (four, five, six), (six,)]
    judged = Judged(graph, numbers={7: graph.values.number(key)}, shown=shown)
    assert _enough(judged, 7, (0, 1, 2, 3)) == (1, 2)
