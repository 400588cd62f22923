//! `bun test`, for TypeScript and JavaScript.

use crate::domain::{file_name, is_among};

use super::naming::{self, Convention};
use super::npm::{self, Npm};
use super::{Affected, Ecosystem, Project, Runner, TestOutcome, TestResult};

pub(super) struct Bun;

impl Ecosystem for Bun {
    fn runners(&self) -> &'static [&'static str] {
        &["bun"]
    }

    fn detect(&self, project: &Project<'_>) -> Option<Runner> {
        let why = match npm::test_script(project) {
            Some(script) if is_bun_test(&script) => "package.json tests with bun".to_owned(),
            Some(_) => return None,
            None => format!(
                "there is a {}",
                ["bun.lock", "bun.lockb", "bunfig.toml"].iter().find(|name| project.has(name))?
            ),
        };
        Some(Runner::new("bun", why, ["bun", "test"]))
    }

    fn is_test_file(&self, path: &str) -> bool {
        is_test(path)
    }

    fn is_test(&self, _project: &Project<'_>, path: &str) -> bool {
        is_test(path)
    }

    fn test_of(&self, data: &str) -> Option<String> {
        Npm.test_of(data)
    }

    fn convention(&self) -> Convention<'static> {
        Convention { is_test: &is_test, ..Npm.convention() }
    }

    fn affected(&self, project: &Project<'_>, changed: &[String], files: &[String]) -> Option<Affected> {
        naming::affected(self, project, changed, files)
    }

    fn run_files(&self, _project: &Project<'_>, files: &[String]) -> Option<Vec<String>> {
        // What does not begin with a dot is taken for a part of a name.
        let files = files.iter().map(|file| format!("./{file}"));
        Some(["bun", "test"].map(str::to_owned).into_iter().chain(files).collect())
    }

    fn links(&self, project: &Project<'_>) -> &'static [&'static str] {
        Npm.links(project)
    }

    fn is_build_failure(&self, output: &str) -> bool {
        let signs = ["Cannot find module", "Cannot find package", "Export named", "SyntaxError"];
        output.contains("# Unhandled error between tests") && signs.iter().any(|sign| output.contains(sign))
    }

    fn failure_of(&self, output: &str) -> Option<String> {
        if !is_of_bun(output) {
            return None;
        }
        let is_first = |line: &&str| {
            let name = line.split_once(": ").map_or("", |(name, _)| name);
            line.starts_with("error: ") || (name.ends_with("Error") && name.chars().all(char::is_alphanumeric))
        };
        let told = output.lines().skip_while(|line| !is_first(line));
        let told = told.take_while(|line| !line.trim_start().starts_with("at ") && !line.starts_with('('));
        let told: Vec<&str> = told.filter(|line| !line.trim().is_empty()).take(12).collect();
        (!told.is_empty()).then(|| told.join("\n").trim_start_matches("error: ").to_owned())
    }

    fn unfinished(&self, command: &[String], output: &str) -> Option<String> {
        let is_bun =
            matches!(command, [bun, test, ..] if file_name(bun) == "bun" && test == "test") || is_of_bun(output);
        // A test that ends the process leaves no last line.
        (is_bun && !output.lines().any(|line| line.starts_with("Ran ") && line.contains(" test"))).then(|| {
            let last = self.results(output).pop();
            last.map_or_else(|| "bun test".to_owned(), |last| format!("what followed {}", last.name))
        })
    }

    fn results(&self, output: &str) -> Vec<TestResult> {
        output.lines().filter_map(ended).collect()
    }
}

fn is_bun_test(script: &str) -> bool {
    let script = script.trim();
    script == "bun test" || script.starts_with("bun test ") || script.starts_with("bun --bun test")
}

fn is_of_bun(output: &str) -> bool {
    output.lines().any(|line| line.starts_with("bun test v"))
}

/// `cart.test.ts`, `cart_test.ts`, `cart.spec.js`, `cart_spec.tsx`
fn is_test(path: &str) -> bool {
    const EXTENSIONS: &str = "ts tsx mts cts js jsx mjs cjs";
    let Some((stem, extension)) = file_name(path).rsplit_once('.') else { return false };
    is_among(EXTENSIONS, extension) && [".test", "_test", ".spec", "_spec"].iter().any(|end| stem.ends_with(end))
}

/// `(fail) cart > adds [0.21ms]`, `(skip) later`
fn ended(line: &str) -> Option<TestResult> {
    let (word, name) = line.strip_prefix('(')?.split_once(") ")?;
    let outcome = match word {
        "pass" => TestOutcome::Passed,
        "fail" => TestOutcome::Failed,
        "skip" | "todo" => TestOutcome::Ignored,
        _ => return None,
    };
    let timed = name.rsplit_once(" [").filter(|(_, time)| time.ends_with("s]"));
    Some(TestResult::new(timed.map_or(name, |(name, _)| name).trim_end(), outcome))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bun 1.4, with what it prints to either stream.
    const OUTPUT: &str = "bun test v1.4.5 (a7733435c)\n\ncart.test.ts:\n4 | expect(total(1, 2)).toBe(3);\n                        ^\nerror: expect(received).toBe(expected)\n\nExpected: 3\nReceived: -1\n\n      at <anonymous> (cart.test.ts:4:67)\n(fail) cart > adds [0.21ms]\n(pass) cart > is there [0.02ms]\n(skip) later\n(todo) to do\n\n 1 pass\n 1 skip\n 1 todo\n 1 fail\nRan 4 tests across 1 file. [5.00ms]\n";

    #[test]
    fn what_it_prints_is_understood() {
        let shown: String = Bun.results(OUTPUT).iter().map(|it| format!("{} {:?}\n", it.name, it.outcome)).collect();
        insta::assert_snapshot!(shown + &Bun.failure_of(OUTPUT).unwrap(), @"
        cart > adds Failed
        cart > is there Passed
        later Ignored
        to do Ignored
        expect(received).toBe(expected)
        Expected: 3
        Received: -1
        ");
        let broken = "bun test v1.4.5\n\nd.test.ts:\n\n# Unhandled error between tests\n----\nSyntaxError: Export named 'nope' not found in module 'cart.ts'.\n----\n\n 0 pass\n 1 fail\n 1 error\nRan 1 test across 1 file. [35.00ms]\n";
        assert!(Bun.is_build_failure(broken) && !Bun.is_build_failure(OUTPUT));
    }

    #[test]
    fn what_never_ended_is_named() {
        let command = ["bun", "test"].map(str::to_owned);
        assert_eq!(Bun.unfinished(&command, OUTPUT), None);
        let cut = "bun test v1.4.5\n\nc.test.ts:\n(pass) a [0.04ms]\n";
        assert_eq!(Bun.unfinished(&["npm".to_owned()], cut).unwrap(), "what followed a");
        assert_eq!(Bun.unfinished(&command, "").unwrap(), "bun test");
        assert_eq!(Bun.unfinished(&["make".to_owned()], ""), None);
    }
}
