/* One variable of an answer, laid out along the line: pieces on which the density is a polynomial, and atoms.
 *
 * A continuous answer is sampled again, piece by piece, until every piece is a Legendre series of MX_LINE_TERMS terms to the last digits,
 *
 *     p(x) = sum_k c_k P_k(t),     t = 2 (x - left) / width - 1 in [-1, 1]
 *
 * Distribution functions, quantiles, moments and draws are then arithmetic on polynomials. Countable answers are atoms, and where
 * probability changes slowly over many whole numbers, pieces too: the sum over whole numbers by the formula of Euler and Maclaurin.
 * A finite support of one number is all atoms. Where other variables are held at values, it is the law of this one given them.
 */
#ifndef MX_LINE_H
#define MX_LINE_H

#include <maxent/distribution.h>

#include "base/dd.h"

enum { MX_LINE_TERMS = 20 };

typedef struct mx_stretch {
    mx_dd left;            /* atom: its value. A piece of m whole numbers a .. b: from a - 1/2, width m */
    double width;          /* 0: an atom */
    double count;          /* whole numbers in it; 0: a density */
    double mass;           /* its share of the whole */
    double before, after;  /* the shares of what lies to its left and right */
    double c[MX_LINE_TERMS]; /* Legendre coefficients of p / total; atom: nothing */
} mx_stretch;

typedef struct mx_line {
    size_t pieces;
    mx_stretch *piece;       /* [pieces] ascending */
    double total;          /* probability of the whole: 1 up to rounding, that of the values that others are held at */
    int whole;             /* 1: atoms (and pieces of whole numbers) only */
    double lower, upper;   /* ends of the support, may be infinite */
    double step;           /* 1 for whole numbers, else 0 */
} mx_line;

/* What to lay out. floor: tails of less than this mass are left out, 0: the default, 1e-25. tolerance: 0: the last digits, 1e-14 of
 * each piece; reports that print six digits take less. */
typedef struct mx_line_request {
    const maxent_result *result;
    size_t v;              /* the variable */
    const double *held;    /* [variables] values of the others (levels for names); NULL when it is alone */
    double floor, tolerance;
} mx_line_request;

/* Can variable v be laid out: a number, alone or beside variables of listed values? */
int mx_line_possible(const maxent_result *result, size_t v);
/* *line: to be freed. Errors: MEMORY, ARGUMENT (no answer, or it cannot be laid out), VALUE (its probability is 0). */
maxent_error mx_line_new(const mx_line_request *request, mx_line **line);
void mx_line_free(mx_line *line);

/* P[X <= x] in *below and P[X > x] in *above, each with its own digits. x may be infinite. */
void mx_line_cdf(const mx_line *line, double x, double *below, double *above);
/* P[a <= X <= b], with its own digits where it is small. */
double mx_line_between(const mx_line *line, double a, double b);
/* The least x with P[X <= x] >= u; u in [0, 1]: the ends of the support at 0 and 1. */
double mx_line_quantile(const mx_line *line, double u);
/* The same for u in (0, 1), faster, to 1e-16 of the mass of a piece. */
double mx_line_draw(const mx_line *line, double u);
/* The density (probability for atoms) at x; at a jump from the side given, < 0: left. */
double mx_line_at(const mx_line *line, double x, int side);
/* The x in the piece to whose left lies the part m in [0, 1] of its mass; for whole numbers the least x with at least that. */
double mx_stretch_quantile(const mx_stretch *piece, double m);
/* The same several times faster, to 1e-16 of the mass of the piece. */
double mx_stretch_draw(const mx_stretch *piece, double m);
/* p on a piece at place t in [-1, 1]. */
double mx_stretch_at(const mx_stretch *piece, double t);
/* The mass from the left end of a piece to place t, its right end being 1; whole numbers: of the first (1 + t) count / 2, rounded. */
double mx_stretch_sum(const mx_stretch *piece, double t);

/* mean, standard deviation, skewness, kurtosis; infinite or NaN where they do not exist. */
void mx_line_moments(const mx_line *line, double out[4]);

typedef struct mx_interval {
    double from, to;
} mx_interval;

/* The smallest set of probability `mass`, 0 < mass < 1, as intervals in ascending order; *list to be freed. */
maxent_error mx_line_densest(const mx_line *line, double mass, mx_interval **list, size_t *count);

/* Gauss's rule on [-1, 1] for n <= 40 points. */
void mx_gauss(size_t n, double *x, double *w);

#endif
