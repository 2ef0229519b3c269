/* Large problems: what the minimum gives, computed afresh by one more pass over the features. */
#include "solve/finite/stream.h"

#include "base/memory.h"

#include <math.h>

/* A limit of time is kept by this part of itself, or so many seconds: time for what there is to be told. */
#define OVERTIME 0.1
#define LEAST_OVERTIME 0.15
/* One who stops it waits for that at most this part of the time it has taken, or so many seconds. */
#define FAREWELL 0.2
#define LEAST_FAREWELL 2

/* p and its moments at the minimum: by a pass over the features, unless the last one was made for that. */
static maxent_error find_moments(mx_stream *s, mx_moments *moments)
{
    mx_minimum *m = &s->minimum;
    if (!m->judged)
        return mx_dual_moments(&s->dual, m->z, m->log_partition, moments);
    if (s->dual.scores != moments->p) /* the two arrays of keep_scores have changed places */
        s->spare = moments->p;
    s->run->result->p = moments->p = s->dual.scores;
    mx_dual_weigh(&s->dual, m->log_partition, moments);
    for (size_t i = 0; i < s->k; i++) {
        moments->mean[i] = m->mean[i] * moments->total;
        moments->square[i] = (m->variance[i] + m->mean[i] * m->mean[i]) * moments->total;
    }
    m->judged = 0; /* the scores are no more */
    return MAXENT_OK;
}

void mx_stream_watch(mx_stream *s, double deadline)
{
    if (s->run->stopped)
        deadline = fmin(deadline, mx_seconds() + fmax(FAREWELL * (mx_seconds() - s->run->started), LEAST_FAREWELL));
    s->watch = (mx_watch){.deadline = deadline, .ask = s->run->stopped ? NULL : mx_told, .user = s->run};
}

maxent_error mx_stream_judge(mx_stream *s)
{
    maxent_result *result = s->run->result;
    mx_stream_watch(s, s->run->deadline + fmax(OVERTIME * s->run->options->time_limit, LEAST_OVERTIME));
    mx_minimum *m = &s->minimum;
    size_t k = s->k;
    if (result->p == NULL)
        result->p = mx_alloc(s->n, sizeof *result->p);
    if (result->lambda == NULL)
        result->lambda = mx_alloc(k, sizeof *result->lambda);
    double *mean = mx_alloc(2 * k, sizeof *mean);
    maxent_error error = MAXENT_ERROR_MEMORY;
    if (result->p == NULL || result->lambda == NULL || mean == NULL)
        goto done;
    mx_moments moments = {.p = result->p, .mean = mean, .square = mean + k};
    if ((error = find_moments(s, &moments)) != MAXENT_OK)
        goto done;
    /* What rounding log Z and the scores leaves of the sum: all p by the same factor. */
    double by = moments.total > 0 ? 1 / moments.total : 1, penalty = 0;
    if (fabs(by - 1) > 0)
        for (size_t x = 0; x < s->n; x++)
            result->p[x] *= by;
    moments.p_log_p = by * (moments.p_log_p + log(by) * moments.total);
    moments.p_log_q *= by;
    result->worst_residual = 0;
    result->log_partition = m->log_partition;
    for (size_t i = 0; i < k; i++) {
        const mx_piece *piece = &s->piece[i];
        double average = by * mean[i], sd = sqrt(fmax(by * moments.square[i] - average * average, 0)), off = fabs(average);
        double scale = fmax(s->reference[i], sd);
        if (piece->kind == MX_KIND_BOX) {
            off = fmax(0, fmax(piece->lower - average, average - piece->upper));
            if (isfinite(piece->upper) && average >= piece->upper)
                scale = fmax(fabs(s->run->problem->fact[i].upper) * s->scale[i], sd);
        } else if (piece->kind == MX_KIND_SOFT) {
            off = fabs(average - piece->sd * piece->sd * m->z[i]);
            scale = fmax(scale, piece->sd);
            penalty += 0.5 * (average / piece->sd) * (average / piece->sd);
        }
        result->residual[i] = off == 0 ? 0 : off / (scale > 0 ? scale : 1);
        result->deviation[i] = sd / s->scale[i];
        result->achieved[i] = s->center[i] + average / s->scale[i];
        result->lambda[i] = m->z[i] * s->scale[i];
        result->log_partition -= result->lambda[i] * s->center[i];
        if (!(result->residual[i] <= result->worst_residual))
            result->worst_residual = result->residual[i];
    }
    result->entropy = fmax(0, -moments.p_log_p);
    result->relative_entropy = moments.p_log_p - moments.p_log_q;
    result->gap = m->value - (-result->relative_entropy - penalty);
    result->zeros = s->dead;
done:
    mx_free(mean);
    return error;
}

maxent_error mx_stream_give_up(mx_stream *s)
{
    mx_minimum *m = &s->minimum;
    m->value = m->log_partition + mx_pieces_value(s->k, s->piece, m->z);
    maxent_error error = mx_stream_judge(s);
    s->run->result->verdict = MAXENT_UNFINISHED;
    return error;
}
