"""The catalogue of theorems for every size: one short file each, with a twin that must be refuted.

`python -m proofs`, or `ttkem verify --catalogue proofs`, checks them all.
"""

from models.claim import Claim
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

__all__ = ["CLAIMS", "Claim"]

CLAIMS: tuple[Claim, ...] = (
    tree_paths.CLAIM,
    taint_remembers.CLAIM,
    equal_transcripts.CLAIM,
    forks.CLAIM,
    fork_secrets.CLAIM,
    removed_member.CLAIM,
    joiner.CLAIM,
    knowledge_acyclic.CLAIM,
    root_seed_sink.CLAIM,
    safe_not_derivable.CLAIM,
)
