"""Random runs: a rule-based state machine that draws a trace, with bundles of members and messages.

Everything that an adversarial delivery service can do is a rule: any member makes any operation,
acknowledgements and deliveries come in any order, forks included. Steps that the protocol must
refuse are tried as well. The run is checked after every step, and attacked at its end.
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
    """The members of one protocol, and an adversarial delivery service."""

    bench: ClassVar[Bench]
    people = Bundle("people")
    messages = Bundle("messages")

    def __init__(self) -> None:
        super().__init__()
        self.bench.played += 1
        bench = self.bench
        bench.latest = self.run = Run(bench.protocol, bench.seed, NAMES, contract=bench.contract)

    @initialize(target=messages, size=st.integers(1, len(NAMES)))
    def create(self, size: int) -> int:
        """Create a group of the first ``size`` members, who all join."""
        return self.run.accept(self.run.create(*NAMES[:size]))

    @initialize(target=people)
    def everybody(self) -> MultipleResults[str]:
        """Fill the bundle of people."""
        return multiple(*NAMES)

    @rule(target=messages, who=people)
    def update(self, who: str) -> int | MultipleResults[int]:
        """Make an update."""
        author = self._author(who)
        return self._made(self.run.update(author)) if author else multiple()

    @rule(target=messages, who=people, other=people)
    def add(self, who: str, other: str) -> int | MultipleResults[int]:
        """Add somebody who is not a member, if there is one."""
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
        """Remove somebody."""
        author = self._author(who)
        if not author or not self.run.has(Feature.REMOVE):
            return multiple()
        return self._made(self.run.remove(author, other))

    @rule(op=messages)
    def accept(self, op: int) -> None:
        """Confirm an operation, and deliver its message to all who must accept it."""
        self.run.accept(op)

    @rule(op=messages)
    def confirm(self, op: int) -> None:
        """Confirm an operation without delivering it."""
        self.run.confirm(op)

    @rule(op=messages)
    def reject(self, op: int) -> None:
        """Reject an operation."""
        if self.run.has(Feature.REJECT):
            self.run.reject(op)

    @rule(op=messages, who=people)
    def deliver(self, op: int, who: str) -> None:
        """Deliver a message to anybody, whether they must accept it or not."""
        self.run.deliver(op, who)

    @rule(op=consumes(messages), who=people)
    def deliver_last(self, op: int, who: str) -> None:
        """Deliver a message to anybody, and never use it again."""
        self.run.deliver(op, who)

    @rule(who=people)
    def erase(self, who: str) -> None:
        """Erase somebody's unused init keys."""
        if self.run.has(Feature.DISCARD):
            self.run.erase(who)

    def teardown(self) -> None:
        """Attack the run, unless a rule is broken already."""
        self.bench.settle()

    def _author(self, who: str) -> str | None:
        """Return ``who`` or the next member that can make an operation; None if nobody can."""
        members = self.run.game.ledger.members
        several = self.run.has(Feature.SEVERAL)
        return _near(
            who,
            lambda name: members[name].at is not None and (several or not members[name].pending),
        )

    def _made(self, op: int) -> int | MultipleResults[int]:
        """Return the operation, or nothing if the protocol did not make it."""
        return op if op in self.run.game.operations else multiple()


def _near(who: str, suits: Callable[[str], bool]) -> str | None:
    """Return the first suitable name of :data:`NAMES`, cyclically from ``who`` on, or None."""
    at = NAMES.index(who)
    return next((name for name in (*NAMES[at:], *NAMES[:at]) if suits(name)), None)


@check("random runs")
def members_agree_in_random_runs(bench: Bench) -> None:
    """Check that all rules hold in random runs under an equivocating delivery service."""
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


MACHINE = (members_agree_in_random_runs,)
