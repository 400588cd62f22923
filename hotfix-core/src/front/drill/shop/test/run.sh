# Runs these tests, or all of them: test/run.sh [TEST...]
[ $# -gt 0 ] || set -- test/*_test.sh
for test; do
    if sh "$test"; then echo "ok    $test"; else echo "FAIL  $test"; failed=1; fi
done
exit "${failed:-0}"
