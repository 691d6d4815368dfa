"""Statistics of records: means with confidence intervals, crossings, comparisons of schemes.

Own design (KPWK21 draws the lines and gives no intervals). All schemes of a record's seed ran the
same stream, so schemes are compared in pairs, seed by seed.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from ttkem.errors import LocalError
from ttkem.simulation.runner import Scheme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ttkem.simulation.runner import Record, Results
    from ttkem.simulation.workloads import Setting

__all__ = [
    "Comparison",
    "Crossing",
    "Estimate",
    "compare",
    "crossings",
    "estimate",
    "measure_of",
    "t_quantile",
]

_LEVEL = 0.95
_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over seeds with its 95 % confidence interval (Student's t)."""

    mean: float
    low: float
    """``-inf`` for one seed, which says nothing about the spread; ``high`` likewise."""
    high: float
    seeds: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """The excess cost of ``scheme`` over ``baseline`` at one scale: 0.1 is ten per cent more."""

    setting: Setting
    scale: int
    scheme: Scheme
    baseline: Scheme
    excess: Estimate
    """The mean of ``scheme / baseline - 1`` over seeds, each of which is one stream for both."""

    @property
    def verdict(self) -> str:
        """``dearer``, ``cheaper``, or ``undecided`` if the interval holds 0."""
        if self.excess.low > 0:
            return "dearer"
        return "cheaper" if self.excess.high < 0 else "undecided"


@dataclass(frozen=True, slots=True)
class Crossing:
    """The point at which ``TTKEM`` falls below a blanking scheme for good, as the scale grows."""

    setting: Setting
    baseline: Scheme
    lower_scale: int | None
    """The last scale whose mean is not below the baseline; ``None`` if there is none."""
    upper_scale: int | None
    """The next scale run; ``None`` if TTKEM never gets below to stay."""
    position: float | None
    """Interpolated scale of the crossing, linear in the logarithm of the ratio of the means."""
    low: float | None
    """2.5 % quantile of the position over resampled seeds (bootstrap, percentile)."""
    high: float | None
    found: float
    """Share of the resamples in which there is a crossing."""
    at_top: Comparison
    """TTKEM against the baseline at the largest scale: negative is ahead."""

    @property
    def verdict(self) -> str:
        """``crosses``, ``always below`` or, if not below at the largest scale, ``not below``."""
        if self.position is not None:
            return "crosses"
        return "always below" if self.at_top.excess.mean < 0 else "not below"


def measure_of(name: str) -> Callable[[Record], float]:
    """Return the average of a record by name: ``user``, ``administrator`` or ``other``."""
    measures: dict[str, Callable[[Record], float]] = {
        "user": lambda r: r.per_user,
        "administrator": lambda r: r.per_administrator,
        "other": lambda r: r.per_other,
    }
    if name not in measures:
        raise LocalError(f"cannot average per {name!r}: choose from {', '.join(measures)}")
    return measures[name]


def estimate(values: Sequence[float]) -> Estimate:
    """Return the mean and 95 % confidence interval of independent values, one per seed."""
    if not values:
        raise LocalError("cannot compute a mean: there are no values")
    mean = fmean(values)
    if len(values) == 1:
        return Estimate(mean, -math.inf, math.inf, 1)
    reach = t_quantile(len(values) - 1) * stdev(values) / math.sqrt(len(values))
    return Estimate(mean, mean - reach, mean + reach, len(values))


def t_quantile(freedom: int) -> float:
    """Return the two-sided 95 % quantile of Student's t, by bisection of its closed form."""
    low, high = 1.0, 13.0
    for _ in range(60):
        middle = (low + high) / 2
        if _t_inside(middle, freedom) < _LEVEL:
            low = middle
        else:
            high = middle
    return high


def _t_inside(t: float, freedom: int) -> float:
    """Return the probability of Student's t within ``t`` of 0 (Abramowitz, Stegun 26.7.3-4)."""
    angle = math.atan(t / math.sqrt(freedom))
    odd = freedom % 2
    term = math.cos(angle) if odd else 1.0
    total = 0.0
    for k in range(2 + odd, freedom + 1, 2):
        total += term
        term *= math.cos(angle) ** 2 * (k - 1) / k
    if odd:
        return 2 / math.pi * (angle + math.sin(angle) * total)
    return math.sin(angle) * total


def compare(results: Results, scheme: Scheme, baseline: Scheme) -> tuple[Comparison, ...]:
    """Compare ``scheme`` with ``baseline`` in every setting and at every scale that has both."""
    found = []
    for setting in results.settings:
        for scale in results.scales(setting):
            pairs = _pairs(results, setting, scale, scheme, baseline)
            if pairs:
                excess = estimate([a / b - 1 for a, b in pairs])
                found.append(Comparison(setting, scale, scheme, baseline, excess))
    return tuple(found)


def crossings(results: Results, *, seed: int = 0) -> tuple[Crossing, ...]:
    """Find where TTKEM falls below each blanking scheme, by setting; ``seed`` is for resampling."""
    rng = random.Random(seed)  # noqa: S311 - resampling, no keys
    found = []
    for baseline in (Scheme.TKEM, Scheme.TKEM_COMMIT):
        compared = compare(results, Scheme.TTKEM, baseline)
        for setting in results.settings:
            here = [c for c in compared if c.setting is setting]
            if not here:
                continue
            pairs = {
                c.scale: _pairs(results, setting, c.scale, Scheme.TTKEM, baseline) for c in here
            }
            found.append(_crossing(setting, baseline, pairs, here[-1], rng))
    found.sort(key=lambda c: results.settings.index(c.setting))
    return tuple(found)


_Pairs = list[tuple[float, float]]


def _pairs(
    results: Results, setting: Setting, scale: int, scheme: Scheme, baseline: Scheme
) -> _Pairs:
    by_seed = {r.seed: r for r in results.select(setting, baseline, scale)}
    return [
        (r.per_user, by_seed[r.seed].per_user)
        for r in results.select(setting, scheme, scale)
        if r.seed in by_seed and by_seed[r.seed].encryptions
    ]


def _crossing(
    setting: Setting,
    baseline: Scheme,
    pairs: dict[int, _Pairs],
    at_top: Comparison,
    rng: random.Random,
) -> Crossing:
    where = _last_fall({scale: _log_ratio(of_scale) for scale, of_scale in pairs.items()})
    resampled = []
    for _ in range(_RESAMPLES):
        again = _last_fall(
            {
                scale: _log_ratio(rng.choices(of_scale, k=len(of_scale)))
                for scale, of_scale in pairs.items()
            }
        )
        if again is not None:
            resampled.append(again[2])
    resampled.sort()
    low = high = None
    if where is not None and resampled:
        low = resampled[int(len(resampled) * (1 - _LEVEL) / 2)]
        high = resampled[min(len(resampled) - 1, int(len(resampled) * (1 + _LEVEL) / 2))]
    lower, upper, position = where or (None, None, None)
    return Crossing(
        setting=setting,
        baseline=baseline,
        lower_scale=lower,
        upper_scale=upper,
        position=position,
        low=low,
        high=high,
        found=len(resampled) / _RESAMPLES,
        at_top=at_top,
    )


def _log_ratio(pairs: _Pairs) -> float:
    return math.log(sum(a for a, _ in pairs) / sum(b for _, b in pairs))


def _last_fall(ratios: dict[int, float]) -> tuple[int, int, float] | None:
    """Return the last two adjacent scales between which the ratio falls below 1, and the crossing.

    ``ratios`` are logarithms. The result is ``None`` if the ratio at the largest scale is not below
    1, or if it is below 1 at every scale.
    """
    scales = sorted(ratios)
    if ratios[scales[-1]] >= 0:
        return None
    for lower, upper in zip(scales[-2::-1], scales[:0:-1], strict=True):
        if ratios[lower] >= 0:
            share = ratios[lower] / (ratios[lower] - ratios[upper])
            return lower, upper, lower + share * (upper - lower)
    return None
