"""The suites: what they find, what they do not, and what they call untested."""

from typing import Any

import pytest
from broken_rules import Mutated, of_member
from mutants import MATRIX

from ttkem.blanking import treekem, treekem_with_commit
from ttkem.cgka import EpochStarted, Kind, TreeMember
from ttkem.crypto import SeededRandomness, cipher_suite
from ttkem.errors import LocalError, RemoteError
from ttkem.mls.cgka import mls_cgka
from ttkem.tainted import refresh, tainted_treekem
from ttkem.testing import (
    CHECKS,
    SURFACE,
    Bench,
    Feature,
    Result,
    Run,
    Status,
    carry_out,
    lacking,
)
from ttkem.testing.contracts import contract_of
from ttkem.testing.damage import DAMAGES, damaged
from ttkem.testing.html import page
from ttkem.testing.machine import NAMES, Members
from ttkem.testing.malformed import damages, scene
from ttkem.testing.report import document, lines, row, told, write_replay
from ttkem.testing.run import Failure
from ttkem.testing.sample_protocols import sender_keys
from ttkem.testing.shrink import replay
from ttkem.testing.state_attack import Attacker, TooManyStatesError

BY_NAME = {check.name: check for check in CHECKS}


class Without(Mutated):
    """Tainted TreeKEM that says it lacks something."""

    def __init__(self, *lacks):
        super().__init__("TTKEM", cipher_suite(1), refresh.plan, frozenset(lacks))


@pytest.mark.sample(7)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
@pytest.mark.parametrize("make", [tainted_treekem, treekem_with_commit, treekem])
def test_the_protocols_here_conform(make, check):
    result = carry_out(check, make(), "11", examples=1, steps=12)
    assert result.status is Status.PASSED, result.seen
    assert result.runs > 0
    assert result.seed == f"11 {check.name}"


@pytest.mark.sample(7)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
@pytest.mark.parametrize("tainted", [False, True])
def test_mls_conforms(tainted, check):
    result = carry_out(check, mls_cgka(tainted=tainted), "11", examples=1, steps=12)
    assert result.status is Status.PASSED, result.seen


def test_a_contract_says_what_is_lacking():
    assert lacking(sender_keys()) == {Feature.HEALING}
    assert lacking(mls_cgka()) == {Feature.WELCOME}
    protocol = Without()
    object.__setattr__(protocol, "contract", "nothing")
    assert lacking(protocol) == {Feature.HEALING, Feature.FORWARD_SECRECY}


@pytest.mark.parametrize("feature", list(Feature))
def test_what_is_lacking_is_not_tested_and_no_pass(feature):
    protocol = Without(feature.value)
    assert lacking(protocol) == {feature}
    needing = [check for check in CHECKS if feature in check.needs]
    for check in needing:
        result = carry_out(check, protocol, "1")
        assert (result.status, result.runs) == (Status.NOT_TESTED, 0)
        assert result.why == f"TTKEM lacks {feature.value}"
    unneeded = feature in (
        Feature.KEYS,
        Feature.EVENTS,
        Feature.TRANSCRIPT,
        Feature.WELCOME,
    )
    assert bool(needing) != unneeded


@pytest.mark.sample(11)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
@pytest.mark.parametrize(
    "features",
    [
        [Feature.SAVE, Feature.REMOVE, Feature.DISCARD, Feature.EVENTS, Feature.TRANSCRIPT],
        [Feature.READD, Feature.SEVERAL, Feature.REJECT, Feature.HEALING],
        [Feature.ADD, Feature.FORWARD_SECRECY, Feature.DISCARD, Feature.REMOVE],
        [Feature.REMOVE],
    ],
)
def test_what_is_not_lacking_is_tested(features, check):
    result = carry_out(check, Without(*features), "1", examples=3, steps=12)
    lacks = bool(check.needs & set(features))
    assert result.status is (Status.NOT_TESTED if lacks else Status.PASSED), result.seen


def test_an_unknown_feature_is_refused():
    with pytest.raises(LocalError, match=r"unknown feature 'magic' in TTKEM\.lacks: choose from"):
        lacking(Without("magic"))


def test_the_surface_is_what_a_member_has():
    assert all(hasattr(TreeMember, name) for name in SURFACE)
    assert {feature for feature in SURFACE.values() if feature} <= set(Feature)


def failing(name, member=None, protocol=None, **how):
    protocol = protocol or of_member(member)(None)
    result = carry_out(BY_NAME[name], protocol, "5", **how)
    assert result.status is Status.FAILED
    return f"{result.broken}: {result.seen}"


class WrongEvents(TreeMember):
    def confirm(self, operation):
        super().confirm(operation)
        return EpochStarted(1, Kind.ADD, "somebody", None)


class LocalErrors(TreeMember):
    def process(self, message):
        try:
            return super().process(message)
        except RemoteError as error:
            raise LocalError(str(error)) from error


class Crashes(TreeMember):
    def process(self, message):
        try:
            return super().process(message)
        except RemoteError as error:
            raise KeyError(str(error)) from error

    def join(self, welcome):
        try:
            return super().join(welcome)
        except RemoteError as error:
            raise KeyError(str(error)) from error


class BlindWelcomes(TreeMember):
    """A damaged welcome changes the state, if it does not let anybody in."""

    def join(self, welcome):
        try:
            return super().join(welcome)
        except RemoteError:
            if not self.in_group:
                self.discard_key_packages()
            raise


class JoinsAnything(TreeMember):
    """A welcome that cannot be read founds a group of one's own."""

    def join(self, welcome):
        try:
            return super().join(welcome)
        except RemoteError:
            made = self.create([])
            return self.confirm(made.id)


class ChangesOnDamage(TreeMember):
    def process(self, message):
        try:
            return super().process(message)
        except RemoteError:
            self.key_package()
            raise


class RaisesOnJunk(TreeMember):
    def reject(self, operation):
        if len(operation) < 32:
            raise ZeroDivisionError
        return super().reject(operation)


class ChangesOnJunk(TreeMember):
    def reject(self, operation):
        if len(operation) < 32:
            self.key_package()
        return super().reject(operation)


class ConfirmsJunk(TreeMember):
    def confirm(self, operation):
        return None if len(operation) < 32 else super().confirm(operation)


class CreatesForTwins(TreeMember):
    """Of the owners of one signature key, the first is a member of the new group."""

    def create(self, key_packages):
        try:
            return super().create(key_packages)
        except LocalError:
            return super().create(key_packages[:1])


class AddsTwins(TreeMember):
    """Who has the signature key of a member counts as that member."""

    def add(self, key_package):
        try:
            return super().add(key_package)
        except LocalError:
            return self.update()


class NamedKeys(Mutated):
    """Signature keys depend on the name, so that no two names share one."""

    def member(self, identity, pki, randomness):
        return super().member(identity, pki, SeededRandomness(f"{identity} {randomness.draw(4)}"))


class Unseeded(Mutated):
    """Signature keys come from somewhere else."""

    made = 0

    def member(self, identity, pki, randomness):
        Unseeded.made += 1
        for _ in range(Unseeded.made):
            randomness.draw(1)
        return super().member(identity, pki, randomness)


class LosesPending(Mutated):
    """Loading forgets what is pending."""

    def load(self, data, pki, randomness):
        member = super().load(data, pki, randomness)
        for operation in member.pending:
            member.reject(operation)
        return member


class Salted(TreeMember):
    """No two saved states are the same."""

    def save(self):
        self.key_package()
        return super().save()


class PatientJoiner(TreeMember):
    """Bytes after a welcome do no harm."""

    def join(self, welcome):
        try:
            return super().join(welcome)
        except RemoteError:
            return super().join(welcome[:-1])


@pytest.mark.parametrize(
    ("name", "member", "words"),
    [
        ("everybody updates", WrongEvents, "events: op 0 told ann EpochStarted(epoch=1"),
        ("latecomers catch up", LocalErrors, "raised LocalError, and a message that does not"),
        ("latecomers catch up", Crashes, "two errors only: op "),
        ("damaged updates are refused", Crashes, "gave bob KeyError"),
        ("damaged updates are refused", ChangesOnDamage, "was refused by bob, whose state has"),
        ("damaged welcomes mislead nobody", BlindWelcomes, "changed bob"),
        ("damaged welcomes mislead nobody", JoinsAnything, "misled bob"),
        ("damaged welcomes mislead nobody", Crashes, "gave bob KeyError"),
        ("impostors are refused", BlindWelcomes, "eve's state has changed"),
        ("meaningless calls are refused", RaisesOnJunk, "reject raised ZeroDivisionError"),
        ("meaningless calls are refused", ChangesOnJunk, "reject was refused, a state has"),
        ("meaningless calls are refused", ConfirmsJunk, "must be refused: confirm was accepted"),
        ("two names need two signature keys", CreatesForTwins, "keys: a create was accepted, with"),
        ("two names need two signature keys", AddsTwins, "keys: an add was accepted, with one"),
    ],
)
def test_what_a_check_says(name, member, words):
    assert words in failing(name, member)


def test_protocols_that_lose_something():
    plain = ("TTKEM", cipher_suite(1), refresh.plan)
    said = failing("saved members go on", protocol=LosesPending(*plain))
    assert said.startswith("a saved state is the whole state: ")
    said = failing("a seed determines every byte", protocol=Unseeded(*plain))
    assert said == "a seed determines every byte: two runs from one seed differ"


def test_keys_that_depend_on_the_name_or_may_be_shared():
    plain = ("TTKEM", cipher_suite(1), refresh.plan)
    check = BY_NAME["two names need two signature keys"]
    assert carry_out(check, NamedKeys(*plain), "5").status is Status.PASSED
    without_add = Mutated(*plain, lacks=frozenset({"add"}))
    assert carry_out(check, without_add, "5").status is Status.PASSED
    declared = Mutated(*plain, lacks=frozenset({"unique-keys"}))
    assert carry_out(check, declared, "5").status is Status.NOT_TESTED


def test_a_failure_that_does_not_come_again_keeps_its_whole_trace():
    result = carry_out(BY_NAME["damaged updates are refused"], of_member(Crashes)(None), "5")
    assert result.trace.found[0].what == result.seen
    assert len(result.trace.steps) > 10


def test_a_failure_before_any_run_has_no_trace():
    class Nothing(Mutated):
        def member(self, identity, pki, randomness):
            raise OSError("no entropy")

    protocol = Nothing("TTKEM", cipher_suite(1), refresh.plan)
    result = carry_out(BY_NAME["everybody updates"], protocol, "1")
    line = Nothing.member.__code__.co_firstlineno + 1
    said = f"OSError: no entropy (test_suites.py, line {line}, in member)"
    assert (result.seen, result.trace) == (said, None)


def test_a_replay_of_what_raises():
    mutant = next(m for m in MATRIX if m.name == "secrets of former places are kept")
    with pytest.MonkeyPatch.context() as monkeypatch:
        protocol = mutant.protocol(monkeypatch)
        run = Run(protocol, "1", ("ann", "bob"))
        run.accept(run.create("ann", "bob"))
        run.accept(run.remove("ann", "bob"))
        _, failure = replay(protocol, run.trace)
        assert failure is None or failure.rule == "must succeed"


def test_a_run_that_is_over_goes_nowhere():
    run = Run(tainted_treekem(), "1", ("ann",))
    run.judge()
    with pytest.raises(LocalError, match="the run is over"):
        run.create("ann")
    run.judge()


def test_an_attack_on_states_that_never_come_again_ends():
    run = Run(of_member(Salted)(None), "1", ("ann",))
    attacker = Attacker(run.protocol.protocol, {}, {}, {})
    attacker.bound = 2
    for _ in range(2):
        attacker.keys(run.member("ann").save())
    with pytest.raises(TooManyStatesError, match="more than 2 states"):
        attacker.keys(run.member("ann").save())


def test_an_attack_that_does_not_end_is_a_failure(monkeypatch):
    def endless(*_):
        raise TooManyStatesError("no end")

    monkeypatch.setattr(Attacker, "keys", endless)
    assert failing("everybody updates", TreeMember) == "attacks end: no end"


def test_a_welcome_may_have_parts_that_do_not_matter_if_the_protocol_says_so():
    assert "was accepted by bob" in failing("damaged welcomes mislead nobody", PatientJoiner)
    protocol = type(of_member(PatientJoiner)(None))
    declared = protocol("TTKEM", cipher_suite(1), refresh.plan, frozenset({"welcome"}))
    result = carry_out(BY_NAME["damaged welcomes mislead nobody"], declared, "5")
    assert result.status is Status.PASSED


def test_damaged_messages_have_several_chains():
    run = scene(Bench(tainted_treekem(), "1", 0, 0))
    ann: Any = run.member("ann").unwrapped
    tree = ann.tree
    for op, path in ((run.update("ann"), "ann"), (run.remove("dan", "ann"), "ann")):
        own = set(tree.path(tree.leaf_of[path]))
        others = set(run.game.operations[op].refreshed) - own
        assert len(others) >= 2, "more than one node off the path: a chain of its own"


def test_every_byte_is_flipped_unless_there_are_too_many():
    bench = Bench(tainted_treekem(), "1", 0, 0)
    for size, most, count in ((100, 100, 100), (101, 100, 51), (100, 30, 25), (0, 10, 0)):
        flips = [how for how, _ in damages(bench, bytes(size), b"", most) if how[:4] == "flip"]
        assert len({int(how[5:]) // 8 for how in flips}) in (count, count + 1)  # and the last one


def test_a_true_message_is_no_damage():
    bench = Bench(tainted_treekem(), "1", 0, 0)
    whole = bytes(64)
    foreign = damaged(whole, "flip", 0)
    assert foreign not in [data for _, data in damages(bench, whole, foreign)]


def test_a_replay_tells_what_is_raised_besides():
    class Broken(Mutated):
        def load(self, data, pki, randomness):
            raise OSError("disk")

    run = Run(tainted_treekem(), "1", ("ann",))
    run.create("ann")
    _, failure = replay(Broken("TTKEM", cipher_suite(1), refresh.plan), run.trace)
    line = Broken.load.__code__.co_firstlineno + 1
    assert str(failure) == f"must succeed: OSError: disk (test_suites.py, line {line}, in load)"


def test_a_wrapped_member_is_itself():
    member = Run(tainted_treekem(), "1", ("ann",)).member("ann")
    assert (member.identity, member.in_group) == ("ann", False)


def test_a_report_without_a_trace():
    result = Result(BY_NAME["everybody updates"], Status.FAILED, "1", 0.1, 1, broken="r", seen="s")
    assert write_replay(None, "m:n", result) == ""
    found = row(result)
    assert told(found.as_dict()).endswith("seed:     1")
    contract = contract_of(tainted_treekem())
    whole = document("p", "m:n", 1, [found], contract)
    assert whole["verdict"] == "does not conform: 1 of 1 checks fail, by 1 cause"
    assert "ttkem attack" not in "\n".join(lines(whole))
    assert "ttkem attack" not in page(whole)
    skipped = row(Result(result.check, Status.NOT_TESTED, "1", 0, 0, why="w"))
    passed = row(Result(result.check, Status.PASSED, "1", 0, 1))
    verdict = document("p", "m:n", 1, [skipped, passed], contract)["verdict"]
    assert verdict == "nothing found in 1 of 2 checks; 1 could not be tested"


def test_a_failure_is_a_rule_and_what_was_seen():
    assert str(Failure("rule", "what")) == "rule: what"


def test_every_damage_changes_something_or_says_so():
    whole = bytes(range(1, 41))
    for how in DAMAGES:
        for where in (0, 1, 7, 39, 40, 1000):
            data = damaged(whole, how, where, whole[::-1])
            assert isinstance(data, bytes)
            assert data != whole
    assert damaged(whole, "flip", 9) == whole[:1] + bytes((whole[1] ^ 2,)) + whole[2:]
    assert damaged(whole, "cut", 3) == whole[:3]
    assert damaged(whole, "drop", 3) == whole[:3] + whole[4:]
    assert damaged(whole, "zero", 36) == whole[:36] + bytes(4)
    assert damaged(b"", "extend", 5) == b"\x05"


def machine_of(*lacks):
    """A state machine with a group of all names, for a protocol that lacks something."""
    bench = Bench(Without(*lacks), "1", 1, 1)
    machine = type("Bound", (Members,), {"bench": bench})()
    machine.create(size=len(NAMES))
    return machine


def test_random_runs_do_not_ask_for_what_is_lacking():
    first, second = NAMES[:2]
    machine = machine_of("add")
    machine.run.accept(machine.remove(who=first, other=second))
    assert machine.add(who=first, other=second).values == ()
    machine = machine_of("readd")
    machine.run.accept(machine.remove(who=first, other=second))
    made = len(machine.run.game.operations)
    assert machine.add(who=first, other=second).values == ()
    assert len(machine.run.game.operations) == made
    machine = machine_of()
    machine.run.accept(machine.remove(who=first, other=second))
    assert machine.add(who=first, other=second) in machine.run.game.operations
