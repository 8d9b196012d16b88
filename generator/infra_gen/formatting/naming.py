"""The names that `prisma format` gives to fields it adds: camel case, and English plurals. Imports nothing of ours."""

from __future__ import annotations

import re


def camel_case(name: str) -> str:
    """`UserProfile` and `user_profile` as `userProfile`; a word begins behind a sign, a digit, or where a capital follows."""
    written: list[str] = []
    begins_word = False
    last_small = ""
    for character in name.rstrip("_-"):
        if not character.isalnum():
            begins_word = bool(written)
        elif character.isnumeric():
            begins_word = True
            written.append(character)
        elif begins_word or (last_small.islower() and character.isupper()):
            begins_word = False
            written.append(_ascii_upper(character))
        else:
            last_small = character
            written.append(_ascii_lower(character))
    return "".join(written)


def plural(word: str) -> str:
    """The plural of an English word in camel case, of which only the end is looked at."""
    if word in _SAME_IN_PLURAL:
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending, new_ending in _ENDINGS:
        if found := ending.search(word):
            return word[: found.start("ending")] + new_ending
    return f"{word}s"


def _ascii_upper(character: str) -> str:
    return character.upper() if character.isascii() else character


def _ascii_lower(character: str) -> str:
    return character.lower() if character.isascii() else character


_IRREGULAR = {
    "die": "dice",
    "eave": "eaves",
    "foot": "feet",
    "goose": "geese",
    "man": "men",
    "ox": "oxen",
    "quiz": "quizzes",
    "tooth": "teeth",
    "woman": "women",
    "yes": "yeses",
}

_GREEK_IN_ON = "apheli|hyperbat|periheli|asyndet|noumen|phenomen|criteri|organ|prolegomen|hedr|automat"
_LATIN_IN_A = "alumn|alg|vertebr"
_LATIN_IN_UM = (
    "agend|addend|millenni|dat|extrem|bacteri|desiderat|strat|candelabr|errat|ov|symposi|curricul|automat|quor"
)
_LATIN_IN_US = "alumn|syllab|octop|vir|radi|nucle|fung|cact|stimul|termin|bacill|foc|uter|loc|strat"
_LATIN_IN_X = "matr|cod|mur|sil|vert|ind|append"


def _ending(before: str, ending: str, plural_ending: str) -> tuple[re.Pattern[str], str]:
    return re.compile(f"(?:{before})(?P<ending>{ending})$"), plural_ending


_ENDINGS = (
    _ending("eaux", "", ""),
    _ending("child", "(?:ren)?", "ren"),
    _ending("pe", "rson|ople", "ople"),
    _ending("[ml]", "ice|ouse", "ice"),
    _ending(_LATIN_IN_X, "ix|ex", "ices"),
    _ending("x|ch|ss|sh|zz", "", "es"),
    _ending("(?:x|ch|ss|sh|zz)es", "", ""),
    _ending("[^ch][ieo][ln]", "ey", "ies"),
    _ending("[^aeiouy]|qu", "y", "ies"),
    _ending("ar|l|ea|eo|oa|hoo", "f", "ves"),
    _ending("kni|wi|li", "fe", "ves"),
    _ending("", "sis", "ses"),
    _ending(_GREEK_IN_ON, "a|on", "a"),
    _ending(_LATIN_IN_UM, "a|um", "a"),
    _ending("her|at|gr", "o", "oes"),
    _ending("seraph|cherub", "(?:im)?", "im"),
    _ending(_LATIN_IN_A, "ae?", "ae"),
    _ending(_LATIN_IN_US, "us|i", "i"),
    _ending("[^l]ias|[aeiou]las|[emjzr]as|[iu]am", "", ""),
    _ending("e[mn]u", "s?", "s"),
    _ending("alias|[^aou]us|tlas|gas|ris", "", "es"),
    _ending("ax|test", "is", "es"),
    _ending("[^aeiou]ese", "", ""),
    _ending("s", "", ""),
)
"""How words that end so make their plural; the first that fits counts."""

_UNCOUNTABLE = """
accommodation adulthood advertising advice aggression aid air aircraft alcohol anger applause arithmetic assistance
bacon baggage beef biology blood botany bread butter carbon cardboard cash chalk chess countryside dancing deer dignity
dirt dust education electricity engineering enjoyment envy equipment evidence evolution fame fiction flour flu food fuel
fun furniture garbage garlic gold golf gossip grammar gratitude grief guilt happiness hardware harm hate hatred health
heat help homework honesty honey hospitality housework humour hunger hydrogen ice importance inflation information
innocence iron irony jam jewelry judo karate knowledge lack laughter lava leather leisure lightning linguine linguini
literature litter livestock logic loneliness luck luggage macaroni machinery magic management mankind marble mayonnaise
methane milk money mud music nature nitrogen nonsense nurture nutrition obedience obesity oxygen pasta patience poetry
pollution poverty pride psychology publicity punctuation quartz racism relaxation reliability research respect revenge
rice rubbish rum safety scenery seafood seaside shame sheep shopping sleep smoke smoking snow soap software soil
spaghetti steam stuff stupidity sunshine symmetry thirst thunder timber traffic transportation trust underwear
unemployment unity validity veal vegetarianism vegetation vengeance violence vitality warmth wealth weather welfare
wheat wildlife wisdom yoga zinc zoology
"""

_SAME_IN_PLURAL = frozenset(_UNCOUNTABLE.split())
