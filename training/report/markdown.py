"""The report as Markdown: everything but the figures."""

from collections.abc import Sequence

from training.report.blocks import Block, Cell, Code, Figure, Heading, Paragraph, Table, Tiles, plain


def render_markdown(blocks: Sequence[Block]) -> str:
    """The blocks, parted by empty lines; a figure leaves its caption."""
    return "\n\n".join(_render(block) for block in blocks) + "\n"


def _render(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {text}"
        case Paragraph(text, _):
            return text
        case Code(text):
            return f"```sh\n{text}\n```"
        case Tiles(tiles):
            return "\n".join(f"- **{name}**: {plain(cell)} ({remark})" for name, cell, remark in tiles)
        case Figure(_, caption):
            return f"*Plot in report.html: {caption}*"
        case Table(header, rows, marked):
            bold = [
                [f"**{plain(cell)}**" for cell in row] if i in marked else row for i, row in enumerate(rows)
            ]
            lines = [_line(header), _line(["---"] * len(header)), *(_line(row) for row in bold)]
            return "\n".join(lines)


def _line(cells: Sequence[Cell]) -> str:
    return "| " + " | ".join(plain(cell).replace("|", "\\|") for cell in cells) + " |"
