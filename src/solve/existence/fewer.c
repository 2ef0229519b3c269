/* Existence with fewer facts.
 *
 * The direction of the exchange may creep towards one of fewer facts, as of power moments at a single point towards (x - 1)^2. Those that
 * have next to no part in the last one are left out, then the least of the others, and it is asked again. What clashes, or leaves mass only
 * on points, without some of the facts does so with them.
 */
#include "solve/existence/existence.h"

#include "base/memory.h"
#include "solve/existence/lowest.h"
#include "solve/existence/places.h"

#include <math.h>
#include <string.h>

#define EXACTLY 1e-26 /* of its terms */
#define CLEARLY 1e-6 /* on columns of usual size: a point that is ruled out by more than its place is known to */
#define NO_PART 1e-2 /* of the largest term of a direction at the targets: a fact with next to none; */
#define LITTLE_PART 0.2 /* and the most that one may have that is left out */

/* Can the facts be met by mass at the points of a sample? *met; used: [s->n] 1 where some of it may be, or NULL. */
static maxent_error met_by(mx_continuum *c, const mx_sample *s, int *met, unsigned char *used)
{
    mx_view view;
    mx_coordinates coordinates;
    mx_hull hull;
    memset(&coordinates, 0, sizeof coordinates);
    memset(&hull, 0, sizeof hull);
    *met = 0;
    if (s->n == 0)
        return MAXENT_OK;
    maxent_error error = mx_sample_view(c, s, &view);
    if (error == MAXENT_OK)
        error = mx_coordinates_open(&view, NULL, &coordinates);
    if (error == MAXENT_OK && coordinates.clash == NULL) {
        error = mx_hull_open(&view, &coordinates, 2000 + 50 * coordinates.r, &hull);
        *met = error == MAXENT_OK && (hull.side == MX_INTERIOR || hull.side == MX_FACE);
        for (size_t y = 0; *met && used != NULL && y < view.n; y++)
            used[view.state[y]] = (unsigned char)(hull.side == MX_INTERIOR || hull.keep[y] || !(hull.margin > CLEARLY));
    }
    mx_hull_close(&hull);
    mx_coordinates_close(&coordinates);
    mx_view_close(&view);
    return error;
}

maxent_error mx_existence_met(mx_continuum *c, const mx_existence *e, int *met, unsigned char *used)
{
    size_t variables = c->shadow.support.variables;
    mx_sample s = {.problem = &c->shadow, .variables = variables, .k = c->shadow.k};
    double at[128] = {0};
    int bad = 0;
    for (size_t j = 0; j < e->points && !bad; j++) {
        memcpy(at, e->point + j * variables, variables * sizeof *at);
        bad = mx_sample_join(&s, at, 1, 1) != 0;
    }
    maxent_error error = bad ? MAXENT_ERROR_MEMORY : met_by(c, &s, met, s.n == e->points ? used : NULL);
    *met &= s.n == e->points || used == NULL;
    mx_sample_close(&s);
    return error;
}

maxent_error mx_existence_trim(mx_continuum *c, mx_existence *e)
{
    size_t variables = c->shadow.support.variables, kept = 0;
    unsigned char *used = mx_zalloc(e->points + 1, 1);
    int met = 0;
    maxent_error error = used == NULL ? MAXENT_ERROR_MEMORY : mx_existence_met(c, e, &met, used);
    for (size_t j = 0; error == MAXENT_OK && met && j < e->points; j++)
        if (used[j])
            memmove(e->point + kept++ * variables, e->point + j * variables, variables * sizeof *e->point);
    if (kept > 0)
        e->points = kept;
    mx_free(used);
    return error;
}

/* Points of a sample on a face join another: exactly on it, or as far as rounding tells. Returns 0, -1: no memory. */
static int join_face(mx_continuum *c, const mx_existence *e, const mx_sample *s, int exactly, mx_sample *on)
{
    size_t k = c->shadow.k;
    int bad = 0;
    for (size_t j = 0; j < s->n && !bad; j++) {
        const double *hi = s->hi + j * k, *lo = s->lo + j * k;
        double size, slack = mx_slack(c, e->direction, hi, lo, &size).hi;
        if (exactly ? fabs(slack) <= EXACTLY * size : mx_existence_on_face(c, e->direction, e->open, hi, lo))
            bad = mx_sample_join(on, s->at + j * 2 * s->variables, 1, 1) != 0;
    }
    return bad ? -1 : 0;
}

maxent_error mx_existence_met_on_face(mx_continuum *c, const mx_existence *e, int *met)
{
    mx_places places;
    mx_sample s = {.problem = &c->shadow, .variables = c->shadow.support.variables, .k = c->shadow.k};
    mx_rounding relaxed = c->relaxed;
    maxent_error error = mx_places_open(&c->grid, &places);
    *met = 0;
    if (error == MAXENT_OK)
        error = mx_places_cloud(&places, &s);
    for (size_t j = 0; error == MAXENT_OK && j < e->points; j++) {
        double at[128] = {0};
        memcpy(at, e->point + j * s.variables, s.variables * sizeof *at);
        if (mx_sample_join(&s, at, 1, 1) != 0)
            error = MAXENT_ERROR_MEMORY;
    }
    for (int exactly = 1; exactly >= 0 && error == MAXENT_OK && !*met; exactly--) {
        mx_sample on = {.problem = &c->shadow, .variables = s.variables, .k = s.k};
        c->relaxed = exactly ? relaxed : MX_ROUNDING_CLASH; /* what keeps the points off the face says nothing */
        error = join_face(c, e, &s, exactly, &on) != 0 ? MAXENT_ERROR_MEMORY : met_by(c, &on, met, NULL);
        mx_sample_close(&on);
    }
    c->relaxed = relaxed;
    mx_sample_close(&s);
    mx_places_close(&places);
    return error;
}

maxent_error mx_existence_fewer(mx_continuum *c, mx_sample *sample, mx_existence *e)
{
    size_t k = c->shadow.k;
    mx_fact *was = c->fact, *fewer = mx_alloc(k + 1, sizeof *fewer);
    double *direction = mx_alloc(k + 1, sizeof *direction);
    int met = 0, again = 1;
    maxent_error error = fewer == NULL || direction == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    if (error == MAXENT_OK) {
        memcpy(fewer, was, k * sizeof *fewer);
        memcpy(direction, e->direction, k * sizeof *direction);
    }
    while (error == MAXENT_OK && again && !mx_late(c->run)) {
        mx_existence other;
        double most = 0, least = INFINITY;
        size_t left = 0;
        for (size_t i = 0; i < k; i++)
            if (isfinite(fewer[i].lower) || isfinite(fewer[i].upper)) {
                double share = fabs(direction[i]) * mx_fact_size(&was[i]);
                most = fmax(most, share);
                least = fmin(least, share);
            }
        for (size_t i = 0; i < k; i++) { /* the least, and all others that are next to nothing */
            int taken = isfinite(fewer[i].lower) || isfinite(fewer[i].upper);
            if (taken && !(fabs(direction[i]) * mx_fact_size(&was[i]) > fmax(least, NO_PART * most)))
                fewer[i].lower = -(fewer[i].upper = INFINITY);
            else
                left += taken != 0;
        }
        if (left == 0 || !(least < LITTLE_PART * most))
            break;
        c->fact = c->shadow.fact = fewer;
        error = mx_existence_exchange(c, sample, &other);
        c->fact = c->shadow.fact = was;
        again = error == MAXENT_OK && (other.answer == MX_NOT_KNOWN || other.answer == MX_ON_POINTS);
        if (error == MAXENT_OK)
            memcpy(direction, other.direction, k * sizeof *direction);
        if (error == MAXENT_OK && other.answer == MX_ON_POINTS)
            error = mx_existence_met(c, &other, &met, NULL);
        if (error == MAXENT_OK && (met || other.answer == MX_NONE)) {
            mx_existence before = *e;
            *e = other;
            other = before;
            again = 0;
        }
        mx_existence_close(&other);
    }
    mx_free(fewer);
    mx_free(direction);
    return error;
}
