"""Random runs: a rule-based state machine that draws a trace, with bundles of members and messages.

Everything that an adversarial delivery service may do is a rule: any member makes any operation,
acknowledgements and deliveries come in any order, forks included. What the protocol must reject is
tried as well. The run is judged after every step, and attacked at its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)

from ttkem.testing.checks import Bench, check
from ttkem.testing.features import Feature
from ttkem.testing.run import Run

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MACHINE", "Members"]

NAMES = ("ann", "bob", "cat", "dan", "eve")


class Members(RuleBasedStateMachine):
    """Members of one protocol, and a delivery service that does as it likes."""

    bench: ClassVar[Bench]
    people = Bundle("people")
    messages = Bundle("messages")

    def __init__(self) -> None:
        super().__init__()
        self.bench.played += 1
        self.bench.latest = self.run = Run(self.bench.protocol, self.bench.seed, NAMES)

    @initialize(target=messages, size=st.integers(1, len(NAMES)))
    def create(self, size: int) -> int:
        """A group of some, all of whom have joined."""
        return self.run.accept(self.run.create(*NAMES[:size]))

    @initialize(target=people)
    def everybody(self) -> MultipleResults[str]:
        """Who there is."""
        return multiple(*NAMES)

    @rule(target=messages, who=people)
    def update(self, who: str) -> int | MultipleResults[int]:
        """Somebody updates."""
        author = self._author(who)
        return self._made(self.run.update(author)) if author else multiple()

    @rule(target=messages, who=people, other=people)
    def add(self, who: str, other: str) -> int | MultipleResults[int]:
        """Somebody adds somebody, who is mostly no member."""
        author, ledger = self._author(who), self.run.game.ledger
        if not author or not self.run.has(Feature.ADD):
            return multiple()
        other = _near(other, lambda name: name not in ledger.roster(author)) or other
        was = any(other in made.roster for made in ledger.made.values())
        if was and not self.run.has(Feature.READD):
            return multiple()
        return self._made(self.run.add(author, other))

    @rule(target=messages, who=people, other=people)
    def remove(self, who: str, other: str) -> int | MultipleResults[int]:
        """Somebody removes somebody."""
        author = self._author(who)
        if not author or not self.run.has(Feature.REMOVE):
            return multiple()
        return self._made(self.run.remove(author, other))

    @rule(op=messages)
    def accept(self, op: int) -> None:
        """Acknowledge an operation, and deliver its message to all whom it is for."""
        self.run.accept(op)

    @rule(op=messages)
    def confirm(self, op: int) -> None:
        """The acknowledgement alone."""
        self.run.confirm(op)

    @rule(op=messages)
    def reject(self, op: int) -> None:
        """The other acknowledgement."""
        if self.run.has(Feature.REJECT):
            self.run.reject(op)

    @rule(op=messages, who=people)
    def deliver(self, op: int, who: str) -> None:
        """A message reaches somebody, whether it belongs there or not."""
        self.run.deliver(op, who)

    @rule(op=consumes(messages), who=people)
    def deliver_last(self, op: int, who: str) -> None:
        """The same, and the message is never used again."""
        self.run.deliver(op, who)

    @rule(who=people)
    def erase(self, who: str) -> None:
        """Somebody erases unused init keys."""
        if self.run.has(Feature.DISCARD):
            self.run.erase(who)

    def teardown(self) -> None:
        """The end: attack, unless a rule is broken already."""
        self.run.judge()

    def _author(self, who: str) -> str | None:
        """Somebody who can make an operation: this one, or the next who can."""
        members = self.run.game.ledger.members
        several = self.run.has(Feature.SEVERAL)
        return _near(
            who,
            lambda name: members[name].at is not None and (several or not members[name].pending),
        )

    def _made(self, op: int) -> int | MultipleResults[int]:
        """The operation, if the protocol did make it."""
        return op if op in self.run.game.operations else multiple()


def _near(who: str, suits: Callable[[str], bool]) -> str | None:
    """The first of :data:`NAMES` from ``who`` on, round and round, whom it suits."""
    at = NAMES.index(who)
    return next((name for name in (*NAMES[at:], *NAMES[:at]) if suits(name)), None)


@check("random runs")
def whatever_happens_they_agree(bench: Bench) -> None:
    """Random runs under an equivocating delivery service: all rules hold after every step."""
    bound: type[Members] = type("Bound", (Members,), {"bench": bench})
    run_state_machine_as_test(
        seed(int.from_bytes(bench.seed.encode()[-8:]))(bound),
        settings=settings(
            max_examples=bench.examples,
            stateful_step_count=bench.steps,
            database=None,
            deadline=None,
            derandomize=False,
            print_blob=False,
            report_multiple_bugs=False,
            phases=(Phase.generate,),  # shrinking is ttkem.testing.shrink's
            suppress_health_check=list(HealthCheck),
        ),
    )


MACHINE = (whatever_happens_they_agree,)
