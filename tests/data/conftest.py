import hashlib
import socket
import threading

import pytest

from coursepkg.data import real
from tests.data.mirror import FILES, Handler, Server


@pytest.fixture(scope="module")
def server():
    with Server(("127.0.0.1", 0), Handler) as server:
        server.asked, server.stop, server.files = [], threading.Event(), dict(FILES)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.stop.set()
        server.shutdown()


@pytest.fixture
def offline(tmp_path, monkeypatch, server):
    """An empty cache, the small files' checksums, no proxy, and nothing beyond this computer."""
    server.asked.clear()
    for name in ("COURSE_DATA_DIR", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COURSE_CACHE_DIR", str(tmp_path / "cache"))
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}
    monkeypatch.setattr(real, "FASHION_FILES", checksums)
    look_up = socket.getaddrinfo

    def only_here(host, *args, **kwargs):
        if host != "127.0.0.1":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", only_here)


@pytest.fixture
def address(server):
    return lambda way: f"http://127.0.0.1:{server.server_port}/{way}/{{name}}"
