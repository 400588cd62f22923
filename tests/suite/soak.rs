//! The soak: random commands in several clones of one remote, with random faults, and after each what must always hold.
//!
//! `HOTFIX_SOAK` says how many commands, `HOTFIX_SOAK_SEED` which ones: the same number makes the same choices. Where a
//! fault strikes after a time, what it meets depends on the machine. The control is the same seed without faults.

mod damage;
mod deed;
mod disk;
mod fault;
mod held;
mod world;

use std::env;

use fastrand::Rng;
use hotfix_tests::sandbox;

pub(crate) use self::deed::STEPS;
pub(crate) use self::fault::NAMES as FAULTS;
use self::world::World;
use crate::effort::full_or;

/// How many commands: enough to meet many kinds of fault, in an ordinary run some.
fn ordinary() -> usize {
    full_or(25, 10)
}

const SEED: u64 = 11;

/// A number that the person asks for.
fn asked(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable}={text} is no number")))
}

/// Some commands to their end; how many faults struck.
fn soak(commands: usize, seed: u64, faults: Option<Rng>) -> usize {
    let sandbox = sandbox!();
    let mut world = World::new(&sandbox, seed, faults);
    while world.commands < commands {
        world.step();
    }
    world.end_all();
    println!("{}", world.tally);
    world.tally.note();
    world.tally.struck()
}

#[test]
fn nothing_is_lost_or_doubled_and_there_is_a_way_out() {
    let commands = asked("HOTFIX_SOAK").map_or_else(ordinary, |number| usize::try_from(number).expect("it fits"));
    let seed = asked("HOTFIX_SOAK_SEED").unwrap_or(SEED);
    println!(
        "again: HOTFIX_SOAK_SEED={seed} HOTFIX_SOAK={commands} cargo test -p hotfix-tests --test suite soak:: -- --nocapture"
    );
    let struck = soak(commands, seed, Some(Rng::with_seed(seed)));
    // Of a few commands more may happen to be spared.
    let least = if commands < 100 { commands / 4 } else { commands / 2 };
    assert!(struck >= least, "too few faults struck: {struck}");
}

#[test]
fn the_same_person_without_faults_meets_none() {
    let seed = asked("HOTFIX_SOAK_SEED").unwrap_or(SEED);
    assert_eq!(soak(ordinary(), seed, None), 0);
}
