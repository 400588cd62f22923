//! A fix that changes more files or lines than one can review at night.

use crate::domain::Level;

use super::{Check, Fix, Found};

pub(super) const CHECK: Check = Check {
    id: "too-big",
    level: Level::Error,
    what: "the fix changes more files or lines than configured, tests and lock files aside",
    why: "a small change is reviewed in minutes and taken back without side effects",
    mend: "move what the fix does not need to a follow-up, or waive this with a reason",
    find,
};

fn find(fix: &Fix<'_>) -> Vec<Found> {
    let over = |count: u32, limit: u32, what: &str| {
        let message = format!("the fix changes {count} {what}, more than {limit}");
        (count > limit).then_some(Found { file: None, message })
    };
    [over(fix.size.0, fix.limits.0, "files"), over(fix.size.1, fix.limits.1, "lines")].into_iter().flatten().collect()
}
