//! Commits and tags that nobody signs, written without a program: byte for byte as git writes them. What takes more than that
//! (a signature, a name that git trims, a date in words) is left to git.

use git2::{Signature, Time};

use crate::domain::ObjectId;
use crate::port::{Author, NewCommit, PortError};

use super::convert::{from_git2, lossy, oid};
use super::{GitRepository, durable, environment, trouble};

/// The variables and settings that say who somebody is, the first that is set.
struct Role {
    variables: [&'static str; 3],
    names: [&'static str; 2],
    emails: [&'static str; 2],
}

const AUTHOR: Role = Role {
    variables: ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE"],
    names: ["author.name", "user.name"],
    emails: ["author.email", "user.email"],
};

const COMMITTER: Role = Role {
    variables: ["GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_COMMITTER_DATE"],
    names: ["committer.name", "user.name"],
    emails: ["committer.email", "user.email"],
};

/// A value of the environment or of git's configuration.
type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The commit; `None` where it is git's to write.
pub(super) fn commit(git: &GitRepository, commit: &NewCommit) -> Result<Option<ObjectId>, PortError> {
    if is_set(git, "commit.gpgSign") || has_hidden_settings() || commit.message.contains('\0') {
        return Ok(None);
    }
    let author = match &commit.author {
        Some(Author { name, email, date }) => raw_time(date).and_then(|time| signature(name, email, Some(time))),
        None => person(git, &AUTHOR),
    };
    let Some((author, committer)) = author.zip(person(git, &COMMITTER)) else { return Ok(None) };
    let writing = git.durable()?;
    let repository = &writing.repository;
    let write = || -> Result<git2::Oid, git2::Error> {
        let tree = repository.find_tree(oid(&commit.tree)?)?;
        let parents = commit.parents.iter().map(|parent| repository.find_commit(oid(parent)?));
        let parents = parents.collect::<Result<Vec<_>, _>>()?;
        let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
        durable::commit(repository, [&author, &committer], &commit.message, &tree, &parents)
    };
    let written = write().map_err(|error| trouble::unwritten("write the commit", error))?;
    Ok(Some(from_git2(written)))
}

/// The annotated tag, which no ref names; `None` where it is git's to write.
pub(super) fn tag(
    git: &GitRepository,
    name: &str,
    commit: &ObjectId,
    message: &str,
) -> Result<Option<ObjectId>, PortError> {
    let signs = is_set(git, "tag.gpgSign") || is_set(git, "tag.forceSignAnnotated") || has_hidden_settings();
    let is_usual = git2::Reference::is_valid_name(&format!("refs/tags/{name}")) && !name.starts_with('-');
    let tagger = person(git, &COMMITTER).filter(|_| is_usual && !signs && !message.contains('\0'));
    let Some(tagger) = tagger else { return Ok(None) };
    let writing = git.durable()?;
    let repository = &writing.repository;
    let write = || -> Result<git2::Oid, git2::Error> {
        let commit = repository.find_object(oid(commit)?, None)?;
        repository.tag_annotation_create(name, &commit, &tagger, message)
    };
    let written = write().map_err(|error| trouble::unwritten(format!("write the tag {name}"), error))?;
    Ok(Some(from_git2(written)))
}

/// Whether it is switched on, or is no boolean: then git refuses.
fn is_set(git: &GitRepository, key: &str) -> bool {
    git.reads.config_snapshot().try_boolean(key).map_or(true, Option::unwrap_or_default)
}

/// Whether `git -c include.path=FILE` names settings that git reads and gix does not.
fn has_hidden_settings() -> bool {
    environment::lossy_variable("GIT_CONFIG_PARAMETERS")
        .is_some_and(|parameters| parameters.to_ascii_lowercase().contains("include"))
}

fn person(git: &GitRepository, role: &Role) -> Option<Signature<'static>> {
    let settings = git.reads.config_snapshot();
    person_of(role, &environment::lossy_variable, &|key| settings.string(key).map(|value| lossy(&value)))
}

/// Who that is; `None` where git would guess or refuse.
fn person_of(role: &Role, variable: Lookup<'_>, setting: Lookup<'_>) -> Option<Signature<'static>> {
    let [name, email, date] = role.variables.map(variable);
    let name = name.or_else(|| role.names.into_iter().find_map(setting))?;
    let email = email.or_else(|| role.emails.into_iter().find_map(setting))?;
    match date.filter(|date| !date.is_empty()) {
        None => signature(&name, &email, None),
        Some(date) => signature(&name, &email, Some(given_time(&date)?)),
    }
}

/// A name and address as they are, at a time or now; `None` where git would change them.
fn signature(name: &str, email: &str, time: Option<Time>) -> Option<Signature<'static>> {
    if !is_kept(name) || !is_kept(email) {
        return None;
    }
    match time {
        // By the C library, as git: it knows the time zone here.
        None => Signature::now(name, email),
        Some(time) => Signature::new(name, email, &time),
    }
    .ok()
}

/// Whether git writes this name or address as it is. At both ends it trims what its `ident.c` calls crud.
fn is_kept(text: &str) -> bool {
    let is_crud = |letter: char| letter <= ' ' || ".,:;<>\"\\'".contains(letter);
    let is_dropped = |letter: char| "<>\n\0".contains(letter) || letter == char::REPLACEMENT_CHARACTER;
    !text.is_empty() && !text.starts_with(is_crud) && !text.ends_with(is_crud) && !text.contains(is_dropped)
}

/// libgit2 writes no later time than that of 2106, in seconds.
const LATEST: i64 = u32::MAX as i64;

/// A time that somebody set: `@1234567890 +0200` or `2026-01-05T09:00:00Z`. The many other forms are git's to read.
fn given_time(text: &str) -> Option<Time> {
    if let Some(raw) = text.strip_prefix('@') {
        return raw_time(raw);
    }
    // Of a leap second git makes the next one.
    let is_utc = text.len() == "2026-01-05T09:00:00Z".len()
        && text.contains('T')
        && text.ends_with('Z')
        && !text.ends_with(":60Z");
    let time: jiff::Timestamp = text.parse().ok().filter(|_| is_utc)?;
    Some(Time::new(time.as_second(), 0)).filter(|time| time.seconds() > 0 && time.seconds() <= LATEST)
}

/// A time as commits have it: `1234567890 +0200`.
fn raw_time(text: &str) -> Option<Time> {
    let (seconds, zone) = text.split_once(' ')?;
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (sign, digits) = zone.split_at_checked(1)?;
    let sign = match sign {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = digits.split_at_checked(2).filter(|_| digits.len() == 4 && is_digits(digits))?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let seconds: i64 = Some(seconds).filter(|seconds| is_digits(seconds))?.parse().ok()?;
    (hours < 24 && minutes < 60 && seconds <= LATEST).then(|| Time::new(seconds, sign * (hours * 60 + minutes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [(&str, &str); 2] = [("user.name", "Ada"), ("user.email", "ada@example.org")];

    fn shown(variables: &[(&str, &str)], settings: &[(&str, &str)]) -> Option<String> {
        let find = |among: &[(&str, &str)], name: &str| {
            among.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        let who = person_of(&AUTHOR, &|name| find(variables, name), &|key| find(settings, key))?;
        let when = who.when();
        Some(format!("{who} {} {}", when.seconds(), when.offset_minutes()))
    }

    #[test]
    fn a_person_is_who_git_would_name() {
        let date = ("GIT_AUTHOR_DATE", "@1700000000 -0330");
        assert_eq!(shown(&[date], &NAMES).unwrap(), "Ada <ada@example.org> 1700000000 -210");
        let iso = ("GIT_AUTHOR_DATE", "2026-01-05T09:00:00Z");
        assert_eq!(shown(&[iso], &NAMES).unwrap(), "Ada <ada@example.org> 1767603600 0");
        let own = [("author.name", "Bob"), NAMES[0], NAMES[1]];
        assert_eq!(shown(&[date], &own).unwrap(), "Bob <ada@example.org> 1700000000 -210");
        let set = [("GIT_AUTHOR_NAME", "Eve"), date];
        assert_eq!(shown(&set, &own).unwrap(), "Eve <ada@example.org> 1700000000 -210");
    }

    #[test]
    fn what_git_changes_guesses_or_refuses_is_left_to_it() {
        let name = |name| [("user.name", name), NAMES[1]];
        for odd in ["", " Ada", "Ada.", "A <b>", "'Ada'", "Ada\u{fffd}", "A\nb"] {
            assert_eq!(shown(&[], &name(odd)), None, "{odd:?}");
        }
        assert_eq!(shown(&[], &NAMES[..1]), None, "an address by the name of the host");
        assert_eq!(shown(&[("EMAIL", "ada@example.org")], &NAMES[..1]), None, "`user.useConfigOnly` forbids it");
        for date in [
            "yesterday",
            "1700000000 +0000",
            "2026-01-05T09:00:00+01:00",
            "@1700000000",
            "@1 +0275",
            "@4294967296 +0000",
            "2026-01-05T23:59:60Z",
        ] {
            assert_eq!(shown(&[("GIT_AUTHOR_DATE", date)], &NAMES), None, "{date}");
        }
    }
}
