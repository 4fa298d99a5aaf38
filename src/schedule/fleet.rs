//! Moves from one set of origins to the next. Unchanged origins keep their history and schedule.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::impact::Audience;
use crate::origin::{Origin, OriginKey};
use crate::report::{Entry, Report};

use super::connected::connected;
use super::timetable::UnitId;
use super::unit::{Member, Turn, Unit};

/// The origins to probe, and the groups that are probed together.
#[derive(Debug)]
pub(super) struct Fleet {
    origins: Vec<Arc<Origin>>,
    pub(super) audiences: Vec<Audience>,
    groups: Vec<Vec<usize>>,
}

/// How many origins a change affects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub unchanged: usize,
    /// Known before, but with different settings now.
    pub changed: usize,
    pub added: usize,
    pub removed: usize,
}

impl Changes {
    /// Returns whether any origin was added, changed or removed.
    pub fn are_any(&self) -> bool {
        self.changed + self.added + self.removed > 0
    }
}

/// The units after a change.
#[derive(Debug, Default)]
pub(super) struct Succession {
    /// Units that continue unchanged.
    pub(super) kept: HashMap<UnitId, Unit>,
    /// New units with their due times; `None` if a member is new.
    pub(super) anew: Vec<(Vec<Member>, Option<Instant>)>,
    pub(super) changes: Changes,
    /// The entries to show, with their positions in the configuration.
    entries: Vec<(usize, Arc<Entry>)>,
}

/// Members of dissolved units, by origin.
#[derive(Debug, Default)]
struct Loose(HashMap<OriginKey, (Member, Turn)>);

impl Fleet {
    /// Groups the origins that are probed together.
    pub(super) fn new(origins: Vec<Arc<Origin>>, audiences: Vec<Audience>) -> Self {
        let groups = connected(&origins);
        Self { origins, audiences, groups }
    }

    /// Builds the new units from the state of `units`.
    pub(super) fn succeed(
        &self,
        mut units: HashMap<UnitId, Unit>,
        moment: Instant,
        now: Timestamp,
    ) -> Succession {
        let mut succession = Succession::default();
        let mut loose = Loose::default();
        // First free removed origins: two complete fleets would take twice the memory.
        let keys = self.origins.iter().map(|origin| &origin.key).collect();
        succession.changes.removed = loose.take_shrunk(&mut units, &keys);
        let unit_of: HashMap<OriginKey, UnitId> = units
            .iter()
            .flat_map(|(id, unit)| unit.members.iter().map(|m| (m.entry.origin.key.clone(), *id)))
            .collect();
        let mut broken_up = Vec::new();
        for group in &self.groups {
            let whole = self.whole(group, &unit_of, &units);
            match whole.and_then(|id| units.remove(&id).map(|unit| (id, unit))) {
                Some((id, unit)) => succession.keep(group, id, unit),
                None => broken_up.push(group),
            }
        }
        for unit in units.into_values() {
            loose.add(unit);
        }
        for group in broken_up {
            let origins = group.iter().filter_map(|at| Some((*at, self.origins.get(*at)?)));
            succession.put_together(origins, &mut loose, moment, now);
        }
        succession
    }

    /// Returns the unit that consists of exactly the origins of `group`, all unchanged.
    fn whole(
        &self,
        group: &[usize],
        unit_of: &HashMap<OriginKey, UnitId>,
        units: &HashMap<UnitId, Unit>,
    ) -> Option<UnitId> {
        let first = self.origins.get(*group.first()?)?;
        let id = unit_of.get(&first.key)?;
        let members = &units.get(id)?.members;
        let is_same = members.len() == group.len()
            && group.iter().zip(members).all(|(position, member)| {
                self.origins.get(*position).is_some_and(|origin| *origin == member.entry.origin)
            });
        is_same.then_some(*id)
    }
}

impl Loose {
    /// Dissolves the units with members whose origins are not in `keys`. Drops those members with
    /// their reports, and returns their number.
    fn take_shrunk(
        &mut self,
        units: &mut HashMap<UnitId, Unit>,
        keys: &HashSet<&OriginKey>,
    ) -> usize {
        let is_kept = |member: &Member| keys.contains(&member.entry.origin.key);
        let mut removed = 0;
        for (_, mut unit) in units.extract_if(|_, unit| !unit.members.iter().all(is_kept)) {
            let (kept, gone): (Vec<_>, Vec<_>) = unit.members.drain(..).partition(is_kept);
            gone.iter().for_each(|member| member.entry.forget());
            removed += gone.len();
            unit.members = kept;
            self.add(unit);
        }
        units.shrink_to_fit();
        removed
    }

    fn add(&mut self, unit: Unit) {
        let turn = unit.turn;
        let members = unit.members.into_iter();
        self.0.extend(members.map(|member| (member.entry.origin.key.clone(), (member, turn))));
    }
}

impl Succession {
    /// Returns the entries to show, in the order of the configuration.
    pub(super) fn entries(&mut self) -> Vec<Arc<Entry>> {
        let mut entries = std::mem::take(&mut self.entries);
        entries.sort_unstable_by_key(|(position, _)| *position);
        entries.into_iter().map(|(_, entry)| entry).collect()
    }

    fn keep(&mut self, group: &[usize], id: UnitId, unit: Unit) {
        self.changes.unchanged += group.len();
        for (position, member) in group.iter().zip(&unit.members) {
            self.entries.push((*position, Arc::clone(&member.entry)));
        }
        self.kept.insert(id, unit);
    }

    fn put_together<'a>(
        &mut self,
        origins: impl Iterator<Item = (usize, &'a Arc<Origin>)>,
        loose: &mut Loose,
        moment: Instant,
        now: Timestamp,
    ) {
        let mut members = Vec::new();
        let mut due = moment.checked_add(NEVER);
        for (position, origin) in origins {
            let (member, its_due) = match loose.0.remove(&origin.key) {
                None => {
                    self.changes.added += 1;
                    (Member::new(Arc::new(Entry::new(Arc::clone(origin)))), None)
                }
                Some((member, turn)) if member.entry.origin == *origin => {
                    self.changes.unchanged += 1;
                    (member, Some(turn.due(moment)))
                }
                Some((member, turn)) => {
                    self.changes.changed += 1;
                    match member.judged_as(origin, now) {
                        Some(member) => {
                            (member, Some(turn.due(moment).min(moment + origin.interval)))
                        }
                        None => (Member::new(Arc::new(Entry::new(Arc::clone(origin)))), None),
                    }
                }
            };
            due = due.zip(its_due).map(|(all, its)| all.min(its));
            self.entries.push((position, Arc::clone(&member.entry)));
            members.push(member);
        }
        // The first push allocates room for four, but nearly all units have one member.
        members.shrink_to_fit();
        self.anew.push((members, due));
    }
}

impl Turn {
    /// Returns when a unit is due if its running probe is discarded.
    fn due(self, moment: Instant) -> Instant {
        match self {
            Self::DueAt(at) => at,
            Self::RunningSince(_) => moment,
        }
    }
}

impl Member {
    /// Returns the member with its latest observation evaluated for the new settings of its origin;
    /// `None` if the new settings need different connections.
    fn judged_as(self, origin: &Arc<Origin>, now: Timestamp) -> Option<Self> {
        let before = &self.entry.origin;
        let with_its_connections = Origin {
            origin_mtls: before.origin_mtls,
            interval: before.interval,
            renewal: before.renewal,
            labels: before.labels.clone(),
            ..Origin::clone(origin)
        };
        if with_its_connections != **before {
            return None;
        }
        let entry = Entry::new(Arc::clone(origin));
        if let Some(kept) = self.entry.kept() {
            let observation = kept.observation(origin);
            entry.publish(&Report::new(Some(&kept.brief), observation, now));
        }
        Some(Self { entry: Arc::new(entry), held: None, ..self })
    }
}

/// Longer than any interval.
const NEVER: std::time::Duration = std::time::Duration::from_secs(u32::MAX as u64);
