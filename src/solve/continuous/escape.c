/* Relaxing facts at the ends, and judging them afterwards.
 *
 * Mass that goes to an end can carry any amount of a fast-growing feature at no cost of entropy (ends.h). So E[x^4] = 4 on the line only
 * says E[x^4] <= 4 to the entropy, and a third moment says nothing. The relaxed problem always has its maximum; if that
 * maximum meets the facts as they were, it is the answer, and if not, its entropy is the supremum, and no density reaches it.
 *
 * With several continuous variables the ends are rays along the axes and diagonals.
 */
#include "solve/continuous/escape.h"

#include "base/memory.h"
#include "base/text.h"
#include "solve/continuous/rays.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LEVELS_MOST = 16, FEATURES_MOST = 200, CURVES = 4 };

#define ROUNDED 1e-14        /* of the deviation: a mean that is 0 to rounding */
#define NO_MULTIPLIER 1e-11  /* times the target */
#define FAR_TOO_LARGE 1000.0 /* log p, not normalised */

/* What a fact becomes when one side of it is free of charge. */
static void relax(mx_fact *fact, mx_escape escape)
{
    if (escape == MX_ESCAPE_AT_MOST || escape == MX_ESCAPE_DROPPED)
        fact->lower = -INFINITY;
    if (escape == MX_ESCAPE_AT_LEAST || escape == MX_ESCAPE_DROPPED)
        fact->upper = INFINITY;
    fact->sd = 0;
}

static int is_equality(const mx_fact *fact)
{
    return fact->lower == fact->upper && !(fact->sd > 0);
}

/* Can the facts that a change of coordinates mixes be mixed? What has slack can take equalities on, which shift its bounds, and stays where
 * it is: f~_i = f_i + ... has lambda~_i = lambda_i. */
static int mixable(const mx_continuum *c, const mx_ends *ends)
{
    size_t k = ends->k;
    for (size_t i = 0; ends->from != NULL && i < k; i++)
        for (size_t j = 0; j < k; j++) {
            int identity = ends->from[i * k + j].hi == (i == j) && ends->from[i * k + j].lo == 0;
            if (!identity && !is_equality(&c->fact[i]))
                return 0;
        }
    return 1;
}

static void apply(mx_continuum *c)
{
    const mx_ends *ends = c->ends;
    const mx_fact *user = c->run->problem->fact;
    size_t k = ends->k;
    for (size_t j = 0; ends->from != NULL && j < k; j++) { /* tau~ = from^T tau */
        mx_dd shift = {0, 0};
        double error = 0;
        size_t used = 0, only = j;
        for (size_t i = 0; i < k; i++) {
            mx_dd by = ends->from[i * k + j];
            if (by.hi == 0)
                continue;
            used++;
            only = i;
            if (is_equality(&user[i])) {
                shift = mx_dd_add(shift, mx_dd_mul_d(by, user[i].lower));
                error += fabs(by.hi) * user[i].target_error;
            }
        }
        int own = used == 1 && ends->from[only * k + j].hi == 1;
        mx_fact *fact = &c->fact[j];
        if (own || !is_equality(&user[j])) {
            *fact = user[own ? only : j];
            if (own)
                continue;
            fact->lower = isfinite(fact->lower) ? mx_dd_add_d(shift, fact->lower).hi : fact->lower;
            fact->upper = isfinite(fact->upper) ? mx_dd_add_d(shift, fact->upper).hi : fact->upper;
            error += fact->target_error;
        } else {
            *fact = user[only];
            fact->lower = fact->upper = shift.hi;
        }
        fact->target_error = error + 0x1p-53 * (isfinite(fact->upper) ? fabs(fact->upper) : isfinite(fact->lower) ? fabs(fact->lower) : 0);
    }
    for (size_t i = 0; i < k; i++) {
        if (c->fact[i].sd > 0) { /* stays as it is while its multiplier has the right sign: mx_escape_soft */
            c->soft[i] = ends->escape[i] == MX_ESCAPE_AT_MOST ? 1 : ends->escape[i] == MX_ESCAPE_AT_LEAST ? -1 : 0;
            if (c->soft[i] != 0) {
                c->ends->escape[i] = MX_ESCAPE_NONE;
                continue;
            }
        }
        if (ends->escape[i] != MX_ESCAPE_NONE)
            relax(&c->fact[i], ends->escape[i]);
    }
}

int mx_escape_soft(mx_continuum *c)
{
    int changed = 0;
    for (size_t i = 0; i < c->shadow.k; i++)
        if (c->soft[i] != 0 && c->soft[i] * (c->lambda[i].hi - c->ends->edge[i]) < 0) { /* the rest can come from ever farther out */
            relax(&c->fact[i], MX_ESCAPE_DROPPED);
            c->ends->escape[i] = MX_ESCAPE_DROPPED;
            c->soft[i] = 0;
            c->lambda[i] = mx_dd_make(0);
            changed = 1;
        }
    return changed;
}

/* Leaves only ends at which all features are in range far out, where it matters. Returns their number. */
static size_t in_range(const mx_continuum *c, size_t count, mx_end *end)
{
    size_t k = c->shadow.k, kept = 0;
    double *out = mx_alloc(2 * k + 2, sizeof *out);
    for (size_t e = 0; out != NULL && e < count; e++) {
        double low = 0, logq, x = 1e5 * end[e].scale;
        int finite = 1;
        if (end[e].kind == MX_END_PLUS_INFINITY || end[e].kind == MX_END_MINUS_INFINITY) {
            x = end[e].kind == MX_END_PLUS_INFINITY ? x : -x;
            finite = mx_ray_look(end[e].user, 1, &x, &low, out, out + k, &logq) == 0;
        }
        for (size_t i = 0; finite && i < k && isinf(x) == 0; i++)
            finite = (end[e].kind != MX_END_PLUS_INFINITY && end[e].kind != MX_END_MINUS_INFINITY) || isfinite(out[i]);
        if (finite)
            end[kept++] = end[e];
    }
    mx_free(out);
    return kept;
}

maxent_error mx_escape_find(mx_continuum *c, int *unbounded)
{
    size_t k = c->shadow.k, n = 0, rays = 0, levels = c->grid.levels < LEVELS_MOST ? c->grid.levels : LEVELS_MOST;
    *unbounded = 0;
    mx_ray *r = mx_zalloc(MX_ENDS_MOST + 2 * LEVELS_MOST, sizeof *r);
    mx_end *end = mx_zalloc(MX_ENDS_MOST, sizeof *end);
    unsigned char *sign = mx_zalloc(k + 1, 1);
    maxent_error error = r == NULL || end == NULL || sign == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    if (error != MAXENT_OK || k > FEATURES_MOST)
        goto done;
    for (size_t i = 0; i < k; i++) {
        const mx_fact *fact = &c->fact[i];
        sign[i] = fact->sd > 0                                    ? MX_SIGN_FREE
                  : isinf(fact->lower) && isinf(fact->upper) ? MX_SIGN_ZERO
                  : isinf(fact->lower)                            ? MX_SIGN_AT_MOST
                  : isinf(fact->upper)                            ? MX_SIGN_AT_LEAST
                                                                  : MX_SIGN_FREE;
    }
    for (size_t level = 0; level < levels; level++) {
        mx_ray_begin(c, level, &r[rays]);
        if (c->grid.axes == 1)
            n = mx_rays_line(c, &r[rays], &rays, end, n);
        else
            n = mx_rays_space(c, &r[rays], &rays, end, n);
        if (rays >= MX_ENDS_MOST)
            break;
    }
    const char *name = c->grid.axes == 1 ? c->shadow.support.variable[c->grid.axis[0].variable].name : "the state";
    if (n > 0 && mx_ends_find(k, sign, n, end, mx_ray_look, name,
                              &c->ends) != 0)
        error = MAXENT_ERROR_MEMORY;
    if (error != MAXENT_OK || c->ends == NULL)
        goto done;
    if (c->ends->unbounded) { /* where features overflow nothing is known: is it so without those ends? */
        size_t kept = in_range(c, n, end);
        if (kept < n) {
            mx_ends_free(c->ends);
            c->ends = NULL;
            if (kept > 0 && mx_ends_find(k, sign, kept, end, mx_ray_look, name, &c->ends) != 0)
                error = MAXENT_ERROR_MEMORY;
            if (c->ends != NULL && !c->ends->unbounded) {
                mx_ends_free(c->ends);
                c->ends = NULL;
            }
        }
    }
    if (error != MAXENT_OK || c->ends == NULL)
        goto done;
    if (c->ends->unbounded) {
        *unbounded = 1;
        snprintf(c->run->result->message, sizeof c->run->result->message, "%s", c->ends->message);
    } else if (mixable(c, c->ends)) {
        apply(c);
    } else {
        mx_ends_free(c->ends);
        c->ends = NULL;
    }
done:
    mx_free(r);
    mx_free(end);
    mx_free(sign);
    return error;
}

int mx_escape_changes(const mx_continuum *c)
{
    int changes = c->ends != NULL && c->ends->from != NULL;
    for (size_t i = 0; c->ends != NULL && i < c->shadow.k; i++)
        changes |= c->ends->escape[i] != MX_ESCAPE_NONE && c->ends->edge[i] != 0;
    return changes;
}

void mx_escape_change(const mx_continuum *c, mx_nodes *nodes)
{
    const mx_ends *ends = c->ends;
    size_t k = nodes->k;
    if (ends == NULL || c->plain)
        return;
    mx_dd row[FEATURES_MOST];
    for (size_t j = 0; j < nodes->n && ends->from != NULL; j++) {
        double *hi = nodes->hi + j * k, *lo = nodes->lo + j * k;
        for (size_t i = 0; i < k; i++) {
            row[i] = mx_dd_make(0);
            for (size_t l = 0; l < k; l++)
                if (ends->from[l * k + i].hi != 0)
                    row[i] = mx_dd_add(row[i], mx_dd_mul(ends->from[l * k + i], (mx_dd){hi[l], lo[l]}));
        }
        for (size_t i = 0; i < k; i++) {
            hi[i] = row[i].hi;
            lo[i] = row[i].lo;
        }
    }
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; ends->escape[i] != MX_ESCAPE_NONE && ends->edge[i] != 0 && j < nodes->n; j++)
            if (isfinite(nodes->logq[j])) {
                mx_dd off = mx_dd_add_d((mx_dd){nodes->hi[j * k + i], nodes->lo[j * k + i]}, -mx_fact_centre(&c->fact[i]));
                mx_dd log = mx_dd_sub((mx_dd){nodes->logq[j], nodes->logq_low[j]}, mx_dd_mul_d(off, ends->edge[i]));
                nodes->logq[j] = log.hi;
                nodes->logq_low[j] = log.lo;
            }
}

void mx_escape_undo(mx_continuum *c)
{
    const mx_ends *ends = c->ends;
    size_t k = c->shadow.k;
    if (ends == NULL || c->plain)
        return;
    mx_dd row[FEATURES_MOST];
    for (size_t i = 0; i < k; i++)
        if (ends->escape[i] != MX_ESCAPE_NONE)
            c->lambda[i] = mx_dd_add_d(c->lambda[i], ends->edge[i]);
    for (size_t i = 0; ends->from != NULL && i < k; i++) {
        row[i] = mx_dd_make(0);
        for (size_t j = 0; j < k; j++)
            if (ends->from[i * k + j].hi != 0)
                row[i] = mx_dd_add(row[i], mx_dd_mul(ends->from[i * k + j], c->lambda[j]));
    }
    if (ends->from != NULL)
        memcpy(c->lambda, row, k * sizeof *row);
    memcpy(c->relaxed_fact, c->fact, k * sizeof *c->fact);
    memcpy(c->fact, c->run->problem->fact, k * sizeof *c->fact);
    c->plain = 1;
}

maxent_error mx_escape_face(mx_continuum *c, int *changed)
{
    const mx_ends *ends = c->ends;
    *changed = 0;
    if (ends == NULL || ends->from != NULL || c->faced != 0 || ends->rows == 0)
        return MAXENT_OK;
    size_t k = c->shadow.k, tight = 0;
    unsigned char *on = mx_zalloc(ends->rows + k, 1);
    if (on == NULL)
        return MAXENT_ERROR_MEMORY;
    for (size_t r = 0; r < ends->rows; r++) {
        size_t i = ends->row[r].pivot;
        on[r] = i < k && ends->escape[i] != MX_ESCAPE_NONE && ends->escape[i] != MX_ESCAPE_DROPPED && c->lambda[i].hi == 0;
        tight += on[r];
    }
    mx_ends *face = NULL;
    int bad = tight > 0 ? mx_ends_face(ends, on, c->shadow.support.variable[c->grid.axis[0].variable].name, &face) : 0;
    if (face != NULL && !face->unbounded && face->from == NULL)
        for (size_t i = 0; i < k; i++)
            if (face->escape[i] == MX_ESCAPE_DROPPED && ends->escape[i] == MX_ESCAPE_NONE && face->edge[i] == 0 &&
                !(isinf(c->fact[i].lower) && isinf(c->fact[i].upper))) {
                relax(&c->fact[i], MX_ESCAPE_DROPPED);
                c->ends->escape[i] = MX_ESCAPE_DROPPED;
                c->dropped[i] = 1;
                c->lambda[i] = mx_dd_make(0);
                *changed = 1;
            }
    c->faced = *changed ? 1 : c->faced;
    mx_ends_free(face);
    mx_free(on);
    return bad ? MAXENT_ERROR_MEMORY : MAXENT_OK;
}

int mx_escape_leave(mx_continuum *c)
{
    size_t k = c->shadow.k;
    int leave = 0;
    for (size_t i = 0; c->faced == 1 && i < k; i++)
        leave |= c->dropped[i] && c->run->result->residual[i] > 1e-10;
    for (size_t i = 0; leave && i < k; i++)
        if (c->dropped[i]) {
            c->fact[i] = c->run->problem->fact[i];
            c->ends->escape[i] = MX_ESCAPE_NONE;
        }
    c->faced = leave ? 2 : c->faced;
    return leave;
}

/* Is by . f - from, less log q where the prior counts, below -less at a point far out of some curves between axes? */
static int below(const mx_continuum *c, const double *by, double from, double less, int prior)
{
    static const double power[CURVES] = {1, 1.5, 3, 6};
    size_t k = c->shadow.k, axes = c->grid.axes, ways = 1;
    double *out = mx_alloc(2 * k + 1, sizeof *out), logq;
    int found = out == NULL;
    for (size_t a = 0; a < axes; a++)
        ways *= 3 * CURVES;
    for (size_t d = 0; d < ways && !found; d++) {
        mx_ray r = {.c = c};
        int leaves = 1, moving = 0;
        for (size_t a = 0, rest = d; a < axes; a++, rest /= 3 * CURVES) {
            const mx_axis *axis = &c->grid.axis[a];
            r.toward[a] = (double)(rest % 3) - 1;
            r.power[a] = power[rest / 3 % CURVES];
            r.base[a] = isfinite(axis->lower) ? axis->lower : isfinite(axis->upper) ? axis->upper : 0;
            if (isfinite(axis->lower) && isfinite(axis->upper))
                r.base[a] = axis->whole ? floor(0.5 * (axis->lower + axis->upper)) : 0.5 * (axis->lower + axis->upper);
            leaves = leaves && !(r.toward[a] > 0 && isfinite(axis->upper)) && !(r.toward[a] < 0 && isfinite(axis->lower));
            moving += r.toward[a] != 0;
        }
        for (int step = 4; step <= 28 && leaves && moving > 1 && !found; step += 2) {
            double t = ldexp(1, step), low = 0, size = fabs(from), sum = -from;
            if (mx_ray_look(&r, 1, &t, &low, out, out + k, &logq) != 0 || !(logq > -INFINITY))
                continue;
            for (size_t i = 0; i < k; i++)
                if (by[i] != 0) {
                    sum += by[i] * out[i];
                    size = fmax(size, fabs(by[i] * out[i]));
                }
            sum -= prior ? logq : 0;
            found = isfinite(size) && sum < -less && sum < -1e-9 * size;
        }
    }
    mx_free(out);
    return found;
}

int mx_escape_falls(const mx_continuum *c, const double *d)
{
    double target = 0;
    for (size_t i = 0; i < c->shadow.k; i++) {
        const mx_fact *fact = &c->run->problem->fact[i];
        target += d[i] > 0 ? d[i] * fact->upper : d[i] < 0 ? d[i] * fact->lower : 0;
    }
    return c->grid.axes > 1 && isfinite(target) && below(c, d, target, 0, 0);
}

void mx_escape_multipliers(const mx_continuum *c, double *out)
{
    size_t k = c->shadow.k;
    for (size_t i = 0; i < k; i++) {
        mx_dd sum = {0, 0};
        for (size_t j = 0; j < k; j++) {
            mx_dd part = c->plain || c->ends == NULL || c->ends->from == NULL ? mx_dd_make(i == j) : c->ends->from[i * k + j];
            double edge = !c->plain && c->ends != NULL && c->ends->escape[j] != MX_ESCAPE_NONE ? c->ends->edge[j] : 0;
            sum = mx_dd_add(sum, mx_dd_mul(part, mx_dd_add_d(c->lambda[j], edge)));
        }
        out[i] = sum.hi;
    }
}

void mx_escape_begin(mx_continuum *c, const double *lambda)
{
    const mx_ends *ends = c->ends;
    size_t k = c->shadow.k;
    for (size_t i = 0; i < k; i++) {
        mx_dd sum = mx_dd_make(ends == NULL || ends->to == NULL ? lambda[i] : 0);
        for (size_t j = 0; j < k && ends != NULL && ends->to != NULL; j++)
            sum = mx_dd_add(sum, mx_dd_mul_d(ends->to[i * k + j], lambda[j]));
        c->lambda[i] = ends != NULL && ends->escape[i] != MX_ESCAPE_NONE ? mx_dd_add_d(sum, -ends->edge[i]) : sum;
    }
}

/* Is p far larger along a curve far out than it may be? Then rays were too few: there is more that the multipliers have to keep down. */
static int spreads(const mx_continuum *c)
{
    size_t k = c->shadow.k;
    double by[FEATURES_MOST];
    mx_escape_multipliers(c, by);
    for (size_t i = 0; i < k; i++)
        by[i] = fabs(by[i]) * fmax(mx_fact_size(&c->run->problem->fact[i]), 1) > NO_MULTIPLIER ? by[i] : 0;
    return below(c, by, 0, FAR_TOO_LARGE, 1);
}

/* The residual of fact i; where a mean is not known, as a part of the deviation however large that is. */
static double missed(const mx_continuum *c, size_t i)
{
    const maxent_result *result = c->run->result;
    const mx_fact *fact = &c->run->problem->fact[i];
    double off = fmax(0, fmax(fact->lower - result->achieved[i], result->achieved[i] - fact->upper));
    return c->heavy == c->shadow.k || fact->sd > 0 ? result->residual[i] : off / fmax(mx_fact_size(fact), result->deviation[i]);
}

void mx_escape_settle(mx_continuum *c)
{
    maxent_result *result = c->run->result;
    const mx_ends *ends = c->ends;
    size_t k = c->shadow.k, worst = SIZE_MAX, end = SIZE_MAX;
    double most = 0;
    if (ends == NULL)
        return;
    for (size_t i = 0; i < k; i++) {
        double off = mx_continuum_relaxed(c, i) ? missed(c, i) : 0;
        if (off > 1e-10 && off > most) {
            most = off;
            worst = i;
        }
    }
    if (worst == SIZE_MAX)
        return;
    if (c->grid.axes > 1 && spreads(c)) {
        result->verdict = MAXENT_UNFINISHED;
        snprintf(result->message, sizeof result->message,
                 "no density was found that meets the facts, and far out the one that meets most of them cannot be normalised: whether the "
                 "supremum of the entropy is attained is not known");
        return;
    }
    for (size_t r = 0; r < ends->rows && end == SIZE_MAX; r++)
        end = ends->row[r].a[worst].hi != 0 ? ends->row[r].end : end;
    char name[160] = "an end of the support", target[MX_DOUBLE_TEXT], achieved[MX_DOUBLE_TEXT], bound[MX_DOUBLE_TEXT];
    if (end != SIZE_MAX)
        mx_end_name(&ends->end[end], c->shadow.support.variable[c->grid.axis[0].variable].name, name, sizeof name);
    const mx_fact *fact = &c->run->problem->fact[worst];
    double missed = result->achieved[worst] > fact->upper ? fact->upper : isfinite(fact->lower) ? fact->lower : fact->upper;
    double size = mx_fact_size(fact), spread = size > 0 ? fmin(result->deviation[worst], size) : result->deviation[worst];
    double has = fabs(result->achieved[worst]) > ROUNDED * spread ? result->achieved[worst] : 0;
    result->verdict = MAXENT_UNATTAINED;
    result->bound = result->entropy;
    snprintf(result->message, sizeof result->message,
             "no density attains the supremum of the entropy, %s: without %s the answer has %s there, and the rest of %s is only "
             "approached, by "
             "ever less mass ever farther out (%s)",
             mx_double_text_digits(mx_units_entropy(c->run, result->bound), 10, bound), fact->text != NULL ? fact->text : "one fact",
             mx_double_text_digits(mx_units_value(c->run, worst, has), 10, achieved),
             mx_double_text_digits(mx_units_value(c->run, worst, missed), 10, target), name);
    result->entropy = NAN;
}

int mx_escape_heavy(mx_continuum *c)
{
    maxent_result *result = c->run->result;
    const mx_ends *ends = c->ends;
    size_t k = c->shadow.k, i = c->heavy;
    int dropped = 0;
    for (size_t j = 0; ends != NULL && i < k && j < k; j++)
        dropped |= ends->escape[j] == MX_ESCAPE_DROPPED && (ends->from == NULL ? i == j : ends->from[i * k + j].hi != 0);
    if (!dropped)
        return 0;
    char bound[MX_DOUBLE_TEXT];
    const char *text = c->run->problem->fact[i].text;
    result->verdict = MAXENT_UNATTAINED;
    result->bound = result->entropy;
    snprintf(result->message, sizeof result->message,
             "no density attains the supremum of the entropy, %s: the one density that has it without %s gives that no finite value, and "
             "what the fact asks for is only approached, by ever less mass moved to where the feature is ever larger",
             mx_double_text_digits(mx_units_entropy(c->run, result->bound), 10, bound), text != NULL ? text : "one fact");
    result->entropy = NAN;
    return 1;
}
