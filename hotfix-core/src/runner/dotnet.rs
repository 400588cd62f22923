//! `dotnet test`, for C#, F# and Visual Basic.

use crate::domain::event::TestCounts;
use crate::domain::file_name;

use super::naming::{self, Convention};
use super::{Affected, Ecosystem, Project, Runner, TestOutcome, TestResult, folders};

const EXTENSIONS: [&str; 3] = [".cs", ".fs", ".vb"];
const PROJECTS: [&str; 5] = [".sln", ".slnx", ".csproj", ".fsproj", ".vbproj"];

pub(super) struct Dotnet;

impl Ecosystem for Dotnet {
    fn runners(&self) -> &'static [&'static str] {
        &["dotnet"]
    }

    fn detect(&self, project: &Project<'_>) -> Option<Runner> {
        let name = project.top_level_names.iter().find(|name| is_project(name))?;
        Some(Runner::new("dotnet", format!("there is a {name}"), ["dotnet", "test"]))
    }

    fn is_test_file(&self, path: &str) -> bool {
        let is_source = EXTENSIONS.iter().any(|extension| path.ends_with(extension));
        is_test(path)
            || (is_source && folders(path).any(|folder| folder.ends_with(".Tests") || folder.ends_with("Tests")))
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

    fn run_files(&self, _project: &Project<'_>, files: &[String]) -> Option<Vec<String>> {
        // It runs projects, not files; a class has the name of its file.
        let classes: Vec<String> = files.iter().map(|file| format!("FullyQualifiedName~{}", class(file))).collect();
        // Only in detail it names what passed.
        let command = ["dotnet", "test", "--nologo", "--logger", "console;verbosity=detailed", "--filter"];
        Some(command.into_iter().map(str::to_owned).chain([classes.join("|")]).collect())
    }

    fn is_build_failure(&self, output: &str) -> bool {
        // The compilers' numbers: C#, F#, Visual Basic; NETSDK and NU are what cannot be restored.
        [": error CS", ": error FS", ": error BC", ": error NETSDK", ": error NU", ": error MSB"]
            .iter()
            .any(|error| output.contains(error))
    }

    fn failure_of(&self, output: &str) -> Option<String> {
        let mut rest = output.lines().skip_while(|line| line.trim() != "Error Message:");
        rest.next()?;
        let told: Vec<&str> = rest
            .take_while(|line| line.trim() != "Stack Trace:" && !line.trim().is_empty())
            .take(12)
            .map(str::trim)
            .collect();
        (!told.is_empty()).then(|| told.join("\n"))
    }

    fn unfinished(&self, command: &[String], output: &str) -> Option<String> {
        let is_dotnet = matches!(command, [dotnet, test, ..] if file_name(dotnet) == "dotnet" && test == "test");
        let has_begun = output.contains("Starting test execution, please wait");
        (is_dotnet && has_begun && self.counts(output).is_none()).then(|| "dotnet test".to_owned())
    }

    fn results(&self, output: &str) -> Vec<TestResult> {
        output.lines().filter_map(ended).collect()
    }

    fn counts(&self, output: &str) -> Option<TestCounts> {
        // It exits with 0 there.
        let is_empty = || NO_TESTS.iter().any(|words| output.contains(words));
        summary(output).or_else(|| is_empty().then_some(TestCounts { passed: 0, failed: 0, ignored: 0 }))
    }
}

/// What it says where there was nothing to run.
const NO_TESTS: [&str; 2] = ["No test matches the given testcase filter", "No test is available in"];

/// `  Passed Shop.Tests.CartTests.Adds [3 ms]`
fn ended(line: &str) -> Option<TestResult> {
    let (word, rest) = line.strip_prefix("  ")?.split_once(' ')?;
    let outcome = match word {
        "Passed" => TestOutcome::Passed,
        "Failed" => TestOutcome::Failed,
        "Skipped" => TestOutcome::Ignored,
        _ => return None,
    };
    let (name, time) = rest.trim_end().rsplit_once(" [")?;
    (time.ends_with("s]") && !name.trim().is_empty()).then(|| TestResult::new(name.trim(), outcome))
}

/// The sum of `Passed!  - Failed:     0, Passed:     3, Skipped:     0, Total:     3, Duration: 6 ms - Shop.Tests.dll`, or of
/// the last lines of a detailed report.
fn summary(output: &str) -> Option<TestCounts> {
    let mut sum = None::<TestCounts>;
    for line in output.lines().filter(|line| line.starts_with("Passed! ") || line.starts_with("Failed! ")) {
        let of = |name: &str| {
            let (_, rest) = line.split_once(name)?;
            rest.split(',').next()?.trim().parse::<u32>().ok()
        };
        let counts = (of(" Passed:"), of(" Failed:"), of(" Skipped:"));
        let (Some(passed), Some(failed), Some(ignored)) = counts else { continue };
        let total = sum.get_or_insert(TestCounts { passed: 0, failed: 0, ignored: 0 });
        total.passed = total.passed.saturating_add(passed);
        total.failed = total.failed.saturating_add(failed);
        total.ignored = total.ignored.saturating_add(ignored);
    }
    sum.or_else(|| {
        // `Total tests: 3`, `     Passed: 2`, `     Failed: 1`
        output.lines().any(|line| line.starts_with("Total tests: ")).then_some(())?;
        let of = |name: &str| {
            let lines =
                output.lines().filter_map(|line| line.trim_start().strip_prefix(name)?.trim().parse::<u32>().ok());
            lines.fold(0, u32::saturating_add)
        };
        Some(TestCounts { passed: of("Passed: "), failed: of("Failed: "), ignored: of("Skipped: ") })
    })
}

fn is_project(name: &str) -> bool {
    PROJECTS.iter().any(|end| name.ends_with(end))
}

fn is_test(path: &str) -> bool {
    let stem = EXTENSIONS.iter().find_map(|extension| file_name(path).strip_suffix(extension)).unwrap_or_default();
    ["Test", "Tests"].iter().any(|end| stem.len() > end.len() && stem.ends_with(end))
}

fn widens(path: &str) -> bool {
    let name = file_name(path);
    is_project(name) || name.ends_with(".props") || name.ends_with(".targets") || name == "global.json"
}

fn class(file: &str) -> &str {
    file_name(file).split('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In the form of the console logger of VSTest 17; there is no .NET for the tests to ask.
    const OUTPUT: &str = "Starting test execution, please wait...\nA total of 1 test files matched the specified pattern.\n  Passed Shop.Tests.CartTests.There [3 ms]\n  Failed Shop.Tests.CartTests.Adds(a: 1, b: 2) [12 ms]\n  Error Message:\n   Assert.Equal() Failure: Values differ\nExpected: 3\nActual:   -1\n  Stack Trace:\n     at Shop.Tests.CartTests.Adds() in /src/CartTests.cs:line 9\n  Skipped Shop.Tests.CartTests.Later [1 ms]\n\nTest Run Failed.\nTotal tests: 3\n     Passed: 1\n     Failed: 1\n    Skipped: 1\n Total time: 0.9 Seconds\n";

    #[test]
    fn what_it_prints_is_understood() {
        let shown: String = Dotnet.results(OUTPUT).iter().map(|it| format!("{} {:?}\n", it.name, it.outcome)).collect();
        insta::assert_snapshot!(shown, @"
        Shop.Tests.CartTests.There Passed
        Shop.Tests.CartTests.Adds(a: 1, b: 2) Failed
        Shop.Tests.CartTests.Later Ignored
        ");
        assert_eq!(Dotnet.counts(OUTPUT), Some(TestCounts { passed: 1, failed: 1, ignored: 1 }));
        assert_eq!(
            Dotnet.failure_of(OUTPUT).unwrap(),
            "Assert.Equal() Failure: Values differ\nExpected: 3\nActual:   -1"
        );
        let short = "Passed!  - Failed:     0, Passed:     3, Skipped:     0, Total:     3, Duration: 6 ms - A.dll (net8.0)\nPassed!  - Failed:     0, Passed:     1, Skipped:     2, Total:     3, Duration: 6 ms - B.dll (net8.0)\n";
        assert_eq!(Dotnet.counts(short), Some(TestCounts { passed: 4, failed: 0, ignored: 2 }));
        assert!(Dotnet.is_build_failure("/src/Cart.cs(3,9): error CS0103: The name 'x' does not exist\n"));
        assert!(!Dotnet.is_build_failure(OUTPUT));
    }

    #[test]
    fn what_never_ended_is_named() {
        let command = ["dotnet", "test"].map(str::to_owned);
        assert_eq!(Dotnet.unfinished(&command, OUTPUT), None);
        assert_eq!(Dotnet.unfinished(&command, "Starting test execution, please wait...\n").unwrap(), "dotnet test");
        assert_eq!(Dotnet.unfinished(&["make".to_owned()], ""), None);
    }

    #[test]
    fn files_are_chosen_by_their_classes() {
        let names = ["Shop.sln".to_owned()];
        let project = Project::of_files(&names, &|_| None);
        let files = ["tests/CartTests.cs", "tests/TaxTests.cs"].map(str::to_owned);
        let command = Dotnet.run_files(&project, &files).unwrap();
        assert_eq!(command.last().unwrap(), "FullyQualifiedName~CartTests|FullyQualifiedName~TaxTests");
    }
}
