"""What the docstring of a stage says first."""

from __future__ import annotations

import pytest
from codegen.stage_building import plan, stage

from nb2prod.codegen.docstrings import stage_summary


@pytest.mark.parametrize(
    ("title", "name", "summary"),
    [
        ("Cleaning", "clean_df", "Clean df."),
        ("Data cleaning", "clean_data", "Data cleaning."),
        ("Bereinigung", "daten_bereinigen", "Daten bereinigen."),
        ("Random forest", "train_random_forest", "Train random forest."),
        ("The model", "train_model", "Train the model."),
        ("By device and conclusion", "compute_sig_and_decision", "Compute sig and decision: by device and conclusion."),
        ("When do they ride?", "plot_pivot", "Plot pivot: when do they ride?"),
        ("RFM", "build_table", "Build table: RFM."),
        ("Split and scale; models", "train_models", "Train models: split and scale; models."),
    ],
)
def test_a_title_stands_beside_the_name_that_it_did_not_give(title: str, name: str, summary: str) -> None:
    made = stage(name, (), title=title)
    assert stage_summary(made, plan([made])) == (summary, "")


def test_the_first_sentence_of_the_notebooks_prose_is_the_summary_where_there_is_no_title() -> None:
    made = stage("load_df", (), doc="The export of the shop. It has a row for each order.")
    assert stage_summary(made, plan([made])) == ("The export of the shop.", "It has a row for each order.")
