"""Words and patterns of praise and complaint, for six kinds of things.

For each kind: nouns; words and then phrases of praise; words and then phrases of complaint. A phrase
follows the noun and is about it. Lists are separated by spaces or, where words stand together, by
semicolons.
"""

from __future__ import annotations

from typing import Dict, List, NamedTuple


class Kind(NamedTuple):
    nouns: List[str]
    good: List[str]
    good_phrases: List[str]
    bad: List[str]
    bad_phrases: List[str]


def phrases(text: str) -> List[str]:
    return [" ".join(part.split()) for part in text.split(";")]


GOOD = """good great wonderful lovely excellent superb splendid perfect fantastic marvellous
delightful brilliant outstanding beautiful pleasant amazing magnificent charming fine impressive
enjoyable satisfying remarkable terrific""".split()

BAD = """bad terrible awful dreadful horrible poor dismal disappointing miserable appalling
unpleasant mediocre hopeless dire worthless useless ghastly lousy pathetic disgraceful annoying
unbearable tiresome shabby""".split()

KINDS: Dict[str, Kind] = {
    "food": Kind(
        """soup cake curry breakfast dinner pizza pie salad stew sandwich omelette pancake meal lunch
        steak sauce pudding supper roast burger risotto dessert dumpling breakfast@roll""".split(),
        "delicious tasty fresh juicy crisp warm tender creamy fragrant rich".split(),
        phrases(
            """melted in the mouth; tasted heavenly; was cooked to perfection; smelled wonderful;
            was worth every penny; tasted of summer; was gone in a minute, so good was it;
            made us ask for more; was a treat; was full of flavour; came hot and in generous portions;
            won everybody at the table"""
        ),
        "cold stale burnt greasy soggy tasteless bland sour bitter watery".split(),
        phrases(
            """made me ill; tasted of soap; was burnt black; had no taste at all;
            was far too salty; smelled of old socks; went straight into the bin;
            was a waste of money; left me hungry; was raw in the middle; spoiled my appetite;
            was not fit for a dog"""
        ),
    ),
    "place": Kind(
        """hotel room restaurant museum park beach town campsite garden castle library market pub
        island flat school theatre airport village cafe pool station harbour zoo""".split(),
        "clean cosy quiet friendly spacious peaceful sunny welcoming lively comfortable".split(),
        phrases(
            """felt like home; was a joy to visit; had a splendid view; was well kept and tidy;
            welcomed us with flowers; was worth the long journey; took our breath away;
            was even prettier than in the pictures; had something for everyone;
            was a feast for the eyes; made us want to stay for ever; could not have been nicer"""
        ),
        "dirty noisy filthy crowded smelly gloomy damp overpriced cramped ugly".split(),
        phrases(
            """was full of rubbish; smelled of mould; fell far short of what was promised;
            was falling to pieces; ruined our holiday; was a tourist trap; cost far too much;
            had cockroaches in every corner; was closed without a word of warning;
            looked nothing like the photographs; made us want to leave at once; was not worth the ticket"""
        ),
    ),
    "product": Kind(
        """phone laptop jacket sofa tent printer kettle bicycle lamp camera watch coat chair car
        radio mattress keyboard umbrella heater tablet vacuum@cleaner drill backpack guitar""".split(),
        "reliable sturdy fast elegant handy durable affordable light practical well-made".split(),
        phrases(
            """works like a dream; does everything I wanted; was a bargain; still looks new after years;
            has never let me down; was easy to use from the first day; saves me hours every week;
            keeps all its promises; is built to last; was the best thing I bought this year;
            does its job without a sound; exceeded my hopes"""
        ),
        "broken slow flimsy faulty clumsy expensive fragile unreliable heavy defective".split(),
        phrases(
            """broke after a week; never worked; is a piece of junk; fell apart in my hands;
            does nothing that was promised; was a waste of money; stopped working on the second day;
            leaks and rattles; makes a terrible noise; had to be sent back twice;
            scratches, squeaks and wobbles; drives me mad"""
        ),
    ),
    "work": Kind(
        """film book novel play concert album song exhibition story poem lecture series opera comedy
        musical show biography documentary painting mystery magazine speech sequel cartoon""".split(),
        "moving funny clever gripping witty touching original exciting honest fascinating".split(),
        phrases(
            """moved me to tears; made me laugh out loud; kept me awake all night; deserves every prize;
            was over far too soon; held us spellbound; is a masterpiece; has not one dull moment;
            stays with you for days; is full of fresh ideas; is even better the second time;
            speaks straight to the heart"""
        ),
        "boring dull silly predictable tedious shallow confusing clumsy pretentious endless".split(),
        phrases(
            """bored me to tears; put me to sleep; makes no sense at all; is full of tired old jokes;
            was a waste of time; insults its audience; should never have been made;
            drags on for ever; has nothing to say; made half of the audience leave;
            is a copy of a copy; fell flat from the first minute"""
        ),
    ),
    "person": Kind(
        """waiter teacher doctor guide driver neighbour nurse mechanic landlord plumber coach singer
        actor dentist manager baker clerk pianist lawyer gardener host cook student assistant""".split(),
        "kind helpful patient polite friendly honest generous competent cheerful thoughtful".split(),
        phrases(
            """could not have been kinder; helped us without being asked; always had time for us;
            did far more than we had asked for; knew every answer; made everybody smile;
            kept every promise; deserves a medal; listened to all our questions;
            earned my trust and my thanks; treated us like old friends; was a pleasure to work with"""
        ),
        "rude lazy arrogant careless impatient unfriendly dishonest grumpy selfish incompetent".split(),
        phrases(
            """shouted at us; ignored all our questions; lied to my face; could not have cared less;
            was late again and did not even apologize; made everybody miserable;
            broke every promise; charged us twice; treated us like dirt; never answered my letters;
            let us down when we needed help; was not worth a cent"""
        ),
    ),
    "event": Kind(
        """trip journey evening party wedding festival holiday interview meeting weekend tour course
        flight cruise picnic match walk visit lesson birthday workshop race game conference""".split(),
        "unforgettable relaxing cheerful smooth inspiring memorable lively entertaining fair restful".split(),
        phrases(
            """was the best of my life; went without a hitch; was worth every minute;
            was a joy from the beginning to the end; ended with laughter and songs;
            could not have gone better; left us happy and rested; flew by; is one we shall never forget;
            was well planned and well run; made up for a hard year; was pure delight"""
        ),
        "chaotic stressful exhausting disastrous dreary badly-run unfair embarrassing joyless wasted".split(),
        phrases(
            """was the worst of my life; went wrong from the start; ended in a quarrel;
            was a disaster; was cancelled at the last minute; left us tired and angry;
            was a complete waste of time; is one I would rather forget; could not have gone worse;
            was spoiled by the rain and the noise; made me regret that I had come; was pure misery"""
        ),
    ),
}

# Sentences about nothing in particular, and what follows another sentence.
GOOD_ENDINGS = phrases(
    """I would gladly come again; I recommend it warmly; we loved every minute; it made my day;
    I am thoroughly happy; we could not ask for more; I have never been so pleased;
    everybody was delighted; I can only praise it; we left with a smile; thank you for that;
    I was pleasantly surprised; that is how it should be; my children adored it"""
)
BAD_ENDINGS = phrases(
    """I shall never come again; I can only warn you; we hated every minute; it ruined my day;
    I want my money back; nobody said sorry; I have never been so angry; everybody was furious;
    I cannot recommend it; we left in disgust; never again; I was bitterly disappointed;
    that is simply not good enough; my children cried"""
)

# {the}: a noun with its article or owner; {noun}: alone; {good} and {bad}: words for it; {more}: a
# second one; {very}: an adverb or nothing; {phrase}: one of the label's; {ending}. Written for praise:
# in a complaint good and bad change places.
PATTERNS = phrases(
    """{the} was {very}{good}; {the} was {very}{good}; {the} was {good} and {more};
    {the} was really {good}; {the} is {very}{good}, and {ending}; {the} was so {good} that {ending};
    what {a_good} {noun}; {a_good} and {more} {noun}; {the} {phrase}; {the} {phrase}; {the} {phrase};
    {the} {phrase}, and {ending}; {ending}, for {the} {phrase}; {the} was {good} and {phrase};
    {the} was not {bad} at all; {the} was anything but {bad}; {the} was never {bad};
    {the} was far from {bad}; nobody could call {the} {bad};
    I expected {a_bad} {noun} and found {a_good} one; {the} looked {bad}, but it {phrase};
    I had heard that {the} was {bad}, but it was {good}; {ending}: {the} was {very}{good};
    {the} seems {good} to me; I found {the} {good}; we thought {the} {good} and {more};
    how {good} {the} was; {the} is {very}{good} again"""
)
