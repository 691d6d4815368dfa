"""The life of a member as a state machine: which call is allowed at which stage.

A member's state (:class:`ttkem.cgka.state.MemberState`) holds secrets, trees and histories. Which
calls are *allowed*, however, depends on two questions only: is the member in a group, and do
operations of its own wait for an acknowledgement by the delivery service? That makes four
*stages*::

                      create                       confirm, join
        OUTSIDE ------------------> CREATING ------------------------+
         |   ^  <------------------                                  |
         |   |     reject the last                                   v
         |   +---------------------------------------------------- MEMBER <---+
         |                process own removal                       ^   |     |
         +----------------------------------------------------------+   |     | confirm, process,
                               join            add, remove, update      v     | reject the last
                                                                     PENDING -+

* Making an operation never moves a member to a new epoch: it adds a pending state, which an
  acknowledgement ends. Adopting one, processing anything and joining drop all others.
* A removed member is OUTSIDE, as one that never was in a group: it keeps its unused key packages,
  and may join or create again. So *removed* is no stage of its own, and nothing closes a member.
* A group may have an epoch without a group key (``TKEM``, :mod:`ttkem.blanking`). That is a
  property of the epoch, not a stage: reading the key raises, everything else goes on.

:data:`ALLOWED` is that machine, in full: by stage and call, the stages in which the member may be
afterwards. A call that is not listed raises a :class:`~ttkem.errors.LocalError`, and nothing has
changed; nothing changes either when a listed one fails for another reason. Which of several stages
it is depends on what is pending and on what a message does: the last pending operation is rejected
or not, a removal is the member's own or not.

Each method of :class:`ttkem.cgka.tree_member.TreeMember` asks :func:`require` first. The tests walk
the table in both directions, and specification T5 shows it. It is modelled on h11's ``_state.py``:
one literal table, with the theory of operation above it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ALLOWED", "Call", "Stage", "require", "stage_of"]


class Stage(StrEnum):
    """The stage of a member: whether it is in a group, and whether it has pending operations."""

    OUTSIDE = "in no group"
    CREATING = "in no group, creates pending"
    MEMBER = "in a group"
    PENDING = "in a group, operations pending"


class Call(StrEnum):
    """A call on a member: the value is the method's name, or `read` for properties."""

    KEY_PACKAGE = "key_package"
    DISCARD_KEY_PACKAGES = "discard_key_packages"
    CREATE = "create"
    JOIN = "join"
    READ = "read"
    """Any of `epoch`, `roster`, `tree`, `transcript_hash` and `group_key`."""
    ADD = "add"
    REMOVE = "remove"
    UPDATE = "update"
    PROCESS = "process"
    CONFIRM = "confirm"
    REJECT = "reject"
    SAVE = "save"


ALLOWED: Mapping[Stage, Mapping[Call, frozenset[Stage]]] = {
    Stage.OUTSIDE: {
        Call.KEY_PACKAGE: frozenset({Stage.OUTSIDE}),
        Call.DISCARD_KEY_PACKAGES: frozenset({Stage.OUTSIDE}),
        Call.CREATE: frozenset({Stage.CREATING}),
        Call.JOIN: frozenset({Stage.MEMBER}),
        Call.SAVE: frozenset({Stage.OUTSIDE}),
    },
    Stage.CREATING: {
        Call.KEY_PACKAGE: frozenset({Stage.CREATING}),
        Call.DISCARD_KEY_PACKAGES: frozenset({Stage.CREATING}),
        Call.CREATE: frozenset({Stage.CREATING}),
        Call.JOIN: frozenset({Stage.MEMBER}),
        Call.CONFIRM: frozenset({Stage.MEMBER}),
        Call.REJECT: frozenset({Stage.CREATING, Stage.OUTSIDE}),
        Call.SAVE: frozenset({Stage.CREATING}),
    },
    Stage.MEMBER: {
        Call.KEY_PACKAGE: frozenset({Stage.MEMBER}),
        Call.DISCARD_KEY_PACKAGES: frozenset({Stage.MEMBER}),
        Call.READ: frozenset({Stage.MEMBER}),
        Call.ADD: frozenset({Stage.PENDING}),
        Call.REMOVE: frozenset({Stage.PENDING}),
        Call.UPDATE: frozenset({Stage.PENDING}),
        Call.PROCESS: frozenset({Stage.MEMBER, Stage.OUTSIDE}),
        Call.SAVE: frozenset({Stage.MEMBER}),
    },
    Stage.PENDING: {
        Call.KEY_PACKAGE: frozenset({Stage.PENDING}),
        Call.DISCARD_KEY_PACKAGES: frozenset({Stage.PENDING}),
        Call.READ: frozenset({Stage.PENDING}),
        Call.ADD: frozenset({Stage.PENDING}),
        Call.REMOVE: frozenset({Stage.PENDING}),
        Call.UPDATE: frozenset({Stage.PENDING}),
        Call.PROCESS: frozenset({Stage.MEMBER, Stage.OUTSIDE}),
        Call.CONFIRM: frozenset({Stage.MEMBER}),
        Call.REJECT: frozenset({Stage.PENDING, Stage.MEMBER}),
        Call.SAVE: frozenset({Stage.PENDING}),
    },
}
"""The stages that each allowed call may lead to, by the stage in which it is made."""

_DONE: Mapping[Call, str] = {
    Call.CREATE: "create a group",
    Call.JOIN: "join with a welcome",
    Call.READ: "read the group's state",
    Call.ADD: "add a member",
    Call.REMOVE: "remove a member",
    Call.UPDATE: "update",
    Call.PROCESS: "process a message",
    Call.CONFIRM: "confirm an operation",
    Call.REJECT: "reject an operation",
}


def stage_of(*, in_group: bool, pending: bool) -> Stage:
    """Return the stage of a member that is in a group or not, with operations pending or not."""
    if in_group:
        return Stage.PENDING if pending else Stage.MEMBER
    return Stage.CREATING if pending else Stage.OUTSIDE


def require(stage: Stage, call: Call, identity: str) -> None:
    """Raise a :class:`~ttkem.errors.LocalError` if a member at this stage may not do this."""
    if call in ALLOWED[stage]:
        return
    if call in {Call.CONFIRM, Call.REJECT}:
        wrong = (
            f"{identity!r} has no pending operation; it was acknowledged already, "
            "or another operation has started a new epoch since"
        )
    elif stage in {Stage.MEMBER, Stage.PENDING}:
        wrong = f"{identity!r} is in a group already; one member object, one group"
    else:
        wrong = f"{identity!r} is in no group; create one, or join with a welcome"
    raise LocalError(f"cannot {_DONE[call]}: {wrong}")
