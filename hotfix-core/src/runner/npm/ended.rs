//! Whether the test tools of JavaScript came to the end of their report.

use crate::domain::file_name;

use super::super::WATCH;
use super::results;

/// Programs that start another: a tool is looked for in all that they are given.
const STARTERS: [&str; 10] = ["npx", "npm", "pnpm", "yarn", "bunx", "node", "cross-env", "c8", "nyc", "env"];

/// What never came to its end: a file that node's own runner says nothing of, or the tool as a whole.
pub(super) fn unfinished(command: &[String], output: &str) -> Option<String> {
    if let Some(file) = cut_short(output) {
        return Some(file);
    }
    let tool = tool_of(command).or_else(|| told_by_manager(command, output))?;
    // All of these print totals at their end; without one something cut them short.
    results::counts(output).is_none().then(|| tool.to_owned())
}

/// The test file that [`WATCH`] saw end too soon.
pub(super) fn cut_short(output: &str) -> Option<String> {
    let said = output.lines().find_map(|line| {
        let line = line.trim_start().trim_start_matches("# ");
        line.strip_prefix(WATCH.says_before)?.strip_suffix(WATCH.says_after)
    });
    said.map(str::to_owned)
}

/// The test tool that a command starts.
fn tool_of(command: &[String]) -> Option<&'static str> {
    let is_around =
        |word: &&String| *word == "env" || word.split_once('=').is_some_and(|(name, _)| !name.contains('-'));
    let words: Vec<&str> = command.iter().skip_while(is_around).map(String::as_str).collect();
    let program = file_name(words.first()?);
    let is_node = |word: &str| matches!(file_name(word), "node" | "tsx");
    let tool = |word: &&str| match file_name(word) {
        "jest" | "jest.js" => Some("jest"),
        "vitest" | "vitest.mjs" => Some("vitest"),
        "mocha" | "_mocha" | "mocha.js" => Some("mocha"),
        _ => None,
    };
    // Before the names: `node --test` may load a file called jest.
    if words.iter().any(|word| is_node(word)) && words.contains(&"--test") {
        return Some("node --test");
    }
    match STARTERS.contains(&program) {
        // Only names of programs: a file or folder may be called so too.
        true => words
            .iter()
            .filter(|word| !word.contains('/') || word.contains("/bin/") || word.contains(".bin/"))
            .find_map(tool),
        false => words.first().and_then(tool),
    }
}

/// The tool of a script, which the package manager prints before it starts it: `> jest --ci`, `$ jest --ci`.
fn told_by_manager(command: &[String], output: &str) -> Option<&'static str> {
    let is_manager = command.iter().any(|word| matches!(word.as_str(), "npm" | "pnpm" | "yarn"));
    let scripts = output.lines().filter(|_| is_manager);
    let scripts = scripts.filter_map(|line| line.strip_prefix("> ").or_else(|| line.strip_prefix("$ ")));
    let commands = scripts.flat_map(|script| script.split("&&")).filter_map(|script| shell_words::split(script).ok());
    commands.into_iter().find_map(|words| tool_of(&words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_tool_that_says_no_total_was_cut_short() {
        for (command, output, tool) in [
            ("node_modules/.bin/jest --findRelatedTests a.js", "", "jest"),
            ("env CI=1 node_modules/.bin/mocha --reporter=tap a.js", "ok 1 a\n", "mocha"),
            ("npx vitest run", "RUN v2\n", "vitest"),
            ("node --import tsx --test a.js", "TAP version 13\n", "node --test"),
            ("npm test", "> shop@1.0.0 test\n> eslint . && cross-env CI=1 mocha\n\n  \u{2714} a\n", "mocha"),
            ("yarn test", "yarn run v1\n$ jest\n", "jest"),
            ("node --experimental-vm-modules node_modules/jest/bin/jest.js", "", "jest"),
        ] {
            assert_eq!(unfinished(&words(command), output).as_deref(), Some(tool), "{command}");
            let done = format!("{output}\n# tests 1\n# pass 1\n");
            assert_eq!(unfinished(&words(command), &done), None, "{command}");
        }
        for command in ["sh test/jest", "python3 -m pytest tests/mocha", "npm test", "node tests/jest"] {
            assert_eq!(unfinished(&words(command), "all is well\n"), None, "{command}");
        }
    }

    #[test]
    fn the_file_that_ended_is_named() {
        let output = format!(
            "ok 1 - a\n# {}test/cart.test.js{}\n# tests 2\n# pass 1\n# fail 1\n",
            WATCH.says_before, WATCH.says_after
        );
        assert_eq!(unfinished(&words("npm test"), &output).unwrap(), "test/cart.test.js");
        assert_eq!(cut_short("# tests 2\n"), None);
    }
}
