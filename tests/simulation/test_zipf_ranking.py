import random

from hypothesis import given
from hypothesis import strategies as st

from ttkem.simulation.workloads import _Ranking


class Middle(random.Random):
    """A generator whose draws are given."""

    def __init__(self, value: float) -> None:
        super().__init__(0)
        self.value = value

    def random(self) -> float:
        return self.value


@given(st.integers(1, 70), st.data())
def test_ranks_are_places_among_those_present(users: int, data: st.DataObject) -> None:
    present = data.draw(st.sets(st.integers(0, users - 1), min_size=1))
    gone = data.draw(st.sets(st.integers(0, users - 1)))
    ranking = _Ranking(users, present | gone, random.Random(users))
    for user in gone - present:
        ranking.leave(user)
    hidden = list(range(users))
    random.Random(users).shuffle(hidden)
    expected = [user for user in hidden if user in present]
    assert [ranking.at_rank(rank) for rank in range(len(present))] == expected


def test_draw_inverts_the_cumulated_weights() -> None:
    ranking = _Ranking(4, range(4), random.Random(1))
    order = [ranking.at_rank(rank) for rank in range(4)]
    # Cumulated weights 1, 3/2, 11/6, 25/12.
    for value, rank in ((0.0, 0), (0.47, 0), (0.49, 1), (0.71, 1), (0.73, 2), (0.87, 2), (0.89, 3)):
        assert ranking.draw(Middle(value)) == order[rank]
    assert ranking.draw(Middle(1 - 2**-53)) == order[3]
