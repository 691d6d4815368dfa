"""What a checker of certificates is put through: each trial raises AssertionError if it fails.

A trial takes the checker, a module with `check`, `read` and `RefusedError`. So it serves for the
checker itself, for its mutants, and for any other checker.
"""

import json
import random
from itertools import combinations

from damaged_certificates import false_texts, type_confusions
from false_certificates import by_hand
from true_certificates import (
    BY_SETS,
    EDGE,
    LONG_WAY,
    REFUTED_5,
    SQUARE,
    SQUARE_2,
    TRUE,
    TWICE,
    complete,
    pentagon,
    protocol,
)

from agreement.task import VALIDITIES, Task

MINIMUM = protocol(complete(2), 3, [(None, (0,), 0), (None, (0, 1), 0), (None, (1,), 1)])
LONG_PENTAGON = pentagon(LONG_WAY, "monophonic")


def statement(document):
    """Return what an accepted certificate proves, as the format's page words it."""
    claim, rounds = document["claim"], document["rounds"]
    said = claim if rounds is None else f"{claim} in {rounds} round{'' if rounds == 1 else 's'}"
    count, order = document["processes"], document["graph"]["vertices"]
    size = "1 process" if count == 1 else f"{count} processes"
    size += ", 1 vertex" if order == 1 else f", {order} vertices"
    return f"{said}: {size}, {document['validity']} validity"


def refusal(checker, document):
    """Return why the checker refuses the document; fail if it accepts it or breaks."""
    try:
        said = checker.check(document)
    except checker.RefusedError as error:
        return str(error)
    raise AssertionError(f"accepted: {said}")


def true_ones_are_accepted(checker):
    for name, document in TRUE.items():
        assert checker.check(document) == statement(document), name


def false_ones_are_refused(checker, *, for_their_reason=True):
    for it in by_hand():
        said = refusal(checker, it.document)
        if for_their_reason:
            assert any(part in said for part in it.why.split("|")), (it.name, it.why, said)


def wrong_types_are_refused(checker, names=tuple(TRUE)):
    for name in names:
        for where, document in type_confusions(name, TRUE[name]):
            assert len(refusal(checker, document)) < 300, where


def false_texts_are_refused(checker):
    for name, text in false_texts():
        try:
            found = checker.read(text)
        except checker.RefusedError:
            continue
        assert name == "a string", f"read: {name}"
        refusal(checker, found)


def carriers_are_those_of(checker, graphs):
    """Compare the carriers with those of `agreement.task`, for up to three inputs."""
    for graph in graphs:
        for validity in VALIDITIES:
            mine, theirs = checker.Task(graph.order, graph.edges, validity), Task(graph, validity)
            for size in (1, 2, 3):
                for inputs in combinations(range(graph.order), size):
                    assert mine.carrier(inputs) == theirs.carrier(inputs), (graph, validity, inputs)


def limits_are_kept(checker, setting):
    """Set each limit to what some certificate needs, and to one less, by `setting`."""
    text = json.dumps(SQUARE_2).encode()
    for name, needed, judge in [
        ("MOST_BYTES", len(text), lambda: checker.read(text)),
        ("MOST_BRACKETS", 18, lambda: checker.read(text)),
        ("MOST_NUMBER", 999_999_999, lambda: checker.check(TWICE)),
        ("MOST_VERTICES", 4, lambda: checker.check(SQUARE)),
        ("MOST_PROCESSES", 2, lambda: checker.check(EDGE)),
        ("MOST_ROUNDS", 2, lambda: checker.check(TWICE)),
        # Those of C5 are 5 of one vertex, and 5 * 2 each of two, three and four vertices.
        ("MOST_PATHS", 35, lambda: checker.check(LONG_PENTAGON)),
        ("MOST_STATES", 6, lambda: checker.check(protocol(complete(3), 2))),
        # 6 inputs; after the round one of P3's processes has 0, 1 or 2, with 0 to 2 knowing all.
        ("MOST_STATES", 12, lambda: checker.check(BY_SETS)),
        # K2, three processes: 000 and 111 lead to one each, 001 to four, 011 to three of those
        # and to (1, 1, 0) with the ones knowing no other input.
        ("MOST_STATES", 7, lambda: checker.check(MINIMUM)),
        # P5's four views decide; (2, 5), (3, 4): 3 pairs each are not near, (4, 5): 12.
        ("MOST_CLAUSES", 22, lambda: checker.check(REFUTED_5)),
    ]:
        before = getattr(checker, name)
        setting(checker, name, needed)
        judge()
        setting(checker, name, needed - 1)
        try:
            judge()
        except checker.RefusedError:
            setting(checker, name, before)
        else:
            raise AssertionError(f"{name} is not kept")


def propagation_is_sound_and_complete(checker, formulas):
    """Compare the clauses that follow with unit propagation done plainly."""
    _a_fact_is_not_forgotten(checker)
    chance = random.Random(1)
    for _ in range(formulas):
        clauses, known = checker.Clauses(), []
        literals = [x for v in range(1, chance.choice((3, 4, 6)) + 1) for x in (v, -v)]
        for _ in range(chance.choice((3, 6, 12))):
            known.append(_clause(chance, literals))
            clauses.add(known[-1])
        for _ in range(5):
            clause = _clause(chance, literals) if chance.random() < 0.8 else []
            try:
                clauses.step(list(clause))
            except checker.RefusedError:
                assert not _follows(known, clause), (known, clause)
            else:
                assert _follows(known, clause), (known, clause)
                known.append(clause)


def _a_fact_is_not_forgotten(checker):
    """1 is a fact; a clause with -1 is added; then 3 follows only as 1 is a fact."""
    clauses = checker.Clauses()
    for clause in ([1], [-1, 2], [-1, 3, 4], [-4, 5], [-4, -5]):
        clauses.add(clause)
    clauses.step([-1, 2])
    clauses.step([3])


def _clause(chance, literals):
    chosen = chance.sample(literals, chance.choice((1, 2, 2, 3)))
    return [x for x in chosen if -x not in chosen]


def _follows(clauses, clause):
    false = set(clause)
    while True:
        left = [[x for x in it if x not in false] for it in clauses]
        if [] in left:
            return True
        units = {-it[0] for it in left if len(it) == 1} - false
        if not units:
            return any(-x in false for x in false)
        false |= units


def files_are_checked(checker, folder, said, setting):
    good, bad, none = (folder / name for name in ("gut\u00e9.json", "bad.json", "none.json"))
    good.write_text(json.dumps(SQUARE_2))
    bad.write_text(json.dumps(SQUARE_2 | {"processes": 2}))
    assert checker.main([]) == 0
    assert checker.main([str(good)]) == 0
    line = f"{folder}/gut\\xe9.json: accepted: {statement(SQUARE_2)}\n"
    assert said() == line
    for names in ([good, bad], [bad, good], [none, good], [folder, good]):
        assert checker.main([str(name) for name in names]) == 1
        lines = said().splitlines()
        assert sum(": REFUSED: " in it for it in lines) == 1
        assert sum(": accepted: " in it for it in lines) == 1
    size = good.stat().st_size
    setting(checker, "MOST_BYTES", size)
    assert checker.main([str(good)]) == 0
    setting(checker, "MOST_BYTES", size - 1)
    assert checker.main([str(good)]) == 1
    assert f"REFUSED: the file has more than {size - 1:,} bytes" in said()
