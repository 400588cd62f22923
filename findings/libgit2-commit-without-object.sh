#!/usr/bin/env bash
# libgit2 1.9.7 (by pygit2 1.21.0): creating a commit says that it is done, and gives its id, when the object could not be
# written; the ref that was to name it is not made, and that is no error either. Writing the same bytes by its other call is
# an error. Here the limit on the size of a file stands for a disk that is full.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv env
env/bin/pip install --quiet pygit2==1.21.0
git init -q -b main shop
cat >commit.py <<'P'
import resource, signal, sys
import pygit2

shop = pygit2.Repository("shop")
by = pygit2.Signature("Alex", "alex@example.com", 1700000000, 0)
tree = shop.TreeBuilder().write()
bytes_of = f"tree {tree}\nauthor Alex <alex@example.com> 1700000000 +0000\ncommitter Alex <alex@example.com> 1700000000 +0000\n\nfix".encode()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
unlimited = resource.RLIM_INFINITY
resource.setrlimit(resource.RLIMIT_FSIZE, (0, unlimited))
def tried(write):
    try:
        return f"id {write()}"
    except Exception as error:
        return f"error {error}"
said = [
    ("commit", tried(lambda: shop.create_commit(None, by, by, "fix", tree, []))),
    ("commit on a branch", tried(lambda: shop.create_commit("refs/heads/fix", by, by, "fix", tree, []))),
    ("object", tried(lambda: shop.write(pygit2.GIT_OBJECT_COMMIT, bytes_of))),
]
resource.setrlimit(resource.RLIMIT_FSIZE, (unlimited, unlimited))
print(pygit2.LIBGIT2_VERSION)
for what, it in said:
    print(f"{what}: {it}")
P
# A pipe has no size, so that it is not limited.
env/bin/python commit.py | cat | sed 's|file .*/shop/|file shop/|' | tee seen
id=$(sed -n 's/^commit: id //p' seen)
git -C shop cat-file -e "$id" 2>/dev/null && there=yes || there=no
git -C shop rev-parse -q --verify refs/heads/fix >/dev/null && branch=yes || branch=no
echo "the object is there: $there; the branch is there: $branch"
[ -n "$id" ] && [ "$there" = no ] && grep -q '^object: error' seen || { echo 'it is otherwise now'; exit 1; }
