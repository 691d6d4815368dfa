"""A test of the runner of claims, as a function of the module, so that its mutants can be tried."""

import signal
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from unittest.mock import patch

import pytest
from refusals import quiet, refuses

from agreement.errors import AgreementError
from agreement.verdict import Verdict
from ttkem.errors import LocalError
from ttkem.verification.claim import Claim, Finding, Refutes, refuted

GOOD, OPEN = Finding(Verdict.HOLDS, (("states", 3),)), Finding(Verdict.UNKNOWN, (), "timeout")


RUN, STEP = refuted("a run"), refuted("a step", (), Refutes.LEMMA)


def of_runner(module):
    statement = Refutes.STATEMENT
    for finding, twin, passes, fails, words in (
        (GOOD, RUN, True, False, ""),
        (GOOD, STEP, False, True, "its twin refutes a lemma of its proof, but must"),
        (GOOD, GOOD, False, True, "but is not refuted: it holds"),
        (GOOD, OPEN, False, False, "but is not refuted: timeout"),
        (RUN, RUN, False, True, "a run"),
        (OPEN, RUN, False, False, "timeout"),
        (OPEN, GOOD, False, True, "timeout"),
        (OPEN, STEP, False, True, "timeout"),
        (OPEN, OPEN, False, False, "timeout"),
    ):
        said = ("is so", "here", "all", lambda tick, it=finding: it)
        one = Claim("one", *said, "not so", lambda tick, it=twin: it, statement)
        result = module.run(one, quiet)
        assert (result.passes, result.fails) == (passes, fails)
        assert words in result.objection
        assert passes == (not result.objection)
        assert 0 <= result.seconds < 9
    for check, words in (
        (lambda tick: True, "its check returned True, not a Finding"),
        (lambda tick: 1 // 0, "its check raised ZeroDivisionError at"),
    ):
        wrong = Claim("one", "so", "here", "all", check, "not so", lambda tick: RUN, statement)
        refuses(words, module.run, wrong, quiet)

    def told(tick):
        tick("looking")
        return GOOD

    claims = [
        Claim(name, "so", "here", "all", told, "not", lambda tick: RUN, statement)
        for name in ("path-1", "path-2", "tree-1", "tree-2", "cycle")
    ]
    ticks = []
    found = list(module.run_all(claims[:2], 1, ticks.append))
    assert [each.name for each in found] == ["path-1", "path-2"]
    assert ticks == ["path-1: looking", "path-2: looking"]
    assert module.select(claims, []) == tuple(claims)
    assert module.select(claims, ["tree-1", "path-1"]) == (claims[0], claims[2])
    refuses(
        "among these 5: did you mean path-2, path-1?",
        module.select,
        claims,
        ["path-3"],
    )
    refuses(
        "unknown claim 'zzz' among these 5: did you mean path-1, path-2, tree-1, ...?",
        module.select,
        claims,
        ["zzz"],
    )
    several = [replace(claims[0], name=f"path-{number}") for number in range(9)]
    with pytest.raises(LocalError) as error:
        module.select(several, ["path-x"])
    assert str(error.value).partition("?")[0].count(",") == 2
    of_errors(module)
    of_processes(module)
    of_interrupted_processes(module)


def good(tick):
    tick("looking")
    return GOOD


def bad(tick):
    del tick
    return RUN


def claimed(name="one", check=good, **parts):
    words = ("is so", "here", "all", check, "not so", bad, Refutes.STATEMENT)
    return Claim(name, *words, **parts)


def raises(error):
    def check(tick):
        del tick
        raise error

    return check


def of_errors(module):
    for error in (LocalError("give fewer"), AgreementError("give fewer")):
        with pytest.raises(type(error), match=r"^give fewer$"):
            module.run(claimed(check=raises(error)), quiet)
    with pytest.raises(KeyboardInterrupt):
        module.run(claimed(check=raises(KeyboardInterrupt())), quiet)
    for error in (SystemExit(0), RecursionError(), AssertionError("no")):
        line = raises.__code__.co_firstlineno + 3
        words = f"its check raised {type(error).__name__} at {__file__}:{line}: {error}"
        refuses(words, module.run, claimed(check=raises(error)), quiet)

    class Bare(Finding):
        def __post_init__(self):
            """Ask for no evidence."""

    refuses("not a Finding", module.run, claimed(check=lambda tick: Bare(Verdict.HOLDS)), quiet)


class Worker:
    """A process that ends some time after it was told to."""

    def __init__(self):
        self.terminated, self.joined = False, 0

    def terminate(self):
        self.terminated = True

    def is_alive(self):
        return self.joined < 2

    def join(self, seconds):
        assert 0 < seconds < 1
        assert self.terminated
        self.joined += 1


class Processes:
    """In place of `multiprocessing` and its pool: everything happens here, and is recorded."""

    def __init__(self):
        self.before, self.workers = [Worker()], [Worker(), Worker()]
        self.submitted, self.shut, self.made = [], [], None

    def get_context(self, method):
        return f"{method}ed"

    def active_children(self):
        return self.before if self.made is None else self.before + self.workers

    def pool(self, *how):
        self.made = how
        return self

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.shut.append("left")

    def submit(self, function, claim, tick):
        assert tick("unseen") is None
        task = Future()
        self.submitted.append(claim.name)
        if claim.name == "broken":
            task.set_exception(BrokenProcessPool())
        else:
            task.set_result(function(claim, tick))
        return task

    def shutdown(self, *, wait, cancel_futures):
        assert all(worker.joined for worker in self.workers)
        self.shut.append((wait, cancel_futures))


def in_processes(module, processes):
    return patch.multiple(
        module,
        multiprocessing=processes,
        ProcessPoolExecutor=processes.pool,
        as_completed=lambda tasks: reversed(list(tasks)),
    )


def of_processes(module):
    claims = [claimed("a"), claimed("b", slow=True), claimed("c"), claimed("d", slow=True)]
    processes = Processes()
    with in_processes(module, processes):
        found = [each.name for each in module.run_all(claims, 3, quiet)]
    assert processes.submitted == ["b", "d", "a", "c"]
    assert found == ["c", "a", "d", "b"]
    ignored = (signal.SIGINT, signal.SIG_IGN)
    assert processes.made == (3, "spawned", signal.signal, ignored)
    assert processes.shut == ["left"]
    assert not any(worker.terminated for worker in processes.workers)
    with pytest.raises(ValueError, match="max_workers"):
        list(module.run_all(claims, 0, quiet))
    ticks = []
    with in_processes(module, Processes()) as fake:
        del fake
        list(module.run_all(claims, 2, ticks.append))
        assert not ticks
        refuses(
            "define check and refute as functions of a module",
            list,
            module.run_all([claimed(check=lambda tick: GOOD)], 2, quiet),
        )
    list(module.run_all([claimed(check=lambda tick: GOOD)], 1, quiet))


def of_interrupted_processes(module):
    processes = Processes()
    with in_processes(module, processes):
        broken = module.run_all([claimed("a"), claimed("broken")], 2, quiet)
        refuses("a process ended in the middle of a check", list, broken)
    processes = Processes()
    with in_processes(module, processes):
        results = module.run_all([claimed("a"), claimed("b")], 2, quiet)
        assert next(results).name == "b"
        with pytest.raises(KeyboardInterrupt):
            results.throw(KeyboardInterrupt())
    assert [worker.joined for worker in processes.workers] == [2, 2]
    assert [(worker.joined, worker.terminated) for worker in processes.before] == [(0, False)]
    assert processes.shut == [(False, True), "left"]
