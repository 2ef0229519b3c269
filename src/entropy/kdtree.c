/* A k-d tree [1] with a bounding box in every node.
 *
 * A node splits its points at the median of the widest side of their box until at most MX_SCAN_LEAF are left. The coordinates of
 * a leaf are stored side by side, coordinate by coordinate, and filled up with infinities, so that the distances to all points of
 * a leaf are one short loop of fixed length. The nearer child is visited first; a node is left out when its box is not nearer than
 * the k-th neighbour so far. The depth is at most 64, because halves are halves: a stack of fixed size suffices.
 *
 * [1] J. H. Friedman, J. L. Bentley, R. A. Finkel, ACM TOMS 3 (1977) 209.
 */
#include "entropy/kdtree.h"

#include "base/memory.h"
#include "entropy/scan.h"

#include <math.h>
#include <string.h>

enum { LEAF = MX_SCAN_LEAF, DEPTH = 64 };

typedef struct node {
    size_t first, count; /* points: order[first .. first + count) */
    size_t child;        /* of the left child, the right one follows; 0: a leaf */
    size_t leaf;         /* of a leaf: its number */
} node;

struct mx_kdtree {
    size_t n, d, nodes;
    const mx_scan *scan; /* the inner loops for the metric and the processor */
    size_t *order;   /* [n] */
    node *node;      /* [nodes] */
    double *box;     /* [nodes][2][d] lowest and highest coordinates: needed while building */
    double *pair;    /* [nodes / 2][d][4] boxes of the children 2 i + 1 and 2 i + 2, as mx_scan takes them */
    double *leaf;    /* [leaves][d][LEAF] coordinates, inf where there is no point */
};

/* Partial sort of order[0..n) by coordinate c so that place `middle` holds what a full sort would put there. */
static void select_middle(size_t *order, size_t n, size_t middle, const double *x, size_t d, size_t c)
{
    size_t low = 0, high = n - 1;
    while (low < high) {
        /* Hoare's partition around the median of three: runs of equal values are split evenly. Two of the three are >= the pivot
         * (or it is the first), so that the left part is never the whole. */
        double a = x[order[low] * d + c], b = x[order[low + (high - low) / 2] * d + c], e = x[order[high] * d + c];
        double pivot = a < b ? (b < e ? b : a < e ? e : a) : (a < e ? a : b < e ? e : b);
        size_t i = low, j = high;
        for (;;) {
            while (x[order[i] * d + c] < pivot)
                i++;
            while (x[order[j] * d + c] > pivot)
                j--;
            if (i >= j)
                break;
            size_t swap = order[i];
            order[i++] = order[j];
            order[j--] = swap;
        }
        if (middle <= j) /* low..j <= pivot <= j+1..high */
            high = j;
        else
            low = j + 1;
    }
}

static void set_box(mx_kdtree *tree, size_t at, const double *x)
{
    const node *here = &tree->node[at];
    double *low = tree->box + at * 2 * tree->d, *high = low + tree->d;
    memcpy(low, x + tree->order[here->first] * tree->d, tree->d * sizeof *low);
    memcpy(high, low, tree->d * sizeof *low);
    for (size_t i = 1; i < here->count; i++) {
        const double *point = x + tree->order[here->first + i] * tree->d;
        for (size_t c = 0; c < tree->d; c++) {
            low[c] = point[c] < low[c] ? point[c] : low[c];
            high[c] = point[c] > high[c] ? point[c] : high[c];
        }
    }
}

static size_t widest(const mx_kdtree *tree, size_t at)
{
    const double *low = tree->box + at * 2 * tree->d, *high = low + tree->d;
    size_t best = 0;
    for (size_t c = 1; c < tree->d; c++)
        if (high[c] / 2 - low[c] / 2 > high[best] / 2 - low[best] / 2) /* halves: no overflow */
            best = c;
    return best;
}

mx_kdtree *mx_kdtree_new(size_t n, size_t d, const double *x, mx_metric metric)
{
    mx_kdtree *tree = mx_zalloc(1, sizeof *tree);
    if (tree == NULL)
        return NULL;
    size_t leaves = 1; /* at most: the least power of two with n / leaves <= LEAF */
    while (n > leaves * LEAF)
        leaves *= 2;
    tree->n = n;
    tree->d = d;
    tree->scan = &mx_scan_portable[metric == MX_METRIC_EUCLIDEAN];
#if defined(MX_VARIANTS_X86)
    if (mx_variant_runs("avx512"))
        tree->scan = &mx_scan_avx512[metric == MX_METRIC_EUCLIDEAN];
    else if (mx_variant_runs("avx2"))
        tree->scan = &mx_scan_avx2[metric == MX_METRIC_EUCLIDEAN];
#endif
    tree->order = mx_alloc(n, sizeof *tree->order);
    tree->node = mx_alloc(2 * leaves, sizeof *tree->node);
    tree->box = mx_alloc(4 * leaves, d * sizeof *tree->box);
    tree->pair = mx_alloc(4 * leaves, d * sizeof *tree->pair);
    tree->leaf = mx_alloc_aligned(leaves * LEAF, d * sizeof *tree->leaf);
    if (tree->order == NULL || tree->node == NULL || tree->box == NULL || tree->pair == NULL || tree->leaf == NULL) {
        mx_kdtree_free(tree);
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        tree->order[i] = i;
    tree->node[0] = (node){0, n, 0, 0};
    tree->nodes = 1;
    size_t used = 0;
    for (size_t at = 0; at < tree->nodes; at++) { /* breadth first: children come behind */
        set_box(tree, at, x);
        if (at > 0) {
            double *pair = tree->pair + (at - 1) / 2 * 4 * d + (at - 1) % 2;
            for (size_t c = 0; c < d; c++) {
                pair[4 * c] = tree->box[at * 2 * d + c];
                pair[4 * c + 2] = tree->box[at * 2 * d + d + c];
            }
        }
        node *here = &tree->node[at];
        if (here->count > LEAF) {
            size_t half = here->count / 2;
            select_middle(tree->order + here->first, here->count, half, x, d, widest(tree, at));
            here->child = tree->nodes;
            tree->node[tree->nodes++] = (node){here->first, half, 0, 0};
            tree->node[tree->nodes++] = (node){here->first + half, here->count - half, 0, 0};
            continue;
        }
        here->leaf = used++;
        double *place = tree->leaf + here->leaf * d * LEAF;
        for (size_t c = 0; c < d; c++)
            for (size_t i = 0; i < LEAF; i++)
                place[c * LEAF + i] = i < here->count ? x[tree->order[here->first + i] * d + c] : INFINITY;
    }
    mx_free(tree->box);
    tree->box = NULL;
    return tree;
}

const size_t *mx_kdtree_order(const mx_kdtree *tree)
{
    return tree->order;
}

static unsigned lowest_bit(unsigned bits)
{
    unsigned i = 0;
#if defined(__GNUC__)
    i = (unsigned)__builtin_ctz(bits);
#else
    while (!(bits >> i & 1))
        i++;
#endif
    return i;
}

void mx_kdtree_nearest(const mx_kdtree *tree, const double *q, size_t self, size_t k, double *distance, size_t *index)
{
    struct {
        size_t at;
        double distance;
    } stack[DEPTH + 1];
    size_t depth = 0;
    for (size_t i = 0; i < k; i++)
        distance[i] = INFINITY;
    stack[depth].at = 0;
    stack[depth++].distance = 0;
    while (depth > 0) {
        depth--;
        size_t at = stack[depth].at;
        if (stack[depth].distance >= distance[k - 1])
            continue;
        while (tree->node[at].child != 0) { /* down the nearer side */
            size_t near = tree->node[at].child, far = near + 1;
            double to_box[2];
            tree->scan->pair(tree->pair + (near - 1) / 2 * 4 * tree->d, tree->d, q, to_box);
            double d_near = to_box[0], d_far = to_box[1];
            if (d_far < d_near) {
                near++;
                far--;
                d_near = to_box[1];
                d_far = to_box[0];
            }
            if (d_far < distance[k - 1]) {
                stack[depth].at = far;
                stack[depth++].distance = d_far;
            }
            at = near;
            if (d_near >= distance[k - 1])
                break;
        }
        const node *here = &tree->node[at];
        if (here->child != 0)
            continue;
        double found[LEAF];
        unsigned near = tree->scan->leaf(tree->leaf + here->leaf * tree->d * LEAF, tree->d, q, distance[k - 1], found);
        for (; near != 0; near &= near - 1) {
            size_t i = lowest_bit(near), point = tree->order[here->first + i];
            if (!(found[i] < distance[k - 1]) || point == self) /* the bound may have come down since */
                continue;
            size_t place = k - 1; /* insertion: k is small */
            for (; place > 0 && distance[place - 1] > found[i]; place--) {
                distance[place] = distance[place - 1];
                index[place] = index[place - 1];
            }
            distance[place] = found[i];
            index[place] = point;
        }
    }
}

size_t mx_kdtree_count(const mx_kdtree *tree, const double *q, double radius, int closed)
{
    size_t stack[DEPTH + 1], depth = 0, total = 0;
    if (closed)
        radius = nextafter(radius, INFINITY); /* <= radius is < the next double */
    stack[depth++] = 0;
    while (depth > 0) {
        const node *here = &tree->node[stack[--depth]];
        if (here->child == 0) {
            double found[LEAF];
            unsigned inside = tree->scan->leaf(tree->leaf + here->leaf * tree->d * LEAF, tree->d, q, radius, found);
            for (; inside != 0; inside &= inside - 1)
                total++;
            continue;
        }
        double near[2], far[2];
        tree->scan->reach(tree->pair + (here->child - 1) / 2 * 4 * tree->d, tree->d, q, near, far);
        for (size_t side = 0; side < 2; side++)
            if (far[side] < radius)
                total += tree->node[here->child + side].count;
            else if (near[side] < radius)
                stack[depth++] = here->child + side;
    }
    return total;
}

void mx_kdtree_free(mx_kdtree *tree)
{
    if (tree == NULL)
        return;
    mx_free(tree->order);
    mx_free(tree->node);
    mx_free(tree->box);
    mx_free(tree->pair);
    mx_free(tree->leaf);
    mx_free(tree);
}
