#[cfg(feature = "aws")]
mod cloudfront;
mod files;
mod json;
