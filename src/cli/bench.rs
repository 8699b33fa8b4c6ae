//! `cermat models bench`: how fast a model is on this machine, and what memory it takes.
//!
//! Sentences are built in, so that two machines can be compared; nothing is read from files.

use std::{
    fs,
    io::Write,
    time::{Duration, Instant},
};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{Cli, Exit, args::ModelArgs, output::Output};
use crate::{
    model::{Cancel, DecodeOptions, InferError, Request, TranslationModel},
    onnx::Pool,
    text::{Direction, Language},
};

/// `cermat models bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Name of an installed model or folder of an exported one [default: as `--model`].
    #[arg(value_name = "NAME|PATH")]
    pub name: Option<String>,
    /// How it runs.
    #[command(flatten)]
    pub model: ModelArgs,
    /// Format of the figures.
    #[arg(long, short, value_enum, default_value_t = BenchFormat::Text, value_name = "FORMAT")]
    pub format: BenchFormat,
}

/// How figures are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BenchFormat {
    /// For people.
    Text,
    /// A header and a line a measurement, with tabs.
    Tsv,
    /// One object.
    Json,
}

/// Requests in a batch that are measured.
const BATCHES: [usize; 3] = [1, 8, 32];
/// How long each measurement goes on at least.
const LEAST: Duration = Duration::from_millis(700);
/// A measurement that would take longer, by what smaller batches took, is left out.
const MOST: Duration = Duration::from_secs(30);
/// Passes over a batch before time is taken: the first runs of a session allocate its memory.
const WARM: usize = 1;

/// Indonesian with its translation, 4 to 40 words: as varied in length as an article.
const SENTENCES: [(&str, &str); 16] = [
    ("Toko itu tutup pada hari Minggu.", "The shop is closed on Sundays."),
    (
        "Harga beras naik lagi minggu ini karena hujan menunda panen di tiga kabupaten.",
        "The price of rice rose again this week because rain delayed the harvest in three districts.",
    ),
    ("Siapa yang menulis laporan ini?", "Who wrote this report?"),
    (
        "Ia mengatakan bahwa jembatan baru akan selesai sebelum akhir tahun, tetapi warga desa \
         tidak yakin.",
        "She said that the new bridge would be finished before the end of the year, but the \
         villagers were not convinced.",
    ),
    (
        "Simpan berkas, tutup program, lalu nyalakan ulang komputer.",
        "Save the file, close the program, then restart the computer.",
    ),
    (
        "Kereta berangkat pukul 7.15 dan tiba di kota sebelum siang.",
        "The train leaves at 7:15 and arrives in the city before noon.",
    ),
    ("Kami belum menerima jawaban.", "We have not received an answer yet."),
    (
        "Para peneliti memeriksa 1.250 sampel air dari sungai dan menemukan logam berat pada \
         hampir separuhnya, terutama di hilir kawasan pabrik.",
        "The researchers examined 1,250 water samples from the river and found heavy metals in \
         almost half of them, mainly downstream of the factory area.",
    ),
    (
        "Anak-anak bermain bola di lapangan sampai hari gelap.",
        "The children played football on the field until it was dark.",
    ),
    (
        "Menurut aturan itu, setiap penyewa harus diberi tahu secara tertulis sekurang-kurangnya \
         tiga puluh hari sebelum sewanya berakhir.",
        "According to the rule, every tenant has to be told in writing at least thirty days before \
         the lease ends.",
    ),
    ("Hati-hati di jalan!", "Take care on the way!"),
    (
        "Meskipun hasilnya belum diumumkan, kedua calon sudah berterima kasih kepada pendukung \
         mereka dan meminta semua orang tetap tenang.",
        "Although the result has not been announced, both candidates have thanked their supporters \
         and asked everyone to stay calm.",
    ),
    (
        "Resep ini cukup untuk empat orang dan dapat disiapkan dalam setengah jam.",
        "This recipe is enough for four people and can be prepared in half an hour.",
    ),
    (
        "Perpustakaan menyimpan lebih dari sepuluh ribu naskah, sebagian ditulis di atas daun \
         lontar, dan kini memotret semuanya agar isinya tidak hilang.",
        "The library keeps more than ten thousand manuscripts, some of them written on palm \
         leaves, and is now photographing all of them so that what they say is not lost.",
    ),
    ("Air itu terlalu panas untuk diminum.", "The water is too hot to drink."),
    (
        "Setelah berjalan dua jam di tengah hutan, mereka menemukan sebuah gubuk kosong.",
        "After walking in the forest for two hours they found an empty hut.",
    ),
];

/// What was measured.
#[derive(Debug, Serialize)]
struct Report {
    model: String,
    family: String,
    direction: String,
    device: &'static str,
    workers: usize,
    threads: usize,
    beams: usize,
    load_seconds: f64,
    /// Resident memory of the process once the first worker had loaded, and before, in MiB.
    memory_mib: Option<u64>,
    before_mib: Option<u64>,
    peak_mib: Option<u64>,
    measurements: Vec<Measurement>,
}

#[derive(Debug, Serialize)]
struct Measurement {
    task: &'static str,
    batch: usize,
    sentences_per_second: f64,
    /// Of targets, the end token counted.
    tokens_per_second: f64,
}

/// A line of `/proc/self/status` in MiB; `None` where the system has no such file.
fn memory(key: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(key))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}

pub(super) fn bench(cli: &Cli, args: &BenchArgs) -> anyhow::Result<Exit> {
    let cancel = super::cancel_on_interrupt();
    let mut model = args.model.clone();
    if args.name.is_some() {
        model.model.clone_from(&args.name);
    }
    let before = memory("VmRSS:");
    let begun = Instant::now();
    let mut pool = super::open_model(&model, &cancel, cli.verbose)?;
    let load_seconds = begun.elapsed().as_secs_f64();
    let info = pool.info().clone();
    let direction = info.directions.first().copied().unwrap_or(Direction::IdEn);
    let options = DecodeOptions { beams: model.beams.into(), ..DecodeOptions::default() };
    let (workers, threads) = pool.workers();
    let mut report = Report {
        model: info.name.clone(),
        family: info.family.clone(),
        direction: direction.code().to_owned(),
        device: model.device.name(),
        workers,
        threads,
        beams: options.beams,
        load_seconds,
        memory_mib: memory("VmRSS:"),
        before_mib: before,
        peak_mib: None,
        measurements: Vec::new(),
    };
    for (task, search) in [("translate", true), ("force", false)] {
        let mut seconds_each = 0.0;
        for batch in BATCHES {
            // A model that rounds by the batch runs one by one, whatever is asked.
            let alone = batch > 1 && !info.batch_invariant;
            let expected = seconds_each * (batch * workers * (WARM + 1)) as f64;
            if alone || expected > MOST.as_secs_f64() {
                continue;
            }
            if !cli.quiet {
                eprintln!("cermat: {task}, batches of {batch} …");
            }
            let run = Run { direction, search, batch, options: &options, cancel: &cancel };
            let found = run.measure(&mut pool, workers)?;
            seconds_each = found.sentences_per_second.recip();
            report.measurements.push(Measurement { task, ..found });
        }
    }
    report.peak_mib = memory("VmHWM:");
    let mut out = Output::open(None, cli.color)?;
    match args.format {
        BenchFormat::Text => text(&report, &mut out)?,
        BenchFormat::Tsv => tsv(&report, &mut out)?,
        BenchFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &report)?;
            writeln!(out)?;
        }
    }
    out.finish()?;
    Ok(Exit::Passed)
}

struct Run<'a> {
    direction: Direction,
    search: bool,
    batch: usize,
    options: &'a DecodeOptions,
    cancel: &'a Cancel,
}

impl Run<'_> {
    fn measure(&self, pool: &mut Pool, workers: usize) -> Result<Measurement, InferError> {
        pool.set_max_batch(self.batch);
        // Every sentence has its turn, so that batches of one are not all alike.
        let mut sentences = SENTENCES.iter().cycle();
        // A batch for each worker.
        let mut next = || -> Vec<Request<'static>> {
            let request = |(indonesian, english): &(&'static str, &'static str)| {
                let (source, target) = match self.direction.source() {
                    Language::Id => (*indonesian, *english),
                    Language::En => (*english, *indonesian),
                };
                let force = (!self.search).then_some(target);
                let request = Request::new(source, self.direction);
                Request { search: self.search, force, ..request }
            };
            sentences.by_ref().take(self.batch * workers).map(request).collect()
        };
        for _ in 0..WARM {
            pool.run(&next(), self.options, &mut |_| {})?;
        }
        let (mut sentences, mut tokens) = (0, 0);
        let begun = Instant::now();
        while begun.elapsed() < LEAST {
            if self.cancel.is_cancelled() {
                return Err(InferError::Cancelled);
            }
            for answer in pool.run(&next(), self.options, &mut |_| {})?.into_iter().flatten() {
                sentences += 1;
                tokens += answer.hypothesis.map_or(0, |found| found.ids.len() + 1);
                tokens += answer.forced.map_or(0, |forced| forced.tokens.len() + 1);
            }
        }
        let seconds = begun.elapsed().as_secs_f64();
        Ok(Measurement {
            task: "",
            batch: self.batch,
            sentences_per_second: sentences as f64 / seconds,
            tokens_per_second: tokens as f64 / seconds,
        })
    }
}

fn text(report: &Report, out: &mut impl Write) -> std::io::Result<()> {
    let mib = |memory: Option<u64>| memory.map_or("unknown".to_owned(), |m| format!("{m} MiB"));
    let Report { model, family, direction, device, workers, threads, .. } = report;
    writeln!(
        out,
        "{model} ({family}, {direction}) on {device}, {workers} × {threads} threads, {} beam(s)",
        report.beams
    )?;
    writeln!(
        out,
        "loaded in {:.2} s; memory {} before, {} with one worker, {} at most",
        report.load_seconds,
        mib(report.before_mib),
        mib(report.memory_mib),
        mib(report.peak_mib)
    )?;
    writeln!(out, "{:<10} {:>5} {:>12} {:>10}", "task", "batch", "sentences/s", "tokens/s")?;
    for Measurement { task, batch, sentences_per_second, tokens_per_second } in &report.measurements
    {
        writeln!(
            out,
            "{task:<10} {batch:>5} {sentences_per_second:>12.1} {tokens_per_second:>10.0}"
        )?;
    }
    Ok(())
}

fn tsv(report: &Report, out: &mut impl Write) -> std::io::Result<()> {
    let mib = |memory: Option<u64>| memory.map_or(String::new(), |mib| mib.to_string());
    writeln!(
        out,
        "model\tdevice\tworkers\tthreads\tbeams\ttask\tbatch\tsentences_per_second\t\
         tokens_per_second\tload_seconds\tmemory_mib\tpeak_mib"
    )?;
    // A folder's name may hold anything.
    let model = report.model.replace(['\t', '\n', '\r'], " ");
    for Measurement { task, batch, sentences_per_second, tokens_per_second } in &report.measurements
    {
        writeln!(
            out,
            "{model}\t{}\t{}\t{}\t{}\t{task}\t{batch}\t{sentences_per_second:.2}\t\
             {tokens_per_second:.1}\t{:.3}\t{}\t{}",
            report.device,
            report.workers,
            report.threads,
            report.beams,
            report.load_seconds,
            mib(report.memory_mib),
            mib(report.peak_mib)
        )?;
    }
    Ok(())
}
