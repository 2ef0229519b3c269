"""Every example runs and gives its numbers.

    examples.py FOLDER-OF-THE-EXAMPLE-PROGRAMS

Sources of the numbers are beside them; where none is named, closed forms. Entropies of the tables: R's loglin run to convergence.
"""
import math
import os
import subprocess
import sys

SOURCE = os.environ["MAXENT_SOURCE"]
sys.path.insert(0, os.path.join(SOURCE, "tests", "cli"))
sys.path.insert(0, os.path.join(SOURCE, "examples"))
from harness import answer, check, close, equal, main, run  # noqa: E402
import spins10  # noqa: E402


def example(name, verdict="solved"):
    a = answer(os.path.join(SOURCE, "examples", name + ".facts"))
    equal(a["verdict"], verdict, name)
    check(a["certificate"]["residual"] <= 1e-12, f"{name}: residual {a['certificate']['residual']}")
    return a


def probabilities(a, expected, tolerance=1e-14):
    equal(len(a["states"]), len(expected))
    for state, p in zip(a["states"], expected):
        check(abs(state["p"] - p) <= tolerance, f"{state}, expected {p}")


def test_fast_food():
    a = example("fast-food")
    r = math.sqrt(61)
    probabilities(a, [(19 - r) / 24, (r - 4) / 12, (13 - r) / 24])
    close(a["entropy"], 1.0511728534684784, 1e-15, "entropy")
    close(a["facts"][0]["lambda"], 0.38415631037597031, 1e-14, "lambda")


def test_coin_and_die():
    probabilities(example("coin"), [0.5, 0.5])
    a = example("die")
    probabilities(a, [1 / 6] * 6)
    close(a["entropy"], math.log(6), 1e-15, "entropy")


def test_jaynes_die():
    """Jaynes, Brandeis lectures: .05435 .07877 .11416 .16545 .23977 .34749; the digits below from 60-digit arithmetic."""
    a = example("jaynes-die")
    probabilities(a, [.054353167826491518, .078771545633053519, .11415997722944056, .16544680311005334, .23977444042689998,
                      .34749406577406109])
    close(a["facts"][0]["lambda"], -.37104893808103334, 1e-13, "lambda")
    close(a["entropy"], 1.613581098153829, 1e-14, "entropy")


def test_wolf_dice():
    probabilities(example("wolf-dice"), [.16433037320397457, .16962723798993836, .14117475539386552, .14572524460613448,
                                         .18656442662650819, .19257796217957888])


def test_translation_in():
    """Closed form: p(dans) solves a quadratic; Berger et al. give .186 .114 .314 and .193 twice."""
    a = example("translation-in")
    dans = 0.9 - math.sqrt(0.51)
    probabilities(a, [dans, 0.3 - dans, 0.5 - dans, (0.2 + dans) / 2, (0.2 + dans) / 2], 1e-13)
    equal([s["french"] for s in a["states"]], ["dans", "en", "\u00e0", "au cours de", "pendant"])
    close(a["entropy"], 1.5591321672741117, 1e-14, "entropy")


def test_kangaroos():
    a = example("kangaroos")
    probabilities(a, [1 / 12, 1 / 4, 1 / 6, 1 / 2])
    equal(a["family"]["name"], "independent")


def test_tables():
    """All two-way margins: G^2 = 2 N (H(fit) - H(data)) is that of the log-linear model, 20.2042753272413 and 116.588033007157."""
    for name, verdict, n, data, fit, g2 in (
        ("ucb-admissions", "solved", 4526, 2.88529033394035, 2.88752235728626, 20.2042753272413),
        ("titanic", "boundary", 2201, 2.34053481010746, 2.36702005159023, 116.588033007157),
    ):
        a = example(name, verdict)
        counts = [s["Freq"] for s in a["states"]]
        equal(sum(counts), n)
        h = -sum(c / n * math.log(c / n) for c in counts if c)
        close(h, data, 1e-13, name + ": entropy of the data")
        close(a["entropy"], fit, 1e-12, name + ": entropy of the fit")
        close(2 * n * (a["entropy"] - h), g2, 1e-9, name + ": G^2")
    for s in a["states"]:
        if s["Class"] == "Crew" and s["Age"] == "Child":
            equal(s["p"], 0, "no children among the crew")


def test_spins10():
    """The fields and couplings of the model that made the averages come back."""
    a = example("spins10")
    h, J = spins10.model()
    expected = h + list(J.values())
    equal(len(a["facts"]), 55)
    for fact, value in zip(a["facts"], expected):
        close(-fact["lambda"], value, 1e-11, fact["text"])
    equal((a["family"]["name"], a["family"]["spins"]), ("Ising", 10))
    mean, pair = spins10.averages(h, J)
    with open(os.path.join(SOURCE, "examples", "spins10-means.txt"), encoding="ascii") as file:
        equal([float(line) for line in file if line[0] != "#"], mean, "spins10-means.txt")
    with open(os.path.join(SOURCE, "examples", "spins10-pairs.txt"), encoding="ascii") as file:
        equal([float(line) for line in file if line[0] != "#"], list(pair.values()), "spins10-pairs.txt")


GAMMA = 0.57721566490153286  # Euler's constant


def named(name, family, **parameters):
    a = example(name)
    equal(a["family"]["name"], family, name)
    for key, value in parameters.items():
        close(a["family"][key], value, 1e-10, f"{name}: {key}")
    return a


def test_densities():
    """Entropies in closed form; two-moments by 60-digit arithmetic, quantiles by hand: 0.5 on [0, 3], 0.4 on (3, 7], 0.1 on (7, 10]."""
    a = named("waiting-time", "exponential", rate=0.5)
    close(a["entropy"], 1 + math.log(2), 1e-12, "exponential")
    a = named("body-height", "normal", mean=171, sd=7)
    close(a["entropy"], 0.5 * math.log(2 * math.pi * math.e * 49), 1e-12, "normal")
    a = named("share", "beta", alpha=2, beta=3)
    psi2, psi3, psi5 = 1 - GAMMA, 1.5 - GAMMA, 25 / 12 - GAMMA
    close(a["entropy"], math.log(1 / 12) - psi2 - 2 * psi3 + 3 * psi5, 1e-12, "beta")
    a = named("gumbel", "Gumbel", location=0, scale=1)
    close(a["entropy"], 1 + GAMMA, 1e-12, "Gumbel")
    a = example("two-moments")
    close(a["entropy"], -0.02400301854992624, 1e-12, "two moments")
    a = example("quantiles")
    close(a["entropy"], -sum(p * math.log(p / w) for p, w in ((0.5, 3), (0.4, 4), (0.1, 3))), 1e-12, "quantile facts")
    a = named("photons", "Poisson", rate=4.2)
    close(a["relative_entropy"], 4.2 * math.log(4.2) - 3.2, 1e-12, "Poisson(4.2) from Poisson(1)")
    a = example("species-and-length")
    for state, (label, p, mean) in zip(a["states"], (("adelie", 0.55, 39), ("gentoo", 0.45, 47.5))):
        equal(state["species"], label)
        close(state["p"], p, 1e-12, label)
        close(state["length"]["mean"], mean, 1e-12, label)
        close(state["length"]["sd"], math.sqrt(8.5), 1e-9, label)


def test_unattained():
    a = answer(os.path.join(SOURCE, "examples", "too-heavy.facts"), status=4)
    equal(a["verdict"], "unattained")
    close(a["certificate"]["bound"], 0.5 * math.log(2 * math.pi * math.e), 1e-9, "that of the normal without E[x^4]")


def program(name):
    done = subprocess.run([os.path.join(sys.argv[1], "example_" + name)], capture_output=True, timeout=60)
    equal(done.returncode, 0, done.stderr.decode())
    return done.stdout.decode().split("\n"), done.stderr.decode()


def test_readme_program():
    equal(program("readme")[0][0], "solved: 0.466240 0.317521 0.216240, lambda 0.384156, entropy 1.051173")


def test_solve_array():
    """Jaynes' die with a prior; the sweep by Newton's method in numpy."""
    lines, _ = program("solve_array")
    for line, p in zip(lines, [.051258622874198245, .062724949328996333, .076756242124983099, .093926272849542383, .57468581623898938,
                               .14064809658329056]):
        close(float(line.split("= ")[1]), p, 2e-15, line)
    equal(lines[6], "solved: relative entropy 0.038277671822545, residual below 1e-12: yes")
    equal(lines[7:13], ["mean 2: lambda  0.818732, entropy 1.316761", "mean 3: lambda  0.405465, entropy 1.620589",
                        "mean 4: lambda  0.042507, entropy 1.527556", "mean 5: lambda -0.629571, entropy 1.054703",
                        "mean 6: boundary", "mean 7: infeasible"])


def test_solve_callback():
    """The Ising ring: the coupling is exactly 1/2; the rest by summing over all states in numpy."""
    lines, err = program("solve_callback")
    equal(lines[0], "solved: coupling 0.500000000000, field 0.000000000000, entropy of a spin 0.582199698623")
    equal(lines[1], "the progress callback was called: yes")
    equal(lines[2], "solved: mean spin 0.200000000000, coupling 0.480557, field 0.077992")
    check("iteration" in err, err)


def test_every_example_is_tested():
    names = {name[:-6] for name in os.listdir(os.path.join(SOURCE, "examples")) if name.endswith(".facts")}
    equal(names, {"fast-food", "coin", "die", "jaynes-die", "wolf-dice", "translation-in", "kangaroos", "ucb-admissions", "titanic", "spins10",
                  "waiting-time", "body-height", "share", "gumbel", "two-moments", "quantiles", "species-and-length", "photons",
                  "too-heavy"})
    for name in sorted(names - {"too-heavy"}):
        code, out, err = run("solve", os.path.join(SOURCE, "examples", name + ".facts"), "--explain")
        check(code == 0 and "nan" not in out.lower().replace("banan", "") and err == "", f"{name}: {code} {err}")
        check(all(len(line) <= 80 for line in out.split("\n")), f"{name}: lines fit a terminal")


main(globals())
