//! `hotfix.toml` as text: its keys and values with their lines. An unknown key is an error, and so is a damaged file.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Place, nearest};
use super::key::{KEYS, Key};
use super::source::Given;
use super::value::Value;
use super::{ConfigError, Problem};

/// All values of the file, in its order.
pub(super) fn parse(file: &str, text: &str) -> Result<Vec<Given>, ConfigError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let place = |start: usize| Place::Repository { file: file.to_owned(), line: line_of(text, start) };
    let table = DeTable::parse(text).map_err(|error| ConfigError {
        key: super::FILE_NAME.to_owned(),
        place: place(error.span().map_or(0, |span| span.start)),
        problem: Box::new(Problem::Syntax(error.message().to_owned())),
    })?;
    let mut all = Vec::new();
    for (section, values) in table.get_ref() {
        let DeValue::Table(values) = values.get_ref() else {
            return Err(unknown(section.get_ref(), place(section.span().start)));
        };
        if values.is_empty() && !KEYS.iter().any(|key| key.section() == section.get_ref()) {
            return Err(unknown(section.get_ref(), place(section.span().start)));
        }
        for (name, value) in values {
            let (full, place) = (format!("{}.{}", section.get_ref(), name.get_ref()), place(name.span().start));
            let key = KEYS.iter().find(|key| key.name == full).ok_or_else(|| unknown(&full, place.clone()))?;
            all.push((name.span().start, Given { key, value: read(value), place }));
        }
    }
    all.sort_by_key(|(start, _)| *start);
    Ok(all.into_iter().map(|(_, given)| given).collect())
}

fn unknown(key: &str, place: Place) -> ConfigError {
    let sections = KEYS.iter().map(Key::section);
    let nearest = nearest(key, KEYS.iter().map(|key| key.name).chain(sections));
    ConfigError { key: key.to_owned(), place, problem: Box::new(Problem::UnknownKey { nearest }) }
}

fn read(value: &Spanned<DeValue<'_>>) -> Value {
    match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) if number.radix() != 10 => Value::Other("a number that is not decimal"),
        DeValue::Integer(number) => Value::Number(number.as_str().to_owned()),
        DeValue::Float(_) => Value::Other("a fraction"),
        DeValue::Boolean(_) => Value::Other("true or false"),
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
