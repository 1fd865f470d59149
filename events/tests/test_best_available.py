"""The best seats, in pictures, and against an answer that looks at every combination.

In a picture `.` is an available seat, `w` an accessible one, `x` a taken one and `_` a gap; the
first row is in front. `#` is a chosen seat.
"""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.best_available import Row, choose_best

pytestmark = pytest.mark.once

bounded = settings(max_examples=120, deadline=None)
modes = st.sampled_from(["required", "preferred", "no"])
quantities = st.integers(1, 4)


def row(picture, section="stalls", order=0, width=None):
    available = sum(1 << place for place, seat in enumerate(picture) if seat in ".w")
    accessible = sum(1 << place for place, seat in enumerate(picture) if seat == "w")
    width = len(picture) if width is None else width
    return Row(section, order, width, available, accessible)


def chosen(*pictures, quantity, adjacent="required", **options):
    rows = [row(picture, order=order) for order, picture in enumerate(pictures)]
    choice = choose_best(rows=rows, quantity=quantity, adjacent=adjacent, **options)
    return choice and paint(pictures, choice.seats)


def paint(pictures, seats):
    return [
        "".join("#" if (number, place) in seats else seat for place, seat in enumerate(picture))
        for number, picture in enumerate(pictures)
    ]


def test_group_sits_in_the_middle_of_the_front_row():
    assert chosen(".......", ".......", quantity=3) == ["..###..", "......."]


def test_lower_place_is_taken_of_two_that_are_as_near_to_the_middle():
    assert chosen("......", quantity=1) == ["..#..."]


def test_group_goes_further_back_where_it_would_leave_one_alone():
    assert chosen("...", "....", quantity=2) == ["...", "##.."]


def test_group_moves_aside_where_it_would_leave_one_alone():
    assert chosen("x.....x", quantity=3) == ["x###..x"]


def test_one_is_left_alone_where_there_is_no_other_choice():
    assert chosen("...", "x..", "...", quantity=2) == ["...", "x##", "..."]
    assert chosen("...", "...", quantity=2) == ["##.", "..."]


def test_seat_that_was_alone_before_is_no_reason_to_go_elsewhere():
    assert chosen(".x....", "......", quantity=2) == [".x##..", "......"]


def test_neighbours_across_a_gap_are_none():
    assert chosen(".._..", quantity=3) is None


def test_accessible_seats_are_kept_until_last():
    assert chosen("wwww", "....", quantity=2) == ["wwww", "##.."]
    assert chosen("wwww", "xx.x", quantity=2) == ["##ww", "xx.x"]


def test_fewest_accessible_seats_are_taken_where_some_have_to_be():
    assert chosen("ww", "w.", quantity=2) == ["ww", "##"]
    assert chosen("ww_.w", quantity=2) == ["ww_##"]


def test_accessible_seats_come_first_for_those_who_ask():
    assert chosen("......", "w...ww", quantity=2, accessible=True) == ["......", "w...##"]


def test_group_that_fits_in_no_block_sits_right_behind_one_another():
    assert chosen("..x", "xxx", "..x", ".x.", quantity=3, adjacent="preferred") == [
        "..x", "xxx", "##x", "#x.",
    ]  # fmt: skip


def test_group_in_two_rows_leaves_no_seat_alone():
    assert chosen(".....", ".....", quantity=6, adjacent="preferred") == ["#####", "..#.."]


def test_group_in_two_rows_sits_in_the_middle():
    assert chosen("........", "........", quantity=10, adjacent="preferred") == [
        "######..", "..####..",
    ]  # fmt: skip


def test_group_in_two_rows_goes_further_back_only_where_that_leaves_fewer_alone():
    assert chosen("...", "...", "..", quantity=5, adjacent="preferred") == ["...", "###", "##"]
    assert chosen("...", "...", "...", quantity=5, adjacent="preferred") == ["###", "##.", "..."]


def test_group_that_has_to_be_split_keeps_as_many_together_as_can_be():
    assert chosen("...x..", quantity=4, adjacent="preferred") == ["###x#."]


def test_rows_of_two_sections_are_not_behind_one_another():
    rows = [row("..", "stalls", 1), row("x.", "balcony", 2), row(".x", "stalls", 2)]

    choice = choose_best(rows=rows, quantity=3, adjacent="preferred")

    assert choice.seats == ((0, 0), (0, 1), (2, 0))


def test_single_seats_are_the_best_wherever_they_are():
    assert chosen(".x.x.", ".....", quantity=3, adjacent="no") == ["#x#x#", "....."]


def test_two_without_other_neighbours_are_chosen_as_one():
    assert chosen("x..x.", ".....", quantity=2, adjacent="no") == ["x..x#", "..#.."]
    assert chosen("x..xx", ".....", quantity=2, adjacent="no") == ["x##xx", "....."]
    assert chosen("ww", ".", "w", quantity=3, adjacent="no") == ["##", "#", "w"]


def test_hall_without_rows_is_filled_from_its_lowest_place():
    rows = [row("x....x...", width=0)]

    assert choose_best(rows=rows, quantity=2, adjacent="required").seats == ((0, 1), (0, 2))


def test_choice_tells_whether_all_are_neighbours():
    def is_adjacent(picture):
        return choose_best(rows=[row(picture)], quantity=2, adjacent="preferred").is_adjacent

    assert is_adjacent("x..x")
    assert not is_adjacent("x.x.")


def test_no_seats_cannot_be_asked_for():
    with pytest.raises(ValueError, match="at least one seat"):
        choose_best(rows=[row("...")], quantity=0, adjacent="no")


def test_large_group_gets_a_block():
    rows = [row("." * 90, order=1), row("." * 300, order=2)]

    choice = choose_best(rows=rows, quantity=100, adjacent="required")

    assert choice.seats == tuple((1, place) for place in range(100, 200))


@st.composite
def halls(draw):
    """A few short rows of two sections, some without shape, some with an aisle before them."""
    order, rows = 0, []
    for picture in draw(
        st.lists(st.text("..._xw", min_size=1, max_size=6), min_size=1, max_size=3)
    ):
        order += draw(st.sampled_from([1, 1, 1, 2]))
        section = draw(st.sampled_from(["stalls", "stalls", "balcony"]))
        rows.append(row(picture, section, order, draw(st.sampled_from([None, None, 0]))))
    return rows


def places(rows, mask="available"):
    return {
        (number, place)
        for number, each in enumerate(rows)
        for place in range(8)
        if getattr(each, mask) >> place & 1
    }


def alone(seats):
    return {(r, place) for r, place in seats if not {(r, place - 1), (r, place + 1)} & seats}


def left_alone(seats, taken):
    return len(alone(seats - set(taken)) - alone(seats))


def block_count(seats):
    return sum((r, place - 1) not in seats for r, place in seats)


def rank(rows, available, seats, is_asked):
    """What the list in the module says of seats that are chosen together."""
    accessible = len(places(rows, "accessible") & set(seats)) / len(seats)
    return (
        1 - accessible if is_asked else accessible,
        left_alone(available, seats),
        min(r for r, _ in seats),
        len(seats),
        sum(abs(place - (rows[r].width - 1) / 2) for r, place in seats),
        sorted(seats),
    )


def best(rows, available, options, is_asked):
    return min(options, key=lambda seats: rank(rows, available, seats, is_asked), default=None)


def blocks_of(available, *sizes):
    return [
        [(r, place + step) for step in range(size)]
        for r, place in available
        for size in sizes
        if {(r, place + step) for step in range(size)} <= available
    ]


def is_pair(rows, seats):
    numbers = sorted({r for r, _ in seats})
    if len(numbers) != 2 or block_count(seats) != 2:
        return False
    front, back = (rows[number] for number in numbers)
    return front.section == back.section and front.order + 1 == back.order


def best_in_turn(rows, quantity, is_asked, adjacent):
    seats, available = [], places(rows)
    while left := quantity - len(seats):
        sizes = (1, 2)[:left] if adjacent == "no" else range(1, left + 1)
        options = blocks_of(available, *sizes)
        if adjacent == "preferred":
            options = [block for block in options if len(block) == max(map(len, options))]
        seats += best(rows, available, options, is_asked)
        available -= set(seats)
    return seats


def best_of_all(rows, quantity, is_asked, adjacent):
    """Look at all combinations of so many seats."""
    available = places(rows)
    options = list(combinations(sorted(available), quantity))
    in_one_block = [seats for seats in options if block_count(seats) == 1]
    pairs = [seats for seats in options if is_pair(rows, seats)]
    if adjacent == "required" or (adjacent == "preferred" and in_one_block):
        return best(rows, available, in_one_block, is_asked)
    if adjacent == "preferred" and pairs:
        return best(rows, available, pairs, is_asked)
    return best_in_turn(rows, quantity, is_asked, adjacent) if options else None


@bounded
@given(halls(), quantities, st.booleans(), modes)
def test_choice_is_the_best_of_all_combinations(rows, quantity, is_asked, adjacent):
    choice = choose_best(rows=rows, quantity=quantity, adjacent=adjacent, accessible=is_asked)

    expected = best_of_all(rows, quantity, is_asked, adjacent)
    assert (choice and choice.seats) == (expected and tuple(sorted(expected)))


@bounded
@given(halls(), quantities, st.booleans(), modes)
def test_chosen_seats_are_available_and_as_many_as_wanted(rows, quantity, is_asked, adjacent):
    choice = choose_best(rows=rows, quantity=quantity, adjacent=adjacent, accessible=is_asked)

    if choice:
        assert len(set(choice.seats)) == len(choice.seats) == quantity
        assert set(choice.seats) <= places(rows)
        assert choice.is_adjacent == (block_count(choice.seats) == 1)
        assert choice.is_adjacent or adjacent != "required"


@bounded
@given(halls(), quantities, modes)
def test_there_is_no_choice_only_where_nothing_fits(rows, quantity, adjacent):
    available = places(rows)
    fits = blocks_of(available, quantity) if adjacent == "required" else len(available) >= quantity

    assert bool(choose_best(rows=rows, quantity=quantity, adjacent=adjacent)) == bool(fits)


@bounded
@given(halls(), quantities)
def test_group_is_split_into_as_few_blocks_as_can_be(rows, quantity):
    choice = choose_best(rows=rows, quantity=quantity, adjacent="preferred")

    counts = map(block_count, combinations(places(rows), quantity))
    assert (choice and block_count(choice.seats)) == min(counts, default=None)


@bounded
@given(halls(), quantities, modes, st.integers(0, 2), st.integers(0, 63))
def test_more_available_seats_never_end_in_no_choice(rows, quantity, adjacent, number, more):
    before = choose_best(rows=rows, quantity=quantity, adjacent=adjacent)
    old = rows[number % len(rows)]
    rows[number % len(rows)] = Row(old.section, old.order, old.width, old.available | more)

    assert not before or choose_best(rows=rows, quantity=quantity, adjacent=adjacent)


@bounded
@given(halls(), quantities)
def test_block_leaves_one_alone_only_where_every_block_of_its_class_does(rows, quantity):
    choice = choose_best(rows=rows, quantity=quantity, adjacent="required")

    if choice:
        available, accessible = places(rows), places(rows, "accessible")
        options = blocks_of(available, quantity)
        fewest = min(len(accessible & set(block)) for block in options)
        its_class = [block for block in options if len(accessible & set(block)) == fewest]
        assert left_alone(available, choice.seats) == min(
            left_alone(available, block) for block in its_class
        )


@bounded
@given(halls(), quantities)
def test_no_accessible_seat_goes_to_single_people_while_others_are_available(rows, quantity):
    choice = choose_best(rows=rows, quantity=quantity, adjacent="no")

    if choice:
        accessible = places(rows, "accessible") & places(rows)
        others = len(places(rows) - accessible)
        assert len(accessible & set(choice.seats)) == max(0, quantity - others)
