//! The page of one origin and those of the rules, over real HTTP: every origin of the demo, what
//! is downloaded and copied, origins of one name, and certificates made to harm.

mod addresses;
mod demo;
mod made_to_harm;
mod rules;
mod stage;
mod viewers;
