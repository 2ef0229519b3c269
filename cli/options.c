/* Options: one table per subcommand gives the parser, the help and the suggestions.
 *
 * `--name value` and `--name=value`, `-n value` and `-nvalue`, flags of one letter in a group (`-qe 'x in 1..6'`), options before and
 * after the words, `--` ends the options. A long name must be written in full: scripts stay readable, and new options can never
 * change what an old command means.
 */
#include "cli.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Edit distance with swaps of neighbours (optimal string alignment), of words up to 31 bytes; else a large number. */
static unsigned distance(const char *a, const char *b)
{
    unsigned d[32][32];
    size_t m = strlen(a), n = strlen(b);
    if (m > 31 || n > 31)
        return 99;
    for (unsigned i = 0; i <= m; i++)
        for (unsigned j = 0; j <= n; j++) {
            if (i == 0 || j == 0) {
                d[i][j] = i + j;
                continue;
            }
            unsigned best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (d[i - 1][j] + 1 < best)
                best = d[i - 1][j] + 1;
            if (d[i][j - 1] + 1 < best)
                best = d[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < best)
                best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    return d[m][n];
}

const char *cli_nearest(const char *text, const char *const *names, size_t count)
{
    const char *best = NULL;
    unsigned least = 3; /* at most two slips */
    size_t length = strlen(text);
    for (size_t i = 0; i < count; i++) {
        unsigned d = distance(text, names[i]);
        if (length >= 2 && strncmp(text, names[i], length) == 0)
            d = 0; /* the beginning of a name */
        if (d < least && d < strlen(names[i])) {
            least = d;
            best = names[i];
        }
    }
    return best;
}

static void unknown(const cli_command *command, const char *word, const char *name, size_t length)
{
    const char *names[64];
    size_t count = 0;
    for (size_t i = 0; i < command->options && count < 64; i++)
        names[count++] = command->option[i].name;
    char typed[32];
    const char *near = NULL;
    if (length < sizeof typed) {
        memcpy(typed, name, length);
        typed[length] = '\0';
        near = cli_nearest(typed, names, count);
    }
    if (near != NULL)
        cli_say("unknown option '%s'; did you mean '--%s'?", word, near);
    else
        cli_say("unknown option '%s'; 'maxent %s --help' lists them", word, command->name);
}

static int long_option(cli_words *words, const cli_command *command, const char *word, const char **value)
{
    const char *name = word + 2;
    const char *equal = strchr(name, '=');
    size_t length = equal != NULL ? (size_t)(equal - name) : strlen(name);
    for (size_t i = 0; i < command->options; i++) {
        const cli_option *option = &command->option[i];
        if (strlen(option->name) != length || memcmp(option->name, name, length) != 0)
            continue;
        if (option->value == NULL && equal != NULL) {
            cli_say("option '--%s' takes no value", option->name);
            return CLI_WRONG;
        }
        if (option->value != NULL) {
            if (equal == NULL && words->next >= words->count) {
                cli_say("option '--%s' needs a value: --%s %s", option->name, option->name, option->value);
                return CLI_WRONG;
            }
            *value = equal != NULL ? equal + 1 : words->words[words->next++];
        }
        return (int)i;
    }
    unknown(command, word, name, length);
    return CLI_WRONG;
}

static int short_option(cli_words *words, const cli_command *command, const char **value)
{
    char letter = *words->cluster++;
    for (size_t i = 0; i < command->options; i++) {
        const cli_option *option = &command->option[i];
        if (option->letter != letter)
            continue;
        if (option->value != NULL) {
            if (*words->cluster == '\0' && words->next >= words->count) {
                cli_say("option '-%c' needs a value: -%c %s", letter, letter, option->value);
                return CLI_WRONG;
            }
            *value = *words->cluster != '\0' ? words->cluster : words->words[words->next++];
            words->cluster = NULL;
        } else if (*words->cluster == '\0') {
            words->cluster = NULL;
        }
        return (int)i;
    }
    char name[3] = {'-', letter, '\0'};
    unknown(command, name, name + 1, 1);
    return CLI_WRONG;
}

int cli_next(cli_words *words, const cli_command *command, const char **value)
{
    *value = NULL;
    if (words->cluster != NULL)
        return short_option(words, command, value);
    while (words->next < words->count) {
        char *word = words->words[words->next++];
        if (words->only_words || word[0] != '-' || word[1] == '\0') {
            *value = word;
            return CLI_WORD;
        }
        if (strcmp(word, "--") == 0) {
            words->only_words = 1;
            continue;
        }
        if (word[1] == '-')
            return long_option(words, command, word, value);
        words->cluster = word + 1;
        return short_option(words, command, value);
    }
    return CLI_END;
}

int cli_whole(const char *option, const char *text, unsigned long long least, unsigned long long most,
              unsigned long long *value)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || n < least || n > most) {
        cli_say("'%s' is not a value of --%s: a whole number from %llu to %llu is expected", text, option, least, most);
        return 0;
    }
    *value = n;
    return 1;
}

int cli_real(const char *option, const char *text, double *value)
{
    char *end;
    double x = strtod(text, &end);
    if (end == text || *end != '\0' || !(x > 0.0) || !isfinite(x)) {
        cli_say("'%s' is not a value of --%s: a number greater than 0 is expected", text, option);
        return 0;
    }
    *value = x;
    return 1;
}

int cli_choice(const char *option, const char *text, const char *const *choices, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(text, choices[i]) == 0)
            return i;
    char list[128] = "";
    for (int i = 0; i < count; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : i + 1 < count ? ", " : " or ", choices[i]);
    }
    cli_say("'%s' is not a value of --%s: %s is expected", text, option, list);
    return -1;
}

int cli_help(const cli_command *command)
{
    char text[8192];
    size_t used = (size_t)snprintf(text, sizeof text, "usage: %s\n\n%s\n\noptions:\n", command->usage, command->about);
    for (size_t i = 0; i < command->options; i++) {
        const cli_option *option = &command->option[i];
        char left[64];
        if (option->letter != 0 && option->letter == option->name[0] && option->name[1] == '\0')
            snprintf(left, sizeof left, "-%c %s", option->letter, option->value != NULL ? option->value : "");
        else if (option->letter != 0)
            snprintf(left, sizeof left, "-%c, --%s%s%s", option->letter, option->name, option->value != NULL ? " " : "",
                     option->value != NULL ? option->value : "");
        else
            snprintf(left, sizeof left, "    --%s%s%s", option->name, option->value != NULL ? " " : "",
                     option->value != NULL ? option->value : "");
        used += (size_t)snprintf(text + used, sizeof text - used, "  %-26s %s\n", left, option->help);
    }
    used += (size_t)snprintf(text + used, sizeof text - used, "\nexamples:\n%s", command->examples);
    return cli_write(text, used);
}
