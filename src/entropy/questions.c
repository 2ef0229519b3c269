/* Yes/no questions: the optimal strategy is Huffman's tree [1]; its expected number of questions is between the entropy in bits and
 * one more.
 *
 * Two queues, the outcomes by weight and the joined nodes in the order in which they are made (which is by weight), give the two
 * lightest in O(n log n). Ties are for the outcome, then for the older node: of all optimal trees this one has the shortest longest
 * branch [2].
 *
 * [1] D. A. Huffman, Proc. IRE 40 (1952) 1098. [2] E. S. Schwartz, Information and Control 7 (1964) 37.
 */
#include <maxent/entropy.h>

#include "base/memory.h"
#include "entropy/check.h"
#include "entropy/sum.h"

#include <stdlib.h>

typedef struct outcome {
    double p;
    size_t index;
} outcome;

static int lighter(const void *a, const void *b)
{
    const outcome *x = a, *y = b;
    if (x->p != y->p)
        return x->p < y->p ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

maxent_error maxent_questions(size_t n, const double *p, maxent_question *question, size_t *asked, double *expected,
                              maxent_diagnostic *diagnostic)
{
    maxent_error error = maxent_probabilities_check(n, p, diagnostic);
    if (error != MAXENT_OK)
        return error;
    outcome *leaf = mx_alloc(n, sizeof *leaf);
    double *weight = mx_alloc(n, sizeof *weight); /* [n - 1] of joined nodes */
    size_t *first = mx_alloc(n, sizeof *first);   /* [n - 1] lowest outcome below a joined node */
    size_t *depth = mx_alloc(n, sizeof *depth);   /* [n - 1] */
    if (leaf == NULL || weight == NULL || first == NULL || depth == NULL) {
        error = mx_no_memory(diagnostic);
        goto cleanup;
    }
    for (size_t i = 0; i < n; i++)
        leaf[i] = (outcome){p[i], i};
    qsort(leaf, n, sizeof *leaf, lighter);

    size_t next_leaf = 0, next_joined = 0;
    for (size_t made = 0; made + 1 < n; made++) {
        size_t node[2], lowest[2];
        double total = 0;
        for (int side = 0; side < 2; side++) {
            if (next_joined == made || (next_leaf < n && leaf[next_leaf].p <= weight[next_joined])) {
                node[side] = lowest[side] = leaf[next_leaf].index;
                total += leaf[next_leaf++].p;
            } else {
                node[side] = n + next_joined;
                lowest[side] = first[next_joined];
                total += weight[next_joined++];
            }
        }
        int swap = lowest[1] < lowest[0];
        question[made].yes = node[swap];
        question[made].no = node[!swap];
        weight[made] = total;
        first[made] = lowest[swap];
    }
    if (n == 1)
        asked[0] = 0;
    else
        depth[n - 2] = 0;
    for (size_t made = n - 1; made-- > 0;) { /* from the root down: children were made before their parents */
        size_t child[2] = {question[made].yes, question[made].no};
        for (int side = 0; side < 2; side++)
            if (child[side] < n)
                asked[child[side]] = depth[made] + 1;
            else
                depth[child[side] - n] = depth[made] + 1;
    }
    mx_sum sum = {0, 0};
    for (size_t i = 0; i < n; i++)
        mx_sum_add(&sum, p[i] * (double)asked[i]);
    *expected = mx_sum_value(&sum);

cleanup:
    mx_free(leaf);
    mx_free(weight);
    mx_free(first);
    mx_free(depth);
    return error;
}
