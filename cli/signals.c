/* Signals: Ctrl-C while something is computed, and while files are written. */
#include "cli.h"

#include <signal.h>

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

void cli_catch_interrupt(int on)
{
    static struct sigaction before;
    static int caught;
    if (caught == on)
        return;
    caught = on;
    struct sigaction stop = {.sa_handler = on_interrupt};
    stop.sa_flags = (int)SA_RESETHAND; /* the second Ctrl-C ends the program */
    sigemptyset(&stop.sa_mask);
    sigaction(SIGINT, on ? &stop : &before, on ? &before : NULL);
}

int cli_interrupted(void)
{
    return interrupted != 0;
}

void cli_hold_signals(int hold)
{
    static sigset_t before;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigprocmask(hold ? SIG_BLOCK : SIG_SETMASK, hold ? &signals : &before, hold ? &before : NULL);
}
