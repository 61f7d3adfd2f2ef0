/* key_file.h - a file of public keys: one in PEM, or a JWK Set (RFC 7517). */
#ifndef PAYAPI_INFRASTRUCTURE_AUTH_KEY_FILE_H
#define PAYAPI_INFRASTRUCTURE_AUTH_KEY_FILE_H

#include "infrastructure/auth/public_keys.h"

/* False: *complaint_out says in half a line what is wrong. The keys live as long as the arena. */
MUST_CHECK bool key_file_read(struct arena *arena, enum token_algorithm algorithm,
                              struct bytes file, struct public_keys *keys_out,
                              const char **complaint_out);

#endif
