/* A k-d tree [1] with a bounding box in every node.
 *
 * A node splits its points at the median of the widest side of their box until at most MX_SCAN_LEAF are left. The coordinates of
 * a leaf are stored side by side, coordinate by coordinate, and filled up with infinities, so that the distances to all points of
 * a leaf are one short loop of fixed length. The depth is at most 64, because halves are halves: a stack of fixed size suffices.
 *
 * The nearest neighbours of all points are looked for leaf by leaf: its points go through the tree together, from their leaf up to
 * the root, into every subtree whose box is nearer to one of them than its k-th neighbour so far. The distances from all of them to
 * a box are one short loop too, and finding the way is paid once for all.
 *
 * While building, sides are judged by the box of the root as the splits above have cut it: the boxes themselves are made from the
 * leaves upwards, and every level touches one coordinate of each point only.
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
    size_t parent;
    size_t child;        /* of the left child, the right one follows; 0: a leaf */
    size_t leaf;         /* of a leaf: its number */
    size_t side;         /* of another: the coordinate at which it was split, and where */
    double split;
} node;

struct mx_kdtree {
    size_t n, d, nodes, leaves;
    const mx_scan *scan; /* the inner loops for the metric and the processor */
    size_t *order;   /* [n] */
    node *node;      /* [nodes] */
    double *box;     /* [nodes][2][d] lowest and highest coordinates */
    double *leaf;    /* [leaves][d][LEAF] coordinates, inf where there is no point */
    size_t *at;      /* [leaves] node of each leaf */
};

typedef struct keyed {
    double key;
    size_t point;
} keyed;

static double middle_of(double a, double b, double c)
{
    return a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
}

/* Moves those with key < pivot (or <= pivot) to the front, in order, and returns their number. No branch depends on a key. spare: [n]. */
static size_t part(keyed *a, size_t n, double pivot, int closed, keyed *spare)
{
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        keyed here = a[i];
        a[used] = here;
        spare[i - used] = here;
        used += closed ? here.key <= pivot : here.key < pivot;
    }
    memcpy(a + used, spare, (n - used) * sizeof *a);
    return used;
}

/* Partial sort by key so that place `middle` holds what a full sort would put there. */
static void select_middle(keyed *a, size_t n, size_t middle, keyed *spare)
{
    while (n > 1) {
        double pivot = middle_of(a[0].key, a[n / 2].key, a[n - 1].key);
        if (n > 64) {
            size_t s = n / 8;
            pivot = middle_of(middle_of(a[0].key, a[s].key, a[2 * s].key), middle_of(a[3 * s].key, a[4 * s].key, a[5 * s].key),
                              middle_of(a[6 * s].key, a[7 * s].key, a[n - 1].key));
        }
        size_t below = part(a, n, pivot, 0, spare);
        if (middle < below) {
            n = below;
            continue;
        }
        a += below;
        middle -= below;
        n -= below;
        if (below > n / 8)
            continue;
        size_t equal = part(a, n, pivot, 1, spare); /* few are below: perhaps many are equal, and the pivot itself goes */
        if (middle < equal)
            return;
        a += equal;
        middle -= equal;
        n -= equal;
    }
}

/* Lowest and highest coordinates of the points of a leaf or of both children. */
static void set_box(mx_kdtree *tree, size_t at)
{
    const node *here = &tree->node[at];
    size_t d = tree->d;
    double *low = tree->box + at * 2 * d, *high = low + d;
    if (here->child != 0) {
        const double *left = tree->box + here->child * 2 * d, *right = left + 2 * d;
        for (size_t c = 0; c < d; c++) {
            low[c] = left[c] < right[c] ? left[c] : right[c];
            high[c] = left[d + c] > right[d + c] ? left[d + c] : right[d + c];
        }
        return;
    }
    const double *x = tree->leaf + here->leaf * d * LEAF;
    for (size_t c = 0; c < d; c++, x += LEAF) {
        low[c] = high[c] = x[0];
        for (size_t i = 1; i < here->count; i++) {
            low[c] = x[i] < low[c] ? x[i] : low[c];
            high[c] = x[i] > high[c] ? x[i] : high[c];
        }
    }
}

static size_t widest(size_t d, const double *box)
{
    size_t best = 0;
    for (size_t c = 1; c < d; c++)
        if (box[d + c] / 2 - box[c] / 2 > box[d + best] / 2 - box[best] / 2) /* halves: no overflow */
            best = c;
    return best;
}

/* Nodes and leaves below the root, depth first, so that the points of a part stay in the cache; children come behind their parent. */
static void split_all(mx_kdtree *tree, const double *x, keyed *list, keyed *spare)
{
    size_t d = tree->d, stack[DEPTH + 1], depth = 0;
    double *root = tree->box;
    memcpy(root, x, d * sizeof *root);
    memcpy(root + d, x, d * sizeof *root);
    for (size_t i = 0; i < tree->n; i++) {
        list[i].point = i;
        for (size_t c = 0; c < d; c++) {
            root[c] = x[i * d + c] < root[c] ? x[i * d + c] : root[c];
            root[d + c] = x[i * d + c] > root[d + c] ? x[i * d + c] : root[d + c];
        }
    }
    tree->node[0] = (node){.count = tree->n};
    tree->nodes = 1;
    stack[depth++] = 0;
    while (depth > 0) {
        size_t at = stack[--depth];
        node *here = &tree->node[at];
        double *box = tree->box + at * 2 * d;
        keyed *mine = list + here->first;
        if (here->count > LEAF) {
            size_t half = here->count / 2, side = widest(d, box), child = tree->nodes;
            for (size_t i = 0; i < here->count; i++)
                mine[i].key = x[mine[i].point * d + side];
            select_middle(mine, here->count, half, spare);
            here->child = child;
            here->side = side;
            here->split = mine[half].key;
            tree->nodes += 2;
            tree->node[child] = (node){.first = here->first, .count = half, .parent = at};
            tree->node[child + 1] = (node){.first = here->first + half, .count = here->count - half, .parent = at};
            for (size_t s = 0; s < 2; s++) {
                memcpy(box + (child + s - at) * 2 * d, box, 2 * d * sizeof *box);
                box[(child + s - at) * 2 * d + (s == 0 ? d : 0) + side] = here->split;
                stack[depth++] = child + s;
            }
            continue;
        }
        here->leaf = tree->leaves++;
        tree->at[here->leaf] = at;
        double *place = tree->leaf + here->leaf * d * LEAF;
        for (size_t c = 0; c < d; c++)
            for (size_t i = 0; i < LEAF; i++)
                place[c * LEAF + i] = i < here->count ? x[mine[i].point * d + c] : INFINITY;
        for (size_t i = 0; i < here->count; i++)
            tree->order[here->first + i] = mine[i].point;
    }
    for (size_t at = tree->nodes; at-- > 0;)
        set_box(tree, at);
}

mx_kdtree *mx_kdtree_new(size_t n, size_t d, const double *x, mx_metric metric)
{
    mx_kdtree *tree = mx_zalloc(1, sizeof *tree);
    keyed *list = mx_alloc(n, 2 * sizeof *list);
    if (tree == NULL || list == NULL) {
        mx_free(tree);
        mx_free(list);
        return NULL;
    }
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
    tree->at = mx_alloc(leaves, sizeof *tree->at);
    tree->leaf = mx_alloc_aligned(leaves * LEAF, d * sizeof *tree->leaf);
    if (tree->order == NULL || tree->node == NULL || tree->box == NULL || tree->at == NULL || tree->leaf == NULL) {
        mx_kdtree_free(tree);
        tree = NULL;
    } else {
        split_all(tree, x, list, list + n);
    }
    mx_free(list);
    return tree;
}

size_t mx_kdtree_leaves(const mx_kdtree *tree)
{
    return tree->leaves;
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

static size_t set_size(unsigned bits)
{
#if defined(__GNUC__)
    return (size_t)__builtin_popcount(bits);
#else
    size_t size = 0;
    for (; bits != 0; bits &= bits - 1)
        size++;
    return size;
#endif
}

/* A point at this distance takes the place of the farthest of k, which is the last. Many are in a heap: place k - 1 - h holds node h: the
 * farthest on top, children of h at 2 h + 1 and 2 h + 2. */
static void replace_last(double *distance, size_t *index, size_t k, double found, size_t point)
{
    size_t place = k - 1;
    if (k <= MX_FEW_NEIGHBOURS) {
        for (; place > 0 && distance[place - 1] > found; place--) {
            distance[place] = distance[place - 1];
            index[place] = index[place - 1];
        }
    } else {
        for (size_t h = 0, below = 1; below < k; below = 2 * h + 1) {
            if (below + 1 < k && distance[k - 2 - below] > distance[k - 1 - below])
                below++;
            if (distance[k - 1 - below] <= found)
                break;
            distance[place] = distance[k - 1 - below];
            index[place] = index[k - 1 - below];
            h = below;
            place = k - 1 - h;
        }
    }
    distance[place] = found;
    index[place] = point;
}

/* The k least of `distance` and of those of found[] in `near`, in order; k <= 4, a constant where it is called, so that they stay in
 * registers. What is not nearer than the last changes nothing, without a branch. */
static inline void keep_few(double *distance, size_t k, const double *found, unsigned near)
{
    double best[4];
    for (size_t i = 0; i < k; i++)
        best[i] = distance[i];
    for (; near != 0; near &= near - 1) {
        double v = found[lowest_bit(near)];
        for (size_t i = 0; i < k; i++) {
            double least = v < best[i] ? v : best[i]; /* two comparisons are two instructions; one would be a branch */
            v = v > best[i] ? v : best[i];
            best[i] = least;
        }
    }
    for (size_t i = 0; i < k; i++)
        distance[i] = best[i];
}

/* Offers the points of a leaf, but for those in `without`, to a point q. index: NULL where nobody asks which points they are. */
static void offer(const mx_kdtree *tree, const node *here, unsigned without, const double *q, size_t k, double *distance, size_t *index)
{
    double found[LEAF];
    unsigned near = tree->scan->leaf(tree->leaf + here->leaf * tree->d * LEAF, tree->d, q, distance[k - 1], found) & ~without;
    if (index == NULL && k <= 4) {
        switch (k) {
        case 1: keep_few(distance, 1, found, near); break;
        case 2: keep_few(distance, 2, found, near); break;
        case 3: keep_few(distance, 3, found, near); break;
        default: keep_few(distance, 4, found, near); break;
        }
        return;
    }
    if (index == NULL && k <= MX_FEW_NEIGHBOURS) { /* the same in memory */
        for (; near != 0; near &= near - 1) {
            double v = found[lowest_bit(near)];
            for (size_t place = k - 1; place > 0; place--) {
                double before = distance[place - 1], most = before > v ? before : v;
                distance[place] = most < distance[place] ? most : distance[place];
            }
            distance[0] = v < distance[0] ? v : distance[0];
        }
        return;
    }
    for (; near != 0; near &= near - 1) {
        size_t j = lowest_bit(near);
        if (found[j] < distance[k - 1]) /* the bound may have come down since */
            replace_last(distance, index, k, found[j], tree->order[here->first + j]);
    }
}

size_t mx_kdtree_nearest(const mx_kdtree *tree, size_t leaf, size_t k, double *room, size_t *point, double *distance, size_t *index)
{
    size_t d = tree->d, stack[DEPTH + 1], from = tree->at[leaf];
    const node *mine = &tree->node[from];
    const double *x = tree->leaf + leaf * d * LEAF;
    double bound[LEAF]; /* of each point: to its k-th neighbour so far; places that are not filled want none */
    for (size_t i = 0; i < LEAF; i++)
        bound[i] = -1;
    for (size_t i = 0; i < mine->count * k; i++)
        distance[i] = INFINITY;
    for (size_t i = 0; i < mine->count; i++) {
        point[i] = tree->order[mine->first + i];
        for (size_t c = 0; c < d; c++)
            room[i * d + c] = x[c * LEAF + i];
        offer(tree, mine, 1u << i, room + i * d, k, distance + i * k, index != NULL ? index + i * k : NULL);
        bound[i] = distance[i * k + k - 1];
    }
    for (; from != 0; from = tree->node[from].parent) { /* the other half of every node above */
        size_t above = tree->node[tree->node[from].parent].child, depth = 0;
        stack[depth++] = from == above ? above + 1 : above;
        while (depth > 0) {
            size_t at = stack[--depth];
            const node *here = &tree->node[at];
            unsigned wanted = tree->scan->group(x, d, tree->box + at * 2 * d, bound);
            if (wanted == 0)
                continue;
            if (here->child != 0) { /* the nearer side first, that is last on the stack */
                size_t right = x[here->side * LEAF] >= here->split;
                stack[depth++] = here->child + !right;
                stack[depth++] = here->child + right;
                continue;
            }
            for (; wanted != 0; wanted &= wanted - 1) {
                size_t i = lowest_bit(wanted);
                offer(tree, here, 0, room + i * d, k, distance + i * k, index != NULL ? index + i * k : NULL);
                bound[i] = distance[i * k + k - 1];
            }
        }
    }
    return mine->count;
}

size_t mx_kdtree_count(const mx_kdtree *tree, size_t leaf, const double *radius, double *room, size_t *point, size_t *count)
{
    struct {
        size_t at;
        unsigned wanted;
    } stack[DEPTH + 1];
    size_t d = tree->d, depth = 0;
    const node *mine = &tree->node[tree->at[leaf]];
    const double *x = tree->leaf + leaf * d * LEAF;
    double bound[LEAF];
    for (size_t i = 0; i < LEAF; i++)
        bound[i] = -1;
    for (size_t i = 0; i < mine->count; i++) {
        count[i] = 0;
        point[i] = tree->order[mine->first + i];
        bound[i] = radius[point[i]];
        for (size_t c = 0; c < d; c++)
            room[i * d + c] = x[c * LEAF + i];
    }
    stack[depth].at = 0;
    stack[depth++].wanted = (unsigned)((1ull << mine->count) - 1);
    while (depth > 0) {
        size_t at = stack[--depth].at;
        const node *here = &tree->node[at];
        unsigned whole, wanted = tree->scan->cover(x, d, tree->box + at * 2 * d, bound, &whole) & stack[depth].wanted;
        for (whole &= wanted; whole != 0; whole &= whole - 1) {
            count[lowest_bit(whole)] += here->count;
            wanted &= ~(whole & -whole);
        }
        if (wanted != 0 && here->child != 0) {
            for (size_t s = 0; s < 2; s++) {
                stack[depth].at = here->child + s;
                stack[depth++].wanted = wanted;
            }
            continue;
        }
        for (; wanted != 0; wanted &= wanted - 1) {
            size_t i = lowest_bit(wanted);
            double found[LEAF];
            count[i] += set_size(tree->scan->leaf(tree->leaf + here->leaf * d * LEAF, d, room + i * d, bound[i], found));
        }
    }
    return mine->count;
}

void mx_kdtree_free(mx_kdtree *tree)
{
    if (tree == NULL)
        return;
    mx_free(tree->order);
    mx_free(tree->node);
    mx_free(tree->box);
    mx_free(tree->at);
    mx_free(tree->leaf);
    mx_free(tree);
}
