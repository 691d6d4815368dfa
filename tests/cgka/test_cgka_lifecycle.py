"""The table of a member's life: every allowed step is taken, every other one changes nothing."""

import importlib.util
import inspect
from itertools import product
from pathlib import Path

import pytest

from ttkem.blanking import treekem, treekem_with_commit
from ttkem.cgka import Member, TreeMember
from ttkem.cgka.lifecycle import ALLOWED, Call, Stage, stage_of
from ttkem.crypto import SeededRandomness
from ttkem.errors import LocalError
from ttkem.mls.cgka import mls_cgka
from ttkem.tainted import tainted_treekem

ROOT = Path(__file__).parent.parent.parent
PROTOCOLS = {
    "TTKEM": tainted_treekem,
    "TKEM": treekem,
    "TKEM_commit": treekem_with_commit,
    "MLS": mls_cgka,
}
PENDING = {Stage.OUTSIDE: (0,), Stage.CREATING: (1, 2), Stage.MEMBER: (0,), Stage.PENDING: (1, 2)}
"""How many operations are pending at a stage: ending the last one leads elsewhere."""


class World:
    """Ann at a stage, and all that she may be handed there."""

    def __init__(self, protocol, stage, pending, *, removed=False):
        self.protocol, self.pki, self.randomness = protocol, {}, SeededRandomness(7)
        self.ann, bob, cat = (self._member(name) for name in ("ann", "bob", "cat"))
        package = self.ann.key_package()
        inside = stage in {Stage.MEMBER, Stage.PENDING}
        with_ann = [package, cat.key_package()]
        create = bob.create(with_ann if inside or removed else with_ann[1:])
        bob.confirm(create.id)
        if inside or removed:
            self.ann.join(create.make_welcome())
        if removed:
            out = bob.remove("ann")
            self.ann.process(out.message)
            bob.confirm(out.id)
        self.welcome = self._welcome(bob)
        self.messages = [bob.update().message]
        if inside:
            self.messages.append(bob.remove("ann").message)
        self.operations = [
            self.ann.update() if inside else self.ann.create([]) for _ in range(pending)
        ]
        self.newcomer = self._member("dan").key_package()
        assert stage_of(in_group=self.ann.in_group, pending=bool(self.ann.pending)) is stage

    def _member(self, name):
        member = self.protocol.member(name, self.pki, self.randomness)
        self.pki[name] = member.signature_key
        return member

    def _welcome(self, bob):
        """A welcome that Ann could use if she were in no group: of Bob's, or of Eve's group."""
        if "ann" not in bob.roster:
            return bob.add(self.ann.key_package()).make_welcome()
        return self._member("eve").create([self.ann.key_package()]).make_welcome()

    def choices(self, call):
        """The ways to make a call."""
        ann = self.ann
        name = self.operations[0].id if self.operations else b"?"
        return {
            Call.KEY_PACKAGE: [ann.key_package],
            Call.DISCARD_KEY_PACKAGES: [ann.discard_key_packages],
            Call.CREATE: [lambda: ann.create([self.newcomer])],
            Call.JOIN: [lambda: ann.join(self.welcome)],
            Call.READ: [lambda: (ann.epoch, ann.roster, ann.transcript_hash, ann.group_key)],
            Call.ADD: [lambda: ann.add(self.newcomer)],
            Call.REMOVE: [lambda: ann.remove("cat")],
            Call.UPDATE: [ann.update],
            Call.PROCESS: [lambda each=each: ann.process(each) for each in self.messages],
            Call.CONFIRM: [lambda: ann.confirm(name)],
            Call.REJECT: [lambda: ann.reject(name)],
            Call.SAVE: [ann.save],
        }[call]


def worlds(protocol):
    """Every stage, in every way to be there: by stage and how, a function that makes it anew."""
    for stage, numbers in PENDING.items():
        for pending in numbers:
            yield stage, lambda s=stage, p=pending: World(protocol(), s, p)
    yield Stage.OUTSIDE, lambda: World(protocol(), Stage.OUTSIDE, 0, removed=True)


@pytest.mark.sample(2)
@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
def test_the_steps_that_are_taken_are_those_of_the_table(protocol):
    taken = set()
    for (stage, world), call in product(worlds(protocol), Call):
        if call not in ALLOWED[stage]:
            continue
        for number in range(len(world().choices(call))):
            here = world()
            here.choices(call)[number]()
            after = stage_of(in_group=here.ann.in_group, pending=bool(here.ann.pending))
            taken.add((stage, call, after))
    table = {
        (stage, call, to) for stage in Stage for call, tos in ALLOWED[stage].items() for to in tos
    }
    assert taken == table


@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
def test_every_other_step_raises_and_nothing_has_changed(protocol):
    refused = 0
    for (stage, world), call in product(worlds(protocol), Call):
        if call in ALLOWED[stage]:
            continue
        here = world()
        before, frozen = here.ann.save(), getattr(here.ann, "state", None)
        for choice in here.choices(call):
            with pytest.raises(LocalError):
                choice()
            assert getattr(here.ann, "state", None) is frozen
            assert here.ann.save() == before
            refused += 1
    assert refused > 30


@pytest.mark.parametrize("stage", Stage)
def test_an_error_says_what_could_not_be_done_and_why(stage):
    here = World(tainted_treekem(), stage, PENDING[stage][0])
    for call in set(Call) - ALLOWED[stage].keys():
        for choice in here.choices(call):
            with pytest.raises(LocalError, match=r"^cannot \w+.*: 'ann' (is in|has) ") as caught:
                choice()
            words = {Call.READ: "read", Call.PROCESS: "process"}.get(call, call.value)
            assert words in str(caught.value)


def test_an_operation_that_is_not_pending_is_not_ended_by_any_acknowledgement():
    here = World(tainted_treekem(), Stage.PENDING, 1)
    before = here.ann.state
    for call in (here.ann.confirm, here.ann.reject):
        with pytest.raises(LocalError, match="cannot end operation '3f': it is not pending; "):
            call(b"?")
        assert here.ann.state is before


@pytest.mark.parametrize("prop", ["epoch", "roster", "tree", "transcript_hash", "group_key"])
def test_every_property_of_the_group_asks_the_table(prop):
    ann = World(tainted_treekem(), Stage.OUTSIDE, 0).ann
    with pytest.raises(LocalError, match="cannot read the group's state: 'ann' is in no group"):
        getattr(ann, prop)
    here = World(tainted_treekem(), Stage.PENDING, 2).ann
    assert getattr(here, prop) is not None


def test_the_table_speaks_of_every_public_method():
    always = {"identity", "signature_key", "in_group", "pending"}
    read = {"epoch", "group_key", "roster", "transcript_hash"}
    public = {name for name, _ in inspect.getmembers(Member) if not name.startswith("_")}
    assert public - always - read == {call.value for call in Call} - {"read"}
    own = {name for name, _ in inspect.getmembers(TreeMember) if not name.startswith("_")}
    assert own - public == {"state", "stage", "tree"}
    assert {*ALLOWED} == {*Stage}


def test_the_stage_of_a_member_is_that_of_its_state():
    for stage, numbers in PENDING.items():
        here = World(tainted_treekem(), stage, numbers[-1])
        assert here.ann.stage is here.ann.state.stage is stage


def test_the_page_shows_the_table():
    spec = importlib.util.spec_from_file_location(
        "lifecycle_table", ROOT / "docs/lifecycle_table.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = module.PAGE.read_text(encoding="utf-8")
    assert module.with_table(page) == page
    # The page's table, read back, is the table.
    lines = [line for line in page.splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    found = {row[0].strip("`"): row[1:] for row in cells if row[0].strip("`") in set(Call)}
    assert found.keys() == {call.value for call in Call}
    for call, stage in product(Call, Stage):
        shown = found[call.value][list(Stage).index(stage)]
        allowed = ALLOWED[stage].get(call)
        names = set() if shown == "-" else set(shown.split(" or "))
        assert names == {to.name for to in allowed or ()}
