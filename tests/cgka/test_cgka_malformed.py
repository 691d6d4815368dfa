"""Whatever bytes come in: success or a RemoteError, and then nothing has changed."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ttkem.crypto import SeededRandomness
from ttkem.errors import RemoteError, StateFileError
from ttkem.tainted import tainted_treekem

LENIENT = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


class Scene:
    """One valid input of every kind, and for each a function that hands in other bytes instead."""

    def __init__(self, make_group):
        group = make_group()
        self.group = group
        ann, bob, cat = group["ann"], group["bob"], group["cat"]
        eve = group.newcomer("eve")
        package = eve.key_package()
        add = ann.add(package)
        self.valid = {
            "update": (bob, ann.update().message, bob.process),
            "add": (bob, add.message, bob.process),
            "remove": (bob, ann.remove("dan").message, bob.process),
            "own removal": (cat, bob.remove("cat").message, cat.process),
            "welcome": (eve, add.make_welcome(), eve.join),
            "key package": (ann, package, ann.add),
        }
        founder, other = group.newcomer("fay"), group.newcomer("gus")
        created = founder.create([other.key_package()])
        self.valid["created"] = (other, created.make_welcome(), other.join)

    def refuses(self, kind, data):
        member, _, take = self.valid[kind]
        before = member.state
        try:
            take(data)
        except RemoteError:
            assert member.state is before
            return True
        return False


KINDS = ("update", "add", "remove", "own removal", "welcome", "key package", "created")


@pytest.fixture
def valid(make_group):
    return Scene(make_group)


@pytest.mark.parametrize("kind", KINDS)
def test_the_unchanged_input_is_accepted(valid, kind):
    assert not valid.refuses(kind, valid.valid[kind][1])


@pytest.mark.sample(4)
@pytest.mark.parametrize("kind", KINDS)
def test_every_single_bit_flip_is_rejected(valid, kind):
    data = bytearray(valid.valid[kind][1])
    for bit in range(8 * len(data)):
        data[bit // 8] ^= 1 << bit % 8
        assert valid.refuses(kind, bytes(data)), f"bit {bit} of {kind} can be flipped"
        data[bit // 8] ^= 1 << bit % 8
    assert not valid.refuses(kind, bytes(data))


@pytest.mark.sample(3)
@pytest.mark.parametrize("suite", [2, 4, 5, 6, 7])
def test_every_single_bit_flip_of_other_signatures_is_rejected(make_group, suite):
    group = make_group(("ann", "bob"), protocol=tainted_treekem(suite))
    bob, message = group["bob"], group["ann"].update().message
    data = bytearray(message)
    before = bob.state
    for bit in range(8 * (len(data) - 160), 8 * len(data)):
        data[bit // 8] ^= 1 << bit % 8
        with pytest.raises(RemoteError):
            bob.process(bytes(data))
        data[bit // 8] ^= 1 << bit % 8
    assert bob.state is before


@pytest.mark.parametrize("kind", KINDS)
def test_truncated_and_longer_inputs_are_rejected(valid, kind):
    data = valid.valid[kind][1]
    for length in range(len(data)):
        assert valid.refuses(kind, data[:length])
    assert valid.refuses(kind, data + b"\x00")


@LENIENT
@given(data=st.binary(max_size=400))
@pytest.mark.parametrize("kind", KINDS)
def test_arbitrary_bytes_are_rejected(valid, kind, data):
    assert valid.refuses(kind, data)


@LENIENT
@given(draw=st.data())
def test_spliced_inputs_are_rejected(valid, draw):
    kind = draw.draw(st.sampled_from(KINDS))
    first = valid.valid[kind][1]
    second = valid.valid[draw.draw(st.sampled_from(KINDS))][1]
    cut, resume = draw.draw(st.integers(0, len(first))), draw.draw(st.integers(0, len(second)))
    mixed = first[:cut] + second[resume:]
    if mixed not in {data for _, data, _ in valid.valid.values()}:
        assert valid.refuses(kind, mixed)


@LENIENT
@given(data=st.binary(max_size=400))
def test_arbitrary_bytes_do_not_load(make_group, data):
    protocol = make_group(()).protocol
    with pytest.raises(StateFileError):
        protocol.load(data, {}, SeededRandomness(0))
    with pytest.raises(StateFileError):
        protocol.load(b"ttkem member\n\x00\x02" + data, {}, SeededRandomness(0))


def test_every_single_bit_flip_of_a_saved_member_is_noticed(make_group):
    group = make_group(("ann", "bob"))
    group["ann"].key_package()
    group["ann"].update()
    data = bytearray(group["ann"].save())
    for bit in range(8 * len(data)):
        data[bit // 8] ^= 1 << bit % 8
        with pytest.raises(StateFileError):
            group.protocol.load(bytes(data), group.pki, group.randomness)
        data[bit // 8] ^= 1 << bit % 8
    assert group.protocol.load(bytes(data), group.pki, group.randomness).save() == bytes(data)
