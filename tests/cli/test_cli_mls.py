"""``ttkem mls`` and ``ttkem vectors``."""

import json
import sys
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from mls_groups import Group
from mls_vectors import vectors

from ttkem.cli import main
from ttkem.cli.mls.command import KINDS as COMMAND_KINDS
from ttkem.crypto import cipher_suite
from ttkem.errors import DecodeError
from ttkem.mls import (
    Add,
    Client,
    Extension,
    Member,
    OtherCredential,
    Remove,
    read_message,
    write_message,
)
from ttkem.mls.client import capabilities
from ttkem.mls.group.commit_creation import CommitOptions
from ttkem.mls.inspect import KINDS, STRUCTURES, describe, draw, inspect, views
from ttkem.mls.tree.parent_hash import key_owner
from ttkem.testing.mls import illegal as illegal_rules
from ttkem.testing.mls.illegal import vectors as illegal_vectors
from ttkem.testing.mls.vectors.generate_groups import messages
from ttkem.testing.mls.vectors.source import Source
from ttkem.wire import encode


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def run_(*words):
        monkeypatch.setattr(sys, "argv", ["ttkem", *map(str, words)])
        status = 0
        try:
            main()
        except SystemExit as stop:
            status = stop.code or 0
        out, err = capsys.readouterr()
        return status, out, err

    return run_


@pytest.fixture(scope="module")
def group():
    """Ann, Bob, Cat, and Fay in Dan's place, added without a path."""
    group = Group(("ann", "bob", "cat", "dan"))
    group.commit("ann", Remove(3))
    own = group.key_package("fay")
    made = group["bob"].commit([Add(own.package)], options=CommitOptions(path=False))
    group.carry_out("bob", made)
    group.join("fay", made.welcome, own)
    group.clients["eve"] = Client(
        group.config,
        OtherCredential(9, b"eve"),
        group.client("eve").signature,
        capabilities(group.config, OtherCredential(9, b"eve")),
    )
    return group


PICTURE = """\
(3) by 0, unmerged 3
├─ (1) by 0
│  ├─ ann [0] commit costs 3
│  └─ bob [1] commit costs 3
└─ (5) blank, resolution 2
   ├─ cat [2] commit costs 2
   └─ fay [3] commit costs 2"""


def test_a_picture_of_a_tree(group):
    suite, tree = group.config.suite, group["ann"].state.tree
    assert draw(suite, tree) == PICTURE
    assert [view.kind for view in views(suite, tree).values()][:3] == ["member", "key", "member"]
    assert key_owner(group.config.crypto, tree, 5) is None
    forged = tree.changed({}, {3: replace(tree.parent(3), parent_hash=b"x")})
    assert draw(suite, forged).startswith("(3) by ?, unmerged 3")
    few = tree.changed({3: None}, {3: None})
    assert draw(suite, few).splitlines()[-1] == "   └─ _"


def test_inspect_prints_structure_and_tree(run, group, tmp_path):
    (tmp_path / "info").write_bytes(group["ann"].group_info())
    status, out, _ = run("mls", "inspect", "info", "--out", "pictures")
    assert status == 0
    for words in ("GroupInfo", "ratchet_tree, ", "external_pub, ", "ann [0]", "version: mls10"):
        assert words in out
    picture = ET.parse(tmp_path / "pictures" / "tree.svg").getroot()
    texts = [element.text for element in picture if element.tag.endswith("text")]
    assert "ann [0]" in texts
    status, out, _ = run("mls", "inspect", "info", "--format", "json")
    found = json.loads(out)
    assert found["kind"] == "GroupInfo"
    assert found["tree"][0]["text"].startswith("ann [0] commit costs")


def test_inspect_reads_trees_and_hexadecimal(run, group, tmp_path):
    (tmp_path / "tree").write_text(group["ann"].ratchet_tree().hex() + "\n")
    status, out, _ = run("mls", "inspect", "tree", "--suite", "1")
    assert status == 0
    assert out.startswith("RatchetTree\n(")
    package = group.client("ann").key_package(group.randomness).package
    (tmp_path / "package").write_bytes(write_message(package))
    status, out, _ = run("mls", "inspect", "package")
    assert "credential: BasicCredential\n      identity: 'ann'" in out
    status, out, _ = run("mls", "inspect", "package", "--format", "json")
    assert json.loads(out)["tree"] == []
    for how in ("table", "json"):
        said = "cannot draw a tree for --out: there is none in package"
        status, out, err = run("mls", "inspect", "package", "--out", "x", "--format", how)
        assert (status, out) == (2, "")
        assert err.count(said) == err.count("\n") == 1
    assert not (tmp_path / "x").exists()


def test_inspect_of_nothing(run, tmp_path):
    (tmp_path / "junk").write_bytes(b"\xff\xfe")
    status, _, err = run("mls", "inspect", "junk")
    assert status == 2
    assert err.startswith("ttkem: cannot read this as any known structure: as an MLSMessage, ")
    status, _, err = run("mls", "inspect", "missing")
    assert (status, err) == (2, "ttkem: cannot read missing: No such file or directory\n")


SHOWN = {
    "mls_welcome": "Welcome",
    "mls_group_info": "GroupInfo",
    "mls_key_package": "KeyPackage",
    "ratchet_tree": "RatchetTree",
    "group_secrets": "GroupSecrets",
    "add_proposal": "Add",
    "update_proposal": "Update",
    "remove_proposal": "Remove",
    "pre_shared_key_proposal": "PreSharedKey",
    "re_init_proposal": "ReInit",
    "external_init_proposal": "ExternalInit",
    "group_context_extensions_proposal": "GroupContextExtensions",
    "commit": "Commit",
    "public_message_application": "PublicMessage",
    "public_message_proposal": "PublicMessage",
    "public_message_commit": "PublicMessage",
    "private_message": "PrivateMessage",
}
"""The kinds of structures in the working group's vectors `messages`, by RFC 9420's names."""


def test_inspect_reads_every_kind_of_message():
    suite = cipher_suite(1)
    (case,) = messages(Source(suite, "inspect"))
    assert case.keys() == SHOWN.keys()
    for name, kind in SHOWN.items():
        data = bytes.fromhex(case[name])
        ambiguous = {
            "add_proposal": "KeyPackage or Add",  # an Add is a key package and nothing else
            "update_proposal": "LeafNode or Update",
            "group_context_extensions_proposal": "ExternalInit or GroupContextExtensions",
        }
        if name in ambiguous:
            with pytest.raises(DecodeError, match=f"as {ambiguous[name]}: say which one is meant"):
                inspect(data, suite)
            found = inspect(data, suite, kind)
        else:
            found = inspect(data, suite)
        assert found.kind == kind
        if kind == "RatchetTree":
            assert found.tree is not None
        else:
            assert found.structure[0] == kind


def test_inspect_of_a_kind_that_is_named(run, group, tmp_path):
    package = group.client("ann").key_package(group.randomness).package
    (tmp_path / "package").write_bytes(encode(package))
    status, _, err = run("mls", "inspect", "package")
    assert status == 2
    said = "these bytes can be read as KeyPackage or Add: say which one is meant (--as)"
    assert err == f"ttkem: {said}\n"
    status, out, _ = run("mls", "inspect", "package", "--as", "KeyPackage")
    assert status == 0
    assert out.startswith("KeyPackage\n")
    status, _, err = run("mls", "inspect", "package", "--as", "Welcome")
    assert status == 2
    assert err.startswith("ttkem: cannot read this as Welcome: at byte 5: ")
    status, _, err = run("mls", "inspect", "package", "--as", "Invitation")
    assert status == 2
    assert err.startswith(
        "ttkem: unknown kind of structure 'Invitation': choose from MLSMessage, RatchetTree, "
    )
    assert set(STRUCTURES) < set(KINDS) == set(COMMAND_KINDS)


def test_inspect_of_a_damaged_message_says_where(run, group, tmp_path):
    info = group["ann"].group_info()
    (tmp_path / "info").write_bytes(info[:-1])
    status, _, err = run("mls", "inspect", "info")
    assert status == 2
    assert err.startswith("ttkem: cannot read this MLSMessage: MLSMessage.message: ")
    assert "ratchet tree" not in err


def test_details_of_a_description(group):
    lines = list(describe((Extension(0x0A0A, b""), Extension(0xF00, bytes(40)))))
    assert lines == [
        "2",
        "  [0]: 0x0a0a (GREASE),  (0 bytes)",
        f"  [1]: 3840, {'00' * 16}… (40 bytes)",
    ]
    assert list(describe((1, 0x1A1A), "numbers")) == ["numbers: 1, 0x1a1a (GREASE)"]
    assert list(describe(())) == ["none"]
    assert list(describe(None, "path")) == ["path: none"]
    own = group.key_package("eve")
    lone = Member.create(group.clients["eve"], b"x", group.randomness)
    assert "OtherCredential [0]" in draw(group.config.suite, lone.state.tree)
    assert own.package.cipher_suite == 1


def test_a_group_info_of_an_unknown_suite(group):
    info = read_message(group["ann"].group_info())
    other = replace(info, group_context=replace(info.group_context, cipher_suite=999))
    found = inspect(write_message(other), cipher_suite(1))
    assert (found.tree, found.suite) == (None, None)


def test_illegal_messages_are_written_and_refused(run, tmp_path, monkeypatch):
    monkeypatch.setattr(illegal_rules, "RULES", illegal_rules.RULES[::12])
    status, out, _ = run("mls", "illegal", "--out", "out", "--seed", "5")
    assert status == 0
    cases = json.loads((tmp_path / "out" / "illegal.json").read_text())
    assert f"{len(cases)} of {len(cases)} rules" in out
    assert "seed 5" in out
    monkeypatch.setattr(illegal_vectors, "judge", lambda case: None)
    status, out, _ = run("mls", "illegal")
    assert status == 1
    assert "not refused as the rule says: message-version, " in out


def test_checking_vectors(run, tmp_path):
    status, _, err = run("vectors", "check", tmp_path)
    assert status == 2
    assert "cannot find test vectors" in err
    cases = vectors("tree-math")[:2]
    (tmp_path / "tree-math.json").write_text(json.dumps(cases))
    status, out, _ = run("vectors", "check", tmp_path)
    assert status == 0
    assert "2 of 2 cases pass" in out
    (tmp_path / "tree-math.json").write_text(json.dumps([cases[0], cases[1] | {"root": 9}]))
    status, out, _ = run("vectors", "check", tmp_path)
    assert status == 1
    assert "tree-math 1: VectorError: root is 1, the vector says 9" in out
    status, out, _ = run("vectors", "check", tmp_path, "--format", "json")
    assert status == 1
    assert json.loads(out)["passed"] == {"tree-math": 1}


def test_generating_vectors(run, tmp_path):
    status, out, _ = run("vectors", "generate", "made", "--suite", "1", "--seed", "4")
    assert status == 0
    assert "in 16 files; seed 4" in out
    status, out, _ = run("vectors", "check", "made", "--format", "json")
    found = json.loads(out)
    assert (status, found["failed"], len(found["passed"])) == (0, [], 16)
