"""The family's name: given where it is right, with its parameters, and not given where it is not."""
import math

from harness import answer, check, close, equal, main


def family(*statements):
    return answer("-e", "; ".join(statements))["family"]


def is_family(got, name, **parameters):
    check(got is not None and got["name"] == name, f"{got}, expected {name}")
    if got is not None:
        for key, value in parameters.items():
            close(got.get(key), value, 1e-9, f"{name}: {key}")


def test_uniform_and_degenerate():
    is_family(family("x in 1..6"), "uniform", states=6)
    is_family(family("side in {heads, tails}"), "uniform", states=2)
    is_family(family("x in 1..6", "E[x] = 3.5"), "uniform", states=6)
    is_family(family("x in {7}"), "degenerate", value=7)
    is_family(family("x in 1..6", "E[x] = 1"), "degenerate", value=1)
    is_family(family("x in 1..6", "E[(x - 3.5)^2] = 25 / 4"), "uniform", states=2)  # half on 1, half on 6


def test_one_variable():
    is_family(family("x in {0, 1}", "E[x] = 0.3"), "Bernoulli", probability=0.3)
    is_family(family("x in {1, 0}", "E[x] = 0.3"), "Bernoulli", probability=0.3)
    is_family(family("x in {0, 1}"), "Bernoulli", probability=0.5)
    # n = 10, p = 0.35: the mean is 3.5
    is_family(family("x in 0..10", "prior {1, 10, 45, 120, 210, 252, 210, 120, 45, 10, 1}", "E[x] = 3.5"), "binomial",
              trials=10, probability=0.35)
    # 1/x! and E[x] = r sum_{x<n} r^x/x! / sum_{x<=n} r^x/x! for the rate r = 2, n = 12
    z = [2**x / math.factorial(x) for x in range(13)]
    is_family(family("x in 0..12", "prior exp(-lgamma(x + 1))", f"E[x] = {sum(x * p for x, p in enumerate(z)) / sum(z)!r}"),
              "truncated Poisson", rate=2, maximum=12)
    ratio = (math.sqrt(61) - 1) / 10
    is_family(family("x in {3, 1, 2}", "E[x] = 1.75"), "truncated geometric", ratio=ratio, minimum=1, maximum=3, step=1)
    is_family(family("x in {10, 10.5, 11}", "E[x] = 10.375"), "truncated geometric", ratio=ratio, minimum=10, maximum=11, step=0.5)
    is_family(family("x in -60..60", "E[x] = 3", "E[x^2] = 34"), "discretised normal", mean=3, sd=5, minimum=-60, maximum=60, step=1)


def test_several_variables():
    is_family(family("eyes in {blue, brown}", "hand in {left, right}", "P[eyes = blue] = 1/3", "P[hand = left] = 1/4"), "independent",
              variables=2)
    is_family(family("x in 1..6", "y in 1..6", "E[x] = 3", "E[y^2] = 20"), "independent", variables=2)
    is_family(family("s[1..5] in {-1, 1}", "E[s[i] * s[i + 1]] = 0.5 for i in 1..4", "E[s[i]] = i / 10 for i in 1..5"), "Ising", spins=5)
    is_family(family("a in 1..3", "b in 1..3", "c in 1..4", "E[a * b] = 5", "E[b * c] = 4", "E[a * c] = 6"), "pairwise log-linear", variables=3)


def test_none():
    check(family("x in {1, 2, 4}", "E[x] = 1.75") is None, "not equally spaced")
    check(family("x in 1..6", "E[(x - 3.5)^2] = 4") is None, "U-shaped: no normal")
    check(family("x in 1..6", "P[x = 1] = 0.3") is None, "one face heavy")
    check(family("x in 1..6", "E[x^3] = 60") is None, "cubic")
    check(family("side in {heads, tails, edge}", "P[side = edge] = 0.01") is None, "names")
    check(family("s[1..3] in {-1, 1}", "E[s[1] * s[2] * s[3]] = 0.5") is None, "three spins at once")
    check(family("a in 1..2", "b in 1..2", "E[a * b] = 2") is None, "two variables that depend on each other")
    # one part in a million off a geometric law
    w = [0.5**x * (1 + 1e-6 * (x == 3)) for x in range(1, 7)]
    check(family("x in 1..6", "prior {" + ", ".join(map(repr, w)) + "}") is None, "nearly is not")
    is_family(family("x in 1..6", "prior {" + ", ".join(repr(0.5**x) for x in range(1, 7)) + "}"), "truncated geometric", ratio=0.5)


equal(len(answer("-e", "x in {1, 2}")["states"]), 2)
main(globals())
