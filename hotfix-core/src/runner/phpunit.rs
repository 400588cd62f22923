//! PHPUnit, for PHP.

use crate::domain::event::TestCounts;
use crate::domain::file_name;

use super::naming::{self, Convention};
use super::{Affected, Ecosystem, Project, Runner, TestOutcome, TestResult, folders, not_an_option};

const CONFIGURATION: [&str; 3] = ["phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml"];

pub(super) struct PhpUnit;

impl Ecosystem for PhpUnit {
    fn runners(&self) -> &'static [&'static str] {
        &["phpunit"]
    }

    fn builds(&self) -> &'static [&'static str] {
        &["vendor", ".phpunit.cache"]
    }

    fn detect(&self, project: &Project<'_>) -> Option<Runner> {
        let why = match CONFIGURATION.iter().find(|name| project.has(name)) {
            Some(name) => format!("there is a {name}"),
            None if is_required(project) => "composer.json asks for PHPUnit".to_owned(),
            None => return None,
        };
        Some(Runner::new("phpunit", why, [program(project)]))
    }

    fn is_test_file(&self, path: &str) -> bool {
        is_test(path) || (path.ends_with(".php") && folders(path).any(|folder| matches!(folder, "tests" | "test")))
    }

    fn is_test(&self, _project: &Project<'_>, path: &str) -> bool {
        is_test(path)
    }

    fn convention(&self) -> Convention<'static> {
        Convention { widens: &widens, is_test: &is_test, ..super::command::convention() }
    }

    fn affected(&self, project: &Project<'_>, changed: &[String], files: &[String]) -> Option<Affected> {
        let affected = naming::affected(self, project, changed, files)?;
        // For people; the other form is for us.
        let command = affected.command.into_iter().filter(|word| word != TELLING);
        Some(Affected { command: command.collect(), why: affected.why })
    }

    fn run_files(&self, project: &Project<'_>, files: &[String]) -> Option<Vec<String>> {
        let mut command = vec![program(project).to_owned(), TELLING.to_owned()];
        match files {
            [file] => command.push(not_an_option(file)),
            // It takes one path. A class has the name of its file.
            several => {
                let classes: Vec<&str> = several.iter().map(|file| class(file)).collect();
                command.extend(["--filter".to_owned(), format!(r"/(^|\\)({})::/", classes.join("|"))]);
            }
        }
        Some(command)
    }

    fn is_build_failure(&self, output: &str) -> bool {
        output.contains("ParseError") || output.contains("PHP Parse error")
    }

    fn is_missing_api(&self, output: &str) -> bool {
        let mut failed = output.lines().filter_map(|line| attribute(service_message(line, "testFailed")?, "message"));
        let is_missing = |message: String| {
            message.starts_with("Error : ")
                && ["Call to undefined ", "\" not found", "Undefined constant "]
                    .iter()
                    .any(|word| message.contains(word))
        };
        let first = failed.next();
        first.is_some_and(is_missing) && failed.all(is_missing)
    }

    fn failure_of(&self, output: &str) -> Option<String> {
        if let Some(failed) = output.lines().find_map(|line| service_message(line, "testFailed")) {
            return attribute(failed, "message");
        }
        // `1) CartTest::testAdds`, and what it said.
        let mut rest = output.lines().skip_while(|line| !line.starts_with("1) "));
        rest.next()?;
        let told: Vec<&str> = rest.take_while(|line| !line.trim().is_empty()).take(12).collect();
        (!told.is_empty()).then(|| told.join("\n"))
    }

    fn unfinished(&self, command: &[String], output: &str) -> Option<String> {
        let is_phpunit = command.iter().any(|word| file_name(word) == "phpunit") || output.starts_with("PHPUnit ");
        let is_done = summary(output).is_some() || output.contains("No tests executed!");
        // `exit` in a test ends the run with 0 and without a word.
        (is_phpunit && !is_done).then(|| begun(output).unwrap_or_else(|| "PHPUnit".to_owned()))
    }

    fn results(&self, output: &str) -> Vec<TestResult> {
        let mut results: Vec<TestResult> = Vec::new();
        let mut suites: Vec<String> = Vec::new();
        let mut outcome = TestOutcome::Passed;
        for line in output.lines() {
            if let Some(suite) = service_message(line, "testSuiteStarted") {
                suites.extend(attribute(suite, "name"));
            } else if service_message(line, "testSuiteFinished").is_some() {
                suites.pop();
            } else if service_message(line, "testStarted").is_some() {
                outcome = TestOutcome::Passed;
            } else if service_message(line, "testFailed").is_some() {
                outcome = TestOutcome::Failed;
            } else if service_message(line, "testIgnored").is_some() {
                outcome = TestOutcome::Ignored;
            } else if let Some(name) = service_message(line, "testFinished").and_then(|test| attribute(test, "name")) {
                // The data sets of a test are a suite of their own, below that of its class.
                let class = suites.iter().rev().find(|suite| !name.starts_with(suite.as_str()));
                let name = class.map_or_else(|| name.clone(), |class| format!("{class}::{name}"));
                results.push(TestResult::new(&name, outcome));
            }
        }
        results
    }

    fn counts(&self, output: &str) -> Option<TestCounts> {
        let results = self.results(output);
        if results.is_empty() { summary(output) } else { Some(super::count(&results)) }
    }
}

/// Tests are told one by one as they begin and end, in every version since 7.
const TELLING: &str = "--teamcity";

fn is_required(project: &Project<'_>) -> bool {
    project.text("composer.json").contains("\"phpunit/phpunit\"")
}

fn program(project: &Project<'_>) -> &'static str {
    match () {
        () if project.has("bin") && (project.file)("bin/phpunit").is_some() => "bin/phpunit",
        () if is_required(project) => "vendor/bin/phpunit",
        () => "phpunit",
    }
}

fn is_test(path: &str) -> bool {
    file_name(path).strip_suffix("Test.php").is_some_and(|stem| !stem.is_empty())
}

fn widens(path: &str) -> bool {
    let name = file_name(path);
    CONFIGURATION.contains(&name) || ["composer.json", "composer.lock", "bootstrap.php"].contains(&name)
}

fn class(file: &str) -> &str {
    file_name(file).trim_end_matches(".php")
}

/// What stands in `##teamcity[kind name='...' message='...']`.
fn service_message<'a>(line: &'a str, kind: &str) -> Option<&'a str> {
    // The first may follow what a test printed.
    let (_, message) = line.split_once("##teamcity[")?;
    message.strip_prefix(kind)?.strip_prefix(' ')
}

fn attribute(message: &str, name: &str) -> Option<String> {
    let (_, value) = message.split_once(&format!("{name}='"))?;
    let mut text = String::new();
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match character {
            '\'' => return Some(text.trim_end().to_owned()),
            '|' => match characters.next()? {
                'n' => text.push('\n'),
                'r' => {}
                escaped => text.push(escaped),
            },
            other => text.push(other),
        }
    }
    None
}

/// The test that began and did not end.
fn begun(output: &str) -> Option<String> {
    let last = output.lines().rev().find(|line| line.contains("##teamcity[test"))?;
    attribute(service_message(last, "testStarted")?, "name")
}

/// `OK (7 tests, 9 assertions)`, `Tests: 7, Assertions: 4, Errors: 1, Failures: 2, Skipped: 1, Incomplete: 1.`
fn summary(output: &str) -> Option<TestCounts> {
    let number = |text: &str| text.trim().trim_end_matches('.').parse::<u32>().ok();
    for line in output.lines().rev() {
        if let Some(rest) = line.strip_prefix("OK (") {
            let passed = number(rest.split(" test").next()?)?;
            return Some(TestCounts { passed, failed: 0, ignored: 0 });
        }
        // PHPUnit exits with 0 there.
        if line.starts_with("No tests executed!") {
            return Some(TestCounts { passed: 0, failed: 0, ignored: 0 });
        }
        if !line.starts_with("Tests: ") {
            continue;
        }
        let of = |name: &str| {
            let part = line.split(", ").find_map(|part| part.strip_prefix(name)?.strip_prefix(": "));
            part.and_then(number).unwrap_or(0)
        };
        let failed = of("Errors").saturating_add(of("Failures"));
        let ignored = of("Skipped").saturating_add(of("Incomplete"));
        return Some(TestCounts {
            passed: of("Tests").saturating_sub(failed).saturating_sub(ignored),
            failed,
            ignored,
        });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PHPUnit 9.6 of Debian.
    const TEAMCITY: &str = "PHPUnit 9.6.7 by Sebastian Bergmann and contributors.\n\n##teamcity[testCount count='4' flowId='1']\n##teamcity[testSuiteStarted name='CartTest' flowId='1']\n##teamcity[testStarted name='testAdds' flowId='1']\n##teamcity[testFailed name='testAdds' message='Failed asserting that -1 is identical to |'3|'.' details=' CartTest.php:5|n ' duration='1' flowId='1']\n##teamcity[testFinished name='testAdds' duration='1' flowId='1']\n##teamcity[testStarted name='testLater' flowId='1']\n##teamcity[testIgnored name='testLater' message='no time' duration='0' flowId='1']\n##teamcity[testFinished name='testLater' duration='0' flowId='1']\n##teamcity[testSuiteStarted name='testRow' flowId='1']\n##teamcity[testStarted name='testRow with data set \"one\"' flowId='1']\nprinted##teamcity[testFinished name='testRow with data set \"one\"' duration='0' flowId='1']\n##teamcity[testSuiteFinished name='testRow' flowId='1']\n##teamcity[testSuiteFinished name='CartTest' flowId='1']\n\nFAILURES!\nTests: 3, Assertions: 2, Failures: 1, Skipped: 1.\n";
    const PLAIN: &str = "PHPUnit 9.6.7 by Sebastian Bergmann and contributors.\n\nF.S   3 / 3 (100%)\n\nThere was 1 failure:\n\n1) CartTest::testAdds\nFailed asserting that -1 is identical to 3.\n\nCartTest.php:5\n\nFAILURES!\nTests: 3, Assertions: 2, Failures: 1, Skipped: 1.\n";

    fn shown(output: &str) -> String {
        let results = PhpUnit.results(output);
        let results: String = results.iter().map(|it| format!("{} {:?}\n", it.name, it.outcome)).collect();
        let counts = PhpUnit.counts(output).map(|counts| (counts.passed, counts.failed, counts.ignored));
        format!("{results}{counts:?}\n{}\n", PhpUnit.failure_of(output).unwrap_or_default())
    }

    #[test]
    fn what_it_prints_is_understood() {
        insta::assert_snapshot!([TEAMCITY, PLAIN, "OK (7 tests, 9 assertions)\n"].map(shown).join("--\n"), @r#"
        CartTest::testAdds Failed
        CartTest::testLater Ignored
        CartTest::testRow with data set "one" Passed
        Some((1, 1, 1))
        Failed asserting that -1 is identical to '3'.
        --
        Some((1, 1, 1))
        Failed asserting that -1 is identical to 3.
        --
        Some((7, 0, 0))
        "#);
    }

    #[test]
    fn what_never_ended_is_named() {
        let command = ["vendor/bin/phpunit".to_owned()];
        assert_eq!(PhpUnit.unfinished(&command, TEAMCITY), None);
        assert_eq!(PhpUnit.unfinished(&command, PLAIN), None);
        let cut: Vec<&str> = TEAMCITY.lines().take(5).collect();
        assert_eq!(PhpUnit.unfinished(&command, &cut.join("\n")).unwrap(), "testAdds");
        assert_eq!(PhpUnit.unfinished(&command, "").unwrap(), "PHPUnit");
        assert_eq!(PhpUnit.unfinished(&["make".to_owned()], "all is well\n"), None);
        let none = TestCounts { passed: 0, failed: 0, ignored: 0 };
        assert_eq!(PhpUnit.counts("PHPUnit 9.6.34\n\nNo tests executed!\n"), Some(none));
    }

    #[test]
    fn what_is_not_there_yet_is_told_from_what_fails() {
        let missing = TEAMCITY.replace(
            "Failed asserting that -1 is identical to |'3|'.",
            "Error : Call to undefined method Cart::grand()",
        );
        assert!(PhpUnit.is_missing_api(&missing) && !PhpUnit.is_missing_api(TEAMCITY));
        assert!(PhpUnit.is_build_failure("PHP Fatal error:  Uncaught ParseError: syntax error in CartTest.php:1\n"));
    }

    #[test]
    fn several_files_are_chosen_by_their_classes() {
        let run = |files: &[&str]| {
            let files: Vec<String> = files.iter().map(|file| (*file).to_owned()).collect();
            let text = |path: &str| {
                (path == "composer.json").then(|| br#"{"require-dev": {"phpunit/phpunit": "^11"}}"#.to_vec())
            };
            let names = ["composer.json".to_owned()];
            let project = Project::of_files(&names, &text);
            PhpUnit.run_files(&project, &files).unwrap().join(" ")
        };
        assert_eq!(run(&["tests/CartTest.php"]), "vendor/bin/phpunit --teamcity tests/CartTest.php");
        let several = run(&["tests/CartTest.php", "tests/TaxTest.php"]);
        assert_eq!(several, r"vendor/bin/phpunit --teamcity --filter /(^|\\)(CartTest|TaxTest)::/");
    }
}
