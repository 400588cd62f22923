#!/usr/bin/env python3
"""Whole commands of `git hotfix` against git-flow and git, as CPU ratios in one run.

    cargo build --release -p git-hotfix
    benches/commands.py target/release/git-hotfix [--runs N] [--files 2,5000,50000]

Needs python3 and git; git-flow (Debian's `git-flow`) for the comparison with it. CPU is user plus system time of the
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the git-hotfix to measure, a release build")
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--files", default="2,5000,50000")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as root:
        bin_folder = os.path.join(root, "bin")
        os.makedirs(bin_folder)
        os.symlink(os.path.abspath(options.program), os.path.join(bin_folder, "git-hotfix"))
        env = environment(root, bin_folder)
        for key, value in {"user.name": "Bench", "user.email": "bench@example.com", "gc.auto": "0"}.items():
            git(root, env, "config", "--global", key, value)
        has_git_flow = subprocess.run(["git", "flow", "version"], env=env, capture_output=True, check=False).returncode == 0
        if not has_git_flow:
            print("git-flow is not installed: its column is absent")

        started = time.time()
        print("| repository | command | CPU ms | against git-flow | against git |")
        print("| --- | --- | --- | --- | --- |")
        for files in [int(number) for number in options.files.split(",")]:
            folder = os.path.join(root, f"r{files}")
            repository(folder, env, files)
            opening = {
                "hotfix": ["git-hotfix", "open", "Login fails", "--severity", "high", "--offline"],
                "git": ["git", "switch", "-q", "-c", "hotfix/login-fails", "main"],
            }
            if has_git_flow:
                opening["flow"] = ["git", "flow", "hotfix", "start", "login-fails", "main"]
            cpu = measure(opening, folder, env, options.runs, lambda: undo(folder, env))
            report(f"{files} files", "open --offline", cpu)

            cpu_seconds(opening["hotfix"], folder, env)
            reading = {"hotfix": ["git-hotfix", "status"], "git": ["git", "status"]}
            report(f"{files} files", "status", measure(reading, folder, env, options.runs, lambda: None))
    print(f"\n{options.runs} runs each, {time.time() - started:.0f} s in all", file=sys.stderr)


def report(name, command, cpu):
    ours = cpu["hotfix"]
    flow = f"{ours / cpu['flow']:.2f}" if "flow" in cpu else "-"
    print(f"| {name} | {command} | {ours * 1000:.0f} | {flow} | {ours / cpu['git']:.2f} |", flush=True)


if __name__ == "__main__":
    main()
