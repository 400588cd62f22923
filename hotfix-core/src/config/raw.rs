//! `hotfix.toml` as text: its keys and values with their lines. An unknown key is an error, and so is a damaged file.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::key::NamedKey;
use super::origin::ConfigOrigin;
use super::source::Given;
use super::value::Value;
use super::{ConfigError, ConfigProblem, key};

/// The key that is read before all others.
const REQUIRES: (&str, &str) = ("hotfix", "requires");

/// All values of the file, in its order.
pub(super) fn parse(file: &str, text: &str) -> Result<Vec<Given>, ConfigError> {
    // Editors on Windows write a mark that TOML does not know.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let origin = |start: usize| ConfigOrigin::Repository { file: file.to_owned(), line: line_of(text, start) };
    let table = DeTable::parse(text).map_err(|error| ConfigError {
        key: super::FILE_NAME.to_owned(),
        origin: origin(error.span().map_or(0, |span| span.start)),
        problem: Box::new(ConfigProblem::Syntax(error.message().to_owned())),
    })?;
    check_version(table.get_ref(), &origin)?;
    let mut all = Vec::new();
    walk("", table.get_ref(), &origin, &mut all)?;
    // The first mistake is the topmost one: the parser's tables are ordered by name.
    all.sort_by_key(|(start, _)| *start);
    Ok(all.into_iter().map(|(_, given)| given).collect())
}

/// Checks `hotfix.requires` alone: a key that only newer versions know must not hide that this one is too old.
fn check_version(table: &DeTable<'_>, origin: &dyn Fn(usize) -> ConfigOrigin) -> Result<(), ConfigError> {
    let (section, name) = REQUIRES;
    let inner = table.get(section).and_then(|inner| inner.get_ref().as_table());
    let Some((name, value)) = inner.and_then(|inner| inner.get_key_value(name)) else { return Ok(()) };
    let wrong = |problem| ConfigError {
        key: format!("{section}.{}", name.get_ref()),
        origin: origin(name.span().start),
        problem: Box::new(problem),
    };
    read(value).versions().map(drop).map_err(wrong)
}

/// Collects the values of a table and of the tables in it, with where they start.
fn walk(
    section: &str,
    table: &DeTable<'_>,
    origin: &dyn Fn(usize) -> ConfigOrigin,
    all: &mut Vec<(usize, Given)>,
) -> Result<(), ConfigError> {
    for (name, value) in table {
        let start = name.span().start;
        let full =
            if section.is_empty() { name.get_ref().to_string() } else { format!("{section}.{}", name.get_ref()) };
        let wrong = |problem| ConfigError { key: full.clone(), origin: origin(start), problem: Box::new(problem) };
        // A dot inside a quoted name would pass for one between two.
        let key = if name.get_ref().contains('.') { None } else { NamedKey::find(&full) };
        match (key, value.get_ref()) {
            (Some(key), _) => all.push((start, Given { key, value: read(value), origin: origin(start) })),
            (None, value) if name.get_ref().contains('.') || !key::is_section(&full) => {
                return Err(unknown(&full, start, value, origin));
            }
            // `[severity.low]` alone would define a severity and say nothing of it.
            (None, DeValue::Table(inner)) if inner.is_empty() && !section.is_empty() => {
                return Err(wrong(ConfigProblem::Empty));
            }
            (None, DeValue::Table(inner)) => walk(&full, inner, origin, all)?,
            (None, _) => return Err(wrong(read(value).wrong("a table"))),
        }
    }
    Ok(())
}

/// The error of a key that nothing has; of an unknown table, that of the first key in it.
fn unknown(name: &str, start: usize, value: &DeValue<'_>, origin: &dyn Fn(usize) -> ConfigOrigin) -> ConfigError {
    let inner = match value {
        DeValue::Table(inner) => inner.iter().map(|(inner, _)| (inner.span().start, inner.get_ref())).min(),
        _ => None,
    };
    let (key, start) = match inner {
        Some((start, inner)) => (format!("{name}.{inner}"), start),
        None => (name.to_owned(), start),
    };
    ConfigError { problem: Box::new(key::unknown(&key)), origin: origin(start), key }
}

fn read(value: &Spanned<DeValue<'_>>) -> Value {
    match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        // `0o17` files is nobody's intention.
        DeValue::Integer(number) if number.radix() != 10 => Value::Other("a number that is not decimal"),
        DeValue::Integer(number) => Value::Number(number.as_str().to_owned()),
        DeValue::Float(_) => Value::Other("a fraction"),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(_) => Value::Other("a date"),
        DeValue::Table(_) => Value::Other("a table"),
        DeValue::Array(array) => {
            let texts: Option<Vec<String>> =
                array.iter().map(|element| element.get_ref().as_str().map(str::to_owned)).collect();
            texts.map_or(Value::Other("a list with something that is no text"), Value::List)
        }
    }
}

fn line_of(text: &str, start: usize) -> usize {
    text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1
}
