"""Words that stories are made of: heroes, places, things, friends and moods."""

from __future__ import annotations

from resources.starter.corpus.wording import words

BOYS = words("Tom Ben Leo Max Sam Finn Oscar Hugo Felix Paul Jack Noah Adam David Peter Simon Henry Arthur Omar Ravi Kenji Mateo Ivan Lars Emil Anton George Victor Milo Theo Jonas Nico Bruno Karim Diego Luca Aaron Eric Martin Daniel Robin Oliver Samuel Hassan Yusuf Pablo Otto Walter Frank Joe")  # fmt: skip
GIRLS = words("Mia Anna Lena Ella Zoe Nora Lily Emma Clara Rosa Maya Ida Alice Lucy Sara Eva Julia Sofia Hanna Ruby Olive Amira Leila Yuki Priya Greta Frida Nina Paula Marta Elsa Jane Grace Ivy Hazel Luna Molly Daisy Kate Ruth Fatima Aisha Carmen Ines Vera Wanda Tess Stella Bella Emily")  # fmt: skip

ANIMALS = words("fox cat dog mouse rabbit owl bear wolf duck frog hedgehog squirrel horse donkey goat sheep cow pig hen goose swan crow raven sparrow robin penguin seal whale dolphin turtle snail beetle bee ant spider butterfly moth bat badger otter beaver deer moose lion tiger elephant giraffe zebra monkey camel crab octopus fish snake lizard parrot kitten puppy hamster pony")  # fmt: skip
BEINGS = words("dragon robot ghost giant witch wizard fairy elf dwarf troll mermaid unicorn monster snowman knight king queen prince princess pirate cloud star kettle teapot lamp clock train tram boat kite shoe umbrella pencil book piano drum potato pumpkin apple tree mountain river stone computer car bicycle rocket balloon candle broom scarf doll puppet lighthouse windmill spoon chair")  # fmt: skip
PEOPLE = words("baker teacher farmer sailor painter doctor nurse gardener miller tailor clockmaker fisherman shepherd postman librarian singer drummer pilot astronaut captain cook carpenter shoemaker engineer scientist inventor programmer detective writer dancer clown student grandmother grandfather boy girl child traveller hunter soldier blacksmith juggler firefighter conductor lawyer judge mayor musician photographer")  # fmt: skip
TRAITS = words("little young old small tiny big brave shy lonely curious clever clumsy sleepy cheerful quiet proud lazy hungry friendly grumpy kind nervous patient silly gentle tired lost wise blue red green golden white black")  # fmt: skip

PLACES = (
    "in a forest", "in the forest", "in a dark wood", "in a small village", "in a big city", "in a castle", "in an old castle",
    "on a farm", "on an island", "on a ship", "on a boat", "on the moon", "on Mars", "on a mountain", "in the mountains",
    "by the sea", "at the seaside", "by a lake", "by the river", "at the harbour", "in a harbour town", "in a lighthouse",
    "in a desert", "in the jungle", "in a cave", "in a garden", "in the garden", "in a park", "at school", "in a library",
    "in an old library", "in a kitchen", "in a bakery", "in a train station", "on a train", "at the market", "in a toy shop",
    "in a museum", "in a theatre", "in a hospital", "in an office", "in a factory", "in space", "on a space station",
    "under the sea", "in the snow", "in the Arctic", "in a meadow", "in a valley", "on a hill", "in a windmill", "in a barn",
    "in an attic", "in a cellar", "in a tower", "in a tree house", "in a tent", "at the zoo", "in a circus", "on a beach",
    "in a swamp", "in a town by the sea", "in a house at the edge of town", "on the roof", "in a cottage", "at the North Pole",
    "in Paris", "in London", "in Berlin", "in Rome", "in New York", "in a quiet street", "in a hotel", "in a workshop",
)  # fmt: skip

OBJECTS = words("key map lantern letter book ring coin bell kite hat scarf drum flute shell stone feather box clock mirror basket rope ladder umbrella boat wheel candle compass button violin painting seed apple pie cake blanket pillow toy bottle whistle bucket spoon cup crown star rose pearl")  # fmt: skip
OBJECT_TRAITS = words("old small golden silver red blue green wooden strange tiny shiny broken heavy lost secret beautiful dusty warm glass paper")  # fmt: skip

MOODS = ("happy", "sad", "funny", "scary", "calm", "exciting", "mysterious", "kind")
MOOD_WORDS: dict[str, tuple[str, ...]] = {
    "happy": ("happy", "cheerful", "joyful", "merry"),
    "sad": ("sad", "melancholy", "gloomy"),
    "funny": ("funny", "silly", "amusing", "comic"),
    "scary": ("scary", "spooky", "creepy", "dark"),
    "calm": ("calm", "quiet", "peaceful", "gentle", "sleepy", "bedtime"),
    "exciting": ("exciting", "adventurous", "thrilling", "wild"),
    "mysterious": ("mysterious", "strange", "magical", "dreamy"),
    "kind": ("kind", "warm", "friendly", "heart-warming", "sweet"),
}


def with_article(noun: str) -> str:
    """The noun behind "a" or "an"."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
