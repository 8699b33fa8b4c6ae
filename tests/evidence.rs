//! What the bundled model says of pairs and texts, in order of size and not in numbers: another
//! model has others.

mod common;

use cermat::{
    document::{Document, Segment, SegmentText},
    evidence::{Evidence, EvidenceSet, ScoreModel, gather},
    model::{DecodeOptions, Request, TranslationModel as _, default_model},
    onnx::{Pool, PoolOptions},
    text::{Direction, Side},
};

fn bundled() -> (Pool, Option<ScoreModel>) {
    let folder = default_model(&[common::tree("models")]).expect("a bundled model");
    let pool = common::open(&folder.path.to_string_lossy(), PoolOptions::default());
    (pool, ScoreModel::open(&folder.path).expect("a score that can be read"))
}

fn segments(rows: &[(Option<&str>, &str)]) -> Vec<Segment> {
    let mut document = Document::new("test", "");
    for (block, (source, target)) in (0..).zip(rows) {
        let text = |text: &str| SegmentText::contiguous(text, 0);
        document.push(block, Direction::EnId, source.map(text), text(target));
    }
    document.segments
}

fn evidence(rows: &[(Option<&str>, &str)], needs: EvidenceSet) -> Vec<Evidence> {
    let (mut pool, score) = bundled();
    let segments = segments(rows);
    let asked: Vec<&Segment> = segments.iter().collect();
    let options = DecodeOptions::default();
    gather(&mut pool, &asked, needs, &options, score.as_ref(), &mut |_| {}).expect("the model runs")
}

const SOURCE: &str = "The children eat rice at school every morning.";
const TARGET: &str = "Anak-anak makan nasi di sekolah setiap pagi.";
const DAMAGED: &str = "Anak-anak makan presiden di sekolah setiap pagi.";

#[test]
fn a_wrong_word_has_the_higher_risk() {
    let rows = [(Some(SOURCE), TARGET), (Some(SOURCE), DAMAGED)];
    let found = evidence(&rows, EvidenceSet::WORDS);
    let risk = |i: usize| found[i].words.as_ref().unwrap()[2].risk;
    assert!(risk(1) > 2.0 * risk(0), "{} {}", risk(1), risk(0));
    for ((_, target), evidence) in rows.iter().zip(&found) {
        let words = evidence.words.as_ref().unwrap();
        let texts: Vec<&str> = words.iter().map(|word| word.span.of(target)).collect();
        assert_eq!(texts, target.split(' ').collect::<Vec<_>>());
        let own = |word: &str| texts.iter().any(|text| text.trim_matches('.') == word);
        for word in words.iter().filter(|word| !word.expected.is_empty()) {
            assert!(word.doubtful);
            assert!(word.expected.windows(2).all(|pair| pair[0].log_prob >= pair[1].log_prob));
            assert!(!own(word.span.of(target)) || word.expected[0].text != word.span.of(target));
        }
        assert!(evidence.quality.is_none(), "nobody asked");
    }
}

#[test]
fn words_of_a_translation_go_together() {
    let other = "Harga minyak mentah turun pada hari Senin kemarin.";
    let rows = [(Some(SOURCE), TARGET), (Some(SOURCE), other), (None, TARGET)];
    let found = evidence(&rows, EvidenceSet::ALIGNMENT);
    let alignment = |i: usize| found[i].alignment.as_ref().unwrap();
    assert!(alignment(0).f_score() > alignment(1).f_score() + 0.1);
    assert!(alignment(0).similarity > alignment(1).similarity);
    let sekolah = &alignment(0).target[4];
    assert_eq!(sekolah.span.of(TARGET), "sekolah");
    assert_eq!(sekolah.counterpart.of(SOURCE), "school");
    assert!(found[0].back_translation.is_none() && found[2].back_translation.is_some());
}

#[test]
fn a_phrase_that_is_missing_on_the_other_side() {
    let short = "Anak-anak makan nasi setiap pagi.";
    let rows = [(Some(SOURCE), TARGET), (Some(SOURCE), short), (None, TARGET)];
    let found = evidence(&rows, EvidenceSet::PHRASES);
    let school = |i: usize| {
        let phrases = found[i].phrases.as_ref().unwrap().iter();
        let mut own = phrases.filter(|phrase| phrase.side == Side::Source);
        own.find(|phrase| phrase.span.of(SOURCE).contains("school")).map(|phrase| phrase.missing())
    };
    let lost = school(1).expect("the least similar phrases are tried");
    assert!(school(0).is_none_or(|present| lost > present + 0.1));
    assert!(found[2].phrases.is_none(), "there is no other side");
}

#[test]
fn what_is_asked_besides_changes_no_score() {
    let rows = [(Some(SOURCE), TARGET), (None, DAMAGED)];
    let alone = evidence(&rows, EvidenceSet::QUALITY);
    let with_all = evidence(&rows, EvidenceSet::all());
    for (one, other) in alone.iter().zip(&with_all) {
        assert!((one.quality.unwrap() - other.quality.unwrap()).abs() < 0.01);
        assert!(other.forward.iter().all(|forced| forced.alternatives.is_empty()));
    }
}

#[test]
fn a_search_goes_on_from_its_prefix() {
    let (mut pool, _) = bundled();
    let options = DecodeOptions::default();
    let request = |prefix| Request {
        search: true,
        force: Some(TARGET),
        alternatives: 3,
        states: true,
        prefix,
        ..Request::new(SOURCE, Direction::EnId)
    };
    let free = pool.run(&[request("")], &options, &mut |_| {}).unwrap().remove(0).unwrap();
    let text = free.hypothesis.unwrap().text;
    let (first, _) = text.split_once(' ').expect("more than one word");
    // Prefixes of several lengths in one batch.
    let requests = [request("Setiap pagi"), request(first), request("")];
    let answers = pool.run(&requests, &options, &mut |_| {}).unwrap();
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    let text_of = |i: usize| &answers[i].hypothesis.as_ref().unwrap().text;
    assert!(text_of(0).starts_with("Setiap pagi"));
    assert_eq!((text_of(1), text_of(2)), (&text, &text));

    let forced = answers[0].forced.as_ref().unwrap();
    assert_eq!(forced.alternatives.len(), forced.tokens.len());
    for (token, likeliest) in forced.tokens.iter().zip(&forced.alternatives) {
        assert_eq!(likeliest.len(), 3);
        assert!((likeliest[0].log_prob - token.best_log_prob).abs() < 1e-5);
    }
    let states = answers[0].states.as_ref().unwrap();
    assert_eq!(states.values.len(), states.size * states.tokens.len());
    let words = states.tokens.iter().filter(|(_, starts_word)| *starts_word).count();
    assert_eq!(words, SOURCE.split(' ').count());
}
