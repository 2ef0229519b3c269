#!/usr/bin/env python3
"""Facts on either side of an inequality that every distribution obeys: beyond it none meets them, short of it one does.

    clashes.py [MAXENT] [--only SUBSTRING] [--quick] [--limit S] [--twins] [--verbose]

Each family is a text with one number {v}, the bound that the other facts put on it, with the theorem that says so, and the side on which nothing
is left; it is asked at 0.1, 1e-3 and 1e-6 beyond the bound. The verdict has to be `infeasible`, and the certificate is put to the test
here, independently of the program: sum_i d_i (f_i(x) - bound_i) >= margin at points of every scale. With --twins it is asked as far short
of the bound too, where nothing but `infeasible` and `singular` is right or at least honest. Exit status 0 when no verdict is
wrong, no certificate false, and no more than one clash in fifty is left unfinished. --quick takes every fifth. Standard library alone.
"""
import argparse, json, math, os, random, re, subprocess, sys, time

E3 = (1e-1, 1e-3, 1e-6)
FAMILIES = []


def fam(theorem, text, bound, side, eps=E3, scale=1.0, exact=False):
    """exact: an identity, beyond which both sides are impossible."""
    FAMILIES.append((theorem, text, bound, side, eps, scale, exact))


I, R, H = "x in [0,1]; ", "x in R; ", "x in [0,inf); "
I2, R2, H2 = I + "y in [0,1]; ", R + "y in R; ", H + "y in [0,inf); "
I3, R3 = I2 + "z in [0,1]; ", R2 + "z in R; "
# one variable
fam("Jensen: E exp(x) >= exp(E x)", R + "E[x] = 0.4; E[exp(x)] = {v}", math.exp(.4), -1)
fam("Jensen: E log x <= log E x", "x in (0,inf); E[x] = 2; E[log(x)] = {v}", math.log(2), 1)
fam("Jensen: E sqrt x <= sqrt(E x)", H + "E[x] = 2; E[sqrt(x)] = {v}", math.sqrt(2), 1)
fam("Jensen: E 1/x >= 1/E x", "x in [1,3]; E[x] = 2; E[1/x] = {v}", .5, -1)
fam("chord of 1/x on [1, 3]: (4 - x)/3", "x in [1,3]; E[x] = 2; E[1/x] = {v}", 2 / 3, 1)
fam("Jensen in u = x^4", R + "E[((x-5120)/1024)^4] = 0.5924170616113744; E[exp((((x-5120)/1024)^4)/1.1848341232227488)] = {v}", math.exp(.5), -1)
fam("Jensen in x^2", R + "E[x^2] = 1; E[exp(-x^2)] = {v}", math.exp(-1), -1)
fam("Cauchy-Schwarz", R + "E[x] = 0.7; E[x^2] = {v}", .49, -1)
fam("Cauchy-Schwarz in x^2", R + "E[x^2] = 1.3; E[x^4] = {v}", 1.69, -1)
fam("Cauchy-Schwarz of a bounded feature", R + "E[tanh(x)] = 0.5; E[tanh(x)^2] = {v}", .25, -1)
fam("Pearson: kurtosis >= 1 + skewness^2", R + "E[x] = 0; E[x^2] = 1; E[x^3] = 0.5; E[x^4] = {v}", 1.25, -1)
fam("Markov", H + "E[x] = 1; P[x >= 4] = {v}", .25, 1)
fam("Markov for x^4", R + "E[x^4] = 1; P[abs(x) > 2] = {v}", 1 / 16, 1, scale=.5)
fam("Markov for exp(x)", R + "E[exp(x)] = 1; P[x > 1] = {v}", math.exp(-1), 1)
fam("Chebyshev", R + "E[x] = 0; E[x^2] = 1; P[abs(x) >= 2] = {v}", .25, 1)
fam("Cantelli: 1/(1 + 4)", R + "E[x] = 0; E[x^2] = 1; P[x >= 2] = {v}", .2, 1)
fam("Bhatia-Davis: x^2 <= x", I + "E[x] = 0.3; E[x^2] = {v}", .3, 1)
fam("Hoeffding: exp(x) <= cosh 1 + x sinh 1", "x in [-1,1]; E[x] = 0; E[exp(x)] = {v}", math.cosh(1), 1)
fam("Hankel: m2^2 <= m1 m3", I + "E[x] = 0.4; E[x^2] = 0.2; E[x^3] = {v}", .1, -1, scale=.1)
fam("Hausdorff: (m1 - m2)^2 <= (1 - m1)(m2 - m3)", I + "E[x] = 0.5; E[x^2] = 0.3; E[x^3] = {v}", .22, 1, scale=.1)
fam("Lyapunov: m2^2 <= m1 m3", H + "E[x] = 1; E[x^2] = 1.5; E[x^3] = {v}", 2.25, -1)
fam("quantiles out of order", R + "P[x <= 3] = 0.5; P[x <= 2] = {v}", .5, 1)
fam("x >= [x >= 1/2]/2", I + "P[x >= 0.5] = 0.6; E[x] = {v}", .3, -1)
fam("x <= 1/2 + [x >= 1/2]/2", I + "P[x >= 0.5] = 0.6; E[x] = {v}", .8, 1)
fam("abs(x) >= x", R + "E[x] = 0.5; E[abs(x)] = {v}", .5, -1)
fam("min(x, c) <= x", R + "E[x] = 0.5; E[min(x, 1.7)] = {v}", .5, 1)
fam("max(x, c) >= x", R + "E[x] = 0.5; E[max(x, 0.2)] = {v}", .5, -1)
fam("abs(x) = 2 max(x, 0) - x", R + "E[x] = 0.5; E[max(x, 0)] = 0.8; E[abs(x)] = {v}", 1.1, 1, exact=True)
fam("(cos, sin) in the disc", "x in [-3.14159,3.14159]; E[cos(x)] = 0.6; E[sin(x)] = {v}", .8, 1)
fam("sin <= 1", R + "E[sin(x)] = {v}", 1, 1)
fam("a mean of x < 1/2", I + "E[x | x < 0.5] = {v}; P[x < 0.5] = 0.4", .5, 1)
fam("total expectation: 0.4 * 0.2 + 0.6 * at least 0.5", I + "P[x < 0.5] = 0.4; E[x | x < 0.5] = 0.2; E[x] = {v}", .38, -1)
# whole numbers
fam("n^2 >= n", "n in 0..inf; E[n] = 0.7; E[n^2] = {v}", .7, -1)
fam("(n - 1)(n - 2) >= 0", "n in 0..inf; E[n] = 1.5; E[n^2] = {v}", 2.5, -1)
fam("n >= 1 - [n = 0]", "n in 0..inf; E[n] = 0.4; P[n = 0] = {v}", .6, -1)
fam("Markov, n", "n in 0..inf; E[n] = 1; P[n >= 5] = {v}", .2, 1)
fam("n (n - 1) >= 0 on all whole numbers", "n in -inf..inf; E[n] = 0.5; E[n^2] = {v}", .5, -1)
fam("min(n, 3) <= n", "n in 0..inf; E[n] = 2; E[min(n, 3)] = {v}", 2, 1)
fam("Jensen: E 1/n >= 1/E n, n >= 1", "n in 1..inf; E[n] = 2; E[1/n] = {v}", .5, -1)
# two variables
fam("Frechet, upper", I2 + "P[x < 0.5] = 0.3; P[y < 0.5] = 0.6; P[x < 0.5 and y < 0.5] = {v}", .3, 1)
fam("Frechet, lower", I2 + "P[x < 0.5] = 0.7; P[y < 0.5] = 0.6; P[x < 0.5 and y < 0.5] = {v}", .3, -1)
fam("Boole", I2 + "P[x < 0.5] = 0.3; P[y < 0.5] = 0.2; P[x < 0.5 or y < 0.5] = {v}", .5, 1)
fam("Cauchy-Schwarz, products", R2 + "E[x^2] = 1; E[y^2] = 4; E[x*y] = {v}", 2, 1)
fam("Cauchy-Schwarz, covariance", R2 + "E[x] = 0.3; E[y] = -0.4; E[x^2] = 1; E[y^2] = 1; E[x*y] = {v}", -.12 + math.sqrt(.91 * .84), 1)
fam("abs(x + y) <= abs(x) + abs(y)", R2 + "E[abs(x)] = 1; E[abs(y)] = 2; E[abs(x+y)] = {v}", 3, 1)
fam("x + y <= 2", I2 + "E[x+y] = {v}", 2, 1)
fam("x - y > 0 where x > y", I2 + "P[x > y] = 1; E[x-y] = {v}", 0, -1)
fam("x - y <= [x > y]", I2 + "P[x > y] = 0.6; E[x-y] = {v}", .6, 1)
fam("x + y >= 1 where not x + y < 1", I2 + "P[x+y < 1] = 0; E[x+y] = {v}", 1, -1)
fam("Markov for x^2 + y^2", R2 + "E[x^2+y^2] = 1; P[x^2+y^2 > 4] = {v}", .25, 1)
fam("x > 1 and y >= 0 give x + y > 1", R2 + "P[x > 1] = {v}; P[x+y > 1] = 0.3; P[y < 0] = 0", .3, 1)
fam("x y > 1/2 gives x > 1/2", I2 + "P[x*y > 0.5] = {v}; P[x > 0.5] = 0.4", .4, 1)
fam("x y <= x", I2 + "E[x] = 0.4; E[y] = 0.5; E[x*y] = {v}", .4, 1)
fam("x y >= x + y - 1", I2 + "E[x] = 0.7; E[y] = 0.5; E[x*y] = {v}", .2, -1)
fam("max + min = x + y", I2 + "E[x] = 0.4; E[y] = 0.5; E[max(x,y)] = 0.6; E[min(x,y)] = {v}", .3, 1, exact=True)
fam("max(x, y) >= y", R2 + "E[x] = 0.4; E[y] = 0.5; E[max(x,y)] = {v}", .5, -1)
fam("Jensen: E log(1 + x y)", H2 + "E[x*y] = 1; E[log(1+x*y)] = {v}", math.log(2), 1)
fam("Markov for x + y", H2 + "E[x] = 1; E[y] = 1; P[x+y > 8] = {v}", .25, 1)
fam("Jensen: E r <= sqrt(E r^2)", R2 + "E[x^2+y^2] = 4; E[sqrt(x^2+y^2)] = {v}", 2, 1)
fam("(x + y)^2 <= 2 x^2 + 2 y^2", R2 + "E[x] = 0; E[y] = 0; E[x^2] = 1; E[y^2] = 1; E[(x+y)^2] = {v}", 4, 1)
fam("Cauchy-Schwarz of x y", R2 + "E[x^2*y^2] = 0.5; E[x*y] = {v}", math.sqrt(.5), 1)
fam("Jensen: 1/x + y >= 1/x", "x in [1,4]; y in [0,1]; E[x] = 2; E[1/x + y] = {v}", .5, -1)
fam("total expectation", "c in {a,b}; x in R; P[c = a] = 0.3; E[x | c = a] = 1; E[x | c = b] = 2; E[x] = {v}", 1.7, 1, exact=True)
fam("E x^2 >= P[c = a] E[x | c = a]^2", "c in {a,b}; x in R; P[c = a] = 0.3; E[x | c = a] = 2; E[x^2] = {v}", 1.2, -1)
fam("Cauchy-Schwarz, n and x", "n in 0..inf; x in R; E[n] = 1; E[n^2] = 2; E[x^2] = 1; E[n*x] = {v}", math.sqrt(2), 1, eps=E3[:2])
fam("Markov for n + m", "n in 0..inf; m in 0..inf; E[n+m] = 1; P[n+m >= 4] = {v}", .25, 1, eps=E3[:2])
# three variables
fam("x < y < z < x has no solution", I3 + "P[x < y] = 0.6; P[y < z] = 0.7; P[z < x] = {v}", .7, 1)
fam("x < y and y < z give x < z", I3 + "P[x < y] = 0.9; P[y < z] = 0.9; P[x < z] = {v}", .8, -1)
fam("(x + y + z)^2 >= 0", R3 + "E[x^2] = 1; E[y^2] = 1; E[z^2] = 1; E[x*y] = -0.5; E[x*z] = -0.5; E[y*z] = {v}", -.5, -1)
fam("det of the correlations", R3 + "E[x^2] = 1; E[y^2] = 1; E[z^2] = 1; E[x*y] = 0.8; E[x*z] = 0.6; E[y*z] = {v}", 0, -1)
fam("max >= x", I3 + "E[x] = 0.5; E[y] = 0.5; E[z] = 0.5; E[max(x,max(y,z))] = {v}", .5, -1)
fam("Frechet, three", I3 + "P[x < 0.5] = 0.8; P[y < 0.5] = 0.8; P[z < 0.5] = 0.8; P[x < 0.5 and y < 0.5 and z < 0.5] = {v}", .4, -1)
fam("x y z <= x", I3 + "E[x] = 0.4; E[y] = 0.5; E[z] = 0.9; E[x*y*z] = {v}", .4, 1)
fam("sum of abs <= sqrt(3) r", R3 + "E[x^2+y^2+z^2] = 1; E[abs(x)+abs(y)+abs(z)] = {v}", math.sqrt(3), 1)

WORDS = {n: getattr(math, n) for n in ("exp", "log", "sqrt", "sin", "cos", "tanh")}
WORDS.update(abs=abs, max=max, min=min, a="a", b="b", __builtins__={})


def compiled(text):
    return compile(re.sub(r"(?<![<>!=])=(?!=)", "==", text.replace("^", "**")), text, "eval")


def parts(text):
    """Functions that draw each variable, and each fact as (feature at a point, target)."""
    draws, facts = {}, []
    for piece in (p.strip() for p in text.split(";")):
        support = re.fullmatch(r"(\w) in (.*)", piece)
        if support:
            draws[support[1]] = drawer(support[2])
            continue
        kind, inner, target = re.fullmatch(r"([EP])\[(.*)\] = (\S+)", piece).groups()
        of, _, given = inner.partition(" | ")
        of, given, target = compiled(of), compiled(given) if given else None, float(target)
        if given:
            facts.append((lambda p, of=of, given=given, c=target: (eval(of, WORDS, p) - c) if eval(given, WORDS, p) else 0.0, 0.0))
        else:
            facts.append((lambda p, of=of: float(eval(of, WORDS, p)), target))
    return draws, facts


def drawer(domain):
    special = [0.0, 1.0, 2.0, 3.0, 0.5, -1.0, 1.7, 4.0, 5.0]
    if domain.startswith("{"):
        return lambda r: r.choice(domain[1:-1].split(","))
    if ".." in domain:
        low, high = (float(v) for v in domain.split(".."))
        return lambda r: float(min(max(round(r.choice([r.gauss(0, 2), r.uniform(0, 8), 10 ** r.uniform(0, 6)])), low), high))
    low, high = (-math.inf, math.inf) if domain == "R" else (float(v) for v in domain[1:-1].split(","))
    least = 1e-300 if domain[0] == "(" else low

    def draw(r):
        x = r.choice([r.gauss(0, 1), r.uniform(0, 4), r.choice(special), r.choice(special) + r.gauss(0, 1e-6),
                      r.choice([-1, 1]) * 10 ** r.uniform(-9, 9)])
        if math.isfinite(high) and r.random() < 0.5:
            x = r.uniform(low, high)
        return min(max(x, least), high)
    return draw


def false_at(text, answer, count=4000):
    """A point at which the certificate fails, or None."""
    draws, facts = parts(text)
    direction, margin = answer["certificate"]["direction"], answer["certificate"]["margin"]
    r = random.Random(1)
    for j in range(count):
        p = {v: d(r) for v, d in draws.items()}
        if j % 4 == 0 and len([v for v in draws if isinstance(p[v], float)]) > 1:  # far out and along diagonals
            s = 10 ** r.uniform(-3, 5)
            if all("in R" in piece for piece in text.split(";")[:len(draws)]):
                p = {v: s * r.gauss(0, 1) for v in p}
        try:
            terms = [d * (f(p) - t) for d, (f, t) in zip(direction, facts) if d]
        except (OverflowError, ValueError, ZeroDivisionError):
            continue
        slack, size = math.fsum(terms), max(map(abs, terms))
        if slack < margin - 1e-9 * abs(margin) - 1e-13 * size:
            return "%s: %.6g, margin %.6g" % (p, slack, margin)
    return None


def run(program, text, limit):
    began = time.time()
    done = subprocess.run([program, "solve", "--json", "-e", text, "--time-limit", str(limit)], capture_output=True, text=True, timeout=30 * limit)
    return (json.loads(done.stdout) if done.stdout.startswith("{") else {"verdict": "error", "message": done.stderr}), time.time() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default=os.environ.get("MAXENT", "maxent"))
    parser.add_argument("--only", default="")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--twins", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--limit", type=float, default=5)
    args = parser.parse_args()
    cases = []
    for theorem, text, bound, side, eps, scale, exact in FAMILIES:
        for off in eps:
            cases.append((theorem, off, text.replace("{v}", repr(bound + side * off * scale)), True))
            if args.twins and not exact:
                cases.append((theorem, off, text.replace("{v}", repr(bound - side * off * scale)), False))
    cases = [c for i, c in enumerate(cases) if args.only in c[0] and (not args.quick or i % 5 == 0)]
    count, wrong, times = {}, [], []
    for theorem, off, text, beyond in cases:
        answer, seconds = run(args.program, text, args.limit)
        verdict, why = answer["verdict"], None
        if beyond and verdict == "infeasible":
            why = false_at(text, answer)
            times.append(seconds)
        elif beyond and verdict != "unfinished":
            why = verdict
        elif not beyond and verdict in ("infeasible", "singular", "error"):
            why = verdict
        if why:
            wrong.append("%s (%g): %s\n    %s\n    %s" % (theorem, off, why, text, answer.get("message", "")[:300]))
        kind = ("beyond" if beyond else "short of") + " the bound: " + ("wrong" if why else verdict)
        count[kind] = count.get(kind, 0) + 1
        if args.verbose or verdict == "unfinished" and beyond:
            print("%-12s %6.2f s  %s (%g)" % (verdict, seconds, theorem, off))
    for line in wrong:
        print("WRONG", line)
    times.sort()
    print("%d cases: %s" % (len(cases), ", ".join("%s %d" % item for item in sorted(count.items()))))
    if times:
        print("seconds of a clash: median %.2f, most %.2f" % (times[len(times) // 2], times[-1]))
    return 1 if wrong or 50 * count.get("beyond the bound: unfinished", 0) > len([c for c in cases if c[3]]) else 0


if __name__ == "__main__":
    sys.exit(main())
