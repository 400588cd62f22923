# What a customer pays, in cents: order.sh PRICE [COUPON]
cd "$(dirname "$0")" && . ./coupon.sh || exit
with_coupon "$1" "${2:-none}"
