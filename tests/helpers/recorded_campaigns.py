"""Campaigns on real members whose cryptography is recorded, beside the symbolic model.

What the symbolic model calls derivable and what the recorded graph finds derivable are compared for
every secret key, every group key and every atom. The model knows Tainted TreeKEM and no bytes; the
recorded graph knows bytes and no protocol.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from ttkem.adversary import STRATEGIES, Player
from ttkem.adversary.attack import Recording, real_keys
from ttkem.adversary.paired import PairedGame
from ttkem.crypto import cipher_suite
from ttkem.crypto.recording import Recorder, empty_caches, recording
from ttkem.tainted import tainted_treekem
from ttkem.testing.knowledge import RecordedGraph
from ttkem.testing.recorded import RecordedProtocol


@dataclass
class Figures:
    """What was compared."""

    campaigns: int = 0
    steps: int = 0
    operations: int = 0
    atoms: int = 0
    """Single states and single uses of randomness."""
    group_keys: int = 0
    secret_keys: int = 0
    """Secret keys of leaves and internal nodes, and of unused key packages."""
    pairs: int = 0
    """Compared pairs of a key and an atom."""
    derivable: int = 0
    """The pairs whose key follows from the atom, as both say."""
    unseen: int = 0
    """Keys that the recorded graph does not hold at all."""
    unknown: int = 0
    """Strings of bytes that were not understood."""
    differences: list[str] = field(default_factory=list)

    def add(self, other):
        """Add the figures of another comparison."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def played(seed, steps, protocol=None):
    """Play a campaign of so many steps; return the paired game and the record."""
    protocol = protocol or tainted_treekem(cipher_suite(1))
    number = Random(f"campaign {seed}").randrange(10_000)
    names = [f"m{i}" for i in range(3 + number % 6)]
    recorder = Recorder()
    empty_caches()
    with recording(recorder):
        recorded: Any = RecordedProtocol(protocol, recorder)
        game = PairedGame(recorded, f"{seed}", names)
        strategy = list(STRATEGIES.values())[number % len(STRATEGIES)]
        player = Player(strategy, game.real.ledger, Random(seed), 1 + number % len(names))
        while not game.over and len(game.real.steps) < steps:
            recorder.step = game.real.ledger.time
            game.play(player.step())
    return game, recorder


def sent(game):
    """Return everything that left a member, by name."""
    return {
        **{f"the message of op {op}": made.message for op, made in game.operations.items()},
        **{f"the welcome of op {op}": data for op, data in game.welcomes.items()},
        **{f"key package {key}": data for key, data in game.packages.items()},
        **{f"{who}'s signature key": m.signature_key for who, m in game.members.items()},
    }


def compared(seed, steps, protocol=None):
    """Play a campaign; compare model and recorded graph, key by key and atom by atom."""
    game, recorder = played(seed, steps, protocol)
    real, model = game.real, game.model
    figures = Figures(campaigns=1, steps=len(real.steps), operations=len(real.operations))
    figures.differences += [found.what for found in game.findings]
    graph = RecordedGraph(recorder.calls, sent(real))
    known = graph.known(_shown(graph, real, model))
    derivable = model.graph.derivable()
    figures.atoms = len(model.atoms)
    for name, secret, number in _keys(graph, real, model):
        if name.startswith("the group key"):
            figures.group_keys += 1
        else:
            figures.secret_keys += 1
        figures.unseen += number is None
        seen = 0 if number is None else known[number]
        expected = derivable[secret]
        if seen < 0:
            figures.differences.append(f"{name} is public")
            continue
        figures.pairs += len(model.atoms)
        figures.derivable += (seen & expected).bit_count()
        figures.differences += [
            f"{name}, {atom}: only the {'model' if expected >> bit & 1 else 'record'} derives it"
            for bit, atom in enumerate(model.atoms)
            if (seen ^ expected) >> bit & 1
        ]
    figures.unknown = len(graph.unknown)
    return figures


def _shown(graph, real, model):
    """Return what each of the model's atoms shows of the real run."""
    exposures = {exposure.time: exposure for exposure in real.exposures}
    shown = []
    for atom in model.atoms:
        exposure = exposures[atom.time]
        assert exposure.who == atom.who
        leaked = [exposure.saved] if atom.state else exposure.draws
        assert leaked, "the model samples where no member draws"
        shown.append([n for data in leaked for n in graph.reading(data, f"{atom}")])
    draws = sum(bool(exposure.draws) for exposure in real.exposures)
    assert draws == sum(not atom.state for atom in model.atoms), "a member draws without a sample"
    return shown


def _keys(graph, real, model):
    """Yield a name, the model's number and the recorded graph's number of every key."""
    record = Recording(real, tainted_treekem(cipher_suite(1)))
    for op, key in real_keys(real, record).items():
        yield f"the group key of op {op}", model.operations[op].group_key, graph.values.number(key)
    told = set()
    for op, made in model.operations.items():
        tree = record.messages[op].incoming.after
        for node, public in tree.public_keys(set(made.view.keys)).items():
            secret = made.view.keys[node]
            if secret not in told:
                told.add(secret)
                yield f"the secret key of node {node} in op {op}", secret, graph.owner(public)
