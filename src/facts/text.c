/* The facts language, from text to a problem: parse, declare, measure, expand, store. */
#include "facts/compile.h"

#include "base/memory.h"
#include "data/stream.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- errors ---- */

int mx_compile_fail(mx_compile *c, const mx_tree *at, maxent_error error, const char *format, ...)
{
    if (c->error != MAXENT_OK)
        return 0;
    c->error = error;
    va_list arguments;
    va_start(arguments, format);
    mx_vfail_at(&c->source[at->source], at->at, c->diagnostic, error, format, arguments);
    va_end(arguments);
    if (c->diagnostic != NULL && c->turns > 0) { /* which turn of the family */
        char *message = c->diagnostic->message;
        size_t room = sizeof c->diagnostic->message, used = strlen(message);
        for (size_t i = 0; i < c->turns && used + 1 < room; i++) {
            const mx_turn *turn = &c->turn[i];
            char number[MX_DOUBLE_TEXT];
            const char *text = turn->value.text;
            size_t length = turn->value.length;
            if (turn->value.kind == MX_VALUE_NUMBER) {
                text = mx_double_text(turn->number, number);
                length = strlen(text);
            }
            int wrote = snprintf(message + used, room - used, "%s%.*s = %.*s%s", i == 0 ? " (for " : ", ",
                                 (int)(turn->name->length > 40 ? 40 : turn->name->length), turn->name->value.text,
                                 (int)(length > 40 ? 40 : length), text, i + 1 == c->turns ? ")" : "");
            used += wrote > 0 ? (size_t)wrote : 0;
        }
    }
    return 0;
}

int mx_compile_memory(mx_compile *c)
{
    if (c->error == MAXENT_OK)
        c->error = mx_fail(c->diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    return 0;
}

int mx_compile_late(mx_compile *c, size_t before, size_t after)
{
    if (!mx_watch_due(before, after) || !mx_watch_over(c->watch, 1))
        return 0;
    if (c->error == MAXENT_OK)
        c->error = mx_fail(c->diagnostic, MAXENT_ERROR_STOPPED, "%s", maxent_error_text(MAXENT_ERROR_STOPPED));
    return 1;
}

int mx_compile_pass_failed(mx_compile *c, int stop)
{
    if (stop != MX_COMPILE_STOP)
        return mx_compile_memory(c);
    if (c->error == MAXENT_OK)
        c->error = mx_fail(c->diagnostic, MAXENT_ERROR_STOPPED, "%s", maxent_error_text(MAXENT_ERROR_STOPPED));
    return 0;
}

/* ---- public ---- */

static void compile_free(mx_compile *c)
{
    mx_pool_free(&c->pool);
    mx_free(c->entry);
    mx_free(c->slot);
    for (size_t v = 0; v < c->leveled; v++) /* not support.variables: the support may have moved to the problem */
        if (c->levels[v] != NULL) {
            mx_dictionary_free(c->levels[v]);
            mx_free(c->levels[v]);
        }
    mx_free(c->levels);
    mx_support_free(&c->support);
    mx_graph_free(&c->graph);
    mx_free(c->q);
    mx_free(c->weight);
    mx_free(c->average);
    for (size_t i = 0; i < c->drafts; i++)
        mx_free(c->draft[i].text);
    mx_free(c->draft);
}

/* Each let, so that a mistake in one that nothing uses is found too. */
static int check_lets(mx_compile *c)
{
    mx_value value;
    for (size_t i = 0; i < c->lets; i++) {
        if (!mx_check_value(c, c->let[i].statement->name, &value))
            return 0;
    }
    return 1;
}

maxent_error mx_compile_sources(const mx_source *source, size_t sources, const char *directory, size_t state_limit, mx_watch *watch,
                                maxent_problem **out, maxent_diagnostic *diagnostic)
{
    mx_compile c = {.source = source, .sources = sources, .directory = directory, .diagnostic = diagnostic};
    c.state_limit = state_limit;
    c.watch = watch;
    c.log_prior = MX_NO_NODE;
    size_t total = 0;
    if (out == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "there is nowhere to put the problem: out is NULL");
    for (size_t i = 0; i < sources; i++)
        if (source[i].length > MX_TEXT_LIMIT - total) {
            mx_fail(diagnostic, MAXENT_ERROR_LIMIT, "more than %zu bytes of text", MX_TEXT_LIMIT);
            if (diagnostic != NULL)
                snprintf(diagnostic->file, sizeof diagnostic->file, "%s", source[i].name);
            return MAXENT_ERROR_LIMIT;
        } else {
            total += source[i].length;
        }
    c.error = mx_parse(source, sources, &c.pool, &c.statement, diagnostic);
    c.graph.support = &c.support;
    if (c.error == MAXENT_OK && mx_domain_lets(&c) && mx_domain_support(&c) && check_lets(&c) && mx_observed_measures(&c) &&
        mx_facts_expand(&c))
        mx_store_problem(&c, out);
    compile_free(&c);
    return c.error;
}

void maxent_build_options_init(maxent_build_options *options)
{
    memset(options, 0, sizeof *options);
}

typedef struct building {
    const maxent_build_options *options;
    double started;
} building;

static int ask(void *user, double now)
{
    const building *b = user;
    return b->options->progress(b->options->progress_user, now - b->started) != 0;
}

/* The folder of a path, a copy; NULL in *folder for the current one. */
static maxent_error folder_of(const char *path, char **folder, maxent_diagnostic *diagnostic)
{
    const char *slash = strcmp(path, "-") == 0 ? NULL : strrchr(path, '/');
    if (slash != NULL && (*folder = mx_strndup(path, slash == path ? 1 : (size_t)(slash - path))) == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    return MAXENT_OK;
}

maxent_error maxent_problem_build(size_t count, const char *const *texts, const char *const *names,
                                  const maxent_build_options *options, maxent_problem **out, maxent_diagnostic *diagnostic)
{
    static const maxent_build_options defaults = {0};
    options = options != NULL ? options : &defaults;
    if (count > 65535 || (count > 0 && texts == NULL))
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, texts == NULL ? "texts is NULL" : "more than 65535 texts");
    if (!(options->time_limit >= 0))
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "the time limit must be a number of seconds >= 0");
    building b = {options, mx_seconds()};
    mx_watch watch = {.deadline = options->time_limit > 0 ? b.started + options->time_limit : INFINITY,
                      .ask = options->progress != NULL ? ask : NULL, .user = &b, .asked = b.started};
    mx_source *source = mx_alloc(count, sizeof *source);
    char **read = mx_zalloc(count, sizeof *read), *folder = NULL;
    int files = 0;
    char(*own)[24] = names == NULL ? mx_alloc(count, sizeof *own) : NULL;
    maxent_error error = MAXENT_OK;
    if (source == NULL || read == NULL || (names == NULL && own == NULL))
        error = mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    for (size_t i = 0; i < count && error == MAXENT_OK; i++) {
        if (names == NULL)
            snprintf(own[i], sizeof own[i], "-e %zu", i + 1);
        const char *name = names == NULL ? own[i] : names[i];
        if (texts[i] != NULL) {
            source[i] = (mx_source){name, texts[i], strlen(texts[i])};
            continue;
        }
        size_t length = 0;
        if (names == NULL || name == NULL)
            error = mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "text %zu is NULL", i);
        else
            error = mx_stream_read_all(name, MX_TEXT_LIMIT, &read[i], &length, diagnostic);
        if (error == MAXENT_OK && files++ == 0 && options->directory == NULL)
            error = folder_of(name, &folder, diagnostic);
        if (error == MAXENT_OK)
            source[i] = (mx_source){strcmp(name, "-") == 0 ? "standard input" : name, read[i], length};
    }
    if (error == MAXENT_OK)
        error = mx_compile_sources(source, count, folder != NULL ? folder : options->directory, MX_STATE_LIMIT, &watch, out, diagnostic);
    for (size_t i = 0; i < count && read != NULL; i++)
        mx_free(read[i]);
    mx_free(read);
    mx_free(folder);
    mx_free(source);
    mx_free(own);
    return error;
}

maxent_error maxent_problem_from_texts(size_t count, const char *const *texts, const char *const *names, const char *directory,
                                       maxent_problem **out, maxent_diagnostic *diagnostic)
{
    for (size_t i = 0; i < count && count <= 65535 && texts != NULL; i++)
        if (texts[i] == NULL)
            return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "text %zu is NULL", i);
    maxent_build_options options = {.directory = directory};
    return maxent_problem_build(count, texts, names, &options, out, diagnostic);
}

maxent_error maxent_problem_from_text(const char *text, size_t length, const char *name, const char *directory,
                                      maxent_problem **out, maxent_diagnostic *diagnostic)
{
    if (text == NULL && length > 0)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "text is NULL");
    mx_source source = {name == NULL ? "input" : name, text == NULL ? "" : text, length};
    return mx_compile_sources(&source, 1, directory, MX_STATE_LIMIT, NULL, out, diagnostic);
}

maxent_error maxent_problem_from_file(const char *path, maxent_problem **out, maxent_diagnostic *diagnostic)
{
    if (path == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_ARGUMENT, "path is NULL");
    const char *text = NULL;
    return maxent_problem_build(1, &text, &path, NULL, out, diagnostic);
}
