//! The pictures that an isolate was lately asked for.

use std::rc::Rc;

use crate::domain::{ImageId, ImageRecord};
use crate::http::HeldBytes;

/// The time for which a picture is remembered, in milliseconds: KV itself may show another location's change as late.
pub const REMEMBERED_MS: u64 = 60_000;
/// The largest picture that is remembered, in bytes: beyond that a stream from KV is faster than a copy from memory.
pub const MAX_PICTURE_BYTES: u64 = 256 * 1024;
/// The bytes of all pictures in memory: a fifth of what an isolate may take.
const MAX_BYTES: u64 = 24 * 1024 * 1024;
/// The pictures and changes in memory. They are searched one by one, the latest first.
const MAX_ENTRIES: usize = 512;
/// The ids that were asked for once.
const MAX_ASKED: usize = 512;

/// What is remembered of an id.
#[derive(Clone)]
pub enum Memo {
    /// It was asked for once, which is no reason to keep its picture.
    Asked,
    /// Its picture was removed or replaced: what the store says of it may be out of date, and is not kept.
    Changed,
    /// Its picture.
    Picture(Rc<ImageRecord>, Rc<dyn HeldBytes>),
}

impl Memo {
    fn bytes(&self) -> u64 {
        if let Self::Picture(record, _) = self { record.bytes } else { 0 }
    }
}

struct Entry {
    /// The id's first characters, for a search that is short of comparing texts.
    start: u64,
    id: ImageId,
    until_ms: u64,
    memo: Memo,
}

/// An id that was asked for once, by its first characters: to mistake it for another does no harm.
struct Asked {
    start: u64,
    until_ms: u64,
}

/// What is remembered, pictures and changes with the latest first. Where there is no room the ids go that were not asked
/// for longest.
#[derive(Default)]
pub struct PictureMemory {
    entries: Vec<Entry>,
    bytes: u64,
    /// In a ring: the next takes the place of the one that was asked for longest ago.
    asked: Vec<Asked>,
    next: usize,
}

impl PictureMemory {
    /// What is remembered of `id`.
    pub fn recall(&mut self, id: &ImageId, now_ms: u64) -> Option<Memo> {
        let Some(at) = self.position(id) else { return self.was_asked(id, now_ms).then_some(Memo::Asked) };
        if self.entries.get(at).is_some_and(|entry| now_ms >= entry.until_ms) {
            self.remove(at);
            return None;
        }
        self.entries.get_mut(..=at)?.rotate_right(1);
        self.entries.first().map(|entry| entry.memo.clone())
    }

    /// Remembers `memo` of `id` from `now_ms` on, in place of what was remembered.
    pub fn remember(&mut self, id: &ImageId, memo: Memo, now_ms: u64) {
        if let Some(at) = self.position(id) {
            self.remove(at);
        }
        let (start, until_ms) = (start(id), now_ms.saturating_add(REMEMBERED_MS));
        match memo {
            Memo::Asked => {
                return self.note_asked(Asked { start, until_ms });
            }
            Memo::Picture(..) => {
                self.entries.retain(|entry| now_ms < entry.until_ms);
                self.bytes = self.entries.iter().map(|entry| entry.memo.bytes()).sum();
            }
            Memo::Changed => {}
        }
        self.bytes = self.bytes.saturating_add(memo.bytes());
        self.entries.insert(0, Entry { start, id: id.clone(), until_ms, memo });
        while self.entries.len() > MAX_ENTRIES || self.bytes > MAX_BYTES {
            self.remove(self.entries.len().saturating_sub(1));
        }
    }

    fn was_asked(&self, id: &ImageId, now_ms: u64) -> bool {
        let start = start(id);
        self.asked.iter().any(|asked| asked.start == start && now_ms < asked.until_ms)
    }

    fn note_asked(&mut self, asked: Asked) {
        match self.asked.get_mut(self.next) {
            Some(oldest) => *oldest = asked,
            None => self.asked.push(asked),
        }
        self.next = (self.next + 1) % MAX_ASKED;
    }

    /// Forgets `id`, unless its picture is the one of `record`.
    pub fn forget_unless(&mut self, id: &ImageId, record: &ImageRecord) {
        if let Some(at) = self.position(id)
            && !matches!(self.entries.get(at), Some(Entry { memo: Memo::Picture(known, _), .. }) if **known == *record)
        {
            self.remove(at);
        }
    }

    /// The bytes of all pictures.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    fn position(&self, id: &ImageId) -> Option<usize> {
        let start = start(id);
        self.entries.iter().position(|entry| entry.start == start && entry.id == *id)
    }

    fn remove(&mut self, at: usize) {
        if at < self.entries.len() {
            self.bytes = self.bytes.saturating_sub(self.entries.remove(at).memo.bytes());
        }
    }
}

fn start(id: &ImageId) -> u64 {
    id.as_str().as_bytes().first_chunk().map_or(0, |start| u64::from_le_bytes(*start))
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::domain::image_format::Pixels;
    use crate::domain::{PromptStatus, RequestFingerprint, Size};
    use crate::http::Body;

    struct Nothing;

    impl HeldBytes for Nothing {
        fn body(&self) -> Body {
            Body::Empty
        }
    }

    fn id(number: usize) -> ImageId {
        ImageId::parse(&format!("{number:0>42}A")).unwrap_or_else(|| unreachable!())
    }

    fn picture(bytes: u64) -> Memo {
        let record = ImageRecord {
            content_type: "image/jpeg".into(),
            bytes,
            pixels: Some(Pixels(512, 512)),
            model: "model".into(),
            seed: None,
            prompt: "a cat".into(),
            status: PromptStatus::Original,
            url: None,
            time: 0,
            refreshed: false,
            asked: RequestFingerprint {
                prompt: String::new(),
                words: String::new(),
                size: Size::of(512, 512).unwrap_or_else(|| unreachable!()),
                optimize: false,
                seed: None,
                model: "model".into(),
                negative_prompt: None,
                steps: None,
                guidance: None,
            },
        };
        Memo::Picture(Rc::new(record), Rc::new(Nothing))
    }

    fn remembers(memory: &mut PictureMemory, number: usize) -> bool {
        memory.recall(&id(number), 0).is_some()
    }

    #[test]
    fn a_memo_lasts_a_minute_however_often_it_is_recalled() {
        let mut memory = PictureMemory::default();
        memory.remember(&id(1), picture(1), 1_000);
        for now_ms in [1_000, 30_000, 60_999] {
            assert!(memory.recall(&id(1), now_ms).is_some(), "{now_ms}");
        }
        assert!(memory.recall(&id(1), 61_000).is_none());
        assert_eq!(memory.bytes(), 0);
    }

    #[test]
    fn the_pictures_take_24_mib_and_no_more_and_the_one_that_was_not_asked_for_longest_goes() {
        let mut memory = PictureMemory::default();
        for number in 0..96 {
            memory.remember(&id(number), picture(MAX_PICTURE_BYTES), 0);
        }
        assert_eq!(memory.bytes(), MAX_BYTES);
        assert!(remembers(&mut memory, 0), "it is the latest now");
        memory.remember(&id(96), picture(1), 0);
        assert!(!remembers(&mut memory, 1) && remembers(&mut memory, 0) && remembers(&mut memory, 2));
        assert!(memory.bytes() <= MAX_BYTES);
    }

    #[test]
    fn ids_that_were_asked_for_once_are_bounded_as_well_and_the_latest_known_for_a_minute() {
        let mut memory = PictureMemory::default();
        let ids: Vec<_> = (0..5_000).map(|number| ImageId::of(Sha256::new_with_prefix(number.to_string()))).collect();
        for id in &ids {
            memory.remember(id, Memo::Asked, 1_000);
            assert!(matches!(memory.recall(id, 60_999), Some(Memo::Asked)));
            assert!(memory.recall(id, 61_000).is_none());
        }
        let known = ids.iter().filter(|id| memory.recall(id, 2_000).is_some()).count();
        assert_eq!((known, memory.asked.len()), (MAX_ASKED, MAX_ASKED));
    }

    #[test]
    fn a_picture_takes_the_place_of_another_of_its_id_and_of_those_whose_time_is_over() {
        let mut memory = PictureMemory::default();
        memory.remember(&id(1), picture(10), 0);
        memory.remember(&id(1), picture(20), 0);
        assert_eq!(memory.bytes(), 20);
        memory.remember(&id(2), picture(5), REMEMBERED_MS);
        assert_eq!((memory.bytes(), memory.entries.len()), (5, 1));
        memory.remember(&id(2), Memo::Changed, REMEMBERED_MS);
        assert_eq!(memory.bytes(), 0);
    }
}
