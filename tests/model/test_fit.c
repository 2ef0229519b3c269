/* Every method on random events of every shape, judged by plain loops in long double: the objective is what it says, the gap covers the
 * distance to the optimum, the gradient vanishes; methods agree. */
#include "random_events.h"


#include "model/fit/lanes16.h"
#include "model/fit/products.h"
#include "model/fit/sweep.h"
#include "model/fit/task.h"

#include <threads.h>
#include <time.h>

static const plan plans[] = {
    {200, 6, 2, 2, 0, 0, 0, 0.6, 1},  {200, 6, 2, 0, 1, 1, 1, 0.5, 2},  {250, 5, 3, 1, 0, 0, 0, 0.7, 3},
    {250, 5, 3, 2, 1, 1, 1, 0.7, 4},  {300, 4, 9, 0, 0, 0, 0, 0.6, 5},  {400, 3, 17, 1, 1, 0, 0, 0.8, 6},
    {400, 3, 18, 2, 0, 1, 1, 0.8, 7}, {90, 12, 4, 1, 1, 0, 1, 0.2, 8},  {300, 2, 34, 0, 0, 0, 0, 0.8, 9},
    {64, 0, 3, 0, 1, 0, 0, 0.5, 10},  {700, 8, 2, 1, 1, 0, 0, 0.15, 11},
};
#define PLANS (sizeof plans / sizeof *plans)

static void options_of(maxent_fit_options *o, size_t turn, const double *factor)
{
    maxent_fit_options_init(o);
    o->intercept = (maxent_intercept)(turn % 3);
    o->l2 = turn % 2 ? 0.3 : 5;
    if (turn % 5 == 2)
        o->l2_feature = factor;
}

static void test_methods_agree(void **state)
{
    static const maxent_fit_method method[] = {MAXENT_FIT_NEWTON, MAXENT_FIT_NEWTON_CG, MAXENT_FIT_DUAL, MAXENT_FIT_PROXIMAL};
    const double factor[12] = {1, 0.5, 2, 3, 1, 0.25, 1, 1, 4, 1, 1, 2};
    (void)state;
    for (size_t i = 0; i < PLANS; i++)
        for (size_t turn = 0; turn < 6; turn++) {
            raw r = raw_new(plans[i]);
            maxent_fit_options o;
            maxent_model *prior = NULL;
            long double *g = malloc((plans[i].m + 1) * plans[i].C * sizeof *g), optimum = 0;
            options_of(&o, turn + i, factor);
            if ((turn + i) % 4 == 3) { /* adapted from a model of the same events under a strong penalty */
                maxent_fit_options first = o;
                first.l2 = 50;
                assert_int_equal(maxent_model_fit(r.events, &first, &prior, NULL, NULL), MAXENT_OK);
                o.prior = prior;
            }
            for (size_t k = 0; k < sizeof method / sizeof *method; k++) {
                maxent_model *model;
                maxent_fit fit;
                o.method = method[k];
                o.tolerance = method[k] == MAXENT_FIT_DUAL ? 1e-6 : method[k] == MAXENT_FIT_NEWTON ? 1e-15 : 1e-10;
                assert_int_equal(maxent_model_fit(r.events, &o, &model, &fit, NULL), MAXENT_OK);
                if (fit.verdict != MAXENT_SOLVED)
                    fail_msg("plan %zu, turn %zu, %s: %s", i, turn, maxent_fit_method_word(method[k]), fit.message);
                assert_int_equal(fit.method, method[k]);
                long double value = judge(&r, model, &o, g);
                assert_true(fabsl(value - fit.objective) <= 1e-12L * value);
                if (method[k] != MAXENT_FIT_DUAL) /* there it is that of the dual point */
                    assert_true(fabsl(largest(&r, g) - fit.gradient) <= 1e-9L * value);
                assert_true(fit.gap <= o.tolerance * fit.objective);
                if (k == 0) {
                    optimum = value;
                    assert_true(largest(&r, g) <= 1e-7L * value); /* sqrt(gap curvature) */
                }
                assert_true(value - optimum <= fit.gap + 1e-13L * value && value >= optimum - 1e-13L * value);
                maxent_model_free(model);
            }
            maxent_model_free(prior);
            free(g);
            raw_free(&r);
        }
}

static void test_l1(void **state)
{
    const double factor[12] = {1, 0, 2, 3, 1, 0.5, 1, 1, 4, 1, 1, 2};
    (void)state;
    for (size_t i = 0; i < PLANS; i++)
        for (size_t turn = 0; turn < 4; turn++) {
            raw r = raw_new(plans[i]);
            maxent_fit_options o;
            maxent_model *model;
            maxent_fit fit;
            long double *g = malloc((plans[i].m + 1) * plans[i].C * sizeof *g);
            maxent_fit_options_init(&o);
            o.intercept = (maxent_intercept)((turn + i) % 3);
            o.l1 = turn % 2 ? 2 : 12;
            o.l2 = turn == 3 ? 0.5 : 0;
            o.l1_feature = turn == 2 ? factor : NULL;
            o.tolerance = 1e-9;
            assert_int_equal(maxent_model_fit(r.events, &o, &model, &fit, NULL), MAXENT_OK);
            int smooth = plans[i].m == 0 && o.intercept != MAXENT_INTERCEPT_PENALIZED;
            assert_int_equal(fit.method, smooth ? MAXENT_FIT_NEWTON : MAXENT_FIT_PROXIMAL);
            assert_int_equal(fit.verdict, MAXENT_SOLVED);
            long double value = judge(&r, model, &o, g);
            assert_true(fabsl(value - fit.objective) <= 1e-11L * value);
            assert_true(largest(&r, g) <= 1e-3L * sqrtl(value)); /* a gap of 1e-9 leaves this much: sqrt(2 gap curvature) */
            maxent_model_free(model);
            free(g);
            raw_free(&r);
        }
}

/* Values whose squares overflow are refused by name, each method at its own limit. */
static void test_too_large(void **state)
{
    const uint32_t label[4] = {0, 1, 2, 1};
    const double size[] = {1e308, 1e100, 1e10};
    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            const maxent_fit_method method[] = {MAXENT_FIT_NEWTON, MAXENT_FIT_DUAL, MAXENT_FIT_PROXIMAL};
            const double x[8] = {1, 2, 3, -size[i], 5, 6, 7, 8};
            maxent_events *events;
            maxent_model *model = NULL;
            maxent_diagnostic diagnostic;
            maxent_fit_options o;
            maxent_fit_options_init(&o);
            o.method = method[k];
            *(k == 2 ? &o.l1 : &o.l2) = 1;
            o.max_iterations = 3;
            assert_int_equal(maxent_events_from_dense(4, 2, 3, x, 2, label, NULL, &events, NULL), MAXENT_OK);
            const int refused = i == 0 || (i == 1 && k >= 1);
            assert_int_equal(maxent_model_fit(events, &o, &model, NULL, &diagnostic), refused ? MAXENT_ERROR_VALUE : MAXENT_OK);
            if (refused)
                assert_non_null(strstr(diagnostic.message, i == 0 ? "is -1e+308" : k == 1 ? "is -1e+100" : "1 beside values of 1e+100"));
            maxent_model_free(model);
            maxent_events_free(events);
        }
}

/* Weak L1 penalties where features depend on each other: the levels of two columns, beside a free intercept. Shifting the weights of a
 * column in one class, or those of a feature in all classes, changes nothing but their sum of absolute values, which is least when 0 is a
 * median of them: those above 0 are not more than those below and at it, and the other way round. The objective is summed up by plain
 * loops. */
static void test_l1_weak(void **state)
{
    enum { N = 400, A = 3, B = 5, C = 3, M = A + B };
    static const double strength[] = {1, 1e-3, 1e-6, 1e-9};
    (void)state;
    double *x = calloc(N * M, sizeof *x);
    uint32_t label[N];
    uint64_t seed = 77;
    for (size_t e = 0; e < N; e++) {
        size_t a = (size_t)(uniform(&seed) * A), b = (size_t)(uniform(&seed) * B);
        x[e * M + a] = x[e * M + A + b] = 1;
        label[e] = (uint32_t)(uniform(&seed) < 0.5 ? (a + b) % C : (size_t)(uniform(&seed) * C));
    }
    maxent_events *events;
    assert_int_equal(maxent_events_from_dense(N, M, C, x, M, label, NULL, &events, NULL), MAXENT_OK);
    for (size_t i = 0; i < sizeof strength / sizeof *strength; i++) {
        maxent_fit_options o;
        maxent_model *model;
        maxent_fit fit;
        maxent_fit_options_init(&o);
        o.l1 = strength[i];
        o.tolerance = 1e-9;
        assert_int_equal(maxent_model_fit(events, &o, &model, &fit, NULL), MAXENT_OK);
        assert_int_equal(fit.method, MAXENT_FIT_PROXIMAL);
        if (fit.verdict != MAXENT_SOLVED)
            fail_msg("l1 = %g: %s", o.l1, fit.message);
        long double value = 0;
        for (size_t e = 0; e < N; e++) {
            long double sum = 0, own = 0;
            for (size_t c = 0; c < C; c++) {
                long double s = maxent_model_intercept(model, c);
                for (size_t j = 0; j < M; j++)
                    s += x[e * M + j] * maxent_model_weight(model, c, j);
                sum += expl(s);
                own = c == label[e] ? s : own;
            }
            value += logl(sum) - own;
        }
        for (size_t c = 0; c < C; c++)
            for (size_t group = 0; group < 2; group++) {
                int above = 0, below = 0, at = 0;
                for (size_t j = group == 0 ? 0 : A; j < (group == 0 ? A : M); j++) {
                    double w = maxent_model_weight(model, c, j);
                    value += o.l1 * fabs(w);
                    above += w > 0;
                    below += w < 0;
                    at += w == 0;
                }
                assert_true(above <= below + at && below <= above + at);
            }
        for (size_t j = 0; j < M; j++) {
            int above = 0, below = 0;
            for (size_t c = 0; c < C; c++) {
                above += maxent_model_weight(model, c, j) > 0;
                below += maxent_model_weight(model, c, j) < 0;
            }
            assert_true(above <= C - above && below <= C - below);
        }
        assert_true(fabsl(value - fit.objective) <= 1e-12L * value);
        maxent_model_free(model);
    }
    maxent_events_free(events);
    free(x);
}

/* L1, features that are the same as others: the optimum is that of the problem without them, whose conditions are checked by plain loops;
 * the weights are in the first of each, also after a start that has them in the others. With L2 they are shared out evenly. */
static void test_l1_same(void **state)
{
    (void)state;
    for (int turn = 0; turn < 4; turn++) {
        const plan few = {400, 90, turn == 3 ? 2 : 18, turn % 3, 0, 0, 0, 0.1, 71};
        const size_t m = few.m, C = few.C, base = C == 2;
        raw r = raw_new(few);
        double *twice = calloc(few.n * 2 * m, sizeof *twice);
        uint32_t *label = calloc(few.n, sizeof *label);
        maxent_events *events;
        maxent_model *one, *two, *again;
        maxent_fit fit, both;
        maxent_fit_options o;
        for (size_t e = 0; e < few.n; e++) {
            for (size_t j = 0; j < 2 * m; j++) /* the second of each beside it, or all of them behind */
                twice[e * 2 * m + j] = r.x[e * m + (turn == 1 ? j % m : j / 2)];
            while (r.target[e * C + label[e]] == 0)
                label[e]++;
        }
        assert_int_equal(maxent_events_from_dense(few.n, 2 * m, C, twice, 2 * m, label, NULL, &events, NULL), MAXENT_OK);
        maxent_fit_options_init(&o);
        o.method = MAXENT_FIT_PROXIMAL;
        o.l1 = 1;
        o.tolerance = 1e-9;
        o.intercept = MAXENT_INTERCEPT_NONE;
        assert_int_equal(maxent_model_fit(r.events, &o, &one, &fit, NULL), MAXENT_OK);
        assert_int_equal(maxent_model_fit(events, &o, &two, &both, NULL), MAXENT_OK);
        assert_int_equal(fit.verdict, MAXENT_SOLVED);
        assert_int_equal(both.verdict, MAXENT_SOLVED);
        assert_true(fabs(fit.objective - both.objective) <= 1e-9 * fit.objective);
        if (2 * m * (C - base) > 2000) /* fewer weights have a Hessian, and stay as they are */
            for (size_t j = 0; j < m; j++)
                for (size_t c = base; c < C; c++)
                    assert_true(maxent_model_weight(two, c, turn == 1 ? m + j : 2 * j + 1) == 0);
        o.start = two;
        o.l2 = 0.5;
        assert_int_equal(maxent_model_fit(events, &o, &again, &both, NULL), MAXENT_OK);
        assert_int_equal(both.verdict, MAXENT_SOLVED);
        for (size_t j = 0; j < m; j++)
            for (size_t c = base; c < C; c++)
                assert_true(fabs(maxent_model_weight(again, c, turn == 1 ? j : 2 * j) -
                                 maxent_model_weight(again, c, turn == 1 ? m + j : 2 * j + 1)) < 1e-3);
        maxent_model_free(two);
        o.start = again;
        o.l2 = 0;
        assert_int_equal(maxent_model_fit(events, &o, &two, &both, NULL), MAXENT_OK);
        assert_int_equal(both.verdict, MAXENT_SOLVED);
        assert_true(fabs(fit.objective - both.objective) <= 1e-9 * fit.objective);
        maxent_model_free(one);
        maxent_model_free(two);
        maxent_model_free(again);
        maxent_events_free(events);
        free(twice);
        free(label);
        raw_free(&r);
    }
}

/* L1 with more weights than a Hessian is formed for: every weight's condition for the optimum, by plain loops; the gap of another dual
 * point, computed here: y + s (p - y) with the s that meets the constraints; the same bits at any number of threads. */
static void test_l1_wide(void **state)
{
    static const plan wide[] = {
        {400, 750, 3, 1, 0, 0, 0, 0.02, 21},  {500, 2100, 2, 0, 0, 0, 0, 0.01, 22}, {500, 2100, 2, 2, 1, 0, 1, 0.01, 23},
        {400, 120, 18, 0, 1, 1, 0, 0.10, 24}, {600, 60, 40, 2, 0, 0, 1, 0.15, 25},  {900, 400, 6, 0, 0, 0, 0, 0.05, 26},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        for (int turn = 0; turn < 3; turn++) {
            const size_t m = wide[i].m, C = wide[i].C;
            raw r = raw_new(wide[i]);
            maxent_fit_options o;
            maxent_model *model, *again;
            maxent_fit fit;
            long double *g = malloc((m + 1) * C * sizeof *g);
            maxent_fit_options_init(&o);
            o.method = MAXENT_FIT_PROXIMAL;
            o.l1 = turn == 1 ? 3 : 1;
            o.l2 = turn == 2 ? 0.5 : 0;
            o.intercept = (maxent_intercept)((turn + (int)i) % 3);
            o.tolerance = 1e-8;
            o.threads = 1;
            assert_int_equal(maxent_model_fit(r.events, &o, &model, &fit, NULL), MAXENT_OK);
            if (fit.verdict != MAXENT_SOLVED)
                fail_msg("plan %zu, turn %d: %s", i, turn, fit.message);
            long double value = judge(&r, model, &o, g);
            assert_true(fabsl(value - fit.objective) <= 1e-11L * value);
            assert_true(fabsl(largest(&r, g) - fit.gradient) <= 1e-9L * value);
            assert_true(largest(&r, g) <= 1e-3L * sqrtl(value)); /* as in test_l1, at a gap ten times that */
            assert_true(fit.gap >= -1e-12 * fit.objective && fit.gap <= 1e-8 * fit.objective);
            size_t zeros = 0;
            for (size_t j = 0; j < m; j++)
                for (size_t c = 0; c < C; c++)
                    zeros += maxent_model_weight(model, c, j) == 0;
            assert_true(zeros > m * C / 20);
            o.threads = 2;
            assert_int_equal(maxent_model_fit(r.events, &o, &again, &fit, NULL), MAXENT_OK);
            for (size_t j = 0; j < m; j++)
                for (size_t c = 0; c < C; c++)
                    assert_true(maxent_model_weight(model, c, j) == maxent_model_weight(again, c, j));
            o.start = model; /* at the optimum there is nothing to do, and a stop after nothing still tells its gap */
            o.max_iterations = 1;
            maxent_model_free(again);
            assert_int_equal(maxent_model_fit(r.events, &o, &again, &fit, NULL), MAXENT_OK);
            assert_int_equal(fit.verdict, MAXENT_SOLVED);
            maxent_model_free(again);
            o.start = NULL;
            assert_int_equal(maxent_model_fit(r.events, &o, &again, &fit, NULL), MAXENT_OK);
            assert_true(fit.gap >= fit.objective - (double)value && fit.gap <= fit.objective);
            maxent_model_free(again);
            maxent_model_free(model);
            free(g);
            raw_free(&r);
        }
}

/* The loops of descent by features against plain sums, each variant; a row of three kinds: two classes, one vector, two vectors. */
static void test_sweep(void **state)
{
    static const char *const name[] = {"portable", "avx2", "avx512"};
    static const size_t classes[] = {2, 5, 17, 20};
    enum { N = 37, M = 3 };
    (void)state;
    for (size_t k = 0; k < 3; k++)
        for (size_t l = 0; l < 8; l++) {
            const mx_sweep_kernels *kernels = mx_sweep_kernels_find(name[k]);
            if (kernels == NULL)
                continue;
            const size_t C = classes[l / 2], kept = C - 1, lanes = C == 2 ? 1 : (kept + 15) / 16 * 16;
            const int valued = l % 2 == 1;
            float *p = aligned_alloc(64, N * 64 * sizeof *p), *t = aligned_alloc(64, N * 64 * sizeof *t), value[M * N], weight[N];
            float *line = aligned_alloc(64, 64 * 64 * sizeof *line), *delta = line + 64, *power = line + 128, *block = line + 256;
            uint32_t event[M * N], index[M * N];
            size_t column[M + 1] = {0}, row[N + 1] = {0}, at = 0;
            double x[N][M] = {{0}}, d[M][20] = {{0}}, u[N][20], T[N][20];
            uint64_t seed = 5 + l;
            memset(p, 0, N * 64 * sizeof *p);
            memset(t, 0, N * 64 * sizeof *t);
            memset(line, 0, 64 * 64 * sizeof *line);
            for (size_t e = 0; e < N; e++) {
                double sum = 0, q[20];
                weight[e] = (float)(0.5 + uniform(&seed));
                for (size_t c = 0; c < C; c++)
                    sum += q[c] = exp(3 * uniform(&seed));
                for (size_t c = 0; c < kept; c++)
                    p[e * lanes + c] = (float)(q[c + (C == 2)] / sum);
                for (size_t j = 0; j < M; j++)
                    x[e][j] = uniform(&seed) < 0.6 ? valued ? (double)(float)(2 * uniform(&seed) - 1) : 1.0 : 0.0;
            }
            for (size_t j = 0; j < M; j++) {
                for (size_t e = 0; e < N; e++)
                    if (x[e][j] != 0) {
                        value[at] = (float)x[e][j];
                        event[at++] = (uint32_t)e;
                    }
                column[j + 1] = at;
                for (size_t c = 0; c < kept; c++)
                    d[j][c] = (double)(float)(uniform(&seed) - 0.5);
            }
            mx_sweep s = {column, event, valued ? value : NULL, weight, N, lanes, p, t};
            for (size_t j = 0; j < M; j++) {
                for (size_t c = 0; c < kept; c++)
                    delta[c] = (float)d[j][c];
                kernels->shift(&s, j, delta);
            }
            for (size_t e = 0; e < N; e++) { /* T = w (diag p - p p') u */
                double mean = 0;
                for (size_t c = 0; c < kept; c++) {
                    u[e][c] = 0;
                    for (size_t j = 0; j < M; j++)
                        u[e][c] += x[e][j] * d[j][c];
                    mean += u[e][c] * (double)p[e * lanes + c];
                }
                for (size_t c = 0; c < kept; c++) {
                    T[e][c] = (double)weight[e] * (double)p[e * lanes + c] * (u[e][c] - mean);
                    assert_true(fabs(T[e][c] - (double)t[e * lanes + c]) < 1e-6);
                }
            }
            float *v = calloc(M * 64, sizeof *v), *out = calloc((M + 1) * 64, sizeof *out);
            float value_row[M * N];
            at = 0;
            for (size_t e = 0; e < N; e++) { /* the same data by events, for the product in one go */
                for (size_t j = 0; j < M; j++)
                    if (x[e][j] != 0) {
                        value_row[at] = (float)x[e][j];
                        index[at++] = (uint32_t)j;
                    }
                row[e + 1] = at;
            }
            for (size_t j = 0; j < M; j++)
                for (size_t c = 0; c < kept; c++)
                    v[j * lanes + c] = (float)d[j][c];
            mx_rows rows = {row, index, valued ? value_row : NULL};
            kernels->curve(&s, &rows, 0, N, v, NULL, out, NULL, line);
            for (size_t j = 0; j < M; j++) {
                kernels->slope(&s, t, NULL, j, line);
                kernels->block(&s, j, kept, block);
                for (size_t c = 0; c < kept; c++) {
                    double sum = 0;
                    for (size_t e = 0; e < N; e++)
                        sum += x[e][j] * T[e][c];
                    assert_true(fabs(sum - (double)line[c]) < 1e-5);
                    if (C != 2 || j == 0) /* the sums of `out` */
                        assert_true(fabs(sum - (double)out[j * lanes + c]) < 1e-5);
                    for (size_t b = 0; b < kept; b++) {
                        double h = 0;
                        for (size_t e = 0; e < N; e++)
                            h += (double)weight[e] * x[e][j] * x[e][j] * (double)p[e * lanes + c] * ((b == c) - (double)p[e * lanes + b]);
                        assert_true(fabs(h - (double)block[b * lanes + c]) < 1e-5);
                    }
                }
            }
            double change = 0, wanted = 0;
            float *old = malloc(N * 64 * sizeof *old);
            memcpy(old, p, N * 64 * sizeof *old);
            for (size_t c = 0; c < kept; c++)
                delta[c] = (float)d[1][c];
            change = kernels->follow(&s, 1, delta, power);
            for (size_t e = 0; e < N; e++) {
                double sum = 1;
                for (size_t c = 0; c < kept; c++)
                    sum += (double)old[e * lanes + c] * (exp(x[e][1] * d[1][c]) - 1);
                wanted += (double)weight[e] * log(sum);
                for (size_t c = 0; c < kept; c++)
                    assert_true(fabs((double)old[e * lanes + c] * exp(x[e][1] * d[1][c]) / sum - (double)p[e * lanes + c]) < 1e-6);
            }
            assert_true(fabs(change - wanted) < 1e-5);
            free(old);
            free(v);
            free(out);
            free(p);
            free(t);
            free(line);
        }
    assert_null(mx_sweep_kernels_find("mmx"));
}

/* Gradients and products with the Hessian by differences; the same bits at any number of threads. */
static void test_passes(void **state)
{
    (void)state;
    for (size_t i = 0; i < PLANS; i++) {
        raw r = raw_new(plans[i]);
        maxent_fit_options o;
        maxent_fit_options_init(&o);
        double *w[3], loss[3];
        mx_task task;
        o.threads = 1;
        assert_int_equal(mx_task_begin(&task, r.events, &o, NULL), MAXENT_OK);
        const size_t P = task.P;
        double *g = malloc(4 * P * sizeof *g), *v = g + P, *plus = v + P, *curve = plus + P;
        float *p = malloc(task.n * task.C * sizeof *p);
        uint64_t seed = 5;
        for (int k = 0; k < 3; k++)
            w[k] = malloc(P * sizeof **w);
        const double h = 1e-6;
        for (size_t k = 0; k < P; k++) {
            v[k] = uniform(&seed) - 0.5;
            w[0][k] = uniform(&seed) - 0.5;
            w[1][k] = w[0][k] + h * v[k];
            w[2][k] = w[0][k] - h * v[k];
        }
        assert_int_equal(mx_task_pass(&task, w[1], &loss[1], plus, NULL, NULL), MAXENT_OK);
        assert_int_equal(mx_task_pass(&task, w[2], &loss[2], curve, NULL, NULL), MAXENT_OK);
        for (size_t k = 0; k < P; k++)
            plus[k] = (plus[k] - curve[k]) / (2 * h);
        assert_int_equal(mx_task_pass(&task, w[0], &loss[0], g, NULL, p), MAXENT_OK);
        assert_int_equal(mx_task_curve(&task, p, v, curve), MAXENT_OK);
        double slope = 0, scale = 0;
        for (size_t k = 0; k < P; k++) {
            slope += g[k] * v[k];
            scale += fabs(curve[k]);
        }
        assert_true(fabs((loss[1] - loss[2]) / (2 * h) - slope) <= 1e-8 * loss[0]); /* rounding of the loss over h: 1e-16 / 1e-6 */
        for (size_t k = 0; k < P; k++)
            assert_true(fabs(plus[k] - curve[k]) <= 1e-6 * scale + 1e-7 * loss[0]);
        mx_task_end(&task);
        for (int threads = 2; threads < 4; threads++) {
            double again;
            o.threads = threads;
            assert_int_equal(mx_task_begin(&task, r.events, &o, NULL), MAXENT_OK);
            assert_int_equal(mx_task_pass(&task, w[0], &again, plus, NULL, NULL), MAXENT_OK);
            assert_memory_equal(&again, &loss[0], sizeof again);
            assert_memory_equal(plus, g, P * sizeof *g);
            mx_task_end(&task);
        }
        for (int k = 0; k < 3; k++)
            free(w[k]);
        free(p);
        free(g);
        raw_free(&r);
    }
}

/* The second set is large enough for more than one thread (task.c); more than 16 vectors are shared out by columns (certificate.c). */
static void test_threads(void **state)
{
    static const plan sets[] = {{3000, 40, 5, 1, 0, 0, 0, 0.3, 31}, {2600, 100, 20, 1, 0, 0, 0, 0.5, 32}};
    static const maxent_fit_method method[] = {MAXENT_FIT_DUAL, MAXENT_FIT_NEWTON_CG, MAXENT_FIT_PROXIMAL, MAXENT_FIT_NEWTON};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const size_t m = sets[i].m, C = sets[i].C;
        raw r = raw_new(sets[i]);
        double *first = malloc((m + 1) * C * sizeof *first);
        for (size_t k = 0; k < (i == 0 ? 4 : 2); k++) {
            for (int threads = 1; threads <= 3; threads++) {
                maxent_fit_options o;
                maxent_model *model;
                maxent_fit fit;
                maxent_fit_options_init(&o);
                o.l2 = 1;
                o.method = method[k];
                o.tolerance = i == 0 ? 1e-6 : 1e-4;
                o.threads = threads;
                assert_int_equal(maxent_model_fit(r.events, &o, &model, &fit, NULL), MAXENT_OK);
                assert_int_equal(fit.threads, i == 0 ? 1 : threads);
                for (size_t j = 0; j <= m; j++)
                    for (size_t c = 0; c < C; c++) {
                        double w = j == m ? maxent_model_intercept(model, c) : maxent_model_weight(model, c, j);
                        if (threads == 1)
                            first[j * C + c] = w;
                        assert_memory_equal(&w, &first[j * C + c], sizeof w);
                    }
                maxent_model_free(model);
            }
        }
        free(first);
        raw_free(&r);
    }
}

/* The products of each variant against plain loops. */
static void test_products(void **state)
{
    static const char *const name[] = {"portable", "avx2", "avx512"};
    static const size_t vectors[] = {1, 3, 8, 9, 16, 17, 24, 31, 70};
    (void)state;
    for (int values = 0; values < 3; values++) {
        raw r = raw_new((plan){70, 9, 3, values, 0, 0, 0, 0.5, 41});
        for (size_t k = 0; k < 3; k++) {
            const mx_products *products = mx_products_find(name[k]);
            for (size_t i = 0; products != NULL && i < sizeof vectors / sizeof *vectors; i++) {
                const size_t V = vectors[i];
                double *W = malloc(9 * V * sizeof *W), *Z = calloc(70 * V, sizeof *Z), *G = calloc(9 * V, sizeof *G);
                for (size_t j = 0; j < 9 * V; j++)
                    W[j] = (double)(j % 13) - 6;
                products->scores(r.events, 3, 70, W, V, V, Z);
                products->scatter(r.events, 3, 70, Z, V, V, G);
                for (size_t v = 0; v < V; v++)
                    for (size_t j = 0; j < 9; j++) {
                        double sum = 0, scale = 0;
                        for (size_t e = 3; e < 70; e++) {
                            double z = 0;
                            for (size_t l = 0; l < 9; l++)
                                z += r.x[e * 9 + l] * W[l * V + v];
                            assert_true(fabs(z - Z[(e - 3) * V + v]) <= 1e-13 * (1 + fabs(z) * 10));
                            sum += z * r.x[e * 9 + j];
                            scale += fabs(z * r.x[e * 9 + j]);
                        }
                        assert_true(fabs(sum - G[j * V + v]) <= 1e-13 * (1 + scale));
                    }
                double *few = malloc(9 * V * sizeof *few); /* some columns only: the others stay as they are */
                for (size_t columns = 2; V > 1 && columns < V; columns++) {
                    for (size_t j = 0; j < 9 * V; j++)
                        few[j] = 0.5;
                    products->scatter(r.events, 3, 70, Z, V, columns, few);
                    for (size_t j = 0; j < 9 * V; j++)
                        assert_true(j % V < columns ? fabs(few[j] - 0.5 - G[j]) <= 1e-13 * (1 + fabs(G[j])) * 100 : few[j] == 0.5);
                }
                free(few);
                free(W);
                free(Z);
                free(G);
            }
        }
        raw_free(&r);
    }
    assert_null(mx_products_find("mmx"));
}

/* The logarithms and exponentials of each variant against the C library's. */
static void test_logs(void **state)
{
    static const char *const name[] = {"portable", "avx2", "avx512"};
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        const mx_products *products = mx_products_find(name[k]);
        for (double x = -700; products != NULL && x < 300; x += 0.377) {
            double l[8] = {exp(x), 1, exp(x / 1000), 1 - 0x1p-53, 0.5, 0, 1 + x * 1e-10, 0x1p-900};
            double e[16] = {x, 0, x / 1000, -800, -708, 0x1p-60, x * 1e-10, 1, 5};
            double l0[8], e0[16];
            memcpy(l0, l, sizeof l);
            memcpy(e0, e, sizeof e);
            products->logs(l, 8);
            products->exps(e, 9); /* in sixteen places */
            for (size_t i = 0; i < 8; i++)
                assert_true(fabs(l[i] - log(fmax(l0[i], 1e-300))) <= 4.5e-16 * fabs(l[i])); /* two units in the last place */
            for (size_t i = 0; i < 9; i++)
                assert_true(e0[i] < -707 ? e[i] >= 0 && e[i] < 1e-307 : fabs(e[i] - exp(e0[i])) <= 1e-15 * exp(e0[i]));
        }
    }
}

/* y + log y = s; e^x; log x: in single precision. */
static void test_lanes(void **state)
{
    (void)state;
    for (double s = -60; s < 300; s += 0.37) {
        f16 y = f16_omega(F16((float)s));
        double f = (double)y[3] + log((double)y[3]) - (double)(float)s;
        assert_true(y[0] > 0 && fabs(f) <= 3e-6 * (1 + (double)y[3]) + 1e-6 * fabs(s));
        if (s < 88) {
            f16 e = f16_exp(F16((float)s));
            assert_true(fabs((double)e[5] / exp((double)(float)s) - 1) < 4e-7);
        }
        f16 l = f16_log(F16((float)exp(s / 4)));
        assert_true(fabs((double)l[7] - log((double)(float)exp(s / 4))) < 3e-7 * (1 + fabs(s / 4)));
    }
}

static int stop_at_third(void *user, const maxent_fit_progress *p)
{
    assert_true(p->iteration < 1000 && p->passes > 0);
    return ++*(int *)user >= 3;
}

static void test_stops(void **state)
{
    (void)state;
    raw r = raw_new((plan){2000, 30, 6, 2, 0, 0, 0, 0.3, 51});
    static const maxent_fit_method method[] = {MAXENT_FIT_DUAL, MAXENT_FIT_NEWTON, MAXENT_FIT_NEWTON_CG, MAXENT_FIT_PROXIMAL};
    long double g[31 * 6];
    for (size_t k = 0; k < 4; k++) {
        maxent_fit_options o;
        maxent_model *model;
        maxent_fit fit;
        int calls = 0;
        maxent_fit_options_init(&o);
        o.l2 = 0.01;
        o.method = method[k];
        o.max_iterations = 2;
        assert_int_equal(maxent_model_fit(r.events, &o, &model, &fit, NULL), MAXENT_OK);
        assert_int_equal(fit.verdict, MAXENT_UNFINISHED);
        assert_true(fit.gap > 1e-6 * fit.objective && fit.iterations <= 2);
        assert_true(fabsl(judge(&r, model, &o, g) - fit.objective) < 1e-11L * fit.objective);
        maxent_model_free(model);
        if (method[k] == MAXENT_FIT_DUAL)
            continue; /* reports twice a second only */
        o.max_iterations = 0;
        o.tolerance = 1e-15;
        o.progress = stop_at_third;
        o.progress_user = &calls;
        o.valid = r.events;
        assert_int_equal(maxent_model_fit(r.events, &o, &model, &fit, NULL), MAXENT_OK);
        assert_int_equal(calls, 3);
        assert_int_equal(fit.verdict, MAXENT_UNFINISHED);
        assert_true(fabsl(judge(&r, model, &o, g) - fit.objective) < 1e-11L * fit.objective);
        maxent_model_free(model);
    }
    raw_free(&r);
}

static int dawdle(void *user, const maxent_fit_progress *p)
{
    (void)p;
    if (++*(int *)user <= 3)
        thrd_sleep(&(struct timespec){0, 510000000}, NULL); /* longer than the time between two reports */
    return 0;
}

/* The clock says when progress is reported, not what comes out: the weights have the same bits, also where the gap of a report is small
 * enough already. */
static void test_watched(void **state)
{
    (void)state;
    raw r = raw_new((plan){2000, 30, 6, 2, 0, 0, 0, 0.3, 51});
    maxent_fit_options o;
    maxent_fit_options_init(&o);
    o.l2 = 0.01;
    o.method = MAXENT_FIT_DUAL;
    o.tolerance = 0.05;
    maxent_model *alone, *watched;
    maxent_fit first, second;
    int calls = 0;
    assert_int_equal(maxent_model_fit(r.events, &o, &alone, &first, NULL), MAXENT_OK);
    o.progress = dawdle;
    o.progress_user = &calls;
    assert_int_equal(maxent_model_fit(r.events, &o, &watched, &second, NULL), MAXENT_OK);
    assert_true(calls >= 2);
    assert_int_equal(second.iterations, first.iterations);
    assert_true(second.objective == first.objective && second.gap == first.gap);
    size_t m = maxent_model_features(alone), classes = maxent_model_classes(alone);
    for (size_t j = 0; j < m; j++)
        for (size_t c = 0; c < classes; c++)
            assert_true(maxent_model_weight(alone, c, j) == maxent_model_weight(watched, c, j));
    maxent_model_free(alone);
    maxent_model_free(watched);
    raw_free(&r);
}

/* Merging changes nothing but the work. */
static void test_merge(void **state)
{
    (void)state;
    for (int turn = 0; turn < 4; turn++) {
        raw r = raw_new((plan){500, 3, 3, turn % 2, turn == 2, turn == 3, 0, 0.5, 61});
        maxent_fit_options o;
        maxent_model *a, *b;
        maxent_fit before, after;
        size_t merged;
        maxent_fit_options_init(&o);
        o.l2 = 0.5;
        assert_int_equal(maxent_model_fit(r.events, &o, &a, &before, NULL), MAXENT_OK);
        double weight = maxent_events_weight(r.events);
        assert_int_equal(maxent_events_merge(r.events, &merged, NULL), MAXENT_OK);
        assert_true(merged > 300 && maxent_events_count(r.events) == 500 - merged);
        assert_true(fabs(maxent_events_weight(r.events) - weight) < 1e-10 * weight);
        assert_int_equal(maxent_model_fit(r.events, &o, &b, &after, NULL), MAXENT_OK);
        assert_true(fabs(before.objective - after.objective) < 1e-11 * before.objective);
        for (size_t j = 0; j < 3; j++)
            assert_true(fabs(maxent_model_weight(a, 1, j) - maxent_model_weight(b, 1, j)) < 1e-9);
        maxent_model_free(a);
        maxent_model_free(b);
        raw_free(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lanes), cmocka_unit_test(test_products), cmocka_unit_test(test_logs),
        cmocka_unit_test(test_passes), cmocka_unit_test(test_methods_agree),
        cmocka_unit_test(test_l1),    cmocka_unit_test(test_l1_wide),
        cmocka_unit_test(test_l1_same), cmocka_unit_test(test_l1_weak), cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_sweep),  cmocka_unit_test(test_threads), cmocka_unit_test(test_stops), cmocka_unit_test(test_watched),
        cmocka_unit_test(test_merge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
