"""Certificates of the decider: every part of each kind matters to the checker."""

import copy
import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from agreement.graph import (
    cycle,
    path,
)
from agreement.solve import (
    RefusedError,
    certificate_checker,
    check_certificate,
    decide,
)
from agreement.solve.carrier_lists import Neighbourhoods
from agreement.solve.certificate_checker import main
from agreement.solve.certificates import by_protocol, by_refutation
from agreement.solve.formula import cadical, formula_of
from agreement.solve.maps import find_map
from agreement.solve.refutation_formula import Numbering, named_formula
from agreement.task import Task
from agreement.topology import all_inputs

# Certificates, and damaged ones.


def refused(document):
    with pytest.raises(RefusedError):
        check_certificate(document)


def changed(document, change):
    """Return a copy of the document whose proof was changed by `change`."""
    new = copy.deepcopy(document)
    change(new["proof"])
    return new


def a_certificate(kind):
    if kind == "propositional refutation":
        plain = named_formula(Task(cycle(4)), np.array([(0, 1, 2), (0, 3, 2)]), 1)
        return by_refutation(Task(cycle(4)), 3, plain, cadical(plain.formula, proof=True).proof)
    graph = cycle(5) if kind == "chain map obstruction" else path(5)
    decision = decide(Task(graph), 3)
    return next(d for d in decision.certificates if d["proof"]["kind"] == kind)


KINDS = [
    "contractible carriers",
    "decision protocol",
    "arc consistency",
    "propositional refutation",
    "chain map obstruction",
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_of_the_frame_matters(kind):
    document = a_certificate(kind)
    assert check_certificate(document)
    assert check_certificate(json.loads(json.dumps(document)))
    for key in document:
        refused({k: v for k, v in document.items() if k != key})
        refused({**document, key: None if key != "rounds" else "many"})
    for key, value in [
        ("format", "another"), ("validity", "fair"), ("processes", 0), ("processes", True),
        ("claim", "true"), ("rounds", -1), ("rounds", 0 if document["rounds"] is None else None),
        ("graph", {"vertices": 9, "edges": document["graph"]["edges"]}),
        ("graph", {"vertices": 0, "edges": []}),
        ("graph", {"vertices": 5, "edges": [[0, 1], [1, 9]]}),
        ("proof", {**document["proof"], "kind": "faith"}), ("proof", {"kind": kind}),
    ]:  # fmt: skip
        refused({**document, key: value})
    for key in document["proof"]:
        refused(changed(document, lambda proof, key=key: proof.pop(key)))


def test_claims_that_are_false_have_no_certificate():
    """Each of these documents claims something false."""
    obstruction = a_certificate("chain map obstruction")
    refused({**obstruction, "processes": 2})
    square = [[0, 1], [1, 2], [2, 3], [3, 4], [4, 0], [0, 2], [0, 3]]
    refused({**obstruction, "graph": {"vertices": 5, "edges": square}})
    consistency = a_certificate("arc consistency")
    refused({**consistency, "rounds": 2})
    refused({**consistency, "graph": {"vertices": 5, "edges": square}})
    refused({**consistency, "processes": 1})
    protocol = a_certificate("decision protocol")
    refused({**protocol, "rounds": 1})
    refused({**protocol, "processes": 4})
    without_the_middle = [[0, 1], [1, 3], [3, 4], [4, 2]]
    refused({**protocol, "graph": {"vertices": 5, "edges": without_the_middle}})
    refused({**a_certificate("contractible carriers"), "processes": 4})
    refutation = a_certificate("propositional refutation")
    diamond = [[0, 1], [1, 2], [2, 3], [3, 0], [0, 2]]
    refused({**refutation, "rounds": 2})
    refused({**refutation, "graph": {"vertices": 4, "edges": diamond}})


def test_every_factor_of_an_obstruction_matters():
    document = a_certificate("chain map obstruction")
    for i in range(len(document["proof"]["factors"])):
        refused(changed(document, lambda proof, i=i: proof["factors"].pop(i)))

        def flip(proof, i=i):
            proof["factors"][i][0] += 1

        refused(changed(document, flip))

        def repeat(proof, i=i):
            proof["factors"].append(proof["factors"][i])

        refused(changed(document, repeat))
        for place, value in [(1, [0]), (1, [0, 0]), (1, [0, 9]), (2, [0, 1, 2]), (2, [])]:

            def replace(proof, i=i, place=place, value=value):
                proof["factors"][i][place] = value

            refused(changed(document, replace))
    for modulus in (1, 0, 3, "2", True):
        refused(changed(document, lambda proof, modulus=modulus: proof.update(modulus=modulus)))


def test_every_carrier_and_step_of_dismantlings_matters():
    document = a_certificate("contractible carriers")
    for i, (_, _, steps) in enumerate(document["proof"]["carriers"]):
        refused(changed(document, lambda proof, i=i: proof["carriers"].pop(i)))
        refused(changed(document, lambda proof, i=i: proof["carriers"][i][1].append(99)))
        for j in range(len(steps)):
            refused(changed(document, lambda proof, i=i, j=j: proof["carriers"][i][2].pop(j)))

            def turn(proof, i=i, j=j):
                proof["carriers"][i][2][j][1] = proof["carriers"][i][2][j][0]

            refused(changed(document, turn))

    def shrink(proof):
        """Make {0} the carrier of {0, 4}, so that carriers no longer grow."""
        proof["carriers"] = [
            [s, [0], []] if s == [0, 4] else [s, c, t] for s, c, t in proof["carriers"]
        ]

    refused(changed(document, shrink))
    square = {"vertices": 4, "edges": [[0, 1], [1, 2], [2, 3], [3, 0]]}
    everything = [[list(s), [0, 1, 2, 3], [[0, 1], [1, 2], [2, 3]]] for s in [(0,), (1,)]]
    refused({**document, "graph": square, "proof": {**document["proof"], "carriers": everything}})


def test_every_entry_of_a_protocol_matters():
    search = find_map(Task(path(4)), 3, 2, sets=True)
    document = by_protocol(Task(path(4)), 3, search.tables())
    assert check_certificate(document)
    for number, table in enumerate(document["proof"]["tables"]):
        for i in range(len(table)):
            refused(changed(document, lambda proof, n=number, i=i: proof["tables"][n].pop(i)))
            for wrong in (10**6, -1):

                def put(proof, n=number, i=i, wrong=wrong):
                    proof["tables"][n][i][2] = wrong

                refused(changed(document, put))
    apart = changed(document, lambda proof: None)
    for row in apart["proof"]["tables"][-1]:
        row[2] = row[1][0]
    refused(apart)


def test_protocols_that_know_how_often_are_checked_too():
    search = find_map(Task(path(3)), 3, 1)
    document = by_protocol(Task(path(3)), 3, search.tables())
    assert check_certificate(document).startswith("solvable in 1 round:")
    for i in range(len(document["proof"]["tables"][0])):
        refused(changed(document, lambda proof, i=i: proof["tables"][0].pop(i)))


def test_every_removal_matters():
    document = a_certificate("arc consistency")
    proof = document["proof"]
    for i, (view, value, because) in enumerate(proof["removals"]):
        refused(changed(document, lambda proof, i=i: proof["removals"].pop(i)))
        for place, wrong in [(0, because), (2, view), (0, -1), (2, 10**6), (1, (value + 2) % 5)]:

            def put(proof, i=i, place=place, wrong=wrong):
                proof["removals"][i][place] = wrong

            refused(changed(document, put))
    refused(changed(document, lambda proof: proof["removals"].reverse()))


def test_views_that_cannot_be():
    document = a_certificate("arc consistency")
    views = document["proof"]["views"]
    for i, (process, what) in enumerate(views):
        wrongs = [[7, what], [process, []], [process, [10**6]]]
        if isinstance(what, int):
            wrongs += [[process, 9], [process, -1]]
        else:
            wrongs += [[(process + 1) % 3, [v for v in what if views[v][0] == process]]]
            wrongs += [[process, [*what, -1]]]
        for wrong in wrongs:

            def put(proof, i=i, wrong=wrong):
                proof["views"][i] = wrong

            refused(changed(document, put))
    # Views 3 and 4 do not occur together: neither sees all that the other one sees.
    impossible = {
        **document,
        "rounds": 2,
        "proof": {
            **document["proof"],
            "views": [[0, 0], [1, 4], [2, 2], [0, [0, 1]], [1, [1, 2]], [0, [3, 4]]],
        },
    }
    refused(impossible)


def test_refutations_are_checked_clause_by_clause():
    document = a_certificate("propositional refutation")
    proof = document["proof"]
    refused(changed(document, lambda proof: proof.update(drat=[])))
    refused(changed(document, lambda proof: proof.update(edges=[])))
    refused(changed(document, lambda proof: proof.update(drat=["-1 0", *proof["drat"]])))
    refused(changed(document, lambda proof: proof.update(drat=["0"])))
    refused(changed(document, lambda proof: proof["edges"].append([0, 0])))
    refused(changed(document, lambda proof: proof["edges"].append([-1, -2])))
    plain = named_formula(Task(cycle(4)), np.array([(0, 1, 2), (0, 3, 2)]), 1)
    numbering = Numbering(plain.stages)
    numbers = [numbering.view(vertex) for vertex in plain.vertices]
    ends = [sorted((numbers[u], numbers[v])) for u, v in plain.edges.tolist()]
    for i in range(len(proof["edges"])):
        new = changed(document, lambda proof, i=i: proof["edges"].pop(i))
        try:
            check_certificate(new)
        except RefusedError:
            continue
        # Accepted: then that edge was not needed, which CaDiCaL has to confirm.
        kept = np.delete(plain.edges, ends.index(proof["edges"][i]), axis=0)
        formula = formula_of(Neighbourhoods(cycle(4)).near, plain.formula.lists, kept)
        assert cadical(formula).satisfiable is False
    solvable = named_formula(Task(path(3)), all_inputs(3, 2), 1)
    assert cadical(solvable.formula).satisfiable
    refused(by_refutation(Task(path(3)), 2, solvable, ["1 0", "0"]))


def test_the_checker_shares_no_code_with_the_decider():
    source = Path(certificate_checker.__file__).read_text(encoding="utf-8")
    assert "agreement." not in source.replace("agreement certificate", "")
    imported = [line for line in source.splitlines() if line.startswith(("import", "from"))]
    assert imported
    assert {line.split()[1].split(".")[0] for line in imported} <= sys.stdlib_module_names


def test_the_checker_alone_checks_files(tmp_path, capsys):
    good, bad, none = (tmp_path / name for name in ("good.json", "bad.json", "none.json"))
    document = a_certificate("chain map obstruction")
    good.write_text(json.dumps(document))
    bad.write_text(json.dumps({**document, "processes": 2}))
    assert main([str(good)]) == 0
    assert "accepted: unsolvable: 3 processes" in capsys.readouterr().out
    assert main([str(good), str(bad), str(none)]) == 1
    assert capsys.readouterr().out.count("REFUSED") == 2
    assert main([]) == 0


def test_the_checker_is_a_script(tmp_path, monkeypatch):
    file = tmp_path / "bad.json"
    file.write_text("{}")
    monkeypatch.setattr(sys, "argv", ["certificate_checker.py", str(file)])
    with pytest.raises(SystemExit) as stop:
        runpy.run_path(sys.modules[main.__module__].__file__, run_name="__main__")
    assert stop.value.code == 1
