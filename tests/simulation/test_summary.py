import math
from dataclasses import replace

import pytest

from ttkem.errors import LocalError
from ttkem.simulation import Record, Results, Scheme, Setting, compare, crossings, estimate
from ttkem.simulation.summary import measure_of, t_quantile


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [
        (1, 12.7062),
        (2, 4.3027),
        (3, 3.1824),
        (4, 2.7764),
        (10, 2.2281),
        (31, 2.0395),
        (255, 1.9693),
    ],
)
def test_students_t_as_tabulated(freedom: int, quantile: float) -> None:
    assert t_quantile(freedom) == pytest.approx(quantile, abs=1e-4)


def test_estimate_by_hand() -> None:
    # Mean 3, standard deviation 1, three values: 4.3027 / sqrt(3) either side.
    found = estimate([2.0, 3.0, 4.0])
    assert found.mean == 3
    assert found.high - 3 == pytest.approx(2.4841, abs=1e-4)
    assert 3 - found.low == pytest.approx(2.4841, abs=1e-4)
    assert found.seeds == 3


def test_one_value_says_nothing_about_the_spread() -> None:
    found = estimate([5.0])
    assert (found.mean, found.low, found.high) == (5, -math.inf, math.inf)
    with pytest.raises(LocalError):
        estimate([])


def record(
    scheme: Scheme, scale: int, seed: int, encryptions: int, setting: Setting = Setting.UNIFORM
) -> Record:
    return Record(setting, scheme, scale, seed, 10, 0, 100, encryptions, 0)


def lines(tainted: dict[int, int], plain: dict[int, int], seeds: int = 3) -> Results:
    """Results with ``tainted`` and ``plain`` encryptions by scale, a little apart by seed."""
    return Results(
        tuple(
            record(scheme, scale, seed, cost * 10 + seed)
            for scheme, costs in ((Scheme.TKEM, plain), (Scheme.TTKEM, tainted))
            for scale, cost in costs.items()
            for seed in range(seeds)
        )
    )


def test_a_crossing_is_interpolated_in_the_logarithm() -> None:
    # Ratios 2, then 1/2: the logarithms are opposite, so the middle; no noise at all.
    results = lines({3: 200, 4: 200, 5: 100}, {3: 100, 4: 100, 5: 200}, seeds=1)
    (found,) = crossings(results)
    assert (found.lower_scale, found.upper_scale) == (4, 5)
    assert found.position == pytest.approx(4.5)
    assert found.low == found.high == found.position
    assert found.found == 1
    assert found.verdict == "crosses"
    assert found.at_top.excess.mean == pytest.approx(-0.5)
    assert found.baseline is Scheme.TKEM


def test_the_last_crossing_counts() -> None:
    results = lines({3: 200, 4: 100, 5: 200, 6: 50}, {3: 150, 4: 150, 5: 150, 6: 150})
    (found,) = crossings(results)
    assert (found.lower_scale, found.upper_scale) == (5, 6)


def test_always_below_and_not_below() -> None:
    (below,) = crossings(lines({3: 10, 4: 10}, {3: 20, 4: 20}))
    (above,) = crossings(lines({3: 10, 4: 30}, {3: 20, 4: 20}))
    for found, verdict in ((below, "always below"), (above, "not below")):
        assert found.verdict == verdict
        assert found.position is None
        assert found.lower_scale is None
        assert found.low is None
        assert found.found == 0


def test_the_interval_holds_the_position_of_noisy_lines() -> None:
    records = [
        record(scheme, scale, seed, base + spread * (seed % 5 - 2))
        for seed in range(20)
        for scheme, scale, base, spread in (
            (Scheme.TKEM, 3, 1000, 0),
            (Scheme.TKEM, 4, 1000, 0),
            (Scheme.TTKEM, 3, 1100, 60),
            (Scheme.TTKEM, 4, 900, 60),
        )
    ]
    (found,) = crossings(Results(tuple(records)), seed=4)
    exact = 3 + math.log(1.1) / (math.log(1.1) - math.log(0.9))
    assert found.position == pytest.approx(exact)
    assert found.low is not None
    assert found.high is not None
    assert 3 < found.low < exact < found.high < 4
    assert crossings(Results(tuple(records)), seed=4) == (found,)


def test_settings_come_in_order_with_both_baselines() -> None:
    records = []
    for setting in (Setting.ADMINISTRATORS, Setting.ZIPF):
        for scheme, costs in (
            (Scheme.TKEM, (10, 20)),
            (Scheme.TKEM_COMMIT, (20, 30)),
            (Scheme.TTKEM, (15, 15)),
        ):
            records += [
                record(scheme, scale, 0, cost, setting)
                for scale, cost in zip((3, 4), costs, strict=True)
            ]
    # Only administrators have a scale-5 TKEM: no pair with TTKEM there.
    records.append(record(Scheme.TKEM, 5, 0, 1, Setting.ADMINISTRATORS))
    found = crossings(Results(tuple(records)))
    assert [(c.setting, c.baseline) for c in found] == [
        (setting, baseline)
        for setting in (Setting.ADMINISTRATORS, Setting.ZIPF)
        for baseline in (Scheme.TKEM, Scheme.TKEM_COMMIT)
    ]
    assert found[0].at_top.scale == 4


def test_no_pairs_no_crossing() -> None:
    assert crossings(Results((record(Scheme.TTKEM, 3, 0, 5),))) == ()
    nothing_spent = (record(Scheme.TTKEM, 3, 0, 5), record(Scheme.TKEM, 3, 0, 0))
    assert compare(Results(nothing_spent), Scheme.TTKEM, Scheme.TKEM) == ()


def test_comparisons_have_three_verdicts() -> None:
    def verdict(costs: list[int]) -> str:
        records = [record(Scheme.TKEM, 3, seed, 100) for seed in range(4)]
        records += [record(Scheme.TKEM_COMMIT, 3, seed, cost) for seed, cost in enumerate(costs)]
        (found,) = compare(Results(tuple(records)), Scheme.TKEM_COMMIT, Scheme.TKEM)
        return found.verdict

    assert verdict([110, 111, 112, 113]) == "dearer"
    assert verdict([90, 91, 92, 93]) == "cheaper"
    assert verdict([90, 110, 95, 105]) == "undecided"


def test_measures() -> None:
    one = replace(record(Scheme.TTKEM, 3, 0, 90), administrators=2, administrator_encryptions=50)
    assert measure_of("user")(one) == 9
    assert measure_of("administrator")(one) == 25
    assert measure_of("other")(one) == 5
    with pytest.raises(LocalError):
        measure_of("leaf")
