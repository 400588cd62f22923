//! What the path of a file tells of tests in languages whose runners we do not know, and of the folders that tests keep
//! their data and helpers in.

use crate::domain::file_name;

use super::folders;

/// Languages in which the end of a file's name says that it holds tests. Those whose ecosystems we know say it themselves.
const LANGUAGES: [&str; 40] = [
    "rb", "cr", "lua", "ex", "exs", "php", "java", "kt", "groovy", "scala", "cs", "fs", "vb", "swift", "m", "mm",
    "dart", "c", "cc", "cpp", "cxx", "hs", "clj", "cljs", "cljc", "erl", "sh", "bash", "zsh", "pl", "jl", "r", "R",
    "zig", "elm", "ml", "coffee", "nim", "ps1", "hx",
];
/// Such ends, before the extension.
const ENDS: [&str; 13] = [
    "Test", "Tests", "TestCase", "Spec", "Specs", "_spec", "_specs", "_test", "_tests", "-test", "-spec", ".test",
    ".spec",
];
/// Extensions of files that are tests whatever they are called.
// Bats and Perl's `prove` go by the extension alone.
const ALWAYS: [&str; 2] = ["bats", "t"];

/// Folders whose files tests alone use, besides those of all kinds of projects.
const FOLDERS: [&str; 7] =
    ["Tests", "Test", "__mocks__", "__fixtures__", "test_data", "test-data", "proptest-regressions"];
/// What a folder `spec` is named after when it holds tests, and what is above it when it holds code.
const SPECS: [&str; 2] = ["spec", "specs"];
const CODE: [&str; 3] = ["src", "lib", "app"];
/// Folders of data in it.
const DATA: [&str; 8] = ["fixtures", "support", "data", "files", "factories", "cassettes", "snapshots", "dummy"];
/// What lies in `spec` elsewhere beside tests: specifications of interfaces, which are no tests.
const DOCUMENTS: [&str; 12] =
    ["yaml", "yml", "json", "md", "adoc", "rst", "txt", "xml", "proto", "graphql", "html", "pdf"];

/// Whether a file of a language whose runner we do not know is named as a test.
pub(super) fn is_named_as_test(path: &str) -> bool {
    let Some((stem, extension)) = file_name(path).rsplit_once('.') else { return false };
    if ALWAYS.contains(&extension) {
        return true;
    }
    let is_named = || {
        // `Test.java` and `spec.rb` alone are names of things, not of their tests.
        ENDS.iter().any(|end| stem.len() > end.len() && stem.ends_with(end))
            || ["test_", "test-"].iter().any(|start| stem.starts_with(start))
    };
    // `src/main/java/shop/LoadTest.java` is code: its tests are under `src/test`.
    LANGUAGES.contains(&extension) && is_named() && !path.contains("src/main/")
}

/// Whether a file lies in a folder that is kept for tests, or is a snapshot that tests compare with.
pub(super) fn is_kept_for_tests(path: &str) -> bool {
    path.ends_with(".snap")
        || folders(path).any(|folder| FOLDERS.contains(&folder) || is_project_of_tests(folder))
        || is_source_set(path)
        || is_in_spec(path)
}

/// `Shop.Tests`, `Shop.UnitTests`, `ShopUITests`: C# and Swift keep the tests of a project in a project beside it.
fn is_project_of_tests(folder: &str) -> bool {
    [".Test", "Tests"].iter().any(|end| folder.len() > end.len() && folder.ends_with(end))
}

/// `src/integrationTest/resources`, `app/src/androidTest`: Gradle's sets of sources for tests.
fn is_source_set(path: &str) -> bool {
    let mut pairs = path.split('/').zip(path.split('/').skip(1));
    pairs.any(|(above, folder)| {
        above == "src" && (folder == "testFixtures" || (folder.len() > 4 && folder.ends_with("Test")))
    })
}

/// RSpec, Jasmine, busted and others keep tests in `spec`, with their helpers and data.
fn is_in_spec(path: &str) -> bool {
    let mut parts = path.split('/');
    // `src/spec/` is code about specifications.
    if !parts.by_ref().take_while(|part| !CODE.contains(part)).any(|part| SPECS.contains(&part)) {
        return false;
    }
    let extension = file_name(path).rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_document = DOCUMENTS.contains(&extension);
    // `spec/openapi.yaml` describes an interface, and production reads it.
    parts.clone().next().is_some() && (!is_document || parts.any(|part| DATA.contains(&part)))
}
