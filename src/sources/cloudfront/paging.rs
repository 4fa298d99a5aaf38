//! Collects all pages of a list or fails, because a partial list would silently drop origins.

use crate::telemetry::Operation;

use super::failure::CallFailure;

/// One page.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// The number of items according to the response; `None` if it does not contain it.
    pub(super) quantity: Option<i32>,
    /// Whether more pages follow.
    pub(super) rest: Rest,
}

/// Whether more pages follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    None,
    /// More pages follow, starting at this marker; `None` if the response lacks it.
    From(Option<String>),
}

impl Rest {
    /// Returns the value for a list without a flag: more pages follow if there is a marker.
    pub(super) fn of_marker(marker: Option<String>) -> Self {
        match marker.filter(|marker| !marker.is_empty()) {
            Some(marker) => Self::From(Some(marker)),
            None => Self::None,
        }
    }
}

/// Collects the items of consecutive pages.
#[derive(Debug)]
pub(super) struct Pages<T> {
    operation: Operation,
    most: usize,
    pages: usize,
    items: Vec<T>,
    wanted: Wanted,
}

/// The next page to request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The page that starts at this marker; `None` is the first.
    Page(Option<String>),
    Nothing,
}

impl<T> Pages<T> {
    /// Returns an empty list that may grow to `most` items.
    pub(super) fn of(operation: Operation, most: usize) -> Self {
        Self { operation, most, pages: 0, items: Vec::new(), wanted: Wanted::Page(None) }
    }

    /// Returns the next page to request.
    pub(super) fn wanted(&self) -> Wanted {
        self.wanted.clone()
    }

    /// Returns the items of all pages.
    pub(super) fn into_items(self) -> Vec<T> {
        self.items
    }

    /// Adds a page.
    ///
    /// # Errors
    /// Returns an error if the page is inconsistent, the marker repeats, or the list is too long.
    pub(super) fn add(&mut self, page: Page<T>) -> Result<(), CallFailure> {
        let operation = self.operation;
        let malformed = |detail: String| Err(CallFailure::malformed(operation, detail));
        self.pages += 1;
        if let Some(quantity) = page.quantity
            && usize::try_from(quantity) != Ok(page.items.len())
        {
            let held = page.items.len();
            return malformed(format!("page {} has {held} of {quantity} items", self.pages));
        }
        self.items.extend(page.items);
        let wanted = match page.rest {
            Rest::None => Wanted::Nothing,
            Rest::From(None) => {
                return malformed(format!("page {} has no marker for the next page", self.pages));
            }
            Rest::From(marker) => Wanted::Page(marker),
        };
        let is_endless = self.pages == MOST_PAGES || self.items.len() > self.most;
        if wanted != Wanted::Nothing && (wanted == self.wanted || is_endless) {
            let most = self.most;
            return malformed(format!("list does not end within {most} items"));
        }
        self.wanted = wanted;
        Ok(())
    }
}

/// With 100 items per page, more than any list may contain.
const MOST_PAGES: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::{Page, Pages, Rest, Wanted};
    use crate::telemetry::Operation;

    fn run(pages: Vec<Page<u32>>) -> Result<Vec<u32>, String> {
        let mut so_far = Pages::of(Operation::ListDistributions, 5);
        for page in pages {
            so_far.add(page).map_err(|failure| failure.to_string())?;
        }
        assert_eq!(so_far.wanted(), Wanted::Nothing);
        Ok(so_far.into_items())
    }

    fn page(items: &[u32], quantity: i32, marker: &str) -> Page<u32> {
        let rest = Rest::of_marker(Some(marker.to_owned()));
        Page { items: items.to_vec(), quantity: Some(quantity), rest }
    }

    #[test]
    fn pages_are_put_together() {
        assert_eq!(run(vec![page(&[1, 2], 2, "a"), page(&[3], 1, "")]), Ok(vec![1, 2, 3]));
    }

    #[test]
    fn half_a_page_is_none() {
        let malformed = |detail: &str| Err(format!("ListDistributions: malformed ({detail})"));
        for (pages, detail) in [
            (vec![page(&[1], 2, "")], "page 1 has 1 of 2 items"),
            (
                vec![
                    page(&[1], 1, "a"),
                    Page { items: vec![], quantity: None, rest: Rest::From(None) },
                ],
                "page 2 has no marker for the next page",
            ),
            (vec![page(&[1], 1, "a"), page(&[2], 1, "a")], "list does not end within 5 items"),
            (vec![page(&[1, 2, 3, 4, 5, 6], 6, "a")], "list does not end within 5 items"),
        ] {
            assert_eq!(run(pages), malformed(detail));
        }
    }
}
