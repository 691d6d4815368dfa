"""The layers that must kill mutants: each looks at a protocol and says what it finds, or nothing.

The suites of ttkem.testing are layers by their names. Beside them: ``specification`` computes keys
by hand from what was drawn, with the standard library's HMAC alone; ``insider`` is an author who
lies; ``executed attack`` compares the oracles with each other on a true run.
"""

import hashlib
import hmac
from dataclasses import replace
from random import Random
from typing import Any

from ttkem.adversary import STRATEGIES, PairedGame, Player, attack_game
from ttkem.adversary.judge import judge
from ttkem.cgka import TreeCGKA
from ttkem.cgka.messages import Content, ControlMessage, Signed
from ttkem.crypto import SeededRandomness, cipher_suite
from ttkem.errors import RemoteError
from ttkem.tainted import refresh, tainted_treekem
from ttkem.testing import CHECKS, Run, Status, carry_out
from ttkem.testing.mls.illegal import RULES
from ttkem.testing.mls.illegal.vectors import judge as judge_case
from ttkem.testing.mls.illegal.vectors import negative_vectors
from ttkem.wire import decode, encode

SUITE = cipher_suite(1)


def suite(name):
    def look(protocol, seed):
        for check in CHECKS:
            if check.suite == name:
                result = carry_out(check, protocol, seed, examples=8, steps=20, shrunk=False)
                if result.status is Status.FAILED:
                    yield f"{result.broken}: {result.seen}"

    return look


def vector(data):
    length = len(data)
    head = bytes((length,)) if length < 64 else (length | 1 << 14).to_bytes(2, "big")
    return head + data


def read_vector(data):
    size = 1 << (data[0] >> 6)
    length = int.from_bytes(data[:size], "big") & ((1 << (8 * size - 2)) - 1)
    return data[size : size + length], data[size + length :]


def expand(secret, label, context=b"", length=32):
    """ExpandWithLabel (RFC 9420 section 8), one block of HKDF-Expand."""
    info = length.to_bytes(2, "big") + vector(b"TTKEM 1.0 " + label) + vector(context)
    return hmac.digest(secret, info + b"\x01", "sha256")[:length]


def specification(protocol, seed):
    """Two members, one update: every secret from the one seed drawn (specification T2, T5)."""
    run = Run(protocol, seed, ("ann", "bob"))
    run.accept(run.create("ann", "bob"))
    before = run.member("bob").transcript_hash
    op = run.update("bob")
    drawn = next(d for d in run.game.exposures[-1].draws if len(d) == 32)
    message = run.game.operations[op].message
    run.accept(op)
    member: Any = run.member("bob").unwrapped
    bob = member.state.group
    content, rest = read_vector(message)
    leaf = SUITE.derive_key_pair(expand(drawn, b"node")).secret
    root_seed = expand(drawn, b"path")
    root = SUITE.derive_key_pair(expand(root_seed, b"node")).secret
    transcript = hashlib.sha256(vector(before) + vector(content)).digest()
    epoch = expand(root_seed, b"epoch", transcript)
    tag = hmac.digest(expand(epoch, b"confirm"), transcript, "sha256")
    if bob.secrets[2 * bob.leaf] != leaf:
        yield "the leaf secret differs"
    if bob.secrets[1] != root:
        yield "the root seed differs"
    if bob.public.transcript_hash != transcript:
        yield "the transcript hash differs"
    if bob.group_key != expand(epoch, b"group key"):
        yield "the group key differs"
    if rest[:1] != b"\x01" or read_vector(rest[1:])[0] != tag:
        yield "the key confirmation differs"


def resign(author, message, /, **changes):
    """The author's message with parts changed, signed anew."""
    signed = decode(ControlMessage, message).signed
    confirmation = changes.pop("confirmation", signed.confirmation)
    content = encode(replace(decode(Content, signed.content), **changes))
    signed = Signed(content, confirmation)
    secret = author.state.signature.secret
    signature = tainted_treekem().kdf.sign_with_label(secret, b"control", encode(signed))
    return encode(ControlMessage(signed, signature))


def insider(protocol, seed):
    """An author signs what is wrong; whoever can tell must refuse it."""
    run = Run(protocol, seed, ("ann", "bob"))
    run.accept(run.create("ann", "bob"))
    ann: Any
    bob: Any
    ann, bob = (run.member(who).unwrapped for who in ("ann", "bob"))
    message = run.game.operations[run.update("ann")].message
    drawn = next(d for d in run.game.exposures[-1].draws if len(d) == 32)
    wrong = SUITE.generate_key_pair(SeededRandomness(seed)).public
    tree = ann._find(ann.pending[-1]).group.public.tree
    internal = tree.internal_nodes()
    lied = tree.with_keys({}, {n: replace(i, public_key=wrong) for n, i in internal})
    lies: dict[str, dict[str, Any]] = {
        "a wrong key confirmation": {"confirmation": bytes(32)},
        "no key confirmation": {"confirmation": None},
        "a wrong public key": {"public_keys": (wrong,), "new_tree_hash": lied.hash},
        "a wrong tree hash": {"new_tree_hash": bytes(32)},
        "a wrong author": {"author": 1},
    }
    told = decode(Content, decode(ControlMessage, message).signed.content)
    content = encode(replace(told, **lies["a wrong public key"]))
    transcript = hashlib.sha256(vector(ann.transcript_hash) + vector(content)).digest()
    epoch = expand(expand(drawn, b"path"), b"epoch", transcript)
    tag = hmac.digest(expand(epoch, b"confirm"), transcript, "sha256")
    lies["a wrong public key"]["confirmation"] = tag
    state = bob.state
    for what, changes in lies.items():
        other = type(bob)(bob._protocol, state, bob._pki, bob._randomness)
        try:
            other.process(resign(ann, message, **changes))
        except RemoteError:
            continue
        except Exception as error:  # noqa: BLE001 - anything but a RemoteError is a finding
            yield f"{what} raised {type(error).__name__}"
        else:
            yield f"{what} was accepted"


def executed_attack(windows, seed):
    """A true run of the real protocol beside its model, attacked, with these windows."""
    protocol = TreeCGKA("TTKEM", SUITE, refresh.plan)
    names = ("ann", "bob", "cat", "dan", "eve")
    for number, strategy in enumerate(STRATEGIES.values()):
        pair = PairedGame(protocol, f"{seed} {number}", names)
        player = Player(strategy, pair.real.ledger, Random(f"{seed} {number}"), 3)
        for _ in range(70):
            if pair.over:
                break
            pair.play(player.step())
        told = windows()
        for time, (step, outcome) in enumerate(
            zip(pair.real.steps, pair.real.outcomes, strict=True)
        ):
            if outcome.accepted:
                told.observe(time, step)
        found = list(pair.findings)
        if not pair.over:
            game = pair.real
            found += attack_game(game, protocol, told, pair.model, game.exposures).findings
            found += judge(pair.model).findings
        yield from (f"{finding.kind}: {finding.what}" for finding in found)


def illegal_messages(protocol, seed):
    """MLS: for each rule that a receiver must check, a message that violates only this rule."""
    del protocol
    for case in negative_vectors(RULES, int(seed)):
        if judge_case(case) is None:
            yield f"accepted: {case['rule']}"


LAYERS = {check.suite: suite(check.suite) for check in CHECKS} | {
    "specification": specification,
    "insider": insider,
    "executed attack": executed_attack,
    "illegal messages": illegal_messages,
}
