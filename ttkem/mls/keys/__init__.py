"""Keys: key schedule, secret tree, pre-shared keys, transcript hashes and message protection.

These are sections 6.1 to 6.3, 8 and 9 of RFC 9420. The room imports :mod:`ttkem.mls.messages`
only.
"""
