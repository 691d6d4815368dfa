"""What is no system is refused, with words on what is wrong."""

import re

import pytest
import z3
from false_systems import FALSE, NODE, TRUE_ONES, token
from impure_systems import IMPURE
from refusals import quiet

from ttkem.errors import LocalError
from ttkem.verification import wellformed
from ttkem.verification.induction import find_run, induct

WRONG = {**FALSE, **IMPURE}


def refused(check, system, words):
    """Whether a check refuses a system with these words."""
    try:
        check(system)
    except LocalError as error:
        return words in str(error)
    return False


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_system_is_refused(name):
    system, words = WRONG[name]
    with pytest.raises(LocalError) as error:
        wellformed.check_system(system)
    assert words in str(error.value)


@pytest.mark.parametrize("name", TRUE_ONES)
def test_what_is_one_is_not(name):
    wellformed.check_system(TRUE_ONES[name])


def test_proofs_and_runs_check_the_system_first():
    system, words = FALSE["a symbol like the state's"]
    assert refused(lambda each: induct(each, quiet), system, words)
    assert refused(lambda each: find_run(each, ()), system, words)


@pytest.mark.parametrize("k", [0, -1, True, 1.0, "1", None])
def test_induction_is_over_one_step_or_more(k):
    with pytest.raises(LocalError, match="k is 1 or more"):
        induct(token(), quiet, k=k)


@pytest.mark.parametrize(
    ("steps", "against", "words"),
    [
        ("pass", None, "a run is a sequence of transitions, not 'pass'"),
        (("lose",), None, "no transition is called 'lose'; there are pass"),
        (("pass",), "no token", "no property is called 'no token'; there is 'one token'"),
        (("pass",), "", "no property is called ''"),
    ],
)
def test_runs_are_of_what_there_is(steps, against, words):
    with pytest.raises(LocalError) as error:
        find_run(token(), steps, against)
    assert words in str(error.value)


def test_sorts_that_begin_alike_are_told_apart():
    """Elements are shown by the letter of their sort only if no other sort has it."""
    name = z3.DeclareSort("Name")
    system = token(
        state={**token().state, "called": (NODE, name)},
        universe={NODE: 2, name: 1},
        witnesses=(("pass",),),
    )
    run = find_run(system, ("pass",))
    assert re.search(r"called\(node[01]\) = name0", run.drawn)
