"""An extension-based proof as a game (AAEGZ23; the definitions are recalled, specification A6).

In phase f there is a schedule alpha(f), and the set A(f) of configurations that it leads to from
some initial configurations. In the beginning, alpha(1) is empty and A(1) is the set of all initial
configurations. In each phase the prover asks

* *queries* (C, P). C is in A(f) or was reached in this phase; P is a set of processes that have not
  output and whose next operation is on the same object. The protocol answers with the configuration
  that is reached if they move together, and its outputs. A *chain* is a sequence of queries, each
  from the configuration that the previous one reached;
* *output queries* (C, Q, y). The protocol answers with a schedule of processes in Q from C by which
  one of them outputs y, or says that there is none.

After finitely many chains the prover *extends* alpha to a configuration C that was reached in this
phase, by a schedule alpha' from some C0 in A(f). Then alpha(f + 1) is alpha(f) followed by alpha'.
A(f + 1) is what it leads to from those initial configurations of A(f) that agree with the one of C0
on the inputs of the processes in alpha(f + 1). (Nobody has seen the inputs of the others.)

The prover wins with a violation of the task, two answers that contradict one another, an infinite
chain, or infinitely many phases. It loses when every process has output in all of A(f). The
`Referee` decides who has won; the game enforces the rules: a move against them raises GameError and
changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agreement.errors import GameError
from agreement.extension.board import Board, Promise
from agreement.extension.referee import Outcome, Reason, Referee, Winner
from agreement.memory import format_schedule

if TYPE_CHECKING:
    from collections.abc import Callable

    from agreement.extension.protocol import Answerer
    from agreement.memory import Block, Schedule

__all__ = ["Event", "Game"]


@dataclass(frozen=True, slots=True)
class Event:
    """A move and its answer, as a transcript has them.

    `kind` is query, output or extend. `where` and `reached` are numbers of configurations. `blocks`
    is the block of a query, the schedule that answers an output query (None if the protocol says
    that there is none), or the alpha' of an extension. `group` and `value` belong to output
    queries. `outputs` are the outputs in the configuration reached, by process.
    """

    kind: str
    where: int
    blocks: Schedule | None
    reached: int | None = None
    group: Block = ()
    value: int | None = None
    outputs: tuple[int | None, ...] = ()


class Game(Board):
    """A game against `protocol`: the board, with the prover's moves.

    `schedule` is alpha(f). `here` has the configurations that may be asked about in this phase,
    each with the configuration of A(f) and the schedule by which it was reached. `events` are all
    moves so far, `chains` the number of chains begun in this phase, `queries` the number of steps
    taken; `outcome` is None while the game lasts.
    """

    def __init__(
        self,
        protocol: Answerer,
        *,
        referee: Referee | None = None,
        watch: Callable[[Game], None] | None = None,
    ) -> None:
        """Begin a game; `watch` is called after each answer."""
        super().__init__(protocol)
        self.referee = Referee() if referee is None else referee
        self.schedule: Schedule = ()
        self.events: list[Event] = []
        self.outcome: Outcome | None = None
        self.chains = 0
        self.queries = 0
        self._watch = watch
        self._steps: dict[int, list[tuple[Block, int]]] = {}
        self._last: int | None = None
        self.here: dict[int, tuple[int, Schedule]] = {c: (c, ()) for c in self.openings}

    # The prover's moves.

    def query(self, where: int, block: Block) -> int:
        """Ask the query (`where`, `block`) and return the number of the configuration reached."""
        block = self._legal(where, block)
        if not self._poised(where, block):
            raise GameError(
                f"cannot move {block} together in c{where}: the processes are in different rounds"
            )
        if self._last != where:
            self.chains += 1
        reached = self._step(where, block)
        self._record(Event("query", where, (block,), reached, outputs=self.outputs(reached)))
        return reached

    def output(self, where: int, group: Block, value: int) -> Schedule | None:
        """Ask the output query (`where`, `group`, `value`) and return the protocol's schedule.

        None if the protocol says that there is none. All configurations along the schedule count as
        reached.
        """
        group = self._legal(where, group)
        if value not in self.problem.values:
            raise GameError(f"cannot ask for output {value}: it is no value of this task")
        self.chains += 1
        answer = self.protocol.output(self.configurations[where], group, value)
        if answer is None:
            self._promise(where, group, value)
            self._record(Event("output", where, None, None, group, value))
            return None
        reached, moving = where, True
        for block in answer:
            able = set(group) & set(self.active(reached))
            moving = bool(block) and set(block) <= able and self._poised(reached, block)
            if not moving or self.outcome is not None:
                break
            reached = self._step(reached, block)
        if self.outcome is None and not (
            moving and any(self.outputs(reached)[p] == value for p in group)
        ):
            self.outcome = Outcome(
                Winner.PROVER,
                Reason.CONTRADICTION,
                f"asked for output {self.problem.label(value)} of {group} from c{where}, the "
                f"protocol named the schedule {format_schedule(answer)!r}, which does not do it",
            )
        self._record(
            Event("output", where, answer, reached, group, value, outputs=self.outputs(reached))
        )
        return answer

    def extend(self, where: int) -> None:
        """End the phase by extending alpha to this configuration."""
        self._running()
        if where not in self.here or not self.here[where][1]:
            raise GameError(
                f"cannot extend to c{where}: it was not reached in this phase by a step from A(f)"
            )
        opening, added = self.here[where]
        self.schedule += added
        taking_part = {process for block in self.schedule for process in block}
        chosen = self.inputs(opening)
        kept = [
            c
            for c in self.openings
            if all(self.inputs(c)[process] == chosen[process] for process in taking_part)
        ]
        self.openings = tuple(self._follow(c, added) for c in kept)
        self.phase += 1
        self.chains, self._last = 0, None
        self.here = {c: (c, ()) for c in self.openings}
        self.protocol.extended(self.schedule, tuple(self.configurations[c] for c in self.openings))
        self.outcome = self.referee.after_phase(self)
        self._record(Event("extend", where, added, outputs=self.outputs(where)))

    def stop(self, why: str) -> None:
        """End the game with nobody having won, and say why."""
        self._running()
        self.outcome = Outcome(Winner.NOBODY, Reason.BOUND, why)

    # The rules.

    def _running(self) -> None:
        if self.outcome is not None:
            raise GameError(f"cannot move: the game is over: {self.outcome.words}")

    def _legal(self, where: int, processes: Block) -> Block:
        self._running()
        if where not in self.here:
            raise GameError(
                f"cannot ask about c{where}: it is not in A(f), and was not reached in this phase"
            )
        group = tuple(sorted(set(processes)))
        if not group or len(group) < len(processes):
            raise GameError(
                f"cannot ask about processes {processes}: name at least one process, and each once"
            )
        if idle := sorted(set(group) - set(self.active(where))):
            exists = idle[0] in range(self.problem.count)
            why = "it has output" if exists else "there is no such process"
            raise GameError(f"cannot move process {idle[0]} in c{where}: {why}")
        return group

    def _poised(self, where: int, block: Block) -> bool:
        return len({self.states.round[self.configurations[where][p]] for p in block}) == 1

    def _step(self, where: int, block: Block) -> int:
        after = self.states.move(self.configurations[where], block)
        said = [(after[process], self.protocol.decide(after[process])) for process in block]
        reached = self.number(after, (where, block))
        opening, blocks = self.here[where]
        self.here.setdefault(reached, (opening, (*blocks, block)))
        self._steps.setdefault(where, []).append((block, reached))
        self._last = reached
        self.queries += 1
        changed = next((s for s, out in said if self.decisions.get(s, out) != out), None)
        self.decisions.update(said)
        for promise in self.promises:
            self._grow(promise, where)
        self.outcome = self.referee.after_step(self, reached, changed)
        return reached

    def _promise(self, where: int, group: Block, value: int) -> None:
        promise = Promise(where, group, value, {where})
        self.promises.append(promise)
        self._grow(promise, where)
        self.outcome = self.referee.after_promise(self, promise)

    def _grow(self, promise: Promise, changed: int) -> None:
        """Add all that the promise's group reaches from `changed`, if that is within it."""
        todo = [changed] if changed in promise.within else []
        while todo:
            for block, reached in self._steps.get(todo.pop(), ()):
                if set(block) <= set(promise.group) and reached not in promise.within:
                    promise.within.add(reached)
                    todo.append(reached)

    def _follow(self, where: int, blocks: Schedule) -> int:
        """Return what the schedule leads to from another opening.

        No protocol is asked: the processes that move see the same as before, and do the same.
        """
        for block in blocks:
            after = self.states.move(self.configurations[where], block)
            where = self.number(after, (where, block))
        return where

    def _record(self, event: Event) -> None:
        self.events.append(event)
        if self._watch is not None:
            self._watch(self)
