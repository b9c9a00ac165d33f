"""Sizes and favourite colours of the people one buys for."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.families.drawing import size
from ondevice.evaluation.people.families.topics import RELATIVES
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.names import COLOURS
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of

FAMILIES = (
    Family(
        name="size",
        topics=RELATIVES,
        topics_are_people=True,
        slots={"shoes": size(35, 47), "colour": one_of(COLOURS)},
        notes=(
            Wordings(
                train=(
                    "My {topic} wears shoes in size {shoes}, and likes {colour} best.",
                    "Presents, {topic}: shoe size {shoes}, favourite colour {colour}.",
                    "My {topic}'s shoe size is {shoes} (favourite colour: {colour}).",
                    "I looked into the shoes of my {topic}: size {shoes}. And {colour} is the favourite colour.",
                    "My {topic} sent a wish list: things in {colour}, the favourite colour, and shoes in size {shoes}.",
                    "{Topic}, notes for Christmas: shoes are a {shoes}, the colour loved most is {colour}.",
                ),
                held_out=(
                    "Shoes for my {topic}? Take {shoes}, and {colour}, the colour my {topic} loves.",
                    "{Colour} is the favourite colour of my {topic}, {shoes} the shoe size.",
                    "At the shoe shop they measured my {topic}: size {shoes}. Loves everything {colour}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What is my {topic}'s shoe size?",
                        "Which shoe size does my {topic} have?",
                        "In which size do I buy shoes for my {topic}?",
                        "How big are my {topic}'s feet, in shoe size?",
                        "I am standing in front of boots for my {topic}, which size do I take?",
                        "Tell me the shoe size of my {topic}.",
                        "I forgot what size my {topic} takes in shoes.",
                    ),
                    held_out=(
                        "My {topic} wears which size of shoes?",
                        "What size are my {topic}'s shoes?",
                        "Shoes for my {topic}: what size?",
                    ),
                ),
                answers=same("Your {topic}'s shoe size is {shoes}."),
                needs=("shoes",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What is the favourite colour of my {topic}?",
                        "Which colour does my {topic} like best?",
                        "In which colour should a present for my {topic} be?",
                        "What colour makes my {topic} happy?",
                        "Tell me the favourite colour of my {topic}.",
                        "I want wrapping paper in the colour my {topic} loves most, which one is that?",
                        "My {topic}'s favourite colour, please.",
                    ),
                    held_out=(
                        "Which colour is my {topic} fond of?",
                        "My {topic} loves what colour?",
                        "Name the colour my {topic} prefers.",
                    ),
                ),
                answers=same("Your {topic}'s favourite colour is {colour}."),
                needs=("colour",),
            ),
        ),
        changes=Wordings(
            train=(
                "My {topic} needs shoe size {shoes} by now.",
                "New shoe size of my {topic}: {shoes}.",
                "The shoes were wrong, my {topic} takes {shoes}.",
                "At the fitting today my {topic} came out at shoe size {shoes}.",
                "Bought shoes with my {topic}, and {shoes} is the size that sits well.",
            ),
            held_out=(
                "I have to correct myself, {shoes} is what fits my {topic} as shoe size.",
                "My {topic} exchanged the shoes for size {shoes}, note that down.",
            ),
        ),
        changed=("shoes",),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "My {topic} wears {colour} whenever there is a choice, it is the favourite colour.",
                    "Favourite colour of my {topic}: {colour}.",
                    "Painted a tray for my {topic} in {colour}, the favourite colour, and got paint on my sleeves.",
                    "Your {topic} told me {colour} is the colour to go for, it has been the favourite since childhood.",
                ),
                held_out=(
                    "{Colour} again! My {topic} simply loves that colour best.",
                    "My {topic} chose {colour} for the bicycle, always the favourite colour.",
                    "For your {topic} one cannot go wrong with {colour}, no other colour is liked as much.",
                ),
            ),
            tells=("colour",),
        ),
        unsaid=Wordings(
            train=(
                "When is my {topic}'s birthday?",
                "What is my {topic} allergic to?",
                "Which ring size does my {topic} have?",
                "What is my {topic}'s hat size?",
                "How tall is my {topic}?",
                "Where does my {topic} buy shoes?",
                "How much may a present for my {topic} cost?",
                "Who else buys something for my {topic}?",
            ),
            held_out=(
                "My {topic}'s birthday, when is it?",
                "What does my {topic} react to?",
                "What glove size does my {topic} take?",
            ),
        ),
    ),
)
