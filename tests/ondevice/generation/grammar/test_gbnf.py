"""The checker agrees with llama.cpp, which prints what it cannot read, and aborts or never ends on what it should not.

llama.cpp's own verdicts are those of processes that may die; the made grammars are the same in every run.
"""

from __future__ import annotations

import threading
from random import Random

import pytest

from ondevice.generation.grammar import Grammar
from ondevice.generation.grammar.gbnf import check_gbnf
from tests.ondevice.generation.grammar.made_grammars import made
from tests.ondevice.generation.grammar.verdicts import BRIEF_S, Verdict, verdicts


def chain(n: int, way: str) -> str:
    """Return rules of which each is two of the next."""
    rules = [f"r{i} ::= {way.format(f'r{i + 1}')}" for i in range(n)]
    return "\n".join(["root ::= r0", *rules, f'r{n} ::= "a"'])


GOOD = [
    'root ::= "a" | b\nb ::= "c"',
    'root ::= ("a"\n | "b")* # comment\n\n# another\n',
    'root ::=\n  "x" |\n  "y"',
    r'root ::= [^"\\\x00-\x1F\u00e9\U0001F600]{2,} "\n\t\r"',
    "root ::= .? [a-z-]+ ([0-9]){3} ([0-9]){0,2}",
    'root ::= "é" | [à-ÿ]+ | ""',
    "root ::= ",
    'a-1 ::= "x"\r\nroot ::= a-1',
    r'root ::= [a\-z\]] "\-"',
    'root ::= ( "a"\n{ 2 ,\n4 } # comment\n)',
    'root ::= "a"{0} "b"{0,0} "c"{1,} ("" | "d")?',
    'root ::= a{2} a?\na ::= "x"? "y"?',
    'root ::= ("a"?)* b*\nb ::= c\nc ::= "d" |',
    'root ::= "a" root | "b"',
    'root ::= "x"{2000} ("y"{0,40}){48}',
    "root ::= " + "(" * 90 + '"a"' + ")" * 90,
    "root ::= " + " | ".join(f'"{i}"' for i in range(3000)),
    chain(2000, "{}"),
    chain(12, '{0} "x" | {0} "y"'),
]
BAD = [
    ('foo ::= "a"', "no rule 'root'"),
    ("root ::= bar", "names 1 rules"),
    ('root ::= "a', "line 1 is not GBNF"),
    ('x ::= "a"\nroot ::= [a', "line 2 is not GBNF"),
    ("root ::= [a-", "expected a character"),
    (r'root ::= "\q"', "expected a character"),
    (r'root ::= "\x1"', "expected a character"),
    (r'root ::= "\u12"', "expected a character"),
    (r'root ::= "\U0001"', "expected a character"),
    ('root ::= "\\', "expected a character"),
    ('root ::= ("a" "b"', r"expected '\)'"),
    ("root ::= *", "something to repeat"),
    ('root ::= "a" | + "b"', "something to repeat"),
    ('root ::= ""* "b"', "something to repeat"),
    ('root ::= "a" ""{3}', "something to repeat"),
    ("root ::= (?)", "something to repeat"),
    ('root := "a"', "expected '::='"),
    ('root ::= "a" )', "the rule's end"),
    ('root ::= "a"\n\n| "b"', "a rule's name"),
    ('root_a ::= "a"', "expected '::='"),
    ('\ufeffroot ::= "a"', "a rule's name"),
    ('root ::= "a"{3', "a repetition such as"),
    ('root ::= "a"{,3}', "a repetition such as"),
    ('root ::= "a"{٣}', "a repetition such as"),
    ('root ::= "a"{99999999999999999999999}', "at most 2000"),
    ('root ::= "a"{3000}', "at most 2000"),
    ('root ::= ("a"{0,1000}){3}', "at most 2000 repetitions of all"),
    ('root ::= root "a" | "b"', "line 1: it may begin with itself"),
    ('root ::= a\na ::= "" b\nb ::= a | "c"', "it may begin with itself"),
    ("root ::= root", "it may begin with itself"),
    ('root ::= ("a" |)*', "may be empty"),
    ('root ::= a+\na ::= "b" | ""', "may be empty"),
]
REFUSED_ONLY_HERE = [
    ('root ::= "a"{0,100000}', "at most 2000"),
    ("root ::= <[12]>", "the rule's end"),
    ("root ::= []", "a character in the class"),
    ('root ::= [^] "a"', "a character in the class"),
    ("root ::= [z-a]", "from low to high"),
    ('root ::= "a"+?', "brackets around what is repeated"),
    ('root ::= "a"{2}{3}', "brackets around what is repeated"),
    (f'root ::= "{"long " * 1_000_000}"', "has 5000011 characters, and may have 4000000"),
]
DEADLY = [
    ('root ::= "a"{5,2}', "few to many"),
    ('root ::= a root "x" | "y"\na ::= b\nb ::= "z" |', "line 1: it may begin with itself"),
    ('root ::= "x" a\na ::= b a\nb ::= c\nc ::= ""', "line 2: it leads to itself only"),
    ("root ::= " + "(" * 20_000 + '"a"' + ")" * 20_000, "at most 100 brackets"),
    (chain(12_000, "{}"), "more than 2500 rules may begin with one another"),
    (chain(40, "{0} | {0}"), "too many ways to begin"),
    ('root ::= a{0,2000}\na ::= b{0,2000}\nb ::= "x"{0,2000}', "in more than 10000 ways"),
    (f'root ::= "{"long " * 20_000}"{{2000}}', "unrolls into 200000000 parts"),
]


def complaint_about(text: str) -> str | None:
    try:
        check_gbnf(text)
    except ValueError as error:
        return str(error)
    return None


def made_and_passed() -> list[str]:
    return [text for text in (made(Random(seed)) for seed in range(200)) if complaint_about(text) is None]


def made_and_refused() -> dict[str, str]:
    """Return made grammars and the complaints about them."""
    texts = (made(Random(seed)) for seed in range(1000, 1040))
    return {text: complaint for text in texts if (complaint := complaint_about(text)) is not None}


@pytest.fixture(scope="module")
def verdict_on(tiny_bundle) -> dict[str, Verdict]:
    """Ask llama.cpp about all that should end at once, and about all that may not: each time a program starts."""
    ending = [*GOOD, *(text for text, _ in BAD), *made_and_passed()]
    endless = [*(text for text, _ in DEADLY), *made_and_refused()]
    found = [*verdicts(ending, tiny_bundle), *verdicts(endless, tiny_bundle, seconds=BRIEF_S)]
    return dict(zip([*ending, *endless], found, strict=True))


def test_what_passes_is_taken_by_llama_in_silence(verdict_on):
    for text in GOOD:
        assert complaint_about(text) is None, text[:80]
        assert verdict_on[text].is_taken, text[:80]
        assert verdict_on[text].printed == "", text[:80]


@pytest.mark.parametrize(("text", "complaint"), BAD)
def test_what_llama_refuses_is_refused_here_with_a_reason(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        check_gbnf(text)


def test_llama_does_refuse_it(verdict_on):
    for text, _ in BAD:
        assert verdict_on[text].is_refused, text


@pytest.mark.parametrize(("text", "complaint"), [*REFUSED_ONLY_HERE, *DEADLY])
def test_what_would_harm_or_mislead_never_reaches_llama(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        check_gbnf(text)


def test_the_deadly_ones_do_kill_or_never_end(verdict_on):
    for text, _ in DEADLY:
        assert not verdict_on[text].is_taken, text[:80]


@pytest.mark.parametrize("text", ['root ::= "a\0"', 'root ::= "\ud800"', 'root ::= "a" # \udfff'])
def test_what_has_no_bytes_is_refused(text):
    with pytest.raises(ValueError, match=r"null character|surrogate"):
        check_gbnf(text)


def test_made_grammars_that_pass_are_taken_in_silence(verdict_on):
    passed = made_and_passed()
    assert len(passed) > 30
    for text in passed:
        assert verdict_on[text].is_taken, text
        assert verdict_on[text].printed == "", text


def test_made_grammars_that_are_refused_are_no_good_to_llama(verdict_on):
    """But for those that are refused because they mislead."""
    refused = made_and_refused()
    assert refused
    for text, complaint in refused.items():
        misleads = "brackets around" in complaint or "low to high" in complaint or "in the class" in complaint
        assert misleads or not verdict_on[text].is_taken or verdict_on[text].printed, text


@pytest.mark.parametrize(("text", "_"), [*BAD, *REFUSED_ONLY_HERE])
def test_no_complaint_quotes_the_grammar(text, _):
    complaint = complaint_about(text.replace('"a', '"zanzibar ').replace("root ::=", 'root ::= "zanzibar"', 1))
    assert complaint is None or "zanzibar" not in complaint


def test_a_check_needs_no_stack_of_its_own():
    """A thread with a small stack checks what is deep."""
    complaints: list[str | None] = []
    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=lambda: complaints.extend(complaint_about(text) for text, _ in DEADLY))
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    assert None not in complaints
    assert len(complaints) == len(DEADLY)


@pytest.mark.parametrize("text", [None, 5, b'root ::= "a"', ['root ::= "a"']])
def test_a_grammar_is_a_text(text):
    with pytest.raises(TypeError, match="a grammar must be a text"):
        Grammar.from_gbnf(text)
