"""Choose claims from the catalogues, and check them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import ttkem
from ttkem.cli.screen import progress
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from ttkem.verification.claim import Claim
    from ttkem.verification.runner import Result

__all__ = ["Catalogue", "check", "choose"]


class Catalogue(StrEnum):
    """A catalogue of claims, or both."""

    ALL = "all"
    MODELS = "models"
    PROOFS = "proofs"


def choose(
    catalogue: Catalogue, modules: Sequence[str], names: Sequence[str], *, quick: bool
) -> tuple[list[Claim], list[Claim]]:
    """Return the claims to check, and the slow claims that are left out.

    The claims are those of the given modules, or of the catalogues if no module is given. Raise
    LocalError if they cannot be loaded or if nothing is left to check.
    """
    from ttkem.verification.catalogue import checked_names, load  # noqa: PLC0415 - heavy
    from ttkem.verification.runner import select  # noqa: PLC0415 - likewise

    if modules and catalogue is not Catalogue.ALL:
        raise LocalError("cannot use --claims and --catalogue together: omit one of them")
    every = [claim for module in modules for claim in load(module)] or _catalogues(catalogue)
    named = select(checked_names(every), names)
    left_out = [claim for claim in named if quick and claim.slow]
    claims = [claim for claim in named if claim not in left_out]
    if not claims:
        raise LocalError(f"--quick leaves nothing to check of {', '.join(names)}: omit --quick")
    return claims, left_out


def _catalogues(catalogue: Catalogue) -> tuple[Claim, ...]:
    """Return the claims of this project's catalogues, which stand beside the package's folder."""
    root = Path(ttkem.__file__).parent.parent
    if not all((root / name / "__init__.py").is_file() for name in ("models", "proofs")):
        raise LocalError(
            "cannot find this project's claims: the catalogues models/ and proofs/ are in the "
            "source repository only, not in the installed package; run `make demo` in a checkout, "
            "or check claims of your own with --claims mypackage.claims"
        )
    import models  # noqa: PLC0415 - heavy, imported where used
    import proofs  # noqa: PLC0415 - likewise

    for module in (models, proofs):
        if Path(module.__file__ or "").parent.parent != root:
            raise LocalError(
                f"cannot load this project's claims: Python finds another {module.__name__!r} "
                f"first, {module.__file__}; run ttkem in another directory"
            )
    known = {Catalogue.MODELS: models.CLAIMS, Catalogue.PROOFS: proofs.CLAIMS}
    return known.get(catalogue, models.CLAIMS + proofs.CLAIMS)


def check(
    screen: Console, claims: Sequence[Claim], jobs: int
) -> tuple[list[tuple[Claim, Result]], bool]:
    """Return the results in the order of the claims, and whether the checks were interrupted."""
    from ttkem.verification.runner import run_all  # noqa: PLC0415 - heavy, imported where used

    results: dict[str, Result] = {}
    interrupted = False
    with progress(screen) as bar:
        bar(0, len(claims), "checking")

        def tick(how: str) -> None:
            bar(len(results), len(claims), how)

        try:
            for result in run_all(claims, min(jobs, len(claims)), tick):
                results[result.name] = result
                tick(f"{result.name} done")
        except KeyboardInterrupt:
            interrupted = True
    return [(each, results[each.name]) for each in claims if each.name in results], interrupted
