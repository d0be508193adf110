//! How far an image has come, for all who wait for it.

use std::cell::RefCell;

use futures_channel::oneshot::{Sender, channel};
use futures_util::future::{Either, select};

use crate::domain::DrawnPrompt;
use crate::ports::Clock;
use crate::ports::lease::PLACE_INTERVAL_MS;
use crate::ports::progress::{Event, Step};
use crate::ports::timeout::within;

/// The longest sleep of a listener, in milliseconds. It only bounds the timer: news wake it.
const LONGEST_SLEEP_MS: u64 = 60_000;

/// The present state of an image that is being made. Whoever makes it tells it the events, and waits for no listener: each
/// looks at the state at its own pace, so that one who comes late, or is slow, holds nothing up and misses nothing that
/// still holds.
#[derive(Default)]
pub struct Progress {
    state: RefCell<State>,
    /// Wake the listeners.
    listeners: RefCell<Vec<Sender<()>>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct State {
    step: Option<Step>,
    prompt: Option<DrawnPrompt>,
}

/// What a listener knows.
#[derive(Default)]
struct Known {
    state: State,
    /// The time at which it was told its place in line, in unix milliseconds.
    placed_ms: Option<u64>,
}

impl Progress {
    /// The name of the present step; before the first it waits.
    pub fn step_name(&self) -> &'static str {
        self.state.borrow().step.as_ref().map_or("waiting", Step::name)
    }

    /// Takes an event, and wakes the listeners.
    pub fn add(&self, event: Event) {
        match event {
            Event::Step(step) => self.state.borrow_mut().step = Some(step),
            Event::Prompt(prompt) => self.state.borrow_mut().prompt = Some(prompt),
        }
        for listener in self.listeners.take() {
            // One that has gone needs no news.
            let _ = listener.send(());
        }
    }

    /// Awaits `work` and tells the present state at once, and whatever changes until the end.
    pub async fn follow<T>(
        &self,
        clock: &dyn Clock,
        mut work: impl Future<Output = T> + Unpin,
        tell: &dyn Fn(Event),
    ) -> T {
        let mut known = Known::default();
        loop {
            let (listener, news) = channel();
            self.listeners.borrow_mut().push(listener);
            let sleep_ms = self.tell_news(&mut known, clock.now_ms(), tell);
            match select(&mut work, std::pin::pin!(within(clock, sleep_ms, news))).await {
                Either::Left((result, _)) => {
                    self.tell_news(&mut known, clock.now_ms(), tell);
                    return result;
                }
                Either::Right(_) => {}
            }
        }
    }

    /// Tells what a listener does not know. The result is the time after which it is to look again, in milliseconds.
    fn tell_news(&self, known: &mut Known, now_ms: u64, tell: &dyn Fn(Event)) -> u64 {
        let State { step, prompt } = self.state.borrow().clone();
        if let Some(new) = prompt.filter(|prompt| known.state.prompt.as_ref() != Some(prompt)) {
            known.state.prompt = Some(new.clone());
            tell(Event::Prompt(new));
        }
        let Some(new) = step.filter(|step| known.state.step.as_ref() != Some(step)) else { return LONGEST_SLEEP_MS };
        let is_place = matches!(new, Step::Waiting(_));
        let next_ms = known.placed_ms.map_or(0, |placed_ms| placed_ms.saturating_add(PLACE_INTERVAL_MS));
        if is_place && next_ms > now_ms {
            return next_ms - now_ms;
        }
        known.placed_ms = is_place.then_some(now_ms).or(known.placed_ms);
        known.state.step = Some(new.clone());
        tell(Event::Step(new));
        LONGEST_SLEEP_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Prompt, PromptStatus};
    use crate::ports::lease::Place;
    use futures_executor::block_on;
    use futures_util::future::{LocalBoxFuture, ready};

    struct Stopped;

    impl Clock for Stopped {
        fn now_ms(&self) -> u64 {
            1_000_000
        }

        fn sleep(&self, _ms: u64) -> LocalBoxFuture<'static, ()> {
            Box::pin(std::future::pending())
        }
    }

    #[test]
    fn a_listener_who_comes_late_is_told_what_still_holds_and_nothing_twice() {
        let progress = Progress::default();
        assert_eq!(progress.step_name(), "waiting");
        let prompt = Prompt::from_model("a cat").unwrap_or_else(|| unreachable!());
        let prompt = Event::Prompt(DrawnPrompt { prompt, status: PromptStatus::Original });
        let place = |position| Event::Step(Step::Waiting(Place { position, ready_at_ms: None }));
        for event in [place(2), place(1), Event::Step(Step::Rewriting), prompt.clone(), Event::Step(Step::Fetching)] {
            progress.add(event);
        }
        let told = RefCell::new(Vec::new());
        let result = block_on(progress.follow(&Stopped, ready(7), &|event| told.borrow_mut().push(event)));
        assert_eq!((result, told.take()), (7, vec![prompt, Event::Step(Step::Fetching)]));
        assert_eq!(progress.step_name(), "fetching");
    }
}
