//! The reply to a caller who watches: the events of the image's making as they come, and then the image.

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;

use super::{Maker, head};
use crate::error::Error;
use crate::http::{Body, Live, Segment};
use crate::ports::maker::{MakerReply, MakerRequest};
use crate::ports::object_call::{ObjectReply, line};
use crate::ports::progress::{Event, News, Telling};

/// The reply to `request`: at once what is known before the first event, and else lines that follow.
pub(super) async fn reply(maker: &Rc<Maker>, request: MakerRequest) -> ObjectReply {
    let maker = Rc::clone(maker);
    let mut making = Telling::new(|tell| Box::pin(async move { maker.handle(request, Some(&*tell)).await }));
    match making.next().await {
        Some(News::Told(first)) => ObjectReply::live(Box::new(Watched { making, first })),
        Some(News::Ended(reply)) => head::reply(reply),
        // Work that has not ended has news.
        None => ObjectReply::of("null".to_owned()),
    }
}

struct Watched {
    making: Telling<Result<MakerReply, Error>>,
    /// What was told before the reply began.
    first: Vec<Event>,
}

impl Live for Watched {
    fn next(&mut self) -> LocalBoxFuture<'_, Option<Vec<Segment>>> {
        Box::pin(async {
            let first = std::mem::take(&mut self.first);
            let news = if first.is_empty() { self.making.next().await? } else { News::Told(first) };
            Some(match news {
                News::Told(events) => events.iter().map(|event| line(&event.to_json())).collect(),
                News::Ended(reply) => last_lines(head::reply(reply)),
            })
        })
    }
}

/// A reply as the last lines: its head, and its bytes in base64.
fn last_lines(reply: ObjectReply) -> Vec<Segment> {
    let head = line(&reply.head);
    match reply.body {
        Body::Empty => vec![head],
        body => vec![head, Segment::base64(body), line("")],
    }
}
