"""Groups of real members, for the tests of this folder and its neighbours."""

import signal
import threading
import time
from collections import Counter

import hypothesis
import pytest

from ttkem.blanking import treekem, treekem_with_commit
from ttkem.cgka import DeliveryService
from ttkem.crypto import SeededRandomness
from ttkem.tainted import tainted_treekem

# No deadline: how long an example takes says nothing on a machine that is busy with others.
hypothesis.settings.register_profile("quick", deadline=None, max_examples=20)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=100)


collect_ignore = ["helpers"]  # imported by name; collected again they would be imported twice

BEGAN = pytest.StashKey[float]()


def pytest_addoption(parser):
    parser.addoption(
        "--share",
        type=float,
        metavar="SECONDS",
        help="skip, and count as skipped, the tests that have not begun after so many seconds",
    )


def pytest_configure(config):
    config.stash[BEGAN] = time.monotonic()
    if config.getoption("--hypothesis-profile") is None:
        quick = "not thorough" in config.option.markexpr
        hypothesis.settings.load_profile("quick" if quick else "thorough")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark as thorough all but every n-th case of a test that is marked ``sample(n)``."""
    cases = Counter()
    for item in items:
        if sample := item.get_closest_marker("sample"):
            if cases[item.function] % sample.args[0]:
                item.add_marker("thorough")
            cases[item.function] += 1


def pytest_runtest_setup(item):
    share = item.config.getoption("--share")
    if share is not None and time.monotonic() - item.config.stash[BEGAN] > share:
        pytest.skip(f"this run's share of time, {share:g} s, is used up")


PROTOCOLS = {"TTKEM": tainted_treekem, "TKEM": treekem, "TKEM_commit": treekem_with_commit}


@pytest.fixture
def interrupt_after():
    """Press Ctrl-C after so many seconds; a job in the background would ignore it by itself."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timers, me = [], threading.get_ident()

    def start(seconds):
        timers.append(threading.Timer(seconds, signal.pthread_kill, (me, signal.SIGINT)))
        timers[-1].start()

    yield start
    for timer in timers:
        timer.join()
    signal.signal(signal.SIGINT, before)


class Group:
    """Members by name, their delivery service and their public-key infrastructure."""

    def __init__(self, protocol=None, seed=1, service=None):
        self.protocol = protocol or tainted_treekem()
        self.randomness = SeededRandomness(seed)
        self.pki = {}
        self.service = service or DeliveryService()
        self.members = {}

    def newcomer(self, name):
        member = self.protocol.member(name, self.pki, self.randomness)
        self.pki[name] = member.signature_key
        self.members[name] = member
        return member

    def create(self, names, only=None):
        """A group of ``names``, of whom ``only`` these process anything from the start."""
        creator, *others = [self.newcomer(name) for name in names]
        operation = creator.create([other.key_package() for other in others])
        self.members = {name: m for name, m in self.members.items() if not only or name in only}
        return self.carry_out(operation)

    def carry_out(self, operation):
        assert self.service.submit(operation)
        self.deliver()
        return operation

    def deliver(self):
        for member in self.members.values():
            self.service.deliver(member)

    def add(self, author, name):
        member = self.members.get(name) or self.newcomer(name)
        return self.carry_out(self[author].add(member.key_package()))

    def remove(self, author, name):
        return self.carry_out(self[author].remove(name))

    def update(self, author):
        return self.carry_out(self[author].update())

    def __getitem__(self, name):
        return self.members[name]

    @property
    def present(self):
        return [member for member in self.members.values() if member.in_group]

    def check(self):
        """All agree, and everybody has exactly the secrets of leaf and path."""
        states = [member.state.group for member in self.present]
        assert len({state.public.transcript_hash for state in states}) == 1
        assert len({state.group_key for state in states}) == 1
        assert len({state.public.tree.hash for state in states}) == 1
        for member in self.present:
            check_tree_invariant(self.protocol.suite, member)


def check_tree_invariant(suite, member):
    """KPWK21 section 3: exactly the secrets of the own leaf and path, each of its public key."""
    state = member.state.group
    tree = state.public.tree
    leaf = tree.leaf_of[member.identity]
    expected = {
        node: tree.public_key(node)
        for node in (2 * leaf, *tree.path(leaf))
        if tree.public_key(node) is not None
    }
    held = {node: suite.kem.group.public_bytes(key) for node, key in state.secrets.items()}
    assert held == expected


@pytest.fixture
def make_group():
    """Make a group: ``make_group(names, only=..., protocol=..., seed=..., service=...)``."""

    def make(names=("ann", "bob", "cat", "dan"), only=None, **how):
        group = Group(**how)
        if names:
            group.create(names, only)
        return group

    return make


@pytest.fixture(params=list(PROTOCOLS))
def each_protocol(request):
    """Each tree protocol on suite 1."""
    return PROTOCOLS[request.param]()
