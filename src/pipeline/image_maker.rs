//! The one place where an image is made: at most once, however many ask.

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::Shared;
use futures_util::lock::Mutex;

use super::deadline::Deadline;
use super::library;
use super::make_image::{Made, Outcome, make_image};
use super::maker_state::{KEEP_MS, Kept, MakerState};
use super::memory::{Memory, kept_answer};
use super::rotation::{IMPATIENT_HOPS, circle};
use crate::config::Config;
use crate::domain::ImageRequest;
use crate::error::Error;
use crate::http::Body;
use crate::ports::{
    Answer, Background, How, MakerStorage, Order, Outside, Pending, RateLimiter, StoreError, StoredImage, Want,
};

/// The period of `[[ratelimits]]` in `wrangler.toml`, in seconds: who is over the limit is told to
/// come back after it.
const RATE_PERIOD_SECONDS: u64 = 60;

/// A generation under way, which any number may wait for.
type Generation = Shared<Pending<'static, Result<Ended, Failure>>>;

/// How a generation failed.
#[derive(Clone)]
struct Failure {
    error: Error,
    /// Whether it may be that it waited for nothing because of who started it: others would have waited.
    impatient: bool,
}

/// How a generation ended well.
#[derive(Clone)]
enum Ended {
    /// With the image.
    Image(Rc<Made>),
    /// With another image in its place, because the prompt could not be rewritten.
    FellBack(Rc<StandIn>),
}

/// The image that was made in the place of the one that was asked for.
struct StandIn {
    request: ImageRequest,
    /// What its maker, or the library, answered; without the bytes.
    answer: Answer,
}

/// The maker of one image. The platform keeps one for each id, and hands it every order for it.
pub struct Maker {
    outside: Outside,
    config: Rc<Config>,
    memory: Memory,
    rate_limiter: Option<Rc<dyn RateLimiter>>,
    background: Rc<dyn Background>,
    /// Held while an order decides whether it starts a generation, so that those who ask at the
    /// same moment neither start one each nor are counted by the rate limit.
    admission: Mutex<()>,
    under_way: RefCell<Option<Generation>>,
}

impl Maker {
    /// A maker with this storage.
    pub fn new(
        outside: Outside,
        config: Rc<Config>,
        storage: Rc<dyn MakerStorage>,
        rate_limiter: Option<Rc<dyn RateLimiter>>,
        background: Rc<dyn Background>,
    ) -> Rc<Self> {
        let memory = Memory::new(outside.clone(), Rc::clone(&config), storage);
        let (admission, under_way) = (Mutex::new(()), RefCell::new(None));
        Rc::new(Self { outside, config, memory, rate_limiter, background, admission, under_way })
    }

    /// Carries out an order: a generation under way is joined, an image that is kept is handed out,
    /// else the image is made, where this caller may start one.
    pub async fn ask(self: &Rc<Self>, order: Order) -> Result<Answer, Error> {
        let admission = self.admission.lock().await;
        let under_way = self.under_way.borrow().clone();
        let generation = match (under_way, order.want) {
            (_, Want::Forget) => {
                self.memory.clear().await?;
                return Ok(Answer::absent(order.id));
            }
            (Some(_), Want::Peek) => return Ok(Answer::absent(order.id)),
            (Some(_), _) if order.hops >= IMPATIENT_HOPS => return Err(circle()),
            (Some(generation), _) => generation,
            (None, Want::Refresh) => self.admit_and_start(&order).await?,
            (None, want) => match self.memory.recall().await {
                Some(MakerState::Kept(kept)) if want == Want::Peek => return Ok(kept_answer(kept)),
                Some(MakerState::Kept(kept)) => {
                    drop(admission);
                    return self.memory.hand_out(kept).await;
                }
                Some(MakerState::FellBack { request, .. }) => {
                    drop(admission);
                    let want = if want == Want::Make { Want::MakeWithBytes } else { want };
                    return self.stand_in(&request, Order { want, ..order }).await;
                }
                None if matches!(want, Want::Look | Want::Peek) => return Ok(Answer::absent(order.id)),
                None => self.admit_and_start(&order).await?,
            },
        };
        drop(admission);
        match generation.await {
            Err(failure) if failure.impatient && order.hops < IMPATIENT_HOPS => Box::pin(self.ask(order)).await,
            Err(failure) => Err(failure.error),
            Ok(Ended::Image(made)) => Ok(Answer {
                how: How::Made,
                id: made.id.clone(),
                record: Some(made.record.clone()),
                body: if order.want == Want::Make { Body::Empty } else { Body::Bytes(made.bytes.clone()) },
                timing: made.timing.clone(),
            }),
            Ok(Ended::FellBack(instead)) => self.answer_instead(&instead, order).await,
        }
    }

    /// Forgets what has had its time, and gives the library what it would not take before.
    ///
    /// # Errors
    /// Its storage fails, and it could not ask to be woken again.
    pub async fn wake(&self) -> Result<(), StoreError> {
        self.memory.wake().await
    }

    /// Starts a generation, where this caller may.
    async fn admit_and_start(self: &Rc<Self>, order: &Order) -> Result<Generation, Error> {
        let request = order.request.clone().ok_or(Error::ImageNotFound)?;
        if let Some(refusal) = &order.refusal {
            return Err(refusal.clone());
        }
        if let (Some(limiter), Some(visitor)) = (&self.rate_limiter, &order.visitor)
            && !limiter.admit(visitor).await
        {
            return Err(Error::RateLimited { retry_after: RATE_PERIOD_SECONDS });
        }
        let maker = Rc::clone(self);
        let order = order.clone();
        let work: Pending<'static, Result<Ended, Failure>> = Box::pin(async move {
            let hops = order.hops;
            let ended = maker.generate(&request, order).await;
            maker.under_way.borrow_mut().take();
            ended.map_err(|error| Failure { impatient: hops >= IMPATIENT_HOPS && error.status() >= 500, error })
        });
        let generation = work.shared();
        *self.under_way.borrow_mut() = Some(generation.clone());
        // What was started is finished, whoever leaves meanwhile.
        let (maker, rest) = (Rc::clone(self), generation.clone());
        self.background.keep_alive(Box::pin(async move {
            if let Ok(Ended::Image(made)) = rest.await {
                maker.memory.give_to_library(&made).await;
            }
        }));
        Ok(generation)
    }

    /// Makes the image and keeps it; or has the stand-in made, and remembers that.
    async fn generate(&self, request: &ImageRequest, order: Order) -> Result<Ended, Error> {
        let refresh = order.want == Want::Refresh;
        let deadline = Deadline::after(Rc::clone(&self.outside.clock), self.config.generation_timeout_ms)
            .no_later_than(order.deadline_ms);
        match make_image(&self.outside, &self.config, request, order.hops, refresh, &deadline).await? {
            Outcome::Image(made) => {
                let pending = self.outside.store.is_some();
                let kept = Kept::new(made.id.clone(), made.record.clone(), pending, self.outside.clock.now_ms());
                self.memory.remember(&MakerState::Kept(kept), Some(&made.bytes)).await;
                Ok(Ended::Image(Rc::new(made)))
            }
            Outcome::FellBack(request) => {
                // This order was admitted already: it is neither refused nor counted again.
                let want = if refresh { Want::Refresh } else { Want::Make };
                let deadline_ms = Some(deadline.at_ms());
                let order = Order { want, refusal: None, visitor: None, deadline_ms, ..order };
                let answer = self.stand_in(&request, order).await?;
                let until_ms = self.outside.clock.now_ms().saturating_add(KEEP_MS);
                let state = MakerState::FellBack { request: Box::new(request.clone()), until_ms };
                self.memory.remember(&state, None).await;
                let answer = Answer { body: Body::Empty, ..answer };
                Ok(Ended::FellBack(Rc::new(StandIn { request, answer })))
            }
        }
    }

    /// The answer of a generation that ended with a stand-in.
    async fn answer_instead(&self, instead: &StandIn, order: Order) -> Result<Answer, Error> {
        let StandIn { request, answer } = instead;
        let (how, timing) = (answer.how, answer.timing.clone());
        if how == How::Made && order.want == Want::Make {
            let record = answer.record.clone();
            return Ok(Answer { how, record, timing, ..Answer::absent(answer.id.clone()) });
        }
        let id = request.id();
        let order = Order { want: Want::MakeWithBytes, refusal: None, visitor: None, ..order };
        let answer = if how == How::Made {
            // The library may not have it yet, or may have the one that it took the place of.
            self.outside.image_maker.ask(Order { id, request: Some(request.clone()), ..order }).await?
        } else {
            self.stand_in(request, order).await?
        };
        Ok(Answer { how, timing, ..answer })
    }

    /// The stand-in's image: from the library, else from its own maker.
    async fn stand_in(&self, request: &ImageRequest, order: Order) -> Result<Answer, Error> {
        let id = request.id();
        if order.want != Want::Refresh
            && let Ok(Some(StoredImage { record, body })) = library::read(&self.outside, &id).await
        {
            return Ok(Answer { how: How::Kept, record: Some(record), body, ..Answer::absent(id) });
        }
        self.outside.image_maker.ask(Order { id, request: Some(request.clone()), ..order }).await
    }
}
