// The price of a cart, in cents.
function total(prices, percentOff) {
  const sum = prices.reduce((a, b) => a + b, 0);
  return sum - (sum * percentOff) / 10;
}

module.exports = { total };
