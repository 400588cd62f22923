//! Drives both programs as a person would: through real git and real cargo, in a home of their own.
//!
//! ```text
//! let sandbox = hotfix_tests::sandbox!();
//! let sample = sandbox.sample(Sample::Shell).with_remote();
//! insta::assert_snapshot!(sample.hotfix(["open", "Coupons take off too much", "--severity", "high"]), @"");
//! ```
//!
//! Nothing of the machine reaches a test but its programs: not its environment, git configuration, identity or time
//! zone. What differs from run to run (ids, dates, durations, folders) is replaced when an output is displayed.

mod alertmanager;
mod files;
mod github;
mod made;
mod memory;
mod output;
mod redact;
mod repo;
mod sample;
mod sandbox;
mod shim;
mod state;
mod template;
mod web;

pub use alertmanager::Alertmanager;
pub use github::{Fault, GitHub, Proxy, Settings, TOKEN};
pub use memory::Memory;
pub use output::CommandOutput;
pub use redact::redact;
pub use repo::Repo;
pub use sample::Sample;
pub use sandbox::{Sandbox, answering, has_ref_files};
pub use shim::{Mishap, Moment, Shim};
pub use web::Web;

/// A [`Sandbox`] with both programs of this build on its `PATH`.
#[macro_export]
macro_rules! sandbox {
    () => {
        // Only a package's own tests are told where its programs are.
        $crate::Sandbox::new(
            env!("CARGO_BIN_EXE_git-hotfix-under-test").as_ref(),
            env!("CARGO_BIN_EXE_cargo-hotfix-under-test").as_ref(),
        )
    };
}
