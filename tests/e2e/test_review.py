"""What a machine must not decide waits for a human, who gives a reason."""
import json

ADMIN = {"sub": "root", "role": "admin"}


def under_review(payapi):
    payment = payapi.checkout(payapi.create_order()).data["id"]
    payapi.rows("UPDATE payapi.payments SET needs_review = true, review_reason = 'Seeded.'"
                " WHERE payment_id = %s", payment)
    return payment


def listed(payapi, query="needsReview=true"):
    return [p["id"] for p in payapi.get(f"/api/v1/payments?{query}&limit=100", **ADMIN).data]


def test_a_review_takes_the_payment_off_the_list(payapi):
    payment = under_review(payapi)
    [shown] = [p for p in payapi.get("/api/v1/payments?needsReview=true&limit=100", **ADMIN).data
               if p["id"] == payment]
    assert shown["reviewReason"] == "Seeded." and shown["needsReview"] is True
    done = payapi.post(f"/api/v1/payments/{payment}/review", {"reason": "The bank agrees."}, **ADMIN)
    assert done.status == 200 and done.data["needsReview"] is False
    assert payment not in listed(payapi) and payment in listed(payapi, "needsReview=false")
    [entry] = payapi.get(f"/api/v1/audit?paymentId={payment}&action=reviewed", **ADMIN).data
    assert entry["actor"] == "admin:root" and entry["body"]["reason"] == "The bank agrees."
    again = payapi.post(f"/api/v1/payments/{payment}/review", {"reason": "Twice."}, **ADMIN)
    assert again.status == 409 and again.json["type"].endswith("/invalid-payment-state")
    story = payapi.get(f"/api/v1/payments/{payment}/timeline")
    assert b"The bank agrees." not in story.body and b"root" not in story.body


def test_the_command_line_does_the_same(payapi, monkeypatch):
    payment = under_review(payapi)
    found = payapi.admin("payment", "list", "--needs-review")
    assert payment in [json.loads(line)["id"] for line in found.stdout.splitlines()]
    monkeypatch.setitem(payapi.environment, "SUDO_USER", "mallory")             # anybody can set it
    done = payapi.admin("payment", "review", "--id", payment, "--reason", "Seen by Eve.")
    assert done.returncode == 0, done.stdout
    [entry] = payapi.get(f"/api/v1/audit?paymentId={payment}&action=reviewed", **ADMIN).data
    assert entry["actor"].startswith("admin:cli.") and "mallory" not in entry["actor"]
    assert payapi.admin("payment", "review", "--id", payment, "--reason", "x").returncode == 1


def test_a_reason_is_needed_and_admins_only(payapi):
    payment = under_review(payapi)
    url = f"/api/v1/payments/{payment}/review"
    for body in ({}, {"reason": ""}, {"reason": 7}, {"reason": "x" * 501}, {"why": "x"}):
        answer = payapi.post(url, body, **ADMIN)
        assert answer.status == 422 and answer.json["errors"]
    assert payapi.post(url, {"reason": "mine"}).status == 403
    assert payapi.get("/api/v1/payments").status == 403
    assert payapi.post("/api/v1/payments/pay_" + "0" * 26 + "/review", {"reason": "x"},
                       **ADMIN).status == 404
    assert payapi.post(url, {"reason": "clean up"}, **ADMIN).status == 200


def test_bad_filters_are_named(payapi):
    for query, parameter in [("needsReview=maybe", "needsReview"), ("status=odd", "status"),
                             ("cursor=zzz", "cursor"), ("provider=x", "provider")]:
        answer = payapi.get(f"/api/v1/payments?{query}", **ADMIN)
        assert answer.status == 422 and answer.json["errors"][0]["parameter"] == parameter
