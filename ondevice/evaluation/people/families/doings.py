"""What was done on a day, where the note only says ``today``, ``yesterday`` or a day of the week."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Scene, Wordings
from ondevice.evaluation.people.values import Slot, Value, day_value
from ondevice.generation.prompts.calendar_words import WEEKDAY_NAMES

_TODAY = (
    "repaired the garden fence", "painted the garden gate", "planted two pear trees", "planted three currant bushes",
    "cleaned out the attic", "cleared the cellar", "visited the aquarium", "visited the planetarium",
    "baked six loaves of bread", "cooked plum jam", "sold the old piano", "sold the rowing boat",
    "signed the new lease", "signed the job contract", "climbed the church tower", "climbed the Hornberg",
    "built a hutch for the rabbits", "built a nesting box", "sewed a dragon costume", "sewed a tent bag",
    "donated blood", "donated old coats",
)  # fmt: skip
_YESTERDAY = (
    "mended the kitchen curtains", "mended the torn sail", "painted the toy boat", "painted the flower boxes",
    "collected mushrooms in the forest", "collected shells at the beach", "wrote the wedding speech",
    "wrote the speech for the jubilee", "picked up the new passport", "picked up the restored mirror",
    "watched the lunar eclipse", "watched the balloon race", "assembled the bunk bed", "assembled the greenhouse",
    "framed the old sea chart", "framed the herbarium pages", "buried the time capsule", "buried the tulip bulbs",
    "joined the astronomy club", "joined the rowing club", "finished the patchwork quilt", "finished the mosaic table",
)  # fmt: skip
_WEEKDAY = (
    "returned the hired skis", "returned the hired tuxedo", "visited the salt mine", "visited the bell foundry",
    "planted the window boxes", "planted the herb spiral", "cooked goulash for twenty people",
    "cooked elderflower syrup", "tested the electric cargo bike", "tested the inflatable kayak",
    "sorted the tax papers", "sorted the family slides", "built a wall of dry stone", "built a raft",
    "photographed the kingfisher", "photographed the old mill", "recorded the church bells", "recorded the demo song",
    "cancelled the newspaper", "cancelled the gym membership",
)  # fmt: skip
_BASES = {
    "repaired": "repair", "painted": "paint", "planted": "plant", "cleaned": "clean", "cleared": "clear",
    "visited": "visit", "baked": "bake", "cooked": "cook", "sold": "sell", "signed": "sign", "climbed": "climb",
    "built": "build", "sewed": "sew", "donated": "donate", "mended": "mend", "collected": "collect", "wrote": "write",
    "picked": "pick", "watched": "watch", "assembled": "assemble", "framed": "frame", "buried": "bury",
    "joined": "join", "finished": "finish", "returned": "return", "tested": "test", "sorted": "sort",
    "photographed": "photograph", "recorded": "record", "cancelled": "cancel",
}  # fmt: skip


def _parts(values: Mapping[str, Value]) -> tuple[str, str, str]:
    """Return verb, particle and object: ``picked``, ``up``, ``the mirror``."""
    verb, rest = values["topic"].said.split(" ", 1)
    particle, _, thing = rest.partition(" ")
    return (verb, f" {particle}", thing) if particle in ("up", "out") else (verb, "", rest)


def _base(_: Scene, values: Mapping[str, Value]) -> Value:
    """Give what was done as a question words it: ``repair the fence``."""
    verb, particle, thing = _parts(values)
    return Value.of(f"{_BASES[verb]}{particle} {thing}")


def _verb(_: Scene, values: Mapping[str, Value]) -> Value:
    verb, particle, _thing = _parts(values)
    return Value.of(f"{_BASES[verb]}{particle}")


def _past(_: Scene, values: Mapping[str, Value]) -> Value:
    verb, particle, _thing = _parts(values)
    return Value.of(f"{verb}{particle}")


def _thing(_: Scene, values: Mapping[str, Value]) -> Value:
    return Value.of(_parts(values)[2])


def _day_before(least: int, most: int) -> Slot:
    """Draw a day so many days before the note, or the note's own."""

    def draw(scene: Scene, _: Mapping[str, Value]) -> Value:
        written = scene.at.date()
        return day_value(written - timedelta(days=scene.random.randint(least, most)), written, is_relative=False)

    return draw


def _of(value: Value) -> date:
    return date.fromisoformat(value.groups[0][1])


def _weekday(_: Scene, values: Mapping[str, Value]) -> Value:
    """Give the day as a note of the days after it says it: ``on Tuesday``."""
    name = WEEKDAY_NAMES[_of(values["day"]).weekday()]
    return Value.of(f"last {name}", f"on {name}", f"last {name}", f"this past {name}")


def _asked(scene: Scene, values: Mapping[str, Value]) -> Value:
    """Give the day as one asks for it now: ``last Tuesday`` where it was within the week."""
    day = _of(values["day"])
    ago = (scene.now.date() - day).days
    if ago <= 1:
        return Value.of("yesterday" if ago == 1 else "today")
    if ago < len(WEEKDAY_NAMES):
        return Value.of(f"last {WEEKDAY_NAMES[day.weekday()]}")
    return Value(forms=tuple(f"on {form}" for form in values["day"].forms), said=f"on {day}", groups=())


def _doing(name: str, topics: tuple[str, ...], day: Slot, notes: Wordings, glimpse: Wordings) -> Family:
    """Return a family of things done on a day."""
    return Family(
        name=name,
        topics=topics,
        slots={
            "base": _base,
            "verb": _verb,
            "past": _past,
            "thing": _thing,
            "day": day,
            "weekday": _weekday,
            "asked": _asked,
        },
        notes=(notes,),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What did I do {asked}?",
                        "{Asked}, what did I do?",
                        "Can you tell me what I did {asked}?",
                        "What happened {asked}, what did I do then?",
                        "Tell me what I was up to {asked}.",
                        "{Asked}: what was I doing?",
                        "I am filling in my diary, so what did I do {asked}?",
                    ),
                    held_out=(
                        "What did I get done {asked}?",
                        "Remind me what I did {asked}.",
                        "What was I busy with {asked}?",
                    ),
                ),
                answers=same("On {day} you {topic}."),
                needs=("topic",),
                category="relative day",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What did I {verb} {asked}?",
                        "{Asked}, what did I {verb}?",
                        "Tell me what I {past} {asked}.",
                        "Which thing did I {verb} {asked}?",
                        "I forgot what I {past} {asked}.",
                        "The thing I {past} {asked}, what was that?",
                        "In my notes, what is it that I {past} {asked}?",
                    ),
                    held_out=(
                        "What was it that I {past} {asked}?",
                        "Remind me of what I {past} {asked}.",
                        "I {past} something {asked}, but what?",
                    ),
                ),
                answers=same("On {day} you {topic}."),
                needs=("thing",),
                category="relative day",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When did I {base}?",
                        "On which day did I {base}?",
                        "What day was it when I {topic}?",
                        "Can you tell me when I {topic}?",
                        "Tell me the day on which I {topic}.",
                        "I {topic}, but on what date?",
                        "I want to enter in my calendar that I {topic}, under which day?",
                    ),
                    held_out=(
                        "What date was it that I {topic}?",
                        "Which day did I {base} on?",
                        "I no longer know when I {topic}. When was it?",
                    ),
                ),
                answers=same("You {topic} on {day}."),
                needs=("day",),
                category="relative day",
            ),
        ),
        glimpse=Glimpse(notes=glimpse),
        unsaid=Wordings(
            train=(
                "How long did it take me to {base}?",
                "Who helped me when I {topic}?",
                "At what hour did I begin to {base}?",
                "How many people were there when I {topic}?",
                "How much money did I spend when I {topic}?",
                "What did I wear when I {topic}?",
                "Why did I {base}?",
                "With whom did I celebrate that I {topic}?",
            ),
            held_out=(
                "What was the weather like when I {topic}?",
                "Who was with me when I {topic}?",
                "How many hours was I busy when I {topic}?",
            ),
        ),
    )


FAMILIES = (
    _doing(
        "done today",
        _TODAY,
        _day_before(0, 0),
        Wordings(
            train=(
                "Today I {topic}.",
                "I {topic} today, at last.",
                "What a day! I {topic} today.",
                "Just so I remember it, I {topic} this morning.",
                "One thing off my list, I {topic} today.",
                "Today's entry is short: I {topic}.",
            ),
            held_out=(
                "This afternoon I {topic}, quite an undertaking.",
                "Big day for me today, as I {topic}.",
                "Guess what I did today? I {topic}!",
            ),
        ),
        Wordings(
            train=(
                "I am still proud that I {topic}.",
                "The neighbours know by now that I {topic}, word gets around.",
                "My sister still says it was a good thing that I {topic}.",
                "Looking back, I am glad that I {topic}.",
            ),
            held_out=(
                "I keep thinking of how I {topic}, it makes me smile.",
                "My aunt was surprised to hear that I {topic}.",
                "Grandma knows from my last letter that I {topic}.",
            ),
        ),
    ),
    _doing(
        "done yesterday",
        _YESTERDAY,
        _day_before(1, 1),
        Wordings(
            train=(
                "Yesterday I {topic}.",
                "I {topic} yesterday, so I am still tired.",
                "Forgot to write it down: yesterday I {topic}.",
                "It was a full day yesterday, I {topic}.",
                "Yesterday was the day, I {topic}.",
                "Too tired to write last night, so now: I {topic} yesterday.",
            ),
            held_out=(
                "I {topic} yesterday evening.",
                "A day too late, but for the record I {topic} yesterday.",
                "My news from yesterday, I {topic}.",
            ),
        ),
        Wordings(
            train=(
                "It was worth the trouble that I {topic}.",
                "At dinner I had to tell the whole story of how I {topic}.",
                "That time when I {topic} still makes a good story.",
                "Ever since I {topic} I have been in a better mood.",
            ),
            held_out=(
                "Nobody believed me when I said that I {topic}.",
                "My cousin wants to hear again and again how I {topic}.",
                "It still does me good to think that I {topic}.",
            ),
        ),
    ),
    _doing(
        "done on a weekday",
        _WEEKDAY,
        _day_before(2, 6),
        Wordings(
            train=(
                "{Weekday} I {topic}.",
                "I {topic} {weekday}.",
                "Did I mention that I {topic} {weekday}?",
                "Catching up with my diary: {weekday} I {topic}.",
                "Quick note on the week: I {topic} {weekday}.",
                "It rained a lot this week, still I {topic} {weekday}.",
            ),
            held_out=(
                "It was {weekday} that I {topic}.",
                "My week so far: I {topic} {weekday}, the rest was work.",
                "Not much to tell, except that {weekday} I {topic}.",
            ),
        ),
        Wordings(
            train=(
                "When I {topic}, I learned more than I had expected.",
                "I told the family at length how I {topic}.",
                "A colleague could hardly believe that I {topic}.",
                "I have no regrets that I {topic}, quite the opposite.",
            ),
            held_out=(
                "Had to laugh when I remembered how I {topic}.",
                "The story of how I {topic} went down well at the office.",
                "I feel lighter since I {topic}, it had been on my mind.",
            ),
        ),
    ),
)
