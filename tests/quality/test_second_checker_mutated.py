"""Each change to the second checker of certificates is noticed by some certificate."""

import importlib
import pkgutil
import re
import sys

import hand_made_false
import hand_made_malformed
import hand_made_true
import pytest
from mutation import survivors

from agreement.solve import second_checker

NAME = second_checker.__name__
MODULES = [
    importlib.import_module(f"{NAME}.{each.name}")
    for each in pkgutil.iter_modules(second_checker.__path__)
    if each.name != "__main__"
]
FALSE = [*hand_made_false.FALSE, *hand_made_malformed.MALFORMED]


def kills(loaded):
    """Put the module into a fresh copy of the package, and ask for all certificates."""
    before = {name: sys.modules.pop(name) for name in [*sys.modules] if name.startswith(NAME)}
    try:
        sys.modules[loaded.__name__] = loaded
        package = importlib.import_module(NAME)
        for name, text in hand_made_true.TRUE.items():
            assert package.check(text), name
        for text, why in FALSE:
            # By name, for the module under test still raises the class of the package it is from.
            with pytest.raises(Exception, match=re.escape(why)) as refusal:
                package.check(text)
            assert type(refusal.value).__name__ == "RefusedError"
    finally:
        for name in [*sys.modules]:
            if name.startswith(NAME):
                del sys.modules[name]
        sys.modules.update(before)


EQUIVALENT = {}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_share_of_the_mutants_is_killed(module):
    share, equivalent = slice(5, None, 60), EQUIVALENT.get(module.__name__.rpartition(".")[2])
    assert survivors(module, kills, share=share, equivalent=equivalent) == []


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_all_mutants_are_killed(module):
    equivalent = EQUIVALENT.get(module.__name__.rpartition(".")[2])
    assert survivors(module, kills, equivalent=equivalent) == []
