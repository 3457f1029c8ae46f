"""Findings on curves that were written down, on data and models with a fault that was built in, and on healthy runs."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from benchmarks import diagnosis as benchmark
from coursepkg.deep import seed_everything
from coursepkg.deep.diagnosis import FAULTS, Finding, diagnose
from coursepkg.deep.probes import update_ratios

ROOT = Path(__file__).parents[2]
E = np.arange(12)
FALLING = 0.1 + 0.9 * np.exp(-E / 2)


@pytest.fixture
def rng():
    generator = seed_everything(0)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float64")  # a test that ran before may have fixed another one
    yield generator
    keras.config.set_dtype_policy(before)


def names(findings):
    return [finding.fault for finding in findings]


CURVES = {
    "healthy": (FALLING, FALLING + 0.05),
    "loss flat": (2.3 + 0.001 * np.cos(E), None),
    "oscillating": (0.6 + 0.3 * np.cos(2 * E), None),
    "exploding": (np.exp(E - 3.0), None),
    "NaN": (np.where(E < 4, FALLING, np.nan), None),
    "overfitting": (np.exp(-E / 2), 0.5 + 0.02 * (E - 4) ** 2),
    "underfitting": (0.62 + 0.03 * np.exp(-2.0 * E), None),
    "slow": (2.3 - 0.03 * E, None),
}


@pytest.mark.parametrize("fault", CURVES)
def test_each_fault_of_the_curves_is_found_alone(fault):
    loss, val_loss = CURVES[fault]
    history = {"loss": list(loss)} | ({} if val_loss is None else {"val_loss": list(val_loss)})
    assert names(diagnose(history)) == ([] if fault == "healthy" else [fault])
    frame = pd.DataFrame(history)
    recorded = keras.callbacks.History()
    recorded.history = history
    assert diagnose(frame) == diagnose(recorded) == diagnose(history)


ALMOST = {  # the same faults, but too weak to be named
    "loss flat": (2.3 - 0.003 * E, None),
    "oscillating": (0.6 + 0.01 * np.cos(2 * E), None),
    "exploding": (np.linspace(1.0, 9.0, 12), None),
    "NaN": (np.where(E < 4, FALLING, 1e6), None),
    "overfitting": (np.exp(-E / 2), 0.5 + 0.001 * (E - 4) ** 2),
    "underfitting": (0.3 + 0.35 * np.exp(-2.0 * E), None),
    "slow": (FALLING, None),
}


@pytest.mark.parametrize("fault", ALMOST)
def test_a_fault_of_the_curves_has_another_side(fault):
    loss, val_loss = ALMOST[fault]
    found = diagnose({"loss": loss} | ({} if val_loss is None else {"val_loss": val_loss}))
    assert fault not in names(found) + [other for finding in found for other in finding.explains]


def test_a_loss_that_explodes_into_nan_is_exploding_and_explains_it():
    (finding,) = diagnose({"loss": [1.0, 0.5, 20.0, 4000.0, np.nan]})
    assert finding.fault == "exploding"
    assert "0.5" in finding.evidence
    assert "4e+03" in finding.evidence
    assert names(diagnose({"loss": [np.inf, np.nan]})) == ["NaN"]


def test_short_histories_and_a_validation_loss_of_nan_are_no_errors():
    assert diagnose({"loss": [0.5]}) == []
    assert diagnose({"loss": [0.5, 0.2], "val_loss": [np.nan, 0.3]}) == []


def test_every_chapter_exists_and_every_explained_fault_is_one():
    for name, fault in FAULTS.items():
        if (ROOT / "book").exists():
            assert (ROOT / f"book/chapters/{fault.chapter}.md").exists(), fault.chapter
        assert set(fault.explains) <= set(FAULTS) - {name}, name
        assert fault.needs in ("", "model", "data", "model and data")
    assert len(FAULTS) == 17


def test_the_text_of_a_finding():
    finding = Finding("slow", "It crawls.", "a higher rate", "3-tuning/workflow", ("underfitting",))
    assert str(finding) == (
        "slow: It crawls. (would explain: underfitting)\n  Try: a higher rate\n  Read: 3-tuning/workflow"
    )


def dense_model(*, last="softmax", loss="sparse_categorical_crossentropy", rate=0.1, optimizer=None, units=8):
    hidden = keras.layers.Dense(units, activation="tanh", name="hidden")
    outputs = 3 if last == "softmax" or "sparse" in str(loss) else 1
    model = keras.Sequential([keras.Input((4,)), hidden, keras.layers.Dense(outputs, activation=last, name="last")])
    model.compile(loss=loss, optimizer=optimizer or keras.optimizers.SGD(rate))
    return model


@pytest.fixture
def task(rng):
    X = rng.normal(size=(300, 4))
    return X, (X[:, 0] > 0.4).astype(int) + (X[:, 1] > 0)


# ---- findings that need model or data -------------------------------------------------------------------------------

QUIET = {"loss": [1.0, 0.5, 0.4]}


@pytest.mark.parametrize(
    ("change", "fault", "told"),
    [
        (lambda X, y, V, v: (X, y, X[:50], y[:50]), "leaking validation data", "100%"),
        (lambda X, y, V, v: (np.c_[X, y], y, np.c_[V, v], v), "leaking validation data", "Column 4"),
        (lambda X, y, V, v: (X, np.random.default_rng(0).permutation(y), V, v), "wrong or shuffled labels", "nothing"),
        (lambda X, y, V, v: (X, y, V, (v + 1) % 3), "wrong or shuffled labels", "do not agree"),
        (lambda X, y, V, v: (X, y, 100 * V, v), "train/inference mismatch", "not prepared"),
        (lambda X, y, V, v: (100 * X, y, 100 * V, v), "forgotten scaling", "1"),
        (lambda X, y, V, v: (X, 2.5 * X[:, 0], V, 2.5 * V[:, 0]), "leaking validation data", "disguise"),
        (lambda X, y, V, v: (X, 1e3 * X[:, 0] ** 2, V, 1e3 * V[:, 0] ** 2), "forgotten scaling", "targets"),
        (lambda X, y, V, v: (np.where(X > 2.5, np.nan, X), y, V, v), "NaN", "X holds"),
    ],
)
def test_faults_of_the_data(task, change, fault, told):
    X, y = task
    X, y, V, v = change(X[:200], y[:200], X[200:], y[200:])
    (finding,) = diagnose(QUIET, data=((X, y), (V, v)))
    assert finding.fault == fault
    assert told in finding.evidence


def test_good_data_of_any_shape_have_no_finding(task):
    X, y = task
    assert diagnose(QUIET, data=task) == []
    assert diagnose(QUIET, data=(X, np.eye(3)[y])) == []
    assert diagnose(QUIET, data=((X[:200], y[:200, None]), (X[200:], y[200:, None]))) == []
    assert diagnose(QUIET, data=(X, X[:, :1] * X[:, 1:2])) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda X, y, V, v: (X, y, np.r_[X[:4], V[4:]], np.r_[y[:4], v[4:]]),  # 4 % of the rows leak
        lambda X, y, V, v: (np.c_[X, X[:, 0] + X[:, 1]], y, np.c_[V, V[:, 0] + V[:, 1]], v),  # a good column
        lambda X, y, V, v: (X, np.where(np.arange(len(y)) % 3, y, (y + 1) % 3), V, v),  # a third of the labels is wrong
        lambda X, y, V, v: (X, y, 2 * V + 0.3, v),
        lambda X, y, V, v: (5 * X, y, 5 * V, v),
        lambda X, y, V, v: (X, 50 * X[:, 0] ** 2, V, 50 * V[:, 0] ** 2),
    ],
)
def test_faults_of_the_data_that_are_too_weak_to_be_named(task, change):
    X, y = task
    X, y, V, v = change(X[:200], y[:200], X[200:], y[200:])
    assert diagnose(QUIET, data=((X, y), (V, v))) == []


def relu_net(dead):
    model = dense_model(optimizer=keras.optimizers.Adam(0.01))
    model.layers[0].activation = keras.activations.relu
    model.layers[0].bias.assign([-20.0] * dead + [0.0] * (8 - dead))
    return model


def stacked(*stack, loss="sparse_categorical_crossentropy"):
    model = keras.Sequential([keras.Input((4,)), *stack])
    model.compile(loss=loss, optimizer="sgd")
    return model


def frozen(bias):
    hidden = keras.layers.Dense(8, activation="tanh", bias_initializer=keras.initializers.Constant(bias))
    hidden.trainable = False
    return stacked(hidden, keras.layers.Dense(3, "softmax"))


def normalized(mean):
    model = stacked(keras.layers.BatchNormalization(), keras.layers.Dense(3, "softmax"))
    model.layers[0].moving_mean.assign([mean, 0, 0, 0])
    model.layers[1].kernel.assign(np.eye(4)[:, :3])
    return model


def between(layer):
    return stacked(keras.layers.Dense(8, "tanh"), layer, keras.layers.Dense(3, "softmax"))


@pytest.mark.parametrize(
    ("fault", "with_it", "without"),
    [
        ("dead units", lambda: relu_net(8), lambda: relu_net(7)),
        ("train/inference mismatch", lambda: normalized(6.0), lambda: normalized(0.1)),
        ("zero gradients", lambda: between(benchmark.Stop()), lambda: between(keras.layers.Dropout(0.1))),
        ("train/inference mismatch", lambda: between(benchmark.Noise()), lambda: between(keras.layers.Dropout(0.4))),
    ],
)
def test_a_fault_of_the_model_has_another_side(task, fault, with_it, without):
    def seen(model):
        found = diagnose(QUIET, model=model, data=task)
        return names(found) + [other for finding in found for other in finding.explains]

    assert fault in seen(with_it())
    assert fault not in seen(without())


def test_frozen_layers_and_double_softmax_have_another_side(rng):
    assert names(diagnose(QUIET, model=frozen(0.0))) == ["frozen layers"]
    assert names(diagnose(QUIET, model=frozen(0.1))) == []  # they were trained before, and the loss fell
    ends = stacked(keras.layers.Dense(3, "softmax"), keras.layers.Softmax())
    assert names(diagnose(QUIET, model=ends)) == ["double softmax"]
    assert names(diagnose(QUIET, model=between(keras.layers.Softmax()))) == []  # there are weights between the two


@pytest.mark.parametrize(
    ("ratio", "late", "told"),
    [(1e-4, 0.1, "still fell"), (5e-4, 0.1, "30 times as long"), (2e-3, 0.1, None), (1e-4, 0.001, None)],
)
def test_slow_by_the_ratio_of_its_steps(task, ratio, late, told):
    model = dense_model(rate=1.0)
    model.optimizer.learning_rate = ratio / update_ratios(model, *task).median()
    history = {"loss": [1.4, 1.35, 1.3, 1.25, 1.2, 1.1 + late, 1.1 + late / 2, 1.1]}
    found = {finding.fault: finding.evidence for finding in diagnose(history, model=model, data=task)}
    assert told in found["slow"] if told else "slow" not in found


def test_the_mask_and_its_other_side(rng):
    words = np.arange(1200).reshape(-1, 6) % 7
    data = words, (words + 1) % 7  # each target is the next word
    for padding, found in (("same", True), ("causal", False)):
        stack = [keras.layers.Embedding(7, 4), keras.layers.Conv1D(7, 3, padding=padding, activation="softmax")]
        model = keras.Sequential([keras.Input((6,), dtype="int64"), *stack])
        model.compile(loss="sparse_categorical_crossentropy", optimizer="sgd")
        assert ("a bug in the mask" in names(diagnose(QUIET, model=model, data=data))) == found


@pytest.mark.parametrize(
    ("last", "loss", "told"),
    [
        ("linear", "sparse_categorical_crossentropy", "without from_logits=True"),
        ("softmax", "mse", "compared with outputs"),
        ("linear", "binary_crossentropy", "without from_logits=True"),
    ],
)
def test_losses_that_do_not_fit(task, last, loss, told):
    X, y = task
    (finding,) = diagnose(QUIET, model=dense_model(last=last, loss=loss), data=(X, y[:, None]))
    assert finding.fault == "wrong loss"
    assert told in finding.evidence


def test_from_logits_with_linear_outputs_fits(task):
    logits = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model = dense_model(last="linear", loss=logits, optimizer=keras.optimizers.Adam(0.05))
    history = model.fit(*task, epochs=10, verbose=0)
    assert diagnose(history, model=model, data=task) == []
    model = dense_model(last="softmax", loss=logits)
    assert names(diagnose(QUIET, model=model)) == ["double softmax"]


def test_labels_beyond_the_outputs(task):
    X, y = task
    (finding,) = diagnose(QUIET, model=dense_model(), data=(X, y + 1))
    assert finding.fault == "wrong or shuffled labels"
    assert "run up to 3, but the model has 3 outputs" in finding.evidence


def test_nothing_of_the_model_is_changed(task):
    model = dense_model(optimizer=keras.optimizers.Adam(0.01))
    history = model.fit(*task, epochs=3, verbose=0)
    before = [variable.numpy() for variable in [*model.variables, *model.optimizer.variables]]
    diagnose(history, model=model, data=task)
    for old, variable in zip(before, [*model.variables, *model.optimizer.variables], strict=True):
        np.testing.assert_array_equal(old, variable.numpy())


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"history": [1, 2]}, TypeError, "history must be a History"),
        ({"history": {"accuracy": [1]}}, ValueError, 'must hold "loss"'),
        ({"history": QUIET, "data": 3}, TypeError, r"data must be \(X, y\)"),
        ({"history": QUIET, "data": (np.ones((3, 1)), np.ones(4))}, ValueError, r"\(3, 1\) and \(4,\)"),
        ({"history": QUIET, "model": 3}, TypeError, "model must be a keras.Model"),
        ({"history": QUIET, "model": keras.Sequential(name="raw")}, ValueError, "'raw' is not compiled"),
    ],
)
def test_errors(arguments, error, message):
    with pytest.raises(error, match=message):
        diagnose(**arguments)


# ---- the benchmark ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("split", benchmark.SPLITS)
def test_the_benchmark_has_every_fault_and_healthy_runs(split):
    plans = list(benchmark.plans(split))
    assert {plan.fault for plan in plans} == {*FAULTS, "healthy"}
    assert len(plans) >= 80
    assert sum(plan.fault == "healthy" for plan in plans) >= (80 if split == "judge" else 40)
    for fault in FAULTS:
        assert len({plan.sizes for plan in plans if plan.fault == fault}) >= 4
        assert sum(plan.fault == fault for plan in plans) >= 10


def test_the_runs_that_judge_share_no_data_and_no_sizes_with_those_that_choose():
    judged, *chosen = (set(benchmark.SPLITS[split][-1]) for split in reversed(benchmark.SPLITS))
    assert len(judged) == 4
    assert not any(judged & sizes for sizes in chosen)
    judged, *others = (benchmark.data_sets(split) for split in reversed(benchmark.SPLITS))
    for name, (X, _) in judged.items():
        for other in others:
            assert X.shape != other[name][0].shape or not np.array_equal(X, other[name][0])


@pytest.mark.parametrize(
    "fault", ["zero gradients", "dead units", "frozen layers", "double softmax", "a bug in the mask", "healthy"]
)
def test_one_run_of_the_benchmark(rng, fault):
    chosen = next(number for number, plan in enumerate(benchmark.plans("tune")) if plan.fault == fault)
    (run,) = benchmark.judge("tune", only=lambda plan, number: number == chosen)
    assert names(run.findings) == ([] if fault == "healthy" else [fault])
    assert fault in run.labels


FLAT, SPIKE = [2.3] * 12, [2.3, 1.0, 0.5, 30.0, 40.0, 50.0, 40.0, 30.0, 20.0, 30.0, 20.0, 10.0]
BOUNCING = [2.3, 1.5, 1.0, 1.2, 0.9, 1.1, 1.0, 1.2, 0.9, 1.1, 1.0, 1.2]


@pytest.mark.parametrize(
    ("fault", "loss", "others", "shown"),
    [
        ("loss flat", FLAT, {}, True),
        ("loss flat", BOUNCING, {}, False),
        ("exploding", SPIKE, {}, True),
        ("exploding", BOUNCING, {}, False),
        ("NaN", [*FLAT[:-1], np.nan], {}, True),
        ("oscillating", BOUNCING, {"rate": 0.1, "loss": [0.5]}, True),
        ("oscillating", BOUNCING, {"rate": 0.1, "loss": [1.0]}, False),
        ("oscillating", SPIKE, {"rate": 0.1, "loss": [0.1]}, False),
        ("slow", list(np.linspace(2.3, 2.0, 12)), {"rate": 10, "loss": [1.0]}, True),
        ("slow", list(np.linspace(2.3, 2.0, 12)), {"rate": 10, "loss": [1.9]}, False),
        ("slow", FLAT, {"rate": 10, "loss": [1.0]}, False),
        ("healthy", list(FALLING), {}, True),
        ("healthy", FLAT, {}, False),
        ("frozen layers", FLAT, {}, True),
    ],
)
def test_a_run_shows_its_fault_or_is_drawn_again(fault, loss, others, shown):
    def again(*, rate):
        assert rate == others["rate"]
        return {"loss": others["loss"]}

    plan = benchmark.Plan(fault, "points", (16,), rate=1.0)
    assert benchmark.shows(plan, {"loss": loss, "val_loss": [1.0] * 12}, again) == shown


def test_overfitting_and_underfitting_show():
    plan = benchmark.Plan("overfitting", "points", (16,))
    for last, shown in ((0.7, True), (0.55, False)):
        history = {"loss": [1.0, 0.5, 0.2], "val_loss": [1.0, 0.5, last]}
        assert benchmark.shows(plan, history, None) == shown
        assert ("overfitting" in benchmark.seen_in_curves(history)) == shown
    plan = benchmark.Plan("underfitting", "points", ())
    for free, shown in ((0.9, True), (0.65, False)):
        history = {"loss": [1.0], "val_loss": [1.0], "accuracy": [0.6]}
        assert benchmark.shows(plan, history, lambda free=free, **changes: {"accuracy": [free]}) == shown


def test_the_table_counts_right_and_wrong_findings():
    def judged(fault, *findings, also=()):
        plan = benchmark.Plan(fault, "points", (16,))
        found = [Finding(name, "", "", "") for name in findings]
        return benchmark.Judged(plan, {fault, *also}, {}, findings=found)

    found = [
        judged("slow", "slow"),
        judged("slow", "loss flat", "slow"),
        judged("loss flat"),
        judged("healthy", "slow"),
        judged("frozen layers", "frozen layers", "slow", also={"slow"}),
    ]
    assert benchmark.table(found, ["slow", "loss flat"]) == [
        ("slow", 2, 4, 3, 3 / 4, 1.0),
        ("loss flat", 1, 1, 0, 0, 0),
    ]
