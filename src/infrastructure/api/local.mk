# Requests to commands and queries, results to JSON.
libinfrastructure_a_SOURCES += \
    %D%/endpoints/api_key_endpoints.c %D%/endpoints/get_api_keys.c \
    %D%/endpoints/endpoints.c %D%/endpoints/endpoints.h %D%/endpoints/get_audit.c \
    %D%/endpoints/get_audit_verify.c %D%/endpoints/get_health.c %D%/endpoints/get_orders.c \
    %D%/endpoints/get_payments.c %D%/endpoints/get_reconciliations.c \
    %D%/endpoints/get_transactions.c %D%/endpoints/get_webhook_events.c \
    %D%/endpoints/order_endpoints.c %D%/endpoints/payment_endpoints.c \
    %D%/endpoints/payment_events.c \
    %D%/endpoints/post_payment_refund.c %D%/endpoints/post_payment_review.c \
    %D%/endpoints/post_webhook.c %D%/endpoints/reconciliation_endpoints.c %D%/endpoints/routes.c \
    %D%/endpoints/webhook_event_endpoints.c %D%/endpoints/delivery_endpoints.c \
    %D%/endpoints/get_webhook_endpoints.c %D%/endpoints/webhook_endpoint_endpoints.c \
    %D%/http/accept.c %D%/http/accept.h %D%/http/access.c %D%/http/access.h %D%/http/api.c \
    %D%/http/api.h %D%/http/idempotency_header.c %D%/http/idempotency_header.h %D%/http/response.c \
    %D%/http/response.h %D%/http/router.c %D%/http/router.h \
    %D%/input/card_number.c %D%/input/card_number.h %D%/input/field_forms.c \
    %D%/input/field_forms.h %D%/input/fields.c %D%/input/fields.h %D%/input/fields_money.c \
    %D%/input/json_body.c %D%/input/json_body.h %D%/input/list_params.c %D%/input/list_params.h \
    %D%/input/query.c %D%/input/query.h %D%/input/request.c %D%/input/request.h \
    %D%/output/api_key_json.c %D%/output/api_key_json.h \
    %D%/output/answer_json.c %D%/output/answer_json.h %D%/output/audit_json.c \
    %D%/output/audit_json.h %D%/output/csv.c %D%/output/csv.h %D%/output/problem_json.c \
    %D%/output/reconciliation_json.c %D%/output/reconciliation_json.h \
    %D%/output/reconciliation_stream.c %D%/output/reconciliation_stream.h %D%/output/resources.c \
    %D%/output/transaction_formats.c %D%/output/transaction_formats.h \
    %D%/output/webhook_endpoint_json.c %D%/output/webhook_endpoint_json.h \
    %D%/output/webhook_event_json.c %D%/output/webhook_event_json.h
