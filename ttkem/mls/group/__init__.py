"""The evolution of a group: validate proposals, create and process commits, join (own layout).

The modules implement sections 7.3 and 10 to 15 of RFC 9420, as functions from one frozen state to
the next. The package imports :mod:`ttkem.mls.messages`, :mod:`ttkem.mls.keys` and
:mod:`ttkem.mls.tree`.
"""
