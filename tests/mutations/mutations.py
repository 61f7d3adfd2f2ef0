"""Deliberate bugs, each as a small change of the text of one file.

Mutation(name, file, before, after, suites): `before` stands exactly once in the file. `suites` are
tried in order, the smallest first, until one of them fails:
    c:PROGRAM      a C test, e.g. c:domain/test_money
    store:FILE     pytest on a private PostgreSQL, tests/store/FILE
    e2e:FILE       pytest against a whole instance, tests/e2e/FILE
    crash:FILE     the same with fault points, tests/crash/FILE
    crash:FILE::EXPRESSION picks tests as pytest -k does (e2e and store likewise)
"""
import collections

Mutation = collections.namedtuple("Mutation", "name file before after suites")

APP = "src/application"
PG = "src/infrastructure/postgres"
STRIPE = "src/infrastructure/providers/stripe"
AUTH = "src/infrastructure/auth"

MUTATIONS = [
    # --- Intent, call, outcome ---------------------------------------------------------------
    Mutation("call the provider before the intent is durable", f"{APP}/commands/checkout_order.c",
             "    TRY(in_transaction(ctx, note_intent, &work));       /* our intent is durable first */\n",
             "    ctx_new_id(ctx, \"pay\", work.payment.id.text);\n"
             "    (void) write_request(ctx, &work, &(struct order) { .amount = { 9999, \"USD\" } },"
             " &work.call.request);\n"
             "    ask_provider(ctx, &work);\n"
             "    TRY(in_transaction(ctx, note_intent, &work));\n",
             ["c:application/test_checkout_order", "c:application/test_checkout_crashes"]),
    Mutation("an unknown outcome frees the order", f"{APP}/commands/checkout_order.c",
             "    case VERDICT_UNKNOWN:\n        work->payment = lock->payment;\n"
             "        give_payment(ctx, work, 202);\n",
             "    case VERDICT_UNKNOWN:\n        settle_refusal(ctx, work, lock);\n",
             ["c:application/test_checkout_order"]),
    Mutation("call again while somebody else is calling", f"{APP}/commands/checkout_order.c",
             "lock->call.leased || age_s", "age_s", ["c:application/test_checkout_order",
                                                     "c:application/test_checkout_crashes"]),
    Mutation("use a provider key beyond its 23 hours", f"{APP}/commands/checkout_order.c",
             " || age_s >= PROVIDER_KEY_RETRY_MAX_S", " || age_s < 0",
             ["c:application/test_checkout_order"]),
    Mutation("forget to finish the key", f"{APP}/commands/checkout_order.c",
             "        store_key_finish(ctx, key, work->fence, &answer);\n", "        return;\n",
             ["c:application/test_checkout_order"]),
    Mutation("answer for good what may still change", f"{APP}/commands/checkout_order.c",
             "answer->http_status < 500 && answer->http_status != 202", "answer->http_status < 500",
             ["c:application/test_checkout_order"]),
    Mutation("believe a refusal against a page that is known", f"{APP}/commands/checkout_order.c",
             "work->outcome.verdict != VERDICT_DONE && payment_object_is_known(&lock->payment)",
             "work->outcome.verdict == VERDICT_UNKNOWN && payment_object_is_known(&lock->payment)",
             ["c:application/test_checkout_order"]),
    Mutation("after a lost COMMIT insert the order again", f"{APP}/commands/create_order.c",
             "work->runs > 1", "work->runs > 99", ["c:application/test_create_order"]),
    Mutation("replay an answer to another request", f"{APP}/idempotency.c",
             "    case CLAIM_OTHER_REQUEST:\n        *problem_out = problem_new(ctx->arena, PROBLEM_IDEMPOTENCY_KEY_REUSED,\n"
             "                                   \"This Idempotency-Key belongs to another request.\");\n"
             "        return false;\n",
             "    case CLAIM_OTHER_REQUEST:\n        *answer_out = claim->answer;\n        return false;\n",
             ["c:application/test_create_order", "c:application/test_checkout_order"]),

    # --- Money ---------------------------------------------------------------------------------
    Mutation("skip the amount check", f"{APP}/settle_payment.c",
             "    if (news->amount_minor != 0 && news->amount_minor != payment->amount.minor)\n"
             "        return true;\n", "", ["c:application/test_settle_payment"]),
    Mutation("skip the currency check", f"{APP}/settle_payment.c",
             "strcmp(news->currency, payment->amount.currency) != 0", "false",
             ["c:application/test_settle_payment"]),
    Mutation("let a second object close the payment", f"{APP}/settle_payment.c",
             "        facts.closed = PAYMENT_OPEN;\n", "", ["c:application/test_settle_payment"]),
    Mutation("count surplus money as the order's", f"{APP}/settle_payment.c",
             "        after->surplus = true;\n", "", ["c:application/test_settle_payment",
                                             "c:application/test_checkout_order"]),
    Mutation("merge facts by last one wins", "src/domain/payment.c",
             "    if (b.closed > a.closed)\n        merged.closed = b.closed;\n",
             "    merged.closed = b.closed;\n", ["c:domain/test_payment"]),
    Mutation("a label beats money", "src/domain/payment.c",
             "    if (facts->captured_minor > 0)\n        return captured_status(facts);\n"
             "    if (facts->closed != PAYMENT_OPEN)\n        return closed_status(facts->closed);\n",
             "    if (facts->closed != PAYMENT_OPEN)\n        return closed_status(facts->closed);\n"
             "    if (facts->captured_minor > 0)\n        return captured_status(facts);\n",
             ["c:domain/test_payment"]),
    Mutation("the largest amount is one too small", "src/domain/money.c",
             "minor <= MONEY_MINOR_MAX", "minor < MONEY_MINOR_MAX", ["c:domain/test_money"]),
    Mutation("add without looking for overflow", "src/domain/money.c",
             "            || __builtin_add_overflow(a.minor, b.minor, &minor))\n        return false;\n"
             "    *sum_out = a;",
             "            || ((void) __builtin_add_overflow(a.minor, b.minor, &minor), false))\n"
             "        return false;\n    *sum_out = a;", ["c:domain/test_money"]),

    # --- Webhooks ------------------------------------------------------------------------------
    Mutation("answer 200 although nothing was committed", f"{APP}/commands/receive_webhook.c",
             "    if (problem == OK || problem->type == PROBLEM_DATABASE_UNAVAILABLE)\n        return problem;\n",
             "    if (problem == OK || problem->type == PROBLEM_DATABASE_UNAVAILABLE)\n        return OK;\n",
             ["c:application/test_receive_webhook"]),
    Mutation("take test events for live ones", f"{APP}/apply_event.c",
             "event->livemode != provider->livemode", "false",
             ["c:application/test_receive_webhook"]),
    Mutation("take an event for new each time it comes", f"{PG}/store_webhooks.c",
             "\" ON CONFLICT (provider, event_id) DO NOTHING\"",
             "\" ON CONFLICT (provider, event_id) DO UPDATE SET reason = webhook_events.reason\"",
             ["c:infrastructure/postgres/test_store_webhooks"]),
    Mutation("drop what could not be applied", f"{APP}/commands/receive_webhook.c",
             "    work->store_only = true;\n    return in_transaction(ctx, remember_and_apply, work);\n",
             "    return OK;\n", ["c:application/test_receive_webhook"]),
    Mutation("skip the age of a signature", f"{STRIPE}/stripe_signature.c",
             "llabs(now_ms / 1000 - seconds) <= TOLERANCE_S", "llabs(now_ms / 1000 - seconds) >= 0",
             ["c:infrastructure/providers/test_stripe_signature"]),
    Mutation("a signature of exactly 300 s is too old", f"{STRIPE}/stripe_signature.c",
             "llabs(now_ms / 1000 - seconds) <= TOLERANCE_S",
             "llabs(now_ms / 1000 - seconds) < TOLERANCE_S",
             ["c:infrastructure/providers/test_stripe_signature"]),
    Mutation("compare only the beginning of a signature", f"{STRIPE}/stripe_signature.c",
             "CRYPTO_memcmp(given.data, expected_hex, MAC_HEX_SIZE)",
             "CRYPTO_memcmp(given.data, expected_hex, 8)",
             ["c:infrastructure/providers/test_stripe_signature"]),

    # --- The provider --------------------------------------------------------------------------
    Mutation("a new provider key with every attempt", f"{STRIPE}/stripe_requests.c",
             "\"%s:checkout:1\", wanted->payment->id.text",
             "\"%s:checkout:%lld\", wanted->payment->id.text, (long long) ctx->now_ms",
             ["c:infrastructure/providers/test_stripe_requests"]),
    Mutation("call a server error a refusal", f"{STRIPE}/stripe_answers.c",
             "{ 500, 599, NULL, NULL, NULL, VERDICT_UNKNOWN,",
             "{ 500, 599, NULL, NULL, NULL, VERDICT_REFUSED,",
             ["c:infrastructure/providers/test_stripe_answers"]),
    Mutation("believe any 2xx", f"{STRIPE}/stripe_answers.c",
             "stripe_is(json_object_get(session, \"metadata\"), \"payment_id\", payment->id.text) &&",
             "", ["c:infrastructure/providers/test_stripe_answers"]),
    Mutation("take an answer cut in its headers for whole", "src/infrastructure/http_client/http_client.c",
             "result == CURLE_OK && exchange->headers_ended;", "result == CURLE_OK;",
             ["c:infrastructure/http_client/test_http_client"]),
    Mutation("let libcurl send a POST twice", "src/infrastructure/http_client/http_client.c",
             "    SET(CURLOPT_READFUNCTION, give_body);\n    SET(CURLOPT_READDATA, (void *) exchange);\n",
             "    (void) give_body;\n    SET(CURLOPT_POSTFIELDS, exchange->request->body.data);\n",
             ["c:infrastructure/http_client/test_http_client"]),

    # --- Refunds -------------------------------------------------------------------------------
    Mutation("a refund of exactly the rest is too much", f"{APP}/commands/refund_payment.c",
             "command->amount_minor > refund_left(payment)", "command->amount_minor >= refund_left(payment)",
             ["c:application/test_refund_payment"]),
    Mutation("forget the limit of refunds", f"{APP}/commands/refund_payment.c",
             "command->amount_minor > refund_left(payment)", "false",
             ["c:application/test_refund_payment"]),
    Mutation("an unknown refund has failed", f"{APP}/commands/refund_payment.c",
             "    case VERDICT_UNKNOWN:\n        give_refund(ctx, work, 202);\n",
             "    case VERDICT_UNKNOWN:\n        settle_refusal(ctx, work, lock);\n",
             ["c:application/test_refund_payment"]),
    Mutation("a second refund for the same key", f"{APP}/commands/refund_payment.c",
             "    else if (lock->refund_found)\n", "    else if (lock->refund_found && !work->new_id.text[0])\n",
             ["c:application/test_refund_payment"]),

    # --- Store and schema ----------------------------------------------------------------------
    Mutation("drop the unique index of live payments", "sql/deploy/payments.sql",
             "CREATE UNIQUE INDEX one_live_payment", "CREATE INDEX one_live_payment",
             ["store:test_constraints.py::not has_its_row"]),
    Mutation("let refunds exceed what was captured", "sql/deploy/payments.sql",
             "refunded_minor <= refund_held_minor AND refund_held_minor <= captured_minor",
             "refunded_minor <= refund_held_minor", ["store:test_constraints.py::not has_its_row"]),
    Mutation("forget the fence of the key", f"{PG}/store_keys.c",
             "answer_retry_after_s = $7\"\n        \"   WHERE principal = $1 AND route = $2 AND key = $3 AND fence = $4\"",
             "answer_retry_after_s = $7\"\n        \"   WHERE principal = $1 AND route = $2 AND key = $3 AND fence >= $4\"",
             ["c:infrastructure/postgres/test_store_keys"]),
    Mutation("forget the fence of the call", f"{PG}/store_calls.c",
             "\"   WHERE call_id = $1 AND attempts = $2\"", "\"   WHERE call_id = $1 AND attempts >= $2\"",
             ["c:infrastructure/postgres/test_store_calls"]),
    Mutation("take a key over before its lease is out", f"{PG}/store_keys.c",
             "(k.holder = excluded.holder OR k.locked_until <= now())",
             "(k.holder = excluded.holder OR k.locked_until >= now())",
             ["c:infrastructure/postgres/test_store_keys"]),
    Mutation("drop the owner check of checkout", f"{PG}/store_checkout.c",
             "        \" WHERE o.order_id = $1\"\n        \"   AND ($2::text IS NULL OR o.owner_id = $2)\"\n",
             "        \" WHERE o.order_id = $1\"\n        \"   AND ($2::text IS NULL OR true)\"\n",
             ["c:infrastructure/postgres/test_store_payments", "e2e:test_main_job.py::somebody"]),
    Mutation("take the ROLLBACK of a failed transaction for a COMMIT", f"{PG}/store_transaction.c",
             "    if (!is_committed(&answer))\n", "    if (!is_committed(&answer) && false)\n",
             ["c:infrastructure/postgres/test_store_failures",
              "c:infrastructure/postgres/test_store_refusals"]),
    Mutation("book a charge twice", "sql/deploy/transactions.sql",
             "CREATE UNIQUE INDEX one_charge_per_payment", "CREATE INDEX one_charge_per_payment",
             ["store:test_constraints.py::not has_its_row"]),

    # --- Who may ---------------------------------------------------------------------------------
    Mutation("accept tokens that have expired", "src/infrastructure/auth/token.c",
             "<= now_s - TOKEN_LEEWAY_S;", "<= 0;", ["c:infrastructure/auth/test_token"]),
    Mutation("accept tokens without looking at the signature", f"{AUTH}/token.c",
             "    if (fault == NULL)\n        fault = token_signature_fault(", "    if (false)\n        fault = token_signature_fault(",
             ["c:infrastructure/auth/test_token"]),
    Mutation("let the token choose the algorithm", f"{AUTH}/token.c",
             "    if (!is_text(json_object_get(header, \"alg\"), token_algorithm_name(algorithm)))",
             "    if (!json_is_string(json_object_get(header, \"alg\")) || algorithm > TOKEN_EDDSA)",
             ["c:infrastructure/auth/test_token"]),
    Mutation("ignore critical extensions", f"{AUTH}/token.c",
             "json_object_get(header, \"crit\") != NULL", "false", ["c:infrastructure/auth/test_token"]),
    Mutation("take any key when none has the kid", f"{AUTH}/public_keys.c",
             "            return &keys->items[i];\n    return NULL;", "            return &keys->items[i];\n    return &keys->items[0];",
             ["c:infrastructure/auth/test_token_signature"]),
    Mutation("ask no name of a token when there are several keys", f"{AUTH}/public_keys.c",
             "keys->count == 1 && (kid == NULL ||", "(kid == NULL ||",
             ["c:infrastructure/auth/test_token_signature"]),
    Mutation("take an ECDSA signature of any length", f"{AUTH}/token_signature.c",
             "raw.size != 2 * ES256_NUMBER_BYTES", "raw.size < 2 * ES256_NUMBER_BYTES",
             ["c:infrastructure/auth/test_token_signature"]),
    Mutation("take short RSA keys", f"{AUTH}/public_keys.h",
             "#define RSA_BITS_MIN        2048", "#define RSA_BITS_MIN        1024",
             ["c:infrastructure/auth/test_public_keys"]),
    Mutation("take keys on any curve", f"{AUTH}/public_keys.c",
             "strcmp(group, \"prime256v1\") == 0", "group[0] != '\\0'", ["c:infrastructure/auth/test_public_keys"]),
    Mutation("take keys whose numbers make no sense", f"{AUTH}/public_keys.c",
             "fault == NULL && !is_sound(pkey)", "fault == NULL && !is_sound(pkey) && false",
             ["c:infrastructure/auth/test_public_keys"]),
    Mutation("take two keys of one name", f"{AUTH}/jwks.c",
             "            return \"has the kid of another key\";", "            return NULL;",
             ["c:infrastructure/auth/test_public_keys"]),
    Mutation("take a private key for a public one", f"{AUTH}/jwks.c",
             "    if (has_private_member(jwk))\n", "    if (has_private_member(jwk) && false)\n",
             ["c:infrastructure/auth/test_public_keys"]),
    Mutation("take an encryption key for a signature key", f"{AUTH}/jwks.c",
             "!is_absent_or(json_object_get(jwk, \"use\"), \"sig\") || ", "",
             ["c:infrastructure/auth/test_public_keys"]),
    Mutation("ignore a public key beside HS256", f"{AUTH}/token_key.c",
             "if (*config->jwt_public_key_file != '\\0')", "if (false)",
             ["c:infrastructure/auth/test_public_keys"]),

    # --- Disputes --------------------------------------------------------------------------------
    Mutation("refund while a dispute is open", f"{APP}/commands/refund_payment.c",
             "    if (payment->dispute == DISPUTE_OPEN)\n", "    if (payment->dispute == DISPUTE_OPEN && false)\n",
             ["c:application/test_settle_dispute"]),
    Mutation("give back once more what a lost dispute took", "src/domain/refund.c",
             "refund_left(payment) - payment->disputed_minor", "refund_left(payment) - 0 * payment->disputed_minor",
             ["c:application/test_settle_dispute"]),
    Mutation("of two ends believe the last that came", f"{APP}/apply_event.c",
             "known != NULL && dispute_is_doubtful(&known->facts, news)",
             "known != NULL && dispute_is_doubtful(&known->facts, news) && false",
             ["c:application/test_settle_dispute"]),
    Mutation("book a withdrawal with each event that tells of it", f"{APP}/settle_dispute.c",
             "after->facts.withdrawn_minor - before->withdrawn_minor", "after->facts.withdrawn_minor",
             ["c:application/test_settle_dispute"]),
    Mutation("let the dispute that was told last count, whatever its time", "src/domain/dispute.c",
             "a.at_ms > b.at_ms ? a\n", "false ? a\n", ["c:domain/test_dispute_permutations"]),
    Mutation("a payment with one open and one lost dispute is lost", "src/domain/dispute.c",
             "        if (status == DISPUTE_OPEN)\n            return DISPUTE_OPEN;\n",
             "        if (status == DISPUTE_OPEN && count == 1)\n            return DISPUTE_OPEN;\n",
             ["c:domain/test_dispute"]),

    # --- The pools -------------------------------------------------------------------------------
    Mutation("begin requests that waited too long", "src/infrastructure/api/api.c",
             "age_ms <= queue_limit_ms)", "age_ms <= queue_limit_ms || true)", ["e2e:test_bulkheads.py"]),
    Mutation("reload whatever the check says", "src/infrastructure/fastcgi/master.c",
             "WIFEXITED(status) && WEXITSTATUS(status) == 0 && master->stop_at_ms == 0)",
             "master->stop_at_ms == 0)", ["e2e:test_deploys.py::refused"]),
    Mutation("end the former workers in the middle of their requests", "src/infrastructure/fastcgi/master.c",
             "elders_signal(&master->elders, patient ? SIGTERM", "elders_signal(&master->elders, false ? SIGTERM",
             ["e2e:test_deploys.py::rolling_deploys"]),
]
