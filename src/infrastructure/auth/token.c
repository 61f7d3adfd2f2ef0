/* Reads a token, and checks everything about it but its signature. */
#include "infrastructure/auth/token.h"

#include <assert.h>
#include <jwt.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "infrastructure/auth/base64url.h"
#include "infrastructure/auth/numeric_date.h"
#include "infrastructure/auth/token_signature.h"
#include "infrastructure/json_numbers.h"
#include "infrastructure/json_parse.h"

/* A parsed token. Header and claims come from our own parsing of its bytes. */
struct token {
    struct signed_token whole;
    json_t             *header;
    json_t             *claims;         /* a number is an index into: */
    struct json_numbers numbers;
};

static const struct problem *refuse(struct ctx *ctx, const char *detail, const char *cause)
{
    return problem_because(ctx->arena, problem_new(ctx->arena, PROBLEM_UNAUTHORIZED, "%s", detail),
                           "%s", cause);
}

static const struct problem *invalid(struct ctx *ctx, const char *cause)
{
    return refuse(ctx, "The bearer token is not valid.", cause);
}

/* --- From the header to three parts -------------------------------------------------------- */

bool token_is_present(const char *authorization)
{
    return strncasecmp(authorization, "Bearer ", 7) == 0;
}

const char *token_text(const char *authorization)
{
    return authorization + 7 + strspn(authorization + 7, " ");
}

/* One part as a JSON object; NULL when it is anything else, duplicate members included. */
static json_t *read_header(struct arena *arena, struct bytes part)
{
    struct bytes text;

    return base64url_decode(arena, part, &text) ? json_parse_object(arena, text) : NULL;
}

/* Likewise, with its numbers as text: times may have fractions. */
static json_t *read_claims(struct arena *arena, struct bytes part, struct json_numbers *numbers_out)
{
    struct bytes text;
    struct text without;

    if (!base64url_decode(arena, part, &text) ||
        json_numbers_extract(arena, text, &without, numbers_out) != JSON_SCAN_OK)
        return NULL;
    return json_parse_object(arena, text_bytes(&without));
}

static bool split(const char *text, struct bytes parts[static 3])
{
    for (int i = 0; i < 3; i++) {
        size_t size = strcspn(text, ".");

        parts[i] = (struct bytes) { text, size };
        if (size == 0 || (text[size] == '.') != (i < 2))
            return false;
        text += size + 1;
    }
    return true;
}

static bool take_apart(struct arena *arena, const char *text, struct token *token_out)
{
    struct bytes parts[3], signature;

    if (!split(text, parts) || !base64url_decode(arena, parts[2], &signature))
        return false;
    token_out->header = read_header(arena, parts[0]);
    token_out->claims = read_claims(arena, parts[1], &token_out->numbers);
    token_out->whole = (struct signed_token) {
        .content = { text, parts[0].size + 1 + parts[1].size },
        .signature = signature,
        .kid = json_string_value(json_object_get(token_out->header, "kid")),
    };
    return token_out->header != NULL && token_out->claims != NULL;
}

/* --- What the header may say --------------------------------------------------------------- */

static bool is_text(const json_t *json, const char *text)
{
    return json_is_string(json) && strcmp(json_string_value(json), text) == 0;
}

/* at+jwt is an access token (RFC 9068), whose issuer has a key pair. */
static bool type_fits(const json_t *type, enum token_algorithm algorithm)
{
    return type == NULL || is_text(type, "JWT") ||
           (algorithm != TOKEN_HS256 && is_text(type, "at+jwt"));
}

/* kid matters only where it chooses the key. */
static bool kid_fits(const json_t *kid, enum token_algorithm algorithm)
{
    return kid == NULL || json_is_string(kid) || algorithm == TOKEN_HS256;
}

static const char *fault_of_header(const json_t *header, enum token_algorithm algorithm)
{
    if (!is_text(json_object_get(header, "alg"), token_algorithm_name(algorithm)))
        return "another algorithm";
    if (!type_fits(json_object_get(header, "typ"), algorithm))
        return "another type of token";
    if (json_object_get(header, "crit") != NULL)
        return "a critical extension";
    if (!kid_fits(json_object_get(header, "kid"), algorithm))
        return "a kid that is not a text";
    return NULL;
}

/* --- What the claims must say -------------------------------------------------------------- */

static bool audience_fits(const json_t *audience, const char *wanted)
{
    size_t index;
    json_t *item;

    if (*wanted == '\0' || is_text(audience, wanted))
        return true;
    json_array_foreach(audience, index, item)
        if (is_text(item, wanted))
            return true;
    return false;
}

static bool subject_fits(const char *text)
{
    if (text == NULL || *text == '\0' || strlen(text) > TOKEN_SUBJECT_MAX)
        return false;
    for (; *text != '\0'; text++)
        if ((unsigned char) *text < ' ' || *text == 0x7f)
            return false;
    return true;
}

/* A claim as a time. False when it is missing, not a number, or out of range. */
static bool read_time(const struct token *token, const char *name, int64_t *seconds_out)
{
    const json_t *number = json_object_get(token->claims, name);

    return json_is_integer(number) &&
           numeric_date_parse(token->numbers.raw[json_integer_value(number)], seconds_out);
}

/* Judges the lifetime that the token itself states; check_time adds our clock's view of it. */
static bool lives_too_long(const struct token *token, const struct token_rules *rules)
{
    int64_t begin_s, end_s, life_s;

    if (rules->lifetime_max_s == 0)
        return false;
    return !read_time(token, "iat", &begin_s) || !read_time(token, "exp", &end_s)
        || __builtin_sub_overflow(end_s, begin_s, &life_s) || life_s > rules->lifetime_max_s;
}

static const char *fault_of_claims(const struct token *token, const struct token_rules *rules)
{
    const json_t *claims = token->claims;
    int64_t seconds;

    if (!read_time(token, "exp", &seconds))
        return "exp is missing or not a time";
    if (lives_too_long(token, rules))
        return "longer between iat and exp than JWT_MAX_LIFETIME_S, or without iat";
    if (json_object_get(claims, "nbf") != NULL && !read_time(token, "nbf", &seconds))
        return "nbf is not a time";
    if (*rules->issuer != '\0' && !is_text(json_object_get(claims, "iss"), rules->issuer))
        return "another issuer";
    if (!audience_fits(json_object_get(claims, "aud"), rules->audience))
        return "another audience";
    if (!subject_fits(json_string_value(json_object_get(claims, "sub"))))
        return "sub is missing or unusable";
    return NULL;
}

/* --- Role ---------------------------------------------------------------------------------- */

static enum role higher(enum role a, enum role b)
{
    return a > b ? a : b;
}

static enum role role_of(const json_t *name)
{
    return is_text(name, "admin") ? ROLE_ADMIN
        : is_text(name, "shop") ? ROLE_SHOP
        : is_text(name, "user") ? ROLE_USER
        : ROLE_NONE;
}

/* "role" is one name, "roles" a list of them; the highest counts, unknown names do not. */
static enum role role_of_claims(const json_t *claims)
{
    enum role role = role_of(json_object_get(claims, "role"));
    size_t index;
    json_t *name;

    json_array_foreach(json_object_get(claims, "roles"), index, name)
        role = higher(role, role_of(name));
    return role;
}

/* --- All together -------------------------------------------------------------------------- */

static const char *fault_of(struct ctx *ctx, const struct token_rules *rules,
                            const struct token *token)
{
    const char *fault = fault_of_header(token->header, rules->key.algorithm);

    if (fault == NULL)
        fault = token_signature_fault(ctx->arena, &rules->key, &token->whole);
    if (fault == NULL)
        fault = fault_of_claims(token, rules);
    return fault;
}

/* For a token without fault: its times can be read, and its subject fits. */
static struct known_token told_by(const struct token *token)
{
    struct known_token known = { .role = role_of_claims(token->claims), .ends_s = INT64_MIN };

    if (!read_time(token, "nbf", &known.begins_s))
        known.begins_s = INT64_MIN;
    (void) read_time(token, "exp", &known.ends_s);
    snprintf(known.subject, sizeof(known.subject), "%s",
             json_string_value(json_object_get(token->claims, "sub")));
    return known;
}

static const struct problem *check(struct ctx *ctx, const struct token_rules *rules,
                                   const char *text, struct known_token *known_out)
{
    struct token token = { 0 };
    const char *fault;

    if (!take_apart(ctx->arena, text, &token))
        return invalid(ctx, "not three parts of base64url with JSON objects in front");
    fault = fault_of(ctx, rules, &token);
    if (fault != NULL)
        return invalid(ctx, fault);
    *known_out = told_by(&token);
    return OK;
}

static const struct problem *check_unless_known(struct ctx *ctx, const struct token_rules *rules,
                                                struct bytes text, struct known_token *known_out)
{
    struct digest digest;

    if (rules->memory == NULL)
        return check(ctx, rules, text.data, known_out);
    digest = digest_of(&text, 1);
    if (token_memory_find(rules->memory, digest, known_out))
        return OK;
    TRY(check(ctx, rules, text.data, known_out));
    token_memory_keep(rules->memory, digest, known_out);
    return OK;
}

static const struct problem *check_time(struct ctx *ctx, const struct token_rules *rules,
                                        const struct known_token *known)
{
    const int64_t now_s = ctx->now_ms / 1000;

    if (known->begins_s > now_s + TOKEN_LEEWAY_S)
        return refuse(ctx, "The bearer token is not valid yet.", "nbf");
    if (known->ends_s <= now_s - TOKEN_LEEWAY_S)
        return refuse(ctx, "The bearer token has expired.", "exp");
    if (rules->lifetime_max_s > 0 && known->ends_s - now_s > rules->lifetime_max_s + TOKEN_LEEWAY_S)
        return refuse(ctx, "The bearer token lives too long.", "iat is in the future");
    return OK;
}

const struct problem *token_verify(struct ctx *ctx, const struct token_rules *rules,
                                   const char *authorization, struct actor *actor_out)
{
    struct known_token known;
    struct bytes text;

    if (!token_is_present(authorization))
        return refuse(ctx, "A bearer token is needed: Authorization: Bearer <token>.", "no token");
    text.data = token_text(authorization);
    text.size = strnlen(text.data, TOKEN_SIZE_MAX + 1);
    if (text.size > TOKEN_SIZE_MAX)
        return invalid(ctx, "longer than any token");
    TRY(check_unless_known(ctx, rules, text, &known));
    TRY(check_time(ctx, rules, &known));
    *actor_out = (struct actor) { known.role, arena_strdup(ctx->arena, known.subject),
                                  ACTOR_CALLER };
    return OK;
}

/* --- Minting ------------------------------------------------------------------------------- */

static void release_jwt(void *jwt)
{
    jwt_free(jwt);
}

static const char *name_of(enum role role)
{
    switch (role) {
    case ROLE_USER:  return "user";
    case ROLE_SHOP:  return "shop";
    case ROLE_ADMIN: return "admin";
    case ROLE_NONE:  return NULL;
    }
    return NULL;
}

static bool fill(jwt_t *jwt, const struct token_rules *rules, const struct token_wish *wish)
{
    const struct bytes key = rules->key.hs256_secret;

    return jwt_set_alg(jwt, JWT_ALG_HS256, (const unsigned char *) key.data, (int) key.size) == 0 &&
           jwt_add_grant(jwt, "sub", wish->subject) == 0 &&
           jwt_add_grant(jwt, "role", name_of(wish->role)) == 0 &&
           jwt_add_grant_int(jwt, "iat", (long) wish->issued_at_s) == 0 &&
           jwt_add_grant_int(jwt, "exp", (long) wish->expires_at_s) == 0 &&
           (*rules->issuer == '\0' || jwt_add_grant(jwt, "iss", rules->issuer) == 0) &&
           (*rules->audience == '\0' || jwt_add_grant(jwt, "aud", rules->audience) == 0);
}

char *token_mint(struct arena *arena, const struct token_rules *rules,
                 const struct token_wish *wish)
{
    jwt_t *jwt = NULL;

    assert(rules->key.algorithm == TOKEN_HS256);
    assert(rules->key.hs256_secret.size >= JWT_SECRET_BYTES_MIN);
    if (name_of(wish->role) == NULL || !subject_fits(wish->subject) || jwt_new(&jwt) != 0)
        return NULL;
    arena_adopt(arena, jwt, release_jwt);
    if (!fill(jwt, rules, wish))
        return NULL;
    return arena_adopt(arena, jwt_encode_str(jwt), free);
}
