"""What is wrong with what travels, whatever leaks: keys in clear, repeated nonces, mixed roles.

Two rules are about what a protocol sends to prove that it has a key. *Group keys look random*: the
key is handed to an application, so nothing that travels may be computed from it; otherwise anybody
can tell the key from random bytes. *Confirmations cover the history*: a value that only the owners
of a secret can compute, such as a tag, depends on something of the message that it travels in, and
not on that secret alone; otherwise it is valid in other messages too.

These rules hold for every protocol. They are checked on every judged run, from the record of its
cryptography and from the bytes that left its members.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.crypto.recording import CallKind
from ttkem.testing.knowledge.graph import PUBLIC

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ttkem.crypto.recording import Call, Recorder
    from ttkem.testing.knowledge import RecordedGraph, Storyteller

__all__ = ["WireFinding", "wire_findings"]


@dataclass(frozen=True, slots=True)
class WireFinding:
    """A rule that what travels breaks."""

    rule: str
    seen: str
    story: tuple[str, ...] = ()


def wire_findings(
    recorder: Recorder, graph: RecordedGraph, story: Storyteller, keys: Mapping[int, int]
) -> Iterator[WireFinding]:
    """Yield every rule that a run breaks, each with its first instance.

    ``keys`` holds for every operation the number of its group key in the graph.
    """
    for finding in (_recognisable_keys(graph, story, keys), _uncovered_tags(graph, story)):
        if finding is not None:
            yield finding
    for rule in (_public_keys, _repeated_encapsulations, _repeated_nonces, _mixed_roles):
        found = next(rule(recorder, graph, story), None)
        if found is not None:
            yield found


def _recognisable_keys(
    graph: RecordedGraph, story: Storyteller, keys: Mapping[int, int]
) -> WireFinding | None:
    """Return a finding if something that travels can be computed from a group key."""
    known = graph.known([(number,) for number in keys.values()])
    for derivation in graph.derivations:
        if derivation.call is None or derivation.target not in graph.published:
            continue
        atoms = PUBLIC
        for source in derivation.sources:
            atoms &= known[source]
        if atoms not in (0, PUBLIC):
            op = list(keys)[(atoms & -atoms).bit_length() - 1]
            where = graph.published[derivation.target]
            return WireFinding(
                "group keys look random",
                f"whoever has the group key of op {op} can compute {story.name(derivation.target)} "
                f"in {where}, so anybody can tell that key from random bytes",
            )
    return None


def _uncovered_tags(graph: RecordedGraph, story: Storyteller) -> WireFinding | None:
    """Return a finding if something travels that depends on secrets and on nothing public."""
    made: dict[int, tuple[int, ...]] = {}
    tags = []
    for derivation in graph.derivations:
        if derivation.call is None or derivation.call.kind not in (
            CallKind.DERIVE,
            CallKind.KEY_PAIR,
        ):
            continue
        made.setdefault(derivation.target, derivation.sources)
        if derivation.call.kind is CallKind.DERIVE and derivation.target in graph.published:
            tags.append(derivation)
    for tag in tags:
        before, todo = {tag.target}, list(tag.sources)
        while todo and todo[-1] not in graph.published:
            number = todo.pop()
            if number not in before:
                before.add(number)
                todo.extend(made.get(number, ()))
        if tag.sources and not todo:
            return WireFinding(
                "confirmations cover the history",
                f"{story.name(tag.target)} in {graph.published[tag.target]} is computed from "
                "secrets alone, so it confirms any message with the same secrets",
            )
    return None


def _public_keys(
    recorder: Recorder, graph: RecordedGraph, story: Storyteller
) -> Iterator[WireFinding]:
    """Yield keys that decrypt or sign, and that anybody can compute from what travelled."""
    known = graph.known(())
    for call, (who, step) in recorder.calls.items():
        if call.kind in (CallKind.AEAD, CallKind.OPEN, CallKind.EXCHANGE, CallKind.DECAPSULATE):
            key, use = call.inputs[0], "decrypts"
        elif call.kind is CallKind.KEY_PAIR:
            key, use = call.outputs[1], "is secret"
        else:
            continue
        number = graph.values.number(key)
        if number is not None and known[number]:
            derivation = graph.explain(number, ()) or ()
            yield WireFinding(
                "secrets stay secret",
                f"anybody can compute a key that {use} ({call.function}, {who} in step {step})",
                story.lines(derivation, number, "", ()),
            )


def _repeated_encapsulations(
    recorder: Recorder, graph: RecordedGraph, story: Storyteller
) -> Iterator[WireFinding]:
    """Yield ephemeral keys with which two messages were encrypted."""
    del graph, story
    seen: dict[bytes, Call] = {}
    for call, (who, step) in recorder.calls.items():
        if call.kind is CallKind.SEAL and call.outputs[0]:
            other = seen.setdefault(call.outputs[0], call)
            if other is not call:
                yield WireFinding(
                    "ephemeral keys are used once",
                    f"{who} encrypted two messages with one ephemeral key in step {step}",
                )


def _repeated_nonces(
    recorder: Recorder, graph: RecordedGraph, story: Storyteller
) -> Iterator[WireFinding]:
    """Yield nonces under which one key encrypted two messages."""
    del graph, story
    seen: dict[tuple[bytes, bytes], Call] = {}
    for call, (who, step) in recorder.calls.items():
        if call.kind is CallKind.AEAD:
            other = seen.setdefault((call.inputs[0], call.inputs[1]), call)
            if other is not call and other.inputs != call.inputs:
                yield WireFinding(
                    "nonces are used once",
                    f"{who} encrypted in step {step} with a key and a nonce that had been used",
                )


def _mixed_roles(
    recorder: Recorder, graph: RecordedGraph, story: Storyteller
) -> Iterator[WireFinding]:
    """Yield keying material of key pairs from which something else is derived too.

    Derivations for different purposes must be separated by labels: otherwise one of the two results
    is, or reveals, the other.
    """
    material: dict[bytes, Call] = {}
    for call in recorder.calls:
        if call.kind is CallKind.KEY_PAIR:
            for ikm in call.inputs:
                material.setdefault(ikm, call)
    for call, (who, step) in recorder.calls.items():
        if call.kind is CallKind.DERIVE and call.inputs and call.inputs[0] in material:
            if call.function.startswith(("secret key", "sign")):
                continue
            number = graph.values.number(call.inputs[0])
            name = "keying material" if number is None else story.name(number)
            yield WireFinding(
                "one key, one purpose",
                f"{name} makes a key pair, and {who} derives another secret from it in step {step} "
                f"({call.function})",
            )
