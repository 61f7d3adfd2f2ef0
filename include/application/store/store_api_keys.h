/*
 * store_api_keys.h - the keys of back ends (see store.h for queue and wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_API_KEYS_H
#define PAYAPI_APPLICATION_STORE_STORE_API_KEYS_H

#include "application/audit/digest.h"
#include "application/ctx.h"
#include "domain/api_key.h"

#define API_KEY_LIST_MAX 100

/* A key as its owners are shown it. Texts live in the arena. */
struct api_key_record {
    struct api_key key;
    const char    *created_by;          /* as in the audit */
    const char    *revoked_by;          /* "" while it is not revoked */
};

/* By the digest of its text. */
const struct problem *store_api_key_find(struct ctx *ctx, struct digest digest,
                                         struct api_key *key_out, bool *found_out);     /* wait */

/* Made by ctx->actor. */
void store_api_key_insert(struct ctx *ctx, const struct api_key *key, struct digest digest);
                                                                                /* queue */
/* Locks it. */
const struct problem *store_api_key_lock(struct ctx *ctx, struct api_key_id id,
                                         struct api_key_record *record_out, bool *found_out);
                                                                                /* wait */
/* By ctx->actor, now. It must be locked and not revoked. */
void store_api_key_revoke(struct ctx *ctx, struct api_key_id id);               /* queue */

/* A good request was made with it in this minute. Does nothing while another worker notes it. */
const struct problem *store_api_key_note_use(struct ctx *ctx, struct api_key_id id);    /* wait */

struct api_key_query {
    int         limit;                  /* 1 .. API_KEY_LIST_MAX */
    const char *after_id;               /* strictly older than this id; NULL: the newest */
};

struct api_key_page {
    struct api_key_record *records;     /* newest first */
    int                    count;
    bool                   more;
};
const struct problem *store_api_keys_list(struct ctx *ctx, const struct api_key_query *query,
                                          struct api_key_page *page_out);       /* wait */

#endif
