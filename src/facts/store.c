/* From checked facts to a problem: every feature is evaluated once and kept where that is cheapest.
 *
 *     whole numbers in -127 .. 127     a byte each
 *     others                           doubles, up to MX_STORE_LIMIT bytes in all
 *     beyond that                      nothing: the program is run block by block when the solver asks
 *
 * The program is kept as well where rounding matters, for features in double-double. States of zero prior may have features that
 * are not defined (log(x) at x = 0): they are stored as 0. Continuous and countable problems store nothing at all: see field.c.
 */
#include "facts/compile.h"
#include "facts/field.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif

void mx_store_state(const mx_support *support, size_t x, char *out, size_t size)
{
    size_t used = 0;
    char number[MX_DOUBLE_TEXT];
    out[0] = '\0';
    for (size_t v = 0; v < support->variables && used + 1 < size; v++) {
        const mx_variable *variable = &support->variable[v];
        const char *text = number;
        double value = 0.0;
        if (variable->named) {
            text = variable->label[mx_support_level(support, v, x)];
        } else {
            mx_support_column(support, v, x, 1, &value);
            mx_double_text(value, number);
        }
        if (v == 6 && support->variables > 7) {
            snprintf(out + used, size - used, ", ...");
            return;
        }
        int wrote = snprintf(out + used, size - used, "%s%.40s = %.40s", v == 0 ? "" : ", ", variable->name, text);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
}

/* ---- columns ---- */

typedef struct columns {
    mx_compile *c;
    size_t k;
    double *f64;           /* [n * k] or NULL */
    signed char *i8;       /* [n * k] or NULL */
    int masked;            /* some value was not finite where the prior is 0 */
    size_t bad_state;      /* first value that is not finite; SIZE_MAX: none */
    size_t bad_column;
    double bad_value;
    unsigned char *holds;  /* [k - drafts] 1: this condition holds in some state of positive prior */
    signed char *tile;     /* [k * TILE] bytes column by column, until a block of states is complete; or NULL */
    size_t tiled;          /* columns in it */
    int helper;            /* 1: this is not the thread whose caller may be asked whether to stop */
} columns;

enum { TILE = 1024 };      /* states of a tile: blocks are never longer */

enum { STOP_WIDE = 1, STOP_BAD = 2, STOP_LATE = MX_COMPILE_STOP };

/* Notes whether a condition holds anywhere. */
static void watch(const columns *to, size_t column, size_t first, size_t count, const double *value)
{
    const double *q = to->c->q;
    int holds = 0;
    for (size_t j = 0; j < count; j++)
        holds |= value[j] != 0 && (q == NULL || q[first + j] > 0);
    if (holds) {
#ifdef _OPENMP
#pragma omp atomic write
#endif
        to->holds[column - to->c->drafts] = 1;
    }
}

/* Eight rows of eight bytes to columns: halves of 4, 2 and 1 bytes are exchanged between words (little or big endian alike,
 * as both sides are memory). */
static void transpose(uint64_t w[8])
{
    static const uint64_t mask[3] = {0x00000000FFFFFFFFu, 0x0000FFFF0000FFFFu, 0x00FF00FF00FF00FFu};
    for (int stage = 0; stage < 3; stage++) {
        int apart = 4 >> stage, shift = 32 >> stage;
        for (int i = 0; i < 8; i++)
            if ((i & apart) == 0) {
                uint64_t t = ((w[i] >> shift) ^ w[i + apart]) & mask[stage];
                w[i + apart] ^= t;
                w[i] ^= t << shift;
            }
    }
}

/* The tile to rows of k bytes. Written eight states by eight features: one byte at a time, every store is to another line. */
static void flush(const columns *to, size_t first, size_t count)
{
    size_t k = to->k, rows = count / 8 * 8, whole = k / 8 * 8;
    signed char *out = to->i8 + first * k;
    for (size_t j = 0; j < rows; j += 8)
        for (size_t i = 0; i < whole; i += 8) {
            uint64_t w[8];
            for (size_t b = 0; b < 8; b++)
                memcpy(&w[b], to->tile + (i + b) * TILE + j, 8);
            transpose(w);
            for (size_t b = 0; b < 8; b++)
                memcpy(out + (j + b) * k + i, &w[b], 8);
        }
    for (size_t j = 0; j < count; j++)
        for (size_t i = j < rows ? whole : 0; i < k; i++)
            out[j * k + i] = to->tile[i * TILE + j];
}

/* *fits becomes 0 for what is no whole number in -127 .. 127. */
static inline signed char to_byte(double value, int *fits)
{
    double near = value >= -127.0 && value <= 127.0 ? value : 0.0; /* also for NaN */
    int whole = (int)near;
    *fits &= whole == value;
    return (signed char)whole;
}

/* Is the time over? Asked once a block. */
static int late(const columns *to, size_t column, size_t first, size_t count)
{
    return column == 0 && mx_watch_due(first * to->k, (first + count) * to->k) && mx_watch_over(to->c->watch, !to->helper);
}

static int to_bytes(void *user, size_t column, size_t first, size_t count, const double *value)
{
    columns *to = user;
    signed char *out = to->tile != NULL ? to->tile + column * TILE : to->i8 + first * to->k + column;
    size_t k = to->k;
    int fits = 1;
    if (column >= to->c->drafts)
        watch(to, column, first, count, value);
    if (to->tile != NULL) {
        for (size_t j = 0; j < count; j++)
            out[j] = to_byte(value[j], &fits);
        if (++to->tiled == k) {
            flush(to, first, count);
            to->tiled = 0;
        }
    } else {
        for (size_t j = 0; j < count; j++)
            out[j * k] = to_byte(value[j], &fits);
    }
    return !fits ? STOP_WIDE : late(to, column, first, count) ? STOP_LATE : 0;
}

static int to_doubles(void *user, size_t column, size_t first, size_t count, const double *value)
{
    columns *to = user;
    double *out = to->f64 + first * to->k + column;
    const double *q = to->c->q;
    double zero = 0.0;
    if (column >= to->c->drafts)
        watch(to, column, first, count, value);
    for (size_t j = 0; j < count; j++)
        zero += value[j] * 0.0; /* NaN when one is not finite */
    if (zero == 0) {
        for (size_t j = 0; j < count; j++)
            out[j * to->k] = value[j];
        return late(to, column, first, count) ? STOP_LATE : 0;
    }
    for (size_t j = 0; j < count; j++) {
        int finite = isfinite(value[j]) != 0;
        if (!finite && (q == NULL || q[first + j] > 0)) {
            to->bad_state = first + j;
            to->bad_column = column;
            to->bad_value = value[j];
            return STOP_BAD;
        }
        if (!finite)
            to->masked = 1;
        out[j * to->k] = finite ? value[j] : 0.0;
    }
    return 0;
}

/* Runs the program over all states, in parallel when that pays; blocks are independent. */
static int run(const mx_program *program, size_t n, mx_emit emit, columns *to)
{
    enum { CHUNK = 8192 };
    size_t chunks = (n + CHUNK - 1) / CHUNK;
    int stop = 0;
#ifdef _OPENMP
    if (chunks > 1 && (double)n * (double)program->steps > 1e6) {
        int masked = 0;
#pragma omp parallel for schedule(dynamic) reduction(| : masked)
        for (size_t i = 0; i < chunks; i++) {
            int halted;
#pragma omp atomic read
            halted = stop;
            if (halted != 0)
                continue;
            columns mine = *to;
            mine.helper = omp_get_thread_num() != 0;
            if (to->i8 != NULL && to->k >= 16)
                mine.tile = mx_alloc(to->k, TILE); /* without memory for it, slower */
            size_t first = i * CHUNK, count = n - first < CHUNK ? n - first : CHUNK;
            int result = mx_program_run(program, NULL, first, count, emit, &mine);
            mx_free(mine.tile);
            masked |= mine.masked;
            if (result != 0) {
#pragma omp atomic write
                stop = result;
            }
        }
        to->masked |= masked;
        if (stop != STOP_BAD)
            return stop;
    }
#endif
    stop = 0; /* in order, so that the first bad value is always the same one */
    for (size_t i = 0; i < chunks && stop == 0; i++)
        stop = mx_program_run(program, NULL, i * CHUNK, n - i * CHUNK < CHUNK ? n - i * CHUNK : CHUNK, emit, to);
    return stop;
}

static int report_bad(mx_compile *c, const columns *to)
{
    char state[240], number[MX_DOUBLE_TEXT];
    mx_store_state(&c->support, to->bad_state, state, sizeof state);
    const char *value = isnan(to->bad_value) ? "undefined" : mx_double_text(to->bad_value, number);
    if (to->bad_column < c->drafts)
        return mx_compile_fail(c, c->draft[to->bad_column].at, MAXENT_ERROR_VALUE, "the feature of %.200s is %s at %s",
                               c->draft[to->bad_column].text, value, state);
    return mx_compile_fail(c, c->draft[0].at, MAXENT_ERROR_VALUE, "a condition is %s at %s", value, state);
}

/* ---- storage ---- */

/* holds: [k - drafts] zeros, for what was found about the conditions. */
static int store(mx_compile *c, maxent_problem *problem, mx_program *program, unsigned char *holds)
{
    size_t n = problem->n, k = problem->k;
    mx_features *features = &problem->features;
    columns to = {.c = c, .k = k, .bad_state = SIZE_MAX, .holds = holds};
    int stop = STOP_WIDE;
    if (k == 0)
        return 1;
    if (n <= MX_STORE_LIMIT / k) { /* bytes, if they do */
        to.i8 = mx_alloc(n, k);
        if (to.i8 == NULL)
            return mx_compile_memory(c);
        stop = run(program, n, to_bytes, &to);
        if (stop == 0) {
            features->storage = MX_STORE_I8;
            features->owned = to.i8;
            features->i8 = to.i8;
            return 1;
        }
        mx_free(to.i8);
    }
    if (stop == STOP_WIDE && n <= MX_STORE_LIMIT / k / sizeof(double)) {
        to.f64 = mx_alloc(n, k * sizeof *to.f64);
        if (to.f64 == NULL)
            return mx_compile_memory(c);
        stop = run(program, n, to_doubles, &to);
        if (stop == 0) {
            features->storage = MX_STORE_F64;
            features->owned = to.f64;
            features->f64 = to.f64;
            features->state_stride = k;
            features->feature_stride = 1;
            problem->masked = to.masked;
            return 1;
        }
        mx_free(to.f64);
    }
    if (stop == STOP_BAD)
        return report_bad(c, &to);
    if (stop != STOP_WIDE)
        return mx_compile_pass_failed(c, stop);
    features->storage = MX_STORE_FILL; /* values that are not finite are the solver's to find */
    features->fill = mx_program_fill;
    problem->masked = c->q != NULL;
    memset(holds, 1, k - c->drafts); /* nobody looked */
    return 1;
}

/* A continuous or countable problem stores nothing. root: [k + 1]. */
static int store_field(mx_compile *c, maxent_problem *problem, uint32_t *root)
{
    root[problem->k] = c->log_prior != MX_NO_NODE ? c->log_prior : mx_graph_constant(&c->graph, mx_dd_make(0.0), 1);
    problem->field = root[problem->k] == MX_NO_NODE ? NULL : mx_field_new(&c->graph, root, problem->k);
    return problem->field != NULL || mx_compile_memory(c);
}

static void free_program(void *program)
{
    mx_program_free(program);
}

/* ---- the problem ---- */

/* Hidden features 1_B for the conditional facts, each once, after all others. root: [drafts + hidden], and room for one more. */
static int gather(mx_compile *c, uint32_t **roots, size_t **givens, size_t *k)
{
    size_t drafts = c->drafts, hidden = 0;
    uint32_t *root = mx_alloc(drafts + 1, 2 * sizeof *root), *seen = NULL;
    size_t *given = mx_alloc(drafts, sizeof *given);
    int ok = root != NULL && given != NULL;
    for (size_t i = 0; i < drafts && ok; i++) {
        root[i] = c->draft[i].node;
        given[i] = SIZE_MAX;
        if (c->draft[i].given == MX_NO_NODE)
            continue;
        if (seen == NULL) /* node -> 1 + index of its feature */
            ok = (seen = mx_zalloc(c->graph.nodes, sizeof *seen)) != NULL;
        if (!ok)
            break;
        uint32_t *slot = &seen[c->draft[i].given];
        if (*slot == 0) {
            root[drafts + hidden] = c->draft[i].given;
            *slot = (uint32_t)(drafts + ++hidden);
        }
        given[i] = *slot - 1;
    }
    mx_free(seen);
    if (!ok) {
        mx_free(root);
        mx_free(given);
        return mx_compile_memory(c);
    }
    *roots = root;
    *givens = given;
    *k = drafts + hidden;
    return *k <= MX_FACT_LIMIT || mx_compile_fail(c, c->draft[drafts - 1].at, MAXENT_ERROR_LIMIT,
                                                  "more than %d facts with those of the conditions", MX_FACT_LIMIT);
}

static char *join_sources(const mx_compile *c)
{
    mx_buffer text = {0};
    for (size_t i = 0; i < c->sources; i++) {
        if (i > 0)
            mx_buffer_char(&text, '\n');
        mx_buffer_append(&text, c->source[i].text, c->source[i].length);
    }
    return mx_buffer_take(&text);
}

static char *hidden_text(const mx_compile *c, const size_t *given, size_t index)
{
    for (size_t i = 0; i < c->drafts; i++)
        if (given[i] == index) {
            mx_buffer text = {0};
            mx_buffer_put(&text, "condition of ");
            mx_buffer_put(&text, c->draft[i].text);
            return mx_buffer_take(&text);
        }
    return mx_strdup("condition");
}

int mx_store_problem(mx_compile *c, maxent_problem **out)
{
    uint32_t *root = NULL;
    size_t *given = NULL, k = 0;
    maxent_problem *problem = NULL;
    mx_program *program = NULL;
    unsigned char *holds = NULL;
    int ok = 0;
    if (!gather(c, &root, &given, &k))
        goto done;
    problem = mx_problem_new(c->support.n, k);
    holds = mx_zalloc(k - c->drafts, 1);
    if (c->moving == 0)
        program = mx_program_new(&c->graph, root, k, 1);
    if (problem == NULL || (program == NULL && c->moving == 0) || holds == NULL || (problem->source = join_sources(c)) == NULL) {
        mx_compile_memory(c);
        goto done;
    }
    for (size_t i = 0; i < k; i++) {
        mx_fact *fact = &problem->fact[i];
        if (i < c->drafts) {
            mx_draft *draft = &c->draft[i];
            fact->lower = draft->lower;
            fact->upper = draft->upper;
            fact->sd = draft->sd;
            fact->shift = draft->shift;
            fact->given = given[i];
            fact->target_error = draft->target_error;
        } else {
            fact->lower = -INFINITY;
            fact->upper = INFINITY;
            fact->hidden = 1;
            if ((fact->text = hidden_text(c, given, i)) == NULL) {
                mx_compile_memory(c);
                goto done;
            }
        }
    }
    if (c->moving > 0 ? !store_field(c, problem, root) : !store(c, problem, program, holds))
        goto done;
    for (size_t i = 0; i < c->drafts && c->moving == 0; i++)
        if (given[i] != SIZE_MAX && !holds[given[i] - c->drafts]) {
            mx_compile_fail(c, c->draft[i].at, MAXENT_ERROR_VALUE, "the condition of %.200s holds in no state", c->draft[i].text);
            goto done;
        }
    for (size_t i = 0; i < c->drafts; i++) { /* nothing fails from here on: hand over */
        problem->fact[i].text = c->draft[i].text;
        c->draft[i].text = NULL;
    }
    problem->support = c->support;
    c->support = (mx_support){0};
    problem->q = c->q;
    c->q = NULL;
    if (problem->field != NULL)
        mx_field_support(problem->field, &problem->support);
    else if (k > 0 && (problem->features.storage == MX_STORE_FILL || !program->exact)) {
        program->support = &problem->support;
        program->problem = problem;
        problem->features.user = program;
        problem->features.free_user = free_program;
        problem->features.fill_dd = program->exact ? NULL : mx_program_fill_dd;
        program = NULL;
    }
    *out = problem;
    problem = NULL;
    ok = 1;
done:
    maxent_problem_free(problem);
    mx_program_free(program);
    mx_free(holds);
    mx_free(root);
    mx_free(given);
    return ok;
}
