//! Every key, declared once: its name, what it does, an example, and how its value is checked and kept.

use super::value::{Files, Value};
use super::{Config, Deliver, ForgeKind, Problem};
use crate::document::PRESETS;

/// A key of the configuration.
#[derive(Clone, Copy)]
pub struct Key {
    /// Its full name, for example `test.command`.
    pub name: &'static str,
    /// What it does, one line.
    pub help: &'static str,
    /// A value as `hotfix.toml` writes it: the default where there is one.
    pub example: &'static str,
    pub(super) set: fn(&mut Config, &Value) -> Result<(), Problem>,
}

impl Key {
    /// The table of `hotfix.toml` that holds it.
    pub fn section(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(section, _)| section)
    }

    /// Its name within the table.
    pub fn short_name(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(_, name)| name)
    }

    /// Its key in git's configuration, where names hold no `_`: `hotfix.guard.max-files`.
    pub fn git_config_key(&self) -> String {
        format!("hotfix.{}", self.name.replace('_', "-"))
    }

    /// Its environment variable: `HOTFIX_GUARD_MAX_FILES`.
    pub fn environment_variable(&self) -> String {
        format!("HOTFIX_{}", self.name.replace('.', "_").to_uppercase())
    }
}

macro_rules! keys {
    ($($name:literal, $help:literal, $example:literal, |$config:ident, $value:ident| $set:expr;)*) => {
        /// All keys, by section, in the order of the file that `init` writes.
        pub const KEYS: &[Key] = &[$(
            Key { name: $name, help: $help, example: $example, set: |$config, $value| { $set; Ok(()) } },
        )*];
    };
}

keys! {
    "production.branch", "The branch that production is built from; detected if absent.", r#""main""#,
        |config, value| config.production.branch = Some(value.name()?);
    "production.remote", "The remote that holds it; detected if absent.", r#""origin""#,
        |config, value| config.production.remote = Some(value.name()?);
    "test.command", "Runs the affected tests; {files} becomes their files, each an argument of its own.",
        r#"["npm", "run", "test", "--", "{files}"]"#,
        |config, value| config.test.command = Some(value.command(Files::Allowed)?);
    "test.e2e", "Runs the end-to-end tests when the fix touches e2e_paths.",
        r#"["npm", "run", "test:e2e", "--", "{files}"]"#,
        |config, value| config.test.e2e = Some(value.command(Files::Allowed)?);
    "test.e2e_paths", "The paths that need end-to-end tests.", r#"["web/**"]"#,
        |config, value| config.test.e2e_paths = value.globs()?;
    "test.regression", "Test files that the usual conventions do not tell.", r#"["checks/**"]"#,
        |config, value| config.test.regression = value.globs()?;
    "test.timeout", "When a test run is ended, from 1s to 24h.", r#""10m""#,
        |config, value| config.test.timeout = value.duration()?;
    "deploy.command", "Brings the merged commit to production; without it, ship merges and says so.",
        r#"["./deploy.sh", "production"]"#,
        |config, value| config.deploy.command = Some(value.command(Files::Unknown)?);
    "deploy.migrate", "Runs migrations after the deployment when the fix touches migrate_paths.",
        r#"["./migrate.sh"]"#,
        |config, value| config.deploy.migrate = Some(value.command(Files::Unknown)?);
    "deploy.migrate_paths", "The paths that need migrations.", r#"["migrations/**"]"#,
        |config, value| config.deploy.migrate_paths = value.globs()?;
    "deploy.verify", "Looks at production afterwards: a URL that answers 2xx, or a command.",
        r#""https://example.com/health""#,
        |config, value| config.deploy.verify = Some(value.verify()?);
    "deploy.rollback", "Takes a deployment back when production does not verify.", r#"["./deploy.sh", "--previous"]"#,
        |config, value| config.deploy.rollback = Some(value.command(Files::Unknown)?);
    "deploy.timeout", "When each of these commands is ended, from 1s to 24h.", r#""30m""#,
        |config, value| config.deploy.timeout = value.duration()?;
    "guard.max_files", "The most files a minimal fix changes, tests and lock files aside.", "10",
        |config, value| config.guard.max_files = value.number()?;
    "guard.max_lines", "The most lines it adds and removes, tests and lock files aside.", "200",
        |config, value| config.guard.max_lines = value.number()?;
    "guard.forbid", "The paths that a hotfix may not touch.", r#"[".github/**", "**/*.pem"]"#,
        |config, value| config.guard.forbid = value.globs()?;
    "documents.postmortem", "The folder of the postmortems.", r#""docs/decisions""#,
        |config, value| config.documents.postmortem = value.path()?;
    "documents.status", "The status page.", r#""docs/planning/STATUS.md""#,
        |config, value| config.documents.status = value.path()?;
    "documents.tech_debt", "The list of technical debt.", r#""docs/planning/TECH-DEBT.md""#,
        |config, value| config.documents.tech_debt = value.path()?;
    "documents.preset", "The house style of the postmortem.", r#""default""#,
        |config, value| config.documents.preset = value.choice(&PRESETS.map(|preset| (preset.name, preset.name)))?.to_owned();
    "records.deliver", "How the records get to the production branch: push, or leave them in the work tree.",
        r#""push""#,
        |config, value| config.records = value.choice(&[("push", Deliver::Push), ("leave", Deliver::Leave)])?;
    "forge.kind", "Who hosts the repository; local means nobody.", r#""local""#,
        |config, value| config.forge = value.choice(&[("local", ForgeKind::Local)])?;
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}
