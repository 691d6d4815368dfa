"""Contracts: which epochs a leaked state leaves safe, against the windows and by hand."""

from copy import deepcopy
from random import Random
from typing import Any

import pytest

from ttkem.adversary import STRATEGIES, Player, SymbolicGame, Windows
from ttkem.errors import LocalError
from ttkem.tainted import tainted_treekem
from ttkem.testing import contracts


class Played:
    """A symbolic game with the public record of every state."""

    def __init__(self, seed, steps=90):
        names = [f"m{i}" for i in range(2 + seed % 4)]
        self.game = SymbolicGame(names)
        ledger = self.game.ledger
        strategy = list(STRATEGIES.values())[seed % len(STRATEGIES)]
        player = Player(strategy, ledger, Random(seed), 1 + seed % len(names))
        self.fresh, self.states = Windows(always_fresh=True), []
        for time in range(steps):
            step, before = player.step(), len(self.game.atoms)
            if self.game.play(step).accepted:
                self.fresh.observe(time, step)
            for atom in self.game.atoms[before:]:
                if atom.state:
                    record = deepcopy(ledger.members[atom.who])
                    self.states.append((atom.who, atom.time, record))

    def pairs(self):
        """Yield every state of a member and operation, with whether it is the last in its life."""
        for number, (who, time, record) in enumerate(self.states):
            later = [t for w, t, _ in self.states[number + 1 :] if w == who]
            for op in self.game.operations:
                yield who, time, record, op, min(later, default=self.game.ledger.time)


RUNS = []


def runs():
    if not RUNS:
        RUNS.extend(Played(seed) for seed in range(8))
    return RUNS


def own_levels_are_windows(module):
    """Compare with the windows of KPWK21: the life of the leaf key that an epoch hangs on."""
    contract = module.Contract("", module.Healing.OWN_UPDATE, module.Forward.OWN_UPDATE)
    fresh = module.Contract("", module.Healing.OWN_OPERATION, module.Forward.OWN_OPERATION)
    count = {True: 0, False: 0}
    for run in runs():
        ledger = run.game.ledger
        for who, time, record, op, _ in run.pairs():
            pair = module.classify(ledger, who, record, time, op)
            for each, windows in ((contract, run.game.windows), (fresh, run.fresh)):
                safe = who not in windows.views[op] or not _inside(windows.window(op, who), time)
                assert pair.safe(each) is safe, (who, time, op)
                count[safe] += 1
    assert min(count.values()) > 1000


def _inside(window, time):
    born, died = window
    return born <= time and (died is None or time < died)


def _histories(ledger, op):
    """Return the operations of a history, the last one first."""
    found = []
    while op is not None:
        found.append(op)
        op = ledger.made[op].base
    return found


def outer_levels_are_as_defined(module):
    """Check the strongest and the weakest promises by the histories alone."""
    heal = {each: module.Contract("", each, module.Forward.NEVER) for each in module.Healing}
    past = {each: module.Contract("", module.Healing.NEVER, each) for each in module.Forward}
    seen = set()
    for run in runs():
        ledger = run.game.ledger
        for who, time, record, op, _ in run.pairs():
            made, pair = ledger.made[op], module.classify(ledger, who, record, time, op)
            held = {record.at, *record.pending} - {None}
            history = _histories(ledger, op)
            if who not in made.roster:
                assert all(pair.safe(each) for each in (*heal.values(), *past.values()))
                assert not pair.before
                continue
            since = _since(ledger, history, who, held)
            if op in held:
                assert pair == module.Pair(before=True, levels=0, reachable=True)
            if pair.before:
                assert not pair.safe(heal[module.Healing.NEVER])
                late = any(ledger.made[each].time > time for each in since)
                assert pair.safe(heal[module.Healing.ANY_EPOCH]) is late
                assert all(ledger.made[e].author != who for e in since) or not pair.reachable
            else:
                assert not pair.safe(past[module.Forward.NEVER])
                assert pair.safe(past[module.Forward.EVERY_EPOCH])
                assert not pair.reachable
                assert op not in held
            safe = [pair.safe(each) for each in (heal if pair.before else past).values()]
            assert safe == sorted(safe, reverse=True)  # stronger promises call more safe
            seen.add((pair.before, pair.levels, pair.reachable))
    assert len(seen) == 7, seen


def _since(ledger, history, who, held):
    """Return the operations after a held one, or after the one that adds the member."""
    found = []
    for op in history:
        if op in held or who in ledger.made[op].joiners:
            break  # the init key is part of the state: what adds the member is no healing
        found.append(op)
    return found


KILLS = (own_levels_are_windows, outer_levels_are_as_defined)


@pytest.mark.parametrize("statement", KILLS)
def test_classification(statement):
    statement(contracts)


def test_names():
    assert contracts.contract_named("MLS") is contracts.CONTRACTS["MLS"]
    with pytest.raises(LocalError, match="unknown contract 'x': choose from Tainted TreeKEM, MLS"):
        contracts.contract_named("x")
    assert all(name == each.name for name, each in contracts.CONTRACTS.items())


def test_the_contract_of_a_protocol():
    class Protocol:
        name = "P"

        def __init__(self, lacks=(), **given):
            self.lacks = lacks
            self.__dict__.update(given)

    own = contracts.Contract("mine", contracts.Healing.NEVER, contracts.Forward.NEVER)
    update = (contracts.Healing.OWN_UPDATE, contracts.Forward.OWN_UPDATE)
    of: Any = contracts.contract_of
    assert of(Protocol(contract=own)) is own
    assert of(Protocol(contract="never heals")) is contracts.CONTRACTS["never heals"]
    assert of(tainted_treekem()).healing is update[0]
    assert of(Protocol()) == contracts.CONTRACTS["Tainted TreeKEM"]
    lacking = of(Protocol(("healing",)))
    assert (lacking.name, lacking.healing) == ("what it has", contracts.Healing.NEVER)
    assert lacking.forward is update[1]
    lacking = of(Protocol(("forward-secrecy", "save")))
    assert (lacking.healing, lacking.forward) == (update[0], contracts.Forward.NEVER)
    with pytest.raises(LocalError, match=r"P.contract is a int: set it to a"):
        of(Protocol(contract=3))
