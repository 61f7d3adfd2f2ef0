/* Masks a JSON document: member names stay, values that may be personal are hidden. */
#include "application/audit/masking.h"

#include "base/text.h"

#define DEPTH_MAX 32

/* Ids, amounts, states and times in the providers' documents. Everything else may be personal. */
static const char *const harmless[] = {
    "account", "amount", "amount_captured", "amount_received", "amount_refunded", "amount_total",
    "api_version", "cancellation_reason", "captured", "category", "channel", "charge", "code",
    "created", "created_at", "createdAt", "currency", "decline_code", "domain", "due_by", "dueAt",
    "event", "expires_at", "failure_code", "failure_reason", "fee", "fees", "id", "integration",
    "latest_charge", "livemode", "merchant_note", "mode", "net", "object", "order_id", "paid_at",
    "payment_id",
    "payment_intent", "payment_status", "pending_reason", "pending_webhooks", "reason", "reference",
    "refund_amount", "refund_id", "refund_reference", "requested_amount", "resolution", "status",
    "transaction", "transaction_reference", "type",
};

/* What is left to read, and what was written. */
struct masking {
    const char *at;
    const char *end;
    struct text text;
};

static bool mask_value(struct masking *work, bool shown, int depth);

static bool is_harmless(struct bytes name)
{
    for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
        if (bytes_equal(name, bytes_of(harmless[i])))
            return true;
    return false;
}

static void skip_blanks(struct masking *work)
{
    while (work->at < work->end && strchr(" \t\r\n", *work->at) != NULL && *work->at != '\0')
        work->at++;
}

static bool take(struct masking *work, char c)
{
    skip_blanks(work);
    if (work->at == work->end || *work->at != c)
        return false;
    text_append_char(&work->text, c);
    work->at++;
    return true;
}

/* Expects a backslash; moves past the escape. */
static bool read_escape(struct masking *work)
{
    size_t left = (size_t) (work->end - work->at);
    size_t size = left > 1 && work->at[1] == 'u' ? 6 : 2;

    if (left < size || work->at[1] == '\0' || strchr("\"\\/bfnrtu", work->at[1]) == NULL)
        return false;
    for (size_t i = 2; i < size; i++)
        if (work->at[i] == '\0' || strchr("0123456789abcdefABCDEF", work->at[i]) == NULL)
            return false;
    work->at += size;
    return true;
}

/* Reads a string with its quotes, unchanged. */
static bool read_string(struct masking *work, struct bytes *string_out)
{
    const char *begin = work->at++;

    while (work->at < work->end && *work->at != '"') {
        if ((unsigned char) *work->at < ' ')
            return false;
        if (*work->at != '\\')
            work->at++;
        else if (!read_escape(work))
            return false;
    }
    if (work->at >= work->end)
        return false;
    work->at++;
    *string_out = (struct bytes) { begin, (size_t) (work->at - begin) };
    return true;
}

/* The number of digits from there on. */
static size_t digits(struct bytes word, size_t at)
{
    size_t begin = at;

    while (at < word.size && word.data[at] >= '0' && word.data[at] <= '9')
        at++;
    return at - begin;
}

/* RFC 8259 section 6: -0.5e+3, but neither 01 nor .5 nor 1. */
static bool is_number(struct bytes word)
{
    size_t at = word.size > 0 && word.data[0] == '-' ? 1 : 0, whole = digits(word, at);

    if (whole == 0 || (whole > 1 && word.data[at] == '0'))
        return false;
    at += whole;
    if (at < word.size && word.data[at] == '.') {
        size_t fraction = digits(word, at + 1);

        if (fraction == 0)
            return false;
        at += 1 + fraction;
    }
    if (at < word.size && (word.data[at] == 'e' || word.data[at] == 'E')) {
        at += at + 1 < word.size && strchr("+-", word.data[at + 1]) != NULL ? 2 : 1;
        whole = digits(word, at);
        return whole > 0 && at + whole == word.size;
    }
    return at == word.size;
}

static bool is_keyword(struct bytes word)
{
    return bytes_equal(word, bytes_of("true")) || bytes_equal(word, bytes_of("false"))
        || bytes_equal(word, bytes_of("null"));
}

/* A number, or true, false and null, which reveal nothing about anybody. */
static bool mask_word(struct masking *work, bool shown)
{
    const char *begin = work->at;
    struct bytes word;

    while (work->at < work->end
           && strchr("+-.0123456789abcdefghijklmnopqrstuvwxyzE", *work->at) != NULL
           && *work->at != '\0')
        work->at++;
    word = (struct bytes) { begin, (size_t) (work->at - begin) };
    if (!is_keyword(word) && !is_number(word))
        return false;
    if (shown || is_keyword(word))
        text_append_bytes(&work->text, word);
    else
        text_append(&work->text, "\"***\"");
    return true;
}

static bool mask_string(struct masking *work, bool shown)
{
    struct bytes string;

    if (!read_string(work, &string))
        return false;
    text_append_bytes(&work->text, shown ? string : bytes_of("\"***\""));
    return true;
}

static bool mask_member(struct masking *work, int depth)
{
    struct bytes name;

    skip_blanks(work);
    if (work->at == work->end || *work->at != '"' || !read_string(work, &name))
        return false;
    text_append_bytes(&work->text, name);
    return take(work, ':')
           && mask_value(work, is_harmless((struct bytes) { name.data + 1, name.size - 2 }),
                         depth + 1);
}

static bool mask_object(struct masking *work, int depth)
{
    if (take(work, '}'))
        return true;
    do {
        if (!mask_member(work, depth))
            return false;
    } while (take(work, ','));
    return take(work, '}');
}

static bool mask_array(struct masking *work, bool shown, int depth)
{
    if (take(work, ']'))
        return true;
    do {
        if (!mask_value(work, shown, depth + 1))
            return false;
    } while (take(work, ','));
    return take(work, ']');
}

static bool mask_value(struct masking *work, bool shown, int depth)
{
    skip_blanks(work);
    if (work->at == work->end || depth > DEPTH_MAX)
        return false;
    if (take(work, '{'))
        return mask_object(work, depth);
    if (take(work, '['))
        return mask_array(work, shown, depth);
    return *work->at == '"' ? mask_string(work, shown) : mask_word(work, shown);
}

const char *mask_json(struct arena *arena, struct bytes json)
{
    struct masking work = { json.data, json.data + json.size, text_new(arena) };

    if (mask_value(&work, false, 0)) {
        skip_blanks(&work);
        if (work.at == work.end)
            return work.text.data;
    }
    return "\"***\"";
}
