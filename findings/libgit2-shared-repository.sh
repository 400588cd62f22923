#!/usr/bin/env bash
# libgit2 1.9.7 (by pygit2 1.21.0): `core.sharedRepository` is not followed when objects and refs are written. In a
# repository that a group shares, a folder of objects that it makes shuts the others out where the umask does; git opens it.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv env
env/bin/pip install --quiet pygit2==1.21.0
umask 077
git init -q --bare --shared=group shop.git
of_git=$(echo 'by git' | git -C shop.git hash-object -w --stdin)
of_libgit2=$(env/bin/python -c 'import pygit2; print(pygit2.Repository("shop.git").create_blob(b"by libgit2"))')
env/bin/python -c 'import pygit2; print(pygit2.LIBGIT2_VERSION)'
mode() { stat -c %A "shop.git/objects/${1:0:2}" "shop.git/objects/${1:0:2}/${1:2}" | paste -sd ' '; }
echo "git:     $(mode "$of_git")"
echo "libgit2: $(mode "$of_libgit2")"
[ "$(mode "$of_git" | cut -c5-6)" = rw ] && [ "$(mode "$of_libgit2" | cut -c5-6)" = -- ] || { echo 'it is otherwise now'; exit 1; }
