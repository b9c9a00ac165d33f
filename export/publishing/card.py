"""The model card: what is known of a model, in words for people, made from its manifest alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from ondevice.bundle import GateResult, Kind, Manifest, Pooling

USES: Mapping[Kind, tuple[str, str]] = {
    "encoder": (
        "It turns texts into vectors, so that a device finds what in its own history is near a question.",
        "Nearness is not truth: the nearest text may say the opposite. Texts longer than the limit are cut, and "
        "languages or fields far from the training data are placed badly. Its vectors cannot be mixed with another "
        "model's.",
    ),
    "selector": (
        "It scores pairs of a request and a text, so that a device chooses what helps to answer the request.",
        "The scores order candidates of one request; they are no probabilities and cannot be compared across requests.",
    ),
    "projector": (
        "It maps vectors of one model into another model's space.",
        "It is only as good as the two models it stands between, and is useless with any others.",
    ),
    "generator": (
        "It writes text on the device itself, from a request and what the device's history offers to it.",
        "It can be wrong, and say so fluently: show the sources beside its answers. It repeats prejudices of its "
        "training data. It is not made for decisions about people's health, law, money or safety.",
    ),
    "adapter": (
        "It changes the base model named above toward one task or one writer.",
        "It fits only the bases whose hashes its manifest lists; on others it is refused. It can bring back phrases "
        "of the texts it was trained on.",
    ),
    "persona": (
        "It turns the vectors of a user's items into a few rows that the base model named above reads behind a prompt.",
        "It fits only the bases, the encoder and the tasks that its manifest lists. Its rows say something about the "
        "user and are as personal as the items: a device makes them for each request and keeps none.",
    ),
}

POOLINGS: Mapping[Pooling, str] = {
    "mean": "mean over the tokens",
    "cls": "the first token's",
    "none": "pooled by the graph itself",
}


def model_card(manifest: Manifest, *, has_license_text: bool) -> str:
    """Return the card in Markdown; the same manifest gives the same text."""
    use, limits = USES[manifest.kind]
    parts = [
        f"# {manifest.name} {manifest.version}",
        _facts(manifest, has_license_text=has_license_text),
        "## What it is for",
        use,
        "## Limits",
        limits,
        "## Measured",
        _gate(manifest.gate),
        "## Made from",
        _made_from(manifest.made_from),
    ]
    return "\n\n".join(parts) + "\n"


def gate_rows(gate: Sequence[GateResult]) -> list[tuple[str, str, str, str, str]]:
    """Return the gate's results as texts: measure, value, bound, data, how many."""
    return [
        (each.measure, f"{each.value:.6g}", "" if each.bound is None else f"{each.bound:.6g}", each.data, f"{each.n:,}")
        for each in gate
    ]


def _facts(manifest: Manifest, *, has_license_text: bool) -> str:
    licence = f"{manifest.license}, text in the file `LICENSE`" if has_license_text else manifest.license
    facts: list[tuple[str, str | None]] = [
        ("kind", manifest.kind),
        ("id", f"`{manifest.id}`"),
        ("licence", licence),
        ("source", manifest.source),
        *_section(manifest),
        ("training data", manifest.training_data or "not stated by the publisher"),
        ("paper", manifest.paper),
        ("conversion", manifest.recipe),
    ]
    rows = [f"| {name} | {_cell(value)} |" for name, value in facts if value is not None]
    return "\n".join(["| | |", "|---|---|", *rows])


def _section(manifest: Manifest) -> list[tuple[str, str | None]]:
    if manifest.encoder is not None:
        vector = f"{manifest.encoder.dim} numbers, {POOLINGS[manifest.encoder.pooling]}"
        return [("vector", vector), ("longest text", f"{manifest.encoder.max_tokens} tokens")]
    if manifest.selector is not None:
        return [("longest pair", f"{manifest.selector.max_tokens} tokens")]
    if manifest.projector is not None:
        return [("vectors", f"{manifest.projector.n_in} numbers in, {manifest.projector.n_out} out")]
    if manifest.persona is not None:
        persona = manifest.persona
        return [
            ("bases (SHA-256)", ", ".join(f"`{base}`" for base in persona.bases)),
            ("encoder", f"`{persona.encoder}`"),
            ("tasks", ", ".join(persona.tasks)),
            ("rows", f"{persona.n_task_rows} of the task, {persona.n_rows} of the user"),
        ]
    if manifest.generator is not None:
        context = f"{manifest.generator.context_tokens:,} tokens"
        return [("base model", manifest.generator.base), ("longest context", context)]
    adapter = manifest.adapter
    if adapter is None:
        raise ValueError(f"a manifest of kind {manifest.kind!r} has no section")
    return [
        ("bases (SHA-256)", ", ".join(f"`{base}`" for base in adapter.bases)),
        ("low-rank update", f"{adapter.architecture}, rank {adapter.rank}, alpha {adapter.alpha:g}"),
    ]


def _gate(gate: Sequence[GateResult]) -> str:
    if not gate:
        return "Nothing was measured."
    blocks = ["Compared with the original model, by the pipeline that made this one."]
    for cpu, results in groupby(sorted(gate, key=lambda each: each.cpu), key=lambda each: each.cpu):
        rows = ["| " + " | ".join(_cell(value) for value in row) + " |" for row in gate_rows(list(results))]
        head = ["| measure | value | bound | data | n |", "|---|---|---|---|---|"]
        blocks.append("\n".join([f"CPU class `{_cell(cpu)}`:", "", *head, *rows]))
    return "\n\n".join(blocks)


def _made_from(made_from: Mapping[str, str]) -> str:
    if not made_from:
        return "The original files are not listed."
    rows = [f"| {_cell(name)} | `{made_from[name]}` |" for name in sorted(made_from)]
    return "\n".join(["| file | SHA-256 |", "|---|---|", *rows])


def _cell(text: str) -> str:
    """Return a text that cannot break out of its cell."""
    return " ".join(text.replace("|", "\\|").split())
