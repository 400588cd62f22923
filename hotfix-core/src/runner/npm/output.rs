//! What the test tools of JavaScript say of failures.

/// How much of a failure is kept, in lines.
const MOST_LINES: usize = 12;

/// Whether tests could not be loaded: a module, an export or the syntax of a file is not there.
pub(super) fn is_build_failure(output: &str) -> bool {
    // Node, bundlers and TypeScript each have words of their own, and none of them an exit code for it.
    const SIGNS: [&str; 11] = [
        "Cannot find module",
        "Cannot find package",
        "ERR_MODULE_NOT_FOUND",
        "does not provide an export named",
        "Failed to load url",
        "Failed to resolve import",
        "Transform failed with",
        "error TS",
        "TSError:",
        "Missing semicolon",
        "No matching export in",
    ];
    output.lines().any(|line| {
        // `JSON.parse` throws a SyntaxError at run time: that may be the bug itself.
        SIGNS.iter().any(|sign| line.contains(sign)) || (line.contains("SyntaxError: ") && !line.contains("JSON"))
    })
}

/// How many failures are calls of what was imported and is not there.
pub(super) fn missing_calls(output: &str) -> u32 {
    let calls = before_the_repetition(output).lines().filter(|line| {
        let message = ["TypeError: ", "TypeError [Error]: ", "error: '"]
            .iter()
            .find_map(|start| line.split_once(start).map(|(_, message)| message));
        let callee = message.and_then(|message| {
            let (callee, rest) = message.split_once(" is not a ")?;
            (rest.starts_with("function") || rest.starts_with("constructor")).then_some(callee)
        });
        callee.is_some_and(is_imported)
    });
    u32::try_from(calls.count()).unwrap_or(u32::MAX)
}

/// `coupon`, or `(0 , _cart.coupon)` as compilers write an import; but not `cart.items.map`, which may be the bug itself.
fn is_imported(callee: &str) -> bool {
    let is_name = |text: &str| {
        !text.is_empty() && text.chars().all(|character| character.is_alphanumeric() || matches!(character, '_' | '$'))
    };
    let compiled = callee.strip_prefix("(0").and_then(|rest| rest.strip_suffix(')'));
    match compiled.and_then(|rest| rest.trim_start().strip_prefix(',')) {
        Some(path) => path.trim().split('.').all(is_name),
        None => is_name(callee),
    }
}

/// The first failure in its own words, without the stack.
pub(super) fn failure_of(output: &str) -> Option<String> {
    let lines: Vec<&str> = before_the_repetition(output).lines().collect();
    // jest repeats the error inside of a block; the block's head has the test's name.
    let of_jest = lines.iter().position(|line| line.starts_with("  ● ") && !line.ends_with("Console"));
    let first = of_jest.or_else(|| lines.iter().position(|line| is_error(line)))?;
    let is_end = |line: &str| {
        let line = line.trim_start();
        // Where the stack begins the words are over.
        line.starts_with("at ") || line.starts_with("❯") || line.starts_with("stack:") || is_code_frame(line)
    };
    let told = lines.iter().skip(first).take_while(|line| !is_end(line)).filter(|line| !line.trim().is_empty());
    let told: Vec<&str> =
        told.take(MOST_LINES).map(|line| line.trim_end().trim_start_matches("# ").trim_start()).collect();
    (!told.is_empty()).then(|| told.join("\n"))
}

/// `AssertionError [ERR_ASSERTION]: 0 == 90`, `error: '0 == 90'`.
fn is_error(line: &str) -> bool {
    let line = line.trim_start().trim_start_matches("# ");
    // TAP's own summary of a suite says no more than that a subtest failed.
    if line.starts_with("error: ") {
        return !line.contains("subtest");
    }
    let Some((name, _)) = line.split_once(": ") else { return false };
    let name = name.split(" [").next().unwrap_or_default();
    name.ends_with("Error") && name.chars().all(char::is_alphanumeric)
}

/// `> 4 |   expect(total).toBe(90)`
fn is_code_frame(line: &str) -> bool {
    let line = line.trim_start_matches('>').trim_start();
    let rest = line.trim_start_matches(|character: char| character.is_ascii_digit());
    rest.len() < line.len() && rest.trim_start().starts_with('|')
}

/// Node says all failures once more at the end.
fn before_the_repetition(output: &str) -> &str {
    output.split("✖ failing tests:").next().unwrap_or(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_loaded_is_told_from_what_fails() {
        for output in [
            "    Cannot find module '../src/nope' from 'jest/bad.test.js'\n",
            "# SyntaxError: The requested module '../src/cart.mjs' does not provide an export named 'nope'\n",
            "Error: Failed to load url ../src/nope.mjs (resolved id: ../src/nope.mjs) in /shop/vi/bad.test.mjs.\n",
            "test/cart.test.ts:3:10 - error TS2339: Property 'coupon' does not exist\n",
        ] {
            assert!(is_build_failure(output), "{output}");
        }
        for output in ["AssertionError: 0 == 90\n", "SyntaxError: Unexpected token < in JSON at position 0\n", ""] {
            assert!(!is_build_failure(output), "{output}");
        }
    }

    #[test]
    fn calls_of_what_is_not_imported_are_counted() {
        let output = "TypeError: coupon is not a function\nTypeError: (0 , _cart.coupon) is not a function\n  error: 'Coupon is not a constructor'\nTypeError: items.map is not a function\nTypeError: x is not iterable\n✖ failing tests:\nTypeError: coupon is not a function\n";
        assert_eq!(missing_calls(output), 3);
    }

    #[test]
    fn a_failure_is_told_without_its_stack() {
        let jest = "FAIL test/cart.test.js\n  ✕ new\n\n  ● Console\n\n  ● cart › coupon\n\n    expect(received).toBe(expected) // Object.is equality\n\n    Expected: 90\n    Received: 0\n\n       2 | describe('cart', () => {\n    > 4 |   test('coupon')\n";
        insta::assert_snapshot!(failure_of(jest).unwrap(), @"
        ● cart › coupon
        expect(received).toBe(expected) // Object.is equality
        Expected: 90
        Received: 0
        ");
        let mocha = "not ok 3 cart coupon\n  0 == 90\n  AssertionError [ERR_ASSERTION]: 0 == 90\n      at Context.<anonymous> (mo/cart.js:5:59)\n";
        assert_eq!(failure_of(mocha).unwrap(), "AssertionError [ERR_ASSERTION]: 0 == 90");
        assert_eq!(failure_of("all is well\n"), None);
    }
}
