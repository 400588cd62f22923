for test in test/*_test.sh; do
    sh "$test" || exit 1
done
