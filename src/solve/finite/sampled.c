/* Smallest clashes and repairs on a sample of states, by exchange.
 *
 * The facts clash on a sample too, when it has the states at which a certificate is lowest, and what repairs them there repairs them on
 * all states, which are more. It need not be the least that does: so the facts are moved to just short of each repair, where a
 * certificate says that the sample cannot meet them; the state at which that is lowest among all joins, until none is lower than those of
 * the sample. What is left unproved in the end is not told.
 */
#include "solve/finite/sampled.h"

#include "base/memory.h"
#include "solve/dual/coordinates.h"
#include "solve/finite/hull.h"
#include "solve/verdict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SPREAD = 200, FACTS_MOST = 12, ROUNDS = 24, BLOCK = 256 };

#define SAMPLE_SECONDS 1.5
#define SHORT 1e-6    /* of the way to a repair: so far short of it the facts have to clash */
#define ROUNDED 1e-12 /* of its terms: how far a state may be below the sample's lowest */

typedef struct sample {
    const maxent_problem *whole;
    size_t *state;         /* [n] ascending */
    size_t n, capacity;
    double *q;             /* [n] or NULL */
} sample;

static int fill_dd(void *user, size_t first, size_t count, double *hi, double *lo)
{
    const sample *s = user;
    int bad = 0;
    for (size_t x = 0; x < count && !bad; x++)
        bad = mx_features_block_dd(s->whole, s->state[first + x], 1, hi + x * s->whole->k, lo + x * s->whole->k);
    return bad;
}

static int fill(void *user, size_t first, size_t count, double *out)
{
    const sample *s = user;
    int bad = 0;
    for (size_t x = 0; x < count && !bad; x++)
        bad = mx_features_block(s->whole, s->state[first + x], 1, out + x * s->whole->k);
    return bad;
}

/* Returns 1 when it was not there, 0, -1: no memory. */
static int join(sample *s, size_t state)
{
    size_t at = s->n;
    if (state >= s->whole->n || (s->whole->q != NULL && s->whole->q[state] == 0))
        return 0;
    while (at > 0 && s->state[at - 1] >= state)
        at--;
    if (at < s->n && s->state[at] == state)
        return 0;
    if (s->n == s->capacity) {
        size_t capacity = 2 * s->capacity + 64;
        size_t *grown = mx_resize(s->state, capacity, sizeof *grown);
        s->state = grown != NULL ? grown : s->state;
        double *q = grown != NULL && s->whole->q != NULL ? mx_resize(s->q, capacity, sizeof *q) : NULL;
        s->q = q != NULL ? q : s->q;
        if (grown == NULL || (s->whole->q != NULL && q == NULL))
            return -1;
        s->capacity = capacity;
    }
    memmove(s->state + at + 1, s->state + at, (s->n - at) * sizeof *s->state);
    s->state[at] = state;
    s->n++;
    for (size_t x = 0; s->q != NULL && x < s->n; x++)
        s->q[x] = s->whole->q[s->state[x]];
    return 1;
}

/* The lowest states of `count` directions, [count][k], among all: at[], and d . f there. */
static maxent_error lowest(const maxent_problem *problem, size_t count, const double *direction, size_t *at, double *least)
{
    size_t k = problem->k;
    double *block = mx_alloc(BLOCK, (k + 1) * sizeof *block);
    maxent_error error = block == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    for (size_t c = 0; c < count; c++) {
        least[c] = INFINITY;
        at[c] = SIZE_MAX;
    }
    for (size_t first = 0; first < problem->n && error == MAXENT_OK; first += BLOCK) {
        size_t m = problem->n - first < BLOCK ? problem->n - first : BLOCK;
        if (mx_features_block(problem, first, m, block) != 0)
            error = MAXENT_ERROR_CALLBACK;
        for (size_t x = 0; x < m && error == MAXENT_OK; x++)
            for (size_t c = 0; c < count; c++) {
                double sum = 0;
                if (problem->q != NULL && problem->q[first + x] == 0)
                    continue;
                for (size_t i = 0; i < k; i++)
                    sum += direction[c * k + i] != 0 ? direction[c * k + i] * block[x * k + i] : 0;
                if (sum < least[c]) {
                    least[c] = sum;
                    at[c] = first + x;
                }
            }
    }
    mx_free(block);
    return error;
}

/* A certificate that the sample cannot meet the facts when the bound of fact i that d leans on is just short of its repair: *found. */
static maxent_error just_short(const maxent_problem *problem, mx_fact *fact, size_t i, double d, double repair, double *out, int *found)
{
    maxent_problem moved = *problem;
    mx_view view;
    mx_coordinates c;
    mx_hull hull;
    mx_fact was = fact[i];
    double from = d > 0 ? was.upper : was.lower, bound = repair - SHORT * (repair - from);
    memset(&view, 0, sizeof view);
    memset(&c, 0, sizeof c);
    memset(&hull, 0, sizeof hull);
    moved.fact = fact;
    if (d > 0 || was.lower == was.upper)
        fact[i].upper = bound;
    if (d < 0 || was.lower == was.upper)
        fact[i].lower = bound;
    maxent_error error = mx_view_open(&moved, &view, NULL);
    if (error == MAXENT_OK)
        error = mx_coordinates_open(&view, NULL, &c);
    *found = 0;
    if (error == MAXENT_OK && c.clash == NULL)
        error = mx_hull_open(&view, &c, 1000 + 50 * c.r, &hull);
    if (error == MAXENT_OK && c.clash == NULL && hull.side == MX_OUTSIDE) {
        for (size_t j = 0; j < view.k; j++)
            out[j] = ldexp(hull.direction[j], -view.column[j].exponent);
        *found = 1;
    }
    fact[i] = was;
    mx_hull_close(&hull);
    mx_coordinates_close(&c);
    mx_view_close(&view);
    return error;
}

/* d . f at the lowest state of the sample, and the size of its terms. */
static double lowest_there(const maxent_problem *sampled, const double *d, double *size)
{
    double least = INFINITY, f[FACTS_MOST];
    *size = 0;
    for (size_t x = 0; x < sampled->n; x++) {
        double sum = 0, most = 0;
        if (mx_features_block(sampled, x, 1, f) != 0)
            return -INFINITY;
        for (size_t i = 0; i < sampled->k; i++) {
            sum += d[i] * f[i];
            most = fmax(most, fabs(d[i] * f[i]));
        }
        *size = sum < least ? most : *size;
        least = fmin(least, sum);
    }
    return least;
}

/* The first states: evenly spread, and the ends of every feature and of the certificate. */
static maxent_error begin(sample *s, const double *certificate)
{
    size_t k = s->whole->k, at[2 * FACTS_MOST + 1];
    double direction[(2 * FACTS_MOST + 1) * FACTS_MOST] = {0}, least[2 * FACTS_MOST + 1];
    memcpy(direction, certificate, k * sizeof *direction);
    for (size_t i = 0; i < k; i++) {
        direction[(1 + 2 * i) * k + i] = 1;
        direction[(2 + 2 * i) * k + i] = -1;
    }
    maxent_error error = lowest(s->whole, 2 * k + 1, direction, at, least);
    int bad = 0;
    for (size_t c = 0; error == MAXENT_OK && c < 2 * k + 1 && bad >= 0; c++)
        for (size_t by = 0; by < 5 && bad >= 0; by++) /* and their neighbours */
            bad = at[c] != SIZE_MAX && at[c] + by >= 2 ? join(s, at[c] + by - 2) : 0;
    for (size_t j = 0; j < SPREAD && bad >= 0; j++)
        bad = join(s, (size_t)((double)j / SPREAD * (double)s->whole->n));
    return bad < 0 ? MAXENT_ERROR_MEMORY : error;
}

maxent_error mx_clash_sampled(mx_run *run)
{
    maxent_result *result = run->result;
    const maxent_problem *problem = run->problem;
    size_t k = problem->k;
    sample s = {.whole = problem};
    mx_run on = *run;
    double *was = mx_alloc((FACTS_MOST + 3) * k + 1, sizeof *was), *direction = was + k, deadline = mx_seconds() + SAMPLE_SECONDS;
    mx_fact *fact = mx_alloc(k + 1, sizeof *fact);
    maxent_error error = was == NULL || fact == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    int again = error == MAXENT_OK && k <= FACTS_MOST, proved = 0;
    if (error == MAXENT_OK)
        memcpy(was, result->direction, k * sizeof *was);
    if (again) {
        memcpy(fact, problem->fact, k * sizeof *fact);
        error = begin(&s, was);
    }
    on.deadline = fmin(run->deadline, deadline);
    for (int round = 0; again && error == MAXENT_OK && round < ROUNDS && mx_seconds() < on.deadline; round++) {
        maxent_problem sampled = *problem;
        size_t count = 1, fits[FACTS_MOST + 1], at[FACTS_MOST + 1];
        double least[FACTS_MOST + 1];
        sampled.n = s.n;
        sampled.q = s.q;
        sampled.features = (mx_features){.storage = MX_STORE_FILL, .fill = fill, .fill_dd = fill_dd, .user = &s};
        on.problem = &sampled;
        memcpy(result->direction, was, k * sizeof *was);
        mx_free(result->repair);
        result->repair = NULL;
        error = mx_explain_reduce(&on);
        memcpy(direction, result->direction, k * sizeof *direction);
        for (size_t i = 0; error == MAXENT_OK && result->repair != NULL && i < k; i++) {
            int found = 0;
            if (isfinite(result->repair[i]))
                error = just_short(&sampled, fact, i, result->direction[i], result->repair[i], direction + count * k, &found);
            fits[count] = i;
            count += (size_t)found;
        }
        if (error == MAXENT_OK)
            error = lowest(problem, count, direction, at, least);
        again = 0;
        proved = error == MAXENT_OK;
        for (size_t c = 0; error == MAXENT_OK && c < count; c++) {
            double size, there = lowest_there(&sampled, direction + c * k, &size);
            if (least[c] >= there - ROUNDED * size)
                continue;
            proved = 0;
            for (size_t by = 0; by < 5 && error == MAXENT_OK; by++) {
                int joined = at[c] + by >= 2 ? join(&s, at[c] + by - 2) : 0;
                again |= joined > 0;
                error = joined < 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK;
            }
            if (c > 0 && result->repair != NULL)
                result->repair[fits[c]] = NAN; /* unless a later round proves it */
        }
    }
    if (error == MAXENT_OK && !proved) {
        memcpy(result->direction, was, k * sizeof *was);
        for (size_t i = 0; result->repair != NULL && i < k; i++)
            result->repair[i] = NAN;
    }
    mx_free(s.state);
    mx_free(s.q);
    mx_free(was);
    mx_free(fact);
    return error;
}
