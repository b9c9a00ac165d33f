"""Short texts about nobody, for probes, and for calibration where no data is given."""

from __future__ import annotations

NEUTRAL_TEXTS = (
    "The library opens at nine and closes at six, except on Sundays.",
    "Boil the potatoes for twenty minutes, then drain them and let them cool.",
    "How far is it from the station to the harbour?",
    "A red bicycle leaned against the wall of the bakery.",
    "Meeting notes: the budget was approved, the schedule was moved by one week.",
    "rain tomorrow",
    "The bridge was built in 1894 and carries two lanes of traffic and a footpath.",
    "Thank you for the parcel; it arrived this morning, and nothing was broken.",
    "Which museum shows paintings from the seventeenth century?",
    "Water freezes at zero degrees Celsius at normal pressure.",
    "Please send the invoice before the end of the month, together with the signed order.",
    "The film follows three friends who open a small theatre in an abandoned cinema. It is slow in the middle, but the "
    "last half hour makes up for it, and the music is worth hearing by itself.",
    "New keyboard, quiet keys, good price. The cable is a little short.",
    "We compare three methods for estimating river levels from rainfall and find that the simplest does best.",
    "Turn left after the second traffic light, pass the school, and park behind the red building.",
    "gluten-free bread recipe without yeast",
    "The committee published its report on Tuesday. It recommends longer opening hours, two additional staff, and a "
    "review of the heating system before next winter.",
    "Two cups of flour, one cup of milk, a pinch of salt.",
    "What time does the last train leave on Saturdays?",
    "The orchestra plays a symphony in D minor, followed by dances for piano and strings.",
    "Remember to water the tomatoes and to close the greenhouse before the storm.",
    "A triangle with sides of three, four and five metres has a right angle.",
    "The update fixes a crash when a file name contains a space, and makes the search faster.",
    "Snow closed the mountain pass for three days; buses took the road through the valley instead.",
    "list of countries by coastline",
    "She planted four apple trees along the fence and a pear tree in the corner of the garden.",
    "The lecture explains how vaccines train the immune system, with examples from the last hundred years.",
    "The hotel is close to the beach. Breakfast is served until ten, and the rooms facing the street are noisy.",
    "Cheap, light, and sturdy: a good tent for one person.",
    "Interest rates stayed the same, while prices rose by two percent over the year.",
    "Can the washing machine be repaired, or is a new one cheaper?",
    "The cat sleeps on the warm stones until the sun goes down.",
)
