"""The tests that kill mutants hold of the modules themselves: those that take little time."""

import pytest
from induction_trials import of_countermodel, of_universes
from runner_trials import of_runner

from ttkem.verification import countermodel, finite, runner


@pytest.mark.parametrize(
    ("trial", "module"),
    [(of_universes, finite), (of_countermodel, countermodel), (of_runner, runner)],
)
def test_a_trial_holds_of_the_module(trial, module):
    trial(module)
