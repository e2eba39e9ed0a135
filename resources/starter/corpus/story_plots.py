"""Sentences that stories are made of: openings, plots, flavours of a mood, endings.

Fields: {hero} as first named ("a shy fox named Tom"), {S} and {s} the hero afterwards at the start
and inside of a sentence, {he} {him} {his}, {place} with its preposition, {the_place} the same afterwards, {thing} and {the_thing},
{friend} and {the_friend}, {name} of the friend's kind. Choices are written [a|b].
"""

from __future__ import annotations

from typing import NamedTuple

OPENINGS = (
    "Once upon a time there was {hero} who lived {place}.",
    "There once was {hero} who lived {place}.",
    "Long ago, {hero} lived {place}.",
    "{place}, there lived {hero}.",
    "[One morning|One evening|One day|One night|One winter day|One summer day], {hero} woke up {place}.",
    "[On a Monday|On a Friday|Early one morning|Late one evening|In the middle of the night], {hero} was [sitting|walking|waiting|working] {place}.",
    "Nobody {place} was as [busy|patient|curious|stubborn] as {hero}.",
    "This is the story of {hero} who lived {place}.",
    "Everyone {place} knew {hero}.",
    "Many years ago, {hero} came to live {place}.",
)


class Plot(NamedTuple):
    """What happens: one sentence of each row, in this order; `sad` replaces `good` in a sad story."""

    trouble: tuple[str, ...]
    attempt: tuple[str, ...]
    turn: tuple[str, ...]
    good: tuple[str, ...]
    sad: tuple[str, ...]


PLOTS: dict[str, Plot] = {
    "lost": Plot(
        (
            "One [day|morning|evening], {s} [noticed|saw|found out] that {his} {thing} was [gone|missing|nowhere to be found].",
            "Then {s} lost {his} {thing}, the thing {he} loved [most|best|more than anything].",
            "{S} could not find {his} {thing}, and [without it|that day] nothing felt right.",
        ),
        (
            "{S} looked [under the bed|behind the door|in every corner|under every leaf|in all the boxes], but it was not there.",
            "So {he} [asked everyone|searched high and low|looked everywhere|followed a trail in the dust] until {his} feet hurt.",
            "{S} searched the whole [day|afternoon|night] and did not give up.",
        ),
        (
            "At last {he} met {friend} who had [seen it|heard of it|found something strange].",
            'Then {friend} came [along|by|closer] and said, "[I know where it is|Follow me|I can help you look]."',
            "In the end {friend} showed {him} a [small hole|hidden path|narrow door|hollow tree].",
        ),
        (
            "There, [under a stone|behind a curtain|in the last corner|in the soft grass], lay {the_thing}.",
            "{The_friend} had [kept it safe|picked it up|polished it] and gave {the_thing} back with a [smile|laugh|bow].",
            "And there was {the_thing}, [as good as new|a little dusty but whole|shining in the light].",
        ),
        (
            "They found {the_thing}, but it was broken and could not be mended.",
            "But the [river|wind|sea] had carried {the_thing} away for ever.",
            "They looked until night fell, but {the_thing} never came back.",
        ),
    ),
    "storm": Plot(
        (
            "One [day|night|evening] a [great|terrible|wild|sudden] storm came up, and the [wind|rain|thunder] shook everything.",
            "Then dark clouds came, and soon the [rain|snow|hail] fell without end.",
            "A storm was coming, and {s} was [all alone|far from home|not ready].",
        ),
        (
            "{S} held on to {his} {thing} and looked for a [safe|dry|quiet] place.",
            "{S} [ran|hurried|crept] through the [rain|wind|dark] with {his} {thing} in {his} arms.",
            "{S} tried to [shut the door|light a lamp|call for help], but the wind was stronger.",
        ),
        (
            "Then {he} heard a voice: it was {friend}, [wet and cold|lost in the storm|calling for help].",
            "In a flash of lightning {he} saw {friend} who [was stuck|could not go on|was waving].",
            "Suddenly {friend} stood there and [held out a hand|pointed the way|opened a door].",
        ),
        (
            "Together they waited [under one roof|by the fire|close to each other] until the sky was clear.",
            "They [helped each other|shared {the_thing}|sang songs] until the storm was over.",
            "With {the_thing} and a little luck they both came home safely.",
        ),
        (
            "In the morning the storm was over, but {the_friend} was gone.",
            "The storm took {his} house, and only {the_thing} was left.",
            "When the sky was clear again, nothing was as it had been.",
        ),
    ),
    "door": Plot(
        (
            "Behind [a wall|an old shelf|a green curtain|a big stone], {s} found a [small|hidden|locked|round] door.",
            "One [day|night] {s} saw a light under a door that had [never been there before|always been locked].",
            '{S} found a {thing} with a note: "Do not open the [red|last|smallest] door."',
        ),
        (
            "{S} [knocked three times|turned the handle|pushed with all {his} strength|listened for a while], and the door opened.",
            "With {his} {thing} in one hand, {he} [opened it|went inside|stepped through].",
            "{S} counted to [three|ten|seven] and [went in|opened the door|stepped over the threshold].",
        ),
        (
            "Behind it sat {friend}, [drinking tea|counting stars|reading a book|waiting for somebody].",
            'Inside there was [a room full of clocks|a garden in the moonlight|a long stair|a table with two cups], and {friend} said, "You are [late|welcome|just in time]."',
            "There {he} met {friend} who had been [asleep for a hundred years|locked in for a long time|all alone].",
        ),
        (
            "They talked until [morning|midnight|the candles were out], and {s} got a {thing} as a gift.",
            "{S} took {the_friend} by the hand and led {the_friend} out into the [sun|fresh air|light].",
            "From that day on the door was never locked again.",
        ),
        (
            "When {s} came back the next day, the door was gone.",
            "{The_friend} could not leave the room, and the door closed slowly between them.",
            "{S} had to go home alone, and {he} never found the door again.",
        ),
    ),
    "contest": Plot(
        (
            "One [day|spring|autumn] there was a great [race|contest|cooking contest|singing contest|feast with games].",
            "Everybody was talking about the big [race|contest|game], and {s} wanted to [win|take part|try] too.",
            "A [poster|letter|voice] said that the winner of the [race|contest] would get a {thing}.",
        ),
        (
            "{S} practised [every day|from morning to night|in secret|with all {his} heart].",
            "The others laughed at {s}, but {he} [went on|did not listen|only smiled].",
            "{S} was [nervous|not the fastest|the smallest of all], yet {he} [began|did {his} best|kept going].",
        ),
        (
            "Half way, {friend} [fell down|got stuck|began to cry|lost the way], and {s} [stopped|turned back] to help.",
            "Then {friend}, who was [the favourite|very strong|famous], made a [big|silly|terrible] mistake.",
            'At the [last|most difficult] moment {friend} whispered, "[You can do it|Try once more|Use your head]."',
        ),
        (
            "In the end {s} won the {thing} and shared it with {the_friend}.",
            "{S} came in last, but [everyone clapped|the crowd cheered|nobody got more applause].",
            "They crossed the line [together|hand in hand|side by side], and both of them won.",
        ),
        (
            "{S} lost by a [hair|second|single point], and the {thing} went to somebody else.",
            "{The_friend} won and did not even say thank you.",
            "When it was over, {s} went home alone in the rain.",
        ),
    ),
    "friend": Plot(
        (
            "{S} had a {thing}, a warm bed and enough to eat, but no [friend|one to talk to].",
            "Every [evening|day] {s} [sat alone|ate alone|looked out of the window] and wished for a friend.",
            "{S} wanted to [play|sing|talk] with somebody, but nobody [had time|came|listened].",
        ),
        (
            "So {he} [wrote a letter|hung up a sign|baked a cake|played a tune] and waited.",
            "{S} took {his} {thing} and [went out|walked all day|knocked at every door].",
            "One day {s} put {the_thing} [outside the door|in the window|on the path] and watched.",
        ),
        (
            'Then {friend} came and asked, "[May I sit here|Is this yours|Do you like music|Are you alone too]?"',
            "After a while {friend} [sat down beside {him}|looked around the corner|knocked very softly].",
            "The only one who answered was {friend}, [shy and muddy|hungry and tired|just as lonely].",
        ),
        (
            "They [played|talked|laughed|cooked] all day, and in the evening they were friends.",
            "{S} shared {his} {thing}, and from then on they met every day.",
            "Since that day nobody has seen the one without the other.",
        ),
        (
            "They were friends for one summer, and then {the_friend} had to go far away.",
            "But the next morning {the_friend} was gone, and only a short note lay there.",
            "{S} waited every day after that, but {the_friend} did not come again.",
        ),
    ),
    "journey": Plot(
        (
            "{S} had always wanted to see the [sea|end of the world|highest mountain|northern lights|big city].",
            "One day {s} found a {thing} and a map, and the map showed a [red cross|long road|tiny island].",
            'A letter came for {s}: "Bring the {thing} to the [old tower|other side of the river|top of the hill] before [winter|sunset|the full moon]."',
        ),
        (
            "{S} packed [bread and cheese|two apples|a warm coat], took {his} {thing} and [set off|left at dawn|closed the door].",
            "The way was long, over [bridges|hills|stones] and through [rain|tall grass|deep snow].",
            "{S} walked for [three|five|seven] days and slept under the [stars|trees|bridges].",
        ),
        (
            "On the way {he} met {friend} who [blocked the road|asked for bread|knew a short cut|was lost].",
            "At a [crossing|bridge|well], {friend} asked {him} a [riddle|favour|hard question].",
            "Then {friend} joined {him}, and [the way seemed shorter|they sang as they went|they shared the last bread].",
        ),
        (
            "At last they stood there, and it was more [beautiful|wonderful|surprising] than {s} had dreamed.",
            "{S} arrived just in time and put {the_thing} down with a [sigh|smile|shout of joy].",
            "Together they reached the place, and under it lay a [treasure|song|garden] for everyone.",
        ),
        (
            "When {s} arrived at last, there was nothing left but [dust|an empty house|a closed gate].",
            "{The_friend} stayed behind at the last bridge, and {s} had to go on alone.",
            "{S} came too late, and {he} [sat down and wept|went home without a word].",
        ),
    ),
    "sound": Plot(
        (
            "One night {s} heard a strange [sound|knocking|humming|whisper] [from above|behind the wall|under the floor|outside].",
            "Every night at [ten|twelve|three] o'clock there was a [sound|knock|song], and nobody knew why.",
            "{S} could not sleep because something [scratched|hummed|tapped|rustled] in the dark.",
        ),
        (
            "{S} took {his} {thing} and [went to look|crept closer|climbed the stairs|opened the window].",
            "{S} [held {his} breath|lit a candle|put on {his} shoes] and followed the sound.",
            "The sound grew [louder|softer|stranger] with every step.",
        ),
        (
            "There in the dark sat {friend} with [big eyes|wet feet|a tiny lamp|a sad face].",
            "It was only {friend} who was [practising a song|looking for food|trying to mend a {thing}].",
            'Two eyes shone, and then {friend} said, "[Please do not tell anyone|I am afraid of the dark too|I did not mean to wake you]."',
        ),
        (
            "{S} laughed with relief and [made tea for two|fetched a blanket|offered {his} help].",
            "From then on they [made music together|kept watch together|met every night], and nobody was afraid.",
            "They mended the {thing} together, and the nights were quiet again.",
        ),
        (
            "Before {s} could answer, {the_friend} was gone, and the sound was never heard again.",
            "{The_friend} had come to say goodbye.",
            "The sound stopped, and the silence was even worse.",
        ),
    ),
    "gift": Plot(
        (
            "It was the birthday of {friend}, and {s} had no [gift|money|idea].",
            "{S} wanted to make a gift for {friend} who was [ill|sad|turning one hundred].",
            "Tomorrow was a great feast, and {s} had promised {friend} a {thing}.",
        ),
        (
            "First {he} tried to [bake a cake|paint a picture|build a boat|knit a scarf], but it [fell apart|turned out black|looked like a potato].",
            "{S} worked [all night|until {his} fingers hurt|without a break] on a {thing}.",
            "{S} sold {his} own {thing} to buy [paper and ribbon|flowers|what {he} needed].",
        ),
        (
            "When {the_friend} opened the parcel, there was [a long silence|a loud bang|a soft sound].",
            "On the way {he} slipped, and the gift [flew through the air|fell into the mud|rolled down the road].",
            "Then {he} had an idea that was so simple that {he} had to [smile|laugh|sit down].",
        ),
        (
            '"It is the best gift of all," said {the_friend}, "because you made it yourself."',
            "{The_friend} was so [happy|touched|surprised] that they danced [until midnight|around the table|in the street].",
            "In the end the best gift was a [song|walk|story] that they shared.",
        ),
        (
            "But {the_friend} had already left, and the gift stayed in its box.",
            "{The_friend} did not look at it and turned away.",
            "{S} kept the gift for many years and never gave it away.",
        ),
    ),
    "mistake": Plot(
        (
            "One day {s} made a big mistake: {he} [mixed salt and sugar|painted the wrong house|sent the wrong letter|woke the whole street].",
            "By accident {s} broke the {thing} that belonged to {friend}.",
            "{S} pressed a [red|big|strange] button, and [everything went dark|all the bells rang|the floor began to move].",
        ),
        (
            "{S} wanted to [hide|run away|blame the wind], but {his} [heart|conscience] said no.",
            "{S} tried to [mend it|hide it|make it better], but it only got [worse|louder|funnier].",
            "First {he} said nothing, and then {he} could not [sleep|eat|think of anything else].",
        ),
        (
            "So {he} went to {friend} and [told the truth|said sorry|explained everything].",
            "Then {friend} [came in|saw it all|asked what had happened], and {s} told the truth.",
            'At last {friend} said, "[Everybody makes mistakes|Let us mend it together|I once did the same]."',
        ),
        (
            "They [mended it together|laughed until it hurt|cleaned up together], and it was better than before.",
            "It turned out that [everyone liked it better that way|the mistake had saved the day|nobody was angry].",
            "{S} learned that a true word is lighter than a secret.",
        ),
        (
            "But it could not be mended, and they did not speak for a long time.",
            "{The_friend} went away without a word.",
            "The damage was done, and {s} thought of it every day.",
        ),
    ),
}

ATMOSPHERE: dict[str, tuple[str, ...]] = {
    "happy": ("The sun was shining, and the birds were singing.", "It was a bright day, and {s} could not stop [smiling|humming|singing].", "The air smelled of [fresh bread|flowers|summer], and everything seemed possible.", "{S} loved [mornings|music|long walks] and laughed often."),
    "sad": ("It had been raining for [days|a week], and the sky was grey.", "{S} had not [smiled|laughed|sung] for a long time.", "The [rooms|streets|days] felt empty, and {s} was lonely.", "Leaves were falling, and {s} thought of [better days|old friends|home]."),
    "funny": ("{S} wore [two left shoes|a pot as a hat|a coat made of socks] and thought it was the fashion.", "{S} was so [clumsy|sleepy|forgetful] that {he} once [said good morning to a coat|put jam into the teapot|brushed {his} teeth with glue].", "{S} talked to [spoons|doors|soup], and sometimes {he} was sure that they answered.", "{S} was known for one thing: {he} could [sneeze|snore|hiccup] louder than a trumpet."),
    "scary": ("The night was [cold|black|without a moon], and the wind howled.", "There were shadows that moved when nobody moved.", "Something was watching from the dark, and {s} felt it.", "Nobody dared to go out after dark, because [strange things happened there|people had heard steps|the old stories were true]."),
    "calm": ("The evening was quiet, and the [lamps|stars|fireflies] began to glow.", "Slow clouds went by, and there was nothing to hurry for.", "It was so quiet that {s} could hear the [leaves|snow|clock].", "The day was mild, and the air was soft."),
    "exciting": ("There was no time to lose.", "{S} loved danger, and today {his} heart beat fast.", "Nobody knew it yet, but this day would change everything.", "{S} had waited all {his} life for an adventure."),
    "mysterious": ("The fog was thick, and [every sound seemed far away|the lamps had halos|nobody else was about].", "People said that the stars [spoke|moved|sang] there, and {s} believed it.", "For three nights {s} had dreamed the same dream.", "There was something strange about the light that day."),
    "kind": ("{S} always had a [kind word|warm soup|smile] for everyone.", "{S} could not see anybody sad without wanting to help.", "{S} shared everything {he} had, even the last [apple|biscuit|candle].", "Whoever was cold or hungry could knock at {his} door."),
}  # fmt: skip

REACTIONS: dict[str, tuple[str, ...]] = {
    "happy": ("{S} [jumped for joy|clapped|laughed out loud].", "What a [lucky|wonderful|bright] moment that was!", "\"Wonderful!\" cried {s}."),
    "sad": ("{S} felt [a lump in {his} throat|very small|how cold it was].", "A tear ran down {his} face.", "\"Why me?\" whispered {s}."),
    "funny": ("{S} was so surprised that {he} [fell into a bucket|swallowed a fly|saluted a lamp].", "\"That was part of my plan,\" said {s}, and nobody believed it.", "Somewhere a hen laughed."),
    "scary": ("{S} [shivered|froze|could hardly breathe].", "Then the light went out.", "Behind {him} a [door creaked|board cracked|cold breath came out of the dark]."),
    "calm": ("{S} [took a deep breath|smiled quietly|listened for a while].", "Far away a bell rang.", "Nothing was in a hurry."),
    "exciting": ("{S} jumped, and {his} heart [raced|pounded|beat like a drum].", "\"Now or never!\" cried {s}.", "It was a matter of seconds."),
    "mysterious": ("For a moment [time stood still|the air glowed|all was silent].", "{S} had the feeling of having been here before.", "A [blue|pale|golden] light moved over the wall."),
    "kind": ("\"Do not worry,\" said {s} in a soft voice.", "{S} gave away {his} own [coat|bread|seat] without a thought.", "That made {s} warm inside."),
}  # fmt: skip

ENDINGS: dict[str, tuple[str, ...]] = {
    "happy": ("And they all [danced|sang|laughed] until the stars came out.", "{S} went to bed with a smile.", "It was the best day of {his} life.", "And if they have not stopped, they are still laughing."),
    "sad": ("{S} still thinks of it when it rains.", "After that it was very quiet {the_place}.", "Some things do not come back, and {s} learned it that day.", "{S} looked up at the stars and said goodbye."),
    "funny": ("Since then nobody {the_place} lets {s} carry the soup.", "And that is why {s} never wears that hat again.", "Everyone laughed, and {s} laughed loudest of all.", "{S} took a bow and fell off the chair."),
    "scary": ("But sometimes, late at night, the sound can still be heard.", "{S} locked the door twice that night.", "And in the morning there were wet footprints on the floor.", "Since then {s} never goes out without a light."),
    "calm": ("Then {s} closed {his} eyes and fell asleep.", "The moon rose, and all was well.", "And the night was soft and quiet {the_place}.", "{S} listened to the wind and was content."),
    "exciting": ("It had been close, but {s} was already dreaming of the next adventure.", "{S} wiped the dust from {his} face and grinned.", "What an adventure that was!", "And tomorrow there would be another one."),
    "mysterious": ("Nobody ever found out how it had happened.", "{S} kept the secret for ever.", "And when the fog comes back, {s} smiles and says nothing.", "In the morning it might all have been a dream, but {the_thing} was still warm."),
    "kind": ("And from that day on nobody {the_place} was alone.", "A little kindness had been enough.", "{S} learned that what we share grows.", "They thanked {s}, and {s} only smiled."),
}  # fmt: skip
