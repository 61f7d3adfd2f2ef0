"""live touches nothing, ready proves the write path, health reports on database and provider."""


def test_all_is_well(payapi):
    health = payapi.get("/health", sub=None)
    assert health.status == 200, health
    assert health.json["status"] in ("ok", "degraded")
    assert health.json["database"]["status"] == "ok"
    assert "stripe" in health.json["providers"]
    assert payapi.get("/health/live", sub=None).status == 200
    assert payapi.get("/health/ready", sub=None).status == 200


def test_readiness_leaves_no_trace(payapi):
    count = "SELECT (SELECT count(*) FROM payapi.payments), (SELECT count(*) FROM payapi.audit_log)"
    before = payapi.row(count)
    assert payapi.get("/health/ready", sub=None).status == 200
    assert payapi.row(count) == before


def test_health_answers_carry_no_envelope_and_need_no_token(payapi):
    assert "success" not in payapi.get("/health/live", sub=None).json
