//! The page of one origin and those of the rules, over real HTTP: every origin of the demo, what
//! is downloaded and copied, origins of one name, and certificates made to harm.

mod addresses;
mod demo;
mod stage;
mod viewers;
