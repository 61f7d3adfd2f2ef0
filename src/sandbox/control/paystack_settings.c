/* The settings of the played Paystack: read from JSON and written as JSON. */
#include <string.h>

#include "paystack_control.h"
#include "sandbox/kit/strbuf.h"

/*
 * Writes the names in their given order, separated by single blanks. False when one of them is not
 * a currency of Paystack's.
 */
static bool read_currencies(const json_t *names, char *currencies_out, size_t size_bytes)
{
    struct strbuf   list = { 0 };
    const json_t *name;
    size_t        i;
    bool          is_known = json_is_array(names);

    json_array_foreach(names, i, name) {
        if (!json_is_string(name) ||
            !paystack_currency_is_in(PAYSTACK_CURRENCIES, json_string_value(name)))
            is_known = false;
        else
            strbuf_addf(&list, "%s%s", i == 0 ? "" : " ", json_string_value(name));
    }
    is_known = is_known && list.length_bytes < size_bytes;
    if (is_known)
        copy_bounded(currencies_out, size_bytes, list.bytes == NULL ? "" : list.bytes);
    strbuf_free(&list);
    return is_known;
}

/* Settings that are not named stay as they are. NULL, or what is wrong (static). */
static const char *read_names(const char *refund_status, const char *metadata, const char *domain,
                              const json_t *currencies, struct paystack_settings *settings)
{
    if (refund_status != NULL &&
        !paystack_refund_status_from_name(refund_status, &settings->refund_outcome))
        return "refund_status is pending, processing, processed, failed or needs-attention.";
    if (metadata != NULL &&
        !paystack_metadata_form_from_name(metadata, &settings->metadata_form))
        return "metadata is as_sent, text, empty, zero or null.";
    if (domain != NULL && strcmp(domain, "test") != 0 && strcmp(domain, "live") != 0)
        return "domain is test or live.";
    if (domain != NULL)
        copy_bounded(settings->domain, sizeof settings->domain, domain);
    if (currencies != NULL && !read_currencies(currencies, settings->currencies,
                                               sizeof settings->currencies))
        return "currencies is an array of NGN, USD, GHS, ZAR, KES and XOF.";
    if (settings->refund_fails_after_s < 0)
        return "refund_fails_after_s must be positive.";
    if (settings->missing_status != 404 && settings->missing_status != 400)
        return "missing_status is 404 or 400.";
    if (settings->created_status != 200 && settings->created_status != 201)
        return "created_status is 200 or 201.";
    return NULL;
}

static json_t *describe(const struct paystack_settings *settings)
{
    return json_pack("{s:s, s:s, s:I, s:b, s:b, s:b, s:b, s:b, s:b, s:i, s:i, s:s, s:s}",
        "refund_status", paystack_refund_status_name(settings->refund_outcome),
        "metadata", paystack_metadata_form_name(settings->metadata_form),
        "refund_fails_after_s", (json_int_t) settings->refund_fails_after_s,
        "fees_passed_on", settings->passes_fees_on, "large_ids", settings->has_large_ids,
        "status_as_text", settings->says_status_as_text,
        "message_only", settings->says_only_message, "ids_as_text", settings->says_ids_as_text,
        "charge_failed", settings->sends_charge_failed,
        "missing_status", settings->missing_status,
        "created_status", settings->created_status, "domain", settings->domain,
        "currencies", settings->currencies);
}

void paystack_control_settings(struct control_call *call)
{
    struct paystack         *paystack = call->world->paystack;
    const char              *refund_status = NULL, *metadata = NULL, *domain = NULL, *why;
    const json_t            *currencies = NULL;
    struct paystack_settings changed;
    json_int_t               fails_after_s;

    paystack_lock(paystack);
    changed = paystack->settings;
    fails_after_s = changed.refund_fails_after_s;
    if (control_unpack(call, "{s?s, s?s, s?I, s?b, s?b, s?b, s?b, s?b, s?b, s?i, s?i, s?s, s?o !}",
                       "refund_status", &refund_status, "metadata", &metadata,
                       "refund_fails_after_s", &fails_after_s,
                       "fees_passed_on", &changed.passes_fees_on,
                       "large_ids", &changed.has_large_ids,
                       "status_as_text", &changed.says_status_as_text,
                       "message_only", &changed.says_only_message,
                       "ids_as_text", &changed.says_ids_as_text,
                       "charge_failed", &changed.sends_charge_failed,
                       "missing_status", &changed.missing_status,
                       "created_status", &changed.created_status, "domain", &domain,
                       "currencies", &currencies)) {
        changed.refund_fails_after_s = fails_after_s;
        why = read_names(refund_status, metadata, domain, currencies, &changed);
        if (why != NULL) {
            control_refuse(call, 400, why);
        } else {
            paystack->settings = changed;
            control_answer(call, describe(&changed));
        }
    }
    paystack_unlock(paystack);
}
