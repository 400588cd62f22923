//! Whether masking, reading traces and escaping take time by the length of a text, whatever stands in it, or by its square.
//!
//! `cargo bench -p hotfix-tests --bench growth` judges; a run of the tests only shows that each gets through.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use hotfix_core::document::escape;
use hotfix_core::evidence::{Redactor, StackTraces};

/// A text of this length, and one of this many times as much, in bytes.
const LENGTH: usize = 10_000;
const TIMES: usize = 4;
/// A text may cost this many times as much: far above what it takes, far below the square of [`TIMES`].
const MOST: f64 = 8.0;
/// Of so many runs the fastest counts.
const RUNS: usize = 3;

/// Beginnings of what is masked, without an end or over and over.
const MASKED: [&str; 41] = [
    "password=",
    "password=x token: ",
    "password: &a ",
    "AUTH ",
    "&quot;password&quot;:",
    "password(",
    "login=a:",
    "setx password ",
    "echo | --password-stdin ",
    "cookie:",
    "cookie: a=b ",
    "://",
    "-----END X PRIVATE KEY-----",
    "-----BEGIN ",
    "token=\"",
    "<password>",
    "a --token ",
    "authorization: digest ",
    "x:",
    "eyJ",
    "Bearer ",
    ",a",
    "secret='\\'",
    "token=A(",
    "token=\\\"",
    "password: Some(\n",
    "password: |\n ",
    "curl -u a:",
    "mysql -p ",
    "sk-",
    "1|",
    "| password |",
    "kind: Secret\ndata:\n a: b\n",
    "{\"kind\":\"Secret\",\"data\":{",
    "\"Secret{",
    "name: x\nvalue: ",
    "a:b@tcp(",
    "<password ",
    "user:p@",
    "Authorization: a ",
    "mysql \"\"",
];

/// Pieces of traces and of what they are wrapped in.
const TRACES: [&str; 36] = [
    "{\"a\":[",
    "[",
    "\"",
    "\\",
    "\\n",
    "\"\\n\"",
    "\",",
    "at ",
    "#",
    "#1 ",
    ".php(",
    ".py:1: ",
    "File \"",
    " in ",
    ":in `",
    "?1",
    "{\"frames\":[{\"filename\":\"a.py\",\"lineno\":1},",
    "Caused by: X\n\tat a.B.c(B.java:1)\n",
    "(1",
    ": ",
    "a.go:1 ",
    "goroutine 1 [running]:\na.b()\n\ta.go:1\n",
    "panicked at a.rs:1:1\n",
    "&lt;",
    "<br>",
    "x=\"",
    "{\"x\": ",
    "1",
    "\u{fffd}",
    "    at f (/a.js:1:1)\n",
    "+---------------- 1\n  File \"a.py\", line 1, in f\n",
    "** (",
    "SyntaxError: ",
    "\t",
    "@",
    "E   ",
];

/// What may begin something in Markdown or in a commit message.
const ESCAPED: [&str; 16] =
    ["a", "a:", "@", "[", "&", "-", "#", "*", "gh-", "fixes ", "http", "[skip", "&a", "A-b:", "|", "`"];

/// CPU time of this process where the system tells it, else the time: others run on the same machine.
fn spent() -> Duration {
    static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
    // The scheduler counts when it is asked for another turn.
    thread::yield_now();
    let told = fs::read_to_string("/proc/self/schedstat").ok();
    let told = told.and_then(|told| told.split(' ').next()?.parse().ok());
    told.map_or_else(|| BEGUN.elapsed(), Duration::from_nanos)
}

/// What is done to a text, by its name, and what of it is hardest.
struct Work {
    name: &'static str,
    run: fn(&str) -> usize,
    pieces: Vec<String>,
    /// What stands before the pieces, as often as they do.
    begin: &'static str,
}

fn works() -> [Work; 3] {
    let texts = |pieces: &[&str]| pieces.iter().map(|piece| (*piece).to_owned()).collect::<Vec<_>>();
    let usual = "2026-11-22T09:40:12Z INFO GET https://shop.example/cart?id=12 status=200 user=bob took=12ms key: 7\n"
        .to_owned();
    let lines = TRACES.iter().map(|piece| format!("{piece}\n"));
    [
        Work {
            name: "mask",
            run: |text| Redactor::default().redact(text).text.len(),
            pieces: [texts(&MASKED), vec![usual]].concat(),
            begin: "",
        },
        Work {
            name: "read traces",
            run: |text| {
                let kept = StackTraces::of(text).kept(&["src/cart.py".to_owned()]);
                assert!(kept.frames.len() <= 50, "of {}", kept.all);
                kept.all
            },
            pieces: texts(&TRACES).into_iter().chain(lines).collect(),
            begin: "",
        },
        Work {
            name: "escape",
            run: |text| escape::prose(text).len() + escape::cell(text).len() + escape::commit_line(text, 72).len(),
            pieces: texts(&ESCAPED),
            begin: "A",
        },
    ]
}

impl Work {
    fn text(&self, piece: &str, length: usize) -> String {
        let times = length / piece.len();
        self.begin.repeat(times) + &piece.repeat(times)
    }

    fn fastest(&self, text: &str) -> Duration {
        let run = |_| {
            let begun = spent();
            black_box((self.run)(black_box(text)));
            spent().saturating_sub(begun)
        };
        (0..RUNS).map(run).min().unwrap_or_default()
    }

    /// How many times as long a text takes that is [`TIMES`] as long.
    fn growth(&self, piece: &str) -> f64 {
        let [short, long] = [LENGTH, LENGTH * TIMES].map(|length| self.fastest(&self.text(piece, length)));
        long.as_secs_f64() / short.as_secs_f64()
    }
}

#[expect(clippy::print_stdout, reason = "it is what a bench is for")]
fn main() -> ExitCode {
    let is_judged = env::args().any(|argument| argument == "--bench");
    let mut is_good = true;
    for work in works() {
        let mut most: f64 = 0.0;
        for piece in &work.pieces {
            if is_judged {
                let growth = work.growth(piece);
                most = most.max(growth);
                if growth > MOST {
                    is_good = false;
                    println!("{}: {growth:.1} times as long for {TIMES} times {piece:?}", work.name);
                }
            } else {
                black_box((work.run)(&work.text(piece, LENGTH)));
            }
        }
        if is_judged {
            println!("{}: at most {most:.1} times as long for {TIMES} times as much", work.name);
        }
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
