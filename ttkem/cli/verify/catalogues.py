"""Choose claims from the catalogues, and check them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

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
    """Return the claims to check, and the slow ones that are left out.

    The claims are those of the given modules, or else of the catalogues. Raise LocalError if they
    cannot be loaded or nothing is left to check.
    """
    from ttkem.verification.catalogue import checked_names, load  # noqa: PLC0415 - heavy
    from ttkem.verification.runner import select  # noqa: PLC0415 - likewise

    if modules and catalogue is not Catalogue.ALL:
        raise LocalError("cannot check both: give --claims or --catalogue")
    every = [claim for module in modules for claim in load(module)] or _catalogues(catalogue)
    named = select(checked_names(every), names)
    left_out = [claim for claim in named if quick and claim.slow]
    claims = [claim for claim in named if claim not in left_out]
    if not claims:
        raise LocalError(f"--quick leaves nothing to check of {', '.join(names)}: omit --quick")
    return claims, left_out


def _catalogues(catalogue: Catalogue) -> tuple[Claim, ...]:
    """Return the claims of this project's catalogues."""
    try:
        import models  # noqa: PLC0415 - heavy, imported where used
        import proofs  # noqa: PLC0415 - likewise
    except ModuleNotFoundError:
        raise LocalError(
            "cannot find the claims: the catalogues are part of the source, not of the package; "
            "set up a checkout with `make`, or give claims of your own with --claims"
        ) from None

    known = {Catalogue.MODELS: models.CLAIMS, Catalogue.PROOFS: proofs.CLAIMS}
    return known.get(catalogue, models.CLAIMS + proofs.CLAIMS)


def check(
    screen: Console, claims: Sequence[Claim], jobs: int
) -> tuple[list[tuple[Claim, Result]], bool]:
    """Return the results in the order of the claims, and whether checking was interrupted."""
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
