//! What an incident *is*. No input or output, no clock, no environment: these types can be used anywhere.

mod attachment;
mod carried;
pub mod event;
mod id;
pub mod incident;
mod landing;
mod milestone;
mod narrative;
mod opening;
mod pattern;
mod proof;
mod ref_name;
mod remote_url;
mod severity;
mod slug;
mod status;
mod text;
mod title;
mod version_line;

pub use attachment::{Attachment, Frame};
pub use carried::{Carried, CarriedBy};
pub use event::{Event, EventKind, Fact, Finding, Level, Person, PullRequestState, Visibility};
pub use id::{EventId, IncidentId, InvalidId, ObjectId, sha256_hex};
pub use incident::{Incident, NeverOpened};
pub use milestone::{Milestone, Milestones, UnknownMilestone};
pub use pattern::matches_pattern;
pub use proof::{Profile, Proof, ProvenTest, TestState, Verdict};
pub use ref_name::{BranchName, InvalidBranchName, RefName};
pub use remote_url::HostedRepository;
pub use severity::{InvalidSeverityKey, Severities, Severity, SeverityKey, SeverityLevel, UnknownSeverity};
pub use slug::{InvalidSlug, PREFIX, Slug};
pub use status::{Status, StatusChange, UnknownStatus};
pub use text::{Printable, one_line};
pub use title::{NoTitle, Title};
pub use version_line::is_about_versions;
