#[cfg(feature = "aws")]
mod cloudfront;
mod files;
mod gather;
mod groups;
mod json;
mod state;
