#!/usr/bin/env bash
# RSpec 3.12.0 (Debian's packages; ruby is the machine's): an example that calls `exit 0` ends the run. It is counted as one
# without a failure, the examples after it are not counted at all, and the exit code is 0. The report in JSON gives it an
# empty status, which no other example has.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
version=3.12.0c0e1m1s0-1
apt-get download -q ruby-rspec-{core,expectations,mocks,support}="$version" >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
gems=$PWD/root/usr/share/rubygems-integration/all/gems
libraries=$(printf -- '-I%s ' "$gems"/rspec-*/lib)
cat >cart_spec.rb <<'R'
RSpec.describe "cart" do
  it("ends") { exit 0 }
  it("is wrong") { raise "never seen" }
end
R
# shellcheck disable=SC2086 # one word each
rspec() { ruby $libraries "$gems"/rspec-core-*/exe/rspec "$@"; }
rspec --version | sed -n 2p
code=0
rspec --format json cart_spec.rb >report.json || code=$?
grep -o '"summary_line":"[^"]*"' report.json
grep -o '"status":"[^"]*"' report.json
echo "exit code $code"
[ "$code" = 0 ] && grep -q '"summary_line":"1 example, 0 failures"' report.json && grep -q '"status":""' report.json || { echo 'it is otherwise now'; exit 1; }
