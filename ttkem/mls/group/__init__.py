"""One group through its epochs: proposals validated, commits made and processed, members joining.

These are sections 7.3 and 10 to 15 of RFC 9420. All functions go from one frozen state to the
next. The room imports the rooms :mod:`ttkem.mls.messages`, :mod:`ttkem.mls.keys` and
:mod:`ttkem.mls.tree`.
"""
