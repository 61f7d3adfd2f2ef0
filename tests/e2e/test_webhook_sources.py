"""Webhooks only from the providers' addresses, when that is switched on; the signature is checked as well."""
import ipaddress
import re

import pytest

from nginx_site import NginxSite
from payapi_instance import ROOT
from raw_http import answers_in, exchange, request

SOURCES = re.findall(r"^([0-9a-f.:/]+) +(\w+);$", (ROOT / "nginx/webhook-sources.conf").read_text(), re.M)


def made_site(payapi, sources):
    site = NginxSite(sockets=payapi.var / "var" / "run", production=True, SERVER_NAME="",
                     RATE_LIMITS="off", WEBHOOK_SOURCES=sources)
    site.render()
    site.leave_out_tls()
    return site


@pytest.fixture(scope="module")
def listed(payapi):
    site = made_site(payapi, "listed")
    site.take_address_from("X-Test-Address")
    try:
        yield site.start()
    finally:
        site.down()


def send_webhook(site, provider="stripe", address="127.0.0.1", headers=(), method="POST"):
    [answer] = answers_in(exchange(site.port, request(
        method, f"/api/v1/webhooks/{provider}", [("X-Test-Address", address), *headers], b"{}")))
    return answer


def refused(answer):
    assert answer.status == 403 and answer.header("Content-Type") == "application/problem+json"
    assert answer.json["type"].endswith("/forbidden") and "addresses" in answer.json["detail"]
    return True


def test_the_list_holds_plain_addresses_of_known_providers():
    assert len(SOURCES) >= 18 and len(set(SOURCES)) == len(SOURCES)
    for address, provider in SOURCES:
        assert ipaddress.ip_network(address).is_global and provider in ("stripe", "paystack")


def test_it_is_off_by_default(payapi):
    answer = payapi.post("/api/v1/webhooks/stripe", b"{}", sub=None)
    assert answer.status == 400 and answer.json["type"].endswith("/webhook-signature-invalid")


@pytest.mark.parametrize("address, provider", SOURCES)
def test_a_listed_address_reaches_its_provider_and_no_other(listed, address, provider):
    other = {"stripe": "paystack", "paystack": "stripe"}[provider]
    assert send_webhook(listed, provider, address).status != 403
    assert refused(send_webhook(listed, other, address))


def test_a_listed_address_still_needs_the_signature(listed):
    answer = send_webhook(listed, address=SOURCES[0][0])
    assert answer.status == 400 and answer.json["type"].endswith("/webhook-signature-invalid")


@pytest.mark.parametrize("address", ["127.0.0.1", "3.18.12.62", "3.18.12.64", "10.0.0.1", "2001:db8::1", "::1",
                                     "::ffff:9.9.9.9"])
def test_a_stranger_is_refused_whatever_the_signature(listed, payapi, address):
    signature = ("Stripe-Signature", payapi.stripe_signature(b"{}"))
    assert refused(send_webhook(listed, address=address, headers=[signature]))
    assert refused(send_webhook(listed, address=address, method="PUT"))


@pytest.mark.parametrize("path", ["/api/v1/webhooks/stripe/", "/api/v1/webhooks/", "/api/v1/webhooks/%73tripe",
                                  "/api/v1/webhooks/../webhooks/stripe", "/api/v1/webhooks/stripe?x=1"])
def test_other_spellings_open_no_door(listed, path):
    for address, expected in (("127.0.0.1", (403,)), (SOURCES[0][0], (400, 403, 404))):
        [answer] = answers_in(exchange(listed.port, request("POST", path, [("X-Test-Address", address)], b"{}")))
        assert answer.status in expected, (path, address, answer)


def test_everything_else_is_open_as_ever(listed):
    for path, status in (("/health/live", 200), ("/api/v1/orders", 401), ("/docs/", 200)):
        [answer] = answers_in(exchange(listed.port, request("GET", path)))
        assert answer.status == status


def test_a_list_of_ones_own(payapi, tmp_path):
    own = tmp_path / "sources.conf"
    own.write_text("127.0.0.0/31 stripe;\n127.0.0.2 paystack;\n")
    site = made_site(payapi, own)
    try:
        site.start()
        body = b'{"id":"evt_own","object":"event","type":"customer.created","data":{"object":{}}}'
        signed = request("POST", "/api/v1/webhooks/stripe",
                         [("Stripe-Signature", payapi.stripe_signature(body))], body)
        for source, status in (("127.0.0.1", 200), ("127.0.0.2", 403), ("127.0.0.3", 403)):
            [answer] = answers_in(exchange(site.port, signed, source=source))
            assert answer.status == status, (source, answer)
    finally:
        site.down()
