import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement.errors import GraphError, TaskError
from agreement.graph import Graph, complete, cycle, path, star
from agreement.strategies import graphs, inputs
from agreement.task import VALIDITIES, Task


def test_the_validities_are():
    assert VALIDITIES == ("geodesic", "hull", "monophonic", "clique")


def test_carriers_where_they_differ():
    # Two opposite vertices of C6 and one between: shortest paths, hull, induced paths.
    graph = cycle(6)
    assert Task(graph).carrier([0, 2]) == {0, 1, 2}
    assert Task(graph, "monophonic").carrier([0, 2]) == {0, 1, 2, 3, 4, 5}
    assert Task(graph, "clique").carrier([0, 2]) == set(range(6))
    assert Task(graph, "clique").carrier([0, 1]) == {0, 1}
    # K_{2,3}: of the three, two have both vertices of the other side between them; so the hull
    # contains the third.
    k23 = Graph.of(5, [(a, b) for a in (0, 1) for b in (2, 3, 4)])
    assert Task(k23).carrier([2, 3]) == {0, 1, 2, 3}
    assert Task(k23, "hull").carrier([2, 3]) == {0, 1, 2, 3, 4}


@given(graphs(max_order=7), st.sampled_from(VALIDITIES), st.data())
def test_carriers_grow_with_the_inputs_and_hold_them(graph, validity, data):
    task = Task(graph, validity)
    many = data.draw(st.sets(st.integers(0, graph.order - 1), min_size=1))
    few = data.draw(st.sets(st.sampled_from(sorted(many)), min_size=1))
    assert few <= task.carrier(few) <= task.carrier(many)
    assert all(task.carrier([v]) == {v} for v in range(graph.order))
    assert Task(graph).carrier(many) <= Task(graph, "hull").carrier(many)
    assert Task(graph).carrier(many) <= Task(graph, "monophonic").carrier(many)


@given(graphs(max_order=6), st.data())
def test_objections_are_exactly_the_violations(graph, data):
    task = Task(graph)
    ins = data.draw(inputs(graph, 3))
    outs = data.draw(st.tuples(*[st.none() | st.integers(0, graph.order - 1)] * 3))
    present = {p for p in range(3) if outs[p] is not None} | data.draw(st.sets(st.integers(0, 2)))
    decided = [v for v in outs if v is not None]
    fine = all(graph.adjacent_or_equal(u, v) for u in decided for v in decided)
    if decided:
        fine = fine and set(decided) <= task.carrier(ins[p] for p in present)
    assert (task.objection(ins, outs, present) is None) == fine


def test_what_objections_say():
    task = Task(Graph.of(4, [(0, 1), (1, 2), (2, 3)], "abcd"))
    assert task.objection((0, 0), (3, None), {0, 1}) == (
        "validity: process 0 decides d, allowed are a"
    )
    assert task.objection((0, 3), (0, 3), {0, 1}) == (
        "agreement: processes 0 and 1 decide a and d, at distance 3"
    )
    assert task.judge((0, 3))((None, None), frozenset()) is None


def test_inputs_and_their_classes():
    task = Task(path(3))
    assert len(list(task.inputs(2))) == 9
    classes = task.inputs_up_to_automorphism(2)
    assert sum(classes.values()) == 9
    assert len(classes) == 5
    assert len(Task(complete(3)).inputs_up_to_automorphism(2)) == 2
    assert sum(Task(star(3)).inputs_up_to_automorphism(3).values()) == 64


@pytest.mark.parametrize(
    ("act", "error", "said"),
    [
        (lambda: Task(Graph.of(2, [])), GraphError, "not connected: no path from 0 to 1"),
        (lambda: Task(Graph.of(0, [])), GraphError, "no vertex"),
        (lambda: Task(path(2), "convex"), TaskError, "no validity 'convex': there are geodesic"),
        (lambda: Task(path(2)).carrier([]), TaskError, "the carrier of no inputs"),
        (lambda: Task(path(2)).carrier([2]), GraphError, "no vertex 2"),
        (lambda: Task(path(2)).judge([]), TaskError, "at least one process"),
        (lambda: Task(path(2)).judge([0, 5]), GraphError, "process 1 is 5, which is not a vertex"),
        (lambda: Task(path(2)).inputs(0), TaskError, "at least one process, not 0"),
    ],
)
def test_bad_tasks_are_refused(act, error, said):
    with pytest.raises(error, match=said):
        act()
