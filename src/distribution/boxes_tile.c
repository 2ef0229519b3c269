/* The boxes that draws come from: halved by the nodes of the density first, then where they waste most. See boxes.c. */
#include "distribution/boxes_inside.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

enum { MORE = 16 }; /* points in every box when the tiling stands */
static const size_t most_boxes = 40000;
static const double enough = 0.65;        /* proposals that are taken */
static const double singular_mass = 1e-9; /* left of a singular side */
static const double share = 1.0 / 512.0;  /* nodes in a box of the first tiling have at most this mass */
static const double beside = 1e-9;        /* how far inside its sides a box is looked at */

/* ---- what p does in a box ---- */

/* p on a grid: 5 x 5, or 4 x 4 x 4 when there are three directions; the ends a billionth inside. */
static size_t on_each_side(const mx_boxes *b)
{
    return b->d == 2 ? 5 : 4;
}

static double place(size_t i, size_t each)
{
    return i == 0 ? beside : i == each - 1 ? 1.0 - beside : (double)i / (double)(each - 1);
}

static void raise_top(mx_box *it, double logp)
{
    if (logp > it->top && logp < INFINITY)
        it->top = logp;
}

/* Grows p towards a side by more than 5 % from a millionth to a billionth of the box away from it? */
static maxent_error look_beside(mx_boxes *b, mx_box *it)
{
    size_t n = 4 * b->d;
    for (size_t j = 0; j < n; j++) { /* direction j / 4, end j / 2 % 2 */
        double part[MX_BOXES_DIMENSIONS] = {0.5, 0.5, 0.5}, far = j % 2 == 0 ? beside : 1000.0 * beside;
        if (!mx_boxes_whole(b, j / 4))
            part[j / 4] = j / 2 % 2 == 0 ? far : 1.0 - far;
        mx_boxes_put(b, it, part, j);
    }
    maxent_error error = mx_boxes_ask(b, n);
    for (size_t j = 0; j < n && error == MAXENT_OK; j += 2)
        if (b->logp[j] == INFINITY || (b->logp[j + 1] > -INFINITY && b->logp[j] > b->logp[j + 1] + 0.05)) {
            it->singular = 1;
            it->across = j / 4;
        }
    return error;
}

/* Bound, mean, waste and direction of a box. */
static maxent_error study(mx_boxes *b, mx_box *it)
{
    size_t each = on_each_side(b), n = 1, stride[MX_BOXES_DIMENSIONS];
    for (size_t i = 0; i < b->d; i++) {
        stride[i] = n;
        n *= each;
    }
    for (size_t j = 0; j < n; j++) {
        double part[MX_BOXES_DIMENSIONS];
        for (size_t i = 0; i < b->d; i++)
            part[i] = place(j / stride[i] % each, each);
        mx_boxes_put(b, it, part, j);
    }
    maxent_error error = mx_boxes_ask(b, n);
    if (error != MAXENT_OK)
        return error;
    it->top = -INFINITY;
    it->singular = 0;
    for (size_t j = 0; j < n; j++)
        raise_top(it, b->logp[j]);
    double most = it->top, inner = -INFINITY, sum = 0.0, lowest = 0.0, widest = -1.0;
    it->mean = -INFINITY;
    it->waste = 0.0;
    for (size_t j = it->first; j < it->first + it->count; j++)
        raise_top(it, b->result->density->logp[b->order[j]]);
    if (it->top == -INFINITY)
        return MAXENT_OK;
    for (size_t j = 0; j < n; j++) {
        double below = fmin(it->top - b->logp[j], 50.0); /* 50: as good as nothing */
        sum += exp(-fmax(below, 0.0));
        lowest = fmax(lowest, below);
        int on_side = 0;
        for (size_t i = 0; i < b->d; i++)
            on_side = on_side || j / stride[i] % each == 0 || j / stride[i] % each + 1 == each;
        if (!on_side && b->logp[j] < INFINITY)
            inner = fmax(inner, b->logp[j]);
    }
    for (size_t i = 0; i < b->d; i++) {
        double change = 0.0;
        for (size_t j = 0; j < n; j++)
            if (j / stride[i] % each + 1 < each) {
                double here = fmin(it->top - b->logp[j], 50.0), next = fmin(it->top - b->logp[j + stride[i]], 50.0);
                change += exp(-fmin(fmax(here, 0.0), fmax(next, 0.0))) * fabs(here - next);
            }
        if (change > widest && mx_boxes_side(b, it, i) > (mx_boxes_whole(b, i) ? 1.0 : 0.0)) {
            widest = change;
            it->across = i;
        }
    }
    it->mean = it->top + log(sum / (double)n);
    it->top += 1e-3 + 0.1 * fmin(fmin(lowest, 2.0) + (it->top - most), 4.0);
    double size = mx_boxes_volume(b, it);
    if ((error = look_beside(b, it)) != MAXENT_OK)
        return error;
    it->waste = (exp(it->top) - exp(it->mean)) * size;
    if (it->singular) {
        it->mean = inner > -INFINITY ? inner : it->mean; /* next to the side p is no measure of the mass */
        it->waste = exp(it->mean) * size > singular_mass ? INFINITY : 0.0;
    }
    return MAXENT_OK;
}

/* ---- halving ---- */

static void swap(size_t *a, size_t *b)
{
    size_t keep = *a;
    *a = *b;
    *b = keep;
}

/* Box i becomes its lower part, a new one at the end its upper part; 0: it is too thin, or there is no memory (*error). WHOLE: the upper
 * part begins with `cut`. */
static int halve(mx_boxes *b, size_t i, size_t across, double cut, maxent_error *error)
{
    if (!(cut > b->all[i].low[across] && cut < b->all[i].high[across] + (mx_boxes_whole(b, across) ? 1.0 : 0.0)))
        return 0;
    if (b->count == b->room) {
        mx_box *more = mx_resize(b->all, 2 * b->room, sizeof *more);
        if (more == NULL) {
            *error = MAXENT_ERROR_MEMORY;
            return 0;
        }
        b->all = more;
        b->room *= 2;
    }
    mx_box *lower = &b->all[i], *upper = &b->all[b->count++];
    *upper = *lower;
    size_t at = lower->first, end = lower->first + lower->count;
    while (at < end) {
        if (b->z[b->order[at] * b->d + across] < cut)
            at++;
        else
            swap(&b->order[at], &b->order[--end]);
    }
    upper->first = at;
    upper->count = lower->first + lower->count - at;
    lower->count = at - lower->first;
    upper->low[across] = cut;
    lower->high[across] = mx_boxes_whole(b, across) ? cut - 1.0 : cut;
    return 1;
}

/* The middle of a side; where its ends differ much in size, their geometric mean. */
static double middle(const mx_boxes *b, const mx_box *it, size_t i)
{
    double low = it->low[i], high = it->high[i], cut = 0.5 * low + 0.5 * high;
    if (low > 0.0 && high > 16.0 * low)
        cut = sqrt(low) * sqrt(high);
    else if (high < 0.0 && low < 16.0 * high)
        cut = -sqrt(-low) * sqrt(-high);
    return mx_boxes_whole(b, i) ? floor(cut) + 1.0 : cut;
}

typedef struct placed {
    double z, mass;
} placed;

static int by_z(const void *a, const void *b)
{
    double x = ((const placed *)a)->z, y = ((const placed *)b)->z;
    return (x > y) - (x < y);
}

/* Where half of the mass of a box's nodes lies on either side, and all of it. list: [nodes of the box]. The mean would be far out where
 * tails are heavy. */
static double median(const mx_boxes *b, const mx_box *it, size_t across, placed *list, double *mass)
{
    *mass = 0.0;
    for (size_t j = 0; j < it->count; j++) {
        size_t node = b->order[it->first + j];
        list[j] = (placed){b->z[node * b->d + across], mx_boxes_node_mass(b, node)};
        *mass += list[j].mass;
    }
    qsort(list, it->count, sizeof *list, by_z);
    double sum = 0.0;
    size_t j = 0;
    while (j + 1 < it->count && sum + list[j].mass < 0.5 * *mass)
        sum += list[j++].mass;
    return list[j].z;
}

/* The first tiling: by the nodes, across one direction after the other. */
static maxent_error tile(mx_boxes *b)
{
    size_t most = 0;
    for (size_t i = 0; i < b->count; i++)
        most = b->all[i].count > most ? b->all[i].count : most;
    placed *list = mx_alloc(most, sizeof *list);
    maxent_error error = list == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    for (size_t i = 0; i < b->count && error == MAXENT_OK; i++)
        for (size_t idle = 0; idle < b->d && b->count < most_boxes / 4 && b->all[i].count > 8 && error == MAXENT_OK;) {
            size_t across = b->all[i].across;
            double mass, centre = median(b, &b->all[i], across, list, &mass);
            if (!(mass > share))
                break;
            if (mx_boxes_whole(b, across))
                centre = floor(centre) + 1.0;
            b->all[i].across = (across + 1) % b->d;
            idle = halve(b, i, across, centre, &error) ? 0 : idle + 1;
        }
    mx_free(list);
    return error;
}

/* ---- the heap of boxes by their waste ---- */

static void sink(const mx_boxes *b, size_t *heap, size_t n, size_t i)
{
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= n)
            return;
        if (child + 1 < n && b->all[heap[child + 1]].waste > b->all[heap[child]].waste)
            child++;
        if (!(b->all[heap[child]].waste > b->all[heap[i]].waste))
            return;
        swap(&heap[i], &heap[child]);
        i = child;
    }
}

static void lift(const mx_boxes *b, size_t *heap, size_t i)
{
    for (; i > 0 && b->all[heap[i]].waste > b->all[heap[(i - 1) / 2]].waste; i = (i - 1) / 2)
        swap(&heap[i], &heap[(i - 1) / 2]);
}

/* Halves what wastes most until little is wasted. */
static maxent_error refine(mx_boxes *b)
{
    maxent_error error = MAXENT_OK;
    size_t *heap = mx_alloc(2 * most_boxes, sizeof *heap), n = 0;
    if (heap == NULL)
        return MAXENT_ERROR_MEMORY;
    double mass = 0.0, waste = 0.0;
    size_t open = 0; /* boxes that have to be halved */
    for (; n < b->count && error == MAXENT_OK; n++) {
        error = study(b, &b->all[n]);
        heap[n] = n;
        lift(b, heap, n);
        mass += exp(b->all[n].mean) * mx_boxes_volume(b, &b->all[n]);
        open += b->all[n].waste == INFINITY;
        waste += b->all[n].waste < INFINITY ? b->all[n].waste : 0.0;
    }
    while (error == MAXENT_OK && n > 0 && b->count < most_boxes && (open > 0 || mass < enough * (mass + waste))) {
        size_t i = heap[0], across = b->all[i].across;
        mx_box old = b->all[i];
        int halved = old.waste > 0.0 && halve(b, i, across, middle(b, &old, across), &error);
        if (error != MAXENT_OK)
            break;
        open -= old.waste == INFINITY;
        if (!halved) { /* as thin as numbers are: it stays as it is */
            waste -= old.waste < INFINITY ? old.waste : 0.0;
            heap[0] = heap[--n];
            sink(b, heap, n, 0);
            if (!(old.waste > 0.0))
                break;
            continue;
        }
        mass -= exp(old.mean) * mx_boxes_volume(b, &old);
        waste -= old.waste < INFINITY ? old.waste : 0.0;
        for (size_t part = 0; part < 2 && error == MAXENT_OK; part++) {
            mx_box *it = &b->all[part == 0 ? i : b->count - 1];
            error = study(b, it);
            mass += exp(it->mean) * mx_boxes_volume(b, it);
            open += it->waste == INFINITY;
            waste += it->waste < INFINITY ? it->waste : 0.0;
        }
        sink(b, heap, n, 0);
        heap[n++] = b->count - 1;
        lift(b, heap, n - 1);
    }
    mx_free(heap);
    return error;
}

/* More points in every box, off the grid: those of the R_d sequence. Singular boxes take all. */
static maxent_error check(mx_boxes *b)
{
    static const double step[MX_BOXES_DIMENSIONS][MX_BOXES_DIMENSIONS] = {
        {0.618034, 0, 0}, {0.7548777, 0.5698403, 0}, {0.8191725, 0.6710436, 0.5497005}};
    maxent_error error = MAXENT_OK;
    for (size_t first = 0; first < b->count && error == MAXENT_OK; first += MX_BOXES_BATCH / MORE) {
        size_t end = first + MX_BOXES_BATCH / MORE < b->count ? first + MX_BOXES_BATCH / MORE : b->count;
        for (size_t i = first; i < end; i++)
            for (size_t j = 0; j < MORE; j++) {
                double part[MX_BOXES_DIMENSIONS];
                for (size_t u = 0; u < b->d; u++)
                    part[u] = fmod(0.5 + (double)(j + 1) * step[b->d - 1][u], 1.0);
                mx_boxes_put(b, &b->all[i], part, (i - first) * MORE + j);
            }
        error = mx_boxes_ask(b, (end - first) * MORE);
        for (size_t j = 0; j < (end - first) * MORE && error == MAXENT_OK; j++) {
            mx_box *it = &b->all[first + j / MORE];
            if (it->singular)
                it->top = it->mean;
            else
                raise_top(it, b->logp[j] + 1e-3);
        }
    }
    return error;
}

maxent_error mx_boxes_tile(mx_boxes *b)
{
    maxent_error error = tile(b);
    if (error == MAXENT_OK)
        error = refine(b);
    return error == MAXENT_OK ? check(b) : error;
}
