"""The premises that planners are checked for are those of the claim: compared with its formulas."""

import pytest
from broken_planners import PLANNERS
from premise_formulas import BY_ANY_PLAN, BY_FORMULA, OURS, cases, compared, formulas

from ttkem.testing.planner_calls import CheckedPlanner
from ttkem.testing.planner_premises import PREMISES, broken_premises


@pytest.mark.sample(5)
@pytest.mark.parametrize("name", sorted(PLANNERS))
def test_a_premise_is_broken_if_and_only_if_its_formula_fails(name):
    planner = CheckedPlanner(PLANNERS[name], name)
    number = 0
    for case in cases(planner, 5, 12):
        said, true = compared(broken_premises, *case)
        assert said == true, case[2:]
        number += 1
    assert number > 5


def test_every_formula_about_a_plan_is_a_premise():
    rules = {name for kind in ("create", "update", "add", "remove") for name in formulas(kind)}
    assert {BY_FORMULA.get(name, name) for name in rules} - PREMISES.keys() == BY_ANY_PLAN
    assert PREMISES.keys() - OURS <= {BY_FORMULA.get(name, name) for name in rules}
