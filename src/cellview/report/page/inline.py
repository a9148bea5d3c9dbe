"""An SVG as part of a page: without inline styles, which a strict page refuses, and with the page's own colours.

A colour becomes a variable of the stylesheet with the figure's own as its default, so that a dark page has light ink.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from cellview.report.figure import Figure
from cellview.report.page.markup import Markup

__all__ = ["inline_svg"]

_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}"
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_DROPPED = {f"{_SVG}metadata", f"{_SVG}style", f"{_SVG}title"}


def inline_svg(figure: Figure) -> Markup:
    """Return a figure as an ``<svg>`` element for a page with a strict policy.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    root = ElementTree.fromstring(figure.render("svg", framed=False))
    _prune(root)
    needed = _references(root)
    for element in root.iter():
        if "id" in element.attrib and element.attrib["id"] not in needed:
            del element.attrib["id"]
        if (target := element.attrib.pop(f"{_XLINK}href", None)) is not None:
            element.set("href", target)
        for declaration in filter(None, element.attrib.pop("style", "").split(";")):
            name, _, value = declaration.partition(":")
            element.set(name.strip(), value.strip())
        for name in ("fill", "stroke"):
            if name in element.attrib:
                element.set(name, _COLOUR.sub(_variable, element.attrib[name]))
        element.tag = element.tag.removeprefix(_SVG)
    root.attrib.pop("version", None)
    root.set("width", "100%")
    root.attrib.pop("height", None)
    root.set("role", "img")
    root.set("aria-labelledby", f"{figure.name}-title")
    root.set("aria-describedby", f"{figure.name}-caption")
    root.set("stroke-linejoin", "round")
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _variable(match: re.Match[str]) -> str:
    return f"var(--f-{match[0][1:]}, {match[0]})"


def _prune(element: ElementTree.Element) -> None:
    for child in list(element):
        if child.tag in _DROPPED:
            element.remove(child)
        else:
            _prune(child)


def _references(root: ElementTree.Element) -> set[str]:
    found: set[str] = set()
    for element in root.iter():
        found.update(name for value in element.attrib.values() for name in _REFERENCE.findall(value))
        target = element.get(f"{_XLINK}href", "")
        found |= {target[1:]} if target.startswith("#") else set()
    return found
