"""What rows of a schedule say beside each other: below what all share, short, and never alike."""

from merchantkit.present.paths import told_apart

PLASTICS = [
    "Articles of plastics › Other › Belting and belts, for machinery › Of textile fibers › V-belts",
    "Articles of plastics › Other › Belting and belts, for machinery › Of textile fibers › Other",
    "Articles of plastics › Other › Belting and belts, for machinery › Other",
    "Articles of plastics › Other › Clothespins › Other",
    "Articles of plastics › Other › Other",
]


def test_what_all_share_is_left_out_and_the_rest_is_the_way_to_each() -> None:
    assert told_apart(PLASTICS, 50) == [
        "Belting and belts, for machinery › … › V-belts",
        "Belting and belts, for machinery › … › Other",
        "Belting and belts, for machinery › Other",
        "Clothespins › Other",
        "Other",
    ]


def test_one_row_alone_says_its_own_words() -> None:
    assert told_apart(["Dresses, knitted › Of cotton"], 60) == ["Of cotton"]
    assert told_apart([], 60) == []


def test_a_part_that_tells_two_apart_is_not_left_out() -> None:
    plated, strap = "With gold- or silver-plated case", "With strap of textile material"
    told = told_apart(
        [f"Watches › Having one jewel only › {strap} › {plated}",
         f"Watches › Having one jewel only › Other › {plated}",
         f"Watches › Other › {strap} › {plated}",
         f"Watches › Other › Other › {plated}"], 48,
    )  # fmt: skip
    assert told == [
        "Having one… › With strap of… › With gold- or…",
        "Having one jewel… › Other › With gold- or…",
        "Other › … › With gold- or silver-plated case",
        "Other › Other › With gold- or silver-plated case",
    ]


def test_rows_that_would_read_the_same_when_cut_take_more_room() -> None:
    told = told_apart(
        ["Belts › With components in which vegetable fibers predominate by weight",
         "Belts › With components in which man-made fibers predominate by weight",
         "Belts › Other"], 24,
    )  # fmt: skip
    assert told == [
        "With components in which vegetable fibers…", "With components in which man-made…", "Other",
    ]  # fmt: skip


def test_rows_that_are_alike_in_the_schedule_stay_so() -> None:
    assert told_apart(["A › Other", "A › Other", "A › Of brass"], 60) == [
        "Other", "Other", "Of brass",
    ]  # fmt: skip


def test_equal_parts_beside_each_other_stay_two() -> None:
    assert told_apart(["A › B", "A › Other › Other", "A › Other › Other › Other"], 60) == [
        "B", "Other › Other", "Other › Other › Other",
    ]  # fmt: skip
    # The whole one is left whole, and the longer one says that there is something between.
    assert told_apart(["A › B", "A › Other › Other", "A › Other › Other › Other"], 13)[1:] == [
        "Other › Other", "Other › … › Other",
    ]  # fmt: skip
