#[test]
fn adds_up() {
    assert_eq!(shop::total(&[250, 750], 0), 1000);
}
