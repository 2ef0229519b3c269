"""Ctrl-C and the progress line: the best so far is printed and marked, no half-written file stays."""
import os
import pty
import select
import signal
import subprocess
import tempfile
import time

from harness import MAXENT, check, clean, equal, main, parse, scratch


def spins(n):
    """n spins with all pairs: 2^n states and n (n + 1) / 2 facts, which take seconds from n = 20 on."""
    return (f"s[1..{n}] in {{-1, 1}}; E[s[i]] = i / 50 for i in 1..{n}; "
            f"E[s[i] * s[j]] = (i * j) / 2500 + 1 / (9 + i + j) for i in 1..{n}, j in 1..{n} if i < j")


def start(n, words, **named):
    return subprocess.Popen([MAXENT, "solve", "-e", spins(n), *words], env=clean({"TERM": "xterm"}), **named)


def interrupt_at_progress(n, folder):
    """Runs the program with standard error on a terminal, and sends SIGINT when the progress line has been seen. The exit status, the line
    as far as it was read, and standard output, which is a file so that the program never waits for this test."""
    master, slave = pty.openpty()
    with tempfile.TemporaryFile() as out:
        child = start(n, ["--json", "--threads", "1", "-o", os.path.join(folder, "p.csv")], stdout=out, stderr=slave)
        os.close(slave)
        seen, until = b"", time.time() + 60
        while time.time() < until and child.poll() is None and b"residual" not in seen:
            if select.select([master], [], [], 0.05)[0]:
                try:
                    seen += os.read(master, 4096)
                except OSError:  # the program has ended
                    break
        child.send_signal(signal.SIGINT)  # does nothing when the program has ended
        status = child.wait(timeout=60)
        os.close(master)
        out.seek(0)
        return status, seen.decode(), out.read().decode()


def test_interrupt():
    """The signal may come when the last iteration is over: on a fast machine, or when this script had to wait for its turn. Then the answer
    stands, or the report is cut off, as by any Ctrl-C; what is to be tested is seen with more spins."""
    for n in (20, 21, 22, 23):
        with scratch() as folder:
            status, seen, out = interrupt_at_progress(n, folder)
            there = os.listdir(folder)
            if there:
                with open(os.path.join(folder, "p.csv"), encoding="ascii") as file:
                    equal(sum(1 for _ in file), 2**n + 1, "the file is whole")
            check(there in ([], ["p.csv"]), there)
            if status == -signal.SIGINT or (status == 0 and parse(out)["verdict"] == "solved"):
                continue
            check("iteration" in seen and "\n" not in seen, f"the progress line: {seen!r}")
            a = parse(out)
            equal((status, a["verdict"]), (5, "unfinished"))
            check(a["certificate"]["residual"] > 0, "the residual of the best so far")
            equal(there, ["p.csv"])
            return
    check(False, "never interrupted, though 2^23 states were solved")


def test_quiet_and_pipes():
    """No progress line with --quiet, nor when standard error is no terminal."""
    master, slave = pty.openpty()
    child = start(20, ["--quiet", "--time-limit", "2", "--json"], stdout=subprocess.PIPE, stderr=slave)
    os.close(slave)
    child.communicate(timeout=100)
    try:
        said = os.read(master, 100)
    except OSError:  # the other end is closed and nothing was written
        said = b""
    os.close(master)
    equal(said, b"", "--quiet")
    child = start(20, ["--time-limit", "2", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _, err = child.communicate(timeout=100)
    check(b"iteration" not in err and b"\r" not in err, err)


main(globals())
