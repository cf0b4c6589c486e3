"""Seeded runs draw the same numbers, and nearest-neighbour trees are pictured by their data."""

from __future__ import annotations

import random

import numpy as np
from sklearn.neighbors import BallTree, KDTree

from nb2prod.recording.probe.pictures import picture_of
from nb2prod.recording.probe.seeding import seed

POINTS = np.arange(40.0).reshape(20, 2)


def test_a_seed_in_the_orders_sets_the_generators() -> None:
    seed({"seed": 3, "modules": []})
    first = (random.random(), np.random.rand())
    seed({"seed": 3, "modules": []})
    assert (random.random(), np.random.rand()) == first


def test_without_a_seed_the_generators_go_on() -> None:
    seed({"seed": 3, "modules": []})
    first = random.random()
    seed({"modules": []})
    assert random.random() != first


def test_asking_a_tree_does_not_change_its_picture_but_other_points_do() -> None:
    for kind in (KDTree, BallTree):
        tree = kind(POINTS)
        before = picture_of(tree)
        tree.query(POINTS[:3])
        assert picture_of(tree) == before
        assert picture_of(kind(POINTS + 1)) != before


def test_the_views_of_a_dict_are_pictured_by_their_items() -> None:
    assert picture_of({"a": 1}.keys()) == {"kind": "list", "type": "dict_keys", "items": [{"kind": "str", "value": "a"}]}
