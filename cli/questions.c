/* maxent questions: the optimal yes/no strategy, beside what entropy says it must cost. */
#include "lists.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNIFORM, P_, NAMES, NORMALIZE, DOT, JSON, QUIET, HELP };
enum { MOST_DRAWN = 2000, MOST_OUTCOMES = 10000000 }; /* a longer drawing helps nobody; --dot and --json take any size */

static const cli_option option[] = {
    [UNIFORM] = {"uniform", 0, "N", "N equally likely outcomes"},
    [P_] = {"p", 'p', "LIST", "the probabilities of the outcomes: 0.5,0.3,1/5"},
    [NAMES] = {"names", 0, "LIST", "what the outcomes are called (default: 1, 2, 3, ...)"},
    [NORMALIZE] = {"normalize", 0, NULL, "divide the probabilities by their sum"},
    [DOT] = {"dot", 0, NULL, "the tree in the DOT language of graphviz"},
    [JSON] = {"json", 0, NULL, "one JSON object instead of text"},
    [QUIET] = {"quiet", 'q', NULL, "no tree, only the numbers"},
    [HELP] = {"help", 'h', NULL, "this text"},
};

typedef struct game {
    size_t n;
    double *p;
    const char **name;   /* [n] or NULL */
    char *names;
    maxent_question *question;
    size_t *asked;
    double expected, bits;
    int dot, json, quiet, help, normalize;
} game;

static void put_name(cli_text *out, const game *g, size_t outcome, int json)
{
    char number[32];
    snprintf(number, sizeof number, "%zu", outcome + 1);
    const char *name = g->name != NULL ? g->name[outcome] : number;
    if (json)
        cli_put_string(out, name);
    else
        cli_put(out, "%s", name);
}

/* Total probability below each question, from the first made up. */
static double *weights(const game *g)
{
    double *weight = malloc(g->n * sizeof *weight);
    for (size_t j = 0; weight != NULL && j + 1 < g->n; j++) {
        size_t yes = g->question[j].yes, no = g->question[j].no;
        weight[j] = (yes < g->n ? g->p[yes] : weight[yes - g->n]) + (no < g->n ? g->p[no] : weight[no - g->n]);
    }
    return weight;
}

/* The outcomes below a node, at most `most` of them by name. Returns 0 when there is no memory. */
static int put_set(cli_text *out, const game *g, size_t node, size_t most)
{
    size_t *stack = malloc((g->n + 1) * sizeof *stack), depth = 0, shown = 0, total = 0;
    if (stack == NULL)
        return 0;
    stack[depth++] = node;
    while (depth > 0) {
        size_t at = stack[--depth];
        if (at >= g->n) {
            stack[depth++] = g->question[at - g->n].no;
            stack[depth++] = g->question[at - g->n].yes;
            continue;
        }
        if (total++ < most) {
            cli_put(out, shown++ > 0 ? ", " : "");
            put_name(out, g, at, 0);
        }
    }
    if (total > most)
        cli_put(out, ", ... (%zu)", total);
    free(stack);
    return 1;
}

/* The tree, depth first with a stack of what is still to be drawn: no recursion on its depth. */
static int draw(cli_text *out, const game *g, int unicode)
{
    struct place {
        size_t node, depth;
        int last; /* the "no" side: nothing hangs below it */
    } *stack = malloc((g->n + 1) * sizeof *stack);
    char *open = calloc(g->n + 1, 1); /* at each depth: does a line go on? */
    size_t height = 0;
    int ok = stack != NULL && open != NULL;
    if (ok)
        stack[height++] = (struct place){g->n == 1 ? 0 : 2 * g->n - 2, 0, 1};
    while (ok && height > 0) {
        struct place at = stack[--height];
        for (size_t d = 1; d < at.depth; d++)
            cli_put(out, open[d] ? (unicode ? "│    " : "|    ") : "     ");
        if (at.depth > 0)
            cli_put(out, at.last ? (unicode ? "└ no  " : "` no  ") : (unicode ? "├ yes " : "+ yes "));
        open[at.depth] = !at.last;
        if (at.node < g->n) {
            put_name(out, g, at.node, 0);
            cli_put(out, "  (%.6g)\n", g->p[at.node]);
            continue;
        }
        const maxent_question *question = &g->question[at.node - g->n];
        cli_put(out, "is it %s", question->yes < g->n ? "" : "one of ");
        ok = put_set(out, g, question->yes, 8);
        cli_put(out, "?\n");
        stack[height++] = (struct place){question->no, at.depth + 1, 1};
        stack[height++] = (struct place){question->yes, at.depth + 1, 0};
    }
    free(stack);
    free(open);
    return ok;
}

static int put_dot(cli_text *out, const game *g)
{
    cli_put(out, "digraph questions {\n    node [shape=box];\n");
    double *weight = weights(g);
    for (size_t i = 0; i < g->n; i++) {
        cli_put(out, "    n%zu [shape=ellipse, label=", i);
        put_name(out, g, i, 1); /* quotes and backslashes are escaped as DOT wants them */
        cli_put(out, "];\n");
    }
    for (size_t j = 0; weight != NULL && j + 1 < g->n; j++)
        cli_put(out, "    n%zu [label=\"%.6g\"];\n    n%zu -> n%zu [label=\"yes\"];\n    n%zu -> n%zu [label=\"no\"];\n",
                g->n + j, weight[j],
                g->n + j, g->question[j].yes, g->n + j, g->question[j].no);
    cli_put(out, "}\n");
    int ok = weight != NULL;
    free(weight);
    return ok;
}

static void put_json(cli_text *out, const game *g)
{
    cli_put(out, "{\n  \"outcomes\": %zu,\n  \"expected_questions\": ", g->n);
    cli_put_number(out, g->expected);
    cli_put(out, ",\n  \"entropy\": ");
    cli_put_number(out, g->bits);
    cli_put(out, ",\n  \"unit\": \"bit\",\n  \"asked\": [");
    for (size_t i = 0; i < g->n; i++) {
        cli_put(out, "%s\n    {\"outcome\": ", i > 0 ? "," : "");
        put_name(out, g, i, 1);
        cli_put(out, ", \"p\": ");
        cli_put_number(out, g->p[i]);
        cli_put(out, ", \"questions\": %zu}", g->asked[i]);
    }
    cli_put(out, "\n  ],\n  \"tree\": [");
    for (size_t j = 0; j + 1 < g->n; j++)
        cli_put(out, "%s\n    {\"node\": %zu, \"yes\": %zu, \"no\": %zu}", j > 0 ? "," : "", g->n + j, g->question[j].yes,
                g->question[j].no);
    cli_put(out, "%s]\n}\n", g->n > 1 ? "\n  " : "");
}

static int play(game *g)
{
    maxent_diagnostic diagnostic;
    cli_text out = {0};
    g->question = malloc(g->n * sizeof *g->question);
    g->asked = malloc(g->n * sizeof *g->asked);
    if (g->question == NULL || g->asked == NULL) {
        cli_say("out of memory");
        return CLI_SYSTEM;
    }
    if ((g->normalize && maxent_normalize(g->n, g->p, &diagnostic) != MAXENT_OK) ||
        maxent_questions(g->n, g->p, g->question, g->asked, &g->expected, &diagnostic) != MAXENT_OK ||
        maxent_entropy(g->n, g->p, &g->bits, &diagnostic) != MAXENT_OK) {
        int status = cli_diagnose(&diagnostic);
        if (!g->normalize && strstr(diagnostic.message, "sum to") != NULL)
            cli_say("--normalize divides them by their sum");
        return status;
    }
    g->bits /= maxent_nats(2);
    int ok = 1;
    if (g->json) {
        put_json(&out, g);
    } else if (g->dot) {
        ok = put_dot(&out, g);
    } else {
        size_t most = 0;
        for (size_t i = 0; i < g->n; i++)
            most = g->asked[i] > most ? g->asked[i] : most;
        cli_put(&out, "expected questions  %.12g\nentropy             %.12g bit\nat most             %zu question%s\n",
                g->expected, g->bits, most,
                most == 1 ? "" : "s");
        if (!g->quiet && g->n <= MOST_DRAWN) {
            cli_look look;
            cli_look_at(1, "auto", &look);
            cli_put(&out, "\n");
            ok = draw(&out, g, look.unicode);
        } else if (!g->quiet) {
            cli_say("the tree of %zu outcomes is not drawn; --dot and --json write it", g->n);
        }
    }
    if (!ok)
        out.failed = 1;
    return cli_text_write(&out);
}

static int read_options(const cli_command *command, int count, char **words, game *g)
{
    cli_words walk = {.count = count, .words = words};
    const char *word = NULL;
    for (;;) {
        const char *value;
        unsigned long long whole;
        int id = cli_next(&walk, command, &value), status = CLI_DONE;
        if (id == CLI_END)
            break;
        switch (id) {
        case CLI_WRONG:
            return CLI_USAGE;
        case CLI_WORD:
            word = value;
            break;
        case UNIFORM:
        case P_:
            if (g->p != NULL) {
                cli_say("outcomes are given twice: one --uniform or one -p is expected");
                return CLI_USAGE;
            }
            if (id == P_) {
                status = cli_numbers("-p", value, &g->p, &g->n);
                break;
            }
            if (!cli_whole("uniform", value, 1, MOST_OUTCOMES, &whole))
                return CLI_USAGE;
            g->n = (size_t)whole;
            g->p = malloc(g->n * sizeof *g->p);
            for (size_t i = 0; g->p != NULL && i < g->n; i++)
                g->p[i] = 1.0 / (double)g->n;
            if (g->p == NULL) {
                cli_say("out of memory");
                return CLI_SYSTEM;
            }
            break;
        case NAMES:
            free(g->names);
            g->names = malloc(strlen(value) + 1);
            if (g->names == NULL) {
                cli_say("out of memory");
                return CLI_SYSTEM;
            }
            strcpy(g->names, value);
            break;
        case NORMALIZE: g->normalize = 1; break;
        case DOT: g->dot = 1; break;
        case JSON: g->json = 1; break;
        case QUIET: g->quiet = 1; break;
        case HELP: g->help = 1; return CLI_DONE;
        }
        if (status != CLI_DONE)
            return status;
    }
    if (word != NULL) {
        cli_say("'%s' is not expected: outcomes are given by --uniform or -p", word);
        return CLI_USAGE;
    }
    if (g->p == NULL) {
        cli_say("no outcomes: --uniform N or -p LIST is expected; 'maxent questions --help'");
        return CLI_USAGE;
    }
    if (g->dot && g->json) {
        cli_say("--dot and --json exclude each other");
        return CLI_USAGE;
    }
    if (g->names != NULL) {
        size_t names;
        int status = cli_split(g->names, &g->name, &names);
        if (status != CLI_DONE)
            return status;
        if (names != g->n) {
            cli_say("%zu names for %zu outcomes", names, g->n);
            return CLI_USAGE;
        }
    }
    return CLI_DONE;
}

static int run(const cli_command *command, int count, char **words)
{
    game g = {0};
    int status = read_options(command, count, words, &g);
    if (status == CLI_DONE)
        status = g.help ? cli_help(command) : play(&g);
    free(g.p);
    free((void *)g.name);
    free(g.names);
    free(g.question);
    free(g.asked);
    return status;
}

const cli_command cli_questions = {
    .name = "questions",
    .usage = "maxent questions --uniform N | -p LIST [OPTION]...",
    .about = "The fewest yes/no questions, on average, that find out which of several outcomes holds:\n"
             "Huffman's tree. The average is never below the entropy in bits, and less than one above it.",
    .option = option,
    .options = sizeof option / sizeof option[0],
    .examples = "  maxent questions --uniform 32\n"
                "  maxent questions -p 0.4,0.3,0.2,0.1 --names north,east,south,west\n"
                "  maxent questions -p 1/2,1/3,1/6 --dot | dot -Tsvg\n",
    .run = run,
};
