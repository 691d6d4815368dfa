"""Inductive proofs about Tainted TreeKEM; for each seeded bug the proof that fails, and how."""

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
import z3
from mutants import MATRIX
from z3 import And, Not

from agreement.verdict import Verdict
from proofs import (
    CLAIMS,
    equal_transcripts,
    fork_secrets,
    forks,
    joiner,
    knowledge_acyclic,
    removed_member,
    root_seed_sink,
    safe_not_derivable,
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
from proofs.treekem.clauses import clauses
from proofs.treekem.mutants import HISTORY_MUTANTS, MUTANTS, READING_MUTANTS, WINDOW_MUTANTS
from proofs.treekem.predicates import RULES
from proofs.treekem.rules import transitions
from proofs.treekem.tainted import STATE, Member, Node, Op, Secret
from ttkem.verification.claim import Refutes
from ttkem.verification.induction import find_run, induct, prove
from ttkem.verification.refuting_run import refuting_run
from ttkem.verification.runner import run
from ttkem.verification.system import declare, every

TWINS = {
    tree_paths: "paths: generate: newest keys",
    taint_remembers: "taints: update: who has seen it taints it",
    equal_transcripts: "histories: not 'one transcript, one key'",
    forks: "histories: process: apart for good",
    fork_secrets: "forks: create: keys are sampled on the way",
    removed_member: "outsiders: not 'none of them a member, so not known'",
    joiner: "joiner: not 'nothing of the view before an add'",
    knowledge_acyclic: "knowledge graph: create: the order is strict",
    root_seed_sink: "root seeds: make: root seeds and group keys are no key pairs",
    safe_not_derivable: "safe keys: not 'safe, so the group key is not known'",
}
"""The proofs, each with the question at which its twin fails, or the property if a run does it."""


def mutant(proof, name):
    """Return the proof's system with one rule replaced."""
    if name in WINDOW_MUTANTS:
        return proof.system(windows=WINDOW_MUTANTS[name])
    if proof is tree_paths:
        return proof.system(READING_MUTANTS[name])
    if proof in {forks, equal_transcripts}:
        return proof.system(HISTORY_MUTANTS[name])
    return proof.system(MUTANTS[name])


@dataclass(frozen=True)
class Row:
    """A mutant of the rules, and the proof that fails of it."""

    mutant: str
    """Called as in the list of seeded bugs, if it is there."""
    proof: object
    fails: str
    """The question that has a counterexample then: the transition, and the clause."""
    seeded: bool = True
    """Whether it is in the list of seeded bugs."""
    slow: bool = False


SAFE = safe_not_derivable
TABLE = (
    Row("nobody taints anything", SAFE, "create: a known secret has a compromised guard"),
    Row("nobody taints anything", taint_remembers, "create: who has seen it taints it"),
    Row("a creator taints nothing", SAFE, "create: a known secret has a compromised guard"),
    Row("whoever adds taints nothing", SAFE, "add: a known secret has a compromised guard"),
    Row(
        "whoever removes taints nothing",
        SAFE,
        "remove: a known secret has a compromised guard",
        slow=True,
    ),
    Row(
        "an update clears its author's taints",
        SAFE,
        "update: a known secret has a compromised guard",
    ),
    Row(
        "an update clears its author's taints", taint_remembers, "update: who has seen it taints it"
    ),
    Row(
        "an update does not re-key what its author taints",
        SAFE,
        "update: guards are still there",
    ),
    Row(
        "a remove does not re-key what the removed one taints",
        SAFE,
        "remove: members taint nodes",
    ),
    Row(
        "a remove does not re-key the path of the removed one",
        removed_member,
        "remove: guards are still there",
        seeded=False,
    ),
    Row(
        "an add does not re-key the path of the new member",
        joiner,
        "add: whoever is below guards",
        seeded=False,
    ),
    Row(
        "an add does not re-key the path of the new member",
        tree_paths,
        "create: new paths are refreshed",
        seeded=False,
    ),
    Row(
        "what is above a tainted node is not re-keyed",
        SAFE,
        "update: guards are still there",
        slow=True,
    ),
    Row(
        "the former tainter stays",
        SAFE,
        "update: a known secret has a compromised guard",
        slow=True,
    ),
    Row(
        "the former tainter stays", taint_remembers, "update: who has seen it taints it", slow=True
    ),
    Row(
        "an update leaves the author's leaf as it was",
        SAFE,
        "update: a renewed leaf is of one operation",
    ),
    Row("ciphertexts go to the keys from before", SAFE, "update: guards guard what is given"),
    Row("ciphertexts go to the keys from before", tree_paths, "generate: newest keys"),
    Row(
        "ciphertexts go to the removed member",
        removed_member,
        "update: guards guard what is given",
        seeded=False,
    ),
    Row("confirm keeps the other pending operations", SAFE, "confirm: pending after the place"),
    Row("processing a message keeps what is pending", SAFE, "process: pending after the place"),
    Row("a join keeps what is pending", SAFE, "join: pending after the place"),
    Row("reject does nothing", SAFE, "reject: pending leaf secrets are alive"),
    Row(
        "a removed member keeps the group",
        SAFE,
        "process own removal: held leaf secrets are alive",
    ),
    Row(
        "a removed member keeps pending operations",
        SAFE,
        "process own removal: pending nowhere else",
    ),
    Row("an init secret stays after joining", SAFE, "join: a used init secret is not unused"),
    Row(
        "discarding key packages does nothing",
        SAFE,
        "erase init keys: unused init secrets are alive",
    ),
    Row(
        "a window begins where the update is confirmed",
        SAFE,
        "update: pending leaf secrets are alive",
    ),
    Row(
        "a window ends where the next update is made",
        SAFE,
        "update: held leaf secrets are alive",
    ),
    Row(
        "a joiner's window begins at the add",
        SAFE,
        "sample init key: unused init secrets are alive",
    ),
    Row("an add ends its author's window", SAFE, "add: held leaf secrets are alive"),
    Row(
        "an operation refreshes others' leaves",
        tree_paths,
        "create: leaves of others are not refreshed",
        seeded=False,
    ),
    Row("secrets of former places are kept", tree_paths, "finish: a member holds its path"),
    Row(
        "every node of a chain has its own uniform seed",
        tree_paths,
        "create: chains give",
    ),
    Row(
        "neither epoch nor transcript is compared",
        SAFE,
        "process: a used init secret is not unused",
    ),
    Row("neither epoch nor transcript is compared", forks, "process: apart for good"),
    Row(
        "neither epoch nor transcript is compared",
        tree_paths,
        "begin to process: read after the place",
    ),
    Row(
        "the transcript hash never changes",
        equal_transcripts,
        "create: only hashes of what is made are known",
    ),
    Row("randomness is not drawn", knowledge_acyclic, "create: the order is strict"),
    Row("randomness is not drawn", fork_secrets, "create: keys are sampled on the way"),
)

GROUP_KEY = "safe, so the group key is not known"


@dataclass(frozen=True)
class Attack:
    """A run from the start that refutes what is claimed of a mutant."""

    proof: object
    mutant: str
    steps: str
    against: str
    """The property that fails in the end."""
    slow: bool = False
    sizes: tuple[int, int, int, int] | None = None
    """Members, nodes, operations, secrets, if others than usual."""


ATTACKS = (
    Attack(
        SAFE,
        "nobody taints anything",
        "create, confirm, update, derive",
        GROUP_KEY,
        slow=True,
    ),
    Attack(
        SAFE,
        "an update does not re-key what its author taints",
        "create, confirm, update, derive",
        GROUP_KEY,
    ),
    Attack(
        SAFE,
        "ciphertexts go to the keys from before",
        "create, confirm, update, derive",
        GROUP_KEY,
        slow=True,
    ),
    Attack(
        SAFE,
        "randomness is not drawn",
        "create, confirm, corrupt, update",
        GROUP_KEY,
        slow=True,
    ),
    Attack(
        SAFE,
        "reject does nothing",
        "create, reject, corrupt",
        GROUP_KEY,
    ),
    Attack(
        SAFE,
        "discarding key packages does nothing",
        "sample init key, create, erase init keys, corrupt, derive",
        GROUP_KEY,
    ),
    Attack(
        SAFE,
        "a join keeps what is pending",
        "create, sample init key, create, join, corrupt",
        GROUP_KEY,
        slow=True,
    ),
    Attack(
        SAFE,
        "confirm keeps the other pending operations",
        "create, confirm, update, update, confirm, corrupt",
        GROUP_KEY,
        slow=True,
    ),
    Attack(
        SAFE,
        "processing a message keeps what is pending",
        "sample init key, create, confirm, join, update, update, process, corrupt",
        GROUP_KEY,
        slow=True,
    ),
    Attack(
        SAFE,
        "an update clears its author's taints",
        "create, confirm, update, confirm, update, derive",
        GROUP_KEY,
        slow=True,
    ),
    Attack(
        SAFE,
        "ciphertexts go to the removed member",
        "sample init key, create, confirm, corrupt, remove, derive",
        GROUP_KEY,
        slow=True,
    ),
    Attack(
        SAFE,
        "a removed member keeps the group",
        "sample init key, create, confirm, join, remove, process own removal, corrupt",
        GROUP_KEY,
        slow=True,
    ),
    Attack(
        SAFE,
        "an init secret stays after joining",
        "sample init key, create, confirm, join, update, confirm, corrupt, derive",
        GROUP_KEY,
        slow=True,
    ),
    Attack(
        SAFE,
        "an add does not re-key the path of the new member",
        "create, confirm, sample init key, add, join, corrupt",
        GROUP_KEY,
        slow=True,
    ),
    Attack(
        SAFE,
        "a remove does not re-key the path of the removed one",
        "sample init key, sample init key, create, confirm, corrupt, derive, remove, derive",
        GROUP_KEY,
        slow=True,
    ),
    Attack(
        SAFE,
        "a window begins where the update is confirmed",
        "create, confirm, update, corrupt",
        GROUP_KEY,
    ),
    Attack(
        SAFE,
        "a window ends where the next update is made",
        "create, confirm, update, corrupt",
        GROUP_KEY,
        slow=True,
    ),
    Attack(
        SAFE,
        "a joiner's window begins at the add",
        "sample init key, corrupt, create, derive",
        GROUP_KEY,
        slow=True,
    ),
    Attack(
        SAFE,
        "an add ends its author's window",
        "create, confirm, sample init key, add, corrupt",
        GROUP_KEY,
        slow=True,
    ),
    Attack(
        SAFE,
        "a creator taints nothing",
        "create, confirm, update, derive",
        GROUP_KEY,
    ),
    Attack(
        SAFE,
        "whoever adds taints nothing",
        "create, confirm, sample init key, add, confirm, update, derive",
        GROUP_KEY,
        slow=True,
    ),
    Attack(
        SAFE,
        "whoever removes taints nothing",
        "sample init key, create, confirm, remove, confirm, update, derive",
        GROUP_KEY,
        slow=True,
    ),
    Attack(
        SAFE,
        "a remove does not re-key what the removed one taints",
        "sample init key, create, join, remove, derive",
        GROUP_KEY,
    ),
    Attack(
        SAFE,
        "what is above a tainted node is not re-keyed",
        "sample init key, sample init key, create, confirm, join, update, process, update, derive, "
        "derive",
        GROUP_KEY,
        slow=True,
        sizes=(3, 3, 3, 12),
    ),
    Attack(
        SAFE,
        "the former tainter stays",
        "sample init key, sample init key, sample init key, create, join, remove, confirm, update",
        "safe, so no key is known",
        slow=True,
        sizes=(4, 2, 3, 10),
    ),
    Attack(
        SAFE,
        "a removed member keeps pending operations",
        "sample init key, create, confirm, join, update, remove, process own removal, corrupt",
        GROUP_KEY,
        slow=True,
    ),
    Attack(
        tree_paths,
        "every node of a chain has its own uniform seed",
        "create, begin to join, open, derive",
        "what a member gets is of its path",
    ),
    Attack(
        forks,
        "neither epoch nor transcript is compared",
        "create, confirm, join, generate, generate, confirm, confirm, process",
        "apart for good",
    ),
    Attack(
        equal_transcripts,
        "the transcript hash never changes",
        "create, create, confirm, confirm",
        "one transcript, one key",
    ),
    Attack(
        tree_paths,
        "ciphertexts go to the keys from before",
        "create, confirm, begin to join, open, open, finish, generate, begin to process, "
        "keep, open",
        "what is refreshed can be read from a child",
        slow=True,
    ),
    Attack(
        tree_paths,
        "secrets of former places are kept",
        "create, confirm, begin to join, open, finish, generate, begin to process, keep, "
        "open, finish",
        "a member holds its path",
        slow=True,
    ),
    Attack(
        tree_paths,
        "an add does not re-key the path of the new member",
        "create, confirm, generate, begin to join",
        "what is not refreshed can be kept",
    ),
    Attack(
        tree_paths,
        "an operation refreshes others' leaves",
        "create, confirm, begin to join, open, finish, generate, begin to process",
        "the lowest missing node can be read",
    ),
    Attack(
        removed_member,
        "a remove does not re-key the path of the removed one",
        "sample init key, create, join, remove",
        "none of them a member, so not known",
    ),
    Attack(
        removed_member,
        "ciphertexts go to the removed member",
        "sample init key, create, confirm, look, remove, derive",
        "none of them a member, so not known",
    ),
    Attack(
        joiner,
        "an add does not re-key the path of the new member",
        "create, confirm, sample init key, add, join, look",
        "nothing of the view before an add",
    ),
    Attack(
        knowledge_acyclic,
        "randomness is not drawn",
        "create, confirm, update, lead, lead",
        "no cycles",
    ),
    Attack(
        fork_secrets,
        "randomness is not drawn",
        "create, confirm, update",
        "no two operations have one group key",
    ),
    Attack(
        taint_remembers,
        "the former tainter stays",
        "sample init key, create, confirm, join, update",
        "who has seen it taints it",
    ),
    Attack(
        taint_remembers,
        "an update clears its author's taints",
        "create, confirm, update",
        "who has seen it taints it",
    ),
)


def slowly(rows, slow):
    return [pytest.param(row, marks=pytest.mark.slow) if slow(row) else row for row in rows]


def quiet(how):
    del how


@pytest.mark.sample(10)
@pytest.mark.parametrize("proof", TWINS, ids=lambda proof: proof.CLAIM.name)
def test_a_claim_holds_and_its_twin_is_refuted(proof):
    result = run(proof.CLAIM, quiet)
    assert result.finding.verdict is Verdict.HOLDS, result.finding.shown
    assert result.twin.verdict is Verdict.REFUTED, result.twin.shown
    assert result.twin.shown.startswith(f"{TWINS[proof]}\n")


def test_a_twin_is_refuted_by_a_run_and_its_proof_fails_too():
    steps, against = "create, create, confirm, confirm", "one transcript, one key"
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


@pytest.mark.sample(18)
@pytest.mark.parametrize(
    "attack",
    slowly(ATTACKS, lambda attack: attack.slow),
    ids=lambda attack: f"{attack.proof.CLAIM.name}, {attack.mutant}",
)
def test_a_run_refutes_the_claim_of_a_mutant(attack):
    steps = attack.steps.split(", ")
    universe = attack.proof.system().universe
    if attack.proof not in {forks, equal_transcripts}:
        made = sum(step in {"create", "update", "add", "remove", "generate"} for step in steps)
        members = 2 + (steps.count("sample init key") > 1)
        nodes = 2 + (attack.proof is tree_paths)
        sizes = attack.sizes or (members, nodes, made, 9 - 4 * (nodes > 2))
        universe = dict(zip((Member, Node, Op, Secret), sizes, strict=True))
    broken = replace(mutant(attack.proof, attack.mutant), universe=universe)
    found = find_run(broken, steps, attack.against)
    assert found is not None
    assert [line.partition(":")[0] for line in found.drawn.split("\n")[1::2]] == steps
    true = replace(attack.proof.system(), universe=universe)
    assert find_run(true, steps, attack.against) is None


def test_who_is_never_stuck_needs_paths_with_a_child_at_every_inner_node():
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
        clauses(always, always)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("proof", TWINS, ids=lambda proof: proof.CLAIM.name)
def test_no_proof_hangs_on_luck(proof, seed):
    z3.set_param("smt.random_seed", seed)
    try:
        assert proof.CLAIM.check(quiet).verdict is Verdict.HOLDS
    finally:
        z3.set_param("smt.random_seed", 0)
