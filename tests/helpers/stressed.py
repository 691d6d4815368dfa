"""Programs for real processes, which must find them by name."""

from agreement.memory import Read, Write


def meeting(me, count, value):
    """Waits for the other for ever: not wait-free."""
    yield Write(0, value)
    while (yield Read(0, 1 - me)) is None:
        pass
    return value


def failing(me, count, value):
    """Ends by an error if it is process 1."""
    yield Write(0, value)
    if me == 1:
        raise ZeroDivisionError
    return value


def long_winded(me, count, value):
    """Reads its own register ten times."""
    yield Write(0, value)
    for _ in range(10):
        value = yield Read(0, me)
    return value


def keeping(me, count, value):
    """Outputs its own input: no agreement."""
    yield Write(0, value)
    return value
