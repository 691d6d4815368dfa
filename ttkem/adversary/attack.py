"""The executed attack: an adversary that computes group keys from leaked and public bytes.

The adversary is given the saved states and the randomness that corruptions reveal, and all control
messages; nothing else. It decrypts and derives as much as it can, up to group keys. This shows that
the knowledge graph is not too weak: every key that the graph calls derivable is computed here and
compared. The attack works on every :class:`ttkem.cgka.TreeCGKA`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.adversary.steps import SampleKey
from ttkem.cgka import group, seeds
from ttkem.cgka.messages import SeedContext, TranscriptInput
from ttkem.cgka.storage import load_state
from ttkem.crypto import HpkeCiphertext
from ttkem.tree.math import level
from ttkem.wire import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ttkem.adversary.game import Exposure, Game
    from ttkem.cgka import TreeCGKA
    from ttkem.cgka.group import GroupState, Incoming, PublicState
    from ttkem.cgka.seeds import Sampled

__all__ = ["Attack", "Recording", "real_keys"]


@dataclass(frozen=True, slots=True)
class _Recorded:
    """A control message as an observer without secrets reads it."""

    before: PublicState
    incoming: Incoming
    transcript_hash: bytes
    sent: tuple[tuple[int, int, bytes], ...]
    """The refreshed node, the recipient node and its public key of each ciphertext, in order."""


class Recording:
    """All messages of a game in order of creation, as the delivery service reads them."""

    __slots__ = ("_by_transcript", "messages", "protocol")

    def __init__(self, game: Game, protocol: TreeCGKA) -> None:
        self.protocol = protocol
        self.messages: dict[int, _Recorded] = {}
        self._by_transcript: dict[bytes, int] = {}
        pki = {name: member.signature_key for name, member in game.members.items()}
        publics: dict[int | None, PublicState] = {None: group.genesis(protocol)}
        for op, operation in game.operations.items():
            before = publics[game.ledger.made[op].base]
            incoming = group.read(protocol, before, operation.message, pki)
            transcript = protocol.suite.hash(
                encode(TranscriptInput(before.transcript_hash, incoming.content_bytes))
            )
            places = tuple(seeds.recipients(incoming.plan, incoming.after))
            keys = incoming.after.public_keys({recipient for _, recipient in places})
            sent = tuple((node, recipient, keys[recipient]) for node, recipient in places)
            self.messages[op] = _Recorded(before, incoming, transcript, sent)
            self._by_transcript[transcript] = op
            publics[op] = group.PublicState(incoming.after, before.epoch + 1, transcript)

    def operation(self, transcript_hash: bytes) -> int:
        """Return the last operation of the history with this transcript hash."""
        return self._by_transcript[transcript_hash]


class Attack:
    """An adversary: pass it what leaked, then call :meth:`conclude`."""

    __slots__ = ("_recording", "_seeds", "group_keys", "secrets")

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._seeds: dict[tuple[int, int], bytes] = {}
        self.secrets: dict[bytes, bytes] = {}
        """Secret keys by public key."""
        self.group_keys: dict[int, bytes] = {}
        """Group keys by operation."""

    def learn_state(self, saved: bytes) -> None:
        """Learn a member's saved state: its path secrets, init keys, pending states, group key."""
        state = load_state(self._recording.protocol, saved)
        self.secrets.update(state.init_secrets)
        for held in (state.group, *(pending.group for pending in state.pending)):
            if held is not None:
                self._learn_group(held)

    def learn_draws(self, exposure: Exposure) -> None:
        """Learn the randomness that a member used in one step.

        Only sampled init keys and sampled seeds are of lasting use.
        """
        protocol, step = self._recording.protocol, exposure.step
        source = _ReplayedRandomness(exposure.draws)
        if isinstance(step, SampleKey):
            pair = protocol.suite.generate_key_pair(source)
            self.secrets[pair.public] = pair.secret
        elif exposure.draws and hasattr(step, "op"):
            sampled = seeds.sample(
                protocol, self._recording.messages[step.op].incoming.plan, source
            )
            self._learn_sampled(step.op, sampled)

    def conclude(self) -> Mapping[int, bytes]:
        """Decrypt and derive all that is possible, message by message; return the group keys."""
        for op, recorded in self._recording.messages.items():
            self._open(op, recorded)
        return self.group_keys

    def _learn_group(self, held: GroupState) -> None:
        tree = held.public.tree
        for node, public in tree.public_keys(held.secrets).items():
            self.secrets[public] = held.secrets[node]
        if held.group_key is not None:
            self.group_keys[self._recording.operation(held.public.transcript_hash)] = held.group_key

    def _learn_sampled(self, op: int, sampled: Sampled) -> None:
        self._seeds.update({(op, node): seed for node, seed in sampled.seeds.items()})
        self.secrets.update({pair.public: pair.secret for pair in sampled.keys.values()})

    def _open(self, op: int, recorded: _Recorded) -> None:
        """Decrypt one message's ciphertexts and derive its chains and group key, bottom-up."""
        protocol, plan = self._recording.protocol, recorded.incoming.plan
        sealed = dict(zip(recorded.sent, recorded.incoming.content.ciphertexts, strict=True))
        for node in sorted(plan.predecessors, key=level):
            seed = self._seeds.get((op, node))
            below = plan.predecessors[node]
            if seed is None and below is not None and (op, below) in self._seeds:
                seed = seeds.next_seed(protocol.kdf, self._seeds[op, below])
            for (at, recipient, public), ciphertext in sealed.items():
                if seed is None and at == node and public in self.secrets:
                    seed = protocol.kdf.decrypt_with_label(
                        self.secrets[public],
                        b"seed",
                        encode(SeedContext(recorded.before.transcript_hash, node, recipient)),
                        HpkeCiphertext(ciphertext.kem_output, ciphertext.ciphertext),
                    )
            if seed is not None:
                self._seeds[op, node] = seed
                pair = seeds.node_keys(protocol.kdf, seed)
                self.secrets[pair.public] = pair.secret
        root = self._seeds.get((op, recorded.incoming.after.root))
        if root is not None and op not in self.group_keys:
            epoch_secret = protocol.kdf.expand_with_label(
                root, b"epoch", recorded.transcript_hash, protocol.suite.hash_length
            )
            self.group_keys[op] = protocol.kdf.derive_secret(epoch_secret, b"group key")


class _ReplayedRandomness:
    """A randomness source that returns recorded draws once more."""

    __slots__ = ("_left",)

    def __init__(self, drawn: Iterable[bytes]) -> None:
        self._left = iter(drawn)

    def draw(self, length: int) -> bytes:
        """Return the next recorded draw."""
        drawn = next(self._left)
        assert len(drawn) == length  # noqa: S101 - the same calls in the same order
        return drawn


def real_keys(game: Game, recording: Recording) -> dict[int, bytes]:
    """Return the group key of every operation, taken from its author's own pending state.

    The adversary does not see these: its results are compared with them.
    """
    found = {}
    for exposure in game.exposures:
        for pending in load_state(recording.protocol, exposure.saved).pending:
            if pending.group.group_key is not None:
                op = recording.operation(pending.group.public.transcript_hash)
                found[op] = pending.group.group_key
    return found
