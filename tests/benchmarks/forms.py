"""How figures are written."""


def whole(number: float) -> str:
    """As 12,345."""
    return f"{number:,.0f}"


def rate(number: float) -> str:
    """As 12,345/s."""
    return f"{number:,.0f}/s"


def ratio(number: float) -> str:
    """As 0.95."""
    return f"{number:.2f}"


def milliseconds(number: float) -> str:
    """As 120 ms."""
    return f"{number:,.0f} ms"


def seconds(number: float) -> str:
    """As 3.1 s."""
    return f"{number:.1f} s"


def mebibytes(number: float) -> str:
    """As 250 MiB."""
    return f"{number:,.0f} MiB"
