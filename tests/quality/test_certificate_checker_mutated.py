"""Mutants of the certificate checker: each accepts a false certificate or refuses a true one."""

# ruff: noqa: E501 - the keys of mutants have lines of the checker

import io
import sys
import tempfile
from pathlib import Path

import certificate_trials
import pytest
from mutation import survivors

from agreement.graph import complete_bipartite, cycle, path, sun
from agreement.solve import certificate_checker

EQUIVALENT = {
    '_object: need(len(found) == len(pairs), f"an object of {len(pairs)} keys has some key twice"): == to >=': "an object has at most as many keys as were written",
    "_shaped: pairs = enumerate(zip(value, parts, strict=True)): True to False": "there are as many shapes as values, as was checked",
    'Task.__init__: need(len(distances[0]) == order, "the graph is not connected"): == to >=': "no more than all vertices are reached",
    'Task.__init__: need(len(distances[0]) == order, "the graph is not connected"): 0 to -1': "in a graph one vertex reaches all others exactly if every vertex does",
    "Task.__init__: (u, v): {w for w in range(order) if from_u[w] + from_v[w] == from_u[v]}: == to <=": "the triangle inequality: the sum is never less",
    'Task.__init__: if validity == "monophonic":: == to >=': "no other validity comes after it in the alphabet",
    "Task._distances: found[u] = found[v] + 1: + to -": "all distances change their sign, and sums of them are compared for equality",
    "Task._distances: found[u] = found[v] + 1: 1 to 2": "all distances double, and sums of them are compared for equality",
    'Task.carrier: if self.validity == "clique":: == to <=': "no other validity comes before it in the alphabet",
    "Task.carrier: if chosen not in self._carriers:: condition is True": "carriers are computed again instead of kept",
    'Task.carrier: while self.validity == "hull" and (larger := self._joined(found)) != found:: != to >': "what is joined to a set contains it",
    '_check_carriers: for chosen, (inputs, carrier, steps) in zip(sets, proof["carriers"], strict=True):: True to False': "there are as many entries as sets, as was checked",
    "_after_round: for (value, _), sees in zip(state, run, strict=True):: True to False": "there are as many views as processes",
    '_after_round: need(used == table.keys(), f"{what} has entries that are never looked up"): == to >=': "only entries of the table are looked up",
    "_views: view = View(process, 0, frozenset(), frozenset(), frozenset([sees])): frozenset to tuple": "it is iterated over, and compared with others of one part",
    "_views: members = frozenset(view.process for view in seen): frozenset to tuple": "it is asked for members; what a view sees determines it",
    "_views: knows = frozenset(vertex for view in seen for vertex in view.knows): frozenset to tuple": "it is iterated over; what a view sees determines it",
    "_views: view = View(process, own[0].depth + 1, frozenset(sees), members, knows): 0 to -1": "there is exactly one, as was checked",
    '_views: need(len({*found}) == len(found), "a view occurs twice"): == to >=': "there are at most as many different views as views",
    '_deciding: need(used == {*range(len(views))}, "there are views that are not used"): == to >=': "views that are seen or in a pair are among the views",
    "_deciding: return [i for i, view in enumerate(views) if view.depth == rounds]: == to >=": "a deeper view would have to be seen by a still deeper one, and the deepest is not used",
    '_clause: need(len({abs(x) for x in literals}) == len(literals), f"{what} has a variable twice"): == to >=': "there are at most as many variables as literals",
    "Clauses.propagate: if len(free) == 1 and free[0] not in self.true:: == to <=": "a clause without a free literal has been dealt with",
    "Clauses.propagate: if len(free) == 1 and free[0] not in self.true:: 0 to -1": "there is one free literal",
    "Clauses.propagate: self.true.add(free[0]): 0 to -1": "there is one free literal",
    "Clauses.propagate: trail.append(free[0]): 0 to -1": "there is one free literal",
    "_check_obstruction: known = sum(value for (inputs, _), value in terms.items() if len(inputs) == 1): == to <=": "there is at least one input",
    "_check_obstruction: known = sum(value for (inputs, _), value in terms.items() if len(inputs) == 1): == to >=": "unknown terms are divisible by the modulus, as is checked before the sum is used",
    "_check_obstruction: known = sum(value for (inputs, _), value in terms.items() if len(inputs) == 1): condition is True": "unknown terms are divisible by the modulus, as is checked before the sum is used",
    "_check_obstruction: cancel = all(value % modulus == 0 for (inputs, _), value in terms.items() if len(inputs) > 1): == to <=": "a remainder is not negative",
    '_check_obstruction: need(known % modulus != 0, "the known values add up to 0, so nothing is contradicted"): != to >': "a remainder is not negative",
    'main: said = "accepted: " + check(read(file.read(MOST_BYTES + 1))): 1 to 2': "one byte more than allowed shows that there are too many; two do as well",
}
"""Mutants that do what the checker does, and why."""

SHARE = 24
"""One mutant of so many is tried in an ordinary run; each run tries the same ones."""

GRAPHS = (path(3), cycle(4), cycle(5), complete_bipartite(2, 3), sun(3))
LIMITS = {
    "MOST_BYTES": 33_554_432,
    "MOST_BRACKETS": 2_000_000,
    "MOST_NUMBER": 999_999_999,
    "MOST_VERTICES": 62,
    "MOST_PROCESSES": 6,
    "MOST_ROUNDS": 100,
    "MOST_PATHS": 1_000_000,
    "MOST_STATES": 1_000_000,
    "MOST_CLAUSES": 2_000_000,
}


def kills(checker):
    """Put the checker through all trials, the cheapest and sharpest first."""
    assert {name: getattr(checker, name) for name in LIMITS} == LIMITS
    certificate_trials.true_ones_are_accepted(checker)
    certificate_trials.false_ones_are_refused(checker)
    certificate_trials.wrong_types_are_refused(checker, ["two inputs apart", "sets"])
    certificate_trials.carriers_are_those_of(checker, GRAPHS)
    certificate_trials.propagation_is_sound_and_complete(checker, 40)
    certificate_trials.false_texts_are_refused(checker)
    certificate_trials.limits_are_kept(checker, setattr)
    _files(checker)


def _files(checker):
    before, sys.stdout = sys.stdout, io.StringIO()
    try:
        with tempfile.TemporaryDirectory() as folder:
            certificate_trials.files_are_checked(checker, Path(folder), _said, setattr)
    finally:
        sys.stdout = before


def _said():
    assert isinstance(sys.stdout, io.StringIO)
    text = sys.stdout.getvalue()
    sys.stdout.seek(0)
    sys.stdout.truncate()
    return text


def test_a_share_of_the_mutants_dies():
    share = slice(0, None, 4 * SHARE)
    assert survivors(certificate_checker, kills, share=share, equivalent=EQUIVALENT) == []


@pytest.mark.slow
@pytest.mark.parametrize("start", range(SHARE))
def test_every_other_mutant_dies(start):
    share = slice(start, None, SHARE)
    assert survivors(certificate_checker, kills, share=share, equivalent=EQUIVALENT) == []
