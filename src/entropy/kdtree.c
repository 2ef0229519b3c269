/* A k-d tree [1] with a bounding box in every node.
 *
 * A node splits its points at the median of the widest side of their box until at most MX_KDTREE_LEAF are left. The coordinates of
 * a leaf are stored side by side, coordinate by coordinate, and filled up with infinities, so that the distances to all points of
 * a leaf are one short loop of fixed length. The nearer child is visited first; a node is left out when its box is not nearer than
 * the k-th neighbour so far. The depth is at most 64, because halves are halves: a stack of fixed size suffices.
 *
 * [1] J. H. Friedman, J. L. Bentley, R. A. Finkel, ACM TOMS 3 (1977) 209.
 */
#include "entropy/kdtree.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { LEAF = MX_KDTREE_LEAF, DEPTH = 64 };

typedef struct node {
    size_t first, count; /* points: order[first .. first + count) */
    size_t child;        /* of the left child, the right one follows; 0: a leaf */
    size_t leaf;         /* of a leaf: its number */
} node;

struct mx_kdtree {
    size_t n, d, nodes;
    mx_metric metric;
    size_t *order;   /* [n] */
    node *node;      /* [nodes] */
    double *box;     /* [nodes][2][d] lowest and highest coordinates */
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
    tree->metric = metric;
    tree->order = mx_alloc(n, sizeof *tree->order);
    tree->node = mx_alloc(2 * leaves, sizeof *tree->node);
    tree->box = mx_alloc(4 * leaves, d * sizeof *tree->box);
    tree->leaf = mx_alloc_aligned(leaves * LEAF, d * sizeof *tree->leaf);
    if (tree->order == NULL || tree->node == NULL || tree->box == NULL || tree->leaf == NULL) {
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
    return tree;
}

const size_t *mx_kdtree_order(const mx_kdtree *tree)
{
    return tree->order;
}

/* Distance from q to the box of a node: 0 inside. */
static double box_distance(const mx_kdtree *tree, size_t at, const double *q)
{
    const double *low = tree->box + at * 2 * tree->d, *high = low + tree->d;
    double distance = 0;
    for (size_t c = 0; c < tree->d; c++) {
        double below = low[c] - q[c], above = q[c] - high[c];
        double off = below > above ? below : above;
        off = off > 0 ? off : 0;
        if (tree->metric == MX_METRIC_EUCLIDEAN)
            distance += off * off;
        else
            distance = off > distance ? off : distance;
    }
    return distance;
}

static void leaf_distances(const mx_kdtree *tree, size_t leaf, const double *q, double out[LEAF])
{
    const double *x = tree->leaf + leaf * tree->d * LEAF;
    for (size_t i = 0; i < LEAF; i++)
        out[i] = 0;
    for (size_t c = 0; c < tree->d; c++, x += LEAF) {
        double centre = q[c];
        if (tree->metric == MX_METRIC_EUCLIDEAN)
            for (size_t i = 0; i < LEAF; i++)
                out[i] += (x[i] - centre) * (x[i] - centre);
        else
            for (size_t i = 0; i < LEAF; i++) {
                double off = fabs(x[i] - centre);
                out[i] = off > out[i] ? off : out[i];
            }
    }
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
            double d_near = box_distance(tree, near, q), d_far = box_distance(tree, far, q);
            if (d_far < d_near) {
                size_t swap = near;
                near = far;
                far = swap;
                double swapped = d_near;
                d_near = d_far;
                d_far = swapped;
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
        leaf_distances(tree, here->leaf, q, found);
        for (size_t i = 0; i < here->count; i++) {
            size_t point = tree->order[here->first + i];
            if (!(found[i] < distance[k - 1]) || point == self)
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

/* Largest distance from q to a point of the box. */
static double box_reach(const mx_kdtree *tree, size_t at, const double *q)
{
    const double *low = tree->box + at * 2 * tree->d, *high = low + tree->d;
    double distance = 0;
    for (size_t c = 0; c < tree->d; c++) {
        double below = fabs(q[c] - low[c]), above = fabs(high[c] - q[c]);
        double off = below > above ? below : above;
        if (tree->metric == MX_METRIC_EUCLIDEAN)
            distance += off * off;
        else
            distance = off > distance ? off : distance;
    }
    return distance;
}

size_t mx_kdtree_count(const mx_kdtree *tree, const double *q, double radius, int closed)
{
    size_t stack[DEPTH + 1], depth = 0, total = 0;
    stack[depth++] = 0;
    while (depth > 0) {
        size_t at = stack[--depth];
        double nearest = box_distance(tree, at, q);
        if (closed ? nearest > radius : nearest >= radius)
            continue;
        const node *here = &tree->node[at];
        double farthest = box_reach(tree, at, q);
        if (closed ? farthest <= radius : farthest < radius) {
            total += here->count;
        } else if (here->child != 0) {
            stack[depth++] = here->child + 1;
            stack[depth++] = here->child;
        } else {
            double found[LEAF];
            leaf_distances(tree, here->leaf, q, found);
            for (size_t i = 0; i < here->count; i++)
                total += closed ? found[i] <= radius : found[i] < radius;
        }
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
    mx_free(tree->leaf);
    mx_free(tree);
}
