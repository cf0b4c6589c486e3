"""What the knowledge says of the scientific libraries, held against the libraries that are installed.

sklearn.toml: SVR's fit moves rng:numpy     <- SVR().fit(X, y), numpy's state before and after
seaborn.toml: stripplot moves rng:numpy,    <- sns.stripplot(...), numpy's state before and after
              barplot does not
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pickle
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib

matplotlib.use("Agg")

import joblib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import scipy.cluster.hierarchy
import scipy.cluster.vq
import scipy.interpolate
import scipy.linalg
import scipy.ndimage
import scipy.optimize
import scipy.sparse.linalg
import scipy.spatial.distance
import scipy.stats
import seaborn as sns
import sklearn
import sklearn.datasets
import sklearn.metrics
import sklearn.model_selection
import sklearn.utils
import statsmodels.api as sm
import statsmodels.formula.api as smf
from sklearn.base import BaseEstimator
from sklearn.experimental import enable_halving_search_cv, enable_iterative_imputer  # noqa: F401  (they make names importable)
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from nb2prod.knowledge import Argument, Condition, Rule, load_knowledge
from nb2prod.knowledge.load import FOLDER, tomllib

KNOWLEDGE = load_knowledge()
INSTALLED_WITH_US = ("sklearn", "matplotlib", "seaborn", "joblib", "scipy", "statsmodels", "requests")
ELSEWHERE = ("xgboost", "lightgbm", "plotly", "sqlalchemy", "networkx", "nltk", "torch", "tensorflow", "others")

# Names that exist in other versions of a library than the installed one, or under other names of the same package.
OTHER_VERSIONS = {
    "sklearn": """
        cross_validation. grid_search. learning_curve. lda. qda. externals. ensemble.forest. datasets.samples_generator. utils.delayed
        preprocessing.CategoricalEncoder preprocessing.Imputer covariance.GraphLasso covariance.GraphLassoCV
        decomposition.RandomizedPCA linear_model.RandomizedLasso linear_model.RandomizedLogisticRegression mixture.GMM
        metrics.jaccard_similarity_score metrics.plot_confusion_matrix metrics.plot_det_curve metrics.plot_precision_recall_curve
        metrics.plot_roc_curve inspection.plot_partial_dependence datasets.load_boston datasets.fetch_mldata manifold.ClassicalMDS
        datasets.fetch_file frozen. model_selection.FixedThresholdClassifier model_selection.TunedThresholdClassifierCV
        metrics.d2_brier_score metrics.d2_log_loss_score metrics.confusion_matrix_at_thresholds metrics.metric_at_thresholds
        metrics.RocCurveDisplay.from_cv_results metrics.root_mean_squared_error metrics.root_mean_squared_log_error
        linear_model.PassiveAggressiveClassifier linear_model.PassiveAggressiveRegressor
    """,
    "matplotlib": """
        pyplot.hold pylab.hold pyplot.plot_date pylab.plot_date pyplot.register_cmap cm.register_cmap cm.get_cmap pyplot.cm.get_cmap
        cm.unregister_cmap pyplot.cm.register_cmap pyplot.cm.unregister_cmap
        collections.BrokenBarHCollection pyplot.ecdf pylab.ecdf pyplot.grouped_bar pylab.grouped_bar pyplot.pie_label pylab.pie_label
        pyplot.get_plot_commands pylab.get_plot_commands style.reload_library pyplot.style.reload_library
    """,
    "pylab": "hold plot_date ecdf grouped_bar pie_label get_plot_commands",
    "IPython": "display.set_matplotlib_formats",
    "seaborn": "lvplot tsplot factorplot",
    "scipy": """
        stats.trapz stats.gilbrat stats.binom_test misc. integrate.simps integrate.trapz integrate.cumtrapz linalg.kron linalg.tri
        linalg.tril linalg.triu signal.cwt signal.morlet signal.ricker signal.gaussian signal.hann signal.hamming signal.blackman
        signal.boxcar sparse.csr. ndimage.filters. ndimage.morphology. stats.dpareto_lognorm stats.truncpareto stats.rel_breitwigner
        stats.jf_skew_t stats.poisson_binom stats.nchypergeom_fisher stats.matrix_t stats.normal_inverse_gamma
        stats.dirichlet_multinomial stats.uniform_direction stats.vonmises_fisher stats.random_table stats.betanbinom stats.irwinhall
        stats.kstwo stats.studentized_range stats.bws_test stats.chatterjeexi stats.dunnett stats.ecdf stats.expectile
        stats.false_discovery_control stats.lmoment stats.logrank stats.pmean stats.power stats.quantile stats.spearmanrho
        stats.sobol_indices stats.directional_stats stats.quantile_test stats.qmc.geometric_discrepancy ndimage.vectorized_filter
        ndimage.value_indices stats.wasserstein_distance_nd sparse.block_array sparse.diags_array sparse.eye_array sparse.random_array
        optimize.isotonic_regression stats.goodness_of_fit stats.fit interpolate.make_smoothing_spline datasets.
    """,
    "statsmodels": """
        formula.api.GLS formula.api.Logit formula.api.OLS formula.api.Poisson formula.api.Probit formula.api.WLS formula.api.GLM
        formula.api.RLM formula.api.MixedLM tsa.arima_model. stats.nonparametric.rank_compare_2indep
    """,
    "xgboost": "DeviceQuantileDMatrix",
    "plotly": """
        plotly. tools.set_config_file tools.set_credentials_file figure_factory.create_2d_density
        figure_factory.create_annotated_heatmap figure_factory.create_bullet figure_factory.create_candlestick
        figure_factory.create_choropleth figure_factory.create_distplot figure_factory.create_facet_grid figure_factory.create_gantt
        figure_factory.create_hexbin_mapbox figure_factory.create_ohlc figure_factory.create_scatterplotmatrix
        figure_factory.create_violin express.choropleth_mapbox express.density_mapbox express.line_mapbox express.scatter_mapbox
        express.choropleth_map express.density_map express.line_map express.scatter_map graph_objects.Choroplethmapbox
        graph_objects.Densitymapbox graph_objects.Scattermapbox graph_objects.Margin graph_objects.XAxis graph_objects.YAxis
        graph_objects.Line graph_objects.Marker graph_objects.Font graph_objects.Annotation graph_objects.Data
        graph_objs.Choroplethmapbox graph_objs.Densitymapbox graph_objs.Scattermapbox graph_objs.Margin graph_objs.XAxis
        graph_objs.YAxis graph_objs.Line graph_objs.Marker graph_objs.Font graph_objs.Annotation graph_objs.Data
    """,
    "tensorflow": """
        set_random_seed reset_default_graph logging.set_verbosity random_normal random_uniform truncated_normal random_shuffle
        keras.backend.set_session keras.backend.set_learning_phase
    """,
    "keras": """
        backend. layers.core. layers.convolutional. layers.pooling. layers.normalization. layers.recurrent. layers.embeddings.
        layers.advanced_activations. utils.np_utils. utils.data_utils. preprocessing.text. preprocessing.image.ImageDataGenerator
    """,
    "networkx": "info read_gpickle write_gpickle",
    "missingno": "geoplot",
    "matplotlib_inline": "backend_inline.set_matplotlib_formats",
}

# Installed estimators that draw although they have no random_state, or in spite of it, or through what they are given.
UNSEEDED = """
    SVR NuSVR OneClassSVM GraphicalLasso GraphicalLassoCV SGDOneClassSVM Isomap AdaBoostRegressor BaggingRegressor RANSACRegressor
    RegressorChain ClassifierChain HalvingGridSearchCV HalvingRandomSearchCV RandomizedSearchCV OutputCodeClassifier
    SequentialFeatureSelector TunedThresholdClassifierCV IterativeImputer
""".split()


class Call(NamedTuple):
    """One call that is really made: the rule it stands for, whether numpy's global generator moves, and how it is made."""

    rule: str
    draws: bool
    run: Callable[..., Any]
    keywords: dict[str, Any] = {}


X = np.abs(np.random.RandomState(0).normal(size=(24, 4))) + 0.1
Y = np.arange(24) % 2
TEXTS = ["a b", "b c", "c d a"] * 8
FRAME = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "c": list("xyz") * 8, "d": np.arange(24) % 5})


def generator_state() -> bytes:
    return pickle.dumps(np.random.get_state())


def may_draw(rule: Rule | None, keywords: dict[str, Any]) -> bool:
    """Whether the rule says that a call with these keywords may move numpy's global generator."""
    return rule is None or any(target.ambient == "rng:numpy" and holds(target.condition, keywords) for target in rule.updates)


def holds(condition: Condition | None, keywords: dict[str, Any]) -> bool:
    if condition is None:
        return True
    value = keywords.get(condition.argument.name)
    if condition.value is not ...:
        return condition.argument.name in keywords and value == condition.value
    return (value is not None and value is not False) if condition.given else value is None


def constructed_type(rule: Rule, keywords: dict[str, Any]) -> str:
    return next((type for key, type in rule.returns_with.items() if key in keywords), rule.returns)


def method(type: str, name: str) -> Rule:
    rule = KNOWLEDGE.method(type, name)
    assert rule is not None, f"{type}.{name} has no rule"
    return rule


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    plt.close("all")


# ---------------------------------------------------------------- names


def exists(name: str) -> bool:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        try:
            for part in parts[length:]:
                found = getattr(found, part)
        except (AttributeError, ImportError, LookupError):
            return False
        return True
    return False


def is_from_another_version(name: str) -> bool:
    package, _, rest = name.partition(".")
    others = OTHER_VERSIONS.get(package, "").split()
    return any(rest.startswith(other) if other.endswith(".") else rest in (other, f"{other}.rvs") for other in others)


def function_names(library: str) -> list[str]:
    data = tomllib.loads((FOLDER / f"{library}.toml").read_text(encoding="utf-8"))
    return [name for entry in data.get("functions", []) for name in entry["names"] if not name.endswith(".*")]


@pytest.mark.parametrize("library", INSTALLED_WITH_US)
def test_every_name_exists_in_the_installed_library_or_is_listed_as_of_another_version(library: str) -> None:
    assert [name for name in function_names(library) if not is_from_another_version(name) and not exists(name)] == []


NAMES_ELSEWHERE = sorted({name for library in ELSEWHERE for name in function_names(library) if not name.startswith("nltk.corpus.")})


@pytest.mark.parametrize("package", sorted({name.partition(".")[0] for name in NAMES_ELSEWHERE}))
def test_every_name_exists_where_the_package_is_installed(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    names = [name for name in NAMES_ELSEWHERE if name.startswith(f"{package}.")]
    assert [name for name in names if not is_from_another_version(name) and not exists(name)] == []


def test_every_type_that_our_files_name_is_known() -> None:
    named: set[str] = set()
    for library in (*INSTALLED_WITH_US, *ELSEWHERE):
        data = tomllib.loads((FOLDER / f"{library}.toml").read_text(encoding="utf-8"))
        for entry in data.get("types", []):
            named.update([*entry.get("bases", []), entry.get("item", ""), entry.get("iterates", ""), *entry.get("attributes", {}).values()])
        for entry in data.get("functions", []) + data.get("methods", []):
            named.update([entry.get("returns", ""), *entry.get("returns_with", {}).values(), *entry.get("of", [])])
    assert sorted(named - set(KNOWLEDGE.types) - {"", "self", "self-type", "arg:0"}) == []


def test_every_public_drawing_function_of_pyplot_changes_the_figure() -> None:
    public = [n for n, f in vars(plt).items() if inspect.isfunction(f) and f.__module__ == "matplotlib.pyplot" and not n.startswith("_")]
    harmless = """
        getp findobj fignum_exists get_figlabels get_fignums get_current_fig_manager isinteractive get_plot_commands
        savefig imread imsave get_cmap rc rc_context rcdefaults xkcd set_loglevel
    """.split()
    unknown = ["draw_all", "get"]
    claimed = {name: KNOWLEDGE.function(f"matplotlib.pyplot.{name}") for name in public if name not in unknown and name not in harmless}
    assert [name for name, rule in claimed.items() if rule is None or "figure" not in [t.ambient for t in rule.updates]] == []


# ---------------------------------------------------------------- scikit-learn


@lru_cache(maxsize=1)
def estimators() -> dict[str, type]:
    """Every public estimator class by the path users import it from."""
    found: dict[str, type] = {}
    modules = [*sklearn.__all__, "feature_extraction.text", "feature_extraction.image"]
    for name in modules:
        try:
            module = importlib.import_module(f"sklearn.{name}")
        except ImportError:
            continue
        for public in getattr(module, "__all__", []):
            value = getattr(module, public)
            if inspect.isclass(value) and issubclass(value, BaseEstimator) and hasattr(value, "fit") and not public.startswith("Base"):
                found[f"sklearn.{name}.{public}"] = value
    return found


def test_every_public_estimator_has_a_rule_that_gives_an_estimator() -> None:
    rules = {path: KNOWLEDGE.function(path) for path in estimators()}
    assert len(rules) > 180
    assert [path for path, rule in rules.items() if rule is None or not KNOWLEDGE.is_a(rule.returns, "sklearn.Estimator")] == []


def test_a_seed_makes_an_estimator_deterministic_exactly_where_its_constructor_has_random_state() -> None:
    wrong = []
    for path, kind in estimators().items():
        rule = KNOWLEDGE.function(path)
        has_seed = "random_state" in inspect.signature(kind).parameters
        seeded = "random_state" in rule.returns_with
        if seeded != has_seed and not (has_seed and kind.__name__ in UNSEEDED):
            wrong.append(path)
    assert wrong == []


def test_an_estimator_without_a_seed_parameter_never_claims_to_be_random_by_default_unless_listed() -> None:
    meta = {path for path in estimators() if KNOWLEDGE.is_a(KNOWLEDGE.function(path).returns, "sklearn.MetaEstimator")}
    random = {
        path
        for path, kind in estimators().items()
        if "random_state" not in inspect.signature(kind).parameters
        and KNOWLEDGE.is_a(KNOWLEDGE.function(path).returns, "sklearn.RandomEstimator")
        and path not in meta
    }
    assert {path.rpartition(".")[2] for path in random} - {"FunctionTransformer"} <= set(UNSEEDED)


def test_copy_options_make_an_in_place_estimator_exactly_where_the_constructor_has_them() -> None:
    options = ("copy", "copy_X", "copy_x", "copy_X_train")
    wrong = []
    for path, kind in estimators().items():
        has = {name for name in options if name in inspect.signature(kind).parameters}
        claimed = {key for key, type in KNOWLEDGE.function(path).returns_with.items() if type == "sklearn.InPlaceEstimator"}
        if not has <= claimed:
            wrong.append((path, has))
    assert wrong == []


def needs_nothing(kind: type) -> bool:
    return all(p.default is not p.empty or p.kind is p.VAR_KEYWORD for p in inspect.signature(kind).parameters.values())


QUICK = {"n_estimators": 2, "max_iter": 3, "n_init": 1}
DATA = ((X, Y), (TEXTS, Y), (X[:, 0], Y), (X, np.column_stack([Y + 0.5, Y])), (X[:12] @ X[:12].T,), (Y,), ([{"a": 1}],), ([["a"], ["b"]],))


def fit_draws(kind: type, keywords: dict[str, Any]) -> bool | None:
    """Whether fitting on the first data the estimator accepts moves the generator; None when it accepts none."""
    quick = {name: value for name, value in QUICK.items() if name in inspect.signature(kind).parameters}
    for data in DATA:
        np.random.seed(0)
        before = generator_state()
        try:
            kind(**quick, **keywords).fit(*data)
        except (ValueError, TypeError, AttributeError, IndexError):
            continue
        return generator_state() != before
    return None


@pytest.fixture(scope="module")
def fits() -> list[tuple[str, dict[str, Any], bool]]:
    """Every estimator that can be made with no argument: fitted without a seed and, where that draws, with one."""
    seen: list[tuple[str, dict[str, Any], bool]] = []
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        for path, kind in estimators().items():
            unseeded = fit_draws(kind, {}) if needs_nothing(kind) else None
            if unseeded is not None:
                seen.append((path, {}, unseeded))
            if unseeded and "random_state" in inspect.signature(kind).parameters:
                seen.append((path, {"random_state": 0}, bool(fit_draws(kind, {"random_state": 0}))))
    return seen


def test_no_fit_draws_where_the_knowledge_says_it_does_not(fits: list[tuple[str, dict[str, Any], bool]]) -> None:
    assert len(fits) > 150
    claims = [(path, seed, drew, constructed_type(KNOWLEDGE.function(path), seed)) for path, seed, drew in fits]
    assert [(path, seed) for path, seed, drew, type in claims if drew and not may_draw(method(type, "fit"), {})] == []


def test_svr_draws_although_it_has_no_seed(fits: list[tuple[str, dict[str, Any], bool]]) -> None:
    assert ("sklearn.svm.SVR", {}, True) in fits and ("sklearn.linear_model.LinearRegression", {}, False) in fits


def arrays_of(value: object, depth: int = 0) -> Iterator[np.ndarray]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (list, tuple)) and depth < 4:
        for part in value:
            yield from arrays_of(part, depth + 1)
    elif hasattr(value, "__dict__") and not inspect.isclass(value) and depth < 4:
        for part in vars(value).values():
            yield from arrays_of(part, depth + 1)


def kept(kind: type) -> bool | None:
    """Whether an estimator fitted on an array holds a part of it afterwards; None when it wants other data."""
    data, estimator = X.copy(), kind()
    try:
        estimator.fit(data, Y)
    except (ValueError, TypeError, AttributeError, IndexError):
        return None
    assert (data == X).all(), f"{kind.__name__} changed its data"
    return any(array.size and np.shares_memory(array, data) for array in arrays_of(estimator))


def test_an_estimator_that_keeps_the_data_it_was_fitted_on_says_so() -> None:
    packages = (
        "neighbors",
        "semi_supervised",
        "cluster",
        "naive_bayes",
        "svm",
        "preprocessing",
        "decomposition",
        "manifold",
        "kernel_ridge",
        "impute",
    )
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        keeping = {path for path, kind in estimators().items() if path.split(".")[1] in packages and needs_nothing(kind) and kept(kind)}
    assert {"sklearn.neighbors.KNeighborsClassifier", "sklearn.cluster.Birch"} <= keeping
    assert [p for p in sorted(keeping) if Argument(0, "X") not in method(KNOWLEDGE.function(p).returns, "fit").stores] == []


def test_a_scaler_told_not_to_copy_writes_into_its_argument_and_one_not_told_does_not() -> None:
    plain, told = X.copy(), X.copy()
    StandardScaler().fit_transform(plain)
    StandardScaler(copy=False).fit_transform(told)
    assert ((plain == X).all(), (told == X).all()) == (True, False)
    rule = KNOWLEDGE.function("sklearn.preprocessing.StandardScaler")
    changed = [
        [t.argument.name for t in method(constructed_type(rule, keywords), "fit_transform").updates if t.argument]
        for keywords in ({}, {"copy": False})
    ]
    assert changed == [["self"], ["self", "X", "y"]]


def test_cross_validation_leaves_the_estimator_it_was_given_unfitted() -> None:
    estimator = sklearn.linear_model.LogisticRegression()
    sklearn.model_selection.cross_val_score(estimator, X, Y, cv=2)
    assert not hasattr(estimator, "coef_")
    assert [t.ambient for t in KNOWLEDGE.function("sklearn.model_selection.cross_val_score").updates] == ["rng:numpy"]


def test_train_test_split_gives_copies() -> None:
    parts = sklearn.model_selection.train_test_split(X, Y, shuffle=False)
    assert not any(np.shares_memory(part, whole) for part in parts for whole in (X, Y))
    assert KNOWLEDGE.function("sklearn.model_selection.train_test_split").shares == ()


# ---------------------------------------------------------------- what draws


def sphere(v: Any) -> float:
    return float(np.sum((np.asarray(v) - 1) ** 2))


def difference(a: Any, b: Any) -> float:
    return float(np.mean(a) - np.mean(b))


A, B = X[:, 0], X[:, 1]
CATEGORIES = {"data": FRAME, "x": "c", "y": "b"}
NUMBERS = {"data": FRAME, "x": "d", "y": "b"}
stats, optimize, sparse = scipy.stats, scipy.optimize, scipy.sparse

CALLS = [
    Call("seaborn.scatterplot", False, sns.scatterplot, NUMBERS),
    Call("seaborn.lineplot", False, sns.lineplot, NUMBERS),
    Call("seaborn.barplot", False, sns.barplot, CATEGORIES),
    Call("seaborn.pointplot", False, sns.pointplot, CATEGORIES),
    Call("seaborn.boxplot", False, sns.boxplot, CATEGORIES),
    Call("seaborn.boxenplot", False, sns.boxenplot, CATEGORIES),
    Call("seaborn.violinplot", False, sns.violinplot, CATEGORIES),
    Call("seaborn.swarmplot", False, sns.swarmplot, CATEGORIES),
    Call("seaborn.stripplot", True, sns.stripplot, CATEGORIES),
    Call("seaborn.countplot", False, sns.countplot, {"data": FRAME, "x": "c"}),
    Call("seaborn.histplot", False, sns.histplot, {"data": FRAME, "x": "a", "kde": True}),
    Call("seaborn.kdeplot", False, sns.kdeplot, {"data": FRAME, "x": "a"}),
    Call("seaborn.ecdfplot", False, sns.ecdfplot, {"data": FRAME, "x": "a"}),
    Call("seaborn.rugplot", False, sns.rugplot, {"data": FRAME, "x": "a"}),
    Call("seaborn.regplot", False, sns.regplot, NUMBERS),
    Call("seaborn.regplot", True, sns.regplot, {**NUMBERS, "x_jitter": 0.1, "ci": None}),
    Call("seaborn.residplot", False, sns.residplot, NUMBERS),
    Call("seaborn.heatmap", False, sns.heatmap, {"data": FRAME[["a", "b"]].corr()}),
    Call("seaborn.catplot", True, sns.catplot, CATEGORIES),
    Call("seaborn.catplot", True, sns.catplot, {**CATEGORIES, "kind": "strip"}),
    Call("seaborn.catplot", False, sns.catplot, {**CATEGORIES, "kind": "bar"}),
    Call("seaborn.catplot", False, sns.catplot, {**CATEGORIES, "kind": "box"}),
    Call("seaborn.relplot", False, sns.relplot, {**NUMBERS, "kind": "line"}),
    Call("seaborn.lmplot", False, sns.lmplot, NUMBERS),
    Call("seaborn.lmplot", True, sns.lmplot, {**NUMBERS, "y_jitter": 0.1, "ci": None}),
    Call("seaborn.displot", False, sns.displot, {"data": FRAME, "x": "a"}),
    Call("seaborn.jointplot", False, sns.jointplot, {"data": FRAME, "x": "a", "y": "b"}),
    Call("seaborn.pairplot", False, sns.pairplot, {"data": FRAME[["a", "b"]]}),
    Call("seaborn.clustermap", False, sns.clustermap, {"data": FRAME[["a", "b"]]}),
    Call("scipy.stats.norm.rvs", True, stats.norm.rvs, {"size": 3}),
    Call("scipy.stats.norm.rvs", False, stats.norm.rvs, {"size": 3, "random_state": 0}),
    Call("scipy.stats.norm.fit", False, lambda: stats.norm.fit(A)),
    Call("scipy.stats.norm.cdf", False, lambda: stats.norm.cdf(A)),
    Call("scipy.stats.multivariate_normal.rvs", True, lambda: stats.multivariate_normal.rvs([0, 0])),
    Call("scipy.stats.multivariate_normal.pdf", False, lambda: stats.multivariate_normal.pdf([0, 0, 0], cov=np.eye(3))),
    Call("scipy.stats.multivariate_normal.cdf", True, lambda: stats.multivariate_normal.cdf([0, 0, 0], cov=np.eye(3))),
    Call("scipy.stats.ortho_group.rvs", True, lambda: stats.ortho_group.rvs(3)),
    Call("scipy.stats.ttest_ind", False, stats.ttest_ind, {"a": A, "b": B}),
    Call("scipy.stats.mannwhitneyu", False, lambda: stats.mannwhitneyu(A, B)),
    Call("scipy.stats.kstest", False, lambda: stats.kstest(A, "norm")),
    Call("scipy.stats.chi2_contingency", False, lambda: stats.chi2_contingency([[5, 6], [7, 8]])),
    Call("scipy.stats.shapiro", False, lambda: stats.shapiro(A)),
    Call("scipy.stats.boxcox", False, lambda: stats.boxcox(A)),
    Call("scipy.stats.linregress", False, lambda: stats.linregress(A, B)),
    Call("scipy.stats.bootstrap", True, lambda: stats.bootstrap((A,), np.mean, n_resamples=9)),
    Call("scipy.stats.permutation_test", True, lambda: stats.permutation_test((A, B), difference, n_resamples=9, vectorized=False)),
    Call("scipy.stats.fit", True, lambda: stats.fit(stats.norm, A, [(-1, 1), (0.1, 3)])),
    Call("scipy.optimize.differential_evolution", True, lambda: optimize.differential_evolution(sphere, [(-2, 2)], maxiter=2)),
    Call("scipy.optimize.dual_annealing", True, lambda: optimize.dual_annealing(sphere, [(-2, 2)], maxiter=2)),
    Call("scipy.optimize.basinhopping", True, lambda: optimize.basinhopping(sphere, [0.0], niter=2)),
    Call("scipy.optimize.minimize", False, lambda: optimize.minimize(sphere, [0.0, 0.0])),
    Call("scipy.optimize.curve_fit", False, lambda: optimize.curve_fit(lambda t, a: a * t, A, B)),
    Call("scipy.optimize.shgo", False, lambda: optimize.shgo(sphere, [(-2, 2)])),
    Call("scipy.cluster.vq.kmeans", True, lambda: scipy.cluster.vq.kmeans(X, 2)),
    Call("scipy.cluster.vq.kmeans2", True, lambda: scipy.cluster.vq.kmeans2(X, 2)),
    Call("scipy.cluster.vq.kmeans2", False, lambda seed: scipy.cluster.vq.kmeans2(X, 2, seed=seed), {"seed": 0}),
    Call("scipy.cluster.hierarchy.linkage", False, lambda: scipy.cluster.hierarchy.linkage(X)),
    Call("scipy.sparse.random", True, lambda: sparse.random(5, 5, 0.5)),
    Call("scipy.sparse.linalg.onenormest", True, lambda: sparse.linalg.onenormest(sparse.csr_matrix(X[:4]))),
    Call("scipy.sparse.linalg.spsolve", False, lambda: sparse.linalg.spsolve(sparse.csc_matrix(np.eye(3)), np.ones(3))),
    Call("scipy.linalg.clarkson_woodruff_transform", True, lambda: scipy.linalg.clarkson_woodruff_transform(X, 5)),
    Call(
        "scipy.interpolate.BarycentricInterpolator",
        True,
        lambda: scipy.interpolate.BarycentricInterpolator([0.0, 1.0, 2.0], [1.0, 2.0, 3.0]),
    ),
    Call("scipy.interpolate.interp1d", False, lambda: scipy.interpolate.interp1d(np.arange(24), A)),
    Call("scipy.spatial.distance.pdist", False, lambda: scipy.spatial.distance.pdist(X)),
    Call("sklearn.model_selection.train_test_split", True, lambda: sklearn.model_selection.train_test_split(X)),
    Call(
        "sklearn.model_selection.train_test_split",
        False,
        lambda random_state: sklearn.model_selection.train_test_split(X, random_state=random_state),
        {"random_state": 1},
    ),
    Call("sklearn.datasets.make_blobs", True, sklearn.datasets.make_blobs),
    Call("sklearn.datasets.make_blobs", False, sklearn.datasets.make_blobs, {"random_state": 1}),
    Call("sklearn.datasets.make_moons", True, sklearn.datasets.make_moons, {"noise": 0.1}),
    Call("sklearn.datasets.load_iris", False, sklearn.datasets.load_iris),
    Call("sklearn.utils.shuffle", True, lambda: sklearn.utils.shuffle(X)),
    Call("sklearn.utils.resample", False, lambda random_state: sklearn.utils.resample(X, random_state=random_state), {"random_state": 1}),
    Call("sklearn.metrics.silhouette_score", False, lambda: sklearn.metrics.silhouette_score(X, Y)),
    Call(
        "sklearn.metrics.silhouette_score",
        True,
        lambda sample_size: sklearn.metrics.silhouette_score(X, Y, sample_size=sample_size),
        {"sample_size": 20},
    ),
    Call("sklearn.metrics.accuracy_score", False, lambda: sklearn.metrics.accuracy_score(Y, Y)),
    Call("sklearn.feature_selection.mutual_info_classif", True, lambda: sklearn.feature_selection.mutual_info_classif(X, Y)),
    Call("sklearn.feature_selection.f_classif", False, lambda: sklearn.feature_selection.f_classif(X, Y)),
    Call("sklearn.cluster.estimate_bandwidth", False, lambda: sklearn.cluster.estimate_bandwidth(X)),
    Call("statsmodels.api.graphics.plot_fit", False, lambda: sm.graphics.plot_fit(sm.OLS(A, X).fit(), 1)),
    Call("statsmodels.api.qqplot", False, lambda: sm.qqplot(A)),
    Call("statsmodels.api.tsa.arma_generate_sample", True, lambda: sm.tsa.arma_generate_sample([1, 0.5], [1], 5)),
    Call("statsmodels.api.tsa.adfuller", False, lambda: sm.tsa.adfuller(A)),
    Call("statsmodels.api.tsa.seasonal_decompose", False, lambda: sm.tsa.seasonal_decompose(A, period=4)),
    Call("joblib.hash", False, lambda: joblib.hash(A)),
]


@pytest.mark.parametrize(
    "call", CALLS, ids=[f"{call.rule}({', '.join(k for k in call.keywords if k not in ('data', 'x', 'y'))})" for call in CALLS]
)
def test_a_call_draws_leaves_data_and_styles_alone_as_the_knowledge_says(call: Call) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.random.seed(0)
        before, data, styles = generator_state(), pickle.dumps((FRAME, X, Y)), str(dict(matplotlib.rcParams))
        call.run(**call.keywords)
        plt.close("all")
    drew = generator_state() != before
    assert (drew, may_draw(KNOWLEDGE.function(call.rule), call.keywords)) == (call.draws, call.draws)
    assert (pickle.dumps((FRAME, X, Y)), str(dict(matplotlib.rcParams))) == (data, styles)


DRAWING_METHODS = [
    ("scipy.stats.Distribution", "rvs", lambda: stats.norm(0, 1).rvs(2), True),
    ("scipy.stats.Distribution", "cdf", lambda: stats.norm(0, 1).cdf(2), False),
    ("scipy.stats.MultivariateDistribution", "cdf", lambda: stats.multivariate_normal([0, 0, 0]).cdf([0, 0, 0]), True),
    ("scipy.stats.MultivariateDistribution", "pdf", lambda: stats.multivariate_normal([0, 0, 0]).pdf([0, 0, 0]), False),
    ("scipy.stats.gaussian_kde", "resample", lambda: stats.gaussian_kde(A).resample(2), True),
    ("scipy.stats.gaussian_kde", "integrate_box", lambda: stats.gaussian_kde(X[:, :3].T).integrate_box([0] * 3, [1] * 3), True),
    ("scipy.stats.gaussian_kde", "evaluate", lambda: stats.gaussian_kde(A).evaluate(A), False),
    ("sklearn.RandomEstimator", "sample", lambda: sklearn.mixture.GaussianMixture(random_state=None).fit(X).sample(2), True),
    ("sklearn.Estimator", "sample", lambda: sklearn.neighbors.KernelDensity().fit(X).sample(2), True),
    ("sklearn.DrawingEstimator", "predict", lambda: sklearn.dummy.DummyClassifier(strategy="uniform").fit(X, Y).predict(X), True),
    ("sklearn.Estimator", "predict", lambda: sklearn.linear_model.LinearRegression().fit(X, Y).predict(X), False),
    ("sklearn.Estimator", "sample_y", lambda: sklearn.gaussian_process.GaussianProcessRegressor().fit(X, Y).sample_y(X), False),
    ("sklearn.RandomSplitter", "split", lambda: list(sklearn.model_selection.KFold(2, shuffle=True).split(X)), True),
    ("sklearn.Splitter", "split", lambda: list(sklearn.model_selection.KFold(2).split(X)), False),
    ("statsmodels.Model", "fit", lambda: sm.Logit(Y, X).fit(disp=0), False),
    ("statsmodels.Results", "predict", lambda: sm.OLS(A, X).fit().predict(), False),
    ("statsmodels.Results", "summary", lambda: smf.ols("a ~ b", FRAME).fit().summary(), False),
]


@pytest.mark.parametrize("type, name, run, draws", DRAWING_METHODS, ids=[f"{row[0]}.{row[1]}" for row in DRAWING_METHODS])
def test_a_method_draws_as_the_knowledge_says(type: str, name: str, run: Callable[[], Any], draws: bool) -> None:
    before = generator_state()
    run()
    assert (generator_state() != before, may_draw(method(type, name), {})) == (draws, draws)


# ---------------------------------------------------------------- what is changed


@pytest.mark.parametrize("name", ["set_theme", "set_style", "set_context", "set_palette", "reset_orig", "reset_defaults"])
def test_seaborn_styles_are_kept_in_rc_params(name: str) -> None:
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        matplotlib.rcParams.update({"axes.facecolor": "#123456", "font.size": 31, "axes.prop_cycle": matplotlib.cycler(color=["#123456"])})
        before = str(dict(matplotlib.rcParams))
        getattr(sns, name)(*{"set_style": ["white"], "set_context": ["talk"], "set_palette": ["deep"]}.get(name, []))
        changed = str(dict(matplotlib.rcParams)) != before
    assert (changed, [t.ambient for t in KNOWLEDGE.function(f"seaborn.{name}").updates]) == (True, ["matplotlib.rcParams"])


@pytest.mark.parametrize("draw", ["plot", "scatter", "bar", "hist", "imshow", "fill_between"])
def test_an_artist_keeps_a_copy_of_its_data(draw: str) -> None:
    data = X.copy() if draw == "imshow" else np.arange(5.0)
    figure, axes = plt.subplots()
    getattr(axes, draw)(*([data] if draw in ("imshow", "hist") else [np.arange(5.0), data]))
    figure.canvas.draw()
    before = bytes(figure.canvas.buffer_rgba())
    data[:] = 0
    figure.canvas.draw()
    assert bytes(figure.canvas.buffer_rgba()) == before
    assert method("matplotlib.axes.Axes", draw).stores == ()


def test_an_artist_that_is_given_back_belongs_to_its_axes() -> None:
    figure, axes = plt.subplots()
    (line,) = axes.plot([1, 2])
    plt.close(figure)
    assert line.axes is axes
    assert method("matplotlib.axes.Axes", "plot").shares == (Argument(name="self"),)


@pytest.mark.parametrize("name", [n for n in dir(matplotlib.axes.Axes) if n.startswith("set_")])
def test_every_setter_of_axes_changes_the_axes_and_the_figure(name: str) -> None:
    updates = method("matplotlib.axes.Axes", name).updates
    assert {t.argument.name if t.argument else t.ambient for t in updates} == {"self", "figure"}


def test_a_sparse_matrix_is_changed_by_the_methods_that_are_said_to_change_it() -> None:
    makers = {"setdiag": lambda m: m.setdiag(7), "eliminate_zeros": lambda m: m.eliminate_zeros(), "resize": lambda m: m.resize(2, 2)}
    for name, change in makers.items():
        matrix = sparse.csr_matrix(([0.0, 1.0], ([0, 1], [1, 2])), shape=(3, 3))
        before = pickle.dumps(matrix)
        change(matrix)
        assert pickle.dumps(matrix) != before
        assert [t.argument.name for t in method("scipy.sparse.Matrix", name).updates] == ["self"]


OUTPUTS = [name for name in scipy.ndimage.__all__ if "output" in inspect.signature(getattr(scipy.ndimage, name)).parameters]


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_image_filter_changes_the_output_it_is_given_at_its_position(name: str) -> None:
    position = list(inspect.signature(getattr(scipy.ndimage, name)).parameters).index("output")
    assert [t.argument for t in KNOWLEDGE.function(f"scipy.ndimage.{name}").updates] == [Argument(position, "output")]


def test_linear_algebra_that_may_overwrite_its_argument_says_so() -> None:
    overwriting = [n for n in dir(scipy.linalg) if not n.startswith("_") and "overwrite_a" in parameters_of(getattr(scipy.linalg, n))]
    rules = {name: KNOWLEDGE.function(f"scipy.linalg.{name}") for name in overwriting}
    assert [name for name, rule in rules.items() if rule is not None and Argument(0, "a") not in [t.argument for t in rule.updates]] == []


def parameters_of(value: Any) -> list[str]:
    try:
        return list(inspect.signature(value).parameters)
    except (TypeError, ValueError):
        return []


@pytest.mark.parametrize("package", ["scipy.stats", "scipy.optimize", "scipy.sparse", "scipy.cluster.vq", "scipy.interpolate"])
def test_every_scipy_function_with_a_seed_that_has_a_rule_says_that_it_may_draw(package: str) -> None:
    module = importlib.import_module(package)
    seeded = [n for n in dir(module) if not n.startswith("_") and {"rng", "seed", "random_state"} & set(parameters_of(getattr(module, n)))]
    makers = {"rv_histogram", "PermutationMethod", "BootstrapMethod", "MonteCarloMethod"}  # what they make draws later
    rules = {n: KNOWLEDGE.function(f"{package}.{n}") for n in seeded if n not in makers}
    distributions = {n for n, rule in rules.items() if rule is not None and KNOWLEDGE.is_a(rule.returns, "scipy.stats.Distribution")}
    assert [n for n, rule in rules.items() if rule is not None and n not in distributions and not may_draw(rule, {})] == ["iqr"] * (
        package == "scipy.stats"
    )


def test_fitting_a_model_again_gives_the_same_whatever_was_fitted_between() -> None:
    model = sm.OLS(A, X)
    first = model.fit().params
    model.fit(cov_type="HC3")
    assert (model.fit().params == first).all()
    assert method("statsmodels.Model", "fit").updates == ()


def test_a_formula_keeps_nothing_of_the_frame_that_its_results_show() -> None:
    frame = FRAME.copy()
    results = smf.ols("a ~ b", frame).fit()
    before = results.params.copy()
    frame["b"] = 0.0
    assert (results.predict() == smf.ols("a ~ b", FRAME).fit().predict()).all() and (results.params == before).all()
    assert KNOWLEDGE.function("statsmodels.formula.api.ols").stores == ()


def test_joblib_writes_and_reads_the_file_it_is_given(tmp_path: Path) -> None:
    joblib.dump({"a": 1}, tmp_path / "model.joblib")
    assert joblib.load(tmp_path / "model.joblib") == {"a": 1}
    dump, load = KNOWLEDGE.function("joblib.dump"), KNOWLEDGE.function("joblib.load")
    assert (dump.writes[0], load.reads[0]) == (("file", Argument(1, "filename")), ("file", Argument(0, "filename")))


# ---------------------------------------------------------------- what is shown


@pytest.mark.parametrize(
    "name, shows",
    [
        ("sklearn.metrics.accuracy_score", "conclusion"),
        ("sklearn.metrics.classification_report", "conclusion"),
        ("sklearn.model_selection.cross_val_score", "conclusion"),
        ("scipy.stats.ttest_ind", "conclusion"),
        ("scipy.stats.describe", "summary"),
        ("statsmodels.stats.anova.anova_lm", "conclusion"),
        ("sklearn.tree.export_text", "summary"),
    ],
)
def test_a_measure_or_test_is_a_conclusion_and_a_description_is_not(name: str, shows: str) -> None:
    assert KNOWLEDGE.function(name).shows == shows


def test_an_estimator_shown_bare_is_a_peek() -> None:
    assert KNOWLEDGE.types["sklearn.Estimator"].shows == "peek"


def test_models_that_spare_their_data_leave_it_as_it_was() -> None:
    sm = pytest.importorskip("statsmodels.api")
    random = np.random.default_rng(3)
    y = pd.Series(random.normal(size=40).cumsum() + 50, index=pd.date_range("2024-01-01", periods=40))
    x = pd.DataFrame({"const": 1.0, "x": random.normal(size=40)}, index=y.index)
    groups = pd.Series(np.repeat(range(10), 4), index=y.index)
    tsa = sm.tsa
    models = [
        tsa.SimpleExpSmoothing(y, initialization_method="estimated"),
        tsa.ExponentialSmoothing(y, trend="add", initialization_method="estimated"),
        tsa.Holt(y, initialization_method="estimated"),
        tsa.SARIMAX(y, exog=x[["x"]]),
        tsa.ARIMA(y, order=(1, 0, 0)),
        tsa.UnobservedComponents(y, "rwalk"),
        tsa.ETSModel(y),
        tsa.AutoReg(y, 1),
        sm.GLM(y, x),
        sm.GEE(y, x, groups=groups),
        sm.RLM(y, x),
        sm.MixedLM(y, x, groups=groups),
        sm.OLS(y, x),
        sm.QuantReg(y, x),
    ]
    before = [repr(thing.to_dict()) for thing in (y, x, groups)]
    for model in models:
        model.fit(**({"disp": False} if "disp" in inspect.signature(model.fit).parameters else {}))
        assert [repr(thing.to_dict()) for thing in (y, x, groups)] == before, type(model).__name__
