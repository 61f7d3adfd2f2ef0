/*
 * audit_key_file.h - the key pair of audit_key.h in PEM files: PKCS #8 and SubjectPublicKeyInfo
 * (RFC 8410), as openssl genpkey -algorithm ed25519 writes them.
 */
#ifndef PAYAPI_INFRASTRUCTURE_AUDIT_KEY_FILE_H
#define PAYAPI_INFRASTRUCTURE_AUDIT_KEY_FILE_H

#include "application/audit/audit_key.h"

/* Paths; "" is none. */
struct audit_key_files {
    const char *signing;
    const char *public_half;
    const char *retired;  /* lines of "NUMBER KEY": its last checkpoint, its audit_key_text */
};

/*
 * From the signing key's file, else from the public key's; a signing key includes its public half,
 * and when both are given they must belong together. Without either *key_out is NULL. False:
 * *complaint_out says in one line what is wrong. Lives as long as the arena.
 */
MUST_CHECK bool audit_key_load(struct arena *arena, const struct audit_key_files *files,
                               const struct audit_key **key_out, const char **complaint_out);

/* The public half as 64 hex digits. */
const char *audit_key_text(struct arena *arena, const struct audit_key *key);

/* A new key pair: path (mode 0600) and path.pub; neither may exist. */
MUST_CHECK bool audit_key_create(struct arena *arena, const char *path,
                                 const char **complaint_out);

#endif
