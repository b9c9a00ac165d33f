"""Names and words that more than one kind of story draws from; every second one is kept for held-out people."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words(
    "Anna Alma Ben Bela Carla Clemens Deniz Dora Elif Emil Farid Fiona Greta Gustav Hugo Hanna Ines Igor Jonas Jana "
    "Kavya Kurt Leo Lucia Mira Matteo Noor Nils Oskar Olga Paula Pavel Quentin Qadir Rosa Ravi Samir Selma Tilda Tomas "
    "Uma Ulf Viktor Vera Wanda Walid Xenia Xaver Yusuf Yara Zoe Zeno Marek Marta Lin Luis Aiko Aaron Tom Tess "
    "Ruth Ruben Pedro Petra Nadia Noah Karim Katja Ella Erik Sofia Stefan Irma Ivo Bruno Beate Celia Cyril "
    "Daria David Esme Enzo Femke Felix "
    "Gianna Georg Hilde Haruto Isla Ilias Joelle Jakob Kenza Kilian Lena Lars Malik Maren Nina Nuno Orla Otto Priya "
    "Piet"
)
LAST = _words(
    "Adler Abel Bauer Brandt Costa Cohen Dang Duarte Eriksen Egger Fischer Fontana Gomez Grau Haas Hansen Ivanov "
    "Iglesias Jansen Juric Kaya Klein Lopez Lund Meyer Moreau Novak Nilsen Okafor Olsen Petrov Pinto Quist "
    "Quade Rossi Roth Sato Schulz Torres Tanaka Ueda Urban Vogel Varga Weiss Winter Yilmaz Young Ziegler Zeman "
    "Bakker Boran Castell Corti "
    "Demir Doyle Evers Engel Falk Ferrara Gruber Garner Hoxha Huber Imhof Irving Jovic Jarvis Kowal Keller"
)
CITIES = _words(
    "Lyon Lugano Graz Gera Porto Padua Bergen Basel Leeds Limerick Turin Trieste Ghent Girona Aarhus Arles Malaga "
    "Mostar Tartu Tampere Brno Bruges Bilbao Bern Cork Cadiz Split Sofia Nantes Naples Delft Dresden Utrecht Uppsala "
    "Krakow Kassel Siena Seville Riga Rennes Odense Oslo Vigo Verona Zadar Zurich Lisbon Lille Parma Prague"
)
PLACES = (
    "the library", "the town hall", "room 204", "room 17", "the café on Mill Street", "the bakery on Elm Street",
    "the sports hall", "the swimming pool", "the old station", "the new station", "the school gym", "the church hall",
    "the harbour office", "the post office", "Hall B", "Hall 5", "the community garden", "the city museum",
    "the cinema",
    "the theatre", "the rowing club", "the chess club", "the north entrance", "the back entrance", "the roof terrace",
    "the inner courtyard", "the market square", "the castle park", "studio 3", "studio 8", "the clinic on Lake Road",
    "the practice on Oak Avenue",
)  # fmt: skip
THINGS = _words(
    "drill ladder tent bicycle projector suitcase guitar camera blender kayak telescope trailer heater lamp printer "
    "scanner wheelbarrow snowboard violin tripod microscope sledge cot pram cooler hammock toolbox chainsaw "
    "mixer kettle router keyboard monitor tablet wetsuit canoe rucksack stroller barbecue fan"
)
SHOPS = _words(
    "grocer bakery pharmacy bookshop garage dry-cleaner optician florist hardware-store tailor butcher ironmonger "
    "cobbler jeweller stationer chemist"
)
CURRENCIES = _words("euros pounds crowns dollars francs zloty")
CODE_WORDS = _words(
    "maple otter cobalt tulip raven amber birch comet dune ember fjord grove heron iris jade kiwi lotus mango"
)
COLOURS = _words("red green blue yellow white black grey brown orange purple silver turquoise beige pink")
RELATIONS = _words(
    "sister brother cousin aunt uncle neighbour boss colleague niece nephew flatmate godmother grandfather tutor"
)
