"""Swagger UI renders under its strict policy, and can be read and used on every screen."""
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from look import (VIEWS, found_by_axe, keep_picture, keep_readme_picture, look_at, looks_well, pale_texts, too_wide,
                  violations)


def open_docs(payapi, browser, fragment=""):
    browser.get(f"http://127.0.0.1:{payapi.port}/docs/{fragment}")
    return WebDriverWait(browser, 20).until(
        lambda b: (lambda found: found if len(found) >= 10 else None)(
            b.find_elements(By.CSS_SELECTOR, ".opblock")))


def complaints(browser):
    return [e["message"] for e in browser.get_log("browser")
            if "Content Security Policy" in e["message"] or e["level"] == "SEVERE"]


def test_swagger_ui_shows_every_operation_without_breaking_its_policy(payapi, browser):
    operations = open_docs(payapi, browser)
    paths = {o.find_element(By.CSS_SELECTOR, ".opblock-summary-path").text.replace("\u200b", "")
             for o in operations}
    assert "/api/v1/orders/{orderId}/checkout" in paths
    assert complaints(browser) == []


def test_the_list_of_operations_looks_well(payapi, browser, axe):
    open_docs(payapi, browser)
    looks_well(browser, axe, "docs")
    look_at(browser, 860, "light")
    keep_readme_picture(browser, "docs", browser.find_element(By.CSS_SELECTOR, ".opblock-tag-section"), 820, 420)


def give_token(payapi, browser, axe):
    browser.find_element(By.CSS_SELECTOR, ".btn.authorize").click()
    dialog = browser.find_element(By.CSS_SELECTOR, ".modal-ux")
    looks_well(browser, axe, "docs-token")
    dialog.find_element(By.TAG_NAME, "input").send_keys(payapi.token())
    dialog.find_element(By.CSS_SELECTOR, ".authorize").click()
    dialog.find_element(By.CSS_SELECTOR, ".btn-done").click()


def execute(browser, name):
    """Opens an operation, presses Execute and waits for what the server answered."""
    operation = browser.find_element(By.ID, f"operations-{name}")
    operation.find_element(By.CSS_SELECTOR, ".opblock-summary-control").click()
    button = WebDriverWait(browser, 20).until(
        lambda b: operation.find_elements(By.CSS_SELECTOR, ".execute"))[0]
    button.click()
    WebDriverWait(browser, 20).until(
        lambda b: operation.find_elements(By.CSS_SELECTOR, ".live-responses-table tbody .response-col_status"))
    return operation


def test_an_operation_that_was_executed_can_be_read(payapi, browser, axe):
    open_docs(payapi, browser)
    give_token(payapi, browser, axe)
    operation = execute(browser, "Orders-createOrder")
    live = operation.find_element(By.CSS_SELECTOR, ".live-responses-table")
    assert live.find_element(By.CSS_SELECTOR, "tbody .response-col_status").text.split()[0] == "201"
    assert browser.current_url.endswith("#/Orders/createOrder")
    for width, scheme in VIEWS:
        look_at(browser, width, scheme)
        body = live.find_element(By.CSS_SELECTOR, ".highlight-code")
        assert '"currency"' in body.text
        assert pale_texts(browser, body) == [], (width, scheme)
        page, block = (browser.execute_script("return arguments[0].getBoundingClientRect().width", e)
                       for e in (browser.find_element(By.TAG_NAME, "body"), operation))
        assert block > page - 60, f"the operation is {block} px wide on a page of {page} px"
    looks_well(browser, axe, "docs-executed")
    assert complaints(browser) == []


def toggle(browser, operation):
    button = operation.find_element(By.CSS_SELECTOR, ".opblock-summary-control")
    browser.execute_script("arguments[0].click()", button)


def show(browser, operation):
    toggle(browser, operation)
    WebDriverWait(browser, 20).until(lambda b: operation.find_elements(By.CSS_SELECTOR, ".responses-table"))


def test_every_operation_fits_a_phone_and_can_be_read(payapi, browser):
    look_at(browser, 390, "light")
    for operation in open_docs(payapi, browser):
        show(browser, operation)
        for scheme in ("light", "dark"):
            look_at(browser, 390, scheme)
            seen = (too_wide(browser), pale_texts(browser, operation))
            assert seen == (0, []), (operation.get_attribute("id"), scheme)
        toggle(browser, operation)


@pytest.mark.parametrize("name", ["Payments-listPayments", "Payments-refundPayment"])
def test_what_an_operation_asks_for_has_a_name(payapi, browser, axe, name):
    open_docs(payapi, browser)
    operation = browser.find_element(By.ID, f"operations-{name}")
    show(browser, operation)
    look_at(browser, 390, "light")
    assert violations(browser, axe, operation) == []


def test_the_schemas_can_be_read(payapi, browser, axe):
    open_docs(payapi, browser)
    models = browser.find_element(By.CSS_SELECTOR, ".models")
    for schema in models.find_elements(By.CSS_SELECTOR, ".json-schema-2020-12-accordion")[:4]:
        browser.execute_script("arguments[0].click()", schema)
    for width, scheme in VIEWS:
        look_at(browser, width, scheme)
        seen = (too_wide(browser), pale_texts(browser, models), found_by_axe(browser, axe, scheme, models))
        assert seen == (0, [], []), (width, scheme)


def test_a_link_to_an_operation_opens_it(payapi, browser):
    open_docs(payapi, browser, "#/Orders/createOrder")
    WebDriverWait(browser, 20).until(
        lambda b: b.find_elements(By.CSS_SELECTOR, "#operations-Orders-createOrder .execute"))
    keep_picture(browser, "docs-link")
