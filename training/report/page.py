"""The report as one HTML page that needs nothing else: style and plots are in it."""

from collections.abc import Sequence
from html import escape

from training.report.blocks import Block, Cell, Code, Figure, Heading, Paragraph, Table, Tiles, plain
from training.report.intervals import Interval

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --quiet: #5b6675; --paper: #ffffff; --card: #f5f7fa;
  --line: #dde3ea; --accent: #1f6fb2; --mark: #e8f1fa; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --quiet: #9aa7b6; --paper: #12161c;
  --card: #1a2028; --line: #2c3541; --accent: #6db3f2; --mark: #1b2c3f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 28px 80px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 12px; }
h2 { font-size: 19px; margin: 44px 0 12px; padding-top: 18px; border-top: 1px solid var(--line); }
p { margin: 10px 0; max-width: 78ch; }
p.quiet, figcaption { color: var(--quiet); font-size: 13px; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px;
  white-space: pre-wrap; overflow-wrap: anywhere; font-size: 13px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(185px, 1fr)); gap: 12px;
  margin: 18px 0; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; }
.tile b { display: block; font-size: 26px; line-height: 1.25; font-variant-numeric: tabular-nums; }
.tile span { color: var(--quiet); font-size: 13px; display: block; }
.scroll { overflow-x: auto; margin: 12px 0; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 10px; text-align: right; border-bottom: 1px solid var(--line); vertical-align: top; }
td.words, th.words { text-align: left; overflow-wrap: anywhere; }
th { color: var(--quiet); font-weight: 600; font-size: 13px; vertical-align: bottom; }
td small { display: block; color: var(--quiet); font-size: 11.5px; white-space: nowrap; }
tr.marked td { background: var(--mark); font-weight: 600; }
tr.marked small { font-weight: 400; }
figure { margin: 16px 0; } figure svg { max-width: 100%; height: auto; display: block; color: var(--ink); }
"""


def render_page(title: str, blocks: Sequence[Block]) -> str:
    """A whole HTML document."""
    body = "\n".join(_render(block) for block in blocks)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _render(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text, quiet):
            kind = "quiet" if quiet else "text"
            return f'<p class="{kind}">{escape(text)}</p>'
        case Code(text):
            return f"<pre>{escape(text)}</pre>"
        case Tiles(tiles):
            drawn = "".join(_tile(*tile) for tile in tiles)
            return f'<div class="tiles">{drawn}</div>'
        case Figure(svg, caption):
            return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>"
        case Table():
            return _table(block)


def _tile(name: str, cell: Cell, remark: str) -> str:
    number = f"{cell.value:.4f}" if isinstance(cell, Interval) else plain(cell)
    between = f"<span>{cell.low:.4f} to {cell.high:.4f}</span>" if isinstance(cell, Interval) else ""
    return (
        f'<div class="tile"><span>{escape(name)}</span><b>{escape(number)}</b>'
        f"{between}<span>{escape(remark)}</span></div>"
    )


def _table(table: Table) -> str:
    worded = [
        all(isinstance(cell, str | None) for cell in column) for column in zip(*table.rows, strict=True)
    ]
    kinds = [' class="words"' if words else "" for words in worded or [False] * len(table.header)]
    head = "".join(f"<th{kind}>{escape(name)}</th>" for kind, name in zip(kinds, table.header, strict=True))
    rows = []
    for i, row in enumerate(table.rows):
        mark = ' class="marked"' if i in table.marked else ""
        cells = "".join(f"<td{kind}>{_cell(cell)}</td>" for kind, cell in zip(kinds, row, strict=True))
        rows.append(f"<tr{mark}>{cells}</tr>")
    body = "".join(rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(cell: Cell) -> str:
    if isinstance(cell, Interval):
        return f"{cell.value:.4f}<small>{cell.low:.4f} – {cell.high:.4f}</small>"
    return escape(plain(cell))
