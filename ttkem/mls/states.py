"""The states of a member, and the calls that each allows: one table that every call consults.

A client is in no group until it creates one, joins one, or loads a saved state. After creating a
commit, the member stays in its epoch with the commit pending, until the commit is confirmed or
rejected or another commit is processed (RFC 9420 section 14). Several commits may be pending;
starting an epoch drops them all. A group in which a ReInit has been committed is closed: its
members send nothing more, and can only create its successor and branches (section 11.2). A member
that was removed has no secrets left, and its object is of no further use::

    no group
       |  create, join, join_by_commit, load
       v       commit, restore_pending
    in a group <------------------------> commit pending
       |      confirm, reject, process        |
       |                                      |
       +-- process: a commit removes it ------+--> removed
       |                                      |
       +-- process, confirm: a ReInit --------+--> closed

:data:`TRANSITIONS` has a row for each state and an entry for each call that is allowed there, with
the states that the call may lead to. A call without an entry raises a LocalError before anything
has changed. A call that the state allows may still fail because of its arguments.
"""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING

from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TRANSITIONS", "Call", "MemberState", "check_transition", "require", "table"]


class MemberState(Enum):
    """The states of a member."""

    NO_GROUP = "no group"
    IN_GROUP = "in a group"
    PENDING_COMMIT = "commit pending"
    CLOSED = "closed"
    REMOVED = "removed"


class Call(Enum):
    """The calls of a member, by the names of its methods.

    ``LOAD`` is the constructor, for a saved state; ``READ`` stands for all calls that change
    nothing: ``state``, ``epoch``, ``roster``, ``export``, ``group_info`` and the like.
    """

    CREATE = "create"
    JOIN = "join"
    JOIN_BY_COMMIT = "join_by_commit"
    LOAD = "load"
    READ = "read"
    SEND = "send"
    PSK = "psk"
    PROPOSE = "propose"
    PROPOSE_UPDATE = "propose_update"
    FORGET = "forget"
    COMMIT = "commit"
    RESTORE_PENDING = "restore_pending"
    AFTER = "after"
    CONFIRM = "confirm"
    REJECT = "reject"
    PROCESS = "process"
    BRANCH = "branch"
    SUCCESSOR = "successor"


_NO_GROUP, _IN_GROUP, _PENDING, _CLOSED, _REMOVED = MemberState

TRANSITIONS: Mapping[MemberState, Mapping[Call, tuple[MemberState, ...]]] = MappingProxyType(
    {
        _NO_GROUP: {
            Call.CREATE: (_IN_GROUP,),
            Call.JOIN: (_IN_GROUP,),
            Call.JOIN_BY_COMMIT: (_IN_GROUP,),
            Call.LOAD: (_IN_GROUP, _CLOSED),
        },
        _IN_GROUP: {
            Call.READ: (_IN_GROUP,),
            Call.SEND: (_IN_GROUP,),
            Call.PSK: (_IN_GROUP,),
            Call.PROPOSE: (_IN_GROUP,),
            Call.PROPOSE_UPDATE: (_IN_GROUP,),
            Call.FORGET: (_IN_GROUP,),
            Call.COMMIT: (_PENDING,),
            Call.RESTORE_PENDING: (_PENDING,),
            Call.PROCESS: (_IN_GROUP, _CLOSED, _REMOVED),
            Call.BRANCH: (_IN_GROUP,),
        },
        _PENDING: {
            Call.READ: (_PENDING,),
            Call.SEND: (_PENDING,),
            Call.PSK: (_PENDING,),
            Call.PROPOSE: (_PENDING,),
            Call.PROPOSE_UPDATE: (_PENDING,),
            Call.FORGET: (_PENDING,),
            Call.COMMIT: (_PENDING,),
            Call.RESTORE_PENDING: (_PENDING,),
            Call.AFTER: (_PENDING,),
            Call.CONFIRM: (_IN_GROUP, _CLOSED),
            Call.REJECT: (_IN_GROUP, _PENDING),
            Call.PROCESS: (_PENDING, _IN_GROUP, _CLOSED, _REMOVED),
            Call.BRANCH: (_PENDING,),
        },
        _CLOSED: {
            Call.READ: (_CLOSED,),
            Call.PROCESS: (_CLOSED,),  # late application data of earlier epochs
            Call.BRANCH: (_CLOSED,),
            Call.SUCCESSOR: (_CLOSED,),
        },
        _REMOVED: {},
    }
)
"""The states that each call may lead to, by state and call; a missing call is forbidden."""

_NOT_PENDING = (
    "no commit is pending: each was confirmed or rejected, or another commit started a new epoch"
)
_IS_MEMBER = "this member is in a group already: create another Member object"
_REASONS: Mapping[Call, str] = {
    Call.CREATE: _IS_MEMBER,
    Call.JOIN: _IS_MEMBER,
    Call.JOIN_BY_COMMIT: _IS_MEMBER,
    Call.LOAD: _IS_MEMBER,
    Call.AFTER: _NOT_PENDING,
    Call.CONFIRM: _NOT_PENDING,
    Call.REJECT: _NOT_PENDING,
    Call.SUCCESSOR: "no ReInit has been committed, so the group is still open",
}
"""The reason why a call is forbidden to a member of an open group."""

_NOT_A_MEMBER: Mapping[MemberState, str] = {
    _NO_GROUP: "this client is in no group: create or join one",
    _CLOSED: "the group is closed by a ReInit: create or join its successor",
    _REMOVED: "this member was removed from the group: join again with a new key package",
}
"""The reason why calls are forbidden without a group, or after it has ended."""


def require(state: MemberState, call: Call) -> None:
    """Raise a LocalError unless the call is allowed in the state."""
    if call not in TRANSITIONS[state]:
        raise LocalError(f"cannot {call.value}: {_NOT_A_MEMBER.get(state) or _REASONS[call]}")


def check_transition(before: MemberState, call: Call, after: MemberState) -> None:
    """Raise an AssertionError unless the call may lead from one state to the other."""
    if after not in TRANSITIONS[before][call]:
        raise AssertionError(f"{call.value} has led from {before.value!r} to {after.value!r}")


def table() -> str:
    """Return the table in Markdown: a row for each call, a column for each state."""
    rows = [
        ("call", *(f"*{state.value}*" for state in MemberState)),
        ("---",) * (1 + len(MemberState)),
    ]
    for call in Call:
        entries = (TRANSITIONS[state].get(call, ()) for state in MemberState)
        cells = (" or ".join(after.value for after in entry) for entry in entries)
        rows.append((f"`{call.value}`", *cells))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
