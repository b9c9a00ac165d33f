"""A small conversation in LoCoMo's form."""

from __future__ import annotations

from typing import Any


def _turn(session: int, number: int, text: str) -> dict[str, Any]:
    return {"speaker": "Ann", "dia_id": f"D{session}:{number}", "text": text}


TALK: dict[str, Any] = {
    "sample_id": "one",
    "conversation": {
        "session_1": [
            _turn(1, 1, "the cat likes rain"),
            _turn(1, 2, "I took a train to paris"),
            _turn(1, 3, "the train left at nine"),
        ],
        "session_1_date_time": "1:56 pm on 8 May, 2023",
        "session_2": [_turn(2, 1, "lunch with three cheeses")],
        "session_2_date_time": "1:56 pm on 9 May, 2023",
    },
    "qa": [
        {"question": "What likes the cat?", "answer": "rain", "evidence": ["D1:1"], "category": 4},
        {"question": "When was the train?", "answer": "8 May 2023", "evidence": ["D1:2; D1:3"], "category": 2},
        {"question": "How many cheeses?", "answer": 3, "evidence": ["D2:1"], "category": 1},
        {"question": "asked without an answer", "evidence": ["D2:1"], "category": 1},
        {
            "question": "When did Bob go to the moon?",
            "adversarial_answer": "8 May 2023",
            "evidence": ["D1:2"],
            "category": 5,
        },
    ],
}
