#!/usr/bin/env python3
"""How many units the steps of `.ci/run` compile: each by itself, and what it adds to those before it. Builds nothing.

    benches/gate.py [--build FOLDER] [STEP...]

A step is a cargo command; without any, those of the gate. `--build` also runs what the README says in an empty target folder, and tells CPU time
and disk. Needs python3; asks cargo for its plan, which is unstable.
"""

import argparse
import json
import os
import resource
import shlex
import subprocess
import tempfile

README = ["run -p git-hotfix -- drill", "test"]
STEPS = [
    "clippy --workspace --all-targets",
    *README,
    "doc --no-deps --workspace",
    "test -p hotfix-core",
    "clippy -p hotfix-core --features documents --lib",
    "clippy -p hotfix-core --features git --lib",
    "clippy -p hotfix-core --features documents,git --all-targets",
    "clippy -p hotfix-core --features github --lib",
    "clippy -p hotfix-core --features workflow --lib --example bot",
    "clippy -p hotfix-core --features cli --lib",
    "run --example embed",
    "run --example bot",
    "install --path git-hotfix",
    "install --path cargo-hotfix",
]
# What plans the same units; `--unit-graph` knows few commands.
PLANNED_AS = {"clippy": "check", "install": "build", "run": "build"}


def plan(step):
    """The units of a step by what makes them distinct: themselves, and all that is below them."""
    words = shlex.split(step.split(" -- ")[0])
    words = [PLANNED_AS.get(words[0], words[0]), *("-p" if word == "--path" else word for word in words[1:])]
    command = ["cargo", *words, "--locked", "--unit-graph", "-Z", "unstable-options"]
    output = subprocess.run(command, env=os.environ | {"RUSTC_BOOTSTRAP": "1"}, stdout=subprocess.PIPE, check=True)
    graph = json.loads(output.stdout)["units"]
    keys = {}

    def key(index):
        if index not in keys:
            unit = graph[index]
            profile = {name: value for name, value in unit["profile"].items() if name != "name"}
            target = [unit["target"]["kind"], unit["target"]["name"]]
            own = [unit["pkg_id"], target, profile, unit["platform"], unit["mode"], sorted(unit["features"])]
            keys[index] = hash(json.dumps([own, sorted(key(below["index"]) for below in unit["dependencies"])]))
        return keys[index]

    return {key(index): unit for index, unit in enumerate(graph)}


def is_foreign(unit):
    return unit["pkg_id"].startswith("registry")


def build(folder):
    for step in README:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        words = [*shlex.split(step), "--no-run"] if step == "test" else shlex.split(step)
        subprocess.run(["cargo", *words], env=os.environ | {"CARGO_TARGET_DIR": folder}, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        disk = subprocess.run(["du", "-sm", folder], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[0]
        print(f"{seconds:.0f} s of CPU, {disk} MB of disk in all: cargo {step}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", metavar="FOLDER", help="also build there, in a folder of its own")
    parser.add_argument("steps", nargs="*", metavar="STEP")
    arguments = parser.parse_args()
    seen = {}
    print("| new units | of other crates | other crates, as packages | cargo |\n| --- | --- | --- | --- |")
    for step in arguments.steps or STEPS:
        units = plan(step)
        new = [unit for key, unit in units.items() if key not in seen]
        packages = {unit["pkg_id"] for unit in units.values() if is_foreign(unit)}
        print(f"| {len(new)} | {sum(map(is_foreign, new))} | {len(packages)} | {step} |")
        seen |= units
    print(f"\n{len(seen)} distinct units")
    if arguments.build:
        with tempfile.TemporaryDirectory(dir=arguments.build) as folder:
            build(folder)


if __name__ == "__main__":
    main()
