"""The working group's test vectors all pass, and the checkers reject changed vectors."""

import copy
import json

import pytest
from mls_vectors import vectors

from ttkem.errors import LocalError, RemoteError
from ttkem.mls.messages.content import ApplicationContent
from ttkem.testing.mls.vectors import CHECKS, check_case, check_folder, check_framing
from ttkem.testing.mls.vectors.check import VectorError
from ttkem.testing.mls.vectors.generate import GENERATORS, generate

COUNTS = {
    "crypto-basics": 7,
    "deserialization": 14,
    "key-schedule": 7,
    "message-protection": 7,
    "messages": 300,
    "passive-client-handling-commit": 91,
    "passive-client-welcome": 56,
    "psk_secret": 77,
    "secret-tree": 21,
    "transcript-hashes": 7,
    "tree-math": 10,
    "tree-operations": 5,
    "tree-validation": 98,
    "treekem": 77,
    "welcome": 7,
}


@pytest.mark.parametrize("name", COUNTS)
def test_the_first_case_passes_and_every_fifth(name):
    for case in vectors(name)[::5]:
        check_case(CHECKS[name], case)


@pytest.mark.thorough
@pytest.mark.parametrize("name", COUNTS)
def test_every_case_passes(name):
    cases = vectors(name)
    for case in cases:
        check_case(CHECKS[name], case)
    assert len(cases) == COUNTS[name]


def places(value, at=()):
    """Yield the places of strings and numbers in a case, as tuples of keys and indices."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*at, key))
    elif isinstance(value, list):
        for number, item in enumerate(value[:3]):
            yield from places(item, (*at, number))
    elif isinstance(value, str | int):
        yield at


def changed(case, place):
    """Return a copy of a case with the last digit of the value at a place changed."""
    case = copy.deepcopy(case)
    *path, last = place
    holder = case
    for step in path:
        holder = holder[step]
    old = holder[last]
    holder[last] = old + 1 if isinstance(old, int) else old[:-1] + ("1" if old[-1:] == "0" else "0")
    return case


FREE = {
    # fields whose changed value may be just as valid, so that a checker cannot notice
    "passive-client-handling-commit": {"psk_id", "psk"},
    "passive-client-welcome": {"psk_id", "psk"},
    "secret-tree": {"ciphertext"},
    "tree-operations": {"cipher_suite", "proposal", "proposal_sender"},
}


@pytest.mark.parametrize("name", [name for name in COUNTS if name != "messages"])
def test_a_changed_vector_is_noticed(name):
    case = vectors(name)[-1]
    tried = 0
    for place in list(places(case))[:40]:
        if place[-1] in (FREE.get(name) or set()):
            continue
        tried += 1
        with pytest.raises((RemoteError, LocalError)):
            check_case(CHECKS[name], changed(case, place))
    assert tried


def test_a_message_with_bytes_after_it_is_noticed():
    case = vectors("messages")[0]
    for name in ("commit", "ratchet_tree", "mls_welcome"):
        with pytest.raises(RemoteError):
            check_case(CHECKS["messages"], case | {name: case[name] + "00"})


def wrong_kind(name, case):
    return {
        "passive-client-welcome": case | {"key_package": case.get("welcome")},
        "welcome": case | {"key_package": case.get("welcome")},
        "transcript-hashes": case,
    }[name]


def test_malformed_cases():
    for case in ({}, {"cipher_suite": "one"}, {"cipher_suite": 1, "psks": 7}):
        with pytest.raises(RemoteError):
            check_case(CHECKS["psk_secret"], case)
    for name in ("passive-client-welcome", "welcome"):
        with pytest.raises(VectorError, match="key_package is not a KeyPackage"):
            check_case(CHECKS[name], wrong_kind(name, vectors(name)[0]))
    (case, *_) = vectors("tree-operations")
    psk = vectors("messages")[0]["pre_shared_key_proposal"]
    with pytest.raises(VectorError, match="cannot apply a PreSharedKey"):
        check_case(CHECKS["tree-operations"], case | {"proposal": "0004" + psk})
    (case, *_) = vectors("message-protection")
    package = vectors("welcome")[0]["key_package"]
    with pytest.raises(VectorError, match="got a KeyPackage"):
        check_case(CHECKS["message-protection"], case | {"proposal_priv": package})
    (case, *_) = vectors("transcript-hashes")
    content = bytes.fromhex(vectors("message-protection")[0]["proposal_pub"])
    with pytest.raises(VectorError, match="authenticated_content is not a Commit"):
        check_case(
            CHECKS["transcript-hashes"],
            case | {"authenticated_content": content[2:-33].hex()},
        )


def test_a_welcome_for_other_key_packages():
    one, other = vectors("welcome")[0], vectors("welcome")[2]
    with pytest.raises(VectorError, match="for other key packages"):
        check_case(CHECKS["welcome"], one | {"key_package": other["key_package"]})


def test_a_folder(tmp_path):
    with pytest.raises(LocalError, match="cannot find test vectors in"):
        list(check_folder(tmp_path))
    cases = vectors("tree-math")[:3]
    wrong = cases[1] | {"root": 7}
    (tmp_path / "tree-math.json").write_text(json.dumps([cases[0], wrong]))
    assert list(check_folder(tmp_path)) == [
        ("tree-math", 0, 2, None),
        ("tree-math", 1, 2, "VectorError: root is 1, the vector says 7"),
    ]
    (tmp_path / "tree-math.json").write_text("{")
    with pytest.raises(VectorError, match="Expecting"):
        list(check_folder(tmp_path))


@pytest.mark.parametrize("text", ["{}", "[]", "7", '{"n_leaves": 1}'])
def test_a_file_without_cases_is_an_error(tmp_path, text):
    (tmp_path / "tree-math.json").write_text(text)
    with pytest.raises(
        RemoteError, match=r"tree-math\.json: it must be a list of at least one case"
    ):
        list(check_folder(tmp_path))


def test_a_public_message_with_application_data_would_be_noticed(monkeypatch):
    (case, *_) = vectors("message-protection")
    honest = check_framing.public_message

    def lax(case, content, context):
        if isinstance(content, ApplicationContent):
            return None
        return honest(case, content, context)

    monkeypatch.setattr(check_framing, "public_message", lax)
    with pytest.raises(VectorError, match="was accepted in a PublicMessage"):
        check_case(CHECKS["message-protection"], case)


@pytest.mark.sample(3)
@pytest.mark.parametrize("name", list(GENERATORS))
def test_our_own_vectors_pass_and_have_the_same_fields(name):
    cases = generate(name, 3, (2, 5))
    for case in cases:
        check_case(CHECKS[name], case)
    if name in COUNTS:
        assert cases[0].keys() == vectors(name)[0].keys()


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    "name", ["treekem", "passive-client-random", "passive-client-handling-commit"]
)
def test_the_same_seed_gives_the_same_vectors(name):
    assert generate(name, 3, (1,)) == generate(name, 3, (1,)) != generate(name, 4, (1,))


def test_vectors_without_randomness_are_the_same_for_any_suite():
    assert generate("tree-math") == generate("tree-math", suites=(3,))
