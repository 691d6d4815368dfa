"""Recording all cryptography of a protocol, without its cooperation, for the judge of tests.

>>> import hashlib
>>> recorder = Recorder()
>>> with recording(recorder), recorder.acting("ann", 1):
...     _ = hashlib.sha256(b"abc").digest()
>>> [call.function for call in recorder.calls]
['hash sha256']

Within :func:`recording`, the primitives of :mod:`ttkem.crypto`, of the standard library
(``hashlib``, ``hmac``, ``secrets``, ``os.urandom``) and of the package ``cryptography`` are
replaced in every loaded module, by functions that compute the same and record it while
:meth:`Recorder.acting` says that a member acts. Nothing else may run in other threads meanwhile.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ttkem.crypto.recording.library import LIBRARY
from ttkem.crypto.recording.patching import (
    empty_caches,
    patched_attributes,
    patched_everywhere,
)
from ttkem.crypto.recording.record import Call, CallKind, Recorder, activated
from ttkem.crypto.recording.standard_library import STANDARD_LIBRARY
from ttkem.crypto.recording.suites import suite_patches

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Call", "CallKind", "Recorder", "empty_caches", "recording"]


_patched = False


@contextmanager
def recording(recorder: Recorder) -> Iterator[Recorder]:
    """Record what members compute inside the block.

    Blocks can be nested; then the inner recorder listens. The primitives are replaced by the
    outermost block, which takes some milliseconds.
    """
    with _patches(), activated(recorder):
        yield recorder


@contextmanager
def _patches() -> Iterator[None]:
    global _patched  # noqa: PLW0603 - the primitives are global too
    if _patched:
        yield
        return
    everywhere = patched_everywhere({**STANDARD_LIBRARY, **LIBRARY}, but=_UNTOUCHED)
    with everywhere, patched_attributes(suite_patches()):
        _patched = True
        try:
            yield
        finally:
            _patched = False


_UNTOUCHED = frozenset({"ttkem.crypto.recording"})
"""Modules that keep the originals: they call them."""
