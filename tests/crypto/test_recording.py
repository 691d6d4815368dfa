"""What recording leaves behind, whom it hears, and what crosses its border."""

import copy
import hashlib
import hmac
import os
import pickle
import sys
import threading
import types

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.ciphers import aead

from ttkem.crypto import SeededRandomness, cipher_suite
from ttkem.crypto.recording import CallKind, Recorder, empty_caches, recording
from ttkem.crypto.recording.library import LIBRARY
from ttkem.crypto.recording.standard_library import STANDARD_LIBRARY
from ttkem.crypto.recording.suites import suite_patches

KEY, DATA, SALT = bytes(range(32)), b"some data", b"salt" * 4


def recorded(compute):
    """Return what was computed, after checking that it is the same unrecorded, and the calls."""
    recorder = Recorder()
    with recording(recorder), recorder.acting("ann", 3):
        result = compute()
    assert all(where == ("ann", 3) for where in recorder.calls.values())
    return result, list(recorder.calls)


def check(compute, function, inputs, outputs=None, kind=CallKind.DERIVE):
    """Check that a deterministic computation is recorded as one call, with these inputs."""
    plain = compute()
    result, calls = recorded(compute)
    assert result == plain
    (call,) = [call for call in calls if call.kind is kind]
    assert (call.function, call.inputs) == (function, inputs)
    assert call.outputs == ((plain,) if outputs is None else outputs)


def originals():
    """Return what each name that recording replaces is bound to now."""
    bound = [hashlib.sha256, hashlib.new, hmac.new, hmac.digest, os.urandom, aead.AESGCM]
    return [*bound, x25519.X25519PrivateKey, *(vars(o)[n] for o, n, _ in suite_patches())]


def test_nothing_stays_patched():
    before = originals()
    with recording(Recorder()):
        assert all(a is not b for a, b in zip(before, originals(), strict=True))
        with recording(Recorder()):
            inside = originals()
        assert originals() == inside
    assert originals() == before
    with pytest.raises(ZeroDivisionError), recording(Recorder()):
        _ = 1 / 0
    assert originals() == before
    with pytest.raises(ZeroDivisionError), recording(Recorder()), recording(Recorder()):
        _ = 1 / 0
    assert originals() == before


def test_every_replacement_is_put_back_in_every_module():
    with recording(Recorder()):
        pass
    new = {id(each) for table in (STANDARD_LIBRARY, LIBRARY) for each in table.values()}
    left = [
        f"{name}.{attribute}"
        for name, module in list(sys.modules.items())
        if not name.startswith("ttkem.crypto.recording")
        for attribute, value in list(getattr(module, "__dict__", {}).items())
        if id(value) in new
    ]
    assert left == []


DESIGNER = """
import hashlib
from hashlib import sha256
from hmac import new
from os import urandom

class Kdf:
    function = sha256
    static = staticmethod(sha256)
    name = "sha256"

FUNCTIONS = {"mine": sha256, "other": 1}
"""


@pytest.fixture
def designer():
    module = types.ModuleType("a_designers_module")
    sys.modules[module.__name__] = module
    exec(DESIGNER, module.__dict__)  # noqa: S102 - a module that is loaded at a chosen moment
    yield module
    del sys.modules[module.__name__]


def test_names_in_a_designers_module_are_replaced(designer):
    for compute in (
        lambda: designer.sha256(DATA).digest(),
        lambda: designer.hashlib.sha256(DATA).digest(),
        lambda: designer.Kdf.function(DATA).digest(),
        lambda: designer.Kdf().static(DATA).digest(),
        lambda: designer.FUNCTIONS["mine"](DATA).digest(),
    ):
        check(compute, "hash sha256", (DATA,))
    check(lambda: designer.new(KEY, DATA, "sha256").digest(), "HMAC sha256", (KEY, DATA))
    _, calls = recorded(lambda: designer.urandom(16))
    assert [call.kind for call in calls] == [CallKind.DRAW]
    assert designer.Kdf.function is designer.FUNCTIONS["mine"] is designer.sha256
    assert designer.sha256 is hashlib.sha256
    assert isinstance(vars(designer.Kdf)["static"], staticmethod)


def test_a_module_that_is_loaded_meanwhile_is_put_right():
    module = types.ModuleType("loaded_meanwhile")
    recorder = Recorder()
    with recording(recorder), recorder.acting("ann", 0):
        sys.modules[module.__name__] = module
        exec(DESIGNER, module.__dict__)  # noqa: S102 - likewise
        module.sha256(DATA).digest()
    del sys.modules[module.__name__]
    assert len(recorder.calls) == 1
    assert module.sha256 is module.Kdf.function is module.FUNCTIONS["mine"] is hashlib.sha256


def test_objects_cross_the_border():
    """An object that was made before is not recorded; one that is used after computes the same."""
    before = hashlib.sha256(b"be")
    key = x25519.X25519PrivateKey.from_private_bytes(KEY)
    recorder = Recorder()
    with recording(recorder), recorder.acting("ann", 0):
        before.update(b"fore")
        assert before.digest() == hashlib.new("sha256", b"before").digest()
        assert isinstance(key, x25519.X25519PrivateKey)
        held, mac = hashlib.sha256(b"held"), hmac.new(KEY, b"held", "sha256")
        made = x25519.X25519PrivateKey.from_private_bytes(KEY)
        cipher = aead.AESGCM(KEY)
    assert len(recorder.calls) == 1
    assert held.digest() == hashlib.sha256(b"held").digest()
    assert (held.name, held.digest_size) == ("sha256", 32)
    assert mac.hexdigest() == hmac.new(KEY, b"held", "sha256").hexdigest()
    assert made.exchange(key.public_key()) == key.exchange(key.public_key())
    assert cipher.decrypt(SALT, aead.AESGCM(KEY).encrypt(SALT, DATA, None), None) == DATA
    assert len(recorder.calls) == 1


def test_nobody_listens_unless_a_member_acts():
    recorder = Recorder()
    with recording(recorder):
        hashlib.sha256(DATA).digest()
        hmac.digest(KEY, DATA, "sha256")
        hmac.new(KEY, DATA, "sha256").digest()
        hashlib.new("sha256", DATA)
        hashlib.pbkdf2_hmac("sha256", KEY, SALT, 1)
        hashlib.scrypt(KEY, salt=SALT, n=2, r=1, p=1)
        os.urandom(4)
        aead.AESGCM.generate_key(128)
        ec.generate_private_key(ec.SECP256R1())
        ec.derive_private_key(7, ec.SECP256R1())
        x25519.X25519PrivateKey.generate()
        SeededRandomness(1).draw(4)
        cipher_suite(1).hash(DATA)
    assert recorder.calls == {}
    assert recorder.draws == []
    with recorder.acting("ann", 0):
        assert recorder.listening
        hashlib.sha256(DATA).digest()
    assert recorder.calls == {}


def test_the_inner_recorder_listens_and_actors_nest():
    outer, inner = Recorder(), Recorder()
    with recording(outer), outer.acting("ann", 1):
        with recording(inner), inner.acting("bob", 2):
            hashlib.sha256(b"inner").digest()
        hashlib.sha256(b"outer").digest()
        with outer.acting("cat", 5):
            hashlib.sha256(b"cat").digest()
        hashlib.sha256(b"ann").digest()
    assert [(call.inputs[0], who) for call, who in outer.calls.items()] == [
        (b"outer", ("ann", 1)),
        (b"cat", ("cat", 5)),
        (b"ann", ("ann", 1)),
    ]
    assert [call.inputs[0] for call in inner.calls] == [b"inner"]


def test_after_an_error_calls_are_recorded_again():
    recorder = Recorder()
    with recording(recorder), recorder.acting("ann", 0):
        suite = cipher_suite(1)
        with pytest.raises(Exception, match="AEAD keys have 16 bytes"):
            suite.aead.seal(b"short", b"", b"", b"")

        class Exhausted:
            def draw(self, length):
                raise LookupError

        with pytest.raises(LookupError):
            suite.kem.encap(suite.kem.derive_key_pair(KEY).public, Exhausted())
        suite.hash(DATA)
    assert "hash sha256" in [call.function for call in recorder.calls]
    assert not any("AEAD" in call.function for call in recorder.calls)


def test_calls_of_a_members_threads_are_its_own():
    recorder = Recorder()
    with recording(recorder), recorder.acting("ann", 4):
        thread = threading.Thread(target=lambda: hashlib.sha256(DATA).digest())
        thread.start()
        thread.join()
    assert list(recorder.calls.values()) == [("ann", 4)]


def test_the_first_member_and_step_are_kept():
    recorder = Recorder()
    with recording(recorder):
        for who, step in (("ann", 1), ("bob", 2)):
            with recorder.acting(who, step):
                hashlib.sha256(DATA).digest()
    assert list(recorder.calls.values()) == [("ann", 1)]


def test_copies_are_recorded_too_and_nothing_can_be_pickled_that_could_not_be():
    def of_copies():
        key = x25519.X25519PrivateKey.from_private_bytes(KEY)
        public = key.public_key()
        return [twin.exchange(public) for twin in (copy.copy(key), copy.deepcopy([key])[0])]

    plain = of_copies()
    result, calls = recorded(of_copies)
    assert result == plain
    assert sum(call.kind is CallKind.EXCHANGE for call in calls) == 1  # twice the same call

    def unpicklable():
        key = x25519.X25519PrivateKey.from_private_bytes(KEY)
        for held in (hashlib.sha256(), hmac.new(KEY, b"", "sha256"), key):
            with pytest.raises((TypeError, pickle.PicklingError)):
                pickle.dumps(held)
        with pytest.raises(TypeError):
            copy.copy(hashlib.sha256())

    recorded(unpicklable)


def test_caches_are_emptied(designer):
    exec(  # noqa: S102 - a designer's cache
        "import functools\n@functools.cache\ndef double(data): return sha256(data).digest()",
        designer.__dict__,
    )
    designer.double(DATA)
    assert recorded(lambda: designer.double(DATA))[1] == []
    empty_caches()
    assert len(recorded(lambda: designer.double(DATA))[1]) == 1
