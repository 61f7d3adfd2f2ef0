"""Every order of every set of up to four events, with duplicates, through HTTP: one end, one ledger.

A sample of the sets; most of the orders run on the domain (tests/domain/test_*_permutations.c).
PAYAPI_SEQUENCES is the number of deliveries of a whole set (default
240); ./dev sequences [N].
"""
import concurrent.futures
import itertools
import os
import random

import pytest
from payapi_instance import Instance, wait_until

import paystack_letters
import stripe_letters
import unkind

SEQUENCES = int(os.environ.get("PAYAPI_SEQUENCES", "240"))
SEED = int(os.environ.get("PAYAPI_SEQUENCES_SEED", "1"))
OUR_OWN = ("id", "orderId", "externalId", "createdAt", "updatedAt", "completedAt", "expiresAt")


@pytest.fixture(scope="module")
def quiet():
    """The sandbox does not send its events and payapi does not pull them: this suite delivers them."""
    instance = Instance("sequences", EVENTS_PULL_INTERVAL_S="3600")
    try:
        instance.up()
        instance.webhook_settings(delivery="off")
        unkind.be_unkind(instance, SEED, only=unkind.LOOKS)
        yield instance
        instance.assert_invariants()
    finally:
        instance.down()


# --- one sequence -------------------------------------------------------------------------------
def with_duplicates(dice, story, events):
    """Any delivered event may be delivered again: the same bytes, or another event with the same content."""
    told = []
    for event in events:
        told.append(event)
        while dice.random() < 0.4:
            told.append(dice.choice(told) if dice.random() < 0.7 else story.again(dice.choice(told)))
    return told


def wait_until_applied(payapi, names):
    """Waits until all are processed: none is dropped, ignored or dead."""
    def processed():
        return payapi.row("SELECT count(*) FROM payapi.webhook_events WHERE event_id = ANY(%s)"
                          " AND status = 'processed'", list(names)) == (len(names),)
    wait_until(processed, 40, f"every event of {names} to be applied")


def net(movements):
    """A refund and its reversal cancel out, whether or not we heard of the refund."""
    left = list(movements)
    for kind, minor in movements:
        if kind == "refund_reversal" and ("refund", -minor) in left:
            left.remove(("refund", -minor))
            left.remove((kind, minor))
    return tuple(left)


def end_of(payapi, payment_id):
    """Everything that anybody can see of the payment, without times and ids."""
    shown = payapi.get(f"/api/v1/payments/{payment_id}").data
    refunds = payapi.get(f"/api/v1/payments/{payment_id}/refunds", sub="boss", role="admin").data
    disputes = payapi.get(f"/api/v1/payments/{payment_id}/disputes").data
    ledger = payapi.rows("SELECT kind, amount_minor FROM payapi.transactions WHERE payment_id = %s"
                         " ORDER BY kind, amount_minor", payment_id)
    announced = payapi.rows("SELECT event_type FROM payapi.audit_log WHERE payment_id = %s AND event_type = ANY(%s) ORDER BY event_type",
                            payment_id, ["payment.completed", "dispute.opened", "dispute.closed"])
    return {
        "payment": {**{k: v for k, v in shown.items() if k not in OUR_OWN},
                    "checkoutUrl": shown["checkoutUrl"] is not None},
        "refunds": sorted((r["amountMinor"], r["status"]) for r in refunds),
        "disputes": sorted((d["amountMinor"], d["status"], d["providerStatus"], d["withdrawnAmountMinor"],
                            d["reinstatedAmountMinor"]) for d in disputes),
        "ledger": net([tuple(row) for row in ledger]),
        "announced": [kind for (kind,) in announced],
    }


def run_sequence(payapi, story_of, letters, times, seed):
    dice = random.Random(seed)
    story = story_of(payapi, letters)
    told = with_duplicates(dice, story, [story.event(letter, times[letter]) for letter in letters])
    for event in told:
        assert story.deliver(event) == 200, (letters, event)
    wait_until_applied(payapi, {story.name_of(event) for event in told})
    return len(told), end_of(payapi, story.payment["id"])


# --- sets ---------------------------------------------------------------------------------------
def times_of(dice, letters, alphabet):
    """Equal times are the hard case, so they are frequent; times within one object's story never go back."""
    now, times = 0, {}
    for letter in sorted(letters, key=alphabet.index):
        now += dice.choice([0, 0, 60])
        times[letter] = now
    return times


def sets_of(dice, story_of, alphabet):
    while True:
        letters = tuple(sorted(dice.sample(alphabet, dice.choice([2, 3, 3, 4, 4])), key=alphabet.index))
        if story_of.may_stand_together(letters):
            yield letters


def differences(ends):
    """The orders whose end differs from the first one's, with that end."""
    first = next(iter(ends.values()))
    return {order: end for order, end in ends.items() if end != first}


def run_sets(payapi, story_of, alphabet, sequences):
    dice = random.Random(SEED)
    count = deliveries = 0
    every_set = sets_of(dice, story_of, alphabet)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        while count < sequences:
            letters = next(every_set)
            times = times_of(dice, letters, alphabet)
            orders = list(itertools.permutations(letters))
            runs = pool.map(lambda order: run_sequence(payapi, story_of, order, times, f"{SEED} {count} {order}"),
                            orders)
            ends = {}
            for order, (told, end) in zip(orders, runs):
                ends[order] = end
                deliveries += told
            count += len(orders)
            assert not differences(ends), (SEED, times, next(iter(ends.items())), differences(ends))
    print(f"{count} sequences of {deliveries} deliveries, seed {SEED}: 0 differences")


def test_every_order_of_stripes_events_ends_the_same(quiet):
    run_sets(quiet, stripe_letters.Story, stripe_letters.LETTERS, SEQUENCES)


def test_every_order_of_paystacks_events_ends_the_same(quiet):
    run_sets(quiet, paystack_letters.Story, paystack_letters.LETTERS, SEQUENCES // 10)        # each of its events is only a hint: the provider is asked
