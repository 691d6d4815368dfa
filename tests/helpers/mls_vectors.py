"""Where the MLS working group's test vectors are."""

import json
import os
from pathlib import Path

import pytest


def vectors(name):
    """The cases of one file; without the files the test is skipped."""
    root = Path(__file__).parents[2]
    places = [Path(at) for at in (os.environ.get("MLS_TEST_VECTORS"),) if at]
    places.append(root.parent / "shared" / "vectors" / "mls")
    for place in places:
        if (file := place / f"{name}.json").is_file():
            return json.loads(file.read_text())
    pytest.skip(f"no MLS test vectors: set MLS_TEST_VECTORS to the folder of {name}.json")
    return None
