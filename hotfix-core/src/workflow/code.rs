//! The names of refusals, which programs read: once written, a name stays.

use std::fmt;

/// Lists the codes once: the variant, and how it is written.
macro_rules! codes {
    ($($variant:ident $name:literal,)*) => {
        /// A stable name of a refusal, for programs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = concat!("Written `", $name, "`.")] $variant,)*
        }

        impl Code {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in JSON, for example `dirty-tree`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

codes! {
    Arguments "arguments",
    Bare "bare",
    BranchExists "branch-exists",
    BranchGone "branch-gone",
    BranchInTheWay "branch-in-the-way",
    Build "build",
    Canceled "canceled",
    Cargo "cargo",
    Carry "carry",
    Checks "checks",
    Closed "closed",
    Command "command",
    Config "config",
    Confirm "confirm",
    Conflict "conflict",
    Damaged "damaged",
    Declined "declined",
    Defer "defer",
    Deploy "deploy",
    DeployInDoubt "deploy-in-doubt",
    DeployedUnknown "deployed-unknown",
    DirtyTree "dirty-tree",
    Doctor "doctor",
    Draft "draft",
    Drill "drill",
    Due "due",
    Edit "edit",
    Edited "edited",
    EmptyFix "empty-fix",
    Event "event",
    EventsGone "events-gone",
    Exists "exists",
    FailToFail "fail-to-fail",
    File "file",
    Flaky "flaky",
    ForeignBranch "foreign-branch",
    ForeignFile "foreign-file",
    ForgeApi "forge-api",
    Fork "fork",
    Gap "gap",
    Guard "guard",
    Hook "hook",
    InTheWay "in-the-way",
    Incident "incident",
    Ledger "ledger",
    Line "line",
    LineConflict "line-conflict",
    Mainline "mainline",
    ManFolder "man-folder",
    Merged "merged",
    MergedOther "merged-other",
    Message "message",
    Milestone "milestone",
    NewerHotfixNeeded "newer-hotfix-needed",
    NoAffectedTests "no-affected-tests",
    NoDeployCommand "no-deploy-command",
    NoFix "no-fix",
    NoForge "no-forge",
    NoIncident "no-incident",
    NoPostmortem "no-postmortem",
    NoProductionBranch "no-production-branch",
    NoRegressionTest "no-regression-test",
    NoRemote "no-remote",
    NoRestricted "no-restricted",
    NoRollbackCommand "no-rollback-command",
    NoSuchBase "no-such-base",
    NoSuchCommit "no-such-commit",
    NoSuchRemote "no-such-remote",
    NoTestRunner "no-test-runner",
    NoTests "no-tests",
    NoVerifyCommand "no-verify-command",
    NothingToUndo "nothing-to-undo",
    NotBuilt "not-built",
    NotCheckedOut "not-checked-out",
    NotCommitted "not-committed",
    NotComplete "not-complete",
    NotMerged "not-merged",
    NotRun "not-run",
    NotThere "not-there",
    NotThereYet "not-there-yet",
    NotShared "not-shared",
    NotYet "not-yet",
    Number "number",
    Offline "offline",
    Outside "outside",
    OtherWayBack "other-way-back",
    OwnCommit "own-commit",
    PassToFail "pass-to-fail",
    PassToPass "pass-to-pass",
    PostmortemPath "postmortem-path",
    ProductionRewritten "production-rewritten",
    Propagation "propagation",
    Proposed "proposed",
    PullRequestClosed "pull-request-closed",
    Queued "queued",
    Raced "raced",
    Random "random",
    Reason "reason",
    Records "records",
    Regression "regression",
    Rejected "rejected",
    RemoteRewritten "remote-rewritten",
    Render "render",
    Report "report",
    Retargeted "retargeted",
    Reverted "reverted",
    Rollback "rollback",
    RolledBack "rolled-back",
    Root "root",
    Rounds "rounds",
    Setup "setup",
    Severity "severity",
    Shallow "shallow",
    Signing "signing",
    Since "since",
    Slug "slug",
    Smoke "smoke",
    Status "status",
    StillWaiting "still-waiting",
    Tag "tag",
    TagExists "tag-exists",
    TagLeftBehind "tag-left-behind",
    Test "test",
    Text "text",
    Time "time",
    Title "title",
    Toolchain "toolchain",
    Unanswered "unanswered",
    Unborn "unborn",
    Unfinished "unfinished",
    UnreadableName "unreadable-name",
    Unsettled "unsettled",
    Verify "verify",
    Waive "waive",
    WhichBranch "which-branch",
    WhichIncident "which-incident",
    WhichRemote "which-remote",
    WhichRepository "which-repository",
    Worktree "worktree",
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn codes_are_written_as_ever() {
        let names: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        insta::assert_snapshot!(names.join(" "), @"arguments bare branch-exists branch-gone branch-in-the-way build canceled cargo carry checks closed command config confirm conflict damaged declined defer deploy deploy-in-doubt deployed-unknown dirty-tree doctor draft drill due edit edited empty-fix event events-gone exists fail-to-fail file flaky foreign-branch foreign-file forge-api fork gap guard hook in-the-way incident ledger line line-conflict mainline man-folder merged merged-other message milestone newer-hotfix-needed no-affected-tests no-deploy-command no-fix no-forge no-incident no-postmortem no-production-branch no-regression-test no-remote no-restricted no-rollback-command no-such-base no-such-commit no-such-remote no-test-runner no-tests no-verify-command nothing-to-undo not-built not-checked-out not-committed not-complete not-merged not-run not-there not-there-yet not-shared not-yet number offline outside other-way-back own-commit pass-to-fail pass-to-pass postmortem-path production-rewritten propagation proposed pull-request-closed queued raced random reason records regression rejected remote-rewritten render report retargeted reverted rollback rolled-back root rounds setup severity shallow signing since slug smoke status still-waiting tag tag-exists tag-left-behind test text time title toolchain unanswered unborn unfinished unreadable-name unsettled verify waive which-branch which-incident which-remote which-repository worktree");
    }
}
