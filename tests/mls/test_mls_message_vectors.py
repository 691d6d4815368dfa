"""Messages, key schedule, secret tree and framing against the working group's vectors."""

from dataclasses import replace

import pytest
from mls_vectors import vectors
from rpds import HashTrieMap

from ttkem.crypto import SeededRandomness, cipher_suite
from ttkem.errors import HistoryError, LocalError, MacError, RemoteError, SignatureError
from ttkem.mls.keys import key_schedule
from ttkem.mls.keys.key_schedule import labelled
from ttkem.mls.keys.message_protection import (
    Framed,
    open_private,
    open_public,
    open_sender_data,
    seal_private,
    seal_public,
    sender_data_key,
    sign_content,
    verify_content,
)
from ttkem.mls.keys.psk import psk_secret
from ttkem.mls.keys.secret_tree import RatchetKind, SecretTree
from ttkem.mls.keys.transcript import confirmed_transcript_hash, interim_transcript_hash
from ttkem.mls.limits import Limits
from ttkem.mls.messages.codepoints import ProtocolVersion, WireFormat
from ttkem.mls.messages.content import (
    ApplicationContent,
    Commit,
    CommitAuth,
    CommitContent,
    FramedContent,
    MemberSender,
    MessageAuth,
    NewMemberCommit,
    ProposalContent,
)
from ttkem.mls.messages.envelope import MLSMessage, read_message, write_message
from ttkem.mls.messages.framing import AuthenticatedContent, SenderDataAAD
from ttkem.mls.messages.group_context import GroupContext
from ttkem.mls.messages.key_package import key_package_ref, verify_key_package
from ttkem.mls.messages.proposals import (
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
    Update,
    proposal,
)
from ttkem.mls.messages.psk_ids import ExternalPsk, PreSharedKeyID
from ttkem.mls.messages.welcome import GroupInfo, GroupSecrets, verify_group_info
from ttkem.wire import Reader, decode, encode

SUITES = range(1, 8)


def read(text):
    return bytes.fromhex(text)


def of_suite(name, number):
    cases = [case for case in vectors(name) if case["cipher_suite"] == number]
    assert cases
    return labelled(cipher_suite(number)), cases


def test_deserialization():
    cases = vectors("deserialization")
    for case in cases:
        assert Reader(read(case["vlbytes_header"])).length() == case["length"]
    assert len(cases) == 14


STRUCTURES = {
    "mls_welcome": MLSMessage,
    "mls_group_info": MLSMessage,
    "mls_key_package": MLSMessage,
    "group_secrets": GroupSecrets,
    "add_proposal": Add,
    "update_proposal": Update,
    "remove_proposal": Remove,
    "pre_shared_key_proposal": PreSharedKey,
    "re_init_proposal": ReInit,
    "external_init_proposal": ExternalInit,
    "group_context_extensions_proposal": GroupContextExtensions,
    "commit": Commit,
    "public_message_application": MLSMessage,
    "public_message_proposal": MLSMessage,
    "public_message_commit": MLSMessage,
    "private_message": MLSMessage,
}


def test_messages():
    cases = vectors("messages")
    for case in cases:
        for name, type_ in STRUCTURES.items():
            assert encode(decode(type_, read(case[name]))).hex() == case[name]
        message = read(case["mls_welcome"])
        assert write_message(read_message(message)) == message
    assert len(cases) == 300


@pytest.mark.parametrize("number", SUITES)
def test_key_schedule(number):
    crypto, cases = of_suite("key-schedule", number)
    for case in cases:
        init_secret = read(case["initial_init_secret"])
        for epoch, given in enumerate(case["epochs"]):
            context = GroupContext(
                ProtocolVersion.MLS10,
                number,
                read(case["group_id"]),
                epoch,
                read(given["tree_hash"]),
                read(given["confirmed_transcript_hash"]),
                (),
            )
            assert encode(context).hex() == given["group_context"]
            commit_secret, psk = read(given["commit_secret"]), read(given["psk_secret"])
            joiner = key_schedule.joiner_secret(crypto, init_secret, commit_secret, context)
            assert joiner.hex() == given["joiner_secret"]
            welcome = key_schedule.welcome_secret(crypto, joiner, psk)
            assert welcome.hex() == given["welcome_secret"]
            secret = key_schedule.epoch_secret(crypto, joiner, psk, context)
            secrets = key_schedule.epoch_secrets(crypto, secret)
            assert secrets.encryption_secret.hex() == given["encryption_secret"]
            assert secrets.confirmation_key.hex() == given["confirmation_key"]
            for name in (
                "init_secret",
                "sender_data_secret",
                "exporter_secret",
                "epoch_authenticator",
                "external_secret",
                "membership_key",
                "resumption_psk",
            ):
                assert getattr(secrets.kept, name).hex() == given[name], name
            pair = key_schedule.external_key_pair(crypto, secrets.kept.external_secret)
            assert pair.public.hex() == given["external_pub"]
            exported = key_schedule.export(
                crypto,
                secrets.kept.exporter_secret,
                given["exporter"]["label"].encode(),
                read(given["exporter"]["context"]),
                given["exporter"]["length"],
            )
            assert exported.hex() == given["exporter"]["secret"]
            init_secret = secrets.kept.init_secret


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
def test_psk_secret(number):
    crypto, cases = of_suite("psk_secret", number)
    for case in cases:
        psks = [
            (PreSharedKeyID(ExternalPsk(read(p["psk_id"])), read(p["psk_nonce"])), read(p["psk"]))
            for p in case["psks"]
        ]
        assert psk_secret(crypto, psks).hex() == case["psk_secret"]


@pytest.mark.parametrize("number", SUITES)
def test_secret_tree(number):
    crypto, cases = of_suite("secret-tree", number)
    for case in cases:
        data = {name: read(value) for name, value in case["sender_data"].items()}
        key = sender_data_key(crypto, data["sender_data_secret"], data["ciphertext"])
        assert key == (data["key"], data["nonce"])
        for step in (1, -1):  # in order of generations, and the other way round
            tree = SecretTree.of(read(case["encryption_secret"]), len(case["leaves"]))
            for leaf, generations in enumerate(case["leaves"]):
                for given in generations[::step]:
                    for kind in RatchetKind:
                        tree, key = tree.take(crypto, leaf, kind, given["generation"], Limits())
                        name = kind.value.decode()
                        assert key.key.hex() == given[f"{name}_key"]
                        assert key.nonce.hex() == given[f"{name}_nonce"]


@pytest.mark.parametrize("number", SUITES)
def test_transcript_hashes(number):
    crypto, cases = of_suite("transcript-hashes", number)
    for case in cases:
        content = decode(AuthenticatedContent, read(case["authenticated_content"]))
        assert encode(content).hex() == case["authenticated_content"]
        assert isinstance(content.auth, CommitAuth)
        confirmed = confirmed_transcript_hash(
            crypto,
            read(case["interim_transcript_hash_before"]),
            content.wire_format,
            encode(content.content),
            content.auth.signature,
        )
        assert confirmed.hex() == case["confirmed_transcript_hash_after"]
        tag = key_schedule.confirmation_tag(crypto, read(case["confirmation_key"]), confirmed)
        assert tag == content.auth.confirmation_tag
        interim = interim_transcript_hash(crypto, confirmed, tag)
        assert interim.hex() == case["interim_transcript_hash_after"]


@pytest.mark.parametrize("number", SUITES)
def test_welcome(number):
    crypto, cases = of_suite("welcome", number)
    for case in cases:
        package = read_message(read(case["key_package"]))
        verify_key_package(crypto, package)
        welcome = read_message(read(case["welcome"]))
        (entry,) = (
            entry
            for entry in welcome.secrets
            if entry.new_member == key_package_ref(crypto, package)
        )
        opened = crypto.decrypt_with_label(
            read(case["init_priv"]),
            b"Welcome",
            welcome.encrypted_group_info,
            entry.encrypted_group_secrets,
        )
        secrets = decode(GroupSecrets, opened)
        zero = bytes(crypto.suite.hash_length)
        key, nonce = key_schedule.welcome_key(crypto, secrets.joiner_secret, zero)
        sealed = crypto.suite.aead_open(key, nonce, b"", welcome.encrypted_group_info)
        info = decode(GroupInfo, sealed)
        verify_group_info(crypto, info, read(case["signer_pub"]))
        context = info.group_context
        epoch = key_schedule.epoch_secret(crypto, secrets.joiner_secret, zero, context)
        confirmation = key_schedule.epoch_secrets(crypto, epoch).confirmation_key
        tag = key_schedule.confirmation_tag(crypto, confirmation, context.confirmed_transcript_hash)
        assert tag == info.confirmation_tag


class Protection:
    """One case of message-protection: two members, of whom the second speaks."""

    def __init__(self, crypto, case):
        self.crypto, self.case = crypto, case
        self.membership_key = read(case["membership_key"])
        self.sender_data_secret = read(case["sender_data_secret"])
        self.context = encode(
            GroupContext(
                ProtocolVersion.MLS10,
                crypto.suite.number,
                read(case["group_id"]),
                case["epoch"],
                read(case["tree_hash"]),
                read(case["confirmed_transcript_hash"]),
                (),
            )
        )

    @property
    def secret_tree(self):
        return SecretTree.of(read(self.case["encryption_secret"]), 2)

    def open(self, message):
        """The content of a message, all checked."""
        if hasattr(message, "ciphertext"):
            data = open_sender_data(self.crypto, message, self.sender_data_secret)
            assert data.leaf_index == 1
            _, framed = open_private(self.crypto, message, data, self.secret_tree, Limits())
        else:
            framed = open_public(self.crypto, message, self.context, self.membership_key)
        public = read(self.case["signature_pub"])
        verify_content(self.crypto, framed, self.context, public)
        return framed

    def sign(self, wire_format, content):
        framed = FramedContent(
            read(self.case["group_id"]), self.case["epoch"], MemberSender(1), b"aad", content
        )
        # The vectors leave out leading zeros of P-521 keys.
        secret = read(self.case["signature_priv"])
        secret = secret.rjust(66, b"\0") if self.crypto.suite.number == 5 else secret
        encoded, signature = sign_content(self.crypto, wire_format, framed, self.context, secret)
        auth = MessageAuth(signature)
        if isinstance(content, CommitContent):
            auth = CommitAuth(signature, bytes(self.crypto.suite.hash_length))
        return Framed(wire_format, framed, encoded, auth)

    def public(self, content):
        framed = self.sign(WireFormat.PUBLIC_MESSAGE, content)
        return seal_public(self.crypto, framed, self.context, self.membership_key)

    def private(self, content, padding=0):
        framed = self.sign(WireFormat.PRIVATE_MESSAGE, content)
        _, message = seal_private(
            self.crypto,
            framed,
            self.secret_tree,
            self.sender_data_secret,
            SeededRandomness(1),
            padding=padding,
        )
        return message


def contents(case):
    return {
        "proposal": ProposalContent(decode(proposal, read(case["proposal"]))),
        "commit": CommitContent(decode(Commit, read(case["commit"]))),
        "application": ApplicationContent(read(case["application"])),
    }


@pytest.mark.parametrize("number", SUITES)
def test_message_protection(number):
    crypto, cases = of_suite("message-protection", number)
    for case in cases:
        protection = Protection(crypto, case)
        for name, content in contents(case).items():
            private = protection.open(read_message(read(case[f"{name}_priv"])))
            assert private.content.content == content
            ours = read_message(write_message(protection.private(content, padding=7)))
            assert protection.open(ours).content.content == content
            assert len(protection.private(content, padding=7).ciphertext) == 7 + len(
                protection.private(content).ciphertext
            )
            if name == "application":
                with pytest.raises(LocalError, match="private messages only"):
                    protection.public(content)
                continue
            public = protection.open(read_message(read(case[f"{name}_pub"])))
            assert public.content.content == content
            ours = read_message(write_message(protection.public(content)))
            assert protection.open(ours).content.content == content


@pytest.fixture
def protection():
    crypto, (case,) = of_suite("message-protection", 1)
    return Protection(crypto, case)


def test_a_changed_message_does_not_open(protection):
    case = protection.case
    for name in ("proposal_pub", "commit_pub", "proposal_priv", "application_priv"):
        good = read(case[name])
        for at in range(4, len(good), 7):
            bad = good[:at] + bytes((good[at] ^ 1,)) + good[at + 1 :]
            with pytest.raises(RemoteError):
                protection.open(read_message(bad))


def test_what_is_wrong_is_named(protection):
    case = protection.case
    public = read_message(read(case["proposal_pub"]))
    with pytest.raises(MacError, match="membership tag"):
        open_public(protection.crypto, public, protection.context, bytes(32))
    framed = open_public(protection.crypto, public, protection.context, protection.membership_key)
    with pytest.raises(SignatureError):
        verify_content(protection.crypto, framed, b"", read(case["signature_pub"]))


def test_padding_is_zero(protection):
    content = contents(protection.case)["application"]
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
    with pytest.raises(RemoteError, match="padding that is not all zero"):
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
        with pytest.raises(HistoryError, match=f"generation {used} of this sender was used"):
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


def test_descending_erases_the_way_down():
    """Section 9.2: exactly the secrets remain that nothing was derived from."""
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
    framed = protection.sign(WireFormat.PRIVATE_MESSAGE, ApplicationContent(b"x"))
    foreign = replace(framed, content=replace(framed.content, sender=NewMemberCommit()))
    with pytest.raises(LocalError, match="only members send private messages"):
        seal_private(protection.crypto, foreign, protection.secret_tree, b"", SeededRandomness(1))
