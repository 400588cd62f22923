//! A small service with a passing test and a bug: a coupon of 10 percent takes off everything.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::Sandbox;
use crate::repo::ORIGIN;
use crate::sandbox::SHOP;
use crate::template::Template;

/// What the service is written in, and so which test runner fits. Its files are under `harness/samples`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// A Cargo package.
    Cargo,
    /// A package for Node.js, tested by `npm test`.
    Node,
    /// A Python package, tested by pytest.
    Python,
    /// A shell script, tested by the command that `hotfix.toml` names: needs nothing but git and a shell.
    Shell,
}

/// Which of a sample project's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The service as it is in production.
    Broken,
    /// The files that change to fix the bug.
    Fix,
    /// A test file that fails while the bug is there.
    Regression,
}

impl Sample {
    /// Every one of them.
    pub const ALL: [Self; 4] = [Self::Cargo, Self::Node, Self::Python, Self::Shell];

    /// Copies files of the sample project into a folder.
    pub(crate) fn copy(self, part: Part, to: &Path) {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/samples");
        copy_folder(&samples.join(self.folder()).join(part.folder()), to);
    }

    /// The repository as it begins.
    pub(crate) fn template(self) -> &'static Template {
        static TEMPLATES: [OnceLock<Template>; Sample::ALL.len()] = [const { OnceLock::new() }; Sample::ALL.len()];
        TEMPLATES.get(self as usize).expect("there is one for each").get_or_init(|| {
            let sandbox = Sandbox::without_programs();
            let _ = sandbox.new_sample(self);
            Template::of(sandbox.root(), [SHOP])
        })
    }

    /// What a remote adds to that.
    pub(crate) fn remote_template(self) -> &'static Template {
        static TEMPLATES: [OnceLock<Template>; Sample::ALL.len()] = [const { OnceLock::new() }; Sample::ALL.len()];
        TEMPLATES.get(self as usize).expect("there is one for each").get_or_init(|| {
            let sandbox = Sandbox::without_programs();
            sandbox.new_sample(self).add_remote("main");
            let known = ["config", "refs/remotes", "logs/refs/remotes"].map(|part| format!("{SHOP}/.git/{part}"));
            Template::of(sandbox.root(), known.iter().map(String::as_str).chain([ORIGIN]))
        })
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Cargo => "cargo",
            Self::Node => "node",
            Self::Python => "python",
            Self::Shell => "shell",
        }
    }
}

impl Part {
    fn folder(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Fix => "fix",
            Self::Regression => "regression",
        }
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder is ours");
    for entry in fs::read_dir(from).expect("the sample is there") {
        let from: PathBuf = entry.expect("the sample can be read").path();
        let to = to.join(from.file_name().expect("an entry has a name"));
        if from.is_dir() {
            copy_folder(&from, &to);
        } else {
            fs::copy(&from, &to).expect("the folder is ours");
        }
    }
}
