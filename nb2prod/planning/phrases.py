"""A heading (or the comment above some code) -> the name of a function: a verb first.

"2. Data Cleaning"                  -> clean_data
"Evaluation of the model"           -> evaluate_model
"Random forest"    (verb "train")   -> train_random_forest
"Daten laden"                       -> daten_laden
"Why do they leave?"                -> nothing: a question names no work
"""

from __future__ import annotations

import re
import unicodedata

from nb2prod.planning.tongues import TONGUES, Tongue

LONGEST, MOST_WORDS = 40, 5
ARTICLES = frozenset(
    "the a an our some this these those your my its der die das den dem le la les el los las il lo gli o os um uma".split()
)
ENGLISH_ARTICLES = frozenset("the a an our".split())
QUESTIONS = frozenset("what when where why which who how is are does do can should was were did if so ok okay note todo".split())
EMPTY = frozenset("libraries library packages package modules dependencies imports setup environment helpers notebook section".split())
VERBS = frozenset(
    """add aggregate align analyze analyse apply assess assign balance bin bootstrap build calculate calibrate change check clean
    cluster collect combine compare compute concatenate configure convert correct count create decide decode define delete derive describe
    detect determine discretize display divide download drop encode engineer estimate evaluate examine explore export extract fetch fill
    filter find fit fix flag forecast format gather generate get group handle identify impute import inspect interpret investigate join
    keep label load make map mark mask measure merge model normalize normalise open optimize optimise parse pick pivot plot predict
    prepare preprocess print process project prune query rank read rebuild recode reduce refit remove rename reorder replace report
    resample reshape run sample save scale score search segment select separate set shuffle show simulate smooth solve sort split
    standardize standardise store summarize summarise test tokenize train transform tune unpack update use validate vectorize
    verify view visualize visualise weigh write
    adjust choose classify construct diagnose discover implement improve introduce locate maximize minimize obtain organize partition perform
    put recompute reformat rescale retrieve scrape tackle turn understand""".split()
)
# What a heading calls the work: the noun, and the verb of a function that does it.
WORK = {
    "analysis": "analyze", "assessment": "assess", "calculation": "calculate", "calculations": "calculate", "checks": "check",
    "clean-up": "clean", "cleanup": "clean", "comparison": "compare", "evaluation": "evaluate",
    "exploration": "explore", "imputation": "impute", "ingestion": "load", "inspection": "inspect", "modelling": "model",
    "normalisation": "normalize", "normalization": "normalize", "optimisation": "optimize", "optimization": "optimize",
    "prediction": "predict", "predictions": "predict", "preparation": "prepare", "selection": "select", "simulation": "simulate",
    "split": "split", "standardisation": "standardize", "standardization": "standardize", "summary": "summarize",
    "transformation": "transform", "validation": "validate", "visualisation": "plot", "visualisations": "plot",
    "visualization": "plot", "visualizations": "plot", "wrangling": "clean", "visualize": "plot", "visualise": "plot",
    "evaluate": "evaluate", "engineering": "engineer",
}  # fmt: skip
DOUBLED = re.compile(r"([bdgklmnprt])\1$")
# Verbs that stand last, or first, in headings of other languages; such a heading is a name as it stands.
FOREIGN = frozenset().union(*(tongue.known for tongue in TONGUES), "wczytaj oczysc zapisz ladda spara".split())
WHOLE = {
    "exploratory_data_analysis": "explore_data",
    "eda": "explore_data",
    "feature_engineering": "engineer_features",
    "train_test_split": "split_train_and_test",
    "test_train_split": "split_train_and_test",
}
PYTESTS = re.compile(r"^test(?=_|$)|^test(?:s|ed|ing)(?=_|$)")  # pytest takes whatever begins so for a test, where it is imported
TURNS = frozenset("on in with using by into for from between through via".split())  # a long name ends before one of these
LETTERS = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "œ": "oe", "ł": "l", "Ł": "L", "đ": "d", "ı": "i", "’": "'"})
CYRILLIC = dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziiklmnoprstufye", strict=True)) | {
    "ё": "e", "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya", "і": "i", "ї": "yi", "є": "ye",
}  # fmt: skip


def slug(text: str) -> str:
    """Words as a lower-case ASCII identifier, accents taken off, Cyrillic in Latin letters; empty where nothing is left."""
    latin = "".join(CYRILLIC.get(letter, letter) for letter in text.translate(LETTERS).lower()) if not text.isascii() else text
    flat = unicodedata.normalize("NFKD", latin.replace("'", "")).encode("ascii", "ignore").decode()
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", flat)
    words = re.sub(r"[^a-zA-Z0-9]+", "_", spaced).strip("_").lower()
    return words if words.isidentifier() else ""


def function_name(title: str, verb: str, tongue: Tongue | None = None) -> str:
    """The name of a function that does what a heading says; `verb`, in the headings' language, is added where the heading only names things.
    Empty: it says nothing."""
    every = [word for word in slug(title).split("_") if word]
    words = [word for word in every if word not in ARTICLES]
    if not words or words[0] in QUESTIONS | {"by", "in", "on", "of"} or len(words) > 2 * MOST_WORDS or EMPTY & set(words[-1:]):
        return ""
    whole = WHOLE.get("_".join(words))
    thing = every[0] in ENGLISH_ARTICLES and words[0] in VERBS and verb != words[0]  # "The model" says no work
    said = [verb, *words] if thing else with_verb(words, verb, tongue)
    turn = next((rank for rank, word in enumerate(said) if rank > 1 and word in TURNS), len(said)) if len(said) > MOST_WORDS else len(said)
    most = min(turn, MOST_WORDS)
    if most < len(said) and said[most - 2] == "and":
        most -= 2  # half of what comes after it would be left
        if words[0] not in VERBS and not work(words[0]):
            return ""  # a list of things of which most would be left out
    name = PYTESTS.sub("check", whole or shortened("_".join(said[:most])))
    return shortened(f"{verb}_{name}") if name.startswith("test") else name


def with_verb(words: list[str], verb: str, tongue: Tongue | None) -> list[str]:
    """The words of a heading with a verb: first, but for languages that have it last."""
    first, last = work(words[0]), work(words[-1])
    if FOREIGN & {words[0], words[-1]}:
        return words
    middle = words.index("and") if "and" in words[1:-1] else 0
    if middle and work(words[middle - 1]) and last and middle + 2 == len(words):
        return [work(words[middle - 1]), "and", last, *words[: middle - 1]]
    if len(words) > 3 and words[1] == "and" and work(words[2]):
        words = [*words[:2], work(words[2]), *words[3:]]
    if first and words[0] not in VERBS:
        return [first, *words[2:]] if words[1:2] in (["of"], ["on"]) else [first, *words[1:]]
    if last and words[-1] not in VERBS - {"split"} and len(words) > 1 and not {"of", "for", "with"} & set(words):
        return [last, *words[:-1]]
    return words if words[0] in VERBS else tongue.named(words, verb) if tongue else [verb, *words]


def work(word: str) -> str:
    """The verb behind a noun or a form in -ing; empty where it is none we know."""
    if word in WORK:
        return WORK[word]
    stem = word.removesuffix("ing") if word.endswith("ing") else ""
    return next((verb for verb in (stem, f"{stem}e", DOUBLED.sub(r"\1", stem)) if verb in VERBS), "")


def is_action(name: str) -> bool:
    """Whether a function's name begins with a verb we know."""
    return name.partition("_")[0] in VERBS


def shortened(name: str) -> str:
    """A name of at most LONGEST characters, cut between words, with no joining word left at its end."""
    short = name if len(name) <= LONGEST else name[: LONGEST + 1].rpartition("_")[0] or name[:LONGEST]
    return re.sub(r"(_(of|and|for|with|by|to|in|on|from|per|or|the|vs|as|at))+$", "", short)
