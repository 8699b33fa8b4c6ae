//! One file over HTTP.
//!
//! The hub answers `GET /OWNER/NAME/resolve/REVISION/PATH` with the file, or for a large one with
//! a redirect to another host and what it knows of it: `X-Repo-Commit`, `X-Linked-Size`, and the
//! SHA-256 as `X-Linked-Etag`. Redirects are followed here, not by ureq: what counts is what the
//! hub said, and only the hub may see the token.

use std::{
    error::Error,
    fs::{self, File},
    io::{self, BufWriter, Read, Seek as _, SeekFrom, Write as _},
    path::PathBuf,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use ureq::{
    Agent, Body,
    http::{Response, Uri},
    tls::{PemItem, RootCerts, TlsConfig, parse_pem},
};

use super::{Event, HubError, LockedFile, MAX_BYTES, Promise, Settings, write};
use crate::model::{Cancel, measure};

/// Redirects in a row.
const MAX_HOPS: usize = 10;
/// Waits between tries: this, then twice this, and so on …
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// … but not longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A server that asks for a longer pause is not waited for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(120);
/// A try that brought this much does not count as failed.
const PROGRESS: u64 = 1 << 20;

/// A file that is wanted.
pub(super) struct Want<'a> {
    pub(super) repository: &'a str,
    pub(super) revision: &'a str,
    /// Path in the repository.
    pub(super) from: &'a str,
    pub(super) promise: Option<Promise>,
    pub(super) bytes: Option<u64>,
    pub(super) target: PathBuf,
    /// Name inside the model's folder.
    pub(super) name: &'a str,
}

impl Want<'_> {
    fn beside(&self, extension: &str) -> PathBuf {
        let mut path = self.target.as_os_str().to_owned();
        path.push(extension);
        path.into()
    }

    /// Where it grows.
    pub(super) fn part(&self) -> PathBuf {
        self.beside(".part")
    }

    pub(super) fn locked(&self, commit: Option<String>, bytes: u64, sha256: String) -> LockedFile {
        let (path, repository) = (self.name.to_owned(), self.repository.to_owned());
        LockedFile { path, repository, commit, bytes, sha256 }
    }
}

/// What the hub says of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Said {
    commit: Option<String>,
    sha256: Option<String>,
    bytes: Option<u64>,
}

/// Beside a part: which file it is a part of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct PartOf {
    /// The address asked for.
    url: String,
    sha256: Option<String>,
    /// A strong ETag of the last host.
    etag: Option<String>,
}

/// Why a try failed.
enum Failure {
    /// For good.
    Final(HubError),
    /// It may pass; the server may have said when.
    Passing(HubError, Option<Duration>),
}

impl<E: Into<HubError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Final(error.into())
    }
}

pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

pub(super) struct Client {
    agent: Agent,
    endpoint: String,
    origin: String,
    authorization: Option<String>,
    tries: u32,
}

impl Client {
    pub(super) fn new(settings: &Settings) -> Result<Self, HubError> {
        let endpoint = settings.endpoint.trim_end_matches('/').to_owned();
        let wrong = || {
            let endpoint = endpoint.escape_debug();
            HubError::Settings(format!(
                "HF_ENDPOINT is `{endpoint}`, expected an address such as {}",
                super::ENDPOINT
            ))
        };
        let origin = origin(&endpoint).ok_or_else(wrong)?;
        let authorization = settings.token.as_ref().map(|token| format!("Bearer {token}"));
        if settings.token.as_ref().is_some_and(|token| !token.chars().all(|c| c.is_ascii_graphic()))
        {
            let message =
                "the token of the hub has a character that no token has; look at HF_TOKEN";
            return Err(HubError::Settings(message.to_owned()));
        }
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .accept_encoding("identity")
            .user_agent(concat!("cermat/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(Duration::from_secs(20)))
            .timeout_connect(Some(Duration::from_secs(20)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .timeout_per_read(Some(Duration::from_secs(60)));
        if let Some(path) = &settings.certificates {
            let wrong = |why: String| {
                HubError::Settings(format!("SSL_CERT_FILE, `{}`: {why}", path.display()))
            };
            let pem = fs::read(path).map_err(|error| wrong(error.to_string()))?;
            let items: Result<Vec<_>, _> = parse_pem(&pem).collect();
            let items = items.map_err(|error| wrong(error.to_string()))?;
            let certificates: Vec<_> = items
                .into_iter()
                .filter_map(|item| match item {
                    PemItem::Certificate(certificate) => Some(certificate),
                    _ => None,
                })
                .collect();
            if certificates.is_empty() {
                return Err(wrong("no certificate is in it (PEM)".to_owned()));
            }
            let roots = RootCerts::Specific(Arc::new(certificates));
            config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
        }
        let agent = config.build().new_agent();
        Ok(Self { agent, endpoint, origin, authorization, tries: settings.tries.max(1) })
    }

    fn url(&self, want: &Want<'_>) -> String {
        let revision = want.revision.replace('/', "%2F");
        let from: Vec<String> = want.from.split('/').map(escape).collect();
        format!("{}/{}/resolve/{revision}/{}", self.endpoint, want.repository, from.join("/"))
    }

    /// Gets the file to its target.
    pub(super) fn get(
        &self,
        want: &Want<'_>,
        on: &mut dyn FnMut(Event<'_>),
        cancel: &Cancel,
    ) -> Result<LockedFile, HubError> {
        let part = want.part();
        let length = || fs::metadata(&part).map_or(0, |metadata| metadata.len());
        // Bytes of an earlier run may be wrong; bytes that all came now are tried once.
        let mut old = length() > 0;
        let mut failed = 0;
        loop {
            let before = length();
            let tried = self.once(want, on, cancel).and_then(|said| self.finish(want, said));
            let (error, after) = match tried {
                Ok(locked) => return Ok(locked),
                Err(Failure::Final(HubError::Hash { .. } | HubError::Long { .. })) if old => {
                    old = false;
                    continue;
                }
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Passing(error, after)) => (error, after),
            };
            failed = if length() >= before + PROGRESS { 1 } else { failed + 1 };
            if failed >= self.tries || after.is_some_and(|after| after > MAX_RETRY_AFTER) {
                return Err(error);
            }
            let wait = after.unwrap_or(FIRST_WAIT * 2u32.saturating_pow(failed - 1));
            let wait = if after.is_some() { wait } else { wait.min(LONGEST_WAIT) };
            on(Event::Again(brief(&error), wait.as_millis() as u64));
            let until = Instant::now() + wait;
            while Instant::now() < until {
                if cancel.is_cancelled() {
                    return Err(HubError::Cancelled);
                }
                thread::sleep(Duration::from_millis(20).min(until - Instant::now().min(until)));
            }
        }
    }

    /// One try: what the hub said, and the part whole on disk.
    fn once(
        &self,
        want: &Want<'_>,
        on: &mut dyn FnMut(Event<'_>),
        cancel: &Cancel,
    ) -> Result<Said, Failure> {
        let url = self.url(want);
        let (part, about) = (want.part(), want.beside(".part.json"));
        // The rest of the same file only: the same address, and a way to see that it has changed.
        let known: Option<PartOf> =
            fs::read(&about).ok().and_then(|text| serde_json::from_slice(&text).ok());
        let mut known = known.filter(|known| known.url == url);
        let mut offset = match &known {
            Some(known) if known.etag.is_some() || known.sha256.is_some() => {
                part.symlink_metadata().map_or(0, |m| if m.is_file() { m.len() } else { 0 })
            }
            _ => 0,
        };
        let (said, address, mut response) = self.follow(want, &url, &mut known, &mut offset)?;
        let status = response.status().as_u16();
        if status == 416 {
            // The part is as long as the file, or longer.
            if said.bytes == Some(offset) {
                return Ok(said);
            }
            discard(want)?;
            let error = HubError::Short { url, got: 0, expected: said.bytes.unwrap_or(0) };
            return Err(Failure::Passing(error, Some(Duration::ZERO)));
        }
        if is_page(&response) {
            return Err(HubError::Page { url }.into());
        }
        let announced = header(&response, "content-length").and_then(|n| n.parse::<u64>().ok());
        let mut total = announced;
        if status == 206 {
            let range = header(&response, "content-range").and_then(|range| content_range(&range));
            match range {
                Some((start, whole)) if start == offset => total = whole.or(said.bytes),
                _ => {
                    discard(want)?;
                    let error = HubError::Short { url, got: 0, expected: said.bytes.unwrap_or(0) };
                    return Err(Failure::Passing(error, Some(Duration::ZERO)));
                }
            }
        } else {
            offset = 0;
        }
        let expected = said.bytes.or(want.bytes).or(total);
        let limit = want.bytes.or(said.bytes).unwrap_or(MAX_BYTES).min(MAX_BYTES);
        if let Some(got) = [said.bytes, total].into_iter().flatten().find(|got| *got > limit) {
            discard(want)?;
            return Err(HubError::Long { url, got, expected: limit }.into());
        }
        let etag = header(&response, "etag").filter(|etag| etag.starts_with('"'));
        let now = PartOf { url: url.clone(), sha256: said.sha256.clone(), etag };
        let now = serde_json::to_vec(&now).map_err(|error| write(&about)(error.into()))?;
        fs::write(&about, now).map_err(write(&about))?;
        if offset == 0 && part.symlink_metadata().is_ok() {
            fs::remove_file(&part).map_err(write(&part))?;
        }
        on(Event::File(want.name, offset, expected));
        let got = receive(&mut response, &part, offset, limit, on, cancel);
        let got = match got {
            Ok(got) => got,
            Err(Received::Broken(source)) => {
                let error = HubError::Connection { url: address, source };
                return Err(Failure::Passing(error, None));
            }
            Err(Received::Disk(error)) => return Err(write(&part)(error).into()),
            Err(Received::Cancelled) => return Err(HubError::Cancelled.into()),
        };
        if got > limit {
            discard(want)?;
            return Err(HubError::Long { url, got, expected: limit }.into());
        }
        match expected {
            Some(expected) if got < expected => {
                Err(Failure::Passing(HubError::Short { url, got, expected }, None))
            }
            _ => Ok(said),
        }
    }

    /// Follows redirects to the file. `offset` becomes 0 where what is here is of another file.
    fn follow(
        &self,
        want: &Want<'_>,
        url: &str,
        known: &mut Option<PartOf>,
        offset: &mut u64,
    ) -> Result<(Said, String, Response<Body>), Failure> {
        let mut said = Said::default();
        let mut address = url.to_owned();
        for _ in 0..=MAX_HOPS {
            let ours = origin(&address).is_some_and(|origin| origin == self.origin);
            let mut request = self.agent.get(&address);
            if let Some(authorization) = self.authorization.as_ref().filter(|_| ours) {
                request = request.header("Authorization", authorization);
            }
            if *offset > 0 {
                request = request.header("Range", format!("bytes={offset}-"));
                if let Some(etag) = known.as_ref().and_then(|known| known.etag.as_ref()) {
                    request = request.header("If-Range", etag);
                }
            }
            let response = request.call().map_err(|error| connection(url, error))?;
            if ours {
                hear(&mut said, &response);
                self.compare(want, url, &said)?;
                // A part of a file that the hub no longer has.
                let other = known.as_ref().is_some_and(|known| {
                    known.sha256.is_some() && said.sha256.is_some() && known.sha256 != said.sha256
                });
                if other {
                    discard(want)?;
                    (*known, *offset) = (None, 0);
                }
            }
            match response.status().as_u16() {
                200 | 206 | 416 => return Ok((said, address, response)),
                301 | 302 | 303 | 307 | 308 => {
                    let to = header(&response, "location").unwrap_or_default();
                    let refused = |why| HubError::Redirect {
                        url: url.to_owned(),
                        to: to.escape_debug().to_string(),
                        why,
                    };
                    let next = join(&address, &to)
                        .ok_or_else(|| refused("that is no address; the hub is out of order"))?;
                    if address.starts_with("https:") && !next.starts_with("https:") {
                        return Err(refused("it would leave HTTPS; somebody is in between").into());
                    }
                    address = next;
                }
                status => {
                    return Err(refusal(url, status, &response, self.authorization.is_some()));
                }
            }
        }
        let to = address.escape_debug().to_string();
        Err(HubError::Redirect { url: url.to_owned(), to, why: "it goes in circles" }.into())
    }

    /// Refuses a file that is not the promised one before its bytes come.
    fn compare(&self, want: &Want<'_>, url: &str, said: &Said) -> Result<(), HubError> {
        match (&want.promise, &said.sha256) {
            (Some(promise), Some(now)) if promise.sha256 != *now => Err(HubError::Changed {
                url: url.to_owned(),
                now: now.clone(),
                locked: promise.sha256.clone(),
                by: promise.by.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Checks the whole part and puts it in its place.
    fn finish(&self, want: &Want<'_>, said: Said) -> Result<LockedFile, Failure> {
        let (url, part) = (self.url(want), want.part());
        let (bytes, sha256) = measure(&part).map_err(write(&part))?;
        let mut head = [0; 64];
        let read = File::open(&part).and_then(|mut file| file.read(&mut head));
        let read = read.map_err(write(&part))?;
        if looks_like_page(&head[..read]) {
            discard(want)?;
            return Err(HubError::Page { url }.into());
        }
        let promised = want.promise.as_ref().map(|promise| &promise.sha256);
        if let Some(expected) = said.sha256.as_ref().or(promised).filter(|other| **other != sha256)
        {
            let expected = expected.clone();
            discard(want)?;
            // The hub does not say the hash of a small file: that it differs is known only now.
            let error = match (&want.promise, &said.sha256) {
                (Some(promise), None) => {
                    HubError::Changed { url, now: sha256, locked: expected, by: promise.by.clone() }
                }
                _ => HubError::Hash { url, got: sha256, expected },
            };
            return Err(error.into());
        }
        File::open(&part).and_then(|file| file.sync_all()).map_err(write(&part))?;
        fs::rename(&part, &want.target).map_err(write(&want.target))?;
        let about = want.beside(".part.json");
        fs::remove_file(&about).map_err(write(&about))?;
        Ok(want.locked(said.commit, bytes, sha256))
    }
}

/// Why a body did not come to its end.
enum Received {
    Broken(Box<dyn Error + Send + Sync>),
    Disk(io::Error),
    Cancelled,
}

/// Writes a body to the end of the part; how long the part is then. Stops above `limit`.
fn receive(
    response: &mut Response<Body>,
    part: &PathBuf,
    offset: u64,
    limit: u64,
    on: &mut dyn FnMut(Event<'_>),
    cancel: &Cancel,
) -> Result<u64, Received> {
    let open = || {
        let mut file = File::options().create(true).write(true).truncate(false).open(part)?;
        file.set_len(offset)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(file)
    };
    let mut file = BufWriter::new(open().map_err(Received::Disk)?);
    let mut reader = response.body_mut().as_reader();
    let mut buffer = vec![0; 1 << 16];
    let mut at = offset;
    let end = loop {
        if cancel.is_cancelled() {
            break Err(Received::Cancelled);
        }
        match reader.read(&mut buffer) {
            Ok(0) => break Ok(()),
            Ok(read) => {
                at += read as u64;
                if at > limit {
                    break Ok(());
                }
                file.write_all(&buffer[..read]).map_err(Received::Disk)?;
                on(Event::Bytes(at));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Err(Received::Broken(error.into())),
        }
    };
    // What came is kept, whatever ended it.
    file.flush().map_err(Received::Disk)?;
    end.map(|()| at)
}

/// Throws the part away.
fn discard(want: &Want<'_>) -> Result<(), HubError> {
    for path in [want.part(), want.beside(".part.json")] {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(write(&path)(error).into());
            }
            _ => {}
        }
    }
    Ok(())
}

fn header(response: &Response<Body>, name: &str) -> Option<String> {
    Some(response.headers().get(name)?.to_str().ok()?.trim().to_owned())
}

/// Adds what this answer of the hub says.
fn hear(said: &mut Said, response: &Response<Body>) {
    said.commit = said.commit.take().or_else(|| {
        header(response, "x-repo-commit").filter(|commit| {
            (7..=64).contains(&commit.len()) && commit.bytes().all(|b| b.is_ascii_hexdigit())
        })
    });
    said.sha256 = said.sha256.take().or_else(|| {
        let etag = header(response, "x-linked-etag")?;
        Some(etag.trim_matches('"').to_lowercase()).filter(|etag| is_sha256(etag))
    });
    said.bytes =
        said.bytes.or_else(|| header(response, "x-linked-size").and_then(|size| size.parse().ok()));
}

/// Whether a web page is announced; no file of a model is one.
fn is_page(response: &Response<Body>) -> bool {
    header(response, "content-type").is_some_and(|kind| {
        let kind = kind.to_lowercase();
        kind.starts_with("text/html") || kind.starts_with("application/xhtml")
    })
}

fn looks_like_page(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).trim_start().to_lowercase();
    text.starts_with("<!doctype html") || text.starts_with("<html")
}

/// Start and total of `bytes 5-9/10`.
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    Some((range.split_once('-')?.0.parse().ok()?, total.parse().ok()))
}

fn connection(url: &str, error: ureq::Error) -> Failure {
    let passing = matches!(
        error,
        ureq::Error::Io(_)
            | ureq::Error::Timeout(_)
            | ureq::Error::HostNotFound
            | ureq::Error::ConnectionFailed
            | ureq::Error::Protocol(_)
            | ureq::Error::BodyStalled
    );
    let error = HubError::Connection { url: url.to_owned(), source: Box::new(error) };
    if passing { Failure::Passing(error, None) } else { Failure::Final(error) }
}

/// What a status means.
fn refusal(url: &str, status: u16, response: &Response<Body>, token: bool) -> Failure {
    let after = header(response, "retry-after").and_then(|seconds| seconds.parse().ok());
    let after = after.map(Duration::from_secs);
    let advice = match status {
        401 if token => "the token is not accepted; make a new one and set HF_TOKEN".to_owned(),
        401 => "it wants to know who asks, or there is no such repository; set HF_TOKEN to a token that may read it".to_owned(),
        403 => "this account may not read it; accept its terms on its page, or set HF_TOKEN to a token of one that may".to_owned(),
        404 => "no such file, revision or repository; look at its page, and at NAME@REVISION".to_owned(),
        407 => "the proxy wants a login; put it into HTTPS_PROXY".to_owned(),
        429 => match after {
            Some(after) => format!("too many requests; try again in {} s, or set HF_TOKEN", after.as_secs()),
            None => "too many requests; try again in some minutes, or set HF_TOKEN".to_owned(),
        },
        500..=599 => "it is out of order; try again later".to_owned(),
        _ => "unexpected; check HF_ENDPOINT".to_owned(),
    };
    let error = HubError::Status { url: url.to_owned(), status, advice };
    match status {
        408 | 425 | 429 | 500 | 502 | 503 | 504 => Failure::Passing(error, after),
        _ => Failure::Final(error),
    }
}

/// What happened, where it is tried again: no address and no advice yet.
fn brief(error: &HubError) -> String {
    match error {
        HubError::Status { status, .. } => format!("the hub answers {status}"),
        HubError::Short { got, expected, .. } => format!("only {got} of {expected} bytes came"),
        HubError::Connection { source, .. } => format!("no answer: {source}"),
        other => other.to_string(),
    }
}

/// Scheme, host and port: who it is that is asked.
fn origin(address: &str) -> Option<String> {
    let uri: Uri = address.parse().ok()?;
    let (scheme, host) = (uri.scheme_str()?, uri.host().filter(|host| !host.is_empty())?);
    let default = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    Some(format!("{scheme}://{}:{}", host.to_lowercase(), uri.port_u16().unwrap_or(default)))
}

/// The address that `to` means on the page `from`.
fn join(from: &str, to: &str) -> Option<String> {
    let scheme = from.split_once("://")?.0;
    let next = if to.contains("://") {
        to.to_owned()
    } else if let Some(rest) = to.strip_prefix("//") {
        format!("{scheme}://{rest}")
    } else if to.starts_with('/') {
        let authority = from[scheme.len() + 3..].split(['/', '?', '#']).next()?;
        format!("{scheme}://{authority}{to}")
    } else {
        return None;
    };
    origin(&next).map(|_| next)
}

/// A part of a path, percent-encoded.
fn escape(part: &str) -> String {
    let mut out = String::new();
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{content_range, escape, join, looks_like_page, origin};

    #[test]
    fn addresses() {
        let from = "https://hub.example/a/b?c";
        assert_eq!(join(from, "https://cdn.example/x").as_deref(), Some("https://cdn.example/x"));
        assert_eq!(join(from, "//cdn.example/x").as_deref(), Some("https://cdn.example/x"));
        assert_eq!(join(from, "/x/y").as_deref(), Some("https://hub.example/x/y"));
        assert_eq!(join(from, "ftp://x/y"), None);
        assert_eq!(join(from, ""), None);
        assert_eq!(origin("https://Hub.example/x"), origin("https://hub.example:443"));
        assert_ne!(origin("https://hub.example"), origin("http://hub.example"));
        assert_ne!(origin("https://hub.example"), origin("https://hub.example.evil"));
        assert_ne!(origin("https://hub.example@evil.example"), origin("https://hub.example"));
        assert_eq!(escape("a b/ü"), "a%20b%2F%C3%BC");
    }

    #[test]
    fn headers() {
        assert_eq!(content_range("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(content_range("bytes 5-9/*"), Some((5, None)));
        assert_eq!(content_range("bytes */10"), None);
        assert!(looks_like_page(b"\n <!DOCTYPE html><html>"));
        assert!(!looks_like_page(b"{\"a\": \"<html>\"}"));
    }
}
