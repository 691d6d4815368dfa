"""Every way to search a shared-memory program, for tests of programs that are impure or grow."""

from agreement.explore import Options

WAYS = {
    "plain": Options(limit=20_000),
    "symmetry": Options(limit=20_000, symmetry=True),
    "reduce": Options(limit=20_000, reduce=True),
    "compiled": Options(limit=20_000, engine="compiled"),
    "all": Options(limit=20_000, engine="compiled", reduce=True, symmetry=True),
}
