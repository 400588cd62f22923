# Pays back what coupons added instead of taking off: refund.sh PRODUCTION
while read -r order price coupon paid; do
    owed=$((paid - $(sh order.sh "$price" "$coupon")))
    [ "$owed" -le 0 ] || echo "refund order $order: $owed"
done < "$1/orders" | tee -a "$1/refunds"
