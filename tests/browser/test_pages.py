"""The front page and the error pages: what they say, and that everybody can read it."""
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from look import looks_well


def open_page(payapi, browser, path):
    browser.get(f"http://127.0.0.1:{payapi.port}{path}")


def test_the_front_page_says_what_runs_here_and_how_it_is(payapi, browser, axe):
    open_page(payapi, browser, "/")
    health = WebDriverWait(browser, 20).until(lambda b: b.find_element(By.ID, "health").text)
    assert health == "All is well: the database and the payment providers answer."
    looks_well(browser, axe, "front")
    assert [e for e in browser.get_log("browser") if e["level"] == "SEVERE"] == []


def test_the_front_page_leads_to_documentation_errors_and_health(payapi, browser):
    open_page(payapi, browser, "/")
    paths = [a.get_dom_attribute("href") for a in browser.find_elements(By.TAG_NAME, "a")]
    assert {"/docs/", "/errors/", "/health"} <= set(paths)
    for path in paths:
        assert payapi.get(path, sub=None).status == 200, path


def test_an_error_page_explains_itself(payapi, browser, axe):
    open_page(payapi, browser, "/errors/payment-already-processed")
    assert "Payment Already Processed" in browser.find_element(By.TAG_NAME, "h1").text
    looks_well(browser, axe, "error-page")


def test_the_catalogue_of_errors_looks_well(payapi, browser, axe):
    open_page(payapi, browser, "/errors/")
    looks_well(browser, axe, "errors")
