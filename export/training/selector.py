"""RSPG: a cross-encoder that learns from the language model which retriever to use for a request, or none.

One model judges both before and after anything is generated: a candidate's text alone (Pre), or with the output beside
it (Post). It is trained on both at once, so a device loads one file for either.

Source: Salemi et al. 2024, arXiv:2404.05970 (RSPG-Pre, RSPG-Post). Deviations: the paper trains two models, on
Longformer with 1,024 tokens; candidates with the same prompt are scored once; the target has a temperature.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from export.conversion.onnx.quiet import quiet_transformers
from export.drafting import drafting
from export.errors import DatasetError
from export.training.asked_folds import fold_learned_from
from export.training.choices import Mode
from export.training.feedback_files import write_lines
from export.training.fitting import fit
from export.training.judge import Judge, SelectorConfig, pairs_of, teaches
from export.training.notes import GROUPS_NAME, SELECTOR_NAME
from export.training.pools import PoolFeedback
from export.training.requests import held_users
from export.training.selector_worth import SelectorReport, measure_selector
from ondevice.errors import StorageError


def train_selector(
    records: Sequence[PoolFeedback],
    source: Path,
    out: Path,
    config: SelectorConfig,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> SelectorReport:
    """Train a selector and write its folder, which appears complete or not at all.

    Beside the model it holds the held-out users' candidates, which its conversion is measured on.

    Args:
        records: The feedback, of two users or more.
        source: The folder of a sentence encoder to begin with; the layer that gives the score is new.
        out: The folder to write; must be new.
        config: What is learned.
        on_progress: Told of steps done and steps in all.

    Raises:
        AdaptationError: If the training diverges.
        ConversionError: If the encoder cannot be loaded, or there is something at ``out``.
        DatasetError: If the feedback is of two kinds, or too little of it tells candidates apart.
        StorageError: If the disk refuses.
    """
    if len({(record.pool, record.k, record.model, record.cut) for record in records}) > 1:
        raise DatasetError(
            "the feedback comes from different pools or language models, or from releases that wrote candidates "
            "differently",
            hint="train on one of them",
        )
    fold_learned_from(records)  # feedback of two folds shows now, not after the training
    held = held_users(list(dict.fromkeys(record.user for record in records)), config.fit.held_out, config.fit.seed)
    train = [record for record in records if record.user not in held and teaches(record, config.signal)]
    judging = [record for record in records if record.user in held]
    telling = [record for record in judging if teaches(record, config.signal)]
    if not train or not telling:
        raise DatasetError(
            f"of {len(records)} requests {len(train) + len(telling)} tell candidates apart, too few to learn from and "
            "to judge on",
            hint="collect feedback on more requests",
        )
    with drafting(out, check=_check) as folder:
        judge = Judge.begin(source, folder, config, cut=records[0].cut)
        report = fit(
            judge.model,
            train,
            len(telling),
            loss=judge.loss,
            judge=lambda: judge.judgement(telling),
            config=config.fit,
            on_progress=on_progress,
        )
        made = measure_selector(judge, config, report, records, judging, n_useful=len(train) + len(telling))
        with quiet_transformers():
            judge.model.save_pretrained(str(folder), safe_serialization=True)
        write_lines(folder / GROUPS_NAME, _groups(telling, config.modes))
        (folder / SELECTOR_NAME).write_text(json.dumps(made.to_json(), indent=2) + "\n", "utf-8")
    return made


def _groups(records: Sequence[PoolFeedback], modes: Sequence[Mode]) -> list[dict[str, Any]]:
    return [
        {"candidates": [{"first": first, "second": second} for first, second in pairs_of(record, mode)]}
        for record in records
        for mode in modes
    ]


def _check(folder: Path) -> None:
    missing = [name for name in (SELECTOR_NAME, GROUPS_NAME, "config.json") if not (folder / name).is_file()]
    if missing:
        raise StorageError(f"the selector's folder lacks {' and '.join(missing)}")
