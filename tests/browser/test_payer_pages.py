"""A payer comes back from the payment page, and reads how it stands."""
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from look import looks_well

UNKNOWN = "pay_01HZX3V9QK7T2W9XH4VBN1RCDE"
PAID = {"de": "Zahlung eingegangen", "en": "Payment received", "es": "Pago recibido", "fr": "Paiement reçu",
        "pt": "Pagamento recebido"}


def heading(browser):
    """What is seen, of one moment: the next page may come in between two questions."""
    return browser.execute_script(
        "return [...document.querySelectorAll('h1')].filter((h) => h.checkVisibility()).map((h) => h.textContent)")


def waits_for_heading(browser, text, seconds=20):
    WebDriverWait(browser, seconds).until(lambda b: heading(b) == [text])
    assert browser.title == text


def come_back(payapi, browser, name, query=""):
    browser.get(f"http://127.0.0.1:{payapi.port}/checkout/{name}{query}")


def checkout(payapi, **options):
    order = payapi.create_order(description="Two tickets")
    return order, payapi.checkout(order, **options).data


def press(browser, name):
    WebDriverWait(browser, 20).until(lambda b: b.find_elements(By.ID, name))[0].click()


def severe(browser):
    return [e["message"] for e in browser.get_log("browser") if e["level"] == "SEVERE"]


@pytest.mark.parametrize("language", PAID)
def test_who_paid_is_told_so_in_the_own_language(payapi, browser_of, language):
    order, payment = checkout(payapi)
    browser = browser_of(language)
    browser.get(payment["checkoutUrl"])
    press(browser, "pay")
    waits_for_heading(browser, PAID[language])
    assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == language
    payapi.wait_for_status(order, "completed")
    assert severe(browser) == []


def test_the_page_follows_a_payment_that_is_confirmed_later(payapi, browser, axe):
    _, payment = checkout(payapi)
    come_back(payapi, browser, "return", f"?payment={payment['id']}")
    waits_for_heading(browser, "Your payment is being confirmed")
    looks_well(browser, axe, "return-confirming")
    payapi.sandbox_do(payment["externalId"], "pay")
    waits_for_heading(browser, "Payment received")
    looks_well(browser, axe, "return-paid")


def questions_about(payapi):
    return sum('"path":"/checkout/outcome"' in line for line in payapi.log("nginx-access").splitlines())


def test_the_outcome_appears_at_once_and_without_a_further_question(payapi, browser):
    """At the width of a phone. The stream says it: a question would come only ten seconds later."""
    browser.set_window_size(390, 844)
    _, payment = checkout(payapi)
    before = questions_about(payapi)
    come_back(payapi, browser, "return", f"?payment={payment['id']}")
    waits_for_heading(browser, "Your payment is being confirmed")
    browser.execute_script("window.fetch = () => Promise.reject()")
    payapi.sandbox_do(payment["externalId"], "pay")
    waits_for_heading(browser, "Payment received")
    assert questions_about(payapi) == before + 1


def test_without_a_stream_the_page_asks(payapi, browser):
    payapi.kill(payapi.master_pid("stream"))
    try:
        _, payment = checkout(payapi)
        come_back(payapi, browser, "return", f"?payment={payment['id']}")
        waits_for_heading(browser, "Your payment is being confirmed")
        payapi.sandbox_do(payment["externalId"], "pay")
        waits_for_heading(browser, "Payment received", 60)
    finally:
        payapi.up()


def test_a_holder_that_comes_back_is_found_again(payapi, browser):
    """EventSource connects again by itself; if it is refused, the page's next question has a new ticket."""
    _, payment = checkout(payapi)
    come_back(payapi, browser, "return", f"?payment={payment['id']}")
    waits_for_heading(browser, "Your payment is being confirmed")
    payapi.kill(payapi.master_pid("stream"))
    payapi.sandbox_do(payment["externalId"], "pay")
    payapi.up()
    waits_for_heading(browser, "Payment received", 60)


def test_a_payment_that_was_closed_charged_nothing(payapi, browser, axe):
    _, payment = checkout(payapi)
    assert payapi.post(f"/api/v1/payments/{payment['id']}/cancel", {}).status == 200
    come_back(payapi, browser, "return", f"?payment={payment['id']}")
    waits_for_heading(browser, "The payment did not go through")
    assert "Nothing was charged." in browser.find_element(By.TAG_NAME, "main").text
    looks_well(browser, axe, "return-not-paid")


def test_who_left_is_told_that_nothing_was_charged(payapi, browser, axe):
    _, payment = checkout(payapi)
    browser.get(payment["checkoutUrl"])
    press(browser, "leave")
    waits_for_heading(browser, "You left the payment page")
    assert "Nothing has been charged." in browser.find_element(By.TAG_NAME, "main").text
    looks_well(browser, axe, "cancelled")


def test_who_left_and_paid_all_the_same_is_told_so(payapi, browser):
    _, payment = checkout(payapi)
    payapi.sandbox_do(payment["externalId"], "pay")
    come_back(payapi, browser, "cancelled", f"?payment={payment['id']}")
    waits_for_heading(browser, "Payment received")


@pytest.mark.parametrize("name, title", [("return", "Back from the payment page"),
                                         ("cancelled", "You left the payment page")])
@pytest.mark.parametrize("query", ["", "?payment=pay_1", "?payment=%3Cimg%20src=x%20onerror=alert(1)%3E"])
def test_without_a_payment_the_page_says_what_is_true_in_any_case(payapi, browser, axe, name, title, query):
    come_back(payapi, browser, name, query)
    waits_for_heading(browser, title)
    text = browser.find_element(By.TAG_NAME, "main").text
    assert "shop" in text and "Nothing has been charged" not in text
    if not query:
        looks_well(browser, axe, f"{name}-neutral")
    assert severe(browser) == []


def test_an_unknown_payment_is_never_called_paid_or_unpaid(payapi, browser):
    for name in ("return", "cancelled"):
        come_back(payapi, browser, name, f"?payment={UNKNOWN}")
        waits_for_heading(browser, "Your payment is being confirmed")


def test_paystacks_reference_names_the_payment_too(payapi, browser):
    """Also where an address that has a query already gets a second question mark."""
    _, payment = checkout(payapi)
    payapi.sandbox_do(payment["externalId"], "pay")
    reference = payment["id"].replace("_", "-")
    for query in (f"?trxref={reference}&reference={reference}",
                  f"?payment={payment['id']}?trxref={reference}&reference={reference}"):
        come_back(payapi, browser, "return", query)
        waits_for_heading(browser, "Payment received")


def test_without_javascript_the_page_is_whole(payapi, browser_of):
    _, payment = checkout(payapi)
    browser = browser_of("fr", scripts=False)
    come_back(payapi, browser, "return", f"?payment={payment['id']}")
    assert heading(browser) == ["Retour de la page de paiement"]
    come_back(payapi, browser, "cancelled", f"?payment={payment['id']}")
    assert heading(browser) == ["Vous avez quitté la page de paiement"]
