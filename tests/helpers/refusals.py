"""What tests of the toolkit for claims share: errors with given words, and hard formulas."""

import pytest
import z3
from z3 import And, Not, Or

from ttkem.errors import LocalError


def quiet(how):
    del how


def refuses(words, function, *arguments, **keywords):
    with pytest.raises(LocalError) as error:
        function(*arguments, **keywords)
    assert words in str(error.value)


def pigeons(holes=9):
    """Formulas that cannot all hold; with 9 holes Z3 takes more than a second to see it."""
    sits = [[z3.Bool(f"sits {i} {j}") for j in range(holes)] for i in range(holes + 1)]
    crowded = {
        f"not both {i} {k} {j}": Not(And(sits[i][j], sits[k][j]))
        for j in range(holes)
        for i in range(holes + 1)
        for k in range(i)
    }
    return {**crowded, **{f"somewhere {i}": Or(*row) for i, row in enumerate(sits)}}
