//! Which values of an incident `--json` can be narrowed to.

/// What a list has of each incident.
pub const LISTED_FIELDS: [&str; 22] = [
    "id",
    "title",
    "slug",
    "severity",
    "impact",
    "scope",
    "source",
    "status",
    "visibility",
    "branch",
    "base",
    "band_aid",
    "postmortem",
    "started_at",
    "detected_at",
    "opened_at",
    "mitigated_at",
    "merged_at",
    "deployed_at",
    "verified_at",
    "resolved_at",
    "closed_at",
];

/// What only the view of one incident has besides.
pub const SHOWN_FIELDS: [&str; 8] =
    ["pull_request", "steps", "timeline", "taken_back", "evidence", "follow_ups", "anomalies", "postmortem_due"];

/// Reads the name of a value that a list has.
#[cfg(feature = "cli")]
pub(super) fn listed() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(LISTED_FIELDS)
}

/// Reads the name of a value that the view of one incident has.
#[cfg(feature = "cli")]
pub(super) fn shown() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(LISTED_FIELDS.into_iter().chain(SHOWN_FIELDS))
}
