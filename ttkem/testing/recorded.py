"""A wrapper for a protocol that lets a recorder listen while its members act.

It needs nothing from the protocol but the interface: every attribute of a member is passed on, and
everything that a member computes, its welcomes included, is recorded as its own. ``save`` is not
recorded: it belongs to the owner's storage, not to the protocol.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ttkem.cgka import Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ttkem.cgka import CGKA
    from ttkem.crypto import Randomness
    from ttkem.crypto.recording import Recorder

__all__ = ["RecordedMember", "RecordedProtocol"]


class RecordedProtocol:
    """A protocol whose members' cryptography is recorded; loaded members are not recorded."""

    def __init__(self, protocol: CGKA, recorder: Recorder) -> None:
        self.protocol = protocol
        self.recorder = recorder
        self.name = protocol.name

    def member(
        self, identity: str, pki: Mapping[str, bytes], randomness: Randomness
    ) -> RecordedMember:
        """Return a new member, recorded from its first draw."""
        with self.recorder.acting(identity, self.recorder.step):
            member = self.protocol.member(identity, pki, randomness)
        return RecordedMember(identity, member, self.recorder)

    def load(self, data: bytes, pki: Mapping[str, bytes], randomness: Randomness) -> Any:  # noqa: ANN401 - the protocol's member
        """Load a member; attackers do that, so it is not recorded."""
        return self.protocol.load(data, pki, randomness)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any attribute of the protocol
        return getattr(self.protocol, name)


class RecordedMember:
    """A member whose cryptography is recorded."""

    __slots__ = ("_member", "_recorder", "_who")

    def __init__(self, who: str, member: Any, recorder: Recorder) -> None:  # noqa: ANN401 - a Member
        self._who, self._member, self._recorder = who, member, recorder

    @property
    def unwrapped(self) -> object:
        """The protocol's own member object."""
        member: object = self._member
        return member

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any attribute of the member
        recorder, who = self._recorder, self._who
        if name == "save":
            return self._member.save
        with recorder.acting(who, recorder.step):
            value = getattr(self._member, name)
        if not callable(value):
            return value

        def call(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - as the member's method
            with recorder.acting(who, recorder.step):
                result = value(*given, **named)
            return self._listened(result)

        return call

    def _listened(self, result: Any) -> Any:  # noqa: ANN401 - what a method returned
        """Return an operation so that making its welcome is recorded too."""
        if not isinstance(result, Operation):
            return result
        recorder, who, make = self._recorder, self._who, result.make_welcome

        def make_welcome() -> bytes:
            with recorder.acting(who, recorder.step):
                return make()

        return replace(result, make_welcome=make_welcome)
