"""What follows from two amounts: their sum, and which is less."""

from __future__ import annotations

from collections.abc import Mapping

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Scene, Wordings
from ondevice.evaluation.people.values import Slot, Value, one_of, total_of

_WORKS = (
    "kitchen renovation", "barn conversion", "ball gown", "bridal bouquet", "koi basin", "garden sauna",
    "custom bookcase", "custom wardrobe", "family portrait", "group portrait", "retaining wall", "wooden terrace",
    "house concert", "magic show", "website redesign", "logo redesign", "stair carpet", "oak flooring", "clay oven",
    "brick oven", "well drilling", "wind turbine", "dormer", "glass roof",
)  # fmt: skip
_OFFERS = (
    "hedge trimming", "tree felling", "drain cleaning", "gutter cleaning", "piano transport", "furniture transport",
    "window cleaning", "carpet cleaning", "lock replacement", "boiler replacement", "passport translation",
    "diploma translation", "chimney lining", "cellar drying", "wall plastering", "loft insulation", "party tent hire",
    "sound system hire", "minibus hire", "van hire", "chair upholstery", "sofa upholstery", "bathroom tiling",
    "kitchen tiling",
)  # fmt: skip
_TRADERS = (
    "Hartmann Brothers", "Mackenzie & Daughter", "Rapid Service", "Prompt Service", "Werner Craft", "Sutter Craft",
    "All-Round Ltd", "Handy Ltd", "Green Ladder", "Red Ladder", "Oakhouse", "Elmhouse", "Three Towers", "Two Rivers",
    "Fixwell", "Dowell", "Bluebird Team", "Magpie Team", "Kramer KG", "Wagner KG", "Topline", "Baseline",
    "Northgate Crew", "Southgate Crew",
)  # fmt: skip


def _tens(least: int, most: int) -> Slot:
    """Draw round euros, so that a sum is a matter of reading more than of reckoning."""

    def draw(scene: Scene, _: Mapping[str, Value]) -> Value:
        amount = str(scene.random.randint(least // 10, most // 10) * 10)
        return Value.of(f"{amount} euros", accepted=(amount,))

    return draw


def _other_trader(scene: Scene, values: Mapping[str, Value]) -> Value:
    return Value.of(scene.random.choice([one for one in scene.half(_TRADERS) if one != values["first"].said]))


def _other_price(scene: Scene, values: Mapping[str, Value]) -> Value:
    """Draw a price that is clearly lower or higher."""
    price = int(values["price"].said.split()[0])
    amount = str(price + scene.random.choice((-1, 1)) * scene.random.randint(2, 9) * 10)
    return Value.of(f"{amount} euros", accepted=(amount,))


def _cheaper(_: Scene, values: Mapping[str, Value]) -> Value:
    price, offer = (int(values[name].said.split()[0]) for name in ("price", "offer"))
    return values["first"] if price < offer else values["second"]


FAMILIES = (
    Family(
        name="instalments",
        topics=_WORKS,
        slots={
            "deposit": _tens(100, 900),
            "rest": _tens(100, 900),
            "total": total_of("deposit", "rest", unit="euros"),
        },
        notes=(
            Wordings(
                train=(
                    "I paid a deposit of {deposit} for the {topic}.",
                    "Deposit for the {topic} transferred: {deposit}.",
                    "We had to pay {deposit} in advance for the {topic}.",
                    "First instalment of the {topic}, {deposit}, is paid.",
                    "Order for the {topic} signed, deposit of {deposit} paid.",
                    "They got {deposit} from me beforehand for the {topic}.",
                ),
                held_out=(
                    "{Deposit} went out as an advance for the {topic}.",
                    "The {topic} begins; my advance payment was {deposit}.",
                    "Paid ahead for the {topic}, namely {deposit}.",
                ),
            ),
            Wordings(
                train=(
                    "I paid the remaining {rest} for the {topic}.",
                    "Rest of the money for the {topic} transferred: {rest}.",
                    "Second and last instalment of the {topic}, {rest}, is paid.",
                    "The {topic} is finished, we paid the other {rest}.",
                    "The bill for the {topic} is settled, the last {rest} went out today.",
                    "Paid the rest for the {topic}, {rest}, and got a receipt with a stamp.",
                ),
                held_out=(
                    "{Rest} more went out, and with that the {topic} is paid off.",
                    "Final payment for the {topic} was {rest}.",
                    "The last of my two payments for the {topic}: {rest}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "How much did I pay for the {topic} altogether?",
                        "What did the {topic} cost in all?",
                        "How much money went into the {topic} in total?",
                        "What is the sum of the payments for the {topic}?",
                        "{Topic}: both payments together?",
                        "I forgot what the {topic} cost me as a whole.",
                        "For my tax papers, how much have I spent on the {topic} altogether?",
                    ),
                    held_out=(
                        "What was the total price of the {topic}?",
                        "Add up what I paid for the {topic}.",
                        "How expensive was the {topic} all in all?",
                    ),
                ),
                answers=same("For the {topic} you paid {deposit} and {rest}, together {total}."),
                needs=("total",),
                rests_on=(0, 1),
                category="computed",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "How much was the deposit for the {topic}?",
                        "How much did I pay in advance for the {topic}?",
                        "What was the first payment for the {topic}?",
                        "How many euros was the deposit for the {topic}?",
                        "{Topic}: how much in advance?",
                        "I forgot what I had to pay up front for the {topic}.",
                        "Tell me the amount of my deposit for the {topic}.",
                    ),
                    held_out=(
                        "What sum did I pay ahead for the {topic}?",
                        "What was the advance for the {topic}?",
                        "How large was the first instalment of the {topic}?",
                    ),
                ),
                answers=same("The deposit for the {topic} was {deposit}."),
                needs=("deposit",),
                category="number",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "My deposit for the {topic}, {deposit}, has reached them.",
                    "Thank you for the deposit of {deposit} for your {topic}.",
                    "Signed the contract for the {topic} and paid {deposit} as a deposit.",
                    "They wanted {deposit} up front for the {topic}, so I paid and got a receipt.",
                ),
                held_out=(
                    "The down payment for the {topic} came to {deposit}.",
                    "{Deposit} up front, and they have my order for the {topic}.",
                    "Just transferred the first {deposit} for the {topic}, they sent a kind reply.",
                ),
            ),
            tells=("deposit",),
        ),
        unsaid=Wordings(
            train=(
                "Who was in charge of the {topic}?",
                "How long did the {topic} take?",
                "On which account was the money for the {topic} sent?",
                "How long is the guarantee on the {topic}?",
                "Why was the {topic} so expensive?",
                "When did they begin with the {topic}?",
                "Who gave me the money for the {topic}?",
                "How many people worked on the {topic}?",
            ),
            held_out=(
                "Which firm did the {topic}?",
                "What is the invoice number of the {topic}?",
                "What's the name of the person who did the {topic}?",
            ),
        ),
    ),
    Family(
        name="offers",
        topics=_OFFERS,
        slots={
            "first": one_of(_TRADERS),
            "second": _other_trader,
            "price": _tens(150, 900),
            "offer": _other_price,
            "cheaper": _cheaper,
        },
        notes=(
            Wordings(
                train=(
                    "Offer from {first} for the {topic}: {price}.",
                    "{First} would do the {topic} for {price}.",
                    "I asked {first} about the {topic}, they want {price}.",
                    "For your {topic} we at {first} offer a price of {price}.",
                    "Price for the {topic} according to {first}: {price}.",
                    "{First} looked into it: the {topic} would come to {price}.",
                ),
                held_out=(
                    "With {first} the {topic} is {price}.",
                    "{Price} is what {first} charges us for {topic}.",
                    "Got a quote for the {topic}, {price} ({first}).",
                ),
            ),
            Wordings(
                train=(
                    "{Second} asks {offer} for the {topic}.",
                    "Another offer for the {topic}, from {second}: {offer}.",
                    "Called {second} for my {topic}; it would be {offer}.",
                    "For the {topic} {second} wrote an offer of {offer}.",
                    "Then there is {second}, with {offer} for the {topic}.",
                    "{Second} sent a price for the {topic} as well, {offer} in all.",
                ),
                held_out=(
                    "And {second} would take {offer} for the {topic}.",
                    "Second quote, {topic}, {second}, {offer}.",
                    "{Offer} for the {topic} if I go to {second}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Which offer for the {topic} is cheaper?",
                        "Who does the {topic} for less money?",
                        "Which of the two firms is cheaper for the {topic}?",
                        "Who made the lower offer for the {topic}?",
                        "{Topic}: who is cheaper?",
                        "Tell me who would do the {topic} for the smaller sum.",
                        "I want to spend as little as I can on the {topic}, whom do I take?",
                    ),
                    held_out=(
                        "From whom do I get the {topic} at the lower price?",
                        "What is the cheapest offer for the {topic}?",
                        "Which firm asks less for the {topic}?",
                    ),
                ),
                answers=same("{Cheaper} is cheaper for the {topic}."),
                needs=("cheaper",),
                rests_on=(0, 1),
                category="computed",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "How much does {first} want for the {topic}?",
                        "What does the {topic} cost with {first}?",
                        "How much is the {topic} if {first} does it?",
                        "How many euros does {first} ask for the {topic}?",
                        "{Topic} by {first}: what price?",
                        "I forgot how much {first} wanted for the {topic}.",
                        "Tell me the amount that {first} named for the {topic}.",
                    ),
                    held_out=(
                        "What is {first}'s price for the {topic}?",
                        "How expensive is {first} for the {topic}?",
                        "What was the offer of {first} for the {topic}?",
                    ),
                ),
                answers=same("{First} wants {price} for the {topic}."),
                needs=("price",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "How much does {second} want for the {topic}?",
                        "What does the {topic} cost with {second}?",
                        "How much is the {topic} if {second} does it?",
                        "How many euros does {second} ask for the {topic}?",
                        "{Topic} by {second}: what price?",
                        "I forgot how much {second} wanted for the {topic}.",
                        "Tell me the amount that {second} named for the {topic}.",
                    ),
                    held_out=(
                        "What is {second}'s price for the {topic}?",
                        "How expensive is {second} for the {topic}?",
                        "What was the offer of {second} for the {topic}?",
                    ),
                ),
                answers=same("{Second} wants {offer} for the {topic}."),
                needs=("offer",),
                rests_on=(1,),
                category="number",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "Asked {first} and {second} about the {topic}, {first} takes {price}.",
                    "{Topic}: {price} at {first}. Also wrote to {second}.",
                    "An offer came from {first}, {price} for the {topic}, and somebody from {second} rang as well.",
                    "{Second} was here about the {topic}. A letter from {first} came, too, with a price of {price}.",
                ),
                held_out=(
                    "Both {first} and {second} have answered about the {topic}, {first} with a price of {price}.",
                    "{Price} is what the {topic} comes to with {first}; {second} sent a nice catalogue.",
                    "I can have the {topic} from {first} for {price}, and {second} would do it too.",
                ),
            ),
            tells=("first", "second", "price"),
        ),
        unsaid=Wordings(
            train=(
                "When can {first} do the {topic}?",
                "How many hours does the {topic} take?",
                "Who recommended {second} for the {topic}?",
                "What is the phone number of {first}?",
                "Why did I turn to {first} for the {topic}?",
                "With whom did I speak at {first} about the {topic}?",
                "How many people does {second} send for the {topic}?",
                "How many years of guarantee does {second} give on the {topic}?",
            ),
            held_out=(
                "On which day could {second} come for the {topic}?",
                "Until when is the offer for the {topic} valid?",
                "Where is the office of {first}?",
            ),
        ),
    ),
)
