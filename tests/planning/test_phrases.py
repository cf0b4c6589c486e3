"""Headings become names of functions: a verb first."""

from __future__ import annotations

import pytest

from nb2prod.planning.phrases import function_name, slug
from nb2prod.planning.tongues import tongue_of


@pytest.mark.parametrize(
    ("heading", "verb", "name"),
    [
        ("Data Cleaning", "prepare", "clean_data"),
        ("Evaluation of the model", "report", "evaluate_model"),
        ("Random forest", "train", "train_random_forest"),
        ("Train/Test Split", "train", "split_train_and_test"),
        ("Loading and cleaning the data", "load", "load_and_clean_data"),
        ("Model training and evaluation", "train", "train_and_evaluate_model"),
        ("Feature Engineering", "prepare", "engineer_features"),
        ("Splitting the dataset into the Training set and Test set", "prepare", "split_dataset"),
        ("The model", "plot", "plot_model"),
        ("Implementing an adaptive linear neuron", "plot", "implement_adaptive_linear_neuron"),
        ("Testing correlation", "report", "check_correlation"),
        ("Testdaten laden", "load", "load_testdaten_laden"),
        ("Daten laden", "load", "daten_laden"),
        ("Загрузка", "load", "load_zagruzka"),
    ],
)
def test_a_heading_becomes_a_verb_and_what_it_is_about(heading: str, verb: str, name: str) -> None:
    assert function_name(heading, verb) == name


@pytest.mark.parametrize("heading", ["Why do they leave?", "Importing the libraries", "Data, helpers and raw pixels", "数据", "", "!"])
def test_a_heading_that_names_no_work_gives_no_name(heading: str) -> None:
    assert function_name(heading, "load") == ""


@pytest.mark.parametrize(
    ("text", "word"), [("Straße", "strasse"), ("GaussianNB", "gaussian_nb"), ("KNeighbors", "k_neighbors"), ("Évaluer", "evaluer")]
)
def test_words_are_plain_letters(text: str, word: str) -> None:
    assert slug(text) == word


@pytest.mark.parametrize(
    ("headings", "prose", "heading", "name"),
    [
        (["daten_laden", "modell"], "The model of the year.", "Modell", "modell_trainieren"),
        (["daten_laden"], "", "Aufbereitung der Daten", "daten_aufbereiten"),
        (["donnees", "modele"], "Nous lisons les ventes et le modèle est une régression dans la suite", "Modèle", "entrainer_modele"),
        (["data", "forest"], "We fit a model to the sales of the year, la la la.", "Forest", "train_forest"),
        (["modelo"], "", "Modelo", "train_modelo"),
    ],
)
def test_the_verb_is_in_the_language_of_the_notebook(headings: list[str], prose: str, heading: str, name: str) -> None:
    assert function_name(heading, "train", tongue_of(headings, prose)) == name
