#include "infrastructure/audit_key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"

#define RETIRED_MAX 64

/* Signed the checkpoints up to this one, beginning after those of the key retired before it. */
struct retired {
    int64_t   until;
    EVP_PKEY *pair;
};

struct audit_key {
    EVP_PKEY      *pair;
    bool           can_sign;
    struct retired retired[RETIRED_MAX];        /* the oldest first */
    int            retired_count;
};

/* --- Using --------------------------------------------------------------------------------- */

bool audit_key_can_sign(const struct audit_key *key)
{
    return key->can_sign;
}

struct signature audit_key_sign(const struct audit_key *key, struct digest digest)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    struct signature signature;
    size_t size = SIGNATURE_BYTES;

    if (context == NULL || EVP_DigestSignInit(context, NULL, NULL, NULL, key->pair) != 1
        || EVP_DigestSign(context, signature.bytes, &size, digest.bytes, DIGEST_BYTES) != 1)
        abort();                                /* the key was checked when it was loaded */
    EVP_MD_CTX_free(context);
    return signature;
}

/* The key that was in use at that checkpoint. */
static EVP_PKEY *pair_of(const struct audit_key *key, int64_t number)
{
    for (int i = 0; i < key->retired_count; i++)
        if (number <= key->retired[i].until)
            return key->retired[i].pair;
    return key->pair;
}

bool audit_key_verifies(const struct audit_key *key, int64_t number, struct digest digest,
                        const struct signature *signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context != NULL
        && EVP_DigestVerifyInit(context, NULL, NULL, NULL, pair_of(key, number)) == 1
        && EVP_DigestVerify(context, signature->bytes, SIGNATURE_BYTES, digest.bytes,
                            DIGEST_BYTES) == 1;

    EVP_MD_CTX_free(context);
    return good;
}

/* --- Loading ------------------------------------------------------------------------------- */

static bool complain(struct arena *arena, const char **complaint_out, const char *what,
                     const char *path)
{
    *complaint_out = arena_printf(arena, "%s: %s", path, what);
    return false;
}

static void release_key(void *pair)
{
    EVP_PKEY_free(pair);
}

/* No passphrase: there is nobody to ask for one. */
static int no_passphrase(char *buffer, int size, int writing, void *nothing)
{
    (void) buffer;
    (void) size;
    (void) writing;
    (void) nothing;
    return 0;
}

static EVP_PKEY *read_pem(FILE *file, bool secret)
{
    if (secret)
        return PEM_read_PrivateKey(file, NULL, no_passphrase, NULL);
    return PEM_read_PUBKEY(file, NULL, no_passphrase, NULL);
}

static bool load(struct arena *arena, const char *path, bool secret, EVP_PKEY **pair_out,
                 const char **complaint_out)
{
    FILE *file = fopen(path, "re");
    EVP_PKEY *pair;

    if (file == NULL)
        return complain(arena, complaint_out, strerror(errno), path);
    pair = arena_adopt(arena, read_pem(file, secret), release_key);
    fclose(file);
    if (pair == NULL || EVP_PKEY_get_base_id(pair) != EVP_PKEY_ED25519)
        return complain(arena, complaint_out, secret ? "is not an Ed25519 private key in PEM"
                                                     : "is not an Ed25519 public key in PEM", path);
    *pair_out = pair;
    return true;
}

static bool load_both(struct arena *arena, const char *signing_file, const char *public_file,
                      struct audit_key *key, const char **complaint_out)
{
    EVP_PKEY *public_half = NULL;

    key->can_sign = *signing_file != '\0';
    if (key->can_sign && !load(arena, signing_file, true, &key->pair, complaint_out))
        return false;
    if (*public_file != '\0' && !load(arena, public_file, false, &public_half, complaint_out))
        return false;
    if (!key->can_sign)
        key->pair = public_half;
    else if (public_half != NULL && EVP_PKEY_eq(key->pair, public_half) != 1)
        return complain(arena, complaint_out, "does not belong to the signing key", public_file);
    return true;
}

/* --- Retired ones -------------------------------------------------------------------------- */

/* Takes "1234 HEX" and nothing else; the numbers must grow. */
static bool add_retired(struct arena *arena, const char *line, struct audit_key *key)
{
    unsigned char raw[DIGEST_BYTES];            /* an Ed25519 key has as many */
    int64_t last = key->retired_count > 0 ? key->retired[key->retired_count - 1].until : 0;
    size_t digits = strspn(line, "0123456789");
    struct retired retired;

    if (digits == 0 || digits > 18 || line[digits] != ' ' || key->retired_count == RETIRED_MAX
        || !hex_parse(arena_printf(arena, "%.*s", (int) strcspn(line + digits + 1, "\n"),
                                   line + digits + 1), raw, sizeof(raw)))
        return false;
    retired.until = strtoll(line, NULL, 10);
    retired.pair = arena_adopt(arena, EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw,
                                                                  sizeof(raw)), release_key);
    if (retired.until <= last || retired.pair == NULL)
        return false;
    key->retired[key->retired_count++] = retired;
    return true;
}

static bool load_retired(struct arena *arena, const char *path, struct audit_key *key,
                         const char **complaint_out)
{
    FILE *file = fopen(path, "re");
    char line[256];
    bool good = true;

    if (file == NULL)
        return complain(arena, complaint_out, strerror(errno), path);
    while (good && fgets(line, sizeof(line), file) != NULL)
        good = line[0] == '#' || line[0] == '\n' || add_retired(arena, line, key);
    fclose(file);
    return good
           || complain(arena, complaint_out, "a line is not NUMBER KEY, with numbers that grow",
                       path);
}

/* --- All together -------------------------------------------------------------------------- */

bool audit_key_load(struct arena *arena, const struct audit_key_files *files,
                    const struct audit_key **key_out, const char **complaint_out)
{
    struct audit_key *key = arena_alloc(arena, sizeof(*key));

    *key_out = NULL;
    *key = (struct audit_key) { .can_sign = false };
    if (*files->signing == '\0' && *files->public_half == '\0')
        return true;
    if (!load_both(arena, files->signing, files->public_half, key, complaint_out))
        return false;
    if (*files->retired != '\0' && !load_retired(arena, files->retired, key, complaint_out))
        return false;
    *key_out = key;
    return true;
}

const char *audit_key_text(struct arena *arena, const struct audit_key *key)
{
    unsigned char raw[DIGEST_BYTES];
    size_t size = sizeof(raw);

    if (EVP_PKEY_get_raw_public_key(key->pair, raw, &size) != 1)
        abort();                                /* it was checked when it was loaded */
    return hex_text(arena, raw, size);
}

/* --- Making -------------------------------------------------------------------------------- */

static FILE *create_file(const char *path, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

    return fd >= 0 ? fdopen(fd, "w") : NULL;
}

static bool write_half(struct arena *arena, const char *path, EVP_PKEY *pair, bool secret,
                       const char **complaint_out)
{
    FILE *file = create_file(path, secret ? 0600 : 0644);
    bool written;

    if (file == NULL)
        return complain(arena, complaint_out, strerror(errno), path);
    written = secret ? PEM_write_PKCS8PrivateKey(file, pair, NULL, NULL, 0, NULL, NULL) == 1
                     : PEM_write_PUBKEY(file, pair) == 1;
    written = fflush(file) == 0 && fsync(fileno(file)) == 0 && written;
    if (fclose(file) != 0 || !written)
        return complain(arena, complaint_out, "cannot be written", path);
    return true;
}

bool audit_key_create(struct arena *arena, const char *path, const char **complaint_out)
{
    EVP_PKEY *pair = arena_adopt(arena, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), release_key);

    if (pair == NULL)
        return complain(arena, complaint_out, "no key could be made", path);
    return write_half(arena, path, pair, true, complaint_out)
        && write_half(arena, arena_printf(arena, "%s.pub", path), pair, false, complaint_out);
}
