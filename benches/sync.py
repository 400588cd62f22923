#!/usr/bin/env python3
"""What sharing the ledger costs, as CPU ratios to the git commands that move the same objects.

    cargo build --release -p git-hotfix && cargo build -p hotfix-tests --bin fill-ledger
    benches/sync.py target/release/git-hotfix target/debug/fill-ledger [--runs N] [--incidents 10000] [--events 12]

Needs python3 and git. CPU is user plus system time of the command and all its children, the remote's side on the same disk included; the median of
N interleaved runs, each in clones made ready again.
"""

import argparse
import os
import shutil
import subprocess
import tempfile

from commands import cpu_seconds, git, measure, prepared

LEDGER = "refs/hotfix/ledger/2026"
NEW = 500


def output(folder, env, *arguments):
    return subprocess.run(["git", *arguments], cwd=folder, env=env, check=True, capture_output=True, text=True).stdout.strip()


def notes(folder, env, number):
    """So many events more, as a colleague's commands would have recorded them one by one."""
    incident = subprocess.run(
        ["git-hotfix", "list", "--json"], cwd=folder, env=env, check=True, capture_output=True, text=True
    ).stdout.split('"id": "', 1)[1].split('"', 1)[0]
    for note in range(number):
        subprocess.run(
            ["git-hotfix", "note", f"look {note} from {os.path.basename(folder)}", "--incident", incident, "--offline"],
            cwd=folder, env=env, check=True, capture_output=True,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the git-hotfix to measure, a release build")
    parser.add_argument("filler", help="the fill-ledger of hotfix-tests")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--incidents", default="10000")
    parser.add_argument("--events", default="12")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        env, _ = prepared(root, options.program)
        saved, now = os.path.join(root, "saved"), os.path.join(root, "now")
        os.makedirs(saved)
        origin, ada, bob = (os.path.join(saved, name) for name in ("origin.git", "ada", "bob"))
        git(saved, env, "init", "-q", "--bare", "-b", "main", origin)
        for clone in (ada, bob):
            git(saved, env, "clone", "-q", "../saved/origin.git", clone)
            git(clone, env, "config", "remote.origin.hotfixLedger", "true")
        with open(os.path.join(ada, "a"), "w", encoding="utf-8") as file:
            file.write("a\n")
        git(ada, env, "add", "-A")
        git(ada, env, "commit", "-q", "-m", "sell things")
        git(ada, env, "push", "-q", "origin", "HEAD:main")
        git(bob, env, "pull", "-q", "origin", "main")
        subprocess.run([options.filler, ada, options.incidents, options.events], env=env, check=True)
        for clone in (ada, bob):
            subprocess.run(["git-hotfix", "sync"], cwd=clone, env=env, check=True, capture_output=True)
            git(clone, env, "gc", "-q")
            subprocess.run(["git-hotfix", "list"], cwd=clone, env=env, check=True, capture_output=True)
        git(origin, env, "gc", "-q")
        size = int(output(ada, env, "count-objects", "-v").split("size-pack: ")[1].split()[0])
        print(f"{options.incidents} incidents of {options.events} events: {size / int(options.incidents):.2f} KiB an incident after gc")

        print("| what | CPU ms | against git | to reach |")
        print("| --- | --- | --- | --- |")

        def row(what, commands, folder, after, reach):
            times = measure(commands, folder, env, options.runs, after)
            print(f"| {what} | {times['sync'] * 1000:.0f} | {times['sync'] / times['git']:.2f} | {reach} |", flush=True)

        three = " && ".join(["git rev-parse -q HEAD >/dev/null"] * 3)
        row(
            "nothing new",
            {"sync": ["git-hotfix", "sync"], "git": ["sh", "-ec", f"git fetch -q origin {LEDGER} && {three}"]},
            ada, lambda: None, "1.3",
        )

        for clone in (ada, bob):
            notes(clone, env, NEW)
        subprocess.run(["git-hotfix", "sync"], cwd=ada, env=env, check=True, capture_output=True)

        def fresh():
            shutil.rmtree(now, ignore_errors=True)
            shutil.copytree(saved, now, symlinks=True)
            for clone in ("ada", "bob"):
                git(os.path.join(now, clone), env, "remote", "set-url", "origin", os.path.join(now, "origin.git"))

        fresh()
        here = os.path.join(now, "bob")
        # The same objects there and back: what is fetched, and a commit on top of both that is pushed.
        by_hand = f"""
        git fetch -q --no-tags origin {LEDGER}:refs/hand/theirs
        git push -q --force origin {LEDGER}:refs/hand/ours
        """
        row(
            f"{NEW} new events each way",
            {"sync": ["git-hotfix", "sync"], "git": ["sh", "-ec", by_hand]}, here, fresh, "2",
        )
        cold, warm = [], []
        for _ in range(options.runs):
            fresh()
            subprocess.run(["git-hotfix", "sync"], cwd=here, env=env, check=True, capture_output=True)
            cold.append(cpu_seconds(["git-hotfix", "list"], here, env))
            warm.append(cpu_seconds(["git-hotfix", "list"], here, env))
        cold, warm = sorted(cold)[len(cold) // 2], sorted(warm)[len(warm) // 2]
        print(f"| `list` after {NEW} new events, against a warm one | {cold * 1000:.0f} | {cold / warm:.2f} | 4 |")


if __name__ == "__main__":
    main()
