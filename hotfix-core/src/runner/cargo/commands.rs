//! The commands that test a selection: the regression tests first, then what changed, then what needs it, then examples in
//! the documentation.

use super::selection::{Selection, Targets};
use super::workspace::{Package, TargetKind, Workspace};

/// More names than this are not passed as filters: the whole target is run.
// A change of a macro may touch thousands of tests, and a command line has an end.
const MOST_FILTERS: usize = 20;

/// What the run of the change's own tests is called.
pub const REGRESSION: &str = "regression tests";

/// What runs tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driver {
    /// `cargo nextest run`, each test in a process of its own.
    Nextest,
    /// `cargo test`.
    Cargo,
}

/// What a test file is built into.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum TestTarget {
    /// The library's own tests.
    Library,
    /// The tests inside programs.
    Programs,
    /// A file of integration tests.
    Test(String),
    /// All files of integration tests.
    Tests,
}

/// Regression tests of one package, before anything is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regression {
    /// The package's place in the workspace.
    pub package: usize,
    /// Where they are.
    pub targets: Vec<TestTarget>,
    /// Their names; empty where they cannot be told.
    pub names: Vec<String>,
}

/// One run of tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// What it is about, for people.
    pub part: String,
    /// The command.
    pub command: Vec<String>,
}

impl TestTarget {
    /// Cargo's flags for it.
    pub fn flags(&self) -> Vec<String> {
        match self {
            Self::Library => vec!["--lib".to_owned()],
            Self::Programs => vec!["--bins".to_owned()],
            Self::Test(name) => vec!["--test".to_owned(), name.clone()],
            Self::Tests => vec!["--tests".to_owned()],
        }
    }
}

/// Which target of a package a file is built into, as far as its place tells.
pub fn target_of(package: &Package, path: &str) -> TestTarget {
    let of = |kind: TargetKind| package.targets.iter().filter(move |target| target.kind == kind);
    // Cargo said so itself: `[[test]] path` may put a target anywhere.
    if let Some(target) = of(TargetKind::Test).find(|target| target.source == path) {
        return TestTarget::Test(target.name.clone());
    }
    let inside = package.inside(path).unwrap_or(path);
    if inside.starts_with("tests/") {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let above = |source: &str| {
            source.strip_suffix("/main.rs").is_some_and(|own| folder == own || folder.starts_with(&format!("{own}/")))
        };
        return match of(TargetKind::Test).find(|target| above(&target.source)) {
            Some(target) => TestTarget::Test(target.name.clone()),
            None => TestTarget::Tests,
        };
    }
    let is_program = inside.starts_with("src/bin/") || of(TargetKind::Bin).any(|target| target.source == path);
    if is_program || package.library().is_none() { TestTarget::Programs } else { TestTarget::Library }
}

/// The runs that a selection needs, in their order. `arguments` are the person's own.
pub fn stages(
    workspace: &Workspace,
    selection: &Selection,
    regression: &[Regression],
    driver: Driver,
    arguments: &[String],
) -> Vec<Stage> {
    let commands = Commands { workspace, driver, arguments };
    // First: it is what the person waits for, and the rest is in vain where it fails.
    let mut stages: Vec<Stage> = regression.iter().map(|tests| commands.regression(tests)).collect();
    // Those that need what changed come before those further away, which are one command: each takes longer to start than a
    // package to test.
    for places in [0..=0, 1..=1, 2..=usize::MAX] {
        let near = selection.packages.iter().filter(|selected| places.contains(&selected.distance));
        let whole: Vec<usize> =
            near.clone().filter(|selected| selected.targets == Targets::All).map(|selected| selected.package).collect();
        if !whole.is_empty() {
            let part = if places.contains(&0) { "changed packages" } else { "packages that need them" };
            stages.push(commands.stage(part, commands.run(&whole), &[], &[]));
        }
        for selected in near {
            if let Targets::Some { library, programs, tests } = &selected.targets {
                let mut flags: Vec<String> = library.then(|| "--lib".to_owned()).into_iter().collect();
                flags.extend(programs.then(|| "--bins".to_owned()));
                flags.extend(tests.iter().flat_map(|test| ["--test".to_owned(), test.clone()]));
                stages.push(commands.stage("changed tests", commands.run(&[selected.package]), &flags, &[]));
            }
        }
    }
    stages.extend(commands.examples(selection));
    stages
}

struct Commands<'a> {
    workspace: &'a Workspace,
    driver: Driver,
    arguments: &'a [String],
}

impl Commands<'_> {
    fn regression(&self, tests: &Regression) -> Stage {
        let flags: Vec<String> = tests.targets.iter().flat_map(TestTarget::flags).collect();
        // No filter at all runs the whole target, which is more and never less.
        let names: &[String] = if tests.names.len() > MOST_FILTERS { &[] } else { &tests.names };
        self.stage(REGRESSION, self.run(&[tests.package]), &flags, names)
    }

    /// nextest runs no examples, and Cargo runs them only where no target is named.
    fn examples(&self, selection: &Selection) -> Option<Stage> {
        let has_examples = |place: usize| {
            let package = self.workspace.packages.get(place);
            package.and_then(Package::library).is_some_and(|library| library.has_examples)
        };
        let wanted: Vec<usize> = selection
            .packages
            .iter()
            .filter(|selected| match &selected.targets {
                // `cargo test` without a target has run them already.
                Targets::All => self.driver == Driver::Nextest,
                Targets::Some { library, .. } => *library,
            })
            .map(|selected| selected.package)
            .filter(|place| has_examples(*place))
            .collect();
        if wanted.is_empty() {
            return None;
        }
        // nextest runs no examples in the documentation.
        let mut command = words(&["cargo", "test", "--doc"]);
        command.extend(self.packages(&wanted));
        Some(self.stage("examples in the documentation", command, &[], &[]))
    }

    fn run(&self, packages: &[usize]) -> Vec<String> {
        let mut command = match self.driver {
            Driver::Nextest => words(&["cargo", "nextest", "run"]),
            Driver::Cargo => words(&["cargo", "test"]),
        };
        command.extend(self.packages(packages));
        command
    }

    fn packages(&self, places: &[usize]) -> Vec<String> {
        match self.workspace.packages.len() {
            // The command that people know, where `-p` would say nothing more.
            1 => Vec::new(),
            all if all == places.len() => vec!["--workspace".to_owned()],
            _ => places.iter().flat_map(|place| ["-p".to_owned(), self.workspace.spec(*place)]).collect(),
        }
    }

    /// The person's arguments before `--` are Cargo's, those after it the test program's, as are filters.
    fn stage(&self, part: &str, mut command: Vec<String>, flags: &[String], filters: &[String]) -> Stage {
        // Only the first `--` is Cargo's; another one belongs to the test program.
        let mut own = self.arguments.splitn(2, |argument| argument == "--");
        let (for_cargo, for_tests) = (own.next().unwrap_or_default(), own.next().unwrap_or_default());
        command.extend(flags.iter().chain(for_cargo).cloned());
        let is_nextest = command.get(1).is_some_and(|word| word == "nextest");
        if is_nextest {
            command.extend(filters.iter().cloned());
        }
        let rest: Vec<String> = if is_nextest { Vec::new() } else { filters.to_vec() };
        if !rest.is_empty() || !for_tests.is_empty() {
            command.push("--".to_owned());
            command.extend(rest.into_iter().chain(for_tests.iter().cloned()));
        }
        Stage { part: part.to_owned(), command }
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::selection::Selected;
    use super::super::workspace::tests::shop;
    use super::*;

    fn shown(driver: Driver, arguments: &[&str]) -> String {
        let selected = |package, distance, targets| Selected { package, distance, targets, why: String::new() };
        let some = Targets::Some { library: true, programs: false, tests: vec!["prices".to_owned()] };
        let selection = Selection { packages: vec![selected(0, 0, some), selected(2, 1, Targets::All)], of: 3 };
        let names = vec!["tests::coupon".to_owned()];
        let regression = [Regression { package: 0, targets: vec![TestTarget::Library], names }];
        let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        let stages = stages(&shop(), &selection, &regression, driver, &arguments);
        stages.into_iter().map(|stage| format!("{}: {}\n", stage.part, stage.command.join(" "))).collect()
    }

    #[test]
    fn the_regression_test_comes_first_and_examples_last() {
        insta::assert_snapshot!(shown(Driver::Nextest, &[]), @"
        regression tests: cargo nextest run -p cart@1.0.0 --lib tests::coupon
        changed tests: cargo nextest run -p cart@1.0.0 --lib --test prices
        packages that need them: cargo nextest run -p web@1.0.0
        examples in the documentation: cargo test --doc -p cart@1.0.0 -p web@1.0.0
        ");
        insta::assert_snapshot!(shown(Driver::Cargo, &["--features", "x", "--", "--nocapture"]), @"
        regression tests: cargo test -p cart@1.0.0 --lib --features x -- tests::coupon --nocapture
        changed tests: cargo test -p cart@1.0.0 --lib --test prices --features x -- --nocapture
        packages that need them: cargo test -p web@1.0.0 --features x -- --nocapture
        examples in the documentation: cargo test --doc -p cart@1.0.0 --features x -- --nocapture
        ");
    }

    #[test]
    fn packages_further_away_are_one_command() {
        let whole = |package, distance| Selected { package, distance, targets: Targets::All, why: String::new() };
        let shown = |packages: Vec<Selected>| {
            let selection = Selection { packages, of: 4 };
            let stages = stages(&shop(), &selection, &[], Driver::Cargo, &[]);
            stages.into_iter().map(|stage| format!("{}: {}\n", stage.part, stage.command.join(" "))).collect::<String>()
        };
        insta::assert_snapshot!(shown(vec![whole(0, 1), whole(1, 2), whole(2, 3)]), @"
        packages that need them: cargo test -p cart@1.0.0
        packages that need them: cargo test -p kit@1.0.0 -p web@1.0.0
        ");
    }

    #[test]
    fn files_are_found_in_their_targets() {
        let shop = shop();
        let target = |package: usize, path: &str| target_of(&shop.packages[package], path);
        assert_eq!(target(0, "cart/src/a.rs"), TestTarget::Library);
        assert_eq!(target(0, "cart/tests/prices.rs"), TestTarget::Test("prices".to_owned()));
        assert_eq!(target(0, "cart/tests/sums/more.rs"), TestTarget::Test("sums".to_owned()));
        assert_eq!(target(0, "cart/tests/common/mod.rs"), TestTarget::Tests);
        assert_eq!(target(2, "web/src/main.rs"), TestTarget::Programs);
    }
}
