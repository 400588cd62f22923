//! Gradle, for Java and Kotlin. It prints what failed, and nothing of what passed.

use crate::domain::file_name;

use super::naming::{self, Convention};
use super::{Affected, Ecosystem, Project, Runner, maven};

const BUILD_FILES: [&str; 4] = ["build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"];

pub(super) struct Gradle;

impl Ecosystem for Gradle {
    fn runners(&self) -> &'static [&'static str] {
        &["gradle"]
    }

    fn builds(&self) -> &'static [&'static str] {
        &["build", ".gradle"]
    }

    fn detect(&self, project: &Project<'_>) -> Option<Runner> {
        // The wrapper pins the version that the project is built by.
        let program = if project.has("gradlew") { "./gradlew" } else { "gradle" };
        let name = BUILD_FILES.iter().find(|name| project.has(name))?;
        Some(Runner::new("gradle", format!("there is a {name}"), [program, "test"]))
    }

    fn is_test_file(&self, path: &str) -> bool {
        maven::is_test_of_jvm(path)
    }

    fn is_test(&self, _project: &Project<'_>, path: &str) -> bool {
        maven::is_test_class(path)
    }

    fn convention(&self) -> Convention<'static> {
        maven::convention()
    }

    fn affected(&self, project: &Project<'_>, changed: &[String], files: &[String]) -> Option<Affected> {
        naming::affected(self, project, changed, files)
    }

    fn run_files(&self, project: &Project<'_>, files: &[String]) -> Option<Vec<String>> {
        let runner = self.detect(project)?;
        let mut command: Vec<String> = runner.arguments.iter().take(1).cloned().collect();
        let mut tasks: Vec<(String, Vec<&str>)> = Vec::new();
        for file in files {
            let task = task(file);
            // `--tests` holds for the task before it alone.
            match tasks.iter_mut().find(|(known, _)| *known == task) {
                Some((_, classes)) => classes.push(maven::class(file)),
                None => tasks.push((task, vec![maven::class(file)])),
            }
        }
        for (task, classes) in tasks {
            command.push(task);
            // By pattern: the package is in the source and not in the path.
            command.extend(classes.into_iter().flat_map(|class| ["--tests".to_owned(), format!("*{class}")]));
        }
        Some(command)
    }

    fn is_build_failure(&self, output: &str) -> bool {
        output.contains("Compilation failed; see the compiler") || output.contains("Compilation error. See log")
    }

    fn unfinished(&self, command: &[String], output: &str) -> Option<String> {
        let is_gradle = command.first().is_some_and(|program| matches!(file_name(program), "gradle" | "gradlew"));
        // With -q it says nothing of a success.
        // A wrapper script that never came to Gradle says nothing here.
        let has_begun = is_gradle && output.contains("> Task ");
        (has_begun && !output.contains("BUILD SUCCESSFUL")).then(|| "Gradle".to_owned())
    }

    fn failure_of(&self, output: &str) -> Option<String> {
        // `CartTest > coupon() FAILED`, and what it said, further in.
        let lines = output.lines().skip_while(|line| !(line.contains(" > ") && line.ends_with(" FAILED")));
        let told: Vec<&str> = lines.take_while(|line| !line.trim().is_empty()).take(12).map(str::trim_end).collect();
        (!told.is_empty()).then(|| told.join("\n"))
    }
}

/// `:shop:cart:test` for a file of the project in `shop/cart`.
fn task(file: &str) -> String {
    match file.split_once("/src/").map(|(folder, _)| folder) {
        Some(folder) => format!(":{}:test", folder.replace('/', ":")),
        None => ":test".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_run_in_the_project_that_has_them() {
        let names = ["settings.gradle.kts".to_owned(), "gradlew".to_owned()];
        let project = Project::of_files(&names, &|_| None);
        let files = ["src/test/java/a/CartTest.java", "shop/src/test/kotlin/a/ShopTest.kt"].map(str::to_owned);
        insta::assert_snapshot!(Gradle.run_files(&project, &files).unwrap().join(" "), @"./gradlew :test --tests *CartTest :shop:test --tests *ShopTest");
    }

    #[test]
    fn what_gradle_prints_is_understood() {
        let output = "> Task :test FAILED\n\nCartTest > coupon() FAILED\n    org.opentest4j.AssertionFailedError at CartTest.java:12\n\n2 tests completed, 1 failed\n";
        insta::assert_snapshot!(Gradle.failure_of(output).unwrap(), @"
        CartTest > coupon() FAILED
            org.opentest4j.AssertionFailedError at CartTest.java:12
        ");
        assert!(Gradle.is_build_failure("> Compilation failed; see the compiler error output for details.\n"));
        assert!(!Gradle.is_build_failure(output));
        let unfinished = |output| Gradle.unfinished(&["./gradlew".to_owned(), "test".to_owned()], output);
        assert_eq!(unfinished("> Task :test\n").unwrap(), "Gradle");
        assert_eq!(unfinished("> Task :test\n\nBUILD SUCCESSFUL in 1s\n"), None);
        assert_eq!(unfinished(""), None);
    }
}
