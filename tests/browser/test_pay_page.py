"""A person pays, is declined, authenticates or walks away on the sandbox's hosted page."""
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions
from selenium.webdriver.support.ui import WebDriverWait

import canaries
from look import keep_readme_picture, look_at, looks_well


def open_page(payapi, browser, provider="stripe", **members):
    members.setdefault("description", "Two tickets <b>&amp; a coat")
    order = payapi.create_order(**members)
    base = f"http://127.0.0.1:{payapi.port}"
    payment = payapi.post(f"/api/v1/orders/{order}/checkout", {
        "returnUrl": f"{base}/health/live?paid=1", "cancelUrl": f"{base}/health/live?left=1",
        "provider": provider}).data
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


def test_paying_completes_the_order(payapi, browser, axe):
    order, _ = open_page(payapi, browser, amount="1234.50")
    assert find(browser, "amount").text == "USD 1,234.50"
    text = browser.find_element(By.TAG_NAME, "body").text
    assert "<b>" in text and "sandbox of Stripe" in text and "To 127.0.0.1" in text
    looks_well(browser, axe, "pay-page-stripe")
    press(browser, "pay")
    arrives_at(browser, "paid=1")
    payapi.wait_for_status(order, "completed")


def test_a_declined_card_is_told_so_and_may_try_again(payapi, browser, axe):
    order, _ = open_page(payapi, browser)
    press(browser, "decline")
    assert find(browser, "message").text
    looks_well(browser, axe, "pay-page-declined")
    payapi.wait_for_status(order, "failed")
    press(browser, "pay")
    payapi.wait_for_status(order, "completed")


def test_three_d_secure_is_one_more_page(payapi, browser, axe):
    order, _ = open_page(payapi, browser)
    press(browser, "three-d-secure")
    payapi.wait_for_status(order, "requires_action")
    looks_well(browser, axe, "three-d-secure")
    press(browser, "authenticate")
    payapi.wait_for_status(order, "completed")


def test_walking_away_leaves_the_payment_open(payapi, browser):
    order, payment = open_page(payapi, browser, description="Two tickets for Saturday")
    look_at(browser, 390, "light")
    keep_readme_picture(browser, "pay-page", browser.find_element(By.TAG_NAME, "body"), 390, 620)
    press(browser, "leave")
    arrives_at(browser, "left=1")
    assert payapi.payment_of(order)["status"] == "processing"
    assert payapi.payment_of(order)["checkoutUrl"] == payment["checkoutUrl"]


def test_paystacks_page_says_whose_it_is_and_what_for(payapi, browser, axe):
    order, _ = open_page(payapi, browser, "paystack", id="tickets-17", currency="NGN", amount="1500000")
    assert find(browser, "amount").text == "NGN 1,500,000.00"
    assert find(browser, "title").text == "Order tickets-17"
    text = browser.find_element(By.TAG_NAME, "body").text
    assert "sandbox of Paystack" in text and f", from {canaries.EMAIL}" in text
    looks_well(browser, axe, "pay-page-paystack")
    press(browser, "otp")
    find(browser, "authenticate")
    looks_well(browser, axe, "pay-page-otp")
    press(browser, "authenticate")
    arrives_at(browser, "paid=1")
    payapi.wait_for_status(order, "completed")


def test_a_page_that_is_not_there_says_so(payapi, browser, axe):
    browser.get(f"http://127.0.0.1:{payapi.sandbox_port}/pay/none")
    assert find(browser, "message").text == "There is no such payment page."
    looks_well(browser, axe, "pay-page-missing")
