"""A person pays, is declined, authenticates or walks away on the sandbox's hosted page."""
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions
from selenium.webdriver.support.ui import WebDriverWait

from look import keep_picture


def open_page(payapi, browser, **members):
    order = payapi.create_order(description="Two tickets <b>&amp; a coat", **members)
    base = f"http://127.0.0.1:{payapi.port}"
    payment = payapi.post(f"/api/v1/orders/{order}/checkout", {
        "returnUrl": f"{base}/health/live?paid=1", "cancelUrl": f"{base}/health/live?left=1"}).data
    browser.get(payment["checkoutUrl"])
    return order, payment


def find(browser, name):
    """A click answers before the next page is there."""
    return WebDriverWait(browser, 20).until(
        expected_conditions.presence_of_element_located((By.ID, name)))


def press(browser, name):
    find(browser, name).click()


def arrives_at(browser, part):
    WebDriverWait(browser, 20).until(expected_conditions.url_contains(part))


def test_paying_completes_the_order(payapi, browser):
    order, _ = open_page(payapi, browser)
    assert "99.99" in find(browser, "amount").text
    assert "<b>" in browser.find_element(By.TAG_NAME, "body").text
    keep_picture(browser, "pay-page")
    press(browser, "pay")
    arrives_at(browser, "paid=1")
    payapi.wait_for_status(order, "completed")


def test_a_declined_card_is_told_so_and_may_try_again(payapi, browser):
    order, _ = open_page(payapi, browser)
    press(browser, "decline")
    assert find(browser, "message").text
    payapi.wait_for_status(order, "failed")
    press(browser, "pay")
    payapi.wait_for_status(order, "completed")


def test_three_d_secure_is_one_more_page(payapi, browser):
    order, _ = open_page(payapi, browser)
    press(browser, "three-d-secure")
    payapi.wait_for_status(order, "requires_action")
    keep_picture(browser, "three-d-secure")
    press(browser, "authenticate")
    payapi.wait_for_status(order, "completed")


def test_walking_away_leaves_the_payment_open(payapi, browser):
    order, payment = open_page(payapi, browser)
    press(browser, "leave")
    arrives_at(browser, "left=1")
    assert payapi.payment_of(order)["status"] == "processing"
    assert payapi.payment_of(order)["checkoutUrl"] == payment["checkoutUrl"]
