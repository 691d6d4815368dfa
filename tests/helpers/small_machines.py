"""Small shared-memory programs with their inputs, for every engine and for SPIN."""

from agreement.graph import path, star
from agreement.protocols import path_protocol, tree_protocol
from agreement.task import Task

NO_LIMIT = 1 << 40

PROGRAMS = {
    "collect": (path_protocol(Task(path(5)), 3).program, (0, 2, 4)),
    "snapshot": (path_protocol(Task(path(5)), 3, "snapshot").program, (0, 2, 4)),
    "immediate": (path_protocol(Task(path(5)), 3, "immediate").program, (0, 2, 4)),
    "star, 4 processes": (tree_protocol(Task(star(3)), 4).program, (0, 1, 2, 3)),
    "one process": (path_protocol(Task(path(5)), 1, rounds=2).program, (3,)),
}


def anything(outputs, participants):
    return None


def midpoints(count, rounds):
    """Return the standard instance: inputs 0, 2^R, 2 2^R, ... on a path."""
    apart = 1 << rounds
    protocol = path_protocol(Task(path(apart * (count - 1) + 1)), count, rounds=rounds)
    return protocol.program, tuple(range(0, apart * count, apart))
