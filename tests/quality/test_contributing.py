"""The diffs in CONTRIBUTING.md apply to the code as it is."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DIFFS = re.findall(r"```diff\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.DOTALL)
GIT = shutil.which("git")


def applies(diff, folder):
    for name in re.findall(r"^--- a/(.+)$", diff, re.MULTILINE):
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy)
    # A repository of its own: inside another one, git would ignore the files outside its folder.
    subprocess.run([GIT, "init", "-q"], cwd=folder, check=True)  # noqa: S603
    done = subprocess.run(  # noqa: S603
        [GIT, "apply", "--check", "-"],
        cwd=folder,
        input=diff.encode(),
        capture_output=True,
        check=False,
    )
    return done.returncode == 0, done.stderr.decode()


def test_there_is_a_diff_for_each_how_to():
    assert len(DIFFS) == 5


@pytest.mark.skipif(GIT is None, reason="git is missing")
@pytest.mark.parametrize("diff", DIFFS)
def test_a_diff_applies(diff, tmp_path):
    applied, said = applies(diff, tmp_path)
    assert applied, said


@pytest.mark.skipif(GIT is None, reason="git is missing")
def test_a_stale_diff_is_noticed(tmp_path):
    stale = re.sub(r"(?m)^-(?!-).*$", "-gone", DIFFS[0])
    assert not applies(stale, tmp_path)[0]
