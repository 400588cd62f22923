//! A fix that changes what checks it.

use crate::domain::{Level, file_name, is_among};

use super::{GuardCheck, GuardedFix, Suspicion};

pub(super) const CHECK: GuardCheck = GuardCheck {
    id: "ci-pipeline",
    level: Level::Error,
    what: "the fix changes a continuous-integration pipeline",
    why: "the same change can switch off what would have caught it, or send the pipeline's secrets elsewhere",
    fix: "undo the change of this file, or let this pass with a reason where the pipeline itself is what is broken",
    find,
};

/// Folders whose files are pipelines.
const FOLDERS: [&str; 6] =
    [".github/workflows/", ".github/actions/", ".circleci/", ".buildkite/", ".woodpecker/", ".gitlab/ci/"];

/// Names of pipelines.
const NAMES: &str = "\
    .gitlab-ci.yml .travis.yml .drone.yml .woodpecker.yml Jenkinsfile appveyor.yml azure-pipelines.yml \
    bitbucket-pipelines.yml cloudbuild.yaml";

fn find(fix: &GuardedFix<'_>) -> Vec<Suspicion> {
    let touched = fix
        .changes()
        // Renamed away, a pipeline does not run any more.
        .filter(|change| is_pipeline(&change.path) || change.renamed_from.as_deref().is_some_and(is_pipeline));
    touched
        .map(|change| Suspicion::in_file(change, "this file is a part of the pipeline that checks the fix"))
        .collect()
}

/// Whether the file is a pipeline or a part of one.
pub(super) fn is_pipeline(path: &str) -> bool {
    FOLDERS.iter().any(|folder| path.starts_with(folder)) || is_among(NAMES, file_name(path))
}
