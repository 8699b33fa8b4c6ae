//! ACC016 `missing-name`: a name that only one side has.

use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check, name_mismatch::NameMismatch};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    text::Side,
};

declare_check! {
    /// ## What it does
    /// Reports a name of one side that the other has in no form, and in whose place there is no other
    /// name. Names are found and compared as in `name-mismatch`.
    ///
    /// ## Why it matters
    /// MQM Omission or Addition. Who did it is lost, or somebody was put in.
    ///
    /// ## Example
    /// - *Then Kowalski met us.* – `Lalu ia menemui kami.`
    ///
    /// ## Not reported
    /// What `name-mismatch` does not look for: titles that may be translated, abbreviations, months.
    ///
    /// ## Known misses
    /// A name that stands elsewhere in the sentence, names that are words, names that begin a sentence.
    ///
    /// ## False alarms
    /// 4.0 per 1,000 of 997 pairs of FLORES-200 dev, 1.8 of 5,000 pairs of documentation. Of 300
    /// references of FLORES out of which a name was taken, 0.57 were found. 2026-11-24,
    /// `scripts/pair_recall.py`. A translator may say a name with `ia`, or translate it: so a preview.
    MissingName {
        code: "ACC016",
        name: "missing-name",
        mqm: Omission,
        severity: Minor,
        status: Status::Preview("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.missing-name]`: those of `[checks.name-mismatch]`.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
struct MissingName(NameMismatch);

impl Check for MissingName {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let Some(names) = self.0.compare(cx.segment) else { return };
        let Some(source) = &cx.segment.source else { return };
        for span in names.lost {
            findings
                .push(format!("the name `{}` is not in the target", span.of(&source.text)))
                .label(cx.segment.id, Side::Source, span, "")
                .confidence(Confidence::Medium)
                .help("carry the name over, or add it to `allow` in [checks.missing-name]");
        }
        for span in names.new {
            findings
                .push(format!(
                    "the name `{}` is not in the source",
                    span.of(&cx.segment.target.text)
                ))
                .at(span)
                .confidence(Confidence::Medium);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::pair_marks;

    #[test]
    fn names_of_one_side() {
        let found = |source, target| pair_marks(&META, source, target);
        assert_eq!(found("Then Kowalski met us.", "Lalu ia menemui kami."), ["Kowalski"]);
        assert_eq!(found("They sold it to Toshiba.", "Mereka menjualnya."), ["Toshiba"]);
        assert_eq!(found("They sold it.", "Mereka menjualnya kepada Toshiba."), ["Toshiba"]);
        for (source, target) in [
            ("We flew to Geneva.", "Kami terbang ke Wina."),
            ("The car came from Germany.", "Mobil itu datang dari Jerman."),
            ("Visit the Admin Center.", "Kunjungi Pusat Admin."),
        ] {
            assert_eq!(found(source, target), [""; 0], "{source} – {target}");
        }
    }
}
