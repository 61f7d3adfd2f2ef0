/* Which files a connection may read, and why libpq rejects a database URL. */
#include "infrastructure/postgres/store_pg.h"

#include <libpq-fe.h>
#include <stdlib.h>

#include "base/arena.h"

/* Options of a connection that name a file or folder. Source: PostgreSQL 15, 34.1.2. */
static const char *const file_options[] = {
    "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslcrldir", "passfile",
};

static const char *const files_in_home[] = { ".postgresql", ".pgpass" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct files {
    struct arena *arena;
    const char   *paths[2 * COUNT(file_options) + COUNT(files_in_home) + 1];
    size_t        count;
};

const char *store_url_complaint(struct arena *arena, const char *url)
{
    char *words = NULL;
    PQconninfoOption *options = PQconninfoParse(url, &words);
    char *complaint = options != NULL ? NULL
                    : arena_strdup(arena, words != NULL ? words : "out of memory");

    if (complaint != NULL)
        complaint[strcspn(complaint, "\n")] = '\0';
    PQconninfoFree(options);
    PQfreemem(words);
    return complaint;
}

static bool names_a_file(const char *option)
{
    for (size_t i = 0; i < COUNT(file_options); i++)
        if (strcmp(option, file_options[i]) == 0)
            return true;
    return false;
}

static void add_options(struct files *files, PQconninfoOption *options)
{
    for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL;
         option++)
        if (option->val != NULL && option->val[0] == '/' && names_a_file(option->keyword))
            files->paths[files->count++] = arena_strdup(files->arena, option->val);
    PQconninfoFree(options);
}

const char *const *store_settings_files(struct arena *arena, const struct store_settings *settings)
{
    struct files *files = arena_alloc(arena, sizeof(*files));
    const char *home = getenv("HOME");

    files->arena = arena;
    add_options(files, PQconndefaults());
    if (settings->url != NULL)
        add_options(files, PQconninfoParse(settings->url, NULL));
    for (size_t i = 0; home != NULL && i < COUNT(files_in_home); i++)
        files->paths[files->count++] = arena_printf(arena, "%s/%s", home, files_in_home[i]);
    return files->paths;
}
