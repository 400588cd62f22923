#!/usr/bin/env python3
"""Whole commands of `git hotfix` against git-flow and git, as CPU ratios in one run.

    cargo build --release -p git-hotfix
    benches/commands.py target/release/git-hotfix [--before OLDER] [--runs N] [--files 2,5000,50000]

With `--before` each row also has the ratio to an older build of git-hotfix. Needs python3 and git; git-flow (Debian's `git-flow`) for the comparison with it, and strace to count processes. CPU is user plus system time of the
command and all its children, the median of N interleaved runs, each in the same repository made ready again. Wall time
is left out: it says more about the machine than about the program.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


def environment(home, bin_folder):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "HOTFIX_"))}
    kept.update(HOME=home, GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL=os.path.join(home, "gitconfig"), LC_ALL="C")
    kept["PATH"] = bin_folder + os.pathsep + kept["PATH"]
    return kept


def cpu_seconds(command, folder, env):
    """User plus system seconds of the command and its children."""
    process = subprocess.Popen(
        command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    stderr = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command} failed with {process.returncode}: {stderr.decode(errors='replace')}")
    return usage.ru_utime + usage.ru_stime


def git(folder, env, *arguments, stdin=None):
    subprocess.run(["git", *arguments], cwd=folder, env=env, check=True, input=stdin, stdout=subprocess.DEVNULL)


def repository(folder, env, files):
    """A repository of `files` files on `main`, with git-flow's branches, settings and no remote."""
    os.makedirs(folder)
    git(folder, env, "init", "-q", "-b", "main")
    for number in range(files):
        place = os.path.join(folder, f"d{number // 100}")
        os.makedirs(place, exist_ok=True)
        with open(os.path.join(place, f"f{number}.txt"), "w", encoding="utf-8") as file:
            file.write(f"line {number}\n" * 5)
    git(folder, env, "add", "-A")
    git(folder, env, "commit", "-q", "-m", "sell things")
    git(folder, env, "branch", "develop")
    for key, value in {
        "gitflow.branch.master": "main",
        "gitflow.branch.develop": "develop",
        "gitflow.prefix.hotfix": "hotfix/",
        "gitflow.prefix.feature": "feature/",
        "gitflow.prefix.release": "release/",
        "gitflow.prefix.support": "support/",
        "gitflow.prefix.versiontag": "",
    }.items():
        git(folder, env, "config", key, value)


def undo(folder, env):
    """Takes back what a command that opens did: branches, the ledger, settings."""
    git(folder, env, "switch", "-q", "main")
    refs = subprocess.run(
        ["git", "for-each-ref", "--format=delete %(refname)", "refs/heads/hotfix", "refs/hotfix"],
        cwd=folder, env=env, check=True, capture_output=True,
    ).stdout
    git(folder, env, "update-ref", "--stdin", stdin=refs)
    shutil.rmtree(os.path.join(folder, ".git", "hotfix"), ignore_errors=True)
    subprocess.run(
        ["git", "config", "--remove-section", "gitflow.branch.hotfix/login-fails"],
        cwd=folder, env=env, check=False, capture_output=True,
    )
    git(folder, env, "status")  # The index is refreshed once, outside of what is measured.


def measure(commands, folder, env, runs, after):
    """The median CPU seconds of each command, interleaved; `after` each run the folder is made ready for the next."""
    times = {name: [] for name in commands}
    for run in range(runs + 1):
        for name, command in commands.items():
            seconds = cpu_seconds(command, folder, env)
            after()
            if run > 0:  # The first one warms the page cache.
                times[name].append(seconds)
    return {name: statistics.median(seconds) for name, seconds in times.items()}


def processes(command, folder, env):
    """How many programs the command starts, itself included, as strace counts them."""
    trace = os.path.join(env["HOME"], "trace")
    cpu_seconds(["strace", "-f", "-qq", "-e", "trace=execve", "-e", "signal=none", "-o", trace, *command], folder, env)
    with open(trace, encoding="utf-8", errors="replace") as file:
        return sum(1 for line in file if "execve(" in line and line.rstrip().endswith(" = 0"))


# What a person would type instead, with nothing recorded, checked or written up.
OPEN_BY_HAND = "git status --porcelain && git fetch -q origin && git switch -q -c hotfix/login-fails origin/main"
SHIP_BY_HAND = """
git push -q origin hotfix/login-fails && sh test.sh && git switch -q main && git pull -q --ff-only &&
git merge -q --no-ff -m 'Merge hotfix' hotfix/login-fails && git push -q origin main &&
git push -q origin --delete hotfix/login-fails && git branch -q -D hotfix/login-fails
"""


class Night:
    """A clone and its remote, kept as copies so that each run of `open` or `ship` begins at the same place."""

    def __init__(self, root, env, files):
        self.env, self.root = env, os.path.join(root, f"night{files}")
        self.now, self.saved = os.path.join(self.root, "now"), os.path.join(self.root, "saved")
        clone = os.path.join(self.now, "clone")
        os.makedirs(self.now)
        repository(clone, env, files)
        with open(os.path.join(clone, "hotfix.toml"), "w", encoding="utf-8") as file:
            file.write('[test]\ncommand = ["sh", "test.sh"]\n')
        with open(os.path.join(clone, "test.sh"), "w", encoding="utf-8") as file:
            file.write("exit 0\n")
        git(clone, env, "add", "-A")
        git(clone, env, "commit", "-q", "-m", "test")
        git(clone, env, "repack", "-a", "-d", "-q")  # As a clone has it, and copied in no time.
        git(self.now, env, "clone", "-q", "--bare", clone, os.path.join(self.now, "origin.git"))
        git(clone, env, "remote", "add", "origin", "../origin.git")
        git(clone, env, "fetch", "-q", "origin")
        git(clone, env, "branch", "-q", "--set-upstream-to", "origin/main", "main")
        git(clone, env, "status")
        self.clone = clone

    def fix(self):
        """The fix is one line; both ways have the same one."""
        with open(os.path.join(self.clone, "d0", "f0.txt"), "a", encoding="utf-8") as file:
            file.write("fixed\n")
        git(self.clone, self.env, "commit", "-q", "-a", "-m", "fix the login")

    def save(self):
        shutil.rmtree(self.saved, ignore_errors=True)
        subprocess.run(["cp", "-a", self.now, self.saved], check=True)

    def restore(self):
        """Puts git's own folders back; the work tree follows, and only where it differs."""
        for name in ("origin.git", "clone/.git"):
            shutil.rmtree(os.path.join(self.now, name))
            subprocess.run(["cp", "-a", os.path.join(self.saved, name), os.path.join(self.now, name)], check=True)
        git(self.clone, self.env, "reset", "-q", "--hard")
        git(self.clone, self.env, "status")


def night(root, env, files, runs):
    """`open` and `ship` with a remote, against the git commands that a person would type."""
    at = Night(root, env, files)
    at.save()
    opening = ["git-hotfix", "open", "Login fails", "--severity", "high"]
    commands = {**both_builds(env, opening), "hand": ["sh", "-ec", OPEN_BY_HAND]}
    by_hand(f"{files} files", "open", at, commands, runs)

    cpu_seconds(opening, at.clone, env)
    at.fix()
    at.save()
    commands = {**both_builds(env, ["git-hotfix", "ship", "--yes"]), "hand": ["sh", "-ec", SHIP_BY_HAND]}
    by_hand(f"{files} files", "ship", at, commands, runs)


def by_hand(name, what, at, commands, runs):
    cpu = measure(commands, at.clone, at.env, runs, at.restore)
    started = {}
    if shutil.which("strace"):
        for way, command in commands.items():
            started[way] = processes(command, at.clone, at.env)
            at.restore()
    ours, hand = started.get("hotfix", "-"), started.get("hand", "-")
    milliseconds = cpu["hotfix"] * 1000
    print(
        f"| {name} | {what} | {milliseconds:.0f} | {cpu['hotfix'] / cpu['hand']:.2f} | {ours} | {hand} |{before(cpu)}",
        flush=True,
    )


# What `prepared` calls the older build, where there is one.
BEFORE = "git-hotfix-before"


def both_builds(env, command):
    """The command by the build that is measured, and by the older one."""
    ways = {"hotfix": command}
    if shutil.which(BEFORE, path=env["PATH"]):
        ways["before"] = [BEFORE, *command[1:]]
    return ways


def before(cpu):
    return f" {cpu['hotfix'] / cpu['before']:.2f} |" if "before" in cpu else ""


def prepared(root, program, older=None):
    """A home in which `program` is git-hotfix, and `older` an earlier build: its environment, and whether git-flow is there."""
    bin_folder = os.path.join(root, "bin")
    os.makedirs(bin_folder)
    os.symlink(os.path.abspath(program), os.path.join(bin_folder, "git-hotfix"))
    if older:
        os.symlink(os.path.abspath(older), os.path.join(bin_folder, BEFORE))
    env = environment(root, bin_folder)
    for key, value in {"user.name": "Bench", "user.email": "bench@example.com", "gc.auto": "0"}.items():
        git(root, env, "config", "--global", key, value)
    has_git_flow = subprocess.run(["git", "flow", "version"], env=env, capture_output=True, check=False).returncode == 0
    if not has_git_flow:
        print("git-flow is not installed: its column is absent")
    return env, has_git_flow


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the git-hotfix to measure, a release build")
    parser.add_argument("--before", help="an older git-hotfix, a release build too")
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--files", default="2,5000,50000")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as root:
        env, has_git_flow = prepared(root, options.program, options.before)
        more, rule = (" against the build before |", " --- |") if options.before else ("", "")

        started = time.time()
        print(f"| repository | command | CPU ms | against git-flow | against git |{more}")
        print(f"| --- | --- | --- | --- | --- |{rule}")
        for files in [int(number) for number in options.files.split(",")]:
            folder = os.path.join(root, f"r{files}")
            repository(folder, env, files)
            opening = {
                **both_builds(env, ["git-hotfix", "open", "Login fails", "--severity", "high", "--offline"]),
                "git": ["git", "switch", "-q", "-c", "hotfix/login-fails", "main"],
            }
            if has_git_flow:
                opening["flow"] = ["git", "flow", "hotfix", "start", "login-fails", "main"]
            cpu = measure(opening, folder, env, options.runs, lambda: undo(folder, env))
            report(f"{files} files", "open --offline", cpu)

            cpu_seconds(opening["hotfix"], folder, env)
            reading = {**both_builds(env, ["git-hotfix", "status"]), "git": ["git", "status"]}
            report(f"{files} files", "status", measure(reading, folder, env, options.runs, lambda: None))
        print(f"\n| repository | command | CPU ms | against git by hand | processes | processes by hand |{more}")
        print(f"| --- | --- | --- | --- | --- | --- |{rule}")
        for files in [int(number) for number in options.files.split(",")]:
            night(root, env, files, options.runs)
    print(f"\n{options.runs} runs each, {time.time() - started:.0f} s in all", file=sys.stderr)


def report(name, command, cpu):
    ours = cpu["hotfix"]
    flow = f"{ours / cpu['flow']:.2f}" if "flow" in cpu else "-"
    print(f"| {name} | {command} | {ours * 1000:.0f} | {flow} | {ours / cpu['git']:.2f} |{before(cpu)}", flush=True)


if __name__ == "__main__":
    main()
