"""Adapters that run the test suites on other implementations of MLS.

Run ``pytest --cgka ttkem.testing.peers:mls_rs``, or name another function of this module.

Each function raises a :class:`~ttkem.errors.LocalError` if its package is missing; the extra
``peers`` installs them. The OpenMLS bindings expose too little for the suites, so OpenMLS is only
compared with other implementations, by :mod:`ttkem.testing.peers.mixed`.
"""

from __future__ import annotations

from ttkem.testing.peers.member import PeerCgka, PeerMember
from ttkem.testing.peers.mls_rs import MlsRsClient
from ttkem.testing.peers.ours import OurClient
from ttkem.testing.peers.party import imported
from ttkem.testing.peers.rfc9420 import Rfc9420Client

__all__ = ["PeerCgka", "PeerMember", "mls_rs", "ours", "rfc9420"]


def mls_rs() -> PeerCgka:
    """Return mls-rs, from ``agentvault-mls-rs-uniffi``."""
    imported("mls_rs_uniffi", "agentvault-mls-rs-uniffi")
    return PeerCgka("mls-rs", MlsRsClient)


def rfc9420() -> PeerCgka:
    """Return the package ``rfc9420``."""
    imported("rfc9420", "rfc9420 rfc9180")
    return PeerCgka("rfc9420", Rfc9420Client)


def ours() -> PeerCgka:
    """Return ``ttkem.mls`` through the same adapter, for comparison."""
    return PeerCgka("ttkem.mls", OurClient)
