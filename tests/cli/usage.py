"""The command line: every option, every exit status, every complaint about wrong usage."""
import os
import re

from harness import FAST_FOOD, MAXENT, SOURCE, answer, check, equal, main, parse, run, scratch

SAMPLE = os.path.join(SOURCE, "examples", "fast-food.facts")


def complains(words, *parts, status=2):
    """Exit status, nothing on standard output, and a message with these parts."""
    code, out, err = run(*words)
    check(code == status and out == "", f"{words}: exit status {code}, output {out!r}")
    check(err.startswith("maxent: ") or words == (), f"{words}: {err!r}")
    for part in parts:
        check(part in err, f"{words}: {err!r} lacks {part!r}")


def test_version_and_help():
    code, out, _ = run("--version")
    equal((code, bool(re.fullmatch(r"maxent \d+\.\d+\.\d+\n", out))), (0, True), out)
    for words in (["--help"], ["help"], ["-h"]):
        code, out, err = run(*words)
        check(code == 0 and out.startswith("usage: maxent") and err == "", f"{words}: {code} {err}")
    for command in ("solve", "sample", "entropy", "questions"):
        code, out, err = run(command, "--help")
        equal((code, err), (0, ""), command)
        equal(run("help", command)[1], out, command)
        equal(run(command, "x", "--help")[0], 0, command)
        check(all(len(line) <= 100 for line in out.split("\n")), "help fits a terminal")
    code, out, err = run()
    check(code == 2 and out == "" and err.startswith("usage: "), "no words: the usage on standard error")


def test_unknown_words():
    complains(("sovle",), "unknown command 'sovle'; did you mean 'solve'?")
    complains(("xyzzy",), "unknown command 'xyzzy'; 'maxent --help' lists them")
    complains(("--versoin",), "did you mean '--version'?")
    complains(("help", "smaple"), "did you mean 'sample'?")
    complains(("solve", "--jsn"), "unknown option '--jsn'; did you mean '--json'?")
    complains(("solve", "--max-iteration=3"), "did you mean '--max-iterations'?")
    complains(("solve", "--frobnicate"), "'maxent solve --help' lists them")
    complains(("solve", "-z"), "unknown option '-z'")
    complains(("sample", "--explain", "x"), "unknown option '--explain'")
    complains(("solve", "--" + "a" * 500), "unknown option")


def test_values():
    for option in ("base", "output", "plot", "states", "tolerance", "max-iterations", "time-limit", "threads", "color"):
        complains(("solve", SAMPLE, "--" + option), f"option '--{option}' needs a value")
    complains(("solve", "-e"), "option '-e' needs a value: -e STATEMENT")
    complains(("sample", SAMPLE, "-n"), "option '-n' needs a value")
    complains(("solve", SAMPLE, "--json=1"), "option '--json' takes no value")
    complains(("solve", SAMPLE, "--base", "3"), "'3' is not a value of --base: e, 2 or 10 is expected")
    complains(("solve", SAMPLE, "--color=red"), "auto, always or never is expected")
    complains(("solve", SAMPLE, "--plot", "p.gif"), ".svg or .png is expected")
    for bad in ("0", "-1", "1.5", "", "x", "99999999999999999999", "1025"):
        complains(("solve", SAMPLE, "--threads", bad), "is not a value of --threads: a whole number from 1 to 1024")
    for option in ("states", "max-iterations"):
        complains(("solve", SAMPLE, f"--{option}=0"), f"is not a value of --{option}")
    for option in ("tolerance", "time-limit"):
        for bad in ("0", "-1e-3", "nan", "inf", "1x", ""):
            complains(("solve", SAMPLE, "--" + option, bad), f"is not a value of --{option}: a number greater than 0")
    for bad in ("-1", "x", "1e3", "18446744073709551616"):
        complains(("sample", SAMPLE, "--seed", bad), "is not a value of --seed")
    complains(("sample", SAMPLE, "-n", "-5"), "is not a value of --count")


def test_inputs():
    complains(("solve",), "nothing to do", "maxent solve --help")
    complains(("sample", "--seed", "1"), "nothing to do", "maxent sample --help")
    complains(("solve", SAMPLE, SAMPLE), "two files")
    complains(("solve", SAMPLE, "--json", "--output", "-"), "both want standard output")
    complains(("solve", "no-such.facts"), "no-such.facts")
    complains(("solve", "no-such.facts", "-e", "E[x] = 2"), "no-such.facts: cannot open: No such file")
    complains(("solve", SOURCE), SOURCE)
    complains(("solve", SOURCE, "-e", "E[x] = 2"), SOURCE)
    with scratch() as folder:
        binary = os.path.join(folder, "binary.facts")
        with open(binary, "wb") as file:
            file.write(b"x in {1, 2}\0\n")
        complains(("solve", binary), binary)
        complains(("solve", binary, "-e", "E[x] = 1.5"), "NUL byte")


def test_outputs_that_are_inputs():
    with scratch() as folder:
        for name, text in (("d.csv", "y,x\na,1\nb,2\na,3\n"), ("f.facts", "x in 1..3; E[x] = 2")):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        os.symlink("d.csv", os.path.join(folder, "link.csv"))
        equal(run("fit", "d.csv", "--target", "y", "-q", "--l2", "1", "-o", "m.model", cwd=folder)[0], 0)
        for words in (("fit", "d.csv", "--target", "y", "-o", "./d.csv"), ("fit", "link.csv", "--target", "y", "-o", "d.csv"),
                      ("fit", "d.csv", "--target", "y", "--checkpoint", "d.csv"), ("fit", "d.csv", "--target", "y", "-o", "a", "--checkpoint", "a"),
                      ("predict", "m.model", "d.csv", "-o", "d.csv"), ("predict", "m.model", "d.csv", "-o", "m.model"),
                      ("solve", "f.facts", "-o", "f.facts"), ("solve", "f.facts", "-o", "p.svg", "--plot", "p.svg")):
            before = {name: open(os.path.join(folder, name), "rb").read() for name in os.listdir(folder)}
            code, out, err = run(*words, cwd=folder)
            check(code == 2 and out == "" and "would destroy" in err, f"{words}: {code} {err}")
            equal({name: open(os.path.join(folder, name), "rb").read() for name in os.listdir(folder)}, before)


def test_order_and_forms():
    """The same problem in every way of saying it."""
    want = answer(*FAST_FOOD, "--base", "2")["states"]
    for words in (
        ("--base=2", *FAST_FOOD),
        ("-ex in {1, 2, 3}", "-eE[x] = 1.75", "--base", "2"),
        ("-qe", "x in {1, 2, 3}; E[x] = 1.75", "--base=2"),
        ("--base=2", SAMPLE, "--threads", "1"),
        (SAMPLE, "--quiet", "--base=2"),
        ("--base=2", "--", SAMPLE),
    ):
        if words[-2] == "--":
            code, out, _ = run("solve", "--json", *words)
            got = parse(out)
        else:
            got = answer(*words)
        equal((got["states"], got["unit"]), (want, "bit"), words)
    text = "x in {1, 2, 3}\nE[x] = 1.75\n"
    equal(answer("-", input=text)["states"], want, "standard input")
    equal(answer("-", "-e", "E[x] = 1.75", input="x in {1, 2, 3}")["states"], want, "standard input and a statement")
    with scratch() as folder:
        with open(os.path.join(folder, "-e"), "w", encoding="ascii") as file:
            file.write(text)
        code, out, _ = run("solve", "--json", "--", "-e", cwd=folder)
        equal((code, parse(out)["states"]), (0, want), "a file that is called -e")
        os.makedirs(os.path.join(folder, "sub"))
        with open(os.path.join(folder, "sub", "m.txt"), "w", encoding="ascii") as file:
            file.write("1.75\n")
        with open(os.path.join(folder, "sub", "p.facts"), "w", encoding="ascii") as file:
            file.write('x in {1, 2, 3}\nE[x^k] = "m.txt" for k in 1..1\n')
        equal(answer("sub/p.facts", cwd=folder)["states"], want, "files are looked up beside the file that names them")
        equal(len(answer("sub/p.facts", "-e", "E[x^2] >= 3", cwd=folder)["facts"]), 2, "and with a statement added")


def test_diagnostics():
    """Where, what was found, what was expected, and a caret under it."""
    code, out, err = run("solve", "-e", "x in {1, 2, 3}", "-e", "E[y] = 1.75")
    lines = err.rstrip("\n").split("\n")
    check(code == 2 and out == "" and len(lines) == 3, err)
    check(lines[0].startswith("maxent: -e 2:1:3: "), err)
    equal(lines[1:], ["  E[y] = 1.75", "    ^"], "excerpt and caret")
    with scratch() as folder:
        path = os.path.join(folder, "wrong.facts")
        with open(path, "w", encoding="ascii") as file:
            file.write("# a comment\nx in {1, 2, 3}\nE[x = 1.75\n")
        code, out, err = run("solve", path)
        check(code == 2 and err.startswith(f"maxent: {path}:3:"), err)
        code, out, err = run("solve", path, "-e", "P[x = 1] = 0.2")
        check(code == 2 and err.startswith(f"maxent: {path}:3:"), err)


def test_statuses():
    equal(run("solve", *FAST_FOOD)[0], 0, "solved")
    equal(run("solve", "-e", "x in 1..6; E[x] = 6")[0], 0, "boundary")
    code, out, err = run("solve", "-e", "x in 1..6; E[x] = 7")
    check(code == 3 and "infeasible" in out and err == "", f"infeasible: {code} {err}")
    code, out, err = run("solve", "-e", "x in [0, 1]; E[x] = 0.3")
    check(code == 0 and "truncated exponential" in out, "a continuous support")
    for text, word in (("x in R; E[x] = 3", "unbounded"), ("x in R; E[x] = 1; E[x^2] = 1", "singular")):
        code, out, err = run("solve", "-e", text)
        check(code == 4 and word in out, f"{word}: {code} {out}")
    hard = "x in 0..1000; E[x] = 1; E[x^2] = 500; E[x^3] = 300000"
    for words in (("--max-iterations", "1"), ("--time-limit", "1e-9")):
        code, out, err = run("solve", "-e", hard, *words)
        check(code == 5 and "UNFINISHED" in out and "best so far" in err, f"{words}: {code} {out} {err}")
        code, out, err = run("solve", "-e", hard, "--json", "--quiet", *words)
        got = parse(out)
        check(code == 5 and got["verdict"] == "unfinished" and len(got["states"]) == 1001 and err == "", f"{words}: {err}")
        code, out, err = run("solve", "-e", hard, "--output", "-", *words)
        check(code == 5 and out.startswith("x,unfinished p\n0,"), f"{words}: {out[:40]}")


def test_every_option_is_in_the_manual():
    for command in ("solve", "sample", "entropy", "questions"):
        with open(os.path.join(SOURCE, "man", f"maxent-{command}.1"), encoding="utf-8") as file:
            page = file.read().replace("\\-", "-")
        for option in re.findall(r"--[a-z][a-z-]*", run(command, "--help")[1].split("examples:")[0]):
            check(option in page, f"man/maxent-{command}.1 lacks {option}")


check(os.access(MAXENT, os.X_OK), "there is no program")
main(globals())
