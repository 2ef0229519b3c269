/* Joint tables: entropies of sets of variables, and what is built from them [1].
 *
 *     H(A | B) = H(A, B) - H(B)                      I(A; B | C) = sum p(abc) log[ p(abc) p(c) / (p(ac) p(bc)) ]
 *
 * A marginal is one pass over the table with an odometer of levels; cells of a marginal are numbered with the variables of the set
 * in order, the last one fastest. Information is summed from ratios and not from differences of entropies, so that it is accurate
 * also where it is small.
 *
 * [1] T. M. Cover and J. A. Thomas, Elements of Information Theory (2006), chapter 2.
 */
#include <maxent/entropy.h>

#include "base/memory.h"
#include "entropy/check.h"
#include "entropy/sum.h"

#include <math.h>

enum { MOST_VARIABLES = 64, MOST_INTERACTING = 16 };

/* Product of the levels of the variables in the set; 0 when it overflows. */
static size_t cells_of(const maxent_joint *joint, uint64_t set)
{
    size_t cells = 1;
    for (size_t v = 0; v < joint->variables; v++)
        if (set >> v & 1) {
            if (cells > SIZE_MAX / 16 / joint->levels[v])
                return 0;
            cells *= joint->levels[v];
        }
    return cells;
}

static uint64_t everything(const maxent_joint *joint)
{
    return joint->variables == MOST_VARIABLES ? UINT64_MAX : ((uint64_t)1 << joint->variables) - 1;
}

static maxent_error check(const maxent_joint *joint, uint64_t sets, maxent_diagnostic *diagnostic)
{
    if (joint->variables == 0 || joint->variables > MOST_VARIABLES)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "%zu variables; expected 1 to %d", joint->variables, MOST_VARIABLES);
    for (size_t v = 0; v < joint->variables; v++)
        if (joint->levels[v] == 0)
            return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "variable %zu has no levels", v + 1);
    if (sets & ~everything(joint))
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "a set names a variable beyond the %zu that there are", joint->variables);
    size_t cells = cells_of(joint, everything(joint));
    if (cells == 0)
        return mx_fail(diagnostic, MAXENT_ERROR_LIMIT, "the product of the levels is too large");
    return maxent_probabilities_check(cells, joint->p, diagnostic);
}

/* A walk over the cells of the table in order that keeps the number of the cell in up to 3 marginals. */
typedef struct walk {
    const maxent_joint *joint;
    size_t level[MOST_VARIABLES];
    size_t step[3][MOST_VARIABLES]; /* what one level of v adds to the number; 0 outside the set */
    size_t at[3];
} walk;

static void walk_start(walk *w, const maxent_joint *joint, size_t sets, const uint64_t *set)
{
    w->joint = joint;
    for (size_t s = 0; s < 3; s++) {
        size_t step = 1;
        w->at[s] = 0;
        for (size_t v = joint->variables; v-- > 0;) {
            w->level[v] = 0;
            int inside = s < sets && (set[s] >> v & 1);
            w->step[s][v] = inside ? step : 0;
            if (inside)
                step *= joint->levels[v];
        }
    }
}

static void walk_on(walk *w)
{
    for (size_t v = w->joint->variables; v-- > 0;) {
        if (++w->level[v] < w->joint->levels[v]) {
            for (size_t s = 0; s < 3; s++)
                w->at[s] += w->step[s][v];
            return;
        }
        w->level[v] = 0;
        for (size_t s = 0; s < 3; s++)
            w->at[s] -= w->step[s][v] * (w->joint->levels[v] - 1);
    }
}

/* The marginal of a set; *cells of them. NULL: no memory. */
static double *marginal(const maxent_joint *joint, uint64_t set, size_t *cells)
{
    size_t all = cells_of(joint, everything(joint));
    *cells = cells_of(joint, set);
    double *p = mx_zalloc(*cells, sizeof *p), *rest = mx_zalloc(*cells, sizeof *rest);
    if (p != NULL && rest != NULL) {
        walk w;
        walk_start(&w, joint, 1, &set);
        for (size_t i = 0; i < all; i++, walk_on(&w)) {
            mx_sum s = {p[w.at[0]], rest[w.at[0]]};
            mx_sum_add(&s, joint->p[i]);
            p[w.at[0]] = s.sum;
            rest[w.at[0]] = s.rest;
        }
        for (size_t i = 0; i < *cells; i++)
            p[i] += rest[i];
    } else {
        mx_free(p);
        p = NULL;
    }
    mx_free(rest);
    return p;
}

static maxent_error set_entropy(const maxent_joint *joint, uint64_t set, double *out, maxent_diagnostic *diagnostic)
{
    size_t cells;
    double *p = marginal(joint, set, &cells);
    if (p == NULL)
        return mx_no_memory(diagnostic);
    mx_sum h = {0, 0};
    for (size_t i = 0; i < cells; i++)
        if (p[i] > 0)
            mx_sum_add(&h, -p[i] * log(p[i]));
    mx_free(p);
    double value = mx_sum_value(&h);
    *out = value > 0 ? value : 0;
    return MAXENT_OK;
}

maxent_error maxent_joint_entropy(const maxent_joint *joint, uint64_t a, double *out, maxent_diagnostic *diagnostic)
{
    maxent_error error = check(joint, a, diagnostic);
    return error != MAXENT_OK ? error : set_entropy(joint, a, out, diagnostic);
}

maxent_error maxent_conditional_entropy(const maxent_joint *joint, uint64_t a, uint64_t b, maxent_conditional_form form,
                                        double *out, maxent_diagnostic *diagnostic)
{
    double *pab = NULL, *pb = NULL, *inner = NULL;
    size_t ab_cells, b_cells;
    maxent_error error = check(joint, a | b, diagnostic);
    if (error != MAXENT_OK)
        return error;
    if (form == MAXENT_FORM_CHAIN) {
        double hab, hb;
        if ((error = set_entropy(joint, a | b, &hab, diagnostic)) == MAXENT_OK &&
            (error = set_entropy(joint, b, &hb, diagnostic)) == MAXENT_OK)
            *out = hab > hb ? hab - hb : 0;
        return error;
    }
    if (form != MAXENT_FORM_AVERAGE && form != MAXENT_FORM_DIRECT)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "no such form of the conditional entropy");

    error = MAXENT_ERROR_MEMORY;
    pab = marginal(joint, a | b, &ab_cells);
    pb = marginal(joint, b, &b_cells);
    inner = mx_zalloc(b_cells, sizeof *inner);
    if (pab == NULL || pb == NULL || inner == NULL) {
        mx_no_memory(diagnostic);
        goto cleanup;
    }
    /* The marginal over A and B is itself a joint table: walk it with the number of the cell of B beside. */
    size_t levels[MOST_VARIABLES], variables = 0;
    uint64_t b_inside = 0;
    for (size_t v = 0; v < joint->variables; v++)
        if ((a | b) >> v & 1) {
            b_inside |= (b >> v & 1) << variables;
            levels[variables++] = joint->levels[v];
        }
    maxent_joint table = {variables, levels, pab};
    walk w;
    walk_start(&w, &table, 1, &b_inside);
    mx_sum h = {0, 0};
    for (size_t i = 0; i < ab_cells; i++, walk_on(&w)) {
        if (pab[i] == 0)
            continue;
        double given = pab[i] / pb[w.at[0]]; /* p(a | b) */
        if (form == MAXENT_FORM_DIRECT)
            mx_sum_add(&h, -pab[i] * log(given));
        else
            inner[w.at[0]] -= given * log(given); /* H(A | B = b) */
    }
    for (size_t j = 0; j < b_cells && form == MAXENT_FORM_AVERAGE; j++)
        mx_sum_add(&h, pb[j] * inner[j]);
    double value = mx_sum_value(&h);
    *out = value > 0 ? value : 0;
    error = MAXENT_OK;

cleanup:
    mx_free(pab);
    mx_free(pb);
    mx_free(inner);
    return error;
}

maxent_error maxent_mutual_information(const maxent_joint *joint, uint64_t a, uint64_t b, uint64_t c, double *out,
                                       maxent_diagnostic *diagnostic)
{
    maxent_error error = check(joint, a | b | c, diagnostic);
    if (error != MAXENT_OK)
        return error;
    if (a == 0 || b == 0 || (a & b) || (a & c) || (b & c))
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT,
                       "the sets of a mutual information must be disjoint, the first two not empty");
    size_t cells, ac_cells, bc_cells, c_cells;
    double *p = marginal(joint, a | b | c, &cells), *pac = marginal(joint, a | c, &ac_cells);
    double *pbc = marginal(joint, b | c, &bc_cells), *pc = marginal(joint, c, &c_cells);
    if (p == NULL || pac == NULL || pbc == NULL || pc == NULL) {
        error = mx_no_memory(diagnostic);
        goto cleanup;
    }
    size_t levels[MOST_VARIABLES], variables = 0;
    uint64_t inside[3] = {0, 0, 0}, set[3] = {a | c, b | c, c};
    for (size_t v = 0; v < joint->variables; v++)
        if ((a | b | c) >> v & 1) {
            for (int s = 0; s < 3; s++)
                inside[s] |= (set[s] >> v & 1) << variables;
            levels[variables++] = joint->levels[v];
        }
    maxent_joint table = {variables, levels, p};
    walk w;
    walk_start(&w, &table, 3, inside);
    mx_sum sum = {0, 0};
    for (size_t i = 0; i < cells; i++, walk_on(&w)) {
        if (p[i] == 0)
            continue;
        double expected = pac[w.at[0]] * (pbc[w.at[1]] / pc[w.at[2]]); /* if A and B were independent given C */
        mx_sum_add(&sum, p[i] * (expected > 0 ? log(p[i] / expected)
                                              : log(p[i]) + log(pc[w.at[2]]) - log(pac[w.at[0]]) - log(pbc[w.at[1]])));
    }
    double value = mx_sum_value(&sum);
    *out = value > 0 ? value : 0;

cleanup:
    mx_free(p);
    mx_free(pac);
    mx_free(pbc);
    mx_free(pc);
    return error;
}

maxent_error maxent_variation_of_information(const maxent_joint *joint, uint64_t a, uint64_t b, double *out,
                                             maxent_diagnostic *diagnostic)
{
    double ab, ba;
    maxent_error error = maxent_conditional_entropy(joint, a, b, MAXENT_FORM_DIRECT, &ab, diagnostic);
    if (error == MAXENT_OK)
        error = maxent_conditional_entropy(joint, b, a, MAXENT_FORM_DIRECT, &ba, diagnostic);
    if (error == MAXENT_OK)
        *out = ab + ba;
    return error;
}

maxent_error maxent_total_correlation(const maxent_joint *joint, uint64_t a, uint64_t c, double *out,
                                      maxent_diagnostic *diagnostic)
{
    maxent_error error = check(joint, a | c, diagnostic);
    if (error != MAXENT_OK)
        return error;
    if (a == 0 || (a & c))
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the sets of a total correlation must be disjoint, the first not empty");
    /* By the chain rule a sum of informations, none negative: sum_v I(v; earlier ones of A | C). */
    double sum = 0;
    uint64_t earlier = 0;
    for (size_t v = 0; v < joint->variables; v++) {
        uint64_t one = (uint64_t)1 << v;
        if (!(a & one))
            continue;
        double information = 0;
        if (earlier != 0 && (error = maxent_mutual_information(joint, one, earlier, c, &information, diagnostic)) != MAXENT_OK)
            return error;
        sum += information;
        earlier |= one;
    }
    *out = sum;
    return MAXENT_OK;
}

maxent_error maxent_interaction_information(const maxent_joint *joint, uint64_t a, uint64_t c, double *out,
                                            maxent_diagnostic *diagnostic)
{
    maxent_error error = check(joint, a | c, diagnostic);
    if (error != MAXENT_OK)
        return error;
    if (a == 0 || (a & c))
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT,
                       "the sets of an interaction information must be disjoint, the first not empty");
    unsigned member[MOST_INTERACTING];
    size_t members = 0;
    for (unsigned v = 0; v < joint->variables; v++)
        if (a >> v & 1) {
            if (members == MOST_INTERACTING)
                return mx_fail(diagnostic, MAXENT_ERROR_LIMIT, "an interaction information of more than %d variables",
                               MOST_INTERACTING);
            member[members++] = v;
        }
    /* -sum_S (-1)^|S| H(S, C): the terms H(C) of the conditional entropies cancel, the empty set included */
    mx_sum sum = {0, 0};
    for (uint64_t s = 0; s < (uint64_t)1 << members; s++) {
        uint64_t set = c;
        int odd = 0;
        for (size_t i = 0; i < members; i++)
            if (s >> i & 1) {
                set |= (uint64_t)1 << member[i];
                odd = !odd;
            }
        double h;
        if ((error = set_entropy(joint, set, &h, diagnostic)) != MAXENT_OK)
            return error;
        mx_sum_add(&sum, odd ? h : -h);
    }
    *out = mx_sum_value(&sum);
    return MAXENT_OK;
}
