"""Parts of a manifest's JSON, read field by field: every field known, present and of its type, or an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast, get_args

from ondevice.bundle.gains import PopulationGain, WayGains
from ondevice.bundle.manifest import FileEntry
from ondevice.bundle.specs import (
    AdapterSpec,
    Cut,
    EncoderSpec,
    FoldSpec,
    GateResult,
    GeneratorSpec,
    Kind,
    PersonaSpec,
    Pooling,
    ProjectorSpec,
    SelectorSpec,
    SupportSpec,
    check_task_gains,
    refuse,
    unusable,
)
from ondevice.errors import ManifestError
from ondevice.safety import strict_json

_MAX_NAME = 64


class Section(strict_json.Section):
    """One JSON object of a bundle, read field by field; what nobody asked for is an error."""

    def __init__(self, value: object, where: str) -> None:
        super().__init__(value, where, unusable)


def parse_json(data: bytes, where: str) -> object:
    """Read JSON in which no field stands twice and every number is one.

    Raises:
        ManifestError: If it is not.
    """
    try:
        return strict_json.parse_json(data)
    except strict_json.LooseJsonError as error:
        refuse(f"{where} is not strict json: {error}")
    except ValueError:
        raise ManifestError(f"{where} is not valid json") from None


def parse_file(role: str, value: object) -> FileEntry:
    """Read one entry of ``files``."""
    section = Section(value, f"the file {role!r}")
    entry = FileEntry(
        path=section.take("path", str), sha256=section.take("sha256", str), bytes=section.take("bytes", int)
    )
    section.end()
    return entry


def parse_gate(value: object) -> GateResult:
    """Read one entry of ``gate``."""
    section = Section(value, "a gate result")
    result = GateResult(
        measure=section.take("measure", str),
        value=section.take_number("value"),
        bound=section.take_number_or_null("bound"),
        data=section.take("data", str),
        n=section.take("n", int),
        cpu=section.take("cpu", str),
    )
    section.end()
    return result


def parse_fold(value: object) -> FoldSpec:
    """Read from which fold of users a model has learned."""
    section = Section(value, "the field 'learned_fold'")
    digests = section.take("digests", dict)
    inside = Section(digests, "the field 'digests'")
    spec = FoldSpec(fold=section.take("fold", int), digests={name: inside.take(name, str) for name in digests})
    section.end()
    return spec


def parse_spec(kind: Kind, value: object) -> Any:  # noqa: ANN401 (the section of the kind; the manifest checks which)
    """Read the section that the kind names."""
    section = Section(value, f"the section {kind!r}")
    spec = _PARSERS[kind](section)
    section.end()
    return spec


def _parse_encoder(section: Section) -> EncoderSpec:
    pooling = section.take("pooling", str)
    if pooling not in get_args(Pooling):
        refuse(f"pooling {pooling!r} is none of {', '.join(get_args(Pooling))}")
    unrelated = section.take_number("unrelated") if section.has("unrelated") else None
    if unrelated == 0:  # one model would have two ids
        refuse("unrelated is left out where it is 0")
    return EncoderSpec(
        dim=section.take("dim", int),
        pooling=cast("Pooling", pooling),
        is_normalized=section.take("is_normalized", bool),
        max_tokens=section.take("max_tokens", int),
        query_prefix=section.take("query_prefix", str),
        passage_prefix=section.take("passage_prefix", str),
        passages=section.take_optional("passages", str),
        unrelated=unrelated or 0.0,
    )


def _parse_selector(section: Section) -> SelectorSpec:
    max_tokens = section.take("max_tokens", int)
    if not section.has("pool"):
        return SelectorSpec(max_tokens=max_tokens)
    pool = section.take_texts("pool")
    if not pool:
        refuse("pool must hold two retrievers or more, each once")
    cut = section.take_optional("cut", str)
    if cut == "end":  # one model would have two ids
        refuse("cut is left out where it is 'end'")
    return SelectorSpec(
        max_tokens=max_tokens,
        pool=pool,
        k=section.take("k", int),
        margin=section.take_number("margin"),
        default=section.take_optional("default", str),
        lead_pre=section.take_number("lead_pre"),
        lead_post=section.take_number("lead_post"),
        cut="end" if cut is None else cast("Cut", cut),
    )


def _parse_projector(section: Section) -> ProjectorSpec:
    return ProjectorSpec(n_in=section.take("n_in", int), n_out=section.take("n_out", int))


def _parse_generator(section: Section) -> GeneratorSpec:
    reads_notes = section.take_optional("reads_notes", bool)
    if reads_notes is False:  # one model would have two ids
        refuse("reads_notes is left out where it is false")
    support, gains = section.take_optional("support", dict), section.take_optional("gains", dict)
    return GeneratorSpec(
        context_tokens=section.take("context_tokens", int),
        base=section.take("base", str),
        reads_notes=reads_notes is True,
        support=None if support is None else parse_support(support),
        prompt_tokens=section.take_optional("prompt_tokens", int),
        gains=None if gains is None else parse_gains(gains),
    )


def parse_gains(value: object) -> dict[str, WayGains]:
    """Read what each way of answering gained other users, by task."""
    section = Section(value, "the field 'gains'")
    gains = {task: _parse_ways(section.take(task, dict), task) for task in section.names()}
    check_task_gains(gains)
    return gains


def _parse_ways(value: object, task: str) -> WayGains:
    section = Section(value, f"the gains of {task[:_MAX_NAME]!r}")
    return {way: _parse_gain(section.take(way, dict), way) for way in section.names()}


def _parse_gain(value: object, way: str) -> PopulationGain:
    where = f"the gain of {way[:_MAX_NAME]!r}"
    section = Section(value, where)
    numbers = {name: section.take_number(name) for name in ("mean", "mean_error", "variance", "item_variance")}
    users = section.take("users", int)
    section.end()
    try:
        return PopulationGain(**numbers, users=users)
    except ValueError as error:
        refuse(f"{where}: {error}")


def parse_support(value: object) -> SupportSpec:
    """Read how far a generator's answers may be relied on."""
    section = Section(value, "the field 'support'")
    spec = SupportSpec(**{name: section.take_number(name) for name in ("intercept", "likelihood", "overlap", "least")})
    section.end()
    return spec


def _parse_adapter(section: Section) -> AdapterSpec:
    return AdapterSpec(
        bases=section.take_texts("bases"),
        architecture=section.take("architecture", str),
        rank=section.take("rank", int),
        alpha=section.take_number("alpha"),
        prompt_tokens=section.take_optional("prompt_tokens", int),
    )


def _parse_persona(section: Section) -> PersonaSpec:
    return PersonaSpec(
        n_in=section.take("n_in", int),
        n_out=section.take("n_out", int),
        n_rows=section.take("n_rows", int),
        n_task_rows=section.take("n_task_rows", int),
        rank=section.take("rank", int),
        encoder=section.take("encoder", str),
        bases=section.take_texts("bases"),
        tasks=section.take_texts("tasks"),
        temperature=section.take_number("temperature"),
        null_score=section.take_number("null_score"),
        gain=section.take_number("gain"),
        max_items=section.take("max_items", int),
    )


_PARSERS: Mapping[Kind, Callable[[Section], object]] = {
    "encoder": _parse_encoder,
    "selector": _parse_selector,
    "projector": _parse_projector,
    "generator": _parse_generator,
    "adapter": _parse_adapter,
    "persona": _parse_persona,
}
