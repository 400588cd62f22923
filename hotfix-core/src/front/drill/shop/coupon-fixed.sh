# Takes a coupon off a price: with_coupon PRICE COUPON
with_coupon() {
    case $2 in
        SAVE25) percent=25 ;;
        HALF) percent=50 ;;
        *) percent=0 ;;
    esac
    echo $(($1 - $1 * percent / 100))
}
