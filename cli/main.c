/* maxent: tell it what you know; it answers with the least presumptuous distribution that agrees, or proves that none exists. */
#include "cli.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const cli_command *const command[] = {&cli_solve,     &cli_sample, &cli_entropy, &cli_questions,
                                            &cli_fit,       &cli_predict, &cli_score,  &cli_show};
enum { COMMANDS = sizeof command / sizeof command[0] };

static const char help[] =
    "usage: maxent COMMAND [OPTION]... [FILE]\n"
    "\n"
    "Tell it what you know; it answers with the least presumptuous distribution that agrees,\n"
    "or proves that none exists.\n"
    "\n"
    "commands:\n"
    "  solve       the distribution of maximum entropy under facts\n"
    "  sample      random draws from it\n"
    "  entropy     entropy of probabilities, counts and the columns of a CSV file\n"
    "  questions   the fewest yes/no questions that find out which outcome holds\n"
    "  fit         the maximum-entropy model p(class | event) of labelled events\n"
    "  predict     classes or probabilities of events under a model\n"
    "  score       how well a model does on labelled events\n"
    "  show        the strongest features of a model\n"
    "  help        help on a command: maxent help solve\n"
    "\n"
    "options:\n"
    "      --help     this text\n"
    "      --version  the version\n"
    "\n"
    "example:\n"
    "  maxent solve -e 'x in {1, 2, 3}' -e 'E[x] = 1.75'\n";

static int find(const char *word)
{
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(word, command[i]->name) == 0)
            return i;
    return -1;
}

static int unknown(const char *word)
{
    const char *names[COMMANDS + 3] = {"help", "--help", "--version"};
    for (int i = 0; i < COMMANDS; i++)
        names[3 + i] = command[i]->name;
    const char *near = cli_nearest(word, names, COMMANDS + 3);
    const char *what = word[0] == '-' ? "option" : "command";
    if (near != NULL)
        cli_say("unknown %s '%s'; did you mean '%s'?", what, word, near);
    else
        cli_say("unknown %s '%s'; 'maxent --help' lists them", what, word);
    return CLI_USAGE;
}

int main(int count, char **words)
{
    signal(SIGPIPE, SIG_IGN); /* a reader that has gone is an error of writing like any other */
    if (count < 2) {
        fputs(help, stderr);
        return CLI_USAGE;
    }
    const char *word = words[1];
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        char text[64];
        int length = snprintf(text, sizeof text, "maxent %s\n", maxent_version());
        return cli_write(text, (size_t)length);
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || (strcmp(word, "help") == 0 && count == 2))
        return cli_write(help, sizeof help - 1);
    if (strcmp(word, "help") == 0) {
        int i = find(words[2]);
        return i < 0 ? unknown(words[2]) : cli_help(command[i]);
    }
    int i = find(word);
    return i < 0 ? unknown(word) : command[i]->run(command[i], count - 2, words + 2);
}
