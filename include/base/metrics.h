/*
 * metrics.h - counters, gauges and histograms, in memory that the processes of a machine share.
 *
 * The rows of metrics.def say which there are. A series is one metric with one value of each label;
 * it comes to be when it is first counted, and stays: what a process counted outlives it. All
 * processes count in the same place, with atomic operations and without locks, so a process that
 * dies in the middle harms nobody. Until metrics_use is called a process counts for itself.
 *
 * Values of labels must come from tables of ours: their number bounds the memory. When it is full,
 * new series are not counted, and payapi_metrics_series_dropped_total says so.
 */
#ifndef PAYAPI_BASE_METRICS_H
#define PAYAPI_BASE_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define METRICS_LABELS_MAX 3

enum metric {
#define METRIC(id, ...) METRIC_##id,
#include "base/metrics.def"
    METRIC_COUNT
};

/* Bytes that metrics_use needs. */
size_t metrics_memory_size(void);
/*
 * From now on counts there; of the same layout, or all zero. False: it has another layout, of
 * another version; then nothing changes. What was counted before is not moved.
 */
bool metrics_use(void *memory);

/* The metric of that name. False: there is none. */
bool metrics_find(const char *name, enum metric *metric_out);

/* values: one for each label of the metric, in its order. */
void metrics_add(enum metric metric, uint64_t count, const char *const *values);
void metrics_set(enum metric metric, int64_t value, const char *const *values);
void metrics_observe(enum metric metric, int64_t duration_us, const char *const *values);

#define METRIC_VALUES(...) ((const char *const[METRICS_LABELS_MAX]) { __VA_ARGS__ })

/*
 * Holds back what metrics_add counts from metrics_hold until metrics_tell, which counts it, or
 * metrics_forget, which does not: for work that may still be rolled back. More than the hold takes
 * is counted at once.
 */
void metrics_hold(void);
void metrics_tell(void);
void metrics_forget(void);

/* Everything, in the text format 0.0.4 (Prometheus' documentation, exposition formats). */
void metrics_print(struct text *text);

#endif
