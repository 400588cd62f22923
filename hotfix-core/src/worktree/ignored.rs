//! What git ignores in a work tree that is to be removed: `git worktree remove` takes it along without a word.

use std::path::Path;

use crate::domain::one_line;
use crate::port::IgnoredEntry;
use crate::runner;
use crate::workflow::{Context, Result};

/// So many files are named.
const NAMED: usize = 3;

/// The ignored files of the work tree at `path` that nobody can make again, as people read them; `None` without any.
/// What runners build or install may go, and so may links to it.
pub(crate) fn would_be_lost(context: &Context<'_>, path: &str) -> Result<Option<String>> {
    let entries = context.look.git.ignored_in(Path::new(path))?;
    let links = &context.config.test.link;
    let lost: Vec<&str> =
        entries.iter().filter(|entry| !can_be_made_again(entry, links)).map(|entry| entry.path.as_str()).collect();
    if lost.is_empty() {
        return Ok(None);
    }
    let mut named: Vec<String> = lost.iter().take(NAMED).map(|path| one_line(path)).collect();
    if lost.len() > NAMED {
        named.push(format!("{} more", lost.len() - NAMED));
    }
    Ok(Some(named.join(", ")))
}

fn can_be_made_again(entry: &IgnoredEntry, links: &[String]) -> bool {
    let is_built = |name: &str| runner::builds().any(|built| built == name);
    let mut parts: Vec<&str> = entry.path.trim_end_matches('/').split('/').collect();
    let last = if entry.path.ends_with('/') { None } else { parts.pop() };
    parts.into_iter().any(is_built) || entry.is_link && (last.is_some_and(is_built) || links.contains(&entry.path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_runners_make_can_be_made_again() {
        let goes = |path: &str, is_link| {
            can_be_made_again(&IgnoredEntry { path: path.to_owned(), is_link }, &["data/models".to_owned()])
        };
        for path in ["target/", "web/node_modules/", "shop/__pycache__/cart.pyc", ".venv/", ".pytest_cache/", "build/"]
        {
            assert!(goes(path, false), "{path}");
        }
        assert!(goes("node_modules", true) && goes("data/models", true));
        for path in [".env", "secrets/", "notes/target", "target", "data/models", "node_modules.txt", "dump.sql"] {
            assert!(!goes(path, false), "{path}");
        }
        assert!(!goes("shortcut", true));
    }
}
