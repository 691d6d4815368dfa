"""The options of ``ttkem attack``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ttkem.cli.screen import Format, FormatOption, JobsOption, choice
from ttkem.cli.status import REFUTED, UNKNOWN
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from ttkem.adversary import Report

__all__ = ["attack"]

PROTOCOLS = ("TTKEM", "TKEM", "TKEM_commit")
STRATEGIES = ("random", "hoard", "heal", "fork", "replay", "return", "hesitate")


def _contracts(incomplete: str) -> list[str]:
    """Return the names of contracts that complete a word."""
    from ttkem.testing.contracts import CONTRACTS  # noqa: PLC0415 - heavy

    return [name for name in CONTRACTS if name.startswith(incomplete)]


def attack(  # noqa: PLR0913, PLR0917 - one parameter per option
    budget: Annotated[
        int | None,
        typer.Option(
            "--budget",
            "--steps",
            min=1,
            show_default="200,000, or 5,000 with --real",
            help="Set the number of steps of the campaign.",
        ),
    ] = None,
    seed: Annotated[str, typer.Option(help="Set the seed of the campaign.")] = "0",
    jobs: JobsOption = None,
    protocol: Annotated[str, choice(PROTOCOLS, help="Choose the protocol to attack.")] = "TTKEM",
    cgka: Annotated[
        str | None,
        typer.Option(
            metavar="MODULE:NAME",
            help="Attack this protocol instead: a ttkem.cgka.CGKA, or a function that returns one.",
        ),
    ] = None,
    contract: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            autocompletion=_contracts,
            show_default="the protocol's own",
            help="Set, with --cgka, what the protocol promises about leaked states.",
        ),
    ] = None,
    real: Annotated[
        bool | None,
        typer.Option(
            "--real/--symbolic",
            show_default="symbolic if there is a model (TTKEM, or one given by --cgka), else real",
            help="Send real messages and execute attacks, or play the symbolic model alone.",
        ),
    ] = None,
    suite: Annotated[
        int | None,
        typer.Option(
            show_default="1", help="Set the cipher suite, by number, of a campaign with --real."
        ),
    ] = None,
    strategy: Annotated[
        list[str] | None,
        choice(STRATEGIES, show_default="all", help="Choose a kind of adversary; may be repeated."),
    ] = None,
    replay: Annotated[
        Path | None, typer.Option(help="Replay this file step by step instead of a campaign.")
    ] = None,
    out: Annotated[
        Path,
        typer.Option(help="Set the folder for replay files of failures; made if it is missing."),
    ] = Path("out"),
    output: FormatOption = Format.TABLE,
) -> None:
    """Attack a protocol with adaptive adversaries, and judge every run.

    Exit status 0 if nothing was found; 1 if something was, with a replay file for each failure; 3
    if interrupted by Ctrl-C or kill -TERM, if important situations were never visited, which is
    judged from 50,000 steps of all strategies, or if it was not seen how a protocol given by --cgka
    computes its keys.
    """
    from ttkem.cli.attack import campaign  # noqa: PLC0415 - heavy
    from ttkem.cli.attack import replay as replays  # noqa: PLC0415 - likewise

    json = output is Format.JSON
    if contract is not None and cgka is None and replay is None:
        raise LocalError("--contract goes with --cgka: the protocols named here have their own")
    if replay is not None:
        if replays.run_replay(replay, json=json, contract=contract):
            raise typer.Exit(REFUTED)
        return
    if cgka is not None:
        if suite is not None:
            raise LocalError("--suite does not go with --cgka: the protocol has its own suite")
        _attack_own(cgka, contract, real, budget, seed, jobs, strategy, out, json=json)
        return
    if real is None:
        real = protocol != "TTKEM"
    if suite is not None and not real:
        raise LocalError("--suite goes with --real: a symbolic campaign has no cipher suite")
    if suite is not None and suite < 1:
        raise LocalError(f"cannot use --suite {suite}: the number of a cipher suite is 1 or more")
    report = campaign.run(
        budget=budget,
        seed=seed,
        jobs=jobs,
        protocol=protocol,
        suite=(suite or 1) if real else 0,
        strategies=strategy,
        out=out,
        json=json,
    )
    _end(report)


def _attack_own(  # noqa: PLR0913 - the options of the command
    cgka: str,
    contract: str | None,
    real: bool | None,  # noqa: FBT001 - as the option
    budget: int | None,
    seed: str,
    jobs: int | None,
    strategy: list[str] | None,
    out: Path,
    *,
    json: bool,
) -> None:
    """Attack a protocol given by --cgka, and exit with the status of the campaign."""
    from ttkem.cli.attack import own_protocol  # noqa: PLC0415 - heavy

    if own_protocol.is_symbolic(cgka, real=real):
        if contract is not None:
            raise LocalError(
                "--contract does not go with a symbolic campaign, which has the safe predicate of "
                "Tainted TreeKEM; add --real"
            )
        _end(
            own_protocol.run_symbolic(
                cgka, budget=budget, seed=seed, jobs=jobs, strategies=strategy, out=out, json=json
            )
        )
        return
    report, status = own_protocol.run(
        cgka,
        contract=contract,
        budget=budget,
        seed=seed,
        jobs=jobs,
        strategies=strategy,
        out=out,
        json=json,
    )
    _tell_interruption(interrupted=report.interrupted)
    if status:
        raise typer.Exit(status)


def _tell_interruption(*, interrupted: bool) -> None:
    if interrupted:
        print("ttkem: interrupted; what was done is printed", file=sys.stderr)


def _end(report: Report) -> None:
    """Exit with the status of a campaign."""
    _tell_interruption(interrupted=report.interrupted)
    if report.failed:
        raise typer.Exit(REFUTED)
    if report.interrupted or report.unvisited:
        raise typer.Exit(UNKNOWN)
