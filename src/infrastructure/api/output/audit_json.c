/* Audit rows, checkpoints and reports as JSON. */
#include "audit_json.h"

#include <inttypes.h>

#include "base/hex.h"
#include "base/json_out.h"
#include "base/rfc3339.h"

static void json_out_hex(struct text *text, const char *name, const unsigned char *bytes,
                         size_t size)
{
    json_out_text(text, name, hex_text(text->arena, bytes, size));
}

/* With microseconds, as sealed: RFC 3339 allows any number of decimals. */
static const char *time_us(struct arena *arena, int64_t at_us)
{
    const char *milliseconds = rfc3339_text(arena, at_us / 1000);

    return arena_printf(arena, "%.*s%03dZ", (int) strlen(milliseconds) - 1, milliseconds,
                        (int) (at_us % 1000));
}

void audit_entry_members(struct text *text, const struct audit_entry *entry)
{
    json_out_i64(text, "id", entry->id);
    json_out_text(text, "at", time_us(text->arena, entry->at_us));
    json_out_text(text, "actor", entry->actor);
    json_out_text(text, "action", entry->action);
    json_out_optional(text, "orderId", entry->order_id);
    json_out_optional(text, "paymentId", entry->payment_id);
    if (entry->seq > 0)
        json_out_i64(text, "seq", entry->seq);
    else
        json_out_null(text, "seq");
    json_out_raw(text, "body", entry->body);
    json_out_text(text, "traceId", entry->trace_id);
    json_out_optional(text, "eventId", entry->event_id);
    json_out_optional(text, "eventType", entry->event_type);
}

static void write_place(struct text *text, const char *name, struct audit_place place)
{
    json_out_object(text, name);
    json_out_i64(text, "xid", place.xid);
    json_out_i64(text, "id", place.id);
    json_out_object_end(text);
}

/* Written as text, because many JSON readers cannot hold 64 bits. */
static void write_system_id(struct text *text, int64_t system_id)
{
    json_out_text(text, "systemId", arena_printf(text->arena, "%" PRId64, system_id));
}

void audit_checkpoint_members(struct text *text, const struct audit_checkpoint *checkpoint)
{
    json_out_i64(text, "checkpoint", checkpoint->number);
    json_out_i64(text, "form", checkpoint->form);
    json_out_time(text, "madeAt", checkpoint->made_at_ms);
    json_out_i64(text, "epoch", checkpoint->epoch);
    write_system_id(text, checkpoint->system_id);
    json_out_i64(text, "floorId", checkpoint->floor_id);
    write_place(text, "from", checkpoint->from);
    write_place(text, "to", checkpoint->to);
    json_out_i64(text, "lastId", checkpoint->last_id);
    json_out_i64(text, "rows", checkpoint->row_count);
    json_out_text(text, "note", checkpoint->note);
    json_out_hex(text, "root", checkpoint->root.bytes, DIGEST_BYTES);
    json_out_hex(text, "prev", checkpoint->prev.bytes, DIGEST_BYTES);
    json_out_hex(text, "hash", checkpoint->hash.bytes, DIGEST_BYTES);
    json_out_hex(text, "signature", checkpoint->signature.bytes, SIGNATURE_BYTES);
}

static void write_finding(struct text *text, const struct audit_finding *finding)
{
    bool about_payment = finding->payment_id[0] != '\0';

    json_out_object(text, NULL);
    json_out_text(text, "kind", finding->kind);
    json_out_optional(text, "paymentId", finding->payment_id);
    json_out_i64(text, about_payment ? "seq" : "checkpoint", finding->number);
    json_out_object_end(text);
}

void audit_report_json(struct text *text, const struct audit_report *report)
{
    json_out_object(text, NULL);
    json_out_bool(text, "ok", report->finding_count == 0);
    json_out_i64(text, "rows", report->rows);
    json_out_i64(text, "payments", report->payments);
    json_out_i64(text, "checkpoints", report->checkpoints);
    json_out_i64(text, "epoch", report->epoch);
    json_out_i64(text, "acceptedLosses", report->accepted_losses);
    json_out_i64(text, "unsealedRows", report->unsealed_rows);
    json_out_array(text, "findings");
    for (int i = 0; i < report->finding_count; i++)
        write_finding(text, &report->findings[i]);
    json_out_array_end(text);
    json_out_bool(text, "moreFindings", report->more_findings);
    json_out_object_end(text);
}
