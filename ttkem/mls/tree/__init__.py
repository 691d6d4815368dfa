"""The ratchet tree: its hashes, parent hashes and update paths (RFC 9420 sections 4 and 7).

Within :mod:`ttkem.mls`, this package imports only :mod:`ttkem.mls.messages`.
"""
