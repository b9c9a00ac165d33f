"""Prices and repairs."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import how_much, same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import day_ahead, full_name, money, one_of

_PRICED = (
    "wedding cake", "string quartet", "photo booth", "marquee", "wedding ring pair", "ballroom", "carport", "pergola",
    "bread oven", "pellet stove", "kitchen worktop", "kitchen blind set", "solar panel", "air conditioner",
    "cork floor",
    "carpet floor", "front hedge", "brick wall", "roof window", "staircase", "raised bed", "koi pond", "bridal gown",
    "winter coat", "sandpit", "climbing frame", "catering", "flower arch",
)  # fmt: skip
_SELLERS = (
    "Finkel & Sons", "Marigold Ltd", "Studio Abendrot", "Oakroot", "Kirschbaum", "Larssen Interiors", "Bellweather",
    "Stone & Stem", "Hofmann Works", "Pomegranate House", "Silverlane", "Greyfield Crafts", "Hazelwood", "Tallboys",
    "Moonrise Events", "Patina", "Kowalski Builders", "Wren & Daughters", "Ardent", "Ferro", "Bluebell Workshop",
    "Tessera", "Northwall", "Lindgren", "Castor", "Pinnacle",
)  # fmt: skip
_BROKEN = (
    "left headlight", "right wing mirror", "cellar door", "garden gate", "cracked phone screen", "laptop hinge",
    "clutch", "exhaust", "brake pads job", "gearbox job", "leaking roof", "blocked drain", "washing-up machine pump",
    "oven thermostat", "grandfather clock", "pocket watch", "accordion", "cello bow", "violin bridge",
    "church organ pipe", "shower hose", "toilet cistern", "roller shutter", "awning", "chipped tooth", "broken crown",
    "bent rim", "flat bicycle tyre",
)  # fmt: skip

FAMILIES = (
    Family(
        name="price",
        topics=_PRICED,
        slots={"price": money(120, 9800), "seller": one_of(_SELLERS)},
        notes=(
            Wordings(
                train=(
                    "{Seller} wants {price} for the {topic}.",
                    "Quote for the {topic}: {price}, {seller}.",
                    "I asked {seller} about the {topic}, they would charge {price}.",
                    "We can offer you the {topic} for {price}. Regards from {seller}.",
                    "The {topic} comes to {price} (offer by {seller}).",
                    "For the {topic} {seller} sent an offer of {price}.",
                    "Call from {seller}: the {topic} would cost {price}.",
                ),
                held_out=(
                    "{Price} - that is what the {topic} would be at {seller}.",
                    "Got an estimate from {seller}: {topic}, {price} all in.",
                    '"For {price} the {topic} is yours," they told me at {seller}.',
                    "Our offer to you, {topic}: {price}. We look forward to hearing from you, {seller}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=how_much(
                    "the {topic}",
                    train=(
                        "What was the offer for the {topic}?",
                        "{Topic}: what would I pay?",
                        "I forgot what they charge for the {topic}.",
                        "Tell me the sum for the {topic}.",
                    ),
                ),
                answers=same("The {topic} costs {price}."),
                needs=("price",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Who made the offer for the {topic}?",
                        "From which company is the quote for the {topic}?",
                        "Who would do the {topic}?",
                        "Whom did I ask about the {topic}?",
                        "{Topic}: whose offer was it?",
                        "I want to accept the offer for the {topic}, to whom do I write?",
                        "Tell me which company wrote about the {topic}.",
                    ),
                    held_out=(
                        "Which firm offered the {topic}?",
                        "The estimate for the {topic} came from whom?",
                        "What's the name of the seller of the {topic}?",
                    ),
                ),
                answers=same("The offer for the {topic} is from {seller}."),
                needs=("seller",),
                category="name",
            ),
        ),
        changes=Wordings(
            train=(
                "They lowered their offer: the {topic} is {price} now.",
                "New price of the {topic}: {price}.",
                "Sadly the {topic} went up, it costs {price} by now.",
                "The {topic} for {price} then, they agreed on the phone.",
                "{Price} for the {topic}, we shook hands on it.",
            ),
            held_out=(
                "After some haggling the {topic} stands at {price}.",
                "{Topic}, corrected offer: {price}.",
                "Because material is dear, we must ask you for {price} for the {topic}, not what we said.",
            ),
        ),
        changed=("price",),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "{Seller} made an offer for the {topic}.",
                    "I had a long talk with {seller} about the {topic}.",
                    "The quote for the {topic} from {seller} is in the blue folder.",
                    "Thank you for asking us about the {topic}. You find our offer attached. Your team at {seller}",
                ),
                held_out=(
                    "{Seller} sent the estimate for the {topic}, two pages long.",
                    "Went through the offer of {seller} for the {topic} with a cup of tea.",
                    "We enjoyed meeting you and would love to do the {topic} for you. {Seller}",
                ),
            ),
            tells=("seller",),
        ),
        unsaid=Wordings(
            train=(
                "When will the {topic} be ready?",
                "How long is the offer for the {topic} valid?",
                "How big is the {topic}?",
                "Which number has the quote for the {topic}?",
                "How long does the work on the {topic} take?",
                "Who recommended them for the {topic}?",
                "How much do I have to pay in advance for the {topic}?",
                "Which colour did we choose for the {topic}?",
            ),
            held_out=(
                "In what colour does the {topic} come?",
                "What day do they come about the {topic}?",
                "How many people work on the {topic}?",
            ),
        ),
    ),
    Family(
        name="repair",
        topics=_BROKEN,
        slots={"cost": money(25, 950), "day": day_ahead(2, 25), "who": full_name},
        notes=(
            Wordings(
                train=(
                    "{Who} repairs the {topic} for {cost}; it is ready on {day}.",
                    "Repair of the {topic}: {cost}, done by {who}, finished {day}.",
                    "I brought the {topic} to {who}. It will cost {cost} and be finished on {day}.",
                    "About your {topic}: we fix it for {cost}, you can have it on {day}. {Who}",
                    "{Who} looked at the {topic}: ready on {day}, {cost} in all.",
                    "The {topic} costs {cost} to repair, {who} says, and is done by {day}.",
                ),
                held_out=(
                    "{Cost} to fix the {topic}, said {who}, and I wait until {day}.",
                    "The {topic} is being mended by {who} (bill {cost}, completion {day}).",
                    "By {day} {who} wants to have mended the {topic}. Price: {cost}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "How much is the repair of the {topic}?",
                        "What does it cost to repair the {topic}?",
                        "What do I pay for fixing the {topic}?",
                        "How much do they want for the {topic}?",
                        "{Topic}: what will it cost me?",
                        "I forgot how much money the repair of the {topic} takes.",
                        "Tell me the sum that I owe for the {topic}.",
                    ),
                    held_out=(
                        "What is the bill for mending the {topic}?",
                        "How expensive is it to have the {topic} fixed?",
                        "The {topic}: what will the repair be in money?",
                    ),
                ),
                answers=same("The repair of the {topic} costs {cost}."),
                needs=("cost",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Who repairs the {topic}?",
                        "Who is fixing the {topic}?",
                        "To whom did I give the {topic} for repair?",
                        "What is the name of the person who repairs the {topic}?",
                        "{Topic}: who is at work on it?",
                        "I want to ask how the {topic} is coming along, whom do I call?",
                        "Tell me who is dealing with the {topic}.",
                    ),
                    held_out=(
                        "Who promised to mend the {topic}?",
                        "The {topic} is in whose hands for the repair?",
                        "Who takes care of the broken {topic}?",
                    ),
                ),
                answers=same("{Who} repairs the {topic}."),
                needs=("who",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When is the repair of the {topic} finished?",
                        "When will the {topic} be repaired?",
                        "On which day is the {topic} ready?",
                        "By when is the {topic} fixed?",
                        "{Topic}, done on which day?",
                        "I am planning my week: when is the {topic} in order again?",
                        "Tell me the date on which the {topic} is done.",
                    ),
                    held_out=(
                        "What day is the {topic} mended?",
                        "The {topic} will be whole again when?",
                        "Which date did they name for the repaired {topic}?",
                    ),
                ),
                answers=same("The {topic} is ready on {day}."),
                needs=("day",),
                category="date",
            ),
        ),
        changes=Wordings(
            train=(
                "The repair of the {topic} gets dearer, {cost}, and takes until {day}.",
                "Call about the {topic}: {cost} instead, ready on {day}.",
                "A part was missing, so the {topic} will be done on {day}, for {cost}.",
                "The {topic} will be fine on {day}, and they write {cost} on the bill.",
                "I pay {cost} for the {topic} and get it done by {day}, I was told.",
            ),
            held_out=(
                "{Topic} repair, new figures: {cost} and {day}.",
                "They found more wrong with the {topic}; it is {cost} then, finished {day}.",
            ),
        ),
        changed=("cost", "day"),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "{Topic} in repair, done on {day}.",
                    "My {topic} gets repaired and is ready on {day}.",
                    "I was promised that the {topic} will be fine again by {day}.",
                    "I must be patient with the {topic}, as the repair takes until {day}.",
                ),
                held_out=(
                    "They promised to have mended the {topic} by {day}.",
                    "Until {day} I have to live with the {topic} as it is, then the mending is done.",
                    "Our {topic}: mended on {day}, they told us.",
                ),
            ),
            tells=("day",),
        ),
        unsaid=Wordings(
            train=(
                "How did the {topic} break?",
                "Where is the workshop for the {topic}?",
                "What is the phone number of the workshop with the {topic}?",
                "How old is the {topic}?",
                "How long is the guarantee on the repaired {topic}?",
                "Which part of the {topic} has to be replaced?",
                "How many hours of work go into the {topic}?",
                "Who told me about the workshop for the {topic}?",
            ),
            held_out=(
                "Who broke the {topic}?",
                "In which street do they mend the {topic}?",
                "How do I reach the people who fix the {topic} by phone?",
            ),
        ),
    ),
)
