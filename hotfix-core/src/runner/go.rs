//! `go test`, for Go.

use crate::domain::event::TestCounts;
use crate::domain::file_name;

use super::{Affected, Ecosystem, Project, Runner, TestOutcome, TestResult, results};

pub(super) struct Go;

impl Ecosystem for Go {
    fn runners(&self) -> &'static [&'static str] {
        &["go"]
    }

    fn detect(&self, project: &Project<'_>) -> Option<Runner> {
        project.has("go.mod").then(|| Runner::new("go", "there is a go.mod", ["go", "test", "./..."]))
    }

    fn is_test_file(&self, path: &str) -> bool {
        path.ends_with("_test.go")
    }

    fn finder(&self, _project: &Project<'_>) -> Option<&'static str> {
        Some("go")
    }

    fn affected(&self, _project: &Project<'_>, _changed: &[String], _files: &[String]) -> Option<Affected> {
        // Go's own cache knows better than any name what a change reaches.
        let why = "all packages: go keeps the results of those that the change does not reach".to_owned();
        // With -v it says which tests there were.
        Some(Affected { command: ["go", "test", "-v", "./..."].map(str::to_owned).to_vec(), why: vec![why] })
    }

    fn run_files(&self, project: &Project<'_>, files: &[String]) -> Option<Vec<String>> {
        // `-count=1` switches the cache off: a proof must have run.
        let mut command = ["go", "test", "-v", "-count=1"].map(str::to_owned).to_vec();
        let text = |file: &String| (project.file)(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        // Go runs packages, not files; the names bring it down to a file.
        let names: Vec<String> = files.iter().filter_map(text).flat_map(|text| tests_in(&text)).collect();
        if !names.is_empty() {
            command.extend(["-run".to_owned(), format!("^({})$", names.join("|"))]);
        }
        let mut packages: Vec<String> = files.iter().map(|file| package_of(file)).collect();
        packages.sort();
        packages.dedup();
        command.extend(packages);
        Some(command)
    }

    fn is_build_failure(&self, output: &str) -> bool {
        // A test that failed to build proves nothing, and the exit code does not tell.
        output.contains("[build failed]") || output.contains("[setup failed]")
    }

    fn failure_of(&self, output: &str) -> Option<String> {
        let is_of_go =
            output.lines().any(|line| line.trim_start().starts_with("--- FAIL: ")) || output.contains("[build failed]");
        if !is_of_go {
            return None;
        }
        let noise = |line: &&str| {
            let line = line.trim_start();
            ["=== ", "--- ", "FAIL", "PASS", "ok ", "exit status", "# ", "goroutine "]
                .iter()
                .any(|start| line.starts_with(start))
        };
        let told: Vec<&str> = output
            .lines()
            // A panic's stack is longer than all there is to say of it.
            .take_while(|line| !line.starts_with("goroutine "))
            .filter(|line| !noise(line) && !line.trim().is_empty())
            .take(12)
            .map(str::trim)
            .collect();
        (!told.is_empty()).then(|| told.join("\n"))
    }

    fn unfinished(&self, command: &[String], output: &str) -> Option<String> {
        let is_go_test =
            command.windows(2).any(|words| matches!(words, [go, test] if file_name(go) == "go" && test == "test"));
        let is_package =
            // The tab is Go's own; a test that prints `ok` seldom prints it too.
            |line: &str| ["ok  \t", "?   \t", "FAIL\t", "PASS"].iter().any(|start| line.starts_with(start));
        let is_done = output.lines().any(|line| is_package(line) || line.contains("\"Action\":\"pass\""));
        let ended: Vec<TestResult> = self.results(output);
        // Until Go 1.16 a test could end the program, and the package was ok.
        let begun = output.lines().filter_map(|line| line.trim_start().strip_prefix("=== RUN   ")).map(str::trim);
        let mut open = begun.filter(|name| !ended.iter().any(|test| test.name == *name));
        match (is_go_test, is_done) {
            (true, false) => Some(open.next().unwrap_or("go test").to_owned()),
            _ => open.next().map(str::to_owned),
        }
    }

    fn results(&self, output: &str) -> Vec<TestResult> {
        output.lines().filter_map(|line| ended(line).or_else(|| event(line))).collect()
    }

    fn counts(&self, output: &str) -> Option<TestCounts> {
        let found = self.results(output);
        if !found.is_empty() {
            return Some(results::count(&found));
        }
        // Without -v it says how each package ended, and which have nothing to run.
        let is_package =
            |line: &str| line.starts_with("ok  \t") || line.starts_with("FAIL\t") || line.starts_with("?   \t");
        let is_empty = |line: &str| line.contains("[no test files]") || line.contains("[no tests to run]");
        let mut packages = output.lines().filter(|line| is_package(line)).peekable();
        packages.peek()?;
        packages.all(is_empty).then_some(TestCounts { passed: 0, failed: 0, ignored: 0 })
    }
}

/// `    --- FAIL: TestCart/coupon (0.00s)`
fn ended(line: &str) -> Option<TestResult> {
    let (word, rest) = line.trim_start().strip_prefix("--- ")?.split_once(": ")?;
    let outcome = match word {
        "PASS" => TestOutcome::Passed,
        "FAIL" => TestOutcome::Failed,
        "SKIP" => TestOutcome::Ignored,
        _ => return None,
    };
    let (name, time) = rest.rsplit_once(" (")?;
    time.ends_with("s)").then(|| TestResult::new(name, outcome))
}

/// `{"Action":"pass","Package":"example.com/shop","Test":"TestCart"}`
fn event(line: &str) -> Option<TestResult> {
    let event: serde_json::Value = serde_json::from_str(line.strip_prefix('{').map(|_| line)?).ok()?;
    let outcome = match event.get("Action")?.as_str()? {
        "pass" => TestOutcome::Passed,
        "fail" => TestOutcome::Failed,
        "skip" => TestOutcome::Ignored,
        _ => return None,
    };
    // `-json` output; other programs log JSON with an `Action` as well.
    event.get("Package")?;
    Some(TestResult::new(event.get("Test")?.as_str()?, outcome))
}

/// The tests, fuzz tests and examples that a file declares.
fn tests_in(text: &str) -> Vec<String> {
    let declared = text.lines().filter_map(|line| line.strip_prefix("func ")?.split_once('(').map(|(name, _)| name));
    let is_test =
        |name: &&str| ["Test", "Fuzz", "Example"].iter().any(|kind| name.starts_with(kind)) && *name != "TestMain";
    declared.filter(is_test).map(str::to_owned).collect()
}

/// `./cart` for `cart/cart_test.go`.
fn package_of(file: &str) -> String {
    file.rsplit_once('/').map_or_else(|| ".".to_owned(), |(folder, _)| format!("./{folder}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "=== RUN   TestCart\n=== RUN   TestCart/coupon\n    cart_test.go:9: total = 0, want 90\n--- FAIL: TestCart (0.00s)\n    --- FAIL: TestCart/coupon (0.00s)\n=== RUN   TestSum\n--- PASS: TestSum (0.00s)\n--- SKIP: TestLater (0.00s)\nFAIL\nFAIL\texample.com/shop/cart\t0.002s\nFAIL\n";

    #[test]
    fn tests_are_found_in_what_go_prints() {
        let shown: String = Go.results(OUTPUT).iter().map(|it| format!("{} {:?}\n", it.name, it.outcome)).collect();
        insta::assert_snapshot!(shown, @"
        TestCart Failed
        TestCart/coupon Failed
        TestSum Passed
        TestLater Ignored
        ");
        assert_eq!(Go.failure_of(OUTPUT).unwrap(), "cart_test.go:9: total = 0, want 90");
        assert_eq!(Go.counts("?   \tx\t[no test files]\nok  \ty\t0.01s [no tests to run]\n").unwrap().passed, 0);
        assert_eq!(Go.counts("ok  \ty\t0.01s\n"), None);
    }

    #[test]
    fn a_test_that_never_ended_is_named() {
        let command = ["go", "test", "-v", "./..."].map(str::to_owned);
        let cut = "=== RUN   TestSum\n--- PASS: TestSum (0.00s)\n=== RUN   TestCart\nok  \tx\t0.01s\n";
        assert_eq!(Go.unfinished(&command, cut).unwrap(), "TestCart");
        assert_eq!(Go.unfinished(&command, "").unwrap(), "go test");
        assert_eq!(Go.unfinished(&command, OUTPUT), None);
        assert_eq!(Go.unfinished(&command, "?   \tx\t[no test files]\n"), None);
        assert_eq!(Go.unfinished(&["make".to_owned()], "all is well\n"), None);
        let json = "{\"Action\":\"run\",\"Package\":\"x\",\"Test\":\"TestSum\"}\n{\"Action\":\"pass\",\"Package\":\"x\",\"Test\":\"TestSum\"}\n{\"Action\":\"pass\",\"Package\":\"x\"}\n";
        assert_eq!(Go.counts(json).unwrap().passed, 1);
        assert_eq!(Go.unfinished(&command, json), None);
    }

    #[test]
    fn a_file_is_run_by_the_names_in_it() {
        let text = b"package cart\n\nfunc TestMain(m *testing.M) {}\nfunc TestCart(t *testing.T) {}\nfunc helper() {}\nfunc FuzzCart(f *testing.F) {}\n";
        let read = |path: &str| (path == "cart/cart_test.go").then(|| text.to_vec());
        let project = Project::of_files(&[], &read);
        let command = |file: &str| Go.run_files(&project, &[file.to_owned()]).unwrap().join(" ");
        assert_eq!(command("cart/cart_test.go"), "go test -v -count=1 -run ^(TestCart|FuzzCart)$ ./cart");
        assert_eq!(command("x_test.go"), "go test -v -count=1 .");
        assert!(Go.is_build_failure("FAIL\texample.com/shop/cart [build failed]\n"));
    }
}
