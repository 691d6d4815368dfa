"""The mutation engine makes the changes that it must, and counts as dead only what a test kills."""

import ast
import inspect
import sys
import textwrap
from types import ModuleType

import mutation
import pytest
from mutation import Runaway, load, mutants, survivors


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A function from source text to an imported module."""

    def module(text, name="made_for_mutation"):
        path = tmp_path / f"{name}.py"
        path.write_text(textwrap.dedent(text))
        new = ModuleType(name)
        new.__file__ = str(path)
        monkeypatch.setitem(sys.modules, name, new)
        exec(compile(path.read_text(), str(path), "exec"), new.__dict__)  # noqa: S102 - it is our text
        return new

    return module


def changed(expression, *, before="def f(a, b, c):\n    return "):
    """The source texts of the returned expression in all mutants."""
    found = set()
    for mutant in mutants(before + expression):
        last = mutant.tree.body[0].body[-1]
        found.add(ast.unparse(last.value) if isinstance(last, ast.Return) else ast.unparse(last))
    return found - {"None", "True", "False"}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("(a < b, 0)[1]", {"(a <= b, 0)[1]", "(a >= b, 0)[1]", "(True, 0)[1]"}),
        ("(a == b,)", {"(a <= b,)", "(a >= b,)", "(a != b,)", "(True,)"}),
        ("a in b", {"a not in b"}),
        ("a is not b", {"a is b"}),
        ("a <= b < c", {"a < b < c", "a <= b <= c", "b < c", "a <= b", "not a <= b < c"}),
        ("a and b and c", {"a or b or c", "b and c", "a and c", "a and b"}),
        ("a or b", {"a and b", "a", "b", "not (a or b)"}),
        ("not a", {"a"}),
        ("f(a)", set()),
        ("any(a)", {"all(a)"}),
        ("all(x in a for x in b)", {"any((x in a for x in b))", "all((x not in a for x in b))"}),
        ("min(a)", {"max(a)"}),
        ("sorted(a, key=b)", {"list(a)"}),
        ("set(a)", {"list(a)"}),
        ("a + b", {"a - b"}),
        ("a - b", {"a + b", "a"}),
        ("a & b", {"a | b", "a", "b"}),
        ("a | b", {"a & b", "a", "b"}),
        ("a.union(b)", {"a.difference(b)"}),
        ("a[0]", {"a[1]", "a[-1]"}),
        ("a[1:]", {"a[2:]", "a[0:]", "a[:]"}),
        ("(b if a else c)", {"b if not a else c", "b if True else c", "b if False else c"}),
        ("[x for x in a if x]", {"[x for x in a if not x]"}),
        ("(isinstance(a, int), b)", {"(True, b)"}),
        ("(type(a) is int, b)", {"(True, b)", "(type(a) is not int, b)"}),
        ("-a", {"a"}),
        ("a in {'c', 'p'}", {"a in {'p'}", "a in {'c'}"}),
        ("f(a, strict=True)", {"f(a, strict=False)"}),
        ("7", {"8", "6"}),
        ("f'{a + 1}'", set()),
        ("'text'", set()),
        ("need(a, b + 1)", {"need(not a, b + 1)", "need(True, b + 1)", "need(False, b + 1)"}),
    ],
)
def test_changes_of_an_expression(expression, expected):
    def plain(text):
        return text.replace("__tick__()", "").replace(" if  if ", " if ").replace(" if )", ")")

    found = {plain(text) for text in changed(expression)}
    assert expected <= found
    assert bool(expected) == bool(found)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("raise ValueError('no', 1 + 2)", {"pass"}),
        ("a.append(b)", {"pass"}),
        ("a += b", {"pass"}),
        ("a[b] = c", {"pass"}),
        ("a = b", {"pass"}),
        ("new = b", set()),
        ("need(a, 'why')", {"pass", "need(not a, 'why')"}),
        ("'''only text'''", set()),
        ("new: int = b", set()),
    ],
)
def test_changes_of_a_statement(statement, expected):
    found = changed(statement, before="def f(a, b, c):\n    ")
    assert expected <= found
    assert bool(expected) == bool(found)


def test_loops_can_end_early_or_go_on():
    text = """\
    def f(a):
        while a:
            if a[0]:
                continue
            break
    """
    found = {(mutant.line, mutant.what) for mutant in mutants(textwrap.dedent(text))}
    assert {
        (2, "negate"),
        (3, "negate"),
        (3, "0 to 1"),
        (4, "drop statement"),
        (4, "continue to break"),
        (5, "drop statement"),
        (5, "break to continue"),
    } <= found


@pytest.mark.parametrize(
    ("annotation", "values"),
    [
        ("bool", {"True", "False"}),
        ("list[int]", {"[]", "None"}),
        ("'set[int]'", {"set()", "None"}),
        ("int", {"0", "None"}),
        ("tuple[int, ...] | None", {"None"}),
        ("Graph", {"None"}),
    ],
)
def test_returned_values(annotation, values):
    text = f"def f(a) -> {annotation}:\n    return a(b)"
    assert {m.what.removeprefix("return ") for m in mutants(text)} == values


def test_what_is_not_code_stays():
    text = '''\
    """1 + 1."""
    from __future__ import annotations
    __all__ = ["f"]
    if TYPE_CHECKING:
        X = 1 + 1
    if __name__ == "__main__":
        f(1 + 1)
    @decorated(1)
    def f(a: Literal[1]) -> Literal[2]:
        """1."""
    class C:
        x: Literal[1]
        """1."""
    '''
    assert list(mutants(textwrap.dedent(text))) == []


def test_exceptions_that_are_caught_are_dropped_one_by_one():
    text = "def f(a):\n    try:\n        a()\n    except (KeyError, ValueError):\n        pass"
    said = [m.what for m in mutants(text)]
    assert said == ["drop statement", "except without KeyError", "except without ValueError"]


def test_the_order_is_fixed_and_keys_are_distinct():
    source = inspect.getsource(mutation)
    first = [mutant.key for mutant in mutants(source)]
    assert first == [mutant.key for mutant in mutants(source)]
    assert len(first) == len(set(first)) > 300
    moved = [mutant.key for mutant in mutants("\n\n" + source)]
    assert moved == first


def test_needs_are_the_callers():
    text = "def f(a):\n    require(a, 'why')"
    assert [m.what for m in mutants(text)] == ["drop statement"]
    said = [m.what for m in mutants(text, needs={"require"})]
    assert said == ["drop statement", "negate", "condition is True", "condition is False"]


CLASSES = """\
from __future__ import annotations
from dataclasses import dataclass, field

@dataclass(frozen=True, slots=True)
class Pair:
    left: int
    right: list[int] = field(default_factory=list)

    def total(self) -> int:
        return self.left + sum(x for x in self.right if x > 0)
"""


def test_a_mutant_is_loaded_beside_the_module(made):
    module = made(CLASSES)
    before = dict(sys.modules)
    for mutant in mutants(CLASSES):
        new = load(mutant, module)
        assert new is not module
        assert new.Pair is not module.Pair
        assert new.Pair.__module__ == new.__name__ == module.__name__
    assert sys.modules == before
    assert module.Pair(1, [2, -1]).total() == 3


def test_a_module_that_is_not_imported_stays_so(made):
    module = made(CLASSES)
    del sys.modules[module.__name__]
    load(next(mutants(CLASSES)), module)
    assert module.__name__ not in sys.modules


def test_nothing_is_left_when_loading_fails(made):
    module = made("x = [1][0]\n")
    mutant = next(m for m in mutants("x = [1][0]\n") if m.what == "0 to 1")
    with pytest.raises(IndexError):
        load(mutant, module)
    assert sys.modules[module.__name__] is module


@pytest.mark.parametrize(
    "body",
    ["while a == a:\n        pass", "for x in a:\n        a.append(x)", "f(a), f(a)"],
)
def test_what_runs_for_ever_is_stopped(made, body):
    text = f"def f(a):\n    {body}\n    return 0"
    module = made(text)
    mutant = next(m for m in mutants(text) if m.what == "0 to 1")
    with pytest.raises((Runaway, RecursionError)):
        load(mutant, module, limit=5000).f([1])


def test_comprehensions_are_stopped_and_else_give_the_same(made):
    text = "def f(a):\n    return {x: [y for y in x if y] for x in a if x}, 1"
    module = made(text)
    mutant = next(m for m in mutants(text) if m.what == "1 to 2")
    assert load(mutant, module).f([(0, 1), ()]) == ({(0, 1): [1]}, 2)
    with pytest.raises(Runaway):
        load(mutant, module, limit=100).f(iter(lambda: (1,), 0))


THRESHOLD = """\
def accepts(x):
    if x < 10:
        return False
    return True
"""


def weak(module):
    assert not module.accepts(3)
    assert module.accepts(20)


def strong(module):
    weak(module)
    assert not module.accepts(9)
    assert module.accepts(10)


def test_weak_tests_leave_mutants_alive(made):
    alive = survivors(made(THRESHOLD), weak)
    assert alive == [
        "line 2: accepts: if x < 10:: < to <=",
        "line 2: accepts: if x < 10:: 10 to 11",
        "line 2: accepts: if x < 10:: 10 to 9",
    ]


def test_strong_tests_leave_none(made):
    assert survivors(made(THRESHOLD), strong) == []


def test_a_share_is_a_part(made):
    module = made(THRESHOLD)
    whole = survivors(module, weak)
    parts = [survivors(module, weak, share=slice(i, None, 3)) for i in range(3)]
    assert sorted(parts[0] + parts[1] + parts[2]) == sorted(whole)


def test_endless_mutants_are_dead_whatever_the_module_catches(made):
    text = """\
    def count(n):
        try:
            while n > 0:
                n -= 1
        except Exception:
            pass
        return n
    """

    def kills(module):
        assert module.count(3) == 0

    alive = survivors(made(text), kills)
    assert alive == []


def test_equivalence_is_written_and_checked(made):
    text = "def f(x):\n    return abs(x) + 0 * 3"
    module = made(text)

    def kills(module):
        assert module.f(-2) == 2

    alive = [entry.partition(": ")[2] for entry in survivors(module, kills)]
    assert "f: return abs(x) + 0 * 3: 3 to 4" in alive
    reasons = dict.fromkeys(alive, "zero times anything is zero")
    assert survivors(module, kills, equivalent=reasons) == []
    with pytest.raises(AssertionError, match="called equivalent, but killed"):
        survivors(
            module, kills, equivalent=reasons | {"f: return abs(x) + 0 * 3: return None": "no"}
        )
    with pytest.raises(AssertionError, match="no mutant has these keys"):
        survivors(module, kills, equivalent=reasons | {"f: return x: 3 to 4": "gone"})
    with pytest.raises(AssertionError, match="no reason is given"):
        survivors(module, kills, equivalent=dict.fromkeys(alive, " "))


def test_a_test_that_fails_with_the_true_module_is_an_error(made):
    def kills(module):
        assert module.accepts(0)

    with pytest.raises(AssertionError):
        survivors(made(THRESHOLD), kills)


def test_mutants_do_not_run_under_a_tracer(made):
    tracer, seen = sys.gettrace(), []

    def kills(module):
        seen.append(sys.gettrace())
        strong(module)

    survivors(made(THRESHOLD), kills)
    assert set(seen) == {None}
    assert sys.gettrace() is tracer


def test_a_skipped_test_kills_nothing(made):
    calls = []

    def kills(module):
        calls.append(module)
        if len(calls) > 1:
            pytest.skip("says nothing")

    with pytest.raises(pytest.skip.Exception):
        survivors(made(THRESHOLD), kills)
