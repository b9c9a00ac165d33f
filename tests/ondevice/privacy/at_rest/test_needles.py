"""Many strings are found at once, wherever they lie and in whatever case."""

from __future__ import annotations

import os

from ondevice.privacy.at_rest.needles import Needles


def test_each_kind_is_counted_wherever_it_lies() -> None:
    needles = Needles({"text": [b"the first one", b"another one of them"], "key": [bytes(range(200, 232))]})
    heap = os.urandom((1 << 20) - 6) + b"The FIRST one" + os.urandom(77) + bytes(range(200, 232)) + b"the first one"
    assert needles.found_in(heap) == {"text": 2, "key": 1}
    assert len(needles) == 3
    assert needles.longest == 32


def test_a_beginning_alone_is_nothing() -> None:
    needles = Needles({"text": [b"the first one"]})
    assert needles.found_in(b"the first two, the first on") == {}
    assert needles.found_in(b"short") == {}


def test_what_is_short_is_left_out_and_nothing_finds_nothing() -> None:
    assert len(Needles({"text": [b"seven b"]})) == 0
    assert Needles({"text": []}).found_in(b"anything at all") == {}


def test_nothing_shows() -> None:
    assert "secret" not in repr(Needles({"text": [b"a secret text"]}))
