"""What the suites find in the packages themselves, as docs/conformance.md reports it.

Without them (`pip install '.[peers]'`) these tests skip and say so. The findings are those of
the versions named; another version of a package is compared with ours, but not with the report.
"""

from functools import partial
from importlib.metadata import version
from types import SimpleNamespace

import pytest
from mls_vectors import vectors

from ttkem.crypto import SeededRandomness
from ttkem.testing import CHECKS, carry_out
from ttkem.testing.checks import Status
from ttkem.testing.peers import mls_rs, rfc9420
from ttkem.testing.peers.mixed import SCENARIOS, compare
from ttkem.testing.peers.mls_rs import MlsRsClient
from ttkem.testing.peers.openmls import OpenMlsClient
from ttkem.testing.peers.ours import OurClient
from ttkem.testing.peers.party import owner
from ttkem.testing.peers.rfc9420 import Rfc9420Client

EXPORTER = {(scenario, "exporter") for scenario in SCENARIOS}
HOLDS_IN_RFC9420 = {
    "a created group agrees",
    "a pending create gives way to a welcome",
    "welcomes are personal",
}


@pytest.fixture
def mls_rs_there():
    pytest.importorskip("mls_rs_uniffi", reason="pip install agentvault-mls-rs-uniffi")


@pytest.fixture
def rfc9420_there():
    pytest.importorskip("rfc9420", reason="pip install rfc9420 rfc9180")
    if version("rfc9420") != "1.3.0":
        pytest.skip(f"the report is on rfc9420 1.3.0, this is {version('rfc9420')}")


def differences(author, follower):
    return {(found.scenario, found.rule): found for found in compare(author, follower).differences}


def results(protocol):
    # With 4 examples it is luck whether the random runs meet what rfc9420 gets wrong.
    done = [
        carry_out(check, protocol, "1", 8, 12) for check in CHECKS if check.suite != "directed runs"
    ]
    return {
        status: {result.check.name: result for result in done if result.status is status}
        for status in Status
    }


def test_mls_rs_and_ours_agree(mls_rs_there):
    assert differences(MlsRsClient, OurClient) == {}
    assert differences(OurClient, MlsRsClient) == {}
    assert differences(MlsRsClient, MlsRsClient) == {}


def test_what_the_suites_find_in_mls_rs(mls_rs_there):
    found = results(mls_rs())
    failed = {name: result.seen for name, result in found[Status.FAILED].items()}
    assert list(failed) == ["a removed member comes back"]
    assert failed["a removed member comes back"].startswith(
        "op 3 is confirmed: MlsError: A mls-rs error occurred: "
        "plaintext message for incorrect epoch"
    )
    assert len(found[Status.PASSED]) == 40


@pytest.mark.parametrize("stored", [False, True])
def test_who_comes_back_to_mls_rs_cannot_commit_if_it_was_stored(mls_rs_there, stored):
    """The finding without the adapter, and that storing the group is what makes the difference."""
    import mls_rs_uniffi as package  # noqa: PLC0415 - where it is there

    suite, config = package.CipherSuite.CURVE25519_AES128, package.client_config_default()
    ann, bob = (
        package.Client(name, package.generate_signature_keypair(suite), config)
        for name in (b"ann", b"bob")
    )
    group = ann.create_group(b"group")
    made = group.add_members([bob.generate_key_package_message()])
    group.process_incoming_message(made.commit_message)
    if stored:
        group.write_to_storage()
    of_bob = bob.join_group(None, made.welcome_message).group
    made = of_bob.remove_members([ann.signing_identity()])
    for who in (of_bob, group):
        who.process_incoming_message(made.commit_message)
    made = of_bob.add_members([ann.generate_key_package_message()])
    of_bob.process_incoming_message(made.commit_message)
    again = ann.join_group(None, made.welcome_message).group
    made = again.commit()
    if stored:
        with pytest.raises(package.Error, match="incorrect epoch"):
            again.process_incoming_message(made.commit_message)
    else:
        again.process_incoming_message(made.commit_message)
    of_bob.process_incoming_message(made.commit_message)


def test_openmls_and_ours_agree_as_far_as_it_shows():
    pytest.importorskip("gbp_stack", reason="pip install gbp-stack")
    private = partial(OurClient, public=False)
    assert differences(private, OpenMlsClient) == {}
    assert differences(OpenMlsClient, private) == {}
    public = differences(OurClient, OpenMlsClient)  # which it does not take
    assert set(public) == {(s, "follows") for s in SCENARIOS if s != "founding"}
    assert all("IncompatibleWireFormat" in found.trace[-1] for found in public.values())
    untested = {what for _, what in compare(OpenMlsClient, private).untested}
    assert len(untested) == 3


def test_rfc9420_makes_commits_that_others_refuse(rfc9420_there):
    refused = {("empty commit", "follows"), ("remove", "follows")}
    # Its external_pub is no struct of section 12.4.3.2: the key has no length before it.
    found = differences(Rfc9420Client, OurClient)
    assert set(found) == {(scenario, "joins") for scenario in SCENARIOS}
    assert all("external_pub is malformed" in each.trace[-1] for each in found.values())
    itself = differences(Rfc9420Client, Rfc9420Client)
    assert set(itself) == refused
    assert "UpdatePath LeafNode invalid" in itself["empty commit", "follows"].trace[-1]


def test_rfc9420_makes_commits_that_mls_rs_refuses(rfc9420_there, mls_rs_there):
    found = differences(Rfc9420Client, MlsRsClient)
    assert set(found) == EXPORTER | {("empty commit", "follows"), ("remove", "follows")}
    assert "invalid signature found" in found["empty commit", "follows"].trace[-1]
    assert "invalid signature found" in found["remove", "follows"].trace[-1]
    assert set(differences(MlsRsClient, Rfc9420Client)) == EXPORTER


def test_rfc9420_refuses_our_adds_with_a_path(rfc9420_there):
    found = differences(OurClient, Rfc9420Client)
    assert set(found) == EXPORTER | {("add", "follows"), ("remove", "follows")}
    assert "does not match filtered direct path" in found["add", "follows"].trace[-1]


def test_the_exporter_of_rfc9420_is_not_that_of_the_vectors(rfc9420_there):
    from rfc9420 import DefaultCryptoProvider  # noqa: PLC0415 - where it is there
    from rfc9420.protocol.schedule.key_schedule import KeySchedule  # noqa: PLC0415 - likewise

    case = next(case for case in vectors("key-schedule") if case["cipher_suite"] == 1)
    same = []
    init = bytes.fromhex(case["initial_init_secret"])
    for epoch in case["epochs"]:
        data = {k: bytes.fromhex(value) for k, value in epoch.items() if isinstance(value, str)}
        context = SimpleNamespace(serialize=lambda data=data: data["group_context"])
        schedule = KeySchedule(
            init, data["commit_secret"], context, data["psk_secret"], DefaultCryptoProvider()
        )
        init = data["init_secret"]
        assert schedule.exporter_secret == data["exporter_secret"]
        exporter = epoch["exporter"]
        label, of = exporter["label"].encode(), bytes.fromhex(exporter["context"])
        secret = schedule.export(label, of, exporter["length"])
        same.append(secret.hex() == exporter["secret"])
    assert len(same) > 1
    assert not any(same)


def test_what_the_suites_find_in_rfc9420(rfc9420_there):
    found = results(rfc9420())
    assert set(found[Status.PASSED]) == HOLDS_IN_RFC9420
    failed = {name: result.seen for name, result in found[Status.FAILED].items()}
    seen = failed.pop("meaningless calls are refused")
    assert seen.startswith("add raised ValueError")
    assert seen.endswith("not a RemoteError")
    assert len(failed) == 37
    assert "no pending operation" in failed.pop("rejecting one keeps the others")
    for name, seen in failed.items():
        assert "UpdatePath LeafNode invalid" in seen, name


def test_openmls_does_not_tell_whom_it_removed():
    pytest.importorskip("gbp_stack", reason="pip install gbp-stack")
    randomness = SeededRandomness("removed")
    ours = OurClient("ours", randomness, public=False)
    theirs = OpenMlsClient("theirs", randomness)
    package = theirs.key_package()
    group = ours.found()
    made = group.commit([package])
    group.confirm()
    of_theirs = theirs.join(made.welcome)
    made = group.commit(remove=owner(package))
    assert of_theirs.process(made.messages)
    with pytest.raises(OSError, match="UseAfterEviction"):
        of_theirs.commit([ours.key_package()])
