/* Counters, gauges and histograms, counted by several processes and printed for Prometheus. */
#include "base/metrics.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PROCESSES 4
#define EACH      10000

static struct arena *arena;

static int use_shared_memory(void **state)
{
    void *memory = mmap(NULL, metrics_memory_size(), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    *state = memory;
    arena = arena_new();
    return memory != MAP_FAILED && metrics_use(memory) ? 0 : -1;
}

static int forget_memory(void **state)
{
    (void) state;                       /* the metrics still point to it */
    arena_free(arena);
    return 0;
}

static const char *printed(void)
{
    struct text text = text_new(arena);

    metrics_print(&text);
    return text_bytes(&text).data;
}

static void assert_line(const char *line)
{
    const char *text = printed();
    const char *found = strstr(text, line);

    if (found == NULL || (found != text && found[-1] != '\n'))
        fail_msg("no line '%s' in:\n%s", line, text);
}

static void counts_each_combination_of_labels(void **state)
{
    (void) state;
    metrics_add(METRIC_HTTP_REQUESTS, 1, METRIC_VALUES("/api/v1/orders", "POST", "201"));
    metrics_add(METRIC_HTTP_REQUESTS, 2, METRIC_VALUES("/api/v1/orders", "POST", "201"));
    metrics_add(METRIC_HTTP_REQUESTS, 1, METRIC_VALUES("/api/v1/orders", "POST", "422"));
    assert_line("payapi_http_requests_total{route=\"/api/v1/orders\",method=\"POST\",code=\"201\"} 3\n");
    assert_line("payapi_http_requests_total{route=\"/api/v1/orders\",method=\"POST\",code=\"422\"} 1\n");
}

static void sets_gauges(void **state)
{
    (void) state;
    metrics_set(METRIC_WORKERS, 7, METRIC_VALUES("fast", "idle"));
    metrics_set(METRIC_WORKERS, 3, METRIC_VALUES("fast", "idle"));
    metrics_set(METRIC_COLLECTED, -5, METRIC_VALUES(""));
    assert_line("payapi_workers{pool=\"fast\",state=\"idle\"} 3\n");
    assert_line("payapi_gauges_collected_timestamp_seconds -5\n");
}

static void buckets_are_cumulative(void **state)
{
    static const int64_t durations_us[] = { 0, 5000, 5001, 99999999 };

    (void) state;
    for (size_t i = 0; i < 4; i++)
        metrics_observe(METRIC_HTTP_SECONDS, durations_us[i], METRIC_VALUES("/health"));
    assert_line("payapi_http_request_duration_seconds_bucket{route=\"/health\",le=\"0.005\"} 2\n");
    assert_line("payapi_http_request_duration_seconds_bucket{route=\"/health\",le=\"0.01\"} 3\n");
    assert_line("payapi_http_request_duration_seconds_bucket{route=\"/health\",le=\"30\"} 3\n");
    assert_line("payapi_http_request_duration_seconds_bucket{route=\"/health\",le=\"+Inf\"} 4\n");
    assert_line("payapi_http_request_duration_seconds_sum{route=\"/health\"} 100.010000\n");
    assert_line("payapi_http_request_duration_seconds_count{route=\"/health\"} 4\n");
}

static void escapes_values(void **state)
{
    (void) state;
    metrics_add(METRIC_LOG_DROPPED, 1, METRIC_VALUES("a\\b\"c\nd"));
    assert_line("payapi_log_lines_dropped_total{program=\"a\\\\b\\\"c\\nd\"} 1\n");
}

static void what_is_held_counts_when_it_is_told(void **state)
{
    (void) state;
    metrics_hold();
    metrics_add(METRIC_MONEY, 100, METRIC_VALUES("USD", "charge"));
    metrics_forget();
    metrics_hold();
    metrics_add(METRIC_MONEY, 30, METRIC_VALUES("USD", "charge"));
    assert_line("payapi_money_minor_total{currency=\"USD\",type=\"charge\"} 0\n");
    metrics_tell();
    metrics_add(METRIC_MONEY, 5, METRIC_VALUES("USD", "charge"));
    assert_line("payapi_money_minor_total{currency=\"USD\",type=\"charge\"} 35\n");
}

static void more_than_the_hold_takes_counts_at_once(void **state)
{
    (void) state;
    metrics_hold();
    for (int i = 0; i < 100; i++)
        metrics_add(METRIC_MONEY, 1, METRIC_VALUES("EUR", "refund"));
    metrics_tell();
    assert_line("payapi_money_minor_total{currency=\"EUR\",type=\"refund\"} 100\n");
}

/* The children die by a signal, so nothing that they would do at their end helps. */
static void count_and_die(void)
{
    for (int i = 0; i < EACH; i++)
        metrics_add(METRIC_TRANSACTIONS, 1, METRIC_VALUES(i % 2 == 0 ? "committed" : "repeated"));
    raise(SIGKILL);
}

static void counts_of_dead_processes_stay(void **state)
{
    int status;

    (void) state;
    for (int i = 0; i < PROCESSES; i++)
        if (fork() == 0)
            count_and_die();
    for (int i = 0; i < PROCESSES; i++)
        assert_true(wait(&status) > 0 && WIFSIGNALED(status));
    assert_line("payapi_database_transactions_total{result=\"committed\"} 20000\n");
    assert_line("payapi_database_transactions_total{result=\"repeated\"} 20000\n");
}

static void a_full_memory_says_so(void **state)
{
    char value[32];

    (void) state;
    for (int i = 0; i < 5000; i++) {
        snprintf(value, sizeof(value), "p%d", i);
        metrics_add(METRIC_LOG_DROPPED, 1, METRIC_VALUES(value));
    }
    assert_line("payapi_log_lines_dropped_total{program=\"p0\"} 1\n");
    assert_line("payapi_metrics_series_dropped_total 904\n");
    metrics_add(METRIC_LOG_DROPPED, 1, METRIC_VALUES("p0"));
    assert_line("payapi_log_lines_dropped_total{program=\"p0\"} 2\n");
}

static void memory_of_another_layout_is_left_alone(void **state)
{
    uint64_t *other = calloc(1, metrics_memory_size());

    (void) state;
    other[0] = 42;
    assert_false(metrics_use(other));
    metrics_add(METRIC_LOG_DROPPED, 1, METRIC_VALUES("here"));
    assert_line("payapi_log_lines_dropped_total{program=\"here\"} 1\n");
    assert_int_equal(other[0], 42);
    free(other);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, use_shared_memory, forget_memory)
    const struct CMUnitTest tests[] = {
        TEST(counts_each_combination_of_labels),
        TEST(sets_gauges),
        TEST(buckets_are_cumulative),
        TEST(escapes_values),
        TEST(what_is_held_counts_when_it_is_told),
        TEST(more_than_the_hold_takes_counts_at_once),
        TEST(counts_of_dead_processes_stay),
        TEST(a_full_memory_says_so),
        TEST(memory_of_another_layout_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
