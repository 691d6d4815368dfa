"""Report what goes wrong in a program under test, with its inputs and its schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreement.errors import ImpureProgramError, ProgramError, RaisedError
from agreement.memory import format_schedule
from agreement.verdict import Verdict
from ttkem.cli.failures import report_failure
from ttkem.cli.status import BAD_USAGE, INTERNAL_ERROR

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttkem.cli.agree.selection import Selection

__all__ = ["status_of"]


def status_of(act: Callable[[], int], selection: Selection, *, json: bool) -> int:
    """Return the exit status of ``act``; report a program that raises or breaks the rules."""
    try:
        return act()
    except ProgramError as error:
        inputs = " ".join(selection.label(vertex) for vertex in error.inputs)
        schedule = format_schedule(error.schedule) or "(no step)"
        message = f"{error.what}; inputs: {inputs}; schedule: {schedule}"
        status = INTERNAL_ERROR if error.raised else BAD_USAGE
    except RaisedError as error:  # on threads, where the schedule is not known
        message, status = str(error), INTERNAL_ERROR
    except ImpureProgramError as error:
        message, status = f"{Verdict.IMPURE.value}: {error}", BAD_USAGE
    return report_failure(message, status, json=json)
