/* The covariance of the coordinates at the point of the last evaluation, from a choice of states.
 *
 * The scores s_x of that evaluation and F = log Z give p_x = exp(s_x - F) without reading a feature. State x is taken with
 * probability pi_x = min(1, p_x / tau), decided by a hash of its number, and then counts p_x / pi_x = max(p_x, tau): the sums are
 * unbiased, heavy states are always in, and of all choices of as many states none has less variance [1]. tau is found from a
 * histogram of log p. A covariance of r coordinates from m states has relative errors of about sqrt(r / m).
 * With no fewer states asked for than there are, all take part that carry more than the rounding of the sums.
 *
 * Where p rests on few states, single precision would drown the light states in the rounding of the heavy ones. The states are then
 * taken by classes of p, the heaviest class in double precision, and each class is summed by itself: its rounding is relative to it.
 *
 * [1] D. G. Horvitz, D. J. Thompson. A generalization of sampling without replacement from a finite universe. JASA 47 (1952).
 */
#include "solve/dual/dual.h"

#include "base/dense.h"
#include "solve/dual/kernels.h"
#include "solve/dual/lanes.h"

#include <math.h>
#include <string.h>

/* Probabilities below which a state adds less than rounding, in double and in single precision. */
#define NEGLIGIBLE 1e-18
#define NEGLIGIBLE_SINGLE 1e-12

/* A histogram of log p by quarters of nats, down to exp(-64). */
#define BINS 256
#define LOOKED_AT 16384 /* scores, about, that it is made from */

/* The lower ends of classes of p. */
static const double CLASS[] = {1e-3, 1e-6, 1e-9, 0};
enum { CLASSES = sizeof CLASS / sizeof *CLASS };
/* States a coordinate that p must rest on for one class to do. */
#define EVEN 8

enum { TOTAL, CHOSEN, MEAN }; /* places in a lane's sums */

typedef struct choice {
    double value, tau, least;
    double from, below; /* of p: the class */
    int single;
    double *square; /* the caller's covariance: the sums of lane 0 */
} choice;

/* Returns the states that one looked at stands for. */
static size_t look(const mx_dual *dual, double value, size_t count[BINS])
{
    size_t step = dual->n / LOOKED_AT | 1; /* odd: supports are often products of powers of two */
    memset(count, 0, BINS * sizeof *count);
    for (size_t x = 0; x < dual->n; x += step) {
        double bin = 4 * (value - dual->scores[x]);
        if (bin < BINS)
            count[bin > 0 ? (size_t)bin : 0]++;
    }
    return step;
}

size_t mx_dual_heavy(const mx_dual *dual, double value)
{
    size_t count[BINS], step = look(dual, value, count), heavy = 0;
    for (size_t b = 0; b < BINS && exp(-0.25 * (double)b) > NEGLIGIBLE_SINGLE; b++)
        heavy += count[b];
    heavy *= step;
    return heavy < dual->n ? heavy : dual->n;
}

static double find_tau(const mx_dual *dual, double value, size_t states)
{
    size_t count[BINS], step = look(dual, value, count);
    double below = 0, above = 0;
    for (size_t b = 0; b < BINS; b++)
        below += (double)count[b] * exp(-0.25 * ((double)b + 0.5));
    for (size_t b = 0; b < BINS; b++) { /* tau at the lower end of bin b: sum of min(1, p / tau) */
        double tau = exp(-0.25 * (double)(b + 1));
        above += (double)count[b];
        below -= (double)count[b] * exp(-0.25 * ((double)b + 0.5));
        if ((above + fmax(below, 0) / tau) * (double)step >= (double)states)
            return tau;
    }
    return 0;
}

static void flush(const mx_dual *dual, mx_workspace space, const choice *c, size_t count, double *sums, double *square)
{
    const mx_kernels *kernel = mx_kernels_get();
    (c->single ? kernel->gram_f32 : kernel->gram)(space.gather, dual->ld, count, dual->r, space.chosen, square, dual->r, space.gram);
    kernel->gradient(space.gather, dual->ld, count, dual->r, space.chosen, sums + MEAN);
    for (size_t x = 0; x < count; x++)
        sums[TOTAL] += space.chosen[x];
    sums[CHOSEN] += (double)count;
}

/* The states of a block that are taken: their places to space.index, their weights to space.score; returns how many. */
static size_t choose(const mx_dual *dual, mx_workspace space, const choice *c, size_t first, size_t m)
{
    size_t taken = 0;
    double least = fmax(c->least, c->from * (1 - 0x1p-53)); /* p >= from is p > the double before it */
    memcpy(space.score, dual->scores + first, m * sizeof(double));
    if (!(mx_kernels_get()->max(space.score, m) > c->value + log(least) - 1e-9))
        return 0;
    mx_kernels_get()->exp_sum(space.score, m, c->value);
    for (size_t x = 0; x < m; x++) {
        double p = space.score[x];
        if (!(p > least) || p >= c->below || !(p > mx_hashed(first + x) * c->tau)) /* this is true of all p >= tau */
            continue;
        mx_lane_fetch(dual, first + x);
        space.index[taken] = first + x;
        space.score[taken++] = p < c->tau ? c->tau : p;
    }
    return taken;
}

/* Adds the states of the class. */
static int add_class(const mx_dual *dual, size_t lane, mx_workspace space, const choice *c, double *sums, double *square)
{
    size_t count = 0, first, end;
    mx_lane_range(dual, lane, &first, &end);
    for (; first < end; first += dual->block) {
        size_t m = end - first < dual->block ? end - first : dual->block;
        size_t taken = choose(dual, space, c, first, m);
        mx_block block = {.u = NULL};
        int whole = 8 * taken > m;
        if (whole && mx_lane_open(dual, &space, first, m, &block))
            return 1;
        for (size_t t = 0; t < taken; t++) {
            double *row = space.gather + count * dual->ld;
            if (whole)
                mx_lane_row(dual, &block, space.index[t] - first, row);
            else if (mx_lane_state(dual, &space, space.index[t], row))
                return 1;
            space.chosen[count++] = space.score[t];
            if (count == dual->block) {
                flush(dual, space, c, count, sums, square);
                count = 0;
                if (mx_watch_over(dual->watch, space.worker == 0))
                    return 1;
            }
        }
    }
    flush(dual, space, c, count, sums, square);
    return 0;
}

static int lane_covariance(const mx_dual *dual, size_t lane, mx_workspace space, void *data)
{
    choice c = *(choice *)data;
    size_t r = dual->r;
    double *sums = dual->lane_sums + lane * dual->lane_stride;
    double *square = lane == 0 ? c.square : dual->lane_squares + (lane - 1) * r * r;
    memset(sums, 0, (MEAN + r) * sizeof *sums);
    memset(square, 0, r * r * sizeof *square);
    if (!c.single || dual->effective > EVEN * (double)r)
        return add_class(dual, lane, space, &c, sums, square);
    for (size_t i = 0; i < CLASSES; i++) {
        c.from = CLASS[i];
        c.single = i > 0;
        if (add_class(dual, lane, space, &c, sums, square))
            return 1;
        c.below = c.from;
    }
    return 0;
}

maxent_error mx_dual_covariance(mx_dual *dual, double value, size_t states, int single, double *covariance)
{
    size_t r = dual->r;
    choice c = {.value = value, .single = single, .below = INFINITY, .square = covariance};
    c.least = single ? NEGLIGIBLE_SINGLE : NEGLIGIBLE;
    c.tau = states < dual->n ? find_tau(dual, value, states) : 0;
    maxent_error error = mx_lanes_run(dual, lane_covariance, &c);
    if (error != MAXENT_OK)
        return error;
    double *sums = dual->lane_sums;
    for (size_t lane = 1; lane < dual->lanes; lane++) {
        const double *square = dual->lane_squares + (lane - 1) * r * r;
        for (size_t i = 0; i < MEAN + r; i++)
            sums[i] += dual->lane_sums[lane * dual->lane_stride + i];
        for (size_t i = 0; i < r * r; i++)
            covariance[i] += square[i];
    }
    dual->evaluations -= 4 * sums[CHOSEN] < (double)dual->n; /* a pass is what reads a good part of the features */
    for (size_t i = 0; i < r; i++)
        sums[MEAN + i] /= sums[TOTAL];
    for (size_t i = 0; i < r; i++)
        for (size_t j = 0; j <= i; j++)
            covariance[i * r + j] = covariance[i * r + j] / sums[TOTAL] - sums[MEAN + i] * sums[MEAN + j];
    mx_mirror_lower(r, covariance, r);
    return MAXENT_OK;
}

enum { AHEAD = 8 }; /* rows fetched before they are read */

typedef struct sample_data {
    choice c;
    double *panel, *logarithm;
    size_t most;
} sample_data;

/* The numbers of the states of the lane that are taken, to its part of dual->spare. */
static int lane_list(const mx_dual *dual, size_t lane, mx_workspace space, void *data)
{
    size_t first, end, count = 0;
    mx_lane_range(dual, lane, &first, &end);
    double *list = dual->spare + first;
    for (; first < end; first += dual->block) {
        size_t m = end - first < dual->block ? end - first : dual->block;
        size_t taken = choose(dual, space, &((sample_data *)data)->c, first, m);
        for (size_t t = 0; t < taken; t++)
            list[count++] = (double)space.index[t];
    }
    dual->lane_sums[lane * dual->lane_stride + CHOSEN] = (double)count;
    return 0;
}

/* Their rows and weights, behind those of the lanes before. */
static int lane_rows(const mx_dual *dual, size_t lane, mx_workspace space, void *data)
{
    const sample_data *s = data;
    size_t first, end, at = 0, count = (size_t)dual->lane_sums[lane * dual->lane_stride + CHOSEN];
    for (size_t before = 0; before < lane; before++)
        at += (size_t)dual->lane_sums[before * dual->lane_stride + CHOSEN];
    mx_lane_range(dual, lane, &first, &end);
    const double *list = dual->spare + first;
    double low = log(s->c.tau); /* -inf where tau is 0 */
    for (size_t t = 0; t < count && at + t < s->most; t++) {
        size_t x = (size_t)list[t];
        if (t + AHEAD < count)
            mx_lane_fetch(dual, (size_t)list[t + AHEAD]);
        if (mx_lane_state(dual, &space, x, s->panel + (at + t) * dual->ld))
            return 1;
        s->logarithm[at + t] = fmax(dual->scores[x] - s->c.value, low);
    }
    return 0;
}

maxent_error mx_dual_sample(mx_dual *dual, double value, size_t most, double *panel, double *logarithm, size_t *count)
{
    sample_data s = {.c = {.value = value, .least = NEGLIGIBLE, .below = INFINITY}, .panel = panel, .logarithm = logarithm, .most = most};
    size_t all = SIZE_MAX;
    /* Their number is random, and tau from a guess. */
    for (double states = 0.9 * (double)most; all > most && states >= 1; states *= 0.9 * (double)most / (double)all) {
        s.c.tau = find_tau(dual, value, (size_t)states);
        mx_lanes_run(dual, lane_list, &s); /* calls nobody: cannot fail */
        dual->evaluations--;
        all = 0;
        for (size_t lane = 0; lane < dual->lanes; lane++)
            all += (size_t)dual->lane_sums[lane * dual->lane_stride + CHOSEN];
    }
    *count = all <= most ? all : 0;
    if (*count == 0)
        return MAXENT_OK;
    maxent_error error = mx_lanes_run(dual, lane_rows, &s);
    dual->evaluations--; /* not a pass */
    return error;
}
