/* Which files a connection may read: what the sandbox must leave open. */
#include "infrastructure/postgres/store_pg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool has(const char *const *paths, const char *path)
{
    for (; *paths != NULL; paths++)
        if (strcmp(*paths, path) == 0)
            return true;
    return false;
}

static void the_files_are_those_of_url_variables_and_home(void **state)
{
    const struct store_settings settings = {
        .url = "postgresql://u:p@db.example/payments?sslmode=verify-full&sslrootcert=/srv/ca.pem"
               "&sslkey=/srv/key.pem&application_name=/srv/no-file&sslcert=relative.pem",
    };
    struct arena *arena = arena_new();
    const char *const *paths;

    (void) state;
    setenv("HOME", "/srv/home", 1);
    setenv("PGPASSFILE", "/srv/passwords", 1);
    paths = store_settings_files(arena, &settings);
    assert_true(has(paths, "/srv/ca.pem"));
    assert_true(has(paths, "/srv/key.pem"));
    assert_true(has(paths, "/srv/passwords"));
    assert_true(has(paths, "/srv/home/.postgresql"));
    assert_true(has(paths, "/srv/home/.pgpass"));
    assert_false(has(paths, "/srv/no-file"));
    assert_false(has(paths, "relative.pem"));
    arena_free(arena);
}

static void without_url_and_home_there_are_none(void **state)
{
    const struct store_settings settings = { .host = "/run/postgresql" };
    struct arena *arena = arena_new();

    (void) state;
    unsetenv("HOME");
    unsetenv("PGPASSFILE");
    assert_null(*store_settings_files(arena, &settings));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_files_are_those_of_url_variables_and_home),
        cmocka_unit_test(without_url_and_home_there_are_none),
    };

    return cmocka_run_group_tests_name("store_files", tests, NULL, NULL);
}
