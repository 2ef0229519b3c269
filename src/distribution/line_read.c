/* Reading a line of pieces: distribution function, quantiles, probabilities of intervals, moments.
 *
 * With F_j the mass of the pieces before piece j and t the place in it,
 *
 *     P[X <= x] = F_j + width / 2 int_-1^t sum_k c_k P_k
 *
 * where the integral of the polynomial is taken exactly, by Gauss's rule of 10 points on [-1, t], which keeps the digits of a small one.
 * The inverse is Newton's method between bounds. A sum over the whole numbers a .. b of a piece is, with f the series [1, 23.1.30 at
 * half steps],
 *
 *     sum f = int_{a-1/2}^{b+1/2} f - [f'/24 - 7 f'''/5760 + 31 f^(5)/967680 - 127 f^(7)/154828800]_{a-1/2}^{b+1/2}
 *
 * [1] M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions (1964).
 */
#include "distribution/line.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { TERMS = MX_LINE_TERMS, HALF = MX_LINE_TERMS / 2, JET = 8 };

#define MEET (8.0 * DBL_EPSILON)
#define STOPS 10.0 /* times the mass that lies beyond an end: what a power through it may promise, */
#define LEFT_OUT 1e-12 /* besides what was too little to be laid out */

/* Gauss's rule of 10 points, right half: x, w (NIST Digital Library of Mathematical Functions, table 3.5.2) */
static const double gauss_x[HALF / 2] = {0.148874338981631210885, 0.433395394129247190799, 0.679409568299024406234,
                                         0.865063366688984510732, 0.973906528517171720078};
static const double gauss_w[HALF / 2] = {0.295524224714752870174, 0.269266719309996355091, 0.219086362515982043996,
                                         0.149451349150580593146, 0.066671344308688137594};

/* Newton's method on P_n from the usual first guess. */
void mx_gauss(size_t n, double *x, double *w)
{
    for (size_t i = 0; i < (n + 1) / 2; i++) {
        double z = cos(3.14159265358979323846 * ((double)i + 0.75) / ((double)n + 0.5)), slope = 1.0;
        for (int step = 0; step < 8; step++) {
            double p = 1.0, before = 0.0;
            for (size_t k = 0; k < n; k++) {
                double next = ((2.0 * (double)k + 1.0) * z * p - (double)k * before) / ((double)k + 1.0);
                before = p;
                p = next;
            }
            slope = (double)n * (z * p - before) / (z * z - 1.0);
            z -= p / slope;
        }
        x[i] = -z;
        x[n - 1 - i] = z;
        w[i] = w[n - 1 - i] = 2.0 / ((1.0 - z * z) * slope * slope);
    }
    if (n % 2 == 1)
        x[n / 2] = 0.0;
}

/* (2 k + 1) / (k + 1) and (k + 1) / (k + 2): P_{k+1} = rise[k] t P_k - fall[k - 1] P_{k-1} */
static const double rise[TERMS + 1] = {
    1.0 / 1, 3.0 / 2, 5.0 / 3, 7.0 / 4, 9.0 / 5, 11.0 / 6, 13.0 / 7, 15.0 / 8, 17.0 / 9, 19.0 / 10, 21.0 / 11,
    23.0 / 12, 25.0 / 13, 27.0 / 14, 29.0 / 15, 31.0 / 16, 33.0 / 17, 35.0 / 18, 37.0 / 19, 39.0 / 20, 41.0 / 21};
static const double fall[TERMS + 1] = {
    1.0 / 2, 2.0 / 3, 3.0 / 4, 4.0 / 5, 5.0 / 6, 6.0 / 7, 7.0 / 8, 8.0 / 9, 9.0 / 10, 10.0 / 11, 11.0 / 12, 12.0 /
    13, 13.0 / 14, 14.0 / 15, 15.0 / 16, 16.0 / 17, 17.0 / 18, 18.0 / 19, 19.0 / 20, 20.0 / 21, 21.0 / 22};

/* sum_k c_k P_k(t), k < terms, by Clenshaw's recurrence. */
static inline double series(const double *c, size_t terms, double t)
{
    double b = 0.0, after = 0.0;
    for (size_t k = terms; k-- > 0;) {
        double now = c[k] + rise[k] * t * b - fall[k] * after;
        after = b;
        b = now;
    }
    return b;
}

double mx_stretch_at(const mx_stretch *piece, double t)
{
    double sum = series(piece->c, TERMS, t);
    return sum > 0.0 ? sum : 0.0;
}

/* sum_k c_k P_k(t + e) to order JET - 1 in e: out[j] = f^(j)(t) / j! */
static void jet(const mx_stretch *piece, double t, double out[JET])
{
    double p[JET] = {1.0}, before[JET] = {0.0}, next[JET];
    memset(out, 0, JET * sizeof *out);
    for (size_t k = 0; k < TERMS; k++) {
        for (size_t j = 0; j < JET; j++) {
            out[j] += piece->c[k] * p[j];
            double moved = t * p[j] + (j > 0 ? p[j - 1] : 0.0);
            next[j] = ((2.0 * (double)k + 1.0) * moved - (double)k * before[j]) / ((double)k + 1.0);
        }
        memcpy(before, p, sizeof p);
        memcpy(p, next, sizeof p);
    }
}

/* The integral of the series over the part a .. b of [-1, 1], in t. */
static double integral(const mx_stretch *piece, double a, double b)
{
    double middle = 0.5 * (a + b), half = 0.5 * (b - a), sum = 0.0;
    for (size_t i = 0; i < HALF / 2; i++)
        sum += gauss_w[i] * (mx_stretch_at(piece, middle - half * gauss_x[i]) + mx_stretch_at(piece, middle + half * gauss_x[i]));
    return half * sum;
}

/* f'/24 - 7 f'''/5760 + ... at t, derivatives by x. */
static double correction(const mx_stretch *piece, double t)
{
    double f[JET], h = 2.0 / piece->width;
    jet(piece, t, f);
    return f[1] * h / 24.0 - 7.0 / 5760.0 * 6.0 * f[3] * pow(h, 3.0) + 31.0 / 967680.0 * 120.0 * f[5] * pow(h, 5.0) -
           127.0 / 154828800.0 * 5040.0 * f[7] * pow(h, 7.0);
}

double mx_stretch_sum(const mx_stretch *piece, double t)
{
    if (piece->width == 0.0)
        return piece->mass;
    if (piece->count == 0.0)
        return 0.5 * piece->width * (t >= 1.0 ? 2.0 * piece->c[0] : integral(piece, -1.0, t));
    double first = floor(0.5 * (1.0 + t) * piece->count + 0.5), end = 2.0 * first / piece->count - 1.0;
    if (!(first > 0.0))
        return 0.0;
    return fmax(0.0, 0.5 * piece->width * integral(piece, -1.0, end) - (correction(piece, end) - correction(piece, -1.0)));
}

/* The first piece that ends beyond x. */
static size_t find(const mx_line *line, double x)
{
    size_t low = 0, high = line->pieces;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const mx_stretch *piece = &line->piece[middle];
        if (mx_dd_add_d(piece->left, piece->width).hi <= x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Where x lies on a piece, -1 .. 1; whole numbers: behind the last one that is <= x. */
static double place_on(const mx_stretch *piece, double x)
{
    if (piece->count > 0.0)
        x = floor(x) + 0.5;
    double t = 2.0 * ((x - piece->left.hi) - piece->left.lo) / piece->width - 1.0;
    return t < -1.0 ? -1.0 : t > 1.0 ? 1.0 : t;
}

/* The mass of a piece at or to the left of x. */
static double left_mass(const mx_stretch *piece, double x)
{
    if (piece->width == 0.0)
        return piece->left.hi <= x ? piece->mass : 0.0;
    double t = place_on(piece, x);
    return t >= 1.0 ? piece->mass : t <= -1.0 ? 0.0 : fmin(piece->mass, mx_stretch_sum(piece, t));
}

/* The mass of a piece to the right of x. */
static double right_mass(const mx_stretch *piece, double x)
{
    if (piece->width == 0.0)
        return piece->left.hi > x ? piece->mass : 0.0;
    double t = place_on(piece, x);
    if (t >= 1.0 || t <= -1.0)
        return t >= 1.0 ? 0.0 : piece->mass;
    return piece->count > 0.0 ? fmax(0.0, piece->mass - mx_stretch_sum(piece, t)) : 0.5 * piece->width * integral(piece, t, 1.0);
}

void mx_line_cdf(const mx_line *line, double x, double *below, double *above)
{
    size_t j = find(line, x);
    if (isnan(x)) {
        *below = *above = NAN;
    } else if (j == line->pieces) {
        *below = 1.0;
        *above = 0.0;
    } else {
        const mx_stretch *piece = &line->piece[j];
        *below = fmin(1.0, piece->before + left_mass(piece, x));
        *above = fmin(1.0, piece->after + right_mass(piece, x));
    }
}

double mx_line_between(const mx_line *line, double a, double b)
{
    if (isnan(a) || isnan(b))
        return NAN;
    if (!(a <= b))
        return 0.0;
    mx_dd sum = {0, 0};
    double inside = line->step > 0.0 ? ceil(a) - 0.5 : nextafter(a, -INFINITY); /* what lies at a belongs to it */
    for (size_t j = find(line, a) > 0 ? find(line, a) - 1 : 0; j < line->pieces && line->piece[j].left.hi <= b; j++) {
        const mx_stretch *piece = &line->piece[j];
        double from = piece->width == 0.0 || piece->count > 0.0 ? inside : a;
        if (piece->width > 0.0 && piece->count == 0.0 && place_on(piece, a) > -1.0 && place_on(piece, b) < 1.0)
            sum = mx_dd_add_d(sum, 0.5 * piece->width * integral(piece, place_on(piece, a), place_on(piece, b)));
        else
            sum = mx_dd_add_d(sum, fmax(0.0, fmin(right_mass(piece, from), left_mass(piece, b) - (piece->mass - right_mass(piece, from)))));
    }
    return fmin(1.0, sum.hi);
}

double mx_stretch_quantile(const mx_stretch *piece, double m)
{
    if (piece->width == 0.0)
        return piece->left.hi;
    double target = m * piece->mass;
    if (piece->count > 0.0) {
        double low = 1.0, high = piece->count; /* of how many of the first is the sum at least the target? */
        while (low < high) {
            double middle = floor(0.5 * (low + high));
            if (!(middle < high)) /* beyond 2^53 doubles do not tell neighbours apart */
                break;
            if (mx_stretch_sum(piece, 2.0 * middle / piece->count - 1.0) >= target)
                high = middle;
            else
                low = fmax(middle + 1.0, nextafter(middle, high));
        }
        return piece->left.hi - 0.5 + high;
    }
    double low = -1.0, high = 1.0, t = 2.0 * m - 1.0, half = 0.5 * piece->width;
    for (int step = 0; step < 100; step++) {
        double off = half * integral(piece, -1.0, t) - target, slope = half * mx_stretch_at(piece, t);
        if (off > 0.0)
            high = t;
        else
            low = t;
        double next = t - off / slope;
        if (!(next > low && next < high))
            next = 0.5 * (low + high);
        double change = fabs(next - t);
        t = next;
        if (change <= 2.0 * DBL_EPSILON * fmin(1.0, 1.0 + t) || high - low <= DBL_EPSILON * (1.0 + low))
            break;
    }
    return mx_dd_add_d(piece->left, 0.5 * (1.0 + t) * piece->width).hi;
}

/* int_-1^t sum c_k P_k = sum d_k P_k(t), d_k = c_{k-1} / (2 k - 1) - c_{k+1} / (2 k + 3); d_0 makes it 0 at -1. */
double mx_stretch_draw(const mx_stretch *piece, double m)
{
    if (piece->width == 0.0 || piece->count > 0.0)
        return mx_stretch_quantile(piece, m);
    double d[TERMS + 1], low = -1.0, high = 1.0, t = 2.0 * m - 1.0, target = 2.0 * m * piece->c[0];
    d[0] = piece->c[0];
    for (size_t k = 1; k <= TERMS; k++)
        d[k] = piece->c[k - 1] / (double)(2 * k - 1) - (k + 1 < TERMS ? piece->c[k + 1] / (double)(2 * k + 3) : 0.0);
    d[0] -= piece->c[1] / 3.0;
    for (int step = 0; step < 60; step++) {
        double off = series(d, TERMS + 1, t) - target;
        if (off > 0.0)
            high = t;
        else
            low = t;
        double next = t - off / mx_stretch_at(piece, t);
        if (!(next > low && next < high))
            next = 0.5 * (low + high);
        double change = fabs(next - t);
        t = next;
        if (change <= 4.0 * DBL_EPSILON)
            break;
    }
    return mx_dd_add_d(piece->left, 0.5 * (1.0 + t) * piece->width).hi;
}

/* The piece that u in (0, 1) falls on, and the part of its mass that lies before. */
static const mx_stretch *locate(const mx_line *line, double u, double *before)
{
    double slack = line->whole ? 4.0 * DBL_EPSILON : 0.0; /* half of two equal atoms is reached by the first */
    size_t low = 0, high = line->pieces - 1;
    while (low < high) { /* the first piece with before + mass >= u, judged from the nearer end */
        size_t middle = low + (high - low) / 2;
        const mx_stretch *piece = &line->piece[middle];
        int reached = u <= 0.5 ? piece->before + piece->mass >= u - slack : piece->after <= (1.0 - u) + slack;
        if (reached)
            high = middle;
        else
            low = middle + 1;
    }
    const mx_stretch *piece = &line->piece[low];
    double part = u <= 0.5 ? u - piece->before : piece->mass - ((1.0 - u) - piece->after);
    part = (part - slack) / piece->mass;
    *before = part < 0.0 ? 0.0 : part > 1.0 ? 1.0 : part;
    return piece;
}

double mx_line_quantile(const mx_line *line, double u)
{
    double part;
    if (!(u >= 0.0 && u <= 1.0))
        return NAN;
    if (u == 0.0 || u == 1.0)
        return u == 0.0 ? line->lower : line->upper;
    const mx_stretch *piece = locate(line, u, &part);
    return mx_stretch_quantile(piece, part);
}

double mx_line_draw(const mx_line *line, double u)
{
    double part;
    const mx_stretch *piece = locate(line, u, &part);
    return mx_stretch_draw(piece, part);
}

double mx_line_at(const mx_line *line, double x, int side)
{
    if (!(x >= line->lower && x <= line->upper))
        return 0.0;
    size_t j = find(line, x);
    if (j > 0 && line->piece[j - 1].width == 0.0 && line->piece[j - 1].left.hi == x)
        return line->piece[j - 1].mass;
    if (j > 0 && (j == line->pieces || (side < 0 && line->piece[j].left.hi >= x)))
        j--;
    const mx_stretch *piece = &line->piece[j];
    if (piece->width == 0.0)
        return piece->left.hi == x ? piece->mass : 0.0;
    double t = piece->count > 0.0 ? 2.0 * (x - piece->left.hi) / piece->width - 1.0 : place_on(piece, x);
    double end = mx_dd_add_d(piece->left, piece->width).hi;
    double off = fmax(piece->left.hi - x, x - end); /* pieces that meet do so up to the rounding of their ends */
    return off > MEET * (fabs(x) + piece->width) ? 0.0 : mx_stretch_at(piece, t);
}

/* Sums of ((x - centre) / scale)^r p, r = 1 .. 4, over pieces first .. last; [0]: of |x - centre| / scale. */
static void central(const mx_line *line, size_t first, size_t last, double centre, double scale, double out[5])
{
    double x[TERMS], w[TERMS];
    mx_dd sum[5] = {{0, 0}};
    mx_gauss(TERMS, x, w);
    for (size_t j = first; j <= last; j++) {
        const mx_stretch *piece = &line->piece[j];
        if (piece->width == 0.0) {
            double term = piece->mass, off = (piece->left.hi - centre) / scale;
            sum[0] = mx_dd_add_d(sum[0], term * fabs(off));
            for (int r = 1; r <= 4; r++)
                sum[r] = mx_dd_add_d(sum[r], term *= off);
            continue;
        }
        for (size_t i = 0; i < TERMS; i++) {
            double off = ((piece->left.hi - centre) + (piece->left.lo + 0.5 * (1.0 + x[i]) * piece->width)) / scale;
            double term = 0.5 * piece->width * w[i] * mx_stretch_at(piece, x[i]);
            sum[0] = mx_dd_add_d(sum[0], term * fabs(off));
            for (int r = 1; r <= 4; r++)
                sum[r] = mx_dd_add_d(sum[r], term *= off);
        }
    }
    for (int r = 0; r <= 4; r++)
        out[r] = sum[r].hi;
}

static int is_resolved(const mx_stretch *piece)
{
    return piece->width > 0.0 && piece->c[0] > 0.0 && fabs(piece->c[TERMS - 1]) + fabs(piece->c[TERMS - 2]) <= 1e-8 * piece->c[0];
}

/* An end of the line. Where p ~ |x|^-power with a power below 30, up to the last good piece; what lies beyond, series that need not be
 * good for more than their mass, is taken from the power. Elsewhere the power is infinite, and the end is that of the last piece. */
typedef struct ending {
    double power, x, p;  /* p at x, in the last good piece */
    double end;          /* of that piece */
    size_t piece;
} ending;

static ending find_ending(const mx_line *line, int sign)
{
    const mx_stretch *last = &line->piece[sign > 0 ? line->pieces - 1 : 0], *piece = last;
    ending e = {.power = INFINITY, .piece = (size_t)(last - line->piece)};
    size_t before = line->pieces - 1;
    for (size_t left = 64; left > 0 && before > 0 && !is_resolved(piece); before--) { /* those near the floor may not be; atoms never are */
        left -= piece->width > 0.0;
        piece -= sign;
    }
    if (!isinf(sign > 0 ? line->upper : line->lower) || !is_resolved(piece))
        return e;
    double f[JET], at = 0.9 * sign;
    jet(piece, at, f); /* the very ends of a series are its worst places */
    double x = piece->left.hi + 0.5 * (1.0 + at) * piece->width, power = -f[1] / f[0] * (2.0 * x / piece->width);
    if (!(f[0] > 0.0 && power > 1.0 && power < 30.0))
        return e;
    double end = sign > 0 ? mx_dd_add_d(piece->left, piece->width).hi : piece->left.hi;
    double beyond = sign > 0 ? piece->after : piece->before, tail = f[0] * pow(fabs(end / x), -power) * fabs(end) / (power - 1.0);
    if (tail <= STOPS * beyond + LEFT_OUT) /* else p stops there, by a fact or the prior, and there is no tail */
        e = (ending){power, x, f[0], end, (size_t)(piece - line->piece)};
    return e;
}

/* Adds what lies beyond an end to the sums of ((x - centre) / scale)^r p: of p |x|^-power it is p x (...)^r / (power - r - 1). */
static void add_beyond(const ending *e, double centre, double scale, double sum[5])
{
    for (int r = 1; r <= 4; r++)
        if (e->power < 30.0 && e->power > r + 1.0 + 1e-6)
            sum[r] += e->p * pow(fabs(e->end / e->x), -e->power) * fabs(e->end) * pow((e->end - centre) / scale, r) / (e->power - r - 1.0);
}

void mx_line_moments(const mx_line *line, double out[4])
{
    double sum[5], mean = 0.0, scale = 1.0, m[5];
    /* E|x|^r is finite for r < power - 1. Below 30 the tail may matter; what rounding leaves unknown of the power is far below 1e-6 */
    ending left = find_ending(line, -1), right = find_ending(line, 1);
    double power[2] = {left.power, right.power}, least = fmin(power[0], power[1]);
    for (int step = 0; step < 4; step++) {
        central(line, left.piece, right.piece, mean, scale, sum);
        add_beyond(&left, mean, scale, sum);
        add_beyond(&right, mean, scale, sum);
        if (step < 3)
            mean += scale * sum[1];
        if (step == 1 && sum[0] > 0.0 && isfinite(sum[0])) /* about 1e300 squares are no doubles */
            scale = exp2(ilogb(sum[0]));
    }
    m[1] = mean;
    for (int r = 2; r <= 4; r++)
        m[r] = sum[r];
    for (int r = 1; r <= 4; r++) {
        int low = power[0] <= r + 1.0 + 1e-6, high = power[1] <= r + 1.0 + 1e-6;
        if (least <= 2.0 + 1e-6 && r > 1)
            m[r] = NAN; /* about a mean that is not there */
        else if (low || high)
            m[r] = low && high && r % 2 == 1 ? NAN : low && r % 2 == 1 ? -INFINITY : INFINITY;
    }
    out[0] = m[1];
    out[1] = scale * sqrt(m[2]);
    out[2] = m[3] / (m[2] * sqrt(m[2]));
    out[3] = m[4] / (m[2] * m[2]);
}
