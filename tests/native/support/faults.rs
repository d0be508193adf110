//! Plans of faults.

use std::cell::RefCell;
use std::collections::VecDeque;

type Chooser<F> = Box<dyn FnMut() -> Option<F>>;

/// A plan of faults for one kind of call; by default there are none.
pub(crate) struct Faults<F> {
    next: RefCell<VecDeque<F>>,
    then: RefCell<Option<Chooser<F>>>,
}

impl<F> Default for Faults<F> {
    fn default() -> Self {
        Self { next: RefCell::default(), then: RefCell::default() }
    }
}

impl<F: Copy + 'static> Faults<F> {
    /// The next call fails.
    pub(crate) fn once(&self, fault: F) {
        self.times(1, fault);
    }

    /// The next calls fail.
    pub(crate) fn times(&self, times: usize, fault: F) {
        self.next.borrow_mut().extend(std::iter::repeat_n(fault, times));
    }

    /// Every call fails from now on.
    pub(crate) fn always(&self, fault: F) {
        self.by(move || Some(fault));
    }

    /// `choose` decides for each call if it fails.
    pub(crate) fn by(&self, choose: impl FnMut() -> Option<F> + 'static) {
        *self.then.borrow_mut() = Some(Box::new(choose));
    }

    /// No call fails any more.
    pub(crate) fn never(&self) {
        self.next.borrow_mut().clear();
        *self.then.borrow_mut() = None;
    }

    /// The fault of this call.
    pub(super) fn take(&self) -> Option<F> {
        let next = self.next.borrow_mut().pop_front();
        next.or_else(|| self.then.borrow_mut().as_mut().and_then(|choose| choose()))
    }
}
