#[test]
fn a_coupon_takes_off_its_percentage() {
    assert_eq!(shop::total(&[1000], 10), 900);
}
