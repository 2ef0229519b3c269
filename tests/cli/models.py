"""fit, predict, score and show: golden runs with published numbers, every option, every complaint, Ctrl-C, kill -9.

Sources of the numbers: iris, UCB admissions and housing in 25-digit arithmetic and R (glm, nnet), as in tests/model/test_published.c.
"""
import gzip
import math
import os
import random
import shutil
import signal
import subprocess
import time

from harness import MAXENT, SOURCE, check, clean, close, equal, main, parse, run, scratch

EXAMPLES = os.path.join(SOURCE, "examples")
IRIS = os.path.join(EXAMPLES, "iris.csv")
UCB = os.path.join(EXAMPLES, "ucb_admissions.csv")
TAGS = os.path.join(EXAMPLES, "tags.txt")


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def done(*words, status=0, **named):
    code, out, err = run(*words, **named)
    check(code == status, f"{words}: exit status {code}, expected {status}\n{err}")
    return out


def fitted(*words, status=0):
    return parse(done("fit", *words, "--json", status=status))


def complains(words, *parts, status=2):
    code, out, err = run(*words)
    check(code == status and out == "", f"{words}: exit status {code}, output {out[:200]!r}")
    check(err.startswith("maxent: "), f"{words}: {err!r}")
    for part in parts:
        check(part in err, f"{words}: {err!r} lacks {part!r}")


def weights(model):
    """{class: {feature: weight}}, the intercept under None."""
    shown = parse(done("show", model, "--json", "--top", "1000"))
    return {c["class"]: {None: c["intercept"], **{f["feature"]: f["weight"] for f in c["features"]}} for c in shown["weights"]}


def test_help():
    for command in ("fit", "predict", "score", "show"):
        out = done(command, "--help")
        equal(done("help", command), out, command)
        check(all(len(line) <= 100 for line in out.split("\n")), f"{command}: help fits a terminal")
        complains((command, "--frobnicate"), f"'maxent {command} --help' lists them")


def test_iris():
    """In the units of the file, though columns are standardised inside."""
    with scratch() as folder:
        model = os.path.join(folder, "iris.model")
        a = fitted(IRIS, "--target", "Species", "--l2", "1", "--tolerance", "1e-13", "-o", model)
        close(a["objective"], 28.886316604092495, 1e-12, "objective")
        close(a["log_loss"], 17.945501698185648, 1e-9, "log loss")
        w = weights(model)
        expected = {"setosa": (9.849568050482, -.423509920123, .967350579572, -2.517152377609, -1.079336648501),
                    "versicolor": (2.237205632203, .534461508996, -.321587855192, -.206392071295, -.944298465396),
                    "virginica": (-12.086773682685, -.110951588873, -.64576272438, 2.723544448904, 2.023635113897)}
        for name, row in expected.items():
            for key, value in zip((None, "Sepal.Length", "Sepal.Width", "Petal.Length", "Petal.Width"), row):
                close(w[name][key], value, 1e-9, f"{name} {key}")
        s = parse(done("score", model, IRIS, "--json"))
        close(s["log_loss"], a["log_loss"] / 150, 1e-12, "mean loss")
        equal((s["events"], s["accuracy"], s["confusion"]), (150, 146 / 150, [[50, 0, 0], [0, 47, 3], [0, 1, 49]]))
        equal([c["class"] for c in s["classes"]], ["setosa", "versicolor", "virginica"])
        close(s["classes"][1]["precision"], 47 / 48, 1e-15, "precision")
        close(s["classes"][1]["recall"], 47 / 50, 1e-15, "recall")
        close(s["classes"][1]["f1"], 94 / 98, 1e-15, "F1")
        close(sum(b["weight"] for b in s["calibration"]), 150, 0, "bins")
        text = done("score", model, IRIS)
        check("accuracy   0.9733" in text and "virginica" in text and "calibration" in text, text)
        # separable without a penalty: the infimum, said plainly
        a = fitted(IRIS, "--target", "Species", "--tolerance", "1e-9")
        equal(a["verdict"], "boundary")
        close(2 * a["objective"], 11.8985467913589160, 1e-6, "deviance")
        check("--l2" in a["message"] or "penalty" in a["message"], a["message"])
        # another penalty when the columns are standardised
        b = fitted(IRIS, "--target", "Species", "--l2", "1", "--standardize")
        check(abs(b["objective"] - 28.886) > 1, b["objective"])


def test_the_same_as_svmlight():
    """A table, svmlight data and named features of the same numbers have the same optimum."""
    with open(IRIS, encoding="ascii") as file:
        rows = [line.strip().split(",") for line in file][1:]
    names = sorted({r[4] for r in rows})
    with scratch() as folder:
        svm = write(folder, "iris.svm", "".join(f"{names.index(r[4])} " + " ".join(f"{i + 1}:{x}" for i, x in enumerate(r[:4])) + "\n" for r in rows))
        named = write(folder, "iris.txt", "".join(f"{r[4]}\t" + "\t".join(f"x{i}:{x}" for i, x in enumerate(r[:4])) + "\n" for r in rows))
        for path in (svm, named):
            a = fitted(path, "--l2", "1", "--tolerance", "1e-12")
            close(a["objective"], 28.886316604092495, 1e-11, path)
        with open(svm, "rb") as file, gzip.open(svm + ".gz", "wb") as zipped:
            shutil.copyfileobj(file, zipped)
        close(fitted(svm + ".gz", "--l2", "1")["objective"], 28.8863166, 1e-6, "gzip")
        with open(named, encoding="utf-8") as file:
            code, out, _ = run("fit", "-", "--l2", "1", "--json", input=file.read())
        close(parse(out)["objective"], 28.8863166, 1e-6, "standard input")
        penalised = fitted(svm, "--l2", "1", "--penalize-intercept", "--tolerance", "1e-12")["objective"]
        constant = write(folder, "one.svm", "".join(f"{names.index(r[4])} " + " ".join(f"{i + 1}:{x}" for i, x in enumerate(r[:4])) + " 5:1\n" for r in rows))
        close(fitted(constant, "--l2", "1", "--no-intercept", "--tolerance", "1e-12")["objective"], penalised, 1e-11, "a constant column")
        close(fitted(IRIS, "--target", "Species", "--l2", "1", "--penalize-intercept", "--tolerance", "1e-12")["objective"], penalised, 1e-11,
              "the table with its intercept penalised")


def test_ucb():
    """Treatment contrasts, counts as weights, standard errors; the same fit as solve's of all two-way margins."""
    with scratch() as folder:
        model = os.path.join(folder, "ucb.model")
        a = fitted(UCB, "--target", "Admit", "--weight", "Freq", "--contrasts", "--se", "-o", model)
        equal((a["events"], a["merged"], a["verdict"]), (24, 12, "solved"))
        shown = parse(done("show", model, "--json", "--top", "20"))["weights"][0]
        equal(shown["class"], "Rejected")
        got = {f["feature"]: f for f in shown["features"]}
        close(-shown["intercept"], .58205139527603, 1e-9, "intercept")
        close(shown["intercept_se"], .06899259684883, 1e-8, "its error")
        for name, w, se in (("Gender=Female", .09987008815935, .08084646470663), ("Dept=B", -.04339793120925, .10983889831518),
                            ("Dept=C", -1.26259802237917, .10663288550438), ("Dept=D", -1.29460646874817, .10582342346465),
                            ("Dept=E", -1.73930573781552, .12611349561955), ("Dept=F", -3.30648005588693, .16998176462293)):
            close(-got[name]["weight"], w, 1e-9, name)
            close(got[name]["se"], se, 1e-7, name)
        # saturated minus fitted, twice: the deviance 20.20427532724 of the table of all two-way margins
        with open(UCB, encoding="ascii") as file:
            counts = {tuple(line.strip().split(",")[:3]): float(line.strip().split(",")[3]) for line in list(file)[1:]}
        best = sum(-n * math.log(n / (counts[("Admitted", g, d)] + counts[("Rejected", g, d)])) for (_, g, d), n in counts.items())
        close(2 * (a["objective"] - best), 20.20427532724, 1e-9, "deviance")
        out = done("predict", model, UCB, "--probabilities", "--se").split("\n")
        equal(out[0], "class\tAdmitted\tse\tRejected\tse")
        cells = out[1].split("\t")
        close(float(cells[1]) + float(cells[3]), 1, 1e-15, "probabilities")
        close(float(cells[1]), 1 / (1 + math.exp(-.58205139527603)), 1e-9, "men in department A")
        check(0 < float(cells[2]) < .05 and cells[2] == cells[4], out[1])
        check("  se 0.06899" in done("show", model), "text")


def test_forms_of_predictions():
    with scratch() as folder:
        model = os.path.join(folder, "tags.model")
        done("fit", TAGS, "--l2", "0.1", "-o", model)
        new = write(folder, "new", "? w=fox s=x p=DET\n? w=barks s=s p=NOUN new=1\n")
        code, out, err = run("predict", model, new)
        equal((code, out), (0, "NOUN\nVERB\n"))
        check("1 of 7 features of events unknown to the model" in err, err)
        equal(run("predict", model, new, "--quiet")[2], "")
        header, *lines = done("predict", model, new, "--probabilities").rstrip("\n").split("\n")
        equal(header, "class\tADJ\tADP\tDET\tNOUN\tVERB")
        p = [float(x) for x in lines[0].split("\t")[1:]]
        close(sum(p), 1, 1e-15, "sum")
        logs = [float(x) for x in done("predict", model, new, "--log-probabilities").split("\n")[1].split("\t")[1:]]
        for a, b in zip(p, logs):
            close(math.exp(b), a, 1e-14, "log p")
        top = done("predict", model, new, "--top", "2").split("\n")[0].split("\t")
        equal((top[0], float(top[1]), len(top)), ("NOUN", max(p), 4))
        a = parse(done("predict", model, new, "--json", "--probabilities"))
        equal((a["classes"], a["predictions"][0]["class"], a["predictions"][0]["p"]), (["ADJ", "ADP", "DET", "NOUN", "VERB"], "NOUN", p))
        a = parse(done("predict", model, new, "--json", "--top", "9"))
        equal(len(a["predictions"][1]["top"]), 5)
        equal(parse(done("predict", model, new, "--json"))["predictions"], [{"class": "NOUN"}, {"class": "VERB"}])
        done("predict", model, new, "-o", os.path.join(folder, "out"))
        with open(os.path.join(folder, "out"), encoding="utf-8") as file:
            equal(file.read(), "NOUN\nVERB\n")
        complains(("predict", model, new, "--probabilities", "--se"), "no standard errors")
        complains(("predict", model, new, "--se"), "--se goes with")
        complains(("predict", model, new, "--top", "2", "--probabilities"), "one of --probabilities")
        complains(("predict", model), "a model and a file of events are expected")
        complains(("predict", model, new, new), "one file of events")
        complains(("predict", "-", "-"), "cannot both come from standard input")
        complains(("predict", model, IRIS), "a model for other features")
        complains(("predict", model, write(folder, "svm", "1 2:3\n")), "this looks like svmlight data")
        complains(("predict", model, write(folder, "other", "? unheard of\n")), "other:1:1", "a model for other features")
        complains(("predict", model, write(folder, "bad", "? w=a\n? x:y\n")), "bad:2:5", "'y' is not a value")
        complains(("predict", model, os.path.join(folder, "absent")), "cannot open")
        complains(("predict", IRIS, new), "this is not a model")
        complains(("predict", model, new, "-o", "/dev/full"), "cannot be written", status=1)
        with open("/dev/full", "wb") as full:
            code, _, err = run("predict", model, new, stdout=full)
        equal((code, "standard output" in err), (1, True))


def test_score_of_unknown_classes():
    with scratch() as folder:
        model = os.path.join(folder, "tags.model")
        done("fit", TAGS, "--l2", "0.1", "-o", model)
        new = write(folder, "new", "NOUN w=fox s=x p=DET\nINTJ w=barks\nVERB*2 w=barks s=s p=NOUN\n")
        code, out, err = run("score", model, new, "--json")
        a = parse(out)
        equal((code, a["weight"], a["unknown_classes"], a["accuracy"]), (0, 4, 1, 0.75))
        check("1 event of classes that the model does not know" in err, err)
        equal(a["classes"][0]["precision"], None, "nothing predicted as ADJ")
        check("unknown    1 of classes" in run("score", model, new)[1], "text")
        complains(("score", model), "a model and a file of labelled events")
        complains(("score", model, write(folder, "empty", "")), "no events")


def test_show():
    with scratch() as folder:
        model, text, again = (os.path.join(folder, n) for n in ("tags.model", "tags.tsv", "again.model"))
        done("fit", TAGS, "--l2", "0.1", "-o", model)
        out = done("show", model, "--top", "2", "--class", "NOUN")
        equal([line.split()[0] for line in out.split("\n")[3:] if line], ["NOUN", "intercept", "p=ADJ", "s=s"])
        equal(done("show", model, "--tsv"), done("show", model, "--tsv", "-o", "/dev/stdout"))
        done("show", model, "--tsv", "-o", text)
        equal(done("show", text, "--save", again), "")
        with open(model, "rb") as one, open(again, "rb") as other:
            equal(one.read() == other.read(), True, "back from text, byte by byte")
        equal(done("predict", text, TAGS), done("predict", model, TAGS))
        complains(("show", model, "--class", "NUON"), "no weights of a class 'NUON'")
        complains(("show", model, "--tsv", "--json"), "not both")
        complains(("show", model, "-o", text), "--output goes with --tsv")
        complains(("show",), "which model?")
        complains(("show", model, model), "one model is expected")
        with open(model, "rb") as file:
            data = bytearray(file.read())
        for name, change in (("cut", data[:-5]), ("newer", data[:8] + b"\x07" + data[9:]), ("changed", data[:100] + b"?" + data[101:])):
            path = os.path.join(folder, name)
            with open(path, "wb") as file:
                file.write(change)
            complains(("show", path), {"cut": "cut short", "newer": "written by a newer one", "changed": "a damaged model"}[name])


def test_options_of_fit():
    with scratch() as folder:
        play = os.path.join(EXAMPLES, "play.csv")
        a = fitted(play, "--target", "play", "--l2", "0.5", "--ignore", "wind,humidity")
        equal(a["features"], 6)
        csv = write(folder, "n.csv", "a;b;y\n1;2;u\n2;;v\n1;3;v\n2;5;u\n3;1;v\n")
        semicolon = (csv, "--target", "y", "--delimiter", ";", "--l2", "1")
        complains(("fit", *semicolon), "n.csv:3:3", 'a missing value in the column "b"')
        equal(fitted(*semicolon, "--missing", "drop")["events"], 4)
        equal(fitted(*semicolon, "--missing", "impute")["events"], 5)
        equal(fitted(*semicolon, "--missing", "impute", "--categorical", "a")["features"], 4)
        for method in ("dual", "newton", "newton-cg", "proximal"):
            b = fitted(TAGS, "--l2", "0.1", "--method", method, "--tolerance", "1e-9")
            close(b["objective"], 4.716369027, 1e-8, method)
        sparse = fitted(TAGS, "--l1", "0.5")
        check(0 < sparse["nonzeros"] < 60, sparse["nonzeros"])
        for threads in ("1", "3"):
            done("fit", TAGS, "--l2", "0.1", "--threads", threads, "-o", os.path.join(folder, threads))
        with open(os.path.join(folder, "1"), "rb") as one, open(os.path.join(folder, "3"), "rb") as other:
            check(one.read() == other.read(), "the same bits for any number of threads")
        a = fitted(TAGS, "--l2", "1", "--valid", TAGS, "--path", "1,0.01,0.1")
        equal([p["scale"] for p in a["path"]], [1, 0.1, 0.01])
        check(a["chosen"] == 2 and a["l2"] == 0.01 and a["valid"]["events"] == 20, a)
        a = fitted(TAGS, "--l2", "1", "--cv", "4")
        equal(len(a["path"]), 7)
        check(min(p["valid_loss"] for p in a["path"]) == a["path"][a["chosen"]]["valid_loss"], a["path"])
        close(a["l2"], a["path"][a["chosen"]]["scale"], 1e-15, "the strength taken")
        # adapting: held at the prior, the model stays what it was
        old, new = os.path.join(folder, "old"), os.path.join(folder, "new")
        done("fit", TAGS, "--l2", "0.1", "-o", old)
        done("fit", write(folder, "more", "NOUN w=newt s=t p=DET\nVERB w=swims s=s p=NOUN\n"), "--l2", "1e8", "--prior", old, "-o", new)
        one, other = weights(old), weights(new)
        for c in one:
            for f in one[c]:
                if f is not None:
                    close(other[c].get(f, 0), one[c][f], 1e-6, f)
        a = fitted(TAGS, "--l2", "0.1", "--resume", old)
        check(a["passes"] <= fitted(TAGS, "--l2", "0.1")["passes"], "a start at the answer")
        a = fitted(TAGS, "--l2", "0.1", "--method", "newton-cg", "--max-iterations", "1", "--quiet", status=5)
        equal(a["verdict"], "unfinished")


def test_complaints_of_fit():
    with scratch() as folder:
        bad = write(folder, "bad.svm", "1 1:1\n2 2:1 1:1\n")
        complains(("fit", bad), "bad.svm:2:7: feature 1 comes after 2", "\n  2 2:1 1:1\n        ^")
        complains(("fit",), "which data?")
        complains(("fit", bad, bad), "two files")
        complains(("fit", IRIS), "which column is the class?")
        complains(("fit", IRIS, "--target", "Speces"), 'did you mean "Species"?')
        complains(("fit", write(folder, "one", "A x\nA y\n")), "every event has the class 'A'")
        complains(("fit", TAGS, "--l2", "-1"), "a number of at least 0")
        complains(("fit", TAGS, "--format", "arff"), "auto, svmlight, named or csv is expected")
        complains(("fit", TAGS, "--method", "magic"), "is not a value of --method")
        complains(("fit", TAGS, "--missing", "guess"), "error, drop or impute")
        complains(("fit", TAGS, "--delimiter", "ab"), "one character")
        complains(("fit", TAGS, "--cv", "1"), "--cv")
        complains(("fit", TAGS, "--path", "1,-2"), "--path")
        complains(("fit", TAGS, "--standardize"), "--target")
        complains(("fit", TAGS, "--json", "-o", "-"), "both want standard output")
        complains(("fit", TAGS, "--method", "dual"), "L2")
        complains(("fit", TAGS, "--prior", IRIS), "this is not a model")
        complains(("fit", TAGS, "--l2", "1", "-o", "/dev/full"), "cannot be written", status=1)
        for option in ("output", "l2", "valid", "target", "path", "checkpoint", "resume", "seed"):
            complains(("fit", TAGS, "--" + option), f"option '--{option}' needs a value")


def big(folder, events=60000):
    """Data whose fit takes seconds."""
    random.seed(5)
    lines = []
    for _ in range(events):
        c = random.randrange(12)
        names = {f"f{int(random.expovariate(1 / 900)) + 40 * random.randrange(c + 1)}" for _ in range(14)}
        lines.append(f"c{c} " + " ".join(sorted(names)) + "\n")
    return write(folder, "big", "".join(lines))


def test_interrupt_and_checkpoint():
    with scratch() as folder:
        data, model, check_file = big(folder), os.path.join(folder, "m"), os.path.join(folder, "c")
        words = [MAXENT, "fit", data, "--l2", "1e-5", "--tolerance", "1e-14", "--json", "-o", model, "--checkpoint", check_file,
                 "--checkpoint-every", "0.2"]
        child = subprocess.Popen(words, env=clean(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        until = time.time() + 60
        while not os.path.exists(check_file) and time.time() < until and child.poll() is None:
            time.sleep(0.05)
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=100)
        a = parse(out.decode())
        if child.returncode == 0:  # a machine so fast that it was done
            return
        equal((child.returncode, a["verdict"]), (5, "unfinished"))
        check(b"interrupted" in err, err)
        equal(sorted(os.listdir(folder)), ["big", "c", "m"])
        check(parse(done("score", model, data, "--json"))["accuracy"] > 0.1, "the best so far predicts")
        check(parse(done("show", check_file, "--json"))["features"] > 1000, "a checkpoint is a model")
        b = fitted(data, "--l2", "1e-5", "--resume", check_file, "--max-iterations", "12", status=5)
        check(b["objective"] <= a["objective"] * 1.5, f"goes on from there: {b['objective']} after {a['objective']}")


def logistic(rows, offsets, steps=60):
    """Unpenalised weights by Newton's method in plain Python: rows (class 0 or 1, x), p = 1 / (1 + exp(-(o + b + w x)))."""
    b = w = 0.0
    for _ in range(steps):
        g0 = g1 = h00 = h01 = h11 = 0.0
        for (y, x), o in zip(rows, offsets):
            p = 1 / (1 + math.exp(-(o + b + w * x)))
            g0, g1 = g0 + y - p, g1 + (y - p) * x
            h00, h01, h11 = h00 + p * (1 - p), h01 + p * (1 - p) * x, h11 + p * (1 - p) * x * x
        d = h00 * h11 - h01 * h01
        b, w = b + (h11 * g0 - h01 * g1) / d, w + (h00 * g1 - h01 * g0) / d
    return b, w, sum(math.log1p(math.exp((1 - 2 * y) * (o + b + w * x))) for (y, x), o in zip(rows, offsets))


def test_offset():
    """Columns of offsets: the weights of a Newton's method written out here; the model keeps the names and asks for the columns."""
    random.seed(23)
    rows = [(random.randrange(2), random.randrange(-8, 9) / 4) for _ in range(200)]
    offsets = [random.randrange(-8, 9) / 8 for _ in rows]
    b, w, loss = logistic(rows, offsets)
    with scratch() as folder:
        model, text = os.path.join(folder, "m"), os.path.join(folder, "m.tsv")
        data = write(folder, "d.csv", "y,x,o\n" + "".join(f"{y},{x},{o}\n" for (y, x), o in zip(rows, offsets)))
        got = fitted(data, "--target", "y", "--offset", "o", "--tolerance", "1e-12", "-o", model)
        close(got["log_loss"], loss, 1e-10)
        shown = parse(done("show", model, "--json"))["weights"][0]
        close(shown["intercept"], b, 1e-8)
        close(shown["features"][0]["weight"], w, 1e-8)
        table = [line.split("\t") for line in done("predict", model, data, "--probabilities").split("\n")[1:-1]]
        for row, (y, x), o in zip(table, rows, offsets):
            close(float(row[2]), 1 / (1 + math.exp(-(o + b + w * x))), 1e-8)
            equal(row[0], str(int(float(row[2]) > 0.5)))
        equal([row[0] for row in table], done("predict", model, data).split())
        close(parse(done("score", model, data, "--json"))["log_loss"], loss / len(rows), 1e-10)
        # the same as text; one column a class; the offset of a base model w x makes the weight that much less
        done("show", model, "--tsv", "-o", text)
        equal(done("predict", text, data, "--probabilities"), done("predict", model, data, "--probabilities"))
        done("show", text, "--save", os.path.join(folder, "back"))
        with open(model, "rb") as one, open(os.path.join(folder, "back"), "rb") as other:
            equal(one.read(), other.read())
        two = write(folder, "two.csv", "y,x,o,z\n" + "".join(f"{y},{x},{o + 3},3\n" for (y, x), o in zip(rows, offsets)))
        close(fitted(two, "--target", "y", "--offset", "z,o", "--tolerance", "1e-12")["log_loss"], loss, 1e-10)
        b0, w0, loss0 = logistic(rows, [0.0] * len(rows))
        based = write(folder, "based.csv", "y,x,o\n" + "".join(f"{y},{x},{0.5 * x!r}\n" for y, x in rows))
        shown = fitted(based, "--target", "y", "--offset", "o", "--tolerance", "1e-12", "-o", os.path.join(folder, "b"))
        close(shown["log_loss"], loss0, 1e-10)
        shown = parse(done("show", os.path.join(folder, "b"), "--json"))["weights"][0]
        close(shown["features"][0]["weight"], w0 - 0.5, 1e-8)
        # what is wrong
        bare = write(folder, "bare.csv", "y,x\n1,2\n")
        complains(["predict", model, bare], 'no column "o"')
        complains(["score", model, write(folder, "bad.csv", "y,x,o\n1,2,far\n")], ":2:5", "an offset is a finite number")
        complains(["fit", write(folder, "c.csv", "y,x,o\na,1,1\nb,2,1\nc,0,1\n"), "--target", "y", "--offset", "o"],
                  "1 column of offsets for 3 classes")
        complains(["fit", data, "--target", "y", "--offset", "x,x"], "cannot be two things")
        complains(["fit", data, "--offset", "o"], "needs --target")
        complains(["fit", write(folder, "gap.csv", "y,x,o\n0,1,1\n1,2,\n"), "--target", "y", "--offset", "o"], ":3:", "missing value")


def test_sceptic():
    """What a user may hand over by mistake, and what is said then."""
    with scratch() as folder:
        tags, model = write(folder, "t", "A x\nB y\n"), os.path.join(folder, "m")
        done("fit", tags, "--l2", "1", "-o", model)
        out = done("score", model, write(folder, "u", "C x\nD y\n"))
        check("log loss   - (no event" in out and "nan" not in out, out)
        comma = write(folder, "c.csv", "y;x\na;1,5\nb;2,5\nb;3\n")
        complains(["fit", comma, "--target", "y", "--delimiter", ";", "--l2", "1"], 'the column "x" have decimal commas')
        equal(fitted(comma, "--target", "y", "--delimiter", ";", "--l2", "1", "--categorical", "x")["features"], 3)
        codes = write(folder, "d.csv", "y;x\na;1,5\nb;2,5\nb;3,5,7\n")  # names, as one of them is no number
        equal(fitted(codes, "--target", "y", "--delimiter", ";", "--l2", "1")["features"], 3)
        complains(["fit", write(folder, "e.csv", "y,x\na,1\nb,2\n")], "which column is the class?", "--target COLUMN")
        for words in (["show"], ["show", model, model], ["predict", model], ["score", model], ["predict", model, tags, tags], ["score", "-", "-"]):
            complains(words, "maxent: ")


def on_terminal(words):
    """Standard error of a run that has a terminal there, and standard output, which has none."""
    import pty
    ours, theirs = pty.openpty()
    child = subprocess.Popen(words, env=clean(), stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    seen = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the terminal is gone
            part = b""
        if not part:
            break
        seen += part
    os.close(ours)
    out = child.stdout.read()
    child.stdout.close()
    child.wait()
    return seen.decode(), out.decode()


def test_progress():
    """A line on a terminal, drawn over and over and cleared at the end; nothing of it in a pipe, with --quiet, or in a fit that is done at once."""
    with scratch() as folder:
        data = big(folder)
        words = [MAXENT, "fit", data, "--l2", "1e-6", "--tolerance", "1e-15", "--time-limit", "3", "--valid", data]
        seen, out = on_terminal(words)
        check("maxent: " not in out and "\r" not in out, "nothing of it on standard output")
        if "unfinished" in out:
            parts = seen.split("\r\x1b[K")
            check(len(parts) > 4, f"drawn some times: {seen!r}")
            equal(parts[0], "")
            for part in parts[1:-1]:
                check(part.startswith("maxent: ") and " s, iteration " in part and ", objective " in part and "\n" not in part, repr(part))
            check(any(", held-out loss " in part for part in parts), "held-out loss")
            check(parts[-1].startswith("maxent: unfinished"), f"cleared before what is said at the end: {parts[-1]!r}")
            check(", iteration " not in parts[-1], "the line is cleared")
        equal(on_terminal(words + ["--quiet"])[0], "")
        code, out, err = run(*words[1:])
        check("\r" not in err and "\x1b" not in err and "iteration" not in err, f"in a pipe: {err!r}")
        short = write(folder, "short", "A x\nB y\nA y\n")
        equal(on_terminal([MAXENT, "fit", short, "--l2", "1"])[0], "")


def unnamed_files(folder):
    """Whether the file system has files without a name."""
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o600))
        return os.path.exists("/proc/self/fd")
    except (OSError, AttributeError):
        return False


def test_kill():
    """Killed at any moment, the model file is the old one or a new one, never something between."""
    with scratch() as folder:
        data, model = big(folder, 3000), os.path.join(folder, "m")
        done("fit", data, "--l2", "1", "-o", model)
        with open(model, "rb") as file:
            old = file.read()
        random.seed(11)
        seen, left = set(), 0

        def writing(child):
            """A file without a name, or with one of its own, is open in the folder."""
            try:
                files = os.path.join("/proc", str(child.pid), "fd")
                if any(os.readlink(os.path.join(files, n)).startswith(folder + "/#") for n in os.listdir(files)):
                    return True
            except OSError:
                pass
            return any(".tmp" in n for n in os.listdir(folder))

        for k in range(25):
            shutil.copyfile(model + ".old", model) if k else shutil.copyfile(model, model + ".old")
            child = subprocess.Popen([MAXENT, "fit", data, "--l2", "2", "-o", model, "--quiet"], env=clean(), stdout=subprocess.DEVNULL)
            start = time.time()
            wait = random.random() * 0.3 if k % 2 else None
            if wait is not None:
                time.sleep(wait)
            else:  # while the file is being written
                while time.time() < start + 5 and child.poll() is None and not writing(child):
                    pass
            child.kill()
            child.wait()
            with open(model, "rb") as file:
                data_now = file.read()
            code, out, err = run("show", model, "--json")
            check(code == 0, f"killed after {wait}: {err}")
            seen.add("old" if data_now == old else "new")
            check(data_now == old or parse(out)["l2"] == 2, "neither the old nor the new model")
            for name in os.listdir(folder):
                if ".tmp" in name:
                    left += 1
                    os.unlink(os.path.join(folder, name))
        check("old" in seen, f"killed 25 times, seen {seen}")
        # A file without a name leaves nothing behind, but in the instant between its naming and its moving.
        check(left <= 1 or not unnamed_files(folder), f"killed 25 times, {left} files left behind")


main(globals())
