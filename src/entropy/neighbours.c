/* Entropy and information of samples from nearest neighbours.
 *
 *     Kozachenko and Leonenko [1]   h = psi(n) - psi(k) + log c_d + (d/n) sum_i log e_i
 *     KSG 1 [2, eq. 8]              I = psi(k) + psi(n) - < psi(nx + 1) + psi(ny + 1) >,    nx: points with |x - x_i| < e_i
 *     KSG 2 [2, eq. 9]              I = psi(k) - 1/k + psi(n) - < psi(nx) + psi(ny) >,      nx: points with |x - x_i| <= ex_i
 *     Gao et al. [3, algorithm 1]   I = < psi(k_i) + log n - psi(nx) - psi(ny) >
 *     Ross [4, eq. 2]               I = psi(n) - < psi(n_c) > + < psi(k_i) - psi(m_i) >
 *     Frenzel and Pompe [5]         I(X; Y | Z) = psi(k) - < psi(nxz + 1) + psi(nyz + 1) - psi(nz + 1) >
 *     Mesner and Shalizi [6]        I(X; Y | Z) = < psi(k_i) - psi(mxz) - psi(myz) + psi(mz) >
 *
 * e_i: distance to the k-th neighbour; ex_i, ey_i: largest distances in x and in y to the k nearest. In [3] the counts nx, ny hold
 * point i itself and those strictly nearer than e_i; where e_i = 0, k_i, nx, ny are the points that coincide with i, itself among
 * them: the form of the program of its authors, exact up to 1/n for discrete values (the paper prints log(nx + 1) for psi(nx)).
 * Ross's m_i is counted in the same manner. [5] is KSG 1 with a condition, and is that without one. In [6] m are the other points at a
 * distance <= e_i, and where e_i = 0, k_i are those that coincide with i; the negative results that its authors set to 0 are left.
 *
 * Every point has its term; terms are summed in order, so that the number of threads does not show.
 *
 * [1] L. F. Kozachenko, N. N. Leonenko, Probl. Inf. Transm. 23 (1987) 95; k > 1: H. Singh et al., Am. J. Math. Manag. Sci. 23 (2003) 301.
 * [2] A. Kraskov, H. Stoegbauer, P. Grassberger, Phys. Rev. E 69 (2004) 066138.
 * [3] W. Gao, S. Kannan, S. Oh, P. Viswanath, NIPS 30 (2017) 5986.
 * [4] B. C. Ross, PLoS ONE 9 (2014) e87357. [5] S. Frenzel, B. Pompe, Phys. Rev. Lett. 99 (2007) 204101, eq. 4.
 * [6] O. C. Mesner, C. R. Shalizi, IEEE Trans. Inf. Theory 67 (2021) 464, arXiv:1912.03387, algorithm 1.
 */
#include <maxent/entropy.h>

#include "base/memory.h"
#include "entropy/check.h"
#include "entropy/kdtree.h"
#include "entropy/special.h"
#include "entropy/sum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(_OPENMP)
#include <omp.h>
#endif

static const char *const words[] = {
#define WORD(name, word, text) word,
    MAXENT_KNN_INFORMATIONS(WORD)
#undef WORD
};

const char *maxent_knn_word(maxent_knn_information method)
{
    return (unsigned)method < MAXENT_KNN_INFORMATION_COUNT ? words[method] : "unknown";
}

static const char *const conditional_words[] = {
#define WORD(name, word, text) word,
    MAXENT_KNN_CONDITIONALS(WORD)
#undef WORD
};

const char *maxent_knn_conditional_word(maxent_knn_conditional method)
{
    return (unsigned)method < MAXENT_KNN_CONDITIONAL_COUNT ? conditional_words[method] : "unknown";
}

static int thread_count(int threads)
{
#if defined(_OPENMP)
    return threads > 0 ? threads : omp_get_max_threads();
#else
    (void)threads;
    return 1;
#endif
}

static maxent_error check_sample(size_t n, size_t k, maxent_diagnostic *diagnostic)
{
    if (k < 1 || k >= n)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT,
                       "k is %zu for %zu points; it must be at least 1 and less than the points", k, n);
    return MAXENT_OK;
}

static double largest(size_t n, const double *x)
{
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = fabs(x[i]) > most ? fabs(x[i]) : most;
    return most;
}

/* ---- counting along one marginal ---- */

typedef struct marginal {
    size_t n, d;
    const double *x;  /* [n * d] the caller's, times scale */
    double *sorted;   /* [n] when d = 1, else NULL */
    mx_kdtree *tree;  /* when d > 1, else NULL */
} marginal;

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int marginal_new(marginal *m, size_t n, size_t d, const double *x)
{
    *m = (marginal){n, d, x, NULL, NULL};
    if (d > 1)
        return (m->tree = mx_kdtree_new(n, d, x, MX_METRIC_MAX)) != NULL;
    m->sorted = mx_alloc(n, sizeof *m->sorted);
    if (m->sorted == NULL)
        return 0;
    memcpy(m->sorted, x, n * sizeof *x);
    qsort(m->sorted, n, sizeof *x, ascending);
    return 1;
}

static void marginal_free(marginal *m)
{
    mx_free(m->sorted);
    mx_kdtree_free(m->tree);
}

/* Radius for count_all under which the points at a distance <= radius are those nearer than it. */
static double beyond(double radius)
{
    return nextafter(radius, INFINITY);
}

/* out[i]: how many points are nearer to point i than radius[i], itself among them. Leaf by leaf. Returns 0 when there is no memory. */
static int tree_count_all(const mx_kdtree *tree, size_t d, const double *radius, int threads, size_t *out)
{
    size_t workers = (size_t)thread_count(threads), leaves = mx_kdtree_leaves(tree), most = MX_LEAF_POINTS;
    double *room = mx_alloc(workers * most, d * sizeof *room);
#if defined(_OPENMP)
#pragma omp parallel for schedule(dynamic, 16) num_threads((int)workers) if (workers > 1)
#endif
    for (size_t leaf = 0; leaf < (room != NULL ? leaves : 0); leaf++) {
#if defined(_OPENMP)
        size_t mine = (size_t)omp_get_thread_num() * most * d;
#else
        size_t mine = 0;
#endif
        size_t point[MX_LEAF_POINTS], found[MX_LEAF_POINTS];
        size_t count = mx_kdtree_count(tree, leaf, radius, room + mine, point, found);
        for (size_t i = 0; i < count; i++)
            out[point[i]] = found[i];
    }
    mx_free(room);
    return room != NULL;
}

static int count_all(const marginal *m, const double *radius, int threads, size_t *out)
{
    if (m->tree != NULL)
        return tree_count_all(m->tree, m->d, radius, threads, out);
    /* Rounded differences are monotone in the point: two binary searches with the very test that a scan would make. */
#if defined(_OPENMP)
#pragma omp parallel for schedule(static) num_threads(thread_count(threads))
#endif
    for (size_t i = 0; i < m->n; i++) {
        size_t edge[2];
        for (int side = 0; side < 2; side++) {
            size_t low = 0, high = m->n;
            while (low < high) {
                size_t middle = low + (high - low) / 2;
                double off = m->sorted[middle] - m->x[i];
                if (side == 0 ? off <= -radius[i] : off < radius[i])
                    low = middle + 1;
                else
                    high = middle;
            }
            edge[side] = low;
        }
        out[i] = edge[1] > edge[0] ? edge[1] - edge[0] : 0;
    }
    return 1;
}

/* psi(1), ..., psi(n) at [1..n] by psi(m + 1) = psi(m) + 1/m, compensated: counts are looked up by the million. NULL: no memory. */
static double *psi_table(size_t n)
{
    double *psi = mx_alloc(n + 1, sizeof *psi);
    mx_sum sum = {-0.57721566490153286061, 0};
    for (size_t m = 1; psi != NULL && m <= n; m++) {
        psi[m] = mx_sum_value(&sum);
        mx_sum_add(&sum, 1 / (double)m);
    }
    return psi;
}

/* ---- terms ---- */

/* Mean of the terms and, where asked for, its standard error. */
static double summarise(size_t n, const double *term, double *standard_error)
{
    mx_sum sum = {0, 0}, squares = {0, 0};
    for (size_t i = 0; i < n; i++)
        mx_sum_add(&sum, term[i]);
    double mean = mx_sum_value(&sum) / (double)n;
    if (standard_error != NULL) {
        for (size_t i = 0; i < n; i++)
            mx_sum_add(&squares, (term[i] - mean) * (term[i] - mean));
        *standard_error = sqrt(mx_sum_value(&squares) / (double)n / (double)(n > 1 ? n - 1 : 1));
    }
    return mean;
}

static maxent_error refuse_repeat(size_t i, size_t k, const char *advice, maxent_diagnostic *diagnostic)
{
    return mx_fail(diagnostic, MAXENT_ERROR_VALUE,
                   "point %zu occurs at least %zu times: its distance to neighbour %zu is zero, and the values are not a sample from a "
                   "density; %s", i + 1, k + 1, k, advice);
}

/* distance[i]: to the k-th neighbour of point i (squared for the Euclidean metric); reach: NULL, or [n][2] the largest distances in
 * the first dx and in the other coordinates to the k nearest. Returns 0 when there is no memory. */
static int all_nearest(const mx_kdtree *tree, size_t d, const double *x, size_t k, int threads, double *distance, double *reach,
                       size_t dx)
{
    size_t workers = (size_t)thread_count(threads), leaves = mx_kdtree_leaves(tree), most = MX_LEAF_POINTS;
    double *found = mx_alloc(workers * most, k * sizeof *found), *room = mx_alloc(workers * most, d * sizeof *room);
    int indexed = reach != NULL || k > MX_FEW_NEIGHBOURS;
    size_t *index = indexed ? mx_alloc(workers * most, k * sizeof *index) : NULL;
    int enough = found != NULL && room != NULL && (index != NULL || !indexed);
#if defined(_OPENMP)
#pragma omp parallel for schedule(dynamic, 16) num_threads((int)workers) if (workers > 1)
#endif
    for (size_t leaf = 0; leaf < (enough ? leaves : 0); leaf++) {
#if defined(_OPENMP)
        size_t mine = (size_t)omp_get_thread_num() * most, point[MX_LEAF_POINTS];
#else
        size_t mine = 0, point[MX_LEAF_POINTS];
#endif
        size_t count = mx_kdtree_nearest(tree, leaf, k, room + mine * d, point, found + mine * k,
                                         indexed ? index + mine * k : NULL);
        for (size_t p = 0; p < count; p++) {
            size_t i = point[p];
            distance[i] = found[(mine + p) * k + k - 1];
            if (reach == NULL)
                continue;
            reach[2 * i] = reach[2 * i + 1] = 0;
            for (size_t j = 0; j < k; j++)
                for (size_t c = 0; c < d; c++) {
                    double off = fabs(x[index[(mine + p) * k + j] * d + c] - x[i * d + c]);
                    double *side = &reach[2 * i + (c >= dx)];
                    *side = off > *side ? off : *side;
                }
        }
    }
    mx_free(found);
    mx_free(room);
    mx_free(index);
    return enough;
}

/* The same for one coordinate, sorted: the k nearest are on both sides. distance[j] is of the j-th in order. */
static void line_nearest(size_t n, const double *sorted, size_t k, double *distance)
{
    for (size_t i = 0; i < n; i++) {
        size_t left = i, right = i; /* the neighbours taken are left .. right */
        for (size_t taken = 0; taken < k; taken++) {
            double down = left > 0 ? sorted[i] - sorted[left - 1] : INFINITY;
            double up = right + 1 < n ? sorted[right + 1] - sorted[i] : INFINITY;
            if (down <= up)
                left--;
            else
                right++;
            distance[i] = down <= up ? down : up;
        }
    }
}

maxent_error maxent_knn_entropy(size_t n, size_t d, const double *x, size_t k, int threads, double *out, double *standard_error,
                                maxent_diagnostic *diagnostic)
{
    maxent_error error = check_sample(n, k, diagnostic);
    if (error != MAXENT_OK)
        return error;
    if (d < 1 || n > SIZE_MAX / 64 / d)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "points need at least one coordinate, and fit in memory");
    if ((error = mx_check_finite(n * d, x, d, diagnostic)) != MAXENT_OK)
        return error;
    mx_kdtree *tree = NULL;
    double *scaled = mx_alloc(n * d, sizeof *scaled), *term = mx_alloc(n, sizeof *term);
    if (scaled == NULL || term == NULL) {
        error = mx_no_memory(diagnostic);
        goto cleanup;
    }
    int exponent; /* a power of two brings the numbers near 1, so that squares neither overflow nor vanish */
    frexp(largest(n * d, x), &exponent);
    double factor = scalbn(1, -exponent);
    int exact = exponent > -1000 && exponent < 1000; /* the factor is a double, and no result is subnormal that was not */
    for (size_t i = 0; i < n * d; i++)
        scaled[i] = exact ? factor * x[i] : scalbn(x[i], -exponent);
    double dimension = (double)d;
    if (d == 1) {
        qsort(scaled, n, sizeof *scaled, ascending);
        line_nearest(n, scaled, k, term);
    } else {
        tree = mx_kdtree_new(n, d, scaled, MX_METRIC_EUCLIDEAN);
        if (tree == NULL || !all_nearest(tree, d, scaled, k, threads, term, NULL, 0)) {
            error = mx_no_memory(diagnostic);
            goto cleanup;
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (term[i] == 0) {
            size_t row = i; /* of the sorted numbers the value is known, not the row */
            for (size_t j = 0; d == 1 && j < n; j++)
                if (scalbn(x[j], -exponent) == scaled[i]) {
                    row = j;
                    break;
                }
            error = refuse_repeat(row, k, "a larger k may bridge a few copies", diagnostic);
            goto cleanup;
        }
        term[i] = d == 1 ? log(term[i]) : dimension / 2 * log(term[i]); /* the tree's distances are squares */
    }
    double mean = summarise(n, term, standard_error);
    double ball = dimension / 2 * log(acos(-1)) - lgamma(1 + dimension / 2); /* log c_d = log[pi^(d/2) / Gamma(1 + d/2)] */
    *out = mx_digamma((double)n) - mx_digamma((double)k) + ball + mean + dimension * (double)exponent * log(2);

cleanup:
    mx_free(scaled);
    mx_free(term);
    mx_kdtree_free(tree);
    return error;
}

/* ---- informations ---- */

typedef enum formula { KSG1, KSG2, GAO, FRENZEL_POMPE, MESNER_SHALIZI } formula;

/* Some of the three parts side by side, times scale: [n * *d], to be freed. NULL: no memory. */
static double *side_by_side(size_t n, const size_t dim[3], const double *const part[3], const int take[3], double scale, size_t *d)
{
    *d = 0;
    for (int s = 0; s < 3; s++)
        *d += take[s] ? dim[s] : 0;
    double *out = mx_alloc(n, *d * sizeof *out);
    for (size_t i = 0, at = 0; out != NULL && i < n; i++)
        for (int s = 0; s < 3; s++)
            for (size_t c = 0; take[s] && c < dim[s]; c++)
                out[at++] = scale * part[s][i * dim[s] + c];
    return out;
}

/* I(X; Y | Z) of part[0], part[1], part[2], of dim[] coordinates each; dim[2] = 0: I(X; Y). The marginals that are counted in are
 * (X, Z), (Y, Z) and Z. */
static maxent_error information(formula method, size_t n, const size_t dim[3], const double *const part[3], size_t k, int threads,
                                double *out, double *standard_error, maxent_diagnostic *diagnostic)
{
    maxent_error error = check_sample(n, k, diagnostic);
    if (error != MAXENT_OK)
        return error;
    double most = 0;
    for (int s = 0; s < 3; s++) {
        if ((dim[s] < 1 && s < 2) || dim[s] > SIZE_MAX / 128 / n)
            return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "points need at least one coordinate on each side, and fit in memory");
        if ((error = mx_check_finite(n * dim[s], part[s], dim[s], diagnostic)) != MAXENT_OK)
            return error;
        double here = largest(n * dim[s], part[s]);
        most = here > most ? here : most;
    }
    const double scale = most > 1e300 ? 0.0625 : 1; /* differences do not overflow */
    static const int everything[3] = {1, 1, 1}, sides[3][3] = {{1, 0, 1}, {0, 1, 1}, {0, 0, 1}};
    size_t d, ds, counted = dim[2] > 0 ? 3 : 2;
    double *joint = side_by_side(n, dim, part, everything, scale, &d), *side[3] = {NULL, NULL, NULL};
    double *term = mx_alloc(n, sizeof *term), *reach = method == KSG2 ? mx_alloc(n, 2 * sizeof *reach) : NULL, *psi = NULL;
    double *radius = mx_alloc(n, sizeof *radius);
    size_t *count = mx_alloc(n, sizeof *count);
    marginal m[3] = {{0}, {0}, {0}};
    mx_kdtree *tree = NULL;
    if (joint == NULL || term == NULL || radius == NULL || count == NULL || (method == KSG2 && reach == NULL)) {
        error = mx_no_memory(diagnostic);
        goto cleanup;
    }
    for (size_t s = 0; s < counted; s++) {
        side[s] = side_by_side(n, dim, part, sides[s], scale, &ds);
        if (side[s] == NULL || !marginal_new(&m[s], n, ds, side[s])) {
            error = mx_no_memory(diagnostic);
            goto cleanup;
        }
    }
    tree = mx_kdtree_new(n, d, joint, MX_METRIC_MAX);
    if (tree == NULL || !all_nearest(tree, d, joint, k, threads, term, reach, dim[0]) || (psi = psi_table(n)) == NULL) {
        error = mx_no_memory(diagnostic);
        goto cleanup;
    }
    for (size_t i = 0; i < n && method != GAO && method != MESNER_SHALIZI; i++)
        if (term[i] == 0) {
            error = refuse_repeat(i, k, method == FRENZEL_POMPE ? "the estimator of Mesner and Shalizi takes such samples"
                                                                : "the estimator of Gao et al. takes such samples", diagnostic);
            goto cleanup;
        }
    /* Terms from what they start with, less or with psi of the counts. Point i itself is in every count: `self` says that it must not
     * be, which for KSG 1 and Gao et al. is made up for by psi(n + 1) and by the paper. */
    size_t self = method == KSG2 || method == MESNER_SHALIZI;
    double start = psi[k] - (method == KSG2 ? 1 / (double)k : 0), rest = method == GAO ? log((double)n) : psi[n];
    int repeats = 0;
    for (size_t i = 0; i < n; i++) {
        radius[i] = term[i] == 0 ? beyond(0) : -1;
        repeats |= term[i] == 0;
    }
    if (repeats && !tree_count_all(tree, d, radius, threads, count)) {
        error = mx_no_memory(diagnostic);
        goto cleanup;
    }
    for (size_t i = 0; i < n; i++) {
        radius[i] = term[i] == 0 || method == MESNER_SHALIZI ? beyond(term[i]) : term[i];
        term[i] = (term[i] == 0 ? psi[count[i] - self] : start) + (counted == 2 ? rest : 0);
    }
    for (size_t s = counted; s-- > 0;) {
        for (size_t i = 0; method == KSG2 && i < n; i++)
            radius[i] = beyond(reach[2 * i + s]); /* a side of length 0 holds the k neighbours */
        if (!count_all(&m[s], radius, threads, count)) {
            error = mx_no_memory(diagnostic);
            goto cleanup;
        }
        for (size_t i = 0; i < n; i++)
            term[i] += s == 2 ? psi[count[i] - self] : -psi[count[i] - self];
    }
    *out = summarise(n, term, standard_error);

cleanup:
    for (int s = 0; s < 3; s++) {
        mx_free(side[s]);
        marginal_free(&m[s]);
    }
    mx_free(joint);
    mx_free(term);
    mx_free(reach);
    mx_free(radius);
    mx_free(count);
    mx_free(psi);
    mx_kdtree_free(tree);
    return error;
}

maxent_error maxent_knn_mutual_information(maxent_knn_information method, size_t n, size_t dx, const double *x, size_t dy,
                                           const double *y, size_t k, int threads, double *out, double *standard_error,
                                           maxent_diagnostic *diagnostic)
{
    if ((unsigned)method >= MAXENT_KNN_INFORMATION_COUNT)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "no such estimator of mutual information");
    formula f = method == MAXENT_KSG1 ? KSG1 : method == MAXENT_KSG2 ? KSG2 : GAO;
    return information(f, n, (const size_t[3]){dx, dy, 0}, (const double *const[3]){x, y, NULL}, k, threads, out, standard_error,
                       diagnostic);
}

maxent_error maxent_knn_conditional_information(maxent_knn_conditional method, size_t n, size_t dx, const double *x, size_t dy,
                                                const double *y, size_t dz, const double *z, size_t k, int threads, double *out,
                                                double *standard_error, maxent_diagnostic *diagnostic)
{
    if ((unsigned)method >= MAXENT_KNN_CONDITIONAL_COUNT)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "no such estimator of conditional mutual information");
    formula f = method == MAXENT_FRENZEL_POMPE ? FRENZEL_POMPE : MESNER_SHALIZI;
    return information(f, n, (const size_t[3]){dx, dy, dz}, (const double *const[3]){x, y, z}, k, threads, out, standard_error,
                       diagnostic);
}

typedef struct member {
    uint32_t code;
    size_t index;
} member;

static int by_class(const void *a, const void *b)
{
    const member *x = a, *y = b;
    if (x->code != y->code)
        return x->code < y->code ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

maxent_error maxent_ross_mutual_information(size_t n, const uint32_t *code, size_t d, const double *y, size_t k, int threads,
                                            double *out, double *standard_error, maxent_diagnostic *diagnostic)
{
    if (n < 1 || k < 1 || d < 1 || d > SIZE_MAX / 64 / n)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "Ross's estimator needs points, at least one coordinate, and k >= 1");
    maxent_error error = mx_check_finite(n * d, y, d, diagnostic);
    if (error != MAXENT_OK)
        return error;
    member *list = mx_alloc(n, sizeof *list);
    double *kept = mx_alloc(n * d, sizeof *kept), *term = mx_alloc(n, sizeof *term), *radius = mx_alloc(n, sizeof *radius), *psi = NULL;
    size_t *count = mx_alloc(n, sizeof *count);
    marginal all = {0};
    if (list == NULL || kept == NULL || term == NULL || radius == NULL || count == NULL) {
        error = mx_no_memory(diagnostic);
        goto cleanup;
    }
    for (size_t i = 0; i < n; i++)
        list[i] = (member){code[i], i};
    qsort(list, n, sizeof *list, by_class);
    double scale = largest(n * d, y) > 1e300 ? 0.0625 : 1;
    size_t used = 0; /* points of classes with company, class by class */
    for (size_t i = 0; i < n; i++)
        if ((i > 0 && list[i - 1].code == list[i].code) || (i + 1 < n && list[i + 1].code == list[i].code)) {
            for (size_t c = 0; c < d; c++)
                kept[used * d + c] = scale * y[list[i].index * d + c];
            list[used++] = list[i];
        }
    if (used == 0) {
        error = mx_fail(diagnostic, MAXENT_ERROR_VALUE, "every class has one member only: there are no neighbours to compare");
        goto cleanup;
    }
    if (!marginal_new(&all, used, d, kept)) {
        error = mx_no_memory(diagnostic);
        goto cleanup;
    }
    psi = psi_table(used);
    if (psi == NULL) {
        error = mx_no_memory(diagnostic);
        goto cleanup;
    }
    for (size_t first = 0, last; first < used; first = last) {
        last = first;
        while (last < used && list[last].code == list[first].code)
            last++;
        size_t members = last - first, neighbours = k < members - 1 ? k : members - 1;
        mx_kdtree *tree = mx_kdtree_new(members, d, kept + first * d, MX_METRIC_MAX);
        double *e = radius + first; /* to the k-th neighbour in its class */
        int failed = tree == NULL || !all_nearest(tree, d, kept + first * d, neighbours, threads, e, NULL, 0);
        for (size_t i = 0; i < members && !failed; i++)
            term[first + i] = e[i] == 0 ? beyond(0) : -1;
        failed = failed || !tree_count_all(tree, d, term + first, threads, count + first); /* those that coincide with it */
        for (size_t i = 0; i < members && !failed; i++) {
            term[first + i] = psi[used] - psi[members] + psi[e[i] == 0 ? count[first + i] : neighbours];
            e[i] = e[i] == 0 ? beyond(0) : e[i];
        }
        mx_kdtree_free(tree);
        if (failed) {
            error = mx_no_memory(diagnostic);
            goto cleanup;
        }
    }
    if (!count_all(&all, radius, threads, count)) {
        error = mx_no_memory(diagnostic);
        goto cleanup;
    }
    for (size_t i = 0; i < used; i++)
        term[i] -= psi[count[i]];
    *out = summarise(used, term, standard_error);

cleanup:
    mx_free(list);
    mx_free(kept);
    mx_free(term);
    mx_free(radius);
    mx_free(count);
    mx_free(psi);
    marginal_free(&all);
    return error;
}
