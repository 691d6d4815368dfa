"""The command ``ttkem bounds``: compute what the security proofs guarantee, in bits."""
