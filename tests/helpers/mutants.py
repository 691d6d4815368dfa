"""Seeded bugs: protocols with one rule broken each, and the layer that must notice.

``MATRIX`` is literal: name, rule, layer, and what the layer must say. A mutant is a patch of the
real code or a small subclass; :meth:`Mutant.protocol` gives the broken protocol as long as the
monkeypatch lives.
"""

from broken_members import (
    OwnSource,
)
from broken_rules import (
    SUITE,
    AddsHealToo,
    EndsWhereMade,
    JoinersStartWhereAdded,
    Late,
    NeverTainted,
    StaysTainted,
    add_does_not_blank,
    authors_path,
    chain_is_broken,
    chains_of_one,
    creator_taints_upper_half_only,
    former_tainter_stays,
    graph_with_first_source_only,
    graph_without_chains,
    key_is,
    model_with,
    no_fresh_leaf,
    no_resize,
    node_keys_by_h1,
    node_keys_without_h2,
    of_blanking,
    old_keys_are_used,
    one_tainted_node_only,
    patched,
    path_alone,
    randomness_is_ignored,
    remove_does_not_blank,
    step_up_is_identity,
    taint_on_own_path_stays,
    taint_plan,
    tainted_by_target,
    taints_healed_for_good,
    untainted,
    update_stops_below_the_root,
    windows_oracle,
    without_ancestors,
)
from member_mutants import MEMBERS
from mutant import Mutant
from mutants_mls import MLS
from mutants_silent import SILENT
from mutants_without_tree import WITHOUT_TREE

from ttkem.cgka import Kind, group, seeds
from ttkem.tainted import refresh

CORE = (
    *MEMBERS,
    # chains and derivation
    Mutant(
        "every node of a chain has its own uniform seed",
        "Delta_{i+1} = H1(Delta_i) (KPWK21 3)",
        "functional",
        "does not generate its public key",
        patched(seeds, "sample", chain_is_broken),
    ),
    Mutant(
        "randomness is not drawn",
        "Delta_0 uniform (KPWK21 3)",
        "specification",
        "the leaf secret differs",
        patched(seeds, "sample", randomness_is_ignored),
    ),
    Mutant(
        "a loaded member draws from a source of its own",
        "randomness is an argument (the house's rule 1)",
        "post-compromise",
        "the key of an update can be predicted",
        lambda _: OwnSource("TTKEM", SUITE, refresh.plan),
    ),
    Mutant(
        "ciphertexts go to the keys from before",
        "every ciphertext is under the newest key (specification T4)",
        "functional",
        "the ciphertext does not open with this key",
        old_keys_are_used,
    ),
    Mutant(
        "H1 is the identity",
        "H1 and H2 are domain-separated (KPWK21 3)",
        "specification",
        "the root seed differs",
        patched(seeds, "next_seed", step_up_is_identity),
    ),
    Mutant(
        "H2 is left out",
        "(pk_i, sk_i) = KeyGen(H2(Delta_i)) (KPWK21 3)",
        "specification",
        "the leaf secret differs",
        patched(seeds, "node_keys", node_keys_without_h2),
    ),
    Mutant(
        "H2 is H1",
        "H1 and H2 are domain-separated (KPWK21 3)",
        "functional",
        "one key, one purpose: ",
        patched(seeds, "node_keys", node_keys_by_h1),
    ),
    Mutant(
        "the group key is the root seed",
        "the group key is derived from root seed and transcript (specification T5)",
        "specification",
        "the group key differs",
        patched(group, "_next_state", key_is(lambda kdf, root, public: root)),
    ),
    Mutant(
        "the group key does not depend on the transcript",
        "the group key is derived from root seed and transcript (specification T5)",
        "specification",
        "the group key differs",
        patched(group, "_next_state", key_is(lambda k, r, p: k.derive_secret(r, b"group key"))),
    ),
    # taint rules
    Mutant(
        "nobody taints anything",
        "off path(i): taint(v) = i (specification T3)",
        "sampled secrets",
        "post-compromise security: ann's randomness of step",
        taint_plan(taints=untainted(*Kind)),
    ),
    Mutant(
        "a creator taints nothing",
        "right after create the nodes off the creator's path are tainted (specification T3)",
        "sampled secrets",
        "post-compromise security: ann's randomness of step",
        taint_plan(taints=untainted(Kind.CREATE)),
    ),
    Mutant(
        "whoever adds taints nothing",
        "off path(i): taint(v) = i (specification T3)",
        "sampled secrets",
        "post-compromise security: ann's randomness of step",
        taint_plan(taints=untainted(Kind.ADD)),
    ),
    Mutant(
        "whoever removes taints nothing",
        "off path(i): taint(v) = i (specification T3)",
        "sampled secrets",
        "post-compromise security: ",
        taint_plan(taints=untainted(Kind.REMOVE)),
    ),
    Mutant(
        "an update clears its author's taints",
        "a member's own taints survive its own update (specification T3)",
        "sampled secrets",
        "post-compromise security: ",
        taint_plan(taints=taints_healed_for_good),
    ),
    Mutant(
        "an update does not re-key what its author taints",
        "update: S = up(path(i) and all v with taint(v) = i) (specification T3)",
        "sampled secrets",
        "post-compromise security: ann's randomness of step",
        taint_plan(refreshed=path_alone(Kind.UPDATE)),
    ),
    Mutant(
        "a remove does not re-key what the removed one taints",
        "remove: S = up(path(j) and all v with taint(v) = j) (specification T3)",
        "functional",
        "cannot be tainted by leaf 0",
        taint_plan(refreshed=path_alone(Kind.REMOVE)),
    ),
    Mutant(
        "an update re-keys one tainted node only",
        "update: S = up(path(i) and all v with taint(v) = i) (specification T3)",
        "sampled secrets",
        "post-compromise security: ",
        taint_plan(refreshed=one_tainted_node_only),
    ),
    Mutant(
        "what is above a tainted node is not re-keyed",
        "up(X) is X with all its ancestors (specification T3)",
        "sampled secrets",
        "post-compromise security: ",
        taint_plan(refreshed=without_ancestors, chains=chains_of_one),
    ),
    Mutant(
        "the former tainter stays",
        "a refresh by another moves the taint to that member (specification T3)",
        "sampled secrets",
        "post-compromise security: ",
        taint_plan(taints=former_tainter_stays),
    ),
    Mutant(
        "who is added is blamed for what is sampled",
        "off path(i): taint(v) = i, the author (specification T3)",
        "functional",
        "cannot be tainted by leaf",
        taint_plan(taints=tainted_by_target),
    ),
    Mutant(
        "a refresh from below does not clear a taint",
        "on path(i): taint(v) = none (specification T3)",
        "functional",
        "cannot be tainted by leaf",
        taint_plan(taints=taint_on_own_path_stays),
    ),
    Mutant(
        "a creator taints the left half only",
        "right after create the nodes off the creator's path are tainted (specification T3)",
        "sampled secrets",
        "post-compromise security: ",
        taint_plan(taints=creator_taints_upper_half_only),
    ),
    Mutant(
        "a remove re-keys its author's path instead",
        "remove: S = up(path(j) ...) (specification T3)",
        "functional",
        "must succeed: ",
        taint_plan(refreshed=authors_path),
    ),
    Mutant(
        "a resized tree keeps its root",
        "the root is in S whenever the tree was resized (specification T3)",
        "functional",
        "group key: ann has none in epoch",
        taint_plan(refreshed=no_resize),
    ),
    # blanking
    Mutant(
        "a remove blanks nothing",
        "removing a member blanks its path (KPWK21 5)",
        "sampled secrets",
        "forward secrecy: dan's state after step",
        of_blanking(remove_does_not_blank),
    ),
    Mutant(
        "an add blanks nothing",
        "adding a member blanks its path (KPWK21 5)",
        "functional",
        "two errors only: ",
        of_blanking(add_does_not_blank),
    ),
    Mutant(
        "an update stops below the root",
        "an update re-keys the author's path (KPWK21 5)",
        "functional",
        "group key: ann has none in epoch",
        of_blanking(update_stops_below_the_root),
    ),
    Mutant(
        "a commit leaves the author's leaf as it was",
        "an update re-keys the author's leaf (KPWK21 5)",
        "forward secrecy",
        "old secrets are erased: bob's state after his update holds",
        of_blanking(no_fresh_leaf),
    ),
    # the oracles themselves
    Mutant(
        "a window begins where the update is confirmed",
        "t- is when the update was generated (specification T6)",
        "executed attack",
        "unsound: ",
        windows_oracle(Late),
    ),
    Mutant(
        "a window ends where the next update is made",
        "t+ is when the update that replaces k is confirmed (specification T6)",
        "executed attack",
        "unsound: ",
        windows_oracle(EndsWhereMade),
    ),
    Mutant(
        "a joiner's window begins at the add",
        "k from joining: t- is when the init key was sampled (specification T6)",
        "executed attack",
        "unsound: ",
        windows_oracle(JoinersStartWhereAdded),
    ),
    Mutant(
        "an add ends its author's window",
        "an add gives its author no fresh leaf (specification T3)",
        "executed attack",
        "unsound: ",
        windows_oracle(AddsHealToo),
    ),
    Mutant(
        "the knowledge graph has no edges",
        "closed under derivation and decryption (specification T6)",
        "executed attack",
        "model: ",
        graph_without_chains,
    ),
    Mutant(
        "of several ciphertexts the graph knows one",
        "an edge for every ciphertext that was generated (specification T6)",
        "executed attack",
        "model: ",
        graph_with_first_source_only,
    ),
    Mutant(
        "the model re-keys no tainted node",
        "update: S = up(path(i) and all v with taint(v) = i) (specification T3)",
        "executed attack",
        "model: refreshed",
        model_with(NeverTainted),
    ),
    Mutant(
        "the model moves no taint",
        "a refresh by another moves the taint to that member (specification T3)",
        "executed attack",
        "model: taints",
        model_with(StaysTainted),
    ),
)
"""Mutants of the tree protocols that members or their states betray, and of the oracles."""

MATRIX = (*CORE, *SILENT, *MLS, *WITHOUT_TREE)
"""Every mutant; a name comes up once."""

LISTED = tuple(
    mutant
    for mutant in MATRIX
    if mutant.name
    in {
        "the confirmation tag is the group key",
        "a new key is a hash of the old one and a value in the message",
        "later chains start at a hash of the root seed",
        "only the seven lowest tainted nodes are re-keyed",
        "taints are lost when the tree is truncated",
        "a remove re-keys nothing above the taints of the removed member",
        "a welcome carries the group key of the epoch before",
        "all ciphertexts have one ephemeral key",
        "the key confirmation covers neither epoch nor transcript",
        "the key confirmation is not bound to the transcript",
        "H1 is H2",
        "H2 is H1",
    }
)
"""Faults that passed all suites before cryptography was recorded: they must die on every seed."""
