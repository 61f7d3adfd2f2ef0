"""The API of webhook endpoints: who is told what is wrong, secrets shown once, rotation, resending, recovery."""
import time

import pytest

from payapi_instance import at_once, wait_until
from webhook_receiver import Receiver

ADMIN = {"sub": "boss", "role": "admin"}
V1 = "/api/v1/webhook-endpoints"
NOBODY = f"{V1}/wep_{'0' * 26}"


def create(payapi, url, events=("*",), **members):
    return payapi.post(V1, {"url": url, "events": list(events), **members}, **ADMIN)


def delete(payapi, endpoint):
    return payapi.request("DELETE", f"{V1}/{endpoint['id']}", **ADMIN)


@pytest.fixture
def endpoint(payapi):
    """One that nobody listens at."""
    made = create(payapi, "http://127.0.0.1:9/hook", ["payment.failed"]).data
    yield made
    delete(payapi, made)


def path(endpoint, what=""):
    return f"{V1}/{endpoint['id']}{what}"


def faults(answer):
    assert answer.status == 422 and answer.json["slug"] == "validation-failed", answer
    return {error["pointer"]: error["detail"] for error in answer.json["errors"]}


# --- Creation ---------------------------------------------------------------------------------------

def test_the_secret_is_shown_when_it_is_made_and_never_again(payapi, endpoint):
    assert endpoint["secret"].startswith("whsec_")
    shown = [payapi.get(path(endpoint), **ADMIN), payapi.get(V1, **ADMIN),
             payapi.request("PATCH", path(endpoint), {"description": "Back end"}, **ADMIN),
             payapi.post(path(endpoint, "/test"), **ADMIN), payapi.get("/api/v1/audit?limit=20", **ADMIN)]
    for answer in shown:
        assert answer.status == 200 and endpoint["secret"] not in str(answer.json), answer
    assert endpoint["id"] in [one["id"] for one in shown[1].data]


@pytest.mark.parametrize("url, detail", [
    ("", ""), ("shop.example", "must be an address"), ("http://shop.example/", "must be https"),
    ("ftp://shop.example/", "must be"), ("https://user:pw@8.8.8.8/", "user name"), ("https://@8.8.8.8/", "user name"),
    ("https://8.8.8.8:22/", "port 443"), ("https://8.8.8.8:70000/", "must be an address"),
    ("https://8.8.8.8/#x", "fragment"), ("https://bücher.example/", "xn--"), ("https://8.8.8.8/a b", "ASCII"),
    ("https://10.0.0.1/", "inner network"), ("https://169.254.169.254/", "inner network"),
    ("https://[::ffff:10.0.0.1]/", "inner network"), ("https://167772161/", "inner network"),
    ("https://0xa000001/", "inner network"), ("https://192.168.1/", "inner network"),
    ("http://8.8.8.8:8080/", "must be https"), ("https://8.8.8.8/" + "a" * 2033, "at most 2048"),
    (None, ""), (7, ""), (["https://8.8.8.8/"], "")])
def test_a_bad_url_is_pointed_at(payapi, url, detail):
    found = faults(payapi.post(V1, {"url": url, "events": ["*"]}, **ADMIN))
    assert list(found) == ["#/url"] and detail in found["#/url"]


@pytest.mark.parametrize("events, pointer", [
    ([], "#/events"), (None, "#/events"), ("*", "#/events"), (["payment.*"], "#/events/0"), (["Payment.failed"], "#/events/0"),
    (["payment.failed", "payment.failed"], "#/events/1"), (["payment.failed", "*"], "#/events/1"),
    (["*", "payment.failed"], "#/events/0"), (["webhook_endpoint.test"], "#/events/0"), ([None], "#/events/0"),
    ([7], "#/events/0"), (["payment.failed", ""], "#/events/1")])
def test_bad_events_are_pointed_at(payapi, events, pointer):
    assert pointer in faults(payapi.post(V1, {"url": "http://127.0.0.1:9/x", "events": events}, **ADMIN))


def test_all_faults_are_told_together(payapi):
    found = faults(payapi.post(V1, {"url": "x", "events": ["x"], "description": "a" * 257, "secret": "mine"}, **ADMIN))
    assert set(found) == {"#/url", "#/events/0", "#/description", "#/secret"}


def test_a_url_is_registered_once_however_many_try(payapi):
    answers = at_once(8, lambda number: create(payapi, "http://127.0.0.1:9/at-once"))
    made = [answer for answer in answers if answer.status == 201]
    assert len(made) == 1
    assert {answer.json["slug"] for answer in answers if answer.status != 201} == {"webhook-endpoint-exists"}
    delete(payapi, made[0].data)
    again = create(payapi, "http://127.0.0.1:9/at-once")
    assert again.status == 201 and again.data["id"] != made[0].data["id"] and again.data["secret"] != made[0].data["secret"]
    delete(payapi, again.data)


def test_there_are_fifty_at_most(payapi):
    made = []
    while (answer := create(payapi, f"http://127.0.0.1:9/{len(made)}")).status == 201:
        made.append(answer.data)
    assert "#/url" in faults(answer) and len(payapi.get(V1, **ADMIN).data) == 50
    for endpoint in made:
        assert delete(payapi, endpoint).status == 200


# --- Changes ----------------------------------------------------------------------------------------

def test_what_is_not_sent_stays_as_it_is(payapi, endpoint):
    changed = payapi.request("PATCH", path(endpoint), {"events": ["*"]}, **ADMIN).data
    assert changed["events"] == ["*"] and changed["url"] == endpoint["url"] and changed["status"] == "enabled"
    changed = payapi.request("PATCH", path(endpoint), {"status": "disabled"}, **ADMIN).data
    assert (changed["status"], changed["disabledReason"]) == ("disabled", "asked")
    changed = payapi.request("PATCH", path(endpoint), {"status": "enabled"}, **ADMIN).data
    assert (changed["status"], changed["disabledReason"]) == ("enabled", None)


@pytest.mark.parametrize("body, pointer", [
    ({"status": "deleted"}, "#/status"), ({"status": "paused"}, "#/status"), ({"status": None}, "#/status"),
    ({"url": "https://10.0.0.1/"}, "#/url"), ({"events": []}, "#/events"), ({"generation": 3}, "#/generation"),
    ({"description": None}, "#/description")])
def test_a_bad_change_is_pointed_at(payapi, endpoint, body, pointer):
    assert pointer in faults(payapi.request("PATCH", path(endpoint), body, **ADMIN))


def test_a_deleted_endpoint_is_not_there(payapi, endpoint):
    assert delete(payapi, endpoint).data["status"] == "deleted"
    for method, what, body in (("GET", "", None), ("PATCH", "", {}), ("DELETE", "", None), ("GET", "/deliveries", None),
                               ("POST", "/test", None), ("POST", "/rotate-secret", None),
                               ("POST", "/recover", {"since": "2026-12-01T00:00:00Z"})):
        answer = payapi.request(method, path(endpoint, what), body, **ADMIN)
        assert answer.status in (404, 422), (method, what, answer)
        assert answer.status == 404 or what == "/recover"
    assert endpoint["id"] not in str(payapi.get(V1, **ADMIN).json)


@pytest.mark.parametrize("overlap", [-1, 604801, 1.5, "3600", None, True])
def test_a_bad_overlap_is_pointed_at(payapi, endpoint, overlap):
    assert "#/overlapSeconds" in faults(payapi.post(path(endpoint, "/rotate-secret"), {"overlapSeconds": overlap}, **ADMIN))


def test_rotations_end_no_former_secret_early(payapi, endpoint):
    first = payapi.post(path(endpoint, "/rotate-secret"), {"overlapSeconds": 604800}, **ADMIN).data
    second = payapi.post(path(endpoint, "/rotate-secret"), {"overlapSeconds": 60}, **ADMIN).data
    assert second["formerSecretsUntil"] == first["formerSecretsUntil"]
    assert len({endpoint["secret"], first["secret"], second["secret"]}) == 3
    signs_from, generation = payapi.row("SELECT signs_from, generation FROM payapi.webhook_endpoints"
                                        " WHERE endpoint_id = %s", endpoint["id"])
    assert (signs_from, generation) == (1, 3)
    for _ in range(5):
        last = payapi.post(path(endpoint, "/rotate-secret"), {"overlapSeconds": 60}, **ADMIN).data
    assert payapi.row("SELECT signs_from, generation FROM payapi.webhook_endpoints WHERE endpoint_id = %s",
                      endpoint["id"]) == (4, 8)
    cut = payapi.post(path(endpoint, "/rotate-secret"), {"overlapSeconds": 0}, **ADMIN).data
    assert cut["formerSecretsUntil"] is None and cut["secret"] != last["secret"]


# --- Sending again ----------------------------------------------------------------------------------

@pytest.mark.parametrize("since, until, pointer", [
    (None, None, "#/since"), ("yesterday", None, "#/since"), ("2026-01-01T00:00:00Z", None, "#/since"),
    (-60, -120, "#/until"), (-60, 3600, "#/until"), (60, None, "#/until")])
def test_a_bad_span_is_pointed_at(payapi, endpoint, since, until, pointer):
    def moment(value):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + value)) if isinstance(value, int) else value
    body = {name: moment(value) for name, value in (("since", since), ("until", until)) if value is not None}
    assert pointer in faults(payapi.post(path(endpoint, "/recover"), body, **ADMIN))


def test_what_was_missed_is_recovered_and_what_was_accepted_is_not(payapi):
    with Receiver() as receiver:
        endpoint = create(payapi, receiver.url, ["order.created"]).data
        before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 5))
        heard = payapi.create_order()
        wait_until(lambda: receiver.received, 15, "the first event")
        wait_until(lambda: payapi.get(path(endpoint, "/deliveries?status=delivered"), **ADMIN).data, 10, "its outcome")
        payapi.request("PATCH", path(endpoint), {"status": "disabled"}, **ADMIN)
        missed = [payapi.create_order() for _ in range(3)]
        wait_until(lambda: payapi.row("SELECT count(*) FROM payapi.audit_log, payapi.webhook_planning WHERE order_id ="
                                      " ANY (%s) AND pg_visible_in_snapshot(xid, planned_to)", missed)[0] == 3, 15,
                   "the planning of the missed events")
        payapi.request("PATCH", path(endpoint), {"status": "enabled"}, **ADMIN)
        answer = payapi.post(path(endpoint, "/recover"), {"since": before}, **ADMIN)
        assert answer.data["complete"] is True and answer.data["queued"] >= 3
        wait_until(lambda: {order for order in missed} <= {received.json["data"]["id"] for received in receiver.received},
                   20, "the missed events")
        assert [received.json["data"]["id"] for received in receiver.received].count(heard) == 1
        delete(payapi, endpoint)


def test_an_event_is_sent_again_when_somebody_asks(payapi):
    with Receiver() as receiver:
        endpoint = create(payapi, receiver.url, ["payment.failed"]).data
        delivery = payapi.post(path(endpoint, "/test"), **ADMIN).data

        def status():
            return payapi.get(f"/api/v1/webhook-deliveries/{delivery['id']}", **ADMIN).data["status"]
        wait_until(lambda: status() == "delivered", 15, "the delivery")
        assert payapi.post(f"/api/v1/webhook-deliveries/{delivery['id']}/resend", **ADMIN).status == 200
        wait_until(lambda: len(receiver.received) == 2 and status() == "delivered", 15, "the second delivery")
        assert receiver.received[0].id == receiver.received[1].id
        actions = [row["action"] for row in payapi.get("/api/v1/audit?limit=50&actor=admin:boss", **ADMIN).data]
        assert "delivery.resent" in actions and "webhook-endpoint.tested" in actions
        delete(payapi, endpoint)


def test_deliveries_are_listed_page_by_page(payapi):
    with Receiver() as receiver:
        endpoint = create(payapi, receiver.url, ["payment.failed"]).data
        for _ in range(5):
            payapi.post(path(endpoint, "/test"), **ADMIN)
        wait_until(lambda: len(payapi.get(path(endpoint, "/deliveries?status=delivered"), **ADMIN).data) == 5, 20,
                   "the deliveries")
        seen, cursor = [], ""
        while cursor is not None:
            page = payapi.get(path(endpoint, f"/deliveries?limit=2{cursor and '&cursor=' + cursor}"), **ADMIN).json
            seen += [one["id"] for one in page["data"]]
            cursor = page["meta"]["nextCursor"]
        assert seen == sorted(set(seen), reverse=True) and len(seen) == 5
        assert payapi.get(path(endpoint, "/deliveries?status=failed"), **ADMIN).data == []
        assert payapi.get(path(endpoint, "/deliveries?status=lost"), **ADMIN).status == 422
        delete(payapi, endpoint)
