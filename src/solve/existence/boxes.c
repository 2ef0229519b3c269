/* A certificate put to the whole support by intervals.
 *
 * The support is a box; of the boxes on which the slack may be below 0, as intervals tell (facts/ranges.h), the one on which it may be
 * lowest is halved next, and its middle looked at. A narrow peak that no sample meets is closed in on in a few dozen steps, since
 * intervals see that it may be there. When no box is left the certificate is proved, to rounding; mostly the boxes about its lowest places
 * are too many, and then it stands because nothing was found.
 */
#include "solve/existence/existence.h"
#include "solve/existence/strict.h"

#include "base/memory.h"
#include "facts/ranges.h"

#include <math.h>
#include <string.h>

enum { BOXES_MOST = 4000, BOXES_FEW = 1000, LEVELS_MOST = 64, STEPS = 60 };

#define NEAR 1e3
#define BESIDE 1e-14   /* of a place: as far as the places where features jump are off */
#define ROUNDING 1e-12 /* of the terms */

typedef struct box {
    double lower[MX_AXES], upper[MX_AXES], least;
    size_t level;
} box;

static void sift(box *heap, size_t n, size_t i)
{
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= n)
            return;
        if (child + 1 < n && heap[child + 1].least < heap[child].least)
            child++;
        if (!(heap[child].least < heap[i].least))
            return;
        box swap = heap[i];
        heap[i] = heap[child];
        heap[child] = swap;
        i = child;
    }
}

static double least_on(const mx_clash *k, mx_ranges *boxes, const box *b, double *work)
{
    const mx_places *p = k->places;
    double *lower = work, *upper = work + p->variables, *low = upper + p->variables, *high = low + p->problem->k, sum = 0;
    mx_places_listed(p, b->level, lower);
    mx_places_listed(p, b->level, upper);
    for (size_t a = 0; a < p->axes; a++) {
        lower[p->variable[a]] = b->lower[a];
        upper[p->variable[a]] = b->upper[a];
    }
    mx_ranges_bounds(boxes, lower, upper, low, high);
    for (size_t i = 0; i < k->m; i++) {
        const mx_clash_column *col = &k->column[i];
        double weight = k->exact[i], extreme = weight > 0 ? low[col->fact] : high[col->fact];
        if (weight != 0)
            sum += weight * (extreme - col->bound);
    }
    return isnan(sum) ? -INFINITY : sum;
}

/* Where a box is halved, and its middle: the place between the ends, far out their geometric mean. */
static double middle(double lower, double upper)
{
    if (isinf(lower) && isinf(upper))
        return 0;
    if (isinf(upper))
        return lower > 1 ? lower * lower * 4 : lower < -1 ? 0 : lower + 4;
    if (isinf(lower))
        return -middle(-upper, INFINITY);
    if (lower > 0 && upper > 16 * lower)
        return sqrt(lower) * sqrt(upper);
    if (upper < 0 && lower < 16 * upper)
        return -sqrt(-lower) * sqrt(-upper);
    return 0.5 * lower + 0.5 * upper;
}

static void push(box *heap, size_t *n, box b)
{
    size_t i = (*n)++;
    for (; i > 0 && b.least < heap[(i - 1) / 2].least; i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = b;
}

static box pop(box *heap, size_t *n)
{
    box top = heap[0];
    heap[0] = heap[--*n];
    sift(heap, *n, 0);
    return top;
}

/* The middle of a box goes to at, and the axis along which it is widest to be halved there; axes: it is a point. */
static size_t choose(const mx_places *p, const box *b, double *at)
{
    double widest = -1;
    size_t axis = p->axes;
    for (size_t a = 0; a < p->axes; a++) {
        double x = middle(b->lower[a], b->upper[a]), unit = p->infinite[a] ? 1 : p->upper[a] - p->lower[a];
        double near = fmin(fabs(b->lower[a]), fabs(b->upper[a])), wide = fmin((b->upper[a] - b->lower[a]) / fmax(unit, near), 1e300);
        at[p->variable[a]] = x = p->whole[a] ? floor(x) : x;
        if (wide > widest && x < b->upper[a] && (x > b->lower[a] || p->whole[a])) {
            widest = wide;
            axis = a;
        }
    }
    return axis;
}

/* Is the slack below 0? With k->rounding: by more than that part of its terms, and not only at this very point, where features may jump.
 * 1, 0, -1: no memory. */
static int below(const mx_clash *k, const double *at, double *f)
{
    const mx_places *p = k->places;
    size_t features = p->problem->k;
    double near[128], logq;
    for (int look = 0; look < 3; look++) { /* here; beside it on both sides */
        memcpy(near, at, 2 * p->variables * sizeof *near);
        for (size_t a = 0; a < p->axes && look > 0; a++) {
            double x = at[p->variable[a]], off = p->whole[a] ? 0 : BESIDE * fabs(x);
            near[p->variable[a]] = fmin(fmax(look == 1 ? x - off : x + off, p->lower[a]), p->upper[a]);
        }
        if (mx_sample_evaluate(p->problem, near, 1, f, f + features, &logq) != 0)
            return -1;
        double value = logq > -INFINITY ? mx_clash_slack(k, f, f + features) : INFINITY, size = 0;
        if (look > 0 && value < 0)
            return 1;
        for (size_t i = 0; i < k->m; i++)
            size = fmax(size, fabs(k->exact[i]) * fmax(fabs(f[k->column[i].fact]), fabs(k->column[i].bound)));
        int low = isfinite(value) && value < -(k->rounding > 0 ? k->rounding * size : 0);
        if (look == 0 && (!low || k->rounding == 0))
            return low;
    }
    return 0;
}

/* limit: how far infinite axes are looked at, in their scale. */
static int search(mx_clash *k, double limit, mx_ranges *boxes, box *heap, double *work, size_t *found)
{
    const mx_places *p = k->places;
    size_t n = 0, features = p->problem->k;
    double *f = work + 2 * p->variables + 2 * features;
    for (size_t l = 0; l < p->levels && l < LEVELS_MOST; l++) {
        box b = {.level = l};
        for (size_t a = 0; a < p->axes; a++) {
            b.lower[a] = fmax(p->lower[a], p->base[a] - limit * p->scale[a]);
            b.upper[a] = fmin(p->upper[a], p->base[a] + limit * p->scale[a]);
            if (!p->infinite[a] || isinf(limit)) {
                b.lower[a] = p->lower[a];
                b.upper[a] = p->upper[a];
            }
        }
        b.least = least_on(k, boxes, &b, work);
        if (!(b.least > 0))
            push(heap, &n, b);
    }
    for (size_t step = 0; n > 0 && step < (k->rounding > 0 ? BOXES_FEW : BOXES_MOST) && *found < 4 && !mx_late(k->c->run); step++) {
        double at[128] = {0}, least;
        box b = pop(heap, &n);
        mx_places_listed(p, b.level, at);
        size_t axis = choose(p, &b, at);
        int low = below(k, at, f);
        if (low < 0)
            return -1;
        if (low) {
            if (mx_places_descend(p, mx_clash_angle, k, STEPS, k->c->run, at, &least) != 0 || mx_sample_join(k->sample, at, 1, 1) != 0)
                return -1;
            ++*found;
            continue;
        }
        for (int side = 0; axis < p->axes && side < 2; side++) {
            box part = b;
            double half = at[p->variable[axis]];
            *(side == 0 ? &part.upper[axis] : &part.lower[axis]) = side == 1 && p->whole[axis] ? half + 1 : half;
            part.least = least_on(k, boxes, &part, work);
            if (!(part.least > 0))
                push(heap, &n, part);
        }
    }
    return 0;
}

int mx_clash_boxes(mx_clash *k, size_t *found)
{
    const mx_places *p = k->places;
    size_t features = p->problem->k, infinite = 0;
    mx_ranges *boxes = mx_ranges_new(p->problem);
    box *heap = mx_alloc(BOXES_MOST + LEVELS_MOST + 2, sizeof *heap);
    double *work = mx_alloc(2 * p->variables + 4 * features + 2, sizeof *work);
    int bad = boxes == NULL || heap == NULL || work == NULL ? -1 : 0;
    *found = 0;
    for (size_t a = 0; a < p->axes; a++)
        infinite += p->infinite[a] != 0;
    if (bad == 0 && infinite > 0) /* what is far out would take all the steps */
        bad = search(k, NEAR, boxes, heap, work, found);
    if (bad == 0 && *found == 0)
        bad = search(k, INFINITY, boxes, heap, work, found);
    mx_ranges_free(boxes);
    mx_free(heap);
    mx_free(work);
    return bad;
}

/* A certificate on columns. 0: a bound that it leans on is not finite. */
static int take(mx_clash *k, mx_continuum *c, const mx_existence *e, const mx_places *places, mx_sample *sample)
{
    for (size_t i = 0; i < c->shadow.k; i++) {
        const mx_fact *fact = &c->fact[i];
        double bound = fact->lower == fact->upper ? fact->lower : e->direction[i] > 0 ? fact->upper : fact->lower;
        if (e->direction[i] == 0)
            continue;
        if (!isfinite(bound) || k->m == MX_COLUMNS_MOST)
            return 0;
        k->d[k->m] = k->exact[k->m] = e->direction[i];
        k->column[k->m++] = (mx_clash_column){.fact = i, .sign = 1, .bound = bound, .scale = 1};
    }
    k->c = c;
    k->places = places;
    k->sample = sample;
    k->rounding = ROUNDING;
    return 1;
}

maxent_error mx_existence_boxes(mx_continuum *c, const mx_existence *e, mx_sample *sample, size_t *found)
{
    mx_places places;
    mx_clash *k = mx_zalloc(1, sizeof *k);
    *found = 0;
    if (k == NULL)
        return MAXENT_ERROR_MEMORY;
    maxent_error error = mx_places_open(&c->grid, &places);
    if (error == MAXENT_OK && take(k, c, e, &places, sample))
        error = mx_clash_boxes(k, found) != 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    mx_places_close(&places);
    mx_free(k);
    return error;
}

maxent_error mx_existence_valleys(mx_continuum *c, const mx_existence *e, mx_sample *sample, size_t *found)
{
    mx_places places;
    mx_clash *k = mx_zalloc(1, sizeof *k);
    mx_sample bottoms = {.problem = &c->shadow, .variables = c->shadow.support.variables, .k = c->shadow.k};
    double *f = mx_alloc(2 * bottoms.k + 1, sizeof *f);
    *found = 0;
    memset(&places, 0, sizeof places);
    maxent_error error = k == NULL || f == NULL ? MAXENT_ERROR_MEMORY : mx_places_open(&c->grid, &places);
    if (error == MAXENT_OK && take(k, c, e, &places, sample))
        error = mx_places_valleys(&places, &bottoms);
    for (size_t j = 0; error == MAXENT_OK && j < bottoms.n; j++) {
        const double *at = bottoms.at + j * 2 * bottoms.variables;
        int low = below(k, at, f);
        if (low < 0 || (low > 0 && mx_sample_join(sample, at, 1, 1) != 0))
            error = MAXENT_ERROR_MEMORY;
        *found += low > 0;
    }
    mx_sample_close(&bottoms);
    mx_places_close(&places);
    mx_free(k);
    mx_free(f);
    return error;
}
