/* Grids made for p, where there is more than one axis.
 *
 * Real variables that hang together, or are of different widths, get the coordinates in which p has mean 0 and covariance 1 (frame.h), and
 * a comb of equal steps is laid there. Where an axis ends or facts bend, lines inside lines are laid (nested.h). Both are made denser
 * until the facts are known to the tolerance; cells are there for what they cannot resolve.
 */
#include "solve/continuous/escape.h"

#include "base/memory.h"
#include "solve/cells/frame.h"
#include "solve/cells/nested.h"
#include "solve/cells/normal.h"
#include "solve/cells/widths.h"

#include <math.h>
#include <string.h>

enum { LEVELS_MOST = 16, HINTED_MOST = 16 };

#define COMB_NODES 29
#define COMB_REACH 10.2 /* in standard deviations: a normal has 1e-24 beyond */
#define SEEN 0.25  /* standard deviations that a spot is wide which the comb cannot miss */
#define NEAR 6.0   /* and so many from the centre */
#define COMB_FAREST 100.0
#define COMB_MOST 2.5e5 /* nodes */
#define SHARP_ORDER(axes) ((axes) > 2 ? 2 : 3) /* that begins with when ends are not smooth */
#define SLOW 0.02     /* of the residual before: then they are not, */
#define STUCK 0.3     /* at once, */
#define STEADY 0.5    /* or when this part falls no more than so */
#define BLUNT 10.0    /* times the residual before: rules for what is not smooth that do worse */
#define KINKED 1e-6   /* with three axes there is no time to see whether it falls */
#define DEEPER 0.1    /* likewise */
#define ACCEPTABLE 1e-10 /* a residual with which the time need not be spent */
#define GUESS 16.0    /* reaches of regions are so many widths */
#define AS_WIDE 0.25  /* of the width of p along an axis */
#define AWAY 30.0     /* widths */
#define NEARBY 0.1    /* of the widths of a spot */
#define INHABITED 1e-20 /* mass within the width of p about a place */
#define INSIDE 1.5    /* deviations from every end, or more */
#define RIDGE 0.5     /* of the deviation: what is left of it when the other variables are known */
#define GUESSES 6     /* each with half the width of the one before: waves take their targets far out too */
#define WIDER_MOST 8.0

maxent_error mx_continuum_turn(mx_continuum *c)
{
    mx_grid_close(&c->grid);
    memset(c->outskirts, 0, sizeof c->outskirts);
    maxent_error error = mx_grid_open(&c->shadow, &c->grid);
    if (error != MAXENT_OK)
        return error;
    c->grid.frame = c->frame;
    c->grid.nested = c->nested;
    c->nested_since = mx_seconds();
    mx_grid_rule(&c->grid, 0);
    if (!c->nested.on) {
        error = mx_region_turned(&c->grid, c->outskirts);
        return error == MAXENT_OK ? mx_continuum_lay(c) : error;
    }
    for (size_t a = 0; a < c->grid.axes; a++)
        if (mx_grid_root(&c->grid.axis[a], (mx_span){.sign = 1}) != 0)
            return MAXENT_ERROR_MEMORY;
    error = mx_grid_cells(&c->grid, 0, 0, 1);
    return error == MAXENT_OK ? mx_continuum_lay(c) : error;
}

static void comb(mx_continuum *c)
{
    c->frame.comb = COMB_NODES;
    c->frame.reach = COMB_REACH;
}

static double deviation(const mx_frame *frame, size_t a)
{
    double square = 0;
    for (size_t b = 0; b <= a; b++)
        square += frame->by[a][b] * frame->by[a][b];
    return sqrt(square);
}

/* The node with the most mass among those of one combination of levels. */
static size_t peak_of(const mx_continuum *c, size_t level)
{
    size_t peak = level;
    for (size_t j = level; j < c->nodes.n; j += c->grid.levels)
        peak = c->p[j] > c->p[peak] ? j : peak;
    return peak;
}

/* Is there a spot that a comb in this frame might not see? */
static int blind(const mx_continuum *c, const mx_frame *frame)
{
    const mx_nested *nested = &c->nested;
    for (size_t i = 0; i < nested->spots; i++) {
        double u[MX_AXES];
        for (size_t a = 0; a < c->grid.axes; a++) {
            double square = 0;
            u[a] = nested->spot[i].at[a] - frame->centre[a];
            for (size_t b = 0; b <= a; b++) {
                square += frame->by[a][b] * frame->by[a][b];
                u[a] -= b < a ? frame->by[a][b] * u[b] : 0;
            }
            u[a] /= frame->by[a][a];
            if (nested->spot[i].width[a] < SEEN * sqrt(square) || (isfinite(nested->spot[i].width[a]) && !(fabs(u[a]) < NEAR)))
                return 1;
        }
    }
    return 0;
}

/* Of all spots those with what > 0 are cut for, those with 0 wait, the others are none. */
static void sort_spots(mx_nested *nested, const signed char *what)
{
    mx_spot all[MX_SPOTS];
    size_t count = nested->spots + nested->idle, kept = 0;
    memcpy(all, nested->spot, sizeof all);
    nested->spots = nested->idle = 0;
    for (int now = 1; now >= 0; now--)
        for (size_t i = 0; i < count; i++)
            if (what[i] == now) {
                nested->spot[kept++] = all[i];
                *(now ? &nested->spots : &nested->idle) += 1;
            }
}

/* A spot along an axis without end that is no narrower there than p is none; one that is far out waits. */
static void choose_spots(mx_continuum *c)
{
    mx_nested *nested = &c->nested;
    signed char what[MX_SPOTS];
    for (size_t i = 0; i < nested->spots + nested->idle; i++) {
        mx_spot *spot = &nested->spot[i];
        int narrow = 0, away = 0;
        for (size_t a = 0; a < c->grid.axes; a++) {
            int open = isinf(c->grid.axis[a].lower) || isinf(c->grid.axis[a].upper);
            int out = open && isfinite(spot->width[a]) && fabs(spot->at[a] - nested->centre[a]) > AWAY * nested->scale[a];
            if (open && !out && !(spot->width[a] < AS_WIDE * nested->scale[a]))
                spot->width[a] = INFINITY;
            away |= out;
            narrow |= isfinite(spot->width[a]);
        }
        what[i] = !narrow ? -1 : !away;
    }
    sort_spots(nested, what);
    if (nested->idle > 0) /* to be looked at again when p is known */
        c->turned = 1;
}

/* Is there p at a spot? Along an axis where it is not narrow, at some places over the width of p. Returns 1, 0, -1: no memory. */
static int inhabited(const mx_continuum *c, const mx_spot *spot)
{
    enum { PLACES = 7, MOST = PLACES * PLACES * PLACES };
    static const double place[PLACES] = {0, -1, 1, -2, 2, -4, 4};
    size_t variables = c->shadow.support.variables, k = c->shadow.k, v = 0;
    double *column = mx_alloc(variables + 2 * k + 3, MOST * sizeof *column), volume = 0, most = -INFINITY, middle[MX_AXES], wide[MX_AXES];
    const double **list = mx_alloc(variables, sizeof *list);
    int bad = column == NULL || list == NULL;
    for (size_t a = 0; a < c->grid.axes; a++) {
        const mx_axis *axis = &c->grid.axis[a];
        int bounded = isfinite(axis->upper - axis->lower);
        middle[a] = bounded ? 0.5 * (axis->lower + axis->upper) : c->nested.centre[a];
        wide[a] = bounded ? 0.125 * (axis->upper - axis->lower) : c->nested.scale[a];
        volume += log(wide[a]);
    }
    for (size_t level = 0; level < c->grid.levels && level < LEVELS_MOST && !bad; level++) {
        size_t peak = peak_of(c, level);
        for (v = 0; v < variables; v++)
            for (size_t j = 0; j < MOST; j++)
                column[v * MOST + j] = c->nodes.value[v][peak];
        for (v = 0; v < variables; v++)
            list[v] = column + v * MOST;
        for (size_t j = 0; j < MOST; j++)
            for (size_t a = 0, rest = j; a < c->grid.axes; a++, rest /= PLACES) {
                const mx_axis *axis = &c->grid.axis[a];
                double x = middle[a] + place[rest % PLACES] * wide[a];
                x = isfinite(spot->width[a]) ? spot->at[a] + NEARBY * place[rest % PLACES] * spot->width[a] : x;
                column[axis->variable * MOST + j] = fmin(fmax(x, axis->lower), axis->upper);
            }
        double *hi = column + variables * MOST, *lo = hi + k * MOST, *logq = lo + k * MOST, *logq_low = logq + MOST;
        mx_points points = {MOST, list, NULL};
        bad = mx_field_values(c->run->problem, &points, hi, lo, NULL) != 0 || mx_field_prior(c->run->problem, &points, logq, logq_low) != 0;
        if (!bad)
            mx_continuum_log_density(c, MOST, hi, lo, logq, logq_low);
        for (size_t j = 0; j < MOST && !bad; j++)
            most = isnan(logq[j]) ? most : fmax(most, logq[j]);
    }
    mx_free(column);
    mx_free(list);
    return bad ? -1 : most + volume > log(INHABITED);
}

/* Spots where p is, now that it is known, and no others. Returns whether they are others than before, -1: no memory. */
static int review_spots(mx_continuum *c)
{
    mx_nested *nested = &c->nested;
    signed char what[MX_SPOTS];
    int changed = 0;
    for (size_t i = 0; i < nested->spots + nested->idle; i++) {
        int is = inhabited(c, &nested->spot[i]);
        if (is < 0)
            return -1;
        what[i] = is != 0;
        changed |= is != (i < nested->spots);
    }
    sort_spots(nested, what);
    return changed;
}

maxent_error mx_continuum_align(mx_continuum *c, int *turned)
{
    mx_frame frame;
    *turned = 0;
    if (c->turned == 2 || c->grid.axes < 2)
        return MAXENT_OK;
    maxent_error error = mx_continuum_tails(c, turned);
    if (error != MAXENT_OK || *turned)
        return error == MAXENT_OK ? mx_continuum_turn(c) : error;
    c->turned = 2;
    double centre[MX_AXES], scale[MX_AXES];
    int far_off = 0; /* the guess */
    mx_frame_widths(&c->grid, &c->nodes, c->p, centre, scale);
    for (size_t a = 0; a < c->grid.axes; a++) {
        if (!isinf(c->grid.axis[a].lower) && !isinf(c->grid.axis[a].upper))
            continue;
        double by = scale[a] / c->nested.scale[a];
        far_off |= !(by < 2 && by > 0.5) || fabs(centre[a] - c->nested.centre[a]) > scale[a];
        c->nested.centre[a] = centre[a];
        c->nested.scale[a] = scale[a];
    }
    int others = review_spots(c);
    if (others < 0)
        return MAXENT_ERROR_MEMORY;
    int fits = mx_frame_fits(&c->grid), framed = fits && mx_frame_from_nodes(&c->grid, &c->nodes, c->p, &frame);
    int seen = fits && !(framed && blind(c, &frame));
    if (framed && seen) {
        c->frame = frame;
        c->nested.on = 0;
        comb(c);
        *turned = 1;
    } else if (mx_nested_fits(&c->grid) && !seen) {
        *turned = !c->nested.on || far_off || others;
        c->nested.on = 1;
    }
    return *turned ? mx_continuum_turn(c) : MAXENT_OK;
}

/* Where facts do not tell: from where single ones would put the mass. Returns 0, -1: no memory. */
static int guess(const mx_continuum *c, double *centre, double *scale)
{
    for (size_t a = 0; a < c->grid.axes; a++) {
        const mx_outskirts *o = &c->outskirts[a];
        centre[a] = 0.5 * (o->center[0] + o->center[1]);
        scale[a] = fmax(o->reach[0], o->reach[1]) / GUESS;
    }
    return mx_widths_from_facts(&c->grid, c->run->problem->fact, centre, scale);
}

/* The same as a frame: of the normal law that facts about quadratic polynomials leave, if there are such; its multipliers are then a
 * beginning. Returns a mx_normal, -1: no memory. */
static int guess_frame(mx_continuum *c, mx_frame *frame)
{
    double scale[MX_AXES];
    memset(frame, 0, sizeof *frame);
    if (guess(c, frame->centre, scale) != 0)
        return -1;
    for (size_t a = 0; a < c->grid.axes; a++)
        frame->by[a][a] = scale[a];
    frame->set = 1;
    double *lambda = mx_alloc(c->shadow.k + 1, sizeof *lambda);
    int normal = lambda == NULL ? -1 : mx_normal_from_facts(&c->grid, c->run->problem->fact, frame, lambda);
    if (normal > MX_NORMAL_NONE && c->run->options->warm == NULL)
        mx_escape_begin(c, lambda);
    mx_free(lambda);
    return normal;
}

/* Where that law has the mean of axis a, given those before it, is a ridge when it is narrow there. */
static void add_ridge(mx_nested *nested, const mx_frame *frame, size_t a, double deviation)
{
    if (nested->ridges == MX_RIDGES || !(frame->by[a][a] < RIDGE * deviation))
        return;
    mx_ridge *ridge = &nested->ridge[nested->ridges++];
    double part[MX_AXES];
    memset(ridge, 0, sizeof *ridge);
    memcpy(part, frame->by[a], sizeof part); /* of the coordinates of the frame, then of the axes: a triangular system */
    for (size_t b = a; b-- > 0;) {
        for (size_t e = b + 1; e < a; e++)
            part[b] -= frame->by[e][b] * part[e];
        part[b] /= frame->by[b][b];
    }
    ridge->at = frame->centre[a];
    for (size_t b = 0; b < MX_AXES; b++) {
        ridge->by[b] = b == a ? 1 : b < a ? -part[b] : 0;
        ridge->at += b < a ? ridge->by[b] * frame->centre[b] : 0;
        ridge->width[b] = b == a ? frame->by[a][a] : INFINITY;
    }
}

/* A normal law that facts leave far inside its ends, told apart from what is as wide as its distance from them, is a spot to lines. Returns
 * 0, -1: no memory. */
static int spot_inside(mx_continuum *c)
{
    mx_frame frame;
    int normal = guess_frame(c, &frame), narrow = 0;
    if (normal <= MX_NORMAL_NONE || c->nested.spots == MX_SPOTS)
        return normal < 0 ? -1 : 0;
    mx_spot *spot = &c->nested.spot[c->nested.spots];
    for (size_t a = 0; a < c->grid.axes; a++) {
        const mx_axis *axis = &c->grid.axis[a];
        double wide = deviation(&frame, a), room = fmin(frame.centre[a] - axis->lower, axis->upper - frame.centre[a]);
        int inside = isfinite(room) && room > INSIDE * wide;
        spot->at[a] = frame.centre[a];
        spot->width[a] = inside ? wide : INFINITY;
        narrow |= inside;
        add_ridge(&c->nested, &frame, a, wide);
    }
    c->nested.spots += narrow != 0;
    return 0;
}

int mx_continuum_told(mx_continuum *c)
{
    if (c->turned || !mx_nested_fits(&c->grid))
        return 0;
    c->turned = 2;
    c->nested.spots = c->grid.nested.spots;
    memcpy(c->nested.spot, c->grid.nested.spot, sizeof c->nested.spot);
    c->nested.ridges = c->grid.nested.ridges;
    memcpy(c->nested.ridge, c->grid.nested.ridge, sizeof c->nested.ridge);
    int fits = mx_frame_fits(&c->grid), told = -1;
    if (fits) {
        told = mx_frame_from_facts(&c->grid, c->run->problem->fact, &c->frame);
        if (told == 0) {
            int normal = guess_frame(c, &c->frame);
            told = normal < 0 ? -1 : 0;
            c->turned = normal == MX_NORMAL_ALL ? 2 : 1;
        }
        comb(c);
        for (size_t a = 0; a < c->grid.axes; a++) {
            c->nested.centre[a] = c->frame.centre[a];
            c->nested.scale[a] = deviation(&c->frame, a);
        }
        choose_spots(c);
        if (told < 0 || !blind(c, &c->frame))
            return told < 0 ? told : 1;
        memset(&c->frame, 0, sizeof c->frame);
        c->turned = 2;
    }
    told = mx_frame_told_widths(&c->grid, c->run->problem->fact, c->nested.centre, c->nested.scale);
    if (told == 0) {
        told = guess(c, c->nested.centre, c->nested.scale);
        c->turned = 1;
    }
    c->nested.on = told >= 0;
    if (told < 0 || spot_inside(c) != 0)
        return -1;
    choose_spots(c);
    return 1;
}

maxent_error mx_continuum_far(const mx_continuum *c, double least, double *distance)
{
    enum { POINTS = 160 };
    const mx_grid *grid = &c->grid;
    const mx_frame *frame = &grid->frame;
    size_t variables = c->shadow.support.variables, k = c->shadow.k, axes = grid->axes, directions = 1;
    double stretch = 0, t[POINTS];
    double *column = mx_alloc(variables + 2 * k + 3, POINTS * sizeof *column);
    const double **list = mx_alloc(variables, sizeof *list);
    maxent_error error = column == NULL || list == NULL ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    *distance = 0;
    for (size_t a = 0; a < axes; a++) {
        stretch += log(frame->by[a][a]);
        directions *= 3;
    }
    double reach = frame->comb > 0 ? frame->reach : TURNED_REACH;
    for (size_t a = 0; a < axes && frame->comb == 0; a++)
        reach = fmax(reach, fmax(c->outskirts[a].reach[0], c->outskirts[a].reach[1]));
    for (size_t j = 0; j < POINTS; j++)
        t[j] = j == 0 ? reach : t[j - 1] * (j < 40 ? 1.2 : 2);
    for (size_t level = 0; level < grid->levels && level < LEVELS_MOST; level++) {
        size_t peak = peak_of(c, level);
        for (size_t d = 0; d < directions && error == MAXENT_OK; d++) {
            double by[MX_AXES] = {0};
            size_t moving = 0, rest = d;
            for (size_t b = 0; b < axes; b++, rest /= 3) {
                moving += rest % 3 != 1;
                for (size_t a = b; a < axes; a++)
                    by[a] += frame->by[a][b] * ((double)(rest % 3) - 1);
            }
            if (moving == 0)
                continue;
            for (size_t v = 0; v < variables; v++) {
                list[v] = column + v * POINTS;
                for (size_t j = 0; j < POINTS; j++)
                    column[v * POINTS + j] = c->nodes.value[v][peak];
            }
            for (size_t a = 0; a < axes; a++)
                for (size_t j = 0; j < POINTS; j++)
                    column[grid->axis[a].variable * POINTS + j] = frame->centre[a] + t[j] * by[a];
            double *hi = column + variables * POINTS, *lo = hi + k * POINTS, *logq = lo + k * POINTS, *logq_low = logq + POINTS;
            mx_points points = {POINTS, list, NULL};
            if (mx_field_values(c->run->problem, &points, hi, lo, NULL) != 0 ||
                mx_field_prior(c->run->problem, &points, logq, logq_low) != 0) {
                error = MAXENT_ERROR_MEMORY;
                break;
            }
            mx_continuum_log_density(c, POINTS, hi, lo, logq, logq_low);
            for (size_t j = 0; j < POINTS; j++)
                if (logq[j] + stretch + (double)axes * log(t[j]) > least && (*distance == 0 || t[j] < *distance))
                    *distance = t[j];
        }
    }
    mx_free(column);
    mx_free(list);
    return error;
}

/* The nodes with the extremes of each feature become hints: cells might not see what lines were cut to see. */
static maxent_error remember(mx_continuum *c)
{
    size_t k = c->nodes.k, variables = c->shadow.support.variables;
    if (!c->grid.nested.on || c->hints > 0 || k > HINTED_MOST || variables > 64 || c->nodes.n == 0)
        return MAXENT_OK;
    maxent_error error = MAXENT_OK;
    for (size_t i = 0; i < 2 * k && error == MAXENT_OK; i++) {
        size_t best = 0;
        double sign = i % 2 == 0 ? 1 : -1, point[64];
        for (size_t j = 1; j < c->nodes.n; j++)
            best = sign * c->nodes.hi[j * k + i / 2] > sign * c->nodes.hi[best * k + i / 2] ? j : best;
        for (size_t v = 0; v < variables; v++)
            point[v] = c->nodes.value[v][best];
        error = mx_continuum_hint(c, point, 1);
    }
    return error;
}

maxent_error mx_continuum_leave(mx_continuum *c)
{
    maxent_error error = remember(c);
    c->frame.set = c->nested.on = 0;
    c->turned = 2;
    return error;
}

maxent_error mx_continuum_retreat(mx_continuum *c, int *turned)
{
    *turned = c->turned == 1 && ++c->guesses < GUESSES;
    if (!*turned && c->grid.nested.on && !c->nested.sharp && c->turned == 2) { /* mass may have to be closer to ends than nodes are */
        c->nested.sharp = *turned = 1;
        c->nested.order = SHARP_ORDER(c->grid.axes);
        for (size_t i = 0; i < c->shadow.k; i++)
            c->lambda[i] = mx_dd_make(0);
        return mx_continuum_turn(c);
    }
    if (!*turned)
        return mx_continuum_leave(c);
    for (size_t a = 0; a < c->grid.axes; a++) {
        for (size_t b = 0; b <= a; b++)
            c->frame.by[a][b] *= 0.5;
        c->nested.scale[a] *= 0.5;
    }
    for (size_t i = 0; i < c->shadow.k; i++)
        c->lambda[i] = mx_dd_make(0);
    return mx_continuum_turn(c);
}

maxent_error mx_continuum_turn_face(mx_continuum *c, const double *direction, double open, int *turned)
{
    size_t k = c->shadow.k;
    *turned = 0;
    if (c->face != NULL || c->barreds > 0 || !mx_nested_fits(&c->grid))
        return MAXENT_OK;
    int told = mx_frame_told_widths(&c->grid, c->run->problem->fact, c->nested.centre, c->nested.scale);
    if (told != 1)
        return told < 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK;
    c->face = mx_alloc(k + 1, sizeof *c->face);
    if (c->face == NULL)
        return MAXENT_ERROR_MEMORY;
    memcpy(c->face, direction, k * sizeof *direction);
    c->face_open = open;
    c->nested.order = 0;
    c->nested.sharp = 0;
    c->nested.on = *turned = 1;
    for (size_t i = 0; i < k; i++)
        c->lambda[i] = mx_dd_make(0);
    return mx_continuum_turn(c);
}

/* A comb that reaches farther, by a factor, with steps narrower by another; cells when that would be too many nodes. */
static maxent_error recomb(mx_continuum *c, double farther, double denser)
{
    double reach = c->frame.reach * farther, along = ceil((double)c->frame.comb * farther * denser);
    double nodes = pow(along, (double)c->grid.axes) * (double)c->grid.levels;
    c->frame.reach = reach;
    c->frame.comb = reach > COMB_FAREST || along > 0.7 * MX_LINE_MOST || nodes > COMB_MOST ? 0 : (size_t)along;
    return mx_continuum_turn(c);
}

maxent_error mx_continuum_denser(mx_continuum *c, double worst, int *over)
{
    *over = 0;
    if (c->frame.comb > 0)
        return recomb(c, 1, 1.4);
    maxent_error error = remember(c);
    if (error != MAXENT_OK)
        return error;
    double now = mx_seconds(), growth = mx_nested_growth(&c->grid);
    int long_way = (c->grid.axes > 2 && c->nested.sharp) || now + (now - c->nested_since) * growth > c->run->deadline;
    int late = worst <= ACCEPTABLE && long_way;
    if (late || (double)c->nodes.n * growth > (double)mx_continuum_nodes_most(c)) { /* it could not be judged */
        c->nested.on = 0;
        *over = 1;
        return MAXENT_OK;
    }
    c->nested.order++;
    int kinked = c->grid.axes > 2 && mx_field_cuts(&c->shadow) > 0 && worst > KINKED;
    double left = worst / c->nested_worst; /* nothing bends, or it falls faster each time: it is as smooth as it was taken to be */
    int steady = c->nested.order > 1 && left > SLOW && (left > STUCK || (c->nested.order > 2 && left > STEADY * c->nested_left));
    int slow = steady && mx_field_cuts(&c->shadow) > 0;
    c->nested_left = left;
    if (c->nested.sharp == 1 && c->nested.order == SHARP_ORDER(c->grid.axes) + 1 && worst > BLUNT * c->nested_worst) { /* that was worse */
        c->nested.sharp = 0;
        c->nested.order = c->nested_smooth;
        c->nested_smooth = MX_NESTED_ORDERS;
    } else if (!c->nested.sharp && !c->nested.heavy && c->nested_smooth < MX_NESTED_ORDERS && (kinked || slow)) {
        c->nested_smooth = c->nested.order;
        c->nested.sharp = 1;
        c->nested.order = SHARP_ORDER(c->grid.axes);
    } else if (c->nested.sharp && c->nested.order > SHARP_ORDER(c->grid.axes) + 1 && worst > DEEPER * c->nested_worst)
        c->nested.sharp = 2; /* nodes were not close enough to the ends */
    c->nested_worst = worst;
    if (c->nested.order >= (left > STUCK ? MX_NESTED_ORDERS - 1 : MX_NESTED_ORDERS)) {
        c->nested.on = 0;
        *over = 1;
        return MAXENT_OK;
    }
    return mx_continuum_turn(c);
}

maxent_error mx_continuum_wider(mx_continuum *c, double farther, int *over)
{
    int heavy;
    *over = 0;
    maxent_error error = mx_continuum_tails(c, &heavy);
    if (error != MAXENT_OK || heavy)
        return error == MAXENT_OK ? mx_continuum_turn(c) : error;
    if (c->frame.comb > 0)
        return recomb(c, farther, 1);
    c->wider = c->wider > 0 ? 2 * c->wider : 2;
    if (c->wider > WIDER_MOST) {
        c->nested.on = 0;
        *over = 1;
        return MAXENT_OK;
    }
    for (size_t a = 0; a < c->grid.axes; a++)
        c->nested.scale[a] *= 2;
    if (c->nested.order + 1 < MX_NESTED_ORDERS) /* as near to each other in the middle as they were */
        c->nested.order++;
    return mx_continuum_turn(c);
}
