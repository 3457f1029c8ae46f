"""One search, any number of processes: the same program is the chief, a worker, or the whole search by itself.

KerasTuner reads from the environment what this process is: KERASTUNER_TUNER_ID ("chief", or any name without that word
in it), KERASTUNER_ORACLE_IP and KERASTUNER_ORACLE_PORT (of the chief). Without them it searches alone.

python tune.py --directory /search --trials 30
"""

import argparse
import sys

from coursepkg.data import load_fashion
from coursepkg.deep import OneCycle, fit_fast, seed_everything

import keras  # isort: skip (after coursepkg.deep)
import keras_tuner  # isort: skip

EPOCHS, BATCH_SIZE = 12, 50


class Classifier(keras_tuner.HyperModel):
    def build(self, hp):
        keras.utils.set_random_seed(42)
        model = keras.Sequential([keras.Input((28, 28)), keras.layers.Rescaling(1 / 255), keras.layers.Flatten()])
        model.add(keras.layers.Dropout(hp.Float("dropout", 0.0, 0.4)))
        units = hp.Int("units", 32, 128, sampling="log")
        model.add(keras.layers.Dense(units, activation="relu", kernel_initializer="he_normal"))
        model.add(keras.layers.Dense(10, activation="softmax"))
        schedule = OneCycle(hp.Float("rate", 0.01, 0.3, sampling="log"), EPOCHS * 1000 // BATCH_SIZE)
        optimizer = keras.optimizers.SGD(schedule, momentum=0.9)
        model.compile(loss="sparse_categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])
        return model

    def fit(self, hp, model, X, y, validation_data, **options):
        fit_fast(model, X, y, epochs=EPOCHS, batch_size=BATCH_SIZE)
        return model.evaluate(*validation_data, batch_size=1000, verbose=0, return_dict=True)["loss"]


class Search(keras_tuner.RandomSearch):
    """Random search that says in the log which process works on which trial."""

    def on_trial_begin(self, trial):
        super().on_trial_begin(trial)
        self.say(f"takes trial {trial.trial_id}")

    def on_trial_end(self, trial):
        super().on_trial_end(trial)
        self.say(f"finishes trial {trial.trial_id}")

    def say(self, text):
        sys.stdout.write(f"{self.tuner_id} {text}\n")
        sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--directory", required=True, help="a folder that all processes reach")
    parser.add_argument("--trials", type=int, default=30)
    options = parser.parse_args()
    seed_everything(42)
    train, valid, _ = load_fashion(n_train=1000, n_valid=1000, n_test=0)
    # No objective: `fit` returns one number, to be minimized. Never overwrite=True: each process would delete the rest.
    tuner = Search(Classifier(), max_trials=options.trials, seed=42, directory=options.directory, project_name="search")
    tuner.search(*train, validation_data=valid, verbose=0)


if __name__ == "__main__":
    main()
