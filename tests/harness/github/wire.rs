//! HTTP as far as the fake server needs it.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Read, Write as _};

use serde_json::{Value as Json, json};

/// What was asked.
pub(super) struct Request {
    pub(super) method: String,
    /// Path and query as they came.
    pub(super) target: String,
    pub(super) path: String,
    pub(super) query: BTreeMap<String, String>,
    pub(super) authorization: String,
    pub(super) body: Json,
}

pub(super) fn render(status: u16, headers: &[(&'static str, String)], body: &str) -> String {
    let extra: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = if status == 204 { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    format!("HTTP/1.1 {status} Told\r\ncontent-type: application/json\r\n{extra}{length}\r\n{body}")
}

/// The part of a list that was asked for, and the header that leads to the next: 30 things unless more are asked for, 100 at
/// most.
pub(super) fn paged(address: &str, request: &Request, mut body: Json) -> (Json, Option<String>) {
    let list = match &mut body {
        Json::Array(list) => Some(list),
        Json::Object(fields) => {
            let known = ["check_runs", "statuses"].into_iter().find(|name| fields.contains_key(*name));
            known.and_then(|name| fields.get_mut(name)).and_then(Json::as_array_mut)
        }
        _ => None,
    };
    let Some(list) = list.filter(|_| request.method == "GET") else { return (body, None) };
    let number = |name: &str| request.query.get(name).and_then(|text| text.parse::<usize>().ok());
    let (size, page) = (number("per_page").unwrap_or(30).clamp(1, 100), number("page").unwrap_or(1).max(1));
    let rest = list.split_off((page * size).min(list.len()));
    list.drain(..((page - 1) * size).min(list.len()));
    let next = format!("<{address}{}?per_page={size}&page={}>; rel=\"next\"", request.path, page + 1);
    (body, (!rest.is_empty()).then_some(next))
}

pub(super) fn read_request(reader: &mut BufReader<impl Read>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut length, mut authorization) = (0, String::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok().filter(|length| *length > 0)?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "authorization" => authorization = value.trim().to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((target.as_str(), ""));
    let query = query.split('&').filter_map(|pair| pair.split_once('='));
    let query = query.map(|(key, value)| (key.to_owned(), decoded(value))).collect();
    let body = serde_json::from_slice(&body).unwrap_or(Json::Null);
    let path = decoded_path(path);
    let request = Request { method, target, path, query, authorization, body };
    record(&request);
    Some(request)
}

/// Notes what was asked, a line of JSON each, for those who compare it with GitHub's own description. Never the token.
fn record(request: &Request) {
    let Ok(path) = std::env::var("HOTFIX_GITHUB_RECORD") else { return };
    let line = json!({ "method": request.method, "target": request.target, "body": request.body });
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes())).expect("what is asked can be recorded");
}

/// Each part of a path, decoded; a slash within a part stays encoded.
fn decoded_path(path: &str) -> String {
    path.split('/').map(decoded).collect::<Vec<_>>().join("/")
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits: Vec<u8> = rest.by_ref().take(2).collect();
            let digits = String::from_utf8(digits).unwrap_or_default();
            bytes.push(u8::from_str_radix(&digits, 16).unwrap_or(b'?'));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
