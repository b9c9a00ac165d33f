"""Sentences around a statement that answer nothing: no days, amounts, names or places that anybody asks for."""

from __future__ import annotations

SENTENCES = (
    "The weather was awful again.", "It has been warm all week.", "I slept badly.", "I woke up rested for once.",
    "The neighbours were loud until late.", "The whole house was quiet today.", "Must remember the umbrella.",
    "I keep forgetting my water bottle.", "So tired after work.", "A good day at work for a change.",
    "The tram was full.", "There was nobody on the train.", "I made soup out of what was left.",
    "We had pancakes in the evening.", "The kitchen smells of paint.", "The hallway needs a lick of paint.",
    "I read a little before bed.", "I fell asleep over my book.", "The cat sat on the laptop again.",
    "The dog next door barked for an hour.", "Went for a walk along the river.",
    "A long walk in the woods cleared my head.",
    "The bread turned out well.", "The cake sank in the middle.", "I should exercise more.",
    "My back hurts from all the sitting.", "Too much coffee today.", "I am trying to drink less coffee.",
    "The garden looks sad.", "The first tomatoes are ripe.", "Laundry took half the morning.",
    "I finally cleaned the windows.", "The radio played old songs.", "They played that song in the shop again.",
    "I wonder why everyone is in such a hurry.", "People seem friendlier when the sun is out.",
    "My phone is slow lately.", "The internet was down for a while.", "I could not find my keys.",
    "My glasses were in the fridge, of all places.", "The queue at the counter was endless.",
    "For once there was no queue at all.", "I promised myself to go to bed early.", "Stayed up far too late.",
    "The stairs were wet and slippery.", "The lift is out of order once more.", "I laughed a lot today.",
    "A bit of a gloomy day, to be honest.", "The soup was too salty.", "Lunch was better than expected.",
    "Someone left a scarf on the fence.", "A stranger held the door for me.", "I must call back later.",
    "I owe a few people an answer.", "Nothing much happened otherwise.", "The rest of the day was uneventful.",
    "The heating makes strange noises.", "The tap is dripping.", "I watched the rain for a while.",
    "The clouds looked like mountains.", "I want to learn something new this year.",
    "Perhaps I should pick up drawing again.",
    "The children built a tower of boxes.", "The little ones ran around until dinner.", "We talked about old times.",
    "It was nice to catch up.", "The film was rather long.", "The series gets better with each episode.",
    "I put fresh flowers on the table.", "The plants got some water.", "Traffic was terrible.", "The roads were empty.",
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
