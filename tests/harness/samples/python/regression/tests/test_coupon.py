from shop.cart import total


def test_a_coupon_takes_off_its_percentage():
    assert total([1000], 10) == 900
