"""Mutants of the certificate checker: each accepts a false certificate or refuses a true one."""

import io
import sys
import tempfile
from pathlib import Path

import certificate_trials
import pytest
from mutation import survivors

from agreement.graph import complete_bipartite, cycle, path, sun
from agreement.solve import certificate_checker

EQUIVALENT = {}
"""Mutants that do what the checker does, and why."""

SHARE = 12
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
    text = sys.stdout.getvalue()
    sys.stdout.seek(0)
    sys.stdout.truncate()
    return text


def test_a_share_of_the_mutants_dies():
    share = slice(0, None, SHARE)
    assert survivors(certificate_checker, kills, share=share, equivalent=EQUIVALENT) == []


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1, SHARE))
def test_every_other_mutant_dies(start):
    share = slice(start, None, SHARE)
    assert survivors(certificate_checker, kills, share=share, equivalent=EQUIVALENT) == []
