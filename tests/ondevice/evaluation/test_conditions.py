from __future__ import annotations

import pytest

from ondevice.evaluation.conditions import DECODINGS, Condition, check_strategies, conditions_for


def labels(task: str, **changes: object) -> list[str]:
    wanted = {"strategies": ["bm25", "recency"], "ks": [2, 1], "decodings": ["free"], "controls": (), **changes}
    return [cell.label for cell in conditions_for(task, **wanted)]  # type: ignore[arg-type]


def test_none_comes_first_and_once_and_ks_rise():
    wanted = ["none", "bm25 k=1", "bm25 k=2", "recency k=1", "recency k=2"]
    assert labels("LaMP_4") == labels("LaMP_4", strategies=["none", "bm25", "none", "recency"]) == wanted


def test_controls_belong_to_one_strategy():
    assert labels("LaMP_4", ks=[1], controls=["bm25"]) == [
        "none",
        "bm25 k=1",
        "bm25 k=1, other",
        "bm25 k=1, shuffled",
        "recency k=1",
    ]
    assert "bm25 k=1, shuffled" not in labels("LaMP_7", controls=["bm25"])


def test_labels_are_decoded_only_where_there_are_labels():
    both = conditions_for("LaMP_2", strategies=["bm25"], ks=[1], decodings=DECODINGS)
    assert [(cell.decoding, cell.label) for cell in both] == [
        ("free", "none"),
        ("free", "bm25 k=1"),
        ("labels", "none"),
        ("labels", "bm25 k=1"),
    ]
    assert conditions_for("LaMP_4", strategies=[], ks=[1], decodings=["labels"]) == []


@pytest.mark.parametrize(("strategy", "k"), [("none", 1), ("bm25", 0), ("bm25", -1)])
def test_a_cell_without_meaning_is_refused(strategy, k):
    with pytest.raises(ValueError, match="cannot have k"):
        Condition(strategy=strategy, k=k, decoding="free")


def test_an_unknown_strategy_names_the_known_ones():
    with pytest.raises(ValueError, match="choose of none, recency, bm25, dense, hybrid"):
        labels("LaMP_4", strategies=["bm25+magic"])


def test_other_names_are_encoders_in_the_models_folder(app_models):
    found = labels("LaMP_4", strategies=["tiny-encoder", "rspg-pre"], ks=[2])
    assert found == ["none", "tiny-encoder k=2", "rspg-pre k=2"]
    check_strategies(["tiny-encoder", "dense"], models=app_models, has_encoder=True, has_selector=False)
    for names, message in (
        (["magic"], "'magic' is unknown: choose of none, recency.*or name an encoder in"),
        (["tiny-generator"], "'tiny-generator' is unknown"),
        (["rspg-post"], "'rspg-post' needs a selector: name its bundle with --selector"),
    ):
        with pytest.raises(ValueError, match=message):
            check_strategies(names, models=app_models, has_encoder=True, has_selector=False)
    for name in ("tiny-encoder", "rspg-pre"):
        with pytest.raises(ValueError, match=f"'{name}' needs an encoder: choose of none, recency, bm25"):
            check_strategies([name], models=app_models, has_encoder=False, has_selector=True)
