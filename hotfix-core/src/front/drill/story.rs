//! The story of the drill, as data: a small shop, what is wrong with it, and what its on-call engineer types.

/// A part of the story.
pub(super) struct StoryScene {
    pub(super) heading: &'static str,
    /// What a person should know before it, in lines of at most 78 columns.
    pub(super) says: &'static str,
    pub(super) acts: &'static [StoryAct],
    /// Whether its commands are shown: those that set the stage are not.
    pub(super) is_shown: bool,
}

/// One thing that is done.
pub(super) enum StoryAct {
    /// Files are written; shown as an editor's call.
    Edit(&'static [StoryFile]),
    /// A command is typed.
    Type(StoryCommand),
}

/// A file by its path from the top of the drill's folder, and its content.
pub(super) struct StoryFile(pub(super) &'static str, pub(super) &'static str);

/// A command, typed at the top of the shop's work tree.
pub(super) struct StoryCommand {
    pub(super) program: Who,
    pub(super) arguments: &'static [&'static str],
    /// The exit code it must have.
    pub(super) exits: i32,
}

/// Whose command it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Ours.
    Hotfix,
    /// One that is on `PATH`.
    Other(&'static str),
}

/// Where the work tree is, from the top of the drill's folder.
pub(super) const SHOP: &str = "shop";

/// The scene after which somebody has to do something about it.
pub(super) const FELT: &str = "Users feel it";

/// What git is told in the shop and its remote where a person plays on; what the sealed place says holds there no more.
pub(super) const SETTLED: &[&[&str]] = &[
    &["config", "user.name", "On-Call Engineer"],
    &["config", "user.email", "on-call@shop.example"],
    &["config", "commit.gpgSign", "false"],
    &["config", "tag.gpgSign", "false"],
    &["config", "core.hooksPath", "/dev/null"],
    &["-C", "../origin.git", "config", "core.hooksPath", "/dev/null"],
];

/// All of it, in order.
pub(super) const STORY: &[StoryScene] = &[
    StoryScene {
        heading: "The stage",
        says: "A shop with tests, a remote and a production that runs v1.0.0, all in a\n\
               throwaway folder. Your repositories and settings are not touched.",
        acts: STAGE,
        is_shown: false,
    },
    StoryScene {
        heading: FELT,
        says: "The alarm goes off: whoever uses a coupon pays more, not less.",
        acts: &[cat(&["../production/error.log"]), sh_fails(&["script/verify.sh", "../production"])],
        is_shown: true,
    },
    StoryScene {
        heading: "Open the incident",
        says: "Preflight, triage, and a branch from what production runs.",
        acts: &[OPEN, hotfix(&["note", "error.log: both traces end in with_coupon (coupon.sh:8)"])],
        is_shown: true,
    },
    StoryScene {
        heading: "Reproduce it",
        says: "The regression test comes first. The branch still is what production runs,\n\
               so the test must fail here, for the reason that users feel.",
        acts: &[
            StoryAct::Edit(&[StoryFile("shop/test/coupon_test.sh", include_str!("shop/test/coupon_test.sh"))]),
            cat(&["test/coupon_test.sh"]),
            sh_fails(&["test/run.sh", "test/coupon_test.sh"]),
        ],
        is_shown: true,
    },
    StoryScene {
        heading: "Fix it, and nothing else",
        says: "The sign, and a migration that pays back what was charged too much.",
        acts: &[
            StoryAct::Edit(&[
                StoryFile("shop/coupon.sh", include_str!("shop/coupon-fixed.sh")),
                StoryFile("shop/migrations/refund.sh", include_str!("shop/migrations/refund.sh")),
            ]),
            sh(&["test/run.sh", "test/coupon_test.sh"]),
            git(&["add", "coupon.sh", "migrations", "test"]),
            git(&["diff", "--staged", "--", "coupon.sh", "migrations"]),
            git(&["commit", "--quiet", "-m", "Take coupons off the price instead of adding them"]),
        ],
        is_shown: true,
    },
    StoryScene {
        heading: "Is the fix minimal, and does it work?",
        says: "`ship` would run whatever is missing by itself; here it is one by one.",
        acts: &[hotfix(&["guard"]), hotfix(&["test"])],
        is_shown: true,
    },
    StoryScene {
        heading: "The pull request",
        says: "Written from the record. Without a hosting service it is kept there, too.",
        acts: &[hotfix(&["pr", "--fix", "subtract the coupon, and pay back what it added"])],
        is_shown: true,
    },
    StoryScene {
        heading: "Ship it",
        says: "Merge exactly what was tested, deploy, migrate, and look at production.",
        acts: &[
            hotfix(&["ship", "--yes"]),
            cat(&["../production/refunds"]),
            sh(&["script/verify.sh", "../production"]),
        ],
        is_shown: true,
    },
    StoryScene {
        heading: "The morning after",
        says: "What remains to be done, and why it happened.",
        acts: &[
            hotfix(&["follow-up", "add", "refuse an order that costs more than its price", "--gap", "validation"]),
            hotfix(&["follow-up", "add", "alert on the first such order", "--gap", "monitoring"]),
            hotfix(&[
                "postmortem",
                "--root-cause",
                "no test used a coupon, so nobody saw the wrong sign",
                "--prevention",
                "the tests order with a coupon from now on",
            ]),
        ],
        is_shown: true,
    },
    StoryScene {
        heading: "Close it",
        says: "Postmortem, incident record and history go to production's branch.",
        acts: &[hotfix(&["close"]), hotfix(&["list", "--all"]), git(&["log", "--graph", "--oneline"])],
        is_shown: true,
    },
];

const STAGE: &[StoryAct] = &[
    StoryAct::Edit(&[
        StoryFile("shop/order.sh", include_str!("shop/order.sh")),
        StoryFile("shop/coupon.sh", include_str!("shop/coupon.sh")),
        StoryFile("shop/test/run.sh", include_str!("shop/test/run.sh")),
        StoryFile("shop/test/order_test.sh", include_str!("shop/test/order_test.sh")),
        StoryFile("shop/script/deploy.sh", include_str!("shop/script/deploy.sh")),
        StoryFile("shop/script/migrate.sh", include_str!("shop/script/migrate.sh")),
        StoryFile("shop/script/verify.sh", include_str!("shop/script/verify.sh")),
        StoryFile("shop/script/rollback.sh", include_str!("shop/script/rollback.sh")),
        StoryFile("shop/hotfix.toml", include_str!("shop/hotfix.toml")),
        StoryFile("production/orders", include_str!("shop/production/orders")),
        StoryFile("production/error.log", include_str!("shop/production/error.log")),
    ]),
    git(&["init", "--quiet"]),
    // By a relative path: an absolute one would differ in every transcript.
    git(&["init", "--quiet", "--bare", "../origin.git"]),
    git(&["remote", "add", "origin", "../origin.git"]),
    git(&["add", "--all"]),
    git(&["commit", "--quiet", "--message", "Take orders, with coupons"]),
    git(&["tag", "--annotate", "--message", "First release", "v1.0.0"]),
    git(&["push", "--quiet", "--set-upstream", "origin", "main", "v1.0.0"]),
    // The tests that are there pass with the bug in: nobody could have noticed.
    sh(&["test/run.sh"]),
    sh(&["script/deploy.sh", "../production"]),
];

const OPEN: StoryAct = hotfix(&[
    "open",
    "Coupons raise prices",
    "--severity",
    "critical",
    "--impact",
    "an order with a coupon costs more than one without",
    "--scope",
    "everybody with a coupon",
    "--source",
    "monitoring alert",
    "--started-at",
    "25m ago",
    "--detected-at",
    "5m ago",
]);

const fn hotfix(arguments: &'static [&'static str]) -> StoryAct {
    StoryAct::Type(StoryCommand { program: Who::Hotfix, arguments, exits: 0 })
}

const fn git(arguments: &'static [&'static str]) -> StoryAct {
    StoryAct::Type(StoryCommand { program: Who::Other("git"), arguments, exits: 0 })
}

const fn cat(arguments: &'static [&'static str]) -> StoryAct {
    StoryAct::Type(StoryCommand { program: Who::Other("cat"), arguments, exits: 0 })
}

const fn sh(arguments: &'static [&'static str]) -> StoryAct {
    StoryAct::Type(StoryCommand { program: Who::Other("sh"), arguments, exits: 0 })
}

/// A script that must say no.
const fn sh_fails(arguments: &'static [&'static str]) -> StoryAct {
    StoryAct::Type(StoryCommand { program: Who::Other("sh"), arguments, exits: 1 })
}
