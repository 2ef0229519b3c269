/* Estimators from samples: scipy's numbers, slow computations of the same, laws with known entropies, repeated values. */
#include <maxent/entropy.h>

#include "entropy/close.h"
#include "entropy/kdtree.h"
#include "entropy/scan.h"
#include "entropy/special.h"
#include "support/failing_alloc.h"

#include <stdlib.h>
#include <string.h>

static maxent_diagnostic where;

#define OK(call)                                                                                                       \
    do {                                                                                                               \
        if ((call) != MAXENT_OK)                                                                                       \
            fail_msg("%s:%d: %s", __FILE__, __LINE__, where.message);                                                  \
    } while (0)

/* ---- spacings ---- */

static void test_spacing_published(void **state)
{
    (void)state;
    const double x[] = {7, 1, 11, 2, 4}, expected[] = {2.1243416741296377, 3.07784679092032, 2.401600546353616, 2.250693014691605};
    for (int s = 0; s < MAXENT_SPACING_COUNT; s++) { /* the published cases: 1, 2, 4, 7, 11 with m = 1, in any order */
        double h;
        OK(maxent_spacing_entropy((maxent_spacing)s, 5, x, 1, &h, &where));
        assert_close(h, expected[s], 1e-14);
    }
}

/* scipy.stats.differential_entropy 1.11 on x_i = 1 + 3 log(u/(1-u)), u = frac(0.6180339887498949 i), i = 1..57. */
static void test_spacing_scipy(void **state)
{
    (void)state;
    static const struct {
        size_t m;
        double value[4];
    } expected[] = {
        {1, {3.0199706311776575, 3.566828588482424, 3.044291584881515, 3.0463273881103814}},
        {5, {3.0043843203463383, 3.014813707992136, 3.070670348951135, 3.0448783254090936}},
        {8, {2.9954216193241363, 2.927517025805865, 3.0938988037151107, 3.0519244730715895}},
        {28, {2.864777581340915, 2.7854302336644503, 3.1784597048203134, 3.0240179621269747}},
        {0, {2.9954216193241363, 2.927517025805865, 3.0938988037151107, 3.0519244730715895}}, /* its choice: 8 */
    };
    double x[57], y[57], h, moved;
    for (int i = 0; i < 57; i++) {
        double u = fmod((i + 1) * 0.6180339887498949, 1);
        x[i] = 1 + 3 * log(u / (1 - u));
        y[56 - i] = x[i] * 0x1p900 + 0x1p850;
    }
    for (size_t e = 0; e < 5; e++)
        for (int s = 0; s < 4; s++) {
            OK(maxent_spacing_entropy((maxent_spacing)s, 57, x, expected[e].m, &h, &where));
            assert_close(h, expected[e].value[s], 1e-13);
            OK(maxent_spacing_entropy((maxent_spacing)s, 57, y, expected[e].m, &moved, &where));
            assert_close(moved, h + 900 * log(2), 1e-12); /* h(a x + b) = h(x) + log a */
        }
}

/* n = 4000: within four standard errors, sqrt(Var[log p(x)] / n), and a bias allowed of 0.03. */
static void test_spacing_laws(void **state)
{
    (void)state;
    enum { N = 4000 };
    static double x[3][N];
    uint64_t random = 5;
    for (int i = 0; i < N; i++) {
        x[0][i] = 2 * random_normal(&random);
        x[1][i] = 3 * random_unit(&random);
        x[2][i] = -log(random_unit(&random)) / 4;
    }
    const double exact[] = {0.5 * log(2 * acos(-1) * exp(1)) + log(2), log(3), 1 - log(4)};
    const double deviation[] = {sqrt(0.5), 0, 1};
    for (int law = 0; law < 3; law++)
        for (int s = 0; s < 4; s++) {
            double h;
            OK(maxent_spacing_entropy((maxent_spacing)s, N, x[law], 0, &h, &where));
            assert_true(fabs(h - exact[law]) < 4 * deviation[law] / sqrt(N) + 0.03);
        }
}

static void spacing_refused(size_t n, const double *x, size_t m, maxent_error error, const char *message)
{
    for (int s = 0; s < 4; s++) {
        double h = 77;
        assert_int_equal(maxent_spacing_entropy((maxent_spacing)s, n, x, m, &h, &where), error);
        assert_true(h == 77);
        if (strstr(where.message, message) == NULL)
            fail_msg("\"%s\" lacks \"%s\"", where.message, message);
    }
}

static void test_spacing_refusals(void **state)
{
    (void)state;
    double x[] = {1, 2, 3, 3, 3, 3, 4, 5, 6}, constant[] = {2, 2, 2, 2, 2}, bad[] = {1, 2, NAN, 3, 4}, h;
    spacing_refused(9, x, 1, MAXENT_ERROR_VALUE, "the value 3 occurs 4 times among 9");
    for (int s = 0; s < 4; s++) { /* a window that bridges them gives a finite answer */
        OK(maxent_spacing_entropy((maxent_spacing)s, 9, x, 4, &h, &where));
        assert_true(isfinite(h));
    }
    spacing_refused(5, constant, 2, MAXENT_ERROR_VALUE, "the value 2 occurs 5 times");
    spacing_refused(5, bad, 1, MAXENT_ERROR_VALUE, "point 3 is nan");
    spacing_refused(2, x, 0, MAXENT_ERROR_ARGUMENT, "at least 3");
    spacing_refused(6, x, 3, MAXENT_ERROR_ARGUMENT, "smaller than half");
    spacing_refused(9, x, SIZE_MAX, MAXENT_ERROR_ARGUMENT, "smaller than half");
    assert_int_equal(maxent_spacing_entropy(MAXENT_SPACING_COUNT, 9, x, 1, &h, &where), MAXENT_ERROR_ARGUMENT);
    assert_string_equal(maxent_spacing_word(MAXENT_VAN_ES), "van-es");
    assert_string_equal(maxent_spacing_word(MAXENT_SPACING_COUNT), "unknown");
    const double three[] = {1, 5, 2};
    OK(maxent_spacing_entropy(MAXENT_VASICEK, 3, three, 0, &h, &where));
}

/* ---- the tree ---- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double slow_distance(const double *a, const double *b, size_t d, mx_metric metric)
{
    double sum = 0;
    for (size_t c = 0; c < d; c++)
        sum = metric == MX_METRIC_MAX ? fmax(sum, fabs(a[c] - b[c])) : sum + (a[c] - b[c]) * (a[c] - b[c]);
    return sum;
}

static int increasing(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

static void test_tree(void **state)
{
    (void)state;
    uint64_t random = 6;
    static double x[700 * 6], slow[700], radius[700];
    static size_t expected[700];
    for (int trial = 0; trial < 60; trial++) {
        size_t d = 1 + random_bits(&random) % 6, n = 2 + random_bits(&random) % 699;
        size_t k = 1 + random_bits(&random) % (trial % 4 == 0 ? 40 : 6);
        mx_metric metric = trial % 2 ? MX_METRIC_MAX : MX_METRIC_EUCLIDEAN;
        for (size_t i = 0; i < n * d; i++) /* a third of the trials on a coarse grid, with many copies; some all equal */
            x[i] = trial % 3 == 0 ? floor(4 * random_unit(&random)) : trial == 7 ? 1 : random_normal(&random);
        k = k < n ? k : n - 1;
        mx_kdtree *tree = mx_kdtree_new(n, d, x, metric);
        assert_non_null(tree);
        double room[MX_LEAF_POINTS * 6], all_distance[MX_LEAF_POINTS * 40];
        size_t all_index[MX_LEAF_POINTS * 40], point[MX_LEAF_POINTS], count, leaf = 0, first = 0;
        char *seen = calloc(n, 1);
        count = mx_kdtree_nearest(tree, 0, k, room, point, all_distance, all_index);
        for (size_t at = 0; at < n; at++) { /* all points, leaf after leaf */
            if (at == first + count) {
                first = at;
                count = mx_kdtree_nearest(tree, ++leaf, k, room, point, all_distance, all_index);
            }
            size_t i = point[at - first], *index = all_index + (at - first) * k;
            double *distance = all_distance + (at - first) * k;
            assert_int_equal(seen[i]++, 0);
            const double *q = x + i * d;
            size_t m = 0;
            for (size_t j = 0; j < n; j++)
                if (j != i)
                    slow[m++] = slow_distance(q, x + j * d, d, metric);
            qsort(slow, m, sizeof *slow, ascending);
            for (size_t j = 0; j < k; j++)
                assert_true(slow_distance(q, x + index[j] * d, d, metric) == distance[j] && index[j] != i &&
                            distance[j] <= distance[k - 1]);
            qsort(distance, k, sizeof *distance, ascending); /* many are in a heap, few in order */
            qsort(index, k, sizeof *index, increasing);
            for (size_t j = 0; j < k; j++)
                assert_true(distance[j] == slow[j] && (j == 0 || index[j] != index[j - 1]));
            size_t open = 1, closed = 1; /* the point itself */
            for (size_t j = 0; j < m; j++) {
                open += slow[j] < distance[k - 1];
                closed += slow[j] <= distance[k - 1];
            }
            radius[i] = trial % 2 ? nextafter(distance[k - 1], INFINITY) : distance[k - 1];
            expected[i] = trial % 2 ? closed : distance[k - 1] > 0 ? open : 0;
            if (k <= MX_FEW_NEIGHBOURS && at == first) { /* the same distances when nobody asks for the points */
                double again[MX_LEAF_POINTS * MX_FEW_NEIGHBOURS];
                mx_kdtree_nearest(tree, leaf, k, room, point, again, NULL);
                for (size_t j = 0; j < k; j++)
                    assert_true(again[j] == slow[j]);
            }
        }
        assert_int_equal(mx_kdtree_leaves(tree), leaf + 1);
        for (leaf = 0; leaf < mx_kdtree_leaves(tree); leaf++) {
            size_t inside[MX_LEAF_POINTS];
            count = mx_kdtree_count(tree, leaf, radius, room, point, inside);
            for (size_t i = 0; i < count; i++)
                assert_int_equal(inside[i], expected[point[i]]);
        }
        free(seen);
        mx_kdtree_free(tree);
    }
    mx_kdtree_free(NULL);
}

/* Every variant of the inner loops that runs here gives the same bits. */
static void test_scan_variants(void **state)
{
    (void)state;
    uint64_t random = 13;
    double x[9 * MX_SCAN_LEAF], box[2 * 9], q[9], each[MX_SCAN_LEAF];
    for (int trial = 0; trial < 3000; trial++) {
        size_t d = 1 + (size_t)trial % 9;
        for (size_t i = 0; i < d * MX_SCAN_LEAF; i++)
            x[i] = i % MX_SCAN_LEAF >= MX_SCAN_LEAF - random_bits(&random) % 4 ? INFINITY : random_normal(&random);
        for (size_t c = 0; c < d; c++) {
            q[c] = random_normal(&random);
            box[c] = random_normal(&random);
            box[d + c] = box[c] + random_unit(&random);
        }
        for (int i = 0; i < MX_SCAN_LEAF; i++)
            each[i] = i % 5 == 4 ? -1 : 6 * random_unit(&random);
        double bound = trial % 5 == 0 ? INFINITY : 2 * random_unit(&random);
        for (int metric = 0; metric < 2; metric++) {
            const mx_scan *variants[3] = {&mx_scan_portable[metric], NULL, NULL};
#if defined(MX_VARIANTS_X86)
            variants[1] = mx_variant_runs("avx2") ? &mx_scan_avx2[metric] : NULL;
            variants[2] = mx_variant_runs("avx512") ? &mx_scan_avx512[metric] : NULL;
#endif
            double out[3][MX_SCAN_LEAF];
            for (int v = 0; v < 3; v++) {
                if (variants[v] == NULL)
                    continue;
                unsigned whole, near = variants[v]->leaf(x, d, q, bound, out[v]), group = variants[v]->group(x, d, box, each);
                assert_int_equal(variants[v]->cover(x, d, box, each, &whole), group);
                for (size_t i = 0; i < MX_SCAN_LEAF; i++) {
                    double distance = 0, least = 0, most = 0; /* to q, to the box, to its farthest corner */
                    for (size_t c = 0; c < d; c++) {
                        double here = x[c * MX_SCAN_LEAF + i], off = fabs(here - q[c]);
                        double in = fmax(fmax(box[c] - here, here - box[d + c]), 0), to = fmax(here - box[c], box[d + c] - here);
                        distance = metric ? distance + off * off : fmax(distance, off);
                        least = metric ? least + in * in : fmax(least, in);
                        most = metric ? most + to * to : fmax(most, to);
                    }
                    assert_true((near >> i & 1) == (distance < bound) && (!(near >> i & 1) || out[v][i] == distance));
                    assert_true((group >> i & 1) == (least < each[i]) && (whole >> i & 1) == (most < each[i]));
                }
            }
        }
    }
}

/* ---- nearest neighbours ---- */

static void test_knn_entropy(void **state)
{
    (void)state;
    enum { N = 20000 };
    static double x[N * 3];
    uint64_t random = 7;
    const double pi = acos(-1);
    double h, error, again, huge;
    for (int i = 0; i < N; i++)
        x[i] = random_normal(&random);
    for (size_t k = 1; k <= 5; k += 2) {
        OK(maxent_knn_entropy(N, 1, x, k, 1, &h, &error, &where));
        assert_true(fabs(h - 0.5 * log(2 * pi * exp(1))) < 4 * error);
        OK(maxent_knn_entropy(N, 1, x, k, 3, &again, NULL, &where));
        assert_true(h == again); /* the same bits for any number of threads */
    }
    for (int i = 0; i < N; i++)
        x[i] *= 0x1p1000;
    OK(maxent_knn_entropy(N, 1, x, 5, 0, &huge, NULL, &where));
    assert_close(huge, h + 1000 * log(2), 1e-13); /* squares do not overflow, */
    for (int i = 0; i < N; i++)
        x[i] = scalbn(x[i], -1900);
    OK(maxent_knn_entropy(N, 1, x, 5, 0, &huge, NULL, &where));
    assert_close(huge, h - 900 * log(2), 1e-13); /* nor vanish */
    for (int i = 0; i < N; i++)
        x[i] = -log(random_unit(&random)) / 4; /* exponential */
    OK(maxent_knn_entropy(N, 1, x, 4, 0, &h, &error, &where));
    assert_true(fabs(h - (1 - log(4))) < 4 * error);
    for (int i = 0; i < N; i++)
        x[i] = 3 * random_unit(&random); /* uniform */
    OK(maxent_knn_entropy(N, 1, x, 4, 0, &h, &error, &where));
    assert_true(fabs(h - log(3)) < 4 * error);
    for (int i = 0; i < N; i++) {
        x[3 * i] = random_normal(&random);
        x[3 * i + 1] = 2 * random_normal(&random) - x[3 * i];
        x[3 * i + 2] = random_normal(&random) / 2 + x[3 * i + 1];
    }
    OK(maxent_knn_entropy(N, 3, x, 4, 0, &h, &error, &where));
    assert_true(fabs(h - 1.5 * log(2 * pi * exp(1))) < 4 * error + 0.02); /* bias: of order (k/n)^(2/3) = 0.003 */
    assert_true(error < 0.02);
}

/* The definitions with all pairs, on continuous and on gridded samples. */
static void slow_information(size_t n, size_t dx, const double *x, size_t dy, const double *y, size_t k, double out[3])
{
    double *all = malloc(n * sizeof *all), *joint = malloc(n * sizeof *joint);
    out[0] = out[1] = out[2] = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            all[j] = joint[j] = j == i ? INFINITY : fmax(slow_distance(x + i * dx, x + j * dx, dx, MX_METRIC_MAX),
                                                         slow_distance(y + i * dy, y + j * dy, dy, MX_METRIC_MAX));
        qsort(all, n, sizeof *all, ascending);
        double e = all[k - 1], ex = 0, ey = 0, same = 1, nx = 1, ny = 1, cx = 0, cy = 0;
        for (size_t j = 0; j < n; j++)
            if (j != i && joint[j] <= e) {
                ex = fmax(ex, slow_distance(x + i * dx, x + j * dx, dx, MX_METRIC_MAX));
                ey = fmax(ey, slow_distance(y + i * dy, y + j * dy, dy, MX_METRIC_MAX));
                same += joint[j] == 0;
            }
        for (size_t j = 0; j < n; j++) {
            double a = slow_distance(x + i * dx, x + j * dx, dx, MX_METRIC_MAX), b = slow_distance(y + i * dy, y + j * dy, dy,
                                                                                                   MX_METRIC_MAX);
            if (j == i)
                continue;
            nx += e == 0 ? a == 0 : a < e;
            ny += e == 0 ? b == 0 : b < e;
            cx += a <= ex;
            cy += b <= ey;
        }
        double N = (double)n, psi_k = mx_digamma((double)k);
        out[0] += (psi_k + mx_digamma(N) - mx_digamma(nx) - mx_digamma(ny)) / N;
        out[1] += (psi_k - 1 / (double)k + mx_digamma(N) - mx_digamma(cx) - mx_digamma(cy)) / N;
        out[2] += ((e == 0 ? mx_digamma(same) : psi_k) + log(N) - mx_digamma(nx) - mx_digamma(ny)) / N;
    }
    free(all);
    free(joint);
}

static void test_information_slow(void **state)
{
    (void)state;
    uint64_t random = 8;
    static double x[300 * 2], y[300 * 3];
    for (int trial = 0; trial < 30; trial++) {
        size_t n = 10 + random_bits(&random) % 291, dx = 1 + trial % 2, dy = 1 + (size_t)(trial % 3), k = 1 + (size_t)(trial % 4);
        for (size_t i = 0; i < n * dx; i++)
            x[i] = random_normal(&random);
        for (size_t i = 0; i < n * dy; i++)
            y[i] = random_normal(&random) + x[i / dy * dx];
        double slow[3], value, error;
        slow_information(n, dx, x, dy, y, k, slow);
        for (int m = 0; m < 3; m++) {
            OK(maxent_knn_mutual_information((maxent_knn_information)m, n, dx, x, dy, y, k, 2, &value, &error, &where));
            assert_close(value, slow[m], 1e-13);
        }
        for (size_t i = 0; i < n * dx; i++) /* a grid in x, some repeats in y as well */
            x[i] = floor(2 * x[i]);
        for (size_t i = 0; i < n * dy; i++)
            y[i] = i / dy % 3 ? floor(y[i]) : y[i];
        slow_information(n, dx, x, dy, y, k, slow);
        OK(maxent_knn_mutual_information(MAXENT_GAO, n, dx, x, dy, y, k, 2, &value, &error, &where));
        assert_close(value, slow[2], 1e-13);
    }
}

static void test_information_laws(void **state)
{
    (void)state;
    enum { N = 10000 };
    static double x[N], y[N], z[N];
    static uint32_t code[N];
    uint64_t random = 9;
    for (int i = 0; i < N; i++) {
        x[i] = random_normal(&random);
        y[i] = 0.6 * x[i] + 0.8 * random_normal(&random);
        z[i] = random_normal(&random);
    }
    double value, error, moved;
    for (int m = 0; m < 3; m++) {
        OK(maxent_knn_mutual_information((maxent_knn_information)m, N, 1, x, 1, y, 3, 0, &value, &error, &where));
        assert_true(fabs(value - .22314355131420974) < 4 * error + 0.005); /* -log(1 - .36) / 2 */
        OK(maxent_knn_mutual_information((maxent_knn_information)m, N, 1, x, 1, z, 3, 0, &value, &error, &where));
        assert_true(fabs(value) < 4 * error + 0.005);
    }
    /* one-to-one maps of x, here a shift and a change of scale of both, leave KSG 1 as it is */
    OK(maxent_knn_mutual_information(MAXENT_KSG1, N, 1, x, 1, y, 3, 0, &value, NULL, &where));
    static double x2[N], y2[N];
    for (int i = 0; i < N; i++) {
        x2[i] = -0x1p1000 * x[i];
        y2[i] = 0x1p1000 * y[i];
    }
    OK(maxent_knn_mutual_information(MAXENT_KSG1, N, 1, x2, 1, y2, 3, 0, &moved, NULL, &where));
    assert_close(moved, value, 1e-15);
    /* Gao et al., experiment: X uniform on 0..4, Y uniform on [X, X + 2]: I = log m - (m - 1) log 2 / m */
    for (int i = 0; i < N; i++) {
        code[i] = (uint32_t)(random_bits(&random) % 5);
        x[i] = code[i];
        y[i] = x[i] + 2 * random_unit(&random);
        z[i] = floor(y[i]); /* discrete: joint of 5 x 6 cells */
    }
    OK(maxent_knn_mutual_information(MAXENT_GAO, N, 1, x, 1, y, 5, 0, &value, &error, &where));
    assert_true(fabs(value - (log(5) - 0.8 * log(2))) < 4 * error + 0.01);
    OK(maxent_ross_mutual_information(N, code, 1, y, 5, 0, &value, &error, &where));
    assert_true(fabs(value - (log(5) - 0.8 * log(2))) < 4 * error + 0.01);
    OK(maxent_ross_mutual_information(N, code, 1, y, 5, 2, &moved, NULL, &where));
    assert_true(moved == value);
    /* discrete and discrete: both come near the plug-in; z = x or x + 1 with equal chances: I = log 5 + ... = H(z) - log 2 */
    double plug_in = 0, cell[5][6] = {{0}}, left[5] = {0}, right[6] = {0};
    for (int i = 0; i < N; i++) {
        cell[code[i]][(int)z[i]] += 1.0 / N;
        left[code[i]] += 1.0 / N;
        right[(int)z[i]] += 1.0 / N;
    }
    for (int a = 0; a < 5; a++)
        for (int b = 0; b < 6; b++)
            if (cell[a][b] > 0)
                plug_in += cell[a][b] * log(cell[a][b] / (left[a] * right[b]));
    OK(maxent_knn_mutual_information(MAXENT_GAO, N, 1, x, 1, z, 5, 0, &value, &error, &where));
    assert_true(fabs(value - plug_in) < 0.003);
    OK(maxent_ross_mutual_information(N, code, 1, z, 5, 0, &value, &error, &where));
    assert_true(fabs(value - plug_in) < 0.003);
    /* a class of its own is left out */
    code[17] = 99;
    OK(maxent_ross_mutual_information(N, code, 1, y, 5, 0, &moved, &error, &where));
    assert_true(isfinite(moved));
}

/* The definitions of Frenzel and Pompe and of Mesner and Shalizi with all pairs. */
static void slow_conditional(size_t n, const size_t d[3], const double *const part[3], size_t k, double out[2])
{
    double *sorted = malloc(n * sizeof *sorted);
    out[0] = out[1] = 0;
    for (size_t i = 0; i < n; i++) {
        double side[3], strict[3] = {0}, closed[3] = {0}, same = 0;
        for (int pass = 0; pass < 2; pass++) {
            double e = sorted[k - 1];
            for (size_t j = 0; j < n; j++) {
                for (int s = 0; s < 3; s++)
                    side[s] = slow_distance(part[s] + i * d[s], part[s] + j * d[s], d[s], MX_METRIC_MAX);
                double count[3] = {fmax(side[0], side[2]), fmax(side[1], side[2]), side[2]}, all = fmax(count[0], side[1]);
                if (pass == 0)
                    sorted[j] = j == i ? INFINITY : all;
                for (int s = 0; pass == 1 && j != i && s < 3; s++) {
                    strict[s] += count[s] < e;
                    closed[s] += count[s] <= e;
                }
                same += pass == 1 && j != i && all <= e;
            }
            if (pass == 0)
                qsort(sorted, n, sizeof *sorted, ascending);
        }
        double psi_k = mx_digamma((double)k), N = (double)n;
        out[0] += (psi_k - mx_digamma(strict[0] + 1) - mx_digamma(strict[1] + 1) + mx_digamma(strict[2] + 1)) / N;
        out[1] += ((sorted[k - 1] == 0 ? mx_digamma(same) : psi_k) - mx_digamma(closed[0]) - mx_digamma(closed[1]) +
                   mx_digamma(closed[2])) / N;
    }
    free(sorted);
}

static void test_conditional_slow(void **state)
{
    (void)state;
    uint64_t random = 14;
    static double part[3][300 * 2];
    const double *const parts[3] = {part[0], part[1], part[2]};
    for (int trial = 0; trial < 40; trial++) {
        size_t n = 10 + random_bits(&random) % 200, k = 1 + (size_t)(trial % 5), d[3];
        for (int s = 0; s < 3; s++) {
            d[s] = 1 + random_bits(&random) % 2;
            for (size_t i = 0; i < n * d[s]; i++) { /* numbers; later categories as well, and in the end nothing else */
                part[s][i] = random_normal(&random) + (s < 2 ? part[s][0] : 0);
                if (trial >= 10 && (trial >= 30 || i / d[s] % 3 != 0 || s == 2))
                    part[s][i] = floor(part[s][i]);
            }
        }
        double slow[2], value, error;
        slow_conditional(n, d, parts, k, slow);
        OK(maxent_knn_conditional_information(MAXENT_MESNER_SHALIZI, n, d[0], part[0], d[1], part[1], d[2], part[2], k, 2, &value,
                                              &error, &where));
        assert_close(value, slow[1], 1e-13);
        if (trial < 10) {
            OK(maxent_knn_conditional_information(MAXENT_FRENZEL_POMPE, n, d[0], part[0], d[1], part[1], d[2], part[2], k, 2, &value,
                                                  &error, &where));
            assert_close(value, slow[0], 1e-13);
            double ksg; /* without a condition it is KSG 1 */
            OK(maxent_knn_conditional_information(MAXENT_FRENZEL_POMPE, n, d[0], part[0], d[1], part[1], 0, NULL, k, 1, &value, NULL,
                                                  &where));
            OK(maxent_knn_mutual_information(MAXENT_KSG1, n, d[0], part[0], d[1], part[1], k, 1, &ksg, NULL, &where));
            assert_true(value == ksg);
        }
    }
}

static void test_conditional_laws(void **state)
{
    (void)state;
    enum { N = 10000 };
    static double x[N], y[N], z[N], w[N];
    uint64_t random = 15;
    double value, error;
    for (int i = 0; i < N; i++) { /* x and y through z, and directly: partial correlation .5 */
        z[i] = random_normal(&random);
        x[i] = z[i] + random_normal(&random);
        double fresh = random_normal(&random);
        w[i] = z[i] + fresh;
        y[i] = z[i] + 0.5 * (x[i] - z[i]) + sqrt(0.75) * fresh;
    }
    for (int m = 0; m < 2; m++) {
        maxent_knn_conditional method = (maxent_knn_conditional)m;
        OK(maxent_knn_conditional_information(method, N, 1, x, 1, y, 1, z, 4, 0, &value, &error, &where));
        assert_true(fabs(value + log(1 - .25) / 2) < 4 * error + 0.01); /* normal: -log(1 - r^2) / 2 */
        OK(maxent_knn_conditional_information(method, N, 1, x, 1, w, 1, z, 4, 0, &value, &error, &where));
        assert_true(fabs(value) < 4 * error + 0.01); /* x <- z -> w */
        OK(maxent_knn_conditional_information(method, N, 1, x, 1, w, 0, NULL, 4, 0, &value, &error, &where));
        assert_true(fabs(value + log(1 - .25) / 2) < 4 * error + 0.01); /* correlation 1/2 */
    }
    /* Mesner and Shalizi, section V: x uniform on 0..4, y uniform on [x, x + 2], z a fair coin thrown three times */
    for (int i = 0; i < N; i++) {
        x[i] = (double)(random_bits(&random) % 5);
        y[i] = x[i] + 2 * random_unit(&random);
        z[i] = (double)(random_bits(&random) % 2 + random_bits(&random) % 2 + random_bits(&random) % 2);
        w[i] = floor(y[i]);
    }
    OK(maxent_knn_conditional_information(MAXENT_MESNER_SHALIZI, N, 1, x, 1, y, 1, z, 5, 0, &value, &error, &where));
    assert_true(fabs(value - (log(5) - 0.8 * log(2))) < 4 * error + 0.01);
    /* discrete all through: z = x + coin, y = x: I(x; y | z) = H(x | z) = H(x) + H(z | x) - H(z), z on 0 .. 5 with 1, 2, 2, 2, 2, 1
     * tenths */
    for (int i = 0; i < N; i++)
        z[i] = x[i] + (double)(random_bits(&random) % 2);
    double hz = -2 * 0.1 * log(0.1) - 4 * 0.2 * log(0.2);
    OK(maxent_knn_conditional_information(MAXENT_MESNER_SHALIZI, N, 1, x, 1, x, 1, z, 5, 0, &value, &error, &where));
    assert_true(fabs(value - (log(5) + log(2) - hz)) < 4 * error + 0.003);
}

static void test_knn_refusals(void **state)
{
    (void)state;
    const double x[] = {1, 2, 2, 2, 5}, y[] = {1, 3, 3, 3, 4}, bad[] = {1, 2, INFINITY, 4, 5};
    const uint32_t alone[] = {0, 1, 2, 3, 4};
    double h = 77;
    assert_int_equal(maxent_knn_entropy(5, 1, x, 2, 1, &h, NULL, &where), MAXENT_ERROR_VALUE);
    assert_non_null(strstr(where.message, "point 2 occurs at least 3 times"));
    assert_int_equal(maxent_knn_entropy(5, 1, x, 0, 1, &h, NULL, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_knn_entropy(5, 1, x, 5, 1, &h, NULL, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_knn_entropy(5, 0, x, 1, 1, &h, NULL, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_knn_entropy(5, SIZE_MAX / 2, x, 1, 1, &h, NULL, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_knn_entropy(5, 1, bad, 1, 1, &h, NULL, &where), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_knn_mutual_information(MAXENT_KSG1, 5, 1, x, 1, y, 2, 1, &h, NULL, &where), MAXENT_ERROR_VALUE);
    assert_non_null(strstr(where.message, "Gao"));
    assert_int_equal(maxent_knn_mutual_information(MAXENT_KSG2, 5, 1, x, 1, y, 2, 1, &h, NULL, &where), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_knn_mutual_information(MAXENT_KSG2, 5, 1, x, 1, bad, 2, 1, &h, NULL, &where), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_knn_mutual_information(MAXENT_KSG2, 5, 0, x, 1, y, 2, 1, &h, NULL, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_knn_mutual_information(MAXENT_KSG2, 5, 1, x, 1, y, 9, 1, &h, NULL, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_knn_mutual_information(MAXENT_KNN_INFORMATION_COUNT, 5, 1, x, 1, y, 2, 1, &h, NULL, &where),
                     MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_ross_mutual_information(5, alone, 1, y, 2, 1, &h, NULL, &where), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_ross_mutual_information(5, alone, 1, bad, 2, 1, &h, NULL, &where), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_ross_mutual_information(0, alone, 1, y, 2, 1, &h, NULL, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_knn_conditional_information(MAXENT_FRENZEL_POMPE, 5, 1, x, 1, y, 1, y, 2, 1, &h, NULL, &where),
                     MAXENT_ERROR_VALUE);
    assert_non_null(strstr(where.message, "Mesner"));
    assert_int_equal(maxent_knn_conditional_information(MAXENT_MESNER_SHALIZI, 5, 1, x, 1, y, 1, bad, 2, 1, &h, NULL, &where),
                     MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_knn_conditional_information(MAXENT_MESNER_SHALIZI, 5, 1, x, 0, y, 1, y, 2, 1, &h, NULL, &where),
                     MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_knn_conditional_information(MAXENT_KNN_CONDITIONAL_COUNT, 5, 1, x, 1, y, 1, y, 2, 1, &h, NULL, &where),
                     MAXENT_ERROR_ARGUMENT);
    assert_true(h == 77);
    assert_string_equal(maxent_knn_conditional_word(MAXENT_MESNER_SHALIZI), "mesner-shalizi");
    assert_string_equal(maxent_knn_conditional_word(MAXENT_KNN_CONDITIONAL_COUNT), "unknown");
    assert_string_equal(maxent_knn_word(MAXENT_GAO), "gao");
    assert_string_equal(maxent_knn_word(MAXENT_KNN_INFORMATION_COUNT), "unknown");
}

static void test_allocation(void **state)
{
    (void)state;
    static double x[100], y[200];
    static uint32_t code[100];
    uint64_t random = 10;
    for (int i = 0; i < 100; i++) {
        x[i] = random_normal(&random);
        y[2 * i] = random_normal(&random);
        y[2 * i + 1] = random_normal(&random);
        code[i] = x[i] > 0;
    }
    for (int call = 0; call < 5; call++) {
        size_t k = 0, failed;
        do {
            double value = 77;
            maxent_error error = MAXENT_OK;
            failing_alloc_start(++k, 0);
            switch (call) {
            case 0: error = maxent_spacing_entropy(MAXENT_VASICEK, 100, x, 0, &value, &where); break;
            case 1: error = maxent_knn_entropy(100, 2, y, 3, 1, &value, NULL, &where); break;
            case 2: error = maxent_knn_mutual_information(MAXENT_KSG2, 100, 1, x, 2, y, 3, 1, &value, NULL, &where); break;
            case 3: error = maxent_ross_mutual_information(100, code, 2, y, 3, 1, &value, NULL, &where); break;
            case 4:
                error = maxent_knn_conditional_information(MAXENT_MESNER_SHALIZI, 100, 1, x, 1, y, 1, y + 100, 3, 1, &value, NULL,
                                                           &where);
                break;
            }
            failed = failing_alloc_stop();
            assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
            assert_true(error == MAXENT_OK || value == 77);
        } while (failed > 0);
        assert_true(k > 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spacing_published), cmocka_unit_test(test_spacing_scipy),    cmocka_unit_test(test_spacing_laws),
        cmocka_unit_test(test_spacing_refusals),  cmocka_unit_test(test_tree),
        cmocka_unit_test(test_scan_variants),             cmocka_unit_test(test_knn_entropy),
        cmocka_unit_test(test_information_slow),  cmocka_unit_test(test_information_laws),
        cmocka_unit_test(test_conditional_slow),  cmocka_unit_test(test_conditional_laws), cmocka_unit_test(test_knn_refusals),
        cmocka_unit_test(test_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
