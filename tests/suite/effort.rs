//! How much is tried of what could go wrong at many points: `cargo test` tries a sample, the same one each time;
//! `HOTFIX_SWEEP=full`, which the gate asks for, tries more of it, and `HOTFIX_SWEEP=everything` all that is told in
//! docs/reliability.md.

/// Whether somebody has the time that a gate has.
pub(crate) fn is_full() -> bool {
    is_everything() || std::env::var("HOTFIX_SWEEP").is_ok_and(|sweep| sweep == "full")
}

/// Whether somebody has hours.
pub(crate) fn is_everything() -> bool {
    std::env::var("HOTFIX_SWEEP").is_ok_and(|sweep| sweep == "everything")
}

/// One number for a gate, and another for who waits for each run.
pub(crate) fn full_or<T>(full: T, ordinary: T) -> T {
    if is_full() { full } else { ordinary }
}

/// Of 1 to `points`, those that are tried: spread evenly, other ones for another `salt`.
pub(crate) fn sample(points: usize, most: usize, salt: usize) -> Vec<usize> {
    let step = points.div_ceil(most.max(1)).max(1);
    (1..=points).skip(salt % step).step_by(step).collect()
}

#[test]
fn a_sample_is_spread_evenly_and_never_empty() {
    assert_eq!(sample(10, 3, 0), [1, 5, 9]);
    assert_eq!(sample(10, 3, 1), [2, 6, 10]);
    assert_eq!(sample(2, 8, 5), [1, 2]);
    assert_eq!(sample(0, 8, 5), [0; 0]);
    assert!((1..30).all(|points| (0..30).all(|salt| !sample(points, 1, salt).is_empty())));
}
