//! `report` through its public interface.

mod chains;
mod commands;
mod endpoint;
mod json;
mod lines;
mod names;
mod pem;
mod places;
mod relative;
mod resolution;
mod sample;
mod text;
mod timeline;
mod view;
