"""Whether what an adapter's note claims of its privacy follows from the training that it tells of."""

from __future__ import annotations

from ondevice.adaptation.recipes.recipe import TrainingReport

_ROUNDING = 1.001


def claimed_too_little(report: TrainingReport | None) -> float | None:
    """Return the ε that the noted noise, steps and pairs come to, where the note claims a smaller one.

    Raises:
        ImportError: If the extra ``adapt`` is not installed.
    """
    from ondevice.adaptation.lora.accounting import epsilon_of

    if report is None or report.privacy is None:
        return None
    spent = report.privacy
    # A step draws at least one of the pairs on average, and no fewer steps were taken than the report says.
    rate = max(spent.rate, 1 / max(1, report.n_examples))
    n_steps = max(spent.n_steps, report.n_steps)
    found = epsilon_of(noise=spent.noise, rate=rate, n_steps=n_steps, delta=spent.delta)
    return found if found > spent.epsilon * _ROUNDING else None
