"""Metrics are described in docs/metrics.md: metrics.def and payment_counts.c are the truth."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs/metrics.md").read_text()
ROW = re.compile(r'^METRIC\(\w+, (\w+), "(\w+)", "([^"]*)", "([^"]*)"\)$', re.M)
DROPPED = "payapi_metrics_series_dropped_total"


def rows():
    found = ROW.findall((ROOT / "include/base/metrics.def").read_text())
    assert len(found) > 20
    return found


def test_the_document_has_each_metric_as_it_is():
    described = re.findall(r"^\| `(payapi_\w+)` \| (\w+) \| (.*?) ?\| (.+) \|$", DOCUMENT, re.M)
    assert [(name, kind, " ".join(re.findall(r"`(\w+)`", labels)), text) for name, kind, labels, text in described
            if name != DROPPED] == [(name, kind.lower(), labels, text) for kind, name, labels, text in rows()]


def test_names_are_as_prometheus_advises():
    for kind, name, labels, text in rows():
        assert (kind == "COUNTER") == name.endswith("_total"), name
        assert kind != "HISTOGRAM" or name.endswith("_seconds"), name
        assert not re.search(r"_(ms|us|s|sec|milliseconds)(_|$)", name) and text.endswith((".", "runs.")), name


def test_the_document_names_each_code_of_a_failure():
    source = (ROOT / "src/application/settling/payment_counts.c").read_text()
    codes = re.findall(r'"(\w+)"', re.search(r"codes\[\] = \{(.*?)\};", source, re.S)[1])
    assert len(codes) > 10 and [code for code in codes if f"`{code}`" not in DOCUMENT] == []
