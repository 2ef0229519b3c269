/* The events of a file for a space that exists: every worker parses a block to a piece, of lines or of a table, and hands it on. */
#include "model/events/feed.h"

#include "base/error.h"
#include "base/memory.h"
#include "model/events/source.h"

#include <string.h>

typedef struct job {
    mx_feed *feed;
    const mx_feed_work *work;
    maxent_read_report *report;
} job;

static maxent_error parse(void *user, int number, const mx_block *block, mx_fault *fault)
{
    const job *j = user;
    mx_feed *f = j->feed;
    mx_piece *piece = &f->piece[number];
    maxent_error error = f->format == MAXENT_FORMAT_TABLE      ? mx_table_rows_parse(&f->rows, block, piece, fault)
                         : f->format == MAXENT_FORMAT_SVMLIGHT ? mx_parse_svmlight(&f->parser[number], block, piece, fault)
                                                               : mx_parse_named(&f->parser[number], block, piece, fault);
    if (error == MAXENT_OK && f->format != MAXENT_FORMAT_TABLE) /* whose columns are known */
        error = mx_source_check_known(piece, block, fault);
    return error != MAXENT_OK || j->work->predict == NULL ? error : j->work->predict(j->work->user, number, piece, fault);
}

static maxent_error take(void *user, int number, const mx_block *block, mx_fault *fault)
{
    const job *j = user;
    mx_piece *piece = &j->feed->piece[number];
    maxent_read_report *report = j->report;
    report->events += piece->events;
    report->entries += piece->entries;
    report->unknown += piece->unknown;
    report->dropped += piece->dropped;
    for (size_t s = 0; s < piece->shares; s++)
        report->unlabelled += piece->label[s] == MX_NO_CLASS;
    return j->work->take == NULL ? MAXENT_OK : j->work->take(j->work->user, number, block, piece, fault);
}

maxent_error mx_feed_open(const char *path, const maxent_read_options *options, mx_space *space, int labelled, mx_feed *feed,
                          maxent_diagnostic *diagnostic)
{
    maxent_error error;
    *feed = (mx_feed){.space = space, .format = MAXENT_FORMAT_TABLE};
    if (space->form == MX_SPACE_TABLE) {
        if (options->format != MAXENT_FORMAT_AUTO && options->format != MAXENT_FORMAT_TABLE)
            return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the model takes tables, not %s data", maxent_format_word(options->format));
        error = mx_table_rows_open(path, options, space, labelled, &feed->rows, diagnostic);
        feed->lines = feed->rows.lines;
        feed->rows.drop &= labelled;
    } else {
        error = mx_source_open(path, options, space, &feed->lines, &feed->format, diagnostic);
    }
    if (error != MAXENT_OK)
        return error;
    feed->workers = mx_lines_workers(options->threads);
    feed->parser = mx_zalloc((size_t)feed->workers, sizeof *feed->parser);
    feed->piece = mx_zalloc((size_t)feed->workers, sizeof *feed->piece);
    if (feed->parser == NULL || feed->piece == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    for (int i = 0; i < feed->workers; i++) {
        feed->parser[i].numbers = feed->format == MAXENT_FORMAT_SVMLIGHT;
        feed->parser[i].label_optional = feed->parser[i].numbers && !labelled;
        feed->parser[i].space = space;
        feed->parser[i].map = &feed->map;
    }
    return feed->format == MAXENT_FORMAT_SVMLIGHT ? mx_source_map(space, &feed->map, diagnostic) : MAXENT_OK;
}

maxent_error mx_feed_run(mx_feed *feed, const mx_feed_work *work, maxent_read_report *report, maxent_diagnostic *diagnostic)
{
    job j = {feed, work, report};
    const mx_lines_work lines = {&j, parse, take};
    maxent_error error = mx_lines_run(feed->lines, feed->workers, &lines, diagnostic);
    report->lines = mx_lines_count(feed->lines);
    if (error == MAXENT_OK && report->events == 0)
        error = mx_source_fail(mx_lines_name(feed->lines), diagnostic, MAXENT_ERROR_FILE, "no events: %s",
                               feed->format != MAXENT_FORMAT_TABLE ? "the file is empty"
                               : report->dropped > 0               ? "there are no rows below the header without missing values"
                                                                   : "there are no rows below the header");
    return error;
}

void mx_feed_close(mx_feed *feed)
{
    for (int i = 0; i < feed->workers; i++) {
        if (feed->parser != NULL)
            mx_parser_free(&feed->parser[i]);
        if (feed->piece != NULL)
            mx_piece_free(&feed->piece[i]);
    }
    mx_free(feed->parser);
    mx_free(feed->piece);
    mx_index_map_free(&feed->map);
    if (feed->space != NULL && feed->space->form != MX_SPACE_TABLE)
        mx_lines_close(feed->lines);
    mx_table_rows_close(&feed->rows);
    memset(feed, 0, sizeof *feed);
}
