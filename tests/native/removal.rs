//! DELETE of an image that is being made: those who wait get it, and nobody after them.

use free_flux_api::http::Method;

use crate::support::{Answer, CHAT_KEY, Task, TestApp, TestRequest, Upstream};

const TOKEN: (&str, &str) = ("Authorization", "Bearer token-of-the-owner");

fn app(chat: Option<Answer>) -> TestApp {
    let setup = TestApp::setup().set("ACCESS_TOKENS", "token-of-the-owner");
    let setup = if chat.is_some() { setup.set("PROCESS_API_KEY", CHAT_KEY) } else { setup };
    let app = setup.build();
    app.gives_images();
    if let Some(answer) = chat {
        app.http.then(Upstream::Chat, answer);
    }
    app
}

fn start(app: &TestApp, path: &str) -> Task<crate::support::Reply> {
    app.start(TestRequest::get(path).with(TOKEN.0, TOKEN.1))
}

fn delete(app: &TestApp, id: &str) {
    let request = TestRequest::of(Method::Delete, &format!("/i/{id}")).with(TOKEN.0, TOKEN.1);
    assert_eq!(app.send(request).status, 204);
}

/// The id that an image of this path gets.
fn id_of(path: &str) -> String {
    let other = app(None);
    other.send(TestRequest::get(path).with(TOKEN.0, TOKEN.1)).id()
}

#[test]
fn an_image_that_is_deleted_while_it_is_made_goes_to_those_who_wait_and_is_not_kept() {
    let id = id_of("/?prompt=cat");
    for after_ms in [10, 1_100, 1_900] {
        let app = app(None);
        let (first, joined) = (start(&app, "/?prompt=cat"), start(&app, &format!("/?prompt=cat&id={id}")));
        app.advance(after_ms);
        delete(&app, &id);
        for task in [&first, &joined] {
            let reply = app.finish(task);
            assert_eq!((reply.status, reply.header("Cache-Control")), (200, Some("no-store")), "{after_ms}");
            assert_eq!((reply.header("Content-Location"), reply.header("ETag")), (None, None), "{after_ms}");
            assert!(reply.bytes().starts_with(b"\x89PNG"), "{after_ms}");
        }
        app.settle();
        assert!(!app.makers.keeps(&id), "{after_ms}");
        for minutes in [0, 2, 20] {
            app.advance(minutes * 60_000);
            assert_eq!(app.get(&format!("/i/{id}")).outcome(), "404 image_not_found", "{after_ms}");
        }
        let again = app.send(TestRequest::get("/?prompt=cat").with(TOKEN.0, TOKEN.1));
        assert_eq!((again.status, app.image_calls().len()), (302, 2), "it can be made anew");
        assert_eq!(app.get(&format!("/i/{id}")).status, 200);
    }
}

#[test]
fn an_image_that_is_deleted_while_the_store_takes_it_is_gone() {
    let app = app(None);
    let made = app.send(TestRequest::get("/?prompt=cat").with(TOKEN.0, TOKEN.1));
    delete(&app, &made.id());
    app.settle();
    app.advance(20 * 60_000);
    assert_eq!(app.get(&format!("/i/{}", made.id())).outcome(), "404 image_not_found");
}

#[test]
fn another_generation_may_begin_before_the_deleted_one_ends() {
    let app = app(None);
    let id = id_of("/?prompt=cat");
    let first = start(&app, "/?prompt=cat");
    app.advance(500);
    delete(&app, &id);
    let second = start(&app, "/?prompt=cat");
    assert_eq!((app.finish(&first).status, app.finish(&second).status), (200, 302));
    app.settle();
    app.advance(20 * 60_000);
    assert_eq!(app.get(&format!("/i/{id}")).status, 200, "the second is kept");
}

#[test]
fn the_copy_under_another_id_goes_too() {
    let refuses = || Answer::json(401, r#"{"error":{"code":"1002","message":"key"}}"#);
    let path = "/?prompt=%E7%8C%AB";
    let (asked, own) = {
        let good = app(Some(Answer::Says("a cat")));
        let fell_back = app(Some(refuses()));
        let send = |app: &TestApp| app.send(TestRequest::get(path).with(TOKEN.0, TOKEN.1)).id();
        (send(&good), send(&fell_back))
    };
    assert_ne!(asked, own);
    for after_ms in [Some(10), Some(1_500), None] {
        let app = app(Some(refuses()));
        let task = start(&app, path);
        if let Some(ms) = after_ms {
            app.advance(ms);
            delete(&app, &asked);
            let reply = app.finish(&task);
            assert_eq!((reply.status, reply.header("Cache-Control")), (200, Some("no-store")), "{after_ms:?}");
            assert!(reply.bytes().starts_with(b"\x89PNG"), "{after_ms:?}");
        } else {
            assert_eq!(app.finish(&task).id(), own);
            app.settle();
            delete(&app, &asked);
        }
        app.settle();
        app.advance(20 * 60_000);
        for id in [&asked, &own] {
            assert_eq!(app.get(&format!("/i/{id}")).outcome(), "404 image_not_found", "{after_ms:?} {id}");
        }
    }
}

#[test]
fn what_is_not_there_is_deleted_without_a_write() {
    let app = app(None);
    delete(&app, &"A".repeat(43));
    assert_eq!(app.makers.alarms(), 0);
    assert!(!app.makers.keeps(&"A".repeat(43)));
}
