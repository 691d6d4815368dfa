"""What can go wrong: the caller's input, or a protocol text that breaks the rules of the model."""


class AgreementError(Exception):
    """Base of every error this library raises on purpose; its text says what to do."""


class GraphError(AgreementError):
    """A graph, a vertex or a set of vertices is not what the call needs."""


class TaskError(AgreementError):
    """Inputs, or the number of processes, do not fit the task."""


class ProtocolError(AgreementError):
    """A process did what no process may do: a bad operation, a bad output, or no step at all."""


class ScheduleError(AgreementError):
    """A schedule names a process that does not exist or cannot move, or its text is malformed."""


class ToolError(AgreementError):
    """An optional program or package that this call needs is not installed."""


class GameError(AgreementError):
    """A move in an extension-based proof that is not legal now; nothing has changed."""
