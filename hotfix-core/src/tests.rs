//! Fuzzing by what stable Rust and the property tests have: seeds that are committed, changed at random. How long and how a
//! failure is replayed: CONTRIBUTING.md.

#![expect(clippy::disallowed_methods, reason = "a test keeps the input that it fails for, and is told how long it has")]

use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, fs};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};

/// How long a target takes where `HOTFIX_FUZZ` says nothing.
const USUAL: Duration = Duration::from_millis(200);
/// How many inputs are tried between two looks at the time.
const AT_ONCE: u32 = 64;
/// Longer inputs cost time and find nothing more.
const LONGEST: usize = 8 * 1024;

/// What parsers end, begin and count by, and what text is seldom made of.
const PIECES: &[&[u8]] = &[
    b"\n",
    b"\r\n",
    b"\t",
    b" ",
    b"\0",
    b"\xff",
    b"\x1b[31m",
    b"\"",
    b"'",
    b"`",
    b"```\n",
    b"\\",
    b"[",
    b"]",
    b"{",
    b"}",
    b"<!--",
    b"-->",
    b"|",
    b"#",
    b"=",
    b":",
    b"://",
    b"@",
    b"-----BEGIN ",
    b"/",
    b"..",
    b"-",
    b"0",
    b"-1",
    b"18446744073709551616",
    b"99999999999999999999999999999999999999999999",
    b"1e999",
    b"null",
    b"true",
    "\u{feff}".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{2028}".as_bytes(),
    "é".as_bytes(),
    "İ".as_bytes(),
    "ß".as_bytes(),
    "🔥".as_bytes(),
];

/// A change of an input.
#[derive(Debug, Clone)]
enum Edit {
    Cut(Index, usize),
    Repeat(Index, usize, usize),
    Insert(Index, Vec<u8>),
}

impl Edit {
    fn of(self, mut input: Vec<u8>) -> Vec<u8> {
        let range = |at: Index, length: usize| {
            let start = at.index(input.len() + 1);
            start..(start + length).min(input.len())
        };
        let (range, new) = match self {
            Self::Cut(at, length) => (range(at, length), Vec::new()),
            Self::Insert(at, new) => (range(at, 0), new),
            Self::Repeat(at, length, times) => {
                let range = range(at, length);
                let new = input[range.clone()].repeat(times);
                (range, new)
            }
        };
        input.splice(range, new);
        input.truncate(LONGEST);
        input
    }
}

/// Runs a property, which panics where it does not hold, for every seed of `fuzz/<target>` and for what becomes of them.
pub(crate) fn fuzz(target: &str, property: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(target);
    let mut seeds = Vec::new();
    for file in fs::read_dir(&folder).expect("each target has a folder of seeds") {
        let path = file.expect("its names can be read").path();
        let seed = fs::read(&path).expect("it can be read");
        println!("{}: {}", path.display(), seed.escape_ascii());
        property(&seed);
        seeds.push(seed);
    }
    let seconds =
        env::var("HOTFIX_FUZZ").ok().map(|seconds| seconds.parse().expect("HOTFIX_FUZZ is a number of seconds"));
    let until = Instant::now() + seconds.map_or(USUAL, Duration::from_secs);
    let first = match Config::default().rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().build_hasher().finish(),
    };
    println!("{target}: again by PROPTEST_RNG_SEED={first}");
    let inputs = inputs(&seeds);
    let checked = |input: Vec<u8>| {
        property(&input);
        Ok(())
    };
    for seed in (first..=u64::MAX).chain(0..first) {
        if Instant::now() >= until {
            break;
        }
        let config = Config {
            cases: AT_ONCE,
            failure_persistence: None,
            max_shrink_time: 10_000,
            rng_seed: RngSeed::Fixed(seed),
            ..Config::default()
        };
        match TestRunner::new(config).run(&inputs, checked) {
            Ok(()) => {}
            Err(TestError::Abort(why)) => panic!("{target}: {why}"),
            Err(TestError::Fail(why, input)) => {
                let kept = folder.join(format!("failed-{:.8}", crate::domain::sha256_hex(&input)));
                let kept =
                    fs::write(&kept, &input).map_or_else(|error| error.to_string(), |()| kept.display().to_string());
                panic!("{target}: {why}\ninput: {}\nkept, and run first from now on: {kept}", input.escape_ascii());
            }
        }
    }
}

fn inputs(seeds: &[Vec<u8>]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let pieces = PIECES.iter().map(|piece| piece.to_vec());
    let lines = seeds.iter().flat_map(|seed| seed.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec));
    let new = prop_oneof![
        4 => select(pieces.collect::<Vec<_>>()),
        2 => select(lines.collect::<Vec<_>>()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
        1 => any::<String>().prop_map(String::into_bytes),
    ];
    let length = prop_oneof![1..4_usize, 1..40_usize, 1..400_usize].boxed();
    let edit = prop_oneof![
        2 => (any::<Index>(), length.clone()).prop_map(|(at, length)| Edit::Cut(at, length)),
        1 => (any::<Index>(), length, 2..40_usize).prop_map(|(at, length, times)| Edit::Repeat(at, length, times)),
        3 => (any::<Index>(), new).prop_map(|(at, new)| Edit::Insert(at, new)),
    ];
    let edits = prop::collection::vec(edit, 1..6);
    (select(seeds.to_vec()), edits).prop_map(|(seed, edits)| edits.into_iter().fold(seed, |input, edit| edit.of(input)))
}

/// The control: what is found is told with the smallest input that shows it.
#[test]
fn what_fails_is_found_and_made_small() {
    let seeds = [b"one line\nand another\n".to_vec()];
    let has_no_zero = |input: Vec<u8>| {
        assert!(!input.contains(&0), "a zero");
        Ok(())
    };
    let config = Config { cases: 10_000, failure_persistence: None, ..Config::default() };
    let failed = TestRunner::new(config).run(&inputs(&seeds), has_no_zero).expect_err("zeros are among the pieces");
    let TestError::Fail(why, input) = failed else { panic!("{failed}") };
    assert_eq!(why.message(), "a zero");
    assert_eq!(input.iter().filter(|byte| **byte == 0).count(), 1, "{}", input.escape_ascii());
}
