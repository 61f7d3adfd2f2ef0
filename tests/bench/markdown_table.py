"""Tables for documents, which read as well in a terminal."""


def table(columns, rows):
    """columns: [(title, function of a row that gives the text), ...]; the first is aligned left."""
    cells = [[title for title, _ in columns]] + [[cell(row) for _, cell in columns] for row in rows]
    widths = [max(len(line[n]) for line in cells) for n in range(len(columns))]
    lines = ["| " + " | ".join(text.ljust(width) if n == 0 else text.rjust(width)
                               for n, (text, width) in enumerate(zip(line, widths))) + " |" for line in cells]
    rule = "|" + "|".join("-" * (width + 2) if n == 0 else "-" * (width + 1) + ":" for n, width in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])
