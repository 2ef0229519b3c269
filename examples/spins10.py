"""Writes spins10-means.txt and spins10-pairs.txt: the means of ten spins and of their 45 products under a pairwise model

    p(s) = exp(sum_i h_i s_i + sum_{i<j} J_ij s_i s_j) / Z

whose fields h_i (normal, sd 0.3) and couplings J_ij (normal, sd 0.3) are drawn by Python's generator with seed 10, by summing over
all 1024 states with exact sums (math.fsum). The multipliers that `maxent solve spins10.facts` finds are -h and -J.
"""
import itertools
import math
import os
import random


def model():
    draw = random.Random(10)
    h = [round(draw.gauss(0, 0.3), 3) for _ in range(10)]
    J = {(i, j): round(draw.gauss(0, 0.3), 3) for i in range(10) for j in range(i + 1, 10)}
    return h, J


def averages(h, J):
    states = list(itertools.product((-1, 1), repeat=10))
    weight = [math.exp(math.fsum([h[i] * s[i] for i in range(10)] + [c * s[i] * s[j] for (i, j), c in J.items()])) for s in states]
    z = math.fsum(weight)
    mean = [math.fsum(w * s[i] for w, s in zip(weight, states)) / z for i in range(10)]
    pair = {(i, j): math.fsum(w * s[i] * s[j] for w, s in zip(weight, states)) / z for i, j in J}
    return mean, pair


if __name__ == "__main__":
    mean, pair = averages(*model())
    folder = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(folder, "spins10-means.txt"), "w", encoding="ascii") as out:
        out.write("# E[s_i], i = 1..10; written by spins10.py\n" + "".join(f"{m!r}\n" for m in mean))
    with open(os.path.join(folder, "spins10-pairs.txt"), "w", encoding="ascii") as out:
        out.write("# E[s_i s_j], i < j, j running fastest; written by spins10.py\n" + "".join(f"{m!r}\n" for m in pair.values()))
