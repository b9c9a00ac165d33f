"""What the SDK adds to the bare model: ``generate`` against a llama.cpp loop, and what reused prompt state saves."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks import corpus
from benchmarks.measure import Row, alternate, summarize, time_ms
from benchmarks.profiles import KEY
from ondevice import EngineConfig, ModelSet, Personalizer, RetrievalConfig
from ondevice.evaluation.people import make_person
from ondevice.generation.llama.cores import physical_cores
from ondevice.generation.llama.native import has_amx, lib
from ondevice.generation.prompts.chat import Message

_REQUEST = "Write a long letter to a friend about the garden, the concert and the journey."
_N_TOKENS = 64
_N_ITEMS = 300
_CONTEXT_TOKENS = 2048
_BATCH_TOKENS = EngineConfig().batch_tokens
_N_ROUNDS = 21

_N_QUESTIONS = 15
_K = RetrievalConfig().k
_READ = "with the reader"
_FORMS = {_READ: _K, "plain": _K, "plain, four notes": 4}
"""How a question to notes is asked, and of how many: as now, without a reader, and as before there was one."""


class BareLoop:
    """The least that answers: one context, one batch, the greedy sampler, no Python per token but the loop."""

    def __init__(self, model_path: Path) -> None:
        """Load the model with the engine's context length, batch and threads."""
        model_params, params = lib.llama_model_default_params(), lib.llama_context_default_params()
        model_params.use_extra_bufts = not has_amx()
        params.n_ctx, params.n_batch, params.n_ubatch = _CONTEXT_TOKENS, _BATCH_TOKENS, _BATCH_TOKENS
        params.n_threads = params.n_threads_batch = physical_cores()
        self._model = lib.llama_model_load_from_file(str(model_path).encode(), model_params)
        self._context: Any = lib.llama_init_from_model(self._model, params)
        self._vocab = lib.llama_model_get_vocab(self._model)
        self._greedy = lib.llama_sampler_init_greedy()

    def tokenize(self, prompt: str) -> list[int]:
        """Return the prompt's tokens, control tokens recognised."""
        text = prompt.encode()
        buffer = (lib.llama_token * len(text))()
        n = lib.llama_tokenize(self._vocab, text, len(text), buffer, len(text), False, True)
        return list(buffer[:n])

    def answer(self, tokens: list[int], n_tokens: int) -> tuple[float, float]:
        """Read the prompt in the engine's batches and generate; return the milliseconds to the first and last token."""
        started = time.perf_counter_ns()
        lib.llama_memory_clear(lib.llama_get_memory(self._context), True)
        for start in range(0, len(tokens), _BATCH_TOKENS):
            self._decode(tokens[start : start + _BATCH_TOKENS])
        token = lib.llama_sampler_sample(self._greedy, self._context, -1)
        first = time.perf_counter_ns()
        for _ in range(n_tokens - 1):
            self._decode([token])
            token = lib.llama_sampler_sample(self._greedy, self._context, -1)
        return (first - started) / 1e6, (time.perf_counter_ns() - started) / 1e6

    def _decode(self, tokens: list[int]) -> None:
        array = (lib.llama_token * len(tokens))(*tokens)  # llama.cpp keeps a pointer to it while it works
        if lib.llama_decode(self._context, lib.llama_batch_get_one(array, len(tokens))):
            raise SystemExit("llama.cpp could not evaluate the prompt")

    def close(self) -> None:
        """Free everything."""
        lib.llama_sampler_free(self._greedy)
        lib.llama_free(self._context)
        lib.llama_model_free(self._model)


def run(models: Path) -> Iterator[Row]:
    """Measure the overhead of a whole personalized answer, then the time to its first piece, cold and warm."""
    engine_config = EngineConfig(context_tokens=_CONTEXT_TOKENS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "me.profile"
        with Personalizer.create(path, app_key=KEY.key, models=ModelSet(models, engine=engine_config)) as me:
            me.add_many(corpus.drafts(_N_ITEMS))
            yield from _overhead(me, models)
            yield from _first_piece(me)
        for name in _generators(models):
            yield from _over_bare(Path(folder) / f"{name}.profile", models, name, engine_config)
        yield from _first_word_from_notes(Path(folder) / "person.profile", ModelSet(models, engine=engine_config))


def _overhead(me: Personalizer, models: Path) -> Iterator[Row]:
    engine = me.generator.engine()  # the benchmark empties the prompt state, which apps have no reason to do
    prompts: list[str] = []
    render = engine.render

    def kept(messages: Sequence[Message], *, thinking: bool = False) -> str:
        prompts.append(render(messages, thinking=thinking))
        return prompts[-1]

    engine.render = kept  # type: ignore[method-assign]
    answer = me.generate(_REQUEST, max_tokens=_N_TOKENS)
    engine.render = render  # type: ignore[method-assign]
    produced = answer.n_tokens
    bare = BareLoop(models / "smollm2-135m-instruct" / "model.gguf")
    tokens = bare.tokenize(prompts[-1])
    if len(tokens) != answer.n_prompt_tokens:
        raise SystemExit("the two would not read the same prompt: the figure would mean nothing")

    def ours() -> float:
        engine.forget_cache()
        return time_ms(lambda: me.generate(_REQUEST, max_tokens=_N_TOKENS))

    def theirs() -> float:
        return bare.answer(tokens, produced)[1]

    ours(), theirs()
    whole, loop = alternate(ours, theirs, n=41)  # what is looked for is a hundredth, on clocks that waver by tenths
    bare.close()
    condition = f"{len(tokens)} prompt tokens, {produced} answer tokens"
    yield summarize(whole, case="generate, retrieval included", condition=condition)
    yield summarize(loop, case="bare llama.cpp loop", condition=condition)
    ratios = [100 * (a / b - 1) for a, b in zip(whole, loop, strict=True)]
    yield summarize(ratios, case="generate over the bare loop", condition=condition, unit="%", aim=2.0)


def _generators(models: Path) -> list[str]:
    """Name the language models that were fetched."""
    manifests = sorted(models.glob("*/manifest.json"))
    return [path.parent.name for path in manifests if json.loads(path.read_text("utf-8"))["kind"] == "generator"]


def _over_bare(path: Path, models: Path, name: str, config: EngineConfig) -> Iterator[Row]:
    """Compare how soon the first token comes, and how fast the others, with the bare loop over the same prompt."""
    with Personalizer.create(
        path, app_key=KEY.key, models=ModelSet(models, encoder=None, generator=name, engine=config)
    ) as me:
        engine = me.generator.engine()
        prompt = engine.render([Message(role="user", content=_REQUEST)])
        produced = engine.generate(prompt, max_tokens=_N_TOKENS).n_tokens
        bare = BareLoop(models / name / "model.gguf")
        tokens = bare.tokenize(prompt)

        def ours() -> tuple[float, float]:
            engine.forget_cache()
            started = time.perf_counter_ns()
            pieces = iter(engine.stream(prompt, max_tokens=_N_TOKENS))
            next(pieces)
            first = time.perf_counter_ns()
            for _ in pieces:
                pass
            return (first - started) / 1e6, (time.perf_counter_ns() - started) / 1e6

        pairs = [(ours(), bare.answer(tokens, produced)) for _ in range(_N_ROUNDS)]
        bare.close()
    condition = f"{name}, {len(tokens)} prompt tokens, {produced} answer tokens"
    written = [1000 * (produced - 1) / (whole - first) for (first, whole), _ in pairs]
    yield summarize(written, case="tokens written in a second", condition=condition, unit="tokens/s")
    firsts = [mine / theirs for (mine, _), (theirs, _) in pairs]
    yield summarize(firsts, case="first token, ours ÷ bare", condition=condition, unit="ratio", aim=1.02)
    others = [(mine[1] - mine[0]) / (theirs[1] - theirs[0]) for mine, theirs in pairs]
    yield summarize(others, case="every further token, ours ÷ bare", condition=condition, unit="ratio", aim=1.02)


def _first_piece(me: Personalizer) -> Iterator[Row]:
    engine = me.generator.engine()

    def first_ms(request: str) -> float:
        def call() -> None:
            with me.stream(request, max_tokens=8) as stream:
                next(iter(stream))

        return time_ms(call)

    def cold() -> float:
        engine.forget_cache()
        return first_ms(_REQUEST)

    def warm() -> float:
        return first_ms(_REQUEST)

    cold()
    colds, warms = alternate(cold, warm, n=15)
    yield summarize(colds, case="first piece of an answer", condition="prompt read anew")
    yield summarize(warms, case="first piece of an answer", condition="same prompt, its state reused")


def _first_word_from_notes(path: Path, models: ModelSet) -> Iterator[Row]:
    """Measure how long a question to one's notes waits for its first word: with the reader, and in the plain form."""
    person = make_person(0, split="held_out")
    questions = [request.text for request in person.requests if not request.after][: _N_QUESTIONS + 1]
    with Personalizer.create(path, app_key=KEY.key, models=models) as me:
        me.add_many(person.drafts)
        engine = me.generator.engine()
        reader = engine._reader  # only the benchmark asks a model with a reader in the form for models without one
        if reader is None:
            raise SystemExit("the model has no reader: fetch it anew")
        waits: dict[tuple[str, bool], list[float]] = {}
        _first_word(me, questions[0], person.now, _K)
        for before, question in pairwise(questions):
            for form, k in _FORMS.items():
                engine._reader = reader if form == _READ else None
                engine.forget_cache()
                waits.setdefault((form, False), []).append(time_ms(_first_word, me, before, person.now, k))
                waits.setdefault((form, True), []).append(time_ms(_first_word, me, question, person.now, k))
    notes = f"{len(questions) - 1} questions to {len(person.drafts)} notes"
    for (form, is_second), samples in waits.items():
        condition = f"{notes}, {'after another question' if is_second else 'prompt read anew'}"
        yield summarize(samples, case=f"first word, {form}", condition=condition)
    for is_second in (False, True):
        condition = f"{notes}, {'after another question' if is_second else 'prompt read anew'}"
        for form in [*_FORMS][1:]:
            pairs = zip(waits[_READ, is_second], waits[form, is_second], strict=True)
            case = f"first word, {_READ} ÷ {form}"
            yield summarize([read / plain for read, plain in pairs], case=case, condition=condition, unit="ratio")


def _first_word(me: Personalizer, question: str, now: datetime, k: int) -> None:
    with me.stream(question, max_tokens=8, now=now, k=k) as stream:
        next((piece for piece in stream if piece.strip()), None)
