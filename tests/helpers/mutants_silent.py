"""Mutants of tree protocols that no member notices: only what an adversary can compute differs."""

from broken_rules import node_keys_by_h1, patched
from broken_silently import (
    later_chains_start_at_the_root,
    node_step_is_path_step,
    not_above_taints_of_the_removed,
    on,
    one_ephemeral_key,
    seeds_from_the_tree,
    seven_lowest,
    tag_covers_secrets_only,
    tag_is_key,
    taints_lost_at_truncation,
    welcome_with_hidden_old_key,
    welcome_with_old_key,
)
from mutant import Mutant

from ttkem.cgka import seeds

SILENT = (
    Mutant(
        "the confirmation tag is the group key",
        "a key-confirmation tag by labelled KDF (specification T5)",
        "functional",
        "secrecy: anybody can compute the group key of op 0",
        tag_is_key,
    ),
    Mutant(
        "later chains start at a hash of the root seed",
        "Delta_0 of each chain is uniform (KPWK21 3)",
        "directed runs",
        "post-compromise security: ",
        later_chains_start_at_the_root,
    ),
    Mutant(
        "only the seven lowest tainted nodes are re-keyed",
        "update: S = up(path(i) and all v with taint(v) = i) (specification T3)",
        "directed runs",
        "post-compromise security: ",
        seven_lowest,
    ),
    Mutant(
        "taints are lost when the tree is truncated",
        "taint(v) changes when v is re-keyed only (specification T3)",
        "directed runs",
        "post-compromise security: ",
        taints_lost_at_truncation,
    ),
    Mutant(
        "a remove re-keys nothing above the taints of the removed member",
        "remove: S = up(path(j) and all v with taint(v) = j) (specification T3)",
        "directed runs",
        "forward secrecy: m0's ",
        not_above_taints_of_the_removed,
    ),
    Mutant(
        "a welcome carries the group key of the epoch before",
        "a joiner learns no key of former epochs (KPWK21 2)",
        "functional",
        "secrecy: anybody can compute the group key",
        welcome_with_old_key,
    ),
    Mutant(
        "a welcome carries the masked group key of the epoch before",
        "a joiner learns no key of former epochs (KPWK21 2)",
        "functional",
        "secrecy: anybody can compute the group key",
        welcome_with_hidden_old_key,
    ),
    Mutant(
        "all ciphertexts have one ephemeral key",
        "every HPKE encryption is fresh (RFC 9180 5.1)",
        "functional",
        "ephemeral keys are used once: ",
        patched(seeds, "encrypt", one_ephemeral_key),
    ),
    Mutant(
        "the key confirmation covers neither epoch nor transcript",
        "a key-confirmation tag over the transcript (specification T5)",
        "functional",
        "confirmations cover the history: ",
        tag_covers_secrets_only,
    ),
    Mutant(
        "H1 is H2",
        "H1 and H2 are domain-separated (KPWK21 3)",
        "functional",
        "one key, one purpose: ",
        patched(seeds, "next_seed", node_step_is_path_step),
    ),
    Mutant(
        "seeds are hashes of the tree",
        "Delta_0 uniform (KPWK21 3)",
        "functional",
        "secrecy: anybody can compute the group key of op 0",
        seeds_from_the_tree,
    ),
    Mutant(
        "the confirmation tag is the group key (TKEM_commit)",
        "a key-confirmation tag by labelled KDF (specification T5)",
        "functional",
        "secrecy: anybody can compute the group key of op 0",
        on("TKEM_commit", tag_is_key),
    ),
    Mutant(
        "all ciphertexts have one ephemeral key (TKEM_commit)",
        "every HPKE encryption is fresh (RFC 9180 5.1)",
        "functional",
        "ephemeral keys are used once: ",
        on("TKEM_commit", patched(seeds, "encrypt", one_ephemeral_key)),
    ),
    Mutant(
        "H2 is H1 (TKEM_commit)",
        "H1 and H2 are domain-separated (KPWK21 3)",
        "functional",
        "one key, one purpose: ",
        on("TKEM_commit", patched(seeds, "node_keys", node_keys_by_h1)),
    ),
    Mutant(
        "the key confirmation covers nothing but secrets (TKEM_commit)",
        "a key-confirmation tag over the transcript (specification T5)",
        "functional",
        "confirmations cover the history: ",
        on("TKEM_commit", tag_covers_secrets_only),
    ),
)
