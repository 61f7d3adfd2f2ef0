"""GET /metrics on the inner listener: what all programs count together, as Prometheus reads it."""
import re
import signal
import subprocess

import pytest

from payapi_instance import Instance, children_of, free_ports, wait_until

HEAD = re.compile(r"# (?:HELP|TYPE) (payapi_[a-z_]+) \S.*")
SAMPLE = re.compile(r'(payapi_[a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (-?[0-9]+(?:\.[0-9]+)?)')
PARTS = re.compile(r"_(?:bucket|sum|count)$")


class Metrics:
    def __init__(self, text):
        self.text, self.samples, self.types = text, {}, {}
        for line in text.splitlines():
            sample = SAMPLE.fullmatch(line)
            assert sample or HEAD.fullmatch(line), line
            if sample:
                self.note(*sample.groups())
            elif line.startswith("# TYPE"):
                self.types[line.split()[2]] = line.split()[3]

    def note(self, name, labels, value):
        key = name, labels or ""
        assert key not in self.samples, f"{key} is there twice"
        assert name in self.types or PARTS.sub("", name) in self.types, f"{name} has no type above it"
        self.samples[key] = float(value)

    def __call__(self, name, labels=""):
        return self.samples.get((f"payapi_{name}", labels), 0)


@pytest.fixture(scope="module")
def payapi():
    """An instance of its own: its workers are killed, and it has an inner listener."""
    port = free_ports(1)
    instance = Instance("metrics", METRICS_LISTEN=f"127.0.0.1:{port}", PROVIDER_BREAKER_FAILURES="2")
    instance.metrics_port = port
    try:
        yield instance.up()
        instance.assert_invariants()
    finally:
        instance.down()


def curl(payapi, path="/metrics", *options):
    return subprocess.run(["curl", "-sS", "--max-time", "10", "-D", "-", *options,
                           f"http://127.0.0.1:{payapi.metrics_port}{path}"],
                          check=True, text=True, capture_output=True).stdout.split("\n\n", 1)


def read(payapi):
    head, body = curl(payapi)
    assert "200 OK" in head and "content-type: text/plain; version=0.0.4; charset=utf-8" in head.lower()
    assert body.endswith("\n")
    return Metrics(body)


def paid(payapi):
    order = payapi.create_order()
    payment = payapi.checkout(order).data
    payapi.sandbox_do(payment["externalId"], "pay")
    payapi.wait_for_status(order, "completed")
    return payment


def test_a_payment_is_counted_once_in_each_place(payapi):
    before = read(payapi)
    paid(payapi)
    after = read(payapi)

    def more(name, labels):
        return after(name, labels) - before(name, labels)

    assert more("http_requests_total", 'route="/api/v1/orders",method="POST",code="201"') == 1
    assert more("http_requests_total", 'route="/api/v1/orders/:id/checkout",method="POST",code="201"') == 1
    assert more("http_request_duration_seconds_count", 'route="/api/v1/orders/:id/checkout"') == 1
    assert more("provider_calls_total", 'provider="stripe",call="checkout",outcome="ok"') == 1
    assert more("provider_call_duration_seconds_count", 'provider="stripe",call="checkout"') == 1
    assert more("payments_finished_total", 'provider="stripe",outcome="completed"') == 1
    assert more("money_minor_total", 'currency="USD",type="charge"') == 9999
    assert more("database_transactions_total", 'result="committed"') >= 3


def test_histograms_grow_with_their_bounds(payapi):
    paid(payapi)
    metrics = read(payapi)
    route = 'route="/api/v1/orders"'
    buckets = [value for (name, labels), value in metrics.samples.items()
               if name == "payapi_http_request_duration_seconds_bucket" and labels.startswith(route + ",")]
    assert len(buckets) == 16 and buckets == sorted(buckets)
    assert buckets[-1] == metrics("http_request_duration_seconds_count", route) > 0
    assert metrics("http_request_duration_seconds_sum", route) > 0


def test_what_a_killed_worker_counted_stays(payapi):
    orders = 'route="/api/v1/orders",method="POST",code="201"'
    for _ in range(10):
        payapi.create_order()
    before = read(payapi)
    for pid in children_of(payapi.master_pid("fast")):
        payapi.kill(pid, signal.SIGKILL)
    crashed = 'pool="fast",reason="crashed"'
    after = wait_until(lambda: (metrics := read(payapi))("worker_restarts_total", crashed)
                       > before("worker_restarts_total", crashed) and metrics, 20, "the master's count")
    assert after("http_requests_total", orders) == before("http_requests_total", orders)
    wait_until(lambda: read(payapi)("workers", 'pool="fast",state="idle"') > 0, 20, "new workers")


def test_payapi_jobs_measures_what_waits(payapi):
    order = payapi.create_order()
    payapi.checkout(order)
    metrics = wait_until(lambda: (found := read(payapi))("payments_open", 'status="processing"') > 0 and found,
                         40, "the next measurement")
    assert metrics("gauges_collected_timestamp_seconds") > 1.7e9
    assert metrics("inbox_dead") == 0
    assert ("payapi_provider_circuit_open", 'provider="stripe",direction="writes"') in metrics.samples
    assert ("payapi_audit_unsealed_oldest_age_seconds", "") in metrics.samples


def test_paths_that_nobody_knows_are_one_series(payapi):
    before = read(payapi)
    for number in range(5):
        assert payapi.get(f"/api/v1/secret-{number}").status == 404
    after = read(payapi)
    unknown = 'route="-",method="-",code="404"'
    assert after("http_requests_total", unknown) - before("http_requests_total", unknown) == 5
    assert "secret-" not in after.text


def test_nothing_names_a_payment_or_a_payer(payapi):
    payment = paid(payapi)
    text = read(payapi).text
    assert payment["id"] not in text and payment["orderId"] not in text and "alice" not in text
    assert read(payapi)("metrics_series_dropped_total") == 0


def test_the_public_site_has_no_metrics(payapi):
    for path in ("/metrics", "/stream/../metrics", "/stream/metrics"):
        assert payapi.get(path, sub="boss", role="admin").status == 404, path


def test_the_listener_has_nothing_else(payapi):
    for path in ("/", "/metrics/", "/health", "/api/v1/orders", "/stream/x"):
        assert "404 Not Found" in curl(payapi, path, "--path-as-is")[0], path
    assert "403 Forbidden" in curl(payapi, "/metrics", "-X", "POST")[0]
