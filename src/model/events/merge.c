/* Merging events of equal contexts: the loss is the same when their labels are added up, and every pass is shorter.
 *
 * A hash table of rows finds for every event the first one like it; rows are then moved together in place, and the labels gathered. Labels
 * stay hard (with a weight) when nowhere two classes meet.
 */
#include "model/events/events.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

static uint64_t hash_of(const maxent_events *events, size_t e)
{
    size_t first = events->row[e], count = events->row[e + 1] - first;
    uint64_t hash = mx_hash_bytes((const char *)(events->index + first), count * sizeof *events->index);
    if (events->value != NULL)
        hash = hash * 0x9E3779B97F4A7C15u ^ mx_hash_bytes((const char *)(events->value + first), count * sizeof *events->value);
    if (events->code != NULL)
        hash = hash * 0x9E3779B97F4A7C15u ^ mx_hash_bytes((const char *)(events->code + first), count);
    return hash ^ hash >> 29;
}

static int same(const maxent_events *events, size_t a, size_t b)
{
    size_t i = events->row[a], j = events->row[b], count = events->row[a + 1] - i;
    if (events->row[b + 1] - j != count)
        return 0;
    if (count > 0 && memcmp(events->index + i, events->index + j, count * sizeof *events->index) != 0)
        return 0;
    if (events->value != NULL && count > 0 && memcmp(events->value + i, events->value + j, count * sizeof *events->value) != 0)
        return 0;
    if (events->code != NULL && count > 0 && memcmp(events->code + i, events->code + j, count) != 0)
        return 0;
    return events->offset == NULL || memcmp(events->offset + a * events->classes, events->offset + b * events->classes,
                                            events->classes * sizeof *events->offset) == 0;
}

/* group[e]: number of the distinct context of e, in order of appearance; first[g]: its first event. Returns their number. */
static size_t find_groups(const maxent_events *events, uint32_t *table, size_t slots, uint32_t *group, uint32_t *first)
{
    size_t groups = 0;
    memset(table, 0xff, slots * sizeof *table);
    for (size_t e = 0; e < events->events; e++) {
        size_t i = (size_t)hash_of(events, e) & (slots - 1);
        while (table[i] != NONE && !same(events, first[table[i]], e))
            i = (i + 1) & (slots - 1);
        if (table[i] == NONE) {
            first[groups] = (uint32_t)e;
            table[i] = (uint32_t)groups++;
        }
        group[e] = table[i];
    }
    return groups;
}

/* The labels of each group: the events are put in the order of their groups, then classes are added up. */
static int gather(const maxent_events *events, const uint32_t *group, size_t groups, size_t **row_out, uint32_t **target_out,
                  double **weight_out)
{
    const size_t n = events->events, classes = events->classes;
    size_t *start = mx_zalloc(groups + 1, sizeof *start), *row = mx_alloc(groups + 1, sizeof *row);
    uint32_t *member = mx_alloc(n, sizeof *member);
    double *sum = mx_zalloc(classes, sizeof *sum);
    size_t capacity = events->target_row != NULL ? events->target_row[n] : n;
    uint32_t *target = mx_alloc(capacity, sizeof *target);
    double *weight = mx_alloc(capacity, sizeof *weight);
    int ok = start != NULL && row != NULL && member != NULL && sum != NULL && target != NULL && weight != NULL;
    if (ok) {
        for (size_t e = 0; e < n; e++)
            start[group[e] + 1]++;
        for (size_t g = 0; g < groups; g++)
            start[g + 1] += start[g];
        for (size_t e = 0; e < n; e++)
            member[start[group[e]]++] = (uint32_t)e; /* start[g] is now the end of g */
        size_t at = 0;
        row[0] = 0;
        for (size_t g = 0, i = 0; g < groups; g++) {
            size_t from = at;
            for (; i < start[g]; i++) {
                mx_targets t;
                mx_event_targets(events, member[i], &t);
                for (size_t k = 0; k < t.count; k++) {
                    if (t.weight[k] == 0)
                        continue;
                    if (sum[t.target[k]] == 0) { /* kept in ascending order */
                        size_t to = at++;
                        for (; to > from && target[to - 1] > t.target[k]; to--)
                            target[to] = target[to - 1];
                        target[to] = t.target[k];
                    }
                    sum[t.target[k]] += t.weight[k];
                }
            }
            for (size_t k = from; k < at; k++) {
                weight[k] = sum[target[k]];
                sum[target[k]] = 0;
            }
            row[g + 1] = at;
        }
    }
    mx_free(start);
    mx_free(member);
    mx_free(sum);
    if (!ok) {
        mx_free(row);
        mx_free(target);
        mx_free(weight);
        return 0;
    }
    *row_out = row;
    *target_out = target;
    *weight_out = weight;
    return 1;
}

/* The rows of the groups' first events, moved to the front. */
static void compact(maxent_events *events, const uint32_t *first, size_t groups)
{
    size_t at = 0;
    for (size_t g = 0; g < groups; g++) {
        size_t from = events->row[first[g]], count = events->row[first[g] + 1] - from;
        memmove(events->index + at, events->index + from, count * sizeof *events->index);
        if (events->value != NULL)
            memmove(events->value + at, events->value + from, count * sizeof *events->value);
        if (events->code != NULL)
            memmove(events->code + at, events->code + from, count);
        if (events->offset != NULL)
            memmove(events->offset + g * events->classes, events->offset + first[g] * (size_t)events->classes,
                    events->classes * sizeof *events->offset);
        events->row[g] = at; /* first[g] >= g: rows still to be read lie further on */
        at += count;
    }
    events->row[groups] = at;
    events->events = groups;
}

maxent_error maxent_events_merge(maxent_events *events, size_t *merged, maxent_diagnostic *diagnostic)
{
    const size_t n = events->events;
    maxent_error error = MAXENT_OK;
    size_t slots = 16, groups = 0;
    while (slots < 2 * n)
        slots *= 2;
    uint32_t *table = mx_alloc(slots, sizeof *table), *group = mx_alloc(n, sizeof *group), *first = mx_alloc(n, sizeof *first);
    size_t *row = NULL;
    uint32_t *target = NULL;
    double *weight = NULL;
    if (table == NULL || group == NULL || first == NULL) {
        error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory to merge %zu events", n);
        goto done;
    }
    groups = n == 0 ? 0 : find_groups(events, table, slots, group, first);
    if (groups == n)
        goto done;
    mx_free(table);
    table = NULL;
    if (!gather(events, group, groups, &row, &target, &weight)) {
        error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "no memory to merge %zu events", n);
        goto done;
    }
    compact(events, first, groups);
    mx_free(events->target_row);
    mx_free(events->target);
    mx_free(events->target_weight);
    events->target_row = row;
    events->target = target;
    events->target_weight = weight;
    mx_free(events->label);
    mx_free(events->weight);
    events->label = NULL;
    events->weight = NULL;
    if (row[groups] == groups) { /* one class each, unless one has none and another two */
        size_t g = 0;
        while (g < groups && row[g] == g)
            g++;
        if (g == groups) {
            events->label = target;
            events->weight = weight;
            mx_free(row);
            events->target_row = NULL;
            events->target = NULL;
            events->target_weight = NULL;
        }
    }
done:
    if (error == MAXENT_OK && merged != NULL)
        *merged = n - (n == 0 ? 0 : groups);
    mx_free(table);
    mx_free(group);
    mx_free(first);
    return error;
}
