//! `deno test`, for TypeScript and JavaScript.

use crate::domain::event::TestCounts;
use crate::domain::{file_name, is_among};

use super::naming::{self, Convention};
use super::{Affected, Ecosystem, Project, Runner, TestOutcome, TestResult, not_an_option};

const CONFIGURATION: [&str; 2] = ["deno.json", "deno.jsonc"];

pub(super) struct Deno;

impl Ecosystem for Deno {
    fn runners(&self) -> &'static [&'static str] {
        &["deno"]
    }

    fn detect(&self, project: &Project<'_>) -> Option<Runner> {
        let name = CONFIGURATION.iter().find(|name| project.has(name))?;
        let task: &[&str] = if task(project).is_some() { &["deno", "task", "test"] } else { &["deno", "test"] };
        let arguments = plain().chain(task.iter().map(|word| (*word).to_owned())).collect::<Vec<_>>();
        Some(Runner { name: "deno", why: format!("there is a {name}"), arguments: arguments.into() })
    }

    fn is_test_file(&self, path: &str) -> bool {
        is_test(path)
    }

    fn is_test(&self, _project: &Project<'_>, path: &str) -> bool {
        is_test(path)
    }

    fn convention(&self) -> Convention<'static> {
        Convention { widens: &widens, is_test: &is_test, ..super::command::convention() }
    }

    fn affected(&self, project: &Project<'_>, changed: &[String], files: &[String]) -> Option<Affected> {
        naming::affected(self, project, changed, files)
    }

    fn run_files(&self, project: &Project<'_>, files: &[String]) -> Option<Vec<String>> {
        let test = ["deno", "test"].map(str::to_owned);
        let files = files.iter().map(|file| not_an_option(file));
        Some(plain().chain(test).chain(options(project)).chain(files).collect())
    }

    fn is_build_failure(&self, output: &str) -> bool {
        is_of_deno(output)
            && ["Type checking failed", "Module not found", "does not provide an export named", "(uncaught error)"]
                .iter()
                .any(|sign| output.contains(sign))
    }

    fn failure_of(&self, output: &str) -> Option<String> {
        if !is_of_deno(output) {
            return None;
        }
        let mut told = output.lines().skip_while(|line| !line.starts_with("error: ")).map(str::trim_end);
        // A frame of code follows, with a caret below it.
        told.next().map(|first| first.trim_start_matches("error: ").to_owned())
    }

    fn unfinished(&self, command: &[String], output: &str) -> Option<String> {
        let is_deno_test = command
            .windows(2)
            .any(|words| matches!(words, [deno, test] if file_name(deno) == "deno" && test == "test"));
        ((is_deno_test || is_of_deno(output)) && summary(output).is_none()).then(|| "deno test".to_owned())
    }

    fn results(&self, output: &str) -> Vec<TestResult> {
        if is_of_deno(output) { output.lines().filter_map(ended).collect() } else { Vec::new() }
    }

    fn counts(&self, output: &str) -> Option<TestCounts> {
        if is_of_deno(output) { summary(output) } else { None }
    }
}

/// It colours what it prints into a pipe as well.
fn plain() -> impl Iterator<Item = String> {
    ["env", "NO_COLOR=1"].map(str::to_owned).into_iter()
}

/// The project's own task.
fn task(project: &Project<'_>) -> Option<String> {
    // Comments end up in no string, so a `.jsonc` that has some is only not understood.
    let text = CONFIGURATION.iter().map(|name| project.text(name)).find(|text| !text.is_empty())?;
    let configuration: serde_json::Value = serde_json::from_str(&text).ok()?;
    let task = configuration.get("tasks")?.get("test")?;
    task.as_str().or_else(|| task.get("command")?.as_str()).map(str::to_owned)
}

/// What the project's task gives `deno test`: above all what tests may read and reach.
fn options(project: &Project<'_>) -> Vec<String> {
    let task = task(project).unwrap_or_default();
    let is_plain = !task.contains(['|', ';', '&', '<', '>', '$', '`', '(', '"', '\'', '\\']);
    let words = task.strip_prefix("deno test ").filter(|_| is_plain).unwrap_or_default();
    let fits = |word: &&str| {
        let name = word.split('=').next().unwrap_or_default();
        word.starts_with('-') && !is_among("--watch --coverage --reporter --junit-path --filter --quiet -q", name)
    };
    words.split_whitespace().filter(fits).map(str::to_owned).collect()
}

/// `cart_test.ts`, `cart.test.js`, `test.ts`
fn is_test(path: &str) -> bool {
    const EXTENSIONS: &str = "ts tsx mts js mjs jsx";
    let Some((stem, extension)) = file_name(path).rsplit_once('.') else { return false };
    is_among(EXTENSIONS, extension) && (stem == "test" || stem.ends_with("_test") || stem.ends_with(".test"))
}

fn widens(path: &str) -> bool {
    is_among("deno.json deno.jsonc deno.lock import_map.json", file_name(path))
}

/// `running 5 tests from ./cart_test.ts`, and before it, what its compiler says.
fn is_of_deno(output: &str) -> bool {
    output.lines().any(|line| {
        let is_head =
            line.strip_prefix("running ").is_some_and(|rest| rest.contains(" from ./") || rest.contains(" from file:"));
        is_head || (line.starts_with("Check ") && line.contains("_test.")) || line == "error: Type checking failed."
    })
}

/// `adds ... FAILED (991µs)`, `later ... ignored (0ms)`; steps are a part of their test.
fn ended(line: &str) -> Option<TestResult> {
    let (name, end) = line.rsplit_once(" ... ").filter(|(name, _)| !name.starts_with(' '))?;
    let (word, time) = end.split_once(" (")?;
    let outcome = match word {
        "ok" => TestOutcome::Passed,
        "FAILED" => TestOutcome::Failed,
        "ignored" => TestOutcome::Ignored,
        _ => return None,
    };
    time.ends_with(')').then(|| TestResult::new(name, outcome))
}

/// `FAILED | 1 passed (1 step) | 3 failed (1 step) | 1 ignored (48ms)`
fn summary(output: &str) -> Option<TestCounts> {
    let line = output.lines().rev().find(|line| {
        (line.starts_with("ok | ") || line.starts_with("FAILED | "))
            && line.contains(" passed")
            && line.contains(" failed")
    })?;
    let of = |name: &str| {
        let part = line.split(" | ").find(|part| part.contains(name));
        part.and_then(|part| part.trim().split(' ').next()?.parse::<u32>().ok()).unwrap_or(0)
    };
    Some(TestCounts { passed: of(" passed"), failed: of(" failed"), ignored: of(" ignored") })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Deno 2.9.
    const OUTPUT: &str = "Check cart_test.ts\nrunning 4 tests from ./cart_test.ts\nadds ... FAILED (991µs)\nis there (really) ... ok (428µs)\nlater ... ignored (0ms)\nsteps ...\n  one ... ok (1ms)\n  two ... FAILED (0ms)\nsteps ... FAILED (due to 1 failed step) (21ms)\n\n ERRORS \n\nadds => ./cart_test.ts:4:6\nerror: Error: -1 is not 3\nconst eq = 1;\n           ^\n\nFAILED | 1 passed (1 step) | 2 failed (1 step) | 1 ignored (48ms)\n\nerror: Test failed\n";

    #[test]
    fn what_it_prints_is_understood() {
        let shown: String = Deno.results(OUTPUT).iter().map(|it| format!("{} {:?}\n", it.name, it.outcome)).collect();
        insta::assert_snapshot!(shown, @"
        adds Failed
        is there (really) Passed
        later Ignored
        steps Failed
        ");
        assert_eq!(Deno.counts(OUTPUT), Some(TestCounts { passed: 1, failed: 2, ignored: 1 }));
        assert_eq!(Deno.failure_of(OUTPUT).unwrap(), "Error: -1 is not 3");
        assert!(Deno.is_build_failure(
            "Check d_test.ts\nTS2305 [ERROR]: Module has no exported member 'nope'.\nerror: Type checking failed.\n"
        ));
        assert!(!Deno.is_build_failure(OUTPUT) && !Deno.is_build_failure("Module not found\n"));
        assert_eq!(Deno.results("test cart::sum ... ok (1)\n"), []);
    }

    #[test]
    fn what_never_ended_is_named() {
        let command = ["env", "NO_COLOR=1", "deno", "test"].map(str::to_owned);
        assert_eq!(Deno.unfinished(&command, OUTPUT), None);
        assert_eq!(Deno.unfinished(&command, "running 1 test from ./a_test.ts\n").unwrap(), "deno test");
        assert_eq!(Deno.unfinished(&["make".to_owned()], ""), None);
    }

    #[test]
    fn files_are_run_with_the_permissions_of_the_task() {
        let run = |configuration: &str| {
            let text = |path: &str| (path == "deno.json").then(|| configuration.as_bytes().to_vec());
            let names = ["deno.json".to_owned()];
            let project = Project::of_files(&names, &text);
            let all = Deno.detect(&project).unwrap();
            format!("{}\n{}", all.arguments, Deno.run_files(&project, &["cart_test.ts".to_owned()]).unwrap().join(" "))
        };
        insta::assert_snapshot!([
            run("{}"),
            run(r#"{"tasks": {"test": "deno test --allow-read=. -A --watch --coverage=x tests/"}}"#),
            run(r#"{"tasks": {"test": {"command": "deno test && deno lint -x"}}}"#),
        ].join("\n"), @"
        env 'NO_COLOR=1' deno test
        env NO_COLOR=1 deno test cart_test.ts
        env 'NO_COLOR=1' deno task test
        env NO_COLOR=1 deno test --allow-read=. -A cart_test.ts
        env 'NO_COLOR=1' deno task test
        env NO_COLOR=1 deno test cart_test.ts
        ");
    }
}
