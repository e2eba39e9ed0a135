"""Names of heroes and places that no list holds, so that names are copied and not remembered.

A name is spelled from syllables of several tongues' sounds, or is an everyday noun of a long list.
"""

from __future__ import annotations

import random

from resources.starter.corpus.wording import words

_ONSETS = words("b d f g h j k l m n p r s t v w z b d f g h j k l m n p r s t v w z br ch cl cr dr fl fr gl gr kl kr ph pl pr qu sch sh sk sl sm sn sp st sv th tr tw wh x y zh") + ("",) * 4  # fmt: skip
_VOWELS = words("a e i o u a e i o u a e i o u y ai au ea ee ei ia ie io oa oo ou ue")
_CODAS = ("",) * 20 + words("ck l ll m n nd ng nn nt r rd rk rn rt s ss st t tch th tz v x z")
_ENDINGS = ("",) * 8 + words("a o e i us in an ina ette bert son ton sky ella wen lyn ius ara ota ika")  # fmt: skip
_PLACE_ENDINGS = words("town ville burg wick ham ford stone field mouth gate haven dale bridge moor port land shire hill wood")  # fmt: skip

KINDS = words("panda koala lemur sloth otter yak llama alpaca ostrich heron stork magpie cuckoo eagle falcon vulture peacock toad newt salmon trout shark squid shrimp wasp cricket ladybird worm leech mole weasel stoat lynx puma jaguar hyena jackal coyote bison buffalo moth fridge kettle vacuum lamp sofa carpet ladder hammer nail screw bolt pump tractor digger lorry bus taxi scooter skateboard sledge canoe ferry helicopter glider satellite comet planet volcano glacier iceberg waterfall mushroom onion carrot turnip cabbage pear plum cherry banana lemon walnut pancake waffle pretzel muffin sandwich noodle electrician butcher barber dentist lawyer banker waiter chef referee goalkeeper swimmer skier climber diver archer knight squire jester monk nun hermit ghost werewolf mummy zombie skeleton gnome ogre cyclops phoenix griffin yeti alien cyborg cowboy sheriff bandit spy agent mailbox fountain statue mirror trumpet harp flute guitar drumstick metronome compass telescope microscope battery lightbulb candlestick chimney doorbell keyhole")  # fmt: skip

_SITES = (
    *("bakery", "desert", "bus station", "stadium"),
    *(
        "swimming pool",
        "playground",
        "church",
        "monastery",
        "palace",
        "fortress",
        "dungeon",
        "mine",
    ),
    *(
        "quarry",
        "vineyard",
        "orchard",
        "greenhouse",
        "stable",
        "chicken coop",
        "laundry",
        "post office",
    ),
    *(
        "police station",
        "fire station",
        "bank",
        "restaurant",
        "cafe",
        "pub",
        "ballroom",
        "opera house",
    ),
    *("concert hall", "art gallery", "observatory", "laboratory", "shipyard", "dockyard"),
    *("lift", "tunnel", "canyon", "crater", "lagoon", "marsh", "prairie", "rainforest", "glacier"),
    *("wigwam", "caravan", "houseboat", "hot air balloon", "helicopter", "spaceship", "ferry"),
    *("junkyard", "car park", "petrol station", "shoe shop", "bookshop", "flower shop", "pharmacy"),
)
_PREPOSITIONS = ("in a", "in the", "in an old", "near a", "behind the", "in a big", "in a strange", "above a")  # fmt: skip


def invented_name(rng: random.Random) -> str:
    """A name of two or three syllables with a capital; many millions exist."""
    count = 2 if rng.random() < 0.75 else rng.choice((1, 3))
    syllables = (
        rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(count)
    )
    name = "".join(syllables) + rng.choice(_ENDINGS)
    return name.capitalize() if 3 <= len(name) <= 9 else invented_name(rng)


def invented_place(rng: random.Random) -> str:
    """A place with its preposition: an odd site, or a town that does not exist."""
    if rng.random() < 0.55:
        return f"{rng.choice(_PREPOSITIONS)} {rng.choice(_SITES)}"
    name = invented_name(rng)
    if rng.random() < 0.4:
        name = name[:5].capitalize() + rng.choice(_PLACE_ENDINGS)
    return f"{rng.choice(('in', 'in', 'near', 'in the town of', 'on the island of'))} {name}"
