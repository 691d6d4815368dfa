"""The errors of this library: invalid input, or a protocol that breaks the rules of the model."""


class AgreementError(Exception):
    """The base class of all errors that this library raises on purpose."""


class GraphError(AgreementError):
    """A graph, a vertex or a set of vertices is invalid, or unsuitable for the call."""


class TaskError(AgreementError):
    """The inputs or the number of processes do not fit the task or the protocol."""


class ProtocolError(AgreementError):
    """A process broke the rules: an invalid operation, an invalid output, or a step without end."""


class ScheduleError(AgreementError):
    """A schedule is malformed, or names a process that does not exist or cannot move."""


class ToolError(AgreementError):
    """An optional tool or package is not installed, or cannot handle an instance of this size."""


class GameError(AgreementError):
    """A move in an extension-based proof is illegal in the present state, which is unchanged."""
