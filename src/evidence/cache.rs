//! Evidence on disk, so that what has not changed is not run again.
//!
//! # Layout
//! `FOLDER/CONTEXT/0.log`, `1.log`, …: CONTEXT is a hash of all that evidence depends on besides
//! the text (program, model, options). A log is a row of records: length of the value (4 bytes,
//! little endian), key (16 bytes), the first 8 bytes of the SHA-256 of key and value, the value
//! (JSON). A record that is damaged is not found, one that is cut off ends the log.
//!
//! # Several processes
//! A process appends to the first log that it can lock, and reads them all. So there are as many
//! logs as processes have run at once, nothing waits, and a process that is killed loses nothing but
//! the record it was writing.
//!
//! # Size
//! A log that has reached [`LOG_BYTES`] is closed and another one begun. When the cache is opened
//! and all logs together are larger than the limit, the oldest of them go. So it may be over
//! the limit by what one run adds.
//!
//! # Why not a library
//! redb and sled let one process in at a time, cacache writes two files an entry. An embedded SQL
//! database would do, at ten times the code and a C compiler.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use sha2::{Digest, Sha256};

use super::{Evidence, EvidenceSet};
use crate::document::Segment;

/// Version of the records: raised when the meaning of evidence changes.
const VERSION: u32 = 3;
/// Size at which a log is closed, in bytes.
pub const LOG_BYTES: u64 = 32 << 20;
/// What all logs may have together when none is said, in bytes.
pub const LIMIT_BYTES: u64 = 512 << 20;
/// Bytes of a record before its value.
const HEAD: usize = 4 + 16 + SUM;
/// Bytes of the checksum in it.
const SUM: usize = 8;

type Key = [u8; 16];

/// Evidence of earlier runs.
#[derive(Debug)]
pub struct Cache {
    context: String,
    /// Where a value lies: number of the log, first byte of it, length.
    index: HashMap<Key, (usize, u64, u32)>,
    logs: Vec<File>,
    /// Appended to; `None` when no log could be locked, or none written.
    own: Option<Own>,
}

#[derive(Debug)]
struct Own {
    log: usize,
    end: u64,
    /// Where to begin another one; `None` for a journal, which is one file.
    folder: Option<PathBuf>,
}

impl Cache {
    /// Opens the cache in `folder` for evidence made with `context`: the model and its options.
    ///
    /// # Errors
    /// When the folder cannot be made. Logs that cannot be read count as empty.
    pub fn open(folder: &Path, context: &str, limit: u64) -> io::Result<Self> {
        evict(folder, limit);
        let mut new = Self::empty(context);
        let folder = folder.join(hex(&Sha256::digest(&new.context)[..8]));
        fs::create_dir_all(&folder)?;
        let mut paths: Vec<PathBuf> =
            fs::read_dir(&folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
        paths.sort();
        for path in paths {
            // Not a reason to fail: another process may have removed it.
            let Ok(file) = OpenOptions::new().read(true).append(true).open(&path) else { continue };
            let locked = new.own.is_none() && file.try_lock().is_ok();
            let (log, end) = new.read(file);
            // Behind `end` is at most a record that was cut off.
            if locked && end < LOG_BYTES && new.logs[log].set_len(end).is_ok() {
                new.own = Some(Own { log, end, folder: Some(folder.clone()) });
            } else if locked {
                let _ = new.logs[log].unlock();
            }
        }
        if new.own.is_none() {
            new.begin(&folder);
        }
        Ok(new)
    }

    /// Opens a journal: a log of its own at `path`, which grows as long as the run lasts. `resume`:
    /// what an earlier run has written is used, else dropped.
    ///
    /// # Errors
    /// When it cannot be written, or another process does.
    pub fn journal(path: &Path, context: &str, resume: bool) -> io::Result<Self> {
        let mut new = Self::empty(context);
        let options = &mut OpenOptions::new();
        let file = options.read(true).append(true).create(true).open(path)?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            let message = "another run is writing it";
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, message));
        }
        if !resume {
            file.set_len(0)?;
        }
        let (log, end) = new.read(file);
        new.logs[log].set_len(end)?;
        new.own = Some(Own { log, end, folder: None });
        Ok(new)
    }

    fn empty(context: &str) -> Self {
        let program = env!("CARGO_PKG_VERSION");
        let context = format!("{VERSION} {program} {context}");
        Self { context, index: HashMap::new(), logs: Vec::new(), own: None }
    }

    /// How many texts it knows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether it knows none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// The evidence `needs` for `segment`, if it is known and undamaged.
    #[must_use]
    pub fn get(&mut self, segment: &Segment, needs: EvidenceSet) -> Option<Evidence> {
        let key = self.key(segment, needs);
        let place = *self.index.get(&key)?;
        let value = self.value(&key, place);
        if value.is_none() {
            // Damaged: made anew.
            self.index.remove(&key);
        }
        value
    }

    fn value(&self, key: &Key, (log, start, len): (usize, u64, u32)) -> Option<Evidence> {
        let mut record = vec![0; SUM + len as usize];
        let mut file = self.logs.get(log)?;
        file.seek(SeekFrom::Start(start - SUM as u64)).ok()?;
        file.read_exact(&mut record).ok()?;
        let (expected, value) = record.split_at(SUM);
        (sum(key, value) == expected).then(|| serde_json::from_slice(value).ok())?
    }

    /// Keeps `evidence`. A cache that cannot be written is no cache, and no error.
    pub fn put(&mut self, segment: &Segment, needs: EvidenceSet, evidence: &Evidence) {
        let key = self.key(segment, needs);
        if self.index.contains_key(&key) {
            return;
        }
        let Ok(value) = serde_json::to_vec(evidence) else { return };
        let Ok(len) = u32::try_from(value.len()) else { return };
        let Some(own) = &mut self.own else { return };
        let mut record = Vec::with_capacity(HEAD + value.len());
        record.extend(len.to_le_bytes());
        record.extend(key);
        record.extend(sum(&key, &value));
        record.extend(&value);
        // One write, so that a kill cuts off at most this record.
        if self.logs[own.log].write_all(&record).is_err() {
            self.own = None;
            return;
        }
        self.index.insert(key, (own.log, own.end + HEAD as u64, len));
        own.end += record.len() as u64;
        if own.end >= LOG_BYTES
            && let Some(folder) = own.folder.clone()
        {
            self.begin(&folder);
        }
    }

    /// SHA-256, since texts are a stranger's: nobody must be able to make two of them collide.
    fn key(&self, segment: &Segment, needs: EvidenceSet) -> Key {
        let mut hash = Sha256::new();
        let source = segment.source.as_ref().map(|source| source.text.as_str());
        for text in [Some(self.context.as_str()), source, Some(segment.target.text.as_str())] {
            hash.update(text.map_or(u64::MAX, |text| text.len() as u64).to_le_bytes());
            hash.update(text.unwrap_or(""));
        }
        hash.update(segment.direction.code());
        hash.update([needs.bits()]);
        hash.finalize()[..16].try_into().expect("16 bytes")
    }

    /// Takes in the records of `file`; its number, and where its last whole record ends.
    fn read(&mut self, file: File) -> (usize, u64) {
        let log = self.logs.len();
        let mut end = 0;
        let bytes = file.metadata().map_or(0, |metadata| metadata.len());
        let mut reader = BufReader::with_capacity(1 << 16, &file);
        let mut head = [0; HEAD];
        while reader.read_exact(&mut head).is_ok() {
            let len = u32::from_le_bytes(head[..4].try_into().expect("4 bytes"));
            let key: Key = head[4..20].try_into().expect("16 bytes");
            let start = end + HEAD as u64;
            // Values are compared with their sums when they are asked for.
            if start + u64::from(len) > bytes || reader.seek_relative(len.into()).is_err() {
                break;
            }
            self.index.insert(key, (log, start, len));
            end = start + u64::from(len);
        }
        self.logs.push(file);
        (log, end)
    }

    /// Begins a new log.
    fn begin(&mut self, folder: &Path) {
        self.own = None;
        for number in 0..10_000 {
            let path = folder.join(format!("{number}.log"));
            let options = &mut OpenOptions::new();
            match options.read(true).append(true).create_new(true).open(path) {
                // Another process may have been quicker, and keeps that one.
                Ok(file) if file.try_lock().is_err() => {}
                Ok(file) => {
                    let (log, folder) = (self.logs.len(), Some(folder.to_owned()));
                    self.own = Some(Own { log, end: 0, folder });
                    self.logs.push(file);
                    return;
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(_) => return,
            }
        }
    }
}

fn sum(key: &Key, value: &[u8]) -> [u8; 8] {
    let hash = Sha256::new().chain_update(key).chain_update(value).finalize();
    hash[..8].try_into().expect("8 bytes")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Removes the oldest logs until those that are left have at most `limit` bytes.
fn evict(folder: &Path, limit: u64) {
    let inside = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    let mut logs: Vec<(SystemTime, u64, PathBuf)> = inside(folder)
        .flat_map(|context| inside(&context.path()).collect::<Vec<_>>())
        .filter_map(|log| {
            let metadata = log.metadata().ok()?;
            Some((metadata.modified().ok()?, metadata.len(), log.path()))
        })
        .collect();
    logs.sort();
    let mut total: u64 = logs.iter().map(|(_, bytes, _)| bytes).sum();
    for (_, bytes, path) in logs {
        if total <= limit {
            break;
        }
        if fs::remove_file(path).is_ok() {
            total -= bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        document::{Document, SegmentText},
        evidence::{Aligned, Alignment, Compared, Phrase, RoundTrip, WordScore},
        model::{Alternative, ForcedDecoding, Skip, TokenScore},
        text::{Direction, Side, Span},
    };

    fn segments(count: usize) -> Vec<Segment> {
        let mut document = Document::new("a", "");
        for i in 0..count {
            let text = |text: String| SegmentText::contiguous(text, 0);
            let source = (i % 2 == 0).then(|| text(format!("source {i}")));
            document.push(0, Direction::EnId, source, text(format!("target {i}")));
        }
        document.segments
    }

    /// Everything filled in, with numbers that are not short.
    fn evidence(i: usize) -> Evidence {
        let nats = -1.0 / (i as f32 + 3.0);
        let token = TokenScore {
            span: Span::new(0..5),
            log_prob: nats,
            best_log_prob: nats / 7.0,
            starts_word: true,
        };
        let likely = Alternative { text: " kata".to_owned(), log_prob: nats / 3.0 };
        let forced = ForcedDecoding {
            tokens: vec![token; 3],
            eos_log_prob: nats / 11.0,
            alternatives: vec![vec![likely.clone()]; 3],
        };
        let span = Span::new(3..7);
        let aligned = Aligned { span, counterpart: Span::new(0..2), similarity: nats / 1.7 };
        let compared = Compared {
            text: format!("teks \"{i}\"\n"),
            log_prob: nats * 13.0,
            tokens: 3,
            chrf: Some(100.0 / 3.0),
            stopped: false,
        };
        Evidence {
            back_translation: Some(compared.clone()),
            forward: Some(forced.clone()),
            reverse: Some(forced.clone()),
            own: Some(forced.clone()),
            features: vec![-0.25; crate::evidence::FEATURES.len()].try_into().ok(),
            round_trip: Some(RoundTrip { hypothesis: Some(compared), forced }),
            quality: Some(200.0 / 3.0),
            words: Some(vec![WordScore {
                span,
                log_prob: nats,
                risk: 0.1,
                doubtful: true,
                expected: vec![likely],
            }]),
            alignment: Some(Alignment {
                similarity: nats,
                precision: nats / 1.1,
                recall: nats / 1.3,
                source: vec![aligned; 2],
                target: Vec::new(),
            }),
            phrases: Some(vec![Phrase { side: Side::Source, span, gain: nats, similarity: 0.3 }]),
            skipped: Some(Skip::TooLong { tokens: 700, limit: 512 }),
        }
    }

    const NEEDS: EvidenceSet = EvidenceSet::QUALITY;

    #[test]
    fn what_was_put_is_got_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let segments = segments(40);
        let open = |context: &str| Cache::open(folder.path(), context, LIMIT_BYTES).unwrap();
        let mut cache = open("m1");
        for (i, segment) in segments.iter().enumerate() {
            assert_eq!(cache.get(segment, NEEDS), None);
            cache.put(segment, NEEDS, &evidence(i));
            assert_eq!(cache.get(segment, NEEDS), Some(evidence(i)));
        }
        drop(cache);
        let mut cache = open("m1");
        for (i, segment) in segments.iter().enumerate() {
            assert_eq!(cache.get(segment, NEEDS), Some(evidence(i)));
            assert_eq!(cache.get(segment, EvidenceSet::all()), None);
            let turned = Segment { direction: Direction::IdEn, ..segment.clone() };
            assert_eq!(cache.get(&turned, NEEDS), None);
            assert_eq!(open("m2").get(segment, NEEDS), None);
        }
    }

    #[test]
    fn damage_costs_what_it_hits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let segments = segments(5);
        let journal = |resume| Cache::journal(&path, "m", resume).unwrap();
        let mut cache = journal(true);
        for (i, segment) in segments.iter().enumerate() {
            cache.put(segment, NEEDS, &evidence(i));
        }
        drop(cache);
        let whole = fs::read(&path).unwrap();
        let half = whole.len() / 2;
        let mut damaged = whole.clone();
        damaged[half] ^= 1;
        for (bytes, left) in
            [(&whole[..half], 2), (&damaged, 4), (b"nonsense", 0), (&[0xff; 100], 0)]
        {
            fs::write(&path, bytes).unwrap();
            let mut cache = journal(true);
            let known = segments.iter().filter(|s| cache.get(s, NEEDS).is_some()).count();
            assert_eq!(known, left);
            for (i, segment) in segments.iter().enumerate() {
                cache.put(segment, NEEDS, &evidence(i));
            }
            drop(cache);
            let mut cache = journal(true);
            assert!(segments.iter().all(|segment| cache.get(segment, NEEDS).is_some()));
        }
        assert!(journal(false).is_empty());
    }

    #[test]
    fn processes_do_not_meet_in_one_log() {
        let folder = tempfile::tempdir().unwrap();
        let segments = segments(30);
        let open = || Cache::open(folder.path(), "m", LIMIT_BYTES).unwrap();
        // A lock belongs to an open file, so caches of one process part as those of several do.
        std::thread::scope(|scope| {
            for part in segments.chunks(10) {
                scope.spawn(move || {
                    let mut cache = open();
                    for segment in part {
                        cache.put(segment, NEEDS, &evidence(segment.id.index()));
                    }
                });
            }
        });
        let mut cache = open();
        for segment in &segments {
            assert_eq!(cache.get(segment, NEEDS), Some(evidence(segment.id.index())));
        }
        let path = folder.path().join("journal");
        let first = Cache::journal(&path, "m", true).unwrap();
        assert!(Cache::journal(&path, "m", true).unwrap_err().to_string().contains("another run"));
        drop(first);
    }

    #[test]
    fn the_oldest_go() {
        let folder = tempfile::tempdir().unwrap();
        let segments = segments(2);
        for (context, segment) in ["old", "new"].iter().zip(&segments) {
            let mut cache = Cache::open(folder.path(), context, LIMIT_BYTES).unwrap();
            cache.put(segment, NEEDS, &evidence(0));
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let open = |context: &str| Cache::open(folder.path(), context, 4000).unwrap();
        assert_eq!(open("new").len(), 1);
        assert_eq!(open("old").len(), 0);
    }
}
