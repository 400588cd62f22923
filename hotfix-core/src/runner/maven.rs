//! Maven, for Java and Kotlin. Its output tells of test classes and of what failed, not of every test.

use crate::domain::event::TestCounts;
use crate::domain::file_name;

use super::naming::{self, Convention};
use super::{Affected, Ecosystem, Project, Runner};

pub(super) struct Maven;

impl Ecosystem for Maven {
    fn runners(&self) -> &'static [&'static str] {
        &["mvn"]
    }

    fn builds(&self) -> &'static [&'static str] {
        &["target"]
    }

    fn detect(&self, project: &Project<'_>) -> Option<Runner> {
        let program = if project.has("mvnw") { "./mvnw" } else { "mvn" };
        // `--batch-mode`: colours and progress of downloads would hide the totals.
        project.has("pom.xml").then(|| Runner::new("mvn", "there is a pom.xml", [program, "--batch-mode", "test"]))
    }

    fn is_test_file(&self, path: &str) -> bool {
        is_test_of_jvm(path)
    }

    fn is_test(&self, _project: &Project<'_>, path: &str) -> bool {
        is_test_class(path)
    }

    fn convention(&self) -> Convention<'static> {
        convention()
    }

    fn affected(&self, project: &Project<'_>, changed: &[String], files: &[String]) -> Option<Affected> {
        naming::affected(self, project, changed, files)
    }

    fn run_files(&self, project: &Project<'_>, files: &[String]) -> Option<Vec<String>> {
        let mut command = self.detect(project)?.arguments.to_vec();
        let classes: Vec<&str> = files.iter().map(|file| class(file)).collect();
        command.push(format!("-Dtest={}", classes.join(",")));
        // The other modules of a project have no test of that name; a run of none at all is noticed by its totals.
        command.extend(["-Dsurefire.failIfNoSpecifiedTests=false".to_owned(), "-DfailIfNoTests=false".to_owned()]);
        Some(command)
    }

    fn is_build_failure(&self, output: &str) -> bool {
        output.contains("COMPILATION ERROR") || output.contains("Compilation failure")
    }

    fn failure_of(&self, output: &str) -> Option<String> {
        let start = |line: &&str| {
            let text = line.strip_prefix("[ERROR] ").unwrap_or_default();
            text.starts_with("Failures:") || text.starts_with("Errors:") || text.starts_with("COMPILATION ERROR")
        };
        let told: Vec<&str> = output
            .lines()
            .skip_while(|line| !start(line))
            .skip(1)
            .take_while(|line| !line.starts_with("[INFO] BUILD") && !line.contains("Tests run:"))
            .filter_map(|line| line.strip_prefix("[ERROR] "))
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .take(12)
            .collect();
        (!told.is_empty()).then(|| told.join("\n"))
    }

    fn unfinished(&self, command: &[String], output: &str) -> Option<String> {
        let is_maven = command.first().is_some_and(|program| matches!(file_name(program), "mvn" | "mvnw"));
        // With -q it says nothing of a success.
        let has_begun = is_maven && output.contains("[INFO] ");
        (has_begun && !output.contains("[INFO] BUILD SUCCESS")).then(|| "Maven".to_owned())
    }

    fn counts(&self, output: &str) -> Option<TestCounts> {
        let mut counts = TestCounts { passed: 0, failed: 0, ignored: 0 };
        // "BUILD SUCCESS" without a total: there were no tests, which is a count of 0 and not an unknown.
        let mut is_known = output.lines().any(|line| line.starts_with("[INFO] BUILD SUCCESS"));
        // A module's total has no time and no class.
        // Each class prints such a line too; adding both would count twice.
        let total = |line: &&str| line.contains("Tests run:") && !line.contains("Time elapsed");
        for line in output.lines().filter(total) {
            let of = |word: &str| {
                let (_, rest) = line.split_once(word)?;
                rest.trim_start().split([',', ' ']).next()?.parse::<u32>().ok()
            };
            let (Some(all), Some(failures), Some(errors), Some(skipped)) =
                (of("Tests run:"), of("Failures:"), of("Errors:"), of("Skipped:"))
            else {
                continue;
            };
            is_known = true;
            let failed = failures.saturating_add(errors);
            counts.failed = counts.failed.saturating_add(failed);
            counts.ignored = counts.ignored.saturating_add(skipped);
            counts.passed = counts.passed.saturating_add(all.saturating_sub(failed).saturating_sub(skipped));
        }
        is_known.then_some(counts)
    }
}

const EXTENSIONS: [&str; 4] = ["java", "kt", "groovy", "scala"];

/// Whether a file lies among the tests of a project for the Java machine.
pub(super) fn is_test_of_jvm(path: &str) -> bool {
    let is_source = file_name(path).rsplit_once('.').is_some_and(|(_, extension)| EXTENSIONS.contains(&extension));
    // The layout is Maven's rule, and holds for every language of the JVM.
    is_source && (path.contains("src/test/") || path.contains("src/integrationTest/"))
}

/// Whether it is named as a class of tests.
pub(super) fn is_test_class(path: &str) -> bool {
    let name = class(path);
    let is_named =
        // The patterns of Surefire, Failsafe and Spock; a helper beside them is run by none.
        name.starts_with("Test") || ["Test", "Tests", "TestCase", "IT", "Spec"].iter().any(|end| name.ends_with(end));
    is_test_of_jvm(path) && is_named
}

/// How tests are named after classes.
pub(super) fn convention() -> Convention<'static> {
    Convention { widens: &widens, is_test: &is_test_class, subject: &subject, names: &names }
}

fn widens(path: &str) -> bool {
    let name = file_name(path);
    name == "pom.xml" || name.contains(".gradle") || name.starts_with("gradle") || name == "mvnw"
}

fn subject(path: &str) -> Option<String> {
    let name = class(path);
    let name = name.strip_prefix("Test").filter(|rest| !rest.is_empty()).unwrap_or(name);
    let ends = ["TestCase", "Tests", "Test", "IT", "Spec"];
    Some(ends.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name).to_owned())
}

fn names(path: &str) -> Vec<String> {
    let is_source = path.rsplit_once('.').is_some_and(|(_, extension)| EXTENSIONS.contains(&extension));
    if is_source && !is_test_of_jvm(path) { vec![class(path).to_owned()] } else { Vec::new() }
}

/// The class that a file is named after.
pub(super) fn class(path: &str) -> &str {
    let name = file_name(path);
    name.split('.').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_reached_by_its_name() {
        let names = ["pom.xml".to_owned()];
        let project = Project::of_files(&names, &|_| None);
        let files = ["src/main/java/a/Cart.java", "src/test/java/a/CartTest.java", "src/test/java/a/Data.java"];
        let files: Vec<String> = files.map(str::to_owned).to_vec();
        let affected = |changed: &str| {
            let affected = Maven.affected(&project, &[changed.to_owned()], &files).unwrap();
            format!("{} | {}", affected.command.join(" "), affected.why.join(", "))
        };
        let shown: String = ["src/main/java/a/Cart.java", "src/test/java/a/Data.java", "pom.xml"]
            .iter()
            .map(|path| format!("{}\n", affected(path)))
            .collect();
        insta::assert_snapshot!(shown, @"
        mvn --batch-mode test -Dtest=CartTest -Dsurefire.failIfNoSpecifiedTests=false -DfailIfNoTests=false | src/test/java/a/CartTest.java: named after src/main/java/a/Cart.java
        mvn --batch-mode test | all of them: no test file is named after src/test/java/a/Data.java
        mvn --batch-mode test | all of them: pom.xml changed
        ");
    }

    #[test]
    fn what_maven_prints_is_understood() {
        let output = "[INFO] Running a.CartTest\n[ERROR] Tests run: 2, Failures: 1, Errors: 0, Skipped: 0, Time elapsed: 0.04 s <<< FAILURE! -- in a.CartTest\n[INFO] Results:\n[ERROR] Failures: \n[ERROR]   CartTest.coupon:12 expected: <90> but was: <0>\n[INFO] \n[ERROR] Tests run: 2, Failures: 1, Errors: 0, Skipped: 0\n[INFO] BUILD FAILURE\n";
        let counts = Maven.counts(output).unwrap();
        assert_eq!((counts.passed, counts.failed, counts.ignored), (1, 1, 0));
        assert_eq!(Maven.failure_of(output).unwrap(), "CartTest.coupon:12 expected: <90> but was: <0>");
        assert_eq!(Maven.counts("[INFO] No tests to run.\n[INFO] BUILD SUCCESS\n").unwrap().passed, 0);
        assert_eq!(Maven.counts("all is well\n"), None);
        let unfinished = |output| Maven.unfinished(&["./mvnw".to_owned(), "test".to_owned()], output);
        assert_eq!(unfinished("[INFO] Scanning for projects...\n[INFO] Running a.CartTest\n").unwrap(), "Maven");
        assert_eq!(unfinished("[INFO] Scanning for projects...\n[INFO] BUILD SUCCESS\n"), None);
        assert_eq!(unfinished(""), None);
        assert!(Maven.is_build_failure("[ERROR] COMPILATION ERROR : \n") && !Maven.is_build_failure(output));
    }
}
