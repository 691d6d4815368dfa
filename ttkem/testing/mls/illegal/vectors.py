"""Negative test vectors: the illegal messages, in the format of the passive client vectors.

Each case is self-contained: it has the secrets of a client that joins, the messages that it
receives, and the message that it must reject. The fields from ``cipher_suite`` to ``ratchet_tree``
are those of the working group's passive client scenarios.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ttkem.crypto import KeyPair, cipher_suite
from ttkem.errors import InvalidMessageError, RemoteError
from ttkem.mls.group.policy import Configuration, Policy, fixed_clock
from ttkem.mls.group.welcomes import OwnKeyPackage
from ttkem.mls.member import Member
from ttkem.mls.messages.envelope import read_message, write_message
from ttkem.mls.messages.key_package import KeyPackage
from ttkem.mls.messages.psk_ids import ExternalPsk, ResumptionPsk
from ttkem.testing.mls.illegal.lab import NOW, PSK, Lab

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ttkem.testing.mls.illegal.rule import Rule

__all__ = ["judge", "negative_vectors"]


def negative_vectors(rules: Iterable[Rule], seed: int = 1) -> list[dict[str, Any]]:
    """Return one case for each rule; equal seeds give equal bytes."""
    return [_case(rule, seed) for rule in rules]


def _case(rule: Rule, seed: int) -> dict[str, Any]:
    lab = Lab(seed)
    forged = rule.forge(lab)
    own = lab.eve if forged.welcome else lab.own["bob"]
    messages = [] if forged.welcome else [*lab.history, *forged.before]
    return {
        "rule": rule.name,
        "section": rule.section,
        "statement": rule.statement,
        "refusal": rule.error.__name__,
        "reason": rule.refusal,
        "cipher_suite": lab.config.suite.number,
        "external_psks": [{"psk_id": PSK.psk_id.hex(), "psk": b"known to all".hex()}],
        "key_package": write_message(own.package).hex(),
        "signature_priv": own.signature.secret.hex(),
        "encryption_priv": own.leaf_secret.hex(),
        "init_priv": own.init_secret.hex(),
        "welcome": (forged.illegal if forged.welcome else lab.welcome).hex(),
        "ratchet_tree": None,
        "messages": [message.hex() for message in messages],
        "illegal": None if forged.welcome else forged.illegal.hex(),
    }


def judge(case: dict[str, Any]) -> RemoteError | None:
    """Return this library's error for a case's illegal message; None if it accepts the message.

    Raise a RemoteError if it rejects an earlier message, or if there is no key package.
    """
    package = read_message(bytes.fromhex(case["key_package"]))
    if not isinstance(package, KeyPackage):
        raise InvalidMessageError("cannot judge the case: key_package is not a KeyPackage")
    init, leaf = (bytes.fromhex(case[name]) for name in ("init_priv", "encryption_priv"))
    signature = KeyPair(package.leaf_node.signature_key, bytes.fromhex(case["signature_priv"]))
    own = OwnKeyPackage(package, init, leaf, signature)
    known = {bytes.fromhex(p["psk_id"]): bytes.fromhex(p["psk"]) for p in case["external_psks"]}
    welcome, illegal = bytes.fromhex(case["welcome"]), case["illegal"]

    def psks(psk: ExternalPsk | ResumptionPsk) -> bytes | None:
        if isinstance(psk, ResumptionPsk):
            return b"known to all" if psk.psk_group_id == b"old" else None
        return known.get(psk.psk_id)

    config = Configuration(
        cipher_suite(case["cipher_suite"]), Policy(psks=psks, clock=fixed_clock(NOW))
    )
    try:
        member = Member.join(config, welcome, own)
    except RemoteError as refusal:
        if illegal is not None:
            raise
        return refusal
    for message in case["messages"]:
        member.process(bytes.fromhex(message))
    try:
        if illegal is not None:
            member.process(bytes.fromhex(illegal))
    except RemoteError as refusal:
        return refusal
    return None
