/* The length of a step: the dual along it from scores alone, exp(s_x + t q_x) for any t, without reading a feature. */
#include "solve/dual/along.h"

#include <math.h>

#define ALONG 0.1 /* of the slope that the step began with: with that the search is content */

/* F and the pieces along the step, from scores alone: along: [3] value and derivatives at z + t step. */
static void look_along(mx_dual *dual, const mx_piece *pieces, const mx_minimum *m, const double *ray, double t, double along[3])
{
    mx_dual_ray(dual, dual->spare, ray, t, along);
    for (size_t j = 0; j < m->r; j++) {
        const mx_piece *piece = &pieces[j];
        if (mx_piece_watched(piece))
            continue;
        double z = m->z[j] + t * m->step[j], square = piece->kind == MX_KIND_SOFT ? piece->sd * piece->sd : 0;
        along[0] += (piece->upper + 0.5 * square * z) * z;
        along[1] += (piece->upper + square * z) * m->step[j];
        along[2] += square * m->step[j] * m->step[j];
    }
}

double mx_best_length(mx_dual *dual, const mx_piece *pieces, const mx_minimum *m, double length, double value, double slope,
                      double before)
{
    const double *s = dual->spare, noise = 4e-16 * (1 + fabs(m->value));
    double *ray = dual->scores, along[3] = {value, slope, 0}, low[3] = {0, m->value, before}, high[3] = {INFINITY, 0, 0}, t = length;
    for (size_t x = 0; x < dual->n; x++)
        ray[x] = s[x] > -INFINITY ? (ray[x] - s[x]) / length : 0;
    for (int attempt = 0; attempt < 40; attempt++) {
        double last = fmin(fabs(low[2]), isinf(high[0]) ? INFINITY : fabs(high[2]));
        if (attempt > 0)
            look_along(dual, pieces, m, ray, t, along);
        if (fabs(along[1]) <= ALONG * fabs(before) && along[0] <= m->value + 1e-4 * t * before + noise)
            return t;
        double *end = along[1] > 0 || !isfinite(along[0]) ? high : low;
        end[0] = t;
        end[1] = along[0];
        end[2] = along[1];
        double newton = t - along[1] / along[2];
        double meet = (high[1] - high[2] * high[0] - low[1] + low[2] * low[0]) / (low[2] - high[2]);
        if (isinf(high[0]))
            t = along[2] > 0 && newton < 4 * t ? newton : 4 * t;
        else if (newton > low[0] && newton < high[0] && fabs(along[1]) < 0.5 * last)
            t = newton;
        else
            t = meet > low[0] && meet < high[0] ? meet : 0.5 * (low[0] + high[0]);
    }
    return low[0];
}
