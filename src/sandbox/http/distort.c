/* Marks places in a JSON document, and turns the marks into odd texts. */
#include "distort.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/kit/strbuf.h"

/* U+10FFFC and U+10FFFD, of the last private plane. */
#define MARK_NUL       "\xf4\x8f\xbf\xbc"
#define MARK_SURROGATE "\xf4\x8f\xbf\xbd"

static const struct { const char *mark, *escape; } marks[] = {
    { MARK_NUL, "\\u0000" },
    { MARK_SURROGATE, "\\ud83d" },
};

#define MARK_COUNT (sizeof marks / sizeof marks[0])

/* RIGHT-TO-LEFT OVERRIDE before Arabic; an emoji of two parts; the last character of the BMP. */
#define RTL   "\xe2\x80\xae\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7"
#define EMOJI "\xf0\x9f\x98\x80\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb\xef\xbf\xbf"

static const struct { const char *name, *text; } texts[] = {
    { "all", "A" MARK_NUL "B" MARK_SURROGATE "C" RTL " " EMOJI "'\"\\<>" },
    { "nul", "A" MARK_NUL "B" },
    { "surrogate", "A" MARK_SURROGATE "B" },
    { "rtl", "A" RTL },
    { "emoji", "A" EMOJI },
};

#define TEXT_COUNT (sizeof texts / sizeof texts[0])

/* Members that people and banks write, and that no program interprets. */
static const char *const free_texts[] = {
    "account_name", "bank", "customer_note", "description", "failure_message", "first_name",
    "gateway_response", "last_name", "message", "name", "note", "phone", "refunded_by",
    "seller_message",
};

#define METADATA_MEMBER "remark"

static size_t row_of(const char *which)
{
    size_t row = 0;

    while (row < TEXT_COUNT && strcmp(texts[row].name, which[0] == '\0' ? "all" : which) != 0)
        row++;
    return row;
}

bool distort_text_is_known(const char *which)
{
    return row_of(which) < TEXT_COUNT;
}

static bool is_free_text(const char *name)
{
    for (size_t i = 0; i < sizeof free_texts / sizeof free_texts[0]; i++)
        if (strcmp(free_texts[i], name) == 0)
            return true;
    return false;
}

static void put_text(json_t *value, const char *text)
{
    const char *name;
    json_t     *member;
    void       *next;
    size_t      i;

    json_array_foreach(value, i, member)
        put_text(member, text);
    json_object_foreach_safe(value, next, name, member) {
        bool is_metadata = strcmp(name, "metadata") == 0;

        if (is_metadata && json_is_object(member))
            json_object_set_new(member, METADATA_MEMBER, json_string(text));
        else if (is_free_text(name) && (json_is_string(member) || json_is_null(member)))
            json_object_set_new(value, name, json_string(text));
        else
            put_text(member, text);
    }
}

void distort_texts(json_t *value, const char *which)
{
    put_text(value, texts[row_of(which)].text);
}

void distort_nulls(json_t *value, const char *const *names)
{
    const char *name;
    json_t     *member;
    size_t      i;

    json_array_foreach(value, i, member)
        distort_nulls(member, names);
    for (i = 0; json_is_object(value) && names[i] != NULL; i++)
        if (json_object_get(value, names[i]) != NULL)
            json_object_set_new(value, names[i], json_null());
    json_object_foreach(value, name, member)
        distort_nulls(member, names);
}

/* The mark that begins here; MARK_COUNT when none does. */
static size_t mark_at(const char *at)
{
    size_t mark = 0;

    while (mark < MARK_COUNT && strncmp(at, marks[mark].mark, strlen(marks[mark].mark)) != 0)
        mark++;
    return mark;
}

char *distort_expand(char *json)
{
    struct strbuf out = { 0 };
    const char *rest = json, *at;

    for (at = json; (at = strchr(at, MARK_NUL[0])) != NULL; at++) {
        size_t mark = mark_at(at);

        if (mark == MARK_COUNT)
            continue;
        strbuf_add_bytes(&out, rest, (size_t) (at - rest));
        strbuf_add(&out, marks[mark].escape);
        rest = at + strlen(marks[mark].mark);
    }
    if (rest == json)
        return json;
    strbuf_add(&out, rest);
    free(json);
    return strbuf_take(&out);
}
