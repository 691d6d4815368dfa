"""Running jobs on a Dask cluster."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from agreement.errors import ToolError
from agreement.wording import install_hint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["on_cluster"]

Argument = TypeVar("Argument")
Result = TypeVar("Result")


@contextmanager
def on_cluster(address: str, timeout: float = 10.0) -> Iterator[Callable[..., Iterable[Any]]]:
    """Give a function like `map` that runs jobs on the cluster whose scheduler is at `address`.

    Its results come in any order. The workers need this package. Raise ToolError if the package
    distributed is missing, or no scheduler answers within `timeout` seconds.
    """
    try:
        from distributed import Client, as_completed  # noqa: PLC0415 - optional
    except ImportError:
        raise ToolError(
            "cannot use a cluster without Dask: " + install_hint("distributed", "distributed")
        ) from None
    try:
        client = Client(address, timeout=timeout, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ToolError(f"no Dask scheduler answers at {address!r}: {error}") from None

    def run(job: Callable[[Argument], Result], arguments: Sequence[Argument]) -> Iterable[Result]:
        futures = client.map(job, arguments, pure=False)
        try:
            for future in as_completed(futures, loop=client.loop):
                yield future.result()
        finally:
            client.cancel(futures)

    with client:
        yield run
