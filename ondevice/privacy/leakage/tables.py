"""The drill's numbers in rows."""

from __future__ import annotations

from collections.abc import Sequence

from ondevice.privacy.findings import Table, Value
from ondevice.privacy.leakage.area import FALSE_ALARMS, Area
from ondevice.privacy.leakage.attacks import BASE_ALONE, RATIO
from ondevice.privacy.leakage.canaries import most_by_chance
from ondevice.privacy.leakage.controls import Controls
from ondevice.privacy.leakage.extraction import mean_shares
from ondevice.privacy.leakage.outcome import Attacked, Outcome

_AREA_HEADER = ("area", "from", "to", f"found at {FALSE_ALARMS:.0%} false alarms")


def membership_table(outcome: Outcome) -> Table:
    """Return how well each attack tells what was learned, a row for each adapter and attack.

    The row of the base alone is no attack: it tells how far the two groups differ for who has learned neither.
    """
    return Table(
        title="Membership inference",
        header=("of", "epsilon", "learned texts", "others", "attack", *_AREA_HEADER),
        rows=tuple(
            (each.what, _epsilon(each), each.n_members, each.n_others, attack, *_area(area))
            for each in outcome.attacked
            for attack, area in (each.areas or {}).items()
        ),
    )


def extraction_table(outcome: Outcome) -> Table:
    """Return which part of learned texts' second halves came out on end, a row for each adapter."""
    return Table(
        title="Prompted extraction",
        header=("of", "texts", "adapter's share", "base's share", "longest run", "word for word", "known by heart"),
        rows=tuple(
            (
                each.what,
                len(each.extracted),
                *(round(share, 3) for share in mean_shares(each.extracted)),
                max(one.adapted for one in each.extracted),
                sum(one.is_verbatim for one in each.extracted),
                each.n_by_heart,
            )
            for each in outcome.attacked
            if each.extracted
        ),
    )


def control_table(controls: Controls) -> Table:
    """Return what membership inference and extraction found in the controls."""
    adapted, plain = controls.shares
    rows = [
        ("learned by heart", f"membership, {RATIO}", *_area(controls.by_heart[RATIO])),
        ("learned by heart", f"membership, {BASE_ALONE}", *_area(controls.by_heart[BASE_ALONE])),
        ("the user's recipe on other text", f"membership, {RATIO}", *_area(controls.bystander[RATIO])),
        ("learned by heart", "extraction, share of second halves", round(adapted, 3), None, None, None),
        ("base", "extraction, share of second halves", round(plain, 3), None, None, None),
    ]
    return Table(title="Controls", header=("control", "instrument", "value", *_AREA_HEADER[1:]), rows=tuple(rows))


def exposure_table(controls: Controls) -> Table:
    """Return the canaries' exposures."""
    by_what: tuple[tuple[str, Sequence[float]], ...] = (
        ("the user's recipe", controls.exposed),
        ("learned by heart", controls.exposed_by_heart),
        ("base, which has learned none", controls.exposed_untrained),
    )
    return Table(
        title="Canary exposure in bits",
        header=("training", "mean", "least", "most", "mean by chance, at most"),
        rows=tuple(
            (
                what,
                round(sum(bits) / len(bits), 2),
                round(min(bits), 2),
                round(max(bits), 2),
                round(most_by_chance(len(bits)), 2),
            )
            for what, bits in by_what
        ),
    )


def _epsilon(each: Attacked) -> Value:
    """Return what its training told at most, or that nothing bounds it."""
    return "none" if each.epsilon is None else round(each.epsilon, 2)


def _area(area: Area) -> tuple[Value, Value, Value, Value]:
    found = None if area.found is None else round(area.found, 3)
    return round(area.value, 3), round(area.low, 3), round(area.high, 3), found
