import hashlib

import numpy as np
import pytest

from coursepkg.data.sequences import FOLLOWERS, KINDS, WORDS, generate_words, transition_matrix, word_kinds


def test_the_words_are_frozen():
    digest = hashlib.sha256(generate_words(50_000).astype("<i8").tobytes()).hexdigest()
    assert digest == "557926d9f90cf204e8f198f74a691fd01f6217ee450a6f4ea13ce100e9c9d5cc"


def test_the_words_are_different_and_each_has_its_kind():
    assert len(set(WORDS)) == len(WORDS) == len(word_kinds()) == 55
    assert all(word in KINDS[kind] for word, kind in zip(WORDS, word_kinds(), strict=True))


def test_rows_are_chances_and_follow_the_grammar():
    matrix, kinds = transition_matrix(), np.array(word_kinds())
    assert (matrix >= 0).all()
    assert np.allclose(matrix.sum(axis=1), 1, rtol=0, atol=1e-12)
    for i, kind in enumerate(kinds):
        for follower in KINDS:
            expected = FOLLOWERS[kind].get(follower, 0.0)
            assert matrix[i, kinds == follower].sum() == pytest.approx(expected, abs=1e-12)


def test_frequencies_within_a_kind_fall_as_one_over_the_rank():
    matrix, kinds = transition_matrix(), np.array(word_kinds())
    animals = matrix[WORDS.index("the"), kinds == "animal"]
    assert animals[0] / animals == pytest.approx(np.arange(1, 11))


def test_counted_pairs_agree_with_the_matrix():
    matrix, words = transition_matrix(), generate_words(200_000)
    counts = np.zeros_like(matrix)
    np.add.at(counts, (words[:-1], words[1:]), 1)
    assert (counts[matrix == 0] == 0).all()
    seen = counts.sum(axis=1, keepdims=True)
    spread = np.sqrt(matrix * (1 - matrix) / seen)
    off = np.abs(counts / seen - matrix)[spread > 0] / spread[spread > 0]
    assert off.max() < 5
    assert np.mean(off < 2) > 0.93


def test_a_text_begins_with_a_sentence_and_is_the_start_of_a_longer_one():
    text = generate_words(1000)
    assert word_kinds()[text[0]] == "article"
    assert (text[:100] == generate_words(100)).all()
    assert not (text == generate_words(1000, seed=1)).all()


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((0,), {}, ValueError, r"n_words must be an integer in \[1, 10000000\]; got 0"),
        ((2.5,), {}, TypeError, r"n_words must be an integer in \[1, 10000000\]; got 2.5"),
        ((10,), {"seed": "a"}, TypeError, "seed must be an integer; got 'a'"),
    ],
)
def test_errors_name_the_argument(arguments, options, error, message):
    with pytest.raises(error, match=message):
        generate_words(*arguments, **options)
