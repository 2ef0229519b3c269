/* Predicting from file to file: blocks of lines are parsed, scored and written as text by all cores, and leave in the order of the file.
 *
 * A worker holds one block, its events and the text of their predictions, so that memory does not grow with the file. Nothing is
 * written in place of an old file before the last event is done.
 */
#include "model/model.h"
#include "model/events/feed.h"
#include "model/events/source.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "report/report.h"

#include <errno.h>
#include <math.h>
#include <string.h>

typedef struct worker {
    double *score;    /* [classes] */
    double *error;    /* [classes] standard errors */
    double *scratch;  /* of those */
    uint32_t *best;   /* [top] */
    mx_buffer text;
} worker;

typedef struct job {
    const maxent_model *model;
    const maxent_predict_options *options;
    worker *workers;
    char **name;         /* [classes] as they are written */
    size_t *length;      /* [classes] of those */
    mx_output output;
    size_t written;      /* events */
    int number;          /* errno of a write that failed, perhaps on another thread */
    maxent_diagnostic trouble;
} job;

/* A name as JSON, or with tabs and line ends written as \t and \n. NULL: no memory. */
static char *written_name(const mx_space *space, size_t c, int json)
{
    size_t length = mx_space_class_name(space, c, NULL, 0);
    char *text = mx_alloc(length + 1, 1);
    mx_buffer out = {0};
    if (text == NULL)
        return NULL;
    mx_space_class_name(space, c, text, length + 1);
    if (json)
        mx_buffer_char(&out, '"');
    for (size_t i = 0; i < length; i++) {
        char s = text[i];
        if (s == '\t' || s == '\n' || s == '\r')
            mx_buffer_put(&out, s == '\t' ? "\\t" : s == '\n' ? "\\n" : "\\r");
        else if (json && (unsigned char)s < 32)
            mx_buffer_format(&out, "\\u%04x", (unsigned)(unsigned char)s);
        else {
            if (json && (s == '"' || s == '\\'))
                mx_buffer_char(&out, '\\');
            mx_buffer_char(&out, s);
        }
    }
    mx_buffer_put(&out, json ? "\"" : "");
    mx_free(text);
    return mx_buffer_take(&out);
}

/* The `top` most probable classes, the first of equals first. */
static void find_top(const double *score, size_t classes, size_t top, uint32_t *best)
{
    size_t have = 0;
    for (size_t c = 0; c < classes; c++) {
        size_t k = have < top ? have++ : top;
        if (k == top && !(score[c] > score[best[top - 1]]))
            continue;
        k = k == top ? top - 1 : k;
        for (; k > 0 && score[c] > score[best[k - 1]]; k--)
            best[k] = best[k - 1];
        best[k] = (uint32_t)c;
    }
}

static void put_class_numbers(const job *j, worker *w, size_t c)
{
    mx_buffer *out = &w->text;
    double p = j->options->form == MAXENT_PREDICT_LOG_PROBABILITIES ? w->score[c] : exp(w->score[c]);
    mx_buffer_double(out, p);
    if (j->options->standard_errors) {
        mx_buffer_char(out, j->options->json ? ',' : '\t');
        mx_buffer_double(out, w->error[c]);
    }
}

/* The plain rows: the class, and p or log p of all classes. */
static void put_row(const job *j, worker *w, size_t best)
{
    const size_t classes = j->options->form == MAXENT_PREDICT_LABELS ? 0 : j->model->classes;
    char *begin = mx_buffer_room(&w->text, j->length[best] + classes * (MX_DOUBLE_TEXT + 1) + 1), *s = begin;
    if (begin == NULL)
        return;
    memcpy(s, j->name[best], j->length[best]);
    s += j->length[best];
    for (size_t c = 0; c < classes; c++) {
        *s++ = '\t';
        s = mx_double_write(j->options->form == MAXENT_PREDICT_LOG_PROBABILITIES ? w->score[c] : exp(w->score[c]), s);
    }
    *s++ = '\n';
    w->text.length += (size_t)(s - begin);
}

static void put_prediction(const job *j, worker *w, size_t best)
{
    mx_buffer *out = &w->text;
    size_t classes = j->model->classes, top = j->options->top < classes ? j->options->top : classes;
    int json = j->options->json;
    if (json) {
        mx_buffer_put(out, "    {\"class\": ");
        mx_buffer_put(out, j->name[best]);
    }
    switch (j->options->form) {
    case MAXENT_PREDICT_LABELS:
        if (!json)
            mx_buffer_put(out, j->name[best]);
        break;
    case MAXENT_PREDICT_TOP:
        mx_buffer_put(out, json ? ", \"top\": [" : "");
        for (size_t k = 0; k < top; k++) {
            mx_buffer_put(out, k == 0 ? "" : json ? ", " : "\t");
            mx_buffer_put(out, json ? "[" : "");
            mx_buffer_put(out, j->name[w->best[k]]);
            mx_buffer_char(out, json ? ',' : '\t');
            put_class_numbers(j, w, w->best[k]);
            mx_buffer_put(out, json ? "]" : "");
        }
        mx_buffer_put(out, json ? "]" : "");
        break;
    default:
        if (!json)
            mx_buffer_put(out, j->name[best]);
        for (size_t c = 0; c < classes; c++) {
            mx_buffer_put(out, !json                                                       ? "\t"
                               : c > 0                                                     ? ", "
                               : j->options->form == MAXENT_PREDICT_LOG_PROBABILITIES ? ", \"log_p\": ["
                                                                                           : ", \"p\": [");
            mx_buffer_put(out, json && j->options->standard_errors ? "[" : "");
            put_class_numbers(j, w, c);
            mx_buffer_put(out, json && j->options->standard_errors ? "]" : "");
        }
        mx_buffer_put(out, json ? "]" : "");
    }
    mx_buffer_put(out, json ? "},\n" : "\n"); /* the comma after the last one is taken off at the end */
}

static maxent_error predict(void *user, int number, const mx_piece *piece, mx_fault *fault)
{
    const job *j = user;
    worker *w = &j->workers[number];
    const maxent_model *model = j->model;
    size_t begin = 0, top = j->options->top < model->classes ? j->options->top : model->classes;
    w->text.length = 0;
    if (j->options->form == MAXENT_PREDICT_PROBABILITIES || j->options->form == MAXENT_PREDICT_LOG_PROBABILITIES)
        (void)mx_buffer_room(&w->text, piece->events * (20 * model->classes + 20)); /* about, in one go */
    for (size_t e = 0; e < piece->events; e++) {
        size_t count = piece->entry_end[e] - begin, best = 0;
        const uint32_t *index = piece->index + begin;
        const double *value = piece->valued ? piece->value + begin : NULL;
        const double *offset = piece->base != NULL ? piece->base + e * model->classes : NULL;
        if (j->options->form == MAXENT_PREDICT_LABELS) { /* no exponential needed */
            if (offset != NULL)
                memcpy(w->score, offset, model->classes * sizeof *w->score);
            else
                memset(w->score, 0, model->classes * sizeof *w->score);
            mx_model_scores(model, count, index, value, w->score);
            for (size_t c = 1; c < model->classes; c++)
                best = w->score[c] > w->score[best] ? c : best;
        } else {
            best = maxent_model_predict(model, count, index, value, offset, w->score);
        }
        if (j->options->standard_errors)
            maxent_model_predict_se(model, count, index, value, offset, w->error, w->scratch);
        if (j->options->form == MAXENT_PREDICT_TOP)
            find_top(w->score, model->classes, top, w->best);
        if (j->options->json || j->options->standard_errors || j->options->form == MAXENT_PREDICT_TOP)
            put_prediction(j, w, best);
        else
            put_row(j, w, best);
        begin = piece->entry_end[e];
    }
    return w->text.failed ? mx_fault_at(fault, MAXENT_ERROR_MEMORY, 0, "out of memory") : MAXENT_OK;
}

/* Writes what a worker has; JSON: each block without its last ",\n", which comes before the next one. */
static maxent_error take(void *user, int number, const mx_block *block, mx_piece *piece, mx_fault *fault)
{
    job *j = user;
    const worker *w = &j->workers[number];
    size_t length = w->text.length;
    maxent_error error = MAXENT_OK;
    (void)block;
    if (length == 0)
        return MAXENT_OK;
    if (j->options->json) {
        if (j->written > 0)
            error = mx_output_write(&j->output, ",\n", 2, &j->trouble);
        length -= 2;
    }
    if (error == MAXENT_OK)
        error = mx_output_write(&j->output, w->text.data, length, &j->trouble);
    j->written += piece->events;
    if (error != MAXENT_OK) {
        j->number = errno;
        return mx_fault_at(fault, MAXENT_ERROR_WRITE, (size_t)-1, "%s", j->trouble.message);
    }
    return MAXENT_OK;
}

static maxent_error write_head(job *j, maxent_diagnostic *diagnostic)
{
    mx_buffer out = {0};
    maxent_prediction form = j->options->form;
    int json = j->options->json, all = form == MAXENT_PREDICT_PROBABILITIES || form == MAXENT_PREDICT_LOG_PROBABILITIES;
    if (json)
        mx_buffer_put(&out, "{\n  \"classes\": [");
    else if (all)
        mx_buffer_put(&out, "class");
    for (size_t c = 0; c < j->model->classes && (json || all); c++) {
        mx_buffer_put(&out, !json ? "\t" : c > 0 ? ", " : "");
        mx_buffer_put(&out, j->name[c]);
        if (!json && j->options->standard_errors)
            mx_buffer_put(&out, "\tse");
    }
    mx_buffer_put(&out, json ? "],\n  \"predictions\": [\n" : all ? "\n" : "");
    maxent_error error = out.failed ? mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory")
                                    : mx_output_write(&j->output, out.data != NULL ? out.data : "", out.length, diagnostic);
    mx_buffer_free(&out);
    return error;
}

static maxent_error make_worker(const job *j, worker *w, maxent_diagnostic *diagnostic)
{
    size_t classes = j->model->classes, top = j->options->top < classes ? j->options->top : classes;
    w->score = mx_alloc(classes, sizeof *w->score);
    w->error = mx_alloc(classes, sizeof *w->error);
    w->best = mx_alloc(top, sizeof *w->best);
    w->scratch = mx_alloc(j->options->standard_errors ? maxent_model_scratch(j->model) : 1, sizeof *w->scratch);
    if (w->score == NULL || w->error == NULL || w->best == NULL || w->scratch == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    return MAXENT_OK;
}

void maxent_predict_options_init(maxent_predict_options *options)
{
    memset(options, 0, sizeof *options);
    options->top = 1;
}

maxent_error maxent_predict_file(const maxent_model *model, const char *input, const maxent_predict_options *options,
                                 const char *output, maxent_read_report *report, maxent_diagnostic *diagnostic)
{
    maxent_predict_options defaults;
    maxent_read_report local;
    maxent_predict_options_init(&defaults);
    memset(&local, 0, sizeof local);
    job j = {.model = model, .options = options != NULL ? options : &defaults};
    const mx_feed_work work = {&j, predict, take};
    mx_feed feed = {0};
    int opened = 0;
    double start = mx_source_seconds();
    if (j.options->standard_errors && model->covariance == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the model has no standard errors: it was not fitted with them");
    if (j.options->top == 0 || (unsigned)j.options->form > MAXENT_PREDICT_TOP)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "an unknown form of prediction, or the top 0 classes");
    maxent_error error = mx_feed_open(input, &j.options->read, model->space, 0, &feed, diagnostic); /* each row has its prediction */
    if (error != MAXENT_OK) {
        mx_feed_close(&feed);
        return error;
    }
    local.format = feed.format;
    j.workers = mx_zalloc((size_t)feed.workers, sizeof *j.workers);
    j.name = mx_zalloc(model->classes, sizeof *j.name);
    j.length = mx_zalloc(model->classes, sizeof *j.length);
    if (j.workers == NULL || j.name == NULL || j.length == NULL)
        error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    for (int i = 0; i < feed.workers && error == MAXENT_OK; i++)
        error = make_worker(&j, &j.workers[i], diagnostic);
    for (size_t c = 0; c < model->classes && error == MAXENT_OK; c++)
        if ((j.name[c] = written_name(model->space, c, j.options->json)) == NULL)
            error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
        else
            j.length[c] = strlen(j.name[c]);
    if (error == MAXENT_OK && (error = mx_output_open(&j.output, output, diagnostic)) == MAXENT_OK) {
        opened = 1;
        error = write_head(&j, diagnostic);
    }
    if (error == MAXENT_OK)
        error = mx_feed_run(&feed, &work, &local, diagnostic);
    if (error == MAXENT_OK && j.options->json)
        error = mx_output_write(&j.output, "\n  ]\n}\n", 7, diagnostic);
    int number = j.number != 0 ? j.number : errno;
    if (opened) {
        error = mx_output_close(&j.output, error, diagnostic);
        number = j.number != 0 ? j.number : errno;
    }
    for (int i = 0; j.workers != NULL && i < feed.workers; i++) {
        mx_buffer_free(&j.workers[i].text);
        mx_free(j.workers[i].score);
        mx_free(j.workers[i].error);
        mx_free(j.workers[i].scratch);
        mx_free(j.workers[i].best);
    }
    for (size_t c = 0; j.name != NULL && c < model->classes; c++)
        mx_free(j.name[c]);
    mx_free(j.name);
    mx_free(j.length);
    mx_free(j.workers);
    mx_feed_close(&feed);
    local.seconds = mx_source_seconds() - start;
    local.unlabelled = 0; /* nobody asked */
    errno = number;
    if (error == MAXENT_OK && report != NULL)
        *report = local;
    return error;
}
