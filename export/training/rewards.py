"""What an answer is worth to a retriever or selector in training: LaMP's metrics, from 0 to 1, more is better.

Source: Eval of Salemi et al. 2024, arXiv:2404.05970: accuracy (LaMP-1, 2), ROUGE-1 (4 to 7), and for LaMP-3 the error
against the worst that the gold allows.
"""

from __future__ import annotations

from collections.abc import Sequence

from ondevice.evaluation.metrics import HIGHEST, LOWEST, score_of
from ondevice.evaluation.rouge import rouge_1
from ondevice.generation.prompts.prompt import labels_for

TIE = 1e-6


def tells_apart(values: Sequence[float]) -> bool:
    """Say whether choices came to something different: one alone, or ties, teach nothing."""
    return len(values) > 1 and max(values) - min(values) > TIE


def reward(task: str, answer: str, gold: str) -> float:
    """Return what an answer is worth, 0 to 1.

    LaMP-3: (w - |answer - gold|) / w with w = max(|gold - 1|, |gold - 5|), so that exact is 1 and the wrong end 0. What
    is no number, or outside the scale by more than w, is worth 0.

    Raises:
        ValueError: If there is no such task.
    """
    answer, gold = answer.strip(), gold.strip()
    if task == "LaMP_3":
        right = float(gold)
        worst = max(right - LOWEST, HIGHEST - right)
        return max(0.0, (worst - abs(score_of(answer, right) - right)) / worst)
    return float(answer == gold) if labels_for(task) is not None else rouge_1(answer, gold)
