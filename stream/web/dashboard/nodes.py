"""Plain HTML elements in a NiceGUI page. What is given as text is text, whatever it looks like."""

from nicegui.elements.mixins.text_element import TextElement

# Shapes as well as colours: a diamond, a triangle, a circle.
SEVERITY_SHAPES = {
    "critical": "M7 0 14 7 7 14 0 7Z",
    "warning": "M7 1 14 13 0 13Z",
    "notice": "M7 1a6 6 0 1 0 .01 0Z",
    "closed": "M2 7h10v2H2Z",
}


def node(tag: str, text: str = "", classes: str = "", **attributes: str) -> TextElement:
    """An element with text; `_` in names of attributes stands for `-`, one at the end for nothing.

    Example: with node("label", for_="note"): node("span", "Note", "muted", aria_hidden="true")
    """
    made = TextElement(tag=tag, text=text)
    if classes:
        made.classes(classes)
    for name, value in attributes.items():
        made.props[name.rstrip("_").replace("_", "-")] = value
    return made


def picture(path: str, view_box: str = "0 0 14 14") -> None:
    """A small drawing beside words that say the same, so that screen readers pass it by."""
    with node("svg", viewBox=view_box, aria_hidden="true"):
        node("path", d=path, fill="currentColor")


def severity(name: str) -> None:
    """Shape, word and colour of a severity, or of `closed`."""
    with node("span", classes=f"bp-severity {name}"):
        picture(SEVERITY_SHAPES[name])
        node("span", name)
