"""Keys: key schedule, secret tree, pre-shared keys, transcript hashes and message protection.

This package implements sections 6.1 to 6.3, 8 and 9 of RFC 9420. Within :mod:`ttkem.mls` it
imports only :mod:`ttkem.mls.messages` and :mod:`ttkem.mls.limits`.
"""
