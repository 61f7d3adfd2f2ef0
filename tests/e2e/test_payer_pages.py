"""Where payers return to: pages in their language, and an outcome that tells strangers nothing."""
import re

import pytest

from payapi_instance import ROOT
from test_provider_faults import free_leases

UNKNOWN = "pay_01HZX3V9QK7T2W9XH4VBN1RCDE"
TITLES = {
    "return": {"de": "Zurück von der Zahlungsseite", "en": "Back from the payment page",
               "es": "De vuelta de la página de pago", "fr": "Retour de la page de paiement",
               "pt": "De volta da página de pagamento"},
    "cancelled": {"de": "Sie haben die Zahlungsseite verlassen", "en": "You left the payment page",
                  "es": "Ha salido de la página de pago", "fr": "Vous avez quitté la page de paiement",
                  "pt": "Você saiu da página de pagamento"},
}


def page(payapi, name, languages=None, query="", method="GET"):
    headers = {} if languages is None else {"Accept-Language": languages}
    return payapi.request(method, f"/checkout/{name}{query}", headers=headers, sub=None)


def outcome(payapi, query):
    return payapi.get(f"/checkout/outcome{query}", sub=None)


def state_of(payapi, payment):
    answer = outcome(payapi, f"?payment={payment}")
    assert answer.status == 200 and answer.headers["Content-Type"] == "application/json", answer
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.json) == {"state", "ticket"}
    return answer.json["state"]


# --- The pages -------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", TITLES)
def test_the_page_that_nobody_named_a_language_for_is_english_and_says_what_to_do(payapi, name):
    answer = page(payapi, name)
    assert answer.status == 200 and answer.headers["Content-Type"] == "text/html; charset=utf-8"
    text = answer.body.decode()
    assert TITLES[name]["en"] in text and "shop" in text
    assert not re.search(r"@[a-z-]+@", text)
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script>|<style|style=|onclick", text), "the policy forbids inline code"


@pytest.mark.parametrize("name", TITLES)
@pytest.mark.parametrize("languages, expected", [
    ("de", "de"), ("fr-CA", "fr"), ("PT-br", "pt"), ("es-419,es;q=0.9", "es"), ("en-GB,en;q=0.5", "en"),
    ("nl,de;q=0.7,en;q=0.3", "de"), ("en;q=0.3, fr;q=0.8", "fr"), ("it, ja;q=0.8", "en"), ("*", "en"), ("", "en"),
    ("de;q=0, fr;q=0.1", "fr"), ("de;q=0", "en"), ("zh-de", "en"), ("den", "en"), ("fr,de", "fr"),
    ("de;q=1.0", "de"), ("../../nginx/nginx.conf", "en"), ("de/../../x", "en"), ("%64e", "en"), ("x" * 4000, "en")])
def test_the_language_is_the_one_the_browser_prefers(payapi, name, languages, expected):
    answer = page(payapi, name, languages)
    assert answer.status == 200
    assert TITLES[name][expected] in answer.body.decode()
    assert f'<html lang="{expected}">' in answer.body.decode()
    assert answer.headers["Content-Language"] == expected
    assert "Accept-Language" in answer.headers["Vary"]


def test_every_text_is_there_in_every_language():
    texts = {}
    for line in (ROOT / "nginx/pages/checkout.texts").read_text().splitlines():
        if re.match(r"[a-z]", line):
            texts[name := line] = {}
        elif line.startswith("    "):
            language, text = line.split(maxsplit=1)
            texts[name][language] = text
    languages = sorted(texts["language"])
    assert languages == ["de", "en", "es", "fr", "pt"]
    assert [name for name, found in texts.items() if sorted(found) != languages] == []


@pytest.mark.parametrize("query", ["?payment=<script>alert(1)</script>", "?payment=%0d%0aSet-Cookie:%20a=b",
                                   "?trxref=a&reference=b", "?payment=a&payment=b", "?" + "a" * 6000])
def test_nothing_of_the_address_comes_back_in_the_page(payapi, query):
    plain = page(payapi, "return")
    answer = page(payapi, "return", query=query.replace("<", "%3C").replace(" ", "%20"))
    assert (answer.status, answer.body) == (200, plain.body)
    assert answer.headers.get("Set-Cookie") is None


def test_other_methods_and_paths_lead_nowhere(payapi):
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = page(payapi, "return", method=method)
        assert answer.status == 405 and answer.headers["Allow"] == "GET, HEAD", method
    head = page(payapi, "return", "fr", method="HEAD")
    assert (head.status, head.body, head.headers["Content-Language"]) == (200, b"", "fr")
    for name in ("return/", "return.de.html", "cancelled.en.html", "", "returned", "../checkout/x", "outcome/"):
        assert page(payapi, name).status == 404, name


# --- The outcome -----------------------------------------------------------------------------------

def test_the_outcome_follows_the_payment(payapi):
    order = payapi.create_order()
    payment = payapi.checkout(order).data
    assert state_of(payapi, payment["id"]) == "open"
    payapi.sandbox_do(payment["externalId"], "decline")
    payapi.wait_for_status(order, "failed")
    assert state_of(payapi, payment["id"]) == "open"            # the page takes another card
    payapi.sandbox_do(payment["externalId"], "pay")
    payapi.wait_for_status(order, "completed")
    assert state_of(payapi, payment["id"]) == "paid"


def test_a_cancelled_payment_is_not_paid(payapi):
    payment = payapi.checkout(payapi.create_order()).data
    assert payapi.post(f"/api/v1/payments/{payment['id']}/cancel", {}).status == 200
    assert state_of(payapi, payment["id"]) == "not_paid"


def test_whoever_does_not_know_the_id_learns_nothing(payapi):
    unknown = outcome(payapi, f"?payment={UNKNOWN}")
    assert unknown.status == 200 and state_of(payapi, UNKNOWN) == "confirming"
    order = payapi.create_order(id="outcome-by-order")
    payment = payapi.checkout(order).data
    for other in ("", "?", "?payment=", "?payment", f"?payment={order}", f"?payment={payment['externalId']}",
                  f"?payment={payment['id'].lower()}", f"?payment={payment['id']}%20", "?payment=pay_%27%20OR%201=1--",
                  "?payment=" + "pay_" + "0" * 4000):
        answer = outcome(payapi, other)
        assert (answer.status, answer.json) == (200, {"state": "confirming"}), "no id, so no ticket"
    assert set(unknown.json) == set(outcome(payapi, f"?payment={payment['id']}").json)


@pytest.mark.parametrize("query, status", [
    (f"?payment={UNKNOWN}&payment={UNKNOWN}", 422), ("?id=1", 422), ("?payment=%zz", 422), ("?payment=%00", 422),
    ("?payment=%0a", 422), ("?reference=a", 422), ("?" + "&".join("payment=a" for _ in range(17)), 400)])
def test_the_question_is_read_strictly(payapi, query, status):
    answer = outcome(payapi, query)
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer


def test_the_outcome_is_only_read(payapi):
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = payapi.request(method, "/checkout/outcome", {}, sub=None)
        assert answer.status == 405 and answer.headers["Allow"] == "GET, HEAD", method


# --- Where the provider sends the payer --------------------------------------------------------------

def test_stripe_sends_the_payer_to_our_pages_with_the_payments_id(payapi):
    payment = payapi.checkout(payapi.create_order()).data
    left = payapi.sandbox("POST", f"/pay/{payment['externalId']}/leave")
    paid = payapi.sandbox("POST", f"/pay/{payment['externalId']}/pay")
    base = f"http://127.0.0.1:{payapi.port}/checkout"
    assert left.headers["Location"] == f"{base}/cancelled?payment={payment['id']}"
    assert paid.headers["Location"] == f"{base}/return?payment={payment['id']}"


def test_paystack_adds_its_reference_behind_the_payments_id(payapi):
    order = payapi.create_order(currency="NGN", amount="500.00")
    payment = payapi.post(f"/api/v1/orders/{order}/checkout", {"provider": "paystack"}).data
    path = "/" + payment["checkoutUrl"].split("/", 3)[3]
    base = f"http://127.0.0.1:{payapi.port}/checkout"
    left = payapi.sandbox("POST", f"{path}/leave")
    paid = payapi.sandbox("POST", f"{path}/pay")
    assert left.headers["Location"] == f"{base}/cancelled?payment={payment['id']}"
    reference = payment["id"].replace("_", "-")
    assert paid.headers["Location"] == (f"{base}/return?payment={payment['id']}"
                                        f"&trxref={reference}&reference={reference}")


def test_the_shops_own_addresses_win_and_stay_as_they_are(payapi):
    order = payapi.create_order()
    payment = payapi.post(f"/api/v1/orders/{order}/checkout", {
        "returnUrl": "https://shop.example/thanks?a=b", "cancelUrl": "https://shop.example/basket"}).data
    left = payapi.sandbox("POST", f"/pay/{payment['externalId']}/leave")
    paid = payapi.sandbox("POST", f"/pay/{payment['externalId']}/pay")
    assert left.headers["Location"] == "https://shop.example/basket"
    assert paid.headers["Location"] == "https://shop.example/thanks?a=b"


def test_a_repeat_sends_the_frozen_request_with_the_same_addresses(payapi):
    """Stripe refuses a repeat that differs in a byte (idempotency_error)."""
    order = payapi.create_order()
    payapi.fault("lose_answer", order=order)
    assert payapi.checkout(order).status == 202
    free_leases(payapi, order)
    repeated = payapi.checkout(order)
    assert repeated.status in (200, 201), repeated
    paid = payapi.sandbox("POST", f"/pay/{repeated.data['externalId']}/pay")
    assert paid.headers["Location"].endswith(f"/checkout/return?payment={repeated.data['id']}")
    payapi.wait_for_status(order, "completed")
