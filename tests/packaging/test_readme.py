"""README and docs do what they print: every command, the examples in three languages, who may do what, links."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import urllib.error
import urllib.request

import pytest

import source_tables
from payapi_instance import ROOT, wait_until

README = (ROOT / "README.md").read_text()
SHOP = (ROOT / "docs/shop.md").read_text()
FIRST_PAYMENT = (ROOT / "docs/first-payment.md").read_text()
EXAMPLES = ROOT / "docs/examples"
ROUTE = re.compile(r'\{\s*"(\w+)",\s*"([^"]+)",\s*AUTH_(\w+)')


def blocks(text):
    return re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)


def run(instance, script, **settings):
    """A reader's shell in the checkout; the answers that the commands print."""
    script = script.replace("127.0.0.1:3000", f"127.0.0.1:{instance.port}")
    done = subprocess.run(["timeout", "60", "bash", "-euo", "pipefail", "-c", script], cwd=ROOT, text=True,
                          env={**instance.environment, **settings}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pay(page):
    """What the button on the pay page does; where the browser is sent."""
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    with pytest.raises(urllib.error.HTTPError) as redirect:
        urllib.request.build_opener(Stay).open(urllib.request.Request(page + "/pay", method="POST"))
    assert redirect.value.code == 303
    return redirect.value.headers["Location"]


# --- Commands --------------------------------------------------------------------------------------

def test_six_lines_lead_to_a_pay_page_and_the_rest_to_a_refund(instance):
    first, ask, refund, tests = blocks(README)
    clone, up, *rest = first.splitlines(keepends=True)
    assert len(rest) == 4 and clone.startswith("git clone ") and up == "./dev up\n" and tests == "./dev test\n"
    page = run(instance, "".join(rest)).splitlines()[-1]
    back = pay(page)
    assert back.startswith(f"http://127.0.0.1:{instance.port}/checkout/return")
    told = run(instance, rest[0] + ask + refund)
    assert "true" in told.splitlines() and '"amount": 25' in told and "charge" in told


def test_the_first_payment_by_hand_can_be_pasted_as_it_is(instance):
    order, paid, refund, books = blocks(FIRST_PAYMENT)
    told = run(instance, order + paid + refund + books)
    assert "Idempotent-Replayed" not in told and "processing\n" not in told
    assert "true" in told.splitlines() and re.search(r"^txn_\w+,refund,", told, re.M)
    api, token, _, create, *_ = order.split("\n", 3)
    again = run(instance, f"{api}\n{token}\n{create.rsplit('curl', 1)[0]}")
    assert "Idempotent-Replayed: true" in again and '"id":"second-1"' in again


# --- Examples --------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.iterdir()))
def test_the_page_for_shops_shows_the_examples_as_they_are(name):
    language = {".mjs": "js", ".py": "python", ".php": "php"}[pathlib.Path(name).suffix]
    assert f"```{language}\n{(EXAMPLES / name).read_text()}```\n" in SHOP


SIGNERS = {
    "node": ["--input-type=module", "-e", "import { signToken } from './sign_token.mjs';"
             " console.log(signToken(...process.argv.slice(1)))"],
    "python3": ["-c", "import sys, sign_token; print(sign_token.sign_token(*sys.argv[1:]))"],
    "php": ["-r", "require 'sign_token.php'; echo sign_token(...array_slice($argv, 1));"],
}


@pytest.mark.parametrize("language", SIGNERS)
@pytest.mark.parametrize("role", ["user", "shop", "admin"])
def test_a_token_signed_in_each_language_is_good(instance, language, role):
    if not shutil.which(language):
        pytest.skip(f"{language} is not installed")
    arguments = ["--", "bébé", role] if language == "php" else ["bébé", role]
    token = subprocess.run([language, *SIGNERS[language], *arguments], cwd=EXAMPLES, check=True, text=True,
                           env={**os.environ, "JWT_SECRET": instance.settings["JWT_SECRET"],
                                "PYTHONDONTWRITEBYTECODE": "1"},
                           stdout=subprocess.PIPE).stdout.strip()
    assert instance.post("/api/v1/orders", {"amount": 5, "currency": "USD"}, token=token).status == 201
    assert instance.get("/api/v1/payments", token=token).status == (200 if role == "admin" else 403)
    assert instance.get("/api/v1/orders", token=token[:-1] + ("A" if token[-1] != "A" else "B")).status == 401


def shop(instance, expression):
    script = f"import {{ startPayment, isPaid }} from './shop.mjs'; console.log(JSON.stringify(await {expression}))"
    return json.loads(subprocess.run(["node", "--input-type=module", "-e", script], cwd=EXAMPLES, check=True, text=True,
                                     env={**os.environ, "JWT_SECRET": instance.settings["JWT_SECRET"],
                                          "PAYAPI_URL": f"http://127.0.0.1:{instance.port}"},
                                     stdout=subprocess.PIPE).stdout)


def test_the_shop_of_the_examples_is_paid(instance):
    start = ("startPayment('alice', { id: 'cart-1', amount: 99.99, currency: 'USD' },"
             " 'https://shop.example.com/thanks')")
    page = shop(instance, start)
    assert shop(instance, start) == page                  # "Pay" pressed twice
    assert shop(instance, "isPaid('alice', 'cart-1')") is False
    assert pay(page).startswith("https://shop.example.com/thanks")
    wait_until(lambda: shop(instance, "isPaid('alice', 'cart-1')"), 20, "the payment")


# --- What else they say ----------------------------------------------------------------------------

def test_the_table_says_who_may_do_what():
    said = {}
    for operations, user, admin in re.findall(r"^\| (`[A-Z]+ /.*?) \| (.*?) \| (.*?) \|$", SHOP, re.M):
        for method, path in re.findall(r"`([A-Z]+) (/\S+)`", operations):
            said[method, path] = "ADMIN" if user == "–" else "USER"
    routes = {(method, path): access.replace("TICKET", "USER") for method, path, access in
              ROUTE.findall(source_tables.routes())}
    assert said == {route: access for route, access in routes.items() if access in ("USER", "ADMIN")}
    for (method, path), access in routes.items():
        assert access in ("USER", "ADMIN") or f"`{method} {path}`" in SHOP


def test_every_link_leads_somewhere():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    broken = []
    for page in pages:
        for target, _, part in (link.partition("#") for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text())
                                if "://" not in link):
            text = (page.parent / target).read_text() if target and (page.parent / target).is_file() else page.read_text()
            headings = [re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
                        for line in text.splitlines() if line.startswith("#")]
            if target and not (page.parent / target).exists() or part and part not in headings:
                broken.append(f"{page.name}: {target}#{part}")
    assert broken == []


def test_the_readme_leads_to_every_page():
    assert [page.name for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
            if page.name != "README.md" and not re.search(rf"\]\((docs/)?{page.name}\)", README)] == []
