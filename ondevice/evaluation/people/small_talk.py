"""Sentences around a statement that answer nothing: no days, amounts, names or places that anybody asks for."""

from __future__ import annotations

SENTENCES = (
    "The weather was awful again.", "It has been warm all week.", "I slept badly.", "I woke up rested for once.",
    "The neighbours were loud until late.", "The whole house was quiet today.", "Must remember the umbrella.",
    "I keep forgetting my water bottle.", "So tired after work.", "A good day at work for a change.",
    "The tram was full.", "There was nobody on the train.", "Leftovers again, not bad at all.",
    "The smell of pancakes was everywhere.", "The kitchen smells of paint.", "The hallway needs a lick of paint.",
    "My eyes are tired from the screen.", "My eyelids are getting heavy.", "The cat sat on the laptop again.",
    "The dog next door barked for an hour.", "The river was high and brown.",
    "The woods smelled of rain.",
    "The bread turned out well.", "The cake sank in the middle.", "I should exercise more.",
    "My back hurts from all the sitting.", "Too much coffee today.", "I am trying to drink less coffee.",
    "The garden looks sad.", "The first tomatoes are ripe.", "The laundry basket is overflowing.",
    "The windows could do with a wash.", "The radio played old songs.", "They played that song in the shop again.",
    "I wonder why everyone is in such a hurry.", "People seem friendlier when the sun is out.",
    "My phone is slow lately.", "The internet was down for a while.", "I could not find my keys.",
    "My glasses were in the fridge, of all places.", "The queue at the counter was endless.",
    "For once there was no queue at all.", "I promised myself to go to bed early.", "Far too late for a weekday.",
    "The stairs were wet and slippery.", "The lift is out of order once more.", "I laughed a lot today.",
    "A bit of a gloomy day, to be honest.", "The soup was too salty.", "Lunch was better than expected.",
    "Someone left a scarf on the fence.", "A stranger held the door for me.", "I must call back later.",
    "I owe a few people an answer.", "Nothing much happened otherwise.", "The rest of the day was uneventful.",
    "The heating makes strange noises.", "The tap is dripping.", "The rain would not stop.",
    "The clouds looked like mountains.", "I want to learn something new this year.",
    "Perhaps I should pick up drawing again.",
    "There are boxes all over the hallway.", "The little ones were full of energy.", "Old times came up again.",
    "It was nice to catch up.", "The film was rather long.", "The series gets better with each episode.",
    "The flowers on the table still look fresh.", "The plants look thirsty.", "Traffic was terrible.",
    "The roads were empty.",
    "I am proud of how calm I stayed.", "I lost my patience a little.", "The tea went cold while I was writing.",
    "Hot chocolate helps with everything.", "All in all it went better than feared.", "It could have gone worse.",
    "Some things take longer than one thinks.", "Time flies when there is so much to do.",
)  # fmt: skip

TITLES = (
    "Note", "Reminder", "Quick one", "FYI", "For later", "To remember", "Short update", "News", "Before I forget",
    "Just so that it is written down", "Hello again", "From me", "A small thing", "One more thing",
)  # fmt: skip

LONG_TITLES = (
    "A long week", "Sunday evening", "Thoughts", "What happened lately", "This and that", "Diary", "Letter to myself",
    "Looking back", "Bits and pieces", "Evening pages",
)  # fmt: skip
