//! The tag of a release: its name from the version before it, its annotation, and whether it is free.

use std::cmp::Ordering;

use crate::domain::event::{LandingTag, Production};
use crate::domain::{EventKind, Incident, ObjectId, RefName, matches_pattern, one_line};
use crate::port::{ErrorKind, PortError};
use crate::production;
use crate::workflow::action::merge::TagToMake;
use crate::workflow::{Action, Code, Context, MergeAction, Refusal, Result};

/// Stands for the version in the tag's template.
const VERSION: &str = "{version}";

/// The tag's template, and whether a team asked for tags: git-flow's own is followed only where there are versions.
pub(crate) fn template(context: &Context<'_>) -> Result<Option<(String, bool)>, PortError> {
    if let Some(template) = &context.config.release.tag {
        return Ok(Some((template.clone(), true)));
    }
    let git = context.look.git;
    if git.config("gitflow.branch.master")?.is_none() {
        return Ok(None);
    }
    let prefix = git.config("gitflow.prefix.versiontag")?.unwrap_or_default();
    Ok(Some((format!("{prefix}{VERSION}"), false)))
}

/// The refs to ask the remote about: the tags of releases, and the one that is wanted.
pub(crate) fn to_ask(context: &Context<'_>, given: Option<&str>) -> Result<Vec<RefName>, PortError> {
    let pattern = template(context)?.map(|(template, _)| RefName::of_tag(&template.replace(VERSION, "*")));
    Ok(pattern.into_iter().chain(given.map(RefName::of_tag)).collect())
}

/// The tag to make with a landing; `None` where there is none to make.
///
/// # Errors
/// When its name is no name, is taken here or on the remote, or cannot be told.
pub(crate) fn wanted(
    context: &Context<'_>,
    incident: &Incident,
    given: Option<&str>,
    message: Option<&str>,
) -> Result<Option<TagToMake>> {
    let name = match given {
        Some(name) if is_plain(name) => Some(name.to_owned()),
        Some(name) => {
            return Err(Refusal::usage(Code::Tag, format!("--tag: git has no tag of the name `{}`", one_line(name))));
        }
        None => name(context, incident)?,
    };
    // A tag that an interrupted landing published is finished; a further version would name the same fix.
    let name = match (given, published(context, incident)) {
        (None, Some(tag)) => Some(tag.name.clone()),
        (Some(_), _) | (None, None) => name,
    };
    let Some(name) = name else {
        return match message {
            Some(_) => {
                Err(Refusal::usage(Code::Message, "--message is the annotation of a tag, and none is made here")
                    .hint("name one: --tag v1.2.3, or set [release] tag = \"v{version}\""))
            }
            None => Ok(None),
        };
    };
    let published = published(context, incident).filter(|tag| tag.name == name);
    match published {
        Some(tag) => refuse_left_behind(context, incident, tag)?,
        None => refuse_taken(context, incident, &name)?,
    }
    let begun = incident.landing_in_doubt.as_ref().and_then(|landing| landing.tag.as_ref());
    // Another annotation makes another object.
    let begun = begun.filter(|tag| tag.name == name && message.is_none());
    // git may have collected the object meanwhile: until the landing no ref names it.
    let made = match published.or(begun) {
        Some(tag) if context.look.git.commit_of(tag.object.as_str())?.as_ref() == Some(&tag.commit) => {
            Some(tag.clone())
        }
        Some(_) | None => None,
    };
    let message = match message {
        Some(message) => message.to_owned(),
        None => format!("{name}\n\nHotfix: {}\n\nHotfix-Incident: {}\n", incident.title, incident.id),
    };
    Ok(Some(TagToMake { name, message, names_fix: incident.ahead > 0, made }))
}

/// The tag of a landing that the remote took in part, and which is there: it is no other's, and no further one is made.
fn published<'a>(context: &Context<'_>, incident: &'a Incident) -> Option<&'a LandingTag> {
    let tag = incident.landing_in_doubt.as_ref()?.tag.as_ref()?;
    let view = context.inspected().filter(|_| incident.production.remote.is_some())?;
    (view.get(&RefName::of_tag(&tag.name)) == Some(&tag.object)).then_some(tag)
}

/// Refuses where such a tag names a merge that production will not hold any more: it went on meanwhile, or the fix did.
fn refuse_left_behind(context: &Context<'_>, incident: &Incident, tag: &LandingTag) -> Result<()> {
    let (git, remote) = (context.look.git, incident.production.remote.as_deref().unwrap_or_default());
    let production = production::tip(context.look, &incident.production)?;
    let head = production::local_branch_tip(context.look, incident)?;
    let landing = incident.landing_in_doubt.as_ref();
    let starts_here = landing.is_some_and(|landing| {
        head.as_ref() == Some(&landing.head) && landing.lines.first().is_some_and(|line| line.from == production)
    });
    if git.has_commit(&tag.commit)? && (starts_here || git.is_ancestor(&tag.commit, &production)?) {
        return Ok(());
    }
    let (name, commit) = (one_line(&tag.name), tag.commit.short());
    let message = format!(
        "an interrupted landing published the tag {name} on {commit}, which {} does not hold and will not: it went on",
        incident.production.display_name()
    );
    Err(Refusal::needs_human(Code::TagLeftBehind, message)
        .hint(format!("git push {remote} --delete refs/tags/{name}   # takes it back, then: {} ship", context.program))
        .hint(format!("{} ship --tag <another>   # leaves it where it is", context.program)))
}

/// The tag of a landing that somebody else merged, a service for example: the one that is on it already, or one to make.
///
/// # Errors
/// When it has another than the one that is given, when the remote refused it, or as for [`wanted`].
pub(crate) fn after_landing(
    context: &Context<'_>,
    incident: &Incident,
    given: Option<&str>,
    message: Option<&str>,
) -> Result<Option<Action>> {
    let Some(landing) = &incident.merged else { return Ok(None) };
    if let Some(tag) = &landing.tag {
        return refuse_another(tag, given).map(|()| None);
    }
    let Some(commit) = incident.released_commit() else { return Ok(None) };
    if let Some(tag) = there(context, commit, given)? {
        return Ok(Some(Action::record(vec![EventKind::Tagged(tag)])));
    }
    let Some(tag) = wanted(context, incident, given, message)? else { return Ok(None) };
    let name = RefName::of_tag(&tag.name);
    // The merge is out and stays: only the tag is in question.
    let refused = context.known.rejected(&name).map(|no| &no.reason);
    if let Some(reason) = refused {
        let message =
            format!("{} is merged, and the remote refused the tag {}: {reason}", landing.head.short(), tag.name);
        let goes_on = if context.config.deploy.command.is_some() { "deploy" } else { "close" };
        return Err(Refusal::new(ErrorKind::Refused, Code::Rejected, message)
            .hint(format!("{} ship --tag <another>", context.program))
            .hint(format!("{} {goes_on}   # goes on without a tag", context.program)));
    }
    let (commit, remote) = (commit.clone(), incident.production.remote.clone());
    Ok(Some(Action::Merge(MergeAction::Tag { tag, commit, remote })))
}

/// Refuses another tag than the one that the landing has.
fn refuse_another(tag: &LandingTag, given: Option<&str>) -> Result<()> {
    let Some(given) = given.filter(|given| *given != tag.name) else { return Ok(()) };
    let is = format!("the landing is tagged {} already", one_line(&tag.name));
    let by_hand = shell_words::join(["git", "tag", "--annotate", given, tag.commit.as_str()]);
    Err(Refusal::precondition(Code::Tag, is).hint(format!("{by_hand}   # a further tag is yours to make")))
}

/// The tag on this commit, of the name that is given or that the template may give, as the remote has it.
fn there(context: &Context<'_>, commit: &ObjectId, given: Option<&str>) -> Result<Option<LandingTag>, PortError> {
    let Some(view) = context.inspected() else { return Ok(None) };
    let pattern = template(context)?.map(|(template, _)| template.replace(VERSION, "*"));
    for (full_name, object) in &view.refs {
        // `ls-remote` lists an annotated tag twice, as an object and as its commit.
        let Some(name) = full_name.strip_prefix("refs/tags/").filter(|name| !name.ends_with(production::PEELED)) else {
            continue;
        };
        let is_meant = match given {
            Some(given) => name == given,
            None => pattern.as_ref().is_some_and(|pattern| matches_pattern(pattern, name)),
        };
        let names = || context.look.git.commit_of(object.as_str());
        if is_meant && names()?.as_ref() == Some(commit) {
            return Ok(Some(LandingTag { name: name.to_owned(), object: object.clone(), commit: commit.clone() }));
        }
    }
    Ok(None)
}

/// The name that the template gives: with the version that the branch is named after, or the next patch of the newest one.
fn name(context: &Context<'_>, incident: &Incident) -> Result<Option<String>> {
    let Some((template, is_asked_for)) = template(context)? else { return Ok(None) };
    let slug = incident.slug.to_string();
    let slug = slug.strip_prefix('v').unwrap_or(&slug);
    // git-flow names the branch of a hotfix after the version that it makes.
    if version(slug).is_some() {
        return Ok(Some(template.replace(VERSION, slug)));
    }
    let view = view(context, &incident.production, &template.replace(VERSION, "*"));
    if let Some(next) = next(context, &template, &view, &incident.base.commit)? {
        return Ok(Some(next));
    }
    if !is_asked_for {
        return Ok(None);
    }
    let first = template.replace(VERSION, "1.0.1");
    Err(Refusal::usage(Code::Tag, format!("--tag is required: no release is tagged {template} yet"))
        .hint(format!("{} ship --tag {first}", context.program)))
}

/// The next patch whose tag nobody has.
fn next_free(releases: &[(String, ObjectId)], template: &str, mut version: Vec<u64>) -> String {
    loop {
        if version.len() < 3 {
            version.push(0);
        }
        if let Some(last) = version.last_mut() {
            *last = last.saturating_add(1);
        }
        let text: Vec<String> = version.iter().map(u64::to_string).collect();
        let name = template.replace(VERSION, &text.join("."));
        if releases.iter().all(|(tag, _)| *tag != name) {
            return name;
        }
    }
}

/// The next patch after the newest release that `base` holds, of a name that nobody has; `None` where it holds none.
pub(crate) fn next(
    context: &Context<'_>,
    template: &str,
    there: &[(RefName, ObjectId)],
    base: &ObjectId,
) -> Result<Option<String>> {
    let releases = releases_in(context, &template.replace(VERSION, "*"), there)?;
    for (tag, commit) in &releases {
        if let Some(released) = released(template, tag)
            // A newer release of another branch is not the one that is fixed.
            && context.look.git.is_ancestor(commit, base)?
        {
            return Ok(Some(next_free(&releases, template, released)));
        }
    }
    Ok(None)
}

/// The first tag of a release that names another commit here than `there`, on the remote.
pub(crate) fn differing(
    context: &Context<'_>,
    template: &str,
    there: &[(RefName, ObjectId)],
) -> Result<Option<String>> {
    let pattern = RefName::of_tag(&template.replace(VERSION, "*"));
    for (name, object) in there.iter().filter(|(name, _)| !name.ends_with(production::PEELED)) {
        let peeled = format!("{name}{}", production::PEELED);
        let commit = there.iter().find(|(other, _)| *other == *peeled).map_or(object, |(_, commit)| commit);
        // A fetch never moves a tag that is here: an old one stays until somebody deletes it.
        let here = context.look.git.commit_of_ref(name)?;
        if matches_pattern(&pattern, name) && here.is_some_and(|here| here != *commit) {
            return Ok(Some(RefName::short_in(name).to_owned()));
        }
    }
    Ok(None)
}

/// What the remote said of the tags that match, in this run.
fn view(context: &Context<'_>, production: &Production, pattern: &str) -> Vec<(RefName, ObjectId)> {
    let asked = RefName::of_tag(pattern);
    let view = production.remote.as_ref().and_then(|_| production::remote_view(context, &[asked]));
    view.map(|view| view.refs).unwrap_or_default()
}

/// The tags that match, here and on the remote, the newest version first. Those whose commit is not here are known by name
/// only, and stand with the id that the remote gave.
pub(crate) fn releases(
    context: &Context<'_>,
    production: &Production,
    pattern: &str,
) -> Result<Vec<(String, ObjectId)>> {
    releases_in(context, pattern, &view(context, production, pattern))
}

fn releases_in(context: &Context<'_>, pattern: &str, there: &[(RefName, ObjectId)]) -> Result<Vec<(String, ObjectId)>> {
    let here = context.look.git.refs_under("refs/tags/")?;
    let mut found: Vec<(String, ObjectId)> = Vec::new();
    for (name, id) in here.iter().chain(there) {
        let Some(tag) = name.strip_prefix("refs/tags/").filter(|tag| !tag.ends_with(production::PEELED)) else {
            continue;
        };
        if matches_pattern(pattern, tag) && found.iter().all(|(known, _)| known != tag) {
            found.push((tag.to_owned(), id.clone()));
        }
    }
    found.sort_by(|(one, _), (other, _)| newest_first(one, other));
    Ok(found)
}

/// The newest version first; of one version, the release before what led to it (`1.0` before `1.0-rc1`).
fn newest_first(one: &str, other: &str) -> Ordering {
    let leading = |name: &str| numbers(name.split_once('-').map_or(name, |(release, _)| release));
    let is_candidate = |name: &str| name.contains('-');
    let release = leading(other).cmp(&leading(one)).then(is_candidate(one).cmp(&is_candidate(other)));
    release.then(numbers(other).cmp(&numbers(one)))
}

/// All numbers in a name, in their order.
pub(crate) fn numbers(name: &str) -> Vec<u64> {
    let digits = name.split(|character: char| !character.is_ascii_digit());
    digits.filter_map(|part| part.parse().ok()).collect()
}

/// The version that a tag names by the template.
fn released(template: &str, tag: &str) -> Option<Vec<u64>> {
    let (before, after) = template.split_once(VERSION)?;
    version(tag.strip_prefix(before)?.strip_suffix(after)?)
}

/// A version such as `1.4` or `1.4.2`.
fn version(text: &str) -> Option<Vec<u64>> {
    let numbers: Option<Vec<u64>> = text.split('.').map(|part| part.parse().ok()).collect();
    numbers.filter(|numbers| numbers.len() >= 2)
}

/// Refuses a name that some commit has already, here or on the remote.
fn refuse_taken(context: &Context<'_>, incident: &Incident, name: &str) -> Result<()> {
    let full_name = RefName::of_tag(name);
    let here = context.look.git.commit_of_ref(&full_name)?.is_some();
    let view = context.inspected().filter(|_| incident.production.remote.is_some());
    let there = view.is_some_and(|view| view.get(&full_name).is_some());
    let location = match (here, there) {
        (_, true) => format!("on {}", incident.production.remote.as_deref().unwrap_or_default()),
        (true, false) => "here".to_owned(),
        (false, false) => return Ok(()),
    };
    let message = format!("a tag {} is {location} already; nothing was changed", one_line(name));
    Err(Refusal::needs_human(Code::TagExists, message).hint(format!("{} ship --tag <another>", context.program)))
}

/// Whether git takes a name for a tag.
fn is_plain(name: &str) -> bool {
    // The rules of `git check-ref-format`; a hyphen in front would make the name an option.
    let is_bad =
        |character: char| character.is_whitespace() || character.is_control() || "~^:?*[\\".contains(character);
    let parts = name.split('/').all(|part| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock"));
    parts
        && !name.starts_with('-')
        && !name.ends_with('.')
        && !name.contains("..")
        && !name.contains("@{")
        && name != "@"
        && !name.chars().any(is_bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_first() {
        let mut tags = ["v1.9.0", "v1.10.0-rc1", "v1.10.0", "v1.2", "v1.10.0-rc2"];
        tags.sort_by(|one, other| newest_first(one, other));
        assert_eq!(tags, ["v1.10.0", "v1.10.0-rc2", "v1.10.0-rc1", "v1.9.0", "v1.2"]);
    }

    #[test]
    fn the_next_patch_is_one_that_nobody_has() {
        let taken = |names: &[&str]| {
            names.iter().map(|name| ((*name).to_owned(), crate::step::tests::scene::id('a'))).collect::<Vec<_>>()
        };
        assert_eq!(next_free(&taken(&["v1.4.2"]), "v{version}", vec![1, 4, 2]), "v1.4.3");
        assert_eq!(next_free(&taken(&["v1.4.2", "v1.4.3"]), "v{version}", vec![1, 4, 2]), "v1.4.4");
        assert_eq!(next_free(&taken(&["1.4"]), "{version}", vec![1, 4]), "1.4.1");
    }

    #[test]
    fn names_that_git_refuses_are_refused() {
        assert!(["v1", "release/1.2.3", "a@b", "#1"].into_iter().all(is_plain));
        let bad = ["", "-d", "a b", "a..b", "a~1", "a:b", "x.lock", "/a", "a/", "@", "a@{1}", "a\nb", ".a"];
        assert!(!bad.into_iter().any(is_plain));
    }
}
