#!/usr/bin/env python3
"""Entropy side by side with what a user would run instead: pandas and polars on a CSV of ten million rows, scipy, scikit-learn and
infomeasure on samples.

    entropy.py --build DIR [--quick] [--rows N] [--points N] [--repeat R] [--threads T] [--cpu]

One line a peer: seconds of ours and of the peer (medians of R runs; one where a run takes over ten seconds), the ratio, and whether both
gave the same number. All use T threads; --cpu counts processor time on one core, for a machine that others use too. The library
is called through its C interface, so that no time is spent on passing points as text. Everything also goes to DIR/bench/entropy.json.

The peers live in the private environment of run.py, DIR/bench/venv; what cannot be installed is left out and said. R's infotheo and
entropy are no packages of PyPI or Debian: they are left out.
"""
import argparse
import ctypes
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

PACKAGES = {"pandas": "pandas", "polars": "polars", "sklearn": "scikit-learn", "infomeasure": "infomeasure"}


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, help="build folder with the program and libmaxent.so")
    parser.add_argument("--quick", action="store_true", help="small sizes, about half a minute")
    parser.add_argument("--rows", type=int)
    parser.add_argument("--points", type=int)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--threads", type=int, help="default: all processors")
    parser.add_argument("--cpu", action="store_true")
    parser.add_argument("--only", default="", help="jobs whose name contains this")
    o = parser.parse_args()
    o.build = os.path.abspath(o.build)
    o.rows = o.rows or (1_000_000 if o.quick else 10_000_000)
    o.points = o.points or (20_000 if o.quick else 100_000)
    o.threads = 1 if o.cpu else o.threads or len(os.sched_getaffinity(0))
    return o


def enter_environment(o):
    """Goes on in the private environment, with what can be installed there."""
    if os.environ.get("MAXENT_BENCH_INSIDE"):
        return
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import run
    os.makedirs(os.path.join(o.build, "bench"), exist_ok=True)
    python, _ = run.environment(o.build, [])
    if python is None:
        sys.exit(0)
    for module, package in PACKAGES.items():
        if run.child([python, "-c", "import " + module])[0] != 0:
            run.child([python, "-m", "pip", "install", "-q", "--prefer-binary", package], limit=600)
        if run.child([python, "-c", "import " + module])[0] != 0:
            print(f"the package {package} could not be installed; left out")
    threads = {name: str(o.threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS", "NUMBA_NUM_THREADS")}
    os.execve(python, [python, *sys.argv], dict(os.environ, MAXENT_BENCH_INSIDE="1", **threads))


def load(name):
    try:
        return __import__(name)
    except ImportError:
        return None


class Bench:
    def __init__(self, o):
        self.o, self.lines = o, []

    def clock(self):
        if not self.o.cpu:
            return time.perf_counter()
        return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))

    def timed(self, job):
        seconds = []
        while len(seconds) < self.o.repeat and sum(seconds) < 10:
            start = self.clock()
            value = job()
            seconds.append(self.clock() - start)
        return statistics.median(seconds), value

    def compare(self, name, ours, peers, tolerance=1e-9):
        """peers: (name, job) or (name, job, tolerance) or None."""
        mine, value = self.timed(ours)
        for peer in filter(None, peers):
            theirs, other = self.timed(peer[1])
            allowed = peer[2] if len(peer) > 2 else tolerance
            same = abs(value - other) <= allowed * max(1, abs(other))
            verdict = "same" if same and allowed == tolerance else f"differs by {abs(value - other):.1e}"
            print(f"{name:44s} {mine:9.4f} s   {peer[0]:16s} {theirs:9.4f} s   {theirs / mine:7.1f}x   {verdict}", flush=True)
            self.lines.append({"job": name, "ours": mine, "peer": peer[0], "theirs": theirs, "ratio": theirs / mine, "value": value,
                               "other": other})


def write_table(path, rows, rng):
    """Four categorical columns, each drawn from the one before it with some chance."""
    import numpy as np
    names = [["sunny", "rain", "overcast"], ["hot", "mild", "cool"], ["high", "normal"], ["yes", "no"]]
    with open(path, "wb") as file:
        file.write(b"outlook,temperature,humidity,play\n")
        for start in range(0, rows, 1_000_000):
            n, code, text = min(1_000_000, rows - start), None, None
            for column in names:
                fresh = rng.integers(0, len(column), n)
                code = fresh if code is None else np.where(rng.random(n) < 0.4, code % len(column), fresh)
                words = np.array([w.encode() for w in column], dtype=object)[code]
                text = words if text is None else text + b"," + words
            file.write(b"\n".join(text) + b"\n")


def table(bench, maxent, folder, rng):
    import numpy as np
    pandas, polars = load("pandas"), load("polars")
    path, rows = os.path.join(folder, "table.csv"), bench.o.rows
    write_table(path, rows, rng)

    def ours():
        words = [maxent, "entropy", path, "H(play)", "I(play; outlook)", "--json", "--threads", str(bench.o.threads)]
        return json.loads(subprocess.run(words, check=True, capture_output=True).stdout)["quantities"][1]["value"]

    def reading():
        with open(path, "rb", buffering=0) as file:
            buffer = bytearray(1 << 20)
            while file.readinto(buffer):
                pass

    def h(counts):
        p = np.asarray(counts) / rows
        return -(p * np.log(p)).sum()

    def with_pandas():
        frame = pandas.read_csv(path)
        return sum(sign * h(frame.value_counts(columns)) for sign, columns in
                   ((1, "play"), (1, "outlook"), (-1, ["play", "outlook"])))

    def with_polars():
        frame = polars.read_csv(path)
        return sum(sign * h(frame.group_by(columns).len()["len"].to_numpy()) for sign, columns in
                   ((1, ["play"]), (1, ["outlook"]), (-1, ["play", "outlook"])))

    mine, floor, count = bench.timed(ours)[0], bench.timed(reading)[0], bench.timed(lambda: subprocess.run(["wc", "-l", path], check=True, stdout=subprocess.DEVNULL))[0]
    size = os.path.getsize(path) / 1e6
    print(f"{rows} rows, {size:.0f} MB: H and I at {size / mine:.0f} MB/s; reading alone {size / floor:.0f} MB/s, wc -l {size / count:.0f} MB/s")
    bench.lines.append({"job": "reading", "megabytes": size, "ours": mine, "reading": floor, "wc": count})
    bench.compare(f"H and I, {rows} rows, four columns", ours,
                  [pandas and ("pandas", with_pandas), polars and ("polars", with_polars)])


def samples(bench, library, rng):
    import numpy as np
    from scipy.spatial import cKDTree
    from scipy.special import digamma, gammaln
    sklearn, infomeasure = load("sklearn"), load("infomeasure")
    doubles = np.ctypeslib.ndpointer(np.float64, flags="C")
    size, out = ctypes.c_size_t, ctypes.POINTER(ctypes.c_double)
    library.maxent_knn_entropy.argtypes = [size, size, doubles, size, ctypes.c_int, out, out, ctypes.c_void_p]
    library.maxent_knn_mutual_information.argtypes = [ctypes.c_int, size, size, doubles, size, doubles, size, ctypes.c_int, out, out,
                                                      ctypes.c_void_p]
    n, k, workers = bench.o.points, 3, bench.o.threads
    for d in (1, 3, 10):
        x = rng.normal(size=(n, d)) @ np.linalg.cholesky(0.4 * np.ones((d, d)) + 0.6 * np.eye(d)).T
        y = x[:, :1] + rng.normal(size=(n, 1))

        def ours_h():
            value = ctypes.c_double()
            assert library.maxent_knn_entropy(n, d, x, k, workers, ctypes.byref(value), None, None) == 0
            return value.value

        def scipy_h():
            distance = cKDTree(x).query(x, k + 1, workers=workers)[0][:, k]
            return digamma(n) - digamma(k) + d / 2 * np.log(np.pi) - gammaln(1 + d / 2) + d * np.log(distance).mean()

        def ours_i():
            value = ctypes.c_double()
            assert library.maxent_knn_mutual_information(0, n, d, x, 1, y, k, workers, ctypes.byref(value), None, None) == 0
            return value.value

        def scipy_i():
            joint = np.hstack([x, y])
            radius = np.nextafter(cKDTree(joint).query(joint, k + 1, p=np.inf, workers=workers)[0][:, k], 0)
            counts = [cKDTree(z).query_ball_point(z, radius, p=np.inf, return_length=True, workers=workers) for z in (x, y)]
            return digamma(k) + digamma(n) - digamma(counts[0]).mean() - digamma(counts[1]).mean()

        def sklearn_i():  # scales both sides and adds noise: near, not the same
            from sklearn.feature_selection import mutual_info_regression
            return float(mutual_info_regression(x, y[:, 0], n_neighbors=k)[0])

        def infomeasure_i():
            return float(infomeasure.mutual_information(x, y, approach="ksg", k=k))

        name = f"{n} points, {d} dimension{'s' if d > 1 else ''}"
        if bench.o.only in "kNN entropy, " + name:
            bench.compare("kNN entropy, " + name, ours_h, [("scipy cKDTree", scipy_h)])
        if bench.o.only in "KSG information, " + name:
            bench.compare("KSG information, " + name, ours_i,
                          [("scipy cKDTree", scipy_i), sklearn and d == 1 and ("scikit-learn", sklearn_i, 0.05),
                           infomeasure and d < 10 and ("infomeasure", infomeasure_i)])


def main():
    o = options()
    enter_environment(o)
    import numpy as np
    rng = np.random.default_rng(1)
    bench = Bench(o)
    print(f"entropy, {o.threads} thread{'s' if o.threads > 1 else ''}, {'processor' if o.cpu else 'wall clock'} time:", flush=True)
    if o.only in "H and I":
        with tempfile.TemporaryDirectory(prefix="maxent-bench-") as folder:
            table(bench, os.path.join(o.build, "maxent"), folder, rng)
    samples(bench, ctypes.CDLL(os.path.join(o.build, "libmaxent.so")), rng)
    path = os.path.join(o.build, "bench", "entropy.json")
    with open(path, "w") as file:
        json.dump({"threads": o.threads, "cpu": o.cpu, "lines": bench.lines}, file, indent=1)
    print("written to", path)


if __name__ == "__main__":
    main()
