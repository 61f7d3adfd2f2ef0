"""Swagger UI renders under its strict policy; the error pages read well."""
import os

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait


def keep_picture(browser, name):
    folder = os.environ.get("PAYAPI_SCREENSHOTS")
    if folder:
        browser.save_screenshot(f"{folder}/{name}.png")


def test_swagger_ui_shows_every_operation_without_breaking_its_policy(payapi, browser):
    browser.get(f"http://127.0.0.1:{payapi.port}/docs")
    operations = WebDriverWait(browser, 20).until(
        lambda b: (lambda found: found if len(found) >= 10 else None)(
            b.find_elements(By.CSS_SELECTOR, ".opblock")))
    paths = {o.find_element(By.CSS_SELECTOR, ".opblock-summary-path").text.replace("\u200b", "")
             for o in operations}
    assert "/api/v1/orders/{orderId}/checkout" in paths
    keep_picture(browser, "docs")
    complaints = [e["message"] for e in browser.get_log("browser")
                  if "Content Security Policy" in e["message"] or e["level"] == "SEVERE"]
    assert complaints == []


def test_an_error_page_explains_itself(payapi, browser):
    browser.get(f"http://127.0.0.1:{payapi.port}/errors/payment-already-processed")
    assert "Payment Already Processed" in browser.find_element(By.TAG_NAME, "h1").text
    keep_picture(browser, "error-page")
