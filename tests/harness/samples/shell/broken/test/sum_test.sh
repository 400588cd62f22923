test "$(sh total.sh 0 250 750)" = 1000 || { echo 'sum_test: does not add up'; exit 1; }
