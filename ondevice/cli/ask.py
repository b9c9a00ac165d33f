"""``ondevice ask``: one request, answered from the profile."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ondevice.cli.access import ProfileAccess
from ondevice.cli.browse import RetrieverOption
from ondevice.cli.failing import UsageError
from ondevice.cli.filtering import ItemOptions
from ondevice.cli.learning_options import TASK_NAMES, require_task
from ondevice.cli.output import Output
from ondevice.cli.persona import require_task_known
from ondevice.cli.texts_in import VISIBLE, read_file, read_text
from ondevice.cli.values import parse_time
from ondevice.cli.views import hit_document, hits_view, resting_lines
from ondevice.config import MOST_SEED, Sampling
from ondevice.errors import InputError
from ondevice.records import Completion, SelectorMode
from ondevice.retrieval.protocol import MOST_HITS
from ondevice.safety.printable import one_line
from ondevice.safety.strict_json import parse_json

if TYPE_CHECKING:
    from ondevice.generation.answer_stream import Stream
    from ondevice.personalizer import Personalizer

MaxTokensOption = Annotated[int, typer.Option("--max-tokens", min=1, help="Longest answer.")]
TemperatureOption = Annotated[
    float, typer.Option("--temperature", min=0.0, max=100.0, help="0 always takes the likeliest token.")
]
SeedOption = Annotated[int, typer.Option("--seed", min=0, max=MOST_SEED, help="Makes a sampled answer repeatable.")]
KOption = Annotated[
    int | None, typer.Option("--k", "-k", min=1, max=MOST_HITS, help="How many items to look for.", show_default="4")
]

SummaryOption = Annotated[
    bool, typer.Option("--summary", help="Put the user's summary before the items; ondevice summary make makes it.")
]

NowOption = Annotated[
    str | None,
    typer.Option(
        "--now",
        metavar="TIME",
        help="Answer as if it were this time, or a span ago; for models that are told the day.",
        show_default="now",
    ),
]


ThinkingOption = Annotated[
    bool,
    typer.Option(
        "--thinking",
        help="Let a model that can think aloud do so before it answers; its thoughts go to stderr.",
    ),
]


class Unsupported(StrEnum):
    """What becomes of an answer that is not supported."""

    answer = "answer"
    say = "say"
    empty = "empty"


OnUnsupportedOption = Annotated[
    Unsupported,
    typer.Option(
        "--on-unsupported",
        help="An answer with names, numbers or dates that stand in no note it names: give it, or ask once more and "
        "else say that the notes do not say, or give nothing. For models that read numbered notes.",
    ),
]

SelectorOption = Annotated[
    str | None,
    typer.Option("--selector", metavar="NAME", help="Let this selector in the models' folder choose the retriever."),
]


class SelectMode(StrEnum):
    """How a selector chooses."""

    pre = "rspg-pre"
    post = "rspg-post"


def ask(
    output: Output,
    access: ProfileAccess,
    selection: ItemOptions,
    request: Annotated[str | None, typer.Argument(help=f"The request. {VISIBLE}", show_default=False)] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="PATH", help="Read the request from this file.")
    ] = None,
    task: Annotated[str, typer.Option("--task", help=TASK_NAMES)] = "chat",
    retriever: RetrieverOption = None,
    k: KOption = None,
    max_tokens: MaxTokensOption = 256,
    temperature: TemperatureOption = 0.0,
    seed: SeedOption = 0,
    labels: Annotated[
        list[str] | None, typer.Option("--label", help="Answer with the likeliest of these labels; repeatable.")
    ] = None,
    label_prior: Annotated[
        Path | None,
        typer.Option(
            "--label-prior",
            metavar="PATH",
            help="What each label is worth whatever is asked: a JSON object of ln p, which is taken off.",
        ),
    ] = None,
    schema: Annotated[
        Path | None, typer.Option("--json-schema", metavar="PATH", help="Answer with a JSON document of this schema.")
    ] = None,
    summary: SummaryOption = False,
    now: NowOption = None,
    on_unsupported: OnUnsupportedOption = Unsupported.answer,
    thinking: ThinkingOption = False,
    selector: SelectorOption = None,
    select: Annotated[
        SelectMode | None,
        typer.Option(
            "--select",
            help="Choose by the prompts, or where they do not settle it by answers from each.",
            show_default="rspg-pre",
        ),
    ] = None,
) -> None:
    """Answer a request from the items that fit it.

    The answer goes to stdout as it is written (with --select rspg-post when it is chosen); what it rests on,
    the items that stood in the prompt, the selector's reasons and the timings go to stderr.
    """
    from ondevice.personalizer.options import AnswerOptions

    require_task(task)
    if labels and schema:
        raise UsageError("use --label or --json-schema, not both")
    if labels and (not all(labels) or len(set(labels)) < len(labels)):
        raise UsageError("each --label is a text of its own, and none is empty")
    if on_unsupported is not Unsupported.answer and (labels or schema or task != "chat"):
        raise UsageError("--on-unsupported checks free text of the task chat: leave out --label and --json-schema")
    if thinking and (labels or schema):
        raise UsageError("--thinking goes with free text: leave out --label and --json-schema")
    if label_prior and not labels:
        raise UsageError("--label-prior needs --label")
    prior = _read_prior(label_prior, labels or []) if label_prior else None
    asked = read_text(request, file, "request", output)
    wanted = _read_schema(schema) if schema else None
    sampling = Sampling(temperature=temperature, seed=seed)
    mode = _mode(selector, select, retriever)
    options = AnswerOptions(
        task=task,
        retriever=retriever,
        selector=mode,
        k=k,
        filter=selection.filter,
        max_tokens=max_tokens,
        sampling=sampling,
        json_schema=wanted,
        labels=labels or None,
        label_prior=prior,
        summary=summary,
        now=parse_now(now),
        on_unsupported=on_unsupported.value,
        thinking=thinking,
    )
    with access.open(retriever=retriever, selector=selector) as me:
        require_checkable(me, on_unsupported)
        require_task_known(me, task)
        if labels or mode == "rspg-post":
            completion = me.generate(asked, **options)
            output.write(completion.text)
        else:
            with me.stream(asked, **options) as stream:
                show_pieces(output, stream)
            completion = stream.completion
    if output.as_json:
        output.result(completion_document(completion))
    else:
        output.write("\n")
        show_sources(output, completion, wants_summary=summary)


def show_pieces(output: Output, stream: Stream) -> None:
    """Write the answer to stdout as it comes, and before it the model's thoughts, where it has any, to stderr."""
    is_thinking = False
    for event in stream.events():
        if event.kind == "answer":
            if is_thinking:
                output.say("")
            output.write(event.text)
        elif not output.as_json:
            output.err.print(event.text, style="dim", end="", markup=False, highlight=False, soft_wrap=True)
        is_thinking = event.kind == "thinking" and not output.as_json


def parse_now(now: str | None) -> datetime | None:
    """Return the time of ``--now``; ``None`` where it was not given.

    Raises:
        UsageError: If it is no time.
    """
    return None if now is None else parse_time(now, option="--now", spans_lie=-1)


def require_checkable(me: Personalizer, wanted: Unsupported) -> None:
    """Refuse to have answers checked that name no sources.

    Raises:
        InputError: If the language model that answers now reads no numbered notes.
    """
    if wanted is not Unsupported.answer and me.generator.engine().reading_form != "numbered":
        raise InputError(
            f"--on-unsupported {wanted.value} needs a language model that reads numbered notes",
            hint="leave it out, use none of your own adapters and merged models, or take another --generator",
        )


def completion_document(completion: Completion) -> dict[str, Any]:
    """Return an answer as a JSON object."""
    return {
        "text": completion.text,
        "task": completion.task,
        "retriever": completion.retriever,
        "has_summary": completion.has_summary,
        "has_persona": completion.has_persona,
        "shortened": list(completion.shortened),
        "finish_reason": completion.finish_reason,
        "n_prompt_tokens": completion.n_prompt_tokens,
        "n_reused_tokens": completion.n_reused_tokens,
        "n_tokens": completion.n_tokens,
        "timings_ms": {part: round(spent, 1) for part, spent in completion.timings_ms.items()},
        "sources": [hit_document(hit) for hit in completion.sources],
        "citations": [asdict(citation) for citation in completion.citations],
        "support": completion.support,
        "is_supported": completion.is_supported,
        "label_scores": dict(completion.label_scores),
        "thinking": completion.thinking,
        "n_thinking_tokens": completion.n_thinking_tokens,
        "selection": None if completion.selection is None else asdict(completion.selection),
    }


def show_sources(output: Output, completion: Completion, *, wants_summary: bool) -> None:
    """Show on stderr what the answer rests on, what stood in the prompt, and what took how long."""
    for line in resting_lines(completion):
        output.say(line)
    if wants_summary:
        output.say("the summary stood in the prompt" if completion.has_summary else "the summary did not fit")
    if completion.has_persona:
        output.say("rows of the persona stood behind the prompt: ondevice persona explain tells of what")
    if completion.shortened:
        n = len(completion.shortened)
        output.say(
            f"only passages of {n} of {len(completion.sources)} items stood in the prompt: the rest was too long"
        )
    if completion.sources:
        output.err.print(hits_view(completion.sources), style="dim")
    else:
        output.say("no item stood in the prompt")
    if completion.selection is not None:
        output.say(f"chosen: {completion.selection.explain()}")
    parts = ", ".join(f"{part} {spent:.0f}" for part, spent in completion.timings_ms.items())
    tokens = (
        f"{completion.n_prompt_tokens} tokens read ({completion.n_reused_tokens} reused), {completion.n_tokens} written"
    )
    thought = f", {completion.n_thinking_tokens} thought" if completion.n_thinking_tokens else ""
    output.err.print(f"{tokens}{thought}; ms: {parts}", style="dim", markup=False)


def _mode(selector: str | None, select: SelectMode | None, retriever: str | None) -> SelectorMode | None:
    if selector is None:
        if select is not None:
            raise UsageError("--select needs --selector")
        return None
    if retriever is not None:
        raise UsageError("use --retriever or --selector, not both")
    return "rspg-post" if select is SelectMode.post else "rspg-pre"


def _read_prior(path: Path, labels: list[str]) -> dict[str, float]:
    from ondevice.generation.label_prior import prior_of

    name, prior = one_line(path.name), _read_object(path, "prior")
    try:
        return prior_of(prior, labels)
    except (TypeError, ValueError) as error:
        raise InputError(f"the prior {name} cannot be used: {error}") from None


def _read_object(path: Path, what: str) -> dict[str, Any]:
    name = one_line(path.name)
    try:
        value = parse_json(read_file(path, what).decode("utf-8-sig"))
    except ValueError:
        raise InputError(f"the {what} {name} is not JSON") from None
    if not isinstance(value, dict):
        raise InputError(f"the {what} {name} is not a JSON object")
    return value


def _read_schema(path: Path) -> dict[str, Any]:
    from ondevice.generation.grammar import Grammar

    name, schema = one_line(path.name), _read_object(path, "schema")
    try:
        Grammar.from_json_schema(schema)
    except ValueError as error:
        raise InputError(f"the schema {name} cannot be followed: {error}") from None
    return schema
