/* webhook_event_json.h - events of the inbox as the API and payapi-admin show them. */
#ifndef PAYAPI_INFRASTRUCTURE_API_OUTPUT_WEBHOOK_EVENT_JSON_H
#define PAYAPI_INFRASTRUCTURE_API_OUTPUT_WEBHOOK_EVENT_JSON_H

#include "application/commands.h"
#include "base/text.h"

void webhook_event_json(struct text *text, const struct webhook_event *event);
/* With its masked body and its attempts. */
void webhook_event_details_json(struct text *text, const struct webhook_event_details *details);
/* What a replay would do. */
void webhook_trial_json(struct text *text, const char *inbox_id, const struct webhook_trial *trial);

/* "applied", "waiting", "ignored" */
const char *webhook_outcome_name(enum webhook_outcome outcome);

#endif
