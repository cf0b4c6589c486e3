"""The prose of a notebook -> the language its headings are in, so that a name has its verb in the same.

## Daten laden ... ## Modell   ->   German: modell_trainieren, not train_modell
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ENOUGH = 3  # small words that tell a language


@dataclass(frozen=True)
class Tongue:
    """A language: its small words, its verbs for what stages do by the English ones, others that headings use, and whether verbs stand last."""

    small: frozenset[str]
    verbs: Mapping[str, str]
    others: frozenset[str]
    last: bool = False

    @property
    def known(self) -> frozenset[str]:
        """The verbs that stand in headings."""
        return self.others | set(self.verbs.values())

    def named(self, words: list[str], verb: str) -> list[str]:
        """The words of a heading with the verb where the language has it."""
        for rank in (0, -1) if self.last else ():
            work = f"{words[rank].removesuffix('ung')}en"  # Bereinigung: bereinigen
            if work in self.known:
                return [*(word for word in words if word != words[rank]), work]
        own = self.verbs.get(verb)
        return [verb, *words] if own is None else [*words, own] if self.last else [own, *words]


KEYS = "load train evaluate plot save predict prepare compute create report configure".split()


def _tongue(small: str, verbs: str, others: str, last: bool = False) -> Tongue:
    return Tongue(frozenset(small.split()), dict(zip(KEYS, verbs.split(), strict=True)), frozenset(others.split()), last)


TONGUES = (
    _tongue(
        "der die das und nicht ist mit wir ein eine auf den aus werden kommen",
        "laden trainieren auswerten zeichnen speichern vorhersagen aufbereiten berechnen erzeugen ausgeben einrichten",
        "einlesen lesen importieren bereinigen vorbereiten schreiben vergleichen darstellen",
        last=True,
    ),
    _tongue(
        "le la les des et est une dans pour sur nous avec",
        "charger entrainer evaluer tracer enregistrer predire preparer calculer creer afficher configurer",
        "lire importer nettoyer sauvegarder",
    ),
    _tongue(
        "el los las y una con para del por se que es",
        "cargar entrenar evaluar graficar guardar predecir preparar calcular crear mostrar configurar",
        "leer importar limpiar",
    ),
    _tongue(
        "o os as e uma um com para do da nao em",
        "carregar treinar avaliar desenhar salvar prever preparar calcular criar mostrar configurar",
        "ler importar limpar guardar",
    ),
    _tongue(
        "il lo gli e una con per che di della del si",
        "caricare addestrare valutare disegnare salvare prevedere preparare calcolare creare mostrare configurare",
        "leggere pulire importare",
    ),
)
ENGLISH = frozenset("the and of is to we in for are with this that".split())


def tongue_of(headings: Iterable[str], prose: str) -> Tongue | None:
    """The language that verbs of headings show, or else that the small words of the prose do; nothing for English and what is not known."""
    said = {word for heading in headings for word in heading.split("_")}
    shown = [tongue for tongue in TONGUES if said & tongue.known]
    if shown:
        return shown[0]
    words = re.findall(r"[^\W\d_]+", prose.lower())
    counts = [(sum(word in tongue.small for word in words), rank) for rank, tongue in enumerate(TONGUES)]
    most, rank = max(counts, key=lambda count: (count[0], -count[1]))
    return TONGUES[rank] if most >= ENOUGH and most > sum(word in ENGLISH for word in words) else None
