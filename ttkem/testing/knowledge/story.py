"""Derivations in words: what leaked or travelled, and each step from there to the key."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from ttkem.crypto.recording import CallKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ttkem.crypto.recording import Call, Recorder
    from ttkem.testing.knowledge.graph import Derivation, RecordedGraph

__all__ = ["Storyteller"]

BEGINNING = re.compile(rb"[A-Za-z][A-Za-z0-9 _.:/-]{4,79}")
ENDING = re.compile(rb"[A-Za-z][A-Za-z0-9 _.:/-]{4,79}\Z")


class Storyteller:
    """Names the values of one run, and tells derivations.

    ``names`` are better names for some values, by their bytes, such as those of group keys and of
    the secrets of tree nodes.
    """

    def __init__(
        self, graph: RecordedGraph, recorder: Recorder, names: Mapping[bytes, str]
    ) -> None:
        self._graph = graph
        self._recorder = recorder
        self._better = names

    @cached_property
    def _names(self) -> dict[int, str]:
        """The names of values by number."""
        found: dict[int, str] = {}
        numbers = self._graph.values
        for call, (who, step) in self._recorder.calls.items():
            for place, output in enumerate(call.outputs):
                number = numbers.number(output)
                if number is not None:
                    found.setdefault(number, _named(call, place, who, step))
        for data, name in self._better.items():
            number = numbers.number(data)
            if number is not None:
                found[number] = name
        return found

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
        """Return the lines that tell how ``target`` follows from ``source`` and what travelled.

        If something leaked, values that anybody can compute are left out, except the ciphertexts
        that a step decrypts.
        """
        if not derivation:
            return (self._found(target, source, shown),)
        lines: list[str] = []
        told: set[int] = set()
        made = {step.target for step in derivation}
        for step in self._steps(derivation, target, shown):
            given = [n for n in self._given(step, shown) if n in made or self._telling(n)]
            fresh = [n for n in given if n not in made and n not in told]
            lines += [self._found(number, source, shown) for number in fresh]
            told.update(fresh)
            decrypts = step.how.startswith("decrypt")
            used_names = (self.name(number) for number in step.sources if decrypts)
            beside = dict.fromkeys(name for name in used_names if name.startswith("ciphertext "))
            names = list(dict.fromkeys(self.name(number) for number in given)) or ["public bytes"]
            used = f", with {' and '.join(beside)}," if beside else ""
            verb = "give" if len(names) > 1 else "gives"
            how = computation(step)
            lines.append(f"{' and '.join(names)}{used} {verb} {self.name(step.target)} ({how})")
        return tuple(lines)

    def kinds(
        self, derivation: Sequence[Derivation], target: int, shown: Sequence[int]
    ) -> frozenset[str]:
        """Return the kinds of computations in a derivation: its cause, without names."""
        return frozenset(computation(step) for step in self._steps(derivation, target, shown))

    def _steps(
        self, derivation: Sequence[Derivation], target: int, shown: Sequence[int]
    ) -> Iterator[Derivation]:
        """Yield the steps worth telling: those that give something that not everybody has."""
        for step in derivation:
            if step.target == target or not shown or not self._public[step.target]:
                yield step

    def _given(self, step: Derivation, shown: Sequence[int]) -> Iterator[int]:
        """Yield the sources of a step that not everybody has; if nothing leaked, all sources."""
        for number in step.sources:
            if not shown or number in shown or not self._public[number]:
                yield number

    @cached_property
    def _public(self) -> list[int]:
        """For every value whether anybody can compute it from what travelled."""
        return self._graph.known(())

    def _found(self, number: int, source: str, shown: Sequence[int]) -> str:
        where = source if number in shown else self._graph.published.get(number, source)
        return f"{where} contains {self.name(number)}"

    def _telling(self, number: int) -> bool:
        """Return whether a value is more than a ciphertext or a public key."""
        return not self.name(number).startswith(
            ("ciphertext", "encapsulation", "public key", "the public key")
        )


def computation(step: Derivation) -> str:
    """Return in words how a step computes its target: the primitive, and its label if it has one.

    Parameters of primitives are left out.
    """
    if step.call is None:
        return step.how
    if step.how.startswith(("decrypt", "decapsulate", "exchange", "public key")):
        return step.how.split(" (")[0]
    if step.call.kind is CallKind.KEY_PAIR:
        return "key pair"
    label = label_of(step.call)
    function = step.call.function.split(" ")[0]
    return f"{function}, label {label!r}" if label else function


def label_of(call: Call) -> str:
    """Return the label of a derivation, or "" if none is recognised.

    It is that of an HKDFLabel (RFC 8446 section 7.1, RFC 9420 section 8), or else text of five
    characters or more at the beginning or end of the last input.
    """
    data = call.inputs[-1] if call.inputs else b""
    end = 3 + data[2] if len(data) > 3 else 0  # noqa: PLR2004 - length, then the label as a vector
    labelled = data[3:end]
    if len(labelled) > 2 and end <= len(data) and labelled.isascii():  # noqa: PLR2004
        text = labelled.decode()
        if text.isprintable():
            return text
    for found in (BEGINNING.match(data), ENDING.search(data[-80:])):
        if found is not None:
            return found[0].decode().strip()
    return ""


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
            label = label_of(call)
            what = call.function.split(" ")[0]
            return f"the {label!r} secret {by}" if label else f"the output of {what} {by}"
