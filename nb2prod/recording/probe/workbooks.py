"""An office file -> its cells and everything else in it, with the standard library alone.

scores.xlsx   ->   {"sheet scores": ["A1: id", "B1: score", "A2: 1", "B2: 0.5", "B3: 0.5 = A2/2"], "xl/styles.xml": "9f...", ...}

Cells are compared by what is written in them, formulas included: a library that writes a formula leaves its value empty. Left out are the
moments of making and saving.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from typing import Dict, List
from xml.etree import ElementTree

MADE = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")
CELLS = re.compile(rb"<sheetData.*</sheetData>|<sheetData */>", re.DOTALL)
SHEET = re.compile(r"xl/worksheets/([^/]+)\.xml")
TEXTS = "xl/sharedStrings.xml"


def read(path: str) -> Dict[str, object]:
    """The cells of each sheet, and a digest of every other part."""
    found: Dict[str, object] = {}
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        texts = _texts(archive.read(TEXTS)) if TEXTS in names else []
        for name in names:
            data = MADE.sub(b"", archive.read(name))
            sheet = SHEET.fullmatch(name)
            if sheet is not None:
                found[sheet.group(1)] = _cells(data, texts)
                data = CELLS.sub(b"", data)
            if name != TEXTS:
                found[name] = hashlib.sha256(data).hexdigest()
    return found


def _texts(data: bytes) -> List[str]:
    """The texts that cells refer to by number."""
    return ["".join(part.text or "" for part in item.iter() if _tag(part) == "t") for item in ElementTree.fromstring(data)]


def _cells(data: bytes, texts: List[str]) -> List[str]:
    return [_cell(item, texts) for item in ElementTree.fromstring(data).iter() if _tag(item) == "c"]


def _cell(cell: "ElementTree.Element", texts: List[str]) -> str:
    """`B3: 0.5 = A2/2, style 4`"""
    parts = {_tag(part): part for part in cell}
    kind, value = cell.get("t", "n"), "".join(parts["v"].itertext()) if "v" in parts else ""
    told = repr(texts[int(value)]) if kind == "s" and value else "".join(parts["is"].itertext()) if "is" in parts else value
    formula = " = " + "".join(parts["f"].itertext()) if "f" in parts else ""
    style = ", style " + str(cell.get("s")) if cell.get("s", "0") != "0" else ""
    kind = " (%s)" % kind if kind not in ("n", "s") else ""
    return "%s: %s%s%s%s" % (cell.get("r"), told, kind, formula, style)


def _tag(element: "ElementTree.Element") -> str:
    return str(element.tag).rpartition("}")[2]
