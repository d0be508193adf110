//! The maker of one image: it makes the image at most once, however many callers ask for it.

mod begin;
pub mod client;
mod generation;
mod head;
pub mod outbox;
mod quota;
mod remove;
pub mod service;
mod stand_in;
pub mod state;
mod watched;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use futures_util::lock::Mutex;

use self::generation::{Ended, Failure, Fate, Generation, Presence, made_reply};
use self::outbox::{Outbox, kept_reply};
use self::state::{Kept, MakerState};
use crate::config::Config;
use crate::domain::hops::loop_detected;
use crate::domain::{ImageId, ImageRequest};
use crate::error::Error;
use crate::pipeline::deadline::Deadline;
use crate::pipeline::job::Job;
use crate::pipeline::make_image::{Made, Outcome, make_image};
use crate::pipeline::progress::Progress;
use crate::pipeline::tally::Tally;
use crate::ports::maker::{MakerCommand, MakerReply, MakerRequest, Origin, RATE_PERIOD_SECONDS};
use crate::ports::progress::{Listener, Step};
use crate::ports::{Background, ObjectStorage, Ports, RateLimiter, StoreError};

/// The maker of one image. The platform creates one for each id, and sends it every request for that id.
pub struct Maker {
    ports: Ports,
    config: Rc<Config>,
    outbox: Outbox,
    rate_limiter: Option<Rc<dyn RateLimiter>>,
    background: Rc<dyn Background>,
    /// Held while a request decides to start a generation, so that simultaneous requests neither start several nor are
    /// counted several times by the rate limit.
    admission: Mutex<()>,
    under_way: RefCell<Option<Generation>>,
    /// The fate of the image that was made last, which may still be on its way to the store.
    fate: RefCell<Rc<Fate>>,
    /// True if a caller was promised the image, and did not wait for it: a failure is kept for it.
    promised: Cell<bool>,
}

impl Maker {
    /// A maker with this storage.
    pub fn new(
        ports: Ports,
        config: Rc<Config>,
        storage: Rc<dyn ObjectStorage>,
        rate_limiter: Option<Rc<dyn RateLimiter>>,
        background: Rc<dyn Background>,
    ) -> Rc<Self> {
        let outbox = Outbox::new(ports.clone(), Rc::clone(&config), storage);
        let (admission, under_way) = (Mutex::new(()), RefCell::new(None));
        let (fate, promised) = (RefCell::default(), Cell::default());
        Rc::new(Self { ports, config, outbox, rate_limiter, background, admission, under_way, fate, promised })
    }

    /// Handles a request. Where there is a listener, it is told the events of the image's making meanwhile.
    pub async fn handle(self: &Rc<Self>, request: MakerRequest, listener: Listener<'_>) -> Result<MakerReply, Error> {
        match request.command {
            MakerCommand::Peek => self.peek(request).await,
            MakerCommand::Find => self.find(request).await,
            MakerCommand::Begin => self.begin(request).await,
            MakerCommand::Create | MakerCommand::CreateWithBytes => self.create(request, listener).await,
            MakerCommand::Refresh => self.refresh(request, listener).await,
            MakerCommand::Delete => self.delete(request.id).await,
        }
    }

    /// Drops expired state, and retries a failed write to the store.
    ///
    /// # Errors
    /// The object's storage failed, and the next alarm could not be set.
    pub async fn on_alarm(&self) -> Result<(), StoreError> {
        self.outbox.on_alarm().await
    }

    /// Returns the record of a kept image.
    async fn peek(&self, request: MakerRequest) -> Result<MakerReply, Error> {
        match self.presence(&request).await {
            Presence::Kept(kept) => Ok(kept_reply(kept)),
            Presence::FellBack(fallback) => self.stand_in(&fallback, request, None).await,
            other => Ok(without_image(request.id, other)),
        }
    }

    /// Returns an image that is kept.
    async fn find(&self, request: MakerRequest) -> Result<MakerReply, Error> {
        match self.presence(&request).await {
            Presence::Kept(kept) => self.outbox.read(kept).await,
            Presence::FellBack(fallback) => self.stand_in(&fallback, request, None).await,
            other => Ok(without_image(request.id, other)),
        }
    }

    /// Returns an image that is kept or being made; otherwise makes it, if this caller may start a generation.
    async fn create(self: &Rc<Self>, request: MakerRequest, listener: Listener<'_>) -> Result<MakerReply, Error> {
        let admission = self.admission.lock().await;
        match self.presence_now(&request).await {
            Presence::UnderWay(generation) => {
                drop(admission);
                self.give_back_unused(&request);
                self.join(generation, request, listener).await
            }
            Presence::Kept(kept) => {
                drop(admission);
                self.give_back_unused(&request);
                self.outbox.read(kept).await
            }
            Presence::FellBack(fallback) => {
                drop(admission);
                // The bytes are returned directly: a redirect could lead to a stand-in that was replaced meanwhile.
                let command = MakerCommand::CreateWithBytes;
                self.stand_in(&fallback, MakerRequest { command, ..request }, listener).await
            }
            Presence::Absent | Presence::Failed(_) => {
                let generation = self.try_start(&request).await?;
                drop(admission);
                self.follow(generation, request, listener).await
            }
        }
    }

    /// Makes the image anew, or joins a running generation.
    async fn refresh(self: &Rc<Self>, request: MakerRequest, listener: Listener<'_>) -> Result<MakerReply, Error> {
        let admission = self.admission.lock().await;
        let under_way = self.under_way.borrow().clone();
        if let Some(generation) = under_way {
            drop(admission);
            self.give_back_unused(&request);
            return self.join(generation, request, listener).await;
        }
        let generation = self.try_start(&request).await?;
        drop(admission);
        self.follow(generation, request, listener).await
    }

    /// The state of the image, read while no request is deciding to start a generation.
    async fn presence(&self, request: &MakerRequest) -> Presence {
        let _admission = self.admission.lock().await;
        self.presence_now(request).await
    }

    async fn presence_now(&self, request: &MakerRequest) -> Presence {
        let under_way = self.under_way.borrow().clone();
        if let Some(generation) = under_way {
            return Presence::UnderWay(generation);
        }
        match self.outbox.recall(&request.id).await {
            Some(MakerState::Kept(kept)) => Presence::Kept(kept),
            Some(MakerState::FellBack { request: image, .. }) if request.takes_model(&image.model) => {
                Presence::FellBack(image)
            }
            Some(MakerState::Failed { error, .. }) => Presence::Failed(error),
            Some(MakerState::FellBack { .. }) | None => Presence::Absent,
        }
    }

    /// Waits for a generation that another request started. A request that may have come back through other deployments
    /// does not wait: it could be waiting for itself.
    async fn join(
        self: &Rc<Self>,
        generation: Generation,
        request: MakerRequest,
        listener: Listener<'_>,
    ) -> Result<MakerReply, Error> {
        if request.hops.is_impatient() {
            Err(loop_detected())
        } else {
            self.follow(generation, request, listener).await
        }
    }

    /// The reply to `request` when the generation ends.
    async fn follow(
        self: &Rc<Self>,
        generation: Generation,
        request: MakerRequest,
        listener: Listener<'_>,
    ) -> Result<MakerReply, Error> {
        let Generation { work, fate, progress } = generation;
        let ended = match listener {
            Some(tell) => progress.follow(&*self.ports.clock, work, tell).await,
            None => work.await,
        };
        match ended {
            Err(failure) if failure.is_not_for(&request) => Box::pin(self.handle(request, listener)).await,
            Err(failure) => Err(failure.error),
            Ok(Ended::Image(made)) => Ok(made_reply(&made, request.command, fate.is_removed.get())),
            Ok(Ended::FellBack(instead)) if request.takes_model(&instead.request.model) => {
                self.stand_in_reply(&instead, request).await
            }
            Ok(Ended::FellBack(_)) => Box::pin(self.handle(request, listener)).await,
        }
    }

    /// Starts a generation, if this caller may.
    async fn try_start(self: &Rc<Self>, request: &MakerRequest) -> Result<Generation, Error> {
        let image = request.request.clone().ok_or_else(Error::image_not_found)?;
        if let Some(refusal) = &request.refusal {
            return Err(refusal.clone());
        }
        // A demo picture costs nobody's quota.
        if let (Some(limiter), Some(visitor), false) = (&self.rate_limiter, &request.visitor, image.demo)
            && !limiter.try_acquire(visitor).await
        {
            return Err(Error::rate_limited(RATE_PERIOD_SECONDS));
        }
        let admitted = Some(self.admit(request, &image).await?);
        Ok(self.start(image, MakerRequest { admitted, ..request.clone() }))
    }

    /// Starts a generation, which is completed even if all callers leave.
    fn start(self: &Rc<Self>, image: ImageRequest, request: MakerRequest) -> Generation {
        let (maker, fate) = (Rc::clone(self), Rc::new(Fate::default()));
        let own_fate = Rc::clone(&fate);
        let progress = Rc::new(Progress::default());
        let told = Rc::clone(&progress);
        let work: LocalBoxFuture<'static, Result<Ended, Failure>> = Box::pin(async move {
            let (impatient, strict) = (request.hops.is_impatient(), !request.may_stand_in);
            let ended = maker.generate(&image, request, &own_fate, &told).await;
            // After a removal another generation may be under way.
            if Rc::ptr_eq(&maker.fate.borrow(), &own_fate) {
                maker.keep_promise(&image.id(), ended.as_ref().err()).await;
                maker.under_way.borrow_mut().take();
            }
            ended.map_err(|error| Failure { error, impatient, strict })
        });
        let generation = Generation { work: work.shared(), fate: Rc::clone(&fate), progress };
        *self.under_way.borrow_mut() = Some(generation.clone());
        *self.fate.borrow_mut() = Rc::clone(&fate);
        let (maker, rest) = (Rc::clone(self), generation.work.clone());
        self.background.keep_alive(Box::pin(async move {
            if let Ok(Ended::Image(made)) = rest.await {
                maker.outbox.flush_to_store(&made, &fate.is_removed).await;
            }
        }));
        generation
    }

    /// Makes the image and keeps it; or has the stand-in made, and remembers that.
    async fn generate(
        &self,
        image: &ImageRequest,
        request: MakerRequest,
        fate: &Fate,
        progress: &Progress,
    ) -> Result<Ended, Error> {
        let refresh = request.command == MakerCommand::Refresh;
        let deadline = Deadline::after(Rc::clone(&self.ports.clock), self.config.generation_timeout_ms)
            .no_later_than(request.deadline_ms);
        let tally =
            request.admitted.as_ref().map(|admitted| Tally::new(&request.account, admitted)).unwrap_or_default();
        let job = Job {
            ports: &self.ports,
            config: &self.config,
            request: image,
            hops: request.hops,
            progress,
            deadline: &deadline,
            may_stand_in: request.may_stand_in,
            tally: &tally,
            drawn: request.drawn.as_ref(),
        };
        let outcome = make_image(&job, refresh).await;
        if outcome.is_err() {
            self.give_back(&request.account, Some(tally.admitted()));
        }
        match outcome? {
            Outcome::Image(made) => {
                if !fate.is_removed.get() {
                    job.enter(Step::Storing);
                    self.keep(&made).await;
                }
                Ok(Ended::Image(Rc::new(made)))
            }
            Outcome::FellBack { request: fallback, drawn } => {
                // This request was admitted already: it is neither refused nor counted again.
                let command = if refresh { MakerCommand::Refresh } else { MakerCommand::Create };
                let (refusal, visitor, deadline_ms) = (None, None, Some(deadline.at_ms()));
                let admitted = Some(tally.admitted());
                let request = MakerRequest { command, refusal, visitor, admitted, deadline_ms, drawn, ..request };
                self.fall_back(image, fallback, request, (fate, progress)).await
            }
        }
    }

    /// Keeps an image until the store has it.
    async fn keep(&self, made: &Made) {
        let pending = self.ports.store.is_some();
        let kept = Kept::new(made.id.clone(), made.record.clone(), pending, self.ports.clock.now_ms());
        self.outbox.remember(&made.id, &MakerState::Kept(kept), Some(&made.bytes)).await;
    }
}

/// The reply about an image that is not there.
fn without_image(id: ImageId, presence: Presence) -> MakerReply {
    let origin = match presence {
        Presence::UnderWay(generation) => Origin::UnderWay(generation.progress.step_name().to_owned()),
        Presence::Failed(error) => Origin::Failed(error),
        _ => Origin::Absent,
    };
    MakerReply { origin, ..MakerReply::absent(id) }
}
