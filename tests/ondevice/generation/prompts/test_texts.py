"""Labels and stop strings come as several texts; one text is not taken for its letters."""

from __future__ import annotations

from typing import Any

import pytest

from ondevice import ModelSet, Personalizer
from ondevice.bundle import Bundle
from ondevice.generation.prompts.texts import labels_of, stops_of


def test_any_iterable_of_texts_will_do():
    assert labels_of(["yes", "no"]) == labels_of(each for each in ("yes", "no")) == ("yes", "no")
    assert stops_of(()) == ()
    assert stops_of(["a", "a"]) == ("a", "a")


@pytest.mark.parametrize("read", [labels_of, stops_of])
@pytest.mark.parametrize("given", ["zanzibar", b"zanzibar", "", 5, None, ["a", 5], ["a", None], [b"a"], [["a"]]])
def test_what_is_not_several_texts_is_refused_without_being_quoted(read: Any, given: Any):
    with pytest.raises(TypeError, match=r"(labels|stop) must (be a sequence of|hold) texts") as caught:
        read(given)
    assert "zanzibar" not in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "reason"),
    [((), "there are 0"), (("a", ""), "one of them empty"), (("a", "b", "a"), "there are 3, 2 distinct")],
)
def test_labels_are_distinct_and_not_empty(labels: Any, reason: str):
    with pytest.raises(ValueError, match=f"distinct and not empty.*{reason}"):
        labels_of(labels)


def test_the_engine_takes_several_texts_only(engine):
    with pytest.raises(TypeError, match="labels"):
        engine.choose("a", "yes")
    with pytest.raises(TypeError, match="stop"):
        engine.generate("a", max_tokens=1, stop="yes")


def test_a_profile_takes_several_texts_only(tmp_path, tiny_bundle: Bundle):
    me = Personalizer.create(
        tmp_path / "p",
        app_key=bytes(32),
        models=ModelSet(tiny_bundle.folder.parent, encoder=None, generator=tiny_bundle.folder.name),
    )
    wrong: list[dict[str, Any]] = [{"labels": "yes"}, {"stop": "yes"}, {"labels": [1, 2]}, {"stop": [""]}]
    with me:
        for given in wrong:
            with pytest.raises((TypeError, ValueError), match=r"labels|stop"):
                me.generate("is it raining", retriever="none", **given)
        with pytest.raises(TypeError, match="stop"):
            me.stream("is it raining", retriever="none", stop="yes")
        assert me.generate("is it raining", retriever="none", labels=["yes"]).text == "yes"
