"""The same key has one effect and returns the first answer byte for byte (docs/contract.md section 6)."""
import uuid

from payapi_instance import wait_until


def key():
    return str(uuid.uuid4())


def test_an_order_is_created_once_and_its_answer_given_again(payapi):
    headers = {"Idempotency-Key": key()}
    body = '{"amount":12.30,"currency":"EUR"}'
    first = payapi.post("/api/v1/orders", body, headers=headers)
    again = payapi.post("/api/v1/orders", body, headers=headers)
    assert (first.status, again.status) == (201, 201)
    assert first.body == again.body
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_checkout_is_replayed_byte_for_byte_even_after_it_was_paid(payapi):
    order = payapi.create_order()
    headers = {"Idempotency-Key": key()}
    first = payapi.checkout(order, headers=headers)
    payapi.sandbox_do(first.data["externalId"], "pay")
    payapi.wait_for_status(order, "completed")
    again = payapi.checkout(order, headers=headers)
    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_refusal_is_replayed_too(payapi):
    headers = {"Idempotency-Key": key()}
    first = payapi.checkout("no-such-order", headers=headers)
    again = payapi.checkout("no-such-order", headers=headers)
    assert (first.status, again.status) == (404, 404) and first.body == again.body
    order = payapi.create_order(id="taken-" + key()[:8])
    headers = {"Idempotency-Key": key()}
    body = {"id": order, "amount": 1, "currency": "USD"}
    first = payapi.post("/api/v1/orders", body, headers=headers)
    again = payapi.post("/api/v1/orders", body, headers=headers)
    assert (first.status, again.status) == (409, 409) and first.body == again.body


def test_the_same_key_with_another_request_is_refused(payapi):
    headers = {"Idempotency-Key": key()}
    assert payapi.post("/api/v1/orders", {"amount": 1, "currency": "USD"}, headers=headers).status == 201
    other = payapi.post("/api/v1/orders", {"amount": 2, "currency": "USD"}, headers=headers)
    assert other.status == 422 and other.json["type"].endswith("/idempotency-key-reused")
    one, two = payapi.create_order(), payapi.create_order()
    headers = {"Idempotency-Key": key()}
    assert payapi.checkout(one, headers=headers).status == 201
    assert payapi.checkout(two, headers=headers).status == 422


def test_the_order_of_members_and_blanks_do_not_make_another_request(payapi):
    headers = {"Idempotency-Key": key()}
    first = payapi.post("/api/v1/orders", '{"amount":1.50,"currency":"USD"}', headers=headers)
    again = payapi.post("/api/v1/orders", '{ "currency": "USD", "amount": 1.50 }', headers=headers)
    assert first.status == 201 and again.body == first.body


def test_keys_of_other_callers_and_routes_never_match(payapi):
    shared = {"Idempotency-Key": key()}
    body = {"amount": 1, "currency": "USD"}
    mine = payapi.post("/api/v1/orders", body, headers=shared, sub="alice")
    theirs = payapi.post("/api/v1/orders", body, headers=shared, sub="bob")
    assert mine.status == theirs.status == 201 and mine.data["id"] != theirs.data["id"]
    assert payapi.checkout(mine.data["id"], headers=shared).status == 201


def test_a_quoted_key_is_the_same_key(payapi):
    bare = key()
    body = {"amount": 1, "currency": "USD"}
    first = payapi.post("/api/v1/orders", body, headers={"Idempotency-Key": bare})
    again = payapi.post("/api/v1/orders", body, headers={"Idempotency-Key": f'"{bare}"'})
    assert again.body == first.body


def test_bad_keys_are_malformed_requests(payapi):
    body = '{"amount":1,"currency":"USD"}'
    for bad in ["", "k" * 256, "two words", '"open', "k\u00e9y"]:
        answer = payapi.post("/api/v1/orders", body, headers={"Idempotency-Key": bad.encode("utf-8")})
        assert answer.status == 400, (bad, answer)
    doubled = payapi.raw((f"POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                          f"Authorization: Bearer {payapi.token()}\r\nIdempotency-Key: a\r\n"
                          f"Idempotency-Key: a\r\nContent-Type: application/json\r\n"
                          f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
    assert b" 400 " in doubled.split(b"\r\n", 1)[0] and b"malformed-request" in doubled


def test_answers_from_before_the_work_are_not_stored(payapi):
    headers = {"Idempotency-Key": key()}
    assert payapi.post("/api/v1/orders", "{", headers=headers).status == 400
    assert payapi.post("/api/v1/orders", {"amount": 1, "currency": "USD"}, headers=headers).status == 201


def test_a_key_whose_runner_died_is_taken_over_after_its_lease(payapi):
    order = payapi.create_order()
    headers = {"Idempotency-Key": key()}
    payapi.fault("hang", seconds=8, after_work=True, order=order)
    connection = payapi.connect()
    connection.http.request("POST", f"/api/v1/orders/{order}/checkout", b"{}",
                            {"Authorization": "Bearer " + payapi.token(),
                             "Content-Type": "application/json", **headers})
    running = wait_for_running(payapi, headers["Idempotency-Key"])
    assert payapi.checkout(order, headers=headers).status == 409
    killed = set(payapi.worker_pids("provider"))
    for pid in killed:
        payapi.kill(pid)
    # A killed worker that has not ended yet could still accept a connection.
    wait_until(lambda: not killed & set(payapi.worker_pids("provider")), what="the dead to be gone")
    connection.close()
    payapi.clear_faults()
    payapi.rows("UPDATE payapi.idempotency_keys SET locked_until = now() WHERE key = %s", running)
    payapi.rows("UPDATE payapi.provider_calls c SET lease_until = now() FROM payapi.payments p"
                " WHERE p.payment_id = c.payment_id AND p.order_id = %s", order)
    resumed = payapi.checkout(order, headers=headers)
    assert resumed.status == 201, resumed
    sent = [r for r in payapi.sandbox("GET", "/_sandbox/requests?limit=1000").json["requests"]
            if r["path"] == "/v1/checkout/sessions" and order in r["body"]]
    assert len({(r["idempotency_key"], r["body"]) for r in sent}) == 1 and len(sent) == 2
    assert payapi.rows("SELECT count(*) FROM payapi.payments WHERE order_id = %s", order) == [(1,)]


def wait_for_running(payapi, name):
    wait_until(lambda: payapi.rows("SELECT 1 FROM payapi.idempotency_keys WHERE key = %s"
                                   " AND state = 'running' AND payment_id IS NOT NULL", name),
               what="the first request to be under way")
    return name


def test_a_random_key_may_hold_digits_that_look_like_a_card(payapi):
    answer = payapi.post("/api/v1/orders", {"amount": 1, "currency": "USD"},
                         headers={"Idempotency-Key": "4000056655665556a7f24e3b9c0d4e1f"})
    assert answer.status == 201, answer
