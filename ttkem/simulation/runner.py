"""Run the settings at many scales: one record for each scheme, setting, scale and seed.

All schemes run the same stream. A stream starts in a full tree of ``2**(scale-1)`` leaves, every
key in place and no taint, as the public reproduction of KPWK21 does; the first add doubles it to
the ``2**scale`` that the paper plots against. Spreading the first members over every second leaf of
the doubled tree gives the same averages within noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from ttkem.errors import LocalError
from ttkem.simulation.blanking_costs import BlankingCosts
from ttkem.simulation.tainted_costs import TaintedCosts
from ttkem.simulation.tree_costs import capacity_for
from ttkem.simulation.workloads import MIN_SCALE, Action, Setting, Workload, make_workload
from ttkem.workers import map_on_workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = [
    "CostEngine",
    "Job",
    "Record",
    "Results",
    "Scheme",
    "default_seeds",
    "new_engine",
    "run_scales",
    "run_workload",
]

_MOST_SEEDS = 256
_FEWEST_SEEDS = 16
_SEEDS_BY_SCALE = 16384
"""Seeds times leaves, between the bounds: large groups average over many users by themselves."""


class Scheme(StrEnum):
    """The three schemes that KPWK21 compares."""

    TKEM = "TKEM"
    """Blanking TreeKEM without a commit after add and remove: cheaper than the real thing."""
    TKEM_COMMIT = "TKEM_commit"
    """Blanking TreeKEM with an update after every add and remove."""
    TTKEM = "TTKEM"
    """Tainted TreeKEM."""


class CostEngine(Protocol):
    """The interface of a scheme's cost engine; members are named by their leaf."""

    def add(self, author: int) -> tuple[int, int]:
        """Add a member; return its leaf and the ciphertexts."""
        ...

    def remove(self, author: int, target: int) -> int:
        """Remove a member; return the ciphertexts."""
        ...

    def update(self, author: int) -> int:
        """Update a member; return the ciphertexts."""
        ...


@dataclass(frozen=True, slots=True, order=True)
class Job:
    """One stream: a setting, a scale and a seed."""

    setting: Setting
    scale: int
    seed: int


@dataclass(frozen=True, slots=True)
class Record:
    """The cost of one scheme on one stream."""

    setting: Setting
    scheme: Scheme
    scale: int
    """The paper's abscissa is ``2**scale``."""
    seed: int
    users: int
    """Everyone who was ever a member, administrators included."""
    administrators: int
    operations: int
    encryptions: int
    """All after the start, by everyone."""
    administrator_encryptions: int

    @property
    def per_user(self) -> float:
        """Encryptions by everyone over all users."""
        return self.encryptions / self.users

    @property
    def per_administrator(self) -> float:
        """Encryptions by administrators over their number; 0 without administrators."""
        if not self.administrators:
            return 0.0
        return self.administrator_encryptions / self.administrators

    @property
    def per_other(self) -> float:
        """Encryptions by all but administrators over the number of all but administrators."""
        spent = self.encryptions - self.administrator_encryptions
        return spent / (self.users - self.administrators)


@dataclass(frozen=True, slots=True)
class Results:
    """The records of a run, ordered by setting, scale, seed and scheme whatever ran first."""

    records: tuple[Record, ...]
    interrupted: bool = False
    """Whether Ctrl-C ended the run early; the records are those of the streams that were done."""

    def select(self, setting: Setting, scheme: Scheme, scale: int) -> tuple[Record, ...]:
        """Return the records of one setting, scheme and scale, by seed."""
        wanted = (setting, scheme, scale)
        return tuple(r for r in self.records if (r.setting, r.scheme, r.scale) == wanted)

    @property
    def settings(self) -> tuple[Setting, ...]:
        """Settings with a record, in the paper's order."""
        return tuple(s for s in Setting if any(r.setting is s for r in self.records))

    @property
    def schemes(self) -> tuple[Scheme, ...]:
        """Schemes with a record, in the paper's order."""
        return tuple(s for s in Scheme if any(r.scheme is s for r in self.records))

    def scales(self, setting: Setting) -> tuple[int, ...]:
        """Return the scales of a setting with a record, ascending."""
        return tuple(sorted({r.scale for r in self.records if r.setting is setting}))


def new_engine(scheme: Scheme, capacity: int, members: Iterable[int]) -> CostEngine:
    """Return the engine of a scheme for a healed group on the given leaves."""
    if scheme is Scheme.TTKEM:
        return TaintedCosts(capacity, members)
    return BlankingCosts(capacity, members, commit=scheme is Scheme.TKEM_COMMIT)


def run_workload(engine: CostEngine, workload: Workload) -> tuple[int, int]:
    """Run a stream on an engine whose members are on leaves ``0`` to ``initial - 1``.

    Return the encryptions of everyone and those of the administrators.
    """
    leaves = list(range(workload.initial))
    spent = by_administrators = 0
    administrators = workload.administrators
    add, remove, update = engine.add, engine.remove, engine.update
    for action, author, target in workload.steps:
        if action is Action.UPDATE:
            cost = update(leaves[author])
        elif action is Action.REMOVE:
            cost = remove(leaves[author], leaves[target])
        else:
            leaf, cost = add(leaves[author])
            leaves.append(leaf)
        spent += cost
        if author in administrators:
            by_administrators += cost
    return spent, by_administrators


def default_seeds(scale: int) -> int:
    """Return the default number of seeds: 256 for small groups, down to 16 for large ones."""
    return min(_MOST_SEEDS, max(_FEWEST_SEEDS, _SEEDS_BY_SCALE >> scale))


def run_scales(  # noqa: PLR0913 - each is a choice of the caller, and all have defaults
    min_scale: int = 3,
    max_scale: int = 10,
    *,
    settings: Sequence[Setting] = tuple(Setting),
    schemes: Sequence[Scheme] = tuple(Scheme),
    seeds: int | None = None,
    first_seed: int = 0,
    jobs: int = 1,
    administrators_update: bool = True,
    on_progress: Callable[[int, int, Job], None] | None = None,
) -> Results:
    """Run every scheme on every setting at scales ``min_scale`` to ``max_scale``, both included.

    There are ``seeds`` streams per scale (default: :func:`default_seeds`), numbered from
    ``first_seed``, run on ``jobs`` processes, largest groups first. ``on_progress`` is called after
    each stream with the numbers of streams done and in total, and the finished job. The results do
    not depend on ``jobs``. Ctrl-C ends the run early and keeps what is done. Invalid arguments
    raise a :class:`~ttkem.errors.LocalError`.
    """
    if not MIN_SCALE <= min_scale <= max_scale:
        raise LocalError(
            f"cannot simulate scales {min_scale!r} to {max_scale!r}: "
            f"choose an ascending range from {MIN_SCALE} upwards"
        )
    if jobs < 1 or (seeds is not None and seeds < 1):
        raise LocalError(
            f"cannot simulate with {jobs!r} jobs and {seeds!r} seeds: give at least one of each"
        )
    todo = [
        Job(setting, scale, first_seed + seed)
        for scale in range(max_scale, min_scale - 1, -1)
        for setting in settings
        for seed in range(default_seeds(scale) if seeds is None else seeds)
    ]
    plan = _Plan(tuple(schemes), administrators_update)
    streams = map_on_workers(plan, todo, jobs, in_order=False)
    records: list[Record] = []
    interrupted = False
    try:
        for done, (job, of_job) in enumerate(streams, start=1):
            records.extend(of_job)
            if on_progress is not None:
                on_progress(done, len(todo), job)
    except KeyboardInterrupt:
        interrupted = True
    setting_order, scheme_order = list(Setting), list(Scheme)
    records.sort(
        key=lambda r: (
            setting_order.index(r.setting),
            r.scale,
            r.seed,
            scheme_order.index(r.scheme),
        )
    )
    return Results(tuple(records), interrupted)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The function that is applied to every job; it is sent to processes, so it is plain data."""

    schemes: tuple[Scheme, ...]
    administrators_update: bool

    def __call__(self, job: Job) -> tuple[Job, list[Record]]:
        workload = make_workload(
            job.setting, job.scale, job.seed, administrators_update=self.administrators_update
        )
        records = []
        for scheme in self.schemes:
            engine = new_engine(scheme, capacity_for(workload.initial), range(workload.initial))
            spent, by_administrators = run_workload(engine, workload)
            records.append(
                Record(
                    setting=job.setting,
                    scheme=scheme,
                    scale=job.scale,
                    seed=job.seed,
                    users=workload.users,
                    administrators=len(workload.administrators),
                    operations=len(workload.steps),
                    encryptions=spent,
                    administrator_encryptions=by_administrators,
                )
            )
        return job, records
