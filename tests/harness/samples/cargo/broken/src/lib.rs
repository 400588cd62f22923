/// The price of a cart, in cents.
pub fn total(prices: &[u64], percent_off: u64) -> u64 {
    let sum: u64 = prices.iter().sum();
    sum - sum * percent_off / 10
}
