"""The structures of RFC 9420 that are sent or signed, and their code points.

Nothing here needs a key schedule, a tree or a group. This package imports no other package of
:mod:`ttkem.mls`.
"""
