"""Derivations in words: what leaked or travelled, and each step from there to the key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ttkem.crypto.recording import CallKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ttkem.crypto.recording import Call, Recorder
    from ttkem.testing.knowledge.graph import Derivation, RecordedGraph

__all__ = ["Storyteller"]

LABEL = re.compile(rb"[A-Za-z][A-Za-z0-9 _.:/-]{2,}")


class Storyteller:
    """Names the values of one run, and tells derivations.

    ``names`` are better names for some values, by their bytes, such as those of group keys and of
    the secrets of tree nodes.
    """

    def __init__(
        self, graph: RecordedGraph, recorder: Recorder, names: Mapping[bytes, str]
    ) -> None:
        self._graph = graph
        self._names: dict[int, str] = {}
        for call, (who, step) in recorder.calls.items():
            for place, output in enumerate(call.outputs):
                number = graph.values.number(output)
                if number is not None:
                    self._names.setdefault(number, _named(call, place, who, step))
        for data, name in names.items():
            number = graph.values.number(data)
            if number is not None:
                self._names[number] = name

    def name(self, number: int) -> str:
        """Return a value's name."""
        if number in self._names:
            return self._names[number]
        whole = self._graph.values.whole.get(number)
        size = len(self._graph.values.bytes[number])
        if whole is not None:
            return f"{size} bytes of {self.name(whole)}"
        return f"{size} bytes of unknown origin"

    def lines(
        self, derivation: Sequence[Derivation], target: int, source: str, shown: Sequence[int]
    ) -> tuple[str, ...]:
        """Return the lines that tell how ``target`` follows from ``source`` and what travelled."""
        made = {step.target for step in derivation}
        lines = [] if derivation else [self._found(target, source, shown)]
        told: set[int] = set()
        for step in derivation:
            secret = [n for n in step.sources if n in made or n in shown]
            lines += [self._found(n, source, shown) for n in secret if n in shown and n not in told]
            told.update(secret)
            open_ = [n for n in step.sources if n not in secret and self._matters(n)]
            given = (
                " and ".join(self.name(number) for number in (secret or open_)) or "public bytes"
            )
            where = dict.fromkeys(self._graph.published[n] for n in open_) if secret else ()
            beside = f", with {' and '.join(where)}," if where else ""
            verb = "give" if " and " in given else "gives"
            lines.append(f"{given}{beside} {verb} {self.name(step.target)} ({step.how})")
        return tuple(lines)

    def _found(self, number: int, source: str, shown: Sequence[int]) -> str:
        where = source if number in shown else self._graph.published.get(number, source)
        return f"{where} contains {self.name(number)}"

    def _matters(self, number: int) -> bool:
        """Return whether a public value is worth telling: a ciphertext or an encapsulation."""
        return number in self._graph.published and self.name(number).startswith(
            ("ciphertext", "encapsulation")
        )


def _named(call: Call, place: int, who: str, step: int) -> str:
    """Return the name of an output of a call, after what it is and who computed it first."""
    by = f"({who}, step {step})"
    match call.kind:
        case CallKind.DRAW:
            return f"randomness drawn by {who} in step {step}"
        case CallKind.KEY_PAIR:
            return f"{'public' if place == 0 else 'secret'} key {by}"
        case CallKind.PUBLIC_KEY:
            return f"public key {by}"
        case CallKind.EXCHANGE | CallKind.ENCAPSULATE | CallKind.DECAPSULATE:
            return f"{'encapsulation' if place else 'shared secret'} {by}"
        case CallKind.AEAD:
            return f"ciphertext {by}"
        case CallKind.SEAL:
            return f"{'ciphertext' if place else 'encapsulation'} {by}"
        case _:
            label = max(LABEL.findall(call.inputs[-1][:80]), key=len, default=b"").decode()
            what = call.function.split()[0]
            return f"{what} {label!r} {by}" if label else f"{what} {by}"
