//! Is git there, and new enough?

use super::{Answer, CheckVerdict, Examination, Halt, Setup};

/// What we promise to work with.
const PROMISED: [u32; 2] = [2, 39];
/// Below this, options that are needed are missing.
const NEEDED: [u32; 2] = [2, 30];

pub(super) fn judge(setup: &Setup<'_>) -> Result<CheckVerdict, Halt> {
    let Answer::Text(text) = setup.ask(Examination::GitVersion)?? else {
        return Ok(CheckVerdict::failure("git did not tell its version", "install git 2.39 or newer"));
    };
    Ok(verdict(&text))
}

fn verdict(text: &str) -> CheckVerdict {
    // Apple and Windows add words of their own: `2.39.5 (Apple Git-154)`.
    let mut numbers = text.split(['.', ' ']).map_while(|part| part.parse().ok());
    let version = [numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)];
    let fix = "install git 2.39 or newer";
    match version {
        _ if version >= PROMISED => CheckVerdict::ok(format!("git {text}")),
        _ if version >= NEEDED => CheckVerdict::warning(format!("git {text} is older than what is tested"), fix),
        _ => CheckVerdict::failure(format!("git {text} is too old"), fix),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Health;
    use super::verdict;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (text, state) in [
            ("2.47.3", Health::Ok),
            ("2.39.5 (Apple Git-154)", Health::Ok),
            ("3.0", Health::Ok),
            ("2.38.1", Health::Warning),
            ("2.4.11", Health::Failure),
            ("1.9", Health::Failure),
            ("what", Health::Failure),
        ] {
            assert_eq!(verdict(text).state, state, "{text}");
        }
    }
}
