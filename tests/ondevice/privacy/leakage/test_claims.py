"""A note that claims more privacy than its training had is found out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ondevice.adaptation.lora.accounting import epsilon_of, noise_for
from ondevice.adaptation.recipes.privacy import Privacy, PrivacySpent
from ondevice.adaptation.recipes.recipe import TrainingReport
from ondevice.privacy.leakage.claims import claimed_too_little
from ondevice.privacy.leakage.outcome import Attacked, Outcome
from ondevice.privacy.leakage.section import _findings

PRIVACY = Privacy(epsilon=3.0, delta=1e-4)
NOISE = noise_for(PRIVACY, n_pairs=40, n_steps=20)
HONEST = PrivacySpent(
    epsilon=epsilon_of(noise=NOISE, rate=0.4, n_steps=20, delta=1e-4),
    delta=1e-4,
    noise=NOISE,
    clip=0.3,
    rate=0.4,
    n_steps=20,
)
REPORT = TrainingReport(
    n_examples=40,
    n_held_out=6,
    n_steps=20,
    epochs_done=8,
    loss_before=3.0,
    loss_after=2.9,
    seconds=1.0,
    peak_bytes=1,
    stopped="done",
    privacy=HONEST,
)


def test_an_honest_note_and_one_that_claims_nothing_pass() -> None:
    assert claimed_too_little(REPORT) is None
    assert claimed_too_little(replace(REPORT, privacy=None)) is None
    assert claimed_too_little(None) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"epsilon": 1.0},
        {"noise": NOISE / 2},
        {"delta": 1e-9},
        {"n_steps": 3, "epsilon": 1.0},
        {"rate": 1e-6, "epsilon": 0.01},
    ],
)
def test_a_note_that_claims_too_little_is_found(wrong: dict[str, Any]) -> None:
    report = replace(REPORT, privacy=replace(HONEST, **wrong))
    due = claimed_too_little(report)
    assert due is not None
    attacked = Attacked(
        what="adapter 1 of 1",
        n_members=0,
        n_judged=0,
        n_others=0,
        areas=None,
        epsilon=report.privacy.epsilon if report.privacy else None,
        epsilon_due=due,
    )
    levels = {finding.code: finding.level for finding in _findings(Outcome(attacked=(attacked,)))}
    assert levels.get("leakage/epsilon-claimed") == "medium"
