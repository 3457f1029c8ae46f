"""Hyperparameter search from scratch: spaces, grid and random search, halving, Hyperband, Bayesian optimization."""

from coursepkg._lazy import lazy

EXPORTS = {
    "space": "Choice Float Int Space as_space",
    "trials": "Trial best_so_far best_trial evaluate grid_search random_search",
    "halving": "Rung halving_rungs hyperband hyperband_brackets successive_halving total_budget",
    "gaussian_process": "GaussianProcess draw_functions matern52 rbf squared_distances",
    "bayesian": "bayesian_search expected_improvement finite_losses lower_confidence_bound",
    "benchmark_functions": "Benchmark branin forrester hartmann6",
    "sixty": "SIXTY_SPACE BudgetSpentError TuningTask fit_network predict_growth squared_error",
}
__all__, __getattr__, __dir__ = lazy(__name__, EXPORTS)
