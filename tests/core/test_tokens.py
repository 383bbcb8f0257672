from random import Random
from string import digits

from gasstock.core.tokens import drawn_from, random_text


def drawn(seed: int) -> list[str]:
    with drawn_from(Random(seed)):  # noqa: S311
        return [random_text(digits, 4) for _ in range(5)]


def test_a_seed_draws_the_same_texts_again():
    assert drawn(7) == drawn(7) != drawn(8)


def test_after_the_block_nobody_can_foretell_what_is_drawn():
    before = drawn(7)

    assert [random_text(digits, 4) for _ in range(5)] != before


def test_a_text_is_of_the_alphabet_and_as_long_as_asked():
    assert {len(random_text("AB", 6)) for _ in range(20)} == {6}
    assert set(random_text("AB", 100)) == {"A", "B"}
