//! What a manifest of the fix says about tests, on the manifest of the base: else a test that needs a new development
//! dependency would not be built there.

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TableLike, Value};

/// The manifest of the base with the development dependencies and test targets of the fix; `None` where these are the same
/// or a side cannot be read.
pub(super) fn merge(base: &str, fix: &str) -> Option<String> {
    // Edited in place: comments and order of the base stay, so the difference is small.
    let mut merged: DocumentMut = base.parse().ok()?;
    let fix: DocumentMut = fix.parse().ok()?;
    take(merged.as_table_mut(), fix.as_table());
    let targets = fix.get("target").and_then(Item::as_table_like);
    for (name, of_fix) in targets.into_iter().flat_map(TableLike::iter) {
        let dev = of_fix.get("dev-dependencies").filter(|dev| !dev.is_none());
        if dev.is_some() {
            let targets = merged.entry("target").or_insert_with(|| Item::Table(implicit()));
            let targets = targets.as_table_like_mut()?;
            let of_base = targets.entry(name).or_insert_with(|| Item::Table(implicit())).as_table_like_mut()?;
            replace(of_base, "dev-dependencies", dev);
        }
    }
    // What development dependencies inherit.
    let inherited =
        fix.get("workspace").and_then(|workspace| workspace.get("dependencies")).and_then(Item::as_table_like);
    for (name, dependency) in inherited.into_iter().flat_map(TableLike::iter) {
        let workspace = merged.get_mut("workspace").and_then(|workspace| workspace.get_mut("dependencies"));
        // Only what is missing: another version of a known one would be a part of the fix.
        if let Some(known) = workspace.and_then(Item::as_table_like_mut).filter(|known| !known.contains_key(name)) {
            known.insert(name, dependency.clone());
        }
    }
    let text = merged.to_string();
    (text != base).then_some(text)
}

fn take(base: &mut Table, fix: &Table) {
    // Cargo reads both spellings.
    for key in ["dev-dependencies", "dev_dependencies", "test"] {
        replace(base, key, fix.get(key));
    }
}

/// Replaces a value where the other says something else, whatever its form.
fn replace(base: &mut dyn TableLike, key: &str, other: Option<&Item>) {
    let now = base.get(key).map(meaning);
    match other {
        // Reformatting alone would have Cargo build the base anew.
        Some(other) if now != Some(meaning(other)) => drop(base.insert(key, other.clone())),
        Some(_) => {}
        None => drop(base.remove(key)),
    }
}

fn implicit() -> Table {
    let mut table = Table::new();
    table.set_implicit(true);
    table
}

/// What an item says, without how it is written.
fn meaning(item: &Item) -> String {
    match item {
        Item::None => String::new(),
        Item::Value(value) => value_meaning(value),
        Item::Table(table) => table_meaning(table),
        Item::ArrayOfTables(tables) => {
            format!("[{}]", tables.iter().map(|table| table_meaning(table)).collect::<String>())
        }
    }
}

fn table_meaning(table: &dyn TableLike) -> String {
    let mut entries: Vec<String> = table.iter().map(|(key, item)| format!("{key}={},", meaning(item))).collect();
    // Order says nothing in TOML.
    entries.sort();
    format!("{{{}}}", entries.concat())
}

fn value_meaning(value: &Value) -> String {
    match value {
        Value::InlineTable(table) => table_meaning(table),
        Value::Array(values) => {
            format!("[{}]", values.iter().map(|value| value_meaning(value) + ",").collect::<String>())
        }
        Value::String(text) => format!("{:?}", text.value()),
        other => other.clone().decorated("", "").to_string(),
    }
}

/// The lock file of the base with the packages that only the fix has, so that a new development dependency is locked too.
pub(super) fn merge_lock(base: &str, fix: &str) -> Option<String> {
    let mut merged: DocumentMut = base.parse().ok()?;
    let fix: DocumentMut = fix.parse().ok()?;
    let packages = |lock: &DocumentMut| lock.get("package").and_then(Item::as_array_of_tables).cloned();
    let (old, new) = (packages(&merged)?, packages(&fix)?);
    let name = |package: &Table| package.get("name").and_then(Item::as_str).unwrap_or_default().to_owned();
    let has = |packages: &ArrayOfTables, wanted: &str| packages.iter().any(|package| name(package) == wanted);
    let added: Vec<&Table> = new.iter().filter(|package| !has(&old, &name(package))).collect();
    if added.is_empty() {
        return None;
    }
    let known = merged.get_mut("package").and_then(Item::as_array_of_tables_mut)?;
    // Those of the workspace depend on what was added; a crate of a registry never changes.
    for package in known.iter_mut().filter(|package| package.get("source").is_none()) {
        let own = name(package);
        let of_fix = new.iter().find(|other| name(other) == own && other.get("source").is_none());
        let wanted = of_fix.and_then(|other| other.get("dependencies")).and_then(Item::as_array);
        let is_added = |value: &&Value| {
            let wanted = value.as_str().and_then(|text| text.split(' ').next());
            added.iter().any(|package| Some(name(package).as_str()) == wanted)
        };
        let more: Vec<Value> = wanted.into_iter().flatten().filter(is_added).cloned().collect();
        if !more.is_empty() {
            let list =
                package.entry("dependencies").or_insert_with(|| Item::Value(Value::Array(toml_edit::Array::new())));
            list.as_array_mut()?.extend(more);
        }
    }
    added.into_iter().for_each(|package| known.push(package.clone()));
    Some(merged.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn development_dependencies_and_test_targets_come_along() {
        let base = "[package]\nname = \"x\"\nversion = \"1.0.0\" # of the base\n\n[dependencies]\na = \"1\"\n";
        let fix = "[package]\nname = \"x\"\nversion = \"1.0.1\"\n\n[dependencies]\na = \"2\"\nb = \"1\"\n\n[dev-dependencies]\nc = \"1\"\n\n[[test]]\nname = \"t\"\nharness = false\n\n[target.'cfg(unix)'.dev-dependencies]\nd = \"1\"\n";
        insta::assert_snapshot!(merge(base, fix).unwrap(), @r#"
        [package]
        name = "x"
        version = "1.0.0" # of the base

        [dependencies]
        a = "1"

        [dev-dependencies]
        c = "1"

        [[test]]
        name = "t"
        harness = false

        [target."cfg(unix)".dev-dependencies]
        d = "1"
        "#);
        assert_eq!(merge(base, &base.replace("a = \"1\"", "a = \"2\"")), None);
        let dev = "[dev-dependencies]\nc = \"1\"\n";
        assert_eq!(merge(dev, "[dev-dependencies]\n# why\nc = '1'\n"), None);
        assert_eq!(merge("[", base), None);
    }

    #[test]
    fn packages_of_the_fix_are_locked() {
        let base = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"r\"\n\n[[package]]\nname = \"x\"\nversion = \"1.0.0\"\ndependencies = [\n \"a\",\n]\n";
        let fix = base.replace("1.0.0\"\nsource", "1.0.1\"\nsource").replace(" \"a\",\n", " \"a\",\n \"c\",\n")
            + "\n[[package]]\nname = \"c\"\nversion = \"2.0.0\"\nsource = \"r\"\n";
        let merged = merge_lock(base, &fix).unwrap();
        assert!(
            merged.contains("name = \"c\"")
                && merged.contains("\"c\"")
                && merged.contains("version = \"1.0.0\"\nsource")
        );
        assert_eq!(merge_lock(base, base), None);
    }
}
