# Orders in production as a customer would: verify.sh PRODUCTION
set -eu
version=$(cat "$1/current")
paid=$(sh "$1/releases/$version/order.sh" 4000 SAVE25)
echo "$version: a 4000 order with SAVE25 costs $paid"
[ "$paid" -lt 4000 ]
