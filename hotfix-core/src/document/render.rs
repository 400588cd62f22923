//! Strict, bounded rendering: an undefined name is an error, and everything printed is escaped for its format.

use std::cell::RefCell;

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, syntax::SyntaxConfig};

use serde::Serialize;

use crate::domain::one_line;

use super::{Template, escape};

/// Bounds the work of a template; the longest document of an incident with 10,000 events takes a tenth.
// A template with a loop that never ends must end.
const FUEL: u64 = 10_000_000;
/// The name of the format that `.md` templates are escaped for.
const MARKDOWN: &str = "markdown";
/// The longest first line of a commit message, in characters.
const MAX_SUBJECT: usize = 72;

/// A document that could not be rendered.
#[derive(Debug, thiserror::Error)]
#[error("failed to render the document template `{template}`: {source}")]
pub struct RenderError {
    /// The template's name.
    pub template: &'static str,
    /// Why.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

pub(super) fn render(template: Template, view: &impl Serialize) -> Result<String, RenderError> {
    let rendered = ENVIRONMENT.with_borrow_mut(|kept| {
        let environment = match kept {
            Some(environment) => environment,
            None => kept.insert(environment()?),
        };
        let known = environment.get_template(template.name);
        if !known.is_ok_and(|known| known.source() == template.source) {
            environment.add_template(template.name, template.source)?;
        }
        environment.get_template(template.name)?.render(Value::from(Serde(view)))
    });
    let failed = |error: Error| RenderError { template: template.name, source: Box::new(error) };
    rendered.map(collapse_blank_lines).map_err(failed)
}

thread_local! {
    /// With the templates that were rendered: to complete a postmortem renders one dozens of times.
    static ENVIRONMENT: RefCell<Option<Environment<'static>>> = const { RefCell::new(None) };
}

fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    // A typo in a template would print nothing, in the one document that is read afterwards.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_auto_escape_callback(|name| match name.ends_with(".md") {
        true => AutoEscape::Custom(MARKDOWN.into()),
        false => AutoEscape::None,
    });
    environment.set_formatter(print);
    environment.add_filter("block", |text: &str| Value::from_safe_string(escape::block(text)));
    environment.add_filter("cell", |text: &str| Value::from_safe_string(escape::cell(text)));
    environment.add_filter("code", |text: &str| Value::from_safe_string(escape::code(text)));
    environment.add_filter("fenced", |text: &str| Value::from_safe_string(escape::fenced(text)));
    environment.add_filter("subject", |text: &str| Value::from_safe_string(escape::commit_line(text, MAX_SUBJECT)));
    environment.add_filter("message", |text: &str| Value::from_safe_string(escape::commit_line(text, usize::MAX)));
    Ok(environment)
}

/// Prints a value of a template on one line, escaped unless a filter did so already.
fn print(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    // minijinja prints `none` for what is absent.
    if value.is_undefined() || value.is_none() {
        return Err(Error::new(ErrorKind::UndefinedError, "a template printed a value that is absent"));
    }
    let text = match value.as_str() {
        Some(text) if value.is_safe() => text.to_owned(),
        _ => match state.auto_escape() {
            AutoEscape::Custom(name) if name == MARKDOWN => escape::prose(&value.to_string()),
            _ => one_line(&value.to_string()),
        },
    };
    out.write_str(&text).map_err(Error::from)
}

/// Collapses runs of blank lines outside fences, which conditions in templates leave, and ends the text with one newline.
fn collapse_blank_lines(text: String) -> String {
    let mut collapsed = String::with_capacity(text.len());
    let mut blank_lines = 0;
    // Blank lines of a log are content.
    let mut fence: Option<&str> = None;
    for line in text.trim().lines() {
        match fence {
            Some(open) if line == open => fence = None,
            None if line.starts_with("```") => fence = Some(line.trim_end_matches("text")),
            _ => {}
        }
        blank_lines = if line.trim().is_empty() { blank_lines + 1 } else { 0 };
        if blank_lines < 2 || fence.is_some() {
            collapsed.push_str(line);
            collapsed.push('\n');
        }
    }
    collapsed
}

#[cfg(test)]
mod tests {
    use crate::domain::Severities;

    use super::*;
    use crate::document::fixture::{BENIGN, Story, at};
    use crate::document::{Evidence, MAX_TEXT, view};

    fn failure(name: &'static str, source: &'static str) -> String {
        let view = view::of(
            &Story::minimal(BENIGN).incident(),
            &Evidence::default(),
            &Severities::default(),
            at(60),
            MAX_TEXT,
        );
        render(Template { name, source }, &view).unwrap_err().to_string()
    }

    #[test]
    fn templates_are_strict_and_bounded() {
        assert!(failure("typo.md", "\n{{ titel }}").contains("undefined value (in typo.md:2)"));
        assert!(failure("absent.md", "{{ impact }}").contains("a template printed a value that is absent"));
        assert!(failure("escape.md", "{% include \"../../../etc/passwd\" %}").contains("template not found"));
        let endless = "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}";
        assert!(failure("endless.md", endless).contains("out of fuel"));
    }
}
