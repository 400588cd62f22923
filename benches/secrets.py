#!/usr/bin/env python3
"""What share of secrets `attach` masks, and what share of harmless lines it touches.

    cargo build --release -p git-hotfix
    benches/secrets.py target/release/git-hotfix [--rules FOLDER] [--samples N] [--show]

The samples are made here, at random, from the rules of a public scanner, fetched at a pinned release (`--rules` names a clone
that is there already); nothing of either is kept. A rule counts as masked when all of its samples are. Needs python3.11 and git.
"""

import argparse
import collections
import json
import os
import random
import re
import string
import subprocess
import tempfile
import tomllib
from re import _parser

SCANNER, RELEASE = "https://github.com/gitleaks/gitleaks", "v8.30.1"
HARMLESS = os.path.join(os.path.dirname(__file__), "../hotfix-core/src/evidence/harmless.txt")
ALNUM = string.ascii_letters + string.digits
# In a ledger lie 64 KiB of a report at most.
AT_ONCE = 48 * 1024
MARK = "@@@ sample "
# Where a token stands without a name.
BARE = ["2026-11-28T12:00:01Z ERROR call failed, credential {s} was rejected", "{s}", 'rejected: ["{s}", 401]', "<{s}> is not valid"]
# Where a name says what it is: usual notations of configuration and source.
NAMED = [
    '{i}Token="{s}"', '{i}Token = "{s}"', "{i}Token={s}", "{i}Token = {s}", '{{\n    "{i}_token": "{s}"\n}}',
    '{{"config.ini": "{I}_TOKEN={s}\\nBACKUP_ENABLED=true"}}', "<{i}Token>\n    {s}\n</{i}Token>", "{i}_token: {s}", "{i}_token: '{s}'",
    '{i}_token: "{s}"', 'string {i}Token = "{s}";', 'var {i}Token string = "{s}"', '{i}Token := "{s}"', "{i}Token := `{s}`",
    'String {i}Token = "{s}";', 'var {i}Token = "{s}"', '${i}Token .= "{s}"', "{i}Token = '{s}'", 'System.setProperty("{I}_TOKEN", "{s}")',
    '  "{i}Token" => "{s}"', '{i}_TOKEN = "{s}"', '{i}_TOKEN := "{s}"', '{i}_TOKEN ::= "{s}"', '{i}_TOKEN :::= "{s}"', '{i}_TOKEN ?= "{s}"',
    '{i}_api_token = "{s}"', "{I}_TOKEN={s}",
]
# The part of a pattern that asks for a name.
NAME = r"(?:[ \t\w.-]{0,20})"
# Rules that describe a place, and what stands there.
PLACES = {
    "curl-auth-header": "curl -H 'Authorization: Bearer {s}' https://shop.example",
    "curl-auth-user": "curl -u admin:{s} https://shop.example",
    "kubernetes-secret-yaml": "apiVersion: v1\nkind: Secret\ndata:\n  first: {s}\nmetadata:\n  name: shop",
    "nuget-config-password": '<add key="ClearTextPassword" value="{s}" />',
    "private-key": "-----BEGIN RSA PRIV" + "ATE KEY-----\n{s}\n-----END RSA PRIV" + "ATE KEY-----",
    "freemius-secret-key": "'secret_key' => 'sk_{s}'",
    "sidekiq-sensitive-url": "https://ab12cd34:{s}@gems.contribsys.com/",
}
# These are a file's name, or match text that holds no secret.
LEFT_OUT = {"pkcs12-file"}


def pattern_of(rule):
    """Go's syntax as Python's; case is as the pattern writes it."""
    pattern = rule.replace("[[:alnum:]]", "[A-Za-z0-9]").replace(r"\z", r"\Z")
    return re.sub(r"\(\?-?[is]+:", "(?:", re.sub(r"\(\?-?[is]+\)", "", pattern))


def group(tree, number):
    """The part of a pattern that is its group of this number."""
    for operator, value in tree:
        name = str(operator)
        parts = []
        if name == "SUBPATTERN":
            if value[0] == number:
                return value[-1]
            parts = [value[-1]]
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            parts = [value[2]]
        elif name == "BRANCH":
            parts = value[1]
        for part in parts:
            found = group(part, number)
            if found is not None:
                return found
    return None


def made(tree, chance):
    """A text that a pattern matches."""
    text = ""
    for operator, value in tree:
        name = str(operator)
        if name == "LITERAL":
            text += chr(value)
        elif name in ("ANY", "NOT_LITERAL"):
            # Most patterns mean the dot of a host by it.
            text += "."
        elif name == "IN":
            text += chance.choice(members(value))
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most, part = value
            text += "".join(made(part, chance) for _ in range(chance.randint(least, min(int(most), least + 8))))
        elif name == "SUBPATTERN":
            text += made(value[-1], chance)
        elif name == "BRANCH":
            text += made(chance.choice(value[1]), chance)
    return text


def members(choices):
    """The characters of a class."""
    characters, is_negated = set(), False
    for operator, value in choices:
        name = str(operator)
        if name == "NEGATE":
            is_negated = True
        elif name == "LITERAL":
            characters.add(chr(value))
        elif name == "RANGE":
            characters |= {chr(code) for code in range(value[0], value[1] + 1)}
        elif name == "CATEGORY":
            characters |= set({"CATEGORY_DIGIT": string.digits, "CATEGORY_SPACE": " "}.get(str(value), ALNUM + "_"))
    # A token of several lines is none of these notations'.
    return sorted((set(ALNUM) if is_negated else characters) - (characters if is_negated else {"\r", "\n", "\\"})) or [" "]


def secrets(rules, count):
    """Each rule with its name, whether it needs one, and random secrets."""
    chance = random.Random(16)
    for rule in rules:
        if "regex" not in rule or rule["id"] in LEFT_OUT:
            continue
        if rule["id"] in PLACES:
            yield rule["id"], None, False, ["".join(chance.choices(ALNUM, k=64)) for _ in range(count)]
            continue
        tree = _parser.parse(pattern_of(rule["regex"]))
        is_named = NAME in rule["regex"]
        wanted = group(tree, rule.get("secretGroup", 1)) if is_named or rule["regex"].lstrip("(?i)").startswith((r"\b(", "(?:^")) else None
        keyword = re.sub(r"[^a-z0-9]", "", rule["id"].split("-")[0]) or "shop"
        texts = [made(wanted if wanted is not None else tree, chance) for _ in range(count)]
        yield rule["id"], keyword, is_named, [text.strip("\"'") for text in texts]


class Binary:
    """The program, with the texts that it is given as reports attached to an incident."""

    def __init__(self, path):
        self.path = path

    def masked(self, texts):
        """What the record has of each text."""
        with tempfile.TemporaryDirectory() as root:
            env = {**os.environ, "HOME": root, "GIT_CONFIG_NOSYSTEM": "1"}

            def run(*command):
                return subprocess.run(command, cwd=root, env=env, check=True, capture_output=True).stdout.decode(errors="replace")

            for command in (["init", "-q", "-b", "main"], ["config", "user.name", "A"], ["config", "user.email", "a@example.com"],
                            ["commit", "-q", "--allow-empty", "-m", "first"]):
                run("git", *command)
            run(self.path, "open", "Totals are wrong", "--severity", "high")
            batch, size = [], 0
            for index, text in enumerate(texts):
                batch.append(f"{MARK}{index} @@@\n{text}\n")
                size += len(text) + 30
                if size > AT_ONCE or index + 1 == len(texts):
                    with open(os.path.join(root, "report.log"), "w", encoding="utf-8") as file:
                        file.write("".join(batch))
                    run(self.path, "attach", "report.log")
                    batch, size = [], 0
            kept = {}
            for line in run("git", "cat-file", "--batch", "--batch-all-objects").splitlines():
                if line.startswith("{") and '"evidence-attached"' in line:
                    for part in json.loads(line)["data"]["text"].split(MARK)[1:]:
                        number, body = part.split(" @@@\n", 1)
                        kept[int(number)] = body
            return [kept[index] for index in range(len(texts))]


def is_masked(secret, kept):
    return secret[-10:] not in kept and secret not in kept


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=os.path.abspath)
    parser.add_argument("--rules")
    parser.add_argument("--samples", type=int, default=3)
    parser.add_argument("--show", action="store_true", help="name what was missed")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        folder = arguments.rules or os.path.join(root, "rules")
        if not arguments.rules:
            subprocess.run(["git", "clone", "-q", "--depth", "1", "--branch", RELEASE, SCANNER, folder], check=True)
        config = subprocess.run(["git", "-C", folder, "show", f"{RELEASE}:config/gitleaks.toml"], check=True, capture_output=True).stdout
        rules = tomllib.loads(config.decode())["rules"]
    report(Binary(arguments.binary), list(secrets(rules, arguments.samples)), arguments.show)


def report(program, rules, is_loud):
    shares = collections.OrderedDict()
    for title, notations in (("rules recognisable without a name", BARE), ("samples with a name", NAMED)):
        cases = []
        for rule, keyword, is_named, samples in rules:
            if title.startswith("rules") and is_named:
                continue
            forms = [PLACES[rule]] if rule in PLACES else notations
            cases += [(rule, form, secret, form.format(s=secret, i=keyword, I=(keyword or "").upper())) for secret in samples for form in forms]
        kept = program.masked([text for *_, text in cases])
        missed = [(rule, form) for (rule, form, secret, _), text in zip(cases, kept) if not is_masked(secret, text)]
        if title.startswith("rules"):
            names, lost = {rule for rule, *_ in cases}, {rule for rule, _ in missed}
            shares[title] = len(names) - len(lost), len(names)
        else:
            shares[title] = len(cases) - len(missed), len(cases)
        if is_loud:
            for (rule, form), count in sorted(collections.Counter(missed).items()):
                print(f"  missed {count}: {rule}: {form!r}")
    with open(HARMLESS, encoding="utf-8") as file:
        lines = [line for line in file.read().splitlines() if line and not line.startswith("#")]
    touched = [line for line, kept in zip(lines, program.masked(lines)) if kept.rstrip("\n") != line]
    if is_loud:
        print("".join(f"  touched: {line}\n" for line in touched), end="")
    for title, (good, all_of_them) in shares.items():
        print(f"{title}: {good} of {all_of_them} masked, {100 * good / all_of_them:.1f} %")
    print(f"harmless lines: {len(touched)} of {len(lines)} touched")


if __name__ == "__main__":
    main()
