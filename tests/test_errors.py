"""Exceptions of foreign code, in words."""

from functools import partial

import pytest

from ttkem.errors import described
from ttkem.testing.protocol_import import import_protocol


def fails():
    raise ZeroDivisionError


def words_of(call):
    try:
        call()
    except ZeroDivisionError as error:
        return described(error)


def test_the_words_name_the_place():
    line = fails.__code__.co_firstlineno + 1
    assert words_of(fails) == f"ZeroDivisionError (test_errors.py, line {line}, in fails)"


def test_no_place_if_no_python_function_raised():
    assert words_of(partial(divmod, 1, 0)).startswith("ZeroDivisionError: integer division")
    assert "line" not in words_of(partial(divmod, 1, 0))
    assert described(ValueError("never raised")) == "ValueError: never raised"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1 // 0", "ZeroDivisionError: .* \\(faulty_0.py, line 1, in <module>\\)"),
        ("def P(:", "SyntaxError: invalid syntax \\(faulty_1.py, line 1\\)"),
        ("def P():\n    raise OSError('no')", "OSError: no \\(faulty_2.py, line 2, in P\\)"),
        ("def P(suite): pass", "without arguments: TypeError: P\\(\\) missing 1 required"),
    ],
)
def test_a_protocol_that_cannot_be_imported(request, tmp_path, monkeypatch, text, words):
    monkeypatch.syspath_prepend(str(tmp_path))
    number = request.node.callspec.indices["text"]
    (tmp_path / f"faulty_{number}.py").write_text(text + "\n")
    with pytest.raises(Exception, match=words) as caught:
        import_protocol(f"faulty_{number}:P", tmp_path)
    assert type(caught.value).__name__ == "LocalError"
