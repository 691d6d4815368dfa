"""A derivation as a document that others can carry out: leaked and public strings, and steps.

The document is JSON. ``leaked`` and ``public`` are lists of strings in hexadecimal. Each of
``steps`` has a ``function`` (:data:`ttkem.testing.knowledge.replay.VOCABULARY`) and ``inputs``; an
input is a list of parts, joined in order. A part is either ``{"constant": hex}`` or a slice of a
string or of the result of an earlier step: ``{"from": "leaked", "number": n, "at": a, "length":
l}``, where ``from`` can also be ``"public"`` or ``"step"``. ``key`` is the part that is the key,
and ``sha256`` the key's hash, by which success is recognised.

A constant holds what every reader of the protocol knows, such as labels and lengths. A constant
that looks like a secret is refused, so that no document holds what an attacker does not have.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from ttkem.testing.knowledge.encodings import (
    DECODERS,
    ENCODERS,
    looks_encoded,
    looks_guessable,
    looks_random,
    views,
)
from ttkem.testing.knowledge.values import Values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ttkem.testing.knowledge.graph import Derivation, RecordedGraph

__all__ = ["Document", "NotWrittenError", "Part", "write_document"]

Part = dict[str, Any]
Document = dict[str, Any]
DEPTH = 3


class NotWrittenError(Exception):
    """A derivation that cannot be written as a document, and why."""


def write_document(
    graph: RecordedGraph,
    derivation: Sequence[Derivation],
    target: int,
    leaked: Iterable[bytes],
    public: Mapping[str, bytes],
) -> tuple[Document, list[bytes]]:
    """Return the document of a derivation, and the recorded result of each of its steps.

    Raise NotWrittenError if a step does not follow.
    """
    writer = _Writer(graph, list(leaked), list(public.values()))
    for step in derivation:
        writer.write(step)
    key = writer.part(target)
    document = {
        "format": "ttkem derivation 1",
        "leaked": [data.hex() for data in writer.strings["leaked"]],
        "public": [data.hex() for data in writer.strings["public"]],
        "steps": writer.steps,
        "key": key,
        "sha256": hashlib.sha256(graph.values.bytes[target]).hexdigest(),
    }
    return document, writer.strings["step"]


class _Writer:
    """Writes the steps of one derivation; every value is first written, then used."""

    def __init__(self, graph: RecordedGraph, leaked: list[bytes], public: list[bytes]) -> None:
        self._bytes = graph.values.bytes
        self.strings: dict[str, list[bytes]] = {"leaked": leaked, "public": public, "step": []}
        self.steps: list[dict[str, Any]] = []
        self._held: dict[int, Part] = {}
        self._public = Values()
        for data in public:
            self._public.add(data)

    def write(self, derivation: Derivation) -> None:
        """Write the step or steps that a derivation takes."""
        target, sources = self._bytes[derivation.target], derivation.sources
        rule = derivation.rule
        if rule is not None:
            inputs = [self._composed(data, sources) for data in rule.inputs]
            self._step(rule.function, inputs, rule.result)
            found = self._inside("step", len(self.steps) - 1, rule.result, target, DEPTH)
        elif derivation.how == "exclusive or":
            found = self._step(derivation.how, [[self.part(n)] for n in sources], target)
        elif derivation.how == "exclusive or with a constant":
            source = self._bytes[sources[0]]
            mask = {"constant": bytes((source[0] ^ target[0],)).hex() * len(target)}
            found = self._step("exclusive or", [[self.part(sources[0])], [mask]], target)
        elif derivation.how == "joined":
            found = self._step(derivation.how, [self._covering(target, sources)], target)
        else:
            whole = self.part(sources[0])
            at = self._bytes[sources[0]].find(target)
            found = {**whole, "at": whole["at"] + at, "length": len(target)}
        if found is None:
            raise NotWrittenError(f"the result of {derivation.how} does not hold the value")
        self._held[derivation.target] = found

    def part(self, number: int) -> Part:
        """Return the part that is a value; find it in what leaked or travelled if it is new."""
        if number not in self._held:
            self._held[number] = self._found(self._bytes[number])
        return self._held[number]

    def _found(self, value: bytes) -> Part:
        for depth in (0, DEPTH):
            for origin in ("leaked", "public"):
                for number, data in enumerate(self.strings[origin]):
                    part = self._inside(origin, number, data, value, depth)
                    if part is not None:
                        return part
        raise NotWrittenError(f"{value[:8].hex()}... neither leaked nor travelled")

    def _inside(
        self, origin: str, number: int, data: bytes, value: bytes, depth: int
    ) -> Part | None:
        """Return where a value lies in a string, with steps that decode if it is encoded there."""
        at = data.find(value)
        if at >= 0:
            return {"from": origin, "number": number, "at": at, "length": len(value)}
        at = data.find(value[::-1])
        if at >= 0:
            part = {"from": origin, "number": number, "at": at, "length": len(value)}
            return self._step("decode reversed", [[part]], value)
        for view in views(data) if depth else ():
            if _holds(view.data, value, depth - 1):
                length = view.stop - view.start
                part = {"from": origin, "number": number, "at": view.start, "length": length}
                made = self._step(f"decode {view.encoding}", [[part]], view.data)
                return self._inside("step", made["number"], view.data, value, depth - 1)
        return None

    def _step(self, function: str, inputs: list[list[Part]], result: bytes) -> Part:
        """Write a step; return the part that is its whole result."""
        self.steps.append({"function": function, "inputs": inputs})
        self.strings["step"].append(result)
        number = len(self.steps) - 1
        return {"from": "step", "number": number, "at": 0, "length": len(result)}

    def _covering(self, target: bytes, sources: Iterable[int]) -> list[Part]:
        """Return parts that give a value, cut so that they do not overlap."""
        parts, covered = [], 0
        for number in sources:
            data, part = self._bytes[number], self.part(number)
            skip = covered - target.find(data)
            parts.append({**part, "at": part["at"] + skip, "length": len(data) - skip})
            covered += len(data) - skip
        return parts

    def _composed(self, data: bytes, sources: Sequence[int]) -> list[Part]:
        """Return the parts of an input: values, encoded values, public slices and constants."""
        try:
            return self._split(data, sources)
        except NotWrittenError as error:
            try:
                return self._encoded(data, sources)  # a compressed string that shows its parts
            except NotWrittenError:
                raise error from None

    def _split(self, data: bytes, sources: Sequence[int]) -> list[Part]:
        for number in sorted(sources, key=lambda n: -len(self._bytes[n])):
            at = data.find(self._bytes[number])
            if at >= 0:
                before = self._split(data[:at], sources)
                after = self._split(data[at + len(self._bytes[number]) :], sources)
                return [*before, self.part(number), *after]
        return self._encoded(data, sources)

    def _encoded(self, data: bytes, sources: Sequence[int]) -> list[Part]:
        values = [self._bytes[number] for number in sources]
        for encoding, start, stop, inside in _encoded_parts(data):
            depth = 0 if encoding == "reversed" else DEPTH
            if any(value in inside or (depth and _holds(inside, value, depth)) for value in values):
                made = self._step(
                    f"encode {encoding}", [self._composed(inside, sources)], data[start:stop]
                )
                before = self._encoded(data[:start], sources)
                return [*before, made, *self._encoded(data[stop:], sources)]
        return self._open(data)

    def _open(self, data: bytes) -> list[Part]:
        """Return the parts of bytes that hold no secret: slices of public strings, constants."""
        for size in (len(data), 32, 16):
            for at in range(len(data) - size + 1) if size >= 16 else ():  # noqa: PLR2004 - a secret
                for number, string in enumerate(self.strings["public"]):
                    place = string.find(data[at : at + size])
                    if place >= 0:
                        part = {"from": "public", "number": number, "at": place, "length": size}
                        return [*self._open(data[:at]), part, *self._open(data[at + size :])]
        if looks_random(data) or looks_encoded(data) or not looks_guessable(data):
            raise NotWrittenError(f"the input {data[:40].hex()} is not known to an attacker")
        return [{"constant": data.hex()}] if data else []


def _holds(data: bytes, value: bytes, depth: int) -> bool:
    if value in data or value[::-1] in data:
        return True
    return depth > 0 and any(_holds(view.data, value, depth - 1) for view in views(data))


def _encoded_parts(data: bytes) -> list[tuple[str, int, int, bytes]]:
    """Return the parts of a string that an encoder would make: encoding, start, stop, decoded."""
    found = []
    for view in views(data):
        for name, encode in ENCODERS.items():
            text = data[view.start : view.stop]
            if encode(view.data) == text and DECODERS[view.encoding](text) == view.data:
                found.append((name, view.start, view.stop, view.data))
    return [*found, ("reversed", 0, len(data), data[::-1])]
