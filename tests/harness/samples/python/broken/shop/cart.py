def total(prices, percent_off):
    """The price of a cart, in cents."""
    return sum(prices) - sum(prices) * percent_off // 10
