"""The check: what the drill gave, in the words of a report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ondevice.errors import OndeviceError
from ondevice.privacy.findings import Fact, Finding, Section, Table
from ondevice.privacy.subject import Subject

if TYPE_CHECKING:
    from ondevice.privacy.leakage.outcome import Outcome

_RETRAIN = "train it with fewer epochs or a lower rank, or on more texts, or leave out what nobody may learn of"

_NOT_TESTED = (
    "attacks that train models of their own to compare with, and newer ones: they may find more",
    "summaries, a persona's rows and the state of paused trainings: they are made of the user's texts too",
    "prompts with notes in them: there the notes are told because they stand in the prompt, not because of the adapter",
    "adapters at another strength than they were trained at, and under a contrast",
    "texts that nearly say the same as a learned one count as not learned, which makes an adapter look better; texts "
    "whose style has changed since make it look worse, and the row of the base alone shows how far they differ anyway",
)


def check(subject: Subject) -> Section:
    """Attack each adapter and merged model, with the base model as the reference; only in a deep audit.

    On a copy, and with nothing of it written outside memory. Three instruments: membership inference (by the ratio to
    the base, by the loss, by Min-K %), prompted extraction, and canaries in the training of the adapter in use, done
    once more. Each is tried on controls: an adapter that has learned invented notes by heart, which it must catch, and
    what has not seen these notes, or the canaries, which it must not. The adapter lies encrypted in the profile: all of
    this is about who may ask the unlocked profile, or has its secret, and about an app that lets others ask.

    Findings: ``leakage/membership`` (medium) where the whole interval lies above 0.6; ``leakage/extraction`` (high)
    where a learned text's second half comes out, 20 tokens on end more than from the base: that is readable text;
    ``leakage/by-heart`` (high) where a whole one comes out within a thousand tries, and from the base would not;
    ``leakage/epsilon-claimed`` (medium) where a note claims a smaller bound than follows from the training it tells of;
    ``leakage/canary-exposure`` (low; medium from half of the limit on); ``leakage/positive-control`` and
    ``leakage/negative-control`` (medium) where an instrument does not find what is there, or finds what is not;
    ``leakage/no-controls``, ``leakage/too-few``, ``leakage/not-attacked`` and ``leakage/no-model`` (note).
    """
    section = Section(
        name="leakage",
        title="Leakage",
        question="Can who may ask the language model with the user's adapter tell what it learned from?",
        not_tested=_NOT_TESTED,
    )
    if not subject.deep:
        why = "whether adapters give away what they learned from: that takes five minutes and more, with --deep"
        return replace(section, not_tested=(why,), was_run=False)
    return _of_drill(section, subject)


def _of_drill(section: Section, subject: Subject) -> Section:
    from ondevice.personalizer import Personalizer
    from ondevice.privacy.leakage.drill import Drill

    # What else the model could wear, or search with, has no part in this.
    models = replace(subject.models, encoder=None, adapter=None, retrievers=(), selector=None, persona=None)
    with subject.copied() as copy, Personalizer.over(copy.open(), models=models) as me:
        drill = Drill(me, subject.on_progress)
        learned = Fact(name="adapters and merged models", value=drill.n_learned)
        if not drill.n_learned:
            why = "the instruments themselves: nothing in the profile was trained, so that there was nothing to attack"
            return replace(section, facts=(learned,), not_tested=(why, *section.not_tested))
        if models.generator is None:
            return replace(section, facts=(learned,), findings=(_no_model("the audit was given no language model"),))
        try:
            outcome = drill.run()
        except OndeviceError as error:  # its words may have a name in them
            cause = f"the language model cannot be used ({type(error).__name__})"
            return replace(section, facts=(learned,), findings=(_no_model(cause),))
    return replace(
        section,
        findings=tuple(_findings(outcome)),
        facts=(learned, *_facts(outcome)),
        tables=tuple(_tables(outcome)),
        not_tested=(*_untested(outcome), *section.not_tested),
    )


def _no_model(why: str) -> Finding:
    return Finding(
        code="leakage/no-model",
        level="note",
        text=f"nothing could be attacked, because {why}",
        hint="name the models that serve the profile",
    )


def _findings(outcome: Outcome) -> Iterator[Finding]:
    from ondevice.privacy.leakage.area import LEAST
    from ondevice.privacy.leakage.attacks import MOST_TRIES, RATIO
    from ondevice.privacy.leakage.controls import SURELY_TOLD, is_told

    left_out = {left.what for left in outcome.left_out}
    for each in outcome.attacked:
        if each.areas is None and each.what in left_out:
            pass  # the note below says why
        elif each.areas is None:
            yield Finding(
                code="leakage/too-few",
                level="note",
                text=f"whether the {each.what} tells what it learned from cannot be said: there were "
                f"{each.n_members} learned and {each.n_others} other texts, and {LEAST} of both are needed",
                hint="audit again when the profile has more texts that it has not seen",
            )
        elif is_told(each.areas):
            area = each.areas[RATIO]
            yield Finding(
                code="leakage/membership",
                level="medium",
                text=f"the {each.what} says which texts it learned from to who may ask the unlocked profile and has "
                f"the base model: an area under the curve of {area.value:.2f} ({area.low:.2f} to {area.high:.2f}); "
                f"more than {SURELY_TOLD} counts as told",
                hint=_RETRAIN,
            )
        if each.epsilon_due is not None:
            yield Finding(
                code="leakage/epsilon-claimed",
                level="medium",
                text=f"the note of the {each.what} claims an ε of {each.epsilon:.3g}, but its noise and its steps come "
                f"to {each.epsilon_due:.3g}",
                hint="do not rely on that bound, and train it again",
            )
        if each.knows_by_heart:
            yield Finding(
                code="leakage/by-heart",
                level="high",
                text=f"the {each.what} knows {each.n_by_heart} of {each.n_members} learned texts by heart: who may ask "
                f"the unlocked profile as they were asked for gets each word for word within {MOST_TRIES:,} tries",
                hint=_RETRAIN,
            )
        n_verbatim = sum(one.is_verbatim for one in each.extracted)
        if n_verbatim:
            longest = max(one.adapted for one in each.extracted if one.is_verbatim)
            yield Finding(
                code="leakage/extraction",
                level="high",
                text=f"the {each.what} writes on word for word, up to {longest} tokens, {n_verbatim} of "
                f"{len(each.extracted)} learned texts for who may ask the unlocked profile and knows their first half",
                hint=_RETRAIN,
            )
    for left in outcome.left_out:
        yield Finding(
            code="leakage/not-attacked",
            level="note",
            text=f"the {left.what} was {'attacked in part' if left.is_in_part else 'not attacked'}: {left.why}",
            hint="train it again on this language model, or audit with the one that it belongs to",
        )
    yield from _findings_of_controls(outcome)


def _findings_of_controls(outcome: Outcome) -> Iterator[Finding]:
    from ondevice.privacy.leakage.canaries import MOST_BITS
    from ondevice.privacy.leakage.controls import is_exposed

    controls = outcome.controls
    if controls is None:
        yield Finding(
            code="leakage/no-controls",
            level="note",
            text=f"whether the instruments work here is not shown, and no canary was planted: "
            f"{outcome.without_controls}",
            hint="install the extra: pip install 'ondevice-sdk[adapt]', and give the audit more memory",
        )
        return
    for code, what, instruments in (
        ("positive", "did not find what an adapter has learned by heart", controls.missed),
        ("negative", "found what nothing has learned", controls.imagined),
    ):
        if instruments:
            yield Finding(
                code=f"leakage/{code}-control",
                level="medium",
                text=f"{' and '.join(instruments)} {what}, so that no result of it here is to be relied on",
                hint="report this with the name of the language model",
            )
    bits = sum(controls.exposed) / len(controls.exposed)
    if is_exposed(controls.exposed):
        yield Finding(
            code="leakage/canary-exposure",
            level="medium" if bits >= MOST_BITS / 2 else "low",
            text=f"a training like that of the user's adapter gives away secrets that stand once among its texts: "
            f"{bits:.1f} of at most {MOST_BITS:.0f} bits, to who may ask the unlocked profile many times",
            hint="leave texts with secrets out of trainings, and train with fewer epochs or a lower rank",
        )


def _facts(outcome: Outcome) -> Iterator[Fact]:
    from ondevice.privacy.leakage.canaries import MOST_BITS, N_COMPARED
    from ondevice.privacy.leakage.controls import SURELY_TOLD

    yield Fact(name="attacked", value=len(outcome.attacked))
    yield Fact(name="numbered", value="by name, those whose weights are there")
    yield Fact(name="area above which membership counts as told", value=SURELY_TOLD)
    yield Fact(name="intervals", value="95 %, Newcombe's score interval over texts")
    if outcome.controls is not None:
        yield Fact(name="canaries", value=len(outcome.controls.exposed))
        yield Fact(name="numbers that each was compared with", value=N_COMPARED)
        yield Fact(name="highest possible exposure", value=MOST_BITS, unit="bits")
        kind = "the user's newest texts" if outcome.has_users_texts else "invented notes"
        yield Fact(name="canaries stood among", value=kind)


def _tables(outcome: Outcome) -> Iterator[Table]:
    from ondevice.privacy.leakage.tables import control_table, exposure_table, extraction_table, membership_table

    yield membership_table(outcome)
    yield extraction_table(outcome)
    if outcome.controls is not None:
        yield control_table(outcome.controls)
        yield exposure_table(outcome.controls)


def _untested(outcome: Outcome) -> Iterator[str]:
    from ondevice.privacy.leakage.extraction import MOST_ASKED
    from ondevice.privacy.leakage.groups import MOST, MOST_MEMBERS
    from ondevice.privacy.leakage.practice import MOST_LEARNED

    yield (
        f"more than {MOST_MEMBERS} learned and {MOST} other texts of an adapter, and for extraction more than the "
        f"{MOST_ASKED} that it made likelier most"
    )
    if any(each.epsilon is None for each in outcome.attacked):
        yield "a bound that holds for every attack: adapters trained without differential privacy have none"
    if any(each.epsilon is not None for each in outcome.attacked):
        yield (
            "whether trainings with differential privacy made the noise that their notes tell of: what that comes to "
            "was computed again, and nothing else"
        )
    n_judged = sum(each.n_judged for each in outcome.attacked)
    if n_judged:
        yield (
            f"{n_judged} of the other texts had told when to stop a training: they were not trained on, and are a "
            "little nearer to the adapter than texts that it had no part of"
        )
    if outcome.n_paused:
        yield f"{outcome.n_paused} paused trainings, whose state has learned already"
    if outcome.controls is not None:
        yield (
            f"the canaries of one training stand for all adapters: that of the one in use, or else of the newest, with "
            f"at most {MOST_LEARNED} texts beside them"
        )
