/* Scoring a model on a labelled file: accuracy, log loss, Brier score, confusion matrix, calibration.
 *
 * Workers parse and predict blocks; what each event adds to the sums is added in the order of the file, with compensation, so that the
 * sums have the same bits for any number of workers.
 */
#include "model/model.h"
#include "model/events/source.h"

#include "base/error.h"
#include "base/memory.h"
#include "model/events/columns.h"

#include <math.h>
#include <string.h>

enum { ROWS = 1024 };                  /* of a table at a time */
enum { MOST_CLASSES = 8192 };          /* with a confusion matrix: 512 MB */

typedef struct worker {
    mx_parser parser;
    mx_piece piece;
    double *score;    /* [classes] */
    uint32_t *best;   /* [events] predicted class */
    double *p, *squares; /* [events] its probability; sum_c p_c^2 */
    double *logp, *ps; /* [shares] log p and p of the label */
    size_t event_room, share_room;
} worker;

typedef struct sum {
    double high, low;
} sum;

typedef struct job {
    const maxent_model *model;
    maxent_format format;
    worker *workers;
    mx_index_map map;
    maxent_score *score;
    sum loss, brier, weight, correct;
} job;

static void add(sum *s, double value)
{
    double total = s->high + value;
    s->low += fabs(s->high) >= fabs(value) ? (s->high - total) + value : (value - total) + s->high;
    s->high = total;
}

static int make_room(worker *w)
{
    const mx_piece *piece = &w->piece;
    if (piece->events > w->event_room) {
        mx_free(w->best);
        mx_free(w->p);
        mx_free(w->squares);
        w->best = mx_alloc(piece->events, sizeof *w->best);
        w->p = mx_alloc(piece->events, sizeof *w->p);
        w->squares = mx_alloc(piece->events, sizeof *w->squares);
        w->event_room = w->best != NULL && w->p != NULL && w->squares != NULL ? piece->events : 0;
    }
    if (piece->shares > w->share_room) {
        mx_free(w->logp);
        mx_free(w->ps);
        w->logp = mx_alloc(piece->shares, sizeof *w->logp);
        w->ps = mx_alloc(piece->shares, sizeof *w->ps);
        w->share_room = w->logp != NULL && w->ps != NULL ? piece->shares : 0;
    }
    return w->event_room >= piece->events && w->share_room >= piece->shares;
}

static maxent_error predict(const job *j, worker *w, mx_fault *fault)
{
    const mx_piece *piece = &w->piece;
    size_t begin = 0, share = 0;
    if (!make_room(w))
        return mx_fault_at(fault, MAXENT_ERROR_MEMORY, 0, "out of memory");
    for (size_t e = 0; e < piece->events; e++) {
        w->best[e] = (uint32_t)maxent_model_predict(j->model, piece->entry_end[e] - begin, piece->index + begin,
                                                    piece->valued ? piece->value + begin : NULL,
                                                    piece->base != NULL ? piece->base + e * j->model->classes : NULL, w->score);
        double squares = 0.0;
        for (size_t c = 0; c < j->model->classes; c++)
            squares += exp(2.0 * w->score[c]);
        w->squares[e] = squares;
        w->p[e] = exp(w->score[w->best[e]]);
        for (; share < piece->share_end[e]; share++) {
            uint32_t c = piece->label[share];
            w->logp[share] = c != MX_NO_CLASS ? w->score[c] : 0.0;
            w->ps[share] = c != MX_NO_CLASS ? exp(w->score[c]) : 0.0;
        }
        begin = piece->entry_end[e];
    }
    return MAXENT_OK;
}

static void add_up(job *j, const worker *w)
{
    maxent_score *score = j->score;
    const mx_piece *piece = &w->piece;
    size_t share = 0;
    for (size_t e = 0; e < piece->events; e++) {
        uint32_t best = w->best[e];
        int bin = (int)(w->p[e] * MAXENT_CALIBRATION_BINS);
        bin = bin < MAXENT_CALIBRATION_BINS ? bin : MAXENT_CALIBRATION_BINS - 1;
        for (; share < piece->share_end[e]; share++) {
            double weight = piece->share[share];
            uint32_t c = piece->label[share];
            add(&j->weight, weight);
            if (c == MX_NO_CLASS) {
                score->unknown += weight;
                score->read.unlabelled++;
                continue;
            }
            add(&j->loss, -weight * w->logp[share]);
            add(&j->brier, weight * (w->squares[e] - 2.0 * w->ps[share] + 1.0));
            if (score->confusion != NULL)
                score->confusion[c * score->classes + best] += weight;
            score->bin_weight[bin] += weight;
            score->bin_confidence[bin] += weight * w->p[e];
            if (c == best) {
                add(&j->correct, weight);
                score->bin_correct[bin] += weight;
            }
        }
    }
    score->read.events += piece->events;
    score->read.entries += piece->entries;
    score->read.unknown += piece->unknown;
}

static maxent_error parse(void *user, int number, const mx_block *block, mx_fault *fault)
{
    job *j = user;
    worker *w = &j->workers[number];
    maxent_error error = j->format == MAXENT_FORMAT_SVMLIGHT ? mx_parse_svmlight(&w->parser, block, &w->piece, fault)
                                                             : mx_parse_named(&w->parser, block, &w->piece, fault);
    if (error == MAXENT_OK)
        error = mx_source_check_known(&w->piece, block, fault);
    return error != MAXENT_OK ? error : predict(j, w, fault);
}

static maxent_error take(void *user, int number, const mx_block *block, mx_fault *fault)
{
    job *j = user;
    (void)block;
    (void)fault;
    add_up(j, &j->workers[number]);
    return MAXENT_OK;
}

static maxent_error score_table(job *j, mx_rows *rows, maxent_diagnostic *diagnostic)
{
    worker *w = &j->workers[0];
    maxent_error error;
    mx_fault fault;
    do {
        maxent_read_report report = {0};
        error = mx_rows_piece(rows, ROWS, &w->piece, &report, diagnostic);
        j->score->read.unknown += report.unknown;
        j->score->read.dropped += report.dropped;
        if (error == MAXENT_OK && predict(j, w, &fault) != MAXENT_OK)
            error = mx_fail(diagnostic, fault.error, "%s", fault.message);
        if (error == MAXENT_OK)
            add_up(j, w);
    } while (error == MAXENT_OK && w->piece.events > 0);
    return error;
}

void maxent_score_free(maxent_score *score)
{
    if (score == NULL)
        return;
    mx_free(score->confusion);
    score->confusion = NULL;
}

maxent_error maxent_score_file(const maxent_model *model, const char *input, const maxent_read_options *options, maxent_score *out,
                               maxent_diagnostic *diagnostic)
{
    maxent_read_options defaults;
    maxent_read_options_init(&defaults);
    options = options != NULL ? options : &defaults;
    maxent_score score;
    memset(&score, 0, sizeof score);
    score.classes = model->classes;
    job j = {.model = model, .score = &score, .format = MAXENT_FORMAT_TABLE};
    mx_lines *lines = NULL;
    mx_rows rows;
    int table = model->space->form == MX_SPACE_TABLE, workers = table ? 1 : mx_lines_workers(options->threads);
    double start = mx_source_seconds();
    memset(&rows, 0, sizeof rows);
    if (table && options->format != MAXENT_FORMAT_AUTO && options->format != MAXENT_FORMAT_TABLE)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the model takes tables, not %s data", maxent_format_word(options->format));
    maxent_error error = table ? mx_rows_open(input, options, model->space, 1, &rows, diagnostic)
                               : mx_source_open(input, options, model->space, &lines, &j.format, diagnostic);
    if (error != MAXENT_OK)
        return error;
    score.read.format = j.format;
    j.workers = mx_zalloc((size_t)workers, sizeof *j.workers);
    if (model->classes <= MOST_CLASSES)
        score.confusion = mx_zalloc(model->classes * model->classes, sizeof *score.confusion);
    if (j.workers == NULL || (score.confusion == NULL && model->classes <= MOST_CLASSES))
        error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    for (int i = 0; i < workers && error == MAXENT_OK; i++) {
        j.workers[i].parser.numbers = j.format == MAXENT_FORMAT_SVMLIGHT;
        j.workers[i].parser.space = model->space;
        j.workers[i].parser.map = &j.map;
        j.workers[i].score = mx_alloc(model->classes, sizeof *j.workers[i].score);
        if (j.workers[i].score == NULL)
            error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    }
    if (error == MAXENT_OK && j.format == MAXENT_FORMAT_SVMLIGHT)
        error = mx_source_map(model->space, &j.map, diagnostic);
    mx_lines_work work = {&j, parse, take};
    if (error == MAXENT_OK)
        error = table ? score_table(&j, &rows, diagnostic) : mx_lines_run(lines, workers, &work, diagnostic);
    if (error == MAXENT_OK && score.read.events == 0)
        error = mx_source_fail(table ? mx_csv_name(rows.csv) : mx_lines_name(lines), diagnostic, MAXENT_ERROR_FILE,
                               "no events: the file is empty");
    if (lines != NULL)
        score.read.lines = mx_lines_count(lines);
    for (int i = 0; j.workers != NULL && i < workers; i++) {
        worker *w = &j.workers[i];
        mx_parser_free(&w->parser);
        mx_piece_free(&w->piece);
        mx_free(w->score);
        mx_free(w->best);
        mx_free(w->p);
        mx_free(w->squares);
        mx_free(w->logp);
        mx_free(w->ps);
    }
    mx_free(j.workers);
    mx_index_map_free(&j.map);
    mx_lines_close(lines);
    mx_rows_close(&rows);
    if (error != MAXENT_OK) {
        maxent_score_free(&score);
        return error;
    }
    score.weight = j.weight.high + j.weight.low;
    score.correct = j.correct.high + j.correct.low;
    score.log_loss = j.loss.high + j.loss.low;
    score.brier = j.brier.high + j.brier.low;
    score.read.seconds = mx_source_seconds() - start;
    *out = score;
    return MAXENT_OK;
}
