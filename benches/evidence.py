#!/usr/bin/env python3
"""Attaching a long log, against `wc -l` and `grep -c` on it: CPU, and the most memory that `attach` takes.

    cargo build --release -p git-hotfix
    benches/evidence.py target/release/git-hotfix [--runs N] [--megabytes 100]

Needs python3, git, wc and grep. CPU is user plus system time of the command and all its children, the median of N interleaved runs; each run attaches
another log, since the same one is attached only once.
"""

import argparse
import itertools
import json
import os
import subprocess
import tempfile

from commands import git, measure, prepared, repository

TRACE = """Traceback (most recent call last):
  File "/srv/app/shop/views.py", line {line}, in checkout
    total = cart.total(coupon)
  File "/srv/app/shop/cart.py", line 23, in total
    return subtotal / coupon.base
ZeroDivisionError: division by zero
"""


def plain(number):
    yield f"2026-11-22T09:40:12.{number % 1000:03}Z INFO GET https://shop.example/cart?id={number} status=200 user=bob took=12ms key: 7"


def records(number):
    yield json.dumps({"time": f"2026-11-22T09:40:12.{number % 1000:03}Z", "level": "info", "msg": f"GET /cart/{number}", "status": 200})


def traces(number):
    yield from TRACE.format(line=number % 500 + 1).splitlines()


def mixed(number):
    yield from plain(number)
    yield from records(number)
    if number % 1000 == 0:
        yield from traces(number)
        yield json.dumps({"level": "error", "error": {"stack": TRACE.format(line=58)}})


# What a log is made of, by name, or the one piece that is repeated without a line's end.
SHAPES = {
    "plain lines": plain,
    "JSON records": records,
    "traces": traces,
    "all of them": mixed,
    "one line": "at total (/srv/app/cart.js:3:9) ",
    "one unclosed string": '{"stack":"' + "\\\\n    at total (/srv/app/cart.js:3:9)" * 8,
    "JSON without an end": '{"a":[',
    "what is no UTF-8": b"\xc3( caf\xe9 \xf0\x9f\x94 line 12 at cart.py:12\n",
}


def write(path, shape, size):
    with open(path, "wb") as file:
        if callable(shape):
            for number in itertools.count():
                file.write("".join(line + "\n" for line in shape(number)).encode())
                if file.tell() >= size:
                    return
        piece = shape if isinstance(shape, bytes) else shape.encode()
        file.write(piece * (size // len(piece)))


def most_memory(command, folder, env):
    """The most memory that a command takes, in MiB."""
    code = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, capture_output=True); "
    code += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    run = subprocess.run(["python3", "-c", code, *command], cwd=folder, env=env, stdout=subprocess.PIPE, check=True)
    return int(run.stdout) // 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the git-hotfix to measure")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--megabytes", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        env, _ = prepared(root, options.program)
        folder = os.path.join(root, "shop")
        repository(folder, env, 1000)
        git(folder, env, "hotfix", "open", "Totals are wrong", "--severity", "high")
        log = os.path.join(root, "app.log")
        numbers = itertools.count()

        def another():
            with open(log, "ab") as file:
                file.write(f"run {next(numbers)}\n".encode())

        commands = {
            "wc": ["wc", "-l", log],
            "grep": ["sh", "-c", "grep -ac Traceback \"$0\" > \"$0.count\"; true", log],
            "attach": ["git", "hotfix", "attach", log],
        }
        print(f"| {options.megabytes} MB of | wc -l, CPU ms | grep -c, CPU ms | attach, CPU ms | ratio | attach, MiB |")
        print("| --- | --- | --- | --- | --- | --- |")
        for name, shape in SHAPES.items():
            write(log, shape, options.megabytes * 1_000_000)
            another()
            cpu = measure(commands, folder, env, options.runs, another)
            memory = most_memory(commands["attach"], folder, env)
            wc, grep, attach = (cpu[command] * 1000 for command in commands)
            print(f"| {name} | {wc:.0f} | {grep:.0f} | {attach:.0f} | {attach / (wc + grep):.1f} | {memory} |", flush=True)


if __name__ == "__main__":
    main()
