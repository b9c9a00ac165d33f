"""What more than one family is about.

A person is given each word of a pool once, by whichever family asks first. So a family may leave open about a topic
what another one of the same pool would answer, and the question alone does not tell whether the notes answer it.
"""

from __future__ import annotations

RELATIVES = (
    "sister", "brother", "daughter", "son", "wife", "husband", "stepson", "twin brother", "godchild", "foster child",
    "desk neighbour", "office mate", "running partner", "chess partner", "allotment neighbour", "stamp-club friend",
    "duet partner", "bridge partner", "great-niece", "great-nephew", "badminton partner", "canasta partner",
    "sailing friend", "great-grandmother", "oldest friend", "tango partner",
)  # fmt: skip

DEVICES = (
    "cordless drill", "extension ladder", "camping stove", "slide projector", "hiking rucksack", "hard-shell suitcase",
    "film camera", "stand mixer", "inflatable kayak", "star telescope", "pressure washer", "sewing machine",
    "label printer", "photo scanner", "hedge trimmer", "leaf blower", "travel cot", "baby monitor", "cool box",
    "waffle iron", "acoustic guitar", "electric piano", "picnic tent", "garden parasol", "raclette grill",
    "ice-cream maker", "tile cutter", "angle grinder", "snow blower", "roof rack", "bread slicer", "juice press",
    "air mattress", "sleeping bag", "tripod stand", "floor sander",
)  # fmt: skip
