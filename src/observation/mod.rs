//! The facts that one probe can bring home; no opinion.

mod resolution;

pub use resolution::Family;
pub use resolution::FamilyAnswer;
pub use resolution::Resolution;
pub use resolution::ResolutionFailure;
pub use resolution::ResolvedAddress;
pub use resolution::View;
