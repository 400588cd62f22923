//! Paths as people read and type them: a few by their names, many by their folders.

use std::collections::BTreeSet;

use crate::domain::one_line;

/// So many are named one by one.
const MOST: usize = 5;

/// Paths for a sentence: five names, and where the others are.
pub(crate) fn listed(paths: &[String]) -> String {
    let names: Vec<String> = paths.iter().take(MOST).map(|path| one_line(path)).collect();
    let rest = paths.get(MOST..).unwrap_or_default();
    let names = names.join(", ");
    if rest.is_empty() {
        return names;
    }
    let holding: Vec<String> = folders(rest).iter().map(|folder| one_line(folder)).collect();
    format!("{names} and {} more in {}", rest.len(), holding.join(", "))
}

/// Paths for a command line: up to five files, else the folders that hold them.
pub(crate) fn arguments(paths: &[String]) -> String {
    // A name that is no UTF-8 cannot be typed as it is shown; its folder can.
    let is_typed = |path: &String| !path.contains(char::REPLACEMENT_CHARACTER);
    let all = if paths.len() <= MOST && paths.iter().all(is_typed) { paths.to_vec() } else { folders(paths) };
    // Git and test runners would take `-x` for an option.
    let safe = |path: &String| if path.starts_with('-') { format!("./{path}") } else { path.clone() };
    shell_words::join(all.iter().map(safe))
}

/// These files, or where there are many, the folders that hold them.
pub(crate) fn few(paths: &[String]) -> Vec<String> {
    if paths.len() <= MOST {
        return paths.to_vec();
    }
    folders(paths).into_iter().map(|name| if paths.contains(&name) { name } else { format!("{name}/") }).collect()
}

/// The folders that hold these files, with files at the top by their names; no more than a few.
fn folders(paths: &[String]) -> Vec<String> {
    let folders: BTreeSet<&str> = paths.iter().map(|path| path.rsplit_once('/').map_or(&**path, |it| it.0)).collect();
    // What lies in a folder that is named is named with it.
    let is_inside = |folder: &str, other: &str| folder.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'));
    let outer = folders.iter().filter(|folder| !folders.iter().any(|other| is_inside(folder, other)));
    let outer: Vec<String> = outer.map(|folder| (*folder).to_owned()).collect();
    if outer.len() <= MOST {
        return outer;
    }
    let first = |path: &String| path.split('/').next().unwrap_or_default().to_owned();
    let tops: BTreeSet<String> = paths.iter().map(first).collect();
    tops.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_are_named_and_many_by_their_folder() {
        let check = |paths: &[&str], said: &str, typed: &str| {
            let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
            assert_eq!((listed(&paths).as_str(), arguments(&paths).as_str()), (said, typed));
        };
        check(&["src/three.rs"], "src/three.rs", "src/three.rs");
        check(&["a b.js", "-x.js"], "a b.js, -x.js", "'a b.js' ./-x.js");
        let six = ["src/a.rs", "src/b.rs", "src/c.rs", "src/d.rs", "src/e.rs", "src/deep/f.rs"];
        check(&six, "src/a.rs, src/b.rs, src/c.rs, src/d.rs, src/e.rs and 1 more in src/deep", "src");
        let wide = ["a/a/1.rs", "a/b/1.rs", "a/c/1.rs", "a/d/1.rs", "a/e/1.rs", "b/f/1.rs", "top.rs"];
        check(&wide, "a/a/1.rs, a/b/1.rs, a/c/1.rs, a/d/1.rs, a/e/1.rs and 2 more in b/f, top.rs", "a b top.rs");
        check(&["src/caf\u{fffd}.js"], "src/caf\u{fffd}.js", "src");
    }
}
