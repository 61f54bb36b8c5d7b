"""Texts as features and as tokens; fitted on the training texts alone."""

import sys

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

import kdtheory as kd
from kdtheory.errors import InvalidArgument
from kdtheory.tasks import _text_tasks
from kdtheory.tasks._texts import Form

TRAIN = ["red red red blue", "blue green green", "red green yellow", "yellow Yellow, blue!", "green red"]
TEST = ["purple blue red", "purple orange", ""]


def form(kind="features", components=3, words=100, length=5, **more):
    return Form.checked(kind, components, words, length, train=len(TRAIN), **more)


def test_features_are_the_singular_vectors_of_weighted_words():
    inputs, test_inputs, said = form().inputs(TRAIN, TEST)
    weighing = TfidfVectorizer(sublinear_tf=True)
    weights = weighing.fit_transform(TRAIN).toarray()
    _, values, right = np.linalg.svd(weights, full_matrices=False)
    np.testing.assert_allclose(
        inputs @ inputs.T * said["scale"] ** 2, (weights @ right[:3].T) @ (right[:3] @ weights.T), atol=1e-12
    )
    np.testing.assert_allclose(np.linalg.svd(inputs * said["scale"], compute_uv=False), values[:3], rtol=1e-10)
    held_out = weighing.transform(TEST).toarray() @ right[:3].T
    np.testing.assert_allclose(
        inputs @ test_inputs.T * said["scale"] ** 2, weights @ right[:3].T @ held_out.T, atol=1e-12
    )
    assert np.mean(inputs**2) == pytest.approx(1.0)
    assert said["words"] == 4


def test_small_singular_values_are_right_too():
    generator = np.random.default_rng(0)
    texts = [" ".join(f"word{number}" for number in generator.integers(90, size=20)) for _ in range(80)]
    inputs, _, said = Form.checked("features", 40, 100, 5, train=80).inputs(texts, [])
    values = np.linalg.svd(TfidfVectorizer(sublinear_tf=True).fit_transform(texts).toarray(), compute_uv=False)
    np.testing.assert_allclose(np.linalg.norm(inputs * said["scale"], axis=0), values[:40], rtol=1e-9)


def test_pairs_of_neighbours_count_as_words_where_asked():
    assert form(pairs=True).inputs(TRAIN, [])[2]["words"] > 4


@pytest.mark.parametrize("kind", ["features", "tokens"])
def test_test_texts_have_no_say(kind):
    first = form(kind).inputs(TRAIN, TEST)
    other = form(kind).inputs(TRAIN, [*["purple orange purple"] * 20, TEST[0]])
    np.testing.assert_array_equal(first[0], other[0])
    np.testing.assert_allclose(first[1][0], other[1][-1], atol=1e-12)
    assert first[2] == other[2]
    assert form(kind).inputs(TRAIN, [])[1].shape[0] == 0


def test_tokens_are_numbers_by_frequency():
    inputs, test_inputs, said = form("tokens").inputs(TRAIN, TEST)
    # red 5, green 4, then blue and yellow, 3 each, by the alphabet
    assert inputs.tolist() == [[2, 2, 2, 4, 0], [4, 3, 3, 0, 0], [2, 3, 5, 0, 0], [5, 5, 4, 0, 0], [3, 2, 0, 0, 0]]
    assert test_inputs.tolist() == [[1, 4, 2, 0, 0], [1, 1, 0, 0, 0], [0, 0, 0, 0, 0]]
    assert said == {"form": "tokens", "vocabulary": 6, "padding": 0, "unknown": 1}


def test_long_texts_are_cut_and_rare_words_are_unknown():
    inputs, _, said = form("tokens", words=2, length=2).inputs(TRAIN, [])
    assert inputs.tolist() == [[2, 2], [1, 3], [2, 3], [1, 1], [3, 2]]
    assert said["vocabulary"] == 4


def test_the_same_texts_give_the_same_features():
    np.testing.assert_array_equal(form().inputs(TRAIN, TEST)[0], form().inputs(TRAIN, TEST)[0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(kind="bags"), "form: expected one of 'features', 'tokens', got 'bags'; choose one of them"),
        (dict(components=5), "components: expected at most 4 for 5 training texts and 100 words, got 5; "
         "ask for fewer components, or for more texts and words"),
        (dict(words=2), "components: expected at most 1 for 5 training texts and 2 words, got 3; "
         "ask for fewer components, or for more texts and words"),
        (dict(length=0), "length: expected a whole number of at least 1, got 0; change length"),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense(arguments, message):
    with pytest.raises(InvalidArgument) as caught:
        form(**arguments)
    assert str(caught.value) == message


def test_more_components_than_words_in_the_texts():
    with pytest.raises(
        InvalidArgument, match=r"^components: expected fewer than the 4 words of the training texts, got 4; "
    ):
        form(components=4).inputs(TRAIN, TEST)


WORDS = ["zero", "one", "two", "three", "four", "five"]


def test_topics_stay_with_their_texts(monkeypatch):
    """Every text names its topic; topics are shuffled, and their order in the file is not that of the alphabet."""
    files = {}
    for part, size in (("train", 40), ("test", 30)):
        topics = np.random.default_rng(size).integers(6, size=size)
        lines = [f"{WORDS[topic]}\t{WORDS[topic]} {part}" for topic in topics]
        files[part] = "\n".join(["Category\tText", "d\tstring", "class\t", *lines, ""]).encode()
    monkeypatch.setattr(_text_tasks.data, "files", lambda name: files)
    settings = Form.checked("tokens", 1, 100, 2, train=40)
    task = _text_tasks.by_topic("newsgroups", (40, 30), 40, 25, 0, settings)
    named = {}
    for ids, label in zip(task.inputs[:, 0], task.labels, strict=True):
        assert named.setdefault(ids, label) == label
    assert len(named) == len(set(named.values())) == 6
    assert [named[ids] for ids in task.test_inputs[:, 0]] == task.test_labels.tolist()
    np.testing.assert_array_equal(task.targets.argmax(axis=1), task.labels)
    np.testing.assert_array_equal(task.test_targets.argmax(axis=1), task.test_labels)
    assert (task.test_inputs[:, 1] == 1).all()  # "test" is no word of the training texts


def test_ratings_stay_with_their_snippets(monkeypatch):
    """Every snippet tells its rating in words; neutral ones stand in between."""
    ratings = np.random.default_rng(0).integers(-1, 2, size=60)
    lines = [f"{number}\t{rating}.0\t{['bad', 'so', 'good'][rating + 1]}" for number, rating in enumerate(ratings)]
    module = sys.modules[kd.tasks.movie_reviews.__module__]
    monkeypatch.setattr(module.data, "files", lambda name: {module.FILE: "\r\n".join(lines).encode()})
    monkeypatch.setattr(module, "SNIPPETS", 60)
    monkeypatch.setattr(module, "NEITHER", int(np.sum(ratings == 0)))
    for target, words in (("class", 2), ("rating", 3)):
        task = kd.tasks.movie_reviews(train=20, target=target, form="tokens", length=1)
        answers = np.concatenate([task.targets, task.test_targets])
        ids = np.concatenate([task.inputs, task.test_inputs])[:, 0]
        assert len(ids) == (60 if target == "rating" else np.sum(ratings != 0))
        said = {(word, tuple(answer)) for word, answer in zip(ids, answers.tolist(), strict=True)}
        assert len(said) == len({word for word, _ in said}) == words


def test_components_do_not_matter_to_tokens():
    assert form("tokens", components=1000).inputs(TRAIN, [])[0].shape == (5, 5)
