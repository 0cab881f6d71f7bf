"""tools/links.py over a loopback server: what is listed, and which links are called dead."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

TOOLS = Path(__file__).parent.parent / "tools"


@pytest.fixture
def links(monkeypatch):
    monkeypatch.syspath_prepend(TOOLS)
    import links

    return links


class Answers(BaseHTTPRequestHandler):
    """The status that the path names."""

    def do_GET(self):
        self.send_response(int(self.path[1:]))
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_dead_links_are_named_with_their_pages_and_refused_robots_are_not(
    links, server, tmp_path, monkeypatch, capsys
):
    site = tmp_path / "html"
    site.mkdir()
    tags = [f'<a class="x" href="{server}/{status}">' for status in (200, 404, 403)]
    (site / "a.html").write_text("".join(tags) + '<a href="b.html">')
    (site / "b.html").write_text(tags[1])
    monkeypatch.setattr(links, "BUILD", tmp_path)
    assert links.main(check=True) == 1
    said = capsys.readouterr().out
    assert f"status 404: {server}/404 on a.html, b.html" in said
    assert "2 answer, 1 do not" in said
    listed = (tmp_path / "outside-links.txt").read_text().splitlines()
    assert listed == [
        f"{server}/200\ta.html",
        f"{server}/403\ta.html",
        f"{server}/404\ta.html b.html",
    ]


def test_without_a_network_the_links_are_listed_and_it_says_so(
    links, tmp_path, monkeypatch, capsys
):
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "a.html").write_text('<a href="http://127.0.0.1:9/x?a=1&amp;b=2">')
    monkeypatch.setattr(links, "BUILD", tmp_path)
    assert links.main(check=False) == 0
    assert (tmp_path / "outside-links.txt").read_text() == "http://127.0.0.1:9/x?a=1&b=2\ta.html\n"
    assert links.main(check=True) == 1
    assert "is there a network?" in capsys.readouterr().out
