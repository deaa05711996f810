"""The word lists beside this module: text files whose lines that begin with # are remarks."""

from importlib.resources import files


def read_lines(name: str) -> tuple[str, ...]:
    """The lines of a list, without remarks."""
    text = files("training.texts").joinpath("words", name).read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def read_words(name: str) -> tuple[str, ...]:
    """The words of a list, without remarks."""
    return tuple(word for line in read_lines(name) for word in line.split())
