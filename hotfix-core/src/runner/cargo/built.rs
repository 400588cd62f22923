//! What a build prints for programs (`--message-format=json`), what test programs list, and what the compiler notes of sources.

use serde::Deserialize;

/// A test program that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltTest {
    /// The program, absolute.
    pub executable: String,
    /// The folder of its package, absolute.
    pub folder: String,
    /// Whether it is a library's, a program's, …: Cargo's word.
    pub kind: String,
    /// The name of its target.
    pub name: String,
    /// The source that it begins with, absolute.
    pub source: String,
    /// What the package's build script left, absolute; absent where it has none.
    pub out_dir: Option<String>,
}

/// What came of a build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Built {
    /// The test programs.
    pub tests: Vec<BuiltTest>,
    /// The compiler's errors as people read them, the first one first.
    pub errors: Vec<String>,
    /// Whether there are errors, and all of them are lints that something denies: with lints capped it can be built.
    pub is_only_lints: bool,
}

/// Reads the messages of a build; lines that are no messages are left out.
pub fn artifacts(messages: &str) -> Built {
    let mut built = Built::default();
    let (mut lints, mut others) = (0, 0);
    let mut out_dirs: Vec<(String, String)> = Vec::new();
    // Build scripts print on the same stream, and theirs are not JSON.
    for line in messages.lines().filter(|line| line.starts_with('{')) {
        match serde_json::from_str(line) {
            Ok(Message::Artifact { package_id, manifest_path, target, profile, executable: Some(executable) })
                if profile.test =>
            {
                let folder = manifest_path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
                // A library lists several (`rlib`, `cdylib`); all of them are one test program.
                let kind = target.kind.into_iter().next().unwrap_or_default();
                let out_dir = out_dirs.iter().find(|(package, _)| *package == package_id).map(|(_, dir)| dir.clone());
                let source = target.src_path;
                built.tests.push(BuiltTest { executable, folder, kind, name: target.name, source, out_dir });
            }
            Ok(Message::BuildScript { package_id, out_dir }) => out_dirs.push((package_id, out_dir)),
            Ok(Message::Compiler { message }) if message.level == "error" => {
                // rustc ends with a summary that has no code; it must not count as an error of its own.
                let is_summary = message.code.is_none() && message.message.starts_with("aborting due to");
                match &message.code {
                    Some(code) if !code.is_of_an_error() => lints += 1,
                    None if is_summary => {}
                    _ => others += 1,
                }
                built.errors.extend((!is_summary).then(|| message.rendered.unwrap_or(message.message)));
            }
            _ => {}
        }
    }
    // A crate that denies warnings breaks with each newer compiler, which says nothing of the fix.
    built.is_only_lints = lints > 0 && others == 0;
    built
}

#[derive(Deserialize)]
#[serde(tag = "reason")]
enum Message {
    #[serde(rename = "compiler-artifact")]
    Artifact {
        package_id: String,
        manifest_path: String,
        target: BuiltTarget,
        profile: BuiltProfile,
        executable: Option<String>,
    },
    #[serde(rename = "build-script-executed")]
    BuildScript { package_id: String, out_dir: String },
    #[serde(rename = "compiler-message")]
    Compiler { message: Diagnostic },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct BuiltTarget {
    kind: Vec<String>,
    name: String,
    src_path: String,
}

#[derive(Deserialize)]
struct BuiltProfile {
    test: bool,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    message: String,
    code: Option<CompilerCode>,
    rendered: Option<String>,
}

#[derive(Deserialize)]
struct CompilerCode {
    code: String,
}

impl CompilerCode {
    /// `E0425`, and not the name of a lint such as `unused_variables`.
    fn is_of_an_error(&self) -> bool {
        self.code.strip_prefix('E').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

/// The tests that a test program lists (`--list --format terse`).
pub fn listed(output: &str) -> Vec<String> {
    output.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect()
}

/// The sources that a program is built of, by what the compiler noted beside it (its `.d` file), as written there.
pub fn sources(dep_info: &str) -> Vec<String> {
    // The first rule has all of them; the empty rules below it are for make alone.
    let Some((_, rest)) = dep_info.lines().next().and_then(|line| line.split_once(": ")) else { return Vec::new() };
    let mut sources = Vec::new();
    let mut source = String::new();
    let mut characters = rest.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            // make's escape: a path with a blank is written with a backslash.
            '\\' if characters.peek() == Some(&' ') => source.extend(characters.next()),
            ' ' => sources.push(std::mem::take(&mut source)),
            _ => source.push(character),
        }
    }
    sources.push(source);
    sources.retain(|source| !source.is_empty());
    sources
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_programs_and_errors_are_found_among_the_messages() {
        let messages = [
            r#"{"reason":"build-script-executed","package_id":"p","linked_libs":[],"out_dir":"/t/out"}"#,
            r#"{"reason":"compiler-artifact","package_id":"p","manifest_path":"/shop/Cargo.toml","target":{"kind":["lib"],"name":"shop","src_path":"/shop/src/lib.rs"},"profile":{"test":false},"executable":null}"#,
            r#"{"reason":"compiler-artifact","package_id":"p","manifest_path":"/shop/Cargo.toml","target":{"kind":["test"],"name":"it","src_path":"/shop/tests/it.rs"},"profile":{"test":true},"executable":"/t/it-1"}"#,
            r#"{"reason":"compiler-message","message":{"level":"warning","message":"unused","code":null,"rendered":"warning"}}"#,
            r#"{"reason":"compiler-message","message":{"level":"error","message":"no","code":{"code":"E0425"},"rendered":"error[E0425]: no\n"}}"#,
            r#"{"reason":"compiler-message","message":{"level":"error","message":"aborting due to 1 previous error","code":null,"rendered":"x"}}"#,
            r#"{"reason":"build-finished","success":false}"#,
            "something else",
        ];
        let built = artifacts(&messages.join("\n"));
        assert_eq!(built.errors, ["error[E0425]: no\n"]);
        let [test] = built.tests.as_slice() else { panic!("there is one") };
        assert_eq!(
            (test.name.as_str(), test.folder.as_str(), test.out_dir.as_deref()),
            ("it", "/shop", Some("/t/out"))
        );
    }

    #[test]
    fn lints_that_are_denied_are_told_from_errors() {
        let error = |code: &str| {
            format!(
                r#"{{"reason":"compiler-message","message":{{"level":"error","message":"no","code":{code},"rendered":"x"}}}}"#
            )
        };
        let lint = error(r#"{"code":"unused_variables","explanation":null}"#);
        let is_only_lints = |lines: &[&str]| artifacts(&lines.join("\n")).is_only_lints;
        let summary = error("null").replace(r#""message":"no""#, r#""message":"aborting due to 1 previous error""#);
        assert!(is_only_lints(&[&lint]) && is_only_lints(&[&lint, &summary]));
        assert!(!is_only_lints(&[]) && !is_only_lints(&[&lint, &error(r#"{"code":"E0425"}"#)]));
        assert!(!is_only_lints(&[&lint, &error("null")]), "what the parser says has no code");
    }

    #[test]
    fn lists_and_notes_are_read() {
        assert_eq!(listed("a::b: test\nbench: benchmark\n\n2 tests, 1 benchmark\n"), ["a::b"]);
        assert_eq!(sources("/t/deps/x.d: src/lib.rs src/my\\ file.rs\n\n/t/x: y\n"), ["src/lib.rs", "src/my file.rs"]);
        assert_eq!(sources(""), Vec::<String>::new());
    }
}
