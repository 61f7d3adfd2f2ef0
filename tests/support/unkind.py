"""The long suites with providers on a bad day: PAYAPI_UNKIND=1, of which more is more (a factor).

Without the setting nothing changes. What only a human can settle is left out here: it has tests of
its own.
"""
import os

FACTOR = float(os.environ.get("PAYAPI_UNKIND", "0"))
# Money of another amount, money that the bank takes back or never tells of, a refund that does not say
# whose it is, and one whose key only ever gives a 500: the product asks a human, and there is none here.
FOR_A_HUMAN = ["other_amount", "stuck", "reversed", "no_note", "stored_500"]
LATE_S = 10                     # of the clock that these suites do not move


# What hides nothing: for suites that compare whole ends, or count calls and answers.
LOOKS = ["shift", "odd_text"]


def be_unkind(payapi, seed, **more):
    """Plans it at the sandbox, all or only=LOOKS; payapi.clear_faults() ends it."""
    if FACTOR == 0:
        return
    answer = payapi.sandbox("POST", "/_sandbox/unkind", {
        "seed": seed, "factor": FACTOR, "late_s": LATE_S, "but": FOR_A_HUMAN, **more})
    assert answer.status == 200, answer
