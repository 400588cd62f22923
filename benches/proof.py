#!/usr/bin/env python3
"""The proof and the affected tests of `cargo hotfix`, against Cargo itself, as CPU ratios in one run.

    cargo build --release -p cargo-hotfix
    benches/proof.py target/release/cargo-hotfix [--runs N] [--packages 120]

Needs python3, git and Cargo with access to its registry, for a crate with dependencies as real ones have them. CPU is user
plus system time of the command and all its children, the median of N interleaved runs.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

DEPENDENCIES = 'regex = "1"\nserde = { version = "1", features = ["derive"] }\nserde_json = "1"\n'
CODE = """use serde::{{Deserialize, Serialize}};
#[derive(Serialize, Deserialize)]
pub struct Price {{ pub cents: u32 }}
pub fn half(text: &str) -> u32 {{
    let number = regex::Regex::new("[0-9]+").unwrap().find(text).unwrap().as_str();
    let price: Price = serde_json::from_str(&format!("{{{{\\"cents\\":{{number}}}}}}")).unwrap();
    price.cents{half}
}}
"""
TEST = '#[test]\nfn halves() {\n    assert_eq!(shop::half("4 cents"), 2);\n}\n'


def write(folder, path, text):
    path = os.path.join(folder, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def git(folder, *arguments):
    identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.com"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def cpu_and_wall(command, folder, env, may_fail=False):
    """User plus system seconds of a command and its children, and how long it took."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    done = subprocess.run(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    wall, after = time.time() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0 and not may_fail:
        sys.exit(f"{command} failed with {done.returncode}: {done.stdout.decode()}{done.stderr.decode()}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def crate(folder):
    """A crate with dependencies: its bug on `main`, the fix with its test checked out."""
    os.makedirs(folder)
    git(folder, "init", "-q", "-b", "main")
    manifest = f'[package]\nname = "shop"\nversion = "1.0.0"\nedition = "2021"\n\n[dependencies]\n{DEPENDENCIES}'
    write(folder, "Cargo.toml", manifest)
    write(folder, ".gitignore", "/target\n")
    write(folder, "src/lib.rs", CODE.format(half=""))
    subprocess.run(["cargo", "generate-lockfile", "--quiet"], cwd=folder, check=True)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "sell things")
    git(folder, "switch", "-q", "-c", "fix")
    write(folder, "src/lib.rs", CODE.format(half=" / 2"))
    write(folder, "tests/half.rs", TEST)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "fix it")


NAIVE = """
git clone -q {origin} base && cd base && git checkout -q main && git checkout -q fix -- tests
cargo test --test half >/dev/null 2>&1 && exit 1
cd .. && git clone -q {origin} with && cd with && git checkout -q fix && cargo test --test half >/dev/null 2>&1
"""


def proof(root, env, runs):
    """A proof with a warm target folder of the user's, the first and the second one, against two fresh clones."""
    origin = os.path.join(root, "crate")
    crate(origin)
    cpu_and_wall(["cargo", "test", "--quiet"], origin, env)
    prove = ["cargo-hotfix", "hotfix", "test", "--base", "main", "--no-proof"]
    cpu_and_wall(prove, origin, env)
    prove.pop()
    first, second, naive = [], [], []
    for run in range(runs):
        shutil.rmtree(os.path.join(root, "cache"), ignore_errors=True)
        first.append(cpu_and_wall(prove, origin, env)[0])
        for kept in os.listdir(os.path.join(root, "cache", "hotfix")):  # The answer, not what was built.
            shutil.rmtree(os.path.join(root, "cache", "hotfix", kept, "answers"), ignore_errors=True)
        second.append(cpu_and_wall(prove, origin, env)[0])
        folder = os.path.join(root, f"naive{run}")
        os.makedirs(folder)
        naive.append(cpu_and_wall(["sh", "-ec", NAIVE.format(origin=origin)], folder, env)[0])
        shutil.rmtree(folder)
    by_hand = statistics.median(naive)
    for what, times in (("the first proof on a base", first), ("the next one", second)):
        ours = statistics.median(times)
        print(f"| {what} | {ours:.1f} | {by_hand:.1f} | {ours / by_hand:.2f} |", flush=True)


def workspace(folder, packages):
    """A workspace in which each package needs the one before it; the fix is in the middle, and not right."""
    os.makedirs(folder)
    git(folder, "init", "-q", "-b", "main")
    write(folder, "Cargo.toml", '[workspace]\nresolver = "2"\nmembers = ["p*"]\n')
    write(folder, ".gitignore", "/target\n")
    middle = packages // 2
    for number in range(packages):
        name = f"p{number:03}"
        needs = f'\n[dependencies]\np{number - 1:03} = {{ path = "../p{number - 1:03}" }}\n' if number else ""
        write(folder, f"{name}/Cargo.toml", f'[package]\nname = "{name}"\nversion = "1.0.0"\nedition = "2021"\n{needs}')
        write(folder, f"{name}/src/lib.rs", "pub fn half(of: u32) -> u32 {\n    of\n}\n#[test]\nfn zero() {\n    assert_eq!(half(0), 0);\n}\n")
    subprocess.run(["cargo", "generate-lockfile", "--quiet", "--offline"], cwd=folder, check=True)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "sell things")
    git(folder, "switch", "-q", "-c", "fix")
    name = f"p{middle:03}"
    write(folder, f"{name}/src/lib.rs", "pub fn half(of: u32) -> u32 {\n    of / 3\n}\n#[test]\nfn zero() {\n    assert_eq!(half(0), 0);\n}\n")
    write(folder, f"{name}/tests/half.rs", f"#[test]\nfn halves() {{\n    assert_eq!({name}::half(4), 2);\n}}\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "fix it")


# Answers at once where Cargo would build and run, so that what is left is the selection.
SHIM = """#!/bin/sh
case "$1" in
  metadata) exec {cargo} "$@" ;;
  test) echo "test x ... ok"; exit 0 ;;
esac
exit 1
"""


def selection(root, env, packages, runs):
    """What selecting costs beyond `cargo metadata`."""
    folder = os.path.join(root, "workspace")
    workspace(folder, packages)
    shims = os.path.join(root, "shims")
    write(shims, "cargo", SHIM.format(cargo=shutil.which("cargo", path=env["PATH"])))
    os.chmod(os.path.join(shims, "cargo"), 0o755)
    shimmed = dict(env, PATH=shims + os.pathsep + env["PATH"])
    ours, metadata = [], []
    for _ in range(runs + 1):
        shutil.rmtree(os.path.join(root, "cache"), ignore_errors=True)
        ours.append(cpu_and_wall(["cargo-hotfix", "hotfix", "test", "--base", "main", "--no-proof"], folder, shimmed)[0])
        command = ["cargo", "metadata", "--no-deps", "--format-version", "1"]
        metadata.append(cpu_and_wall(command, folder, env)[0])
    ours, metadata = statistics.median(ours[1:]), statistics.median(metadata[1:])
    print(f"| {packages} packages | {ours * 1000:.0f} | {metadata * 1000:.0f} | {(ours - metadata) * 1000:.0f} |", flush=True)
    return folder


def first_failure(folder, env, runs):
    """How long until the failing regression test is shown, each from a target folder that is warm but for the fix."""
    times = {"hotfix": [], "cargo": []}
    commands = {
        "hotfix": ["cargo-hotfix", "hotfix", "test", "--base", "main", "--no-proof"],
        "cargo": ["cargo", "test", "--workspace"],
    }
    for _ in range(runs):
        for way, command in commands.items():
            git(folder, "switch", "-q", "main")
            cpu_and_wall(["cargo", "test", "--workspace", "--quiet"], folder, env)
            time.sleep(1.1)  # Cargo tells times apart by seconds on some file systems.
            git(folder, "switch", "-q", "fix")
            times[way].append(cpu_and_wall(command, folder, env, may_fail=True))
    cpu = {way: statistics.median(cpu for cpu, _ in all_of) for way, all_of in times.items()}
    wall = {way: statistics.median(wall for _, wall in all_of) for way, all_of in times.items()}
    print(f"| {wall['hotfix']:.1f} | {wall['cargo']:.1f} | {wall['hotfix'] / wall['cargo']:.2f} | {cpu['hotfix'] / cpu['cargo']:.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the cargo-hotfix to measure, a release build")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--packages", type=int, default=120)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as root:
        bin_folder = os.path.join(root, "bin")
        os.makedirs(bin_folder)
        os.symlink(os.path.abspath(options.program), os.path.join(bin_folder, "cargo-hotfix"))
        env = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "HOTFIX_", "CARGO_TARGET"))}
        env.update(PATH=bin_folder + os.pathsep + env["PATH"], XDG_CACHE_HOME=os.path.join(root, "cache"))
        print("| proof | CPU s | by hand, CPU s | ratio |\n| --- | --- | --- | --- |")
        proof(root, env, options.runs)
        print("\n| selection | CPU ms | cargo metadata, CPU ms | beyond it |\n| --- | --- | --- | --- |")
        folder = selection(root, env, options.packages, options.runs)
        print("\n| first failure, s | cargo test --workspace, s | ratio | CPU ratio |\n| --- | --- | --- | --- |")
        first_failure(folder, env, options.runs)


if __name__ == "__main__":
    main()
