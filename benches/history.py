#!/usr/bin/env python3
"""What grows with history: long and far branches, and ledgers of many incidents, as CPU ratios to the fewest git commands that tell the same.

    cargo build --release -p git-hotfix
    benches/history.py target/release/git-hotfix [--runs N] [--only SECTION,...] [--commits 80000] [--incidents 10000]

Sections: landed, ledger, events, prompt, and by the shape of the history topics, line, octopus, tags, partial. All fixtures are made by
git fast-import, the same each time. Needs python3 and git. CPU is user plus system time of the command and all its children, the
median of N interleaved runs.
"""

import argparse
import glob
import hashlib
import json
import os
import random
import shutil
import subprocess
import tempfile

from commands import cpu_seconds, git, measure, prepared

RULES = '[release]\nlines = ["main", "develop", "release/*"]\n[test]\ncommand = ["true"]\n[forge]\nkind = "local"\n'
OPEN = ["git-hotfix", "open", "--severity", "high", "--yes"]
LEDGER = "refs/hotfix/ledger/2026"


def output(folder, env, *arguments):
    return subprocess.run(["git", *arguments], cwd=folder, env=env, check=True, capture_output=True, text=True).stdout.split()


def shell(script):
    return ["sh", "-ec", script]


def check():
    """Exits with 1 where something is owed."""
    return shell("git-hotfix propagation --check || test $? = 1")


class Import:
    """A history in the language of git fast-import."""

    def __init__(self, folder, env):
        command = ["git", "fast-import", "--quiet", "--force"]
        self.process = subprocess.Popen(command, cwd=folder, env=env, stdin=subprocess.PIPE)
        self.mark = 0

    def write(self, text):
        self.process.stdin.write(text.encode())

    def commit(self, ref, parents, message, seconds, files):
        self.mark += 1
        by = f"committer Dev <dev@example.com> {seconds} +0000"
        self.write(f"commit {ref}\nmark :{self.mark}\n{by}\ndata {len(message)}\n{message}\n")
        for word, parent in zip(["from"] + ["merge"] * len(parents), parents):
            self.write(f"{word} {parent}\n")
        for path, text in files:
            self.write(f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n")
        self.write("\n")
        return f":{self.mark}"

    def end(self):
        self.process.stdin.close()
        if self.process.wait() != 0:
            raise SystemExit("git fast-import failed")


def history(folder, env, shape, commits):
    """A bare repository with `main` of so many commits, and 20 release branches all along it."""
    os.makedirs(folder)
    git(folder, env, "init", "-q", "--bare", "-b", "main")
    chance, made = random.Random(14), Import(folder, env)
    paths, seconds = [f"src/d{number // 40}/f{number}.c" for number in range(1200)], 1_300_000_000
    start = [(path, f"{path}\n" * 20) for path in paths] + [("hotfix.toml", RULES)]
    line, written = [made.commit("refs/heads/main", [], "Start", seconds, start)], 1
    topics = {"line": lambda: 0, "octopus": lambda: chance.randint(2, 7)}.get(shape, lambda: 1)

    def change():
        path = chance.choice(paths)
        return f"Change {path}\n\nIt was slow where {made.mark} items were, and nobody had looked at why.", [(path, f"{made.mark}\n" * 20)]

    while written < commits:
        seconds += 400
        tips = [line[-1]]
        for _ in range(topics()):
            tip = line[-1 - chance.randrange(min(150, len(line)))]
            for _ in range(chance.choice([1, 1, 1, 2, 3, 4])):
                message, files = change()
                tip = made.commit("refs/heads/topic", [tip], message, seconds - chance.randrange(1, 4000), files)
                written += 1
            tips.append(tip)
        message, files = change() if len(tips) == 1 else (f"Merge topic {written}", [])
        line.append(made.commit("refs/heads/main", tips, message, seconds, files))
        written += 1
        if shape == "tags" and len(line) % 6 == 0:
            made.write(f"reset refs/tags/v0.{len(line)}\nfrom {line[-1]}\n\n")
    for number in range(20):
        made.write(f"reset refs/heads/release/{number:02}\nfrom {line[len(line) * (number + 3) // 24]}\n\n")
    made.write(f"reset refs/tags/v1.0.0\nfrom {line[-1]}\n\n")
    made.end()
    subprocess.run(["git", "update-ref", "-d", "refs/heads/topic"], cwd=folder, env=env, check=True)
    git(folder, env, "config", "uploadpack.allowFilter", "true")


def fix(clone, env, title):
    """An incident with a fix that touches one new file."""
    cpu_seconds([*OPEN, title], clone, env)
    with open(os.path.join(clone, title.replace(" ", "-")), "w", encoding="utf-8") as file:
        file.write("fixed\n")
    git(clone, env, "add", ".")
    git(clone, env, "commit", "-q", "-m", f"fix: {title}")


def commit_of(clone, env, title):
    return output(clone, env, "log", "-1", "--format=%H", f"--grep=fix: {title}", "main")[0]


def far(root, env, shape, options):
    """`status` and `propagation --check` with release branches far behind."""
    origin, clone = (os.path.join(root, f"{shape}-{name}") for name in ("origin.git", "clone"))
    history(origin, env, shape, options.commits)
    filtered = ["--filter=blob:none"] if shape == "partial" else []
    git(root, env, "clone", "-q", *filtered, f"file://{origin}", clone)
    lines = output(clone, env, "for-each-ref", "--format=%(refname)", "refs/remotes/origin/release")
    name = f"{len(output(clone, env, 'rev-list', 'HEAD'))} commits, {shape}"
    fix(clone, env, "first")
    pairs = " ".join(f"'HEAD~1 -- {line} HEAD'" for line in lines)
    foresee = shell(
        "git for-each-ref --format='%(refname) %(ahead-behind:HEAD)' refs/remotes/origin/release >/dev/null;"
        f"printf '%s\\n' {pairs} | git merge-tree --stdin --write-tree >/dev/null"
    )
    for graph in ["no commit-graph", "commit-graph"]:
        if graph == "commit-graph":
            git(clone, env, "commit-graph", "write", "--reachable", "--no-progress")
        report(name, f"status, {graph}", {"hotfix": ["git-hotfix", "status"], "git": foresee}, clone, env, options)
    once(name, "ship, commit-graph", ["git-hotfix", "ship", "--yes"], clone, env)
    once(name, "backport to 20 lines, commit-graph", ["git-hotfix", "backport", "--yes"], clone, env)
    git(clone, env, "switch", "-q", "main")
    fix(clone, env, "second")
    cpu_seconds(["git-hotfix", "ship", "--yes"], clone, env)
    fixes = [commit_of(clone, env, title) for title in ("first", "second")]
    picks = [f"--grep=cherry picked from commit {commit}" for commit in fixes]
    log = ["git", "log", "--format=%H", "-F", *picks, *lines, "^origin/main"]
    kept = os.path.join(clone, ".git/hotfix/unmarked-*")
    forget = lambda: [os.remove(path) for path in glob.glob(kept)]
    report(name, "propagation --check, two hotfixes, the first time", {"hotfix": check(), "git": log}, clone, env, options, forget)
    report(name, "propagation --check, two hotfixes", {"hotfix": check(), "git": log}, clone, env, options)
    for folder in (origin, clone):
        shutil.rmtree(folder)


def landed(root, env, options):
    """A fix that landed long ago on two branches that both went on."""
    for since in (100, 400, 1600):
        origin, clone = (os.path.join(root, f"landed{since}-{name}") for name in ("origin.git", "clone"))
        git(root, env, "init", "-q", "-b", "main", clone)
        with open(os.path.join(clone, "hotfix.toml"), "w", encoding="utf-8") as file:
            file.write(RULES)
        git(clone, env, "add", ".")
        git(clone, env, "commit", "-q", "-m", "rules")
        git(clone, env, "branch", "develop")
        git(root, env, "clone", "-q", "--bare", clone, origin)
        git(clone, env, "remote", "add", "origin", origin)
        git(clone, env, "fetch", "-q", "origin")
        fix(clone, env, "login")
        cpu_seconds(["git-hotfix", "ship", "--yes"], clone, env)
        git(clone, env, "fetch", "-q", "origin", "+develop:develop")
        made = Import(clone, env)
        for branch in ("develop", "main"):
            tip = f"refs/heads/{branch}^0"
            for number in range(since):
                files = [(f"later/f{number % 50}", f"{branch} {number}\n")]
                tip = made.commit(f"refs/heads/{branch}", [tip], f"Change {number}", 1_900_000_000 + number * 60, files)
        made.end()
        git(clone, env, "reset", "-q", "--hard")
        git(clone, env, "push", "-q", "origin", "main", "develop")
        git(clone, env, "repack", "-a", "-d", "-q")
        commit = commit_of(clone, env, "login")
        walk = shell(
            f"git log --first-parent --ancestry-path --format=%H {commit}..develop | tail -1;"
            f"git log -F --grep='This reverts commit' --format=%H {commit}..develop {commit}..main"
        )
        for what, command in {"status": ["git-hotfix", "status"], "propagation --check": check()}.items():
            report(f"landed {since} commits ago", what, {"hotfix": command, "git": walk}, clone, env, options)


def incident_id(number):
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    number = number * 7919 + 1
    return "HF-2026-" + "".join(alphabet[number >> 5 * digit & 31] for digit in reversed(range(8)))


def events(number, notes, is_closed, base):
    """Twelve events of an incident, or more, as they are stored: path and bytes."""
    named, parents = incident_id(number), []
    landing = {"head": base, "lines": [{"branch": "main", "from": base, "to": base}]}
    opening = {
        "base": {"commit": base, "ref": "origin/main"}, "policy": base,
        "production": {"branch": "main", "remote": "origin"}, "origin": {"at": "branch", "name": "main"},
        "title": f"Checkout fails with error {number % 977}", "slug": f"incident-{number}", "severity": "high",
        "impact": f"checkout fails in region {number % 9}", "scope": f"{number % 100} % of users", "source": "alert",
        "visibility": "open",
    }
    test = {"command": ["cargo", "test"], "ending": "passed", "exit_code": 0, "milliseconds": 900 + number % 5000}
    request = {"body": "## Incident\n\n" + "The checkout fails.\n" * 6, "head": base, "state": "open", "title": f"[HOTFIX] Incident {number}"}
    kinds = [
        ("opened", opening),
        ("branch-created", {"branch": f"hotfix/incident-{number}", "commit": base}),
        *(("noted", {"text": f"looked at dashboard {note}: latency is {100 + note} ms and falling"}) for note in range(notes)),
        ("guarded", {"files": 2, "lines": 9, "tree": base}),
        ("tested", {**test, "suite": "affected", "tree": base}),
        ("proved", {"base": base, "tree": base, "verdict": "no_regression_test"}),
        ("pull-request-opened", request),
        ("landing-started", landing),
        ("merged", landing),
        ("follow-up-added", {"text": "find out why the alert was late"}),
        ("postmortem-written", {"digest": "0" * 64, "path": f"docs/decisions/POSTMORTEM-{number}.md", "preset": "default"}),
        *([("closed", {})] if is_closed else []),
    ]
    folder = f"{hashlib.sha256(named.encode()).hexdigest()[:2]}/{named}"
    by = {"email": f"dev{number % 40}@example.com", "name": f"Dev {number % 40}"}
    at = f"2026-{number % 11 + 1:02}-{number % 28 + 1:02}T{number % 24:02}:00:00Z"
    for kind, data in kinds:
        event = {"at": at, "by": by, "data": data, "incident": named, "kind": kind, "parents": parents, "v": 1}
        text = json.dumps(event, sort_keys=True, separators=(",", ":")) + "\n"
        parents = [hashlib.sha256(text.encode()).hexdigest()]
        yield f"{folder}/{parents[0]}.json", text


def recorded(root, env, name, incidents, notes):
    """A repository whose ledger holds so many incidents; the last 50 are open."""
    folder = os.path.join(root, name)
    git(root, env, "init", "-q", "-b", "main", folder)
    git(folder, env, "commit", "-q", "--allow-empty", "-m", "start")
    base, made, tip = output(folder, env, "rev-parse", "main")[0], Import(folder, env), []
    for number in range(incidents):
        files = events(number, notes, number < incidents - 50, base)
        tip = [made.commit(LEDGER, tip, incident_id(number), 1_780_000_000 + number, files)]
    made.end()
    git(folder, env, "repack", "-a", "-d", "-q")
    return folder


def ledger(root, env, options):
    """Lists, with their cache and without."""
    folder = recorded(root, env, "ledger", options.incidents, 1)
    name, cache = f"{options.incidents} incidents of 12 events", os.path.join(folder, ".git", "hotfix", "cache-v1")
    everything = shell(f"git ls-tree -r --object-only {LEDGER} | git cat-file --batch --buffer >/dev/null")
    ways = {"hotfix": shell("rm -rf .git/hotfix; exec git-hotfix list --all"), "git": everything}
    report(name, "list --all, no cache", ways, folder, env, options)
    cpu_seconds(["git-hotfix", "list"], folder, env)
    for what, floor in {"list --all": ["cat", cache], "list": ["git", "rev-parse", LEDGER]}.items():
        report(name, what, {"hotfix": ["git-hotfix", *what.split()], "git": floor}, folder, env, options)
    one(name, incident_id(options.incidents // 2), "show", folder, env, options)
    written = shell(
        f"git hash-object -w --stdin </dev/null; git rev-parse {LEDGER};"
        f"git commit-tree -m x -p {LEDGER} {LEDGER}^{{tree}}; git update-ref refs/hotfix/x {LEDGER}"
    )
    note = ["git-hotfix", "note", "restarted", "--incident", incident_id(options.incidents - 1)]
    report(name, "note", {"hotfix": note, "git": written}, folder, env, options)


def of_many_events(root, env, options):
    folder = recorded(root, env, "events", 1, 1990)
    one("2000 events", incident_id(0), "log", folder, env, options)


def prompt(root, env, options):
    """The line in a shell's prompt, on the branch of an open incident, against the least that this program does."""
    for incidents in (10, options.incidents):
        folder = recorded(root, env, f"prompt{incidents}", incidents, 1)
        git(folder, env, "switch", "-q", "-c", f"hotfix/incident-{incidents - 1}")
        name = f"{incidents} incidents of 12 events"
        ways = {"hotfix": ["git-hotfix", "status", "--short"], "git": ["git-hotfix", "--version"]}
        report(name, "status --short, against --version", ways, folder, env, options)


def one(name, incident, command, folder, env, options):
    shard = hashlib.sha256(incident.encode()).hexdigest()[:2]
    batch = shell(f"git ls-tree --object-only {LEDGER}:{shard}/{incident} | git cat-file --batch >/dev/null")
    report(name, f"{command} ID", {"hotfix": ["git-hotfix", command, incident], "git": batch}, folder, env, options)


def report(name, what, ways, folder, env, options, after=lambda: None):
    cpu = measure(ways, folder, env, options.runs, after)
    print(f"| {name} | {what} | {cpu['hotfix'] * 1000:.0f} | {cpu['git'] * 1000:.0f} | {cpu['hotfix'] / cpu['git']:.2f} |", flush=True)


def once(name, what, command, folder, env):
    print(f"| {name} | {what} | {cpu_seconds(command, folder, env) * 1000:.0f} | - | - |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the git-hotfix to measure, a release build")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="landed,topics,ledger,events")
    parser.add_argument("--commits", type=int, default=80_000)
    parser.add_argument("--incidents", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        env, _ = prepared(root, options.program)
        git(root, env, "config", "--global", "init.defaultBranch", "main")
        print("| repository | command | CPU ms | git, CPU ms | ratio |")
        print("| --- | --- | --- | --- | --- |")
        sections = {"landed": landed, "ledger": ledger, "events": of_many_events, "prompt": prompt}
        for section in options.only.split(","):
            if section in sections:
                sections[section](root, env, options)
            else:
                far(root, env, section, options)


if __name__ == "__main__":
    main()
