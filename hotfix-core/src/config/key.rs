//! Every key, declared once: its name, what it does, an example, and how its value is checked, kept and shown.
//!
//! Two families have a name in the middle or at the end that a team chooses: `severity.<name>.label`, `hooks.<event>`.

use serde_json::Value as Json;

use crate::document::PRESETS;
use crate::domain::EventKind;

use super::error::nearest;
use super::severity::{change_level, level};
use super::shown::Shown;
use super::value::{FilesPlaceholder, Value};
use super::{Config, ConfigProblem, Deliver, ForgeKind, NotifyConfig, NotifyFormat, VersionFiles};
use super::{NOTIFY_KEY, NOTIFY_VARIABLE};

/// Ten years: nobody waits longer for a postmortem.
// A due date beyond the calendar could not be computed.
const MOST_DAYS: u32 = 3_653;

/// A key of the configuration.
#[derive(Clone, Copy)]
pub struct Key {
    /// Its full name, for example `test.command` or `severity.<name>.label`.
    pub name: &'static str,
    /// What it does, one line.
    pub help: &'static str,
    /// A value as `hotfix.toml` writes it: the default where there is one.
    pub example: &'static str,
    /// Checks and keeps a value; the text is the value of `<name>` or `<event>`.
    pub(super) set: fn(&mut Config, &str, &Value) -> Result<(), ConfigProblem>,
    /// The value that holds, if any does.
    pub(super) get: fn(&Config, &str) -> Option<Json>,
}

impl Key {
    /// The table of `hotfix.toml` that holds it.
    pub fn section(&self) -> &'static str {
        self.name.rsplit_once('.').map_or(self.name, |(section, _)| section)
    }

    /// Its name within the table.
    pub fn short_name(&self) -> &'static str {
        self.name.rsplit_once('.').map_or(self.name, |(_, name)| name)
    }

    /// A name as one would write it: `severity.low.label`.
    pub fn example_name(&self) -> String {
        self.name.replace(NAME, "low").replace(EVENT, "merged")
    }

    /// Its key in git's configuration, where names hold no `_`: `hotfix.guard.max-files`.
    pub fn git_config_key(&self) -> String {
        git_config_key(self.name)
    }

    /// Its environment variable: `HOTFIX_GUARD_MAX_FILES`.
    pub fn environment_variable(&self) -> String {
        environment_variable(self.name)
    }

    /// What `name` has for the parameter of this key; empty where it has none, `None` where `name` is another key.
    fn parameter_in<'n>(&self, name: &'n str) -> Option<&'n str> {
        let mut parameter = "";
        let (mut own, mut other) = (self.name.split('.'), name.split('.'));
        loop {
            match (own.next(), other.next()) {
                (None, None) => return Some(parameter),
                (Some(NAME), Some(given)) => parameter = given,
                // A hook on a misspelt event would never run, without a word.
                (Some(EVENT), Some(given)) if EventKind::NAMES.contains(&given) => parameter = given,
                (Some(one), Some(given)) if one == given => {}
                _ => return None,
            }
        }
    }
}

/// Stands for a name that a team chooses.
const NAME: &str = "<name>";
/// Stands for the name of a kind of event.
const EVENT: &str = "<event>";

/// A key with its parameter filled in: `severity.low.label`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedKey {
    pub(super) key: &'static Key,
    pub(super) name: String,
    /// The value of its parameter.
    pub(super) parameter: String,
}

impl NamedKey {
    /// The key that `name` means.
    pub(super) fn find(name: &str) -> Option<Self> {
        KEYS.iter().find_map(|key| {
            let parameter = key.parameter_in(name)?.to_owned();
            Some(Self { key, name: name.to_owned(), parameter })
        })
    }

    /// All keys, of the family of severities those with one of these names, together by name.
    pub(super) fn all(severities: &[String]) -> Vec<Self> {
        let named = |key: &'static Key, of: &str, parameter: &str| {
            let name = if of.is_empty() { key.name.to_owned() } else { key.name.replace(of, parameter) };
            Self { key, name, parameter: parameter.to_owned() }
        };
        let family: Vec<&Key> = KEYS.iter().filter(|key| key.name.contains(NAME)).collect();
        let filled = |key: &'static Key| -> Vec<Self> {
            if family.first() == Some(&key) {
                let of = |name: &String| family.iter().map(|key| named(key, NAME, name)).collect::<Vec<_>>();
                severities.iter().flat_map(of).collect()
            } else if key.name.contains(NAME) {
                Vec::new()
            } else if key.name.contains(EVENT) {
                EventKind::NAMES.iter().map(|event| named(key, EVENT, event)).collect()
            } else {
                vec![named(key, "", "")]
            }
        };
        KEYS.iter().flat_map(filled).collect()
    }

    /// The value that holds, if any does.
    pub(super) fn value(&self, config: &Config) -> Option<Json> {
        (self.key.get)(config, &self.parameter)
    }
}

pub(super) fn git_config_key(name: &str) -> String {
    let (section, last) = name.rsplit_once('.').unwrap_or(("", name));
    // git allows no `_` in the last part of a key, and compares it in any case.
    format!("hotfix.{section}.{}", last.replace('_', "-"))
}

pub(super) fn environment_variable(name: &str) -> String {
    format!("HOTFIX_{}", name.to_uppercase().replace(['.', '-'], "_"))
}

/// Whether `name` is a table that holds keys, or tables that do.
pub(super) fn is_section(name: &str) -> bool {
    let begins = |key: &Key| {
        let (mut own, mut other) = (key.section().split('.'), name.split('.'));
        other.all(|given| own.next().is_some_and(|own| own == given || own == NAME))
    };
    KEYS.iter().any(begins)
}

/// The problem of a name that no key has.
pub(super) fn unknown(name: &str) -> ConfigProblem {
    if name == "notify.url" {
        return ConfigProblem::YoursAlone { variable: NOTIFY_VARIABLE, key: NOTIFY_KEY };
    }
    // `severity.low.lable` is compared with the keys of its own severity.
    let chosen = name.split('.').nth(1).unwrap_or("low").to_owned();
    let keys = NamedKey::all(&[chosen]).into_iter().map(|named| named.name);
    let sections = KEYS.iter().filter_map(|key| key.section().split('.').next()).map(str::to_owned);
    let candidates: Vec<String> = keys.chain(sections).collect();
    ConfigProblem::UnknownKey { nearest: nearest(name, candidates.iter().map(String::as_str)) }
}

macro_rules! keys {
    ($($name:literal, $help:literal, $example:literal, $($access:ident).+ $($field:ident)? $(= |$value:ident| $read:expr)?;)*) => {
        /// All keys, by section, in the order of the file that `init` writes.
        pub const KEYS: &[Key] = &[$(keys!(@key $name, $help, $example, $($access).+ $($field)? $(= |$value| $read)?)),*];
    };
    (@key $name:literal, $help:literal, $example:literal, hook) => {
        Key {
            name: $name,
            help: $help,
            example: $example,
            set: |config, event, value| {
                config.hooks.insert(event.to_owned(), value.command(FilesPlaceholder::Unknown)?);
                Ok(())
            },
            get: |config, event| config.hooks.get(event).and_then(Shown::shown),
        }
    };
    (@key $name:literal, $help:literal, $example:literal, level $field:ident = |$value:ident| $read:expr) => {
        Key {
            name: $name,
            help: $help,
            example: $example,
            set: |config, name, $value| {
                let read = $read;
                change_level(config, name, |level| level.$field = read)
            },
            get: |config, name| level(config, name).and_then(|level| level.$field.shown()),
        }
    };
    (@key $name:literal, $help:literal, $example:literal, $($field:ident).+ = |$value:ident| $read:expr) => {
        Key {
            name: $name,
            help: $help,
            example: $example,
            set: |config, _, $value| {
                config.$($field).+ = $read;
                Ok(())
            },
            get: |config, _| config.$($field).+.shown(),
        }
    };
}

keys! {
    "hotfix.requires", "The versions of hotfix that this file is written for; read before all other keys.", r#"">=0.1""#,
        requires = |value| Some(value.versions()?);
    "production.branch", "The branch that production is built from; detected if absent.", r#""main""#,
        production.branch = |value| Some(value.name()?);
    "production.remote", "The remote that holds it; detected if absent.", r#""origin""#,
        production.remote = |value| Some(value.name()?);
    "production.tag", "The tags of releases, with one *: production runs the newest of them, not the branch's tip.", r#""v*""#,
        production.tag = |value| Some(value.pattern()?);
    "production.deployed", "Tells which commit production runs: a command or a URL that gives it.",
        r#""https://example.com/version""#,
        production.deployed = |value| Some(value.verify()?);
    "branch.prefix", "What the branches of incidents begin with, for hosts with rules about names; an open incident keeps its own.", r#""hotfix/""#,
        branch.prefix = |value| value.branch_prefix()?;
    "release.lines", "The branches that need every fix, each with at most one *; git-flow's own if absent.",
        r#"["main", "develop", "release/*"]"#,
        release.lines = |value| value.patterns()?;
    "release.tag", "The tag that ship makes, {version} being the next patch of the newest one.", r#""v{version}""#,
        release.tag = |value| Some(value.tag_template()?);
    "release.version_files", "Files in which every release branch keeps its own version; with :both, what both sides added stays.",
        r#"["VERSION", "package.json", "CHANGELOG.md:both"]"#,
        release.version_files = |value| VersionFiles::new(&value.list()?)?;
    "test.command", "Runs the affected tests; {files} becomes their files, each an argument of its own.",
        r#"["npm", "run", "test", "--", "{files}"]"#,
        test.command = |value| Some(value.command(FilesPlaceholder::Allowed)?);
    "test.e2e", "Runs the end-to-end tests when the fix touches e2e_paths.",
        r#"["npm", "run", "test:e2e", "--", "{files}"]"#,
        test.e2e = |value| Some(value.command(FilesPlaceholder::Allowed)?);
    "test.e2e_paths", "The paths that need end-to-end tests.", r#"["web/**"]"#,
        test.e2e_paths = |value| value.globs()?;
    "test.regression", "Test files that the usual conventions do not tell.", r#"["checks/**"]"#,
        test.regression = |value| value.globs()?;
    "test.setup", "Prepares a fresh work tree in which the regression test is proven.", r#"["npm", "ci"]"#,
        test.setup = |value| Some(value.command(FilesPlaceholder::Unknown)?);
    "test.link", "What such a work tree links to instead of making it anew, relative to the top; what the runner is known to need if absent.",
        r#"["node_modules"]"#,
        test.link = |value| value.paths()?;
    "test.timeout", "When a test run is ended, from 1s to 24h.", r#""10m""#,
        test.timeout = |value| value.duration()?;
    "deploy.command", "Brings the merged commit to production; without it, ship merges and says so.",
        r#"["./deploy.sh", "production"]"#,
        deploy.command = |value| Some(value.command(FilesPlaceholder::Unknown)?);
    "deploy.migrate", "Runs migrations after the deployment when the fix touches migrate_paths.",
        r#"["./migrate.sh"]"#,
        deploy.migrate = |value| Some(value.command(FilesPlaceholder::Unknown)?);
    "deploy.migrate_paths", "The paths that need migrations.", r#"["migrations/**"]"#,
        deploy.migrate_paths = |value| value.globs()?;
    "deploy.verify", "Looks at production afterwards: a URL that answers 2xx, or a command.",
        r#""https://example.com/health""#,
        deploy.verify = |value| Some(value.verify()?);
    "deploy.rollback", "Takes a deployment back when production does not verify.", r#"["./deploy.sh", "--previous"]"#,
        deploy.rollback = |value| Some(value.command(FilesPlaceholder::Unknown)?);
    "deploy.timeout", "When each of these commands is ended, from 1s to 24h.", r#""30m""#,
        deploy.timeout = |value| value.duration()?;
    "guard.max_files", "The most files a minimal fix changes, tests and lock files aside.", "10",
        guard.max_files = |value| value.number()?;
    "guard.max_lines", "The most lines it adds and removes, tests and lock files aside.", "200",
        guard.max_lines = |value| value.number()?;
    "guard.forbid", "The paths that a hotfix may not touch.", r#"[".github/**", "**/*.pem"]"#,
        guard.forbid = |value| value.globs()?;
    "documents.postmortem", "The folder of the postmortems.", r#""docs/decisions""#,
        documents.postmortem = |value| value.path()?;
    "documents.status", "The status page.", r#""docs/planning/STATUS.md""#,
        documents.status = |value| value.record()?;
    "documents.tech_debt", "The list of technical debt.", r#""docs/planning/TECH-DEBT.md""#,
        documents.tech_debt = |value| value.record()?;
    "documents.preset", "The house style of the postmortem.", r#""default""#,
        documents.preset = |value| value.choice(&PRESETS.map(|preset| (preset.name, preset.name)))?.to_owned();
    "records.deliver", "How the records get to the production branch: push, pull-request (a branch of their own), or leave (in the work tree).",
        r#""push""#,
        records = |value| value.choice(&Deliver::ALL.map(|way| (way.key(), way)))?;
    "severity.<name>.label", "What documents call this severity; <name> is its key in flags, JSON and the ledger.", r#""Low""#,
        level label = |value| value.label()?;
    "severity.<name>.aliases", "Other spellings of it that are understood.", r#"["p3", "sev4"]"#,
        level aliases = |value| value.aliases()?;
    "severity.<name>.urgency", "How urgent it is, 0 is the worst; critical, high and medium have 0, 1 and 2.", "3",
        level urgency = |value| value.number()?;
    "severity.<name>.definition", "One line that helps to choose it.", r#""an annoyance for few users""#,
        level definition = |value| value.text()?.to_owned();
    "severity.<name>.postmortem_due_days", "How many days after the incident is resolved its postmortem is due.", "5",
        level postmortem_due_days = |value| Some(value.number_up_to(MOST_DAYS)?);
    "severity.<name>.max_files", "Its own guard.max_files.", "20",
        level max_files = |value| Some(value.number()?);
    "severity.<name>.max_lines", "Its own guard.max_lines.", "400",
        level max_lines = |value| Some(value.number()?);
    "hooks.<event>", "Runs after an event of this kind is recorded, with the event's JSON on standard input.",
        r#"["./notify.sh"]"#,
        hook;
    "notify.events", "The kinds of events that a webhook is told; its address is yours alone: HOTFIX_NOTIFY_URL, or git config hotfix.notify.url.",
        r#"["opened", "merged", "deploy-finished", "verified", "closed"]"#,
        notify.events = |value| NotifyConfig::events_of(value.list()?)?;
    "notify.format", "What it is told in: json, or slack, which Mattermost and Discord's /slack take too.", r#""json""#,
        notify.format = |value| value.choice(&NotifyFormat::ALL.map(|format| (format.key(), format)))?;
    "ledger.share", "Whether the ledger is shared around every command that records; each person is asked once.", "false",
        ledger.share = |value| value.flag()?;
    "ledger.remote", "The remote that the ledger is shared with; production's if absent.", r#""origin""#,
        ledger.remote = |value| Some(value.name()?);
    "ledger.sign", "Whether what is recorded is signed, as git signs your commits (user.signingKey, gpg.format); nobody is asked for a passphrase.", "false",
        ledger.sign = |value| value.flag()?;
    "forge.kind", "Who hosts the repository: github, or local for nobody; detected if absent.", r#""github""#,
        forge.kind = |value| Some(value.choice(&ForgeKind::ALL.map(|kind| (kind.key(), kind)))?);
    "forge.api", "The address of its interface, for GitHub Enterprise; told by the remote's URL if absent.",
        r#""https://github.example.com/api/v3""#,
        forge.api = |value| Some(value.api()?);
    "forge.repository", "The repository there; told by the remote's URL if absent.", r#""acme/shop""#,
        forge.repository = |value| Some(value.repository()?);
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Key {}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}
