//! The machine: its clock, the files of a work tree, programs, signals and HTTP.

#[cfg(feature = "cli")]
pub mod browser;
mod clock;
pub mod environment;
mod files;
mod folder;
pub mod interrupt;
#[cfg(feature = "workflow")]
pub mod manual;
mod output;
#[cfg(feature = "workflow")]
mod probe;
mod processes;
#[cfg(feature = "workflow")]
mod proxy;
mod reports;
mod scratch;
#[cfg(feature = "workflow")]
mod sealed;
#[cfg(feature = "cli")]
pub mod typed;
#[cfg(feature = "workflow")]
mod webhook;
#[cfg(feature = "workflow")]
pub mod zone;

pub use clock::SystemClock;
pub use files::WorkTreeFiles;
#[cfg(feature = "workflow")]
pub use probe::HttpProbe;
pub use processes::SystemProcesses;
pub(super) use processes::{apart, ended, fed};
pub use reports::ReportFiles;
pub use scratch::CacheFolder;
#[cfg(feature = "workflow")]
pub use sealed::{Actor, COLUMNS, Sealed};
#[cfg(feature = "workflow")]
pub use webhook::HttpWebhook;
