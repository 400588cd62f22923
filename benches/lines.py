#!/usr/bin/env python3
"""Landing on several lines and carrying a fix to older ones, against git-flow and against git with checkouts.

    cargo build --release -p git-hotfix
    benches/lines.py target/release/git-hotfix [--runs N] [--files 2,50000] [--lines 20]

Needs python3 and git; git-flow (Debian's `git-flow`) for the comparison with it. CPU is user plus system time of the command and all its
children, the median of N interleaved runs from the same state, with a remote on the same disk.
"""

import argparse
import os
import shutil
import subprocess
import tempfile

from commands import cpu_seconds, git, measure, prepared, repository

RULES = """[release]
lines = ["main", "develop", "release/*"]
tag = "v{version}"
[test]
command = ["true"]
"""

# What a person would type: the same merges, tag and publication, with nothing recorded.
LAND_BY_HAND = """
git fetch -q origin && git switch -q main && git merge -q --no-ff -m 'Merge hotfix' hotfix/login-fails && git tag -a -m v1.0.1 v1.0.1 &&
git switch -q develop && git merge -q --no-ff -m 'Merge hotfix' hotfix/login-fails && git switch -q main &&
git push -q --atomic origin main develop v1.0.1 && git push -q origin --delete hotfix/login-fails && git branch -q -D hotfix/login-fails
"""
PICK_BY_HAND = """
git fetch -q origin && for line in $(git for-each-ref --format='%(refname:lstrip=3)' 'refs/remotes/origin/release/*'); do
git switch -q --detach origin/$line && git cherry-pick -x {fix} >/dev/null && git push -q origin HEAD:refs/heads/$line; done; git switch -q main
"""


class Shop:
    """A clone with `develop`, a release and older lines, kept as copies so that each run begins at the same place."""

    def __init__(self, root, env, files, lines):
        self.env, self.now, self.saved = env, os.path.join(root, f"lines{files}"), os.path.join(root, f"saved{files}")
        self.clone = os.path.join(self.now, "clone")
        os.makedirs(self.now)
        repository(self.clone, env, files)
        self.write("hotfix.toml", RULES, "rules")
        git(self.clone, env, "branch", "-f", "develop")
        for number in range(lines):
            git(self.clone, env, "branch", f"release/1.{number}")
        self.write("next.txt", "x\n", "begin the next release")
        git(self.clone, env, "branch", "-f", "develop")
        git(self.clone, env, "tag", "-a", "-m", "v1.0.0", "v1.0.0")
        git(self.clone, env, "config", "gitflow.prefix.versiontag", "v")
        git(self.clone, env, "repack", "-a", "-d", "-q")
        git(self.now, env, "clone", "-q", "--bare", self.clone, os.path.join(self.now, "origin.git"))
        git(self.clone, env, "remote", "add", "origin", "../origin.git")
        git(self.clone, env, "fetch", "-q", "origin")
        for number in range(lines):
            git(self.clone, env, "branch", "-q", "-D", f"release/1.{number}")
        for line in ["main", "develop"]:
            git(self.clone, env, "branch", "-q", "--set-upstream-to", f"origin/{line}", line)

    def write(self, path, text, message):
        with open(os.path.join(self.clone, path), "w", encoding="utf-8") as file:
            file.write(text)
        git(self.clone, self.env, "add", path)
        git(self.clone, self.env, "commit", "-q", "-m", message)

    def save(self):
        git(self.clone, self.env, "status")
        shutil.rmtree(self.saved, ignore_errors=True)
        subprocess.run(["cp", "-a", self.now, self.saved], check=True)

    def restore(self):
        """Puts git's own folders back; the work tree follows, and only where it differs."""
        for name in ("origin.git", "clone/.git"):
            shutil.rmtree(os.path.join(self.now, name))
            subprocess.run(["cp", "-a", os.path.join(self.saved, name), os.path.join(self.now, name)], check=True)
        git(self.clone, self.env, "reset", "-q", "--hard")
        git(self.clone, self.env, "clean", "-q", "-f", "-d")
        git(self.clone, self.env, "status")


def lines(root, env, files, count, runs, has_git_flow):
    shop = Shop(root, env, files, count)
    cpu_seconds(["git-hotfix", "open", "Login fails", "--severity", "high"], shop.clone, env)
    shop.write("fixed.txt", "fixed\n", "fix the login")
    cpu_seconds(["git-hotfix", "pr"], shop.clone, env)
    # From another branch, so that what is measured is the landing and not a checkout.
    git(shop.clone, env, "switch", "-q", "--detach", "main")
    shop.save()
    ways = {"hotfix": ["git-hotfix", "ship", "--yes"], "hand": ["sh", "-ec", LAND_BY_HAND]}
    if has_git_flow:
        ways["flow"] = ["sh", "-ec", "git switch -q hotfix/login-fails && git flow hotfix finish -p -m 1.0.1 login-fails"]
    report(f"{files} files", "ship to 2 lines, with a tag", measure(ways, shop.clone, env, runs, shop.restore))

    cpu_seconds(["git-hotfix", "status", "--incident", incident(shop, env)], shop.clone, env)
    forecast = {"hotfix": ["git-hotfix", "status"], "hand": ["git", "status"]}
    report(f"{files} files", f"status, foreseeing {count + 2} lines", measure(forecast, shop.clone, env, runs, lambda: None))

    cpu_seconds(["git-hotfix", "ship", "--yes"], shop.clone, env)
    fix = subprocess.run(["git", "rev-parse", "main^2"], cwd=shop.clone, env=env, check=True, capture_output=True, text=True)
    git(shop.clone, env, "switch", "-q", "main")
    shop.save()
    ways = {"hotfix": ["git-hotfix", "backport", "--yes"], "hand": ["sh", "-ec", PICK_BY_HAND.format(fix=fix.stdout.strip())]}
    report(f"{files} files", f"backport to {count} lines", measure(ways, shop.clone, env, runs, shop.restore))


def incident(shop, env):
    listed = subprocess.run(["git-hotfix", "list"], cwd=shop.clone, env=env, check=True, capture_output=True, text=True)
    return listed.stdout.split()[0]


def report(name, command, cpu):
    ours = cpu["hotfix"]
    flow = f"{ours / cpu['flow']:.2f}" if "flow" in cpu else "-"
    print(f"| {name} | {command} | {ours * 1000:.0f} | {flow} | {ours / cpu['hand']:.2f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the git-hotfix to measure, a release build")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--files", default="2,50000")
    parser.add_argument("--lines", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        env, has_git_flow = prepared(root, options.program)
        print("| repository | command | CPU ms | against git-flow | against git by hand |")
        print("| --- | --- | --- | --- | --- |")
        for files in [int(number) for number in options.files.split(",")]:
            lines(root, env, files, options.lines, options.runs, has_git_flow)


if __name__ == "__main__":
    main()
