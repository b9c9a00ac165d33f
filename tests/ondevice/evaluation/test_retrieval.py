from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ondevice.errors import InputError, NotFoundError
from ondevice.evaluation.retrieval import RetrievalPlan, RetrievalRow, evaluate_retrieval


def conversation(name: str, *turns: str, questions: list[dict[str, Any]]) -> dict[str, Any]:
    session = [{"speaker": "Ann", "dia_id": f"D1:{n}", "text": text} for n, text in enumerate(turns, start=1)]
    return {
        "sample_id": name,
        "conversation": {"session_1": session, "session_1_date_time": "1:56 pm on 8 May, 2023"},
        "qa": questions,
    }


def asked(question: str, *evidence: str, category: int = 1) -> dict[str, Any]:
    return {"question": question, "evidence": list(evidence), "category": category}


TALKS = [
    conversation(
        "one",
        "the cat likes rain",
        "a train to paris",
        "lunch with cheese",
        questions=[
            asked("cat rain", "D1:1"),
            asked("train paris", "D1:2; D1:3"),
            asked("never said", category=5),
            asked("a misprint", "D9:99"),
        ],
    ),
    conversation("two", "guitar concert", "piano song", questions=[asked("piano song", "D1:2")]),
]


def plan_of(tmp_path: Path, models: Path, talks: Any = TALKS, **changes: Any) -> RetrievalPlan:
    (tmp_path / "talks.json").write_text(json.dumps(talks))
    return RetrievalPlan(data=tmp_path, models=models, encoder="tiny-encoder", ks=(1, 2), **changes)


def row(rows: list[RetrievalRow], retriever: str, metric: str) -> RetrievalRow:
    return next(each for each in rows if (each.retriever, each.metric) == (retriever, metric))


def test_recall_and_ndcg_of_evidence_turns(tmp_path, app_models):
    seen: list[tuple[int, int]] = []
    rows = evaluate_retrieval(plan_of(tmp_path, app_models), on_progress=lambda done, total: seen.append((done, total)))
    assert {each.retriever for each in rows} == {"recency", "bm25", "dense", "hybrid"}
    # three questions; the second has two evidence turns, of which the words find the first
    bm25 = row(rows, "bm25", "recall@1")
    assert bm25.value == pytest.approx((1 + 1 / 2 + 1) / 3)
    assert (bm25.n, bm25.n_left_out) == (3, 2)
    assert row(rows, "bm25", "ndcg@1").value == 1.0
    # the newest turn: of the first talk the third, which is half of one question's evidence; of the second the gold
    assert row(rows, "recency", "recall@1").value == pytest.approx((0 + 1 / 2 + 1) / 3)
    assert row(rows, "dense", "recall@2").value >= row(rows, "dense", "recall@1").value
    assert seen == [(1, 2), (2, 2)]


def test_retrievers_without_vectors_need_no_encoder(tmp_path, app_models):
    plan = plan_of(tmp_path, app_models, retrievers=("bm25",))
    poor = RetrievalPlan(data=plan.data, models=app_models, encoder=None, retrievers=("bm25",), ks=(1,))
    assert [each.metric for each in evaluate_retrieval(poor)] == ["recall@1", "ndcg@1"]


@pytest.mark.parametrize(
    ("questions", "message"),
    [
        ("all of them", "conversation x: the field 'qa' must be a list of questions, not a string"),
        (["why"], "conversation x, question 1: it must be an object"),
        ([{"evidence": []}], "conversation x, question 1: the field 'question' must be a string, not null"),
        ([{"question": "a", "evidence": "D1:1"}], "question 1: the field 'evidence' must be a list of turn ids"),
    ],
)
def test_wrong_questions_are_named(tmp_path, app_models, questions, message):
    with pytest.raises(InputError, match=message):
        evaluate_retrieval(plan_of(tmp_path, app_models, [conversation("x", "the cat", questions=questions)]))


def test_nothing_to_ask_is_said(tmp_path, app_models):
    with pytest.raises(NotFoundError, match="no question with evidence"):
        evaluate_retrieval(plan_of(tmp_path, app_models, [conversation("x", "the cat", questions=[])]))
    with pytest.raises(NotFoundError, match="has no LoCoMo file"):
        evaluate_retrieval(RetrievalPlan(data=tmp_path / "empty", models=app_models))
