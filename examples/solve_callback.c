/* From a callback: sixteen spins on a ring, 65536 states whose features are computed when they are needed and never stored.
 *
 * The facts are the mean of a spin, m, and the mean product of neighbours, c. With m = 0 the answer is the Ising ring, where a
 * coupling J gives c = (t + t^15) / (1 + t^16), t = tanh J: with the c of J = 0.5 the solve must find lambda = -J for each bond.
 * A progress callback counts iterations; it could stop the solve by returning non-zero.
 *
 *     cc solve_callback.c $(pkg-config --cflags --libs maxent) -lm -o solve_callback
 */
#include <maxent/maxent.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SPINS = 16 };

/* Two features of a state whose bits are the spins: their mean, and the mean product of neighbours. */
static int fill(void *user, size_t first, size_t count, double *out)
{
    (void)user;
    for (size_t j = 0; j < count; j++) {
        size_t state = first + j;
        int sum = 0, bonds = 0;
        for (int i = 0; i < SPINS; i++) {
            int here = (state >> i & 1) != 0 ? 1 : -1, next = (state >> (i + 1) % SPINS & 1) != 0 ? 1 : -1;
            sum += here;
            bonds += here * next;
        }
        out[2 * j] = (double)sum / SPINS;
        out[2 * j + 1] = (double)bonds / SPINS;
    }
    return 0;
}

static int progress(void *user, const maxent_progress *now)
{
    size_t *calls = user;
    (*calls)++;
    fprintf(stderr, "iteration %zu: residual %.1e after %.3f s\n", now->iteration, now->residual, now->seconds);
    return 0;
}

static void fail(const maxent_diagnostic *diagnostic)
{
    char text[2048];
    maxent_diagnostic_text(diagnostic, text, sizeof text);
    fprintf(stderr, "%s\n", text);
    exit(1);
}

int main(void)
{
    double t = tanh(0.5), target[2] = {0.0, (t + pow(t, 15)) / (1.0 + pow(t, 16))};
    maxent_diagnostic diagnostic = {0};
    maxent_problem *problem;
    if (maxent_problem_from_callback((size_t)1 << SPINS, 2, fill, NULL, target, &problem, &diagnostic) != MAXENT_OK)
        fail(&diagnostic);

    size_t calls = 0;
    maxent_options options;
    maxent_options_init(&options);
    options.progress = progress;
    options.progress_user = &calls;
    maxent_result *result;
    if (maxent_solve(problem, &options, &result, &diagnostic) != MAXENT_OK)
        fail(&diagnostic);
    maxent_fact spin, bond;
    maxent_result_fact(result, 0, &spin);
    maxent_result_fact(result, 1, &bond);
    printf("%s: coupling %.12f, field %.12f, entropy of a spin %.12f\n", maxent_verdict_word(maxent_result_verdict(result)),
           -bond.lambda / SPINS, fabs(spin.lambda / SPINS), maxent_result_entropy(result) / SPINS);
    printf("the progress callback was called: %s\n", calls > 0 ? "yes" : "no");

    /* A field is switched on: the next solve starts from the last multipliers. */
    double warm[2] = {spin.lambda, bond.lambda};
    options.warm = warm;
    maxent_result_free(result);
    if (maxent_problem_set_target(problem, 0, 0.2) != MAXENT_OK || maxent_solve(problem, &options, &result, &diagnostic) != MAXENT_OK)
        fail(&diagnostic);
    maxent_result_fact(result, 0, &spin);
    maxent_result_fact(result, 1, &bond);
    printf("%s: mean spin %.12f, coupling %.6f, field %.6f\n", maxent_verdict_word(maxent_result_verdict(result)), spin.achieved,
           -bond.lambda / SPINS, -spin.lambda / SPINS);
    maxent_result_free(result);
    maxent_problem_free(problem);
    return 0;
}
