"""The induction harness agrees with brute force on random small finite systems."""

from collections import Counter
from random import Random

import pytest
from random_systems import interesting
from refusals import quiet

from ttkem.verification.induction import find_run, induct

FEW, SHARE, PARTS, PART = 25, 100, 20, 500


def compared(seed):
    """The answer, after the harness was found to give the same."""
    draw = Random(seed)
    system, space = interesting(draw)
    verdict, why = space.answer()
    finding = induct(system.system(), quiet, k=system.k)
    told = finding.shown.split("\n")[0]
    assert finding.verdict.value == verdict, (seed, why, finding)
    if verdict == "refuted":
        assert told == f"drawn: {why}", seed
        assert finding.refutes == space.refutes(why), seed
    elif verdict == "unknown":
        assert told == f"vacuous? drawn: {why}", seed
    steps = [draw.choice(list(system.steps)) for _ in range(draw.randint(0, 2))]
    for against in (None, "p0"):
        run = find_run(system.system(), steps, against)
        assert (run is not None) == space.reaches(steps, against), (seed, steps, against)
    return verdict, why.partition(":")[0].partition(",")[0]


def tallied(seeds):
    return Counter(compared(seed) for seed in seeds)


@pytest.mark.parametrize(
    "seeds", [range(FEW), pytest.param(range(FEW, SHARE), marks=pytest.mark.thorough)]
)
def test_a_share_of_random_systems(seeds):
    found = tallied(seeds)
    assert {verdict for verdict, _ in found} == {"holds", "refuted", "unknown"}, found


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_random_systems(part):
    """10,000 in all; every kind of answer occurs often enough to mean something."""
    start = SHARE + part * PART
    found = tallied(range(start, start + PART))
    verdicts = Counter()
    for (verdict, _), number in found.items():
        verdicts[verdict] += number
    assert min(verdicts.values()) >= PART // 40, found
