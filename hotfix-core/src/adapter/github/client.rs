//! Requests to GitHub through octocrab: one at a time, within a deadline and a size, repeated only where that is safe.

use std::fmt::Debug;
use std::time::{Duration, Instant};

use http::Method;
use http::uri::{InvalidUri, Uri};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use octocrab::Octocrab;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use tokio::runtime::Runtime;

use crate::adapter::system::SystemClock;
use crate::domain::{HostedRepository, Printable, one_line};
use crate::port::{Clock as _, ErrorKind, ForgeAddress, PortError, Processes};

use super::connection::Route;
use super::error;
use super::error::{ApiError, ApiErrorKind};
use super::responses::ApiRepository;
use super::token::GitHubToken;

/// How long one answer may take.
const ONE: Duration = Duration::from_secs(20);
/// The longest answer that is read, in bytes.
const LONGEST: usize = 8 * 1024 * 1024;
/// How often something is asked at most.
const ATTEMPTS: u32 = 4;
/// How many pages of a list are read at most, a hundred things each.
const PAGES: u32 = 10;
/// Where repositories are found by their numbers, whatever they are called.
const REPOSITORIES: &str = "/repositories/";
/// What stands in a name as it is.
// A slash in a branch's name would else be taken for the next part of the path.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The time that one piece of work has left; without an end where that is further than the clock goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget(Option<Instant>);

impl Budget {
    /// The whole of it, from now on.
    pub(super) fn of(total: Duration) -> Self {
        Self(Instant::now().checked_add(total))
    }

    // An embedder may ask for any deadline, and `Instant + Duration` panics where the clock ends.
    pub(super) fn left(self) -> Duration {
        self.0.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()))
    }
}

/// The way to one repository's GitHub with one token.
pub(super) struct Connection {
    runtime: Runtime,
    rest: Octocrab,
    graphql: Octocrab,
    way: Route,
    token: GitHubToken,
    /// The address that all paths are below.
    api: String,
    /// `/repos/<owner>/<name>`.
    repository: String,
}

impl Debug for Connection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // By hand: what octocrab's own shows of its headers is nothing that we hold it to.
        formatter.debug_struct("Connection").field("repository", &self.repository).field("token", &self.token).finish()
    }
}

impl Connection {
    /// A connection to the repository, sending nothing yet; git, one of `processes`, is asked for the proxy.
    pub(super) fn new(
        address: &ForgeAddress,
        token: GitHubToken,
        processes: &dyn Processes,
    ) -> Result<Self, PortError> {
        let doing = || format!("set up the connection to {}", one_line(&address.api));
        let failed = |error: &dyn std::error::Error| {
            PortError::new(ErrorKind::Precondition, doing(), deepest(error)).hint("fix forge.api")
        };
        // The core is synchronous; a runtime that lives here asks nothing of the program that embeds it.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| PortError::new(ErrorKind::Internal, doing(), error))?;
        let uri: Uri = address.api.parse().map_err(|error: InvalidUri| failed(&error))?;
        let way = Route::to(&uri, processes).map_err(|error| {
            PortError::new(ErrorKind::Precondition, doing(), error)
                .hint("name one as http://HOST:PORT, or the host in no_proxy to be asked without it")
        })?;
        // octocrab spawns a task while it is built, which takes a runtime.
        let within = runtime.enter();
        let build = |base: &str| way.client(base, &token).map_err(|error| failed(&*error));
        let rest = build(&address.api)?;
        // GitHub Enterprise has `/api/v3` for the one and `/api/graphql` for the other.
        let graphql = build(address.api.strip_suffix("/v3").unwrap_or(&address.api))?;
        drop(within);
        let repository = format!("/repos/{}/{}", address.owner, address.name);
        Ok(Self { runtime, rest, graphql, way, token, api: address.api.clone(), repository })
    }

    /// A client whose whole work may take so long, from now on.
    pub(super) fn within(&self, total: Duration) -> Client<'_> {
        Client { connection: self, budget: Budget::of(total) }
    }

    fn lost(&self, error: &dyn std::error::Error) -> ApiError {
        let error = self.way.error(&deepest(error));
        ApiError { text: self.clean(&error.text), ..error }
    }

    fn unread(&self, path: &str, error: &(dyn std::error::Error + Send + Sync + 'static)) -> ApiError {
        let text = if error.is::<LengthLimitError>() {
            format!("the answer to {path} is longer than {} MiB", LONGEST / 1024 / 1024)
        } else {
            format!("the answer to {path} broke off: {}", deepest(error))
        };
        ApiError::new(ApiErrorKind::Network, self.clean(&text))
    }

    /// The answer as what was expected; an empty one is `null`.
    fn parsed<T: DeserializeOwned>(&self, path: &str, body: &[u8]) -> Result<T, ApiError> {
        let body = if body.is_empty() { b"null" } else { body };
        // The query of a search may hold what a person wrote.
        let path = path.split('?').next().unwrap_or_default();
        // What does not fit stands in the error as it came.
        serde_json::from_slice(body).map_err(|error| {
            let text = format!("the answer to {path} is not what GitHub gives: {error}");
            ApiError::new(ApiErrorKind::Garbled, self.clean(&text))
        })
    }

    /// One line that is not too long, without the token should the other side have sent it back. It is erased before the line
    /// is cut, for half a token is not recognised, and after what could part it is out.
    fn clean(&self, text: &str) -> String {
        let text = self.token.erase(&one_line(text));
        Printable::new(&text).at_most(error::LONGEST).into()
    }
}

/// Asks for one piece of work, within its time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client<'c> {
    connection: &'c Connection,
    budget: Budget,
}

impl<'c> Client<'c> {
    /// Where the token was found.
    pub(super) fn token_from(self) -> &'c str {
        &self.connection.token.from
    }

    /// The path of something in the repository.
    pub(super) fn path(self, rest: &str) -> String {
        format!("{}{rest}", self.connection.repository)
    }

    /// Reads; asks again after what may pass.
    pub(super) fn get<T: DeserializeOwned>(self, path: &str) -> Result<T, ApiError> {
        self.get_with_headers(path).map(|(answer, _)| answer)
    }

    /// Reads, and gives the headers too.
    pub(super) fn get_with_headers<T: DeserializeOwned>(self, path: &str) -> Result<(T, http::HeaderMap), ApiError> {
        let ask = || {
            let (headers, body) = self.once(&self.connection.rest, Method::GET, path, None)?;
            Ok((self.connection.parsed(path, &body)?, headers))
        };
        self.repeated(|_| true, ask)
    }

    /// The same; `None` for what is not there.
    pub(super) fn find<T: DeserializeOwned>(self, path: &str) -> Result<Option<T>, ApiError> {
        there(self.get(path))
    }

    /// Reads a list page by page, until one `ends` it or [`PAGES`] are read.
    pub(super) fn pages<T: DeserializeOwned>(self, path: &str, ends: impl Fn(&T) -> bool) -> Result<Vec<T>, ApiError> {
        let query = if path.contains('?') { '&' } else { '?' };
        let mut pages = Vec::new();
        // A check that reported after a hundred others once did not exist for us, and `ship` waited for ever.
        for number in 1..=PAGES {
            let path = format!("{path}{query}per_page=100&page={number}");
            let (page, headers) = self.get_with_headers(&path)?;
            // A page that is merely full says nothing: the next one may be empty, or missing.
            let is_last = ends(&page) || !has_next(&headers);
            pages.push(page);
            if is_last {
                break;
            }
        }
        Ok(pages)
    }

    /// The things of a list, of all its pages; `None` for what is not there.
    pub(super) fn find_all<T: DeserializeOwned>(self, path: &str) -> Result<Option<Vec<T>>, ApiError> {
        let pages = there(self.pages::<Vec<T>>(path, |_| false))?;
        Ok(pages.map(|pages| pages.into_iter().flatten().collect()))
    }

    /// Changes something; asked again only where GitHub certainly did nothing.
    pub(super) fn send<T: DeserializeOwned>(self, method: &Method, path: &str, body: &Json) -> Result<T, ApiError> {
        let ask = || self.answer(method, path, body);
        // After a lost answer the caller looks first: a second pull request or issue could not be taken back.
        self.repeated(|error| !error.may_have_acted(), ask)
    }

    /// Changes something in such a way that twice is once; asked again after what may pass.
    pub(super) fn send_again<T: DeserializeOwned>(
        self,
        method: &Method,
        path: &str,
        body: &Json,
    ) -> Result<T, ApiError> {
        self.repeated(|_| true, || self.answer(method, path, body))
    }

    /// Sends `body` once and reads what is answered.
    fn answer<T: DeserializeOwned>(self, method: &Method, path: &str, body: &Json) -> Result<T, ApiError> {
        let (_, body) = self.once(&self.connection.rest, method.clone(), path, Some(body))?;
        self.connection.parsed(path, &body)
    }

    /// Asks by GraphQL for what the other interface does not offer. What it says no to is [`ApiErrorKind::Unprocessable`].
    pub(super) fn graphql(self, query: &str, variables: &Json) -> Result<Json, ApiError> {
        let question = serde_json::json!({ "query": query, "variables": variables });
        let path = "/graphql";
        // Never repeated here: whether a mutation may run twice is known to the caller alone.
        let (_, body) = self.once(&self.connection.graphql, Method::POST, path, Some(&question))?;
        let answer: Json = self.connection.parsed(path, &body)?;
        let errors = answer.get("errors").and_then(Json::as_array);
        let errors: Vec<&Json> = errors.into_iter().flatten().collect();
        if errors.is_empty() {
            return Ok(answer);
        }
        let error = error::of_graphql(&errors);
        Err(ApiError { text: self.connection.clean(&error.text), ..error })
    }

    fn repeated<T>(
        self,
        is_safe: impl Fn(&ApiError) -> bool,
        mut ask: impl FnMut() -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let mut attempts = 0;
        loop {
            let error = match ask() {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            attempts += 1;
            // A pause that outlasts the budget would end in a worse error than the one at hand.
            let pause = error.pause(attempts).filter(|pause| *pause < self.budget.left());
            let Some(pause) = pause.filter(|_| attempts < ATTEMPTS && is_safe(&error)) else { return Err(error) };
            std::thread::sleep(pause);
        }
    }

    /// One request, one answer.
    fn once(
        self,
        octocrab: &Octocrab,
        method: Method,
        path: &str,
        body: Option<&Json>,
    ) -> Result<(http::HeaderMap, Vec<u8>), ApiError> {
        // One answer that hangs must leave time for another attempt.
        let time = self.budget.left().min(ONE);
        let exchange = async {
            let request = http::Request::builder().method(method).uri(path);
            let request = octocrab.build_request(request, body).map_err(|error| self.connection.lost(&error))?;
            let answer = octocrab.execute(request).await.map_err(|error| self.connection.lost(&error))?;
            let (parts, body) = answer.into_parts();
            // Whoever answers may never stop: a proxy's page, or another server at that address.
            let body = Limited::new(body, LONGEST).collect().await;
            let body = body.map_err(|error| self.connection.unread(path, &*error))?;
            Ok((parts, body.to_bytes().to_vec()))
        };
        let answered = self.connection.runtime.block_on(async { tokio::time::timeout(time, exchange).await });
        let (parts, body) = answered.unwrap_or_else(|_| {
            let text = format!("GitHub did not answer within {} seconds", time.as_secs());
            Err(ApiError::new(ApiErrorKind::Network, text))
        })?;
        match error::of(parts.status.as_u16(), &parts.headers, &body, self.token_from(), SystemClock.now()) {
            None => Ok((parts.headers, body)),
            Some(error) if error.kind == ApiErrorKind::Moved => {
                // octocrab is built not to follow redirects: it would carry the token to wherever they lead.
                let name = self.name_now(path, &parts.headers);
                Err(name.map_or_else(|| error.clone(), |name| error::renamed(&name)))
            }
            Some(error) => {
                let hint = error.hint.as_deref().map(|hint| self.connection.clean(hint));
                Err(ApiError { text: self.connection.clean(&error.text), hint, ..error })
            }
        }
    }

    /// What the repository is called now, by the address that an answer leads to. Only its number is taken of that: what is
    /// asked is asked at our own host, which alone gets the token.
    fn name_now(self, path: &str, headers: &http::HeaderMap) -> Option<String> {
        let location = headers.get(http::header::LOCATION)?.to_str().ok()?;
        // GitHub answers with an absolute address, some Enterprise proxies with a path.
        let here = location.strip_prefix(&self.connection.api).unwrap_or(location);
        let (_, after) = here.split_once(REPOSITORIES).filter(|_| here.starts_with('/'))?;
        let number = after.split(['/', '?']).next()?.parse::<u64>().ok()?;
        if path.starts_with(REPOSITORIES) {
            return None; // Nothing leads from there to itself.
        }
        let path = format!("{REPOSITORIES}{number}");
        let (_, body) = self.once(&self.connection.rest, Method::GET, &path, None).ok()?;
        self.connection
            .parsed::<ApiRepository>(&path, &body)
            .ok()
            .and_then(|repository| HostedRepository::owner_and_name(&repository.full_name))
            .map(|(owner, name)| format!("{owner}/{name}"))
    }
}

/// The answer, and nothing for what is not there.
pub(super) fn there<T>(answer: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        // GitHub says 404 also of what a token may not know about.
        Err(error) if error.kind == ApiErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the header says that another page follows. Its address is not used: it could lead elsewhere.
fn has_next(headers: &http::HeaderMap) -> bool {
    let mut links = headers.get_all("link").into_iter().filter_map(|value| value.to_str().ok());
    links.any(|links| links.contains("rel=\"next\""))
}

/// A name as it stands in an address.
pub(super) fn encoded(name: &str) -> String {
    utf8_percent_encode(name, PLAIN).to_string()
}

/// The reason at the bottom of an error; octocrab's own texts hold traces of its code.
fn deepest(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    // octocrab's outer errors print a backtrace and say `Service Error` of everything.
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}
