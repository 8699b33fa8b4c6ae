//! cermat.

pub mod checks;
pub mod document;
pub mod evidence;
pub mod finding;
pub mod model;
pub mod text;
