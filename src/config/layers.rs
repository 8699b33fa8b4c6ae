//! One layer of options over another.

use std::path::Path;

use toml::Spanned;

use super::Options;

impl Options {
    /// Files that these options name are those in `folder`.
    pub(super) fn in_folder(&mut self, folder: &Path) {
        for file in self.glossary.iter_mut().flatten() {
            let path = folder.join(file.get_ref()).display().to_string();
            *file = Spanned::new(file.span(), path);
        }
    }

    /// These options where `nearer` says nothing. What is ignored adds up; the options of a check
    /// are replaced one by one.
    #[must_use]
    pub fn under(mut self, nearer: Self) -> Self {
        for (name, table) in nearer.checks {
            self.checks.entry(name).or_default().extend(table);
        }
        Self {
            direction: nearer.direction.or(self.direction),
            input_format: nearer.input_format.or(self.input_format),
            source_column: nearer.source_column.or(self.source_column),
            target_column: nearer.target_column.or(self.target_column),
            source_field: nearer.source_field.or(self.source_field),
            target_field: nearer.target_field.or(self.target_field),
            select: nearer.select.or(self.select),
            ignore: joined(self.ignore, nearer.ignore),
            preview: nearer.preview.or(self.preview),
            ignore_words: joined(self.ignore_words, nearer.ignore_words),
            glossary: joined(self.glossary, nearer.glossary),
            fail_on: nearer.fail_on.or(self.fail_on),
            min_score: nearer.min_score.or(self.min_score),
            max_penalty: nearer.max_penalty.or(self.max_penalty),
            checks: self.checks,
            files: None,
            overrides: None,
        }
    }
}

fn joined<T>(far: Option<Vec<T>>, near: Option<Vec<T>>) -> Option<Vec<T>> {
    match (far, near) {
        (Some(mut far), Some(near)) => {
            far.extend(near);
            Some(far)
        }
        (far, near) => near.or(far),
    }
}
