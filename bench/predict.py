#!/usr/bin/env python3
"""Reading and predicting from file to file, beside scikit-learn, in one run.

    predict.py [--build DIR] [--data DIR] [--repeats N]

Reading: megabytes of plain text a second of CPU, on one thread, into compressed rows (nothing merged), and wall-clock on all.
Predicting: the test file to a file of labels, and to one of probabilities of all classes, CPU seconds of whole processes on one thread,
the least of N runs, the reading of the model included. scikit-learn does the same with load_svmlight_file (named features: lines split and
a CountVectorizer that has our names), predict or predict_proba of a LogisticRegression that has our weights, and writing (labels by
str.join, probabilities by numpy.savetxt); its time begins after the imports, and takes in joblib.load of its model. Its labels must be ours.
Data: digits, a9a and tagging when --data holds them (mnist.*.svm.gz, a9a.*.svm.gz, pos.*.txt.gz), and a generated set.
The peer lives in a private environment, DIR/bench/venv, made from PyPI at the first run; without network only maxent is run.
"""
import argparse, array, gzip, json, os, random, resource, shutil, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
JOBS = ["teacher", "nurse", "clerk", "sales", "admin", "technician", "unknown", "retired"]


# ---- in the private environment ----

def features_of(line):
    return line.split()[1:]


def peer(job):
    """The least CPU seconds of loading, predicting and writing; labels and probabilities."""
    import joblib, numpy, time
    from sklearn.datasets import load_svmlight_file
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    model = LogisticRegression()
    numbers = numpy.fromfile(job["weights"])
    vectors = len(job["intercepts"])
    model.coef_, model.intercept_ = numbers.reshape(-1, vectors).T.copy(), numpy.array(job["intercepts"])
    count = model.coef_.shape[1]
    model.classes_ = numpy.array(job["classes"])
    named, counter = job["names"] is not None, None
    if named:
        counter = CountVectorizer(analyzer=features_of, vocabulary={name: j for j, name in enumerate(job["names"])}, binary=True)

    joblib.dump((counter, model), job["out"] + ".joblib")

    def load(counter):
        if named:
            with open(job["test"], encoding="utf-8") as file:
                return counter.transform(file)
        return load_svmlight_file(job["test"], n_features=count)[0]

    out = {}
    for form in ("labels", "probabilities"):
        times = []
        for _ in range(job["repeats"]):
            start = time.process_time()
            counter, model = joblib.load(job["out"] + ".joblib")
            x = load(counter)
            if form == "labels":
                with open(job["out"], "w") as file:
                    file.write("\n".join(model.predict(x) if named else model.predict(x).astype(int).astype(str)) + "\n")
            else:
                numpy.savetxt(job["out"] + ".p", model.predict_proba(x))
            times.append(time.process_time() - start)
        out[form] = min(times)
    print(json.dumps(out))


# ---- ours ----

def cpu_of(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def generated(path, events):
    """Text like that of a bag of words: 40 ascending numbers of 20,000, five classes."""
    random.seed(events)
    with open(path, "w") as file:
        for _ in range(events):
            c = random.randrange(5)
            numbers = sorted({int(random.expovariate(1 / 4000)) % 20000 + 1 for _ in range(35)} | {c * 50 + random.randrange(60) + 1 for _ in range(5)})
            file.write(f"{c} " + " ".join(f"{j}:{random.random():.4f}" for j in numbers) + "\n")


def weights(maxent, model, features, file, named):
    """Coefficients as scikit-learn has them, from the text form, as doubles in a file; classes, intercepts, names."""
    classes, intercepts, names, table = [], None, [] if named else None, None
    for line in subprocess.run([maxent, "show", model, "--tsv"], check=True, capture_output=True, text=True).stdout.split("\n"):
        words = line.split("\t")
        if words[0] == "class":
            classes.append(words[1] if named else float(words[1]))
        elif words[0] == "intercept":
            intercepts = [float(x) for x in words[1:]]
            vectors = len(intercepts)
            table = array.array("d", bytes(8 * vectors * features))
        elif words[0] == "feature":
            j = len(names) if named else int(words[1]) - 1
            if named:
                names.append(words[1])
            table[j * vectors:(j + 1) * vectors] = array.array("d", (float(x) for x in words[2:]))
    with open(file, "wb") as out:
        table.tofile(out)
    return classes, intercepts, names


def generated_table(file, rows):
    """Columns of numbers and of names, and a class, y."""
    draw = random.Random(1)
    with open(file, "w") as out:
        out.write("age,job,balance,city,hours,score,rate,y\n")
        for _ in range(rows):
            out.write(f"{draw.randint(18, 90)},{draw.choice(JOBS)},{draw.randint(-2000, 90000)},city{draw.randint(1, 300)},"
                      f"{draw.randint(1, 60)},{draw.random():.6f},{draw.gauss(0, 1):.4f},{draw.choice(('yes', 'no'))}\n")


def environment(build):
    where = os.path.join(build, "bench", "venv")
    python = os.path.join(where, "bin", "python")
    if os.path.exists(python) and subprocess.run([python, "-c", "import sklearn"], capture_output=True).returncode == 0:
        return python
    import venv
    try:
        venv.create(where, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "scikit-learn"], check=True)
        return python
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"no scikit-learn: {error}")
        return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=os.path.join(os.path.dirname(HERE), "build"))
    parser.add_argument("--data")
    parser.add_argument("--repeats", type=int, default=3)
    o = parser.parse_args()
    maxent, reader = os.path.join(o.build, "maxent"), os.path.join(o.build, "bench", "read_bench")
    folder = os.path.join(o.build, "bench", "predict")
    os.makedirs(folder, exist_ok=True)
    python = environment(o.build)
    sets = []
    for name, base, kind in (("digits", "mnist", "svm"), ("a9a", "a9a", "svm"), ("tagging", "pos", "txt")):
        pair = []
        for part in ("train", "test"):
            packed = os.path.join(o.data or "", f"{base}.{part}.{kind}.gz")
            plain = os.path.join(folder, f"{base}.{part}.{kind}")
            if o.data and os.path.exists(packed) and not os.path.exists(plain):
                with gzip.open(packed, "rb") as source, open(plain, "wb") as target:
                    shutil.copyfileobj(source, target)
            pair += [plain] if os.path.exists(plain) else []
        sets += [(name, *pair)] if len(pair) == 2 else []
    train, test = os.path.join(folder, "generated.train.svm"), os.path.join(folder, "generated.test.svm")
    if not os.path.exists(test):
        generated(train, 60000)
        generated(test, 60001)
    sets.append(("generated", train, test))
    print(f"{'reading':10} {'MB':>7} {'MB/s CPU':>9} {'MB/s wall, all threads':>23}")
    table = os.path.join(folder, "generated.csv")
    if not os.path.exists(table):
        generated_table(table, 600000)
    for name, train, target in [(name, train, []) for name, train, _ in sets] + [("table", table, ["y"])]:
        one = json.loads(subprocess.run([reader, train, "1", str(o.repeats), *target], check=True, capture_output=True).stdout)
        every = json.loads(subprocess.run([reader, train, "0", str(o.repeats), *target], check=True, capture_output=True).stdout)
        print(f"{name:10} {one['bytes'] / 1e6:7.1f} {one['bytes'] / 1e6 / one['cpu']:9.0f} {one['bytes'] / 1e6 / every['seconds']:23.0f}")
    print(f"\n{'predicting':10} {'MB':>7} {'form':14} {'ours':>8} {'scikit-learn':>13} {'ratio':>6}   CPU seconds")
    for name, train, test in sets:
        model, out = os.path.join(folder, name + ".model"), os.path.join(folder, name + ".out")
        subprocess.run([maxent, "fit", train, "--l2", "10", "--tolerance", "1e-2", "-o", model, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        ours = {}
        for form, words in (("labels", []), ("probabilities", ["--probabilities"])):
            ours[form] = min(cpu_of([maxent, "predict", model, test, "--threads", "1", "-o", out + "." + form, "--quiet", *words]) for _ in range(o.repeats))
        theirs = {}
        if python:
            features = int(json.loads(subprocess.run([maxent, "show", model, "--json", "--top", "0"], check=True, capture_output=True).stdout)["features"])
            classes, intercepts, names = weights(maxent, model, features, out + ".weights", name == "tagging")
            job = {"test": test, "classes": classes, "intercepts": intercepts, "names": names, "weights": out + ".weights",
                   "out": out + ".peer", "repeats": o.repeats}
            job_file = os.path.join(folder, name + ".job")
            with open(job_file, "w") as file:
                json.dump(job, file)
            theirs = json.loads(subprocess.run([python, os.path.abspath(__file__), "--peer", job_file], check=True, capture_output=True).stdout)
            with open(out + ".labels") as a, open(out + ".peer") as b:
                a, b = a.read().split(), b.read().split()
            differ = sum(x != y for x, y in zip(a, b))
            if len(a) != len(b) or differ > len(a) / 1000:
                sys.exit(f"{name}: the labels of {differ} events differ")
        for form in ("labels", "probabilities"):
            other = theirs.get(form)
            print(f"{name:10} {os.path.getsize(test) / 1e6:7.1f} {form:14} {ours[form]:8.3f} "
                  + (f"{other:13.3f} {other / ours[form]:6.1f}" if other else f"{'-':>13} {'-':>6}"))


if len(sys.argv) == 3 and sys.argv[1] == "--peer":
    with open(sys.argv[2]) as file:
        peer(json.load(file))
else:
    main()
