/* Counts in shared memory, and prints what was counted. */
#include "base/metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define LAYOUT        1                 /* of the structures below, not of metrics.def */
#define MAGIC         (UINT64_C(0x7061796d65740000) + LAYOUT)
#define KEY_BYTES     152
#define SERIES_MAX    4096
#define HISTOGRAM_MAX 256
#define HELD_MAX      32

/* OpenTelemetry's advice for durations of HTTP requests, and 30 s for providers. */
static const struct bound {
    int64_t     us;
    const char *text;                   /* in seconds */
} bounds[] = {
    { 5000, "0.005" },    { 10000, "0.01" },   { 25000, "0.025" },  { 50000, "0.05" },
    { 75000, "0.075" },   { 100000, "0.1" },   { 250000, "0.25" },  { 500000, "0.5" },
    { 750000, "0.75" },   { 1000000, "1" },    { 2500000, "2.5" },  { 5000000, "5" },
    { 7500000, "7.5" },   { 10000000, "10" },  { 30000000, "30" },
};
#define BOUNDS (sizeof(bounds) / sizeof(bounds[0]))

enum type { COUNTER, GAUGE, HISTOGRAM };

static const struct description {
    enum type   type;
    const char *name;
    const char *labels;
    const char *help;
} descriptions[METRIC_COUNT] = {
#define METRIC(id, type, name, labels, help) { type, name, labels, help },
#include "base/metrics.def"
};

/* hash: of the key, 0: free. Whoever needs a key that is not written yet writes it: the same. */
struct name {
    _Atomic uint64_t hash;
    _Atomic bool     is_written;
    char             key[KEY_BYTES];    /* metric NUL label="value",... NUL */
};

struct series {
    struct name      name;
    _Atomic uint64_t value;             /* of a gauge: an int64_t */
};

struct histogram {
    struct name      name;
    _Atomic uint64_t sum_us;
    _Atomic uint64_t counts[BOUNDS + 1];        /* the last: above all bounds */
};

struct memory {
    _Atomic uint64_t magic;
    _Atomic uint64_t dropped;           /* counts without a series, because the memory was full */
    struct series    series[SERIES_MAX];
    struct histogram histograms[HISTOGRAM_MAX];
};

static struct memory  own;
static struct memory *memory = &own;

size_t metrics_memory_size(void)
{
    return sizeof(struct memory);
}

bool metrics_use(void *shared)
{
    struct memory *other = shared;
    uint64_t magic = 0;

    if (!atomic_compare_exchange_strong(&other->magic, &magic, MAGIC) && magic != MAGIC)
        return false;
    memory = other;
    return true;
}

bool metrics_find(const char *name, enum metric *metric_out)
{
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++)
        if (strcmp(descriptions[metric].name, name) == 0) {
            *metric_out = metric;
            return true;
        }
    return false;
}

/* --- Names ---------------------------------------------------------------------------------- */

/* FNV-1a; never 0. Keys are few and ours, so two of one hash are not expected. */
static uint64_t hash_of(const char *key, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char) key[i]) * UINT64_C(0x100000001b3);
    return hash != 0 ? hash : 1;
}

struct key {
    char   data[KEY_BYTES];
    size_t size;
};

static void put(struct key *key, char c)
{
    if (key->size < KEY_BYTES - 1)
        key->data[key->size++] = c;
}

static void put_escaped(struct key *key, const char *value)
{
    for (; *value != '\0'; value++) {
        if (*value == '\\' || *value == '"' || *value == '\n')
            put(key, '\\');
        put(key, *value == '\n' ? 'n' : *value);
    }
}

static void put_label(struct key *key, const char *name, size_t size, const char *value)
{
    for (size_t i = 0; i < size; i++)
        put(key, name[i]);
    put(key, '=');
    put(key, '"');
    put_escaped(key, value);
    put(key, '"');
}

/* NAME NUL LABEL="VALUE",... NUL */
static struct key key_of(enum metric metric, const char *const *values)
{
    const char *label = descriptions[metric].labels;
    struct key key = { .size = 0 };

    for (const char *c = descriptions[metric].name; *c != '\0'; c++)
        put(&key, *c);
    put(&key, '\0');
    for (int i = 0; *label != '\0'; i++) {
        size_t size = strcspn(label, " ");

        assert(i < METRICS_LABELS_MAX && values[i] != NULL);
        if (i > 0)
            put(&key, ',');
        put_label(&key, label, size, values[i]);
        label += size + (label[size] == ' ');
    }
    return key;
}

/* True when the name is this key's from now on, or was. */
static bool claim(struct name *name, const struct key *key, uint64_t hash)
{
    uint64_t found = 0;

    if (!atomic_compare_exchange_strong(&name->hash, &found, hash) && found != hash)
        return false;
    if (!atomic_load(&name->is_written)) {
        memcpy(name->key, key->data, key->size);
        atomic_store(&name->is_written, true);
    }
    return true;
}

/* The place of the key among count names, stride bytes apart; NULL: none is free. */
static void *find(void *places, size_t count, size_t stride, const struct key *key)
{
    uint64_t hash = hash_of(key->data, key->size);

    for (size_t i = 0; i < count; i++) {
        void *place = (char *) places + (hash + i) % count * stride;

        if (claim(place, key, hash))
            return place;
    }
    atomic_fetch_add(&memory->dropped, 1);
    return NULL;
}

static struct series *series_of(enum metric metric, const char *const *values)
{
    const struct key key = key_of(metric, values);

    return find(memory->series, SERIES_MAX, sizeof(struct series), &key);
}

/* --- Counting ------------------------------------------------------------------------------- */

static struct {
    bool           on;
    int            count;
    struct series *series[HELD_MAX];
    uint64_t       counts[HELD_MAX];
} held;

static void count(struct series *series, uint64_t more)
{
    atomic_fetch_add_explicit(&series->value, more, memory_order_relaxed);
}

void metrics_add(enum metric metric, uint64_t more, const char *const *values)
{
    struct series *series = series_of(metric, values);

    assert(descriptions[metric].type == COUNTER);
    if (series == NULL)
        return;
    if (!held.on || held.count == HELD_MAX) {
        count(series, more);
        return;
    }
    held.series[held.count] = series;
    held.counts[held.count++] = more;
}

void metrics_set(enum metric metric, int64_t value, const char *const *values)
{
    struct series *series = series_of(metric, values);

    assert(descriptions[metric].type == GAUGE);
    if (series != NULL)
        atomic_store(&series->value, (uint64_t) value);
}

void metrics_observe(enum metric metric, int64_t duration_us, const char *const *values)
{
    const struct key key = key_of(metric, values);
    struct histogram *histogram = find(memory->histograms, HISTOGRAM_MAX,
                                       sizeof(struct histogram), &key);
    size_t bound = 0;

    assert(descriptions[metric].type == HISTOGRAM);
    if (histogram == NULL)
        return;
    while (bound < BOUNDS && duration_us > bounds[bound].us)
        bound++;
    atomic_fetch_add_explicit(&histogram->counts[bound], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->sum_us, duration_us > 0 ? (uint64_t) duration_us : 0,
                              memory_order_relaxed);
}

void metrics_hold(void)
{
    held.on = true;
    held.count = 0;
}

void metrics_tell(void)
{
    for (int i = 0; i < held.count; i++)
        count(held.series[i], held.counts[i]);
    metrics_forget();
}

void metrics_forget(void)
{
    held.on = false;
    held.count = 0;
}

/* --- Printing ------------------------------------------------------------------------------- */

/* The labels of a name of that metric; NULL: it is free, another's, or not written yet. */
static const char *labels_in(const struct name *name, enum metric metric)
{
    const char *metric_name = descriptions[metric].name;

    if (!atomic_load(&name->is_written) || strcmp(name->key, metric_name) != 0)
        return NULL;
    return name->key + strlen(metric_name) + 1;
}

static void print_head(struct text *text, const struct description *description)
{
    static const char *const types[] = { "counter", "gauge", "histogram" };

    text_printf(text, "# HELP %s %s\n# TYPE %s %s\n", description->name, description->help,
                description->name, types[description->type]);
}

static void print_name(struct text *text, const char *name, const char *suffix, const char *labels)
{
    if (*labels == '\0')
        text_printf(text, "%s%s ", name, suffix);
    else
        text_printf(text, "%s%s{%s} ", name, suffix, labels);
}

static void print_sample(struct text *text, const char *name, const char *labels,
                         const struct series *series)
{
    print_name(text, name, "", labels);
    text_printf(text, "%" PRId64 "\n", (int64_t) atomic_load(&series->value));
}

static void print_series(struct text *text, enum metric metric)
{
    for (int i = 0; i < SERIES_MAX; i++) {
        const char *labels = labels_in(&memory->series[i].name, metric);

        if (labels != NULL)
            print_sample(text, descriptions[metric].name, labels, &memory->series[i]);
    }
}

static void print_seconds(struct text *text, uint64_t us)
{
    text_printf(text, "%" PRIu64 ".%06" PRIu64, us / 1000000, us % 1000000);
}

static void print_histogram(struct text *text, const char *name, const char *labels,
                            const struct histogram *histogram)
{
    uint64_t below = 0;

    for (size_t i = 0; i <= BOUNDS; i++) {
        below += atomic_load(&histogram->counts[i]);
        text_printf(text, "%s_bucket{%s%sle=\"", name, labels, *labels != '\0' ? "," : "");
        if (i < BOUNDS)
            text_append(text, bounds[i].text);
        else
            text_append(text, "+Inf");
        text_printf(text, "\"} %" PRIu64 "\n", below);
    }
    print_name(text, name, "_sum", labels);
    print_seconds(text, atomic_load(&histogram->sum_us));
    text_append(text, "\n");
    print_name(text, name, "_count", labels);
    text_printf(text, "%" PRIu64 "\n", below);
}

static void print_histograms(struct text *text, enum metric metric)
{
    for (int i = 0; i < HISTOGRAM_MAX; i++) {
        const char *labels = labels_in(&memory->histograms[i].name, metric);

        if (labels != NULL)
            print_histogram(text, descriptions[metric].name, labels, &memory->histograms[i]);
    }
}

void metrics_print(struct text *text)
{
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        print_head(text, &descriptions[metric]);
        if (descriptions[metric].type == HISTOGRAM)
            print_histograms(text, metric);
        else
            print_series(text, metric);
    }
    text_printf(text, "# HELP payapi_metrics_series_dropped_total Counts that found no room.\n"
                      "# TYPE payapi_metrics_series_dropped_total counter\n"
                      "payapi_metrics_series_dropped_total %" PRIu64 "\n",
                atomic_load(&memory->dropped));
}
