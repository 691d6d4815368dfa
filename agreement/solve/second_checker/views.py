"""Views of the full-information protocol, looked up in the complex that a round generates.

All divisions of the processes into ordered blocks are generated. Each pair of processes sees, in
each of them, two sets of processes; the pairs of sets that come up are all that one round allows.
Two views of a certificate occur together if they see such sets of processes and if both see the
same view of each process that both see.

Source: section "Views" of the page on the format of certificates; its four conditions say the
same of the numbers in the lists.
"""

from collections.abc import Iterable, Iterator, Sequence

from .carriers import Carriers, as_bits
from .document import View
from .shapes import RefusedError


def ordered_partitions(processes: int) -> Iterator[tuple[int, ...]]:
    """Yield for each division into ordered blocks the set that each process sees, as bits."""

    def divide(rest: int, before: int, seen: dict[int, int]) -> Iterator[tuple[int, ...]]:
        if not rest:
            yield tuple(seen[p] for p in range(processes))
        block = rest
        while block:
            now = before | block
            members = {p: now for p in range(processes) if block >> p & 1}
            yield from divide(rest & ~block, now, seen | members)
            block = (block - 1) & rest

    return divide((1 << processes) - 1, 0, {})


class Views:
    """The views of a certificate, each one checked to be a view of some run."""

    def __init__(self, views: Sequence[View], processes: int, rounds: int) -> None:
        self._round = {
            (p, seen[p], q, seen[q])
            for seen in ordered_partitions(processes)
            for p in range(processes)
            for q in range(processes)
            if p != q
        }
        self._rounds = rounds
        self._process = [view.process for view in views]
        self._depth: list[int] = []
        self._seen: list[dict[int, int]] = []
        """For each view, the number of the view that it sees of each process."""
        self.known: list[int] = []
        """For each view, the set of inputs that it knows of."""
        met: set[View] = set()
        for number, view in enumerate(views):
            if view in met:
                raise RefusedError(f"view {number}: is there already")
            met.add(view)
            self._add(number, view)
        self.deciding = [i for i, depth in enumerate(self._depth) if depth == rounds]

    def _add(self, number: int, view: View) -> None:
        if isinstance(view.what, int):
            self._depth.append(0)
            self._seen.append({})
            self.known.append(1 << view.what)
            return
        seen = view.what
        for place, one in enumerate(seen):
            for other in seen[:place]:
                if not self.occur_together(other, one):
                    raise RefusedError(f"view {number}: {other} and {one} do not occur together")
        by_process = {self._process[one]: one for one in seen}
        if view.process not in by_process:
            raise RefusedError(f"view {number}: does not see its own process")
        depth = self._depth[seen[0]] + 1
        if depth > self._rounds:
            raise RefusedError(f"view {number}: is of round {depth}, beyond {self._rounds}")
        self._depth.append(depth)
        self._seen.append(by_process)
        known = 0
        for one in seen:
            known |= self.known[one]
        self.known.append(known)

    def occur_together(self, i: int, j: int) -> bool:
        """Return whether two views are views of one run, of two processes after one round."""
        p, q = self._process[i], self._process[j]
        if p == q or self._depth[i] != self._depth[j]:
            return False
        first, second = self._seen[i], self._seen[j]
        if not first:
            return True  # before the first round all combinations of inputs occur
        if any(first[r] != second[r] for r in first.keys() & second.keys()):
            return False
        return (p, as_bits(first), q, as_bits(second)) in self._round

    def need_pair(self, i: int, j: int, place: str) -> None:
        """Raise unless two views decide and occur together."""
        for view in (i, j):
            if self._depth[view] != self._rounds:
                raise RefusedError(f"{place}: view {view} does not decide")
        if not self.occur_together(i, j):
            raise RefusedError(f"{place}: views {i} and {j} do not occur together")

    def need_used(self, deciding: Iterable[int]) -> None:
        """Raise if a view is neither seen by another one nor among the deciding ones used."""
        used = set(deciding)
        for seen in self._seen:
            used.update(seen.values())
        for view in range(len(self._process)):
            if view not in used:
                raise RefusedError(f"view {view}: is not used")

    def lists(self, carriers: Carriers) -> dict[int, int]:
        """Return for each deciding view the set of vertices that it may decide."""
        return {view: carriers.carrier(self.known[view]) for view in self.deciding}
