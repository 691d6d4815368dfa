"""Seeded bugs of members: states, erasure, key packages, transcript, signatures, parsing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from broken_members import (
    AcceptsKnownAppendix,
    ConfirmKeepsOthers,
    ConfirmsAnything,
    ConfirmTakesLatest,
    DiscardDoesNothing,
    EmptyIsFine,
    ForgetsWhileFailing,
    InitSecretIsErasedAtOnce,
    InitSecretStays,
    JoinDropsOtherInitKeys,
    JoinKeepsPending,
    KeepsOldKeys,
    KeepsOldLeafSecret,
    OldMessagesAreIgnored,
    OwnMessagesAreProcessed,
    ProcessKeepsPending,
    RejectDoesNothing,
    RejectDropsAll,
    RemovalDropsInitKeys,
    RemovedKeepsPending,
    RemovedStays,
    SaveForgetsPending,
    UpdateIsAdoptedAtOnce,
    any_public_key,
    anybody_is_a_creator,
    epoch_stays,
    hoarding,
    keeps_secrets,
    key_package_is_not_checked,
    leaf_is_not_refreshed,
    no_tree_or_history_check,
    other_errors,
    package_check_is_skipped,
    signature_is_not_checked,
    trailing_bytes_everywhere,
    transcript_is,
    unsigned_confirmation,
)
from broken_rules import (
    SUITE,
    of_member,
    of_plan,
    patched,
    tag_is,
)

from ttkem.cgka import group, seeds
from ttkem.crypto import Labelled
from ttkem.tainted import refresh


@dataclass(frozen=True)
class Mutant:
    name: str
    """What is wrong, in the past tense."""
    rule: str
    """The rule that it breaks, with its source."""
    layer: str
    """What must notice it: a suite of ttkem.testing, or a layer of tests/quality."""
    message: str
    """What must be said."""
    make: Callable[[Any], Any]
    """Patches and returns the protocol."""

    def protocol(self, monkeypatch):
        return self.make(monkeypatch)


MEMBERS = (
    # pending and confirm
    Mutant(
        "confirm keeps the other pending operations",
        "processing anything erases all pending states (specification T5)",
        "functional",
        "pending operations: ann has the wrong pending operations",
        of_member(ConfirmKeepsOthers),
    ),
    Mutant(
        "processing a message keeps what is pending",
        "processing anything erases all pending states (specification T5)",
        "functional",
        "pending operations: ann has the wrong pending operations",
        of_member(ProcessKeepsPending),
    ),
    Mutant(
        "a join keeps what is pending",
        "processing anything erases all pending states (specification T5)",
        "functional",
        "pending operations: cat has the wrong pending operations",
        of_member(JoinKeepsPending),
    ),
    Mutant(
        "reject does nothing",
        "rejected: drop the pending state (KPWK21 2)",
        "functional",
        "pending operations: ann has the wrong pending operations",
        of_member(RejectDoesNothing),
    ),
    Mutant(
        "reject drops all pending operations",
        "a verdict is on one operation (specification T5)",
        "functional",
        "pending operations: ann has the wrong pending operations",
        of_member(RejectDropsAll),
    ),
    Mutant(
        "confirm adopts the latest pending operation",
        "confirm(q) adopts q (KPWK21 2)",
        "functional",
        "one history, one transcript: ",
        of_member(ConfirmTakesLatest),
    ),
    Mutant(
        "anything can be confirmed",
        "confirming what is not pending is an error (specification T5)",
        "functional",
        "though op 1 is not pending",
        of_member(ConfirmsAnything),
    ),
    Mutant(
        "an update is adopted before its verdict",
        "the author keeps the old state until the verdict (KPWK21 2)",
        "functional",
        "pending operations: ann has the wrong pending operations",
        of_member(UpdateIsAdoptedAtOnce),
    ),
    Mutant(
        "a saved state has no pending operations",
        "a saved state is the whole state (ttkem.cgka)",
        "functional",
        "a saved state is the whole state: ",
        of_member(SaveForgetsPending),
    ),
    # erasure
    Mutant(
        "a removed member keeps the group",
        "a removed member erases everything (specification T6)",
        "functional",
        "membership: bob should be in no group",
        of_member(RemovedStays),
    ),
    Mutant(
        "a removed member keeps pending operations",
        "a removed member erases everything (specification T6)",
        "forward secrecy",
        "pending operations: cat has the wrong pending operations",
        of_member(RemovedKeepsPending),
    ),
    Mutant(
        "old group keys are kept",
        "a state holds the key of its epoch only (specification T1)",
        "forward secrecy",
        "contains the key",
        hoarding(KeepsOldKeys),
    ),
    Mutant(
        "old leaf secrets are kept",
        "a state holds its own leaf's and path's secrets only (KPWK21 3)",
        "forward secrecy",
        "old secrets are erased: bob's state after his update holds",
        hoarding(KeepsOldLeafSecret),
    ),
    Mutant(
        "an update leaves the author's leaf as it was",
        "update: the author's leaf gets a fresh key (specification T3)",
        "forward secrecy",
        "old secrets are erased: bob's state after his update holds",
        of_plan(leaf_is_not_refreshed),
    ),
    Mutant(
        "secrets of former places are kept",
        "a state holds its own leaf's and path's secrets only (KPWK21 3)",
        "functional",
        "the saved secrets are not those of the member's path",
        patched(group, "_next_state", keeps_secrets),
    ),
    # welcome and init keys
    Mutant(
        "an init secret stays after joining",
        "an init key is good for one joining (specification T5)",
        "functional",
        "must be refused: op 1 to cat, although cat cannot join with op 1",
        of_member(InitSecretStays),
    ),
    Mutant(
        "discarding key packages does nothing",
        "init keys never used are erased on request (specification T5)",
        "forward secrecy",
        "forward secrecy: epoch 2 (op 1) is safe, but cat's state of step",
        of_member(DiscardDoesNothing),
    ),
    Mutant(
        "a removal erases unused init keys",
        "init keys never used are erased on request only (specification T5)",
        "functional",
        "used, erased or foreign",
        of_member(RemovalDropsInitKeys),
    ),
    Mutant(
        "a joining erases other init keys",
        "init keys never used are erased on request only (specification T5)",
        "functional",
        "used, erased or foreign",
        of_member(JoinDropsOtherInitKeys),
    ),
    Mutant(
        "a joiner erases its init secret at once",
        "the init secret is the leaf secret until the next own update (specification T5)",
        "functional",
        "the ciphertext does not open with this key",
        of_member(InitSecretIsErasedAtOnce),
    ),
    # transcript and ordering
    Mutant(
        "neither epoch nor transcript is compared",
        "whose transcript hash differs refuses the message (KPWK21 2)",
        "forks",
        "must be refused: ",
        patched(group, "read", no_tree_or_history_check),
    ),
    Mutant(
        "the transcript hash never changes",
        "a hash of all operations so far (specification T5)",
        "consistency",
        "one history, one transcript: ",
        patched(group, "_next_state", transcript_is(lambda public, content: b"same")),
    ),
    Mutant(
        "the transcript counts operations and hashes nothing",
        "a hash of all operations so far (specification T5)",
        "forks",
        "one history, one transcript: ",
        patched(group, "_next_state", transcript_is(lambda p, content: bytes((p.epoch,)))),
    ),
    Mutant(
        "own messages are processed",
        "delivering a member's own message to it is an error (specification T6)",
        "functional",
        "though op 1 is ann's own",
        of_member(OwnMessagesAreProcessed),
    ),
    Mutant(
        "epochs are not counted",
        "one operation per epoch (KPWK21 2)",
        "consistency",
        "epochs are counted: ",
        patched(group, "_next_state", epoch_stays),
    ),
    Mutant(
        "messages of other histories are passed over",
        "whose transcript hash differs refuses the message (KPWK21 2)",
        "functional",
        "extends another history",
        of_member(OldMessagesAreIgnored),
    ),
    # signatures
    Mutant(
        "signatures of messages are not verified",
        "every control message carries a signature by the author (specification T5)",
        "malformed",
        "damaged input is refused: a damaged update",
        patched(Labelled, "verify_with_label", signature_is_not_checked),
    ),
    Mutant(
        "the signature leaves out the key confirmation",
        "every control message carries a signature by the author (specification T5)",
        "malformed",
        "damaged input is refused: a damaged update",
        unsigned_confirmation,
    ),
    Mutant(
        "signatures of key packages are not verified",
        "init keys are given by their owners (specification T1)",
        "malformed",
        "damaged input is refused: a damaged key package",
        patched(Labelled, "verify_with_label", key_package_is_not_checked),
    ),
    Mutant(
        "key packages are not compared with the infrastructure",
        "signature keys are given by a PKI (KPWK21 2)",
        "malformed",
        "an impostor (with the key package of another) was accepted",
        package_check_is_skipped,
    ),
    Mutant(
        "anybody can be a group's creator",
        "signature keys are given by a PKI (KPWK21 2)",
        "malformed",
        "eve joined a group of an impostor",
        anybody_is_a_creator,
    ),
    # key confirmation
    Mutant(
        "key confirmations are not compared",
        "a key-confirmation tag in the message (specification T5)",
        "insider",
        "a wrong key confirmation was accepted",
        patched(group, "_same", lambda _: lambda ours, theirs: True),
    ),
    Mutant(
        "an absent key confirmation will do",
        "a key-confirmation tag in the message (specification T5)",
        "insider",
        "no key confirmation was accepted",
        patched(group, "_same", lambda same: lambda o, t: t is None or same(o, t)),
    ),
    Mutant(
        "the key confirmation is not bound to the transcript",
        "a key-confirmation tag by labelled KDF (specification T5)",
        "specification",
        "the key confirmation differs",
        patched(
            group, "_next_state", tag_is(lambda k, r, s, t: SUITE.mac(s.group_key, b"confirm"))
        ),
    ),
    Mutant(
        "a public key need not be the one its seed generates",
        "checks that the public key is the one the seed generates (specification T4)",
        "insider",
        "a wrong public key was accepted",
        patched(seeds, "node_keys", any_public_key),
    ),
    # parsing
    Mutant(
        "bytes after a message are ignored",
        "parsing takes all bytes or none (RFC 8446 3)",
        "malformed",
        "damaged input is refused: a damaged update (extend 0)",
        trailing_bytes_everywhere,
    ),
    Mutant(
        "bad bytes are a ValueError",
        "parsing raises a RemoteError or succeeds (the house's rule 3)",
        "malformed",
        "two errors only: a damaged update",
        other_errors,
    ),
    Mutant(
        "no bytes are taken for an empty message",
        "parsing raises a RemoteError or succeeds (the house's rule 3)",
        "malformed",
        "damaged input is refused: a damaged update (cut 0)",
        of_member(EmptyIsFine),
    ),
    Mutant(
        "what is refused has changed something",
        "a call that raises has changed nothing (the house's rule 2)",
        "functional",
        "a refused call changes nothing: ",
        of_member(ForgetsWhileFailing),
    ),
    Mutant(
        "a saved state may have an appendix",
        "a StateFileError for damaged bytes (ttkem.cgka)",
        "functional",
        "must be refused: loading a damaged state was accepted",
        lambda _: AcceptsKnownAppendix("TTKEM", SUITE, refresh.plan),
    ),
)
"""Every seeded bug of a member; a name comes up once in all."""
