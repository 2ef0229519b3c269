"""What the program prints: text, JSON, CSV and pictures, on full disks and closed pipes, on terminals with and without colours."""
import csv
import io
import math
import os
import pty
import re
import shutil
import subprocess
import time
import xml.etree.ElementTree as xml

from harness import FAST_FOOD, MAXENT, answer, check, clean, close, equal, flow, main, mask, parse, run, scratch

# x in {1, 2, 3}, E[x] = 1.75: the positive root of 5 r^2 + r - 3 = 0 is the ratio of neighbours
P = [(19 - math.sqrt(61)) / 24, (math.sqrt(61) - 4) / 12, (13 - math.sqrt(61)) / 24]
H = -sum(p * math.log(p) for p in P)
RATIO = (math.sqrt(61) - 1) / 10

TEXT = """ p(x) = exp(-0.384156 x) / 1.460676

 x         p
 1  0.466240  ########################################
 2  0.317521  ###########################
 3  0.216240  ###################

 fact  target  achieved    lambda
 E[x]    1.75      1.75  0.384156
 lambda: what one unit more of the target would bring, in nats

 entropy   1.051173 nats; without the facts 1.098612, so they tell 0.047439
 family    truncated geometric (ratio 0.681025, minimum 1, maximum 3, step 1)
 solved    the fact is met to # of its scale; nothing that meets it has
           more entropy by more than # nats (# iterations, # us)
"""


def test_text():
    code, out, err = run("solve", *FAST_FOOD)
    equal((code, err), (0, ""))
    equal(flow(mask(out)), flow(TEXT), "the whole report")
    equal(mask(out).split("\n")[:11], TEXT.split("\n")[:11], "its layout")
    code, out, err = run("solve", *FAST_FOOD, env={"LC_ALL": "C.UTF-8"})
    check("1  0.466240  " + "\u2588" * 40 in out, "bars of blocks where the character set is UTF-8")
    check(out.isascii() is False and "\033" not in out, "no colours in a pipe")
    for line in out.split("\n"):
        check(len(line) <= 80 and line == line.rstrip(), f"{line!r}")


def test_text_of_facts_with_slack():
    out = run("solve", "-e", "x in 1..6; E[x] in [4, 5]; P[x = 6] <= 0.9; P[x = 1] = 0.1 +- 0.02; P[x = 2 | x <= 3] = 0.4")[1]
    rows = out.split("\n")
    check(any("4 .. 5" in r and "lower end" in r for r in rows), out)
    check(any("<= 0.9" in r and "not felt" in r for r in rows), out)
    check(any("+- 0.02" in r and "sd off" in r for r in rows), out)
    check("[x <= 3] ([x = 2] - 0.4)" in out, out)
    out = run("solve", "-e", "x in 1..6; E[x] = 7; P[x = 2] = 0.1")[1]
    check("clashes" in out and "would do" in out and "p(x)" not in out, out)


def test_text_at_the_edge():
    """Targets are shown with the digits that tell them from their repair; what forces zeros is not called idle."""
    out = run("solve", "-e", "x in {a, b, c}", "-e", "P[x = a] = 0.333333333333; P[x = b] = 1/3; P[x = c] = 1/3")[1]
    check("0.333333333333  clashes; 0.333333333334 would do" in out, out)
    out = run("solve", "-e", "x in {1, 2, 3}; E[x] = 3.0000000000000004")[1]
    check("3.0000000000000004  clashes; 3 would do" in out, out)
    out = run("solve", "-e", "x in {1, 2, 3}; E[x] >= 3; E[x] <= 4; E[x^2] >= 2")[1]
    equal(sum("lower end" in r for r in out.split("\n")), 1, out)
    equal(sum("not felt" in r for r in out.split("\n")), 2, out)
    out = run("solve", "-e", "x in 0..3; P[x = 1 | x <= 1] = 0.2; P[x <= 1] = 0")[1]
    check("its condition has probability 0" in out, out)
    code, out, _ = run("solve", "--max-iterations", "1", "-e", "x in 1..6; E[x] = 4.5")
    equal((code, out.count("residual")), (5, 2), out)  # the fact's, and the worst


def test_text_of_a_long_fact():
    """A fact is cut in the middle in time proportional to its length (it was the square of it: 75 s)."""
    start = time.monotonic()
    code, out, _ = run("solve", "-e", "x in 1..6; E[" + " + ".join(["x"] * 30000) + "] = 90000")
    equal(code, 0, out)
    check("x... x + x" in out and all(len(line) <= 80 for line in out.split("\n")), out)
    check(time.monotonic() - start < 5, "a long fact takes long")


def test_text_of_many_states():
    out = run("solve", "-e", "x in 0..1000; E[x] = 400; E[(x - 400)^2] = 10000", env={"LC_ALL": "C.UTF-8"})[1]
    check("\u2588" in out and "\u2514" in out and "mean 400, standard deviation 100" in out, out)
    check("discretised normal" in out, out)
    out = run("solve", "-e", "x in 0..1000; E[x] = 400", "--states", "3")[1]
    check("the 3 most probable of 1001 states" in out, out)
    out = run("solve", "-e", "a[1..8] in {0, 1}; E[a[1]] = 0.3")[1]
    check("the 20 most probable of 256 states" in out, out)
    out = run("solve", "-e", "s[1..40] in {-1, 1}")[1]  # refused: 2^40 states
    equal(out, "")


def test_json():
    a = answer(*FAST_FOOD)
    equal(sorted(a), sorted(["verdict", "message", "entropy", "entropy_without_facts", "relative_entropy", "unit", "log_partition",
                             "zeros", "facts", "family", "states", "density", "quantiles", "moments", "certificate", "iterations", "evaluations", "seconds",
                             "threads"]))
    equal((a["verdict"], a["unit"], a["relative_entropy"], a["density"], a["zeros"]), ("solved", "nat", None, None, 0))
    for got, p in zip(a["states"], P):
        check(abs(got["p"] - p) <= 1e-14, got)
    equal([s["x"] for s in a["states"]], [1, 2, 3])
    close(a["entropy"], H, 1e-15, "entropy")
    close(a["entropy_without_facts"], math.log(3), 1e-15, "entropy without facts")
    close(a["log_partition"], math.log(RATIO + RATIO**2 + RATIO**3), 1e-14, "log Z")
    fact = a["facts"][0]
    equal((fact["text"], fact["target"], fact["lower"], fact["upper"], fact["sd"], fact["cost"]), ("E[x]", 1.75, 1.75, 1.75, None, None))
    close(fact["lambda"], -math.log(RATIO), 1e-14, "lambda")
    close(fact["achieved"], 1.75, 1e-15, "achieved")
    c = a["certificate"]
    check(0 <= c["residual"] <= 1e-14 and abs(c["gap"]) <= 1e-14 and c["direction"] is None and c["bound"] is None, c)
    equal(a["family"]["name"], "truncated geometric")
    close(a["family"]["ratio"], RATIO, 1e-14, "ratio")
    check(a["seconds"] < 0.1 and a["threads"] >= 1, "effort")


def test_units():
    for base, unit, scale in (("e", "nat", 1.0), ("2", "bit", 1 / math.log(2)), ("10", "dit", 1 / math.log(10))):
        a = answer(*FAST_FOOD, "--explain", "--base", base)
        equal(a["unit"], unit)
        close(a["entropy"], H * scale, 1e-14, base)
        close(a["facts"][0]["cost"], (math.log(3) - H) * scale, 1e-11, "what the only fact costs: " + base)
        close(a["facts"][0]["lambda"], -math.log(RATIO), 1e-14, "lambda stays in nats")
        check(f"{H * scale:.6f} {unit}s" in run("solve", *FAST_FOOD, "--base", base)[1], base)
    check("costs" in run("solve", *FAST_FOOD, "--explain")[1], "a column of costs")


def test_prior():
    a = answer("-e", "x in 1..6; prior {1, 1, 1, 1, 5, 1}; E[x] = 4.5")
    close(a["relative_entropy"], 0.03827767182254501, 1e-13, "relative entropy (published.md of Jaynes' die with a prior)")
    out = run("solve", "-e", "x in 1..6; prior {1, 1, 1, 1, 5, 1}; E[x] = 4.5")[1]
    check("prior" in out and "q exp(" in out and "relative  0.038278" in out, out)


def test_verdicts():
    a = answer("-e", "x in 1..6; E[x] = 6")
    equal((a["verdict"], [s["p"] for s in a["states"]], a["zeros"], a["entropy"]), ("boundary", [0, 0, 0, 0, 0, 1], 5, 0))
    equal(a["family"]["name"], "degenerate")
    a = answer("-e", "x in 1..6; E[x] = 7", status=3)
    equal((a["verdict"], a["states"], a["entropy"], a["family"]), ("infeasible", None, None, None))
    equal(a["facts"][0]["repair"], 6)
    d = a["certificate"]["direction"]
    check(len(d) == 1 and all(d[0] * (x - 7) >= a["certificate"]["margin"] > 0 for x in range(1, 7)), "the certificate proves it")


def test_covariance():
    a = answer(*FAST_FOOD, "-e", "P[x = 2] <= 1", "--covariance")
    mean = sum(p * x for p, x in zip(P, (1, 2, 3)))
    close(a["covariance"][0][0], sum(p * (x - mean) ** 2 for p, x in zip(P, (1, 2, 3))), 1e-13, "variance of x")
    close(a["covariance"][1][1], P[1] * (1 - P[1]), 1e-13, "variance of [x = 2]")
    equal(a["covariance"][0][1], a["covariance"][1][0])
    check("covariance" in run("solve", *FAST_FOOD, "--covariance")[1], "in text too")
    equal(answer("-e", "x in 1..6; E[x] = 7", "--covariance", status=3)["covariance"], None)


def test_names():
    """Labels with everything in them: CSV quotes, JSON and XML escape, the terminal sees no control characters."""
    with scratch() as folder:
        labels = ['a,b', 'say "hi"', "tab\there", "<&>'", "\u00e0\u6f22", "esc\033[31m"]
        with open(os.path.join(folder, "t.csv"), "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["name", "p"]] + [[label, i] for i, label in enumerate(labels)])
        words = ("-e", 'states "t.csv"; E[p] = 2')
        a = answer(*words, cwd=folder)
        equal([s["name"] for s in a["states"]], labels, "JSON")
        check(all("probability" in s and s["p"] == i for i, s in enumerate(a["states"])), "p is a variable, so the probability is not p")
        out = run("solve", *words, cwd=folder)[1]
        check("\033" not in out and "\t" not in out and "esc?[31m" in out and "probability" in out, out)
        out = run("solve", *words, "-o", "-", cwd=folder)[1]
        rows = list(csv.reader(io.StringIO(out, newline="")))
        equal([rows[0]] + [r[0] for r in rows[1:]], [["name", "p", "probability"]] + labels, "CSV")
        equal([float(r[2]) for r in rows[1:]], [s["probability"] for s in a["states"]], "CSV has every digit")
        draws = run("sample", *words, "-n", "200", cwd=folder)[1]
        rows = list(csv.reader(io.StringIO(draws, newline="")))
        check(rows[0] == ["name", "p"] and len(rows) == 201 and {r[0] for r in rows[1:]} <= set(labels), "draws")
        code, _, err = run("solve", *words, "--plot", "p.svg", cwd=folder)
        words_in = "".join(xml.parse(os.path.join(folder, "p.svg")).getroot().itertext())
        check(code == 0 and "<&>'" in words_in and "\u6f22" in words_in, "SVG")


def test_csv_file():
    with scratch() as folder:
        path = os.path.join(folder, "p.csv")
        code, out, err = run("solve", *FAST_FOOD, "--output", path)
        equal((code, err), (0, ""))
        check("entropy" in out, "the report is printed too")
        with open(path, encoding="ascii") as file:
            text = file.read()
        want = "x,p\n" + "".join(f"{s['x']},{s['p']!r}\n" for s in answer(*FAST_FOOD)["states"])
        equal(text, want)
        equal(run("solve", *FAST_FOOD, "-o-")[1], want, "on standard output in place of the report")
        code, out, err = run("solve", "-e", "x in 1..6; E[x] = 7", "-o", os.path.join(folder, "q.csv"))
        check(code == 3 and "no distribution to write" in err and "stays" not in err, err)
        equal(run("solve", "-q", "-e", "x in 1..6; E[x] = 7", "-o", os.path.join(folder, "q.csv"))[2], "", "quiet")
        code, out, err = run("solve", "-q", "-e", "x in 1..6; E[x] = 7", "-o", path)
        check(code == 3 and "p.csv' is not of this problem: it stays as it was" in err, "an older file is none of this answer: " + err)
        code, out, err = run("solve", "-e", "a[1..17] in {0, 1}; E[a[1]] = 0.25", "--json", "-o", path)
        check(code == 0 and parse(out)["states"] is None, "too many states for JSON")
        with open(path, encoding="ascii") as file:
            equal(sum(1 for _ in file), 2**17 + 1, "but not for CSV")
        equal(os.listdir(folder), ["p.csv"], "nothing else")


def test_states_limit():
    equal(len(answer("-e", "x in 1..10000; E[x] = 100")["states"]), 10000)
    equal(answer("-e", "x in 1..10001; E[x] = 100")["states"], None)
    equal(len(answer("-e", "x in 1..10001; E[x] = 100", "--states", "20000")["states"]), 10001)
    equal(answer("-e", "x in 1..6", "--states=5")["states"], None)


def test_system_failures():
    """Full disk, closed pipe: exit status 1, a message (none for a closed pipe), and no half-written file."""
    big = ("-e", "x in 0..200000; E[x] = 5000")
    with open("/dev/full", "wb") as full:
        for words in (("solve", *FAST_FOOD), ("solve", *FAST_FOOD, "--json"), ("solve", *FAST_FOOD, "-o", "-"), ("sample", *FAST_FOOD),
                      ("--version",), ("--help",), ("help", "solve")):
            code, _, err = run(*words, stdout=full)
            check(code == 1 and "standard output: cannot be written: No space left on device" in err, f"{words}: {code} {err}")
    for option in ("-o", "--plot"):
        name = "/dev/full" if option == "-o" else "/nonexistent/p.svg"
        code, _, err = run("solve", *FAST_FOOD, option, name)
        check(code == 1 and f"{name}: cannot be written" in err, err)
    for words in (("solve", *big, "-o", "-"), ("sample", *big, "-n", "1000000"), ("solve", *big, "--json", "--states", "1000000")):
        read, write = os.pipe()
        os.close(read)
        code, _, err = run(*words, stdout=write)
        os.close(write)
        equal((code, err), (1, ""), words)
    with scratch() as folder:
        os.mkdir(os.path.join(folder, "p.csv"))
        code, _, err = run("solve", *FAST_FOOD, "-o", "p.csv", cwd=folder)
        check(code == 1 and "p.csv: cannot be written" in err, err)
        equal(os.listdir(folder), ["p.csv"])


def test_no_memory():
    """Exit status 1 and a message when there is no memory; not under sanitizers, which need room themselves."""
    def limited(*words):
        return subprocess.run(["sh", "-c", 'ulimit -v 60000 && exec "$0" "$@"', MAXENT, *words], env=clean(), capture_output=True)
    if limited("--version").returncode != 0:
        return
    done = limited("solve", "--threads", "1", "-e", "a[1..22] in {0, 1}; E[a[i]] = 0.3 for i in 1..22")
    equal((done.returncode, done.stdout, done.stderr), (1, b"", b"maxent: out of memory\n"))


def test_svg():
    with scratch() as folder:
        path = os.path.join(folder, "p.svg")
        names = "{http://www.w3.org/2000/svg}"
        for facts, boxes, lines in (
            ("x in {1, 2, 3}; E[x] = 1.75", 3, 0),                                   # bars
            ("x in 1..6; prior {1, 1, 1, 1, 5, 1}; E[x] = 4.5", 7, 6),                # and the prior, and a legend
            ("x in 0..1000; E[x] = 400; E[x^2] = 170000", 0, 2),                     # an area
            ("side in {heads, tails}", 2, 0),                                        # names
            ("a[1..8] in {0, 1}; E[a[1]] = 0.3", 0, 2),                              # by rank
            ("a[1..8] in {0, 1}; E[a[i]] = 1 / 100 for i in 1..8", 0, 2),            # by rank, logarithmic
            ("x in {5}", 1, 0),                                                      # one state
            ("x in 1..6; E[x] = 6", 1, 0),                                           # all but one are zero
            ("x in {1e300, -1e300, 0}; E[x] = 1", 3, 0),                             # ends of the range
        ):
            code, _, err = run("solve", "-e", facts, "--plot", path)
            equal((code, err), (0, ""), facts)
            root = xml.parse(path).getroot()
            got = [e for e in root.iter(names + "rect") if e.get("fill") == "#3b6ea8"]
            equal(len(got), boxes, f"{facts}: boxes")
            equal(len(list(root.iter(names + "polyline"))) + len(list(root.iter(names + "polygon"))), lines, f"{facts}: lines")
            for element in root.iter():
                for value in element.attrib.values():
                    check("nan" not in value and "inf" not in value and "-," not in value, f"{facts}: {element.attrib}")
        for count, title in ((1, 'E[1*(side = "a long name")] = 0.2'), (3, "Maximum entropy under 3 facts")):  # what would not fit
            facts = "; ".join(f'E[{i}*(side = "a long name")] = {i}/5' for i in range(1, count + 1))
            run("solve", "-e", f'side in {{"a long name", other}}; {facts}', "--plot", path)
            equal(next(xml.parse(path).getroot().iter(names + "title")).text, title)
        run("solve", *FAST_FOOD, "--plot", path)
        heights = [float(e.get("height")) for e in xml.parse(path).getroot().iter(names + "rect") if e.get("fill") == "#3b6ea8"]
        for height, p in zip(heights, P):
            close(height / heights[0], p / P[0], 1e-5, "bars are as high as the probabilities")
        equal(os.listdir(folder), ["p.svg"])


def test_png():
    with scratch() as folder:
        code, _, err = run("solve", *FAST_FOOD, "--plot", "p.png", cwd=folder, env={"PATH": folder})
        check(code == 1 and "needs the program gnuplot" in err, err)
        equal(os.listdir(folder), [], "no picture without gnuplot")
        liar = os.path.join(folder, "gnuplot")
        with open(liar, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\necho 'I am broken' >&2\nexit 3\n")
        os.chmod(liar, 0o755)
        code, _, err = run("solve", *FAST_FOOD, "--plot", "p.png", cwd=folder, env={"PATH": folder})
        check(code == 1 and "gnuplot made no picture: I am broken" in err, err)
        os.chmod(liar, 0o644)
        code, _, err = run("solve", *FAST_FOOD, "--plot", "p.png", cwd=folder, env={"PATH": folder})
        check(code == 1 and "gnuplot cannot be run: Permission denied" in err, err)
        equal(os.listdir(folder), ["gnuplot"])
        os.remove(liar)
        if shutil.which("gnuplot"):
            for facts in ("x in {1, 2, 3}; E[x] = 1.75", "side in {heads, tails}", "x in 0..1000; prior 1 + x; E[x] = 400",
                          "french in {dans, \"it's\", \"a'b\"}"):
                code, _, err = run("solve", "-e", facts, "--plot", "p.png", cwd=folder)
                equal((code, err), (0, ""), facts)
                with open(os.path.join(folder, "p.png"), "rb") as file:
                    data = file.read()
                check(data[:8] == b"\x89PNG\r\n\x1a\n" and data[-8:-4] == b"IEND" and len(data) > 5000, facts)


def test_png_lines():
    """Lines that are lifted and set down again are the same in both kinds of picture: this gnuplot hands on what it is given."""
    with scratch() as folder:
        relay, facts = os.path.join(folder, "gnuplot"), "x in R; y in R; E[x^2] = 1; E[y^2] = 1; E[x*y] = 0.5"
        with open(relay, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\ncat\n")
        os.chmod(relay, 0o755)
        for name in ("p.png", "p.svg"):
            equal(run("solve", "-q", "-e", facts, "--plot", name, cwd=folder, env={"PATH": folder + ":" + os.environ["PATH"]})[0], 0)
        with open(os.path.join(folder, "p.png"), encoding="utf-8") as file:
            script = file.read()
        blocks = dict(re.findall(r"^(\$d\d+) << END\n(.*?)END$", script, re.M | re.S))
        drawn = [blocks[d].split() for d in re.findall(r"(\$d\d+) using 1:2 with lines", script) if "\n\n" in blocks[d]]
        with open(os.path.join(folder, "p.svg"), encoding="utf-8") as file:
            paths = re.findall(r'<path d="(M[^"CQAZ]*M[^"]*)"', file.read())
        equal(len(paths), 3, "contours of a half, nine tenths and 99 hundredths")
        equal(drawn, [re.findall(r"-?[\d.]+", path) for path in paths], "ends of the segments")


def on_terminal(words, env):
    """Standard output of the program when it is a terminal of 80 columns."""
    master, slave = pty.openpty()
    child = subprocess.Popen([MAXENT, *words], stdout=slave, stderr=subprocess.DEVNULL, env=clean(env))
    os.close(slave)
    out = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
        out += piece
    os.close(master)
    child.wait()
    return out.decode()


def test_colors():
    words = ("solve", *FAST_FOOD)
    esc = "\033["
    check(esc in on_terminal(words, {"TERM": "xterm"}), "colours on a terminal")
    check(esc not in on_terminal(words, {"TERM": "xterm", "NO_COLOR": "1"}), "never with NO_COLOR")
    check(esc in on_terminal(words, {"TERM": "xterm", "NO_COLOR": ""}), "an empty NO_COLOR says nothing")
    check(esc not in on_terminal(words, {"TERM": "dumb"}), "nor on a dumb terminal")
    check(esc not in on_terminal((*words, "--color", "never"), {"TERM": "xterm"}), "never")
    check(esc in run(*words, "--color=always")[1], "always")
    check(esc not in run(*words, "--color=auto")[1], "auto in a pipe")
    colored, plain = run(*words, "--color=always")[1], run(*words)[1]
    for code in ("0", "1", "2", "36", "1;32"):
        colored = colored.replace(f"\033[{code}m", "")
    equal(mask(colored), mask(plain), "colours change nothing else")


def test_sample():
    words = ("sample", *FAST_FOOD)
    code, out, err = run(*words, "-n", "30000", "--seed", "7")
    rows = out.split("\n")
    equal((code, err, rows[0], len(rows), rows[-1]), (0, "", "x", 30002, ""))
    for x, p in zip("123", P):  # within five standard deviations
        check(abs(rows.count(x) - 30000 * p) < 5 * math.sqrt(30000 * p * (1 - p)), f"{rows.count(x)} draws of {x}")
    equal(run(*words, "-n", "30000", "--seed", "7")[1], out, "the same seed")
    check(run(*words, "-n", "30000", "--seed", "8")[1] != out, "another seed")
    equal(run(*words, "--count=3", "--seed=7")[1], "\n".join(rows[:4]) + "\n", "the beginning of the same draws")
    equal(run(*words, "-n", "0")[1], "x\n", "no draws")
    equal(run(*words)[1], run(*words, "-n1", "--seed", "1")[1], "defaults")
    a = parse(run(*words, "-n", "4", "--seed", "7", "--json")[1])
    equal((a["seed"], a["count"], [str(d["x"]) for d in a["draws"]]), (7, 4, rows[1:5]))
    equal(parse(run(*words, "-n0", "--json", "--seed=18446744073709551615")[1]), {"seed": 2**64 - 1, "count": 0, "draws": []})
    code, out, err = run("sample", "-e", "x in 1..6; E[x] = 7")
    check(code == 3 and out == "" and "no draws: infeasible" in err, err)
    code, out, err = run("sample", "-e", "x in {0.1, 1e-7, -2.5e30}", "-n", "40")
    equal((set(out.split("\n")[1:-1]), err), ({"0.1", "1e-07", "-2.5e+30"}, ""), "numbers read back exactly")


def test_same_bits_at_any_thread_count():
    facts = "a[1..14] in {0, 1}; E[a[i]] = 0.3 for i in 1..14; E[a[1] * a[2]] = 0.2"
    want = run("solve", "-e", facts, "-o", "-", "--threads", "1")[1]
    for threads in ("2", "3", "8"):
        check(run("solve", "-e", facts, "-o", "-", "--threads", threads)[1] == want, threads)


main(globals())
