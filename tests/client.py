"""The label page's requests without a browser: for torture, load and benchmarks."""

from __future__ import annotations

import http.client
import http.cookiejar
import json
import time
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any

Data = dict[str, Any]
Refused = (OSError, http.client.HTTPException, json.JSONDecodeError)


class Client:
    """Speaks to the callbacks of one server.

    Parameters
    ----------
    url
        Address of the server.

    """

    def __init__(self, url: str):
        self.url = url
        self.n = 0
        cookies = http.cookiejar.CookieJar()
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies)).open

    def sign_in(self, name: str, password: str) -> None:
        """Open a session; every request from here on is made in it."""
        form = urllib.parse.urlencode({"name": name, "password": password, "next": "/accuracy"})
        with self._open(f"{self.url}/sign-in", form.encode(), timeout=120) as answer:
            answer.read()

    def _post(self, body: Mapping[str, Any], query: str = "") -> Any:
        request = urllib.request.Request(
            f"{self.url}/_dash-update-component{query}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with self._open(request, timeout=120) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    @staticmethod
    def _body(output: str, source: str, value: Any) -> Data:
        component, prop = output.split(".")
        changed = f"{source}.data"
        return {
            "output": output,
            "outputs": {"id": component, "property": prop},
            "inputs": [{"id": source, "property": "data", "value": value}],
            "changedPropIds": [changed],
            "parsedChangedPropsIds": [changed],
        }

    def wish(self, slug: str, do: str, **more: Any) -> Data:
        """Send a wish of the label page and get the next view."""
        self.n += 1
        body = self._body(
            "label-reply.data", "label-outbox", {"n": self.n, "slug": slug, "do": do, **more}
        )
        reply = self._post(body)
        if not reply or "label-reply" not in reply.get("response", {}):
            # A new worker that cannot open the database has no view to send; the page tries again.
            raise ConnectionError(f"no view came back: {reply}")
        view: Data = reply["response"]["label-reply"]["data"]
        return view

    def start_job(self, kind: str, slug: str, nonce: str, count: int | None = None) -> Data:
        """Start a background callback; its handles."""
        wish = {"kind": kind, "slug": slug, "nonce": nonce, "count": count}
        handle: Data = self._post(self._body("frame-job-receipt.data", "frame-job-request", wish))
        assert "job" in handle, handle
        return {**handle, "wish": wish}

    def try_job(self, kind: str, slug: str, nonce: str) -> Data:
        """The plain reply to the start of a background callback, such as a refusal."""
        wish = {"kind": kind, "slug": slug, "nonce": nonce, "count": None}
        reply: Data = self._post(self._body("frame-job-receipt.data", "frame-job-request", wish))
        return reply

    def poll_job(self, handle: Data) -> Data | None:
        """The receipt of a background callback, or None while it runs; {} if none will come."""
        body = self._body("frame-job-receipt.data", "frame-job-request", handle["wish"])
        return self._poll(body, handle)

    def _poll(self, body: Data, handle: Data) -> Data | None:
        query = urllib.parse.urlencode({"cacheKey": handle["cacheKey"], "job": handle["job"]})
        answer = self._post(body, "?" + query)
        if not answer:
            return {}
        if "response" not in answer:
            return None
        component = body["outputs"]["id"]
        receipt: Data = answer["response"].get(component, {}).get("data", {})
        return receipt

    def import_file(self, name: str, content: bytes, typed: Mapping[str, Any]) -> Data:
        """Send a file and have it imported, as the page does."""
        address = f"{self.url}/uploads?{urllib.parse.urlencode({'name': name})}"
        request = urllib.request.Request(address, data=content)
        with urllib.request.urlopen(request, timeout=120) as answer:
            upload = json.loads(answer.read())["id"]
        body = self._body("import-done.data", "import-go", {**typed, "upload": upload})
        handle: Data = self._post(body)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if (receipt := self._poll(body, handle)) is not None:
                return receipt
            time.sleep(0.1)
        raise AssertionError(f"no receipt: {handle}")

    def finish_job(self, handle: Data, *, seconds: float = 60) -> Data:
        """Wait for a receipt."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            receipt = self.poll_job(handle)
            if receipt is not None:
                return receipt
            time.sleep(0.1)
        raise AssertionError(f"no receipt within {seconds} s: {handle}")
