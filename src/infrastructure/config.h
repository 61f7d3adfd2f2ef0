/*
 * config.h - every setting of every program, read once at the start.
 *
 * A setting comes from the environment, else from the file of NAME=value lines, else from its
 * default; an empty value counts as absent. A secret may be in a file of its own that
 * <NAME>_FILE names. config.c has the one table of settings; etc/payapi.env.example explains them,
 * and tests/style/test_settings.py compares the two. Texts live in the arena that is given, which
 * lives as long as the process. Each secret is kept once: the text it was read from is wiped, and a
 * server does not keep what only migrations need.
 */
#ifndef PAYAPI_INFRASTRUCTURE_CONFIG_H
#define PAYAPI_INFRASTRUCTURE_CONFIG_H

#include "application/provider.h"
#include "base/arena.h"
#include "base/log.h"

#define CONFIG_EXIT_STATUS    78        /* sysexits.h: EX_CONFIG */
#define CONFIG_LIST_MAX       3
#define CONFIG_FILE_BYTES_MAX 65536
#define CONFIG_LINE_MAX       512
#define JWT_SECRET_BYTES_MIN  32
#define AUTHORSHIP_KEY_BYTES_MIN 32
#define WEBHOOK_SIGNING_SECRET_BYTES_MIN 32

/*
 * The program that reads the configuration; it decides which settings may not be missing, and which
 * secrets are kept.
 */
enum config_program {
    CONFIG_FAST     = 1,                /* the pool that takes webhooks and calls no provider */
    CONFIG_JOBS     = 2,
    CONFIG_ADMIN    = 4,
    CONFIG_PROVIDER = 8,                /* the pool that calls providers and takes no webhooks */
    CONFIG_STREAM   = 16,               /* shows payments as they change; needs the database only */
    CONFIG_DELIVER  = 32                /* sends the shop's webhooks */
};

struct config_list {
    const char *items[CONFIG_LIST_MAX];
    int         count;
};

/* What a provider's adapter is made from: its settings in providers.def. */
struct provider_config {
    struct config_list secret_keys;  /* the first signs requests; none: not configured */
    struct config_list webhook_secrets;         /* any may have signed; none where a key signs */
    const char        *base_url;                /* without '/' at the end */
    const char        *api_version;             /* NULL where its API has none to choose */
    int                connect_timeout_ms;      /* PROVIDER_CONNECT_TIMEOUT_MS */
    int                timeout_ms;              /* its own setting, or PROVIDER_TIMEOUT_MS */
};

/* An optional text that is absent is "". */
struct config {
    const char        *database_url;            /* wins over the five below */
    const char        *database_host;
    int                database_port;
    const char        *database_user;
    const char        *database_password;
    const char        *database_name;
    bool               database_user_wins;  /* over the one in database_url, and so the password */
    const char        *database_jobs_user;      /* for sealing; the password only if it differs */
    const char        *database_jobs_password;
    const char        *database_stream_user;    /* of payapi-stream; password as above */
    const char        *database_stream_password;
    const char        *database_deliver_user;   /* of payapi-deliver; password as above */
    const char        *database_deliver_password;
    const char        *database_owner_user;  /* for migrations; the password only if it differs */
    const char        *database_owner_password;
    int                port;                    /* nginx's */
    const char        *public_base_url;         /* without '/' at the end */
    const char        *problem_base_url;        /* with '/' at the end */
    const char        *jwt_algorithm;           /* these three: auth/token_key.h */
    const char        *jwt_secret;
    const char        *jwt_public_key_file;     /* PEM or JWK Set */
    const char        *jwt_issuer;
    const char        *jwt_audience;
    int                jwt_max_lifetime_s;          /* 0: as long as the token says */
    const char        *return_url_origins;          /* separated by blanks; "": any */
    const char        *payment_provider;            /* a provider's name, or "auto": by currency */
    int                provider_breaker_failures;   /* in a minute: its circuit opens; 0 never */
    const char        *provider_health_file;        /* shared by all programs; "": not shared */
    struct provider_config providers[PROVIDERS_MAX];
    struct config_list authorship_keys;         /* the first one makes proofs */
    int                provider_connect_timeout_ms;
    int                provider_timeout_ms;
    const char        *metrics_file;    /* shared by all programs; "": each counts for itself */
    int                checkout_ttl_min;
    int                idempotency_ttl_h;
    int                recovery_first_delay_ms;
    int                events_pull_interval_s;
    int                webhook_body_retention_days;
    const char        *webhook_signing_secret;  /* the shop's webhooks: webhook_secrets.h */
    const char        *webhook_allow_nets;  /* inner networks that webhooks may go to, by blanks */
    int                webhook_delivery_retention_days;
    bool               reconcile;                   /* payapi-jobs compares each finished day */
    const char        *trusted_proxies;             /* nginx's */
    bool               rate_limits;  /* nginx's, and those of webhooks without a valid signature */
    int                request_queue_limit_ms;
    enum log_level     log_level;
    bool               process_confinement;         /* false: for kernels that cannot do it */
    int                streams_max;                 /* open at a time, of all callers */
    int                streams_per_caller;          /* open at a time, of one */
    int                stream_lifetime_s;           /* the longest life of a stream */
    int                stream_linger_s;  /* its life after the payment is paid or closed */
    int                stream_comment_s;  /* how long a stream is silent before a comment */
    const char        *audit_signing_key_file;      /* PEM; seals checkpoints */
    const char        *audit_public_key_file;       /* PEM; only proves them */
    const char        *audit_retired_keys_file;     /* audit_key_file.h */
    const char        *audit_record_file;           /* the last checkpoint; "": kept nowhere else */
};

struct config_report {
    char error[CONFIG_LINE_MAX];        /* why it failed: names the setting */
    char warning[CONFIG_LINE_MAX];      /* "" when there is nothing to say */
};

/* file may be NULL. False: report_out->error says in one line what to change. */
MUST_CHECK bool config_load(struct arena *arena, const char *file, enum config_program program,
                            struct config *config_out, struct config_report *report_out);

/*
 * Makes DATABASE_JOBS_USER the database's user, if it is set. config_load has done so for
 * payapi-jobs.
 */
void config_use_jobs_user(struct config *config);

/*
 * Wipes the secrets of the providers and of authorship. Only after those were made, which keep
 * copies of their own.
 */
void config_forget_providers(struct config *config);
/* Wipes every secret in this process's environment. A successor by exec would lack them. */
void config_forget_environment(void);

/* The settings that the use cases need; borrows the texts of config. */
struct settings config_settings(const struct config *config);

#endif
