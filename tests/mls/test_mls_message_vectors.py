"""Key schedule, secret tree and message protection, beyond what the vectors' checkers test."""

from dataclasses import replace
from typing import Any

import pytest
from mls_vectors import vectors
from rpds import HashTrieMap

from ttkem.crypto import SeededRandomness, cipher_suite
from ttkem.errors import HistoryError, LocalError, MacError, RemoteError, SignatureError
from ttkem.mls.keys import key_schedule
from ttkem.mls.keys.key_schedule import labelled
from ttkem.mls.keys.message_protection import (
    open_private,
    open_public,
    open_sender_data,
    seal_private,
    sender_data_key,
    sign_message,
    verify_content,
)
from ttkem.mls.keys.secret_tree import RatchetKind, SecretTree
from ttkem.mls.limits import Limits
from ttkem.mls.messages.codepoints import WireFormat
from ttkem.mls.messages.content import (
    ApplicationContent,
    FramedContent,
    MemberSender,
    NewMemberCommit,
)
from ttkem.mls.messages.envelope import read_message, write_message
from ttkem.mls.messages.framing import SenderDataAAD
from ttkem.testing.mls.vectors.check import context_of, secret_of
from ttkem.wire import encode

SUITES = range(1, 8)


def read(text):
    return bytes.fromhex(text)


def of_suite(name, number):
    cases = [case for case in vectors(name) if case["cipher_suite"] == number]
    assert cases
    return labelled(cipher_suite(number)), cases


def test_additions_to_the_key_schedule_change_nothing_else():
    crypto = labelled(cipher_suite(1))
    plain = key_schedule.epoch_secrets(crypto, bytes(32))
    more = key_schedule.with_additions(b"rooms", b"files")(crypto, bytes(32))
    assert [label for label, _ in more.kept.additions] == [b"rooms", b"files"]
    assert more.kept.additions[0][1] == crypto.derive_secret(bytes(32), b"rooms")
    assert more.encryption_secret == plain.encryption_secret
    assert plain.kept.additions == ()


def test_external_init():
    crypto = labelled(cipher_suite(1))
    pair = key_schedule.external_key_pair(crypto, b"external secret")
    kem_output, secret = key_schedule.send_external_init(crypto, pair.public, SeededRandomness(1))
    assert key_schedule.receive_external_init(crypto, b"external secret", kem_output) == secret
    assert key_schedule.receive_external_init(crypto, b"another", kem_output) != secret
    assert len(secret) == 32


@pytest.mark.parametrize("number", SUITES)
def test_generations_may_be_taken_backwards(number):
    """The vectors' checker takes the generations in ascending order only."""
    crypto, cases = of_suite("secret-tree", number)
    for case in cases:
        tree = SecretTree.of(read(case["encryption_secret"]), len(case["leaves"]))
        for leaf, generations in enumerate(case["leaves"]):
            for given in reversed(generations):
                for kind in RatchetKind:
                    tree, key = tree.take(crypto, leaf, kind, given["generation"], Limits())
                    name = kind.value.decode()
                    assert key.key.hex() == given[f"{name}_key"]
                    assert key.nonce.hex() == given[f"{name}_nonce"]


class Protection:
    """A case of the vectors ``message-protection``: two members, of whom the second sends."""

    def __init__(self, case):
        self.case = case
        self.crypto = labelled(cipher_suite(case["cipher_suite"]))
        self.membership_key = read(case["membership_key"])
        self.sender_data_secret = read(case["sender_data_secret"])
        self.context = encode(context_of(case, read(case["tree_hash"])))

    @property
    def secret_tree(self):
        return SecretTree.of(read(self.case["encryption_secret"]), 2)

    def open(self, message):
        """Return the framed content of a message after all checks."""
        if hasattr(message, "ciphertext"):
            data = open_sender_data(self.crypto, message, self.sender_data_secret)
            _, framed = open_private(self.crypto, message, data, self.secret_tree, Limits())
        else:
            framed = open_public(self.crypto, message, self.context, self.membership_key)
        public = read(self.case["signature_pub"])
        verify_content(self.crypto, framed, self.context, public)
        return framed

    def signed(self, content, sender=None):
        framed = FramedContent(
            read(self.case["group_id"]),
            self.case["epoch"],
            sender or MemberSender(1),
            b"aad",
            content,
        )
        secret = secret_of(self.crypto.suite, self.case["signature_priv"])
        wire_format = WireFormat.PRIVATE_MESSAGE
        return sign_message(self.crypto, wire_format, framed, self.context, secret)

    def private(self, content, padding=0):
        _, message = seal_private(
            self.crypto,
            self.signed(content),
            self.secret_tree,
            self.sender_data_secret,
            SeededRandomness(1),
            padding=padding,
        )
        return message


@pytest.fixture
def protection():
    _, (case,) = of_suite("message-protection", 1)
    return Protection(case)


@pytest.mark.parametrize("number", SUITES)
def test_padding_lengthens_a_message_and_changes_nothing_else(number):
    _, (case,) = of_suite("message-protection", number)
    protection = Protection(case)
    content = ApplicationContent(read(case["application"]))
    padded = protection.private(content, padding=7)
    assert len(padded.ciphertext) == 7 + len(protection.private(content).ciphertext)
    framed = protection.open(read_message(write_message(padded)))
    assert framed.content.content == content
    assert framed.content.authenticated_data == b"aad"


def test_a_changed_message_does_not_open(protection):
    case = protection.case
    for name in ("proposal_pub", "commit_pub", "proposal_priv", "application_priv"):
        good = read(case[name])
        for at in range(4, len(good), 7):
            bad = good[:at] + bytes((good[at] ^ 1,)) + good[at + 1 :]
            with pytest.raises(RemoteError):
                protection.open(read_message(bad))


def test_a_wrong_tag_and_a_wrong_signature_have_their_own_errors(protection):
    case = protection.case
    public: Any = read_message(read(case["proposal_pub"]))
    with pytest.raises(MacError, match="membership tag"):
        open_public(protection.crypto, public, protection.context, bytes(32))
    framed = open_public(protection.crypto, public, protection.context, protection.membership_key)
    with pytest.raises(SignatureError):
        verify_content(protection.crypto, framed, b"", read(case["signature_pub"]))


def test_padding_is_zero(protection):
    content = ApplicationContent(read(protection.case["application"]))
    crypto, suite = protection.crypto, protection.crypto.suite
    message = protection.private(content, padding=3)
    data = open_sender_data(crypto, message, protection.sender_data_secret)
    tree = protection.secret_tree
    _, key = tree.take(crypto, 1, RatchetKind.APPLICATION, 0, Limits())
    guard = int.from_bytes(data.reuse_guard, "big") << 64
    nonce = (int.from_bytes(key.nonce, "big") ^ guard).to_bytes(12, "big")
    aad = message.authenticated_data
    aad = encode(message)[: encode(message).index(aad) + len(aad)]
    plain = suite.aead_open(key.key, nonce, aad, message.ciphertext)
    assert plain[-3:] == bytes(3)
    bad = suite.aead_seal(key.key, nonce, aad, plain[:-1] + b"\x01")
    dkey, dnonce = sender_data_key(crypto, protection.sender_data_secret, bad)
    sealed = suite.aead_seal(
        dkey,
        dnonce,
        encode(SenderDataAAD(message.group_id, message.epoch, message.content_type)),
        encode(data),
    )
    forged = replace(message, ciphertext=bad, encrypted_sender_data=sealed)
    with pytest.raises(RemoteError, match="padding of a private message is not all zero"):
        protection.open(forged)


# The secret tree beyond the vectors

CRYPTO = labelled(cipher_suite(1))
APP = RatchetKind.APPLICATION


def test_a_key_is_given_once():
    tree = SecretTree.of(bytes(32), 4)
    tree, key = tree.take(CRYPTO, 2, APP, 5, Limits())
    assert set(tree.ratchets[2, APP].skipped) == {0, 1, 2, 3, 4}
    tree, earlier = tree.take(CRYPTO, 2, APP, 3, Limits())
    assert earlier != key
    for used in (5, 3):
        with pytest.raises(HistoryError, match=f"generation {used} was already used"):
            tree.take(CRYPTO, 2, APP, used, Limits())
    assert tree.next_generation(CRYPTO, 2, APP) == 6
    assert tree.next_generation(CRYPTO, 2, RatchetKind.HANDSHAKE) == 0


def test_skipping_is_bounded():
    tree = SecretTree.of(bytes(32), 1)
    limits = Limits(forward=10, skipped=4)
    with pytest.raises(HistoryError, match="more than 10 ahead"):
        tree.take(CRYPTO, 0, APP, 11, limits)
    tree, _ = tree.take(CRYPTO, 0, APP, 10, limits)
    assert set(tree.ratchets[0, APP].skipped) == {6, 7, 8, 9}


def test_deriving_a_leaf_deletes_the_secrets_on_its_direct_path():
    """Exactly those secrets remain from which nothing has been derived (section 9.2)."""
    whole = SecretTree.of(bytes(32), 8)
    tree, _ = whole.take(CRYPTO, 5, APP, 0, Limits())
    assert set(tree.nodes) == {3, 13, 8}
    assert {leaf for leaf, _ in tree.ratchets} == {5}
    assert whole.nodes == HashTrieMap({7: bytes(32)})
    other, key = whole.take(CRYPTO, 0, APP, 0, Limits())
    both, same = tree.take(CRYPTO, 0, APP, 0, Limits())
    assert key == same
    assert set(both.nodes) == {2, 5, 13, 8}
    assert other.nodes[11] not in both.nodes.values()


def test_only_members_send_private_messages(protection):
    joining = protection.signed(ApplicationContent(b"x"), NewMemberCommit())
    with pytest.raises(LocalError, match="its sender is not a member"):
        seal_private(protection.crypto, joining, protection.secret_tree, b"", SeededRandomness(1))
