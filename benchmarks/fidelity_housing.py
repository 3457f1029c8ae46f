"""Compare the generated housing data with the original: what models reach, correlations, the cap.

Run with the folder of scikit-learn's cache to measure the original again:

    python benchmarks/fidelity_housing.py --real DIR
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from sklearn.datasets import fetch_california_housing
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from coursepkg.data import FEATURE_NAMES, load_housing

# What the original gives, measured with this script (scikit-learn 1.9, NumPy 2.4).
ORIGINAL_RMSE = {"linear regression": 0.729, "MLP 50-50-50": 0.521, "gradient boosting": 0.471}
ORIGINAL_CORRELATION = (0.688, 0.106, 0.152, -0.047, -0.025, -0.024, -0.144, -0.046)
ORIGINAL_CAPPED = 0.048

RMSE_WANTED = {"linear regression": 0.73, "MLP 50-50-50": 0.52, "gradient boosting": 0.47}
CORRELATION_WANTED = (0.69, 0.11, 0.15, -0.05, -0.02, -0.02, -0.14, -0.05)


def rows(real_dir: Path | None = None):
    """Measure the generated data, and the original if ``real_dir`` holds it.

    Parameters
    ----------
    real_dir : pathlib.Path, optional
        Folder with scikit-learn's ``cal_housing_py3.pkz``; without it, the original's column holds the stored numbers.

    Returns
    -------
    list of (str, float, float, str, bool)
        Name of the measure, original, generated, what is wanted, and whether the generated data give it.
    """
    generated = _measure(load_housing(source="generated"))
    if real_dir is None:
        original = (ORIGINAL_RMSE, ORIGINAL_CORRELATION, ORIGINAL_CAPPED)
    else:
        original = _measure(_original(real_dir))
    table = []
    for name, wanted in RMSE_WANTED.items():
        found = generated[0][name]
        ok = abs(found - wanted) <= 0.06
        table.append((f"housing: RMSE of {name}", original[0][name], found, f"{wanted:.2f} ± 0.06", ok))
    linear, mlp, boosting = generated[0].values()
    spread = original[0]["linear regression"] - original[0]["gradient boosting"]
    table.append(
        (
            "housing: RMSE of linear regression minus gradient boosting",
            spread,
            linear - boosting,
            "linear > MLP > boosting",
            linear > mlp > boosting,
        )
    )
    for j, name in enumerate(FEATURE_NAMES):
        ok = abs(generated[1][j] - CORRELATION_WANTED[j]) <= 0.08
        wanted = f"{CORRELATION_WANTED[j]:.2f} ± 0.08"
        table.append((f"housing: correlation of {name} with the target", original[1][j], generated[1][j], wanted, ok))
    capped = generated[2]
    table.append(("housing: share capped at 5.0", original[2], capped, "0.03 to 0.07", 0.03 <= capped <= 0.07))
    return table


def _measure(triple):
    """Return the test RMSE of each model, the correlations with the target, and the share of capped targets."""
    (X_train, y_train), _, (X_test, y_test) = triple
    models = {
        "linear regression": LinearRegression(),
        "MLP 50-50-50": MLPRegressor(hidden_layer_sizes=(50, 50, 50), random_state=42),
        "gradient boosting": HistGradientBoostingRegressor(random_state=42),
    }
    rmse = {}
    for name, model in models.items():
        fitted = make_pipeline(StandardScaler(), model).fit(X_train, y_train)
        rmse[name] = float(root_mean_squared_error(y_test, fitted.predict(X_test)))
    X, y = (np.concatenate([part[i] for part in triple]) for i in (0, 1))
    correlation = tuple(float(np.corrcoef(column, y)[0, 1]) for column in X.T)
    return rmse, correlation, float((y >= 5.0).mean())


def _original(real_dir):
    X, y = fetch_california_housing(data_home=real_dir, download_if_missing=False, return_X_y=True)
    X_rest, X_test, y_rest, y_test = train_test_split(X, y, random_state=42)
    X_train, X_valid, y_train, y_valid = train_test_split(X_rest, y_rest, random_state=42)
    return (X_train, y_train), (X_valid, y_valid), (X_test, y_test)


def main():
    parser = argparse.ArgumentParser(description="Compare the generated housing data with the original.")
    parser.add_argument("--real", type=Path, metavar="DIR", help="folder with scikit-learn's cal_housing_py3.pkz")
    table = rows(parser.parse_args().real)
    print(f"{'measure':<62} {'original':>9} {'generated':>9}  wanted")
    for name, original, generated, wanted, ok in table:
        print(f"{name:<62} {original:>9.3f} {generated:>9.3f}  {wanted:<24} {'yes' if ok else 'NO'}")
    raise SystemExit(not all(row[-1] for row in table))


if __name__ == "__main__":
    main()
