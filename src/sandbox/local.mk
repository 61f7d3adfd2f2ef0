# An offline Stripe and Paystack: independent of payapi's own libraries, since it is the oracle of
# their tests.
noinst_LIBRARIES += libsandbox.a
libsandbox_a_CPPFLAGS = $(AM_CPPFLAGS) $(MICROHTTPD_CFLAGS) $(JANSSON_CFLAGS) $(CURL_CFLAGS) \
    $(CRYPTO_CFLAGS)
libsandbox_a_SOURCES = \
    %D%/play.c %D%/play.h %D%/sandbox.c %D%/sandbox.h %D%/state_file.c %D%/state_file.h \
    %D%/control/control.c %D%/control/control.h %D%/control/control_call.h \
    %D%/control/control_routes.c %D%/control/control_routes.h %D%/control/foreign_control.c \
    %D%/control/foreign_control.h %D%/control/guide.c %D%/control/guide.h \
    %D%/control/ledger_control.c %D%/control/ledger_control.h %D%/control/paystack_control.c \
    %D%/control/paystack_control.h %D%/control/paystack_dispute_control.c \
    %D%/control/paystack_ledger.c %D%/control/paystack_settings.c %D%/control/request_log.c \
    %D%/control/request_log.h %D%/control/stripe_control.c %D%/control/stripe_control.h \
    %D%/control/stripe_dispute_control.c %D%/control/stripe_ledger.c %D%/control/unkind.c \
    %D%/control/unkind.h %D%/control/webhook_control.c %D%/control/webhook_control.h \
    %D%/control/world.h %D%/control/world_control.c %D%/control/world_control.h \
    %D%/faults/fault_effects.c %D%/faults/fault_effects.h %D%/faults/fault_read.c \
    %D%/faults/fault_read.h %D%/faults/faults.c %D%/faults/faults.h %D%/faults/foreign_metadata.c \
    %D%/faults/foreign_metadata.h %D%/faults/late.c %D%/faults/late.h %D%/faults/moods.c \
    %D%/faults/moods.h \
    %D%/http/distort.c %D%/http/distort.h %D%/http/fault_plan.h %D%/http/http.c %D%/http/http.h \
    %D%/http/http_server.c %D%/http/http_server.h %D%/http/http_wire.c %D%/http/http_wire.h \
    %D%/http/idempotency_keys.c %D%/http/idempotency_keys.h %D%/http/params.c %D%/http/params.h \
    %D%/http/pay_html.c %D%/http/pay_html.h %D%/http/pay_page.c %D%/http/pay_page.h \
    %D%/http/provider_paths.c %D%/http/provider_paths.h %D%/http/url_form.c %D%/http/url_form.h \
    %D%/kit/alloc.c %D%/kit/alloc.h %D%/kit/collection.c %D%/kit/collection.h %D%/kit/heap.c \
    %D%/kit/heap.h %D%/kit/sandbox_clock.c %D%/kit/sandbox_clock.h %D%/kit/sha256.c \
    %D%/kit/sha256.h %D%/kit/state.c %D%/kit/state.h %D%/kit/strbuf.c %D%/kit/strbuf.h \
    %D%/kit/table.c %D%/kit/table.h %D%/kit/utf8.c %D%/kit/utf8.h \
    %D%/paystack/paystack.c %D%/paystack/paystack.h %D%/paystack/paystack_api.c \
    %D%/paystack/paystack_api.h %D%/paystack/paystack_call.c %D%/paystack/paystack_call.h \
    %D%/paystack/paystack_currency.c %D%/paystack/paystack_currency.h \
    %D%/paystack/paystack_dispute_calls.c %D%/paystack/paystack_dispute_calls.h \
    %D%/paystack/paystack_dispute_render.c %D%/paystack/paystack_disputes.c \
    %D%/paystack/paystack_disputes.h %D%/paystack/paystack_events.c %D%/paystack/paystack_events.h \
    %D%/paystack/paystack_list.c %D%/paystack/paystack_list.h %D%/paystack/paystack_moods.c \
    %D%/paystack/paystack_moods.h %D%/paystack/paystack_names.c %D%/paystack/paystack_params.c \
    %D%/paystack/paystack_params.h %D%/paystack/paystack_pay_html.c \
    %D%/paystack/paystack_pay_html.h %D%/paystack/paystack_pay_page.c \
    %D%/paystack/paystack_pay_page.h %D%/paystack/paystack_payments.c \
    %D%/paystack/paystack_payments.h %D%/paystack/paystack_refunds.c \
    %D%/paystack/paystack_refunds.h %D%/paystack/paystack_render.c %D%/paystack/paystack_render.h \
    %D%/paystack/paystack_signature.c %D%/paystack/paystack_signature.h \
    %D%/paystack/paystack_spoil.c %D%/paystack/paystack_spoil.h %D%/paystack/paystack_state.c \
    %D%/paystack/paystack_state.h %D%/paystack/paystack_transactions.c \
    %D%/paystack/paystack_transactions.h \
    %D%/stripe/stripe.c %D%/stripe/stripe.h %D%/stripe/stripe_api.c %D%/stripe/stripe_api.h \
    %D%/stripe/stripe_auth.c %D%/stripe/stripe_auth.h %D%/stripe/stripe_balance.c \
    %D%/stripe/stripe_balance.h %D%/stripe/stripe_call.c %D%/stripe/stripe_call.h \
    %D%/stripe/stripe_checkout.c %D%/stripe/stripe_checkout.h %D%/stripe/stripe_currency.c \
    %D%/stripe/stripe_currency.h %D%/stripe/stripe_disputes.c %D%/stripe/stripe_disputes.h \
    %D%/stripe/stripe_events.c %D%/stripe/stripe_events.h %D%/stripe/stripe_expand.c \
    %D%/stripe/stripe_expand.h %D%/stripe/stripe_intents.c %D%/stripe/stripe_intents.h \
    %D%/stripe/stripe_list.c %D%/stripe/stripe_list.h %D%/stripe/stripe_moods.c \
    %D%/stripe/stripe_moods.h %D%/stripe/stripe_params.c %D%/stripe/stripe_params.h \
    %D%/stripe/stripe_params_dispute.c %D%/stripe/stripe_params_session.c \
    %D%/stripe/stripe_pay_html.c %D%/stripe/stripe_pay_html.h %D%/stripe/stripe_pay_page.c \
    %D%/stripe/stripe_pay_page.h %D%/stripe/stripe_payments.c %D%/stripe/stripe_payments.h \
    %D%/stripe/stripe_refunds.c %D%/stripe/stripe_refunds.h %D%/stripe/stripe_render.c \
    %D%/stripe/stripe_render.h %D%/stripe/stripe_sessions.c %D%/stripe/stripe_sessions.h \
    %D%/stripe/stripe_signature.c %D%/stripe/stripe_signature.h %D%/stripe/stripe_spoil.c \
    %D%/stripe/stripe_spoil.h %D%/stripe/stripe_state.c %D%/stripe/stripe_state.h \
    %D%/webhooks/webhook_lanes.c %D%/webhooks/webhook_lanes.h %D%/webhooks/webhook_sender.c \
    %D%/webhooks/webhook_sender.h %D%/webhooks/webhook_settings.c %D%/webhooks/webhook_settings.h \
    %D%/webhooks/webhooks.c %D%/webhooks/webhooks.h
