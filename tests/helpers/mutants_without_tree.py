"""Mutants of the two sample protocols that have no tree."""

from broken_samples import (
    ChainsSurviveRemoves,
    ClaimsForwardSecrecy,
    ClaimsToHeal,
    EpochEndStays,
    FirstFrom,
    HashOfOldKey,
    HoardsKeys,
    HoardsSecrets,
    LeakyWelcomes,
    OneEphemeralKey,
    PublicStart,
    Ratcheted,
    RemovedMayRead,
    SendingEndStays,
    drawing,
    pairwise,
    sample_patched,
    senders,
    tag_is,
    unsigned,
)
from mutant import Mutant

from ttkem.testing.sample_protocols import operations

DOCUMENT = "(ttkem.testing.sample_protocols)"

WITHOUT_TREE = (
    Mutant(
        "a new key is a hash of the old one and a value in the message",
        f"each operation sends a fresh secret {DOCUMENT}",
        "post-compromise",
        "post-compromise security: ",
        pairwise(HashOfOldKey),
    ),
    Mutant(
        "a new key is derived from the old one",
        f"each operation sends a fresh secret {DOCUMENT}",
        "post-compromise",
        "post-compromise security: ",
        pairwise(Ratcheted),
    ),
    Mutant(
        "a removed member gets the new secret (pairwise)",
        f"a removed member gets no ciphertext {DOCUMENT}",
        "post-compromise",
        "gives the key of epoch 2 (op 1)",
        pairwise(RemovedMayRead),
    ),
    Mutant(
        "replaced HPKE keys are kept (pairwise)",
        f"nothing is revealed from before the latest own operation {DOCUMENT}",
        "functional",
        "forward secrecy: ",
        pairwise(HoardsKeys),
    ),
    Mutant(
        "the secrets of operations are kept (pairwise)",
        f"nothing is revealed from before the latest own operation {DOCUMENT}",
        "functional",
        "forward secrecy: ",
        pairwise(HoardsSecrets),
    ),
    Mutant(
        "a welcome carries the group key of the epoch before (pairwise)",
        "a joiner learns no key of former epochs (ttkem.cgka)",
        "functional",
        "secrecy: anybody can compute the group key",
        pairwise(LeakyWelcomes),
    ),
    Mutant(
        "a new HPKE key is derived from the old one (pairwise)",
        f"its author replaces its HPKE key {DOCUMENT}",
        "post-compromise",
        "post-compromise security: ",
        sample_patched(pairwise(), operations, "author", drawing(FirstFrom)),
    ),
    Mutant(
        "all ciphertexts have one ephemeral key (pairwise)",
        "every HPKE encryption is fresh (RFC 9180 5.1)",
        "functional",
        "ephemeral keys are used once: ",
        sample_patched(pairwise(), operations, "author", drawing(OneEphemeralKey)),
    ),
    Mutant(
        "the confirmation tag is the group key (pairwise)",
        "what travels reveals no key (ttkem.testing.wire)",
        "functional",
        "secrecy: anybody can compute the group key of op 0",
        sample_patched(
            pairwise(), operations, "_next", tag_is(lambda p, secret, after: after.group_key)
        ),
    ),
    Mutant(
        "the confirmation tag is a hash of the group key (pairwise)",
        "group keys look random (ttkem.testing.wire)",
        "functional",
        "group keys look random: whoever has the group key of op",
        sample_patched(
            pairwise(),
            operations,
            "_next",
            tag_is(lambda protocol, _, after: protocol.suite.hash(after.group_key)),
        ),
    ),
    Mutant(
        "the key confirmation covers nothing but the secret (sender keys)",
        "confirmations cover the history (ttkem.testing.wire)",
        "functional",
        "confirmations cover the history: ",
        sample_patched(
            senders(),
            operations,
            "_next",
            tag_is(lambda protocol, secret, _: protocol.derive(secret, b"confirmation")),
        ),
    ),
    Mutant(
        "signatures of key packages are not verified (pairwise)",
        f"key packages are signed by their owners {DOCUMENT}",
        "malformed",
        "damaged input is refused: a damaged key package",
        unsigned(b"key package")(pairwise()),
    ),
    Mutant(
        "pairwise channels promise forward secrecy for every epoch",
        f"an HPKE key opens all that was sent since it was made {DOCUMENT}",
        "functional",
        "forward secrecy: ",
        pairwise(ClaimsForwardSecrecy),
    ),
    Mutant(
        "chains go on after a remove (sender keys)",
        f"a remove ends all chains {DOCUMENT}",
        "directed runs",
        "forward secrecy: ",
        senders(ChainsSurviveRemoves),
    ),
    Mutant(
        "the sending end of a chain does not move on (sender keys)",
        f"the sending end moves on with each operation {DOCUMENT}",
        "forward secrecy",
        "forward secrecy: ann's ",
        senders(SendingEndStays),
    ),
    Mutant(
        "the epoch end of a chain does not move on (sender keys)",
        f"both ends move by a one-way function {DOCUMENT}",
        "functional",
        "forward secrecy: ",
        senders(EpochEndStays),
    ),
    Mutant(
        "sender keys promise to heal",
        f"sender keys do not heal {DOCUMENT}",
        "post-compromise",
        "post-compromise security: ",
        senders(ClaimsToHeal),
    ),
    Mutant(
        "a chain starts from what everybody knows (sender keys)",
        f"a chain starts from a fresh secret {DOCUMENT}",
        "functional",
        "secrecy: anybody can compute the group key of op 0",
        senders(PublicStart),
    ),
)
