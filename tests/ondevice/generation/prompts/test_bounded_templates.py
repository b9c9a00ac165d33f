"""Templates that would run for hours, or fill the memory: each ends in one clear error."""

from __future__ import annotations

import pytest

from ondevice.errors import BundleError, GenerationError
from ondevice.generation.prompts.chat import ChatTemplate, Message

USER = Message(role="user", content="Hello")


def render(source: str) -> str:
    return ChatTemplate(source, begin="", end="", neutralize=str).render([USER])


def grown(step: str) -> str:
    start = "{% set ns = namespace(a='aaaaaaaaaa', n=99999) %}"
    return f"{start}{{% for i in range(60) %}}{step}{{% endfor %}}{{{{ ns.a }}}}"


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in range(10**9) %}x{% endfor %}",
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{% set r = range(99999) %}{% for i in r %}{% for j in r %}{% endfor %}{% endfor %}",
        "{{ 'a' * 10**10 }}",
        "{{ [1] * 10**10 }}",
        "{{ '%10000000000d' % 1 }}",
        "{{ '%*d' % (10**9, 1) }}",
        "{{ '%(a)10000000000d' % {'a': 1} }}",
        "{{ 10**10**10 }}",
        "{{ 'a'.center(10**10) }}",
        "{{ range(999) | map('string') | join('a' * 99999) }}",
        "{{ 'a\n' * 1000 | indent(10**8) }}",
        "{{ ('a\n' * 9999) | indent('b' * 9999) }}",
        "{{ [[1]] | tojson(indent=10**9) }}",
        grown("{% set ns.a = ns.a ~ ns.a %}"),
        grown("{% set ns.a = ns.a + ns.a %}"),
        grown("{% set b %}{{ ns.a }}{{ ns.a }}{% endset %}{% set ns.a = b %}"),
        grown("{% set ns.a = ns.a.replace('a', 'a' * 99) %}"),
        grown("{% set ns.a = ns.a | replace('a', 'a' * 99) %}"),
        grown("{% set ns.n = ns.n * ns.n %}"),
        "a" * 300_000,
    ],
)
def test_what_does_too_much_is_ended(source):
    with pytest.raises(BundleError, match=r"does too much for one prompt: .*use another model"):
        render(source)


@pytest.mark.parametrize(
    "source", ["{{ 'a'.format(1) }}", "{{ lipsum() }}", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"]
)
def test_what_cannot_be_counted_is_not_offered(source):
    with pytest.raises(GenerationError, match="refused"):
        render(source)


@pytest.mark.parametrize("source", ["{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "{{ 'a' | wordwrap }}", "{% for %}"])
def test_what_does_not_compile_says_so(source):
    with pytest.raises(BundleError, match="not valid"):
        render(source)


def test_the_text_of_nested_lists_is_weighed_before_it_is_written():
    with pytest.raises(BundleError, match="does too much"):
        render("{% set ns = namespace(a=['a' * 999]) %}{% for i in range(60) %}{% set ns.a = [ns.a] * 2 %}{% endfor %}")


def test_an_honest_template_does_what_it_does_with_transformers():
    source = (
        "{%- macro shout(text) -%}{{ text | upper }}{%- endmacro -%}"
        "{% for m in messages %}{% set role, n = m.role, loop.length %}"
        "{{ shout(role) ~ ':' ~ n }} {{ m.content.split('l')[-1].strip() + '!' }}{% if loop.last %}."
        "{% endif %}{% endfor %} {{ ['a', 'b'] | join(', ') }} {{ {'k': 1} | tojson }} {{ 7 * 6 }} {{ '%02d' % 7 }}"
    )
    assert render(source) == 'USER:1 o!. a, b {"k": 1} 42 07'
