"""The long suites have providers on a bad day. PAYAPI_UNKIND is the factor of how bad: 1 is the default; 0 makes
them kind, to hunt another fault.

Problems that only a human can settle need an operator: support/customers.py has one.
"""
import os

FACTOR = float(os.environ.get("PAYAPI_UNKIND", "1"))
LATE_S = 10                     # seconds of the sandbox's clock, which these suites do not move

# Faults that hide nothing: for suites that compare complete results, or count calls and answers.
LOOKS = ["shift", "odd_text"]
# And faults that go away when the provider is asked once more.
ASKED_AGAIN = [*LOOKS, "nulls", "stale"]


def be_unkind(payapi, seed, **more):
    """Plans the faults at the sandbox, all or only=LOOKS; payapi.clear_faults() ends them."""
    if FACTOR == 0:
        return
    print(f"unkind providers: seed {seed}, factor {FACTOR:g}, {more}")
    answer = payapi.sandbox("POST", "/_sandbox/unkind", {
        "seed": seed, "factor": FACTOR, "late_s": LATE_S, **more})
    assert answer.status == 200, answer


def leave_out_notes(payapi, seed):
    """Answers to a POST and events about a refund may lack our note; lists keep it."""
    if FACTOR == 0:
        return
    for method in ("POST", "EVENT"):
        answer = payapi.sandbox("POST", "/_sandbox/faults", {
            "action": "no_note", "match": {"method": method, "api": True}, "times": -1,
            "probability": min(0.05 * FACTOR, 1), "seed": seed})
        assert answer.status < 300, answer
