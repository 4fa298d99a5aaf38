//! Advice for each server product, one file per product. To add one, write its file and its row in
//! [`SERVERS`].
//!
//! The settings and commands come from the products' own documentation.

mod apache;
mod caddy;
mod elb;
mod haproxy;
mod kubernetes_ingress;
mod nginx;

use std::fmt;

use super::topic::{Advice, Change, Server, Topic};

/// Every product, in the order in which advice is shown.
pub static SERVERS: &[&Server] = &[
    &elb::SERVER,
    &nginx::SERVER,
    &apache::SERVER,
    &haproxy::SERVER,
    &caddy::SERVER,
    &kubernetes_ingress::SERVER,
];

impl Topic {
    /// Returns the advice for each server product that the topic concerns.
    pub fn on_servers(self) -> impl Iterator<Item = (&'static Server, Advice)> {
        SERVERS.iter().filter_map(move |server| Some((*server, (server.advice)(self)?)))
    }
}

/// Formats the repair for a terminal: paragraphs separated by empty lines, with their code indented
/// below them. In a change, removed lines start with `-` and added ones with `+`.
impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "setting: {}", self.setting())?;
        write_advice(f, "", self.first())?;
        self.on_servers()
            .try_for_each(|(server, advice)| write_advice(f, &format!("{}: ", server.name), advice))
    }
}

fn write_advice(f: &mut fmt::Formatter<'_>, whose: &str, advice: Advice) -> fmt::Result {
    writeln!(f, "\n{whose}{}", advice.text)?;
    if let Some(Change { before, after }) = advice.change {
        let (before, after): (Vec<&str>, Vec<&str>) =
            (before.lines().collect(), after.lines().collect());
        let is_same = |(one, other): &(&&str, &&str)| one == other;
        let head = before.iter().zip(&after).take_while(is_same).count();
        let ((kept, before), (_, after)) = (before.split_at(head), after.split_at(head));
        let tail = before.iter().rev().zip(after.iter().rev()).take_while(is_same).count();
        let (removed, end) = before.split_at(before.len() - tail);
        let (added, _) = after.split_at(after.len() - tail);
        for (sign, lines) in [("  ", kept), ("- ", removed), ("+ ", added), ("  ", end)] {
            lines.iter().try_for_each(|line| writeln!(f, "    {sign}{line}"))?;
        }
    }
    advice.commands.lines().try_for_each(|line| writeln!(f, "    {line}"))
}
