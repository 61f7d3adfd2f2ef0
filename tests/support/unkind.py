"""The long suites have providers on a bad day. PAYAPI_UNKIND is a factor of how bad: 0 makes them kind, for
hunting another fault; 1 is the default.

What only a human can settle needs one who plays along: support/customers.py has him.
"""
import os

FACTOR = float(os.environ.get("PAYAPI_UNKIND", "1"))
LATE_S = 10                     # of the clock that these suites do not move

# What hides nothing: for suites that compare whole ends, or count calls and answers.
LOOKS = ["shift", "odd_text"]
# And what is put right by asking once more.
ASKED_AGAIN = [*LOOKS, "nulls", "stale"]


def be_unkind(payapi, seed, **more):
    """Plans it at the sandbox, all or only=LOOKS; payapi.clear_faults() ends it."""
    if FACTOR == 0:
        return
    print(f"unkind providers: seed {seed}, factor {FACTOR:g}, {more}")
    answer = payapi.sandbox("POST", "/_sandbox/unkind", {
        "seed": seed, "factor": FACTOR, "late_s": LATE_S, **more})
    assert answer.status == 200, answer


def leave_out_notes(payapi, seed):
    """What is answered and told of a refund may lack our note. A list either has them or never had."""
    if FACTOR == 0:
        return
    for method in ("POST", "EVENT"):
        answer = payapi.sandbox("POST", "/_sandbox/faults", {
            "action": "no_note", "match": {"method": method, "api": True}, "times": -1,
            "probability": min(0.05 * FACTOR, 1), "seed": seed})
        assert answer.status < 300, answer
