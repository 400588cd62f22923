//! `docs/reliability.md`: what the soak and the sweeps tried, step by fault. `tests/reliability` has them try, and writes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use crate::{faults, soak, sweep};

/// Which harness.
pub(crate) const SOAK: &str = "soak";
pub(crate) const SWEEP: &str = "sweep";

/// Where the harness notes what it tried, if somebody asks.
const NOTES: &str = "HOTFIX_RELIABILITY";

/// Notes how often a fault struck in a step, and how often all held.
pub(crate) fn note(harness: &str, step: &str, fault: &str, tried: usize, held: usize) {
    if let Some(file) = std::env::var_os(NOTES) {
        let mut notes = OpenOptions::new().create(true).append(true).open(file).expect("the file can be written");
        notes.write_all(format!("{harness}\t{step}\t{fault}\t{tried}\t{held}\n").as_bytes()).expect("there is room");
    }
}

/// A table: what stands at its left, and above it.
struct Table {
    harness: &'static str,
    title: &'static str,
    steps: Vec<String>,
    faults: Vec<&'static str>,
}

fn tables() -> [Table; 2] {
    let mut swept: Vec<String> =
        sweep::SWEEPS.iter().chain(&faults::COMMANDS).chain(&faults::OTHERS).map(sweep::Sweep::name).collect();
    swept.sort();
    swept.dedup();
    let kills = [sweep::BEFORE_A_CHILD, sweep::AFTER_A_CHILD, sweep::TWICE];
    [
        Table {
            harness: SOAK,
            title: "Random commands",
            steps: soak::STEPS.map(str::to_owned).to_vec(),
            faults: soak::FAULTS.to_vec(),
        },
        Table {
            harness: SWEEP,
            title: "Each command, point by point",
            steps: swept,
            faults: kills.into_iter().chain(faults::NAMES).collect(),
        },
    ]
}

type Counts = BTreeMap<(String, String, String), (usize, usize)>;

impl Table {
    /// The faults are numbered: their names are too long to stand above columns.
    fn render(&self, counts: &Counts) -> String {
        let mut text = format!("## {}\n\n", self.title);
        for (number, fault) in (1..).zip(&self.faults) {
            writeln!(text, "{number}. {fault}").expect("it is a text");
        }
        let numbers = (1..=self.faults.len()).map(|number| format!(" {number} |")).collect::<String>();
        write!(text, "\n| step |{numbers}\n|---|{}\n", "---|".repeat(self.faults.len())).expect("it is a text");
        for step in &self.steps {
            let cell = |fault: &&str| {
                let key = (self.harness.to_owned(), step.clone(), (*fault).to_owned());
                counts.get(&key).map_or_else(|| " |".to_owned(), |(tried, held)| format!(" {tried}, {held} |"))
            };
            writeln!(text, "| {step} |{}", self.faults.iter().map(cell).collect::<String>()).expect("it is a text");
        }
        text
    }
}

/// The page without its numbers.
fn skeleton(page: &str) -> String {
    let cell = |cell: &str| {
        let is_count = cell.split(", ").all(|number| number.trim().parse::<usize>().is_ok());
        if cell.contains(", ") && is_count { String::new() } else { cell.trim().to_owned() }
    };
    let line = |line: &str| line.split('|').map(cell).collect::<Vec<_>>().join("|");
    page.lines().filter(|line| !line.starts_with("In all:")).map(line).collect::<Vec<_>>().join("\n")
}

fn render(counts: &Counts) -> String {
    let sum = |of: fn(&(usize, usize)) -> usize| counts.values().map(of).sum::<usize>();
    let head = format!(
        "# What was tried\n\n\
         The promises of the [README](../README.md#promises), under faults: how often each fault struck in each step, and how often\n\
         all held. After a fault the same command finishes the work, or `abort` returns to where one was; no event is lost, nothing\n\
         merged or deployed twice, no file of the user touched, `git fsck` finds nothing, and every exit code is a documented one.\n\n\
         `tests/reliability` has the harness try and writes this page. Where something does not hold it ends, names the seed or the\n\
         point, and writes nothing. A cell says: tried, held. An empty one was not met.\n\n\
         In all: tried {}, held {}.\n",
        sum(|count| count.0),
        sum(|count| count.1)
    );
    let tables = tables().map(|table| table.render(counts)).join("\n");
    format!("{head}\n{tables}")
}

#[test]
fn the_page_has_the_rows_of_the_harness() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reliability.md");
    if std::env::var_os("UPDATE_RELIABILITY").is_some() {
        let notes = std::env::var_os(NOTES).expect("HOTFIX_RELIABILITY names what the harness noted");
        let mut counts = Counts::new();
        for line in fs::read_to_string(notes).expect("the harness noted something").lines() {
            let [harness, step, fault, tried, held] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("not a note: {line}")
            };
            let count = counts.entry((harness.to_owned(), step.to_owned(), fault.to_owned())).or_default();
            count.0 += tried.parse::<usize>().expect("it is a number");
            count.1 += held.parse::<usize>().expect("it is a number");
        }
        fs::write(&path, render(&counts)).expect("the page can be written");
    }
    let page = fs::read_to_string(path).expect("the page is there");
    assert_eq!(skeleton(&page), skeleton(&render(&Counts::new())), "run tests/reliability");
}

#[test]
fn only_counts_are_no_part_of_the_skeleton() {
    assert_eq!(skeleton("| open | 12, 12 | |\nIn all: tried 1\n1. killed, 2"), "|open|||\n1. killed, 2");
}
