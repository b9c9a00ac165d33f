"""Neutral texts of our own, about nobody: the gate runs on them where no data is given.

Each topic has two queries and five passages that answer or belong to them, so that rankings can be judged.
"""

from __future__ import annotations

from functools import cache

from export.gate.retrieval_data import RetrievalData

NAME = "built-in"

# A block is a topic; a line with a question mark in front is a query, the others are its passages.
_TOPICS = """
? how do I bake bread at home
? my loaf did not rise
Mix flour, water, salt and yeast, knead for ten minutes and let the dough rest under a cloth.
The crust turns crisp when a bowl of hot water stands in the oven during the first quarter of an hour.
A dense loaf usually means that the yeast was too old or the kitchen too cold.
Rye bread needs sourdough; with yeast alone it stays sticky inside.
Let the loaf cool on a rack for an hour before the first slice.

? quick dinner with noodles
? what goes into a tomato sauce
Cook the spaghetti in plenty of salted water and keep a cup of that water for the sauce.
Onion, garlic, a tin of tomatoes and a spoon of olive oil make a sauce in twenty minutes.
Fresh egg noodles are done after three minutes, dried ones after ten.
Grate some hard cheese over the plate and add basil at the very end.
Leftover penne taste good baked with cream and spinach.

? vegetables for a winter soup
? something warm for a cold evening
Leeks, carrots and potatoes simmer for half an hour, then the blender makes them smooth.
Lentils need no soaking; with cumin and lemon they become a thick soup.
Save the bones of the roast, they make the best broth.
A pot of pumpkin soup feeds six and freezes well.
Toasted bread and a spoon of yoghurt go on top of each bowl.

? brewing good coffee
? is tea better than espresso in the morning
Grind the beans just before brewing; ground coffee loses its smell within days.
The espresso machine must be descaled every second month.
Green tea turns bitter when the water is boiling; eighty degrees are enough.
A paper filter gives a clear cup, a metal one keeps the oils.
She drinks two cups of black tea with milk before work.

? train connections to the coast
? when is the next train
The regional train leaves from platform four at twenty past each hour.
Change at the junction; the connecting train waits for five minutes.
Seats in the quiet carriage can be reserved until the evening before.
The line along the coast is closed for repairs, and a bus replaces the train.
Return tickets are valid for a month, single tickets on one day only.

? what to know before a flight
? luggage that was lost at the airport
Hand luggage may weigh eight kilograms and must fit under the seat.
The gate closes twenty minutes before departure, even if the plane is late.
A suitcase that does not arrive must be reported at the desk in the arrivals hall.
The night flight was cancelled because of fog, and we slept in a hotel near the airport.
Window seats on the left side see the mountains during landing.

? repairing a bicycle
? the brakes of my bike squeal
Turn the bicycle upside down and take the wheel out to mend the tube.
A drop of oil on the chain after every ride in the rain keeps rust away.
Squealing brakes often have dirt on the rim or worn pads.
The gears jump when the cable has become longer; turn the small screw by half a round.
Pump the tyres to four bar for the road and less for gravel.

? driving the car in winter
? the engine does not start
Winter tyres must have at least four millimetres of profile.
The battery is weak in the cold, so switch off the heater before starting.
Clear all windows of ice, not only the one in front.
The mechanic changed the oil, the filter and two spark plugs.
With a jump lead from the neighbour's car the motor ran again.

? places to sleep in the mountains
? hiking from hut to hut
The hut at the lake has forty beds and opens in June.
The path climbs eight hundred metres through the forest to the pass.
Take enough water, because the spring below the summit is dry in August.
Good boots, a rain jacket and a map matter more than a heavy rucksack.
The last cable car into the valley leaves at five.

? a week at the sea
? swimming and sailing with children
The beach is shallow for fifty metres, so children can play in the water.
Lifeguards put up a red flag when the current is strong.
We rented a small sailing boat and went around the island.
Put on sun cream half an hour before going into the sun.
At low tide one can walk to the lighthouse over the sand.

? what should I plant in spring
? growing tomatoes on a balcony
Sow tomatoes indoors in March and plant them out after the last frost.
A balcony facing south is warm enough for peppers and basil.
Water the pots in the morning, never in the midday sun.
Compost from last year makes the beds rich and loose.
Slugs eat young lettuce at night; a ring of copper keeps them out.

? caring for fruit trees
? when are apples ripe
Prune the apple tree in late winter while it has no leaves.
Pears are picked while still hard and ripen in the cellar.
A cherry tree needs a net if the birds are not to have it all.
Apples come off the branch with a small twist when they are ripe.
Plums that fall early are often full of larvae.

? my dog pulls on the leash
? training a puppy
Stop walking whenever the dog pulls and go on when the leash is loose.
A puppy sleeps eighteen hours a day and learns in short lessons.
Reward the right behaviour within two seconds, or the dog does not connect the two.
The old hound limps after long walks and gets a soft bed.
Vaccinations are due at eight and at twelve weeks.

? what do cats need
? the cat refuses its food
Two cats need three litter boxes in different rooms.
A cat that eats nothing for two days must see the vet.
The kitten climbs the curtains and hides in the wardrobe.
Wet food contains enough water, dry food does not.
Brush a long-haired cat twice a week against knots.

? birds in the garden
? feeding wild birds in winter
Hang the nesting box at three metres with the entrance towards the east.
Sunflower seeds and oats feed the finches in January.
The robin sings before sunrise and again at dusk.
Swallows return in April and build with mud under the roof.
Clean the feeder every week so that no disease spreads.

? tomorrow's weather
? will it rain at the weekend
Showers in the morning, dry in the afternoon, with a light wind from the west.
The storm moves north, and the temperature falls by ten degrees on Sunday.
Fog stays in the valleys until noon while the hills have sun.
Snow is expected above a thousand metres tonight.
After a dry May the rivers are lower than in any year since measurements began.

? preparing a budget meeting
? who takes the minutes
The meeting about next year's budget is moved to Thursday at ten.
Each department sends its figures by Monday, with a short explanation.
Please keep the minutes to one page: decisions, names and dates.
Travel costs were cut by a fifth, training costs stay as they are.
The agenda has five points, and the last one is any other business.

? applying for a new job
? questions in a job interview
Send a letter of one page and a short list of what you have done.
They asked why I want to leave my present job after only two years.
The second interview is with the team and lasts half a day.
A reference from a former manager helps more than a certificate.
The position is part-time, with two days a week at home.

? paying an invoice too late
? the bill seems wrong
The invoice is due within thirty days without deduction.
A reminder costs nothing the first time and five from the second on.
The bill lists three hours of work, but the electrician was here for one.
Enter the reference number, or the payment cannot be matched.
We transferred the amount twice by mistake and ask for one back.

? saving money for later
? what is a good interest rate
Put a tenth of every salary aside before spending anything.
The savings account pays two percent, and the money is free at any time.
A fund that follows the whole market costs little and spreads the risk.
Interest on the loan is fixed for ten years.
Three months' expenses in cash are enough for a broken washing machine.

? renting a flat
? what does the lease say about repairs
The flat has three rooms, a balcony and a cellar, and is free from March.
The deposit is two months' rent and is paid back with interest.
Small repairs up to a hundred are the tenant's, larger ones the owner's.
Notice must be given in writing three months before the end.
The neighbours complained about music after ten in the evening.

? painting the living room
? which colour for a small room
Cover the floor and tape the edges before opening the paint.
Light colours make a small room look larger.
The first coat must dry for six hours before the second.
A roller is fast on the walls, a brush is exact in the corners.
Fill the holes with plaster and sand them smooth.

? the heating does not work
? saving energy at home
Let the air out of the radiator with the small key until water comes.
One degree less in the room saves about six percent of the gas.
The boiler shows an error when the pressure is too low.
New windows and a seal under the door keep the warmth inside.
The heat pump on the roof runs with power from the solar panels.

? washing clothes without damage
? a red wine stain on the shirt
Wool is washed by hand in cold water and dried flat.
Salt and mineral water take out red wine if it is still wet.
Dark jeans lose colour, so turn them inside out.
The washing machine shakes because one of its feet is loose.
Iron linen while it is a little damp.

? learning to play the guitar
? practice without annoying the neighbours
Start with three chords and change between them slowly.
New strings sound bright for a week and then mellow.
An electric guitar with headphones disturbs nobody.
Tune the lowest string to E and the others after it.
Ten minutes of practice each day help more than two hours on Sunday.

? concerts this month
? music by an orchestra
The orchestra plays two symphonies and a concerto for violin.
Tickets at the box office are half price an hour before the concert.
The choir sings in the old church on the first Sunday of the month.
A brass band from the village opens the festival in the park.
The pianist gave three encores and signed records afterwards.

? a good film for tonight
? films that are not too long
The comedy about two brothers and a stolen bus is only eighty minutes long.
A quiet film about a beekeeper, with beautiful pictures and hardly any words.
The thriller keeps its secret until the last scene.
The cinema shows old silent films with a piano on Wednesdays.
Critics liked the documentary about the deep sea; children will, too.

? books to read on holiday
? a novel set on an island
A family saga over four generations, told backwards.
The novel follows a lighthouse keeper on an island in the north.
Short stories that each take place in the same street.
The second volume is weaker, but the ending makes up for it.
The library lends books for four weeks and renews them twice.

? what to see in the museum
? exhibitions of paintings
The new wing shows landscapes from the seventeenth century.
Admission is free on the first Thursday of the month.
A guided tour explains how the old masters made their colours.
The sculpture garden behind the gallery is open until dusk.
Photographs of the harbour from a hundred years ago hang on the second floor.

? learning a foreign language
? remembering new words
Ten new words a day on small cards, and the old ones again after a week.
Listening to the radio in Spanish trains the ear while cooking.
A tandem partner corrects mistakes that no book finds.
The evening course for beginners starts in September.
Grammar becomes easier once you can read simple stories.

? help with mathematics homework
? how do fractions work
To add fractions, first bring them to the same denominator.
A right angle appears in a triangle with sides three, four and five.
The probability of two sixes in a row is one in thirty-six.
Draw the function and look where it crosses the axis.
The area of a circle is pi times the radius squared.

? how the body fights an infection
? what vaccines do
White blood cells recognise an intruder and remember it for years.
A vaccine shows the immune system a harmless part of the virus.
Fever helps the body, because many germs dislike the heat.
Antibiotics work against bacteria but not against viruses.
Washing hands for twenty seconds removes most germs.

? pain in the knee after running
? starting to run again
Increase the distance by no more than a tenth each week.
The knee hurts when the shoes are worn out or the road is hard.
Stretch the calves and thighs after the run, not before.
A day of rest between two runs lets the muscles recover.
Ice and a raised leg bring the swelling down.

? why can I not sleep
? a calm evening before bed
No coffee after noon and no screen in the last hour.
A cool, dark room helps more than a new mattress.
Going to bed at the same time each day steadies the rhythm.
Write tomorrow's tasks on paper, so that they leave the head.
Short naps before three in the afternoon do not disturb the night.

? the planets and their moons
? seeing stars without a telescope
Jupiter has four large moons that can be seen with binoculars.
Away from the city the Milky Way is visible as a pale band.
The moon takes about twenty-nine days from full to full.
Mars looks red because of the iron in its dust.
Meteors are most frequent in the second week of August.

? how rivers shape the land
? floods in the valley
Over thousands of years the river has cut a gorge into the limestone.
Meadows beside the stream take up the water of a flood.
The dam was raised by a metre after the flood of the last decade.
Sand and gravel settle where the current becomes slow.
Salmon swim up the river again since the weirs have ladders.

? the computer is slow
? freeing space on the disk
Close programs that start by themselves and are not needed.
Old downloads and duplicate photos fill the disk first.
More memory helps when many windows are open at once.
The update takes an hour and restarts the machine twice.
The fan is loud because dust blocks the air.

? choosing safe passwords
? was my account broken into
A sentence of five random words is easy to keep and hard to guess.
Use another password for every account and keep them in a manager.
A message about a login from an unknown device came at night.
The second factor is a code from the phone or a small key.
No bank asks for a password by mail.

? taking better photographs
? pictures in the evening light
The light is soft in the hour after sunrise and before sunset.
A tripod keeps long exposures sharp.
Put the horizon on the upper or lower third, not in the middle.
Wipe the lens before every shot by the sea.
A short exposure freezes the splash, a long one makes the water smooth.

? organising a birthday party
? a present for a colleague
Twelve guests, two cakes and a treasure hunt in the garden.
Invitations go out three weeks before the party.
A voucher for the bookshop is a safe present for somebody from work.
Rent benches and a tent in case of rain.
The children paint the lanterns themselves and carry them home.
"""


@cache
def built_in_retrieval_data() -> RetrievalData:
    """Return 80 judged queries over 200 passages on 40 topics; every query searches all of them."""
    passages: list[str] = []
    queries: list[str] = []
    relevant: list[frozenset[int]] = []
    for topic in _TOPICS.strip().split("\n\n"):
        lines = topic.splitlines()
        found = [line for line in lines if not line.startswith("?")]
        asked = [line.removeprefix("? ") for line in lines if line.startswith("?")]
        places = frozenset(range(len(passages), len(passages) + len(found)))
        passages += found
        queries += asked
        relevant += [places] * len(asked)
    everything = range(len(passages))
    return RetrievalData(
        name=NAME, passages=passages, queries=queries, candidates=[everything] * len(queries), relevant=relevant
    )


def built_in_texts() -> tuple[str, ...]:
    """Return all passages and queries: a few hundred short texts."""
    data = built_in_retrieval_data()
    return (*data.passages, *data.queries)
