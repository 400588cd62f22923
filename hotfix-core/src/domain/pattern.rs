//! Names by pattern: `release/*`, `v*`.

/// Whether a name is as the pattern says, in which one `*` stands for anything.
pub fn matches_pattern(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        // On what remains, so that `a*a` does not take `a`.
        Some((start, end)) => name.strip_prefix(start).is_some_and(|rest| rest.ends_with(end)),
        None => name == pattern,
    }
}

/// Whether a word is one of those in a list, which spaces part.
pub fn is_among(words: &str, word: &str) -> bool {
    words.split(' ').any(|known| known == word)
}

/// The last part of a path.
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_and_a_name_for_itself() {
        let all = [("main", "main"), ("release/*", "release/1.0"), ("v*", "v"), ("v*-fix", "v1-fix"), ("*", "main")];
        assert!(all.iter().all(|(pattern, name)| matches_pattern(pattern, name)));
        let none = [("main", "main2"), ("release/*", "release"), ("v*-fix", "v-fi"), ("a*a", "a")];
        assert!(!none.iter().any(|(pattern, name)| matches_pattern(pattern, name)));
    }
}
