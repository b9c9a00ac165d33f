"""What a converted model must hold to, and the verdict."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from export.errors import ParityError
from ondevice.bundle import GateResult

_CUTOFF = re.compile(r"@\d+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """Limits on measures; only those given are applied.

    A field is the measure's name without its cutoff (``ndcg@10_drop`` is ``ndcg_drop``), and ``_min`` where the value
    must be at least the bound or ``_max`` where it must be at most. Drops and rises are relative: 0.005 is half a
    percent.
    """

    cosine_mean_min: float | None = None
    cosine_p1_min: float | None = None
    cosine_worst_min: float | None = None
    cosine_across_cpus_min: float | None = None
    ndcg_drop_max: float | None = None
    recall_drop_max: float | None = None
    ndcg_to_reference_min: float | None = None
    overlap_min: float | None = None
    agreement_min: float | None = None
    score_error_max: float | None = None
    relative_error_max: float | None = None
    logits_cosine_min: float | None = None
    divergence_max: float | None = None
    perplexity_rise_max: float | None = None
    adapter_kept_min: float | None = None
    speed_ratio_min: float | None = None
    file_bytes_max: float | None = None
    peak_bytes_max: float | None = None

    def __post_init__(self) -> None:
        """Refuse a bound that no comparison could hold to."""
        for name, value in self.given().items():
            if not math.isfinite(value):
                raise ValueError(f"the bound {name} must be a finite number, not {value}")

    def given(self) -> dict[str, float]:
        """Return the bounds that are given, by field."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: float(value) for name, value in found.items() if value is not None}

    def of(self, measure: str) -> tuple[str, float] | None:
        """Return the field and the bound that a measure has, if any."""
        stem = _CUTOFF.sub("", measure)
        for name, value in self.given().items():
            if name in (f"{stem}_min", f"{stem}_max"):
                return name, value
        return None


ENCODER_BOUNDS = Bounds(cosine_mean_min=0.995, ndcg_drop_max=0.005)
SELECTOR_BOUNDS = Bounds(agreement_min=0.98)
PROJECTOR_BOUNDS = Bounds(relative_error_max=0.01)
PERSONA_BOUNDS = Bounds(cosine_worst_min=0.999, divergence_max=1e-3)
GENERATOR_BOUNDS = Bounds(perplexity_rise_max=0.01)
ADAPTER_BOUNDS = Bounds(logits_cosine_min=0.999)
MERGE_BOUNDS = Bounds(logits_cosine_min=0.999, adapter_kept_min=0.8)


def check(results: Sequence[GateResult], bounds: Bounds) -> tuple[GateResult, ...]:
    """Return the results with the bounds they were held to, as the manifest keeps them.

    Raises:
        ParityError: If a number lies outside its bound, or a bound is given that nothing measured; it names every such
            number with its value and bound.
    """
    faults, met, judged = [], set(), []
    for result in results:
        found = bounds.of(result.measure)
        if found is None:
            judged.append(result)
            continue
        field, bound = found
        met.add(field)
        judged.append(replace(result, bound=bound))
        if field.endswith("_min") and result.value < bound:
            faults.append(f"{_named(result)} is {result.value:.6g}, at least {bound:.6g} is needed")
        if field.endswith("_max") and result.value > bound:
            faults.append(f"{_named(result)} is {result.value:.6g}, at most {bound:.6g} is allowed")
    faults += [
        f"{name} is {value:.6g}, but nothing measured it" for name, value in bounds.given().items() if name not in met
    ]
    if faults:
        raise ParityError(
            f"the converted model is outside its bounds: {'; '.join(faults)}",
            hint="choose another recipe, or other bounds if the loss is acceptable",
        )
    return tuple(judged)


def _named(result: GateResult) -> str:
    return f"{result.measure} on {result.data} ({result.cpu})"
