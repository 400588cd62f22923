# A coupon of 25 percent takes 25 percent off.
paid=$(sh order.sh 4000 SAVE25)
[ "$paid" = 3000 ] || { echo "4000 with SAVE25 costs $paid, not 3000"; exit 1; }
