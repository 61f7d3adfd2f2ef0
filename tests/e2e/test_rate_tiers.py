"""Each limit in nginx/limits.conf applies where its comment says, and nowhere else.

Only nginx answers here: without workers, a request that is let through gets 503, and one that is held
back gets 429. The rates are set so low that they free nothing while a test runs, so that a slow machine
counts as exactly as a fast one. A tier is tested alone by removing the other limits.
"""
import json
import re
import subprocess

import pytest

import source_tables
from nginx_site import NginxSite
from payapi_instance import ROOT, wait_until
from raw_http import answers_in, exchange, request

TEXT = (ROOT / "nginx/limits.conf").read_text()
TIER = re.compile(r"^limit_req_zone \$(\w+) zone=(\w+):\d+m rate=(\d+)r/([sm]);\n"
                  r"limit_req +zone=(\w+) burst=(\d+) nodelay;$", re.M)
ADDRESS_HEADER = "X-Test-Address"


class Tier:
    def __init__(self, match):
        self.key, self.zone, rate, unit, used, burst = match.groups()
        assert used == self.zone
        self.per_second = int(rate) / (60 if unit == "m" else 1)
        self.burst = int(burst)
        self.before = TEXT[:match.start()]


TIERS = {tier.zone: tier for tier in map(Tier, TIER.finditer(TEXT))}

PATHS = {
    "api": ("GET", "/api/v1/orders"),
    "money": ("POST", "/api/v1/orders/a/checkout"),
    "webhook": ("POST", "/api/v1/webhooks/stripe"),
    "outcome": ("GET", "/checkout/outcome"),
    "health": ("GET", "/health/live"),
    "static": ("GET", "/docs/openapi.json"),
    "nowhere": ("GET", "/wp-admin"),
}
# All POST routes that the provider pool serves.
MONEY = [path.replace(":id", "a") for path in re.findall(
    r'\{ *"POST", *"([^"]+)",[^{}]*POOL_PROVIDER', source_tables.routes())]

# Which kinds of request a zone counts.
COUNTED = {
    **{f"api_{who}_{window}": {"api", "money"} for who in ("token", "address")
       for window in ("short", "medium", "long")},
    **{f"money_{who}_{window}": {"money"} for who in ("token", "address")
       for window in ("short", "medium", "long")},
    "webhook": {"webhook"}, "outcome": {"outcome"}, "health": {"health"}, "static": {"static", "nowhere"},
}


def test_every_limit_is_one_of_the_tiers():
    assert set(TIERS) == set(COUNTED)
    assert len(re.findall(r"^limit_req ", TEXT, re.M)) == len(TIERS)
    assert "limit_req " not in (ROOT / "nginx/site.inc.in").read_text()


@pytest.mark.parametrize("zone", TIERS)
def test_every_number_has_its_reason(zone):
    above = TIERS[zone].before.rstrip("\n").rsplit("\n", 1)[1]
    assert above.startswith("# ") and len(above) > 30, above


@pytest.mark.parametrize("kind", ["api", "money"])
@pytest.mark.parametrize("who", ["token", "address"])
def test_longer_windows_are_deeper_and_slower(kind, who):
    tiers = [TIERS[f"{kind}_{who}_{window}"] for window in ("short", "medium", "long")]
    assert tiers[0].per_second > tiers[1].per_second > tiers[2].per_second
    assert tiers[0].burst < tiers[1].burst < tiers[2].burst


@pytest.mark.parametrize("window", ["short", "medium", "long"])
def test_money_is_held_tighter_than_reads_and_tokens_tighter_than_addresses(window):
    def of(kind, who):
        return TIERS[f"{kind}_{who}_{window}"]

    for kind in ("api", "money"):
        assert of(kind, "token").per_second < of(kind, "address").per_second
        assert of(kind, "token").burst < of(kind, "address").burst
    for who in ("token", "address"):
        assert of("money", who).per_second <= of("api", who).per_second / 10
        assert of("money", who).burst <= of("api", who).burst / 10


def test_after_retry_after_every_tier_has_a_place_again():
    problems = (ROOT / "nginx/problems.conf.in").read_text()
    seconds = int(re.search(r"^    429 (\d+);$", problems, re.M)[1])
    assert all(tier.per_second * seconds >= 1 for tier in TIERS.values())


# --- Counting --------------------------------------------------------------------------------------

class Flood:
    """A site with these limits, which takes addresses from a header, as behind a balancer."""

    def __init__(self, limits):
        self.site = NginxSite()
        self.site.render()
        self.site.configuration("limits.conf").write_text(limits)
        self.site.take_address_from(ADDRESS_HEADER)
        self.site.edit("nginx.conf", "nginx-error.log warn;", "nginx-error.log crit;")
        self.site.start()

    def send(self, kind, count=1, token="a" * 20, address="192.0.2.1", path=None, scheme="Bearer"):
        """The statuses of count requests, pipelined with up to 500 per connection."""
        method, usual = PATHS[kind]
        headers = [("Authorization", f"{scheme} {token}"), (ADDRESS_HEADER, address), ("Content-Length", "0")]
        one = request(method, path or usual, headers, close=False)
        last = request(method, path or usual, headers)
        statuses = []
        while count > 0:
            block = min(count, 500)
            answers = answers_in(exchange(self.site.port, one * (block - 1) + last))
            assert len(answers) == block
            statuses += [answer.status for answer in answers]
            count -= block
        return statuses

    def until_held(self, kind, most=100000, **options):
        """How many requests get through before the first one that is held back."""
        passed = 0
        while passed < most:
            statuses = self.send(kind, 100, **options)
            if 429 in statuses:
                return passed + statuses.index(429)
            passed += len(statuses)
        raise AssertionError(f"{passed} requests and none was held back")

    def down(self):
        self.site.down()


# The shipped file, but freeing one place per minute: at its own rates, a machine that stalls for 0.2 s
# would free a place for the request that must be refused.
ALL = re.sub(r" rate=\d+r/[sm];", " rate=1r/m;", TEXT)


def only(zone):
    """The same without the other tiers' limits."""
    return re.sub(rf"^limit_(?:req +zone=(?!{zone} )\w+ .*|conn +\w+ \d+);$", "", ALL, flags=re.M)


@pytest.mark.parametrize("zone", TIERS)
def test_a_tier_lets_its_burst_through_and_then_holds(zone):
    flood = Flood(only(zone))
    try:
        kind = sorted(COUNTED[zone])[0]
        assert flood.until_held(kind) in range(TIERS[zone].burst + 1, TIERS[zone].burst + 4)
        for other in PATHS:
            flood.until_held(kind)
            assert (flood.send(other) == [429]) == (other in COUNTED[zone]), other
        elsewhere = {"token": "b" * 20} if "token" in zone else {"address": "192.0.2.2"}
        assert flood.send(kind, **elsewhere) != [429]
    finally:
        flood.down()


def test_the_shortest_tier_bites_first_and_each_key_for_itself():
    flood = Flood(ALL)
    try:
        flood.until_held("api", most=1000)
        assert flood.send("api", token="b" * 20) != [429]
        assert flood.send("webhook") + flood.send("health") + flood.send("static") == [503, 503, 200]
        # 60 at once stay within a token's limit, but many tokens together exceed their address's.
        tokens = [f"token-{number:020}" for number in range(100)]
        held = next(token for token in tokens if 429 in flood.send("api", 60, token=token))
        assert held != tokens[0]
        assert flood.send("api", token=held, address="192.0.2.2") == [503]
    finally:
        flood.down()


def test_the_site_sends_exactly_these_to_the_provider_pool():
    site = (ROOT / "nginx/site.inc.in").read_text()
    pattern = re.search(r"^location ~ (\S+) \{\n(?:(?!^\}).*\n)*?    fastcgi_pass provider;", site, re.M)[1]
    assert len(MONEY) >= 4 and all(re.search(pattern, path) for path in MONEY)
    assert pattern.removeprefix("^") in TEXT


@pytest.mark.parametrize("path", MONEY)
def test_every_call_that_moves_money_is_counted_as_one(path):
    flood = Flood(only("money_token_short"))
    try:
        assert 429 in flood.send("money", 40, path=path)
        assert all(429 in flood.send("money", 3, path=other) for other in MONEY)
        assert 429 not in flood.send("api", 3)
    finally:
        flood.down()


def test_a_token_is_counted_whatever_the_case_of_its_scheme():
    flood = Flood(only("money_token_short"))
    try:
        assert 429 in flood.send("money", 40)
        assert flood.send("money", scheme="BEARER") + flood.send("money", scheme="bEaReR  ") == [429, 429]
    finally:
        flood.down()


@pytest.mark.parametrize("kind", ["api", "money"])
def test_of_an_api_key_only_the_address_is_counted(kind):
    """It speaks for all payers of a shop, not for one."""
    key = "payapi_test_0123456789ABCDEFGHIJKLMNOPQRST4PMbyp"
    flood = Flood(ALL)
    try:
        passed = flood.until_held(kind, token=key, most=2000)
        assert passed > TIERS[f"{kind}_token_short"].burst + 3
        assert passed in range(TIERS[f"{kind}_address_short"].burst + 1, TIERS[f"{kind}_address_short"].burst + 4)
        assert flood.send(kind, token=key, address="192.0.2.2") == [503]
    finally:
        flood.down()


def test_without_a_token_the_address_is_counted():
    flood = Flood(ALL)
    try:
        statuses = flood.send("api", 600, token="")
        passed = TIERS["api_address_short"].burst + 1
        assert statuses[:passed] == [503] * passed and set(statuses[passed + 3:]) == {429}
    finally:
        flood.down()


def test_an_ipv6_network_counts_as_one_address():
    flood = Flood(only("health"))
    try:
        assert 429 in [status for number in range(60)
                       for status in flood.send("health", address=f"2001:db8:1:2:{number:x}::1")]
        assert flood.send("health", address="2001:db8:1:3::1") != [429]
        assert flood.send("health", address="::1") != [429]
    finally:
        flood.down()


@pytest.fixture(scope="module")
def behind_a_proxy():
    """The proxy is 127.0.0.1; any other address is a stranger. There are no workers."""
    site = NginxSite(TRUSTED_PROXIES="127.0.0.1 2001:db8::/32", WEBHOOK_SOURCES="listed")
    site.render()
    site.configuration("limits.conf").write_text(only("health"))
    try:
        yield site.start()
    finally:
        site.down()


def told_by(site, said, source="127.0.0.1", method="GET", path="/health/live"):
    [answer] = answers_in(exchange(site.port, request(method, path, [("X-Forwarded-For", said)]), source=source))
    return answer.status


def test_clients_behind_a_trusted_proxy_are_counted_each_for_himself(behind_a_proxy):
    assert 429 in [told_by(behind_a_proxy, "192.0.2.1") for _ in range(30)]
    assert told_by(behind_a_proxy, "192.0.2.2") == 503
    assert told_by(behind_a_proxy, "2001:db9::1") == 503
    # Whatever the client writes itself, only what the proxies added counts.
    assert told_by(behind_a_proxy, "192.0.2.3, 192.0.2.1, 2001:db8::7") == 429


def test_a_stranger_who_says_he_is_another_is_counted_as_himself(behind_a_proxy):
    statuses = [told_by(behind_a_proxy, f"192.0.2.{number}", source="127.0.0.2") for number in range(100, 130)]
    assert 429 in statuses
    assert told_by(behind_a_proxy, "192.0.2.100") == 503        # the real client still has all its places


def test_the_senders_of_webhooks_are_known_behind_a_proxy_too(behind_a_proxy):
    webhook = {"method": "POST", "path": "/api/v1/webhooks/stripe"}
    assert told_by(behind_a_proxy, "3.18.12.63", **webhook) == 503
    assert told_by(behind_a_proxy, "192.0.2.9", **webhook) == 403
    assert told_by(behind_a_proxy, "3.18.12.63", source="127.0.0.2", **webhook) == 403
    lines = [json.loads(line) for line in behind_a_proxy.log("nginx-access").splitlines()]
    assert [line["ip"] for line in lines][-3:] == ["3.18.12.63", "192.0.2.9", "127.0.0.2"]


def test_without_trusted_proxies_nobody_is_believed(behind_a_proxy):
    site = NginxSite()
    try:
        site.up()
        assert told_by(site, "192.0.2.1", path="/nowhere") == 404
        wait_until(lambda: site.log("nginx-access"), what="a line")
        assert json.loads(site.log("nginx-access").splitlines()[-1])["ip"] == "127.0.0.1"
    finally:
        site.down()


@pytest.mark.parametrize("value", ["0", "many", "1; user root", "-1"])
def test_a_number_of_connections_is_a_number(value):
    site = NginxSite(NGINX_CONNECTIONS=value)
    try:
        with pytest.raises(subprocess.CalledProcessError) as failed:
            site.render()
        assert failed.value.returncode == 78 and "NGINX_CONNECTIONS" in failed.value.output
    finally:
        site.down()


@pytest.mark.parametrize("value", ["everybody", "192.0.2.1; deny all", "0.0.0.0/0", "::/0", "192.0.2.1,192.0.2.2"])
def test_what_is_no_network_is_refused(value):
    site = NginxSite(TRUSTED_PROXIES=value)
    try:
        with pytest.raises(subprocess.CalledProcessError) as failed:
            site.render()
        assert failed.value.returncode == 78 and "TRUSTED_PROXIES" in failed.value.output
    finally:
        site.down()


def test_who_is_held_back_is_told_how_long():
    flood = Flood(ALL)
    try:
        flood.until_held("money")
        [answer] = answers_in(exchange(flood.site.port, request(
            "POST", MONEY[0], [("Authorization", "Bearer " + "a" * 20), (ADDRESS_HEADER, "192.0.2.1")])))
        assert answer.status == 429 and answer.json["type"].endswith("/rate-limited")
        assert answer.header("Retry-After") == "2" and "Retry-After" in answer.json["detail"]
        assert '"limit":"REJECTED"' in flood.site.log("nginx-access")
    finally:
        flood.down()
