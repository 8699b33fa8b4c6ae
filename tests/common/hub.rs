//! A hub on 127.0.0.1, and the host that it redirects large files to. Written by hand, so that it
//! can misbehave.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use sha2::{Digest as _, Sha256};

/// What was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    pub headers: BTreeMap<String, String>,
}

/// What is answered.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The connection breaks after so many bytes of the body.
    pub cut: Option<usize>,
    /// Between chunks of 4 KB.
    pub pause: Duration,
}

impl Answer {
    pub fn new(status: u16, body: &[u8]) -> Self {
        Self { status, body: body.to_vec(), ..Self::default() }
    }

    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }
}

type Handler = dyn Fn(&Asked, Answer) -> Answer + Send + Sync;

/// Changes an answer before it goes out.
pub type Fault = Arc<Handler>;

/// A server: what it answers and what it was asked.
pub struct Server {
    pub address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &log, &*answer));
            }
        });
        Self { address, asked }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no panic").clone()
    }

    pub fn forget(&self) {
        self.asked.lock().expect("no panic").clear();
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<Asked>>, answer: &dyn Fn(&Asked) -> Answer) {
    let mut lines = BufReader::new(stream.try_clone().expect("a stream")).lines();
    let Some(Ok(first)) = lines.next() else { return };
    let path = first.split(' ').nth(1).unwrap_or("").to_owned();
    let headers = lines
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_lowercase(), value.trim().to_owned()))
        })
        .collect();
    let asked = Asked { path, headers };
    log.lock().expect("no panic").push(asked.clone());
    let answer = answer(&asked);
    let mut head = format!("HTTP/1.1 {} X\r\nConnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !answer.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length")) {
        head.push_str(&format!("Content-Length: {}\r\n", answer.body.len()));
    }
    head.push_str("\r\n");
    let end = answer.cut.unwrap_or(answer.body.len()).min(answer.body.len());
    // A client that has seen enough hangs up.
    let _ = stream.write_all(head.as_bytes());
    for chunk in answer.body[..end].chunks(4096) {
        if stream.write_all(chunk).is_err() {
            return;
        }
        if !answer.pause.is_zero() {
            thread::sleep(answer.pause);
        }
    }
    let _ = stream.flush();
    let _ = stream.shutdown(Shutdown::Write);
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file with Range and If-Range, as the hosts of large files give it.
pub fn ranged(asked: &Asked, body: &[u8]) -> Answer {
    let etag = format!("\"{}\"", &sha256(body)[..32]);
    let start = asked
        .headers
        .get("range")
        .and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok())
        .filter(|_| asked.headers.get("if-range").is_none_or(|tag| *tag == etag));
    let answer = match start {
        Some(start) if start >= body.len() => Answer::new(416, b""),
        Some(start) => Answer::new(206, &body[start..])
            .with("Content-Range", format!("bytes {start}-{}/{}", body.len() - 1, body.len())),
        None => Answer::new(200, body),
    };
    answer.with("ETag", etag).with("Accept-Ranges", "bytes")
}

/// Files of a repository by their path, which a test may change.
pub type Files = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A hub with one repository, `owner/name`.
pub struct Hub {
    pub server: Server,
    /// Where large files come from: another host.
    pub store: Server,
    pub files: Files,
    fault: Arc<Mutex<Option<Fault>>>,
    store_fault: Arc<Mutex<Option<Fault>>>,
}

pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

impl Hub {
    pub fn start(files: BTreeMap<String, Vec<u8>>) -> Self {
        let files: Files = Arc::new(Mutex::new(files));
        let fault: Arc<Mutex<Option<Fault>>> = Arc::default();
        let store_fault: Arc<Mutex<Option<Fault>>> = Arc::default();
        let (held, wrong) = (Arc::clone(&files), Arc::clone(&store_fault));
        let store = Server::start(move |asked| {
            let path = asked.path.trim_start_matches("/store/");
            let answer = match held.lock().expect("no panic").get(path) {
                Some(body) => ranged(asked, body),
                None => Answer::new(404, b"no such key"),
            };
            let wrong = wrong.lock().expect("no panic").clone();
            wrong.map_or(answer.clone(), |wrong| wrong(asked, answer))
        });
        let (held, wrong) = (Arc::clone(&files), Arc::clone(&fault));
        let large = store.address.clone();
        let server = Server::start(move |asked| {
            let parts: Vec<&str> = asked.path.splitn(6, '/').collect();
            let answer = match parts[..] {
                ["", "owner", "name", "resolve", _, path] => {
                    match held.lock().expect("no panic").get(path) {
                        Some(body) if path.ends_with(".onnx") => Answer::new(302, b"")
                            .with("Location", format!("{large}/store/{path}"))
                            .with("X-Repo-Commit", COMMIT)
                            .with("X-Linked-Etag", format!("\"{}\"", sha256(body)))
                            .with("X-Linked-Size", body.len()),
                        Some(body) => ranged(asked, body).with("X-Repo-Commit", COMMIT),
                        None => Answer::new(404, b"Entry not found"),
                    }
                }
                _ => Answer::new(404, b"Repository not found"),
            };
            let wrong = wrong.lock().expect("no panic").clone();
            wrong.map_or(answer.clone(), |wrong| wrong(asked, answer))
        });
        Self { server, store, files, fault, store_fault }
    }

    /// From now on the hub answers like this.
    pub fn fault(&self, fault: impl Fn(&Asked, Answer) -> Answer + Send + Sync + 'static) {
        *self.fault.lock().expect("no panic") = Some(Arc::new(fault));
    }

    /// From now on the host of large files answers like this.
    pub fn store_fault(&self, fault: impl Fn(&Asked, Answer) -> Answer + Send + Sync + 'static) {
        *self.store_fault.lock().expect("no panic") = Some(Arc::new(fault));
    }

    /// Both behave again.
    pub fn heal(&self) {
        *self.fault.lock().expect("no panic") = None;
        *self.store_fault.lock().expect("no panic") = None;
    }
}
