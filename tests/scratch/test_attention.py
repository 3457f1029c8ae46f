"""Attention and its companions against loops, central differences and Keras."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from coursepkg.scratch.attention import (
    Embedding,
    LastPlace,
    LayerNormalization,
    MultiHeadAttention,
    Positions,
    TransformerBlock,
    attend,
    attend_backward,
    causal_mask,
    sinusoids,
)
from coursepkg.scratch.gradcheck import check_gradients, numerical_gradient, relative_error
from coursepkg.scratch.layers import Dense
from coursepkg.scratch.sequential import Sequential
from tests.scratch.differences import layer_differences

SHAPE = (3, 5, 6)  # n, m, d
LAYERS = {
    "one head": lambda: MultiHeadAttention(6, 1, seed=1),
    "two heads": lambda: MultiHeadAttention(6, 2, seed=1),
    "wide causal heads": lambda: MultiHeadAttention(6, 3, key_dim=4, causal=True, seed=1),
    "layer normalization": lambda: LayerNormalization(6),
    "group normalization": lambda: LayerNormalization(6, groups=3),
    "sinusoids": lambda: Positions(7, 6),
    "learned positions": lambda: Positions(7, 6, kind="learned", seed=1),
    "last place": LastPlace,
    "pre-norm block": lambda: TransformerBlock(6, 2, hidden=7, seed=1),
    "post-norm block": lambda: TransformerBlock(6, 2, hidden=7, norm="post", causal=True, activation="tanh", seed=1),
    "block with dropout": lambda: TransformerBlock(6, 2, hidden=7, dropout=0.3, seed=1),
}


def shaken(layer, seed=3):
    rng = np.random.default_rng(seed)
    for array in layer.parameters:
        array += rng.normal(0, 0.3, array.shape)
    return layer


TAKES_A_MASK = {name for name in LAYERS if "head" in name or "block" in name}


@pytest.mark.parametrize(
    ("name", "masked"), [*((name, False) for name in LAYERS), *((name, True) for name in sorted(TAKES_A_MASK))]
)
def test_gradients_equal_central_differences(name, masked):
    layer, rng = shaken(LAYERS[name]()), np.random.default_rng(0)
    X, real = rng.normal(size=SHAPE), np.arange(5) < np.array([[5], [3], [1]])
    options = {"mask": real[:, None]} if masked else {}

    def forward(X):
        return layer.forward(X, training=True, rng=np.random.default_rng(7), **options)

    G = rng.normal(size=forward(X).shape)

    expected, wanted = layer_differences(layer, X, G, forward=forward)
    assert relative_error(layer.backward(G), expected) < 1e-7
    assert len(wanted) == len(layer.gradients)
    for ours, numerical in zip(layer.gradients, wanted, strict=True):
        assert ours.shape == numerical.shape
        # A key's bias adds the same to all scores of a row: its gradient is zero but for rounding.
        assert relative_error(ours, numerical) < 1e-7 or max(np.abs(ours).max(), np.abs(numerical).max()) < 1e-8


def test_attend_equals_a_loop():
    rng = np.random.default_rng(0)
    Q, K, V = rng.normal(size=(4, 3)), rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    mask = rng.random((4, 6)) < 0.6
    mask[:, 0] = True
    H, P = attend(Q, K, V, mask)
    for i in range(4):
        seen = np.flatnonzero(mask[i])
        shares = softmax([Q[i] @ K[j] / np.sqrt(3) for j in seen])
        np.testing.assert_allclose(P[i, seen], shares, atol=1e-15)
        np.testing.assert_allclose(H[i], shares @ V[seen], atol=1e-15)
        assert (np.delete(P[i], seen) == 0).all()


def test_attend_overflows_nowhere_and_stays_finite_without_anything_to_see():
    K = np.array([[1.0], [2.0]])
    H, P = attend(np.array([[1e4], [-1e4]]), K, K, np.array([[True, True], [False, False]]))
    np.testing.assert_array_equal(P, [[0, 1], [0.5, 0.5]])
    assert np.isfinite(H).all()


def test_attend_backward_equals_central_differences():
    rng = np.random.default_rng(0)
    Q, K, V = rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 6, 3)), rng.normal(size=(2, 6, 5))
    H, P = attend(Q, K, V)
    G = rng.normal(size=H.shape)
    found = attend_backward(G, Q, K, V, P)
    for i, array in enumerate((Q, K, V)):

        def loss(value, i=i):
            arguments = [Q, K, V]
            arguments[i] = value
            return float((attend(*arguments)[0] * G).sum())

        assert relative_error(found[i], numerical_gradient(loss, array)) < 1e-8


@pytest.fixture
def keras_layers():
    import keras

    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    return keras.layers


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("heads", "key_dim"), [(1, 6), (2, 3), (3, 4)])
def test_attention_equals_that_of_keras(keras_layers, heads, key_dim, causal, padded):
    import tensorflow as tf

    ours, rng = shaken(MultiHeadAttention(6, heads, key_dim=key_dim, causal=causal)), np.random.default_rng(0)
    theirs = keras_layers.MultiHeadAttention(heads, key_dim)
    X, real = tf.constant(rng.normal(size=SHAPE)), np.arange(5) < np.array([[5], [3], [1]])
    theirs.build(X.shape, X.shape)
    theirs.set_weights(ours.weights)
    mask = np.repeat(real[:, None], 5, axis=1) if padded else None
    close = {"rtol": 0, "atol": 1e-11 if key_dim == 4 else 1e-6}  # Keras rounds 1/√d_k to float32, here 1/2 is exact
    with tf.GradientTape() as tape:
        tape.watch(X)
        Y, P = theirs(X, X, attention_mask=mask, use_causal_mask=causal, return_attention_scores=True)
    np.testing.assert_allclose(ours.forward(X.numpy(), mask=mask), Y, **close)
    np.testing.assert_allclose(ours.P, P, **close)
    G = rng.normal(size=SHAPE)
    found = tape.gradient(Y, [X, *theirs.trainable_variables], output_gradients=tf.constant(G))
    for a, b in zip([ours.backward(G), *ours.gradients], found, strict=True):
        np.testing.assert_allclose(a, b, **close)


@pytest.mark.parametrize("groups", [1, 2])
def test_layer_and_group_normalization_equal_those_of_keras(keras_layers, groups):
    import tensorflow as tf

    ours, rng = shaken(LayerNormalization(6, groups=groups)), np.random.default_rng(0)
    # Keras takes the statistics of a group over all places, too; so it gets every row as an instance of its own.
    theirs = keras_layers.GroupNormalization(groups) if groups > 1 else keras_layers.LayerNormalization()
    SHAPE = (15, 6) if groups > 1 else (3, 5, 6)
    X = tf.constant(rng.normal(size=SHAPE))
    theirs.build(X.shape)
    theirs.set_weights(ours.weights)
    with tf.GradientTape() as tape:
        tape.watch(X)
        Y = theirs(X)
    np.testing.assert_allclose(ours.forward(X.numpy()), Y, atol=1e-12)
    G = rng.normal(size=SHAPE)
    found = tape.gradient(Y, [X, *theirs.trainable_variables], output_gradients=tf.constant(G))
    for a, b in zip([ours.backward(G), *ours.gradients], found, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-11)


def test_groups_must_divide_the_features():
    with pytest.raises(ValueError, match="groups must divide d = 6; got 4"):
        LayerNormalization(6, groups=4)


def keras_block(layers, x, norm):
    attention, norms = layers.MultiHeadAttention(2, 4), [layers.LayerNormalization() for _ in range(2)]
    dense = [layers.Dense(7, activation="tanh"), layers.Dense(8)]
    if norm == "pre":
        h = norms[0](x)
        u = x + attention(h, h)
        return u + dense[1](dense[0](norms[1](u)))
    u = norms[0](x + attention(x, x))
    return norms[1](u + dense[1](dense[0](u)))


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_a_model_of_two_symbols_equals_that_of_keras(keras_layers, norm):
    import keras

    layers = keras_layers
    ours = Sequential([
        Embedding(9, 8, seed=1), TransformerBlock(8, 2, hidden=7, norm=norm, activation="tanh", seed=2), LastPlace(),
        Dense(8, 4, activation="softmax", seed=3),
    ])  # fmt: skip
    inputs = keras.Input((5,), dtype="int32")
    block = keras_block(layers, layers.Embedding(9, 8)(inputs), norm)
    theirs = keras.Model(inputs, layers.Dense(4, activation="softmax")(block[:, -1]))
    # Keras orders weights by the graph, so each goes where its shape and neighbours say.
    block_layer = ours.layers[1]
    parts = {
        "Embedding": [ours.layers[0]], "MultiHeadAttention": [block_layer.attention],
        "LayerNormalization": list(block_layer.norms), "Dense": [*block_layer.feed_forward, ours.layers[-1]],
    }  # fmt: skip
    shaken(ours)
    pairs = []
    for layer in theirs.layers:
        if type(layer).__name__ in parts:
            part = parts[type(layer).__name__].pop(0)
            layer.set_weights(part.weights)
            pairs.append((part, layer))
    rng = np.random.default_rng(0)
    X, y = rng.integers(9, size=(16, 5)), rng.integers(4, size=16)
    np.testing.assert_allclose(ours.forward(X), theirs(X), rtol=0, atol=1e-10)
    theirs.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(0.1))
    theirs.fit(X, y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    ours.fit(X, y, loss="sparse_categorical_crossentropy", schedule=lambda t: 0.1, batch_size=4, epochs=2,
             shuffle=False)  # fmt: skip
    for part, layer in pairs:
        for a, b in zip(part.weights, layer.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-8)


@pytest.mark.parametrize("causal", [False, True])
def test_each_place_of_a_sequence_may_have_a_class_of_its_own(causal):
    model = Sequential([
        Embedding(4, 6, seed=1), Positions(5, 6, kind="learned", seed=2),
        TransformerBlock(6, 2, hidden=7, causal=causal, seed=3), LayerNormalization(6),
        Dense(6, 4, activation="softmax", seed=4),
    ], loss="sparse_categorical_crossentropy")  # fmt: skip
    rng = np.random.default_rng(0)
    X, y = rng.integers(4, size=(3, 5)), rng.integers(4, size=(3, 5))
    report = check_gradients(shaken(model, 5), X, y)
    learning = [layer for layer in model.layers if layer.learned]
    assert set(report) == {f"{name}_{i}" for i, layer in enumerate(learning) for name in layer.learned}
    assert max(error for name, error in report.items() if name != "b_K_2") < 1e-6  # b_K: zero but for rounding


def test_a_causal_layer_does_not_see_the_future():
    layer, rng = shaken(MultiHeadAttention(6, 2, causal=True)), np.random.default_rng(0)
    X = rng.normal(size=SHAPE)
    before = layer.forward(X)
    X[:, 3:] = rng.normal(size=X[:, 3:].shape)
    np.testing.assert_array_equal(layer.forward(X)[:, :3], before[:, :3])
    assert (layer.P[:, :, ~causal_mask(5)] == 0).all()


def test_without_positions_attention_is_equivariant_and_with_them_it_is_not():
    layer, rng = shaken(MultiHeadAttention(6, 2)), np.random.default_rng(0)
    X, order = rng.normal(size=SHAPE), rng.permutation(5)
    np.testing.assert_allclose(layer.forward(X[:, order]), layer.forward(X)[:, order], atol=1e-12)
    model = Sequential([Positions(5, 6), layer])
    assert np.abs(model.forward(X[:, order]) - model.forward(X)[:, order]).max() > 0.1


def test_sinusoids_have_the_wavelengths_of_the_paper_and_products_that_depend_on_the_distance_alone():
    T = sinusoids(50, 8)
    assert T[3, 2] == pytest.approx(np.sin(3 / 10_000 ** (2 / 8)))
    assert T[3, 3] == pytest.approx(np.cos(3 / 10_000 ** (2 / 8)))
    products = T @ T.T
    for distance in range(50):
        np.testing.assert_allclose(np.diagonal(products, distance), products[0, distance], atol=1e-12)
    assert sinusoids(4, 3).shape == (4, 3)


def test_weights_are_penalized_and_biases_are_not():
    layer = MultiHeadAttention(6, 2)
    model = Sequential([layer, LastPlace(), Dense(6, 1)], loss="half_squared_error")
    X, y = np.ones(SHAPE), np.zeros(3)
    layer.b_Q += 1
    plain, _ = model.loss_and_gradients(X, y)
    loss, _ = model.loss_and_gradients(X, y, alpha=3.0)
    weights = [layer.W_Q, layer.W_K, layer.W_V, layer.W_O, model.layers[-1].W]
    assert loss - plain == pytest.approx(3.0 / 3 / 2 * sum((W**2).sum() for W in weights))


def test_float32_stays_float32():
    model = Sequential([
        Embedding(9, 6, dtype="float32"), Positions(5, 6, dtype="float32"),
        Positions(5, 6, kind="learned", dtype="float32"), TransformerBlock(6, 2, causal=True, dtype="float32"),
        LastPlace(),
    ])  # fmt: skip
    Y = model.forward(np.ones((3, 5), int))
    assert Y.dtype == np.float32
    model.backward(np.ones_like(Y))
    assert {array.dtype for array in model.gradients} == {np.dtype("float32")}


def test_arguments_are_checked_at_the_door():
    with pytest.raises(ValueError, match="heads must be an integer >= 1; got 0"):
        MultiHeadAttention(6, 0)
    with pytest.raises(ValueError, match="key_dim must be an integer >= 1; got 0"):
        MultiHeadAttention(6, 8)
    with pytest.raises(ValueError, match=r"X must have the shape \(n, m, 6\); got \(5, 6\)"):
        MultiHeadAttention(6, 2).forward(np.ones((5, 6)))
    with pytest.raises(ValueError, match="norm must be one of 'pre', 'post'; got 'both'"):
        TransformerBlock(6, 2, norm="both")
    with pytest.raises(ValueError, match="X must hold integers from 0 to 8; got 0 to 9"):
        Embedding(9, 6).forward(np.array([[0, 9]]))
    with pytest.raises(ValueError, match=r"m up to 5; got \(3, 6, 6\)"):
        Positions(5, 6).forward(np.ones((3, 6, 6)))
    with pytest.raises(ValueError, match="kind must be one of"):
        Positions(5, 6, kind="rotary")
