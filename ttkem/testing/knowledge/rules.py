"""From recorded calls to rules: what an attacker can compute from what.

A :class:`Rule` is one computation that an attacker can carry out. A recorded call gives rules in
all such directions: a hash gives its output, an encryption gives its plaintext to whoever has the
key, an exchange gives the shared secret to the owner of either secret key. The names of functions
are those that :mod:`ttkem.testing.knowledge.replay` carries out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.crypto.recording import Call, CallKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Owner = Callable[[bytes], bytes | None]

__all__ = ["Rule", "rules_of"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A computation: a function, its inputs and its result."""

    function: str
    inputs: tuple[bytes, ...]
    result: bytes
    how: str
    """The computation in words."""
    opens: bool = False
    """Whether the result is a plaintext: then every secret in it follows, rather than it itself."""


def rules_of(call: Call, owner: Owner) -> Iterator[Rule]:
    """Yield the rules that a call gives; ``owner`` returns the secret key of a public key."""
    yield from _RULES[call.kind](call, owner)


def _draw(call: Call, owner: Owner) -> Iterator[Rule]:
    del call, owner
    yield from ()


def _aead(call: Call, owner: Owner) -> Iterator[Rule]:
    del owner
    key, nonce, aad, plain = call.inputs
    (sealed,) = call.outputs
    name = call.function
    yield Rule(f"encrypt {name}", (key, nonce, aad, plain), sealed, name)
    yield Rule(f"decrypt {name}", (key, nonce, sealed), plain, f"decrypt ({name})", opens=True)


def _seal(call: Call, owner: Owner) -> Iterator[Rule]:
    public, info, _, plain, *drawn = call.inputs
    enc, sealed = call.outputs
    name, how = call.function, f"decrypt ({call.function})"
    if drawn:
        for number, output in enumerate(call.outputs):
            yield Rule(f"seal {name} {number}", (*drawn, plain), output, name)
        function = f"open by {'ephemeral key' if len(drawn) == 1 else 'draws'} {name}"
        yield Rule(function, (*drawn, public, info, sealed), plain, how, opens=True)
    secret = owner(public)
    if secret is not None:
        yield Rule(f"open {name}", (secret, enc, info, sealed), plain, how, opens=True)


def _open(call: Call, owner: Owner) -> Iterator[Rule]:
    del owner
    secret, enc, info, _, sealed = call.inputs
    how = f"decrypt ({call.function})"
    inputs = (secret, enc, info, sealed)
    yield Rule(f"open {call.function}", inputs, call.outputs[0], how, opens=True)


def _exchange(call: Call, owner: Owner) -> Iterator[Rule]:
    secret, other = call.inputs
    shared, own = call.outputs
    group = call.function.removeprefix("exchange ")
    yield Rule(call.function, (secret, other), shared, "exchange")
    theirs = owner(other)
    if theirs is not None:
        yield Rule(call.function, (theirs, own), shared, "exchange")
    yield Rule(f"public key {group}", (secret,), own, "public key")


def _encapsulate(call: Call, owner: Owner) -> Iterator[Rule]:
    public, *drawn = call.inputs
    shared, enc = call.outputs
    name = call.function.removeprefix("encapsulate ")
    secret = owner(public)
    if secret is not None:
        yield Rule(f"decapsulate {name}", (secret, enc), shared, "decapsulate")
    if drawn and name != "KEM 0x647a":  # X-Wing draws in the library too
        function = call.function if len(drawn) == 1 else f"{call.function} by draws"
        yield Rule(function, (*drawn, public), shared, call.function)


def _key_pair(call: Call, owner: Owner) -> Iterator[Rule]:
    del owner
    public, secret = call.outputs
    name = call.function.removeprefix("key pair ")
    if call.inputs:
        yield Rule(f"secret key {name}", call.inputs, secret, call.function)
    yield Rule(f"public key {name}", (secret,), public, "public key")


def _derive(call: Call, owner: Owner) -> Iterator[Rule]:
    del owner
    several = len(call.outputs) > 1
    for number, output in enumerate(call.outputs):
        function = f"{call.function} {number}" if several else call.function
        yield Rule(function, call.inputs, output, call.function)


_RULES: dict[CallKind, Callable[[Call, Owner], Iterator[Rule]]] = {
    CallKind.DRAW: _draw,
    CallKind.AEAD: _aead,
    CallKind.SEAL: _seal,
    CallKind.OPEN: _open,
    CallKind.EXCHANGE: _exchange,
    CallKind.ENCAPSULATE: _encapsulate,
    CallKind.DECAPSULATE: _derive,
    CallKind.KEY_PAIR: _key_pair,
    CallKind.PUBLIC_KEY: _derive,
    CallKind.DERIVE: _derive,
}
