//! The quality score: gradient-boosted trees on [`FEATURES`](super::FEATURES), in a file beside
//! the model.
//!
//! `score.json` in a model's folder holds, for segments with and without a source, the trees and
//! the scale from their sum to 0–100. It is small enough to be read by people: each node names
//! its feature and its threshold. `scripts/score/fit.py` makes it, from data and by a recipe that
//! stand in the file. What 80 means stands in `models/README.md`.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};

use super::{
    features::{FEATURES, Features},
    words::WordModel,
};
use crate::model::ModelError;

/// Name of the file in a model's folder.
pub const FILE: &str = "score.json";

/// A score, ready to be computed.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreModel {
    /// Name and version, for the signature of a report.
    pub name: String,
    with_source: Mode,
    without_source: Mode,
    findings: [f32; 4],
    words: Option<WordModel>,
}

#[derive(Debug, Clone, PartialEq)]
struct Mode {
    trees: Vec<Vec<Node>>,
    /// `(sum of the trees, score)`, both rising.
    scale: Vec<(f32, f32)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Node {
    /// Goes to `left` where the feature is at most the threshold, else to `right`.
    Split {
        feature: usize,
        threshold: f32,
        left: usize,
        right: usize,
    },
    Leaf(f32),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    name: String,
    with_source: FileMode,
    without_source: FileMode,
    /// How much a finding of a text check lowers the score's logit, from neutral to critical.
    findings: [f32; 4],
    #[serde(default, skip_serializing_if = "Option::is_none")]
    words: Option<WordModel>,
}

#[derive(Serialize, Deserialize)]
struct FileMode {
    trees: Vec<Vec<FileNode>>,
    scale: Vec<(f32, f32)>,
}

/// A node as it is written: `["forward_min", -7.5, 1, 2]`, or a leaf `0.25`.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum FileNode {
    Split(String, f32, usize, usize),
    Leaf(f32),
}

impl ScoreModel {
    /// Reads the score of the model in `folder`; `None` where it has none.
    ///
    /// # Errors
    /// [`ModelError::Config`] names what in the file is wrong.
    pub fn open(folder: &Path) -> Result<Option<Self>, ModelError> {
        let path = folder.join(FILE);
        path.is_file().then(|| Self::read(&path)).transpose()
    }

    /// Reads the score at `path`.
    ///
    /// # Errors
    /// As [`ScoreModel::open`].
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        let text = fs::read_to_string(path)
            .map_err(|source| ModelError::Io { path: path.to_owned(), source })?;
        Self::parse(&text).map_err(|message| ModelError::Config { path: path.to_owned(), message })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
        file.words.as_ref().map_or(Ok(()), WordModel::validate)?;
        Ok(Self {
            name: file.name,
            with_source: Mode::new(file.with_source)?,
            without_source: Mode::new(file.without_source)?,
            findings: file.findings,
            words: file.words,
        })
    }

    /// The estimate for single words, where the file has one.
    #[must_use]
    pub fn words(&self) -> Option<&WordModel> {
        self.words.as_ref()
    }

    /// `score` when text checks have found something: each finding lowers its logit by the weight
    /// of evidence that findings of its severity have, which is the logarithm of how much more often
    /// they stand in the machine's than in the professional's translation. `severities` count from
    /// 0, neutral, to 3, critical.
    #[must_use]
    pub fn with_findings(&self, score: f32, severities: impl Iterator<Item = usize>) -> f32 {
        let weight: f32 = severities.filter_map(|severity| self.findings.get(severity)).sum();
        // A score at the very end of the scale is not beyond all evidence.
        let share = (score / 100.0).clamp(0.01, 0.99);
        let odds = share / (1.0 - share) * (-weight).exp();
        if weight == 0.0 { score } else { 100.0 * odds / (1.0 + odds) }
    }

    /// As [`ScoreModel::open`] reads it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let file = File {
            name: self.name.clone(),
            with_source: self.with_source.file(),
            without_source: self.without_source.file(),
            findings: self.findings,
            words: self.words.clone(),
        };
        serde_json::to_string(&file).expect("numbers and strings")
    }

    /// What the scale turns into a score: any number, higher is better.
    #[must_use]
    pub fn raw(&self, features: &Features, with_source: bool) -> f32 {
        self.mode(with_source).raw(features)
    }

    /// The same trees under another name, with a scale that gives the share of good segments
    /// among good and bad ones of like raw score, were there as many of the one as of the other.
    ///
    /// # Source
    /// Isotonic regression by pooling adjacent violators (Ayer et al. 1955), on twelve parts of
    /// equal size.
    #[must_use]
    pub fn rescaled(mut self, name: String, with_source: bool, good: &[f32], bad: &[f32]) -> Self {
        let mode = if with_source { &mut self.with_source } else { &mut self.without_source };
        mode.scale = scale(good, bad);
        self.name = name;
        self
    }

    fn mode(&self, with_source: bool) -> &Mode {
        if with_source { &self.with_source } else { &self.without_source }
    }

    /// The score, 0–100, higher is better. Without a source, the features are those of the
    /// back-translation.
    #[must_use]
    pub fn score(&self, features: &Features, with_source: bool) -> f32 {
        self.mode(with_source).score(features)
    }
}

impl Mode {
    fn new(file: FileMode) -> Result<Self, String> {
        let tree = |nodes: Vec<FileNode>| -> Result<Vec<Node>, String> {
            let size = nodes.len();
            let node = |(at, node)| match node {
                FileNode::Leaf(value) => Ok(Node::Leaf(value)),
                FileNode::Split(name, threshold, left, right) => {
                    let feature = FEATURES.iter().position(|known| *known == name);
                    let feature = feature.ok_or_else(|| {
                        format!("no feature is called `{name}`; the file is of another version")
                    })?;
                    // Children come later, so that every walk ends.
                    if left <= at || right <= at || left >= size || right >= size {
                        return Err(format!("node {at} of a tree has no place for its children"));
                    }
                    Ok(Node::Split { feature, threshold, left, right })
                }
            };
            if size == 0 {
                return Err("a tree has no nodes".to_owned());
            }
            nodes.into_iter().enumerate().map(node).collect()
        };
        let trees = file.trees.into_iter().map(tree).collect::<Result<_, _>>()?;
        let rising = file.scale.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 <= w[1].1);
        if file.scale.is_empty() || !rising {
            return Err("`scale` does not rise".to_owned());
        }
        Ok(Self { trees, scale: file.scale })
    }

    fn file(&self) -> FileMode {
        let node = |node: &Node| match *node {
            Node::Leaf(value) => FileNode::Leaf(value),
            Node::Split { feature, threshold, left, right } => {
                FileNode::Split(FEATURES[feature].to_owned(), threshold, left, right)
            }
        };
        let trees = self.trees.iter().map(|tree| tree.iter().map(node).collect()).collect();
        FileMode { scale: self.scale.clone(), trees }
    }

    fn raw(&self, features: &Features) -> f32 {
        self.trees.iter().map(|tree| walk(tree, features)).sum()
    }

    fn score(&self, features: &Features) -> f32 {
        let sum = self.raw(features);
        let (first, last) = (self.scale[0], self.scale[self.scale.len() - 1]);
        let score = match self.scale.iter().position(|(raw, _)| sum < *raw) {
            None => last.1,
            Some(0) => first.1,
            Some(above) => {
                let ((x, a), (y, b)) = (self.scale[above - 1], self.scale[above]);
                a + (b - a) * (sum - x) / (y - x)
            }
        };
        score.clamp(0.0, 100.0)
    }
}

fn walk(tree: &[Node], features: &Features) -> f32 {
    let mut at = 0;
    loop {
        match tree[at] {
            Node::Leaf(value) => return value,
            Node::Split { feature, threshold, left, right } => {
                at = if features[feature] <= threshold { left } else { right };
            }
        }
    }
}

/// Parts that a scale is fitted on.
const PARTS: usize = 12;

fn scale(good: &[f32], bad: &[f32]) -> Vec<(f32, f32)> {
    let weighed = |values: &[f32], is_good: bool| -> Vec<(f32, f32, bool)> {
        let weight = 1.0 / values.len().max(1) as f32;
        values.iter().map(|value| (*value, weight, is_good)).collect()
    };
    let mut values = weighed(good, true);
    values.extend(weighed(bad, false));
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Weight, that of the good ones, sum of weighted values.
    type Block = (f32, f32, f32);
    let share = |block: &Block| block.1 / block.0;
    let middle = |block: &Block| block.2 / block.0;
    let mut blocks: Vec<Block> = Vec::new();
    for part in values.chunks(values.len().div_ceil(PARTS).max(1)) {
        let mut block = part.iter().fold((0.0, 0.0, 0.0), |sum, (value, weight, good)| {
            let of_good = if *good { *weight } else { 0.0 };
            (sum.0 + weight, sum.1 + of_good, sum.2 + weight * value)
        });
        while let Some(last) = blocks.last()
            && (share(last) >= share(&block) || middle(last) >= middle(&block))
        {
            block = (last.0 + block.0, last.1 + block.1, last.2 + block.2);
            blocks.pop();
        }
        blocks.push(block);
    }
    blocks.iter().map(|block| (middle(block), 100.0 * share(block))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(tree: &str, scale: &str) -> String {
        let mode = format!(r#"{{"trees": [{tree}, [0.5]], "scale": {scale}}}"#);
        format!(
            r#"{{"name": "x-1", "with-source": {mode}, "without-source": {mode}, "findings": [0, 0.7, 1.8, 3]}}"#
        )
    }

    const TREE: &str = r#"[["forward_mean", -2.0, 1, 2], -1.0, ["tokens", 5, 3, 4], 1.0, 2.0]"#;

    #[test]
    fn trees_are_walked_and_scaled() {
        let model = ScoreModel::parse(&file(TREE, "[[-0.5, 10], [1.5, 50], [2.5, 90]]")).unwrap();
        let score = |forward_mean: f32, tokens: f32| {
            let mut features = vec![0.0; FEATURES.len()];
            features[0] = forward_mean;
            features[14] = tokens;
            model.score(&features.try_into().unwrap(), true)
        };
        assert_eq!(FEATURES[14], "tokens");
        assert_eq!(score(-3.0, 9.0), 10.0);
        assert_eq!(score(-2.0, 9.0), 10.0, "at most the threshold goes left");
        assert_eq!(score(-1.0, 5.0), 50.0);
        assert_eq!(score(-1.0, 6.0), 90.0);
    }

    #[test]
    fn a_scale_gives_the_share_of_good_ones() {
        let good: Vec<f32> = (0..600).map(|i| i as f32 / 600.0).collect();
        let bad: Vec<f32> = (0..300).map(|i| i as f32 / 300.0 - 0.5).collect();
        let scale = scale(&good, &bad);
        assert!(scale.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 <= w[1].1));
        assert_eq!((scale[0].1, scale[scale.len() - 1].1), (0.0, 100.0));
        // From 0 to 0.5 there are as many of the one as of the other.
        let middle = scale.iter().find(|(raw, _)| (0.15..0.35).contains(raw)).unwrap();
        assert!((middle.1 - 50.0).abs() < 2.0, "{scale:?}");
        let model = ScoreModel::parse(&file(TREE, "[[-0.5, 10], [1.5, 50]]")).unwrap();
        let rescaled = model.clone().rescaled("y".to_owned(), true, &good, &bad);
        assert_eq!(rescaled.without_source, model.without_source);
        assert_eq!(ScoreModel::parse(&rescaled.to_json()).unwrap(), rescaled);
    }

    #[test]
    fn findings_lower_the_score() {
        let model = ScoreModel::parse(&file(TREE, "[[0, 0], [1, 100]]")).unwrap();
        assert_eq!(model.with_findings(80.0, [].into_iter()), 80.0);
        let minor = model.with_findings(80.0, [1].into_iter());
        assert!((minor - 66.5).abs() < 0.1, "odds of 4 become 4 / e^0.7: {minor}");
        let both = model.with_findings(80.0, [1, 2].into_iter());
        assert!(both < minor && both > 0.0);
        assert!(model.with_findings(100.0, [2].into_iter()) < 95.0);
    }

    #[test]
    fn what_is_wrong_with_a_file() {
        let error = |tree: &str, scale: &str| ScoreModel::parse(&file(tree, scale)).unwrap_err();
        let scale = "[[0, 0], [1, 100]]";
        assert!(error(r#"[["x", 1, 1, 2], 0, 0]"#, scale).contains("no feature is called `x`"));
        assert!(error(r#"[["tokens", 1, 0, 1], 0]"#, scale).contains("no place for its children"));
        assert!(error(r#"[["tokens", 1, 1, 2], 0]"#, scale).contains("no place for its children"));
        assert!(error("[]", scale).contains("no nodes"));
        assert!(error("[0]", "[[0, 5], [0, 6]]").contains("does not rise"));
        assert!(ScoreModel::parse("{}").unwrap_err().contains("missing field"));
    }
}
