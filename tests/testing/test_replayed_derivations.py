"""Derivations are carried out again: by the judge, and by a program that knows nothing of it."""

import copy
import hashlib
import json
import os

import pytest
import replay_program
from broken_rules import node_keys_by_h1, patched, tag_is
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.ciphers import aead as library_aead
from cryptography.hazmat.primitives.kdf import hkdf
from recorded_campaigns import _keys, _shown, played, sent

from ttkem.cgka import group, seeds
from ttkem.crypto import HpkeCiphertext, SystemRandomness, cipher_suite
from ttkem.crypto.hpke import AES_256_GCM, CHACHA20_POLY1305, Hpke
from ttkem.crypto.kdf import SHA384, SHA512
from ttkem.crypto.kem import DHKEM_P256, DHKEM_P384, DHKEM_P521, DHKEM_X448, DHKEM_X25519, X_WING
from ttkem.crypto.recording import Recorder, recording
from ttkem.testing.checks import Status
from ttkem.testing.checks import carry_out as carry_out_check
from ttkem.testing.knowledge import RecordedGraph, ReplayError, carry_out, replayed
from ttkem.testing.knowledge import document as documents
from ttkem.testing.recorded_judge import Judged
from ttkem.testing.suites import CHECKS

BY_NAME = {check.name: check for check in CHECKS}


@pytest.fixture(autouse=True, scope="module")
def _primitives_are_replaced_once():
    with recording(Recorder()):
        yield


def functions(document):
    return {step["function"] for step in document["steps"]}


def both(document, key):
    """Check that the judge and the independent program end with the key."""
    given = json.loads(json.dumps(document))
    assert replay_program.carry_out(given) == key
    assert carry_out(given) == key
    assert hashlib.sha256(key).hexdigest() == document["sha256"]


def test_derivations_of_a_campaign():
    game, recorder = played(1, 80)
    real, model = game.real, game.model
    public = sent(real)
    graph = RecordedGraph(recorder.calls, public)
    shown = _shown(graph, real, model)
    known = graph.known(shown)
    exposures = {exposure.time: exposure for exposure in real.exposures}
    seen = set()
    for _, _, number in list(_keys(graph, real, model))[::3]:
        for bit, atom in list(enumerate(model.atoms))[::13]:
            if known[number] >> bit & 1:
                exposure = exposures[atom.time]
                leaked = [exposure.saved] if atom.state else exposure.draws
                derivation = graph.explain(number, shown[bit])
                document = replayed(graph, derivation, number, leaked, public)
                both(document, graph.values.bytes[number])
                seen |= {step["function"] for step in document["steps"]}
    assert {"HKDF-Expand sha256 32", "open HPKE 0x0020 1 1", "secret key KEM 0x0020"} <= seen


def computed(compute):
    """Return the document of a key that follows from what one member drew, and the key."""
    recorder = Recorder()
    with recording(recorder), recorder.acting("ann", 0):
        drawn, public, key = compute()
    graph = RecordedGraph(recorder.calls, public)
    number = graph.values.add(key)
    shown = [n for data in drawn for n in graph.reading(data, "draws")]
    derivation = graph.explain(number, shown)
    return replayed(graph, derivation, number, drawn, public), key


SUITES = [
    Hpke(DHKEM_X25519, cipher_suite(1).kdf, cipher_suite(1).aead),
    Hpke(DHKEM_P256, SHA384, AES_256_GCM),
    Hpke(DHKEM_P384, SHA512, CHACHA20_POLY1305),
    Hpke(DHKEM_P521, SHA512, AES_256_GCM),
    Hpke(DHKEM_X448, SHA512, CHACHA20_POLY1305),
]


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: f"{suite.kem.id:#x}")
@pytest.mark.parametrize("hashed", [False, True])
def test_hpke_is_opened_by_the_recipient_and_by_the_ephemeral_key(suite, hashed):
    ikm, seed = os.urandom(suite.kem.seed_length), os.urandom(32)

    class Drawn(SystemRandomness):
        def __init__(self):
            super().__init__()
            self.all = []

        def draw(self, length):
            self.all.append(super().draw(length))
            return self.all[-1]

    def sent_to_ann(source):
        pair = suite.kem.derive_key_pair(ikm)
        info = suite.hashed(b"info") if hashed else b"info"
        sealed = suite.seal(pair.public, info, b"", seed, source)
        opened = suite.open(
            pair.secret, HpkeCiphertext(sealed.kem_output, sealed.ciphertext), b"info", b""
        )
        key = suite.kdf.expand(hashlib.sha256(opened).digest(), b"key", 32)
        public = {"message": pair.public + sealed.kem_output + sealed.ciphertext}
        return public, key

    def by_recipient():
        public, key = sent_to_ann(Drawn())
        return [ikm], public, key

    def by_ephemeral():
        source = Drawn()
        public, key = sent_to_ann(source)
        return source.all, public, key

    document, key = computed(by_recipient)
    both(document, key)
    assert any(name.startswith("open HPKE") for name in functions(document))
    document, key = computed(by_ephemeral)
    both(document, key)
    assert any(name.startswith("open by ephemeral key") for name in functions(document))


@pytest.mark.parametrize("kem", [DHKEM_X25519, DHKEM_P256, X_WING], ids=lambda kem: f"{kem.id:#x}")
def test_encapsulated_keys(kem):
    ikm = os.urandom(32)

    def decapsulated():
        pair = kem.derive_key_pair(ikm)
        shared, enc = kem.encap(pair.public, SystemRandomness())
        shared = kem.decap(pair.secret, enc)
        return [ikm], {"message": pair.public + enc}, hashlib.sha256(shared).digest()

    document, key = computed(decapsulated)
    assert carry_out(document) == key
    if kem is not X_WING:  # the program does not know it
        both(document, key)

    def encapsulated():
        recorder_source = SystemRandomness()
        pair = kem.derive_key_pair(os.urandom(32))
        drawn = []

        class Source:
            def draw(self, length):
                drawn.append(recorder_source.draw(length))
                return drawn[-1]

        shared, enc = kem.encap(pair.public, Source())
        return drawn, {"message": pair.public + enc}, hashlib.sha256(shared).digest()

    if kem is not X_WING:
        both(*computed(encapsulated))


def test_contexts_and_exchanges():
    suite = SUITES[0]
    ikm, secret = os.urandom(32), os.urandom(32)

    def in_a_context():
        pair = suite.kem.derive_key_pair(ikm)
        enc, context = suite.setup_sender(pair.public, b"info", SystemRandomness())
        receiver = suite.setup_receiver(enc, pair.secret, b"info")
        sealed = [context.seal(b"", data) for data in (b"first", secret)]
        for each in sealed:
            opened = receiver.open(b"", each)
        exported = receiver.export(b"context", 32)
        key = hashlib.sha256(opened + exported).digest()
        return [ikm], {"message": pair.public + enc + b"".join(sealed)}, key

    document, key = computed(in_a_context)
    both(document, key)
    assert {
        "decrypt AEAD 1",
        "key schedule HPKE 0x0020 1 1 0",
        "key schedule HPKE 0x0020 1 1 2",
    } < (functions(document))

    def exchanged():
        own = x25519.X25519PrivateKey.from_private_bytes(secret)
        theirs = x25519.X25519PrivateKey.generate().public_key()
        shared = own.exchange(theirs)
        made = hkdf.HKDF(hashes.SHA256(), 32, b"salt", b"info").derive(shared)
        key = hkdf.HKDFExpand(hashes.SHA256(), 16, b"more").derive(made)
        sealed = library_aead.AESGCM(key).encrypt(bytes(12), ikm, b"data")
        library_aead.AESGCM(key).decrypt(bytes(12), sealed, b"data")
        public = {"message": theirs.public_bytes_raw() + sealed}
        return [secret], public, hashlib.sha256(ikm).digest()

    document, key = computed(exchanged)
    both(document, key)
    assert functions(document) == {
        *("exchange X25519", "HKDF sha256 32", "HKDF-Expand sha256 16"),
        *("decrypt AEAD AESGCM", "hash sha256"),
    }


def test_passwords_and_long_hashes():
    secret = os.urandom(32)

    def stretched():
        long = hashlib.shake_256(secret).digest(64)
        key = hashlib.pbkdf2_hmac("sha256", long[:32], long[32:], 3, 40)
        return [secret], {}, key

    document, key = computed(stretched)
    both(document, key)
    assert functions(document) == {"hash shake_256 64", "PBKDF2 sha256 3 40"}


def test_what_has_no_implementation_is_taken_from_the_record():
    secret = os.urandom(32)

    def derived():
        key = hashlib.blake2b(b"label", key=secret, digest_size=32).digest()
        return [secret], {}, hashlib.sha256(key).digest()

    document, _ = computed(derived)
    with pytest.raises(ReplayError, match="not in the vocabulary"):
        carry_out(document)
    with pytest.raises(ValueError, match="not in the vocabulary"):
        replay_program.carry_out(document)


def test_curves_of_the_library():
    secret = bytes(range(100, 132))

    def exchanged():
        own = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())
        theirs = ec.derive_private_key(9, ec.SECP256R1()).public_key()
        shared = own.exchange(ec.ECDH(), theirs)
        public = {"theirs": DHKEM_P256.group.public_bytes((9).to_bytes(32, "big"))}
        return [secret], public, hashlib.sha256(shared).digest()

    document, key = computed(exchanged)
    both(document, key)
    assert functions(document) == {"exchange P-256", "hash sha256"}


def test_a_step_that_fails_is_an_error_of_the_replay():
    graph, number, shown, secret, public = small()
    document = replayed(graph, graph.explain(number, shown), number, [secret], public)
    document["steps"][0].update(function="exchange X25519")
    with pytest.raises(ReplayError, match="cannot carry out 'exchange X25519'"):
        carry_out(document)


def small():
    """Return a graph with one derivation, its leak and its key."""
    recorder = Recorder()
    with recording(recorder), recorder.acting("ann", 0):
        secret = os.urandom(32)
        key = hashlib.sha256(b"label" + secret + bytes(range(150, 190))).digest()
    public = {"message": b"x" + bytes(range(150, 190))}
    graph = RecordedGraph(recorder.calls, public)
    number, shown = graph.values.number(key), graph.reading(secret, "state")
    return graph, number, shown, secret, public


def test_a_derivation_that_does_not_follow_is_refused():
    graph, number, shown, secret, public = small()
    derivation = graph.explain(number, shown)
    document = replayed(graph, derivation, number, [b"state" + secret], public)
    (parts,) = document["steps"][0]["inputs"]
    assert [part.get("from", part.get("constant")) for part in parts] == [
        *(b"label".hex(), "leaked", "public"),
    ]
    for leaked, given, what in (
        ([], public, "neither leaked nor travelled"),
        ([secret[:20]], public, "neither leaked nor travelled"),
        ([secret], {}, "not known to an attacker"),
        ([secret], {"message": bytes(range(150, 180))}, "not known to an attacker"),
    ):
        with pytest.raises(ReplayError, match=what):
            replayed(graph, derivation, number, leaked, given)
    with pytest.raises(ReplayError, match="neither leaked nor travelled"):
        replayed(graph, (), number, [secret], public)


def test_another_key_is_refused(monkeypatch):
    graph, number, shown, secret, public = small()
    derivation = graph.explain(number, shown)

    def damaged(*given):
        document, results = documents.write_document(*given)
        document["steps"][0]["inputs"][0][0]["constant"] = b"other".hex()
        return document, results

    monkeypatch.setattr("ttkem.testing.knowledge.replay.write_document", damaged)
    with pytest.raises(ReplayError, match="ends with another key"):
        replayed(graph, derivation, number, [secret], public)


def test_every_part_of_a_document_matters():
    graph, number, shown, secret, public = small()
    document = replayed(graph, graph.explain(number, shown), number, [secret], public)
    key = graph.values.bytes[number]
    both(document, key)
    for damage in (
        lambda d: d["steps"][0].update(function="hash sha384"),
        lambda d: d["steps"][0]["inputs"][0].pop(),
        lambda d: d["steps"][0]["inputs"][0].reverse(),
        lambda d: d["steps"][0]["inputs"][0][1].update(at=1),
        lambda d: d["steps"][0]["inputs"][0][1].update(length=31),
        lambda d: d["key"].update(length=31),
        lambda d: d["leaked"].__setitem__(0, bytes(32).hex()),
    ):
        wrong = copy.deepcopy(document)
        damage(wrong)
        assert carry_out(wrong) != key
        assert replay_program.carry_out(wrong) != key


MUTANTS = {
    "members agree in random runs": patched(seeds, "node_keys", node_keys_by_h1),
    "a created group agrees": patched(group, "_next_state", tag_is(lambda k, r, s, t: s.group_key)),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_judge_carries_out_what_it_reports(name, monkeypatch):
    made = []
    document = Judged.document

    def keeping(self, op, shown=()):
        made.append((document(self, op, shown), self.graph.values.bytes[self.numbers[op]]))
        return made[-1][0]

    monkeypatch.setattr(Judged, "document", keeping)
    protocol = MUTANTS[name](monkeypatch)
    result = carry_out_check(BY_NAME[name], protocol, "1", 2, 15, shrunk=False)
    assert result.status is Status.FAILED
    for each, key in made:
        both(each, key)
    if name == "a created group agrees":
        assert made
        assert result.broken == "secrecy"


def test_a_mismatch_is_an_error_of_the_judge(monkeypatch):
    def refused(*given):
        raise ReplayError("for the test")

    monkeypatch.setattr("ttkem.testing.recorded_judge.replayed", refused)
    protocol = MUTANTS["a created group agrees"](monkeypatch)
    check = BY_NAME["a created group agrees"]
    result = carry_out_check(check, protocol, "1", 2, 15, shrunk=False)
    assert result.status is Status.FAILED
    assert result.broken == "error of the judge"
    assert "this says nothing about the protocol" in result.seen
