"""Models, tensors and graphs -> pictures by what they compute with, where the state they are pickled with says more or less than that.

    nx.path_graph(2)   ->   {"kind": "graph", "type": "networkx.Graph", "parts": [attributes, nodes, neighbours]}

Anything else that is fitted (scikit-learn, statsmodels, xgboost, lightgbm) is an object like others: parameters and fitted attributes are
the state it is pickled with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Optional

from nb2prod.recording.probe.naming import kind_of, type_name

if TYPE_CHECKING:
    from nb2prod.recording.probe.pictures import Camera

Picture = Dict[str, Any]


def graph_picture(camera: Camera, value: Any) -> Optional[Picture]:
    """The picture of a networkx graph by attributes, nodes and neighbours, in their order; None for anything else. Views of it that networkx
    keeps once they were asked for are no part of it."""
    if not isinstance(value, kind_of("networkx", "Graph")):
        return None
    return {"kind": "graph", "type": type_name(value), "parts": camera.each([dict(value.graph), dict(value._node), _neighbours(value)])}


def _neighbours(graph: Any) -> Dict[Any, Any]:
    return {node: dict(others) for node, others in graph._adj.items()}


def catboost_picture(camera: Camera, value: Any) -> Optional[Picture]:
    """The picture of a fitted catboost model by parameters, features, splits and leaves; None for anything else. Its file also holds the time
    it was trained at."""
    if not isinstance(value, kind_of("catboost", "CatBoost")) or not value.is_fitted():
        return None
    parts = [value.get_params(), value.feature_names_, value.tree_count_, value.get_scale_and_bias(), value.get_borders()]
    leaves = [value.get_tree_leaf_counts(), value.get_leaf_values(), value.get_leaf_weights(), list(value.classes_)]
    splits = [value._get_tree_splits(tree, None) for tree in range(value.tree_count_)]
    return {"kind": "object", "type": type_name(value), "state": camera.of([*parts, *leaves, splits])}


def torch_picture(camera: Camera, value: Any) -> Optional[Picture]:
    """The picture of a torch tensor as the array in it; None for anything else."""
    if not isinstance(value, kind_of("torch", "Tensor")):
        return None
    plain = value.detach().cpu()
    plain = plain.float() if str(value.dtype) == "torch.bfloat16" else plain  # numpy has no such type
    return {"kind": "tensor", "type": type_name(value), "dtype": str(value.dtype), "values": camera.of(plain.numpy())}


def tensorflow_picture(camera: Camera, value: Any) -> Optional[Picture]:
    """The picture of an eager tensor or variable, or of a Keras model by its configuration and weights; None for anything else."""
    module = type(value).__module__
    if not module.startswith(("tensorflow", "keras")):
        return None
    if hasattr(value, "get_weights") and hasattr(value, "get_config"):
        return {"kind": "object", "type": type_name(value), "state": camera.of([value.get_config(), value.get_weights()])}
    if hasattr(value, "numpy"):
        return {"kind": "tensor", "type": type_name(value), "dtype": str(value.dtype), "values": camera.of(value.numpy())}
    return None


def summary_picture(camera: Camera, value: Any) -> Optional[Picture]:
    """The picture of a statsmodels summary as the text it is printed as; None for anything else."""
    if not isinstance(value, kind_of("statsmodels.iolib.summary", "Summary")):
        return None
    return {"kind": "object", "type": type_name(value), "state": camera.of(value.as_text())}


def tree_picture(camera: Camera, value: Any) -> Optional[Picture]:
    """The picture of a nearest-neighbour tree by its arrays; None for anything else. Its own state also counts how often it was asked."""
    if type(value).__name__.rstrip("0123456789") not in ("KDTree", "BallTree") or not type(value).__module__.startswith("sklearn."):
        return None
    return {"kind": "object", "type": type_name(value), "state": camera.each(list(value.get_arrays()[:2]))}
