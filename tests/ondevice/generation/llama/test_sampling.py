from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice.config import Sampling
from ondevice.errors import GenerationError
from ondevice.generation.grammar import Grammar
from ondevice.generation.llama.engine import Engine
from ondevice.generation.llama.reading import Reading
from ondevice.generation.llama.sampling import TokenChooser

PROMPT = "Once upon a time "
WILD: dict[str, Any] = {"temperature": 1.5, "top_k": 0, "top_p": 1.0, "min_p": 0.0}


def chosen(engine: Engine, logits: Any, n: int = 1, grammar: Grammar | None = None, **settings: Any) -> list[int]:
    vocabulary = engine._desk.vocabulary
    with TokenChooser(vocabulary, Sampling(**settings), grammar) as chooser:
        return [chooser.choose(np.asarray(logits, dtype=np.float32)) for _ in range(n)]


def peaks(engine: Engine, **values: float) -> NDArray[np.float32]:
    logits = np.full(engine._desk.vocabulary.size, -5.0, dtype=np.float32)
    for token, value in values.items():
        logits[int(token.removeprefix("t"))] = value
    return logits


def test_greedy_takes_the_top_and_is_llama_cpps_own_choice(engine):
    from ondevice.generation.llama.native import lib

    engine.generate(PROMPT, max_tokens=1)
    context = engine._desk.context
    native = lib.llama_sampler_init_greedy()
    try:
        assert chosen(engine, context.logits(-1)) == [lib.llama_sampler_sample(native, context.pointer, -1)]
    finally:
        lib.llama_sampler_free(native)


def test_drawing_is_llama_cpps_own_choice(engine):
    from ondevice.generation.llama.native import lib

    engine.generate(PROMPT, max_tokens=1)
    context = engine._desk.context
    chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
    for sampler in (
        lib.llama_sampler_init_top_k(40),
        lib.llama_sampler_init_top_p(0.95, 1),
        lib.llama_sampler_init_min_p(0.05, 1),
        lib.llama_sampler_init_temp(1.3),
        lib.llama_sampler_init_dist(11),
    ):
        lib.llama_sampler_chain_add(chain, sampler)
    try:
        expected = [lib.llama_sampler_sample(chain, context.pointer, -1) for _ in range(20)]
    finally:
        lib.llama_sampler_free(chain)
    assert chosen(engine, context.logits(-1), 20, temperature=1.3, seed=11) == expected
    assert len(set(expected)) > 1


def test_a_seed_repeats_and_another_differs(engine):
    first, again, other = (engine.generate(PROMPT, max_tokens=20, sampling=Sampling(**WILD, seed=s)) for s in (5, 5, 6))
    assert first.text == again.text
    assert first.text != other.text


def test_greedy_ignores_the_rest(engine):
    plain = engine.generate(PROMPT, max_tokens=12).text
    odd = Sampling(temperature=0, top_k=1, top_p=0.1, repeat_penalty=5.0, seed=9)
    assert engine.generate(PROMPT, max_tokens=12, sampling=odd).text == plain


def test_each_setting_narrows_the_draw(engine):
    logits = peaks(engine, t10=3.0, t11=2.5, t12=0.0)
    assert set(chosen(engine, logits, 200, temperature=1.0, top_k=1, top_p=1.0, min_p=0.0)) == {10}
    assert set(chosen(engine, logits, 200, temperature=1.0, top_k=2, top_p=1.0, min_p=0.0)) == {10, 11}
    assert set(chosen(engine, logits, 200, temperature=1.0, top_k=0, top_p=0.3, min_p=0.0)) == {10}
    assert set(chosen(engine, logits, 200, temperature=1.0, top_k=0, top_p=1.0, min_p=0.5)) == {10, 11}
    assert 12 in chosen(engine, logits, 400, temperature=2.0, top_k=0, top_p=1.0, min_p=0.0)


def test_repetition_is_penalized(engine):
    logits = peaks(engine, t10=3.0, t11=2.5)
    settings: dict[str, Any] = {"temperature": 0.05, "top_k": 2, "seed": 1}
    assert len(set(chosen(engine, logits, 6, **settings, repeat_penalty=1.0))) == 1
    assert len(set(chosen(engine, logits, 6, **settings, repeat_penalty=2.0))) == 2


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("temperature", -0.1),
        ("temperature", float("nan")),
        ("top_k", -1),
        ("top_p", 0.0),
        ("top_p", 1.1),
        ("min_p", 1.5),
        ("repeat_penalty", 0.0),
        ("seed", -1),
        ("seed", 2**32 - 1),
    ],
)
def test_a_setting_out_of_range_names_itself(engine, setting, value):
    with pytest.raises(ValueError, match=setting):
        engine.stream(PROMPT, max_tokens=1, sampling=Sampling(**{setting: value}))


def test_a_grammar_overrules_the_model(engine):
    grammar = Grammar.from_gbnf("root ::= [0-9]{4}")
    for sampling in (Sampling(), Sampling(**WILD, seed=3)):
        answer = engine.generate(PROMPT, max_tokens=9, sampling=sampling, grammar=grammar)
        assert (answer.finish_reason, answer.text.isdigit(), len(answer.text)) == ("stop", True, 4)


def test_a_grammar_keeps_the_models_wish_where_it_may(engine):
    text, seeds = Grammar.from_gbnf("root ::= [a-z]+"), np.random.default_rng(0)
    bytes_of = engine._desk.vocabulary.piece
    for _ in range(20):
        logits = seeds.standard_normal(engine._desk.vocabulary.size).astype(np.float32)
        wish = chosen(engine, logits)
        if bytes_of(wish[0]).islower():
            assert chosen(engine, logits, grammar=text) == wish
        logits[70 + ord("a") - ord("A")] = 9.0
        assert chosen(engine, logits, grammar=text) == chosen(engine, logits)


def test_only_whole_characters_come_from_a_grammar(engine):
    """A byte that can continue no character is passed over, whatever the model wants."""
    vocabulary = engine._desk.vocabulary
    token_of = {vocabulary.piece(token): token for token in range(5, vocabulary.size)}
    wanted = ["\xc3", "\xc3", "(", "\xa9", "\xff"]
    data = b""
    with TokenChooser(vocabulary, Sampling(), Grammar.from_gbnf("root ::= .{2}")) as chooser:
        for byte in wanted:
            logits = np.zeros(vocabulary.size, dtype=np.float32)
            logits[token_of[byte.encode("latin-1")]] = 9.0
            logits[token_of[b"\xa8"]] = 5.0
            logits[token_of[b"!"]] = 4.0
            token = chooser.choose(logits)
            if vocabulary.ends_turn(token):
                break
            data += vocabulary.piece(token)
    assert data.decode() == "è("


def test_half_a_surrogate_pair_is_no_character(engine):
    """Its first two bytes would leave nothing that may follow."""
    vocabulary = engine._desk.vocabulary
    token_of = {vocabulary.piece(token): token for token in range(5, vocabulary.size)}
    data = b""
    with TokenChooser(vocabulary, Sampling(), Grammar.from_gbnf("root ::= .")) as chooser:
        for wanted in (b"\xed", b"\xb8", b"\x80"):
            logits = np.zeros(vocabulary.size, dtype=np.float32)
            logits[token_of[wanted]] = 9.0
            logits[token_of[b"\x9f"]] = 5.0
            data += vocabulary.piece(chooser.choose(logits))
    assert data.decode() == "\ud7c0"


def test_control_tokens_never_pass_for_text(engine):
    vocabulary = engine._desk.vocabulary
    start = next(token for token, text in vocabulary.control_tokens.items() if text == "<|im_start|>")
    logits = peaks(engine, **{f"t{start}": 30.0, "t102": 1.0})
    assert chosen(engine, logits, 3, grammar=Grammar.from_gbnf("root ::= .+")) == [102] * 3


def test_a_grammar_that_leads_nowhere_is_an_error(engine):
    """A model whose one possible token is forbidden cannot go on."""
    logits = np.full(engine._desk.vocabulary.size, -np.inf, dtype=np.float32)
    logits[10] = 1.0
    with pytest.raises(GenerationError, match="lets no token"):
        chosen(engine, logits, grammar=Grammar.from_gbnf('root ::= "zzz"'))


def test_a_grammar_with_ever_more_ways_to_follow_it_is_given_up(engine):
    """Each rule begins alike in both of its ways, so that every character doubles what is open."""
    rules = "\n".join(f'r{n} ::= "q" r{n + 1} | "q" r{n + 1} "x"' for n in range(60))
    grammar = Grammar.from_gbnf(f'root ::= r0\n{rules}\nr60 ::= "a"')
    logits = np.zeros(engine._desk.vocabulary.size, dtype=np.float32)
    logits[engine._desk.vocabulary.tokenize_text("q")[0]] = 9
    with pytest.raises(GenerationError, match="too many ways at once"):
        chosen(engine, logits, 60, grammar=grammar)


def test_a_grammar_that_begins_with_itself_is_refused(engine, capfd):
    with pytest.raises(ValueError, match="begin with itself"):
        engine.stream(PROMPT, max_tokens=1, grammar=Grammar.from_gbnf('root ::= root "a" | "b"'))
    assert capfd.readouterr() == ("", "")


def test_stop_strings_and_a_grammar_exclude_each_other(engine):
    with pytest.raises(ValueError, match="one or the other"):
        engine.stream(PROMPT, max_tokens=1, stop=("x",), grammar=Grammar.from_gbnf("root ::= .+"))


@pytest.mark.parametrize("sampling", [Sampling(), Sampling(temperature=1.2, top_k=3, seed=3)])
def test_the_likelihood_of_an_answer_is_the_models_own_however_its_tokens_were_drawn(engine, sampling):
    rows = np.random.default_rng(4).normal(scale=3, size=(5, engine._desk.vocabulary.size)).astype(np.float32)
    with TokenChooser(engine._desk.vocabulary, sampling, None, is_measured=True) as chooser:
        assert chooser.log_likelihood is None
        tokens = [chooser.choose(row) for row in rows]
        exact = rows.astype(np.float64)
        wanted = exact[range(5), tokens] - np.log(np.exp(exact).sum(axis=1))
        assert chooser.log_likelihood == pytest.approx(wanted.mean(), abs=1e-5)


def test_an_answer_is_measured_where_that_is_wanted(engine):
    assert engine.generate(PROMPT, max_tokens=2, reading=Reading()).log_likelihood < 0
    assert engine.generate(PROMPT, max_tokens=2).log_likelihood is None
