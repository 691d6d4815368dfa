"""The ratchet tree: its hashes, parent hashes and update paths (RFC 9420 sections 4 and 7).

The room imports :mod:`ttkem.mls.messages` only.
"""
