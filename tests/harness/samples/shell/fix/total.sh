# The price of a cart, in cents: total.sh PERCENT_OFF PRICE...
off=$1; sum=0; shift
for price; do sum=$((sum + price)); done
echo $((sum - sum * off / 100))
