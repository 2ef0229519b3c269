/* Scoring a model on a labelled file: accuracy, log loss, Brier score, confusion matrix, calibration.
 *
 * Workers parse and predict blocks; what each event adds to the sums is added in the order of the file, with compensation, so that the
 * sums have the same bits for any number of workers.
 */
#include "model/model.h"
#include "model/events/feed.h"
#include "model/events/source.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { MOST_CLASSES = 8192 }; /* with a confusion matrix: 512 MB */

typedef struct worker {
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
    worker *workers;
    maxent_score *score;
    sum loss, brier, weight, correct;
} job;

static void add(sum *s, double value)
{
    double total = s->high + value;
    s->low += fabs(s->high) >= fabs(value) ? (s->high - total) + value : (value - total) + s->high;
    s->high = total;
}

static int make_room(worker *w, const mx_piece *piece)
{
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

static maxent_error predict(void *user, int number, const mx_piece *piece, mx_fault *fault)
{
    const job *j = user;
    worker *w = &j->workers[number];
    size_t begin = 0, share = 0;
    if (!make_room(w, piece))
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

static maxent_error add_up(void *user, int number, const mx_block *block, mx_piece *piece, mx_fault *fault)
{
    job *j = user;
    const worker *w = &j->workers[number];
    maxent_score *score = j->score;
    (void)block;
    (void)fault;
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
    return MAXENT_OK;
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
    job j = {.model = model, .score = &score};
    const mx_feed_work work = {&j, predict, add_up};
    mx_feed feed;
    double start = mx_source_seconds();
    maxent_error error = mx_feed_open(input, options, model->space, 1, &feed, diagnostic);
    if (error != MAXENT_OK) {
        mx_feed_close(&feed);
        return error;
    }
    score.read.format = feed.format;
    j.workers = mx_zalloc((size_t)feed.workers, sizeof *j.workers);
    if (model->classes <= MOST_CLASSES)
        score.confusion = mx_zalloc(model->classes * model->classes, sizeof *score.confusion);
    if (j.workers == NULL || (score.confusion == NULL && model->classes <= MOST_CLASSES))
        error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    for (int i = 0; i < feed.workers && error == MAXENT_OK; i++)
        if ((j.workers[i].score = mx_alloc(model->classes, sizeof *j.workers[i].score)) == NULL)
            error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    if (error == MAXENT_OK)
        error = mx_feed_run(&feed, &work, &score.read, diagnostic);
    for (int i = 0; j.workers != NULL && i < feed.workers; i++) {
        worker *w = &j.workers[i];
        mx_free(w->score);
        mx_free(w->best);
        mx_free(w->p);
        mx_free(w->squares);
        mx_free(w->logp);
        mx_free(w->ps);
    }
    mx_free(j.workers);
    mx_feed_close(&feed);
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
