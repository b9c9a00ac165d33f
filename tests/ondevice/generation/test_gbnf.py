"""The checker agrees with llama.cpp's parser, which prints to stderr what it cannot read."""

from __future__ import annotations

import pytest

from ondevice.generation.gbnf import check_gbnf

GOOD = [
    'root ::= "a" | b\nb ::= "c"',
    'root ::= ("a"\n | "b")* # comment\n\n# another\n',
    'root ::=\n  "x" |\n  "y"',
    r'root ::= [^"\\\x00-\x1F\u00e9\U0001F600]{2,} "\n\t\r"',
    "root ::= .? [a-z-]+ ([0-9]){3} ([0-9]){0,2}",
    'root ::= "é" | [à-ÿ]+ | ""',
    "root ::= ",
    'a-1 ::= "x"\r\nroot ::= a-1',
]
BAD = [
    ('foo ::= "a"', "no rule 'root'"),
    ("root ::= bar", "names 1 rules"),
    ('root ::= "a', "line 1 is not GBNF"),
    ('x ::= "a"\nroot ::= [a', "line 2 is not GBNF"),
    (r'root ::= "\q"', "expected a character"),
    (r'root ::= "\x1"', "expected a character"),
    ('root ::= ("a" "b"', r"expected '\)'"),
    ("root ::= *", "something to repeat"),
    ('root ::= "a" | + "b"', "something to repeat"),
    ('root := "a"', "expected '::='"),
    ('root ::= "a" )', "the rule's end"),
    ('root ::= "a"\n\n| "b"', "a rule's name"),
]
REFUSED_ONLY_HERE = [
    ("", "no rule 'root'"),
    ('root ::= "a"{5,2}', "few to many"),
    ('root ::= "a"{3000}', "at most 2000"),
    ('root ::= "a"{3', "a repetition such as"),
    ("root ::= <[12]>", "the rule's end"),
    ('root ::= "a\0"', "null character"),
    ('root ::= "\ud800"', "surrogate"),
]


def llama_takes(engine, text: str) -> bool:
    from llama_cpp import llama_cpp as lib

    sampler = lib.llama_sampler_init_grammar(engine._desk.vocabulary.pointer, text.encode(), b"root")
    if sampler:
        lib.llama_sampler_free(sampler)
    return bool(sampler)


@pytest.mark.parametrize("text", GOOD)
def test_what_llama_takes_passes_in_silence(engine, capfd, text):
    check_gbnf(text)
    assert llama_takes(engine, text)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("text", "complaint"), BAD)
def test_what_llama_refuses_is_refused_here_with_a_reason(engine, capfd, text, complaint):
    with pytest.raises(ValueError, match=complaint):
        check_gbnf(text)
    assert not llama_takes(engine, text)
    capfd.readouterr()


@pytest.mark.parametrize(("text", "complaint"), REFUSED_ONLY_HERE)
def test_what_would_harm_llama_never_reaches_it(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        check_gbnf(text)
