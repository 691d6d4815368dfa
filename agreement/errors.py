"""The errors of this library: invalid input, or a protocol that breaks the rules of the model."""


class AgreementError(Exception):
    """The base class of all errors that this library raises on purpose."""


class GraphError(AgreementError):
    """A graph, a vertex or a set of vertices is invalid, or unsuitable for the call."""


class VertexError(GraphError):
    """A value that is to be a vertex is not an int of the graph: a float, a bool, out of range."""


class TaskError(AgreementError):
    """The inputs or the number of processes do not fit the task or the protocol."""


class ProtocolError(AgreementError):
    """A process broke the rules: an invalid operation, an invalid output, or a step without end."""


class RaisedError(ProtocolError):
    """A program raised an exception, which is the cause of this error."""


class ProgramError(ProtocolError):
    """A program raised, or broke the rules, in the run with these `inputs` and this `schedule`.

    `what` says how, with file and line. `raised` is True if the program raised an exception.
    """

    def __init__(
        self,
        what: str,
        inputs: tuple[object, ...],
        schedule: tuple[tuple[int, ...], ...],
        *,
        raised: bool = False,
    ) -> None:
        self.what, self.inputs, self.schedule, self.raised = what, inputs, schedule, raised
        blocks = " ".join("+".join(map(str, block)) for block in schedule)
        shown = " ".join(map(str, inputs))
        super().__init__(f"{what}; inputs: {shown}; schedule: {blocks or '(no step)'}")


class ImpureProgramError(ProtocolError):
    """A process is not a function of its input and of what it reads.

    Either it did something else after the same responses, or it changed what all processes share.
    """


class ScheduleError(AgreementError):
    """A schedule is malformed, or names a process that does not exist or cannot move."""


class ToolError(AgreementError):
    """An optional tool or package is not installed, or cannot handle an instance of this size."""


class GameError(AgreementError):
    """A move in an extension-based proof is illegal in the present state, which is unchanged."""
