from __future__ import annotations

import pytest

from ondevice.adaptation.lessons.neutral import neutral


@pytest.mark.parametrize(
    ("post", "wording"),
    [
        ("u gotta see this!!!", "You have to see this."),
        ("@markotu sounds good to me! you go out loads!!! lol", "@markotu Sounds good to me. You go out loads."),
        (
            "Just Got Home From Hanging Wit @ItsAldo. Awesome Nite.",
            "Just got home from hanging with @ItsAldo. Awesome night.",
        ),
        ("it's sooo late :( read http://t.co/abc #tired", "It is so late read tired."),
        ("AHHH I HATE MONDAYS", "Ah I hate mondays."),
        ("they didnt say, i've asked", "They did not say, I have asked."),
        ("a couple of &quot;issues&quot; there?!", 'A couple of "issues" there?'),
        ("Back in Newcastle with NCJ Media on Monday.", "Back in Newcastle with NCJ Media on Monday."),
        ("Heute ist soooo schön!!! Ich hätt' gern Kaffee 😀", "Heute ist so schön. Ich hätt' gern Kaffee."),
        ("ant plant want", "Ant plant want."),
        ("😀 !!!", ""),
        ("", ""),
    ],
)
def test_habits_go_and_matter_stays(post: str, wording: str) -> None:
    assert neutral(post) == wording


def test_neutral_wording_is_neutral_already() -> None:
    wording = neutral("OMG u wont believe it... @bob ate ALL the cake!!! xD")
    assert neutral(wording) == wording
