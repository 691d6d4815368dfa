"""The inductive proofs about Tainted TreeKEM; for each mutant of the rules, how its proof fails."""

from dataclasses import dataclass

import pytest

from proofs import (
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
from proofs.treekem.mutants import HISTORY_MUTANTS, MUTANTS, READING_MUTANTS, WINDOW_MUTANTS

TWINS = {
    tree_paths: "paths: generate: newest keys",
    taint_remembers: "taints: update: a member that saw it taints it",
    equal_transcripts: "histories: not 'one transcript one key'",
    forks: "histories: process: apart for good",
    fork_secrets: "forks: create: keys are sampled in their history",
    removed_member: "outsiders: not 'no member among them so no key is known'",
    joiner: "joiner: not 'nothing of the view before an add'",
    knowledge_acyclic: "knowledge graph: create: the order is strict",
    root_seed_sink: "root seeds: make: root seeds and group keys are no key pairs",
    safe_not_derivable: "safe keys: not 'the group key of a safe operation is not known'",
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
    Row("nobody taints anything", taint_remembers, "create: a member that saw it taints it"),
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
        "an update clears its author's taints",
        taint_remembers,
        "update: a member that saw it taints it",
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
        "the former tainter stays",
        taint_remembers,
        "update: a member that saw it taints it",
        slow=True,
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
    Row("randomness is not drawn", fork_secrets, "create: keys are sampled in their history"),
)


def slowly(rows, slow):
    return [pytest.param(row, marks=pytest.mark.slow) if slow(row) else row for row in rows]


def quiet(how):
    del how
