"""PyPI's `httpx`, which follows no redirect unless it is told to."""

import base64

import httpx


def get(origin, path, follow=False, method="GET", headers=None):
    with httpx.Client(base_url=origin, timeout=100) as client:
        answer = client.request(method, path, follow_redirects=follow, headers=headers)
        return {
            "status": answer.status_code,
            "headers": dict(answer.headers),
            "body": base64.b64encode(answer.content).decode(),
            "hops": len(answer.history),
            "next": str(answer.next_request.url) if answer.next_request else None,
        }
