"""For mutants of Tainted TreeKEM's rules, runs from the start that refute the claims."""

from dataclasses import dataclass, replace

import pytest
from treekem_proofs import SAFE, mutant, slowly

from proofs import (
    equal_transcripts,
    fork_secrets,
    forks,
    joiner,
    knowledge_acyclic,
    removed_member,
    taint_remembers,
    tree_paths,
)
from proofs.treekem.tainted import Member, Node, Op, Secret
from ttkem.verification.induction import find_run

GROUP_KEY = "the group key of a safe operation is not known"


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
        "no key of a safe operation is known",
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
        "one transcript one key",
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
        "no member among them so no key is known",
    ),
    Attack(
        removed_member,
        "ciphertexts go to the removed member",
        "sample init key, create, confirm, look, remove, derive",
        "no member among them so no key is known",
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
        "a member that saw it taints it",
    ),
    Attack(
        taint_remembers,
        "an update clears its author's taints",
        "create, confirm, update",
        "a member that saw it taints it",
    ),
)


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
