"""Contracts, their fees, and the numbers under which one is a customer."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import number_of, same
from ondevice.evaluation.people.families.drawing import reference
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import day_ahead, money

_ACCOUNTS = (
    "electricity supplier", "gas supplier", "phone provider", "internet provider", "health insurer", "car insurer",
    "home insurer", "legal insurer", "water company", "waste company", "gym", "public library", "music school",
    "dance school", "car club", "railway card", "newspaper", "film streaming service", "pension fund", "savings bank",
    "liability insurer", "travel insurer", "cloud storage", "web host",
)  # fmt: skip

FAMILIES = (
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
                    "Customer {number}, that is me at the {topic}.",
                    "Your customer number is {number}, please have it at hand when you call the {topic}.",
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
                    "The contract with the {topic} runs until {notice} and costs {fee} a month.",
                    "{Fee} a month is what the {topic} costs me, and I am bound until {notice}.",
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
                questions=number_of(
                    "my customer number at the {topic}",
                    train=(
                        "{Topic}: which customer number?",
                        "The {topic} is on the phone and asks for my customer number, what is it?",
                        "I forgot under which number the {topic} has me on file.",
                    ),
                ),
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
                        "{Topic}: how much a month?",
                        "I am doing my budget, what do I put down for the {topic} every month?",
                        "Tell me what the {topic} charges per month.",
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
                        "{Topic}: contract until when?",
                        "I would like to leave the {topic}, when does my contract run out?",
                        "Tell me the date on which my contract with the {topic} expires.",
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
                "The {topic} has me as customer {number}, says the latest bill.",
                "From the first of the month my customer number at the {topic} is {number}.",
            ),
            held_out=(
                "Letter from the {topic}: numbers were changed, your customer number reads {number} now.",
                "Cross out the old customer number at the {topic}, it has become {number}.",
            ),
        ),
        changed=("number",),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "The {topic} costs me {fee} a month until {notice}.",
                    "{Topic}: {fee} a month, and I am bound until {notice}.",
                    "I compared prices: my contract with the {topic} lasts until {notice} and takes {fee} every month.",
                    "Your contract with the {topic} runs until {notice}, for {fee} each month.",
                ),
                held_out=(
                    "Up to {notice} the {topic} collects {fee} from our account month by month.",
                    "Bound to the {topic} until {notice}, {fee} per month.",
                    "Read the contract with the {topic} again, it goes on until {notice} for {fee} a month.",
                ),
            ),
            tells=("fee", "notice"),
        ),
        unsaid=Wordings(
            train=(
                "What is the phone number of the {topic}?",
                "What is my password at the {topic}?",
                "Who is my contact at the {topic}?",
                "Since when am I with the {topic}?",
                "How many weeks of notice does the {topic} want?",
                "To which address do I write when I leave the {topic}?",
                "On which day of the month does the {topic} take its money?",
                "Why did I choose the {topic}?",
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
