from __future__ import annotations

import json
import unicodedata

import pytest

from ondevice.safety.printable import escaped_json, one_line, printable

STEERING = {
    "colour": "\x1b[31m",
    "title": "\x1b]0;evil\x07",
    "hyperlink": "\x1b]8;;http://example.org\x1b\\",
    "one-byte escape": "\x9b31m",
    "return": "safe\rfake",
    "backspace": "a\x08b",
    "delete": "\x7f",
    "override": "\u202egpj.exe",
    "isolate": "\u2066a\u2069",
    "mark": "\u200f\u061c",
    "line separator": "\u2028\u2029",
    "nothing to see": "\u200b\ufeff\u2060\u180e",
    "tags": "\U000e0041\U000e007f",
    "annotation": "\ufff9",
    "half a pair": "\ud800",
}
HARMLESS = ("ein\nText\tmehr", "naïve 日本語 עברית", "👩\u200d🚀 می\u200cشود", "葛\U000e0100", "co\u00adop")


@pytest.mark.parametrize("text", STEERING.values(), ids=STEERING)
def test_what_steers_or_hides_is_replaced(text: str) -> None:
    for shown in (printable(text), one_line(text)):
        assert len(shown) == len(text)
        shown.encode("utf-8")
        assert not any(unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for each in shown)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_languages_need_stays(text: str) -> None:
    assert printable(text) == text


def test_a_line_stays_one() -> None:
    assert one_line("a\nerror: b\tc") == "a error: b c"


@pytest.mark.parametrize("text", [*STEERING.values(), *HARMLESS])
def test_json_keeps_its_meaning_and_is_safe_to_show(text: str) -> None:
    document = {"text": text, text: [text]}
    shown = escaped_json(json.dumps(document, ensure_ascii=False, indent=2))
    assert json.loads(shown) == document
    assert shown == printable(shown)
    assert ("日本語" in shown) == ("日本語" in text)
