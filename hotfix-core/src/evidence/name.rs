//! Which names are those of secrets: `DB_PASSWORD`, `clientSecret`, `x-api-key`; not `token_count`.

use crate::domain::is_among;

/// What a name says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SecretKind {
    Password,
    Token,
    Key,
    Session,
    Authorization,
    Cookie,
}

impl SecretKind {
    /// The rule that is named in place of the value.
    pub(super) fn rule(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Token => "token",
            Self::Key => "api-key",
            Self::Session => "session",
            Self::Authorization => "authorization",
            Self::Cookie => "cookie",
        }
    }
}

/// Last words of names that tell something about a secret, but not the secret.
// `token_count=3` and `password_file=/run/x` are what an incident is about.
const ABOUT: &str = "\
    age algorithm at attempts budget column count counts dir enabled endpoint env error expired expires \
    expiration expiry field file format group id index kind len length limit limits line max min name namespace \
    path policy position provider reset service size status store strength timeout ttl type uri url usage used \
    version";
/// Ends of words that are written together: `PGPASSWORD`, `authtoken`.
const ENDS: [(&str, SecretKind); 8] = [
    ("password", SecretKind::Password),
    ("passwd", SecretKind::Password),
    ("passphrase", SecretKind::Password),
    ("secret", SecretKind::Token),
    ("token", SecretKind::Token),
    ("credential", SecretKind::Token),
    ("credentials", SecretKind::Token),
    ("apikey", SecretKind::Key),
];
/// What comes before `key` in the name of a secret one.
// `key` alone is the name of half of all maps.
const KEYS: &str = "access account api app auth encryption license master private secret shared signing storage";

/// What a name says about its value; `None` when that is no secret.
pub(super) fn kind_of(name: &str) -> Option<SecretKind> {
    if !may_be_secret(name) {
        return None;
    }
    let words = words(name);
    let last = words.last()?.as_str();
    if is_among(ABOUT, last) {
        return None;
    }
    match last {
        "authorization" => return Some(SecretKind::Authorization),
        "cookie" => return Some(SecretKind::Cookie),
        // Query parameters of signed links.
        "auth" | "sig" | "signature" | "sessionid" | "phpsessid" | "jsessionid" => return Some(SecretKind::Session),
        "pass" | "pwd" | "pw" if words.len() > 1 => return Some(SecretKind::Password),
        // The shell's own variable for the current folder.
        "pwd" if name != "PWD" => return Some(SecretKind::Password),
        _ => {}
    }
    words.iter().enumerate().find_map(|(at, word)| {
        let before = at.checked_sub(1).and_then(|before| words.get(before));
        let is_key = |before: &String| is_among(KEYS, before);
        match ENDS.iter().find(|(end, _)| word.ends_with(end)) {
            Some((_, kind)) => Some(*kind),
            None if word == "key" && before.is_some_and(is_key) => Some(SecretKind::Key),
            None => word.strip_suffix("key").filter(|before| is_among(KEYS, before)).map(|_| SecretKind::Key),
        }
    })
}

/// A cheap look before the careful one.
fn may_be_secret(name: &str) -> bool {
    const PARTS: [&[u8]; 9] = [b"pass", b"pw", b"secret", b"token", b"key", b"cred", b"auth", b"cookie", b"si"];
    let windows = |part: &[u8]| name.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part));
    PARTS.into_iter().any(windows)
}

/// The words of a name in lower case, without numbers: at `_`, `-` and `.`, and where a capital begins one.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous = '_';
    for character in name.chars() {
        // `clientSecret`; `APIKey` stays one word, which its end tells.
        let begins = previous.is_ascii_lowercase() && character.is_ascii_uppercase();
        if !character.is_ascii_alphabetic() {
            words.push(String::new());
        } else {
            if begins || words.is_empty() {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.push(character.to_ascii_lowercase());
            }
        }
        previous = character;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for (name, kind) in [
            ("password", SecretKind::Password),
            ("DB_PASSWORD", SecretKind::Password),
            ("PGPASSWORD", SecretKind::Password),
            ("spring.datasource.password", SecretKind::Password),
            ("DB_PASSWORD_STAGING", SecretKind::Password),
            ("redis_pass", SecretKind::Password),
            ("Pwd", SecretKind::Password),
            ("clientSecret", SecretKind::Token),
            ("access_token", SecretKind::Token),
            ("GITHUB_TOKEN2", SecretKind::Token),
            ("aws_secret_access_key", SecretKind::Token),
            ("secretAccessKey", SecretKind::Token),
            ("x-api-key", SecretKind::Key),
            ("apiKey", SecretKind::Key),
            ("STRIPE_APIKEY", SecretKind::Key),
            ("AccountKey", SecretKind::Key),
            ("X-Amz-Signature", SecretKind::Session),
            ("Proxy-Authorization", SecretKind::Authorization),
            ("Set-Cookie", SecretKind::Cookie),
        ] {
            assert_eq!(kind_of(name), Some(kind), "{name}");
        }
    }

    #[test]
    fn names_of_everything_else() {
        for name in [
            "token_count",
            "max_tokens",
            "accessKeyId",
            "key",
            "primary_key",
            "keyboard",
            "monkey",
            "PWD",
            "pass",
            "secretary",
            "password_length",
            "TOKEN_TTL",
            "author",
            "design",
            "passed",
            "secret_name",
            "https",
            "session",
        ] {
            assert_eq!(kind_of(name), None, "{name}");
        }
    }
}
