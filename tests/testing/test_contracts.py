"""Contracts: their names, their lines, how a designer declares them, and what they mean."""

from typing import Any

import pytest

from ttkem.blanking import treekem_with_commit
from ttkem.crypto.recording import Recorder, recording
from ttkem.errors import LocalError
from ttkem.mls.cgka import mls_cgka
from ttkem.tainted import tainted_treekem
from ttkem.testing import (
    CONTRACTS,
    Contract,
    Failure,
    Forward,
    Healing,
    Run,
    carry_out,
    contract_named,
    contract_of,
)
from ttkem.testing.directed import every_pair_of_operations

NAIVE = Contract("naive MLS", Healing.OWN_OPERATION, Forward.EVERY_EPOCH)


@pytest.fixture(autouse=True, scope="module")
def _primitives_replaced_once():
    with recording(Recorder()):
        yield


def protocol_with(**attributes):
    return type("Mine", (), {"name": "mine", **attributes})()


def test_a_contract_is_found_by_name_or_given():
    assert contract_of(protocol_with(contract="never heals")) is CONTRACTS["never heals"]
    assert contract_of(protocol_with(contract=NAIVE)) is NAIVE
    assert contract_of(protocol_with(contract=NAIVE), "MLS") is contract_named("MLS")
    assert contract_of(mls_cgka()).name == "MLS"
    assert contract_of(mls_cgka(path_in_adds=False)).healing is Healing.OWN_UPDATE
    assert contract_of(tainted_treekem()) == CONTRACTS["Tainted TreeKEM"]
    lacking = contract_of(protocol_with(lacks=("healing", "forward-secrecy")))
    assert (lacking.healing, lacking.forward) == (Healing.NEVER, Forward.NEVER)


def test_an_unknown_contract_lists_the_known_ones():
    with pytest.raises(LocalError, match="unknown contract 'X': choose from Tainted TreeKEM, MLS"):
        contract_of(tainted_treekem(), "X")
    with pytest.raises(LocalError, match=r"mine\.contract is a int: set it to a"):
        contract_of(protocol_with(contract=3))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((3, Healing.NEVER, Forward.NEVER), "name must be a str, not 3"),
        (("x", "never", Forward.NEVER), "healing must be a Healing, not 'never'"),
        (("x", Healing.NEVER, Healing.NEVER), "forward must be a Forward, not <Healing"),
        (("x", Healing.NEVER, Forward.NEVER, "all"), "together must be a Forward, not 'all'"),
        (("x", Healing.NEVER, Forward.OWN_UPDATE, Forward.EVERY_EPOCH), "weaken `together`"),
    ],
)
def test_a_contract_must_make_sense(parts, words):
    with pytest.raises(LocalError, match=f"cannot make .*{words}"):
        Contract(*parts)


def test_a_contract_against_several_leaks():
    assert NAIVE.joint is NAIVE
    joint = CONTRACTS["MLS"].joint
    assert (joint.healing, joint.forward) == (Healing.OWN_OPERATION, Forward.OWN_OPERATION)
    assert joint.joint is joint


def play(protocol, contract, *operations):
    """Judge a run in which ann creates a group of three and others act, by a contract."""
    run = Run(protocol, "s", ("ann", "bob", "cat"), recorded_only=True, contract=contract)
    run.accept(run.create("ann", "bob", "cat"))
    for who, *whom in operations:
        run.accept(run.remove(who, *whom) if whom else run.update(who))
    run.judge()


PROTOCOLS: dict[str, Any] = {
    "TTKEM": tainted_treekem,
    "TKEM_commit": treekem_with_commit,
    "MLS": mls_cgka,
}
UPDATES = (("ann",), ("bob",), ("ann",))
REMOVES = (("bob", "cat"), ("ann",))
HOLDS, HEALS, FORWARD, JOINT = "", "post-compromise security", "forward secrecy", "leaks together"
OWN_OPERATION = Contract("own operation", Healing.OWN_OPERATION, Forward.OWN_OPERATION)
OWN_HEALS = Contract("own operations heal", Healing.OWN_OPERATION, Forward.NEVER)
ALL_HEAL = Contract("all operations heal", Healing.ANY_EPOCH, Forward.NEVER)
EVERY_EPOCH = Contract("every epoch", Healing.NEVER, Forward.EVERY_EPOCH, Forward.NEVER)


@pytest.mark.parametrize(
    ("name", "contract", "operations", "broken"),
    [
        ("TTKEM", CONTRACTS["Tainted TreeKEM"], UPDATES + REMOVES, HOLDS),
        ("TTKEM", ALL_HEAL, UPDATES, HEALS),
        ("TTKEM", EVERY_EPOCH, UPDATES, FORWARD),
        ("TTKEM", CONTRACTS["nothing"], UPDATES + REMOVES, HOLDS),
        ("TTKEM", OWN_OPERATION, UPDATES, HOLDS),
        ("TTKEM", OWN_HEALS, REMOVES, HEALS),
        ("TKEM_commit", OWN_OPERATION, UPDATES + REMOVES, HOLDS),
        ("MLS", CONTRACTS["MLS"], UPDATES + REMOVES, HOLDS),
        ("MLS", EVERY_EPOCH, UPDATES + REMOVES, HOLDS),
        ("MLS", CONTRACTS["per epoch"], UPDATES, HEALS),
        ("MLS", NAIVE, UPDATES, JOINT),
    ],
)
def test_what_contracts_say_of_protocols(name, contract, operations, broken):
    if broken:
        with pytest.raises(Failure) as caught:
            play(PROTOCOLS[name](), contract, *operations)
        assert caught.value.rule == broken
        assert contract.name in caught.value.seen
        assert "the group key of op" in caught.value.story[-1]
    else:
        play(PROTOCOLS[name](), contract, *operations)


def test_a_check_judges_by_the_given_contract():
    check = every_pair_of_operations
    result = carry_out(check, tainted_treekem(), "1", shrunk=False, contract=ALL_HEAL)
    assert result.broken == HEALS
