//! chrF.

/// chrF.
pub fn chrf(_hypothesis: &str, _reference: &str) -> f32 {
    0.0
}
