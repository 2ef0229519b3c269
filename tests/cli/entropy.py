"""maxent entropy and maxent questions: the numbers of the published cases, every option, every refusal."""
import gzip
import math
import os
import re

from harness import check, close, equal, main, parse, run, scratch

WEATHER = """outlook,temperature,humidity,wind,play
sunny,hot,high,weak,no
sunny,hot,high,strong,no
overcast,hot,high,weak,yes
rain,mild,high,weak,yes
rain,cool,normal,weak,yes
rain,cool,normal,strong,no
overcast,cool,normal,strong,yes
sunny,mild,high,weak,no
sunny,cool,normal,weak,yes
rain,mild,normal,weak,yes
sunny,mild,normal,strong,yes
overcast,mild,high,strong,yes
overcast,hot,normal,weak,yes
rain,mild,high,strong,no
"""
COUNTS = "4,2,3,0,2,4,0,0,2,1,1"


def values(*words, **named):
    """The list `quantities` of --json."""
    code, out, err = run("entropy", *words, "--json", **named)
    check(code == 0, f"{words}: {code} {err}")
    return parse(out)["quantities"] if out else []


def refused(command, words, *parts, status=2, **named):
    code, out, err = run(command, *words, **named)
    check(code == status and out == "", f"{command} {words}: {code} {out!r}")
    check(err.startswith("maxent: "), f"{words}: {err!r}")
    for part in parts:
        check(part in err, f"{words}: {err!r} lacks {part!r}")


def test_probabilities():
    h, perplexity, redundancy = values("-p", "0.5,0.25,0.125,0.125", "--base", "2")
    close(h["value"], 1.75, 1e-15)
    equal((h["unit"], h["estimator"], h["n"], h["cells"], h["interval"]), ("bit", "given", None, 4, None))
    close(perplexity["value"], 3.363585661014858, 1e-14)
    equal(perplexity["unit"], None)
    close(redundancy["value"], 0.125, 1e-15)
    close(values("-p", "1/32 " * 32, "--base=2")[0]["value"], 5, 1e-15)
    close(values("-p", "1/3, 1/3, 1/3", "--base", "3")[0]["value"], 1, 1e-15)
    equal(values("-p", "1,2,1", "--normalize", "--base", "3")[0]["unit"], "base 3")
    code, out, err = run("entropy", "-p", "0.5,0.25,0.125,0.125", "--base", "2")
    equal((code, err), (0, ""))
    equal(out, "H(p)           1.75 bit\nperplexity(p)  3.36358566101\nredundancy(p)  0.125\n")


def test_counts():
    expected = {
        "plug-in": 1.96838240872838, "miller-madow": 2.15259293504417, "jeffreys": 2.1794803827237, "laplace": 2.25787551869304,
        "perks": 2.03688780812372, "minimax": 2.15409118993096, "chao-shen": 2.20113710127958, "shrinkage": 2.37960289530996,
        "jackknife": 2.231274314180113, "grassberger": 2.144626386031427, "nsb": 2.187766664452536,
        "chao-wang-jost": 2.19711603901733460,
    }
    got = {q["estimator"]: q for q in values("-c", COUNTS, "--estimator", "all")}
    equal(sorted(got), sorted(expected))
    for name, value in expected.items():
        close(got[name]["value"], value, 1e-12, name)
        close(values("-c", COUNTS, "--estimator", name)[0]["value"], value, 1e-12, name)
    close(got["nsb"]["standard_error"], 0.1408893372, 1e-10)
    whole = values("-c", COUNTS, "--estimator", "nsb", "--beta-max", "inf")[0]  # the paper's integral, by mpmath
    close(whole["value"], 2.18777446309209774, 1e-12)
    close(whole["standard_error"], 0.14089253769492772, 1e-12)
    close(values("-c", COUNTS, "--estimator", "dirichlet", "--alpha", "0.5")[0]["value"], expected["jeffreys"], 1e-12)
    close(values("-c", "4,2,3,2,4,2,1,1", "--cells", "11", "--estimator", "jeffreys")[0]["value"], expected["jeffreys"], 1e-12)
    q = values("-c", COUNTS, "--ci", "--replicates", "200", "--level", "0.9", "--seed", "3")[0]
    check(q["interval"][0] < q["interval"][1] and q["standard_error"] > 0, q)
    equal(values("-c", COUNTS, "--ci", "--replicates", "200", "--level", "0.9", "--seed", "3")[0], q)


def test_formula():
    close(values("-e", "x in {1,2,3}", "-e", "p(x) = x/6")[0]["value"], math.log(6) - (2 * math.log(2) + 3 * math.log(3)) / 6, 1e-14)
    q = values("-e", "x in {1,2,3}; y in {a, b}; p(y , x)=x / 12", "--base", "2")[0]
    equal((q["quantity"], q["unit"], q["estimator"], q["n"], q["interval"]), ("H(x, y)", "bit", "given", None, None))
    close(q["value"], 1 + (math.log(6) - (2 * math.log(2) + 3 * math.log(3)) / 6) / math.log(2), 1e-14)
    close(values("-e", "x in 1..4 # p(x) = 1\n\tp(x) = x", "--normalize")[0]["value"], -sum(x / 10 * math.log(x / 10) for x in range(1, 5)), 1e-14)
    close(values("-e", "x in {1,2,3}", "-e", "E[x] = 1.75")[0]["value"], 1.0511728534684784, 1e-13)  # the published case
    X = ["-e", "x in {1,2,3}"]
    refused("entropy", [*X, "-e", "p(x) = x/5"], "to 1.2; 1 is expected", "--normalize")
    refused("entropy", [*X, "-e", "y in {1,2}", "-e", "p(x) = x/12"], "has 'y' 0 times", "each of the 2 variables")
    refused("entropy", [*X, "-e", "p(x, x) = x/6"], "has 'x' 2 times")
    refused("entropy", [*X, "-e", "p(y) = x/6"], "'y', which is no variable")
    refused("entropy", [*X, "-e", "p() = x/6"], "no variable")
    refused("entropy", [*X, "-e", "p(x x) = x/6"], "a comma is expected")
    refused("entropy", [*X, "-e", "p(x)=z/6"], "-e 2:1:6: unknown name 'z'\n  p(x)=z/6\n       ^")
    refused("entropy", [*X, "-e", "let c = 2; p( x )  = (x - c)/6"], "p is -0.16666666666666666 at x = 1", "\n  let c = 2; p( x )  = (x - c)/6\n")
    refused("entropy", [*X, "-e", "p(x) = x/6", "-e", "p(x) = x/6"], "2 statements of the form p(...)")
    refused("entropy", [*X, "-e", "p(x) = x/6; E[x] = 2"], "facts beside p")
    refused("entropy", [*X, "-e", "E[x] = 4"], "cannot be 4", status=3)
    refused("entropy", [*X, "-p", "1"], "-e beside a list")
    refused("entropy", [*X, "t.csv", "H(x)"], "-e beside a file")
    refused("entropy", [*X, "--ci"], "nothing is estimated")


def test_density():
    """Closed forms (differential entropies of T. Cover and J. Thomas, Elements of Information Theory, chapter 17, table 17.1)."""
    for declared, formula, h in (
        ("x in R", "exp(-x^2/2) / sqrt(2*pi)", math.log(2 * math.pi * math.e) / 2),
        ("x in [0, inf)", "2*exp(-2*x)", 1 - math.log(2)),
        ("x in R", "exp(-abs(x))/2", 1 + math.log(2)),
        ("x in R", "1/(pi*(1+x^2))", math.log(4 * math.pi)),
        ("x in [0, 1]", "2*x", 0.5 - math.log(2)),
        ("x in [0, 1]", "1/(2*sqrt(x))", math.log(2) - 1),
        ("x in [0, 1]", "-log(x)", -0.422784335098467139393),  # Euler's constant - 1
        ("x in [1, inf)", "3/x^4", 4 / 3 - math.log(3)),
        ("x in (0, inf)", "exp(-log(x)^2/2)/x/sqrt(2*pi)", math.log(2 * math.pi * math.e) / 2),
        ("x in [-pi, pi]", "(1+cos(x))/(2*pi)", math.log(4 * math.pi) - 1),  # E log(1+cos) = 1 - log 2
    ):
        q = values("-e", declared, "-e", f"p(x) = {formula}")[0]
        equal(q["quantity"], "h(x)")
        close(q["value"], h, 1e-12, formula)
    q = values("-e", "n in 0..inf", "-e", "p(n) = (1/3)*(2/3)^n")[0]
    equal(q["quantity"], "H(n)")
    close(q["value"], 1.909542504884438, 1e-12)  # the published case
    close(values("-e", "x in [0,1]; c in {1,2}", "-e", "p(x, c) = x*c*2/3")[0]["value"],
          0.5 - math.log(2) - (math.log(1 / 3) + 2 * math.log(2 / 3)) / 3, 1e-12)  # independent: a sum
    close(values("-e", "x in [0,1]; y in [0,1]", "-e", "p(x, y) = x + y")[0]["value"], 5 / 6 - 4 / 3 * math.log(2), 1e-10)
    close(values("-e", "x in [0,1]", "-e", "p(x) = x", "--normalize", "--base", "2")[0]["value"], 0.5 / math.log(2) - 1, 1e-12)
    # h of a solved density and of its formula
    close(values("-e", "x in [0, inf)", "-e", "E[x] = 2")[0]["value"], values("-e", "x in [0, inf)", "-e", "p(x) = exp(-x/2)/2")[0]["value"], 1e-13)
    close(values("-e", "x in [0, 1]", "-e", "E[x] = 0.3")[0]["value"], -0.252845563004186, 1e-13)  # the published case, and with its theta
    close(values("-e", "x in [0, 1]", "-e", "p(x) = exp(-2.672103855273386*x)", "--normalize")[0]["value"], -0.252845563004186, 1e-13)
    refused("entropy", ["-e", "x in [0,1]", "-e", "p(x) = x"], "integrates to 0.5; 1 is expected")
    refused("entropy", ["-e", "x in [0,1]", "-e", "p(x) = 1/2 - x"], "p is negative")
    refused("entropy", ["-e", "x in R", "-e", "p(x) = 1/(1+abs(x))", "--normalize"], "p has no finite integral")
    refused("entropy", ["-e", "n in 1..inf", "-e", "p(n) = 1/n"], "p has no finite sum")
    refused("entropy", ["-e", "x in R", "-e", "E[x] = 0"], "spreading without limit", status=4)


def test_file():
    with scratch() as folder:
        path = os.path.join(folder, "weather.csv")
        with open(path, "w", encoding="ascii") as file:
            file.write(WEATHER)
        expected = {
            "H(play)": .940285958671, "I(play; outlook)": .246749819774, "I(play; humidity)": .151835501362, "I(play; wind)": .0481270304083,
            "I(play; temperature)": .029222565659, "H(play | outlook)": .693536138897,
        }
        got = values(path, *expected, "--base", "2")
        equal([q["quantity"] for q in got], list(expected))
        for q in got:
            close(q["value"], expected[q["quantity"]], 1e-12, q["quantity"])
            equal((q["unit"], q["estimator"], q["n"]), ("bit", "plug-in", 14))
        equal(values("-", "H(play)", input=WEATHER), values(path, "H(play)"), "standard input")
        packed = os.path.join(folder, "weather.csv.gz")
        with gzip.open(packed, "wb") as file:
            file.write(WEATHER.encode())
        equal(values(packed, "H(play)"), values(path, "H(play)"), "gzip")
        equal(values("-", "H(play)", "--delimiter", "tab", input=WEATHER.replace(",", "\t")), values(path, "H(play)"), "tabs")
        q = values(path, "I(play; outlook)", "--permutations", "99", "--estimator", "miller-madow")[0]
        check(0 < q["p_value"] <= 1 and q["estimator"] == "miller-madow", q)
        code, out, err = run("entropy", path, "H(play)", "I(play; outlook)", "--base=2")
        equal((code, out, err), (0, "H(play)           0.940285958671 bit\nI(play; outlook)  0.246749819774 bit\n", ""))
        refused("entropy", [path, "H(ply)"], 'no column "ply"', 'did you mean "play"?')
        refused("entropy", [path, "H(play"], "found the end", "  H(play\n        ^")
        refused("entropy", [path, "h(play)"], "has names")
        refused("entropy", [path], "no quantity")
        refused("entropy", [path, "H(play)", "--estimator", "ksg"], "continuous")
        refused("entropy", [path, "H(play)", "--estimator", "all"], "belongs to -c")
    rows = "a,w\nx,3\ny,1\n"
    close(values("-", "H(a)", "--weight", "w", "--base", "2", input=rows)[0]["value"], 2 - 0.75 * math.log2(3), 1e-14)
    code, out, err = run("entropy", "-", "H(a)", "--missing", "drop", input="a,b\nx,1\n,1\ny,1\n")
    check(code == 0 and "0.69314" in out and err == "maxent: 1 row with missing values left out\n", err)
    code, out, err = run("entropy", "-", "H(a)", "--missing=drop", "-q", "--json", input="a,b\nx,1\n,1\ny,1\n")
    equal((parse(out)["dropped"], err), (1, ""))
    equal(values("-", "H(a)", "--missing=category", input="a,b\nx,1\n,1\ny,1\n")[0]["cells"], 3)


def test_continuous_and_given():
    sample = "x,y,k,c\n" + "".join(f"{math.sin(i * 1.1) * i ** 0.5!r},{math.cos(i * 0.7) + i % 5 / 7!r},{i},{'ab'[i % 2]}\n" for i in range(1, 200))
    got = {q["quantity"]: q for q in values("-", "h(x)", "h(x | y)", "I(x; y)", "I(c; y)", "H(c)", input=sample)}
    equal([got[k]["estimator"] for k in got], ["knn", "knn", "ksg", "ross", "plug-in"])
    check(got["h(x)"]["standard_error"] > 0 and got["h(x)"]["cells"] is None, got["h(x)"])
    equal(values("-", "h(x)", "--estimator", "vasicek", "--window", "5", input=sample)[0]["estimator"], "vasicek")
    q = values("-", "I(x; y)", "-k", "5", "--ci", "--permutations", "9", "--threads", "1", input=sample)[0]
    check(q["interval"][0] < q["value"] < q["interval"][1] and "p_value" in q, q)
    equal(values("-", "I(x; k)", "--continuous", "k", input=sample)[0]["estimator"], "ksg")
    table = "p,q,r\n.2,.1,0\n.2,.4,.5\n.6,.5,.5\n"
    d, js, h2, infinite = values("-", "D(p || q)", "D_JS(p, q)", "H_2(p)", "D(p || r)", input=table)
    close(d["value"], .109392934076373, 1e-12)
    close(h2["value"], -math.log(.44), 1e-14)
    check(0 < js["value"] < math.log(2), js)
    equal((infinite["value"], infinite["infinite"]), (None, True))
    check("inf nat" in run("entropy", "-", "D(p || r)", input=table)[1], "infinity in text")
    close(values("-", "H(p)", "--probabilities", "--normalize", input="p\n3\n1\n")[0]["value"], 0.5623351446188083, 1e-14)
    refused("entropy", ["-", "D(p || q)"], 'column "q"', "sum to 0.75", "--normalize", input="p,q\n.5,.5\n.5,.25\n")


def test_refusals():
    for words, part in (
        ([], "nothing to measure"), (["-p", "0.5,0.4"], "sum to 0.9"), (["-p", "0.5,0.4"], "--normalize"), (["-p", "0.5,-0.5,1"], "probability 2 is -0.5"),
        (["-p", "nan,1"], "'nan' in the list of -p"), (["-p", "0x1"], "not a number"), (["-p", ""], "a number is missing"), (["-p", "1,,2"], "a number is missing"),
        (["-p", "1,"], "a number is missing"), (["-p", "1/0"], "not a number"), (["-p", "1e999"], "finite"), (["-c", "1,-2"], "count 2 is -2"),
        (["-c", "0,0"], "all zero"), (["-c", "1.5", "--estimator", "nsb"], "whole numbers"), (["-c", "1,2", "--cells", "1"], "1 cells"),
        (["-c", "1,2", "--estimator", "nbs"], "did you mean 'nsb'?"), (["-c", "1,2", "--estimator", "zzz"], "unknown estimator"),
        (["-c", "1,2", "--estimator", "ksg"], "for samples"), (["-c", "1", "-p", "1"], "one list"), (["-c", "1", "x.csv"], "beside a list"),
        (["-c", "1,2", "--permutations", "9"], "--permutations"), (["-p", "1", "--ci"], "nothing is estimated"),
        (["-c", "1,2", "--base", "1"], "--base"), (["-c", "1,2", "--base", "x"], "--base"), (["-c", "1,2", "--level", "1"], "--level"),
        (["-c", "1,2", "--replicates", "1"], "--replicates"), (["-c", "1,2", "--alpha", "0"], "--alpha"), (["-c", "1,2", "--beta-max", "1e-9", "--estimator", "nsb"], "beta_max"),
        (["no.csv", "H(x)"], "no.csv: cannot open"), (["no.csv", "H(x)", "--missing", "x"], "error, drop or category"), (["no.csv", "H(x)", "--delimiter", "ab"], "--delimiter"),
        (["-", "H(x)"], "empty"), (["-", "H(x)", "-k", "0"], "--neighbours"), (["-", "H(x)", "--window", "0"], "--window"), (["-", "H(x)", "--threads", "0"], "--threads"),
    ):
        refused("entropy", words, part, input="")
    refused("entropy", ["-", "H(a)"], "row on line 3 has 1 field", input="a,b\n1,2\n3\n")
    refused("entropy", ["-", "H(a)"], "standard input:2:3", "never closed", input='a,b\n1,"2\n')
    refused("entropy", ["-", "H(a)"], "missing value", "standard input:2:1", input="a,b\n,2\n")


def test_questions():
    code, out, err = run("questions", "--uniform", "32")
    check(code == 0 and out.startswith("expected questions  5\nentropy             5 bit\nat most             5 questions\n\nis it one of"), out)
    equal(out.count("is it"), 31)
    code, out, err = run("questions", "-p", "0.4,0.3,0.2,0.1", "--names", "north,east,south,west")
    equal(out, """expected questions  1.9
entropy             1.84643934467 bit
at most             3 questions

is it north?
+ yes north  (0.4)
` no  is it east?
     + yes east  (0.3)
     ` no  is it south?
          + yes south  (0.2)
          ` no  west  (0.1)
""")
    got = parse(run("questions", "-p", "0.4 0.3 0.2 0.1", "--json")[1])
    equal([a["questions"] for a in got["asked"]], [1, 2, 3, 3])
    equal(got["tree"][-1], {"node": 6, "yes": 0, "no": 5})
    close(got["expected_questions"], 1.9, 1e-15)
    code, out, err = run("questions", "-p", "1/2,1/2", "--dot", "--names", 'a"b,c')
    check(out.startswith("digraph questions {") and '"a\\"b"' in out and "n2 -> n0" in out, out)
    equal(parse(run("questions", "--uniform", "1", "--json")[1])["tree"], [])
    check(run("questions", "--uniform", "1")[1].endswith("\n1  (1)\n"), "one outcome")
    check(len(run("questions", "--uniform", "5000")[2]) > 0, "a large tree is not drawn")
    equal(run("questions", "--uniform", "5000", "-q")[2], "")
    check(re.match("expected questions  1.5\n", run("questions", "-p", "2,1,1", "--normalize")[1]), "normalised")
    for words, part in (
        ([], "no outcomes"), (["--uniform", "0"], "--uniform"), (["-p", "0.5,0.4"], "--normalize"), (["-p", "1", "--uniform", "2"], "twice"), (["x"], "not expected"),
        (["-p", "1", "--dot", "--json"], "exclude"), (["-p", "1", "--names", "a,b"], "2 names for 1 outcome"), (["-p", "a"], "not a number"),
    ):
        refused("questions", words, part)


main(globals())
