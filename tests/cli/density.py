"""Continuous and countable answers as the program gives them: families, reports, CSV, draws, pictures, questions.

Expected numbers are closed forms, written beside each case; gamma functions and normal quantiles by Python's math and statistics.
"""
import csv
import io
import json
import math
import os
import statistics
import xml.etree.ElementTree as xml

from harness import answer, check, close, equal, main, run, scratch

GAMMA = 0.57721566490153286  # Euler's constant
psi2, psi3, psi5 = 1 - GAMMA, 1.5 - GAMMA, 25 / 12 - GAMMA


def family(text, name, tolerance=1e-10, **parameters):
    a = answer("-e", text)
    got = a["family"] or {}
    equal((a["verdict"], got.get("name")), ("solved", name), text)
    equal(sorted(got), sorted(["name", *parameters]), text)
    for key, value in parameters.items():
        if key in got:
            close(got[key], value, tolerance, f"{text}: {key}")
    return a


def test_families():
    a = family("x in [2, 5]", "uniform", minimum=2, maximum=5)
    close(a["entropy"], math.log(3), 1e-12, "uniform")
    a = family("x in [0, inf); E[x] = 4", "exponential", rate=0.25)
    close(a["entropy"], 1 + math.log(4), 1e-12, "exponential")
    family("x in [-1, inf); E[x] = 1", "exponential", rate=0.5, minimum=-1)
    family("x in (-inf, 1]; E[x] = 0", "reflected exponential", rate=1, maximum=1)
    family("x in [0, 1]; E[x] = 0.3", "truncated exponential", rate=2.672103855273386, minimum=0, maximum=1)
    a = family("x in R; E[x] = 3; Var[x] = 4", "normal", mean=3, sd=2)
    close(a["entropy"], 0.5 * math.log(2 * math.pi * math.e * 4), 1e-12, "normal")
    family("x in R; E[x] = 1e6; Var[x] = 1e-6", "normal", mean=1e6, sd=1e-3)
    a = family("x in R; E[abs(x - 1)] = 2", "Laplace", location=1, scale=2)
    close(a["entropy"], 1 + math.log(4), 1e-12, "Laplace")
    family(f"x in [0, inf); E[x] = 2; E[log(x)] = {psi2!r}", "gamma", shape=2, rate=1)
    family("x in [0, 1]; E[log(x)] = -13/12; E[log(1 - x)] = -7/12", "beta", alpha=2, beta=3)
    family("x in [0, 1]; E[log(x)] = -10", "beta", alpha=0.1, beta=1)
    family("x in [2, inf); E[log(x)] = log(2) + 1/3", "Pareto", shape=3, scale=2)
    family("x in [0, inf); E[log(x)] = 1; E[log(x)^2] = 3", "lognormal", mu=1, sigma=math.sqrt(2))
    family(f"x in [0, inf); E[x^2] = 4; E[log(x)] = log(2) - {GAMMA!r}/2", "Weibull", shape=2, scale=2, tolerance=1e-8)
    family("x in R; E[log(1 + exp(-x)) + log(1 + exp(x))] = 2", "logistic", location=0, scale=1)
    family("x in R; E[log(1 + x^2)] = 2*log(2)", "Cauchy", location=0, scale=1)
    family("x in R; E[x^4] = 1", "generalised normal", location=0, scale=math.sqrt(2), shape=4)
    a = family(f"x in R; E[x] = {GAMMA!r}; E[exp(-x)] = 1", "Gumbel", location=0, scale=1)
    close(a["entropy"], 1 + GAMMA, 1e-12, "Gumbel")
    family("x in 0..inf; E[x] = 3", "geometric", probability=0.25, minimum=0)
    family("x in 0..inf; prior exp(-lgamma(x + 1)); E[x] = 3", "Poisson", rate=3)
    family("x in 0..10; prior exp(-lgamma(x + 1) - lgamma(11 - x)); E[x] = 3", "binomial", trials=10, probability=0.3)
    family("x in -inf..inf; E[abs(x)] = 2", "discrete Laplace", location=0, ratio=(math.sqrt(5) - 1) / 2)
    equal(answer("-e", "x in [0, 1]; E[x] = 0.5; E[x^2] = 0.35")["family"], None, "a U has no name")


def test_json_of_a_density():
    a = answer("-e", "x in [0, inf); E[x] = 2")
    x, p = a["density"]["x"], a["density"]["p"]
    check(len(x) == len(p) and 150 < len(x) < 400 and x == sorted(x) and x[0] == 0, "density")
    for at, value in zip(x, p):
        close(value, 0.5 * math.exp(-at / 2), 1e-13, "p")
    left = answer("-e", "x in (-inf, 0]; E[x^2] in [0.26608902178959926, 0.625]")  # the last step once rounded to 4e-16
    check(left["density"]["x"][-1] == 0, "a point outside of the support")
    for u, at in zip(a["quantiles"]["u"], a["quantiles"]["x"]):
        close(at, -2 * math.log1p(-u), 1e-12, f"quantile {u}")
    m = a["moments"][0]
    equal(m["variable"], "x")
    for key, value in (("mean", 2), ("sd", 2), ("skewness", 2), ("kurtosis", 9)):
        close(m[key], value, 1e-10, key)
    equal((a["states"], a["relative_entropy"], a["entropy_without_facts"]), (None, None, None))
    a = answer("-e", "x in [0, 10]; E[x] = 2")
    close(a["entropy_without_facts"], math.log(10), 1e-13, "of the interval")
    a = answer("-e", "x in 0..inf; prior exp(-lgamma(x + 1)); E[x] = 3")
    close(a["relative_entropy"], 3 * math.log(3) - 2, 1e-12, "Poisson(3) from Poisson(1)")
    total = sum(s["p"] for s in a["states"])
    check(abs(total - 1) < 2e-12, f"states carry all but 1e-12: {total}")
    close(a["states"][2]["p"], 4.5 * math.exp(-3), 1e-12, "p(2)")
    a = answer("-e", "x in R; E[log(1 + x^2)] = 2*log(2)")
    equal((a["moments"][0]["mean"], a["moments"][0]["sd"]), (None, None), "a Cauchy distribution has no mean")


def test_covariance_of_a_density():
    """Of x, x^2, x^3 under the exponential with mean 2: E x^n = 2^n n!."""
    moment = [2**n * math.factorial(n) for n in range(7)]
    a = answer("-e", "x in [0, inf); E[x] = 2; E[x^2] <= 100; E[x^3] <= 1000", "--covariance")
    for i in range(3):
        for j in range(3):
            close(a["covariance"][i][j], moment[i + j + 2] - moment[i + 1] * moment[j + 1], 1e-10, f"covariance {i} {j}")


def test_text_of_a_density():
    code, out, err = run("solve", "-e", "x in [0, inf); E[x] = 2", env={"LC_ALL": "C.UTF-8"})
    equal((code, err), (0, ""))
    check("p(x) = exp(-0.5 x) / 2" in out and "\u2588" in out and "family    exponential (rate 0.5)" in out, out)
    check("mean 2, standard deviation 2" in out and "unbounded without the facts" in out, out)
    check("0.102587  0.575364  1.38629  2.77259  5.99146" in out, out)  # -2 log(0.95), ...
    check(all(len(line) <= 80 for line in out.split("\n")), out)
    out = run("solve", "-e", "x in [0, 10]; E[x] = 2")[1]
    check("without the facts 2.302585, so they tell" in out and out.isascii(), out)
    out = run("solve", "-e", "x in R; E[log(1 + x^2)] = 2*log(2)")[1]
    check("mean none" in out and "outside of this range" in out, out)
    out = run("solve", "-e", "n in 0..inf; E[n] = 1")[1]
    check("  0   0.500000  ####" in out and "the others share" in out, out)
    out = run("solve", "-e", "n in 0..inf; E[n] = 1000")[1]
    check("standard deviation 1000.5" in out, out)  # sqrt(1000 * 1001)
    out = run("solve", "-e", "c in {a, b}; x in R; P[c = a] = 0.3; E[x] = 1; E[x^2] = 9; E[x*(c = a)] = 1")[1]
    check(" a  0.300000  3.33333" in out, out)
    code, out, _ = run("solve", "-e", "x in R; E[x] = 0; E[x^2] = 1; E[x^3] = 0; E[x^4] = 4")
    check(code == 4 and "supremum  1.418939" in out and "only approached" in out and "No density is the answer" in out, out)


def test_heavy_tails():
    # Pareto of shape 10/9: mean shape/(shape - 1) = 10, no variance
    text = run("solve", "-e", "x in [1, inf); E[log(x)] = 0.9")[1]
    check("mean 10, standard deviation infinite, densest at 1\n" in text, text)
    # two of them: their nodes end where mass does, not where the mean does; y has shape 2.5, mean 5/3
    a = answer("-e", "x in [1, inf); y in [1, inf); E[log(x)] = 0.9; E[log(y)] = 0.4")
    equal([m["mean"] is None for m in a["moments"]], [True, False])
    close(a["moments"][1]["mean"], 5 / 3, 1e-8, "mean of y")
    text = run("solve", "-e", "x in [1, inf); y in [1, inf); E[log(x)] = 0.9; E[log(y)] = 0.4")[1]
    check("not known" in text, text)


def test_csv():
    out = run("solve", "-e", "x in [0, inf); E[x] = 2", "-o", "-")[1]
    rows = list(csv.reader(io.StringIO(out)))
    equal(rows[0], ["x", "p", "cdf"])
    x = [float(r[0]) for r in rows[1:]]
    check(x == sorted(x) and len(x) > 20, "ascending")
    equal(run("solve", "-e", "x in R; E[x^2] = 1; E[x^3] = 0; E[x^4] = 4", "-o", "-")[1].split("\n")[0], "x,approached p,cdf")
    for row in rows[1:]:
        at, p, cdf = map(float, row)
        close(p, 0.5 * math.exp(-at / 2), 1e-12, "p")
        close(cdf, -math.expm1(-at / 2), 1e-12, "cdf")
    rows = list(csv.reader(io.StringIO(run("solve", "-e", "n in 0..inf; E[n] = 1", "-o", "-")[1])))
    for row, want in zip(rows[1:4], ((0, 0.5, 0.5), (1, 0.25, 0.75), (2, 0.125, 0.875))):
        for got, value in zip(map(float, row), want):
            close(got, value, 1e-15, "geometric")
    rows = list(csv.reader(io.StringIO(run("solve", "-e", "c in {a, b}; x in [0, 1]; E[x*(c = a)] = 0.4", "-o", "-")[1])))
    equal(rows[0], ["c", "x", "p", "weight"])
    close(sum(float(r[2]) * float(r[3]) * float(r[1]) for r in rows[1:] if r[0] == "a"), 0.4, 1e-12, "E[x (c = a)] from the nodes")


def test_questions():
    words = ("solve", "-e", "x in R; E[x] = 3; Var[x] = 4")
    normal = statistics.NormalDist(3, 2)
    code, out, err = run(*words, "--quantile", "0.5,0.95,1")
    equal((code, err, out.split("\n")[2]), (0, "", "inf"))
    close(float(out.split("\n")[0]), 3, 1e-13, "median")
    close(float(out.split("\n")[1]), normal.inv_cdf(0.95), 1e-12, "95 %")
    out = run(*words, "--cdf=-inf,1,inf")[1].split()
    equal((out[0], out[2]), ("0", "1"))
    close(float(out[1]), 0.5 * math.erfc(1 / math.sqrt(2)), 1e-13, "cdf")
    close(float(run(*words, "--interval", "1,5")[1]), math.erf(1 / math.sqrt(2)), 1e-13, "one sd")
    tail = float(run(*words, "--interval", "23,inf")[1])
    check(abs(tail / (0.5 * math.erfc(10 / math.sqrt(2))) - 1) < 1e-10, f"ten sd: {tail}")
    equal(run("solve", "-e", "x in {1, 2, 3}; E[x] = 2", "--quantile", "0.4")[1], "2\n")
    out = run(*words, "--hdi", "0.9")[1].split()
    for got, want in zip(out, (normal.inv_cdf(0.05), normal.inv_cdf(0.95))):
        close(float(got), want, 1e-9, "the shortest 90 % of a normal")
    out = run("solve", "-e", "x in R; prior abs(x) > 1; E[x^2] = 3; E[x] = 0", "--hdi", "0.5")[1].split("\n")
    equal([len(line.split()) for line in out], [2, 2, 0]) # two hills, which begin at -1 and 1
    close(float(out[0].split()[1]), -1, 1e-9, "end of the left hill")
    close(float(out[1].split()[0]), 1, 1e-9, "begin of the right hill")
    out = run("solve", "-e", "n in 0..inf; E[n] = 1", "--hdi", "0.8")[1]
    equal(out, "0 2\n") # 1/2 + 1/4 + 1/8
    for wrong in (("--hdi", "1"), ("--hdi", "0.5,0.6"), ("--hdi", "0.5", "--cdf", "1"), ("--quantile", "2"), ("--quantile", ""), ("--quantile", "a"), ("--interval", "1"), ("--cdf", "1,,2"),
                  ("--cdf", "nan"), ("--quantile", "0.5", "--json"), ("--cdf", "1", "--interval", "1,2")):
        code, out, err = run(*words, *wrong)
        check(code == 2 and out == "" and err.startswith("maxent: "), f"{wrong}: {code} {out} {err}")
    code, out, err = run("solve", "-e", "x in [0, 1]; y in [0, 1]; E[x*y] = 0.3", "--cdf", "1")
    check(code == 2 and "one variable" in err, err)
    code, out, err = run("solve", "-e", "x in R; E[x] = 3", "--cdf", "1")
    check(code == 4 and "unbounded" in out, "no answer: the report says why")


def draws(*words):
    code, out, err = run("sample", *words)
    equal((code, err), (0, ""), " ".join(words))
    return [row for row in csv.reader(io.StringIO(out))][1:]


def test_draws():
    n = 20000
    x = [float(row[0]) for row in draws("-e", "x in [0, inf); E[x] = 2", "-n", str(n), "--seed", "3")]
    check(min(x) >= 0 and abs(statistics.fmean(x) - 2) < 5 * 2 / math.sqrt(n), "mean")
    x.sort()
    distance = max(abs((i + 0.5) / n + math.expm1(-at / 2)) for i, at in enumerate(x))
    check(distance * math.sqrt(n) < 2, f"Kolmogorov and Smirnov: {distance * math.sqrt(n)}")  # 7e-4
    x = [int(row[0]) for row in draws("-e", "x in 0..inf; E[x] = 3", "-n", str(n))]
    check(abs(x.count(0) / n - 0.25) < 5 * math.sqrt(0.1875 / n), "zeros of a geometric")
    rows = draws("-e", "c in {cat, dog}; x in R; P[c = cat] = 0.3; E[x] = 1; E[x^2] = 9; E[x*(c = cat)] = 1", "-n", str(n))
    cats = [float(row[1]) for row in rows if row[0] == "cat"]
    check(abs(len(cats) / n - 0.3) < 5 * math.sqrt(0.21 / n), "cats")
    check(abs(statistics.fmean(cats) - 10 / 3) < 5 * 2.3804761428476 / math.sqrt(len(cats)), "their mean")
    equal(run("sample", "-e", "x in R; E[x] = 3; Var[x] = 4", "-n", "5", "--seed", "9"),
          run("sample", "-e", "x in R; E[x] = 3; Var[x] = 4", "-n", "5", "--seed", "9"), "the same seed, the same draws")
    code, out, err = run("sample", "-e", "x in R; E[x] = 3")
    check(code == 4 and out == "" and "unbounded" in err, err)


def test_pictures():
    with scratch() as folder:
        for name, text, words in (
            ("exponential", "x in [0, inf); E[x] = 2", ["E[x] = 2", "exponential"]),
            ("steps", "x in [0, 10]; P[x <= 3] = 0.5; P[x <= 7] = 0.9", ["P[x <= 3] = 0.5", "P[x <= 7] = 0.9"]),
            ("peak", "x in [0, 1]; E[log(x)] = -10", ["the peak goes on above"]),
            ("prior", "x in [0, inf); prior x^2*exp(-x); E[x] = 2", ["prior"]),
            ("counts", "x in 0..inf; E[x] = 3", ["geometric"]),
            ("classes", "c in {cat, dog}; x in R; P[c = cat] = 0.3; E[x] = 1; E[x^2] = 9; E[x*(c = cat)] = 1", ["cat", "dog"]),
            ("plane", "x in [0, 1]; y in [0, 1]; E[x*y] = 0.3", ["contours hold"]),
            ("normal", "x in R; y in R; E[x] = 0; E[y] = 0; E[x^2] = 1; E[y^2] = 1; E[x*y] = 0",  # no room for five parameters
             ["multivariate normal, entropy 2.83788 nats"]),                                       # log(2 pi e)
        ):
            path = os.path.join(folder, name + ".svg")
            code, _, err = run("solve", "-e", text, "--plot", path)
            equal((code, err), (0, ""), name)
            tree = xml.parse(path).getroot()
            shown = " ".join(tree.itertext())
            check(all(word in shown for word in words), f"{name}: {shown}")
            for element in tree.iter():
                for key, value in element.attrib.items():
                    check("nan" not in value and "inf" not in value, f"{name}: {key}")


def test_json_of_unfinished_answers():
    """What is told of an answer that reaches beyond doubles ends, with null for what is no number."""
    for text in ("x in R; E[abs(x)] = 1e300", "z in R; let x = z - 1e6; E[cosh(x)] <= 1.11; E[x] = 0.18"):
        code, out, err = run("solve", "--json", "--time-limit", "2", "-e", text)
        check(code in (0, 5), f"{text}: {err}")
        json.loads(out)


def drawn(text, folder):
    """The picture of an answer, as a tree."""
    path = os.path.join(folder, "drawn.svg")
    code, _, err = run("solve", "-e", text, "--plot", path)
    equal((code, err), (0, ""), text)
    return xml.parse(path).getroot()


def test_pictures_of_classes_and_counts():
    """p(d, n) = P(d) 0.2 0.8^n: geometric of mean 4, independent of d. The field is 310 pixels high, from 0 at 380 to 0.15 at 70."""
    with scratch() as folder:
        tree = drawn("d in {a, b}; n in 0..inf; E[n] = 4; P[d = a] = 0.3", folder)
        marks = [(float(e.get("x")) + 3, float(e.get("y")) + 3) for e in tree.iter() if e.tag.endswith("rect") and e.get("width") == "6"]
        each = len(marks) // 2
        check(each > 20, f"{each} whole numbers")
        for row, share in enumerate((0.3, 0.7)):
            for n in range(20):
                close(marks[row * each + n][1], 380 - 310 * share * 0.2 * 0.8 ** n / 0.15, 1e-3, f"class {row}, n = {n}")
        steps = {round(marks[i + 1][0] - marks[i][0], 3) for i in range(each - 1)}
        equal(len(steps), 1, f"steps {steps}")


def test_pictures_of_smooth_curves():
    """Panels of the answer meet at x = 0 and elsewhere: the curve goes on there. p is at most 0.3 and its slope 0.3, so that a column of
    half a pixel and 0.012 in x changes it by less than 4 pixels of 310."""
    with scratch() as folder:
        tree = drawn("x in R; prior exp(-x^2/2)+exp(-(x-8)^2/2); E[x] = 3", folder)
        curve = [e.get("points").split() for e in tree.iter() if e.tag.endswith("polyline")]
        check(len(curve) == 1 and len(curve[0]) > 1000, "one curve")
        heights = [float(point.split(",")[1]) for point in curve[0]]
        check(max(abs(a - b) for a, b in zip(heights, heights[1:])) < 4, "no stroke to the floor")


def test_pictures_of_large_densities():
    """p = 1e12 exp(-1e12 x): what stands beside the axis has room for six digits there."""
    with scratch() as folder:
        tree = drawn("x in [0, inf); E[x] = 1e-12", folder)
        beside = [e.text for e in tree.iter() if e.tag.endswith("text") and e.get("text-anchor") == "end"]
        equal(beside, ["0", "2e11", "4e11", "6e11", "8e11", "1e12", "1.2e12"], "labels")
        tree = drawn("x in R; y in R; E[x] = 0; E[y] = 0; E[x^2] = 1; E[y^2] = 1e16", folder)
        beside = [e.text for e in tree.iter() if e.tag.endswith("text") and e.get("text-anchor") == "end"]
        equal(beside[:3], ["-2e8", "0", "2e8"], "of a plane, whose 99 % reach to 3.03 standard deviations")


def test_sums_of_normals():
    """Pieces far apart, of masses w: h = sum w (log(s) + log(2 pi e) / 2 - log(w)). The higher one does not hide the other."""
    normal = 0.5 * math.log(2 * math.pi * math.e)
    for text, sds in (
        ("x in R; prior exp(-x^2/2) + 10*exp(-(x-1e3)^2*100/2)", (1, 0.1)),
        ("x in R; prior exp(-x^2/2) + 1000*exp(-(x-1e5)^2/2e-6)", (1, 1e-3)),
        ("x in R; prior 100*exp(-(x+2e4)^2*1e4/2) + exp(-x^2/2) + 1000*exp(-(x-1e3)^2*1e6/2)", (0.01, 1, 1e-3)),
        ("c in {a, b}; x in R; prior (c=a)*exp(-x^2/2) + (c=b)*10*exp(-(x-1e3)^2*100/2)", (1, 0.1)),
    ):
        h = normal + math.log(len(sds)) + sum(math.log(s) for s in sds) / len(sds)
        a = answer("-e", text)
        equal((a["verdict"], a["family"]), ("solved", None), text)
        close(a["entropy"], h, 1e-9, text)
    a = answer("-e", "x in R; prior exp(-x^2/2) + 10*exp(-(x-1e3)^2*100/2); E[x^2] <= 1e12")
    close(a["entropy_without_facts"], normal + math.log(2) + math.log(0.1) / 2, 1e-9, "of the prior alone")
    code, out, err = run("entropy", "--normalize", "-e", "x in R; p(x) = exp(-x^2/2) + 1000*exp(-(x-1e5)^2/2e-6)")
    equal((code, err), (0, ""), "entropy")
    close(float(out.split()[1]), normal + math.log(2) + math.log(1e-3) / 2, 1e-9, "entropy of a formula")


def test_slowly_falling_priors():
    """1 / (x log^c x) on [2, inf) has the integral a^(1 - c) / (c - 1), a = log 2: over u = log x it is a Pareto law, and
    h = h(u) + E[u] = log(a / (c - 1)) + 1 + 1 / (c - 1) + a (c - 1) / (c - 2). For c = 2 mass lies beyond doubles, c = 1 has no integral."""
    a, c = math.log(2), 12
    close(answer("-e", f"x in [2, inf); prior 1/(x*log(x)^{c})")["entropy"],
          math.log(a / (c - 1)) + 1 + 1 / (c - 1) + a * (c - 1) / (c - 2), 1e-9, "light")
    for text in ("n in 2..inf; prior 1/(n*log(n)^2)", "n in 2..inf; prior 1/(n*log(n)^2); P[n < 10] = 0.5",
                 "x in [2, inf); prior 1/(x*log(x)^1.5); P[x < 10] = 0.5", "x in [3, inf); prior 1/x; E[log(log(x))] = 0.5",
                 "x in R; y in R; prior 1/((1+x^2+y^2)*log(3+x^2+y^2)^2)"): # pi / log(u) of it beyond r^2 = u
        code, out, err = run("solve", "-q", "-e", text)
        check(code == 5 and "beyond the range of doubles" in " ".join(out.split()), f"{text}: {code} {out}")
    for text in ("x in [2, inf); prior 1/(x*log(x))", "n in 2..inf; prior 1/n; P[n < 10] = 0.5"):
        code, out, err = run("solve", "-q", "-e", text)
        check(code == 4 and "at the same time" not in " ".join(out.split()), f"{text}: {code} {out}")
    # x^-1 on [1, inf) has no entropy, nor has 1 / (x log^2 x): but that no answer shows
    for text, words in (("x in [1, inf); prior 1/x; E[log(x)] = 2", "the prior alone has none"),
                        ("x in [2, inf); prior 1/(x*log(x)^2); E[log(x)] = 2", "that of the prior alone is not known")):
        code, out, err = run("solve", "-q", "-e", text)
        check(code == 0 and words in out, f"{text}: {out}")


main(globals())
