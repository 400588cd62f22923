test "$(sh total.sh 10 1000)" = 900 || { echo 'coupon_test: takes off too much'; exit 1; }
