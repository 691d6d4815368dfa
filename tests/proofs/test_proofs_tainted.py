"""Inductive proofs about Tainted TreeKEM hold, and for each mutant of the rules one fails."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import z3
from mutants import MATRIX
from treekem_proofs import SAFE, TABLE, TWINS, mutant, quiet, slowly
from z3 import And, Not

from agreement.verdict import Verdict
from proofs import (
    CLAIMS,
    equal_transcripts,
    taint_remembers,
    tree_paths,
)
from proofs.treekem import (
    key_guards,
    operations,
    predicates,
    reading,
    tainted,
    transcripts,
    windows,
)
from proofs.treekem import rules as steps
from proofs.treekem.clauses import named_clauses
from proofs.treekem.mutants import HISTORY_MUTANTS, MUTANTS, READING_MUTANTS, WINDOW_MUTANTS
from proofs.treekem.predicates import RULES
from proofs.treekem.rules import transitions
from proofs.treekem.tainted import STATE, Member, Node, Op, Secret
from ttkem.verification.claim import Refutes
from ttkem.verification.induction import find_run, induct, prove
from ttkem.verification.refuting_run import refuting_run
from ttkem.verification.runner import run
from ttkem.verification.system import declare, every


@pytest.mark.parametrize(
    "proof",
    [
        pytest.param(proof, marks=() if proof is equal_transcripts else pytest.mark.thorough)
        for proof in TWINS
    ],
    ids=lambda proof: proof.CLAIM.name,
)
def test_a_claim_holds_and_its_twin_is_refuted(proof):
    result = run(proof.CLAIM, quiet)
    assert result.finding.verdict is Verdict.HOLDS, result.finding.shown
    assert result.twin.verdict is Verdict.REFUTED, result.twin.shown
    assert result.twin.shown.startswith(f"{TWINS[proof]}\n")


@pytest.mark.thorough
def test_a_twin_is_refuted_by_a_run_and_its_proof_fails_too():
    steps, against = "create, create, confirm, confirm", "one transcript one key"
    broken, true = (
        mutant(equal_transcripts, equal_transcripts.CLAIM.twin),
        equal_transcripts.system(),
    )
    finding = refuting_run(broken, steps.split(", "), against, quiet)
    assert finding.refutes is Refutes.STATEMENT
    told, _, proof = finding.shown.partition("\nand the proof fails:\n")
    title, *run = told.split("\n")
    assert title == f"histories: not {against!r}"
    assert [line.partition(":")[0] for line in run][1::2] == steps.split(", ")
    assert proof.startswith("histories: create: only hashes of what is made are known\nbefore: ")
    finding = refuting_run(broken, ("create", "confirm"), against, quiet)
    assert finding.verdict is Verdict.UNKNOWN
    assert finding.shown.startswith(
        f"histories: after create, confirm, {against!r} was not seen to fail\n"
        "histories: create: only hashes of what is made are known\n"
    )
    assert refuting_run(true, steps.split(", "), against, quiet).verdict is Verdict.UNKNOWN


def test_all_claims_are_in_the_catalogue():
    assert {proof.CLAIM for proof in TWINS} <= set(CLAIMS)


@pytest.mark.parametrize(
    "row",
    slowly(TABLE, lambda row: row.slow or row.mutant == row.proof.CLAIM.twin),
    ids=lambda row: f"{row.proof.CLAIM.name}, {row.mutant}",
)
def test_the_proof_of_a_mutant_fails(row):
    whole = mutant(row.proof, row.mutant)
    step = row.fails.partition(":")[0]
    alone = {step: whole.transitions[step]}
    reason = {step: "the step alone is looked at"}
    finding = induct(replace(whole, transitions=alone, witnesses=(), unwitnessed=reason), quiet)
    assert finding.verdict is Verdict.REFUTED
    title, before, chosen, after = finding.shown.split("\n")
    assert title == f"{whole.name}: {row.fails}"
    assert before.startswith("before: ")
    assert chosen.startswith(f"{step}: ")
    assert after.startswith("after: ")


@pytest.mark.thorough
def test_the_cores_say_which_rules_and_axioms_a_proof_uses():
    safe, taints = (prove(proof.system(), quiet) for proof in (SAFE, taint_remembers))
    of_safe, of_taints = (
        {premise for core in result.used.values() for premise in core} for result in (safe, taints)
    )
    assert {
        "axiom: at or below is reflexive",
        "axiom: at or below is transitive",
        "update: path",
        "update: taints",
        "update: closed upwards",
        "remove: path",
        "remove: taints",
        "remove: closed upwards",
        "add: path of the target",
        "join: unused init key",
        "process: transcript",
    } <= of_safe
    assert "axiom: at or below is antisymmetric" not in of_safe
    assert {"remove: path", "remove: taints", "add: path of the target"} <= of_taints
    assert not any(premise.startswith("axiom: ") for premise in of_taints)


def test_every_mutant_breaks_a_proof():
    assert {row.mutant for row in TABLE} == {
        *MUTANTS,
        *WINDOW_MUTANTS,
        *READING_MUTANTS,
        *HISTORY_MUTANTS,
    }


def test_seeded_bugs_are_called_by_their_names():
    seeded = {mutant.name for mutant in MATRIX}
    for row in TABLE:
        assert (row.mutant in seeded) is row.seeded, row.mutant


def test_who_is_never_stuck_needs_paths_with_a_child_at_every_internal_node():
    """The transitions do not say so: here is a joiner who waits for ever at such a node."""

    def alone(s, m, q, v):
        below = every((Node,), lambda u: Not(And(reading.child(v, u), s.under(q, m, u))))
        missing = every((Secret,), lambda x: Not(s.got(m, v, x)))
        return And(s.reading(m, q), s.under(q, m, v), s.refreshed(q, v), missing, below)

    waits = replace(
        tree_paths.system(),
        properties=lambda s: {
            "not so": every((Member, Op, Node), lambda m, q, v: Not(alone(s, m, q, v)))
        },
        universe={Member: 2, Node: 2, Op: 1, Secret: 2},
    )
    found = find_run(waits, ["create", "confirm", "begin to join"], "not so")
    assert re.search(r"\nafter: reading\((m\d), o0\), got\(\1, n\d, s\d\)$", found.drawn)


@pytest.mark.sample(8)
@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_changes_its_own_transitions_only(name):
    """By the words of its description; most speak of one transition."""
    kinds = {
        "an update": {"update"},
        "a remove ": {"remove"},
        "an add": {"add"},
        "a creator": {"create"},
        "whoever adds": {"add"},
        "whoever removes": {"remove"},
        "confirm": {"confirm"},
        "processing": {"process"},
        "a join": {"join"},
        "reject": {"reject"},
        "neither": {"process", "process own removal"},
        "a removed member": {"process own removal"},
        "an init secret": {"join"},
        "discarding": {"erase init keys"},
        "ciphertexts go to the removed": {"update", "add", "remove"},
    }
    expected = {"create", "update", "add", "remove"}
    for words, changed in kinds.items():
        if name.startswith(words):
            expected = changed
    true, false = _texts(RULES), _texts(MUTANTS[name])
    assert {step for step in true if true[step] != false[step]} == expected


@cache
def _texts(rules):
    """Every transition, written out."""
    state = declare(STATE)
    texts = {}
    for name, transition in transitions(rules).items():
        chosen = declare(transition.chooses, "?")
        when = {each: rule.sexpr() for each, rule in transition.when(state, chosen).items()}
        then = {
            each: every(
                STATE[each][:-1], lambda *of, each=each, new=new: new(*of) == new(*of)
            ).sexpr()
            for each, new in transition.then(state, chosen).items()
        }
        texts[name] = (when, then)
    return texts


def test_what_is_trusted_imports_no_mutants():
    """Only negative twins, and tests, may speak of mutants."""
    trusted = (tainted, predicates, operations, steps, windows, key_guards, reading, transcripts)
    for module in trusted:
        assert "mutant" not in {name.partition("_")[0].lower() for name in vars(module)}
        text = Path(module.__file__).read_text()
        assert "treekem.mutants import" not in text
        assert "broken" not in text


def test_two_clauses_need_two_names():
    def always(s):
        del s
        return z3.BoolVal(val=True)

    with pytest.raises(AssertionError, match="two clauses have one name"):
        named_clauses(always, always)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("proof", TWINS, ids=lambda proof: proof.CLAIM.name)
def test_no_proof_hangs_on_luck(proof, seed):
    z3.set_param("smt.random_seed", seed)
    try:
        assert proof.CLAIM.check(quiet).verdict is Verdict.HOLDS
    finally:
        z3.set_param("smt.random_seed", 0)
