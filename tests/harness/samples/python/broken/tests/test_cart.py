from shop.cart import total


def test_adds_up():
    assert total([250, 750], 0) == 1000
