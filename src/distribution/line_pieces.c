/* When a piece of a line is fine enough: intervals are sampled, made series of, and halved until they are. See line.c. */
#include "distribution/line_pieces.h"

#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { MOST_STEPS = 4000 };

static const size_t most_pieces = 50000;
static const double least_width = 0x1p-1030; /* not at an end: places have few digits there */

void mx_line_matrix(mx_line_builder *b)
{
    mx_gauss(MX_LINE_TERMS, b->t, b->w);
    for (size_t i = 0; i < MX_LINE_TERMS; i++) {
        double p = 1.0, before = 0.0;
        for (size_t k = 0; k < MX_LINE_TERMS; k++) {
            b->matrix[k][i] = ((double)k + 0.5) * b->w[i] * p;
            double next = ((2.0 * (double)k + 1.0) * b->t[i] * p - (double)k * before) / ((double)k + 1.0);
            before = p;
            p = next;
        }
    }
}

/* Room for one more; 0 when there is no memory, which is remembered. */
static int grow(mx_line_builder *b, void **array, size_t used, size_t *room, size_t size)
{
    if (b->error != MAXENT_OK)
        return 0;
    if (used < *room)
        return 1;
    size_t wanted = *room == 0 ? 64 : 2 * *room;
    void *more = mx_resize(*array, wanted, size);
    if (more == NULL) {
        b->error = MAXENT_ERROR_MEMORY;
        return 0;
    }
    *array = more;
    *room = wanted;
    return 1;
}

static mx_stretch *add_piece(mx_line_builder *b)
{
    void *array = b->piece;
    int ok = grow(b, &array, b->pieces, &b->room, sizeof *b->piece);
    b->piece = array;
    return ok ? memset(&b->piece[b->pieces++], 0, sizeof *b->piece) : NULL;
}

void mx_line_add_atom(mx_line_builder *b, double x, double p)
{
    mx_stretch *piece = p > 0.0 ? add_piece(b) : NULL;
    if (piece != NULL) {
        piece->left = mx_dd_make(x);
        piece->mass = p;
    }
}

void mx_line_push(mx_line_builder *b, mx_line_pending interval)
{
    void *array = b->todo;
    if (!(interval.width > 0.0))
        return;
    int ok = grow(b, &array, b->waiting, &b->todo_room, sizeof *b->todo);
    b->todo = array;
    if (ok)
        b->todo[b->waiting++] = interval;
}

/* logp at n places in value and low. */
static void sample(mx_line_builder *b, size_t n)
{
    if (b->error != MAXENT_OK)
        return;
    mx_points points = {.n = n, .value = (const double *const *)b->column, .low = (const double *const *)b->low_column};
    b->error = mx_density_log(b->request->result, &points, b->logp);
}

/* How far from its ends an interval is looked at, because a jump next to them would hide from the other places. */
static double just_inside(const mx_line_pending *interval)
{
    double size = fmax(fabs(interval->left.hi), fabs(interval->left.hi + interval->width));
    return fmin(fmax(1e-14 * interval->width, 4.0 * DBL_EPSILON * size), 1e-3 * interval->width);
}

/* Puts the places of an interval into the arrays from `at` on. */
static void place(mx_line_builder *b, const mx_line_pending *interval, size_t at)
{
    for (size_t i = 0; i < MX_LINE_TERMS; i++) {
        mx_dd x = mx_dd_add_d(interval->left, 0.5 * (1.0 + b->t[i]) * interval->width);
        b->value[at + i] = x.hi;
        b->low[at + i] = x.lo;
    }
    mx_dd right = mx_dd_add_d(interval->left, interval->width);
    double inside = just_inside(interval);
    mx_dd ends[2] = {mx_dd_add_d(interval->left, inside), mx_dd_add_d(right, -inside)};
    for (size_t i = 0; i < 2; i++) {
        b->value[at + MX_LINE_TERMS + i] = ends[i].hi;
        b->low[at + MX_LINE_TERMS + i] = ends[i].lo;
    }
}

/* The series of p on an interval from its samples. *off: how much is not resolved, in the unit of the mass. Returns whether it will do. */
static int fit(const mx_line_builder *b, const mx_line_pending *interval, const double *logp, mx_stretch *piece)
{
    double p[MX_LINE_TERMS], largest = 0.0, top = -INFINITY;
    int finite = 1;
    for (size_t i = 0; i < MX_LINE_TERMS; i++) {
        p[i] = exp(logp[i]);
        finite = finite && p[i] < INFINITY; /* NaN is not */
        if (logp[i] > top)
            top = logp[i];
    }
    memset(piece, 0, sizeof *piece);
    piece->left = interval->left;
    piece->width = interval->width;
    piece->count = interval->count;
    if (!finite)
        return 0;
    for (size_t k = 0; k < MX_LINE_TERMS; k++) {
        for (size_t i = 0; i < MX_LINE_TERMS; i++)
            piece->c[k] += b->matrix[k][i] * p[i];
        largest = fmax(largest, fabs(piece->c[k]));
    }
    piece->mass = piece->c[0] * piece->width;
    double rest = fabs(piece->c[MX_LINE_TERMS - 1]) + fabs(piece->c[MX_LINE_TERMS - 2]);
    double end = 1.0 - 2.0 * just_inside(interval) / interval->width;
    for (size_t i = 0; i < 2; i++) {
        double off = fabs(exp(logp[MX_LINE_TERMS + i]) - mx_stretch_at(piece, i == 0 ? -end : end));
        if (!(off <= 1e-7 * largest)) /* a jump is more, rounding far less */
            rest = fmin(fmax(rest, off), largest);
    }
    double noise = 4.0 * DBL_EPSILON * fabs(top); /* of log p, a double */
    double enough = interval->depth > 40 ? 1e-15 : 0.001 * b->floor; /* of the mass: what is left after that is rounding, or an end */
    return rest <= (b->tolerance + (isfinite(noise) ? noise : 0.0)) * largest || rest * piece->width <= enough;
}

void mx_line_add_whole(mx_line_builder *b, double a, double count)
{
    for (double done = 0.0; done < count && b->error == MAXENT_OK;) {
        size_t n = count - done < MX_LINE_BATCH * MX_LINE_POINTS ? (size_t)(count - done) : MX_LINE_BATCH * MX_LINE_POINTS;
        for (size_t i = 0; i < n; i++) {
            b->value[i] = a + done + (double)i;
            b->low[i] = 0.0;
        }
        sample(b, n);
        for (size_t i = 0; b->error == MAXENT_OK && i < n; i++)
            mx_line_add_atom(b, b->value[i], exp(b->logp[i]));
        done += (double)n;
    }
}

static int exhausted(const mx_line_builder *b)
{
    return b->pieces > most_pieces || b->tried > 2 * most_pieces;
}

/* Is p infinite somewhere among the samples of an interval? */
static int is_infinite(const double *logp)
{
    for (size_t i = 0; i < MX_LINE_TERMS; i++)
        if (exp(logp[i]) == INFINITY)
            return 1;
    return 0;
}

/* Is it as narrow as intervals become? */
static int is_tiny(const mx_line_pending *interval)
{
    return interval->width < (interval->sides != 0 ? MX_LINE_SMALLEST : least_width);
}

/* The mass of a tiny interval at whose side p is infinite, p = C d^s at distance d from there: d p / (1 + s), evenly. */
static void close_side(const mx_line_builder *b, const mx_line_pending *interval, const double *logp, mx_stretch *piece)
{
    size_t far = interval->sides & MX_LINE_LOWER ? MX_LINE_TERMS - 1 : 0, half = MX_LINE_TERMS / 2;
    double sign = far == 0 ? -1.0 : 1.0, d = 0.5 * (1.0 + sign * b->t[far]), e = 0.5 * (1.0 + sign * b->t[half]);
    double s = (logp[far] - logp[half]) / log(d / e);
    if (!(s > -1.0 && s < 0.0))
        return;
    memset(piece->c, 0, sizeof piece->c);
    piece->c[0] = exp(logp[far] - s * log(d)) / (1.0 + s);
    piece->mass = piece->c[0] * interval->width;
}

/* Can an interval not be halved any more? */
static int is_point(const mx_line_builder *b, const mx_line_pending *interval)
{
    return exhausted(b) || is_tiny(interval) ||
           (interval->depth > 60 && interval->left.lo == 0.0 && interval->width < DBL_EPSILON * fabs(interval->left.hi));
}

static void halve(mx_line_builder *b, const mx_line_pending *whole)
{
    if (whole->count > 0.0) {
        double first = floor(whole->count / 2.0), a = whole->left.hi;
        mx_line_push(b, (mx_line_pending){whole->left, first, first, whole->depth + 1, 0});
        mx_line_push(b, (mx_line_pending){mx_dd_make(a + first), whole->count - first, whole->count - first, whole->depth + 1, 0});
        return;
    }
    /* where both ends are far from 0 compared with each other, at their geometric mean */
    double left = whole->left.hi, right = left + whole->width, part = whole->width / 2.0;
    if (left > 0.0 && right > 16.0 * left && right < INFINITY)
        part = sqrt(left) * sqrt(right) - left;
    else if (right < 0.0 && left < 16.0 * right && left > -INFINITY)
        part = -sqrt(-left) * sqrt(-right) - left;
    if (!(part > 0.0 && part < whole->width))
        part = whole->width / 2.0;
    mx_line_push(b, (mx_line_pending){whole->left, part, 0.0, whole->depth + 1, whole->sides & MX_LINE_LOWER});
    mx_line_push(b, (mx_line_pending){mx_dd_add_d(whole->left, part), whole->width - part, 0.0, whole->depth + 1,
                                      whole->sides & MX_LINE_UPPER});
}

void mx_line_work_off(mx_line_builder *b)
{
    while (b->waiting > 0 && b->error == MAXENT_OK) {
        mx_line_pending now[MX_LINE_BATCH];
        size_t n = b->waiting < MX_LINE_BATCH ? b->waiting : MX_LINE_BATCH, kept = 0;
        for (size_t j = 0; j < n; j++) {
            mx_line_pending next = b->todo[--b->waiting];
            if (next.count > 0.0 && next.count < 2 * MX_LINE_LEAST_WHOLE)
                mx_line_add_whole(b, next.left.hi + 0.5, next.count);
            else
                now[kept++] = next;
        }
        for (size_t j = 0; j < kept; j++)
            place(b, &now[j], j * MX_LINE_POINTS);
        if (kept > 0)
            sample(b, kept * MX_LINE_POINTS);
        b->tried += kept;
        for (size_t j = 0; j < kept && b->error == MAXENT_OK; j++) {
            mx_stretch piece;
            int fits = fit(b, &now[j], b->logp + j * MX_LINE_POINTS, &piece);
            if (fits || is_point(b, &now[j])) {
                if (!fits && is_tiny(&now[j]) && now[j].sides != 0)
                    close_side(b, &now[j], b->logp + j * MX_LINE_POINTS, &piece);
                mx_stretch *new = piece.mass > 0.0 ? add_piece(b) : NULL;
                if (new != NULL)
                    *new = piece;
                if (exhausted(b) && is_infinite(b->logp + j * MX_LINE_POINTS)) /* not at a point, but wherever one looks */
                    b->error = MAXENT_ERROR_VALUE;
            } else {
                halve(b, &now[j]);
            }
        }
    }
}

void mx_line_walk(mx_line_builder *b, double from, double step, int sign, int whole)
{
    double x = from;
    if (whole)
        step = fmax(MX_LINE_LEAST_WHOLE, floor(step));
    for (int i = 0; i < MOST_STEPS && b->error == MAXENT_OK; i++) {
        double left = sign > 0 ? x : x - step, mass = 0.0;
        if (!(step > 0.0) || !isfinite(x + sign * step) || x + sign * step == x)
            return;
        mx_line_pending next = {mx_dd_make(left), step, whole ? step : 0.0, 0, 0};
        mx_stretch piece;
        if (whole && step < 2 * MX_LINE_LEAST_WHOLE) {
            size_t first = b->pieces;
            mx_line_add_whole(b, left + 0.5, step);
            for (size_t j = first; j < b->pieces; j++)
                mass += b->piece[j].mass;
        } else {
            place(b, &next, 0);
            sample(b, MX_LINE_POINTS);
            if (b->error != MAXENT_OK)
                return;
            if (!fit(b, &next, b->logp, &piece) && step > 1e-300 && step > DBL_EPSILON * fabs(x)) {
                step = whole ? floor(step / 2.0) : step / 2.0;
                continue;
            }
            mass = piece.mass;
            mx_stretch *new = mass > 0.0 ? add_piece(b) : NULL;
            if (new != NULL)
                *new = piece;
        }
        x += sign * step;
        step *= 2.0;
        if (!(mass > b->floor))
            return;
    }
}
