#!/usr/bin/env python3
"""Continuous supports side by side with what a user would write: scipy's quad and root, and Newton in numpy on a fixed Gauss grid.

    continuous.py --build DIR [--quick] [--repeat R] [--limit S] [--cpu]

Three tables, all on one core, solvers timed from the problem to its multipliers (not: reading files, starting a process):
  - 16 .. 2000 Chebyshev moments of a bimodal, a step and an arcsine density on [-1, 1];
  - 2 .. 40 power moments of a step density on [0, 1];
  - problems of one variable with up to 4 facts.
Every answer of the first two is judged here by a composite Gauss rule that no solver uses: max_i |E f_i - tau_i| / max(|tau_i|, sd f_i),
ours from the density at its nodes, theirs from lambda. Ours has to be at most 1e-12 (many power moments: 1e-10), a peer that is worse
than 1e-10 fails, and one that runs past --limit seconds is not asked again for more facts of that density. Everything also goes to
DIR/bench/continuous.json.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time

DENSITIES = ("bimodal", "step", "arcsine")
SMALL = [  # name, facts
    ("exponential on [0, inf)", "x in [0, inf)\nE[x] = 2\n"),
    ("normal on the line", "x in (-inf, inf)\nE[x] = 1\nE[x^2] = 3\n"),
    ("normal, mean 1e6, sd 1e-3", "x in (-inf, inf)\nE[x] = 1000000\nVar[x] = 0.000001\n"),
    ("gamma", "x in (0, inf)\nE[x] = 2\nE[log(x)] = 0.4\n"),
    ("beta", "x in (0, 1)\nE[log(x)] = -1\nE[log(1 - x)] = -0.8\n"),
    ("truncated normal", "x in [0, 1]\nE[x] = 0.4\nE[x^2] = 0.2\n"),
    ("Laplace", "x in (-inf, inf)\nE[abs(x)] = 1\n"),
    ("von Mises", "x in [-3.141592653589793, 3.141592653589793]\nE[cos(x)] = 0.5\nE[sin(x)] = 0.2\n"),
    ("median and mean", "x in [0, inf)\nP[x <= 1] = 0.5\nE[x] = 1.5\n"),
    ("4 power moments on [0, 1]", "x in [0, 1]\nE[x] = 0.5\nE[x^2] = 0.3\nE[x^3] = 0.2\nE[x^4] = 0.1456\n"),
    ("4 power moments on the line", "x in (-inf, inf)\nE[x] = 0\nE[x^2] = 1\nE[x^3] = 0.1\nE[x^4] = 2.5\n"),
]


# ---- problems ----

def angles(count, breaks=()):
    """Nodes and weights on 0 .. pi: `count` panels between breaks, 16 Gauss points each."""
    import numpy as np
    ends = [0.0, *sorted(breaks), math.pi]
    edges = np.unique(np.concatenate([np.linspace(a, b, count + 1) for a, b in zip(ends, ends[1:])]))
    g, w = np.polynomial.legendre.leggauss(16)
    half = 0.5 * np.diff(edges)[:, None]
    return (0.5 * (edges[1:] + edges[:-1])[:, None] + half * g).ravel(), (half * w).ravel()


def cosine_moments(theta, p, k):
    """sum p cos(j theta), j = 1 .. k, in long double."""
    import numpy as np
    x, p = np.cos(theta.astype(np.longdouble)), p.astype(np.longdouble)
    before, now, out = np.ones_like(x), x.copy(), []
    for _ in range(k):
        out.append(float(p @ now))
        before, now = now, 2 * x * now - before
    return out


def chebyshev_targets(name, k):
    import numpy as np
    if name == "arcsine":
        return [0.0] * k
    if name == "step":  # 1/4 left of 0, 3/4 right of it: integral of cos(j t) sin(t), in closed form
        out = []
        for j in range(1, k + 1):
            f = lambda t: -math.cos(2 * t) / 4 if j == 1 else (math.cos((j - 1) * t) / (j - 1) - math.cos((j + 1) * t) / (j + 1)) / 2
            out.append(0.75 * (f(math.pi / 2) - f(0)) + 0.25 * (f(math.pi) - f(math.pi / 2)))
        return out
    theta, w = angles(max(64, k // 4))
    x = np.cos(theta)
    p = w * np.sin(theta) * (np.exp(-((x + 0.4) / 0.15) ** 2 / 2) + 0.6 * np.exp(-((x - 0.5) / 0.2) ** 2 / 2))
    return cosine_moments(theta, p / p.sum(), k)


def power_targets(k):
    """The same step on [0, 1]."""
    return [(0.5 * 0.5 ** (j + 1) + 1.5 * (1 - 0.5 ** (j + 1))) / (j + 1) for j in range(1, k + 1)]


def judge_nodes(kind, k):
    """Places on the support, weights, and angles."""
    import numpy as np
    theta, w = angles(max(64, k))
    x = np.cos(theta)
    return (x, w * np.sin(theta), theta) if kind == "chebyshev" else (0.5 * (1 + x), 0.5 * w * np.sin(theta), theta)


def density_of(kind, k, coefficients):
    """exp(-lambda . f) at the judge's nodes, up to a factor; for powers, alternating sums of large terms, in long double."""
    import numpy as np
    x, _, _ = judge_nodes(kind, k)
    if len(coefficients) != k or not np.all(np.isfinite(coefficients)):
        return None
    if kind == "chebyshev":
        score = -np.polynomial.chebyshev.chebval(x, np.concatenate([[0.0], coefficients]))
    else:
        score = np.zeros(len(x), dtype=np.longdouble)
        for c in reversed(coefficients):
            score = (score - np.longdouble(c)) * x
    return np.exp(score - score.max())


def judge(kind, target, p):
    import numpy as np
    k = len(target)
    x, w, theta = judge_nodes(kind, k)
    if p is None or len(p) != len(x):
        return math.nan
    p = (w * np.asarray(p)).astype(np.longdouble)
    total = p.sum()
    p = p / total
    if kind == "chebyshev":
        moments = cosine_moments(theta, p, 2 * k)
        squares = [0.5 * (1 + moments[2 * j + 1]) for j in range(k)]
    else:
        y = x.astype(np.longdouble)
        moments = [float(p @ y ** (j + 1)) for j in range(2 * k)]
        squares = [moments[2 * j + 1] for j in range(k)]
    worst = 0.0
    for t, m, s in zip(target, moments, squares):
        worst = max(worst, abs(m - t) / max(abs(t), math.sqrt(max(0.0, s - m * m)), 1e-300))
    return worst


# ---- peers: run as children, so that they can be stopped ----

def features(kind, k, x):
    import numpy as np
    if kind == "chebyshev":
        return np.polynomial.chebyshev.chebvander(x, k)[:, 1:]
    return x[:, None] ** np.arange(1, k + 1)


def newton(kind, target):
    """Damped Newton on a fixed Gauss-Legendre grid of max(200, 4 k) points, the Hessian as a dense product."""
    import numpy as np
    k, tau = len(target), np.array(target)
    x, w = np.polynomial.legendre.leggauss(max(200, 4 * k)) if k <= 500 else dense_gauss(4 * k)
    if kind == "power":
        x, w = 0.5 * (x + 1), 0.5 * w
    F, y = features(kind, k, x) - tau, np.zeros(k)

    def dual(y):
        score = np.log(w) - F @ y
        top = score.max()
        p = np.exp(score - top)
        z = p.sum()
        return top + np.log(z), p / z

    value, p = dual(y)
    for _ in range(200):
        slope = -(F.T @ p)
        if np.abs(slope).max() < 1e-14:
            break
        H = F.T @ (F * p[:, None]) - np.outer(slope, slope)
        try:
            step = -np.linalg.solve(H, slope)
        except np.linalg.LinAlgError:
            step = -np.linalg.lstsq(H, slope, rcond=None)[0]
        length = 1.0
        while True:
            new, q = dual(y + length * step)
            if new <= value + 1e-4 * length * (slope @ step) + 1e-15 * (1 + abs(value)):
                break
            length /= 2
            if length < 1e-10:
                return list(y)
        y, value, p = y + length * step, new, q
    return list(y)


def dense_gauss(n):
    """Gauss-Legendre nodes by Newton's method: leggauss takes n^3 steps."""
    import numpy as np
    x = np.cos(math.pi * (np.arange(1, n + 1) - 0.25) / (n + 0.5))
    for _ in range(6):
        before, now = np.ones_like(x), x.copy()
        for j in range(1, n):
            before, now = now, ((2 * j + 1) * x * now - j * before) / (j + 1)
        slope = n * (x * now - before) / (x * x - 1)
        x = x - now / slope
    return x, 2 / ((1 - x * x) * slope * slope)


def root(kind, target):
    """scipy: moments by quad, E f = tau by root."""
    import numpy as np
    from scipy.integrate import quad
    from scipy.optimize import root as find
    import warnings
    warnings.simplefilter("ignore")
    k, low = len(target), 0.0 if kind == "power" else -1.0
    value = lambda j, x: np.cos(j * np.arccos(x)) if kind == "chebyshev" else x ** j
    unit = [np.eye(k + 1)[j] for j in range(k + 1)]

    def p(x, y):
        if kind == "chebyshev":
            return math.exp(-np.polynomial.chebyshev.chebval(x, np.concatenate([[0.0], y])))
        return math.exp(-sum(c * x ** (j + 1) for j, c in enumerate(y)))

    def gap(y):
        try:
            z = quad(p, low, 1, args=(y,), epsabs=1e-13, epsrel=1e-13, limit=200)[0]
            return [quad(lambda x: value(j + 1, x) * p(x, y), low, 1, epsabs=1e-13, epsrel=1e-13, limit=200)[0] / z - target[j]
                    for j in range(k)]
        except OverflowError:
            return [1e6] * k

    return list(find(gap, np.zeros(k), tol=1e-13).x)


PEERS = {"numpy Newton": newton, "scipy quad + root": root}


def peer_main(name):
    job = json.load(sys.stdin)
    import numpy
    clock = time.process_time if job["cpu"] else time.perf_counter
    if name == "scipy quad + root":
        import scipy.integrate
        import scipy.optimize
    start = clock()
    y = PEERS[name](job["kind"], job["target"])
    print(json.dumps({"seconds": clock() - start, "lambda": [float(c) for c in y]}))


# ---- the bench ----

class Bench:
    def __init__(self, o, folder):
        self.o, self.folder, self.lines, self.over = o, folder, [], set()

    def ours(self, text, places=()):
        path, at = os.path.join(self.folder, "problem.facts"), os.path.join(self.folder, "places")
        with open(path, "w") as file:
            file.write(text)
        with open(at, "w") as file:
            file.write("\n".join(repr(float(x)) for x in places))
        words = [os.path.join(self.o.build, "bench", "continuous_bench"), *(["--cpu"] if self.o.cpu else []), str(self.o.repeat), path, at]
        done = subprocess.run(words, capture_output=True, text=True)
        return json.loads(done.stdout) if done.returncode == 0 else {"solve": math.nan, "verdict": done.stderr.strip()}

    def peer(self, name, kind, density, target):
        if (name, kind, density) in self.over:
            return None
        job = json.dumps({"kind": kind, "target": target, "cpu": self.o.cpu})
        try:
            done = subprocess.run([sys.executable, os.path.abspath(__file__), "--build", self.o.build, "--peer", name], input=job,
                                  capture_output=True, text=True, timeout=self.o.limit)
        except subprocess.TimeoutExpired:
            self.over.add((name, kind, density))
            return {"seconds": math.inf, "lambda": []}
        return json.loads(done.stdout) if done.returncode == 0 else {"seconds": math.nan, "lambda": []}

    def moments(self, kind, name, target, text, tolerance):
        k = len(target)
        mine = self.ours(text, judge_nodes(kind, k)[0])
        off = judge(kind, target, mine.get("p"))
        said = mine.get("residual", math.nan)
        line = {"kind": kind, "density": name, "k": k, "ours": mine["solve"], "read": mine.get("read"), "verdict": mine["verdict"],
                "residual": off, "told": said, "peers": {}}
        words = f"{name:8s} k = {k:4d}  {1000 * mine['solve']:9.3f} ms  {mine['verdict']:10s} "
        words += f"{off:.0e} (told {said:.0e})" + ("" if off <= tolerance else " NOT MET")
        for peer in PEERS:
            theirs = self.peer(peer, kind, name, target)
            if theirs is None:
                continue
            residual = judge(kind, target, density_of(kind, k, theirs["lambda"]))
            line["peers"][peer] = {"seconds": theirs["seconds"], "residual": residual}
            if math.isinf(theirs["seconds"]):
                words += f"   {peer}: over {self.o.limit:g} s"
            elif residual <= 1e-10:
                words += f"   {peer}: {theirs['seconds'] / mine['solve']:.1f}x, {residual:.0e}"
            else:
                words += f"   {peer}: fails, {residual:.0e} after {theirs['seconds']:.2f} s"
        print(words, flush=True)
        self.lines.append(line)
        return mine["solve"]


def chebyshev(bench):
    sizes = [16, 64, 256] if bench.o.quick else [16, 64, 256, 1000, 2000]
    for name in DENSITIES:
        times = []
        for k in sizes:
            target = chebyshev_targets(name, k)
            text = "x in [-1, 1]\n" + "".join(f"E[T({j}, x)] = {t!r}\n" for j, t in enumerate(target, 1))
            times.append(bench.moments("chebyshev", name, target, text, 1e-12))
        growth = math.log(times[-1] / times[0]) / math.log(sizes[-1] / sizes[0])
        steepest = max(math.log(b / a) / math.log(l / k) for a, b, k, l in zip(times, times[1:], sizes, sizes[1:]))
        print(f"{name}: time grows like k^{growth:.2f} from {sizes[0]} to {sizes[-1]}, between neighbours by at most k^{steepest:.2f}")
        bench.lines.append({"density": name, "growth": growth, "steepest": steepest})


def powers(bench):
    for k in [2, 3, 4, 6, 8, 12, 20, 40] if bench.o.quick else range(2, 41):
        target = power_targets(k)
        text = "x in [0, 1]\n" + "".join(f"E[x^{j}] = {t!r}\n" for j, t in enumerate(target, 1))
        bench.moments("power", "step", target, text, 1e-10)


def small(bench):
    for name, text in SMALL:
        mine = bench.ours(text)
        print(f"{name:28s} {1000 * mine['solve']:8.3f} ms  {mine['verdict']:10s} residual {mine.get('residual', math.nan):.0e}", flush=True)
        bench.lines.append({"small": name, "ours": mine["solve"], "verdict": mine["verdict"], "residual": mine.get("residual")})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, help="build folder with bench/continuous_bench")
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--limit", type=float, default=30, help="seconds for a peer")
    parser.add_argument("--cpu", action="store_true", help="processor time, for a machine that others use too")
    parser.add_argument("--only", default="", help="chebyshev, power or small")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    o = parser.parse_args()
    o.build = os.path.abspath(o.build)
    if o.peer:
        return peer_main(o.peer)
    if not os.environ.get("MAXENT_BENCH_INSIDE"):
        sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
        import run
        os.makedirs(os.path.join(o.build, "bench"), exist_ok=True)
        python, _ = run.environment(o.build, [])
        if python is None:
            return None
        one = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
        os.execve(python, [python, *sys.argv], dict(os.environ, MAXENT_BENCH_INSIDE="1", **one))
    print(f"continuous supports, one core, {'processor' if o.cpu else 'wall clock'} time; ratios: theirs / ours", flush=True)
    with tempfile.TemporaryDirectory(prefix="maxent-bench-") as folder:
        bench = Bench(o, folder)
        for name, table in (("chebyshev", chebyshev), ("power", powers), ("small", small)):
            if o.only in name:
                table(bench)
    path = os.path.join(o.build, "bench", "continuous.json")
    with open(path, "w") as file:
        json.dump({"cpu": o.cpu, "lines": bench.lines}, file, indent=1)
    print("written to", path)
    return None


if __name__ == "__main__":
    main()
