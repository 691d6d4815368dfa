"""Games against the adversarial protocol: five provers do not win, and its invariant is audited.

`agreement.extension.adversary` proves on paper that no prover wins, and other claims check steps of
that proof. Here games are played, and the invariant is checked on whole complexes, which
`agreement.extension.invariant` builds facet by facet without the adversary's code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreement.extension import (
    BROKEN,
    Adversary,
    Exhaustive,
    Game,
    Random,
    SetAgreement,
    Valency,
    Winner,
    audit,
    problem_of,
)
from agreement.verdict import Verdict
from ttkem.verification.claim import Claim, Finding, Kind, Refutes, refuted

if TYPE_CHECKING:
    from collections.abc import Callable

    from agreement.extension import Problem, Prover
    from ttkem.verification.claim import Tick

FACETS = 11_000
"""The most facets of a complex that is audited."""


def played(protocol: Adversary, prover: Prover, tick: Tick) -> tuple[str, int]:
    """Return the fault found in a game, if any, and the facets audited after its first phase."""
    tick(f"{protocol.problem.name}, {prover.name}")
    game = Game(protocol)
    prover.play(game, 1)
    # The invariant is about the first phase, which has no default output yet.
    later, protocol.default = protocol.default, None
    report = audit(game, protocol, FACETS)
    protocol.default = later
    if report.verdict is Verdict.REFUTED:
        return f"{report.fault}: {report.words}", report.facets
    game = Game(type(protocol)(protocol.problem))
    prover.play(game, 60)
    lost = game.outcome is not None and game.outcome.winner is Winner.PROVER
    words = game.outcome.words if lost and game.outcome is not None else ""
    return words, report.facets if report.verdict is Verdict.HOLDS else 0


def _play(make: Callable[[Problem], Adversary], tick: Tick) -> Finding:
    games = facets = 0
    provers: list[Prover] = [Exhaustive(1), *map(Random, range(3))]
    set_agreement, on_cycle = SetAgreement(3, 2), problem_of("cycle:4")
    plays: list[tuple[Problem, Prover]] = [(set_agreement, Valency(1))]
    plays += [(problem, prover) for prover in provers for problem in (set_agreement, on_cycle)]
    for problem, prover in plays:
        words, looked_at = played(make(problem), prover, tick)
        if words:
            return refuted(f"{prover.name}: {words}", (("games", games),))
        games, facets = games + 1, facets + looked_at
    return Finding(Verdict.HOLDS, (("games", games), ("facets audited", facets)))


def _check(tick: Tick) -> Finding:
    return _play(Adversary, tick)


def _refute(tick: Tick) -> Finding:
    return _play(BROKEN["hasty"], tick)


CLAIM = Claim(
    name="extension-play",
    statement="five provers do not win against the adversarial protocol within 60 phases, and its "
    "invariant holds on the complexes that were built",
    source="Alistarh, Aspnes, Ellen, Gelashvili, Zhu, SIAM J. Comput. 2023 (from memory)",
    bound="(3, 2)-set agreement and C4, n = 3; exhaustive to depth 1, 3 random provers, valency; "
    f"complexes of at most {FACETS:,} facets",
    check=_check,
    twin="a protocol that decides without regard to the outputs of other processes",
    refute=_refute,
    refutes=Refutes.STATEMENT,
    kind=Kind.BOUNDED,
    trusts="the referee and the audit of agreement.extension",
)
