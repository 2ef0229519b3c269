/* Answers made by hand: a density that is known, at nodes that a solver might have laid. The program is linked so that the library's
 * mx_density_log is the one below (--wrap), which asks the test's own law. */
#ifndef DISTRIBUTION_HAND_H
#define DISTRIBUTION_HAND_H

#include <maxent/distribution.h>

#include "distribution/line.h"
#include "problem/problem.h"
#include "solve/continuous/density.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* log p at x + low; other: the value of the second variable, when there is one. */
typedef double (*hand_law)(double x, double low, double other);

enum { HAND_NODES = 20000, HAND_PANELS = 200 };

typedef struct hand {
    maxent_result result;
    maxent_problem problem;
    mx_variable variable[2];
    struct mx_density density;
    double *value[2], *low[2];
    double x[HAND_NODES], x_low[HAND_NODES], other[HAND_NODES], logw[HAND_NODES], logp[HAND_NODES];
    mx_panel panel[HAND_PANELS];
    hand_law law;
    double levels[8];
} hand;

static hand *hand_now; /* whose law mx_density_log asks */
static size_t hand_asked;

maxent_error __wrap_mx_density_log(const maxent_result *result, const mx_points *points, double *out);
maxent_error __wrap_mx_density_log(const maxent_result *result, const mx_points *points, double *out)
{
    const mx_variable *variable = &result->problem->support.variable[0];
    hand_asked += points->n;
    for (size_t j = 0; j < points->n; j++) {
        double x = points->value[0][j], low = points->low != NULL && points->low[0] != NULL ? points->low[0][j] : 0.0;
        double other = result->problem->support.variables > 1 ? points->value[1][j] : 0.0;
        int inside = (x > variable->lower || (x == variable->lower && low >= 0.0)) &&
                     (x < variable->upper || (x == variable->upper && low <= 0.0));
        out[j] = inside ? hand_now->law(x, low, other) : -INFINITY;
    }
    return MAXENT_OK;
}

/* A variable on lower .. upper. */
static hand *hand_new(mx_extent extent, double lower, double upper, hand_law law)
{
    static char name[] = "x", second[] = "c";
    hand *h = calloc(1, sizeof *h);
    h->law = law;
    h->variable[0] = (mx_variable){.name = name, .extent = extent, .lower = lower, .upper = upper};
    h->variable[1] = (mx_variable){.name = second, .extent = MX_LISTED, .number = h->levels};
    h->problem.support = (mx_support){.variables = 1, .variable = h->variable};
    h->value[0] = h->x;
    h->value[1] = h->other;
    h->low[0] = h->x_low;
    h->density = (struct mx_density){.variables = 1, .value = h->value, .low = h->low, .logw = h->logw, .logp = h->logp, .panel = h->panel};
    h->result.problem = &h->problem;
    h->result.density = &h->density;
    h->result.verdict = MAXENT_SOLVED;
    h->result.entropy = h->result.entropy_without = h->result.relative_entropy = NAN;
    hand_now = h;
    return h;
}

static void hand_node(hand *h, double x, double low, double weight, double other)
{
    size_t j = h->density.n++;
    h->x[j] = x;
    h->x_low[j] = low;
    h->other[j] = other;
    h->logw[j] = log(weight);
    h->logp[j] = h->law(x, low, other);
}

/* A panel with Gauss's rule of n points. */
static void hand_panel(hand *h, double left, double right, size_t n)
{
    double t[40], w[40];
    mx_panel *panel = &h->panel[h->density.panels++];
    *panel = (mx_panel){.left = left, .right = right, .first = h->density.n, .count = n};
    mx_gauss(n, t, w);
    for (size_t i = 0; i < n; i++)
        hand_node(h, left + 0.5 * (1.0 + t[i]) * (right - left), 0.0, 0.5 * (right - left) * w[i], 0.0);
    for (size_t j = panel->first; j < h->density.n; j++)
        panel->mass += exp(h->logw[j] + h->logp[j]);
}

/* A panel from `left` to infinity, nodes even in u with x = left + scale exp(u - exp(-u)). */
static void hand_half_line(hand *h, double left, double scale, double from, double to, size_t n)
{
    mx_panel *panel = &h->panel[h->density.panels++];
    *panel = (mx_panel){.left = left, .right = INFINITY, .first = h->density.n, .count = n};
    double step = (to - from) / (double)(n - 1);
    for (size_t i = 0; i < n; i++) {
        double u = from + step * (double)i, e = exp(u - exp(-u));
        hand_node(h, left + scale * e, 0.0, step * scale * e * (1.0 + exp(-u)), 0.0);
    }
    for (size_t j = panel->first; j < h->density.n; j++)
        panel->mass += exp(h->logw[j] + h->logp[j]);
}

/* A panel of 0 .. 1 with nodes even in log x: x = exp(u), u from `from` to 0, by Gauss's rule on stretches of length 1. */
static void hand_log_panel(hand *h, double from, size_t n)
{
    double t[40], w[40];
    mx_panel *panel = &h->panel[h->density.panels++];
    *panel = (mx_panel){.left = 0.0, .right = 1.0, .first = h->density.n};
    mx_gauss(n, t, w);
    for (double u = from; u < -0.5; u += 1.0)
        for (size_t i = 0; i < n; i++) {
            double x = exp(u + 0.5 * (1.0 + t[i]));
            hand_node(h, x, 0.0, 0.5 * w[i] * x, 0.0);
        }
    panel->count = h->density.n - panel->first;
    for (size_t j = panel->first; j < h->density.n; j++)
        panel->mass += exp(h->logw[j] + h->logp[j]);
}

/* Whole numbers first .. last, all of them nodes. */
static void hand_whole(hand *h, double first, double last)
{
    mx_panel *panel = &h->panel[h->density.panels++];
    *panel = (mx_panel){.left = first, .right = last, .first = h->density.n, .count = (size_t)(last - first + 1.0)};
    for (double x = first; x <= last; x++)
        hand_node(h, x, 0.0, 1.0, 0.0);
}

#endif
