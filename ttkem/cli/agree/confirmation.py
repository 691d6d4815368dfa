"""Let both checkers confirm what was decided, so that only what they accept is reported."""

from __future__ import annotations

import json as json_text
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from agreement.errors import AgreementError
from agreement.solve import RefusedError, Solvability, check_certificate_text

if TYPE_CHECKING:
    from agreement.solve import Decision

__all__ = ["Confirmation"]

LARGE = 1_000_000
"""The length of a certificate that is checked at the end only, since it takes some seconds."""

LIMITS = re.compile(
    r"the (file|graph) has more than [\d,]+ (bytes|lists and objects|induced paths)"
    r"|there are too many inputs|table \d+ leads to too many states|more than [\d,]+ clauses"
)
"""The words by which the first checker refuses a certificate for its size."""


@dataclass(slots=True)
class Confirmation:
    """A decision, the texts of its certificates, and what those proved that are accepted.

    Certificates are identified by their text. ``waiting`` are large ones.
    """

    decision: Decision
    proved: dict[str, str] = field(default_factory=dict)
    too_large: dict[str, str] = field(default_factory=dict)
    _texts: dict[int, tuple[object, str]] = field(default_factory=dict)

    def take(self, decision: Decision) -> None:
        """Take a newer decision, and check its certificates unless they are large."""
        self.decision = decision
        for document in decision.certificates:
            if len(self.text(document)) <= LARGE:
                self._check(document)

    def finish(self, decision: Decision) -> None:
        """Take the last decision, and check all its certificates."""
        self.take(decision)
        for document in decision.certificates:
            self._check(document)

    def text(self, document: Any) -> str:  # noqa: ANN401 - JSON
        """Return a certificate as JSON."""
        kept = self._texts.get(id(document))
        if kept is None:
            # The document is kept beside its text, so that its identity is not used again.
            kept = self._texts[id(document)] = (document, json_text.dumps(document))
        return kept[1]

    def _check(self, document: Any) -> None:  # noqa: ANN401 - JSON
        text = self.text(document)
        if text in self.proved or text in self.too_large:
            return
        try:
            self.proved[text] = check_certificate_text(text.encode())
        except RefusedError as error:
            if not LIMITS.fullmatch(str(error)):
                raise AgreementError(
                    f"both checkers refuse a certificate that we found: {error}"
                ) from None
            self.too_large[text] = str(error)

    def confirmed(self) -> Decision:
        """Return the decision that the accepted certificates prove, and no more."""
        decision = self.decision
        kept = tuple(it for it in decision.certificates if self.text(it) in self.proved)
        solvable = [it for it in kept if it["claim"] == "solvable"]
        rounds = [it["rounds"] for it in solvable if it["rounds"] is not None]
        refuted = [it["rounds"] for it in kept if it["claim"] == "not solvable"]
        # A decision about a number of rounds is not that the task is solvable in some number.
        asked = decision.verdict is Solvability.SOLVABLE and solvable
        claimed = {
            Solvability.SOLVABLE: bool(asked),
            Solvability.UNSOLVABLE: any(it["claim"] == "unsolvable" for it in kept),
            Solvability.NOT_IN_ROUNDS: bool(refuted),
            Solvability.UNKNOWN: False,
        }[decision.verdict]
        return replace(
            decision,
            verdict=decision.verdict if claimed else Solvability.UNKNOWN,
            rounds=min(rounds, default=None),
            refuted=max(refuted, default=None),
            tables=decision.tables if rounds else None,
            certificates=kept,
        )

    def notes(self) -> list[str]:
        """Return a line for each certificate that is not confirmed."""
        found = []
        for document in self.decision.certificates:
            kind, text = document["proof"]["kind"], self.text(document)
            if text in self.too_large:
                found.append(
                    f"the certificate of kind {kind} is left out, since it is too large for the "
                    f"checkers: {self.too_large[text]}"
                )
            elif text not in self.proved:
                found.append(f"the certificate of kind {kind} is left out, since it is not checked")
        return found
