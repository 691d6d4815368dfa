"""Agreement for every number of processes: each claim holds, and its twin fails as named."""

import re
from types import SimpleNamespace

import pytest
import z3
from lemmas import verdict, without

from agreement.graph import cycle, path
from agreement.memory import COMMUNICATION_MODELS, Read, Write, collect
from agreement.protocols import path_protocol
from agreement.protocols.midpoint import Midpoint
from agreement.task import Task
from agreement.verdict import Verdict
from proofs import (
    centres,
    crash_projection,
    four_points,
    halving,
    midpoints,
    round_bound,
    thirds_of_two,
    visibility,
)
from proofs.graphs.metrics import Distances
from ttkem.verification.lemma import Lemma, prove
from ttkem.verification.runner import run

MODULES = (
    visibility,
    halving,
    midpoints,
    four_points,
    centres,
    thirds_of_two,
    crash_projection,
    round_bound,
)
CLAIMS = {module.CLAIM.name: module.CLAIM for module in MODULES}

FIGURES = {
    "visibility": {"lemmas": 9, "runs": 1798},
    "halving": {"lemmas": 6, "ranges": 10000},
    "path-agreement": {"lemmas": 6, "pairs": 234, "protocols": 76},
    "four-points": {"lemmas": 7, "graphs": 996, "block graphs": 98},
    "tree-agreement": {"lemmas": 7, "sets of vertices": 1743, "protocols": 97},
    "thirds-agreement": {"lemmas": 6, "pairs": 5497, "protocols": 147},
    "crash-prefixes": {"lemmas": 7},
    "round-bound": {"lemmas": 17, "complexes": 13, "least numbers of the atlas": 3910},
}

SHOWN = {
    "visibility": r"one sees the other: (?=.*p reads.*q writes)(?=.*q reads.*p writes)",
    "halving": r"K rounds are enough: m = 1, now = 2",
    "path-agreement": r"a round halves: values at most \d+ apart; p has .* sees .*; q has .* sees",
    "four-points": r"attached to two vertices: .*d\(u,v\) = 2",
    "tree-agreement": r"a round halves: .*d\(c,c'\) = ",
    "thirds-agreement": r"a round leaves a third: .*x_sees = False.*y_sees = False",
    "crash-prefixes": r"no run without crashes changes only register Register \d from Value",
    "round-bound": r"[qr] sees p, q, r in . \| .r: ",
}


@pytest.mark.parametrize("name", CLAIMS)
def test_the_claim_holds_and_its_twin_is_refuted(name):
    result = run(CLAIMS[name], lambda how: None)
    assert result.finding.verdict is Verdict.HOLDS, result.finding.shown
    assert result.twin.verdict is Verdict.REFUTED, result.twin.shown
    assert re.search(SHOWN[name], result.twin.shown), result.twin.shown
    figures = dict(result.finding.figures)
    assert figures.pop("premises used") > 0
    assert figures == FIGURES[name]


# Who sees whom.


@pytest.mark.parametrize("form", ["snapshot", "immediate"])
def test_without_an_order_views_are_not_nested(form):
    sees = {"snapshot": visibility.scanned, "immediate": visibility.at_once}[form]
    for name in visibility.ORDER:
        lemma = Lemma("nested", without(visibility.ORDER, name), visibility.nested(sees))
        needed = name != "no event is before itself"
        assert verdict(lemma) is (Verdict.REFUTED if needed else Verdict.HOLDS), name


def test_collects_are_not_nested():
    nested = visibility.nested(visibility.collected)
    assert verdict(Lemma("nested", visibility.COLLECTS, nested)) is Verdict.REFUTED


def test_forms_that_are_not_as_the_lemmas_have_them():
    def reads_first(me, count, array, value):
        seen = yield Read(array, 1 - me)
        yield Write(array, value)
        return (value, seen) if me == 0 else (seen, value)

    def forgets(me, count, array, value):
        view = yield from collect(me, count, array, value)
        return tuple(None if p != me else v for p, v in enumerate(view))

    assert visibility.as_ordered(reads_first, 2).shown.endswith("reads before it writes")
    assert visibility.as_ordered(forgets, 2).shown.endswith("is not what the order says")
    figures = [visibility.as_ordered(form, 2).figures for form in COMMUNICATION_MODELS.values()]
    assert figures == [(("runs", 6),), (("runs", 6),), (("runs", 3),)]


# Halving.


def test_the_codes_number_of_rounds_is_looked_at(monkeypatch):
    monkeypatch.setattr(halving, "halvings", lambda length, parts: 3)
    assert halving.as_coded(2, 9).shown == "halvings(1, 2) is 3"
    monkeypatch.setattr(halving, "halvings", lambda length, parts: length.bit_length() - 1)
    assert halving.as_coded(2, 9).shown == "halvings(3, 2) is 1"


def test_protocols_with_another_number_of_rounds_are_seen():
    hasty = path_protocol(Task(path(6)), 3, rounds=2)
    assert halving.rounds_as_coded([hasty], 2).shown == "path, diameter 5: 2 rounds"
    patient = path_protocol(Task(path(6)), 3, rounds=4)
    assert halving.rounds_as_coded([patient], 2).verdict is Verdict.REFUTED


def test_rounds_that_do_not_divide():
    step = halving.rounds(2)[1]
    name = "a round divides"
    wrong = {name: halving.THEN <= (halving.NOW + 2) / 2}
    assert verdict(Lemma("step", step.given | wrong, step.then)) is Verdict.REFUTED


# Midpoints.


GIVEN = midpoints.VIEWS | midpoints.WITHIN


def test_every_premise_on_views_is_needed():
    for name in GIVEN:
        lemma = midpoints.contraction(without(GIVEN, name))
        needed = name != "low and high are seen"  # they are processes, whose values are within s
        assert verdict(lemma) is (Verdict.REFUTED if needed else Verdict.HOLDS), name


def test_rounding_each_its_own_way_is_not_enough():
    """The negative twin of the code's rounding: either way, as towards the smaller number."""
    new = [z3.Int("new_p"), z3.Int("new_q")]
    ends = [midpoints.ENDS[p] for p in (midpoints.P, midpoints.Q)]
    sums = [midpoints.VALUE(low) + midpoints.VALUE(high) for low, high in ends]
    rounded = [
        z3.And(2 * n >= total - 1, 2 * n <= total + 1) for n, total in zip(new, sums, strict=True)
    ]
    given = GIVEN | {"rounded somehow": z3.And(rounded)}
    proof = prove(Lemma("halved", given, midpoints.halved(*new), midpoints.describe))
    assert proof.verdict is Verdict.REFUTED
    even = {"s is even, and sums too": z3.And([s % 2 == 0 for s in [midpoints.SPREAD, *sums]])}
    assert verdict(Lemma("halved", given | even, midpoints.halved(*new))) is Verdict.HOLDS


def test_a_round_does_no_more_than_halve():
    """What a bound that is too good would exclude happens: the premises say something."""
    p, q = midpoints.after(midpoints.P), midpoints.after(midpoints.Q)
    eight = {"eight apart": midpoints.SPREAD == 8}
    assert verdict(Lemma("more", GIVEN | eight, p - q <= 3)) is Verdict.REFUTED
    assert verdict(Lemma("half", GIVEN | eight, p - q <= 4)) is Verdict.HOLDS


def test_middles_outside_the_inputs_are_seen():
    new = midpoints.validity()[0]
    wrong = {"to the middle": z3.Int("new") == z3.Int("high") + 1}
    assert verdict(Lemma("new", new.given | wrong, new.then)) is Verdict.REFUTED


def test_a_code_that_rounds_otherwise_is_seen(monkeypatch):
    monkeypatch.setattr(midpoints, "middle", lambda low, high: (low + high + 1) / 2)
    assert midpoints.as_coded("collect").shown == "collect: from 0 and 1 to 0, not 1"


def test_a_protocol_that_goes_by_numbers_is_seen(monkeypatch):
    """The seeded bug of the protocol's text: middles of numbers, not of places on the path."""

    def by_number(task, count, form, rounds):
        numbers = tuple(range(task.graph.order))
        return SimpleNamespace(program=Midpoint(numbers, numbers, rounds))

    monkeypatch.setattr(midpoints, "path_protocol", by_number)
    finding = midpoints.as_coded("collect")
    assert finding.verdict is Verdict.REFUTED
    assert re.fullmatch(r"collect: from \d and \d to \d, not \d", finding.shown)


# Trees.


def test_the_four_point_condition_on_a_cycle():
    assert not four_points.satisfied(cycle(4))
    assert four_points.satisfied(path(6))


def test_a_class_that_is_another_is_seen(monkeypatch):
    monkeypatch.setattr(four_points, "block_graph", lambda graph: True)
    assert four_points.as_classified(4).shown == "graph 16 of the atlas"


def test_few_graphs_and_their_classes():
    assert four_points.as_classified(5).figures == (("graphs", 31), ("block graphs", 17))


def test_new_vertices_hang_one_step_away():
    for step in four_points.steps():
        if step.name in {"1 of 4 are new", "1 of 3 are new"}:
            given = without(step.given, "new ones are 1 from u, and reach old ones through u")
            assert verdict(Lemma("step", given, step.then)) is Verdict.REFUTED


def test_what_centres_need():
    for name in centres.ROUND:
        lemma = Lemma("halves", without(centres.ROUND, name), centres.HALVES.then)
        assert verdict(lemma) is Verdict.REFUTED, name


def test_without_the_four_point_condition_values_leave_the_carrier_and_sweeps_fail():
    for lemma in (centres.validity()[0], centres.ends()):
        broken = Lemma(lemma.name, without(lemma.given, centres.FOUR), lemma.then)
        assert verdict(broken) is Verdict.REFUTED


def test_centres_are_no_better_than_half():
    tight = Lemma("more", centres.ROUND | {"s": centres.SPREAD == 4}, centres.D("c", "c'") <= 1)
    assert verdict(tight) is Verdict.REFUTED


def test_a_code_with_other_centres_is_seen(monkeypatch):
    monkeypatch.setattr(centres, "centre", lambda graph, origin, seen: seen[0])
    assert centres.all_centres(4).shown.endswith("1 is not a centre of (1, 2)")


def test_distances_have_names():
    d = Distances("x", "y")
    assert str(d("y", "x")) == "d(x,y)"
    assert d("x", "x").as_long() == 0


# Two processes.


def test_thirds_are_not_less_than_thirds():
    nine = thirds_of_two.ROUND | {"nine": thirds_of_two.APART == 9}
    assert verdict(Lemma("more", nine, thirds_of_two.NEW <= 2)) is Verdict.REFUTED


def test_values_of_two_stay_in_line():
    line = thirds_of_two.validity()[0]
    for name in line.given:
        lemma = Lemma("line", without(line.given, name), line.then)
        assert verdict(lemma) is Verdict.REFUTED, name


def test_a_code_that_goes_elsewhere_is_seen(monkeypatch):
    monkeypatch.setattr(thirds_of_two, "towards", lambda graph, me, view: view[me])
    assert thirds_of_two.as_coded(path(3)).shown == "from 0 and 2 to 0 and 2"


# Crashes.


def test_crashes_that_do_more():
    for name in crash_projection.CRASH:
        lemma = crash_projection.crash(without(crash_projection.CRASH, name))
        assert verdict(lemma) is Verdict.REFUTED, name
    local = crash_projection.crash(
        without(crash_projection.CRASH, "a crash changes no local state")
    )
    assert "local state of Process " in prove(local).shown


def test_a_violation_is_not_permanent_if_decisions_can_change():
    lemma = crash_projection.irrevocable()
    given = without(lemma.given, "decisions are irrevocable")
    assert verdict(Lemma("again", given, lemma.then)) is Verdict.REFUTED


def test_a_process_that_moves_after_its_crash_is_in_no_run_without_crashes():
    given = without(crash_projection.STEPS.given, "the mover has not crashed")
    assert verdict(Lemma("a step", given, crash_projection.STEPS.then)) is Verdict.REFUTED


# The bound on rounds.


def test_complexes_in_which_ends_are_nearer(monkeypatch):
    monkeypatch.setattr(round_bound, "apart", lambda count, rounds: 1)
    assert round_bound.attained(3, 1).shown == "n = 3, k = 1: 1 apart, not 2"


def test_an_atlas_with_fewer_rounds(monkeypatch):
    hasty = [(7, path(4), {(3, "hull"): SimpleNamespace(rounds=1)})]
    monkeypatch.setattr(round_bound, "load_atlas", lambda: hasty)
    assert round_bound.obeyed().shown == "graph 7, n = 3, hull: 1 round"


@pytest.mark.parametrize(("count", "rounds", "far"), [(2, 1, 3), (3, 1, 2), (3, 2, 4), (4, 1, 2)])
def test_how_far_apart_corners_are(count, rounds, far):
    assert round_bound.apart(count, rounds) == far


def test_decisions_that_are_not_adjacent_or_equal():
    step = round_bound.decisions()[1]
    given = without(step.given, "occur together")
    assert verdict(Lemma("step", given, step.then)) is not Verdict.HOLDS
    lifted = round_bound.lifting(2)[1]
    given = without(lifted.given, "one step is lifted")
    assert verdict(Lemma("lift", given, lifted.then)) is not Verdict.HOLDS
