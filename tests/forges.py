"""A forge for tests: a bare git repository, and the REST interface of GitHub or GitLab on a socket.

It answers what the workflows of ``aliconf init --ci`` ask and refuses everything else: an unknown
path or method (404), a token that it has not given (401), a right that the token lacks (403).
"""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

REPOSITORY: Final = "shops/moda-sur"
PROJECT_ID: Final = 7
BOT: Final = {"github": "github-actions[bot]", "gitlab": "project_7_bot"}
PER_PAGE: Final = 20
"""How many the real ones give where a request does not say; about, and never all."""


def git(directory: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=directory, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class Comment(NamedTuple):
    id: int
    author: str
    body: str


@dataclass
class Request:
    """A pull request, or a merge request."""

    number: int
    branch: str
    comments: list[Comment] = field(default_factory=list)
    merge_commit: str | None = None


class RefusedError(Exception):
    def __init__(self, status: int) -> None:
        self.status = status


@dataclass
class Forge:
    kind: str
    bare: Path
    url: str = ""
    requests: dict[int, Request] = field(default_factory=dict)
    tokens: dict[str, dict[str, str]] = field(default_factory=dict)
    """What each may do: ``{"pull-requests": "write"}``."""
    asked: list[str] = field(default_factory=list)
    """``METHOD path``, in their order."""
    _ids: int = 1000

    def open(self, branch: str) -> Request:
        request = Request(len(self.requests) + 1, branch)
        self.requests[request.number] = request
        return request

    def say(self, request: Request, author: str, body: str) -> Comment:
        self._ids += 1
        request.comments.append(Comment(self._ids, author, body))
        return request.comments[-1]

    def merge(self, request: Request, work: Path) -> str:
        """Merge it, with a commit as both forges make one by default; the new head of main."""
        request.merge_commit = merged(self.bare, request.branch, work)
        git(self.bare, "update-ref", "refs/heads/main", request.merge_commit)
        return request.merge_commit

    def answer(self, method: str, target: str, token: str, body: Any) -> tuple[int, Any]:
        """The status and the content. Raises RefusedError."""
        parts = urlsplit(target)
        self.asked.append(f"{method} {parts.path}")
        if token not in self.tokens:
            raise RefusedError(401)
        routes: list[tuple[str, str, str, Callable[..., Any]]] = (
            _GITHUB if self.kind == "github" else _GITLAB
        )
        for verb, pattern, right, route in routes:
            found = re.fullmatch(pattern, parts.path)
            if verb == method and found:
                if right == "write" and self.tokens[token].get("pull-requests") != "write":
                    raise RefusedError(403)
                if right == "read" and "pull-requests" not in self.tokens[token]:
                    raise RefusedError(403)
                content = route(self, *found.groups(), *([body] if verb != "GET" else []))
                if isinstance(content, list):
                    content = page(content, parse_qs(parts.query))
                return (201 if verb == "POST" else 200), content
        raise RefusedError(404)

    def of(self, number: str) -> Request:
        if int(number) not in self.requests:
            raise RefusedError(404)
        return self.requests[int(number)]

    def comments(self, number: str) -> list[dict[str, Any]]:
        return [self.shown(comment) for comment in self.of(number).comments]

    def write(self, number: str, body: Any) -> dict[str, Any]:
        return self.shown(self.say(self.of(number), BOT[self.kind], body["body"]))

    def rewrite(self, *where: Any) -> dict[str, Any]:
        *_, identity, body = where
        for request in self.requests.values():
            for index, comment in enumerate(request.comments):
                if comment.id == int(identity):
                    request.comments[index] = comment._replace(body=body["body"])
                    return self.shown(request.comments[index])
        raise RefusedError(404)

    def shown(self, comment: Comment) -> dict[str, Any]:
        if self.kind == "gitlab":
            author = {"id": number_of(comment.author), "username": comment.author}
            return {"id": comment.id, "body": comment.body, "author": author}
        return {
            "id": comment.id,
            "body": comment.body,
            "user": {"login": comment.author},
            "html_url": f"https://github.example/{REPOSITORY}/pull#issuecomment-{comment.id}",
        }

    def merged_by(self, commit: str) -> list[dict[str, Any]]:
        """All requests that a commit is in, as both forges answer: not only the one that made it."""
        found = []
        for request in self.requests.values():
            head = git(self.bare, "rev-parse", f"refs/heads/{request.branch}")
            if request.merge_commit == commit or commit == head:
                merged_at = "2026-11-23T12:00:00Z" if request.merge_commit else None
                found.append(
                    {
                        "number": request.number,
                        "merged_at": merged_at,
                        "merge_commit_sha": request.merge_commit,
                        "base": {"ref": "main"},
                    }
                    if self.kind == "github"
                    else {
                        "iid": request.number,
                        "state": "merged" if merged_at else "opened",
                        "target_branch": "main",
                        "sha": head,
                        "merge_commit_sha": request.merge_commit,
                        "squash_commit_sha": None,
                    }
                )
        return found


def merged(bare: Path, branch: str, work: Path) -> str:
    """The merge of a branch into main, in the repository, with no branch leading to it yet."""
    git(bare, "clone", "--quiet", str(bare), str(work))
    git(work, "merge", "--quiet", "--no-ff", "-m", f"Merge {branch}", f"origin/{branch}")
    git(work, "push", "--quiet", "origin", "+HEAD:refs/made/merge")
    return git(work, "rev-parse", "HEAD")


def number_of(author: str) -> int:
    return sum(author.encode())


def page(items: list[Any], query: dict[str, list[str]]) -> list[Any]:
    size = min(int(query.get("per_page", [str(PER_PAGE)])[0]), 100)
    number = int(query.get("page", ["1"])[0])
    return items[(number - 1) * size : number * size]


_REPOSITORY = f"/repos/{REPOSITORY}"
_PROJECT = f"/projects/{PROJECT_ID}"
_GITHUB: Final = [
    ("GET", rf"{_REPOSITORY}/issues/(\d+)/comments", "read", Forge.comments),
    ("POST", rf"{_REPOSITORY}/issues/(\d+)/comments", "write", Forge.write),
    ("PATCH", rf"{_REPOSITORY}/issues/comments/(\d+)", "write", Forge.rewrite),
    ("GET", rf"{_REPOSITORY}/commits/([0-9a-f]{{40}})/pulls", "read", Forge.merged_by),
]
_GITLAB: Final = [
    ("GET", "/user", "", lambda forge: {"id": number_of(BOT["gitlab"])}),
    ("GET", rf"{_PROJECT}/merge_requests/(\d+)/notes", "read", Forge.comments),
    ("POST", rf"{_PROJECT}/merge_requests/(\d+)/notes", "write", Forge.write),
    ("PUT", rf"{_PROJECT}/merge_requests/(\d+)/notes/(\d+)", "write", Forge.rewrite),
    (
        "GET",
        rf"{_PROJECT}/repository/commits/([0-9a-f]{{40}})/merge_requests",
        "read",
        Forge.merged_by,
    ),
]


@contextmanager
def served(kind: str, root: Path) -> Iterator[Forge]:
    """A forge with an empty repository."""
    bare = root / "forge.git"
    git(root, "init", "--quiet", "--bare", "--initial-branch", "main", str(bare))
    forge = Forge(kind, bare)

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            token = self.headers.get("PRIVATE-TOKEN", "")
            if kind == "github":
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            try:
                status, content = forge.answer(self.command, self.path, token, body)
            except RefusedError as refused:
                status, content = refused.status, {"message": "no"}
            answer = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Nothing: what was asked is in ``asked``."""

    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.handle_any)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    forge.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield forge
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
