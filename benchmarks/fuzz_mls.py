"""Coverage-guided fuzzing of MLS with atheris (``pip install atheris``), bounded in time.

``python benchmarks/fuzz_mls.py SECONDS``: bytes as a message, as a message to a member, as a
welcome and as a ratchet tree. Anything but a value or a RemoteError ends the run with its input.
"""

import sys
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

import atheris

with atheris.instrument_imports(include=["ttkem.wire", "ttkem.mls"]):
    from ttkem.errors import RemoteError
    from ttkem.mls import Member, Remove
    from ttkem.mls.messages.envelope import read_message, write_message
    from ttkem.mls.tree.ratchet_tree import read_ratchet_tree, write_ratchet_tree
    from ttkem.testing.mls.illegal.lab import Lab, WelcomeEdits

LAB = Lab()
CONFIG, STATE = LAB.config, LAB.bob.state


def target(data):
    with suppress(RemoteError):
        assert write_message(read_message(data)) == data
    with suppress(RemoteError):
        assert write_ratchet_tree(read_ratchet_tree(CONFIG.suite, data)) == data
    with suppress(RemoteError):
        Member.join(CONFIG, data, LAB.eve, LAB.randomness)
    member = Member(CONFIG, STATE, LAB.randomness)
    try:
        member.process(data)
    except RemoteError:
        assert member.state is STATE


def main():
    seconds = int(sys.argv[1])
    corpus = Path(mkdtemp())
    seeds = (
        LAB.commit(Remove(2)),
        LAB.welcome_eve(WelcomeEdits()),
        LAB.ann.ratchet_tree(),
        LAB.ann.group_info(),
        write_message(LAB.private()),
        write_message(LAB.eve.package),
    )
    for number, seed in enumerate(seeds):
        (corpus / str(number)).write_bytes(seed)
    atheris.Setup(
        [sys.argv[0], str(corpus), f"-max_total_time={seconds}", "-rss_limit_mb=1024"], target
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
