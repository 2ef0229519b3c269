#!/usr/bin/env python3
"""Fits p(y | x) with maxent and with scikit-learn side by side, in one run, and prints ratios.

    fit.py [--build DIR] [--data DIR] [--only WORD] [--peers saga,glmnet,...|none] [--strengths 1,0.1,10] [--limit S] [--threads 1,2]
           [--l1 1,0.1 [--wapiti PROGRAM]] [--no-passes]

--l1: after that, L1 penalties of these strengths alone, here judged by the distance to the best objective that anybody found: ours by its
own progress, Wapiti (OWL-QN, on named features only; its sources are in PyPI's libwapiti) by its, scikit-learn's saga by runs, glmnet too
where Rscript and its package glmnet are installed (for L2 as well, when --peers names it; svmlight sets only).

Data: part-of-speech tagging, digits and a9a when --data holds them (pos.*.txt.gz, mnist.*.svm.gz, a9a.*.svm.gz), else a generated
set. The objective is (l2/2)|W|^2 + the sum of losses, without an intercept (the sets have a constant column, penalised like the
rest); all weights, ours and theirs, are judged by the same lines of numpy below. Seconds are CPU seconds of the process's threads
together, because the machine may be busy; reading is not counted. For a peer that iterates, a run is made for each number of iterations
1, 2, 4, ... (glmnet: for each threshold 1e-2, 1e-4, ...) and the time to a gap is interpolated between two runs, logarithm of the gap
against seconds (its gap is measured against the best objective that anybody found: it certifies none). It gets no further run when its runs
would come to more than --limit seconds; what was not reached until then is "> seconds of its longest run". Ours is the time of a run that
stops at a certified gap of that size.
The peers live in a private environment, DIR/bench/venv, made from PyPI at the first run; without network only maxent is run.
"""
import argparse, gzip, json, math, os, shutil, subprocess, sys, venv

HERE = os.path.dirname(os.path.abspath(__file__))
SETS = [("tagging", "pos.{}.txt.gz", 1.0, ["saga", "lbfgs", "newton-cg"]),
        ("digits", "mnist.{}.svm.gz", 10.0, ["saga", "lbfgs"]),
        ("a9a", "a9a.{}.svm.gz", 1.0, ["saga", "lbfgs", "liblinear", "newton-cholesky"])]
GENERATED = ("generated", None, 1.0, ["saga", "lbfgs"])


# ---- in the private environment: reading, judging, the peers ----

def read(path):
    import numpy, scipy.sparse
    if ".svm" in path:
        from sklearn.datasets import load_svmlight_file
        x, y = load_svmlight_file(path)
        x.indices, x.indptr = x.indices.astype(numpy.int32), x.indptr.astype(numpy.int32) # the stochastic solvers take no other
        return x, y, None
    features, rows, index, label = {}, [0], [], []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            words = line.rstrip("\n").split("\t")
            label.append(words[0])
            index += {features.setdefault(w, len(features)) for w in words[1:]}
            rows.append(len(index))
    x = scipy.sparse.csr_matrix((numpy.ones(len(index)), numpy.array(index, dtype=numpy.int32), numpy.array(rows, dtype=numpy.int32)),
                                (len(label), len(features)))
    x.sort_indices()
    return x, numpy.array(label), features


def objective(x, y, W, l2):
    """W: [features][classes], or [features] for two classes."""
    import numpy
    from scipy.special import logsumexp
    z = x @ W
    if W.ndim == 1:
        return l2 / 2 * (W ** 2).sum() + numpy.logaddexp(0, numpy.where(y == 1, -z, z)).sum()
    return l2 / 2 * (W ** 2).sum() + (logsumexp(z, axis=1) - z[numpy.arange(len(y)), y]).sum()


def peer(job):
    """One JSON line a run: iterations, seconds, objective; until that is below `enough`, two runs agree to 1e-9, or the limit is spent."""
    import numpy, resource, time, warnings
    from sklearn.linear_model import LogisticRegression
    warnings.filterwarnings("ignore")
    x, y, _ = read(job["train"])
    classes, y = numpy.unique(y, return_inverse=True)
    if job.get("weights"):
        W = numpy.fromfile(job["weights"]).reshape(-1, len(classes))
        W = W[:, 1] - W[:, 0] if len(classes) == 2 else W
        print(json.dumps({"objective": objective(x, y, W, job["l2"])}) if W.shape[0] == x.shape[1] else json.dumps({}))
        return
    l1, enough = job.get("l1", 0), job.get("enough", -math.inf)
    if job["solver"] == "glmnet":
        return glmnet(job, x, y, len(classes))
    spent, least, steps = 0.0, math.inf, 1 if job["solver"] in ("newton-cg", "newton-cholesky", "liblinear") else 4
    while steps < 100000:
        penalty = {"C": 1 / l1, "l1_ratio": 1} if l1 else {"C": 1 / job["l2"]}
        model = LogisticRegression(solver=job["solver"], max_iter=steps, tol=1e-14, fit_intercept=False, **penalty)
        start = time.process_time()
        model.fit(x, y)
        seconds = time.process_time() - start
        W = model.coef_[0] if len(classes) == 2 else model.coef_.T
        value = objective(x, y, W, 0 if l1 else job["l2"]) + l1 * abs(W).sum()
        print(json.dumps({"iterations": steps, "seconds": seconds, "objective": value,
                          "peak_MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), flush=True)
        spent += seconds
        if value <= enough or abs(least - value) < 1e-9 * value or spent + 2 * seconds > job["limit"]:
            break
        least, steps = min(least, value), 2 * steps


def glmnet(job, x, y, classes):
    """The same by glmnet.R, which finds the data in a folder."""
    import numpy, tempfile
    l1 = job.get("l1", 0)
    x = x.tocoo()
    with tempfile.TemporaryDirectory() as folder:
        arrays = {"shape": [*x.shape, x.nnz, classes], "row": x.row + 1, "column": x.col + 1, "label": y + 1}
        for name, array in arrays.items():
            numpy.asarray(array, dtype=numpy.int32).tofile(os.path.join(folder, name))
        x.data.astype(numpy.float64).tofile(os.path.join(folder, "value"))
        x = x.tocsr()
        command = ["Rscript", os.path.join(HERE, "glmnet.R"), folder, "binomial" if classes == 2 else "multinomial", "1" if l1 else "0",
                   repr((l1 or job["l2"]) / x.shape[0]), str(job["limit"]), str(job.get("path", 1))]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
            for i, line in enumerate(child.stdout):
                threshold, seconds, passes, whole = line.split()
                W = numpy.fromfile(os.path.join(folder, f"weights.{i + 1}"))
                W = W if classes == 2 else W.reshape(classes, -1).T
                value = objective(x, y, W, 0 if l1 else job["l2"]) + l1 * abs(W).sum()
                with open(f"/proc/{child.pid}/status") as status:
                    peak = [int(words.split()[1]) / 1024 for words in status if words.startswith("VmHWM")]
                print(json.dumps({"iterations": float(passes), "seconds": float(seconds), "objective": value, "threshold": threshold,
                                  "peak_MiB": sum(peak)}), flush=True)
                if value <= job.get("enough", -math.inf) or whole == "short":
                    child.kill()
                    break


# ---- outside: ours, the table ----

def environment(build):
    where = os.path.join(build, "bench", "venv")
    python = os.path.join(where, "bin", "python")
    if subprocess.run([python, "-c", "import sklearn"], capture_output=True).returncode != 0 if os.path.exists(python) else True:
        venv.create(where, with_pip=True)
        if subprocess.run([python, "-m", "pip", "-q", "install", "scikit-learn"]).returncode != 0:
            return None
    return python


def ours(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def run_peer(python, job, limit):
    env = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    command = [python, os.path.abspath(__file__), "--child", json.dumps(job)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as child:
        try:
            out, _ = child.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            child.kill()
            out, _ = child.communicate()
    return [json.loads(line) for line in out.splitlines() if line.startswith("{") and line.endswith("}")]


def time_to(runs, optimum, gap):
    """Seconds at which a peer reaches optimum (1 + gap), interpolated; inf: it never did."""
    before = None
    for r in runs:
        distance = max(r["objective"] / optimum - 1, 1e-16)
        if distance <= gap:
            if before is None or before[1] <= distance:
                return r["seconds"]
            part = (math.log(before[1]) - math.log(gap)) / (math.log(before[1]) - math.log(distance))
            return before[0] + part * (r["seconds"] - before[0])
        before = (r["seconds"], distance)
    return math.inf


def ours_traced(program, *arguments):
    """Runs as those of a peer, one for each line of progress, and what the whole run says."""
    done = subprocess.run([program, "--trace", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    words = [line.split() for line in done.stderr.splitlines()]
    end = json.loads(done.stdout)
    runs = [{"objective": float(w[w.index("objective") + 1]), "seconds": float(w[w.index("seconds") + 1])} for w in words]
    return runs + [{"objective": end["objective"], "seconds": end["seconds"]}], end


def wapiti(program, train, l1, limit, build):
    """OWL-QN; the CPU seconds of the whole run shared out over its iterations."""
    path, log = os.path.join(build, "bench", "wapiti.txt"), os.path.join(build, "bench", "wapiti.log")
    with gzip.open(train, "rt", encoding="utf-8") as file, open(path, "w", encoding="utf-8") as out:
        for line in file:
            label, features = line.rstrip("\n").split("\t", 1)
            out.write(features + "\t" + label + "\n") # it wants the class last
    before = os.times()
    with open(log, "w") as out:
        subprocess.run(["timeout", "-s", "INT", str(limit), program, "train", "--me", "-a", "l-bfgs", "-1", str(l1), "-2", "0",
                        "-w", "0", "-e", "0", "-i", "5000", "-t", "1", path, os.devnull], stdout=out, stderr=out)
    after = os.times()
    with open(log) as file:
        found = [float(line.split("obj=")[1].split()[0]) for line in file if "obj=" in line]
    seconds = after.children_user - before.children_user
    return [{"objective": value, "seconds": seconds * (i + 1) / len(found)} for i, value in enumerate(found)]


def compare_l1(program, source, train, python, a, l1):
    runs = {}
    runs["maxent proximal"], end = ours_traced(program, *source, "--l1", l1, "--tolerance", 1e-6, "--threads", 1, "--limit", a.limit)
    if a.wapiti and train and ".txt" in train:
        runs["wapiti owl-qn"] = wapiti(a.wapiti, train, l1, a.limit, a.build)
    for solver in (a.peers.split(",") if a.peers else ["saga"]) if python and train else []:
        if solver == "glmnet":
            continue
        job = {"train": train, "l2": 0, "l1": l1, "solver": solver, "limit": a.limit, "enough": end["objective"] * (1 - 1e-7)}
        runs["scikit-learn " + solver] = run_peer(python, job, 20 * a.limit)
    for steps in (1, 20) if python and train and ".svm" in train and shutil.which("Rscript") else []: # at once, and down a path
        job = {"train": train, "l2": 0, "l1": l1, "solver": "glmnet", "path": steps, "limit": a.limit}
        runs["glmnet" + (f", path of {steps}" if steps > 1 else "")] = run_peer(python, job, 20 * a.limit)
    least = min(r["objective"] for found in runs.values() for r in found)
    print(f"  l1 = {l1:g}   least objective found {least:.6f}; ours: {end['verdict']}, {end['nonzeros']} weights, "
          f"certified {end['relative_gap']:.1e}")
    for name, found in runs.items():
        if found:
            print(f"    {name:24} {show(time_to(found, least, 1e-3), found):>9} {show(time_to(found, least, 1e-6), found):>9}   ended "
                  f"{found[-1]['objective'] / least - 1:.1e} above after {found[-1]['seconds']:.3g} s", flush=True)


def show(value, runs=()):
    longest = max((r["seconds"] for r in runs), default=0)
    return f"{value:.3g}" if value < math.inf else f"> {longest:.3g}" if longest else "never"


def ratio(theirs, ours, runs):
    return f"{theirs / ours:.1f}" if theirs < math.inf else f"over {max(r['seconds'] for r in runs) / ours:.1f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(os.path.dirname(HERE), "build"))
    parser.add_argument("--data", default=os.path.join(os.path.dirname(os.path.dirname(HERE)), "shared", "data"))
    parser.add_argument("--only", default="")
    parser.add_argument("--peers", default="")
    parser.add_argument("--strengths", default="1")
    parser.add_argument("--limit", type=float, default=300)
    parser.add_argument("--threads", default="1")
    parser.add_argument("--l1", default="")
    parser.add_argument("--wapiti", default="")
    parser.add_argument("--no-passes", action="store_true")
    parser.add_argument("--child")
    a = parser.parse_args()
    if a.child:
        return peer(json.loads(a.child))
    program = os.path.join(a.build, "bench", "fit_bench")
    python = environment(a.build) if a.peers != "none" else None
    sets = [s for s in SETS if os.path.exists(os.path.join(a.data, s[1].format("train")))] or [GENERATED]
    for name, files, l2, peers in sets:
        if a.only not in name:
            continue
        if files:
            train, test = (os.path.join(a.data, files.format(part)) for part in ("train", "test"))
            source = [train, "--test", test]
        else:
            train, source = None, ["--generate", "20000,20000,10,20"]
        source += ["--intercept", "none"]
        one = ours(program, *source, "--pass", "--threads", 1)
        print(f"\n{name}: {one['events']} events, {one['features']} features, {one['classes']} classes, {one['entries']} entries; "
              f"a pass in doubles "
              f"{one['pass']:.4f} s, floor {one['floor']:.4f} s ({one['gigabytes_a_second']:.1f} GB/s, {one['gigaflops']:.0f} GFLOP/s)")
        for strength in map(float, a.strengths.split(",")):
            strong = l2 * strength
            fits = {}
            for threads in a.threads.split(","):
                for gap in (1e-3, 1e-6):
                    fits[threads, gap] = ours(program, *source, "--l2", strong, "--tolerance", gap, "--threads", threads)
            first = a.threads.split(",")[0]
            fine = fits[first, 1e-6]
            weights = os.path.join(a.build, "bench", "weights.bin")
            sharp = ours(program, *source, "--l2", strong, "--tolerance", 1e-7, "--threads", 1, "--weights", weights)
            optimum = sharp["objective"] - sharp["gap"] / 2
            judged = {}
            if python and train and ".svm" in train:
                judged = (run_peer(python, {"train": train, "l2": strong, "weights": weights}, a.limit) or [{}])[0]
            print(f"  l2 = {strong:g}   optimum {sharp['objective']:.6f}, at most {sharp['gap']:.2g} less"
                  + (f"   (numpy makes it {judged['objective']:.6f})" if judged.get("objective") else ""))
            print(f"    {'':24} {'to 1e-3':>9} {'to 1e-6':>9} {'peak MiB':>9}   CPU seconds")
            for threads in a.threads.split(","):
                coarse, good = fits[threads, 1e-3], fits[threads, 1e-6]
                label = f"maxent {good['method']}, {threads} thread" + "s" * (threads != "1")
                print(f"    {label:24} {coarse['seconds']:9.3g} {good['seconds']:9.3g} "
                      f"{good['peak_MiB']:9.0f}   {coarse['passes']:.1f} and {good['passes']:.1f} passes, "
                      f"certified {good['relative_gap']:.1e}"
                      + (f"; test: accuracy {good['accuracy']:.5f}, log loss {good['log_loss']:.5f}" if "accuracy" in good else ""))
            wanted = a.peers.split(",") if a.peers else peers
            for solver in (wanted if python and train else []):
                if solver == "glmnet" and (shutil.which("Rscript") is None or ".svm" not in train):
                    continue
                job = {"train": train, "l2": strong, "solver": solver, "limit": a.limit, "enough": optimum * (1 + 9e-7)}
                runs = run_peer(python, job, 20 * a.limit)
                if not runs:
                    continue
                least = min([optimum] + [r["objective"] for r in runs])
                t3, t6 = time_to(runs, least, 1e-3), time_to(runs, least, 1e-6)
                name = solver if solver == "glmnet" else "scikit-learn " + solver
                print(f"    {name:24} {show(t3, runs):>9} {show(t6, runs):>9} {runs[-1]['peak_MiB']:9.0f}   "
                      f"{ratio(t3, fits[first, 1e-3]['seconds'], runs)} and {ratio(t6, fine['seconds'], runs)} times ours; ended "
                      f"{runs[-1]['objective'] / least - 1:.1e} above", flush=True)
        for l1 in map(float, a.l1.split(",") if a.l1 else []):
            compare_l1(program, source, train, python, a, l1)
    if a.no_passes:
        return
    print("\nCost of a pass: linear in entries times classes")
    for shape in ("20000,20000,10,20", "80000,20000,10,20", "20000,20000,40,20", "20000,20000,10,80", "20000,200000,10,20"):
        one = ours(program, "--generate", shape, "--pass", "--threads", 1)
        print(f"    events, features, classes, entries each {shape:24} {one['pass']:.4f} s, "
              f"{one['nanoseconds_an_entry_and_class']:.2f} ns an entry and class, {one['times_floor']:.0f} times the floor")


if __name__ == "__main__":
    main()
