"""The picture of a comparison: for each kind of request how many times as fast, with the spread, as an SVG.

It needs no library, and is readable on a light and on a dark background.
"""
import math
from html import escape

WIDTH, LEFT, RIGHT, TOP, ROW = 880, 190, 70, 76, 46
AXIS = WIDTH - LEFT - RIGHT
SERIES = [("express", "Express", -8), ("fastify", "Fastify", 8)]     # key, name, distance from the row's middle

STYLE = """
svg { font: 14px system-ui, sans-serif; color-scheme: light dark; --ink: #1f2328; --soft: #59636e; --line: #d1d9e0;
      --express: #0969da; --fastify: #bc4c00; }
@media (prefers-color-scheme: dark) { svg { --ink: #f0f6fc; --soft: #9198a1; --line: #3d444d; --express: #4493f8;
      --fastify: #f0883e; } }
text { fill: var(--ink); }
.soft { fill: var(--soft); font-size: 12px; }
.end { text-anchor: end; }
.middle { text-anchor: middle; }
line { stroke: var(--line); }
line.one { stroke: var(--soft); stroke-dasharray: 4 3; }
.express { --mark: var(--express); }
.fastify { --mark: var(--fastify); }
.series line { stroke: var(--mark); stroke-width: 2; }
.series rect { fill: var(--mark); opacity: .35; }
.series circle { fill: var(--mark); }
.series text { fill: var(--mark); font-size: 12px; font-weight: 600; }
"""


def step_of(greatest):
    """Between two lines of the axis: 1, 2 or 5 times a power of ten, for at most eight of them."""
    power = 10 ** math.floor(math.log10(greatest / 8)) if greatest > 8 else 1
    return next(step * power for step in (1, 2, 5, 10) if greatest / (step * power) <= 8)


def draw(rows, machine, disturbed=False):
    """rows: as beside_peer.py makes them. Returns the text of the SVG, which says when other work disturbed it."""
    greatest = max(ratio["greatest"] for row in rows for ratio in row["ratios"].values())
    step = step_of(greatest)
    end = step * math.ceil(greatest / step)
    height = TOP + ROW * len(rows) + 40

    def at(value):
        return f"{LEFT + AXIS * value / end:.1f}"

    parts = [head(rows, machine, height), axis(step, end, height, at)]
    if disturbed:
        parts.append(f'<text class="soft end" x="{WIDTH - 16}" y="40">measured on a machine with other work</text>')
    parts += [row_of(row, TOP + ROW * number + ROW / 2, at) for number, row in enumerate(rows)]
    return "\n".join([*parts, "</svg>"]) + "\n"


def head(rows, machine, height):
    told = "; ".join(f"{row['request']}: " + ", ".join(
        f"{row['ratios'][key]['median']:.1f} times {title}" for key, title, _ in SERIES) for row in rows)
    legend = "".join(f'<g class="series {key}"><circle cx="{LEFT + 150 * n + 6}" cy="52" r="4.5"/>'
                     f'<text x="{LEFT + 150 * n + 16}" y="56">NestJS, {title}</text></g>'
                     for n, (key, title, _) in enumerate(SERIES))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
            f' height="{height}" role="img" aria-labelledby="title desc">\n'
            '<title id="title">How many times as fast as a NestJS build payapi is</title>\n'
            f'<desc id="desc">Requests per second of payapi divided by those of the peer. {escape(told)}.'
            f' Measured on {escape(machine)}.</desc>\n<style>{STYLE}</style>\n'
            f'<text x="{LEFT}" y="26" font-weight="600">payapi’s requests per second ÷ the peer’s, in the same run</text>\n'
            f'<text class="soft end" x="{WIDTH - 16}" y="56">median, least and greatest of the turns</text>\n{legend}')


def axis(step, end, height, at):
    lines = []
    for n in range(round(end / step) + 1):
        value = n * step
        lines.append(f'<line x1="{at(value)}" y1="{TOP}" x2="{at(value)}" y2="{height - 34}"/>'
                     f'<text class="soft middle" x="{at(value)}" y="{height - 16}">{value:g}</text>')
    lines.append(f'<line class="one" x1="{at(1)}" y1="{TOP}" x2="{at(1)}" y2="{height - 34}"/>')
    return "\n".join(lines)


def row_of(row, middle, at):
    parts = [f'<text class="end" x="{LEFT - 14}" y="{middle + 5:.1f}">{escape(row["request"])}</text>']
    for key, _, distance in SERIES:
        ratio, y = row["ratios"][key], f"{middle + distance:.1f}"
        median, least, greatest = (at(ratio[name]) for name in ("median", "least", "greatest"))
        parts.append(
            f'<g class="series {key}"><rect x="{LEFT}" y="{middle + distance - 5:.1f}"'
            f' width="{float(median) - LEFT:.1f}" height="10"/>'
            f'<line x1="{least}" y1="{y}" x2="{greatest}" y2="{y}"/><circle cx="{median}" cy="{y}" r="4"/>'
            f'<text x="{float(greatest) + 8:.1f}" y="{middle + distance + 4:.1f}">{ratio["median"]:.1f}</text></g>')
    return "\n".join(parts)
