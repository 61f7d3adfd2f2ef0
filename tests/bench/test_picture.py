"""The picture of a comparison: what it says, and where its marks stand."""
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import picture  # noqa: E402

SVG = "{http://www.w3.org/2000/svg}"


def row(request, express, fastify):
    """express and fastify are (least, median, greatest)."""
    return {"request": request, "ratios": {name: dict(zip(("least", "median", "greatest"), values))
                                           for name, values in (("express", express), ("fastify", fastify))}}


ROWS = [row("checkout", (1.5, 1.8, 2.1), (1.4, 1.6, 1.7)), row("list <20>", (5, 7.7, 11.9), (3.9, 4.4, 5))]


@pytest.fixture
def drawing():
    return ElementTree.fromstring(picture.draw(ROWS, "2 cores of A&B"))


def test_the_picture_says_what_it_shows(drawing):
    assert "NestJS" in drawing.find(SVG + "title").text
    told = drawing.find(SVG + "desc").text
    assert "checkout: 1.8 times Express, 1.6 times Fastify" in told and "2 cores of A&B" in told
    assert "prefers-color-scheme: dark" in drawing.find(SVG + "style").text


def test_a_picture_of_a_disturbed_run_says_so():
    assert "other work" in picture.draw(ROWS, "2 cores", disturbed=True)
    assert "other work" not in picture.draw(ROWS, "2 cores")


def test_each_ratio_is_a_mark_between_the_ends_of_its_spread(drawing):
    marks = [group for group in drawing.iter(SVG + "g") if group.find(SVG + "rect") is not None]
    assert len(marks) == 2 * len(ROWS)
    for group in marks:
        line, middle = group.find(SVG + "line"), float(group.find(SVG + "circle").get("cx"))
        assert float(line.get("x1")) <= middle <= float(line.get("x2")) <= picture.WIDTH
    ends = [float(group.find(SVG + "line").get("x2")) for group in marks]
    at = {label.text: float(label.get("x")) for label in drawing.iter(SVG + "text")
          if label.get("class") == "soft middle"}
    assert at["10"] < max(ends) < at["12"]              # 11.9
    assert (max(ends) - at["0"]) / (at["10"] - at["0"]) == pytest.approx(1.19, abs=0.001)


@pytest.mark.parametrize(("greatest", "step"), [(0.9, 1), (4, 1), (8, 1), (8.1, 2), (16, 2), (39, 5), (80, 10), (401, 100)])
def test_the_axis_has_at_most_eight_steps(greatest, step):
    assert picture.step_of(greatest) == step
