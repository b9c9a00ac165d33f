"""Prices, repairs and the numbers under which one is a customer."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import how_much, number_of, same
from ondevice.evaluation.people.families.drawing import reference
from ondevice.evaluation.people.family import Asking, Family
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
_ACCOUNTS = (
    "electricity supplier", "gas supplier", "phone provider", "internet provider", "health insurer", "car insurer",
    "home insurer", "legal insurer", "water company", "waste company", "gym", "public library", "music school",
    "dance school", "car club", "railway card", "newspaper", "film streaming service", "pension fund", "savings bank",
    "liability insurer", "travel insurer", "cloud storage", "web host",
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
                questions=how_much("the {topic}", train=("What was the offer for the {topic}?",)),
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
            ),
            held_out=(
                "After some haggling the {topic} stands at {price}.",
                "{Topic}, corrected offer: {price}.",
                "Because material is dear, we must ask you for {price} for the {topic}, not what we said.",
            ),
        ),
        changed=("price",),
        unsaid=Wordings(
            train=(
                "When will the {topic} be ready?",
                "How long is the offer for the {topic} valid?",
                "How big is the {topic}?",
                "Which number has the quote for the {topic}?",
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
            ),
            held_out=(
                "{Topic} repair, new figures: {cost} and {day}.",
                "They found more wrong with the {topic}; it is {cost} then, finished {day}.",
            ),
        ),
        changed=("cost", "day"),
        unsaid=Wordings(
            train=(
                "How did the {topic} break?",
                "Where is the workshop for the {topic}?",
                "What is the phone number of the workshop with the {topic}?",
                "How old is the {topic}?",
            ),
            held_out=(
                "Who broke the {topic}?",
                "In which street do they mend the {topic}?",
                "How do I reach the people who fix the {topic} by phone?",
            ),
        ),
    ),
    Family(
        name="account number",
        topics=_ACCOUNTS,
        slots={"number": reference, "fee": money(4, 95), "notice": day_ahead(20, 300, relative=0)},
        notes=(
            Wordings(
                train=(
                    "My customer number at the {topic} is {number}.",
                    "Customer number, {topic}: {number}.",
                    "The {topic} wrote that your customer number is {number}.",
                    "When calling the {topic} they ask for the customer number, which is {number}.",
                    "Found it on the bill of the {topic}: I am customer {number}.",
                ),
                held_out=(
                    "{Number} is the customer number with the {topic}.",
                    "The {topic} knows us under number {number}.",
                    "Please quote {number} whenever you write to the {topic}; it is your customer number.",
                    "{Topic} - customer no. {number}",
                ),
            ),
            Wordings(
                train=(
                    "The {topic} takes {fee} a month, and the contract ends on {notice}.",
                    "{Topic}: {fee} monthly, contract until {notice}.",
                    "I pay {fee} every month for the {topic}, my contract runs until {notice}.",
                ),
                held_out=(
                    "Contract with the {topic} over on {notice}; until then {fee} leave the account each month.",
                    "Monthly fee of the {topic}: {fee}. Last day of the contract: {notice}.",
                    "We signed with the {topic} up to {notice}, at {fee} per month.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=number_of("my customer number at the {topic}"),
                answers=same("Your customer number at the {topic} is {number}."),
                needs=("number",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "How much do I pay the {topic} every month?",
                        "What does the {topic} cost a month?",
                        "What is the monthly fee of the {topic}?",
                        "How much money goes to the {topic} each month?",
                    ),
                    held_out=(
                        "How expensive is the {topic} per month?",
                        "What sum does the {topic} take monthly?",
                        "Each month the {topic} gets how much from me?",
                    ),
                ),
                answers=same("The {topic} costs {fee} a month."),
                needs=("fee",),
                rests_on=(1,),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Until when does my contract with the {topic} run?",
                        "When does the contract with the {topic} end?",
                        "How long am I bound to the {topic}?",
                        "On which day does the {topic} contract end?",
                    ),
                    held_out=(
                        "What is the last day of my contract with the {topic}?",
                        "When am I free of the {topic}?",
                        "The contract with the {topic} is over when?",
                    ),
                ),
                answers=same("The contract with the {topic} runs until {notice}."),
                needs=("notice",),
                rests_on=(1,),
                category="date",
            ),
        ),
        changes=Wordings(
            train=(
                "The {topic} gave me a new customer number, {number}.",
                "After the merger the {topic} uses another customer number for us: {number}.",
                "New customer number at the {topic}: {number}.",
            ),
            held_out=(
                "Letter from the {topic}: numbers were changed, your customer number reads {number} now.",
                "Cross out the old customer number at the {topic}, it has become {number}.",
            ),
        ),
        changed=("number",),
        unsaid=Wordings(
            train=(
                "What is the phone number of the {topic}?",
                "What is my password at the {topic}?",
                "Who is my contact at the {topic}?",
                "Since when am I with the {topic}?",
            ),
            held_out=(
                "What's the name of the person at the {topic}?",
                "What was my login for the {topic} again?",
                "Under which phone number do I reach the {topic}?",
                "In which street is the {topic}?",
            ),
        ),
    ),
)
