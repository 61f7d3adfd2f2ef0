"""Headless Chromium from Debian, driven by selenium; axe-core from npm."""
import contextlib
import fcntl
import json
import pathlib
import subprocess
import sys
import tempfile

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from payapi_instance import ROOT, Instance  # noqa: E402


@pytest.fixture(scope="session")
def payapi():
    instance = Instance("browser")
    try:
        yield instance.up()
        instance.assert_invariants()
    finally:
        instance.down()


@pytest.fixture(scope="session")
def axe():
    """The script, in the version that package-lock.json names, and nothing else of that file."""
    lock = json.loads((ROOT / "package-lock.json").read_text())
    package = lock["packages"]["node_modules/axe-core"]
    folder = ROOT / "build" / "axe"
    script = folder / "node_modules/axe-core/axe.min.js"
    needed = {"dependencies": {"axe-core": package["version"]}}
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w", encoding="ascii") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not script.exists() or (folder / "package.json").read_text() != json.dumps(needed):
            (folder / "package-lock.json").write_text(json.dumps({
                "lockfileVersion": lock["lockfileVersion"],
                "packages": {"": needed, "node_modules/axe-core": {**package, "dev": False}}}))
            (folder / ".npmrc").write_text((ROOT / ".npmrc").read_text())
            (folder / "package.json").write_text(json.dumps(needed))
            subprocess.run(["npm", "ci"], cwd=folder, check=True)
    return script.read_text()


@pytest.fixture()
def browser():
    with chromium() as driver:
        yield driver


@pytest.fixture()
def browser_of():
    """A browser of somebody who reads this language, with or without JavaScript."""
    with contextlib.ExitStack() as stack:
        yield lambda language, scripts=True: stack.enter_context(chromium(language, scripts))


@contextlib.contextmanager
def chromium(language="en-US", scripts=True):
    options = webdriver.ChromeOptions()
    profile = tempfile.TemporaryDirectory(prefix="payapi-chromium-")
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync",
                 "--disable-dev-shm-usage", "--window-size=1280,1400", "--no-proxy-server",
                 "--hide-scrollbars", f"--accept-lang={language}", f"--user-data-dir={profile.name}"):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {
        "intl.accept_languages": language,
        "profile.managed_default_content_settings.javascript": 1 if scripts else 2})
    options.binary_location = "/usr/bin/chromium"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    try:
        yield driver
    finally:
        driver.quit()
        profile.cleanup()
