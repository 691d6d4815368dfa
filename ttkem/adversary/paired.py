"""Judging a real run: by its symbolic model, by the safe predicate, and by executed attacks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from ttkem.adversary.attack import Attack, Recording, real_keys
from ttkem.adversary.game import Game
from ttkem.adversary.judge import corrupted_atoms
from ttkem.adversary.replay_file import Violation
from ttkem.adversary.symbolic import SymbolicGame

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ttkem.adversary.game import Exposure
    from ttkem.adversary.steps import Outcome, Step
    from ttkem.adversary.windows import Windows
    from ttkem.cgka import TreeCGKA, TreeMember

__all__ = ["Attacks", "PairedGame", "attack_game", "compare"]


@dataclass(frozen=True, slots=True)
class Attacks:
    """The result of the executed attacks on one run."""

    attacks: int = 0
    """Executed attacks, each with different leaks."""
    recovered: int = 0
    """Group keys that they computed; each was compared with the real one."""
    withheld: int = 0
    """Group keys that they could not compute."""
    findings: tuple[Violation, ...] = field(default_factory=tuple)


class PairedGame:
    """The real protocol and its symbolic model in lockstep; a difference is a violation."""

    __slots__ = ("findings", "model", "real")

    def __init__(self, protocol: TreeCGKA, seed: str, names: Sequence[str]) -> None:
        self.real = Game(protocol, seed, names)
        self.model = SymbolicGame(names, seed=seed)
        self.findings: list[Violation] = []

    def play(self, step: Step) -> Outcome:
        """Play one step on both and compare them; return the real outcome."""
        time = self.real.ledger.time
        outcome, other = self.real.play(step), self.model.play(step)
        if outcome.accepted != other.accepted:
            self.findings.append(
                Violation(
                    "model",
                    time,
                    f"only one of protocol and model accepted the step: {outcome}, {other}",
                )
            )
        else:
            found = compare(self.real, self.model, step)
            self.findings += [Violation("model", time, what) for what in found]
        return outcome

    @property
    def over(self) -> bool:
        """Whether either game is over, or the two differ."""
        return self.real.over or self.model.over or bool(self.findings)


def compare(real: Game, model: SymbolicGame, step: Step) -> Iterable[str]:
    """Yield what differs after a step: refreshed nodes, ciphertexts, taints, leaves, keys."""
    op = getattr(step, "op", None)
    if op not in real.operations:
        return
    operation, symbolic = real.operations[op], model.operations[op]
    if sorted(operation.refreshed) != sorted(symbolic.before):
        yield f"refreshed {sorted(operation.refreshed)}, the model has {sorted(symbolic.before)}"
    if operation.ciphertexts != len(symbolic.sent):
        yield f"{operation.ciphertexts} ciphertexts, the model has {len(symbolic.sent)}"
    who = getattr(step, "to", None) or operation.author
    member, view = cast("TreeMember", real.members[who]), model.view(who)
    if view is None or not member.in_group:
        if (view is None) == member.in_group:
            yield f"{who} is in a group in only one of protocol and model"
        return
    tree = member.tree
    leaves = {number: leaf.identity for number, leaf in tree.roster()}
    taints = {
        node: internal.taint
        for node, internal in tree.internal_nodes()
        if internal.taint is not None
    }
    nodes = {node for node, _ in tree.internal_nodes()}
    if leaves != {leaf: name for leaf, name in enumerate(view.leaves) if name}:
        yield f"members {leaves}, the model has {view.leaves}"
    if taints != view.taints:
        yield f"taints {taints}, the model has {view.taints}"
    if nodes != {node for node in view.keys if node & 1} or tree.capacity != 1 << view.depth:
        yield f"keyed nodes {sorted(nodes)}, the model has {sorted(view.keys)}"


def attack_game(
    game: Game,
    protocol: TreeCGKA,
    windows: Windows,
    model: SymbolicGame | None = None,
    chosen: Iterable[Exposure] = (),
) -> Attacks:
    """Execute attacks on a real run: one with all its corruptions, two for each chosen exposure.

    The two attacks on an exposure use its state alone and its draws alone, which are its atoms.
    Every computed key must be the real one and must not be safe. If there is a model, the computed
    keys must be exactly those that the model calls derivable.
    """
    trial = _Trial(game, protocol, windows, model)
    leaked = game.leaked()
    trial.run(
        "all corruptions",
        [exposure for exposure, _ in leaked],
        [exposure for exposure, drawn in leaked if drawn],
        {op for op in windows.views if not windows.safe(op, game.ledger.intervals)},
        0 if model is None else corrupted_atoms(model),
    )
    for exposure in chosen:
        trial.run_atom(exposure, state=True)
        if exposure.draws:
            trial.run_atom(exposure, state=False)
    counts = trial.counts
    return Attacks(
        counts["attacks"], counts["recovered"], counts["withheld"], tuple(trial.findings)
    )


class _Trial:
    """The attacks on one game, each compared with real keys, safe predicate and model."""

    __slots__ = (
        "_atoms",
        "_game",
        "_keys",
        "_known",
        "_recording",
        "_windows",
        "counts",
        "findings",
    )

    def __init__(
        self, game: Game, protocol: TreeCGKA, windows: Windows, model: SymbolicGame | None
    ) -> None:
        self._game, self._windows = game, windows
        self._recording = Recording(game, protocol)
        self._keys = real_keys(game, self._recording)
        self._known: dict[int, int] | None = None
        """The atoms from which the model derives the key of each operation, as bits."""
        self._atoms: dict[tuple[int, bool], int] = {}
        if model is not None:
            gives = model.graph.derivable()
            self._known = {op: gives[made.group_key] for op, made in model.operations.items()}
            self._atoms = {(a.time, a.state): 1 << n for n, a in enumerate(model.atoms)}
        self.counts: Counter[str] = Counter()
        self.findings: list[Violation] = []

    def run_atom(self, exposure: Exposure, *, state: bool) -> None:
        """Attack with one atom: a single state, or a single use of randomness."""
        who, time = exposure.who, exposure.time
        unsafe = set()
        for op, view in self._windows.views.items():
            if who in view:
                born, died = self._windows.window(op, who)
                end = self._game.ledger.time if died is None else died
                if born <= time < end or (time == end and not state):
                    unsafe.add(op)
        what = "state after" if state else "randomness of"
        self.run(
            f"{who}'s {what} step {time}",
            [exposure] if state else [],
            [] if state else [exposure],
            unsafe,
            self._atoms.get((time, state), 0),
        )

    def run(
        self,
        label: str,
        states: Iterable[Exposure],
        draws: Iterable[Exposure],
        unsafe: set[int],
        bits: int,
    ) -> None:
        """Attack with these leaks; ``bits`` are the model's atoms for them."""
        attack = Attack(self._recording)
        for exposure in states:
            attack.learn_state(exposure.saved)
        for exposure in draws:
            attack.learn_draws(exposure)
        got = attack.conclude()
        self.counts.update(attacks=1, recovered=len(got), withheld=len(self._keys) - len(got))
        for op, key in got.items():
            if self._keys[op] != key:
                self._find("attack", f"{label}: the computed key of op {op} is wrong")
            if op not in unsafe:
                self._find("unsound", f"{label}: the key of op {op} is safe, but was computed")
        if self._known is not None:
            expected = {op for op, atoms in self._known.items() if atoms & bits}
            if expected != set(got):
                what = f"{label}: computed {sorted(got)}, the model derives {sorted(expected)}"
                self._find("model", what)

    def _find(self, kind: str, what: str) -> None:
        self.findings.append(Violation(kind, self._game.ledger.time, what))
