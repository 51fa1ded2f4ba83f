"""The grammar of the agreement sentences: words and patterns for four kinds of nouns.

In a pattern `{kind}` stands for a noun of that kind with its determiner; `~` is written before the
pattern's own nouns in the singular, `+` before those in the plural. Nothing in a pattern tells the
number of the noun that it follows: its verbs are in the past tense.
"""

from __future__ import annotations

from typing import Dict, List, Tuple


def nouns(words: str) -> List[Tuple[str, str]]:
    """`cat` is cat and cats; `fox/foxes` is written out."""
    pairs = (word.partition("/") for word in words.split())
    return [(singular, plural or f"{singular}s") for singular, _, plural in pairs]


DETERMINERS = ["the", "the", "the", "the", "my", "our", "her", "his", "their"]

NOUNS: Dict[str, List[Tuple[str, str]]] = {
    "animal": nouns(
        """cat dog horse goat fox/foxes mouse/mice goose/geese rabbit crow owl sparrow squirrel
        donkey wolf/wolves hedgehog otter badger lizard tortoise parrot pony/ponies calf/calves"""
    ),
    "person": nouns(
        """teacher farmer sailor painter doctor child/children neighbour singer lawyer baker aunt
        uncle soldier nurse woman/women man/men gardener clerk poet miller tailor visitor dancer
        pilot student cook secretary/secretaries thief/thieves"""
    ),
    "thing": nouns(
        """key box/boxes letter cup lamp book coat basket bottle knife/knives picture ring map plate
        suitcase clock umbrella drum blanket shoe mirror candle toy parcel hat bucket brush/brushes
        diary/diaries"""
    ),
    "place": nouns(
        """garden barn house village bridge kitchen cellar harbour school market tower station
        church/churches library/libraries orchard mill courtyard chapel tunnel valley stable
        factory/factories"""
    ),
}

ADJECTIVES: Dict[str, List[str]] = {
    "animal": "old young grey hungry tame wild lame noisy small white clever".split(),
    "person": "old young tall quiet famous tired friendly clumsy patient new shy".split(),
    "thing": "old small heavy broken red green cheap precious dusty wooden new".split(),
    "place": "old small empty dark quiet new famous damp crowded abandoned white".split(),
}

PHRASES: Dict[str, List[str]] = {
    "animal": [
        "in {place}",
        "from {place}",
        "behind {place}",
        "near {animal}",
        "of {person}",
        "next to {thing}",
        "under the +trees behind {place}",
    ],
    "person": [
        "from {place}",
        "in {place}",
        "next to {person}",
        "behind {person}",
        "with {animal}",
        "with {thing}",
        "between {person} and {person}",
    ],
    "thing": [
        "in {place}",
        "next to {thing}",
        "under {thing}",
        "behind {thing}",
        "of {person}",
        "for {person}",
        "with the ~picture of {animal}",
        "between {thing} and {thing}",
    ],
    "place": [
        "near {place}",
        "of {person}",
        "behind {place}",
        "beyond {place}",
        "on the ~road to {place}",
        "between {place} and {place}",
    ],
}

CLAUSES: Dict[str, List[str]] = {
    "animal": [
        "that chased {animal}",
        "that {person} fed every ~morning",
        "that {person} found in {place}",
        "which already ate the ~food of {animal}",
        "which slept next to {thing}",
        "which belonged to {person}",
        "which broke {thing} and ran from {person}",
        "bought by {person}",
    ],
    "person": [
        "who praised {person}",
        "who had never seen {place}",
        "who lost {thing}",
        "who once lived with {person} in {place}",
        "who sold {thing} to {person}",
        "who forgot to feed {animal}",
        "that {person} invited to {place}",
        "that {animal} bit last ~week",
        "admired by {person}",
    ],
    "thing": [
        "that {person} bought",
        "that {person} sent to {person}",
        "which {person} left in {place}",
        "which fell on {thing}",
        "which once belonged to {person}",
        "which {person} wanted to give to {person}",
        "hidden by {person}",
        "that {animal} broke yesterday",
    ],
    "place": [
        "that {person} painted",
        "that {person} wanted to visit with {person}",
        "which {person} left to {person}",
        "which burned down with {thing}",
        "where {person} met {person}",
        "where {person} kept {animal}",
        "built by {person}",
    ],
}

PREDICATES: Dict[str, List[Tuple[str, str, str]]] = {
    "animal": [
        ("is", "are", "asleep"),
        ("was", "were", "full"),
        ("was", "were", "afraid of the thunder"),
        ("has", "have", "no name"),
        ("runs", "run", "away at every noise"),
        ("drinks", "drink", "from the stream"),
        ("likes", "like", "the warm stones"),
        ("does", "do", "not come when called"),
    ],
    "person": [
        ("is", "are", "late again"),
        ("was", "were", "glad to be home"),
        ("was", "were", "not at the wedding"),
        ("has", "have", "a long story to tell"),
        ("knows", "know", "the answer"),
        ("sings", "sing", "in the evening"),
        ("wants", "want", "to leave before dark"),
        ("does", "do", "not believe a word of it"),
    ],
    "thing": [
        ("is", "are", "not for sale"),
        ("was", "were", "very expensive"),
        ("was", "were", "found in the river"),
        ("has", "have", "been stolen"),
        ("smells", "smell", "of smoke"),
        ("looks", "look", "like new"),
        ("belongs", "belong", "in a museum"),
        ("does", "do", "not fit on the shelf"),
    ],
    "place": [
        ("is", "are", "closed in winter"),
        ("was", "were", "painted white"),
        ("was", "were", "under water for a week"),
        ("has", "have", "thick walls of stone"),
        ("stands", "stand", "empty"),
        ("needs", "need", "to be repaired"),
        ("lies", "lie", "far from the sea"),
        ("does", "do", "not appear on any map"),
    ],
}
