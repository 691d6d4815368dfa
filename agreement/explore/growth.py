"""Which local variable of a process takes a new value each time, so that its states do not end."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from agreement.explore.local_state import Frozen, HiddenStateError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from agreement.explore.machine import Automaton
    from agreement.memory import Process

__all__ = ["growing"]

_LAST = 200
_VISITS = 8


def growing(automaton: Automaton) -> str | None:
    """Return which variable has a new value at each visit of one place; None if there is none.

    The longest known path of the process is followed again, and its last steps are looked at.
    """
    visits: dict[str, dict[str, list[Hashable]]] = defaultdict(lambda: defaultdict(list))
    for process in automaton.longest_path(_LAST):
        for place, variable, value in _variables(process):
            visits[place][variable].append(value)
    for place, found in sorted(visits.items(), key=lambda entry: -max(map(len, entry[1].values()))):
        new = [
            f"{variable!r} has {len(values)} different values in its last {len(values)} visits"
            for variable, values in found.items()
            if len(values) >= _VISITS and len(set(values)) == len(values)
        ]
        if new:
            return (
                f"local states of process {automaton.me} do not end: at {place}, {', '.join(new)}"
            )
    return None


def _variables(process: Process) -> Iterator[tuple[str, str, Hashable]]:
    """Yield the place, the name and the value of each variable whose value is known."""
    for place, frame in process.frames:
        for name, held in frame.f_locals.items():
            try:
                yield place, name, Frozen({}).value(held)
            except HiddenStateError:
                continue
