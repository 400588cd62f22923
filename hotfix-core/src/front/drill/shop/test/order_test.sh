# Without a coupon the price is the price.
paid=$(sh order.sh 4000)
[ "$paid" = 4000 ] || { echo "4000 costs $paid"; exit 1; }
