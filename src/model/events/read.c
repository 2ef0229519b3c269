/* Reading events: files of lines for training, and all files for a space that exists.
 *
 * Every worker has a parser with dictionaries of its own, which it keeps from block to block; when a block is handed over, in the order of
 * the file, names that the worker saw for the first time get their number in the dictionary of all, so that features are numbered in the
 * order of their first appearance, whatever the number of workers. One worker alone uses the dictionaries of all.
 */
#include "model/events/source.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/events/builder.h"
#include "model/events/columns.h"
#include "model/events/feed.h"
#include "model/model.h"

#include <stdio.h>
#include <string.h>

typedef struct worker {
    mx_parser parser;
    mx_piece piece;
    uint32_t *name, *label;    /* number in the dictionaries of all; [parser.names.levels], [parser.labels.levels] of those taken over */
    size_t names, labels, name_room, label_room;
} worker;

typedef struct reader {
    const maxent_read_options *options;
    maxent_format format;
    int alone;
    worker *workers;
    mx_dictionary names, labels; /* of all */
    mx_builder builder;
    maxent_read_report *report;
} reader;

static maxent_error parse(void *user, int number, const mx_block *block, mx_fault *fault)
{
    reader *r = user;
    worker *w = &r->workers[number];
    return r->format == MAXENT_FORMAT_SVMLIGHT ? mx_parse_svmlight(&w->parser, block, &w->piece, fault)
                                               : mx_parse_named(&w->parser, block, &w->piece, fault);
}

/* Numbers in `all` for the levels of `own` that have none yet. 0: no memory. */
static int take_over(const mx_dictionary *own, mx_dictionary *all, uint32_t **number, size_t *known, size_t *room)
{
    if (own->levels > *room) {
        size_t larger = 2 * own->levels;
        uint32_t *moved = mx_resize(*number, larger, sizeof *moved);
        if (moved == NULL)
            return 0;
        *number = moved;
        *room = larger;
    }
    for (; *known < own->levels; ++*known) {
        size_t length;
        const char *text = mx_dictionary_text(own, *known, &length);
        if (!mx_dictionary_add(all, text, length, &(*number)[*known]))
            return 0;
    }
    return 1;
}

/* The numbers of svmlight data less the base, which is 1 until a feature 0 comes. */
static void shift_numbers(mx_builder *b, const mx_piece *piece)
{
    uint32_t least = UINT32_MAX, most = 0;
    for (size_t i = 0; i < piece->entries; i++) {
        least = piece->index[i] < least ? piece->index[i] : least;
        most = piece->index[i] > most ? piece->index[i] : most;
    }
    if (b->entries == 0)
        b->shift = least != 0;
    for (size_t i = 0; least == 0 && b->shift == 1 && i < b->entries; i++)
        b->index[i]++;
    b->shift = least == 0 ? 0 : b->shift;
    b->most = most > b->most ? most : b->most;
}

/* 0: one event is not, which is a fault. */
static int all_labelled(const mx_piece *piece, mx_fault *fault)
{
    for (size_t e = 0, s = 0; e < piece->events; s = piece->share_end[e++])
        if (piece->share_end[e] == s)
            return mx_fault_at(fault, MAXENT_ERROR_FILE, piece->offset[e], "a label is expected before the first feature") == MAXENT_OK;
    return 1;
}

static maxent_error take(void *user, int number, const mx_block *block, mx_fault *fault)
{
    reader *r = user;
    worker *w = &r->workers[number];
    int named = r->format == MAXENT_FORMAT_NAMED;
    r->builder.progress = block->share;
    if (!all_labelled(&w->piece, fault))
        return MAXENT_ERROR_FILE;
    if (!r->alone && (!take_over(&w->parser.labels, &r->labels, &w->label, &w->labels, &w->label_room) ||
                      (named && !take_over(&w->parser.names, &r->names, &w->name, &w->names, &w->name_room))))
        return mx_fault_at(fault, MAXENT_ERROR_MEMORY, 0, "out of memory");
    if (named) {
        mx_dictionary_expect(&w->parser.names, block->share);
        mx_dictionary_expect(&r->names, block->share);
    } else {
        shift_numbers(&r->builder, &w->piece);
    }
    if (!mx_builder_append(&r->builder, &w->piece, named && !r->alone ? w->name : NULL, r->alone ? NULL : w->label, named))
        return mx_fault_at(fault, MAXENT_ERROR_MEMORY, 0, "out of memory");
    return r->builder.twice > 0 ? mx_named_twice(block, w->piece.offset[r->builder.twice - 1], block->length, fault) : MAXENT_OK;
}

/* ---- numbers of features far apart ---- */

/* Gives the features of svmlight data their columns: number - base, or, when fewer than half of those would be used, the rank of the number
 * among the used ones, with the numbers as names. */
static int settle_numbers(reader *r, mx_space *space, const mx_space *old)
{
    mx_builder *b = &r->builder;
    uint32_t least = b->shift, most = b->most;
    mx_index_map seen = {0};
    int ok = 0;
    uint32_t column, *sorted = NULL;
    mx_dictionary number = {0};
    if (old != NULL && old->features > 0 && old->feature.levels == 0) {
        least = least < old->base ? least : old->base;
        most = most > old->base + old->features - 1 ? most : old->base + old->features - 1;
    }
    space->base = least == 0 ? 0 : 1; /* b->shift, but for old features */
    space->features = b->entries == 0 && (old == NULL || old->features == 0) ? 0 : most - space->base + 1;
    int wide = old != NULL && old->feature.levels > 0;
    if (!wide && space->features <= 8 * b->entries + 4096) { /* the marks cost less than the entries did */
        unsigned char *mark = mx_zalloc(space->features, 1);
        size_t used = 0;
        if (mark == NULL)
            return 0;
        for (size_t i = 0; i < b->entries && 2 * used < space->features; i++) {
            size_t j = b->index[i] + b->shift - space->base;
            used += !mark[j];
            mark[j] = 1;
        }
        mx_free(mark);
        wide = used < space->features / 2;
    } else {
        wide = 1;
    }
    if (!wide || space->features <= 1024) {
        for (size_t i = 0; b->shift != space->base && i < b->entries; i++)
            b->index[i] += b->shift - space->base;
        return 1;
    }
    if (old != NULL)
        for (size_t j = 0; j < old->features; j++) {
            char text[32];
            mx_space_feature_name(old, j, text, sizeof text);
            uint32_t value = 0;
            for (const char *s = text; *s != '\0'; s++)
                value = value * 10 + (uint32_t)(*s - '0');
            if (!mx_index_add(&seen, value, &column))
                goto done;
        }
    for (size_t i = 0; i < b->entries; i++)
        if (!mx_index_add(&seen, b->index[i] + b->shift, &column))
            goto done;
    sorted = mx_alloc(2 * seen.used, sizeof *sorted);
    if (sorted == NULL)
        goto done;
    for (size_t i = 0, n = 0; i < seen.slots; i++)
        if (seen.slot[i].column != 0)
            sorted[n++] = seen.slot[i].key;
    for (int shift = 0; shift < 32; shift += 8) { /* by digits: four even passes, so the result is in the first half */
        size_t count[257] = {0};
        uint32_t *from = shift / 8 % 2 == 0 ? sorted : sorted + seen.used, *to = shift / 8 % 2 == 0 ? sorted + seen.used : sorted;
        for (size_t i = 0; i < seen.used; i++)
            count[(from[i] >> shift & 255) + 1]++;
        for (int d = 0; d < 256; d++)
            count[d + 1] += count[d];
        for (size_t i = 0; i < seen.used; i++)
            to[count[from[i] >> shift & 255]++] = from[i];
    }
    mx_index_map rank = {0};
    for (size_t i = 0; i < seen.used; i++) {
        char text[16];
        int length = snprintf(text, sizeof text, "%u", (unsigned)sorted[i]);
        if (!mx_index_add(&rank, sorted[i], &column) || !mx_dictionary_add(&number, text, (size_t)length, &column)) {
            mx_index_map_free(&rank);
            goto done;
        }
    }
    for (size_t i = 0; i < b->entries; i++)
        b->index[i] = mx_index_find(&rank, b->index[i] + b->shift);
    mx_index_map_free(&rank);
    space->features = (uint32_t)seen.used;
    space->base = 0;
    space->feature = number;
    memset(&number, 0, sizeof number);
    ok = 1;
done:
    mx_dictionary_free(&number);
    mx_index_map_free(&seen);
    mx_free(sorted);
    return ok;
}

/* ---- spaces ---- */

static int copy_names(mx_dictionary *to, const mx_space *old, int classes)
{
    size_t count = classes ? old->classes : old->features;
    for (size_t i = 0; i < count; i++) {
        char text[256], *large = NULL;
        size_t length = classes ? mx_space_class_name(old, i, text, sizeof text) : mx_space_feature_name(old, i, text, sizeof text);
        const char *name = text;
        if (length >= sizeof text) {
            name = large = mx_alloc(length + 1, 1);
            if (large == NULL)
                return 0;
            if (classes)
                mx_space_class_name(old, i, large, length + 1);
            else
                mx_space_feature_name(old, i, large, length + 1);
        }
        uint32_t code;
        int ok = mx_dictionary_add(to, name, length, &code);
        mx_free(large);
        if (!ok)
            return 0;
    }
    return 1;
}

/* The classes in their order; *map: [labels] new number of each. 0: no memory. */
static int settle_classes(const mx_dictionary *labels, size_t fixed, mx_space *space, uint32_t **map)
{
    uint32_t *order = mx_alloc(labels->levels, sizeof *order), *to = mx_alloc(labels->levels, sizeof *to), code;
    int ok = order != NULL && to != NULL && mx_source_sort_names(labels, fixed, order);
    for (size_t i = 0; ok && i < labels->levels; i++) {
        size_t length;
        const char *text = mx_dictionary_text(labels, order[i], &length);
        ok = mx_dictionary_add(&space->class_name, text, length, &code);
        to[order[i]] = (uint32_t)i;
    }
    space->classes = (uint32_t)labels->levels;
    mx_free(order);
    if (ok)
        *map = to;
    else
        mx_free(to);
    return ok;
}

static maxent_error make_events(reader *r, const char *name, const mx_space *old, maxent_events **out, maxent_diagnostic *diagnostic)
{
    if (r->labels.levels < 2) {
        size_t length;
        const char *text = mx_dictionary_text(&r->labels, 0, &length);
        return mx_source_fail(name, diagnostic, MAXENT_ERROR_FILE, "every event has the class '%.*s'; a model needs at least two classes",
                              (int)(length < 80 ? length : 80), text);
    }
    mx_space *space = mx_space_new();
    uint32_t *map = NULL;
    if (space == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    int svm = r->format == MAXENT_FORMAT_SVMLIGHT;
    space->form = svm ? MX_SPACE_SVM : MX_SPACE_NAMED;
    int ok = settle_classes(&r->labels, old != NULL ? old->classes : 0, space, &map);
    if (ok && svm)
        ok = settle_numbers(r, space, old);
    if (ok && !svm) {
        space->features = (uint32_t)r->names.levels;
        space->feature = r->names;
        memset(&r->names, 0, sizeof r->names);
    }
    if (!ok) {
        mx_space_release(space);
        mx_free(map);
        return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    }
    maxent_error error = mx_builder_finish(&r->builder, space, map, out, diagnostic);
    mx_free(map);
    return error;
}

static void free_workers(reader *r, int count)
{
    for (int i = 0; r->workers != NULL && i < count; i++) {
        mx_parser_free(&r->workers[i].parser);
        mx_piece_free(&r->workers[i].piece);
        mx_free(r->workers[i].name);
        mx_free(r->workers[i].label);
    }
    mx_free(r->workers);
    r->workers = NULL;
}

/* Files of lines, for training. */
static maxent_error read_lines(const char *path, const maxent_read_options *options, const mx_space *old, maxent_events **out,
                               maxent_read_report *report, maxent_diagnostic *diagnostic)
{
    mx_lines *lines = NULL;
    reader r = {.options = options, .report = report};
    int count = mx_lines_workers(options->threads);
    maxent_error error = mx_source_open(path, options, old, &lines, &r.format, diagnostic);
    if (error != MAXENT_OK)
        return error;
    report->format = r.format;
    r.workers = mx_zalloc((size_t)count, sizeof *r.workers);
    if (r.workers == NULL) {
        error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
        goto done;
    }
    if (old != NULL && (!copy_names(&r.labels, old, 1) || (r.format == MAXENT_FORMAT_NAMED && !copy_names(&r.names, old, 0)))) {
        error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
        goto done;
    }
    for (int i = 0; i < count; i++)
        r.workers[i].parser.numbers = r.format == MAXENT_FORMAT_SVMLIGHT;
    r.alone = count == 1;
    if (r.alone) {
        r.workers[0].parser.names = r.names;
        r.workers[0].parser.labels = r.labels;
    }
    mx_lines_work work = {&r, parse, take};
    error = mx_lines_run(lines, count, &work, diagnostic);
    if (r.alone) { /* they are handed back */
        r.names = r.workers[0].parser.names;
        r.labels = r.workers[0].parser.labels;
        memset(&r.workers[0].parser.names, 0, sizeof r.names);
        memset(&r.workers[0].parser.labels, 0, sizeof r.labels);
    }
    if (error != MAXENT_OK)
        goto done;
    free_workers(&r, count);
    report->lines = mx_lines_count(lines);
    report->events = r.builder.events;
    report->entries = r.builder.entries;
    if (r.builder.events == 0)
        error = mx_source_fail(mx_lines_name(lines), diagnostic, MAXENT_ERROR_FILE, "no events: the file is empty");
    else
        error = make_events(&r, mx_lines_name(lines), old, out, diagnostic);
done:
    free_workers(&r, count);
    mx_dictionary_free(&r.names);
    mx_dictionary_free(&r.labels);
    mx_builder_free(&r.builder);
    mx_lines_close(lines);
    return error;
}

/* ---- for a space that exists ---- */

static maxent_error take_known(void *user, int number, const mx_block *block, mx_piece *piece, mx_fault *fault)
{
    mx_builder *builder = user;
    (void)number;
    builder->progress = block->share;
    if (!all_labelled(piece, fault))
        return MAXENT_ERROR_FILE;
    return mx_builder_append(builder, piece, NULL, NULL, 1) ? MAXENT_OK : mx_fault_at(fault, MAXENT_ERROR_MEMORY, 0, "out of memory");
}

static maxent_error read_known(const char *path, const maxent_read_options *options, mx_space *like, maxent_events **out,
                               maxent_read_report *report, maxent_diagnostic *diagnostic)
{
    mx_builder builder = {0};
    const mx_feed_work work = {&builder, NULL, take_known};
    mx_feed feed;
    maxent_error error = mx_feed_open(path, options, like, 1, &feed, diagnostic);
    report->format = feed.format;
    if (error == MAXENT_OK)
        error = mx_feed_run(&feed, &work, report, diagnostic);
    mx_feed_close(&feed);
    if (error == MAXENT_OK)
        error = mx_builder_finish(&builder, mx_space_share(like), NULL, out, diagnostic);
    mx_builder_free(&builder);
    return error;
}

/* 1 when the columns of offsets that the options name, if any, are those of the table. */
static int same_offsets(const mx_columns *columns, const maxent_read_options *options)
{
    int same = options->offsets == 0 || options->offsets == columns->offset.levels;
    for (size_t i = 0; i < options->offsets && same; i++) {
        uint32_t code;
        same = mx_dictionary_find(&columns->offset, options->offset[i], strlen(options->offset[i]), &code) && code == i;
    }
    return same;
}

void maxent_read_options_init(maxent_read_options *options)
{
    memset(options, 0, sizeof *options);
}

maxent_error maxent_events_read(const char *path, const maxent_read_options *options, maxent_events **out,
                                maxent_read_report *report, maxent_diagnostic *diagnostic)
{
    maxent_read_options defaults;
    maxent_read_report local;
    maxent_events *events = NULL;
    maxent_read_options_init(&defaults);
    options = options != NULL ? options : &defaults;
    if ((options->like != NULL) + (options->model != NULL) + (options->extend != NULL) > 1)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "events are read like one thing: events, a model, or a model to extend");
    if ((unsigned)options->format >= MAXENT_FORMAT_COUNT || (unsigned)options->absent > MAXENT_ABSENT_IMPUTE)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "an unknown format or rule for missing values");
    memset(&local, 0, sizeof local);
    double start = mx_source_seconds();
    mx_space *like = options->like != NULL ? options->like->space : options->model != NULL ? options->model->space : NULL;
    mx_space *old = options->extend != NULL ? options->extend->space : NULL;
    mx_space *some = like != NULL ? like : old;
    int table = options->format == MAXENT_FORMAT_TABLE || (options->format == MAXENT_FORMAT_AUTO && options->target != NULL) ||
                (some != NULL && some->form == MX_SPACE_TABLE);
    maxent_error error;
    if (table && some != NULL && some->form != MX_SPACE_TABLE)
        error = mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the model takes %s data, not tables",
                        maxent_format_word(mx_source_format(some)));
    else if (table && options->format != MAXENT_FORMAT_AUTO && options->format != MAXENT_FORMAT_TABLE)
        error = mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the model takes tables, not %s data", maxent_format_word(options->format));
    else if (table && some != NULL && !same_offsets(some->table, options))
        error = mx_source_fail(path, diagnostic, MAXENT_ERROR_ARGUMENT, "the model has other columns of offsets, or none");
    else if (like != NULL || (table && some != NULL)) /* tables keep their columns and levels */
        error = read_known(path, options, some, &events, &local, diagnostic);
    else if (table)
        error = mx_columns_read(path, options, &events, &local, diagnostic);
    else
        error = read_lines(path, options, old, &events, &local, diagnostic);
    if (error == MAXENT_OK && !options->keep_apart)
        error = maxent_events_merge(events, &local.merged, diagnostic);
    if (error != MAXENT_OK) {
        maxent_events_free(events);
        return error;
    }
    local.seconds = mx_source_seconds() - start;
    if (report != NULL)
        *report = local;
    *out = events;
    return MAXENT_OK;
}
