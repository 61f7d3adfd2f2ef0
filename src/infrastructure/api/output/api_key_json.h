/* api_key_json.h - an API key as JSON, without the key. */
#ifndef PAYAPI_INFRASTRUCTURE_API_OUTPUT_API_KEY_JSON_H
#define PAYAPI_INFRASTRUCTURE_API_OUTPUT_API_KEY_JSON_H

#include "application/commands.h"
#include "base/json_out.h"

void api_key_json(struct text *text, const struct api_key_record *record);
/* The same with the key itself: the only time that it is shown. */
void api_key_json_with_text(struct text *text, const struct new_api_key *created);

#endif
