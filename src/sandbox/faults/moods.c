/* The moods with their probabilities, seeds and counts. */
#include "moods.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/kit/alloc.h"

struct moods {
    pthread_mutex_t lock;
    double          probabilities[MOOD_COUNT];
    json_int_t      hits[MOOD_COUNT];
    unsigned short  random[3];
};

static const char *const names[MOOD_COUNT] = {
    [MOOD_OTHER_AMOUNT] = "other_amount", [MOOD_FOREIGN] = "foreign",
    [MOOD_REFUND_FAILS] = "refund_fails", [MOOD_INQUIRY] = "inquiry",
    [MOOD_STUCK] = "stuck", [MOOD_REVERSED] = "reversed",
};

static void seed_random(struct moods *moods, json_int_t seed)
{
    memcpy(moods->random, &(uint64_t) { (uint64_t) seed * 2654435761u + 1 },
           sizeof moods->random);
}

void moods_clear(struct moods *moods)
{
    pthread_mutex_lock(&moods->lock);
    memset(moods->probabilities, 0, sizeof moods->probabilities);
    memset(moods->hits, 0, sizeof moods->hits);
    seed_random(moods, 1);
    pthread_mutex_unlock(&moods->lock);
}

struct moods *moods_new(void)
{
    struct moods *moods = alloc_new(1, sizeof *moods);

    pthread_mutex_init(&moods->lock, NULL);
    moods_clear(moods);
    return moods;
}

void moods_free(struct moods *moods)
{
    pthread_mutex_destroy(&moods->lock);
    free(moods);
}

static bool read_member(const char *name, const json_t *value, double probabilities[MOOD_COUNT])
{
    double probability = json_number_value(value);

    for (size_t i = 0; i < MOOD_COUNT; i++) {
        if (strcmp(names[i], name) != 0)
            continue;
        probabilities[i] = probability;
        return json_is_number(value) && probability >= 0 && probability <= 1;
    }
    return strcmp(name, "seed") == 0 && json_is_integer(value);
}

bool moods_configure(struct moods *moods, const json_t *described, char *why_out,
                     size_t size_bytes)
{
    double        changed[MOOD_COUNT];
    const json_t *seed = json_object_get(described, "seed");
    const char   *name;
    json_t       *value;
    bool          is_right = true;

    pthread_mutex_lock(&moods->lock);
    memcpy(changed, moods->probabilities, sizeof changed);
    json_object_foreach((json_t *) (size_t) described, name, value) {
        if (is_right && !read_member(name, value, changed)) {
            snprintf(why_out, size_bytes, "%.40s is not a mood, or its probability is not 0 to 1.",
                     name);
            is_right = false;
        }
    }
    if (is_right)
        memcpy(moods->probabilities, changed, sizeof changed);
    if (is_right && seed != NULL)
        seed_random(moods, json_integer_value(seed));
    pthread_mutex_unlock(&moods->lock);
    return is_right;
}

json_t *moods_describe(struct moods *moods)
{
    json_t *list = json_array();

    pthread_mutex_lock(&moods->lock);
    for (size_t i = 0; i < MOOD_COUNT; i++)
        json_array_append_new(list, json_pack("{s:s, s:f, s:I}", "mood", names[i], "probability",
                                              moods->probabilities[i], "hits", moods->hits[i]));
    pthread_mutex_unlock(&moods->lock);
    return list;
}

bool moods_strike(struct moods *moods, enum mood mood)
{
    bool strikes;

    pthread_mutex_lock(&moods->lock);
    strikes = moods->probabilities[mood] > 0 &&
              erand48(moods->random) < moods->probabilities[mood];
    moods->hits[mood] += strikes;
    pthread_mutex_unlock(&moods->lock);
    return strikes;
}
