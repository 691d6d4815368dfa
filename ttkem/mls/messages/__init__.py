"""What is written: the structures of RFC 9420 that travel or are signed, and their code points.

Nothing here needs a key schedule, a tree or a group. This room imports no other room of
:mod:`ttkem.mls`.
"""
