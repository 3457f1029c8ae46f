import hashlib
import math
from itertools import pairwise

import numpy as np
import pytest

from coursepkg.data.sentences import MARKS, character_costs, entropy_rate, generate_sentences, next_pieces
from coursepkg.data.sequences import FOLLOWERS, KINDS, WORDS, transition_matrix


def test_the_sentences_are_frozen():
    text = "".join(generate_sentences(2000, words=4) + generate_sentences(2000))
    assert (
        hashlib.sha256(text.encode()).hexdigest() == "61ca5e9fafc122802ac224580ad82d8daa8bccb26e511c0970ce29f5842267f7"
    )


def test_each_sentence_closes_as_it_opens():
    for sentence in generate_sentences(500):
        assert sentence.startswith(" ")
        assert sentence[-1] == MARKS[sentence.split()[0]]
        assert sum(sentence.count(mark) for mark in MARKS.values()) == 1


def test_with_all_words_the_pieces_follow_the_matrix_of_the_words():
    matrix = transition_matrix()
    before = {"the": "", "small": " the", "dog": " the", "sleeps": " the dog", "again": " the dog sleeps"}
    for word, sentence in before.items():
        chances, row = next_pieces(f"{sentence} {word}"), matrix[WORDS.index(word)]
        assert math.fsum(chances.values()) == pytest.approx(1)
        for piece, chance in chances.items():
            assert chance == pytest.approx(row[WORDS.index(piece.strip())], abs=1e-12)


@pytest.mark.parametrize("words", [4, 7, 10])
def test_no_piece_is_the_beginning_of_a_rival(words):
    for kind in KINDS:
        sentence = "" if kind == "stop" else f" the {KINDS[kind][0]}"
        pieces = sorted(next_pieces(sentence, words=words))
        assert not any(second.startswith(first) for first, second in pairwise(pieces))


def test_the_characters_of_a_sentence_cost_what_its_pieces_cost():
    for sentence in generate_sentences(200, words=6):
        pieces = [" " + word for word in sentence[:-1].split()] + [sentence[-1]]
        chances = [next_pieces("".join(pieces[:i]), words=6)[piece] for i, piece in enumerate(pieces)]
        assert character_costs(sentence, words=6).sum() == pytest.approx(-np.log(chances).sum(), abs=1e-12)


def test_the_chances_of_all_next_characters_sum_to_one():
    for text in ("", " ", " t", " the", " a ", " a b", " one small dog ", " this lamp breaks", " a dog eats;"):
        costs = [
            character_costs(text + c, words=10)[-1] for c in "abcdefghijklmnopqrstuvwxyz " + "".join(MARKS.values())
        ]
        assert np.exp(-np.array(costs)).sum() == pytest.approx(1), text


def test_the_entropy_rate_is_that_of_the_words_and_that_of_a_long_text():
    # Independently, from the stationary distribution of the chain of words; the mark costs what the full stop costs.
    matrix = transition_matrix()
    share = np.linalg.matrix_power(matrix, 500)[0]
    nats = share @ -(matrix * np.log(np.where(matrix > 0, matrix, 1))).sum(axis=1)
    length = share @ [len(word) + (word != ".") for word in WORDS]
    assert entropy_rate() == pytest.approx(nats / length, rel=1e-12)
    for words in (4, 10):
        costs = character_costs("".join(generate_sentences(4000, words=words)), words=words)
        assert costs.mean() == pytest.approx(entropy_rate(words), rel=0.01)


@pytest.mark.parametrize(
    ("text", "place"),
    [(" the dog eats?", 13), (" the dog falls", 9), ("the", 0), (" the.", 4), (" the dog eats. the dog eats;", 27)],
)
def test_what_the_language_does_not_allow_costs_infinitely_much_from_there_on(text, place):
    costs = character_costs(text)
    assert np.isfinite(costs[:place]).all()
    assert np.isinf(costs[place:]).all()


def test_a_longer_list_begins_with_the_shorter_one_and_the_seed_matters():
    assert generate_sentences(50, seed=3)[:20] == generate_sentences(20, seed=3) != generate_sentences(20, seed=4)
    kept = {word for kind in FOLLOWERS for word in KINDS[kind][:4]}
    assert {word for s in generate_sentences(300, words=4) for word in s[:-1].split()} <= kept


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: generate_sentences(0), r"n must be an integer in \[1, 1000000\]; got 0"),
        (lambda: generate_sentences(1, words=3), r"words must be an integer in \[4, 10\]; got 3"),
        (lambda: next_pieces(" the do"), "complete words of the language; got ' the do'"),
    ],
)
def test_errors_name_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()
