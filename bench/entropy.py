#!/usr/bin/env python3
"""Entropy side by side with what a user would run instead: pandas and scipy on a CSV of ten million rows, scipy's trees on samples.

    entropy.py --build FOLDER [--rows N] [--points N] [--repeat R]

Each line is one job: seconds of ours and of the peer (the median of R runs, wall clock; the peer with as many workers), the ratio, and
that both gave the same number. The library is called through its C interface, so that no time is spent on passing points as text.
"""
import argparse
import ctypes
import json
import os
import statistics
import subprocess
import tempfile
import time

import numpy as np
from scipy.spatial import cKDTree
from scipy.special import digamma, gammaln

try:
    import pandas
except ImportError:
    pandas = None


def timed(repeat, job):
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        value = job()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), value


def report(name, ours, peer, peer_name, value, other):
    same = abs(value - other) <= 1e-9 * max(1, abs(other))
    print(f"{name:44s} {ours:9.3f} s   {peer_name:14s} {peer:9.3f} s   {peer / ours:6.1f}x   {'same' if same else f'{value} {other}'}", flush=True)


def write_table(path, rows, rng):
    """Four categorical columns, each drawn from the one before it with some chance."""
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


def table(arguments, maxent, folder, rng):
    path = os.path.join(folder, "table.csv")
    write_table(path, arguments.rows, rng)
    quantities = ["H(play)", "I(play; outlook)"]

    def ours():
        out = subprocess.run([maxent, "entropy", path, *quantities, "--json"], check=True, capture_output=True).stdout
        return json.loads(out)["quantities"][1]["value"]

    def floor():
        with open(path, "rb", buffering=0) as file:
            buffer = bytearray(1 << 20)
            while file.readinto(buffer):
                pass
        return 0.0

    def peer():
        frame = pandas.read_csv(path)

        def h(counts):
            p = counts.to_numpy() / len(frame)
            return -(p * np.log(p)).sum()

        return h(frame.value_counts("play")) + h(frame.value_counts("outlook")) - h(frame.value_counts(["play", "outlook"]))

    mine, value = timed(arguments.repeat, ours)
    reading, _ = timed(arguments.repeat, floor)
    print(f"{arguments.rows} rows, {os.path.getsize(path) / 1e6:.0f} MB: reading alone takes {reading:.3f} s, H and I {mine / reading:.1f} times that")
    if pandas is None:
        print("pandas is not installed: no comparison")
        return
    theirs, other = timed(1, peer)
    report(f"H and I, {arguments.rows} rows", mine, theirs, "pandas", value, other)


def samples(arguments, library, rng):
    doubles = np.ctypeslib.ndpointer(np.float64, flags="C")
    size, out = ctypes.c_size_t, ctypes.POINTER(ctypes.c_double)
    library.maxent_knn_entropy.argtypes = [size, size, doubles, size, ctypes.c_int, out, out, ctypes.c_void_p]
    library.maxent_knn_mutual_information.argtypes = [ctypes.c_int, size, size, doubles, size, doubles, size, ctypes.c_int, out, out,
                                                      ctypes.c_void_p]
    n, k = arguments.points, 3
    for d in (1, 3, 10):
        x = rng.normal(size=(n, d)) @ np.linalg.cholesky(0.4 * np.ones((d, d)) + 0.6 * np.eye(d)).T
        y = x[:, :1] + rng.normal(size=(n, 1))

        def ours_h():
            value = ctypes.c_double()
            assert library.maxent_knn_entropy(n, d, x, k, 0, ctypes.byref(value), None, None) == 0
            return value.value

        def peer_h():
            distance = cKDTree(x).query(x, k + 1, workers=-1)[0][:, k]
            return digamma(n) - digamma(k) + d / 2 * np.log(np.pi) - gammaln(1 + d / 2) + d * np.log(distance).mean()

        def ours_i():
            value = ctypes.c_double()
            assert library.maxent_knn_mutual_information(0, n, d, x, 1, y, k, 0, ctypes.byref(value), None, None) == 0
            return value.value

        def peer_i():
            joint = np.hstack([x, y])
            radius = np.nextafter(cKDTree(joint).query(joint, k + 1, p=np.inf, workers=-1)[0][:, k], 0)
            counts = [cKDTree(z).query_ball_point(z, radius, p=np.inf, return_length=True, workers=-1) for z in (x, y)]
            return digamma(k) + digamma(n) - digamma(counts[0]).mean() - digamma(counts[1]).mean()

        for name, ours, peer in (("kNN entropy", ours_h, peer_h), ("KSG information", ours_i, peer_i)):
            mine, value = timed(arguments.repeat, ours)
            theirs, other = timed(1 if d == 10 else arguments.repeat, peer)
            report(f"{name}, {n} points, {d} dimension{'s' if d > 1 else ''}", mine, theirs, "scipy cKDTree", value, other)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, help="build folder with the program and libmaxent.so")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory(prefix="maxent-bench-") as folder:
        table(arguments, os.path.join(arguments.build, "maxent"), folder, rng)
    samples(arguments, ctypes.CDLL(os.path.join(os.path.abspath(arguments.build), "libmaxent.so")), rng)


if __name__ == "__main__":
    main()
