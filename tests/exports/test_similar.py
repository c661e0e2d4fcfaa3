"""Which exposures are similar: what holds for whatever exposures there are."""

from hypothesis import given
from hypothesis import strategies as st

from app.exports.similar import TOLERATED, Exposure, groups, turned

ANGLES = st.none() | st.integers(-1800, 1800).map(lambda tenths: tenths / 10)
MOMENTS = st.none() | st.sampled_from(["2026-01-15T10:00:00", "2026-01-15T10:00:00.5", "2026-01-15T10:01:00+01:00"])
EXPOSURES = st.builds(Exposure, st.sampled_from(["fluoroscopy", "cine"]), ANGLES, ANGLES, MOMENTS)


def between(one, other):
    """The smaller angle between two directions."""
    return abs((one - other + 180) % 360 - 180)


@given(st.lists(EXPOSURES, max_size=40))
def test_every_exposure_is_in_exactly_one_group(exposures):
    assert sorted(place for group in groups(exposures) for place in group) == list(range(len(exposures)))


@given(st.lists(EXPOSURES, max_size=40))
def test_all_of_a_group_are_made_the_same_way_and_near_its_first(exposures):
    for first, *others in groups(exposures):
        for other in others:
            assert exposures[other].made == exposures[first].made
            for one, another in zip(exposures[first][1:3], exposures[other][1:3], strict=True):
                assert one is another if one is None or another is None else between(one, another) <= TOLERATED + 1e-6


@given(st.lists(EXPOSURES, max_size=40))
def test_the_first_of_a_group_fits_no_group_that_began_before(exposures):
    firsts = [exposures[group[0]] for group in groups(exposures)]
    for place, later in enumerate(firsts):
        assert not any(
            len(groups([earlier._replace(at=None), later._replace(at=None)])) == 1 for earlier in firsts[:place]
        )


@given(st.lists(EXPOSURES, max_size=40))
def test_groups_and_their_members_are_in_the_order_of_time(exposures):
    moments = [[exposures[place].at or "~" for place in group] for group in groups(exposures)]
    assert all(some == sorted(some) for some in moments)
    assert [some[0] for some in moments] == sorted(some[0] for some in moments)


@given(st.lists(EXPOSURES, max_size=20).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_in_whatever_order_exposures_come_the_groups_are_the_same(orders):
    one, other = ([[order[place] for place in group] for group in groups(order)] for order in orders)
    assert one == other


def test_five_degrees_are_similar_and_more_are_not():
    one, five, more = (Exposure("cine", angle, 0.0) for angle in (0.1, 5.1, 5.2))
    assert groups([one, five]) == [[0, 1]] and groups([one, more]) == [[0], [1]]


def test_directions_beside_each_other_are_near_where_the_numbers_jump():
    assert len(groups([Exposure("cine", 178.0, 0.0), Exposure("cine", -179.0, 0.0)])) == 1
    assert turned(-179.0, 178.0) == 181.0 and turned(179.0, -178.0) == -181.0 and turned(3.0, 1.0) == 3.0
