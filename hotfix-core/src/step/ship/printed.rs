//! What the programs of a deployment printed, as a person reads it after `ship`.

use crate::domain::{Incident, Printable};

/// So many lines of each part are shown.
const LAST_LINES: usize = 10;

/// What each part of the deployment printed, its last lines where that is much.
pub(super) fn by_deployment(incident: &Incident) -> String {
    let parts = incident.deploys.ended.iter().filter(|deploy| Some(&deploy.commit) == incident.released_commit());
    parts.map(|deploy| output(deploy.part.key(), &Printable::new(&deploy.output))).collect()
}

fn output(part: &str, printed: &Printable) -> String {
    let last = printed.tail(LAST_LINES, 2048);
    match last.as_str().lines().collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        [only] => format!("  {part}: {only}\n"),
        lines => {
            let more = printed.as_str().trim_end().lines().count().saturating_sub(lines.len());
            let left_out = if more > 0 { format!(" the last of {} lines", lines.len() + more) } else { String::new() };
            let lines: String = lines.iter().map(|line| format!("    {line}\n")).collect();
            format!("  {part}:{left_out}\n{lines}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_deployment_printed_is_shown_whole_where_it_is_short() {
        let lines = |count: usize| (1..=count).map(|number| format!("refund order {number}\n")).collect::<String>();
        let shown = [0, 1, 3, 30].map(|count| output("migrate", &Printable::new(&lines(count))));
        insta::assert_snapshot!(shown.concat(), @"
          migrate: refund order 1
          migrate:
            refund order 1
            refund order 2
            refund order 3
          migrate: the last of 30 lines
            refund order 21
            refund order 22
            refund order 23
            refund order 24
            refund order 25
            refund order 26
            refund order 27
            refund order 28
            refund order 29
            refund order 30
        ");
    }
}
