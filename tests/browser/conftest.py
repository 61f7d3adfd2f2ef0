"""Headless Chromium from Debian, driven by selenium."""
import pathlib
import sys
import tempfile

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from payapi_instance import Instance  # noqa: E402


@pytest.fixture(scope="session")
def payapi():
    instance = Instance("browser")
    try:
        yield instance.up()
        instance.assert_invariants()
    finally:
        instance.down()


@pytest.fixture()
def browser():
    options = webdriver.ChromeOptions()
    profile = tempfile.TemporaryDirectory(prefix="payapi-chromium-")
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync",
                 "--disable-dev-shm-usage", "--window-size=1280,1400", "--no-proxy-server",
                 f"--user-data-dir={profile.name}"):
        options.add_argument(flag)
    options.binary_location = "/usr/bin/chromium"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    try:
        yield driver
    finally:
        driver.quit()
        profile.cleanup()
