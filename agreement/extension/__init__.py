"""Extension-based proofs as a game: provers, protocols that answer them, and a referee (AAEGZ23).

A `Game(protocol)` is played by calling `query`, `output` and `extend`, or by a `Prover`. Protocols
are `Honest(problem, automaton)` and `Adversary(problem)`. No prover beats the latter on set
agreement with at least two values and on the 4-cycle; the proof is in the module's text. Problems
are read by `problem_of("set:3:2")`.
"""

from agreement.extension.adversary import Adversary
from agreement.extension.board import Promise
from agreement.extension.broken import BROKEN
from agreement.extension.game import Event, Game
from agreement.extension.honest import HONEST, Automaton, Honest, synthesised
from agreement.extension.invariant import Audit, Auditor, audit, audit_completion
from agreement.extension.problems import OnGraph, Problem, SetAgreement, problem_named, problem_of
from agreement.extension.protocol import Answerer
from agreement.extension.provers import PROVERS, Exhaustive, Prover, Random, Valency
from agreement.extension.referee import Outcome, Reason, Referee, Winner
from agreement.extension.states import Configuration, States

__all__ = [
    "BROKEN",
    "HONEST",
    "PROVERS",
    "Adversary",
    "Answerer",
    "Audit",
    "Auditor",
    "Automaton",
    "Configuration",
    "Event",
    "Exhaustive",
    "Game",
    "Honest",
    "OnGraph",
    "Outcome",
    "Problem",
    "Promise",
    "Prover",
    "Random",
    "Reason",
    "Referee",
    "SetAgreement",
    "States",
    "Valency",
    "Winner",
    "audit",
    "audit_completion",
    "problem_named",
    "problem_of",
    "synthesised",
]
